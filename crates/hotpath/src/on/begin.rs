//! Where sessions begin. With the first one those begin that answer from outside; the session itself does not know them.

use super::{
    mcp, serve,
    session::{self, Session, StartServer},
};
use crate::builder::Wishes;

/// All servers there are.
const SERVERS: &[StartServer] = &[serve::start, mcp::start];

/// Begins a session.
#[track_caller]
pub(crate) fn begin(wishes: Wishes) -> Session {
    session::set_servers(SERVERS);
    session::begin(wishes)
}

/// Sees to it that something is recorded, for guards of sections.
pub(crate) fn begin_background(wishes: Wishes) {
    session::set_servers(SERVERS);
    session::begin_background(wishes);
}
