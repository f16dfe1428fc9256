//! `hotpath-samply`: records a program with an installed samply.
//!
//! CPU samples per measured function need nothing of this: the feature `hotpath-cpu` has them. This is for those who want native
//! stacks of everything, kernel included, in samply's own viewer. It starts samply, passes its status on, and says what to do
//! when samply is not there or may not record.
//!
//! `cargo install --path crates/hotpath --bin hotpath-samply` builds it with no feature, so it needs no library either.

#![forbid(unsafe_code)]

use std::{
    env,
    ffi::{OsStr, OsString},
    io::ErrorKind,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

const USAGE: &str = "\
Records a program with an installed samply

Usage: hotpath-samply [--samply PATH] [--output FILE] [--rate HZ] [--] PROGRAM [ARGUMENTS]…

      --samply PATH  The samply to use; otherwise HOTPATH_SAMPLY_BIN, or the one in PATH
  -o, --output FILE  Where the profile goes; without it samply opens its viewer
      --rate HZ      Samples per second (1000)
  -h, --help         This text
  -V, --version      The version";

/// The request of the user.
#[derive(Debug, PartialEq, Eq)]
enum Asked {
    Text(String),
    Recording(Recording),
}

#[derive(Debug, PartialEq, Eq)]
struct Recording {
    samply: PathBuf,
    output: Option<PathBuf>,
    rate: u32,
    /// The program, and its arguments.
    program: Vec<OsString>,
}

fn main() -> ExitCode {
    match asked(env::args_os().skip(1), env::var_os("HOTPATH_SAMPLY_BIN")) {
        Ok(Asked::Text(text)) => {
            println!("{text}");
            ExitCode::SUCCESS
        }
        Ok(Asked::Recording(recording)) => record(&recording),
        Err(problem) => {
            eprintln!("hotpath-samply: {problem}\n\n{USAGE}");
            ExitCode::from(2)
        }
    }
}

/// Flags end where the program begins: what follows is its own.
fn asked(mut words: impl Iterator<Item = OsString>, samply: Option<OsString>) -> Result<Asked, String> {
    let mut recording = Recording {
        samply: samply.unwrap_or_else(|| "samply".into()).into(),
        output: None,
        rate: 1000,
        program: Vec::new(),
    };
    while let Some(word) = words.next() {
        // Both `--rate 99` and `--rate=99`; what is no text is a path.
        let text = word.to_str().unwrap_or_default();
        let (flag, joined) = match text.split_once('=') {
            Some((flag, value)) if flag.starts_with("--") => (flag, Some(OsStr::new(value).to_owned())),
            _ => (text, None),
        };
        let mut value =
            || joined.clone().or_else(|| words.next()).ok_or_else(|| format!("{flag} needs a value"));
        match flag {
            "-h" | "--help" => return Ok(Asked::Text(USAGE.to_owned())),
            "-V" | "--version" => {
                return Ok(Asked::Text(concat!("hotpath-samply ", env!("CARGO_PKG_VERSION")).to_owned()));
            }
            "--samply" => recording.samply = value()?.into(),
            "-o" | "--output" => recording.output = Some(value()?.into()),
            "--rate" => {
                let rate = value()?;
                let number = rate.to_str().and_then(|rate| rate.parse().ok()).filter(|&rate| rate > 0);
                recording.rate = number
                    .ok_or_else(|| format!("--rate is {}: expected a number from 1", rate.display()))?;
            }
            "--" => {
                recording.program = words.collect();
                break;
            }
            _ if flag.starts_with('-') => return Err(format!("there is no flag {flag}")),
            _ => {
                recording.program = std::iter::once(word).chain(words).collect();
                break;
            }
        }
    }
    if recording.program.is_empty() {
        return Err("which program?".to_owned());
    }
    Ok(Asked::Recording(recording))
}

/// Starts samply, and passes its status on.
fn record(recording: &Recording) -> ExitCode {
    match command(recording).status() {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        Ok(status) => {
            if let Some(hint) = permission_hint() {
                eprintln!("hotpath-samply: samply ended with {status}. {hint}");
            }
            ExitCode::from(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(2))
        }
        Err(error) => {
            eprintln!("hotpath-samply: {}", not_started(&recording.samply, error.kind(), &error.to_string()));
            ExitCode::from(2)
        }
    }
}

fn command(recording: &Recording) -> Command {
    let mut command = Command::new(&recording.samply);
    command.args(["record", "--rate"]).arg(recording.rate.to_string());
    if let Some(output) = &recording.output {
        command.args(["--save-only", "--output"]).arg(output);
    }
    command.arg("--").args(&recording.program);
    command
}

fn not_started(samply: &Path, kind: ErrorKind, error: &str) -> String {
    let name = samply.display();
    match kind {
        ErrorKind::NotFound => format!(
            "there is no {name}: `cargo install samply --locked` installs it, and HOTPATH_SAMPLY_BIN says where it is. \
             CPU samples per measured function need no samply: build with the feature hotpath-cpu"
        ),
        _ => format!("{name} cannot be started: {error}"),
    }
}

/// Returns a hint if the kernel does not permit samply to record on Linux.
fn permission_hint() -> Option<String> {
    let level = std::fs::read_to_string("/proc/sys/kernel/perf_event_paranoid").ok()?;
    hint_at(level.trim().parse().ok()?)
}

/// Above 1 the kernel permits only root to record.
fn hint_at(level: i32) -> Option<String> {
    (level > 1).then(|| {
        format!(
            "The kernel may not let it record: kernel.perf_event_paranoid is {level}; \
             `sudo sysctl kernel.perf_event_paranoid=1` allows it until the next start of the machine"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str], samply: Option<&str>) -> Result<Asked, String> {
        asked(arguments.iter().map(OsString::from), samply.map(OsString::from))
    }

    fn words(arguments: &[&str], samply: Option<&str>) -> Vec<String> {
        let Ok(Asked::Recording(recording)) = parse(arguments, samply) else { panic!("{arguments:?}") };
        let command = command(&recording);
        let words = std::iter::once(command.get_program()).chain(command.get_args());
        words.map(|word| word.to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn the_program_and_its_arguments_are_passed_on() {
        let samply = ["samply", "record", "--rate", "1000"];
        assert_eq!(
            words(&["./app", "--fast", "-o", "x"], None),
            [&samply[..], &["--", "./app", "--fast", "-o", "x"]].concat()
        );
        let arguments = ["-o", "p.json.gz", "--rate=99", "--", "--app"];
        let wanted =
            ["/opt/samply", "record", "--rate", "99", "--save-only", "--output", "p.json.gz", "--", "--app"];
        assert_eq!(words(&arguments, Some("/opt/samply")), wanted);
        assert_eq!(words(&[&["--samply", "/opt/samply"], &arguments[..]].concat(), Some("other")), wanted);
    }

    #[test]
    fn invalid_arguments_are_errors() {
        let problem = |arguments: &[&str]| parse(arguments, None).expect_err("it makes no sense");
        assert_eq!(problem(&[]), "which program?");
        assert_eq!(problem(&["--"]), "which program?");
        assert_eq!(problem(&["--rate", "fast", "./app"]), "--rate is fast: expected a number from 1");
        assert_eq!(problem(&["--rate=0", "./app"]), "--rate is 0: expected a number from 1");
        assert_eq!(problem(&["--output"]), "--output needs a value");
        assert_eq!(problem(&["--fast", "./app"]), "there is no flag --fast");
        assert_eq!(parse(&["--help", "--fast"], None), Ok(Asked::Text(USAGE.to_owned())));
    }

    #[test]
    fn a_missing_samply_and_missing_permissions_are_errors_with_the_fix() {
        let missing = not_started("samply".as_ref(), ErrorKind::NotFound, "");
        assert!(missing.contains("cargo install samply") && missing.contains("hotpath-cpu"), "{missing}");
        assert!(not_started("samply".as_ref(), ErrorKind::PermissionDenied, "no").ends_with("started: no"));
        assert!(hint_at(2).is_some_and(|hint| hint.contains("perf_event_paranoid is 2")));
        assert_eq!(hint_at(1), None);
    }
}
