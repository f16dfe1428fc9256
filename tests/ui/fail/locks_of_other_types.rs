use std::sync::{Arc, RwLock};

fn main() {
    let _ = hotpath::mutex!(RwLock::new(0));
    let _ = hotpath::rw_lock!(Arc::new(RwLock::new(0)));
}
