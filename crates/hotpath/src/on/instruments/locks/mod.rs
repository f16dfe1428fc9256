//! Mutexes and reader-writer locks: waits, holds, and the functions that held a lock while others waited.
//!
//! One core for all: [`Timed`] is a library's lock with a probe, [`TimedGuard`] a library's guard whose hold is recorded when the
//! lock is free again. The files of the libraries add the methods of each: one that has no comment does what the library's method
//! of that name does. `hotpath::wrap` has the aliases. A lock that `new` makes has the row of that call.
//!
//! Invariant: a wrapped lock does what the original does, in order, fairness, poisoning and panics. An acquisition is contended if
//! an attempt failed, where trying jumps no queue (see the files of the libraries), or, where the lock is a future, if a poll was
//! pending.

#![cfg_attr(
    not(all(feature = "tokio", feature = "parking_lot", feature = "async-lock")),
    allow(dead_code, reason = "which parts of the core are used depends on the libraries")
)]
#![allow(missing_docs, reason = "methods and types of the libraries have the meaning that they have there")]

#[cfg(feature = "async-lock")]
mod acquire;
mod guard;
#[cfg(any(feature = "tokio", feature = "parking_lot", feature = "parking_lot-0_13", feature = "async-lock"))]
mod owned;
mod probe;
mod rows;
mod timed;
mod wait;

#[cfg(feature = "async-lock")]
pub mod async_lock;
#[cfg(feature = "parking_lot")]
pub mod parking_lot;
#[cfg(feature = "parking_lot-0_13")]
#[cfg_attr(
    feature = "parking_lot",
    expect(clippy::duplicate_mod, reason = "two versions, whose types have nothing in common")
)]
pub mod parking_lot_0_13;
pub mod std;
#[cfg(feature = "tokio")]
pub mod tokio;

use super::{holders, lock_mode::LockMode};

pub use guard::TimedGuard;
pub use probe::LockProbe;
pub(crate) use rows::{MUTEXES, RW_LOCKS};
pub use timed::{IntoMutex, IntoRwLock, Timed};

/// Behind `mutex!`.
pub mod mutex {
    use super::{
        super::{call_site::CallSite, options::Options},
        IntoMutex, LockMode, Timed,
    };
    use crate::imp::kind::MUTEX;

    /// Makes the call site of the macro.
    pub const fn call_site(file: &'static str, line: u32, column: u32) -> CallSite {
        CallSite::new(MUTEX, LockMode::EVENT_KINDS, file, line, column)
    }

    /// Instruments a lock.
    #[track_caller]
    pub fn wrap<L: IntoMutex>(lock: L, call_site: &'static CallSite, options: Options<'_>) -> Timed<L::Raw> {
        Timed::at(lock.into_raw(), options.resource::<L::Value>(call_site))
    }
}

/// Behind `rw_lock!`.
pub mod rw_lock {
    use super::{
        super::{call_site::CallSite, options::Options},
        IntoRwLock, LockMode, Timed,
    };
    use crate::imp::kind::RW_LOCK;

    /// Makes the call site of the macro.
    pub const fn call_site(file: &'static str, line: u32, column: u32) -> CallSite {
        CallSite::new(RW_LOCK, 2 * LockMode::EVENT_KINDS, file, line, column)
    }

    /// Instruments a lock.
    #[track_caller]
    pub fn wrap<L: IntoRwLock>(lock: L, call_site: &'static CallSite, options: Options<'_>) -> Timed<L::Raw> {
        Timed::at(lock.into_raw(), options.resource::<L::Value>(call_site))
    }
}
