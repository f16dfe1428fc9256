//! Reader-writer locks of the standard library that are watched with [`rw_lock!`](crate::rw_lock!), as 0.17 to 0.22 named them.
//!
//! The same types as in [`hotpath::wrap`](crate::wrap), which has those of other libraries too: with profiling off the
//! originals.
//!
//! ```
//! type Names = hotpath::rw_locks::RwLock<Vec<u8>>;
//!
//! let names: Names = hotpath::rw_lock!(std::sync::RwLock::new(vec![1]));
//! let read: hotpath::rw_locks::RwLockReadGuard<'_, Vec<u8>> = names.read().unwrap();
//! assert_eq!(read.len(), 1);
//! ```

pub use crate::{
    instrument::InstrumentRwLock,
    wrap::std::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard},
};
