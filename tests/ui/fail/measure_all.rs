#[hotpath::measure_all]
fn function() {}

#[hotpath::measure_all]
struct Point;

#[hotpath::measure_all(label = "point")]
impl Point {
    fn x(&self) -> u32 {
        1
    }
}

#[hotpath::measure_all(sample = 3)]
impl Point {
    fn y(&self) -> u32 {
        2
    }
}

#[hotpath::measure_all]
trait Shape {}

fn main() {
    function();
    Point.x();
    Point.y();
}

impl Shape for Point {}
