//! The exit statuses of the commands, declared once: for the code that exits, for `--help`, and for the page about them.

use std::process::ExitCode;

/// A status with which a command exits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExitStatus {
    /// The number that the shell sees.
    pub code: u8,
    /// A short name.
    pub name: &'static str,
    /// The meaning, in one sentence or two.
    pub meaning: &'static str,
}

/// Every status, in the order of their numbers.
pub const EXIT_STATUSES: &[ExitStatus] = &[SUCCESS, REGRESSION, FAILURE];

/// The command did what it was asked to do.
pub(crate) const SUCCESS: ExitStatus = ExitStatus {
    code: 0,
    name: "success",
    meaning: "The command succeeded. A comparison was made and, with `--fail-on regression`, found no regression.",
};

/// The comparison found what it was asked to fail on.
pub(crate) const REGRESSION: ExitStatus = ExitStatus {
    code: 1,
    name: "regression",
    meaning: "`--fail-on regression` is set, and the comparison found a regression or a broken budget.",
};

/// The command failed.
pub(crate) const FAILURE: ExitStatus = ExitStatus {
    code: 2,
    name: "failure",
    meaning: "The command failed, and standard error says why: an unknown argument, a missing or invalid report, an endpoint that \
              does not answer. A comparison fails too if the reports are of different programs or have no row in common, and, with \
              `--fail-on`, if both sides are the same build.",
};

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> Self {
        Self::from(status.code)
    }
}

/// The statuses as a part of a help text.
pub(crate) fn help() -> String {
    let mut help = String::from("Exit status:");
    for status in EXIT_STATUSES {
        let mut line = format!("  {} ", status.code);
        for word in status.meaning.replace('`', "").split(' ') {
            if line.len() + 1 + word.len() > WIDTH {
                help += &format!("\n{line}");
                line = " ".repeat(INDENT - 1);
            }
            line += &format!(" {word}");
        }
        help += &format!("\n{line}");
    }
    help
}

/// Columns of a help text, and those before the meaning of a status.
const WIDTH: usize = 100;
const INDENT: usize = 5;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_help_names_every_status_and_fits_a_terminal() {
        let help = help();
        for status in EXIT_STATUSES {
            let first: String = status.meaning.replace('`', "").chars().take(20).collect();
            assert!(help.contains(&format!("\n  {}  {first}", status.code)), "{help}");
        }
        assert!(help.lines().all(|line| line.len() <= WIDTH && !line.ends_with(' ')), "{help}");
    }
}
