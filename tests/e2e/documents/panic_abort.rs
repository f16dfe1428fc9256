#[hotpath::measure]
fn work() {}

#[hotpath::main]
fn main() {
    work();
    panic!("on purpose");
}
