//! `hotpath mcp`: an MCP server for an AI agent, over standard input and output.
//!
//! The agent's client starts it; messages for people go to stderr. The profiled program needs only its metrics endpoint, or a
//! saved report.

use std::path::{Path, PathBuf};

use anyhow::Result;
use hotpath_mcp::{Server, Source, Sources, Unavailable};
use hotpath_report::{LogDeclaration, Report, Spec};
use serde_json::Value as Json;

use crate::client::{Answer, Client, EndpointArguments};
use crate::file::shown;
use crate::source;

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    endpoint: EndpointArguments,
    /// Report file (JSON), instead of a running program, or in addition to it with --url. May be repeated: the tools then take a
    /// `source`, and `compare` can compare two of them
    #[arg(long, value_name = "FILE")]
    report: Vec<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let mut sources: Option<Sources> = None;
    let mut add = |name: String, source: Box<dyn Source>| {
        sources = Some(match sources.take() {
            None => Sources::one(name, source),
            Some(sources) => sources.and(name, source),
        });
    };
    if arguments.report.is_empty() || arguments.endpoint.url.is_some() {
        add("live".to_owned(), Box::new(Live(arguments.endpoint.client()?)));
    }
    for path in &arguments.report {
        // An invalid report is an error now, and not at the agent's first call.
        source::read(path)?;
        let name = path.file_stem().map_or_else(|| shown(path), |name| shown(Path::new(name)));
        add(name, Box::new(Saved(path.clone())));
    }
    if let Some(sources) = sources {
        hotpath_mcp::stdio::serve(Server::new(sources))?;
    }
    Ok(())
}

/// A running program, through its metrics endpoint.
struct Live(Client);

impl Source for Live {
    fn report(&self) -> Result<Report, Unavailable> {
        self.0.report().map_err(|error| Unavailable(format!("{error:#}")))
    }

    fn log(&self, section: &Spec, log: &LogDeclaration, id: u64) -> Result<Json, Unavailable> {
        self.get(&log.path(section.name, id))
    }

    fn status(&self) -> Result<Json, Unavailable> {
        self.get("/profiler_status")
    }

    fn reset(&self) -> Result<Json, Unavailable> {
        self.post("/reset")
    }

    fn cpu_snapshot(&self) -> Result<Json, Unavailable> {
        self.post("/functions_cpu/snapshot")
    }

    fn is_live(&self) -> bool {
        true
    }
}

impl Live {
    fn get(&self, path: &str) -> Result<Json, Unavailable> {
        read(path, self.0.get(path))
    }

    fn post(&self, path: &str) -> Result<Json, Unavailable> {
        read(path, self.0.post(path))
    }
}

fn read(path: &str, answer: Result<Answer>) -> Result<Json, Unavailable> {
    let answer = answer.map_err(|error| Unavailable(format!("{error:#}")))?;
    let json: Option<Json> = serde_json::from_str(&answer.body).ok();
    match (answer.status, json) {
        (200..=299, Some(json)) => Ok(json),
        (200..=299, None) => Err(Unavailable(format!("The program returned invalid JSON at {path}."))),
        (401, _) => Err(Unavailable(
            "The program requires a token: start `hotpath mcp` with HOTPATH_METRICS_AUTH_TOKEN set."
                .to_owned(),
        )),
        (status, json) => {
            let reason =
                json.as_ref().and_then(|json| json.get("error")?.as_str()).unwrap_or("no reason given");
            Err(Unavailable(format!("The program returned status {status} at {path}: {reason}.")))
        }
    }
}

/// A report in a file. Each call reads it again, so that a newer one is seen.
struct Saved(PathBuf);

impl Source for Saved {
    fn report(&self) -> Result<Report, Unavailable> {
        source::read(&self.0).map_err(|error| Unavailable(format!("{error:#}")))
    }

    fn is_live(&self) -> bool {
        false
    }
}
