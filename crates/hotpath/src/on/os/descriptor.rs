//! Unix: descriptors that the program owns, written to and never closed here.

use std::{
    fs::File,
    io::{self, ErrorKind, Write},
    mem::{ManuallyDrop, MaybeUninit},
    os::fd::{FromRawFd, RawFd},
    time::Duration,
};

/// The pause before a non-blocking pipe is tried again.
const ROOM_WAIT: Duration = Duration::from_millis(1);

/// The descriptor of this number as a file that is not closed when it goes. Where nothing is open under the number each use is an
/// error. A number below 0 is that of nothing.
pub(crate) fn descriptor(number: RawFd) -> ManuallyDrop<File> {
    let number = if number < 0 { RawFd::MAX } else { number };
    // SAFETY: the file is never dropped, so nothing is closed that the program owns, and the number is not -1. It is used for
    // system calls only, which say so when nothing is open.
    ManuallyDrop::new(unsafe { File::from_raw_fd(number) })
}

/// Writes all of it. A reader that is gone and a file that may not grow are errors, whatever the program does about the signals that
/// go with them; a pipe that does not block, because another process that shares it said so, is waited for as one that does.
pub(crate) fn write_all(file: &File, bytes: &[u8]) -> io::Result<()> {
    without_signals(|| {
        let (mut file, mut rest) = (file, bytes);
        while !rest.is_empty() {
            match file.write(rest) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(written) => rest = &rest[written..],
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => std::thread::sleep(ROOM_WAIT),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    })
}

/// The signals that a failing write sends to its thread.
const OF_WRITES: [libc::c_int; 2] = [libc::SIGPIPE, libc::SIGXFSZ];

/// Runs `write` with the signals of failing writes blocked on this thread, and takes those that it caused. They go to the thread that
/// writes, so no other thread sees them.
fn without_signals<T>(write: impl FnOnce() -> T) -> T {
    let mut set = MaybeUninit::<libc::sigset_t>::uninit();
    // SAFETY: makes it an empty set.
    unsafe { libc::sigemptyset(set.as_mut_ptr()) };
    for signal in OF_WRITES {
        // SAFETY: the set was made above.
        unsafe { libc::sigaddset(set.as_mut_ptr(), signal) };
    }
    let mut before = MaybeUninit::<libc::sigset_t>::uninit();
    // SAFETY: reads the set, and writes what was blocked before.
    let is_blocked =
        unsafe { libc::pthread_sigmask(libc::SIG_BLOCK, set.as_ptr(), before.as_mut_ptr()) } == 0;
    let were_pending = OF_WRITES.map(is_pending);
    let result = write();
    if is_blocked {
        OF_WRITES
            .into_iter()
            .zip(were_pending)
            .filter(|(_, was_pending)| !was_pending)
            .for_each(|(signal, _)| take(signal));
        // SAFETY: `before` was written when the signals were blocked.
        unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, before.as_ptr(), std::ptr::null_mut()) };
    }
    result
}

fn is_pending(signal: libc::c_int) -> bool {
    let mut pending = MaybeUninit::<libc::sigset_t>::uninit();
    // SAFETY: writes the set.
    let is_known = unsafe { libc::sigpending(pending.as_mut_ptr()) } == 0;
    // SAFETY: the set was written.
    is_known && unsafe { libc::sigismember(pending.as_ptr(), signal) } == 1
}

/// Takes a blocked signal, if it is pending.
fn take(signal: libc::c_int) {
    if !is_pending(signal) {
        return;
    }
    let mut set = MaybeUninit::<libc::sigset_t>::uninit();
    // SAFETY: makes it an empty set.
    unsafe { libc::sigemptyset(set.as_mut_ptr()) };
    // SAFETY: the set was made in the line before.
    unsafe { libc::sigaddset(set.as_mut_ptr(), signal) };
    let mut taken = 0;
    // SAFETY: reads the set; the signal is pending, so this returns at once.
    unsafe { libc::sigwait(set.as_ptr(), &raw mut taken) };
}
