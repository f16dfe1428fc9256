//! Systems whose threads are not known to us.

use std::io;

use super::{Memory, ThreadInfo};

/// Not known.
///
/// # Errors
///
/// Always.
pub(crate) fn all() -> io::Result<Vec<ThreadInfo>> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Not known.
pub(crate) fn me() -> Option<ThreadInfo> {
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
