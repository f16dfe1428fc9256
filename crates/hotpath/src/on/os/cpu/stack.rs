//! The stack of an interrupted thread, found by its frame pointers.
//!
//! Only memory between the top of the stack and its bottom is read, which the thread itself learned before it was sampled. So a
//! frame pointer that is none (the code keeps none, or uses the register otherwise) ends the walk; it never leads astray.

use std::{ffi::CStr, ops::Range};

use super::{Module, Registers};
use crate::imp::build_id::in_notes;

/// The bounds of a thread's stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bounds {
    low: usize,
    high: usize,
}

impl Bounds {
    /// Returns the bounds of the calling thread. Not for signal handlers: the library may allocate and read files.
    pub(crate) fn of_this_thread() -> Option<Self> {
        // SAFETY: an attribute of zeros is a place for the answer.
        let mut attributes: libc::pthread_attr_t = unsafe { std::mem::zeroed() };
        // SAFETY: the calling thread exists, and `attributes` is a place for the answer.
        if unsafe { libc::pthread_getattr_np(libc::pthread_self(), &raw mut attributes) } != 0 {
            return None;
        }
        let (mut low, mut size) = (std::ptr::null_mut(), 0);
        // SAFETY: the attributes were filled, and both are places for answers.
        let answer =
            unsafe { libc::pthread_attr_getstack(&raw const attributes, &raw mut low, &raw mut size) };
        // SAFETY: filled above, and not used any more.
        unsafe { libc::pthread_attr_destroy(&raw mut attributes) };
        (answer == 0).then(|| Self { low: low.addr(), high: low.addr().saturating_add(size) })
    }

    /// Converts into two words, for atomics.
    pub(crate) fn to_words(self) -> (usize, usize) {
        (self.low, self.high)
    }

    /// Converts the words of [`Bounds::to_words`]. Empty bounds allow no step.
    pub(crate) fn from_words(low: usize, high: usize) -> Self {
        Self { low, high }
    }
}

/// Writes the return addresses of the thread's calls into `frames`, the innermost first, and returns how many there are. Only on
/// the thread itself, with registers of it. Async-signal-safe.
pub(crate) fn walk(registers: Registers, bounds: Bounds, frames: &mut [usize]) -> usize {
    const WORD: usize = size_of::<usize>();
    let Some((first, rest)) = frames.split_first_mut() else { return 0 };
    *first = registers.pc;
    let (mut at, mut count) = (registers.fp, 1);
    // Below the top of the stack nothing is known to be mapped.
    let mut lowest = registers.sp;
    if !(bounds.low..bounds.high).contains(&lowest) {
        return count;
    }
    for frame in rest {
        let is_inside = at >= lowest && at % WORD == 0 && bounds.high.saturating_sub(2 * WORD) >= at;
        if !is_inside {
            break;
        }
        // SAFETY: two words inside this thread's stack, above its top: mapped, and no other thread writes them now. What they mean
        // does not matter: they are checked before they are used.
        let [next, back] = unsafe { std::ptr::with_exposed_provenance::<[usize; 2]>(at).read_volatile() };
        if back == 0 {
            break;
        }
        *frame = back;
        count += 1;
        lowest = at + 2 * WORD; // a caller's frame lies further up
        at = next;
    }
    count
}

/// The program and the libraries that are loaded now.
pub(crate) fn modules() -> Vec<Module> {
    let mut modules: Vec<Module> = Vec::new();
    // SAFETY: `add` fits the declaration, and gets the list that lives on this stack until the call returns.
    unsafe { libc::dl_iterate_phdr(Some(add), (&raw mut modules).cast()) };
    modules
}

#[cfg(target_pointer_width = "64")]
type Header = libc::Elf64_Phdr;
#[cfg(target_pointer_width = "32")]
type Header = libc::Elf32_Phdr;

unsafe extern "C" fn add(
    info: *mut libc::dl_phdr_info,
    _: libc::size_t,
    modules: *mut libc::c_void,
) -> libc::c_int {
    // SAFETY: the loader gives a complete value.
    let info = unsafe { &*info };
    // SAFETY: `modules` is what `modules` above passed.
    let modules = unsafe { &mut *modules.cast::<Vec<Module>>() };
    if info.dlpi_phdr.is_null() {
        return 0;
    }
    // SAFETY: the loader gives the headers and their number.
    let headers = unsafe { std::slice::from_raw_parts(info.dlpi_phdr, usize::from(info.dlpi_phnum)) };
    let bias = info.dlpi_addr as usize;
    let range = |header: &Header| -> Range<usize> {
        let start = bias.wrapping_add(header.p_vaddr as usize);
        start..start.wrapping_add(header.p_memsz as usize)
    };
    let of = |kind: u32| headers.iter().filter(move |header| header.p_type == kind);
    let code = of(libc::PT_LOAD).filter(|header| header.p_flags & libc::PF_X != 0).map(range).collect();
    let notes = of(libc::PT_NOTE).map(range);
    let bytes = |notes: Range<usize>| {
        // SAFETY: a loaded segment of notes stays mapped while the loader calls us.
        unsafe {
            std::slice::from_raw_parts(std::ptr::with_exposed_provenance::<u8>(notes.start), notes.len())
        }
    };
    let mut ids = notes.filter_map(|notes| in_notes(bytes(notes)));
    let build_id = ids.next().unwrap_or_default();
    let path = if info.dlpi_name.is_null() {
        String::new()
    } else {
        // SAFETY: the loader gives a text that ends with 0.
        unsafe { CStr::from_ptr(info.dlpi_name) }.to_string_lossy().into_owned()
    };
    let path = if path.is_empty() && modules.is_empty() { program() } else { path };
    modules.push(Module { path, build_id, bias, code });
    0
}

/// The loader gives the program itself no name.
fn program() -> String {
    std::env::current_exe().map(|path| path.to_string_lossy().into_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A stack of words, as if it were one: the words' own addresses are those of the frames.
    fn frames(words: &mut [usize], fp: usize, sp: usize, room: usize) -> Vec<usize> {
        let low = words.as_ptr().expose_provenance();
        let at = |index: usize| low + index * size_of::<usize>();
        let registers = Registers { pc: 7, fp: at(fp), sp: at(sp) };
        let mut found = vec![0; room];
        let bounds = Bounds { low, high: at(words.len()) };
        let count = walk(registers, bounds, &mut found);
        found.truncate(count);
        found
    }

    #[test]
    fn frames_are_followed_to_the_outermost() {
        let mut words = [0; 12];
        let low = words.as_ptr().expose_provenance();
        (words[2], words[3]) = (low + 6 * size_of::<usize>(), 100);
        (words[6], words[7]) = (low + 10 * size_of::<usize>(), 200);
        (words[10], words[11]) = (0, 300);
        assert_eq!(frames(&mut words, 2, 1, 9), [7, 100, 200, 300]);
        assert_eq!(frames(&mut words, 2, 1, 2), [7, 100], "as many as there is room for");
        assert_eq!(frames(&mut words, 2, 4, 9), [7], "a frame below the top of the stack is none");
    }

    #[test]
    fn what_is_no_frame_pointer_ends_the_walk() {
        let mut words = [0; 12];
        let low = words.as_ptr().expose_provenance();
        let word = size_of::<usize>();
        for wrong in [
            0,
            1,
            low - word,
            low + 2 * word,
            low + 3 * word + 1,
            low + 11 * word,
            low + 12 * word,
            usize::MAX,
        ] {
            (words[2], words[3]) = (wrong, 100);
            assert_eq!(frames(&mut words, 2, 1, 9), [7, 100], "{wrong:#x}");
        }
        assert_eq!(frames(&mut words, 11, 1, 9), [7], "half a frame is none");
        (words[2], words[3]) = (low + 6 * word, 0);
        assert_eq!(frames(&mut words, 2, 1, 9), [7], "no address is none");
    }

    #[test]
    fn a_stack_that_is_not_the_threads_own_is_not_walked() {
        let registers = Registers { pc: 9, fp: 4096, sp: 4096 };
        let mut found = [0; 4];
        assert_eq!(walk(registers, Bounds::from_words(0, 0), &mut found), 1);
        assert_eq!(found[0], 9);
        assert_eq!(walk(registers, Bounds::from_words(8192, 16384), &mut found), 1);
    }

    #[test]
    fn this_function_lies_in_the_first_module_and_its_stack_within_bounds() {
        let modules = modules();
        let here = (this_function_lies_in_the_first_module_and_its_stack_within_bounds as *const ()).addr();
        assert!(modules[0].code.iter().any(|code| code.contains(&here)), "{modules:?}");
        assert!(std::path::Path::new(&modules[0].path).exists());
        let local = 0_u8;
        let bounds = Bounds::of_this_thread().expect("known on Linux");
        assert!((bounds.low..bounds.high).contains(&(&raw const local).addr()));
    }
}
