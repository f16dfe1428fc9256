//! The values of [`io!`](crate::io!). I/O is not recorded in this version, so they are the arguments themselves.

/// The type that `io!` makes of a `T`: in this version the `T`.
pub type InstrumentedIo<T> = T;

/// Returns the argument of [`io!`](crate::io!).
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
