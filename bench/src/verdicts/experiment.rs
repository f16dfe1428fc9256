//! The experiments: what is compared with what, and how often.

use super::options::Options;

#[derive(Debug)]
pub struct Experiment {
    /// In folders, in JSON and in messages.
    pub name: &'static str,
    pub about: &'static str,
    pub trials: usize,
    /// By how many percent the head is slower in one function; 0 compares the program with itself.
    pub slower: u64,
    /// What `hotpath ab` is told beyond its defaults.
    pub flags: &'static [&'static str],
}

impl Experiment {
    /// Whether there is something to be found.
    pub fn is_slower(&self) -> bool {
        self.slower > 0
    }
}

/// In the order of the table. The short ones come first: what is wrong shows early.
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
