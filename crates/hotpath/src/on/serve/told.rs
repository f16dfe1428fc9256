//! What answers are made of: a report of the session, or that there is none.

use std::time::Duration;

use hotpath_http::Answer;
use hotpath_report::Report;

use crate::imp::session::{self, Part};

/// How long a report that is being made is waited for.
const PATIENCE: Duration = Duration::from_secs(2);

pub(super) fn no_session() -> Answer {
    Answer::error(503, "no session is running")
}

/// What `write` makes of this part of the report.
pub(super) fn of_report(part: Part, write: impl FnOnce(&Report) -> Answer) -> Answer {
    session::report(part, PATIENCE).map_or_else(no_session, |report| write(&report))
}
