//! Unix: thread numbers, the end of the process, signals.

use std::sync::OnceLock;

/// The number of this process.
pub(crate) fn process_id() -> u32 {
    std::process::id()
}

/// The number of this thread, as the system's own tools show it.
pub(crate) fn thread_id() -> u64 {
    #[cfg(target_os = "linux")]
    // SAFETY: takes nothing and cannot fail.
    return unsafe { libc::gettid() } as u64;
    #[cfg(target_os = "macos")]
    {
        let mut id = 0;
        // SAFETY: 0 is the calling thread, and `id` is a place for the answer.
        unsafe { libc::pthread_threadid_np(0, &mut id) };
        id
    }
    #[cfg(not(any(target_os = "linux", target_os = "macos")))]
    // SAFETY: takes nothing and cannot fail.
    return unsafe { libc::pthread_self() } as u64;
}

/// What no other thread may have when the process forks, because in the fork nobody would give it back.
#[cfg(feature = "serve")]
pub(crate) struct Forks {
    /// Takes it.
    pub(crate) hold: fn(),
    /// Gives it back, in both processes.
    pub(crate) release: fn(),
}

/// For a server that listens at `socket`: does that whenever the process forks, and closes the fork's copy of the socket. What the
/// parent listens at would otherwise be busy as long as the fork lives, with nobody there who answers. For two servers; there are no
/// more. The first `forks` wins.
#[cfg(feature = "serve")]
pub(crate) fn at_forks(forks: Forks, socket: &impl std::os::fd::AsRawFd) {
    use std::sync::atomic::{AtomicI32, Ordering};

    static FORKS: OnceLock<Forks> = OnceLock::new();
    /// The metrics endpoint and the one for agents; -1 while there is none.
    static SOCKETS: [AtomicI32; 2] = [AtomicI32::new(-1), AtomicI32::new(-1)];

    extern "C" fn before() {
        if let Some(forks) = FORKS.get() {
            (forks.hold)();
        }
    }

    extern "C" fn in_parent() {
        if let Some(forks) = FORKS.get() {
            (forks.release)();
        }
    }

    extern "C" fn in_child() {
        for socket in &SOCKETS {
            // Once: in a fork of the fork the number may be somebody else's. The child has one thread, so no order is needed.
            let socket = socket.swap(-1, Ordering::Relaxed);
            if socket >= 0 {
                // SAFETY: a descriptor that only a thread of the parent uses, which is not in the child.
                unsafe { libc::close(socket) };
            }
        }
        in_parent();
    }

    let take = |place: &AtomicI32| {
        place.compare_exchange(-1, socket.as_raw_fd(), Ordering::Relaxed, Ordering::Relaxed).is_ok()
    };
    let _all_taken = !SOCKETS.iter().any(take);
    FORKS.get_or_init(|| {
        // SAFETY: functions for the whole life of the process that do not unwind.
        unsafe { libc::pthread_atfork(Some(before), Some(in_parent), Some(in_child)) };
        forks
    });
}

static AT_EXIT: OnceLock<fn()> = OnceLock::new();

/// Runs `action` when the process exits by `exit` or by returning from `main`. The first wins.
pub(crate) fn at_exit(action: fn()) {
    extern "C" fn run() {
        if let Some(action) = AT_EXIT.get() {
            action();
        }
    }
    AT_EXIT.get_or_init(|| {
        // SAFETY: `run` is a function for the whole life of the process and does not unwind: the action catches panics.
        unsafe { libc::atexit(run) };
        action
    });
}

/// Ctrl-C, SIGTERM and SIGABRT: the report first, then what would have happened anyway.
pub(crate) mod signals {
    use std::{
        io::{PipeReader, PipeWriter, Read},
        os::fd::AsRawFd,
        sync::{
            OnceLock,
            atomic::{AtomicBool, AtomicI32, AtomicU32, AtomicU64, Ordering},
        },
    };

    const WATCHED: [libc::c_int; 3] = [libc::SIGINT, libc::SIGTERM, libc::SIGABRT];
    /// How long an aborting thread waits for the report, in steps of a millisecond.
    const ABORT_WAIT_STEPS: u32 = 5000;

    /// The pipe to the thread that makes the report; -1 before there is one.
    static PIPE: AtomicI32 = AtomicI32::new(-1);
    /// The process that has that thread; a fork has not.
    static OWNER: AtomicU32 = AtomicU32::new(0);
    static IS_REPORTED: AtomicBool = AtomicBool::new(false);
    /// When the first signal came, in milliseconds of the monotonic clock; 0 before that. The report is on its way then; a signal
    /// later than [`ONE_WISH_MS`] after it ends the process at once.
    static FIRST: AtomicU64 = AtomicU64::new(0);
    const ONE_WISH_MS: u64 = 300;
    static WRITER: OnceLock<Option<PipeWriter>> = OnceLock::new();

    /// Watches those signals that nobody handles, and runs `report` when one comes.
    pub(crate) fn install(report: fn()) {
        if WRITER.get_or_init(|| start(report)).is_none() {
            return; // no pipe or no thread: signals do what they always did
        }
        OWNER.store(std::process::id(), Ordering::Release);
        IS_REPORTED.store(false, Ordering::Release);
        FIRST.store(0, Ordering::Release);
        for signal in WATCHED {
            if current(signal) == Some(libc::SIG_DFL) {
                set(signal, handle as *const () as libc::sighandler_t);
            }
        }
    }

    /// Gives back those signals that are still ours.
    pub(crate) fn remove() {
        WATCHED.into_iter().filter(|signal| is_ours(*signal)).for_each(|signal| set(signal, libc::SIG_DFL));
    }

    fn start(report: fn()) -> Option<PipeWriter> {
        let (reader, writer) = std::io::pipe().ok()?;
        super::super::own_thread::spawn("hp-signal", move || serve(reader, report)).ok()?;
        PIPE.store(writer.as_raw_fd(), Ordering::Release);
        Some(writer)
    }

    fn serve(mut reader: PipeReader, report: fn()) {
        let mut signal = [0];
        while reader.read_exact(&mut signal).is_ok() {
            report();
            IS_REPORTED.store(true, Ordering::Release); // pairs with the Acquire in `handle`
            if i32::from(signal[0]) != libc::SIGABRT {
                set(i32::from(signal[0]), libc::SIG_DFL);
                // SAFETY: sends a signal to ourselves; its action is the default again, so this ends the process as the first
                // one would have.
                unsafe { libc::kill(libc::getpid(), i32::from(signal[0])) };
            }
        }
    }

    /// Async-signal-safe: system calls and atomics only, and `errno` is put back.
    extern "C" fn handle(signal: libc::c_int) {
        // A handler installed later calls the one it found, which is this: then the program has other plans.
        if !is_ours(signal) {
            return;
        }
        let errno = errno();
        let now = monotonic_ms();
        let first = FIRST.compare_exchange(0, now, Ordering::AcqRel, Ordering::Acquire);
        if first.is_err_and(|first| now.saturating_sub(first) < ONE_WISH_MS) {
            return set_errno(errno); // the same wish: some tools send it to the process and to its group
        }
        if first.is_err() {
            let_through(signal);
            return set_errno(errno);
        }
        // SAFETY: takes nothing and cannot fail.
        let is_fork = unsafe { libc::getpid() } as u32 != OWNER.load(Ordering::Acquire);
        let byte = signal as u8;
        // SAFETY: writes one byte from the stack; the pipe is never closed.
        let sent = !is_fork
            && unsafe { libc::write(PIPE.load(Ordering::Acquire), (&raw const byte).cast(), 1) } == 1;
        if !sent && signal != libc::SIGABRT {
            let_through(signal);
        }
        if sent && signal == libc::SIGABRT {
            wait_for_report(); // `abort` goes on when we return
        }
        set_errno(errno);
    }

    /// What it would have done without us. Async-signal-safe.
    fn let_through(signal: libc::c_int) {
        set(signal, libc::SIG_DFL);
        // SAFETY: called by the handler, where the signal is blocked: it takes effect on return.
        unsafe { libc::raise(signal) };
    }

    /// Never 0. Async-signal-safe.
    fn monotonic_ms() -> u64 {
        let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        // SAFETY: `now` is a place for the answer; the clock is always there.
        unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &raw mut now) };
        (now.tv_sec as u64).saturating_mul(1000).saturating_add(now.tv_nsec as u64 / 1_000_000).max(1)
    }

    fn wait_for_report() {
        let step = libc::timespec { tv_sec: 0, tv_nsec: 1_000_000 };
        for _ in 0..ABORT_WAIT_STEPS {
            if IS_REPORTED.load(Ordering::Acquire) {
                return;
            }
            // SAFETY: reads `step`; nothing is written through null.
            unsafe { libc::nanosleep(&raw const step, std::ptr::null_mut()) };
        }
    }

    fn is_ours(signal: libc::c_int) -> bool {
        current(signal) == Some(handle as *const () as libc::sighandler_t)
    }

    fn current(signal: libc::c_int) -> Option<libc::sighandler_t> {
        // SAFETY: a sigaction of zeros is a valid value.
        let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
        // SAFETY: asks only; the answer goes into `action`.
        let answer = unsafe { libc::sigaction(signal, std::ptr::null(), &raw mut action) };
        (answer == 0).then_some(action.sa_sigaction)
    }

    fn set(signal: libc::c_int, handler: libc::sighandler_t) {
        // SAFETY: a sigaction of zeros is a valid value: no flags, an empty mask.
        let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
        action.sa_sigaction = handler;
        action.sa_flags = libc::SA_RESTART;
        // SAFETY: `handler` is SIG_DFL or `handle`, which is async-signal-safe and lives as long as the process.
        unsafe { libc::sigaction(signal, &raw const action, std::ptr::null_mut()) };
    }

    #[cfg(target_os = "linux")]
    fn errno_place() -> *mut libc::c_int {
        // SAFETY: takes nothing; the place belongs to this thread.
        unsafe { libc::__errno_location() }
    }

    #[cfg(any(target_os = "macos", target_os = "ios", target_os = "freebsd"))]
    fn errno_place() -> *mut libc::c_int {
        // SAFETY: takes nothing; the place belongs to this thread.
        unsafe { libc::__error() }
    }

    #[cfg(not(any(target_os = "linux", target_os = "macos", target_os = "ios", target_os = "freebsd")))]
    fn errno_place() -> *mut libc::c_int {
        std::ptr::null_mut()
    }

    fn errno() -> libc::c_int {
        // SAFETY: null or this thread's errno.
        unsafe { errno_place().as_ref() }.copied().unwrap_or(0)
    }

    fn set_errno(value: libc::c_int) {
        // SAFETY: null or this thread's errno.
        if let Some(place) = unsafe { errno_place().as_mut() } {
            *place = value;
        }
    }
}
