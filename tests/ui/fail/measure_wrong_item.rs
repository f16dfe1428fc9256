#[hotpath::measure]
struct Point;

#[hotpath::measure]
impl Point {}

#[hotpath::measure]
mod points {}

#[hotpath::measure]
const LIMIT: u32 = 1;

fn main() {
    let _ = (Point, LIMIT);
}
