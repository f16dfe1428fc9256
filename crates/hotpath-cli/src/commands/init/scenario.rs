//! The scenarios: five small programs, each with the part of `Cargo.toml` that it needs and the command that runs it.
//!
//! Their texts are the files in `scenarios/`. `scripts/hotpath-rs-bootstrap.sh`, which works without this program, is made
//! from the same files ([`bootstrap_script`]); a test holds it against them, and another builds and runs each as printed.

use std::fmt::Write;

use clap::ValueEnum;
use serde_json::Value as Json;

/// What a first program is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Scenario {
    /// Functions and blocks of a plain program
    Basic,
    /// Async functions and the tokio runtime
    Tokio,
    /// A channel, a stream and futures
    DataFlow,
    /// A program that an AI agent asks while it runs
    Mcp,
    /// Time on the processor, apart from time that passes
    Cpu,
}

/// The texts of one scenario.
struct Texts {
    name: &'static str,
    cargo: &'static str,
    command: &'static str,
    snippet: &'static str,
}

macro_rules! texts {
    ($name:literal) => {
        Texts {
            name: $name,
            cargo: include_str!(concat!("scenarios/", $name, ".toml")),
            command: include_str!(concat!("scenarios/", $name, ".sh")),
            snippet: include_str!(concat!("scenarios/", $name, ".rs")),
        }
    };
}

impl Scenario {
    fn texts(self) -> Texts {
        match self {
            Self::Basic => texts!("basic"),
            Self::Tokio => texts!("tokio"),
            Self::DataFlow => texts!("data-flow"),
            Self::Mcp => texts!("mcp"),
            Self::Cpu => texts!("cpu"),
        }
    }

    /// An object with `scenario`, `cargo`, `command` and `snippet`.
    pub(crate) fn json(self) -> String {
        let Texts { name, cargo, command, snippet } = self.texts();
        let fields =
            [("scenario", name), ("cargo", cargo), ("command", command.trim_end()), ("snippet", snippet)];
        // By hand: the order above is the one to read it in, and a map would sort it.
        let lines = fields.map(|(key, text)| format!("  \"{key}\": {}", Json::from(text)));
        format!("{{\n{}\n}}\n", lines.join(",\n"))
    }

    /// The same for people.
    pub(crate) fn text(self) -> String {
        let Texts { cargo, command, snippet, .. } = self.texts();
        let mut text = String::new();
        for (place, part) in [("Cargo.toml", cargo), ("src/main.rs", snippet)] {
            _ = writeln!(text, "──── {place}\n{part}");
        }
        _ = write!(text, "──── run\n{command}");
        text
    }
}

/// The whole of `scripts/hotpath-rs-bootstrap.sh`.
pub fn bootstrap_script() -> String {
    let names: Vec<_> = Scenario::value_variants().iter().map(|scenario| scenario.texts().name).collect();
    let mut script = format!(
        r#"#!/bin/sh
# Prints a first program for hotpath as a JSON object: scenario, cargo, command, snippet.
# Made by `cargo xtask bootstrap` from crates/hotpath-cli/src/commands/init/scenarios; `hotpath init SCENARIO --json` says the same.
set -eu

usage() {{
    echo "usage: hotpath-rs-bootstrap.sh {}"
}}

case "${{1-}}" in
"#,
        names.join(" | ")
    );
    for scenario in Scenario::value_variants() {
        // Nothing is expanded within the quoted word of a here-document.
        _ = write!(script, "{})\n    cat <<'JSON'\n{}JSON\n    ;;\n", scenario.texts().name, scenario.json());
    }
    script.push_str("-h | --help)\n    usage\n    ;;\n*)\n    usage >&2\n    exit 2\n    ;;\nesac\n");
    script
}
