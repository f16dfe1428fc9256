//! The modes: which build of a program runs, and with which settings.

/// A build of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Build {
    /// Without a profiler.
    Plain,
    /// Every function instrumented.
    Whole,
    /// Instrumented are only functions whose calls take at least [`LONG_NS`] on average.
    Long,
    /// Instrumented is only one function, that of this index, and the one that holds the guard.
    Alone(usize),
    /// Every function instrumented, by the published crate.
    Published,
}

/// Average duration of a call from which a function is instrumented in [`Build::Long`].
pub const LONG_NS: f64 = 1_000.0;

impl Build {
    /// Those of single functions share it.
    pub const fn folder(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Whole => "whole",
            Self::Long => "long",
            Self::Alone(_) => "alone",
            Self::Published => "published",
        }
    }
}

/// A way to run a program.
#[derive(Debug, PartialEq, Eq)]
pub struct Mode {
    pub name: &'static str,
    pub about: &'static str,
    pub build: Build,
    pub settings: &'static [(&'static str, &'static str)],
    /// True if all functions are recorded by this project, so that their calls must equal those of [`TIMED`].
    pub counts: bool,
}

pub const PLAIN: &str = "plain";
pub const TIMED: &str = "timed";
/// The name by which `--modes` asks for the runs in which one function alone is recorded.
pub const ALONE: &str = "alone";
/// The same, with no other function instrumented.
pub const ALONE_BUILT: &str = "alone-built";
pub const FOCUS: &str = "HOTPATH_FOCUS";

const RATE: &str = "HOTPATH_TIME_SAMPLING_RATE";
const BUDGET: &str = "HOTPATH_BUDGET";

/// In the order of the tables.
pub const MODES: [Mode; 10] = [
    mode(PLAIN, "no profiler", Build::Plain, &[]),
    mode(TIMED, "every call timed", Build::Whole, &[]).counting(),
    mode("rate-0.1", "a tenth of the calls timed", Build::Whole, &[(RATE, "0.1")]).counting(),
    mode("rate-0.01", "a hundredth of the calls timed", Build::Whole, &[(RATE, "0.01")]).counting(),
    mode("rate-0", "calls counted only", Build::Whole, &[(RATE, "0")]).counting(),
    mode("budget-5", "a budget of 5 %", Build::Whole, &[(BUDGET, "5%")]).counting(),
    mode("budget-2", "a budget of 2 %", Build::Whole, &[(BUDGET, "2%")]).counting(),
    mode("hooks", "nothing recorded: a focus that no function matches", Build::Whole, &[(FOCUS, "/^$/")]),
    mode("long-2", "calls of 1 µs or more only, a budget of 2 %", Build::Long, &[(BUDGET, "2%")]),
    mode("published", "the published crate, every call timed", Build::Published, &[]),
];

const fn mode(
    name: &'static str,
    about: &'static str,
    build: Build,
    settings: &'static [(&'static str, &'static str)],
) -> Mode {
    Mode { name, about, build, settings, counts: false }
}

impl Mode {
    const fn counting(self) -> Self {
        Self { counts: true, ..self }
    }
}
