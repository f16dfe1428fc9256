//! Which lane is this thread's: taken from the pool at its first hit, given back when it ends.

use std::{
    cell::Cell,
    ptr::null,
    sync::{
        Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use crate::{
    arena, clock,
    lane::Lane,
    memory,
    pool::{Entry, Pool},
};

pub(crate) static LANES: Pool<Lane> = Pool::new();

thread_local! {
    /// This thread's lane, for the fast path: null before the first recorded hit, after the thread's end, and always where the
    /// counter is not trusted. No destructor: it can be read to the very end of the thread, at the price of one load.
    static LANE: Cell<*const Lane> = const { Cell::new(null()) };
    /// Notices the end of the thread.
    static END: End = const { End { entry: Cell::new(null()), records: Cell::new(false), token: Cell::new(0) } };
    /// Set when the lane was given back: what the thread's last destructors measure goes to the shared lane.
    static ENDED: Cell<bool> = const { Cell::new(false) };
}

struct End {
    entry: Cell<*const Entry<Lane>>,
    /// Whether the thread records calls; one that only allocates does not.
    records: Cell<bool>,
    /// What names the thread; 0 if it was not known how to ask.
    token: Cell<u64>,
}

impl End {
    /// The thread's lane, if it has one.
    fn lane(&self) -> Option<&'static Lane> {
        // SAFETY: null, or the entry this thread took; entries are leaked.
        unsafe { self.entry.get().as_ref() }.map(|entry| &entry.value)
    }
}

impl Drop for End {
    fn drop(&mut self) {
        ENDED.set(true);
        LANE.set(null());
        memory::leave_thread();
        // SAFETY: null, or the entry this thread took; entries are leaked.
        if let Some(entry) = unsafe { self.entry.get().as_ref() } {
            if let Some(farewell) = FAREWELL.get() {
                let _quiet = memory::quiet();
                farewell(self.token.get());
            }
            entry.give_back();
        }
    }
}
/// The lane, if the fast path may be taken; else null.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn fast_lane() -> *const Lane {
    LANE.get()
}

/// The lane, if the thread has one.
pub(crate) fn known_lane() -> Option<&'static Lane> {
    END.try_with(End::lane).ok().flatten()
}

/// Whether `lane` is this thread's.
pub(crate) fn is_mine(lane: *const Lane) -> bool {
    END.try_with(|end| end.lane().is_some_and(|own| std::ptr::eq(own, lane))).unwrap_or(false)
}

/// The lane of a thread that records calls, taken from the pool if the thread has none yet. `None` when the thread is at its
/// end.
#[cold]
pub(crate) fn attach() -> Option<&'static Lane> {
    let lane = take_lane()?;
    let begin = |end: &End| {
        let is_first = !end.records.replace(true);
        if is_first {
            lane.begin_recording(end.token.get());
            if clock::counter_trusted() {
                LANE.set(lane);
            }
        }
        is_first
    };
    if END.try_with(begin).ok()?
        && let Some(greeting) = GREETING.get()
    {
        let _quiet = memory::quiet();
        greeting();
    }
    Some(lane)
}

/// The lane, taken from the pool if the thread has none yet. `None` when the thread is at its end.
#[cold]
pub(crate) fn take_lane() -> Option<&'static Lane> {
    if ENDED.get() {
        return None;
    }
    // The destructor is registered by this first access; if that is too late, the thread is ending.
    let take = |end: &End| {
        end.lane().or_else(|| {
            let _quiet = memory::quiet(); // some systems have to make a list of destructors
            let entry = LANES.take(fresh)?;
            end.entry.set(entry);
            end.token.set(token());
            entry.value.begin_owner(end.token.get());
            Some(&entry.value)
        })
    };
    END.try_with(take).ok().flatten()
}

fn fresh() -> Option<&'static mut Entry<Lane>> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    arena::leak(Entry::new(Lane::new(COUNT.fetch_add(1, Ordering::Relaxed))))
}

static TOKEN: OnceLock<fn() -> u64> = OnceLock::new();

/// Sets what names the calling thread (its number at the operating system, say). Asked once per thread. The first wins.
pub fn set_token(token: fn() -> u64) {
    let _ = TOKEN.set(token);
}

fn token() -> u64 {
    TOKEN.get().map_or(0, |token| token())
}

static GREETING: OnceLock<fn()> = OnceLock::new();
static FAREWELL: OnceLock<fn(u64)> = OnceLock::new();

/// Sets what runs on a thread that has taken its lane and is about to record its first call, once per thread. It may allocate
/// and measure. The first wins.
pub fn set_greeting(greeting: fn()) {
    let _ = GREETING.set(greeting);
}

/// Sets what runs on a thread with a lane at its end, with the token that named it, while the lane is still its own. It must not
/// unwind; what it measures goes where the thread's last destructors' calls go. The first wins.
pub fn set_farewell(farewell: fn(token: u64)) {
    let _ = FAREWELL.set(farewell);
}

/// How many lanes there are: the highest number of measuring threads alive at once.
#[must_use]
pub fn lanes() -> usize {
    LANES.iter().count()
}

/// How many lanes belong to a living thread.
#[must_use]
pub fn lanes_in_use() -> usize {
    LANES.iter().filter(|entry| entry.is_owned()).count()
}

/// This thread's lane, which no other thread takes over while this lives, also when this thread ends.
pub struct Pinned(&'static Entry<Lane>);

impl Pinned {
    /// Pins the lane of the calling thread; `None` when the thread is at its end.
    #[must_use]
    pub fn here() -> Option<Self> {
        attach()?;
        // SAFETY: null, or the entry this thread took; entries are leaked.
        let entry = END.try_with(|end| unsafe { end.entry.get().as_ref() }).ok().flatten()?;
        entry.pin();
        Some(Self(entry))
    }

    /// A name for the lane, which [`crate::read::LaneReading`] repeats.
    #[must_use]
    pub fn lane(&self) -> usize {
        std::ptr::from_ref(&self.0.value).addr()
    }
}

impl Drop for Pinned {
    fn drop(&mut self) {
        self.0.unpin();
    }
}

/// The lane of all threads that are past their end. One writer at a time: the holder of the lock.
pub(crate) fn shared() -> Option<MutexGuard<'static, &'static Lane>> {
    static SHARED: OnceLock<Option<Mutex<&'static Lane>>> = OnceLock::new();
    let shared = SHARED.get_or_init(|| {
        // Never given back to the pool, but readers meet it there like any other.
        let entry = LANES.take(fresh)?;
        entry.value.begin_owner(0);
        entry.value.begin_recording(0);
        Some(Mutex::new(&entry.value))
    });
    Some(shared.as_ref()?.lock().unwrap_or_else(PoisonError::into_inner))
}
