trait Shape {
    #[hotpath::measure]
    fn area(&self) -> f64;
}

fn main() {}
