//! The experiments: sides, and number of comparisons.

use super::options::Options;

#[derive(Debug)]
pub struct Experiment {
    /// In folders, in JSON and in messages.
    pub name: &'static str,
    pub about: &'static str,
    pub trials: usize,
    /// Percent by which one function of the head is slower; 0 compares the program with itself.
    pub slower: u64,
    /// Flags of `hotpath ab`.
    pub flags: &'static [&'static str],
}

impl Experiment {
    /// Whether there is something to be found.
    pub fn is_slower(&self) -> bool {
        self.slower > 0
    }
}

/// All experiments, in the order of the table; the short ones first, so that mistakes show early.
pub fn all(options: &Options) -> [Experiment; 3] {
    [
        Experiment {
            name: "slower-30",
            about: "one function 30 % slower, 5 rounds",
            trials: options.trials,
            slower: 30,
            flags: &["--min-rounds", "5", "--max-rounds", "5"],
        },
        Experiment {
            name: "slower-10",
            about: "one function 10 % slower, 5 to 20 rounds",
            trials: options.trials,
            slower: 10,
            flags: &[],
        },
        Experiment {
            name: "same",
            about: "the program with itself, 5 to 20 rounds",
            trials: options.same,
            slower: 0,
            flags: &[],
        },
    ]
}
