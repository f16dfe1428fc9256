#[hotpath::measure(crate = "")]
fn empty() {}

#[hotpath::measure(crate = 3)]
fn a_number() {}

#[hotpath::measure_all(crate = "not a path")]
mod no_path {}

#[hotpath::future_fn(crate)]
async fn no_value() {}

#[hotpath::measure(crate = "elsewhere")]
fn not_there() {}

#[hotpath::main(crate = "elsewhere")]
fn main() {
    empty();
    a_number();
    let _ = no_value();
    not_there();
}
