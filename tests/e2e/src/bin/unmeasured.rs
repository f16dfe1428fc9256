//! Measures nothing but its session.

#[hotpath::main]
fn main() {
    println!("own output");
}
