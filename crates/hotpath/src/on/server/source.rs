//! Requests of clients to the session, as typed calls. HTTP routes and MCP tools are two forms of these.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use hotpath_report::{
    LogDeclaration, Report, SectionSchema as _, Table, TokioRuntime, units::format_duration,
};
use serde_json::{Value as Json, json};

use super::logs;
use crate::imp::{
    clock, cpu, os,
    session::{self, BudgetRefusal, Part, Status},
};

/// The longest time to wait for a report that is being made.
const PATIENCE: Duration = Duration::from_secs(2);

/// The reason why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// No session is running.
    NoSession,
    /// There is nothing of this name, for this reason.
    NotFound(String),
    /// The settings of this session, or the program, do not allow it.
    Conflict(String),
}

impl Failure {
    pub(super) fn message(&self) -> &str {
        match self {
            Self::NoSession => "no session is running",
            Self::NotFound(reason) | Self::Conflict(reason) => reason,
        }
    }
}

type Answer<T> = Result<T, Failure>;

/// Returns the report of the running session, or that of the last one.
pub(super) fn report(part: Part) -> Answer<Report> {
    session::report(part, PATIENCE).ok_or(Failure::NoSession)
}

/// Returns a report with the section `name`.
pub(super) fn report_with(name: &str) -> Answer<Report> {
    let report = report(Part::Complete)?;
    let section = report.section(name);
    if name == TokioRuntime::SPEC.name && section.is_none_or(|section| section.rows.is_empty()) {
        let reason = "no tokio runtime is watched: hotpath::tokio_runtime!() watches one";
        return Err(Failure::NotFound(reason.to_owned()));
    }
    if section.is_none() {
        return Err(Failure::NotFound(not_recorded(name)));
    }
    Ok(report)
}

fn not_recorded(section: &str) -> String {
    match section {
        "functions_alloc" => {
            "allocations are not tracked: enable the feature hotpath-alloc and use hotpath's allocator"
                .to_owned()
        }
        "threads" if cfg!(feature = "threads") => {
            "threads are not polled: the settings of this session leave the section out".to_owned()
        }
        _ => format!("{section} is not recorded: this program is built without it"),
    }
}

/// Returns the log of the row `id` of a section.
pub(super) fn log(section: &str, log: &LogDeclaration, id: &str) -> Answer<Table> {
    let found = session::with_view(|view| logs::find(view, section, log, id)).ok_or(Failure::NoSession)?;
    found.ok_or_else(|| Failure::NotFound(format!("{section} has no row {id}")))
}

/// Restarts counting, and returns the state of the session then.
pub(super) fn reset() -> Answer<Json> {
    control(session::reset)
}

/// Stops recording, and returns the state of the session then.
pub(super) fn pause() -> Answer<Json> {
    control(session::pause)
}

/// Resumes recording, and returns the state of the session then.
pub(super) fn resume() -> Answer<Json> {
    control(session::resume)
}

/// Sets the budget, in percent, and returns it with the state of the session.
pub(super) fn set_budget(percent: Option<f64>) -> Answer<Json> {
    session::set_budget(percent).map_err(|refusal| match refusal {
        BudgetRefusal::NoSession => Failure::NoSession,
        BudgetRefusal::HasRate(rate) => {
            Failure::Conflict(format!("functions have the sampling rate {rate}, which wins over a budget"))
        }
    })?;
    let mut state = state();
    state["budget_percent"] = percent.into();
    Ok(state)
}

fn control(act: fn()) -> Answer<Json> {
    if session::status().caller_name.is_none() {
        return Err(Failure::NoSession);
    }
    act();
    Ok(state())
}

/// Returns the state of the session after a change.
fn state() -> Json {
    let Status { window, is_recording, .. } = session::status();
    json!({ "status": "ok", "paused": !is_recording, "session": window })
}

/// Returns the state of process and session.
pub(super) fn status() -> Json {
    let Status { window, caller_name, is_recording, elapsed_ns } = session::status();
    let uptime = clock::first_anchor().instant.elapsed();
    let uptime_ns = uptime.as_nanos() as u64;
    json!({
        "uptime": format_duration(uptime_ns),
        "uptime_ns": uptime_ns,
        "pid": os::process_id(),
        "version": env!("CARGO_PKG_VERSION"),
        "program": program(),
        "caller_name": caller_name,
        "running": caller_name.is_some(),
        "paused": caller_name.is_some() && !is_recording,
        "session": window,
        "session_elapsed_ns": elapsed_ns,
        "start_unix_ms": unix_ms().saturating_sub(uptime.as_millis() as u64),
    })
}

/// Returns the name of the program's file.
fn program() -> Option<String> {
    let path = std::env::current_exe().ok()?;
    Some(path.file_name()?.to_string_lossy().into_owned())
}

/// Returns the milliseconds since 1970.
pub(super) fn unix_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// The state of CPU sampling.
pub(super) enum CpuSampling {
    Running,
    /// The settings leave the section out.
    LeftOut,
    /// It stopped for this reason.
    Stopped(String),
}

/// Returns the state of CPU sampling in the running session.
pub(super) fn cpu_sampling() -> Answer<CpuSampling> {
    if !cpu::IS_BUILT {
        let reason = "functions are not sampled: enable the feature hotpath-cpu";
        return Err(Failure::NotFound(reason.to_owned()));
    }
    let state = session::with_running(|running| match running.cpu.as_ref().map(cpu::Sampling::stopped) {
        None => CpuSampling::LeftOut,
        Some(None) => CpuSampling::Running,
        Some(Some(reason)) => CpuSampling::Stopped(reason),
    });
    state.ok_or(Failure::NoSession)
}

/// Takes a snapshot of the CPU samples, which is there already: samples are counted all the time. A conflict where nothing is
/// sampled.
pub(super) fn cpu_snapshot() -> Answer<Json> {
    match cpu_sampling()? {
        CpuSampling::Running => Ok(json!({ "status": "ready", "captured_at_ms": unix_ms() })),
        CpuSampling::LeftOut => {
            Err(Failure::Conflict("the settings of this session leave the section out".to_owned()))
        }
        CpuSampling::Stopped(reason) => Err(Failure::Conflict(reason)),
    }
}
