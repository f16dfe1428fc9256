//! What the numbers were taken on.

use std::{collections::BTreeMap, fs, path::Path, process::Command};

use serde_json::{Value, json};

use crate::{
    name::{PUBLISHED, PUBLISHED_ALLOC, PUBLISHED_FLOW},
    options::Options,
    peer::Peer,
};

/// Each field is `None` where this system does not say.
pub struct Machine {
    processor: Option<String>,
    cpus: Option<usize>,
    clock_source: Option<String>,
    rustc: Option<String>,
    peers: Vec<(&'static Peer, Option<String>)>,
}

impl Machine {
    pub fn look(peers_root: &Path, peers: &[&'static Peer]) -> Self {
        let lock = fs::read_to_string(peers_root.join("Cargo.lock")).unwrap_or_default();
        let peers = peers.iter().map(|&peer| (peer, versions(&lock, peer)));
        Self {
            processor: processor(),
            cpus: std::thread::available_parallelism().ok().map(usize::from),
            clock_source: clock_source(),
            rustc: rustc(),
            peers: peers.collect(),
        }
    }

    /// The lines above the tables of costs.
    pub fn markdown(&self, options: &Options) -> String {
        let fewer =
            if options.divisor > 1 { format!(", 1/{} of the calls", options.divisor) } else { String::new() };
        let rounds = options.rounds;
        let peers: String =
            self.peers.iter().map(|(peer, versions)| legend(peer, versions.as_deref())).collect();
        format!(
            "{}- medians of {rounds} interleaved rounds (lowest–highest){fewer}; `–`: the peer has nothing for the \
             case\n{peers}",
            self.lines()
        )
    }

    /// The machine alone.
    pub fn lines(&self) -> String {
        let or_dash = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".into());
        format!(
            "- processor: {}, {} usable\n- kernel clock source: {}\n- {}\n",
            or_dash(&self.processor),
            self.cpus.map_or_else(|| "-".into(), |cpus| cpus.to_string()),
            or_dash(&self.clock_source),
            or_dash(&self.rustc),
        )
    }

    pub fn json(&self) -> Value {
        json!({
            "processor": self.processor,
            "cpus": self.cpus,
            "clock_source": self.clock_source,
            "rustc": self.rustc,
            "peers": self.peers.iter().map(|(peer, versions)| (peer.name, versions)).collect::<BTreeMap<_, _>>(),
        })
    }
}

fn processor() -> Option<String> {
    let info = fs::read_to_string("/proc/cpuinfo").ok()?;
    let name = info.lines().find_map(|line| line.strip_prefix("model name"))?;
    Some(name.trim_start_matches([' ', '\t', ':']).to_owned())
}

fn clock_source() -> Option<String> {
    let name = fs::read_to_string("/sys/devices/system/clocksource/clocksource0/current_clocksource").ok()?;
    Some(name.trim().to_owned())
}

fn rustc() -> Option<String> {
    let output = Command::new("rustc").arg("--version").output().ok()?;
    Some(String::from_utf8(output.stdout).ok()?.trim().to_owned())
}

fn legend(peer: &Peer, versions: Option<&str>) -> String {
    let versions = versions.map(|versions| format!(" ({versions})")).unwrap_or_default();
    format!("- {}: {}{versions}\n", peer.name, peer.about)
}

/// Of the crates under test; `None` for the bare program.
fn versions(lock: &str, peer: &Peer) -> Option<String> {
    let local =
        ![PUBLISHED, PUBLISHED_ALLOC, PUBLISHED_FLOW].contains(&peer.name) && peer.crates == ["hotpath"];
    let versions: Vec<String> = peer.crates.iter().filter_map(|name| version(lock, name, local)).collect();
    (!versions.is_empty()).then(|| versions.join(", "))
}

/// `name 1.2.3` of a lock file's package; `local` ones have no source.
fn version(lock: &str, name: &str, local: bool) -> Option<String> {
    let wanted = format!("name = \"{name}\"");
    let package = lock.split("[[package]]").find(|package| {
        package.lines().any(|line| line == wanted) && package.contains("\nsource = ") != local
    })?;
    let version = package.lines().find_map(|line| line.strip_prefix("version = "))?;
    Some(format!("{name} {}", version.trim_matches('"')))
}

#[cfg(test)]
mod tests {
    use super::version;

    #[test]
    fn one_name_may_be_there_twice() {
        let lock = "[[package]]\nname = \"a\"\nversion = \"1.0.0\"\n\n\
            [[package]]\nname = \"a\"\nversion = \"2.0.0\"\nsource = \"somewhere\"\n";
        assert_eq!(version(lock, "a", true).as_deref(), Some("a 1.0.0"));
        assert_eq!(version(lock, "a", false).as_deref(), Some("a 2.0.0"));
        assert_eq!(version(lock, "b", false), None);
    }
}
