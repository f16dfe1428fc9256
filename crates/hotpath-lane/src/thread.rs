//! The lane of the calling thread: taken from the pool at its first hit, given back when the thread ends.

use std::{
    cell::Cell,
    ops::Deref,
    ptr::null,
    sync::{
        Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use crate::{
    arena, clock, inside,
    lane::Lane,
    memory,
    pool::{Entry, Pool},
};

pub(crate) static LANES: Pool<Lane> = Pool::new();

// Without destructors, except for `END`: readable at any moment of the thread's life, at the cost of one load.
thread_local! {
    /// This thread's lane, for the fast path: null before the first recorded hit, after the thread's end, and always if the counter is not
    /// trusted.
    static LANE: Cell<*const Lane> = const { Cell::new(null()) };
    /// The entry that this thread owns in the pool; null before and after.
    static ENTRY: Cell<*const Entry<Lane>> = const { Cell::new(null()) };
    /// The name of the thread, from [`set_token`]; 0 without one.
    static MY_TOKEN: Cell<u64> = const { Cell::new(0) };
    /// Set on threads that record calls, whose start hook has run. Threads that only allocate do not.
    static IS_RECORDING: Cell<bool> = const { Cell::new(false) };
    /// Set when the lane was given back: the thread's last destructors record in the shared lane.
    static ENDED: Cell<bool> = const { Cell::new(false) };
    /// Set while the thread holds the shared lane.
    static IS_HOLDING_SHARED: Cell<bool> = const { Cell::new(false) };
    /// Set if the thread's next hit runs the hook of [`set_next_hit`].
    static AWAITS_HIT: Cell<bool> = const { Cell::new(false) };
    /// Calls [`end`] at the thread's end, unless [`set_exit_notifier`] does: its first touch may allocate.
    static END: End = const { End };
}

struct End;

impl Drop for End {
    fn drop(&mut self) {
        end();
    }
}

static EXIT_NOTIFIER: OnceLock<fn() -> bool> = OnceLock::new();

/// Sets a function that arranges for [`end`] to run at the calling thread's end, and returns `true` if that worked. It must be
/// async-signal-safe. The first call wins. Without it, a thread-local's destructor calls `end`, whose registration may
/// allocate.
pub fn set_exit_notifier(notice: fn() -> bool) {
    let _ = EXIT_NOTIFIER.set(notice);
}

/// Gives the lane of the calling thread back: the thread ends. Further calls do nothing.
pub fn end() {
    if ENDED.replace(true) {
        return;
    }
    LANE.set(null());
    memory::set_counting_lane(null());
    // SAFETY: null, or the entry this thread took; entries are leaked.
    if let Some(entry) = unsafe { ENTRY.replace(null()).as_ref() } {
        if let Some(on_thread_exit) = ON_THREAD_EXIT.get() {
            let _untracked = memory::pause_tracking();
            on_thread_exit(MY_TOKEN.get());
        }
        entry.value.memory.move_out();
        entry.give_back();
    }
}

/// Returns the lane if the fast path may be taken, else null.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn fast_lane() -> *const Lane {
    LANE.get()
}

/// Returns the lane, if the thread has one.
pub(crate) fn known_lane() -> Option<&'static Lane> {
    // SAFETY: null, or the entry this thread took; entries are leaked.
    unsafe { ENTRY.get().as_ref() }.map(|entry| &entry.value)
}

/// Returns `true` if `lane` is this thread's.
pub(crate) fn is_mine(lane: *const Lane) -> bool {
    known_lane().is_some_and(|own| std::ptr::eq(own, lane))
}

/// Returns `true` if the thread gave its lane back.
pub(crate) fn is_past_end() -> bool {
    ENDED.get()
}

/// Returns the lane of a thread that records calls, taken from the pool if the thread has none. `None` at the thread's end, or if the
/// thread is inside without a lane.
#[cold]
pub(crate) fn attach() -> Option<&'static Lane> {
    if let Some(known) = known_lane()
        && (IS_RECORDING.get() || inside::is())
    {
        if !inside::is() {
            run_next_hit(known);
        }
        return Some(known);
    }
    let inside = inside::enter()?;
    let lane = take_lane()?;
    lane.begin_recording(MY_TOKEN.get());
    if clock::counter_trusted() {
        LANE.set(lane);
    }
    IS_RECORDING.set(true);
    drop(inside); // the state is consistent again
    if let Some(on_thread_start) = ON_THREAD_START.get() {
        let _untracked = memory::pause_tracking();
        on_thread_start();
    }
    run_next_hit(lane);
    Some(lane)
}

/// Runs the hook of [`set_next_hit`], if [`await_next_hit`] asked for it.
fn run_next_hit(lane: &'static Lane) {
    if !AWAITS_HIT.replace(false) {
        return;
    }
    if clock::counter_trusted() {
        LANE.set(lane);
    }
    if let Some(action) = NEXT_HIT.get() {
        let _untracked = memory::pause_tracking();
        action();
    }
}

/// Returns the lane, taken from the pool if the thread has none. `None` at the thread's end. For threads that are inside.
#[cold]
pub(crate) fn take_lane() -> Option<&'static Lane> {
    if ENDED.get() {
        return None;
    }
    if let Some(known) = known_lane() {
        return Some(known);
    }
    let _untracked = memory::pause_tracking(); // some systems allocate a list of destructors
    if !EXIT_NOTIFIER.get().is_some_and(|notice| notice()) {
        END.try_with(|_| ()).ok()?; // too late: the thread is ending
    }
    let entry = LANES.take(fresh)?;
    MY_TOKEN.set(token());
    entry.value.begin_owner(MY_TOKEN.get());
    ENTRY.set(entry);
    Some(&entry.value)
}

fn fresh() -> Option<&'static mut Entry<Lane>> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    arena::leak(Entry::new(Lane::new(COUNT.fetch_add(1, Ordering::Relaxed))))
}

static TOKEN: OnceLock<fn() -> u64> = OnceLock::new();

/// Sets the function that names the calling thread (by its number at the operating system, say). It runs once per thread. The first
/// call wins.
pub fn set_token(token: fn() -> u64) {
    let _ = TOKEN.set(token);
}

fn token() -> u64 {
    TOKEN.get().map_or(0, |token| token())
}

static ON_THREAD_START: OnceLock<fn()> = OnceLock::new();
static ON_THREAD_EXIT: OnceLock<fn(u64)> = OnceLock::new();

/// Sets the hook that runs once on each thread that has taken its lane and is about to record its first call. It may allocate and
/// measure. The first call wins.
pub fn set_on_thread_start(on_thread_start: fn()) {
    let _ = ON_THREAD_START.set(on_thread_start);
}

/// Sets the hook that runs at the end of each thread with a lane, while the lane is still its own, with the thread's token. It must not
/// unwind. Its measured calls are recorded with those of the thread's last destructors. The first call wins.
pub fn set_on_thread_exit(on_thread_exit: fn(token: u64)) {
    let _ = ON_THREAD_EXIT.set(on_thread_exit);
}

static NEXT_HIT: OnceLock<fn()> = OnceLock::new();

/// Sets the hook for [`await_next_hit`]. It may allocate and measure. The first call wins.
pub fn set_next_hit(action: fn()) {
    let _ = NEXT_HIT.set(action);
}

/// Makes the next hit of the calling thread run the hook of [`set_next_hit`], once. Later calls pay nothing for it: the hit takes the
/// slow path of a thread's first hit.
pub fn await_next_hit() {
    AWAITS_HIT.set(true);
    LANE.set(null());
}

/// Returns the number of lanes: the most measuring threads that were alive at once.
#[must_use]
pub fn lanes() -> usize {
    LANES.iter().count()
}

/// Returns the number of lanes that belong to a living thread.
#[must_use]
pub fn lanes_in_use() -> usize {
    LANES.iter().filter(|entry| entry.is_owned()).count()
}

/// Keeps the lane of a thread from being reused until dropped, even after the thread's end.
pub struct Pinned(&'static Entry<Lane>);

impl Pinned {
    /// Pins the lane of the calling thread. Returns `None` at the thread's end.
    #[must_use]
    pub fn here() -> Option<Self> {
        attach()?;
        // SAFETY: null, or the entry this thread took; entries are leaked.
        let entry = unsafe { ENTRY.get().as_ref() }?;
        entry.pin();
        Some(Self(entry))
    }

    /// Returns the name of the lane, as in [`crate::read::LaneReading`].
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

/// The shared lane, locked.
pub(crate) struct SharedLane {
    lane: &'static Lane,
    lock: Option<MutexGuard<'static, &'static Lane>>,
}

impl Deref for SharedLane {
    type Target = &'static Lane;

    fn deref(&self) -> &&'static Lane {
        &self.lane
    }
}

impl Drop for SharedLane {
    fn drop(&mut self) {
        drop(self.lock.take()); // first: a handler that comes in between must not wait for its own thread
        IS_HOLDING_SHARED.set(false);
    }
}

/// Locks the lane of all threads that are past their end. Returns `None` if this thread holds it already.
pub(crate) fn shared() -> Option<SharedLane> {
    static SHARED: OnceLock<Option<Mutex<&'static Lane>>> = OnceLock::new();
    if IS_HOLDING_SHARED.replace(true) {
        return None;
    }
    let shared = SHARED.get_or_init(|| {
        // Never given back to the pool, where readers find it like any other.
        let entry = LANES.take(fresh)?;
        entry.value.begin_owner(0);
        entry.value.begin_recording(0);
        Some(Mutex::new(&entry.value))
    });
    let Some(shared) = shared else {
        IS_HOLDING_SHARED.set(false);
        return None;
    };
    let lock = shared.lock().unwrap_or_else(PoisonError::into_inner);
    Some(SharedLane { lane: *lock, lock: Some(lock) })
}
