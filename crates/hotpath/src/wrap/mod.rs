//! The types of instrumented channels and locks, under the paths of the originals.
//!
//! `channel!` makes a `hotpath::wrap::std::sync::mpsc::Sender<T>` of a `std::sync::mpsc::Sender<T>`. With profiling off, and with the
//! feature `proxy`, that is the original itself. A library's module exists when its feature is on, in every mode.
//!
//! A method without documentation does what the library's method of that name does: its errors, panics and cancellation safety are
//! those of the library.
//!
//! ```
//! use hotpath::wrap::std::sync::mpsc;
//!
//! struct Worker {
//!     jobs: mpsc::Receiver<u32>,
//! }
//! let (jobs, receiver) = hotpath::channel!(mpsc::channel());
//! jobs.send(1).unwrap();
//! assert_eq!(Worker { jobs: receiver }.jobs.recv(), Ok(1));
//! ```

#[cfg(feature = "async-channel")]
pub mod async_channel;
#[cfg(feature = "async-lock")]
pub mod async_lock;
#[cfg(feature = "crossbeam")]
pub mod crossbeam_channel;
#[cfg(feature = "flume")]
pub mod flume;
#[cfg(feature = "futures")]
pub mod futures;
#[cfg(feature = "futures")]
pub mod futures_channel;
#[cfg(all(feature = "hotpath", not(feature = "hotpath-off")))]
pub mod or_the_feature_proxy;
#[cfg(feature = "parking_lot")]
pub mod parking_lot;
#[cfg(feature = "parking_lot-0_13")]
pub mod parking_lot_0_13;
pub mod std;
#[cfg(feature = "tokio")]
pub mod tokio;

/// `crossbeam`, whose channels are those of [`crossbeam_channel`].
#[cfg(feature = "crossbeam")]
pub mod crossbeam {
    pub use super::crossbeam_channel as channel;
}
