//! `/functions_cpu`: the section in the envelope that 0.16 put around a capture of its external profiler.
//!
//! Samples are counted all the time, so there is nothing to capture and nothing to wait for: the envelope is `ready` from the start.
//! Where nothing is sampled it has the reason.

use hotpath_http::Answer;
use hotpath_report::{Form, render};
use serde_json::json;

use super::{
    answer::failed,
    source::{self, CpuSampling, Failure},
};
use crate::imp::session;

const SECTION: &str = "functions_cpu";

/// Answers with the envelope and the section at this moment.
pub(super) fn answer(form: Form) -> Answer {
    match source::cpu_sampling() {
        Err(failure) => failed(&failure),
        Ok(CpuSampling::LeftOut) => Answer::json(200, json!({ "status": "idle" }).to_string()),
        Ok(CpuSampling::Stopped(reason)) => {
            Answer::json(200, json!({ "status": "error", "error": reason }).to_string())
        }
        Ok(CpuSampling::Running) => ready(form).unwrap_or_else(|failure| failed(&failure)),
    }
}

fn ready(form: Form) -> Result<Answer, Failure> {
    let report = source::report(session::Part::Complete)?;
    let section = render::section_json(&report, SECTION, form).ok_or(Failure::NoSession)?;
    let mut head = json!({
        "status": "ready",
        "captured_at_ms": source::unix_ms(),
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
    Ok(Answer::json(200, format!("{fields},\"report\":{section}}}")))
}
