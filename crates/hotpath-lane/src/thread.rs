//! Which lane is this thread's: taken from the pool at its first hit, given back when it ends.

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

// No destructors, but for `END`: they can be read at any moment of the thread's life, and cost one load.
thread_local! {
    /// This thread's lane, for the fast path: null before the first recorded hit, after the thread's end, and always where the
    /// counter is not trusted.
    static LANE: Cell<*const Lane> = const { Cell::new(null()) };
    /// What this thread took from the pool; null before and after.
    static ENTRY: Cell<*const Entry<Lane>> = const { Cell::new(null()) };
    /// What names the thread; 0 if it was not known how to ask.
    static MY_TOKEN: Cell<u64> = const { Cell::new(0) };
    /// The thread records calls, and was greeted; one that only allocates does not.
    static IS_RECORDING: Cell<bool> = const { Cell::new(false) };
    /// Set when the lane was given back: what the thread's last destructors measure goes to the shared lane.
    static ENDED: Cell<bool> = const { Cell::new(false) };
    /// The thread holds the shared lane.
    static IS_HOLDING_SHARED: Cell<bool> = const { Cell::new(false) };
    /// The thread's next hit runs what [`set_next_hit`] set.
    static AWAITS_HIT: Cell<bool> = const { Cell::new(false) };
    /// Notices the end of the thread, where nothing better does (see [`set_exit_notifier`]): its first touch may allocate.
    static END: End = const { End };
}

struct End;

impl Drop for End {
    fn drop(&mut self) {
        end();
    }
}

static EXIT_NOTIFIER: OnceLock<fn() -> bool> = OnceLock::new();

/// Sets how a thread makes sure that [`end`] runs at its end; it says whether that will be so. Async-signal-safe. The first wins;
/// without it a thread-local with a destructor does, whose registration may allocate.
pub fn set_exit_notifier(notice: fn() -> bool) {
    let _ = EXIT_NOTIFIER.set(notice);
}

/// The thread ends, and gives its lane back. More than once does nothing.
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
        entry.give_back();
    }
}

/// The lane, if the fast path may be taken; else null.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn fast_lane() -> *const Lane {
    LANE.get()
}

/// The lane, if the thread has one.
pub(crate) fn known_lane() -> Option<&'static Lane> {
    // SAFETY: null, or the entry this thread took; entries are leaked.
    unsafe { ENTRY.get().as_ref() }.map(|entry| &entry.value)
}

/// Whether `lane` is this thread's.
pub(crate) fn is_mine(lane: *const Lane) -> bool {
    known_lane().is_some_and(|own| std::ptr::eq(own, lane))
}

/// Whether the thread gave its lane back.
pub(crate) fn is_past_end() -> bool {
    ENDED.get()
}

/// The lane of a thread that records calls, taken from the pool if the thread has none yet. `None` when the thread is at its
/// end, or inside without having one.
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
    drop(inside); // all is done that must not be seen half done
    if let Some(on_thread_start) = ON_THREAD_START.get() {
        let _untracked = memory::pause_tracking();
        on_thread_start();
    }
    run_next_hit(lane);
    Some(lane)
}

/// Ends what [`await_next_hit`] began, if it did.
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

/// The lane, taken from the pool if the thread has none yet. `None` when the thread is at its end. For threads that are inside.
#[cold]
pub(crate) fn take_lane() -> Option<&'static Lane> {
    if ENDED.get() {
        return None;
    }
    if let Some(known) = known_lane() {
        return Some(known);
    }
    let _untracked = memory::pause_tracking(); // some systems have to make a list of destructors
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

/// Sets what names the calling thread (its number at the operating system, say). Asked once per thread. The first wins.
pub fn set_token(token: fn() -> u64) {
    let _ = TOKEN.set(token);
}

fn token() -> u64 {
    TOKEN.get().map_or(0, |token| token())
}

static ON_THREAD_START: OnceLock<fn()> = OnceLock::new();
static ON_THREAD_EXIT: OnceLock<fn(u64)> = OnceLock::new();

/// Sets what runs on a thread that has taken its lane and is about to record its first call, once per thread. It may allocate
/// and measure. The first wins.
pub fn set_on_thread_start(on_thread_start: fn()) {
    let _ = ON_THREAD_START.set(on_thread_start);
}

/// Sets what runs on a thread with a lane at its end, with the token that named it, while the lane is still its own. It must not
/// unwind; what it measures goes where the thread's last destructors' calls go. The first wins.
pub fn set_on_thread_exit(on_thread_exit: fn(token: u64)) {
    let _ = ON_THREAD_EXIT.set(on_thread_exit);
}

static NEXT_HIT: OnceLock<fn()> = OnceLock::new();

/// Sets what runs at a hit that [`await_next_hit`] waits for. It may allocate and measure. The first wins.
pub fn set_next_hit(action: fn()) {
    let _ = NEXT_HIT.set(action);
}

/// The next hit of the calling thread runs once what [`set_next_hit`] set. The calls that come after pay nothing for it: that hit
/// takes the way of a thread's first one, which a thread without a lane takes anyway.
pub fn await_next_hit() {
    AWAITS_HIT.set(true);
    LANE.set(null());
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
        let entry = unsafe { ENTRY.get().as_ref() }?;
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

/// The shared lane, held.
pub(crate) struct Shared {
    lane: &'static Lane,
    lock: Option<MutexGuard<'static, &'static Lane>>,
}

impl Deref for Shared {
    type Target = &'static Lane;

    fn deref(&self) -> &&'static Lane {
        &self.lane
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        drop(self.lock.take()); // first: a handler that comes in between must not wait for its own thread
        IS_HOLDING_SHARED.set(false);
    }
}

/// The lane of all threads that are past their end. One writer at a time: the holder of the lock. `None` if this thread holds it.
pub(crate) fn shared() -> Option<Shared> {
    static SHARED: OnceLock<Option<Mutex<&'static Lane>>> = OnceLock::new();
    if IS_HOLDING_SHARED.replace(true) {
        return None;
    }
    let shared = SHARED.get_or_init(|| {
        // Never given back to the pool, but readers meet it there like any other.
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
    Some(Shared { lane: *lock, lock: Some(lock) })
}
