//! One run of a program, in a process of its own.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

use nix::sys::{
    resource::{UsageWho, getrusage},
    time::TimeValLike,
};

use serde_json::{Value, json};

use super::profile::Profile;
use crate::peer::forget_settings;

/// The cost of one run, and its report.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// User and system time of the whole process.
    pub cpu_ns: f64,
    /// Not for a program without a profiler, or with another one.
    pub profile: Option<Profile>,
}

/// Runs a program in `home` and waits for its end.
pub fn once(
    program: &Path,
    home: &Path,
    arguments: &[String],
    settings: &[(&str, String)],
    reports: bool,
) -> Result<Run, String> {
    let file = home.join("report.json");
    let _not_there = fs::remove_file(&file);
    let mut command = Command::new(program);
    forget_settings(&mut command);
    command.args(arguments).current_dir(home).stdin(Stdio::null()).stdout(Stdio::null());
    // The report is made and written whole, but not to the terminal; what a server would do is not compared.
    command.env("HOTPATH_OUTPUT_FORMAT", "json").env("HOTPATH_OUTPUT_PATH", &file);
    command.env("HOTPATH_METRICS_SERVER_OFF", "true").env("HOTPATH_FUNCTIONS_LIMIT", "0");
    command.envs(settings.iter().map(|(name, value)| (name, value)));
    let before = cpu_of_children()?;
    let output = command.output().map_err(|error| format!("{}: {error}", program.display()))?;
    let cpu_ns = cpu_of_children()? - before;
    if !output.status.success() {
        return Err(format!("{}: {}", output.status, String::from_utf8_lossy(&output.stderr).trim()));
    }
    let read = || {
        let text = fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
        Profile::read(&text)
    };
    Ok(Run { cpu_ns, profile: reports.then(read).transpose()? })
}

impl Run {
    pub fn json(&self) -> Value {
        json!({ "cpu_ns": self.cpu_ns, "report": self.profile.as_ref().map(Profile::json) })
    }
}

/// User and system time of all processes that this one has waited for, in ns.
fn cpu_of_children() -> Result<f64, String> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).map_err(|error| format!("getrusage: {error}"))?;
    Ok((usage.user_time() + usage.system_time()).num_microseconds() as f64 * 1e3)
}
