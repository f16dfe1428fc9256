//! macOS: threads, from Mach. Untested: written against the documentation.
//!
//! Numbers of threads are not used again, so the start is always 0.

use std::{ffi::CStr, io, mem, ptr, time::Instant};

use super::{Key, Memory, ThreadInfo};

// The crate `libc` has some of these, deprecated.
unsafe extern "C" {
    static mach_task_self_: libc::mach_port_t;
    /// A right to the calling thread, which is the caller's.
    fn mach_thread_self() -> libc::mach_port_t;
    /// Every thread of a task, as an array that is the caller's, of rights that are the caller's.
    fn task_threads(
        task: libc::mach_port_t,
        threads: *mut libc::thread_act_array_t,
        count: *mut libc::mach_msg_type_number_t,
    ) -> libc::kern_return_t;
    fn mach_port_deallocate(task: libc::mach_port_t, name: libc::mach_port_t) -> libc::kern_return_t;
}

/// All threads of the process.
///
/// # Errors
///
/// When Mach refuses them.
pub(crate) fn all() -> io::Result<Vec<ThreadInfo>> {
    let (mut threads, mut count) = (ptr::null_mut(), 0);
    // SAFETY: both are places for the answer.
    let answer = unsafe { task_threads(task(), &raw mut threads, &raw mut count) };
    if answer != libc::KERN_SUCCESS {
        return Err(io::Error::other(format!("task_threads gave {answer}")));
    }
    let mut seen = Vec::new();
    for i in 0..count as usize {
        // SAFETY: the array has `count` elements.
        let thread = unsafe { *threads.add(i) };
        seen.extend(read(thread));
        // SAFETY: the right came with the array, and is given back once.
        unsafe { mach_port_deallocate(task(), thread) };
    }
    let size = count as usize * size_of::<libc::thread_act_t>();
    // SAFETY: the array is ours, of that size, and not used any more.
    unsafe { libc::vm_deallocate(task(), threads as libc::vm_address_t, size as libc::vm_size_t) };
    Ok(seen)
}

/// The calling thread.
pub(crate) fn me() -> Option<ThreadInfo> {
    // SAFETY: gives a right to the calling thread.
    let thread = unsafe { mach_thread_self() };
    let seen = read(thread);
    // SAFETY: the right is ours, and is given back once.
    unsafe { mach_port_deallocate(task(), thread) };
    seen
}

/// Returns the CPU time of the calling thread in nanoseconds.
pub(crate) fn my_cpu_ns() -> Option<u64> {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `time` is a place for the answer.
    let is_known = unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time) } == 0;
    let (seconds, nanos) = (u64::try_from(time.tv_sec).ok()?, u64::try_from(time.tv_nsec).ok()?);
    is_known.then(|| seconds.saturating_mul(1_000_000_000).saturating_add(nanos))
}

/// Memory of the process.
pub(crate) fn memory() -> Memory {
    // SAFETY: a record of numbers, for which zeros are valid.
    let mut info: libc::mach_task_basic_info = unsafe { mem::zeroed() };
    let mut count = libc::MACH_TASK_BASIC_INFO_COUNT;
    // SAFETY: `info` is of that kind, and `count` is its size.
    let answer = unsafe {
        libc::task_info(task(), libc::MACH_TASK_BASIC_INFO, (&raw mut info).cast(), &raw mut count)
    };
    let known = |bytes: libc::mach_vm_size_t| (answer == libc::KERN_SUCCESS).then_some(bytes);
    // The fields are packed: copied, not borrowed.
    let (resident, resident_max) = (info.resident_size, info.resident_size_max);
    Memory { resident: known(resident), resident_max: known(resident_max) }
}

fn task() -> libc::mach_port_t {
    // SAFETY: set by the system before `main`, and never changed.
    unsafe { mach_task_self_ }
}

/// One thread; `None` if it has ended.
fn read(thread: libc::thread_act_t) -> Option<ThreadInfo> {
    let who: libc::thread_identifier_info =
        info(thread, libc::THREAD_IDENTIFIER_INFO, libc::THREAD_IDENTIFIER_INFO_COUNT)?;
    let basic: libc::thread_basic_info =
        info(thread, libc::THREAD_BASIC_INFO, libc::THREAD_BASIC_INFO_COUNT)?;
    let at = Instant::now();
    let extended: Option<libc::thread_extended_info> =
        info(thread, libc::THREAD_EXTENDED_INFO, libc::THREAD_EXTENDED_INFO_COUNT);
    let name = |extended: libc::thread_extended_info| {
        let bytes: Vec<u8> = extended.pth_name.iter().map(|byte| *byte as u8).collect();
        Some(CStr::from_bytes_until_nul(&bytes).ok()?.to_string_lossy().into_owned())
    };
    let state = match basic.run_state {
        libc::TH_STATE_RUNNING => Some('R'),
        libc::TH_STATE_STOPPED => Some('T'),
        libc::TH_STATE_WAITING => Some('S'),
        libc::TH_STATE_UNINTERRUPTIBLE => Some('D'),
        libc::TH_STATE_HALTED => Some('H'),
        _ => None,
    };
    Some(ThreadInfo {
        key: Key { tid: who.thread_id, start: 0 },
        name: extended.and_then(name),
        state,
        cpu_ns: Some(nanos(basic.user_time).saturating_add(nanos(basic.system_time))),
        at,
        began: None,
    })
}

fn nanos(time: libc::time_value_t) -> u64 {
    let part = |number: libc::integer_t| u64::try_from(number).unwrap_or(0);
    part(time.seconds).saturating_mul(1_000_000_000) + part(time.microseconds).saturating_mul(1_000)
}

/// A record about a thread. `T` is the record of that flavor, of numbers only.
fn info<T: Copy>(thread: libc::thread_act_t, flavor: libc::c_int, size: u32) -> Option<T> {
    // SAFETY: a record of numbers, for which zeros are valid.
    let mut info: T = unsafe { mem::zeroed() };
    let (flavor, mut count) = (u32::try_from(flavor).ok()?, size);
    // SAFETY: `info` is of that flavor, and `count` is its size.
    let answer = unsafe { libc::thread_info(thread, flavor, (&raw mut info).cast(), &raw mut count) };
    (answer == libc::KERN_SUCCESS).then_some(info)
}
