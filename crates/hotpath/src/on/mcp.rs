//! Where AI agents ask: the tools of `hotpath-mcp`, over HTTP at `/mcp`, on the thread `hp-mcp`.
//!
//! It asks the session for reports, and the metrics endpoint's own routes for the rest; it does not need that endpoint to be
//! listening. What must stay true is what must for the endpoint ([`serve`]): no client makes the program wait for longer than a snapshot
//! takes, and what the library of the protocol has to say does not come into the program's log.

use std::{
    convert::Infallible,
    io,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use hotpath_http::{Door, Listening, listen, serve_with};
use hotpath_mcp::{Server, Source, Sources, Unavailable, http};
use hotpath_report::{Form, Report};
use serde_json::Value as Json;

use super::{
    os::{self, own_thread},
    output::warn,
    serve::routes,
    session::{self, Part},
    settings::{Endpoint, Settings},
};

/// Where it is unless told otherwise. No other port is tried: agents are told this one beforehand.
const PORT: u16 = 6771;
/// How long a report that is being made is waited for.
const PATIENCE: Duration = Duration::from_secs(2);

/// Set when a session has asked for it. Nothing else depends on it, so no order is needed.
static IS_ASKED_FOR: AtomicBool = AtomicBool::new(false);

/// Once per process: begins to answer. What goes wrong is told in one line, and the program goes on.
pub(crate) fn start(settings: &Settings) {
    let Some(endpoint) = &settings.mcp else { return };
    if IS_ASKED_FOR.swap(true, Ordering::Relaxed) {
        return;
    }
    match listen(endpoint.address, [endpoint.port.unwrap_or(PORT)]) {
        Ok(listening) => open(listening, endpoint),
        Err(error) => warn(&failure(endpoint, &error)),
    }
}

fn failure(endpoint: &Endpoint, error: &io::Error) -> String {
    let port = endpoint.port.unwrap_or(PORT);
    match error.kind() {
        io::ErrorKind::AddrInUse => {
            format!("port {port} is busy: agents cannot ask (HOTPATH_MCP_PORT chooses another port)")
        }
        _ => {
            format!("port {port} of {} cannot be listened at ({error}): agents cannot ask", endpoint.address)
        }
    }
}

fn open(listening: Listening, endpoint: &Endpoint) {
    let Listening { listener, address, .. } = listening;
    os::forks::close_in_forks(&listener);
    let door = Door::default().with_token(endpoint.token.as_deref()).with_setting("HOTPATH_MCP_AUTH_TOKEN");
    let answer = move || -> io::Result<Infallible> {
        let _silenced = http::silence_tracing();
        let service = http::service(Server::new(Sources::one("live", Session)));
        serve_with(listener, door, move |request| http::answer(service.clone(), request))
    };
    session::will_be_asked();
    if let Err(error) = own_thread::spawn("hp-mcp", answer) {
        return warn(&format!("no thread could be started ({error}): agents cannot ask"));
    }
    if endpoint.port == Some(0) {
        warn(&format!("agents ask at http://{address}{}", http::PATH));
    }
}

/// The session of this process.
struct Session;

impl Source for Session {
    fn report(&self) -> Result<Report, Unavailable> {
        session::told(Part::Whole, PATIENCE).ok_or_else(|| Unavailable("No session is running.".to_owned()))
    }

    fn get(&self, path: &str) -> Result<Json, Unavailable> {
        ask("GET", path)
    }

    fn post(&self, path: &str) -> Result<Json, Unavailable> {
        ask("POST", path)
    }

    fn is_live(&self) -> bool {
        true
    }
}

fn ask(method: &str, path: &str) -> Result<Json, Unavailable> {
    let answer = routes::answer(method, path, Form::Whole);
    let body: Json = serde_json::from_str(&answer.body).unwrap_or_default();
    if (200..300).contains(&answer.status) {
        return Ok(body);
    }
    let told = body.get("error").and_then(Json::as_str).unwrap_or("it did not say why");
    Err(Unavailable(format!("The program answered {} at {path}: {told}.", answer.status)))
}
