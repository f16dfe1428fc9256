//! No profiler, but an allocator that counts: the least that any tracking must do. Numbers and bytes, allocated and freed,
//! in plain cells of the thread, told apart by nothing.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
    hint::black_box,
    process::ExitCode,
};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

thread_local! {
    static COUNTS: Counts = const { Counts::new() };
}

struct Counting;

#[derive(Debug)]
struct Counts {
    allocated: Cell<u64>,
    allocated_bytes: Cell<u64>,
    freed: Cell<u64>,
    freed_bytes: Cell<u64>,
}

impl Counts {
    const fn new() -> Self {
        Self {
            allocated: Cell::new(0),
            allocated_bytes: Cell::new(0),
            freed: Cell::new(0),
            freed_bytes: Cell::new(0),
        }
    }
}

// SAFETY: every call goes to `System` as it came, and the cells of a thread neither allocate nor have a destructor.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        allocated(layout.size());
        // SAFETY: the caller's own promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        allocated(layout.size());
        // SAFETY: the caller's own promise.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        freed(layout.size());
        allocated(new_size);
        // SAFETY: the caller's own promise; the block is one of `System`.
        unsafe { System.realloc(block, layout, new_size) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        freed(layout.size());
        // SAFETY: the caller's own promise; the block is one of `System`.
        unsafe { System.dealloc(block, layout) }
    }
}

#[inline]
fn allocated(bytes: usize) {
    COUNTS.with(|counts| add(&counts.allocated, &counts.allocated_bytes, bytes));
}

#[inline]
fn freed(bytes: usize) {
    COUNTS.with(|counts| add(&counts.freed, &counts.freed_bytes, bytes));
}

#[inline]
fn add(times: &Cell<u64>, sum: &Cell<u64>, bytes: usize) {
    times.set(times.get() + 1);
    sum.set(sum.get() + bytes as u64);
}

probe::functions! {
    for: crate::Counting,
    plain: {},
    logged: {},
    future: {},
    begin: {},
}

impl probe::Profiler for Counting {
    type Session = ();

    const LACKS: &[probe::Case] = &[probe::Case::TwoReads, probe::Case::TwoInstants];

    fn start() {}

    // What nobody reads need not be counted.
    fn finish(_session: ()) {
        COUNTS.with(|counts| black_box(format!("{counts:?}")));
    }
}

fn main() -> ExitCode {
    probe::run::<Counting>()
}
