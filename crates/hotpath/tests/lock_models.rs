//! Instrumented locks do what the originals do: the same random operations have the same results.
//!
//! Each model is written once and run twice, with the types of the library and with those of `hotpath::wrap`.
#![cfg(all(feature = "hotpath", not(feature = "hotpath-off")))]

mod common;

use std::{
    fmt::Debug,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::TryLockError,
};

use proptest::prelude::*;

#[derive(Clone, Copy, Debug)]
enum Step {
    /// Take it for writing, if that does not block for ever.
    Write(u8),
    Read,
    TryWrite(u8),
    TryRead,
    /// Turn a guard into one of another sort.
    Turn,
    Release,
    /// Panic while it is held for writing.
    Panic,
    ClearPoison,
    GetMut,
    Show,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        3 => any::<u8>().prop_map(Step::Write),
        3 => Just(Step::Read),
        2 => any::<u8>().prop_map(Step::TryWrite),
        2 => Just(Step::TryRead),
        2 => Just(Step::Turn),
        4 => Just(Step::Release),
        1 => Just(Step::Panic),
        1 => Just(Step::ClearPoison),
        1 => Just(Step::GetMut),
        1 => Just(Step::Show),
    ];
    proptest::collection::vec(step, 0..60)
}

/// Runs `hold` and panics inside, as far as the one who calls this can tell.
fn panics(hold: impl FnOnce()) -> bool {
    catch_unwind(AssertUnwindSafe(hold)).is_err()
}

fn panic_quietly() {
    resume_unwind(Box::new("while it is held"));
}

/// What a guard shows, or why there is none.
fn shown<G: Debug>(result: &Result<G, TryLockError<G>>) -> String {
    match result {
        Ok(guard) => format!("{guard:?}"),
        Err(TryLockError::Poisoned(poisoned)) => format!("{:?} {poisoned}", poisoned.get_ref()),
        Err(TryLockError::WouldBlock) => "would block".to_owned(),
    }
}

macro_rules! std_mutex {
    ($name:ident, $($path:ident)::+) => {
        fn $name(steps: &[Step]) -> Vec<String> {
            let (mut lock, mut said, mut at) = ($($path)::+::Mutex::new(0_u8), Vec::new(), 0);
            while at < steps.len() {
                let mut held = None;
                while let Some(step) = steps.get(at) {
                    at += 1;
                    match *step {
                        Step::Write(value) if held.is_none() => {
                            let result = lock.lock().map_err(TryLockError::from);
                            said.push(shown(&result));
                            let mut guard = result.or_else(|error| match error {
                                TryLockError::Poisoned(poisoned) => Ok(poisoned.into_inner()),
                                TryLockError::WouldBlock => Err(()),
                            }).expect("it was free");
                            *guard = value;
                            held = Some(guard);
                        }
                        Step::Write(value) | Step::TryWrite(value) => {
                            let mut result = lock.try_lock();
                            said.push(shown(&result));
                            if let Ok(guard) = &mut result {
                                **guard = value;
                            }
                        }
                        Step::Panic if held.is_none() => said.push(panics(|| {
                            let _guard = lock.lock();
                            panic_quietly();
                        }).to_string()),
                        Step::ClearPoison => {
                            said.push(lock.is_poisoned().to_string());
                            lock.clear_poison();
                        }
                        Step::GetMut => break,
                        Step::Show => said.push(format!("{lock:?}")),
                        _ => held = None,
                    }
                }
                drop(held);
                said.push(format!("{:?}", lock.get_mut()));
            }
            said.push(format!("{:?}", lock.into_inner()));
            said
        }
    };
}

std_mutex!(std_mutex_original, std::sync);
std_mutex!(std_mutex_watched, hotpath::wrap::std::sync);

macro_rules! std_rw_lock {
    ($name:ident, $($path:ident)::+) => {
        fn $name(steps: &[Step]) -> Vec<String> {
            let (mut lock, mut said, mut at) = ($($path)::+::RwLock::new(0_u8), Vec::new(), 0);
            while at < steps.len() {
                let (mut writing, mut reading) = (None, Vec::new());
                while let Some(step) = steps.get(at) {
                    at += 1;
                    match *step {
                        Step::Write(value) if writing.is_none() && reading.is_empty() => {
                            let mut guard = match lock.write() {
                                Ok(guard) => guard,
                                Err(poisoned) => {
                                    said.push(poisoned.to_string());
                                    poisoned.into_inner()
                                }
                            };
                            said.push(format!("{guard:?}"));
                            *guard = value;
                            writing = Some(guard);
                        }
                        Step::Read if writing.is_none() => match lock.read() {
                            Ok(guard) => {
                                said.push(format!("{guard:?}"));
                                reading.push(guard);
                            }
                            Err(poisoned) => said.push(format!("{poisoned} {:?}", poisoned.get_ref())),
                        },
                        Step::Write(value) | Step::TryWrite(value) => {
                            let mut result = lock.try_write();
                            said.push(shown(&result));
                            if let Ok(guard) = &mut result {
                                **guard = value;
                            }
                        }
                        Step::Read | Step::TryRead => {
                            let result = lock.try_read();
                            said.push(shown(&result));
                            reading.extend(result.ok());
                        }
                        Step::Panic if writing.is_none() && reading.is_empty() => said.push(panics(|| {
                            let _guard = lock.write();
                            panic_quietly();
                        }).to_string()),
                        Step::ClearPoison => {
                            said.push(lock.is_poisoned().to_string());
                            lock.clear_poison();
                        }
                        Step::GetMut => break,
                        Step::Show => said.push(format!("{lock:?}")),
                        _ => {
                            writing = None;
                            drop(reading.pop());
                        }
                    }
                }
                drop((writing, reading));
                said.push(format!("{:?}", lock.get_mut()));
            }
            said.push(format!("{:?}", lock.into_inner()));
            said
        }
    };
}

std_rw_lock!(std_rw_lock_original, std::sync);
std_rw_lock!(std_rw_lock_watched, hotpath::wrap::std::sync);

proptest! {
    #[test]
    fn std_locks(steps in steps()) {
        let _session = common::session();
        prop_assert_eq!(std_mutex_original(&steps), std_mutex_watched(&steps));
        prop_assert_eq!(std_rw_lock_original(&steps), std_rw_lock_watched(&steps));
    }
}

#[cfg(feature = "parking_lot")]
mod parking_lot {
    use super::*;
    use std::time::Duration;

    macro_rules! mutex {
        ($name:ident, $($path:ident)::+) => {
            fn $name(steps: &[Step]) -> Vec<String> {
                use ::$($path)::+::{MappedMutexGuard, Mutex, MutexGuard};
                let (mut lock, mut said, mut at) = (Mutex::new((0_u8, 1_u8)), Vec::new(), 0);
                while at < steps.len() {
                    let (mut held, mut mapped) = (None, None);
                    while let Some(step) = steps.get(at) {
                        at += 1;
                        match *step {
                            Step::Write(value) if !lock.is_locked() => {
                                let mut guard = lock.lock();
                                said.push(format!("{guard:?}"));
                                guard.0 = value;
                                held = Some(guard);
                            }
                            Step::Write(value) | Step::TryWrite(value) => {
                                let timeout = Duration::from_micros(value.into());
                                said.push(format!("{:?}", lock.try_lock_for(timeout)));
                                if let Some(mut guard) = lock.try_lock() {
                                    guard.1 = value;
                                    MutexGuard::bump(&mut guard);
                                    MutexGuard::unlock_fair(guard);
                                }
                            }
                            Step::Turn => {
                                if let Some(guard) = mapped.take() {
                                    said.push(format!("{:?}", MappedMutexGuard::try_map(guard, |_| None::<&mut u8>)));
                                } else if let Some(mut guard) = held.take() {
                                    let inside = MutexGuard::unlocked(&mut guard, || format!("{:?}", lock.try_lock()));
                                    said.push(inside);
                                    mapped = Some(MutexGuard::map(guard, |pair| &mut pair.1));
                                }
                            }
                            Step::Panic if !lock.is_locked() => said.push(panics(|| {
                                let _guard = lock.lock();
                                panic_quietly();
                            }).to_string()),
                            Step::GetMut => break,
                            Step::Show => said.push(format!("{lock:?} {mapped:?}")),
                            _ => (held, mapped) = (None, None),
                        }
                    }
                    drop((held, mapped));
                    said.push(lock.is_locked().to_string());
                    said.push(format!("{:?}", lock.get_mut()));
                }
                said.push(format!("{:?}", lock.into_inner()));
                said
            }
        };
    }

    mutex!(mutex_original, parking_lot);
    mutex!(mutex_watched, hotpath::wrap::parking_lot);

    macro_rules! rw_lock {
        ($name:ident, $($path:ident)::+) => {
            fn $name(steps: &[Step]) -> Vec<String> {
                use ::$($path)::+::{RwLock, RwLockUpgradableReadGuard, RwLockWriteGuard};
                let (mut lock, mut said, mut at) = (RwLock::new(0_u8), Vec::new(), 0);
                while at < steps.len() {
                    let (mut writing, mut reading, mut upgradable) = (None, Vec::new(), None);
                    while let Some(step) = steps.get(at) {
                        at += 1;
                        match *step {
                            Step::Write(value) if !lock.is_locked() => {
                                let mut guard = lock.write();
                                *guard = value;
                                writing = Some(guard);
                            }
                            Step::Read if !lock.is_locked_exclusive() => reading.push(lock.read()),
                            Step::Write(value) | Step::TryWrite(value) => {
                                let mut result = lock.try_write();
                                said.push(format!("{result:?}"));
                                if let Some(guard) = &mut result {
                                    **guard = value;
                                }
                            }
                            Step::Read => {
                                reading.extend(lock.try_read_for(Duration::from_micros(1)));
                                reading.extend(lock.try_read_recursive());
                            }
                            Step::TryRead => {
                                let result = lock.try_upgradable_read();
                                said.push(format!("{result:?}"));
                                upgradable = upgradable.or(result);
                            }
                            Step::Turn => {
                                if let Some(guard) = upgradable.take() {
                                    match RwLockUpgradableReadGuard::try_upgrade(guard) {
                                        Ok(guard) => writing = Some(guard),
                                        Err(mut guard) => {
                                            said.push(format!("{:?}", guard.try_with_upgraded(|value| *value += 1)));
                                            reading.push(RwLockUpgradableReadGuard::downgrade(guard));
                                        }
                                    }
                                } else if let Some(guard) = writing.take() {
                                    let mut guard = RwLockWriteGuard::downgrade_to_upgradable(guard);
                                    guard.with_upgraded(|value| *value = value.wrapping_add(1));
                                    let guard = RwLockUpgradableReadGuard::upgrade(guard);
                                    reading.push(RwLockWriteGuard::downgrade(guard));
                                }
                            }
                            Step::GetMut => break,
                            Step::Show => said.push(format!("{lock:?} {} {reading:?}", lock.is_locked_exclusive())),
                            _ => {
                                (writing, upgradable) = (None, None);
                                drop(reading.pop());
                            }
                        }
                    }
                    drop((writing, reading, upgradable));
                    said.push(lock.is_locked().to_string());
                    said.push(format!("{:?}", lock.get_mut()));
                }
                said.push(format!("{:?}", lock.into_inner()));
                said
            }
        };
    }

    rw_lock!(rw_lock_original, parking_lot);
    rw_lock!(rw_lock_watched, hotpath::wrap::parking_lot);

    proptest! {
        #[test]
        fn locks(steps in steps()) {
            let _session = common::session();
            prop_assert_eq!(mutex_original(&steps), mutex_watched(&steps));
            prop_assert_eq!(rw_lock_original(&steps), rw_lock_watched(&steps));
        }
    }
}

#[cfg(any(feature = "tokio", feature = "async-lock"))]
fn poll_once<F: std::future::Future>(future: F) -> Option<F::Output> {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match std::pin::pin!(future).poll(&mut context) {
        std::task::Poll::Ready(value) => Some(value),
        std::task::Poll::Pending => None,
    }
}

#[cfg(feature = "tokio")]
mod tokio {
    use super::*;
    use std::sync::Arc;

    macro_rules! mutex {
        ($name:ident, $($path:ident)::+) => {
            fn $name(steps: &[Step]) -> Vec<String> {
                use ::$($path)::+::{Mutex, MutexGuard, OwnedMutexGuard};
                let (lock, mut said) = (Arc::new(Mutex::new((0_u8, 1_u8))), Vec::new());
                let (mut held, mut mapped, mut owned, mut part) = (None, None, None, None);
                for step in steps.iter().copied() {
                    match step {
                        Step::Write(value) => {
                            let mut guard = poll_once(lock.lock());
                            said.push(format!("{guard:?}"));
                            if let Some(guard) = &mut guard {
                                guard.0 = value;
                            }
                            held = held.or(guard);
                        }
                        Step::Read => {
                            let guard = poll_once(Arc::clone(&lock).lock_owned());
                            said.push(format!("{guard:?} {}", Arc::strong_count(&lock)));
                            owned = owned.or(guard);
                        }
                        Step::TryWrite(value) => match lock.try_lock() {
                            Ok(mut guard) => guard.1 = value,
                            Err(error) => said.push(error.to_string()),
                        },
                        Step::TryRead => owned = owned.or(Arc::clone(&lock).try_lock_owned().ok()),
                        Step::Turn => {
                            if let Some(guard) = held.take() {
                                said.push(std::ptr::eq(MutexGuard::mutex(&guard), &*lock).to_string());
                                mapped = Some(MutexGuard::map(guard, |pair| &mut pair.1));
                            } else if let Some(guard) = owned.take() {
                                said.push(Arc::ptr_eq(OwnedMutexGuard::mutex(&guard), &lock).to_string());
                                part = OwnedMutexGuard::try_map(guard, |pair| Some(&mut pair.0)).ok();
                            }
                        }
                        Step::Panic if lock.try_lock().is_ok() => said.push(panics(|| {
                            let _guard = lock.try_lock();
                            panic_quietly();
                        }).to_string()),
                        Step::Show => said.push(format!("{lock:?} {mapped:?} {part:?}")),
                        _ => (held, mapped, owned, part) = (None, None, None, None),
                    }
                }
                drop((held, mapped, owned, part));
                let lock = Arc::into_inner(lock).expect("no guard has a share any more");
                said.push(format!("{:?}", lock.into_inner()));
                said
            }
        };
    }

    mutex!(mutex_original, tokio::sync);
    mutex!(mutex_watched, hotpath::wrap::tokio::sync);

    macro_rules! rw_lock {
        ($name:ident, $($path:ident)::+) => {
            fn $name(steps: &[Step]) -> Vec<String> {
                use ::$($path)::+::{OwnedRwLockWriteGuard, RwLock, RwLockReadGuard};
                let (lock, mut said) = (Arc::new(RwLock::with_max_readers((0_u8, 1_u8), 3)), Vec::new());
                let (mut writing, mut reading, mut owned, mut parts) = (None, Vec::new(), None, Vec::new());
                for step in steps.iter().copied() {
                    match step {
                        Step::Write(value) => {
                            let mut guard = poll_once(lock.write());
                            said.push(format!("{guard:?}"));
                            if let Some(guard) = &mut guard {
                                guard.0 = value;
                            }
                            writing = writing.or(guard);
                        }
                        Step::Read => {
                            let guard = poll_once(lock.read());
                            said.push(format!("{guard:?}"));
                            reading.extend(guard);
                        }
                        Step::TryWrite(value) => {
                            if let Some(mut guard) = poll_once(Arc::clone(&lock).write_owned()) {
                                guard.1 = value;
                                owned = Some(guard);
                            }
                        }
                        Step::TryRead => match Arc::clone(&lock).try_read_owned() {
                            Ok(guard) => parts.push(guard),
                            Err(error) => said.push(error.to_string()),
                        },
                        Step::Turn => {
                            if let Some(guard) = writing.take() {
                                reading.push(guard.downgrade());
                            } else if let Some(guard) = owned.take() {
                                match OwnedRwLockWriteGuard::try_downgrade_map(guard, |_| None::<&(u8, u8)>) {
                                    Ok(_) => said.push("never".to_owned()),
                                    Err(guard) => parts.push(guard.downgrade()),
                                }
                            } else if let Some(guard) = reading.pop() {
                                said.push(format!("{:?}", RwLockReadGuard::map(guard, |pair| &pair.0)));
                            }
                        }
                        Step::Show => said.push(format!("{lock:?} {parts:?}")),
                        _ => {
                            (writing, owned) = (None, None);
                            drop((reading.pop(), parts.pop()));
                        }
                    }
                }
                drop((writing, reading, owned, parts));
                let lock = Arc::into_inner(lock).expect("no guard has a share any more");
                said.push(format!("{:?}", lock.into_inner()));
                said
            }
        };
    }

    rw_lock!(rw_lock_original, tokio::sync);
    rw_lock!(rw_lock_watched, hotpath::wrap::tokio::sync);

    proptest! {
        #[test]
        fn locks(steps in steps()) {
            let _session = common::session();
            prop_assert_eq!(mutex_original(&steps), mutex_watched(&steps));
            prop_assert_eq!(rw_lock_original(&steps), rw_lock_watched(&steps));
        }
    }
}

#[cfg(feature = "async-lock")]
mod async_lock {
    use super::*;
    use std::sync::Arc;

    macro_rules! locks {
        ($name:ident, $($path:ident)::+) => {
            fn $name(steps: &[Step]) -> Vec<String> {
                use ::$($path)::+::{Mutex, RwLock, RwLockUpgradableReadGuard, RwLockWriteGuard};
                let (mutex, lock, mut said) = (Arc::new(Mutex::new(0_u8)), Arc::new(RwLock::new(0_u8)), Vec::new());
                let (mut held, mut owned, mut upgradable) = (None, None, None);
                let (mut writing, mut reading) = (None, Vec::new());
                for step in steps.iter().copied() {
                    match step {
                        Step::Write(value) => {
                            let mut guard = poll_once(mutex.lock());
                            said.push(format!("{guard:?}"));
                            if let Some(guard) = &mut guard {
                                **guard = value;
                            }
                            held = held.or(guard);
                            writing = writing.or(lock.try_write());
                            said.push(format!("{writing:?}"));
                        }
                        Step::Read => {
                            owned = owned.or(poll_once(mutex.lock_arc()));
                            said.push(format!("{owned:?} {}", Arc::strong_count(&mutex)));
                            reading.extend(poll_once(lock.read()));
                        }
                        Step::TryWrite(value) => {
                            if let Some(mut guard) = lock.try_write_arc() {
                                *guard = value;
                            }
                            said.push(format!("{:?}", mutex.try_lock_arc()));
                        }
                        Step::TryRead => {
                            upgradable = upgradable.or(lock.try_upgradable_read());
                            said.push(format!("{upgradable:?} {:?}", lock.try_read_arc()));
                        }
                        Step::Turn => {
                            if let Some(guard) = upgradable.take() {
                                match RwLockUpgradableReadGuard::try_upgrade(guard) {
                                    Ok(guard) => writing = Some(guard),
                                    Err(guard) => reading.push(RwLockUpgradableReadGuard::downgrade(guard)),
                                }
                            } else if let Some(guard) = writing.take() {
                                upgradable = Some(RwLockWriteGuard::downgrade_to_upgradable(guard));
                            }
                        }
                        Step::Show => said.push(format!("{mutex:?} {lock:?}")),
                        _ => {
                            (held, owned, upgradable, writing) = (None, None, None, None);
                            drop(reading.pop());
                        }
                    }
                }
                drop((held, owned, upgradable, writing, reading));
                said.push(format!("{:?}", Arc::into_inner(mutex).map(Mutex::into_inner)));
                said.push(format!("{:?}", Arc::into_inner(lock).map(RwLock::into_inner)));
                said
            }
        };
    }

    locks!(original, async_lock);
    locks!(watched, hotpath::wrap::async_lock);

    proptest! {
        #[test]
        fn locks(steps in steps()) {
            let _session = common::session();
            prop_assert_eq!(original(&steps), watched(&steps));
        }
    }
}
