//! The C library's allocator gives the top of its heap back to the system whenever it is free, and then takes it again, page
//! by page. Whether it does depends on one small block that happens to lie above: without it a program that frees all that
//! it had is a third slower. That would be compared here, and not the profilers.

/// From now on no memory is given back, and large blocks come from the heap like all others. Elsewhere than with glibc, nothing.
pub fn memory() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    for (setting, value) in [(libc::M_TRIM_THRESHOLD, -1), (libc::M_MMAP_MAX, 0)] {
        // SAFETY: a call with two numbers; it takes the allocator's own lock, so it may be made at any time.
        unsafe { libc::mallopt(setting, value) };
    }
}
