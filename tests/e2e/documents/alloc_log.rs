//! Calls of known size. Says when they are done, and ends when it is told something.

#[hotpath::measure]
fn take(bytes: usize) -> usize {
    std::hint::black_box(vec![1_u8; bytes]).len()
}

#[hotpath::measure]
fn take_nothing() {}

#[hotpath::measure]
fn take_all() {
    for bytes in 1..=100 {
        take(bytes);
        take_nothing();
    }
}

#[hotpath::main]
fn main() {
    take_all();
    println!("ready");
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).expect("it is text");
}
