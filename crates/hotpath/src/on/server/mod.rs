//! Servers inside the program: the metrics endpoint, and the MCP endpoint for agents.
//!
//! A server starts with the first session, on a thread of its own, and runs to the end of the process. Both answer from the same
//! typed requests ([`source`]). What must stay true: no client makes the program wait for longer than a snapshot takes, and none is
//! sent or waited for while a lock is held that the program may want.

mod answer;
mod cpu;
mod form;
mod http;
mod listener;
mod logs;
#[cfg(feature = "hotpath-mcp")]
mod mcp;
mod routes;
mod source;

use super::settings::Settings;

/// Starts the servers that the settings want, unless they run already.
pub(crate) fn start(settings: &Settings) {
    http::start(settings);
    #[cfg(feature = "hotpath-mcp")]
    mcp::start(settings);
}
