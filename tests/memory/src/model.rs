//! What the report must say, computed the slow and obvious way: a stack of calls of one thread, each with all that happened
//! since it began.

use std::collections::BTreeMap;

/// What one function did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Numbers {
    /// Calls.
    pub calls: u64,
    /// Bytes, allocations, freed bytes and frees outside of callees.
    pub own: [u64; 4],
    /// The same with callees, recursion counted once; frees are not told.
    pub all: [u64; 3],
    /// The most bytes and allocations alive at once beyond those at entry, over all calls.
    pub peak: [u64; 2],
    /// The most own bytes and the fewest of one call.
    pub own_of_one: [u64; 2],
}

/// The calls of one thread.
#[derive(Debug, Default)]
pub struct Model {
    stack: Vec<Frame>,
    /// Alive on this thread: bytes and allocations.
    live: [i64; 2],
    known: BTreeMap<&'static str, Numbers>,
}

#[derive(Debug)]
struct Frame {
    name: &'static str,
    own: [u64; 4],
    all: [u64; 4],
    live: [i64; 2],
    highest: [i64; 2],
}

impl Model {
    /// A call begins.
    pub fn enter(&mut self, name: &'static str) {
        let frame = Frame { name, own: [0; 4], all: [0; 4], live: self.live, highest: self.live };
        self.stack.push(frame);
    }

    /// Something is allocated.
    pub fn allocated(&mut self, size: u64) {
        self.live = [self.live[0] + size as i64, self.live[1] + 1];
        self.add([size, 1, 0, 0]);
        for frame in &mut self.stack {
            frame.highest = [frame.highest[0].max(self.live[0]), frame.highest[1].max(self.live[1])];
        }
    }

    /// Something is freed.
    pub fn freed(&mut self, size: u64) {
        self.live = [self.live[0] - size as i64, self.live[1] - 1];
        self.add([0, 0, size, 1]);
    }

    fn add(&mut self, what: [u64; 4]) {
        if let Some(frame) = self.stack.last_mut() {
            add(&mut frame.own, what);
        }
        self.stack.iter_mut().for_each(|frame| add(&mut frame.all, what));
    }

    /// The call ends.
    ///
    /// # Panics
    ///
    /// Without a call.
    pub fn leave(&mut self) {
        let frame = self.stack.pop().expect("a call");
        let is_outermost = self.stack.iter().all(|other| other.name != frame.name);
        let known = self.known.entry(frame.name).or_default();
        let [largest, smallest] = known.own_of_one;
        let smallest = if known.calls == 0 { frame.own[0] } else { smallest.min(frame.own[0]) };
        known.own_of_one = [largest.max(frame.own[0]), smallest];
        known.calls += 1;
        add(&mut known.own, frame.own);
        if is_outermost {
            (0..3).for_each(|at| known.all[at] += frame.all[at]);
        }
        for at in 0..2 {
            let peak = u64::try_from(frame.highest[at] - frame.live[at]).expect("it never sinks");
            known.peak[at] = known.peak[at].max(peak);
        }
    }

    /// The functions, by name.
    #[must_use]
    pub fn functions(&self) -> &BTreeMap<&'static str, Numbers> {
        &self.known
    }

    /// Several threads as one.
    pub fn merge(&mut self, other: &Self) {
        for (name, theirs) in &other.known {
            let mine = self
                .known
                .entry(name)
                .or_insert(Numbers { own_of_one: theirs.own_of_one, ..Numbers::default() });
            mine.calls += theirs.calls;
            add(&mut mine.own, theirs.own);
            add(&mut mine.all, theirs.all);
            (0..2).for_each(|at| mine.peak[at] = mine.peak[at].max(theirs.peak[at]));
            let ([a, b], [c, d]) = (mine.own_of_one, theirs.own_of_one);
            mine.own_of_one = [a.max(c), b.min(d)];
        }
    }
}

fn add<const N: usize>(to: &mut [u64; N], what: [u64; N]) {
    to.iter_mut().zip(what).for_each(|(to, what)| *to += what);
}
