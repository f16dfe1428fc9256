//! `hotpath-samply`: records a program with an installed samply.
//!
//! CPU samples per measured function need nothing of this: the feature `hotpath-cpu` has them. This is for those who want native
//! stacks of everything, kernel included, in samply's own viewer. It starts samply, passes its status on, and says what to do
//! when samply is not there or may not record.
//!
//! The program's path and arguments follow, after `--` if they begin with a dash: `hotpath-samply ./target/release/app --fast`.

#![forbid(unsafe_code)]

use std::{
    ffi::OsString,
    io::ErrorKind,
    path::PathBuf,
    process::{Command, ExitCode},
};

use clap::Parser;

#[derive(Debug, Parser)]
#[command(name = "hotpath-samply", version, about = "Records a program with an installed samply")]
struct Arguments {
    /// The samply to use
    #[arg(long, value_name = "PATH", env = "HOTPATH_SAMPLY_BIN", default_value = "samply")]
    samply: PathBuf,
    /// Where the profile goes; without it samply opens its viewer
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Samples per second
    #[arg(long, value_name = "HZ", default_value_t = 1000)]
    rate: u32,
    /// The program, and its arguments
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true, value_name = "PROGRAM")]
    program: Vec<OsString>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match command(&arguments).status() {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        Ok(status) => {
            if let Some(hint) = permission_hint() {
                eprintln!("hotpath-samply: samply ended with {status}. {hint}");
            }
            ExitCode::from(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(2))
        }
        Err(error) => {
            eprintln!("hotpath-samply: {}", not_started(&arguments.samply, error.kind(), &error.to_string()));
            ExitCode::from(2)
        }
    }
}

fn command(arguments: &Arguments) -> Command {
    let mut command = Command::new(&arguments.samply);
    command.args(["record", "--rate"]).arg(arguments.rate.to_string());
    if let Some(output) = &arguments.output {
        command.args(["--save-only", "--output"]).arg(output);
    }
    command.arg("--").args(&arguments.program);
    command
}

fn not_started(samply: &std::path::Path, kind: ErrorKind, error: &str) -> String {
    let name = samply.display();
    match kind {
        ErrorKind::NotFound => format!(
            "there is no {name}: `cargo install samply --locked` installs it, and HOTPATH_SAMPLY_BIN says where it is. \
             CPU samples per measured function need no samply: build with the feature hotpath-cpu"
        ),
        _ => format!("{name} cannot be started: {error}"),
    }
}

/// What stands in samply's way on Linux, if the kernel says so.
fn permission_hint() -> Option<String> {
    let level = std::fs::read_to_string("/proc/sys/kernel/perf_event_paranoid").ok()?;
    hint_at(level.trim().parse().ok()?)
}

/// Above 1 the kernel lets nobody but root record.
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

    fn words(arguments: &[&str]) -> Vec<String> {
        let arguments = Arguments::parse_from([&["hotpath-samply"], arguments].concat());
        let command = command(&arguments);
        let words = std::iter::once(command.get_program()).chain(command.get_args());
        words.map(|word| word.to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn the_program_and_its_arguments_are_passed_on() {
        let samply = ["samply", "record", "--rate", "1000"];
        assert_eq!(
            words(&["./app", "--fast", "-o", "x"]),
            [&samply[..], &["--", "./app", "--fast", "-o", "x"]].concat()
        );
        let saved = words(&["--samply", "/opt/samply", "-o", "p.json.gz", "--rate", "99", "--", "./app"]);
        let wanted =
            ["/opt/samply", "record", "--rate", "99", "--save-only", "--output", "p.json.gz", "--", "./app"];
        assert_eq!(saved, wanted);
    }

    #[test]
    fn a_missing_samply_and_missing_permissions_are_told_with_what_to_do() {
        let missing = not_started("samply".as_ref(), ErrorKind::NotFound, "");
        assert!(missing.contains("cargo install samply") && missing.contains("hotpath-cpu"), "{missing}");
        assert!(not_started("samply".as_ref(), ErrorKind::PermissionDenied, "no").ends_with("started: no"));
        assert!(hint_at(2).is_some_and(|hint| hint.contains("perf_event_paranoid is 2")));
        assert_eq!(hint_at(1), None);
    }
}
