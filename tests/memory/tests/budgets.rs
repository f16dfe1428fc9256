//! `alloc::measure`: what a piece of code allocates, for budgets in tests.

use std::{
    hint::black_box,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Barrier,
    thread,
};

use hotpath::{
    CountingAllocator,
    alloc::{Measured, measure},
};
use memory::{bytes, churn, session};

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator::new();

/// Bytes, count, freed, peak, peak of the count.
fn numbers<T>(measured: &Measured<T>) -> [u64; 5] {
    assert!(measured.is_known());
    [measured.bytes, measured.count, measured.freed, measured.peak, measured.peak_count]
}

#[test]
fn a_value_and_what_it_took() {
    let nothing = measure(|| 5);
    assert_eq!((nothing.value, numbers(&nothing)), (5, [0; 5]));
    let kept = measure(|| bytes(100));
    assert_eq!(numbers(&kept), [100, 1, 0, 100, 1]);
    let freed = measure(|| drop(kept.value));
    assert_eq!(numbers(&freed), [0, 0, 100, 0, 0]);
    let both = measure(|| {
        churn(10);
        let held = (bytes(20), bytes(30));
        churn(5);
        drop(held);
        bytes(40)
    });
    assert_eq!(numbers(&both), [105, 5, 65, 55, 3]);
}

#[test]
fn reallocated_zeroed_and_over_aligned() {
    let grown = measure(|| {
        let mut list = bytes(10);
        list.reserve_exact(90);
        list.reserve_exact(50); // there is room
        list
    });
    assert_eq!(numbers(&grown), [100, 2, 10, 90, 1]);
    assert_eq!(numbers(&measure(|| drop(black_box(vec![0_u8; 77])))), [77, 1, 77, 77, 1]);
    #[repr(align(512))]
    struct Aligned([u8; 512]);
    let aligned = measure(|| black_box(Box::new(Aligned([7; 512]))));
    assert_eq!((aligned.value.0[0], numbers(&aligned)), (7, [512, 1, 0, 512, 1]));
}

#[test]
fn one_inside_another() {
    let mut inner = None;
    let outer = measure(|| {
        churn(1);
        inner = Some(measure(|| {
            churn(20);
            measure(|| churn(300)).bytes
        }));
        churn(4000);
    });
    let inner = inner.expect("it ran");
    assert_eq!((inner.value, numbers(&inner)), (300, [320, 2, 320, 300, 1]));
    assert_eq!(numbers(&outer), [4321, 4, 4321, 4000, 1]);
}

#[test]
fn after_a_panic_inside() {
    let around = measure(|| {
        let caught = catch_unwind(AssertUnwindSafe(|| {
            measure(|| {
                churn(1000);
                std::panic::resume_unwind(Box::new(()));
            })
        }));
        assert!(caught.is_err());
        measure(|| churn(7)).bytes
    });
    assert_eq!(around.value, 7);
    assert!(around.bytes >= 1007 && around.bytes == around.freed, "{around:?}");
    assert_eq!(numbers(&measure(|| churn(3))), [3, 1, 3, 3, 1]);
}

#[test]
fn other_threads_are_not_in_it() {
    const THREADS: u64 = 6;
    let together = Barrier::new(THREADS as usize);
    thread::scope(|scope| {
        for n in 1..=THREADS {
            let together = &together;
            scope.spawn(move || {
                together.wait();
                for _ in 0..500 {
                    let measured = measure(|| {
                        let held = bytes(n as usize * 100);
                        together.wait(); // all have begun and allocated, and none has ended
                        churn(n as usize);
                        drop(held);
                    });
                    assert_eq!(numbers(&measured), [101 * n, 2, 101 * n, 101 * n, 2]);
                }
            });
        }
    });
    let outside = measure(|| thread::scope(|scope| scope.spawn(|| churn(1 << 24)).join().is_ok()));
    assert!(outside.value && outside.bytes < 1 << 20, "what starting a thread takes: {}", outside.bytes);
}

#[test]
fn inside_and_around_measured_functions() {
    #[hotpath::measure]
    fn has_a_budget() {
        churn(1);
        let measured = measure(|| {
            churn(20);
            below_a_budget();
            churn(40);
        });
        assert_eq!(numbers(&measured), [360, 3, 360, 300, 1]);
        churn(5000);
    }
    #[hotpath::measure]
    fn below_a_budget() {
        churn(300);
    }
    let session = session();
    let whole = measure(|| (0..3).for_each(|_| has_a_budget()));
    assert_eq!(numbers(&whole), [3 * 5361, 15, 3 * 5361, 5000, 1]);
    let report = session.report();
    let row = report.row("has_a_budget");
    assert_eq!((row.own(), row.all()), ([3 * 5061, 12, 3 * 5061, 12], [3 * 5361, 15, 3 * 5361]));
    assert_eq!((row.number("max_bytes"), row.peak()), (5061, [5000, 1]));
    assert_eq!(report.row("below_a_budget").own(), [900, 3, 900, 3]);
}

#[test]
fn around_a_session() {
    let (measured, report) = {
        let mut report = None;
        let measured = measure(|| {
            let session = session();
            churn(1 << 20);
            report = Some(session.report().caller().number("self_bytes"));
        });
        (measured, report.expect("there was one"))
    };
    assert!(measured.bytes > 1 << 20 && report >= 1 << 20, "{measured:?} {report}");
}

#[test]
fn unwinding_and_recursion_do_not_disturb_the_peak_around() {
    fn nests(left: u64) -> u64 {
        let _own = bytes(10);
        if left == 0 { 0 } else { measure(|| nests(left - 1)).peak }
    }
    let measured = measure(|| nests(100));
    assert_eq!((measured.value, measured.peak, measured.peak_count), (1000, 1010, 101));
}
