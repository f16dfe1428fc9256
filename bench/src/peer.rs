//! The peers: how they are built, and run for one case.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use crate::{
    case::Case,
    name::{BARE, BARE_FLOW, OURS, OURS_ALLOC, OURS_FLOW, PUBLISHED, PUBLISHED_ALLOC, PUBLISHED_FLOW},
    sample::Sample,
    topic::Topic,
};

/// A program below `peers/`.
#[derive(Debug)]
pub struct Peer {
    pub name: &'static str,
    pub about: &'static str,
    /// The crates under test, whose versions are printed.
    pub crates: &'static [&'static str],
    /// Its memory grows with the calls, so it is spared the largest case.
    pub keeps_every_call: bool,
    /// In whose tables it is a column.
    pub topics: &'static [Topic],
}

const CALLS: &[Topic] = &[Topic::Calls];
const ALLOCATIONS: &[Topic] = &[Topic::Allocations];
const BOTH: &[Topic] = &[Topic::Calls, Topic::Allocations];
const FLOW: &[Topic] = &[Topic::Flow];

/// In the order of the columns.
pub const PEERS: [Peer; 13] = [
    peer(BARE, "no profiler", &[], BOTH),
    peer("counting", "no profiler, an allocator that counts in the thread", &[], ALLOCATIONS),
    peer(OURS, "this project", &["hotpath"], BOTH),
    peer(OURS_ALLOC, "this project, allocations tracked", &["hotpath"], ALLOCATIONS),
    peer("off", "this project without its feature", &["hotpath"], CALLS),
    peer(PUBLISHED, "the published crate of the same interface", &["hotpath"], BOTH).keeps_every_call(),
    peer(PUBLISHED_ALLOC, "the published crate, allocations tracked", &["hotpath"], ALLOCATIONS)
        .keeps_every_call(),
    peer("fastrace", "spans thrown away by the reporter", &["fastrace"], CALLS).keeps_every_call(),
    peer("puffin", "keeps the latest frames only", &["puffin"], CALLS).keeps_every_call(),
    peer("tracing", "tracing with tracing-timing", &["tracing", "tracing-timing"], CALLS).keeps_every_call(),
    peer(BARE_FLOW, "no profiler; channels, locks, streams, futures", &[], FLOW),
    peer(OURS_FLOW, "this project, watching them", &["hotpath"], FLOW),
    peer(PUBLISHED_FLOW, "the published crate, watching them", &["hotpath"], FLOW),
];

const fn peer(
    name: &'static str,
    about: &'static str,
    crates: &'static [&'static str],
    topics: &'static [Topic],
) -> Peer {
    Peer { name, about, crates, keeps_every_call: false, topics }
}

impl Peer {
    const fn keeps_every_call(self) -> Self {
        Self { keeps_every_call: true, ..self }
    }

    /// Whether there is a table in which this case is a row and the peer a column.
    pub fn runs(&self, case: &Case) -> bool {
        self.topics.iter().any(|&topic| !case.shown(topic).is_empty())
    }
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
    /// The peers of this repository, built beside this program.
    pub fn here() -> Result<Self, String> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers");
        Ok(Self { root, target: target_directory()?.join("peers") })
    }

    /// Builds one peer by itself: together, those of one crate would get the same features.
    pub fn build(&self, peer: &str) -> Result<(), String> {
        build(&self.root, &package(peer), &self.target)
    }

    /// The program of a peer that is built.
    pub fn program(&self, peer: &str) -> PathBuf {
        self.target.join("release").join(package(peer))
    }

    /// Runs one case once, in a process of its own.
    pub fn run(&self, peer: &Peer, case: &Case, calls: u64) -> Outcome {
        let mut program = Command::new(self.program(peer.name));
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

/// The directory this program was built in, two levels above it.
pub fn target_directory() -> Result<PathBuf, String> {
    let program = std::env::current_exe().map_err(|error| format!("where this program is: {error}"))?;
    program.ancestors().nth(2).map(Path::to_owned).ok_or_else(|| "no target directory".into())
}

/// Builds a package of the workspace at `root`.
pub fn build(root: &Path, package: &str, target: &Path) -> Result<(), String> {
    eprintln!("building {package}");
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["build", "--release", "--quiet", "--package", package, "--manifest-path"]);
    cargo.arg(root.join("Cargo.toml")).arg("--target-dir").arg(target);
    let status = cargo.status().map_err(|error| format!("cargo: {error}"))?;
    status.success().then_some(()).ok_or_else(|| format!("{package} does not build"))
}

/// What the caller's environment sets for a profiler must not change what is measured.
#[allow(clippy::disallowed_methods, reason = "no setting is read, only names")]
pub fn forget_settings(program: &mut Command) {
    for (name, _) in std::env::vars_os() {
        if name.as_encoded_bytes().starts_with(b"HOTPATH_") {
            program.env_remove(name);
        }
    }
}

fn package(peer: &str) -> String {
    format!("peer-{peer}")
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

#[cfg(test)]
mod tests {
    use super::PEERS;
    use crate::case::CASES;

    /// The cases that the peer runs of those named.
    fn runs(peer: &str, cases: &[&str]) -> Vec<&'static str> {
        let peer = PEERS.iter().find(|known| known.name == peer).expect("a known peer");
        let named = CASES.iter().filter(|case| cases.contains(&case.name));
        named.filter(|case| peer.runs(case)).map(|case| case.name).collect()
    }

    #[test]
    fn a_peer_runs_what_some_table_shows_of_it() {
        let cases = ["empty", "log", "json"];
        assert_eq!(runs("bare", &cases), cases);
        assert_eq!(runs("published", &cases), cases);
        assert_eq!(runs("ours-alloc", &cases), ["empty", "json"]);
        assert_eq!(runs("tracing", &cases), ["empty", "log"]);
        assert_eq!(runs("ours-flow", &["empty", "json", "ch_std", "mutex_std_2"]), ["ch_std", "mutex_std_2"]);
        assert!(runs("bare", &["ch_std"]).is_empty());
    }
}
