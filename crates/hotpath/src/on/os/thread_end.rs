//! Linux: the end of a thread is noticed through a key of the thread library.
//!
//! A destructor of a thread-local notices it too, but registering one allocates, and a thread's first measured call may be in a
//! signal handler that came while the thread was inside `malloc`. A key is there before, and setting it is one store: the
//! library has room for the first 32 in each thread.

use std::{
    ffi::{c_int, c_void},
    sync::OnceLock,
};

static KEY: OnceLock<Option<libc::pthread_key_t>> = OnceLock::new();

/// Makes the key. From here on [`notice`] can be asked.
pub(crate) fn prepare() {
    KEY.get_or_init(|| {
        // A library may be unloaded before the thread ends, and its function with it; a thread-local keeps it there.
        if !is_in_program(at_end as *const () as usize) {
            return None;
        }
        let mut key = 0;
        // SAFETY: `key` is a place for the answer; the function stays as long as the process and does not unwind.
        let answer = unsafe { libc::pthread_key_create(&raw mut key, Some(at_end)) };
        (answer == 0 && key < FIRST_KEYS).then_some(key)
    });
}

/// The keys that a thread has room for without asking for memory.
const FIRST_KEYS: libc::pthread_key_t = 32;

/// Registers the end of the calling thread. Returns false if that failed. Async-signal-safe.
pub(crate) fn notice() -> bool {
    let Some(Some(key)) = KEY.get() else { return false };
    // SAFETY: a key that is never deleted; the value is not null and never followed.
    unsafe { libc::pthread_setspecific(*key, std::ptr::without_provenance(1)) == 0 }
}

extern "C" fn at_end(_: *mut c_void) {
    hotpath_lane::thread::end();
}

/// Returns true if an address lies in the program itself and not in a library.
fn is_in_program(address: usize) -> bool {
    extern "C" fn first(info: *mut libc::dl_phdr_info, _: libc::size_t, found: *mut c_void) -> c_int {
        // SAFETY: the library gives a valid description; `found` is the place given below.
        let (info, address) = unsafe { (&*info, &mut *found.cast::<usize>()) };
        // SAFETY: so many headers stand there.
        let parts = unsafe { std::slice::from_raw_parts(info.dlpi_phdr, info.dlpi_phnum.into()) };
        let holds = |part: &libc::Elf64_Phdr| {
            let begin = (info.dlpi_addr as usize).wrapping_add(part.p_vaddr as usize);
            part.p_type == libc::PT_LOAD && address.wrapping_sub(begin) < part.p_memsz as usize
        };
        *address = usize::from(parts.iter().any(holds));
        1 // the program comes first, and the rest is not wanted
    }
    let mut found = address;
    // SAFETY: the function reads what it is given and writes the place on the stack.
    let is_asked = unsafe { libc::dl_iterate_phdr(Some(first), (&raw mut found).cast()) } != 0;
    is_asked && found == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_code_is_in_the_program_and_the_librarys_is_not() {
        assert!(is_in_program(is_in_program as *const () as usize));
        assert!(!is_in_program(libc::getpid as *const () as usize));
        assert!(!is_in_program(0));
    }
}
