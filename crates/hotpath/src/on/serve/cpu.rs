//! `/functions_cpu`: the section in the envelope that 0.16 put around a capture of its external profiler.
//!
//! Samples are counted all the time, so there is nothing to capture and nothing to wait for: the envelope is `ready` from the first
//! moment, and a snapshot is taken by asking. Where nothing is sampled it says why.

use std::time::{SystemTime, UNIX_EPOCH};

use hotpath_http::Answer;
use hotpath_report::{Form, render};
use serde_json::json;

use super::told::{no_session, of_report};
use crate::imp::{
    cpu,
    session::{self, Part},
};

const SECTION: &str = "functions_cpu";

/// Whether functions are sampled.
enum Sampled {
    Yes,
    /// The settings leave the section out.
    LeftOut,
    /// Why not.
    Stopped(String),
}

/// `None` when no session is running.
fn sampled() -> Option<Sampled> {
    session::with_running(|running| match running.cpu.as_ref().map(cpu::Sampling::stopped) {
        None => Sampled::LeftOut,
        Some(None) => Sampled::Yes,
        Some(Some(why)) => Sampled::Stopped(why),
    })
}

/// The envelope, with the section at this moment.
pub(super) fn answer(form: Form) -> Answer {
    if !cpu::IS_BUILT {
        return not_built();
    }
    match sampled() {
        None => no_session(),
        Some(Sampled::LeftOut) => Answer::json(200, json!({ "status": "idle" }).to_string()),
        Some(Sampled::Stopped(why)) => {
            Answer::json(200, json!({ "status": "error", "error": why }).to_string())
        }
        Some(Sampled::Yes) => ready(form),
    }
}

fn ready(form: Form) -> Answer {
    of_report(Part::Complete, |report| {
        let Some(section) = render::section_json(report, SECTION, form) else { return no_session() };
        let mut head = json!({
            "status": "ready",
            "captured_at_ms": now_ms(),
            "capture_duration_ms": report.duration_ns / 1_000_000,
            "current_session_id": session::status().window.to_string(),
            "current_session_path": null,
        });
        if let (Form::Compat(_), Some(fields)) = (form, head.as_object_mut()) {
            fields.retain(|_, value| !value.is_null()); // there is no such path
        }
        let head = head.to_string();
        // The section stays the text that it is elsewhere.
        let fields = head.strip_suffix('}').unwrap_or_default();
        Answer::json(200, format!("{fields},\"report\":{section}}}"))
    })
}

/// The snapshot is there already. 409 where nothing is sampled, because the program has other plans with the signal.
pub(super) fn snapshot(_: Form) -> Answer {
    if !cpu::IS_BUILT {
        return not_built();
    }
    match sampled() {
        None => no_session(),
        Some(Sampled::LeftOut) => Answer::error(409, "the settings of this session leave the section out"),
        Some(Sampled::Stopped(why)) => Answer::error(409, &why),
        Some(Sampled::Yes) => {
            Answer::json(202, json!({ "status": "ready", "captured_at_ms": now_ms() }).to_string())
        }
    }
}

fn not_built() -> Answer {
    Answer::error(404, "functions are not sampled: that takes the feature hotpath-cpu")
}

/// Milliseconds since 1970.
fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
