//! Forks: whose session it is that is running, and what a fork must not have.
//!
//! A fork has a copy of the session, and none of our threads. It has nothing to report when it ends, because the process that
//! began the session will; a daemon, whose parent has gone, has.

use std::{
    os::fd::AsRawFd,
    sync::{
        Once, OnceLock,
        atomic::{AtomicBool, AtomicI32, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use super::{super::Forks, errno};

/// The time that a fork which has left its parent's session, as daemons do, waits for the end of its parent.
const PARENT_WAIT: Duration = Duration::from_millis(200);

/// The process whose session it is, and the session of the system that it was in then; 0 before the first. That process began it,
/// or is what was left over of it. Written before anything can be forked or come as a signal that asks for it, and in a fork that
/// has one thread: so nothing here needs an order.
static OWNER: AtomicI32 = AtomicI32::new(0);
static OWNERS_SESSION: AtomicI32 = AtomicI32::new(0);
/// The process that forked this one; 0 in one that no fork made. The forking process writes it down, since it may have ended before
/// its child can ask who it is.
static PARENT: AtomicI32 = AtomicI32::new(0);
static FORKING: AtomicI32 = AtomicI32::new(0);
/// The session that runs was begun before a fork.
static IS_INHERITED: AtomicBool = AtomicBool::new(false);

/// This process begins a session.
pub(crate) fn own_session() {
    OWNER.store(process(), Ordering::Relaxed);
    OWNERS_SESSION.store(session(), Ordering::Relaxed);
    IS_INHERITED.store(false, Ordering::Relaxed);
}

/// Returns true if the session was started before a fork: threads that were at it then are not here, and may have left locks behind.
pub(crate) fn has_inherited() -> bool {
    IS_INHERITED.load(Ordering::Relaxed)
}

/// Returns true if the session is another process's, of which this is a fork. Async-signal-safe.
fn is_fork() -> bool {
    let owner = OWNER.load(Ordering::Relaxed);
    owner != 0 && owner != process()
}

/// Returns true if this is a fork whose parent lives on. One that has made a daemon of itself gives its parent a moment to end.
pub(crate) fn has_nothing_to_report() -> bool {
    if !is_fork() {
        return false;
    }
    let is_daemon = session() != OWNERS_SESSION.load(Ordering::Relaxed);
    let deadline = Instant::now() + PARENT_WAIT;
    while is_daemon && !is_orphan() && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(2));
    }
    !is_orphan()
}

/// Returns true if this is a fork, and both the process whose session it is and the parent have ended. Async-signal-safe.
pub(crate) fn is_orphan() -> bool {
    let owner = OWNER.load(Ordering::Relaxed);
    if !is_fork() || parent() == owner || parent() == PARENT.load(Ordering::Relaxed) {
        return false;
    }
    // SAFETY: sends nothing; asks whether the process is there.
    let is_gone = unsafe { libc::kill(owner, 0) } != 0 && errno() == libc::ESRCH;
    is_gone || is_zombie(owner)
}

pub(super) fn process() -> libc::pid_t {
    super::process_id() as libc::pid_t
}

fn parent() -> libc::pid_t {
    // SAFETY: takes nothing and cannot fail.
    unsafe { libc::getppid() }
}

fn session() -> libc::pid_t {
    // SAFETY: asks for the calling process's own.
    unsafe { libc::getsid(0) }
}

/// Returns true if a process has ended and only its number is still there. Async-signal-safe.
#[cfg(target_os = "linux")]
fn is_zombie(process: libc::pid_t) -> bool {
    let mut path = [0_u8; 32];
    let len = path.len();
    // The rest of the path stays 0, which ends it.
    let _fits = std::io::Write::write_fmt(&mut &mut path[..len - 1], format_args!("/proc/{process}/stat"));
    // SAFETY: a path that ends with 0.
    let file = unsafe { libc::open(path.as_ptr().cast(), libc::O_RDONLY | libc::O_CLOEXEC) };
    if file < 0 {
        return false;
    }
    let mut text = [0_u8; 256];
    // SAFETY: writes at most as much as there is room.
    let read = unsafe { libc::read(file, text.as_mut_ptr().cast(), text.len()) };
    // SAFETY: opened above.
    unsafe { libc::close(file) };
    // `number (name) state …`, and the name may be anything.
    let text = &text[..usize::try_from(read).unwrap_or(0)];
    let state = text.iter().rposition(|byte| *byte == b')').and_then(|end| text.get(end + 2));
    matches!(state, Some(b'Z' | b'X'))
}

/// Elsewhere such a process is not found any more.
#[cfg(not(target_os = "linux"))]
fn is_zombie(_: libc::pid_t) -> bool {
    false
}

/// Our sockets: of the metrics endpoint and of the one for agents. There are no more.
static SOCKETS: [Socket; 2] = [const { Socket::new() }; 2];

/// A descriptor, and what was open under that number: a program may close all that it does not know, and open others.
struct Socket {
    /// -1 while there is none.
    number: AtomicI32,
    device: AtomicU64,
    inode: AtomicU64,
}

impl Socket {
    const fn new() -> Self {
        Self { number: AtomicI32::new(-1), device: AtomicU64::new(0), inode: AtomicU64::new(0) }
    }

    /// Returns true if the place was free, and is taken now.
    fn take(&self, number: i32) -> bool {
        let Some((device, inode)) = identity(number) else { return false };
        let is_free = self.number.load(Ordering::Relaxed) == -1;
        if is_free {
            self.device.store(device, Ordering::Relaxed);
            self.inode.store(inode, Ordering::Relaxed);
            self.number.store(number, Ordering::Relaxed);
        }
        is_free
    }

    /// Closes it in a fork, which has one thread, so no order is needed. Once: in a fork of the fork the number may be another file's.
    fn close(&self) {
        let number = self.number.swap(-1, Ordering::Relaxed);
        let own = (self.device.load(Ordering::Relaxed), self.inode.load(Ordering::Relaxed));
        if number >= 0 && identity(number) == Some(own) {
            // SAFETY: a descriptor that only a thread of the parent uses, which is not in the child.
            unsafe { libc::close(number) };
        }
    }
}

/// Returns the identity of an open file.
fn identity(number: i32) -> Option<(u64, u64)> {
    // SAFETY: a `stat` of zeros is a valid value.
    let mut stat: libc::stat = unsafe { std::mem::zeroed() };
    // SAFETY: `stat` is a place for the answer.
    let answer = unsafe { libc::fstat(number, &raw mut stat) };
    #[allow(clippy::unnecessary_cast, reason = "the types differ between systems")]
    (answer == 0).then_some((stat.st_dev as u64, stat.st_ino as u64))
}

/// Closes a fork's copy of a socket that a thread of ours listens at. What the parent listens at would otherwise be busy as long as
/// the fork lives, with no thread there that answers. One call after the other.
#[cfg_attr(not(feature = "serve"), allow(dead_code, reason = "there is no server"))]
pub(crate) fn close_in_forks(socket: &impl AsRawFd) {
    let _taken = SOCKETS.iter().any(|place| place.take(socket.as_raw_fd()));
}

/// Installs `forks`, which are called around each fork of the process. The first wins.
pub(crate) fn watch_forks(forks: Forks) {
    static FORKS: OnceLock<Forks> = OnceLock::new();
    static ONCE: Once = Once::new();

    extern "C" fn before() {
        FORKING.store(process(), Ordering::Relaxed);
        // A daemon that forks goes on to be the one that reports.
        if is_orphan() {
            OWNER.store(process(), Ordering::Relaxed);
            OWNERS_SESSION.store(session(), Ordering::Relaxed);
        }
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
        PARENT.store(FORKING.load(Ordering::Relaxed), Ordering::Relaxed);
        IS_INHERITED.store(true, Ordering::Relaxed);
        SOCKETS.iter().for_each(Socket::close);
        if let Some(forks) = FORKS.get() {
            (forks.begin)();
        }
        in_parent();
    }

    FORKS.get_or_init(|| forks);
    ONCE.call_once(|| {
        // SAFETY: functions for the whole life of the process that do not unwind.
        unsafe { libc::pthread_atfork(Some(before), Some(in_parent), Some(in_child)) };
    });
}
