//! Random programs, against a model that does it the slow and obvious way.

use std::hint::black_box;

use hotpath::CountingAllocator;
use memory::{Model, Report, session};

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator::new();

#[derive(Clone, Copy, Debug)]
enum Step {
    Enter(&'static str),
    Leave,
    Allocate { slot: usize, size: usize, is_zeroed: bool },
    Grow { slot: usize, size: usize },
    Free { slot: usize },
}

const SLOTS: usize = 12;

/// Numbers that look random and are the same in every run (xorshift64*).
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32) % end
    }
}

/// A program, and what must be told of it. Slots hold memory of these sizes at first, allocated by somebody else.
fn program(seed: u64, names: &[&'static str], held: [usize; SLOTS]) -> (Vec<Step>, Model) {
    let (mut random, mut steps, mut model) = (Random(seed), Vec::new(), Model::default());
    let (mut held, mut depth) = (held, 0);
    while steps.len() < 2000 || depth > 0 {
        let slot = random.below(SLOTS as u64) as usize;
        let is_over = steps.len() >= 2000;
        match random.below(10) {
            0..=2 if depth < 40 && !is_over => {
                let name = names[random.below(names.len() as u64) as usize];
                model.enter(name);
                steps.push(Step::Enter(name));
                depth += 1;
            }
            3 | 4 if depth > 0 => {
                model.leave();
                steps.push(Step::Leave);
                depth -= 1;
            }
            5..=7 if held[slot] == 0 => {
                let size = 1 + random.below(3000) as usize;
                model.allocated(size as u64);
                held[slot] = size;
                steps.push(Step::Allocate { slot, size, is_zeroed: random.below(2) == 0 });
            }
            8 if held[slot] != 0 => {
                let size = held[slot] + 1 + random.below(500) as usize;
                model.freed(held[slot] as u64);
                model.allocated(size as u64);
                held[slot] = size;
                steps.push(Step::Grow { slot, size });
            }
            9 if held[slot] != 0 => {
                model.freed(held[slot] as u64);
                held[slot] = 0;
                steps.push(Step::Free { slot });
            }
            _ => {}
        }
    }
    (steps, model)
}

fn run(steps: &mut std::slice::Iter<'_, Step>, held: &mut [Vec<u8>; SLOTS]) {
    while let Some(step) = steps.next() {
        match *step {
            Step::Enter(name) => hotpath::measure_block!(name, run(steps, held)),
            Step::Leave => return,
            Step::Allocate { slot, size, is_zeroed: false } => {
                held[slot] = black_box(Vec::with_capacity(size))
            }
            Step::Allocate { slot, size, is_zeroed: true } => {
                held[slot] = black_box(vec![0; size]);
                held[slot].clear();
            }
            Step::Grow { slot, size } => held[slot].reserve_exact(size),
            Step::Free { slot } => drop(std::mem::take(&mut held[slot])),
        }
    }
}

fn assert_told(report: &Report, model: &Model) {
    for (name, truth) in model.functions() {
        let row = report.row(name);
        assert_eq!(row.number("calls"), truth.calls, "{name}");
        assert_eq!(row.own(), truth.own, "{name}");
        assert_eq!(row.all(), truth.all, "{name}");
        assert_eq!(row.peak(), truth.peak, "{name}");
        assert_eq!(
            row.numbers(["max_bytes", "min_bytes", "sum_bytes"]),
            [truth.own_of_one[0], truth.own_of_one[1], truth.own[0]]
        );
    }
}

fn empty() -> [Vec<u8>; SLOTS] {
    std::array::from_fn(|_| Vec::new())
}

#[test]
fn one_thread() {
    const NAMES: [&str; 5] = ["one a", "one b", "one c", "one d", "one e"];
    for seed in 1..=10 {
        let (steps, model) = program(seed, &NAMES, [0; SLOTS]);
        let session = session();
        run(&mut steps.iter(), &mut empty());
        assert_told(&session.report(), &model);
    }
}

#[test]
fn several_threads_that_free_what_others_allocated() {
    const NAMES: [&str; 4] = ["several a", "several b", "several c", "several d"];
    for seed in 1..=5 {
        let sizes: [usize; SLOTS] = std::array::from_fn(|slot| slot * 10);
        let programs: Vec<_> = (1..=6).map(|thread| program(seed * 100 + thread, &NAMES, sizes)).collect();
        let mut model = Model::default();
        programs.iter().for_each(|(_, of_one)| model.merge(of_one));
        let session = session();
        std::thread::scope(|scope| {
            for (steps, _) in &programs {
                let mut held: [Vec<u8>; SLOTS] = sizes.map(Vec::with_capacity);
                scope.spawn(move || run(&mut steps.iter(), &mut held));
            }
        });
        assert_told(&session.report(), &model);
    }
}

/// More places than a call tree has: sums stay right, and what is told per call too.
#[test]
fn a_full_call_tree() {
    let names: Vec<&'static str> = (0..70).map(|n| &*format!("full {n}").leak()).collect();
    let session = session();
    for outer in &names {
        hotpath::measure_block!(*outer, {
            memory::churn(3);
            for inner in &names {
                hotpath::measure_block!(*inner, memory::churn(50));
            }
        });
    }
    let report = session.report();
    for name in &names {
        let row = report.row(name);
        // 70 calls from the others and from itself, one of which is recursion.
        assert_eq!(row.own(), [70 * 50 + 3, 71, 70 * 50 + 3, 71], "{name}");
        assert_eq!(row.number("total_bytes"), 3 + 70 * 50 + 69 * 50, "{name}");
        assert_eq!(row.peak(), [50, 1]);
    }
}
