//! What reaches the inner allocator: each operation as itself, with the same layout; and what is counted, also when it fails.
//!
//! `forwarding counts` wants it to be counted, `forwarding passes` wants nothing counted and all else the same.

use std::{
    alloc::{GlobalAlloc, Layout, System, alloc, alloc_zeroed, dealloc, realloc},
    cell::Cell,
    ptr::null_mut,
};

use hotpath::{CountingAllocator, alloc::measure};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Got {
    Nothing,
    Alloc(Layout),
    Zeroed(Layout),
    Realloc(Layout, usize),
    Dealloc(Layout),
}

thread_local! {
    static LAST: Cell<Got> = const { Cell::new(Got::Nothing) };
    static CALLS: Cell<u32> = const { Cell::new(0) };
    static FAILS: Cell<bool> = const { Cell::new(false) };
}

/// Remembers what it was asked for, by thread, and fails on request.
struct Recording;

impl Recording {
    fn got(got: Got) -> bool {
        LAST.set(got);
        CALLS.set(CALLS.get() + 1);
        FAILS.get()
    }
}

// SAFETY: passes on to the system's allocator, or fails as an allocator may.
unsafe impl GlobalAlloc for Recording {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if Self::got(Got::Alloc(layout)) {
            return null_mut();
        }
        // SAFETY: the caller's promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if Self::got(Got::Zeroed(layout)) {
            return null_mut();
        }
        // SAFETY: the caller's promises.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        Self::got(Got::Dealloc(layout));
        // SAFETY: the caller's promises.
        unsafe { System.dealloc(place, layout) };
    }

    unsafe fn realloc(&self, place: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if Self::got(Got::Realloc(layout, size)) {
            return null_mut();
        }
        // SAFETY: the caller's promises.
        unsafe { System.realloc(place, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: CountingAllocator<Recording> = CountingAllocator::with(Recording);

fn main() {
    let counts = match std::env::args().nth(1).as_deref() {
        Some("counts") => true,
        Some("passes") => false,
        other => panic!("{other:?} is not counts or passes"),
    };
    assert_eq!(measure(|| ()).is_known(), counts);
    each_operation_arrives_as_itself();
    what_fails_is_not_counted();
    the_standard_library_s_own_calls();
    println!("forwarded");
}

/// Bytes, count, freed. Equal to whatever is expected when nothing is counted.
#[derive(Debug)]
struct Told(Option<[u64; 3]>);

impl PartialEq<[u64; 3]> for Told {
    fn eq(&self, expected: &[u64; 3]) -> bool {
        self.0.is_none_or(|told| told == *expected)
    }
}

/// What the one operation in `work` was for the inner allocator, and what was counted.
fn one<T>(work: impl FnOnce() -> T) -> (T, Got, Told) {
    let measured = measure(|| {
        let before = CALLS.get();
        let value = work();
        assert_eq!(CALLS.get() - before, 1, "one operation is one for the inner allocator");
        (value, LAST.get())
    });
    let told = measured.is_known().then_some([measured.bytes, measured.count, measured.freed]);
    let (value, got) = measured.value;
    (value, got, Told(told))
}

fn layout(size: usize, align: usize) -> Layout {
    Layout::from_size_align(size, align).expect("a layout")
}

fn each_operation_arrives_as_itself() {
    for at in [layout(100, 1), layout(48, 16), layout(10_000, 4096), layout(1, 1 << 16)] {
        let size = at.size() as u64;
        // SAFETY: sizes above zero; each place is given back as it was got.
        unsafe {
            let (place, got, told) = one(|| alloc(at));
            assert_eq!(got, Got::Alloc(at));
            assert_eq!(told, [size, 1, 0]);
            assert_eq!(place.addr() % at.align(), 0);
            let (place, got, told) = one(|| realloc(place, at, at.size() * 3));
            assert_eq!(got, Got::Realloc(at, at.size() * 3));
            assert_eq!(told, [3 * size, 1, size]);
            let larger = layout(at.size() * 3, at.align());
            let (place, got, told) = one(|| realloc(place, larger, 1));
            assert_eq!(got, Got::Realloc(larger, 1));
            assert_eq!(told, [1, 1, 3 * size]);
            let smaller = layout(1, at.align());
            let ((), got, told) = one(|| dealloc(place, smaller));
            assert_eq!(got, Got::Dealloc(smaller));
            assert_eq!(told, [0, 0, 1]);
            let (place, got, told) = one(|| alloc_zeroed(at));
            assert_eq!(got, Got::Zeroed(at));
            assert_eq!(told, [size, 1, 0]);
            assert!((0..at.size()).all(|n| *place.add(n) == 0));
            dealloc(place, at);
        }
    }
}

fn what_fails_is_not_counted() {
    let at = layout(1000, 8);
    let failing = |work: &dyn Fn() -> *mut u8| {
        let (place, _, told) = one(|| {
            FAILS.set(true);
            let place = work();
            FAILS.set(false);
            place
        });
        assert!(place.is_null());
        told
    };
    // SAFETY: sizes above zero; the place stays good when a `realloc` fails.
    unsafe {
        assert_eq!(failing(&|| alloc(at)), [0; 3]);
        assert_eq!(failing(&|| alloc_zeroed(at)), [0; 3]);
        let place = alloc(at);
        assert_eq!(failing(&|| realloc(place, at, 5000)), [0; 3]);
        let ((), _, told) = one(|| dealloc(place, at));
        assert_eq!(told, [0, 0, 1000]);
    }
    let mut list: Vec<u8> = vec![1, 2, 3];
    FAILS.set(true);
    let refused = list.try_reserve_exact(1 << 20);
    FAILS.set(false);
    assert!(refused.is_err());
    assert_eq!(list, [1, 2, 3]);
}

fn the_standard_library_s_own_calls() {
    assert_eq!(one(|| vec![0_u8; 77]).1, Got::Zeroed(layout(77, 1)));
    let mut list = Vec::<u32>::with_capacity(5);
    assert_eq!(one(|| list.reserve_exact(9)).1, Got::Realloc(layout(20, 4), 36));
    assert_eq!(one(|| drop(list)).1, Got::Dealloc(layout(36, 4)));
}
