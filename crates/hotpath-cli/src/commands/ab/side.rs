//! One of the two variants: a command, where it runs, and how a report of one run of it is got.

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

/// Between two looks whether a run has ended. It is not what is measured.
const PAUSE: Duration = Duration::from_millis(10);
/// So much of what a failed run said is shown.
const SHOWN: u64 = 2_000;

/// A variant.
#[derive(Debug)]
pub(super) struct Side {
    /// In messages: `base` or `head`.
    pub(super) name: &'static str,
    pub(super) words: Vec<String>,
    /// Where it runs, unless in the current folder.
    pub(super) tree: Option<Worktree>,
}

/// Why there is no report.
#[derive(Debug)]
pub(super) enum NoReport {
    /// It was stopped by the user or the clock.
    Stopped,
    Failed(anyhow::Error),
}

impl<E: Into<anyhow::Error>> From<E> for NoReport {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

impl Side {
    /// Runs `words` there, for what they do.
    pub(super) fn build(&self, words: &[String], stop: &Stop) -> Result<(), NoReport> {
        let mut command = self.command(words)?;
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .with_context(|| self.cannot_run(words))?;
        let status = wait(&mut child, stop)?;
        if !status.success() {
            return Err(anyhow!(
                "{}: the build `{}` ended with {status}",
                self.name,
                shell_words::join(words)
            )
            .into());
        }
        Ok(())
    }

    /// One run of the command, with its report written to `file`.
    pub(super) fn measure(&self, file: &Path, stop: &Stop) -> Result<Report, NoReport> {
        let mut errors = tempfile::tempfile().context("no temporary file can be made")?;
        let mut child = self
            .command(&self.words)?
            .env("HOTPATH_OUTPUT_FORMAT", "json")
            .env("HOTPATH_OUTPUT_PATH", file)
            .env("HOTPATH_METRICS_SERVER_OFF", "true")
            // All rows: one that is left out cannot be compared. The second goes before the first.
            .env("HOTPATH_LIMIT", "0")
            .env("HOTPATH_FUNCTIONS_LIMIT", "0")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(errors.try_clone()?)
            .spawn()
            .with_context(|| self.cannot_run(&self.words))?;
        let status = wait(&mut child, stop)?;
        if !status.success() {
            let said = end_of(&mut errors).unwrap_or_default();
            let command = shell_words::join(&self.words);
            return Err(anyhow!("{}: `{command}` ended with {status}\n{said}", self.name).into());
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
        let Some((program, arguments)) = words.split_first() else {
            bail!("{}: an empty command", self.name)
        };
        let mut command = Command::new(program);
        command.args(arguments);
        if let Some(tree) = &self.tree {
            command.current_dir(tree.here());
            if let Some(target) = tree.target() {
                command.envs(target_folder::VARIABLES.map(|variable| (variable, target)));
            }
            // A path is meant as seen from the tree, not from here.
            if program.contains('/') && Path::new(program).is_relative() {
                let there = tree.here().join(program);
                command = with_program(there.as_path(), &command);
            }
        }
        // A group of its own, so that whatever it starts can be ended with it.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        Ok(command)
    }

    fn cannot_run(&self, words: &[String]) -> String {
        let advice = if self.tree.is_some() { " (does --build say how it is made there?)" } else { "" };
        format!("{}: cannot run `{}`{advice}", self.name, shell_words::join(words))
    }
}

/// The same command with another program.
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

/// Waits for the end; when it is time to stop, brings it about.
fn wait(child: &mut Child, stop: &Stop) -> Result<ExitStatus, NoReport> {
    loop {
        if let Some(status) = child.try_wait()? {
            return if stop.is_now() { Err(NoReport::Stopped) } else { Ok(status) };
        }
        if stop.is_now() {
            end(child);
            return Err(NoReport::Stopped);
        }
        std::thread::sleep(PAUSE);
    }
}

/// Ends the command and what it started: of a script or `cargo run` the program would go on.
fn end(child: &mut Child) {
    #[cfg(unix)]
    {
        use rustix::process::{Pid, Signal, kill_process_group};
        // Not reaped yet, so the number is still its own.
        _ = kill_process_group(Pid::from_child(child), Signal::KILL);
    }
    let _ended_already = child.kill();
    let _reaped = child.wait();
}

fn end_of(file: &mut File) -> Result<String> {
    let length = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(length.saturating_sub(SHOWN)))?;
    let mut said = Vec::new();
    file.read_to_end(&mut said)?;
    Ok(String::from_utf8_lossy(&said).into_owned())
}
