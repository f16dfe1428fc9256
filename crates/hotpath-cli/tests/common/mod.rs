//! A folder with reports in it, and the command run there.
#![allow(dead_code, reason = "each test file uses its own part")]

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use hotpath_report::{Dist, FunctionStats, Meta, Report, Table, Timing, TreeNode, render};
use tempfile::TempDir;

/// A folder of its own, gone with the value.
pub struct Folder(TempDir);

impl Folder {
    pub fn new() -> Self {
        Self(TempDir::new().expect("a folder"))
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes the report of a run whose only function took so long.
    pub fn report(&self, name: &str, self_ns: u64) {
        self.write(name, &json(&report(self_ns)));
    }

    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).expect("a file");
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).expect("a file")
    }

    /// The command, not begun yet.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hotpath"));
        command.args(arguments).current_dir(self.0.path()).stdin(Stdio::null());
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("it runs")
    }

    /// The output of a command that must not fail.
    pub fn says(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert_eq!(stderr(&output), "", "{arguments:?}");
        assert!(output.status.success(), "{arguments:?}");
        stdout(&output).to_owned()
    }

    /// The message of a command that must fail, and print nothing else.
    pub fn failure(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert_eq!(stdout(&output), "", "{arguments:?}");
        stderr(&output).to_owned()
    }
}

/// The report of a run whose only function took so long.
pub fn report(self_ns: u64) -> Report {
    let name = "app::main";
    let main = TreeNode { name: name.into(), calls: 1, total_ns: self_ns, self_ns, ..TreeNode::default() };
    let row = FunctionStats {
        name: name.into(),
        calls: 1,
        total_ns: Some(self_ns),
        self_ns: Some(self_ns),
        durations: Dist::default(),
        ..FunctionStats::default()
    };
    Report {
        caller_name: name.into(),
        duration_ns: self_ns,
        meta: Meta { created_at: "2026-11-21T13:44:27Z".into(), ..Meta::default() },
        sections: vec![Table::of::<Timing>(&[row], &(), &[])],
        call_tree: vec![main],
        ..Report::default()
    }
}

pub fn json(report: &Report) -> String {
    let mut text = String::new();
    render::json(report, &render::Options::default(), &mut text).expect("JSON");
    text
}

pub fn stdout(output: &Output) -> &str {
    str::from_utf8(&output.stdout).expect("text")
}

pub fn stderr(output: &Output) -> &str {
    str::from_utf8(&output.stderr).expect("text")
}
