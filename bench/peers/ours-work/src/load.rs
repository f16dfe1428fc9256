//! How much each function does: a number of units per call, of which one function may get more.

use std::cell::Cell;

/// A function that can be made slower.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Job {
    Parse,
    Tally,
    Format,
    Compress,
    Hash,
    Sort,
    Index,
    Multiply,
    Search,
    Walk,
}

impl Job {
    pub const ALL: [Self; 10] = [
        Self::Parse,
        Self::Tally,
        Self::Format,
        Self::Compress,
        Self::Hash,
        Self::Sort,
        Self::Index,
        Self::Multiply,
        Self::Search,
        Self::Walk,
    ];

    pub fn name(self) -> &'static str {
        self.facts().0
    }

    /// Its name, and its units per call: whole hundreds, so that any percentage of them is whole.
    fn facts(self) -> (&'static str, u64) {
        match self {
            Self::Parse => ("parse", 2_000),
            Self::Tally => ("tally", 200),
            Self::Format => ("format", 500),
            Self::Compress => ("compress", 200),
            Self::Hash => ("hash", 300),
            Self::Sort => ("sort", 300),
            Self::Index => ("index", 100),
            Self::Multiply => ("multiply", 700),
            Self::Search => ("search", 100),
            Self::Walk => ("walk", 100),
        }
    }
}

/// How much each function does, and has done.
pub struct Load {
    /// Which function does how many percent more.
    slower: Option<(Job, u64)>,
    done: [Cell<u64>; Job::ALL.len()],
}

impl Load {
    pub fn usual() -> Self {
        Self { slower: None, done: Default::default() }
    }

    /// Reads `parse=10`: 10 % more in each call of `parse`.
    pub fn slower(change: &str) -> Result<Self, String> {
        let (name, percent) = change.split_once('=').ok_or("expected FUNCTION=PERCENT")?;
        let job = Job::ALL.into_iter().find(|job| job.name() == name);
        let job = job.ok_or_else(|| format!("{name} is no function that can be slower; see --functions"))?;
        let percent = percent.parse::<u64>().ok().filter(|&percent| percent <= 1_000);
        let percent = percent.ok_or("expected a whole percentage of at most 1000")?;
        Ok(Self { slower: Some((job, percent)), ..Self::usual() })
    }

    /// The units of one call.
    pub fn units(&self, job: Job) -> Units<'_> {
        let more = self.slower.map_or(0, |(slower, percent)| if slower == job { percent } else { 0 });
        Units { next: 0, end: job.facts().1 / 100 * (100 + more), done: &self.done[job as usize] }
    }

    /// The units done so far, over all calls.
    #[cfg(test)]
    fn done(&self, job: Job) -> u64 {
        self.done[job as usize].get()
    }
}

/// Numbers the units of one call, and counts those that are taken.
pub struct Units<'a> {
    next: u64,
    end: u64,
    done: &'a Cell<u64>,
}

impl Iterator for Units<'_> {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        let unit = self.next;
        if unit == self.end {
            return None;
        }
        self.next += 1;
        self.done.set(self.done.get() + 1);
        Some(unit as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::{Job, Load};
    use crate::{input::Input, work};

    /// The units of each function after a whole run.
    fn units(load: &Load) -> Vec<(Job, u64)> {
        work::all(&Input::new(), load);
        Job::ALL.into_iter().map(|job| (job, load.done(job))).collect()
    }

    #[test]
    fn every_function_does_something_and_the_same_in_each_run() {
        let usual = units(&Load::usual());
        assert!(usual.iter().all(|&(_, units)| units > 0), "{usual:?}");
        assert_eq!(units(&Load::usual()), usual);
    }

    #[test]
    fn a_slower_function_does_so_much_more_and_the_others_do_as_much() {
        let usual = units(&Load::usual());
        let cases = Job::ALL.map(|job| (job, 10)).into_iter().chain([(Job::Sort, 1), (Job::Walk, 30)]);
        for (slower, percent) in cases {
            let load = Load::slower(&format!("{}={percent}", slower.name())).expect("a known function");
            for ((job, units), (_, usual)) in units(&load).into_iter().zip(&usual) {
                let expected = if job == slower { 100 + percent } else { 100 };
                assert_eq!(units * 100, usual * expected, "{job:?}, {slower:?} by {percent} %");
            }
        }
    }

    #[test]
    fn mistakes_are_named() {
        let problem = |change| Load::slower(change).err().unwrap_or_default();
        assert!(problem("prase=10").starts_with("prase is no function"));
        assert!(problem("parse").contains("FUNCTION=PERCENT"));
        assert!(problem("parse=2.5").contains("whole percentage"));
        assert!(problem("parse=-5").contains("whole percentage"));
    }
}
