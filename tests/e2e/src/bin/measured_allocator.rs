//! A program whose own allocator is measured, has a lock of its own, and shows values.
//!
//! Prints how often its allocator was asked for memory while calls were recorded. With the argument `wait` it then prints `ready`
//! and waits for a signal.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
    hint::spin_loop,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
};

struct Measured;

#[global_allocator]
static ALLOCATOR: Measured = Measured;

static TAKEN: AtomicU64 = AtomicU64::new(0);
static LOCKED: AtomicBool = AtomicBool::new(false);

thread_local! {
    static SHOWS: Cell<bool> = const { Cell::new(false) };
}

/// Like the lock of many allocators: held over what happens inside.
struct Held;

impl Held {
    fn here() -> Self {
        while LOCKED.swap(true, Ordering::Acquire) {
            spin_loop();
        }
        Self
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        LOCKED.store(false, Ordering::Release);
    }
}

#[hotpath::measure]
fn book(size: usize) -> usize {
    std::hint::black_box(size)
}

// SAFETY: all of it is the system's allocator.
unsafe impl GlobalAlloc for Measured {
    #[hotpath::measure]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        TAKEN.fetch_add(u64::from(hotpath::is_recording()), Ordering::Relaxed);
        // A value whose key is made by asking this allocator again: the program's own recursion has an end.
        if !SHOWS.replace(true) {
            hotpath::gauge!("taken").inc(1.0);
            SHOWS.set(false);
        }
        let held = Held::here();
        book(layout.size());
        drop(held);
        // SAFETY: the caller's promises are the system's.
        unsafe { System.alloc(layout) }
    }

    #[hotpath::measure]
    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        let held = Held::here();
        book(layout.size());
        drop(held);
        // SAFETY: as above.
        unsafe { System.dealloc(place, layout) };
    }

    #[hotpath::measure]
    unsafe fn realloc(&self, place: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: as above.
        unsafe { System.realloc(place, layout, size) }
    }
}

#[hotpath::measure]
fn grow(thread: usize) -> usize {
    let mut all = Vec::new();
    for n in 0..2_000 {
        all.push(Box::new(n + thread));
    }
    hotpath::val!("grown").set(&all.len());
    all.len()
}

#[hotpath::main]
fn main() {
    let threads: Vec<_> = (0..8).map(|n| std::thread::spawn(move || grow(n))).collect();
    let grown: usize = threads.into_iter().map(|thread| thread.join().expect("it ends")).sum();
    let taken = TAKEN.load(Ordering::Relaxed);
    println!("grown {grown} taken {taken}");
    if std::env::args().any(|argument| argument == "wait") {
        println!("ready");
        loop {
            std::thread::park();
        }
    }
}
