//! The kinds of sites. The lane carries the number and does not know its meaning.

/// A function.
pub const FN: u8 = 0;
/// An async function.
pub const ASYNC_FN: u8 = 1;
/// A block of code.
pub const BLOCK: u8 = 2;
/// A future that is shown among futures only.
pub const FUTURE: u8 = 3;
/// A stream.
pub const STREAM: u8 = 4;
/// A channel.
pub const CHANNEL: u8 = 5;
/// A mutex.
pub const MUTEX: u8 = 6;
/// A reader-writer lock.
pub const RW_LOCK: u8 = 7;
/// An expression of `dbg!`.
pub const DBG: u8 = 8;
/// A key of `val!`.
pub const VAL: u8 = 9;
/// A key of `gauge!`.
pub const GAUGE: u8 = 10;
/// Our own, never shown.
pub(crate) const INTERNAL: u8 = 255;

/// Returns true if it is a function or a block, and not something else that is measured.
pub(crate) fn is_function(kind: u8) -> bool {
    matches!(kind, FN | ASYNC_FN | BLOCK)
}
