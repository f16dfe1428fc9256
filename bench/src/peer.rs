//! The peers: how they are built, and run for one case.

use std::{
    path::PathBuf,
    process::{Command, Output, Stdio},
};

use crate::{case::Case, sample::Sample};

/// A program below `peers/`.
#[derive(Debug)]
pub struct Peer {
    pub name: &'static str,
    pub about: &'static str,
    /// The crates under test, whose versions are printed.
    pub crates: &'static [&'static str],
    /// Its memory grows with the calls, so it is spared the largest case.
    pub keeps_every_call: bool,
}

pub const BARE: &str = "bare";
pub const OURS: &str = "ours";
pub const PUBLISHED: &str = "published";

/// In the order of the columns.
pub const PEERS: [Peer; 7] = [
    peer(BARE, "no profiler", &[], false),
    peer(OURS, "this project", &["hotpath"], false),
    peer("off", "this project without its feature", &["hotpath"], false),
    peer(PUBLISHED, "the published crate of the same interface", &["hotpath"], true),
    peer("fastrace", "spans thrown away by the reporter", &["fastrace"], true),
    peer("puffin", "keeps the latest frames only", &["puffin"], true),
    peer("tracing", "tracing with tracing-timing", &["tracing", "tracing-timing"], true),
];

const fn peer(
    name: &'static str,
    about: &'static str,
    crates: &'static [&'static str],
    keeps_every_call: bool,
) -> Peer {
    Peer { name, about, crates, keeps_every_call }
}

/// What came of one run.
#[derive(Debug, PartialEq)]
pub enum Outcome {
    Cost(Sample),
    /// The profiler has nothing for this case.
    Lacks,
    Failed(String),
}

/// Where the peers' sources are, and where they are built.
pub struct Workshop {
    pub root: PathBuf,
    pub target: PathBuf,
}

/// The exit status by which a peer says that it lacks a case.
const LACKS: i32 = 3;

impl Workshop {
    /// Builds one peer by itself: together, `ours` and `off` would get the same features.
    pub fn build(&self, peer: &Peer) -> Result<(), String> {
        eprintln!("building {}", peer.name);
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.args(["build", "--release", "--quiet", "--package", &package(peer), "--manifest-path"]);
        cargo.arg(self.root.join("Cargo.toml")).arg("--target-dir").arg(&self.target);
        let status = cargo.status().map_err(|error| format!("cargo: {error}"))?;
        status.success().then_some(()).ok_or_else(|| format!("{} does not build", peer.name))
    }

    /// Runs one case once, in a process of its own.
    pub fn run(&self, peer: &Peer, case: &Case, calls: u64) -> Outcome {
        let mut program = Command::new(self.target.join("release").join(package(peer)));
        program.args([case.name, &calls.to_string()]).stdin(Stdio::null());
        forget_settings(&mut program);
        // The report is made and written, but not to the terminal; what a server would do is not compared.
        program
            .env("HOTPATH_OUTPUT_FORMAT", "json")
            .env("HOTPATH_OUTPUT_PATH", self.target.join("report.json"));
        program.env("HOTPATH_METRICS_SERVER_OFF", "true");
        match program.output() {
            Ok(output) => outcome(&output),
            Err(error) => Outcome::Failed(error.to_string()),
        }
    }
}

/// What the caller's environment sets for a profiler must not change what is measured.
#[allow(clippy::disallowed_methods, reason = "no setting is read, only names")]
fn forget_settings(program: &mut Command) {
    for (name, _) in std::env::vars_os() {
        if name.as_encoded_bytes().starts_with(b"HOTPATH_") {
            program.env_remove(name);
        }
    }
}

fn package(peer: &Peer) -> String {
    format!("peer-{}", peer.name)
}

fn outcome(output: &Output) -> Outcome {
    if output.status.code() == Some(LACKS) {
        return Outcome::Lacks;
    }
    let printed = String::from_utf8_lossy(&output.stdout);
    // Whatever else a profiler prints, the cost is the last line.
    match printed.lines().last().and_then(Sample::parse) {
        Some(sample) if output.status.success() => Outcome::Cost(sample),
        _ => {
            Outcome::Failed(format!("{}: {}", output.status, String::from_utf8_lossy(&output.stderr).trim()))
        }
    }
}
