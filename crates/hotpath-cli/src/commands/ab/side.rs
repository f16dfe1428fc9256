//! One side of the comparison: a command, its folder, and the report of a run.

use std::{
    fs::File,
    io::{Read, Seek, SeekFrom},
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, anyhow, bail};
use hotpath_report::Report;

use super::{stop::Stop, target_folder, worktree::Worktree};
use crate::source;

/// The interval of the polls for the end of a run. The program itself measures time.
const POLL_INTERVAL: Duration = Duration::from_millis(10);
/// The bytes of a failed run's stderr that are shown.
const STDERR_SHOWN: u64 = 2_000;

/// A variant of the program.
#[derive(Debug)]
pub(super) struct Side {
    /// `base` or `head`, for messages.
    pub(super) name: &'static str,
    pub(super) words: Vec<String>,
    /// The worktree in which it runs; the current folder without one.
    pub(super) tree: Option<Worktree>,
}

/// The reason that a run has no report.
#[derive(Debug)]
pub(super) enum NoReport {
    /// The user or the time limit stopped it.
    Stopped,
    Failed(anyhow::Error),
}

impl<E: Into<anyhow::Error>> From<E> for NoReport {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

impl Side {
    /// Runs the build command.
    pub(super) fn build(&self, words: &[String], stop: &Stop) -> Result<(), NoReport> {
        let mut command = self.command(words)?;
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .with_context(|| self.cannot_run(words))?;
        let status = wait(&mut child, stop)?;
        if !status.success() {
            return Err(
                anyhow!("{}: the build `{}` failed: {status}", self.name, shell_words::join(words)).into()
            );
        }
        Ok(())
    }

    /// Runs the command once, with its report written to `file`.
    pub(super) fn measure(&self, file: &Path, stop: &Stop) -> Result<Report, NoReport> {
        let mut errors = tempfile::tempfile().context("cannot create a temporary file")?;
        let mut child = self
            .command(&self.words)?
            .env("HOTPATH_OUTPUT_FORMAT", "json")
            .env("HOTPATH_OUTPUT_PATH", file)
            .env("HOTPATH_METRICS_SERVER_OFF", "true")
            // All rows, because a missing one cannot be compared. The second setting takes precedence over the first.
            .env("HOTPATH_LIMIT", "0")
            .env("HOTPATH_FUNCTIONS_LIMIT", "0")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(errors.try_clone()?)
            .spawn()
            .with_context(|| self.cannot_run(&self.words))?;
        let status = wait(&mut child, stop)?;
        if !status.success() {
            let stderr = end_of(&mut errors).unwrap_or_default();
            let command = shell_words::join(&self.words);
            return Err(anyhow!("{}: `{command}` failed: {status}\n{stderr}", self.name).into());
        }
        if !file.exists() {
            let command = shell_words::join(&self.words);
            return Err(anyhow!(
                "{}: `{command}` wrote no report: is it built with the feature `hotpath`?",
                self.name
            )
            .into());
        }
        Ok(source::read(file).with_context(|| self.name)?)
    }

    fn command(&self, words: &[String]) -> Result<Command> {
        let Some((program, arguments)) = words.split_first() else { bail!("{}: empty command", self.name) };
        let mut command = Command::new(program);
        command.args(arguments);
        if let Some(tree) = &self.tree {
            command.current_dir(tree.here());
            if let Some(target) = tree.target() {
                command.envs(target_folder::VARIABLES.map(|variable| (variable, target)));
            }
            // A relative path is relative to the worktree.
            if program.contains('/') && Path::new(program).is_relative() {
                let there = tree.here().join(program);
                command = with_program(there.as_path(), &command);
            }
        }
        // A process group of its own, so that its children can be ended, too.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        Ok(command)
    }

    fn cannot_run(&self, words: &[String]) -> String {
        let advice = if self.tree.is_some() { " (does it need --build?)" } else { "" };
        format!("{}: cannot run `{}`{advice}", self.name, shell_words::join(words))
    }
}

/// Copies a command with another program.
fn with_program(program: &Path, command: &Command) -> Command {
    let mut other = Command::new(program);
    other.args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => other.env(name, value),
            None => other.env_remove(name),
        };
    }
    if let Some(folder) = command.get_current_dir() {
        other.current_dir(folder);
    }
    other
}

/// Waits for the end of a process, and ends it when it is time to stop.
fn wait(child: &mut Child, stop: &Stop) -> Result<ExitStatus, NoReport> {
    loop {
        if let Some(status) = child.try_wait()? {
            return if stop.is_now() { Err(NoReport::Stopped) } else { Ok(status) };
        }
        if stop.is_now() {
            kill(child);
            return Err(NoReport::Stopped);
        }
        std::thread::sleep(POLL_INTERVAL);
    }
}

/// Ends a command and its children: the program of a script or of `cargo run` would go on running.
fn kill(child: &mut Child) {
    #[cfg(unix)]
    {
        use rustix::process::{Pid, Signal, kill_process_group};
        // It is not reaped yet, so the process id is still its own.
        _ = kill_process_group(Pid::from_child(child), Signal::KILL);
    }
    let _ended_already = child.kill();
    let _reaped = child.wait();
}

fn end_of(file: &mut File) -> Result<String> {
    let length = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(length.saturating_sub(STDERR_SHOWN)))?;
    let mut end = Vec::new();
    file.read_to_end(&mut end)?;
    Ok(String::from_utf8_lossy(&end).into_owned())
}
