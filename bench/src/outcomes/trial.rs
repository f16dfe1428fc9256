//! One comparison by the real command, in a process of its own.

use std::{
    fmt,
    path::Path,
    process::{Command, Output, Stdio},
    time::{Duration, Instant},
};

use super::{
    answer::{Answer, Outcome},
    assessment::Assessment,
    experiment::Experiment,
    subject::Subject,
};
use crate::peer::forget_settings;

/// The exit status of `hotpath ab --fail-on regression` with a regression.
const REGRESSION: i32 = 1;

pub struct Trial {
    /// The function that was slower, if any.
    pub slower: Option<String>,
    pub took: Duration,
    /// The answer, or the error.
    pub answer: Result<Answer, String>,
    /// The false claims in the answer, a line each.
    pub wrong: Vec<String>,
    pub found: bool,
    pub callers: usize,
}

/// Runs comparison number `number` of the experiment.
pub fn run(
    experiment: &Experiment,
    number: usize,
    hotpath: &Path,
    subject: &Subject,
    function: &str,
    keep: Option<&Path>,
) -> Trial {
    let mut command = Command::new(hotpath);
    forget_settings(&mut command);
    // The program is one; where the experiment says so it does the same on both sides, and that is the point.
    command.args(["ab", "--same-ok", "--format", "json", "--fail-on", "regression"]).args(experiment.flags);
    if let Some(folder) = keep {
        command.arg("--keep").arg(folder.join(format!("{}-{number:03}", experiment.name)));
    }
    // Command lines of one length: what they take of the heap moves what comes after it, which some functions feel.
    let change = |percent: u64| format!("--slower {function}={percent:02}");
    let base = format!("{} {}", quoted(&subject.program), change(0));
    command.arg("--base-command").arg(base);
    command.arg("--").arg(&subject.program).args(change(experiment.slower).split(' '));
    let begin = Instant::now();
    let output = command.stdin(Stdio::null()).output();
    let took = begin.elapsed();
    let answer = output.map_err(|error| error.to_string()).and_then(|output| read(&output));
    let slower = experiment.is_slower().then(|| function.to_owned());
    judged(slower, took, answer, subject)
}

fn judged(
    slower: Option<String>,
    took: Duration,
    answer: Result<Answer, String>,
    subject: &Subject,
) -> Trial {
    let (mut wrong, mut found, mut callers) = (Vec::new(), false, 0);
    if let Ok(answer) = &answer {
        let assessment = Assessment::of(answer, subject, slower.as_deref());
        wrong = assessment.wrong.iter().map(ToString::to_string).collect();
        (found, callers) = (assessment.found, assessment.callers);
    }
    Trial { slower, took, answer, wrong, found, callers }
}

/// As a shell would want the word: the command splits it like one.
fn quoted(program: &Path) -> String {
    format!("'{}'", program.display().to_string().replace('\'', r"'\''"))
}

/// The answer, if the status agrees with it.
fn read(output: &Output) -> Result<Answer, String> {
    let said = || format!("{}: {}", output.status, String::from_utf8_lossy(&output.stderr).trim());
    let failed = match output.status.code() {
        Some(0) => false,
        Some(REGRESSION) => true,
        _ => return Err(said()),
    };
    let answer = Answer::read(&String::from_utf8_lossy(&output.stdout))
        .map_err(|error| format!("{error}; {}", said()))?;
    if answer.claims(Outcome::Regression) != failed {
        return Err(format!("the status says something else than the rows; {}", said()));
    }
    Ok(answer)
}

impl Trial {
    /// The outcome of the slower function, if it was not found.
    pub fn missed(&self) -> Option<String> {
        let (slower, answer) = (self.slower.as_deref()?, self.answer.as_ref().ok()?);
        if self.found {
            return None;
        }
        let row = answer.rows.iter().find(|row| row.short_name() == slower);
        Some(row.map_or_else(|| format!("`{slower}`: not judged"), ToString::to_string))
    }
}

/// A line of progress.
impl fmt::Display for Trial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let answer = match &self.answer {
            Ok(answer) => answer,
            Err(reason) => return write!(f, "failed: {reason}"),
        };
        let seconds = self.took.as_secs_f64();
        write!(f, "{} rounds, {seconds:.1} s, {} inconclusive", answer.rounds(), answer.inconclusive())?;
        match (&self.slower, self.missed()) {
            (Some(slower), None) => write!(f, ", found `{slower}`")?,
            (_, Some(missed)) => write!(f, ", not found: {missed}")?,
            (None, None) => {}
        }
        self.wrong.iter().try_for_each(|wrong| write!(f, ", WRONG: {wrong}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{os::unix::process::ExitStatusExt, process::ExitStatus};

    fn output(status: i32, outcome: &str) -> Output {
        let stdout = format!(
            r#"{{"type":"hotpath_comparison","base":{{"runs":10}},
                 "rows":[{{"name":"app::read","outcome":"{outcome}","changes":[]}}]}}"#
        );
        Output {
            status: ExitStatus::from_raw(status << 8),
            stdout: stdout.into(),
            stderr: b"told why".into(),
        }
    }

    #[test]
    fn an_answer_and_its_status_must_agree() {
        assert!(read(&output(1, "regression")).is_ok());
        assert!(read(&output(0, "no_regression")).is_ok());
        for (status, outcome) in [(0, "regression"), (1, "no_regression"), (2, "regression")] {
            assert!(read(&output(status, outcome)).is_err_and(|error| error.contains("told why")));
        }
    }

    #[test]
    fn a_missed_function_is_reported_with_its_outcome() {
        let trial = |outcome: &str, status| {
            let answer = read(&output(status, outcome));
            judged(Some("read".into()), Duration::ZERO, answer, &Subject::example())
        };
        assert_eq!(trial("regression", 1).missed(), None);
        assert!(trial("inconclusive", 0).missed().is_some_and(|line| line.contains("inconclusive")));
        // A comparison that failed has found nothing and missed nothing.
        assert_eq!(trial("regression", 0).missed(), None);
        assert!(!trial("regression", 0).found);
    }

    #[test]
    fn a_path_is_one_word() {
        assert_eq!(quoted(Path::new("/a b/it's")), r"'/a b/it'\''s'");
    }
}
