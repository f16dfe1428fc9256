//! What [`io!`](crate::io!) gives. Nothing of I/O is recorded in this version, so that it is the value itself.

/// What `io!` makes of a `T`: in this version the `T`.
pub type InstrumentedIo<T> = T;

/// What was given to [`io!`](crate::io!).
///
/// ```
/// use std::io::{Cursor, Read};
///
/// let mut bytes = hotpath::io!(Cursor::new([1_u8, 2]), label = "bytes");
/// let mut first = [0];
/// bytes.read_exact(&mut first).unwrap();
/// assert_eq!((first, hotpath::io_unwrap(bytes).position()), ([1], 1));
/// ```
pub fn io_unwrap<T>(io: InstrumentedIo<T>) -> T {
    io
}
