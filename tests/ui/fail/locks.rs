use std::sync::{Arc, Mutex, RwLock};

fn main() {
    let _ = hotpath::mutex!(RwLock::new(0));
    let _ = hotpath::rw_lock!(Arc::new(RwLock::new(0)));
    let _ = hotpath::mutex!(Mutex::new(0), log = true);
    let _ = hotpath::mutex!();
}
