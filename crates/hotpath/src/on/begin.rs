//! Where sessions begin. With the first one those begin that answer from outside; the session itself does not know them.

use super::{
    mcp, serve,
    session::{self, Session, StartServer},
};
use crate::builder::SessionOptions;

/// All servers there are.
const SERVERS: &[StartServer] = &[serve::start, mcp::start];

/// Begins a session.
#[track_caller]
pub(crate) fn begin(options: SessionOptions) -> Session {
    session::set_servers(SERVERS);
    session::begin(options)
}

/// Sees to it that something is recorded, for guards of sections.
pub(crate) fn begin_background(options: SessionOptions) {
    session::set_servers(SERVERS);
    session::begin_background(options);
}
