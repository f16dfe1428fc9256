//! Linux: for each thread a timer on its CPU clock that sends SIGPROF to that thread.
//!
//! What must stay true:
//! - **The program is left alone.** The clock stands still while a thread waits, so a thread that is blocked gets no signal. One
//!   that is interrupted on its way into a system call goes on with it (`SA_RESTART`). `errno` stays as it was.
//! - **Another SIGPROF is respected.** Nothing starts while the signal has another handler, and [`is_ours`] finds
//!   one that is installed later. A SIGPROF that no timer of ours sent does what it would do without us: it ends the process.
//! - **The handler stays installed** when sampling ends: a signal may still be on its way, and its default action would end the
//!   process. `exec` gives the default back; timers go with the process that made them, so a fork has none.
//! - The kernel checks these timers when its own clock ticks, 100 to 1,000 times a second. What expired meanwhile is the signal's
//!   overrun, and counts.

use std::{io, sync::OnceLock, time::Duration};

use super::{ArmError, OnSample, Registers, ThreadTime};

/// The interval of polls for new threads that measure nothing themselves.
pub(crate) const POLL_INTERVAL: Duration = Duration::from_millis(100);

/// The `si_code` of a timer's signal. Not libc's, whose older versions lack it, and programs have those in their lock files.
const SI_TIMER: libc::c_int = if cfg!(any(target_arch = "mips", target_arch = "mips64")) { -3 } else { -2 };

/// Marks the value that a timer of ours carries, beside the number of a slot.
const MAGIC: usize = 0x6_8703 << SLOT_BITS;
const SLOT_BITS: u32 = 12;

const _: () = assert!(super::MAX_THREADS <= 1 << SLOT_BITS);

static ON_SAMPLE: OnceLock<OnSample> = OnceLock::new();

/// Installs the signal handler, which passes samples to `on_sample`. The first wins.
///
/// # Errors
///
/// When the program handles or ignores SIGPROF itself, or the system refuses the handler.
pub(crate) fn install(on_sample: OnSample) -> Result<(), &'static str> {
    ON_SAMPLE.get_or_init(|| on_sample);
    match current() {
        Some(handler) if handler == ours() => return Ok(()),
        Some(libc::SIG_DFL) => {}
        Some(libc::SIG_IGN) => return Err("the program ignores SIGPROF"),
        _ => return Err("the program has a SIGPROF handler of its own"),
    }
    // SAFETY: a sigaction of zeros is a valid value: no flags, an empty mask.
    let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
    action.sa_sigaction = ours();
    action.sa_flags = libc::SA_RESTART | libc::SA_SIGINFO | libc::SA_ONSTACK;
    // SAFETY: `handle` is async-signal-safe, takes what SA_SIGINFO gives, and lives as long as the process.
    let answer = unsafe { libc::sigaction(libc::SIGPROF, &raw const action, std::ptr::null_mut()) };
    if answer == 0 { Ok(()) } else { Err("the system refuses a SIGPROF handler") }
}

/// Returns true if the signal still has our handler.
pub(crate) fn is_ours() -> bool {
    current() == Some(ours())
}

fn ours() -> libc::sighandler_t {
    handle as *const () as libc::sighandler_t
}

fn current() -> Option<libc::sighandler_t> {
    // SAFETY: a sigaction of zeros is a valid value.
    let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
    // SAFETY: asks only; the answer goes into `action`.
    let answer = unsafe { libc::sigaction(libc::SIGPROF, std::ptr::null(), &raw mut action) };
    (answer == 0).then_some(action.sa_sigaction)
}

/// A running timer, deleted when this is dropped.
#[derive(Debug)]
pub(crate) struct Timer(libc::timer_t);

// SAFETY: a timer belongs to the process, and any of its threads may ask or delete it.
unsafe impl Send for Timer {}

/// Starts to sample the thread, once every `period` of its CPU time.
///
/// # Errors
///
/// When the thread has ended, or the system refuses a timer.
pub(crate) fn arm(thread: u32, slot: usize, period: Duration) -> Result<Timer, ArmError> {
    let tid = libc::pid_t::try_from(thread).map_err(|_| ArmError::Gone)?;
    // SAFETY: a sigevent of zeros is a valid value.
    let mut event: libc::sigevent = unsafe { std::mem::zeroed() };
    event.sigev_notify = libc::SIGEV_THREAD_ID;
    event.sigev_signo = libc::SIGPROF;
    event.sigev_notify_thread_id = tid;
    event.sigev_value = libc::sigval { sival_ptr: std::ptr::without_provenance_mut(MAGIC | slot) };
    // SAFETY: a place for the answer.
    let mut timer: libc::timer_t = unsafe { std::mem::zeroed() };
    // SAFETY: `event` is complete, and `timer` is a place for the answer.
    if unsafe { libc::timer_create(clock_of(tid), &raw mut event, &raw mut timer) } != 0 {
        return Err(not_armed());
    }
    let timer = Timer(timer);
    let period = libc::timespec {
        tv_sec: period.as_secs() as libc::time_t,
        tv_nsec: period.subsec_nanos() as libc::c_long,
    };
    let times = libc::itimerspec { it_interval: period, it_value: period };
    // SAFETY: the timer exists, and `times` is complete.
    match unsafe { libc::timer_settime(timer.0, 0, &raw const times, std::ptr::null_mut()) } {
        0 => Ok(timer),
        _ => Err(not_armed()),
    }
}

fn not_armed() -> ArmError {
    let error = io::Error::last_os_error();
    match error.raw_os_error() {
        Some(libc::EINVAL | libc::ESRCH) => ArmError::Gone,
        _ => ArmError::Refused(error),
    }
}

impl Timer {
    /// Returns true while its thread lives: another thread with the same id has another clock.
    pub(crate) fn is_running(&self) -> bool {
        let zero = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        let mut left = libc::itimerspec { it_interval: zero, it_value: zero };
        // SAFETY: the timer exists, and `left` is a place for the answer.
        let is_known = unsafe { libc::timer_gettime(self.0, &raw mut left) } == 0;
        is_known && (left.it_value.tv_sec, left.it_value.tv_nsec) != (0, 0)
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        // SAFETY: the timer exists, and is deleted only here.
        unsafe { libc::timer_delete(self.0) };
    }
}

/// Lists the threads of the process.
///
/// # Errors
///
/// When `/proc` cannot be read.
pub(crate) fn threads() -> io::Result<Vec<ThreadTime>> {
    let mut threads = Vec::new();
    for entry in std::fs::read_dir("/proc/self/task")? {
        let number = entry?.file_name().to_str().and_then(|name| name.parse().ok());
        threads.extend(number.map(|thread| ThreadTime { thread, cpu_ns: None }));
    }
    Ok(threads)
}

/// Returns the CPU clock of a thread of this process: `CPUCLOCK_PERTHREAD_MASK | CPUCLOCK_SCHED` beside its inverted number, as
/// `pthread_getcpuclockid` makes it too.
fn clock_of(tid: libc::pid_t) -> libc::clockid_t {
    (!tid << 3) | 4 | 2
}

/// The information that the kernel passes with the signal of a timer. The library's own type has no name for the overrun.
#[repr(C)]
struct TimerInfo {
    _signal: libc::c_int,
    _errno: libc::c_int,
    _code: libc::c_int,
    #[cfg(target_pointer_width = "64")]
    _gap: libc::c_int,
    _timer: libc::c_int,
    overrun: libc::c_int,
    value: usize,
}

/// Handles SIGPROF. Async-signal-safe.
extern "C" fn handle(signal: libc::c_int, info: *mut libc::siginfo_t, context: *mut libc::c_void) {
    // SAFETY: takes nothing; the place belongs to this thread.
    let errno_place = unsafe { libc::__errno_location() };
    // SAFETY: this thread's errno.
    let errno = unsafe { *errno_place };
    // SAFETY: the kernel gives a complete siginfo with SA_SIGINFO.
    let is_timer = unsafe { (*info).si_code } == SI_TIMER;
    // SAFETY: with that code the kernel has written a timer's fields; a siginfo is larger than they are.
    let info = is_timer.then(|| unsafe { &*info.cast::<TimerInfo>() });
    match info.filter(|info| info.value >> SLOT_BITS == MAGIC >> SLOT_BITS) {
        Some(info) => {
            let weight = 1 + u64::try_from(info.overrun).unwrap_or(0);
            // SAFETY: takes nothing and cannot fail.
            let me = unsafe { libc::gettid() } as u32;
            if let Some(on_sample) = ON_SAMPLE.get() {
                on_sample(info.value & ((1 << SLOT_BITS) - 1), me, weight, registers(context));
            }
        }
        None => let_through(signal),
    }
    // SAFETY: this thread's errno.
    unsafe { *errno_place = errno };
}

/// Lets a signal that is not ours do what it would have done without us.
fn let_through(signal: libc::c_int) {
    // SAFETY: a sigaction of zeros is a valid value: the default action.
    let action: libc::sigaction = unsafe { std::mem::zeroed() };
    // SAFETY: the default action is always allowed.
    unsafe { libc::sigaction(signal, &raw const action, std::ptr::null_mut()) };
    // SAFETY: called by the handler, where the signal is blocked: it takes effect on return.
    unsafe { libc::raise(signal) };
}

#[cfg(target_arch = "x86_64")]
fn registers(context: *mut libc::c_void) -> Option<Registers> {
    // SAFETY: null, or with SA_SIGINFO the registers of this thread as the signal found them.
    let context = unsafe { context.cast::<libc::ucontext_t>().as_ref() }?;
    let register = |number: libc::c_int| context.uc_mcontext.gregs[number as usize] as usize;
    Some(Registers { pc: register(libc::REG_RIP), fp: register(libc::REG_RBP), sp: register(libc::REG_RSP) })
}

#[cfg(target_arch = "aarch64")]
fn registers(context: *mut libc::c_void) -> Option<Registers> {
    // SAFETY: null, or with SA_SIGINFO the registers of this thread as the signal found them.
    let context = unsafe { context.cast::<libc::ucontext_t>().as_ref() }?;
    let machine = &context.uc_mcontext;
    Some(Registers { pc: machine.pc as usize, fp: machine.regs[29] as usize, sp: machine.sp as usize })
}

/// Returns `None`: registers are unknown on this architecture, so there are no native stacks.
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn registers(_: *mut libc::c_void) -> Option<Registers> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_magic_number_and_a_slot_share_32_bits() {
        assert!(u32::try_from(MAGIC).is_ok_and(|magic| magic >> SLOT_BITS != 0));
    }

    #[test]
    fn a_timer_is_running_while_its_thread_is() {
        let (sender, receiver) = std::sync::mpsc::channel();
        let (end, wait) = std::sync::mpsc::channel::<()>();
        let thread = std::thread::spawn(move || {
            // SAFETY: takes nothing and cannot fail.
            sender.send(unsafe { libc::gettid() } as u32).expect("it is received");
            let _ended = wait.recv();
        });
        let tid = receiver.recv().expect("it is sent");
        // Too long to expire: no handler is needed.
        let timer = arm(tid, 0, Duration::from_secs(3600)).expect("a timer");
        assert!(timer.is_running());
        assert!(threads().expect("a list of threads").iter().any(|seen| seen.thread == tid));
        end.send(()).expect("it waits");
        thread.join().expect("no panic");
        // The library's thread is gone a moment before the system's.
        while threads().expect("a list of threads").iter().any(|seen| seen.thread == tid) {
            std::thread::yield_now();
        }
        assert!(!timer.is_running());
        assert!(matches!(arm(tid, 0, Duration::from_secs(3600)), Err(ArmError::Gone)));
    }
}
