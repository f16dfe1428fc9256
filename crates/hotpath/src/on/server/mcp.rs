//! The MCP endpoint: the tools of `hotpath-mcp` for AI agents, over HTTP at `/mcp`, on the thread `hp-mcp`.
//!
//! It does not need the metrics endpoint, and messages of the protocol's library do not get into the program's log.

use std::sync::atomic::AtomicBool;

use hotpath_http::serve_with;
use hotpath_mcp::{Server, Source, Sources, Unavailable, http};
use hotpath_report::{Form, LogDeclaration, Report, Spec, render};
use serde_json::Value as Json;

use super::{
    listener::Listener,
    source::{self, Failure},
};
use crate::imp::{session::Part, settings::Settings};

/// No other port is tried: agents are configured with this one.
static LISTENER: Listener = Listener {
    name: "MCP endpoint",
    thread: "hp-mcp",
    path: http::PATH,
    fallbacks: None,
    is_started: AtomicBool::new(false),
};

pub(super) fn start(settings: &Settings) {
    LISTENER.start(settings.mcp.as_ref(), |listener, policy| {
        let _silenced = http::silence_tracing();
        let service = http::service(Server::new(Sources::one("live", ThisProcess)));
        serve_with(listener, policy, move |request| http::answer(service.clone(), request))
    });
}

/// The session of this process.
struct ThisProcess;

impl Source for ThisProcess {
    fn report(&self) -> Result<Report, Unavailable> {
        source::report(Part::Complete).map_err(unavailable)
    }

    fn log(&self, section: &Spec, log: &LogDeclaration, id: u64) -> Result<Json, Unavailable> {
        let table = source::log(section.name, log, &id.to_string()).map_err(unavailable)?;
        serde_json::from_str(&render::log_json(&table, Form::Whole))
            .map_err(|error| Unavailable(format!("The log is not valid JSON: {error}.")))
    }

    fn status(&self) -> Result<Json, Unavailable> {
        Ok(source::status())
    }

    fn reset(&self) -> Result<Json, Unavailable> {
        source::reset().map_err(unavailable)
    }

    fn cpu_snapshot(&self) -> Result<Json, Unavailable> {
        source::cpu_snapshot().map_err(unavailable)
    }

    fn is_live(&self) -> bool {
        true
    }
}

fn unavailable(failure: Failure) -> Unavailable {
    let message = failure.message();
    let mut chars = message.chars();
    let first = chars.next().map(|first| first.to_uppercase().collect::<String>()).unwrap_or_default();
    Unavailable(format!("{first}{}.", chars.as_str()))
}
