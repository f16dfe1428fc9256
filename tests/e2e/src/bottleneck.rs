//! What the programs with a known bottleneck have in common.
//!
//! With the argument `serve` such a program prints `ready` once it works, and goes on until a line comes on standard input: so
//! that somebody can look at it while it runs. Without, it ends after its rounds.

use std::{
    hint::black_box,
    io,
    sync::{
        OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

/// Runs so many rounds; with `serve`, more of them until a line comes.
pub fn rounds(count: u64, mut round: impl FnMut(u64)) {
    let mut done = 0;
    while done < count || goes_on() {
        round(done);
        done += 1;
    }
}

/// Computes what nobody can foresee, in so many steps.
pub fn compute(seed: u64, steps: u32) -> u64 {
    (0..steps).fold(seed | 1, |x, _| {
        let x = black_box(x).wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        x ^ (x >> 29)
    })
}

/// Whether the program is to be looked at and nobody has ended it yet.
fn goes_on() -> bool {
    static ENDED: OnceLock<&AtomicBool> = OnceLock::new();
    let ended = ENDED.get_or_init(|| {
        let ended: &'static AtomicBool = Box::leak(Box::new(AtomicBool::new(false)));
        if std::env::args().nth(1).as_deref() != Some("serve") {
            return Box::leak(Box::new(AtomicBool::new(true)));
        }
        println!("ready");
        thread::spawn(|| {
            let _line_or_end = io::stdin().read_line(&mut String::new());
            // Pairs with the load below; nothing else is told by it.
            ended.store(true, Ordering::Relaxed);
        });
        ended
    });
    !ended.load(Ordering::Relaxed)
}
