//! What is watched, under the path of the original: `hotpath::wrap::std::sync::Mutex` is what `hotpath::mutex!` makes of a
//! `std::sync::Mutex`. When profiling is off these are the originals.
//!
//! The libraries are there with the features of their names.
//!
//! ```
//! use hotpath::wrap::std::sync::Mutex;
//!
//! struct Cache {
//!     entries: Mutex<Vec<u8>>,
//! }
//!
//! let cache = Cache { entries: hotpath::mutex!(Mutex::new(Vec::new()), label = "entries") };
//! cache.entries.lock().unwrap().push(1);
//! ```

#[cfg(feature = "async-lock")]
pub mod async_lock;
#[cfg(feature = "parking_lot")]
pub mod parking_lot;
#[cfg(feature = "parking_lot-0_13")]
pub mod parking_lot_0_13;
pub mod std;
#[cfg(feature = "tokio")]
pub mod tokio;
