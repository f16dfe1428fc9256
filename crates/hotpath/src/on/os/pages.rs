//! Memory from the system without the C library's allocator.

use std::ptr::NonNull;

/// Maps `size` bytes of zeros, aligned to a page, for ever. Async-signal-safe: one system call.
pub(crate) fn map(size: usize) -> Option<NonNull<u8>> {
    // SAFETY: asks for new memory at no particular place; nothing that exists is touched.
    let place = unsafe {
        libc::mmap(
            std::ptr::null_mut(),
            size,
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_PRIVATE | libc::MAP_ANON,
            -1,
            0,
        )
    };
    if place == libc::MAP_FAILED { None } else { NonNull::new(place.cast()) }
}
