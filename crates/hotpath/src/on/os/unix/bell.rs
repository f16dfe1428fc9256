//! A semaphore that a signal handler may post and a thread waits for. It needs no descriptor, of which a program may close all.

pub(super) use system::Bell;

#[cfg(not(target_vendor = "apple"))]
mod system {
    use std::{cell::UnsafeCell, mem::MaybeUninit, time::Duration};

    /// A semaphore of POSIX.
    pub(in super::super) struct Bell(UnsafeCell<MaybeUninit<libc::sem_t>>);

    // SAFETY: a semaphore is made for being shared; `prepare` says when it may be called.
    unsafe impl Sync for Bell {}

    impl Bell {
        pub(in super::super) const fn new() -> Self {
            Self(UnsafeCell::new(MaybeUninit::uninit()))
        }

        /// Before anything else, once per process, and again in a fork; whether it can be used. Nobody else uses it meanwhile.
        pub(in super::super) fn prepare(&self) -> bool {
            // SAFETY: a place for a semaphore, which lives as long as the process.
            unsafe { libc::sem_init(self.0.get().cast(), 0, 0) == 0 }
        }

        /// Async-signal-safe.
        pub(in super::super) fn ring(&self) {
            // SAFETY: prepared, by the contract of `prepare`.
            unsafe { libc::sem_post(self.0.get().cast()) };
        }

        /// Waits until it rings.
        pub(in super::super) fn wait(&self) {
            // SAFETY: as above. A handler may interrupt it.
            while unsafe { libc::sem_wait(self.0.get().cast()) } != 0 {}
        }

        /// Waits at most for about `time`. Returns true if it rang.
        pub(in super::super) fn wait_for(&self, time: Duration) -> bool {
            let mut until = libc::timespec { tv_sec: 0, tv_nsec: 0 };
            // SAFETY: a place for the answer; the clock is always there.
            unsafe { libc::clock_gettime(libc::CLOCK_REALTIME, &raw mut until) };
            let end = Duration::new(until.tv_sec as u64, until.tv_nsec as u32) + time;
            (until.tv_sec, until.tv_nsec) = (end.as_secs() as _, end.subsec_nanos() as _);
            loop {
                // SAFETY: as above; reads `until`.
                if unsafe { libc::sem_timedwait(self.0.get().cast(), &raw const until) } == 0 {
                    return true;
                }
                if super::super::errno() != libc::EINTR {
                    return false;
                }
            }
        }
    }
}

/// Not run here: written against the documentation. Apple's systems have no unnamed semaphores of POSIX.
#[cfg(target_vendor = "apple")]
mod system {
    use std::{
        sync::atomic::{AtomicU32, Ordering},
        time::Duration,
    };

    #[repr(C)]
    struct Time {
        seconds: u32,
        nanoseconds: i32,
    }

    unsafe extern "C" {
        static mach_task_self_: u32;
        fn semaphore_create(task: u32, semaphore: *mut u32, policy: i32, value: i32) -> i32;
        fn semaphore_signal(semaphore: u32) -> i32;
        fn semaphore_wait(semaphore: u32) -> i32;
        fn semaphore_timedwait(semaphore: u32, time: Time) -> i32;
    }

    /// The result of an interrupted wait.
    const ABORTED: i32 = 14;

    /// A semaphore of the kernel, by its name.
    pub(in super::super) struct Bell(AtomicU32);

    impl Bell {
        pub(in super::super) const fn new() -> Self {
            Self(AtomicU32::new(0))
        }

        /// Before anything else, once per process, and again in a fork; whether it can be used.
        pub(in super::super) fn prepare(&self) -> bool {
            let mut semaphore = 0;
            // SAFETY: `semaphore` is a place for the name.
            let answer = unsafe { semaphore_create(mach_task_self_, &raw mut semaphore, 0, 0) };
            self.0.store(semaphore, Ordering::Release); // pairs with the Acquire in `name`
            answer == 0
        }

        fn name(&self) -> u32 {
            self.0.load(Ordering::Acquire)
        }

        /// Async-signal-safe: one call of the kernel.
        pub(in super::super) fn ring(&self) {
            // SAFETY: a wrong name is an error and nothing more.
            unsafe { semaphore_signal(self.name()) };
        }

        /// Waits until it rings.
        pub(in super::super) fn wait(&self) {
            // SAFETY: as above.
            while unsafe { semaphore_wait(self.name()) } == ABORTED {}
        }

        /// Waits at most for `time`. Returns true if it rang.
        pub(in super::super) fn wait_for(&self, time: Duration) -> bool {
            let time = Time { seconds: time.as_secs() as u32, nanoseconds: time.subsec_nanos() as i32 };
            // SAFETY: as above.
            unsafe { semaphore_timedwait(self.name(), time) == 0 }
        }
    }
}
