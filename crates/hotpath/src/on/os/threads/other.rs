//! Systems whose threads are not known to us.

use std::io;

use super::{Memory, Seen};

/// Not known.
///
/// # Errors
///
/// Always.
pub(crate) fn all() -> io::Result<Vec<Seen>> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Not known.
pub(crate) fn me() -> Option<Seen> {
    None
}

/// Not known.
pub(crate) fn my_cpu_ns() -> Option<u64> {
    None
}

/// Not known.
pub(crate) fn memory() -> Memory {
    Memory::default()
}
