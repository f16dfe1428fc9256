//! The start of sessions, together with all that takes part in one: the servers, and the guards of sections.
//!
//! This is the only module that knows the session and its [`SessionObserver`]s.

#[cfg(feature = "serve")]
use super::server;
use super::{
    section_guards,
    session::{self, Session, SessionObserver},
    settings::Settings,
};
use crate::{
    Section,
    options::{SectionGuardOptions, SessionOptions},
};

static OBSERVER: SessionObserver = SessionObserver {
    on_start: start_servers,
    on_end: section_guards::render_all,
    on_exit: section_guards::print_all,
};

fn start_servers(_settings: &Settings) {
    #[cfg(feature = "serve")]
    server::start(_settings);
}

/// Starts a session.
#[track_caller]
pub(crate) fn session(options: SessionOptions) -> Session {
    session::begin(options, &OBSERVER)
}

/// Returns a guard that prints `sections` when it is dropped, and starts a session in the background unless one is running.
pub(crate) fn section_guard(
    sections: &'static [Section],
    options: SectionGuardOptions,
) -> section_guards::Guard {
    let guard = section_guards::Guard::new(sections, options);
    session::begin_background(SessionOptions { caller_name: "main", ..SessionOptions::default() }, &OBSERVER);
    guard
}
