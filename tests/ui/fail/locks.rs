use std::sync::Mutex;

fn main() {
    let _ = hotpath::mutex!(Mutex::new(0), log = true);
    let _ = hotpath::mutex!();
}
