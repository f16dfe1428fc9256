use std::{hint::black_box, time::Duration};

#[hotpath::measure]
fn parse_batch(items: &[String]) -> usize {
    let mut total = 0;
    for _ in 0..60_000 {
        total += black_box(items).iter().map(String::len).sum::<usize>();
    }
    total
}

struct Loader;

impl Loader {
    #[hotpath::measure(impl_type = "Loader")]
    fn load(&self) {
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[hotpath::main]
fn main() {
    let items = vec!["alpha".to_owned(), "beta".to_owned()];
    for _ in 0..100 {
        parse_batch(&items);
        Loader.load();
    }
}
