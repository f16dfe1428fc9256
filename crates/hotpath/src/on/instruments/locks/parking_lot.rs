//! parking_lot 0.12.

use ::parking_lot as library;

#[path = "lock_api.rs"]
mod generic;
#[path = "recursive.rs"]
mod recursive;

pub use generic::*;

#[track_caller]
pub const fn const_mutex<T>(value: T) -> Mutex<T> {
    Mutex::new(value)
}

#[track_caller]
pub const fn const_rwlock<T>(value: T) -> RwLock<T> {
    RwLock::new(value)
}
