//! Windows: a snapshot of all threads, and a handle to each of ours. Untested: written against the documentation.

use std::{
    io,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use windows_sys::Win32::{
    Foundation::{CloseHandle, FILETIME, HANDLE, INVALID_HANDLE_VALUE, LocalFree},
    System::{
        Diagnostics::ToolHelp::{
            CreateToolhelp32Snapshot, TH32CS_SNAPTHREAD, THREADENTRY32, Thread32First, Thread32Next,
        },
        ProcessStatus::{K32GetProcessMemoryInfo, PROCESS_MEMORY_COUNTERS},
        Threading::{
            GetCurrentProcess, GetCurrentThreadId, GetThreadDescription, GetThreadTimes, OpenThread,
            THREAD_QUERY_LIMITED_INFORMATION,
        },
    },
};

use super::{Key, Memory, ThreadInfo};

/// All threads of the process.
///
/// # Errors
///
/// When there is no snapshot.
pub(crate) fn all() -> io::Result<Vec<ThreadInfo>> {
    // SAFETY: takes numbers.
    let snapshot = unsafe { CreateToolhelp32Snapshot(TH32CS_SNAPTHREAD, 0) };
    if snapshot == INVALID_HANDLE_VALUE {
        return Err(io::Error::last_os_error());
    }
    let snapshot = Handle(snapshot);
    // SAFETY: a record of numbers, for which zeros are valid.
    let mut entry: THREADENTRY32 = unsafe { std::mem::zeroed() };
    entry.dwSize = size_of::<THREADENTRY32>() as u32;
    let mut threads = Vec::new();
    // SAFETY: `entry` has its size and is a place for the answer.
    let mut is_there = unsafe { Thread32First(snapshot.0, &raw mut entry) } != 0;
    while is_there {
        if entry.th32OwnerProcessID == std::process::id() {
            threads.extend(read(entry.th32ThreadID));
        }
        // SAFETY: as above.
        is_there = unsafe { Thread32Next(snapshot.0, &raw mut entry) } != 0;
    }
    Ok(threads)
}

/// The calling thread.
pub(crate) fn me() -> Option<ThreadInfo> {
    // SAFETY: takes nothing and cannot fail.
    read(unsafe { GetCurrentThreadId() })
}

/// Returns the CPU time of the calling thread in nanoseconds.
pub(crate) fn my_cpu_ns() -> Option<u64> {
    me()?.cpu_ns
}

/// Memory of the process: its working set.
pub(crate) fn memory() -> Memory {
    // SAFETY: a record of numbers, for which zeros are valid.
    let mut counters: PROCESS_MEMORY_COUNTERS = unsafe { std::mem::zeroed() };
    counters.cb = size_of::<PROCESS_MEMORY_COUNTERS>() as u32;
    // SAFETY: the pseudo handle of this process; `counters` is a place for the answer of the size given.
    let is_known =
        unsafe { K32GetProcessMemoryInfo(GetCurrentProcess(), &raw mut counters, counters.cb) } != 0;
    let known = |bytes: usize| is_known.then_some(bytes as u64);
    Memory { resident: known(counters.WorkingSetSize), resident_max: known(counters.PeakWorkingSetSize) }
}

/// A handle that is closed once.
struct Handle(HANDLE);

impl Drop for Handle {
    fn drop(&mut self) {
        // SAFETY: the handle is ours and not used any more.
        unsafe { CloseHandle(self.0) };
    }
}

/// One thread; `None` if it has ended or may not be asked.
fn read(tid: u32) -> Option<ThreadInfo> {
    // SAFETY: takes numbers.
    let thread = unsafe { OpenThread(THREAD_QUERY_LIMITED_INFORMATION, 0, tid) };
    if thread.is_null() {
        return None;
    }
    let thread = Handle(thread);
    let zero = FILETIME { dwLowDateTime: 0, dwHighDateTime: 0 };
    let (mut start, mut exit, mut kernel, mut user) = (zero, zero, zero, zero);
    // SAFETY: the handle is open, and all four are places for the answer.
    let is_known =
        unsafe { GetThreadTimes(thread.0, &raw mut start, &raw mut exit, &raw mut kernel, &raw mut user) }
            != 0;
    let at = Instant::now();
    if !is_known || steps(exit) != 0 {
        return None;
    }
    let cpu_ns = (steps(kernel).saturating_add(steps(user))).saturating_mul(100);
    Some(ThreadInfo {
        key: Key { tid: tid.into(), start: steps(start) },
        name: name(&thread),
        state: None, // unknown without undocumented calls
        cpu_ns: Some(cpu_ns),
        at,
        began: age(steps(start)).and_then(|age| at.checked_sub(age)),
    })
}

/// The description that the standard library sets from the thread's name.
fn name(thread: &Handle) -> Option<String> {
    let mut text = std::ptr::null_mut();
    // SAFETY: the handle is open, and `text` is a place for the answer.
    if unsafe { GetThreadDescription(thread.0, &raw mut text) } < 0 || text.is_null() {
        return None;
    }
    let length = (0..)
        // SAFETY: the text ends with a zero, and nothing behind it is read.
        .take_while(|at| unsafe { *text.add(*at) } != 0)
        .count();
    // SAFETY: so many characters stand there.
    let name = String::from_utf16_lossy(unsafe { std::slice::from_raw_parts(text, length) });
    // SAFETY: the text is ours to free, and is not used any more.
    unsafe { LocalFree(text.cast()) };
    Some(name)
}

/// Steps of 100 ns.
fn steps(time: FILETIME) -> u64 {
    u64::from(time.dwHighDateTime) << 32 | u64::from(time.dwLowDateTime)
}

/// Returns the time since a moment, given in steps of 100 ns since 1601.
fn age(start: u64) -> Option<Duration> {
    const FROM_1601_TO_1970: Duration = Duration::from_secs(11_644_473_600);
    let start = Duration::from_nanos(start.checked_mul(100)?).checked_sub(FROM_1601_TO_1970)?;
    SystemTime::now().duration_since(UNIX_EPOCH).ok()?.checked_sub(start)
}
