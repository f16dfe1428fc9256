//! The forms of the 0.7 README.

#![deny(warnings)]
#![forbid(unsafe_code)]

struct Calculator;

#[cfg_attr(all(), hotpath::measure_all)]
#[rustfmt::skip]
impl Calculator {
    fn add(&self, a: u64, b: u64) -> u64 { a + b }
    fn multiply(&self, a: u64, b: u64) -> u64 { a * b }
    async fn async_compute(&self) -> u64 { 1 }
}

#[cfg_attr(all(), hotpath::measure_all)]
#[rustfmt::skip]
mod math_operations {
    pub fn complex_calculation(x: f64) -> f64 { x / 2.0 }
    pub async fn fetch_data() -> Vec<u8> { Vec::new() }

    #[cfg_attr(all(), hotpath::skip)]
    pub fn not_so_important_function() { }
}

#[cfg_attr(all(), hotpath::main(percentiles = [99], format = "json", limit = 20, timeout = 60000))]
fn main() {
    let calculator = Calculator;
    assert_eq!(calculator.add(1, 2) + calculator.multiply(2, 3), 9);
    assert_eq!(futures::executor::block_on(calculator.async_compute()), 1);
    assert_eq!(math_operations::complex_calculation(3.0), 1.5);
    assert!(futures::executor::block_on(math_operations::fetch_data()).is_empty());
    math_operations::not_so_important_function();
}
