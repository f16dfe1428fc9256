//! Allocations in a fork: those of the threads that it does not have stay counted, and nothing reads in their storage.
#![cfg(all(unix, feature = "alloc"))]

use std::{ffi::c_int, sync::Barrier};

use hotpath_lane::allocations::{Span, allocated, begin_fork, freed, total};

// SAFETY: as the C library declares them.
unsafe extern "C" {
    fn fork() -> c_int;
    fn waitpid(process: c_int, status: *mut c_int, options: c_int) -> c_int;
    fn _exit(status: c_int) -> !;
}

fn token() -> u64 {
    1
}

/// Runs `work` in a fork. It neither allocates nor panics: another thread may have held a lock. Returns what it returned.
fn in_fork(work: impl FnOnce() -> u8) -> c_int {
    // SAFETY: the child calls `work` and ends.
    let process = unsafe { fork() };
    if process == 0 {
        let answer = work();
        // SAFETY: ends the child at once.
        unsafe { _exit(answer.into()) };
    }
    let mut status = 0;
    // SAFETY: waits for the child that was made above; `status` is a place for the answer.
    assert_eq!(unsafe { waitpid(process, &raw mut status, 0) }, process);
    status
}

#[test]
fn a_fork_counts_on_without_the_other_threads() {
    let barrier = Barrier::new(2);
    std::thread::scope(|scope| {
        let other = scope.spawn(|| {
            allocated(1000, token);
            barrier.wait();
            barrier.wait();
            allocated(5, token);
        });
        barrier.wait();
        allocated(100, token);
        freed(30, token);
        // As with a session in the parent, which is told of the fork.
        let told = in_fork(|| {
            begin_fork();
            allocated(1, token);
            let all = total();
            u8::from((all.bytes, all.count, all.freed) != (1101, 3, 30))
        });
        assert_eq!(told, 0);
        // As with the first session in the fork.
        let untold = in_fork(|| {
            let span = Span::begin();
            allocated(7, token);
            freed(2, token);
            let (all, here) = (span.read().all, span.read().here);
            u8::from((all.bytes, all.freed, here.bytes) != (7, 2, 7))
        });
        assert_eq!(untold, 0);
        let before = total();
        barrier.wait();
        other.join().expect("it ends");
        assert_eq!((before.bytes, total().bytes), (1100, 1105));
    });
}
