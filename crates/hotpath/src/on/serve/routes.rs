//! Which path answers with what: a function from method and path to an answer, and nothing of how either travels.
//!
//! The paths of sections and their logs follow from how sections are declared; the rest is one list. What must stay true: every
//! path of that list, and nothing else, is on the index page.

use std::{borrow::Cow, fmt::Write as _, time::UNIX_EPOCH};

use hotpath_http::Answer;
use hotpath_report::{
    Form, LogDeclaration, SECTIONS, TokioRuntime, render,
    units::{format_duration, nearest},
};
use hotpath_report::{SectionSchema as _, Spec};
use serde_json::json;

use super::{
    cpu, logs,
    told::{no_session, of_report},
};
use crate::imp::{
    clock, os,
    session::{self, Part, Status},
};

/// A path of its own.
struct Page {
    method: Method,
    path: &'static str,
    about: &'static str,
    answer: fn(Form) -> Answer,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Method {
    Get,
    Post,
}

impl Method {
    fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }

    /// Whoever may ask for a body may ask for its head alone.
    fn allowed(self) -> &'static str {
        match self {
            Self::Get => "GET, HEAD",
            Self::Post => "POST",
        }
    }

    fn is(self, name: &str) -> bool {
        match self {
            Self::Get => matches!(name, "GET" | "HEAD"),
            Self::Post => name == "POST",
        }
    }
}

const PAGES: &[Page] = &[
    Page { method: Method::Get, path: "/", about: "this page", answer: index },
    Page { method: Method::Get, path: "/report", about: "the whole report at this moment", answer: report },
    Page { method: Method::Get, path: "/call_tree", about: "the call tree", answer: call_tree },
    Page { method: Method::Get, path: "/schema", about: "the JSON Schema of /report", answer: schema },
    Page {
        method: Method::Get,
        path: "/profiler_status",
        about: "process, version, uptime, and whether recording is paused",
        answer: profiler_status,
    },
    Page {
        method: Method::Get,
        path: "/metrics",
        about: "as 0.7 had it: /functions_timing",
        answer: |form| section("functions_timing", form),
    },
    Page {
        method: Method::Get,
        path: "/functions_cpu",
        about: "CPU samples per function",
        answer: cpu::answer,
    },
    Page {
        method: Method::Post,
        path: "/functions_cpu/snapshot",
        about: "as 0.16 had it: the samples up to now are in /functions_cpu, which always has them",
        answer: cpu::snapshot,
    },
    Page { method: Method::Post, path: "/reset", about: "counts from zero", answer: reset },
    Page { method: Method::Post, path: "/pause", about: "stops recording", answer: pause },
    Page { method: Method::Post, path: "/resume", about: "goes on recording", answer: resume },
];

/// The last lines of the index page.
const FORMS: &str = "
With ?format=compat a path has only what interface 0.30 has, with ?format=compat-0.16 only what 0.16 has.
";

/// The first parts of paths to the logs of functions: sections, and as 0.7 had it.
const BY_NAME: [(&str, &str); 3] = [
    ("functions_timing", "functions_timing"),
    ("functions_alloc", "functions_alloc"),
    ("functions", "functions_timing"),
];

/// What `path` answers to `method`, in this form. What the established interface does not have has one form only.
pub(crate) fn answer(method: &str, path: &str, form: Form) -> Answer {
    let path = match path.trim_end_matches('/') {
        "" => "/",
        path => path,
    };
    let (allowed, answer): (Method, Box<dyn FnOnce(Form) -> Answer + '_>) =
        if let Some(page) = page(method, path) {
            (page.method, Box::new(page.answer))
        } else if let Some(spec) = section_at(path) {
            (Method::Get, Box::new(|form| section(spec.name, form)))
        } else if let Some(log) = log_at(path) {
            (Method::Get, Box::new(move |form| log.answer(form)))
        } else {
            return unknown(path);
        };
    if !allowed.is(method) {
        let reason = format!("{path} is asked for with {}", allowed.name());
        return Answer { allow: Some(allowed.allowed()), ..Answer::error(405, &reason) };
    }
    answer(form)
}

fn page(method: &str, path: &str) -> Option<&'static Page> {
    let mut pages = PAGES.iter().filter(|page| page.path == path).peekable();
    let first = pages.peek().copied();
    pages.find(|page| page.method.is(method)).or(first)
}

fn section_at(path: &str) -> Option<&'static Spec> {
    let name = path.strip_prefix('/')?;
    SECTIONS.iter().map(|section| section.spec).find(|spec| spec.name == name)
}

/// A path to the log of a row.
struct LogPath<'a> {
    section: &'static str,
    log: &'static LogDeclaration,
    id: Cow<'a, str>,
}

fn log_at(path: &str) -> Option<LogPath<'_>> {
    let (first, rest) = path.strip_prefix('/')?.split_once('/')?;
    let (rest, last) = rest.rsplit_once('/')?;
    let by_name = BY_NAME.iter().find(|(begins, _)| *begins == first);
    let name = by_name.map_or(first, |(_, section)| section);
    let declared = SECTIONS.iter().find(|section| section.spec.name == name)?;
    declared.logs.iter().filter(|log| log.names.contains(&last)).find_map(|log| {
        let id = match log.of {
            Some((_, text)) => rest.strip_prefix(text)?.strip_prefix('/')?,
            None => rest,
        };
        // Names in base64 may hold a slash; numbers do not.
        (by_name.is_some() || !id.contains('/')).then(|| LogPath {
            section: declared.spec.name,
            log,
            id: unescaped(id),
        })
    })
}

impl LogPath<'_> {
    fn answer(&self, form: Form) -> Answer {
        let found = session::with_view(|view| logs::find(view, self.section, self.log, &self.id));
        match found {
            None => no_session(),
            Some(Ok(log)) => Answer::json(200, render::log_json(&log, form)),
            Some(Err(why)) => Answer::error(404, &why),
        }
    }
}

/// Bytes written as `%2F` are what they stand for; what is no such thing stays.
fn unescaped(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let hex = |at: usize| char::from(*after.get(at)?).to_digit(16);
        match (byte, hex(0), hex(1)) {
            (b'%', Some(high), Some(low)) => {
                bytes.push((high * 16 + low) as u8);
                rest = &after[2..];
            }
            _ => {
                bytes.push(byte);
                rest = after;
            }
        }
    }
    Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
}

fn unknown(path: &str) -> Answer {
    let known = PAGES.iter().map(|page| page.path).chain(section_paths());
    let hint = nearest(path, known).map_or_else(String::new, |near| format!("; did you mean {near}?"));
    Answer::error(404, &format!("there is no {path} here, / lists what there is{hint}"))
}

/// The path of every section, each once.
fn section_paths() -> impl Iterator<Item = &'static str> {
    static PATHS: std::sync::OnceLock<Vec<String>> = std::sync::OnceLock::new();
    let paths = PATHS.get_or_init(|| {
        let mut names: Vec<&str> = SECTIONS.iter().map(|section| section.spec.name).collect();
        names.dedup();
        names.iter().map(|name| format!("/{name}")).collect()
    });
    paths.iter().map(String::as_str)
}

fn report(form: Form) -> Answer {
    of_report(Part::Selected, |report| {
        let mut text = String::new();
        match render::json_in(form, report, &mut text) {
            Ok(()) => Answer::json(200, text),
            Err(_) => Answer::error(500, "the report could not be written"),
        }
    })
}

fn call_tree(_: Form) -> Answer {
    of_report(Part::Selected, |report| Answer::json(200, render::call_tree_json(report)))
}

fn section(name: &str, form: Form) -> Answer {
    of_report(Part::Complete, |report| {
        let is_empty = |name| report.section(name).is_none_or(|section| section.rows.is_empty());
        if name == TokioRuntime::SPEC.name && is_empty(name) {
            return Answer::error(404, "no tokio runtime is watched: hotpath::tokio_runtime!() watches one");
        }
        match render::section_json(report, name, form) {
            Some(json) => Answer::json(200, json),
            None => Answer::error(404, &not_recorded(name)),
        }
    })
}

fn not_recorded(section: &str) -> String {
    match section {
        "functions_alloc" => {
            "allocations are not counted: that takes the feature hotpath-alloc, and hotpath's allocator"
                .to_owned()
        }
        "threads" if cfg!(feature = "threads") => {
            "threads are not looked at: the settings of this session leave the section out".to_owned()
        }
        _ => format!("this program is built without what records {section}"),
    }
}

fn schema(_: Form) -> Answer {
    Answer::json(200, hotpath_report::schema())
}

fn profiler_status(form: Form) -> Answer {
    let Status { window, caller_name, is_recording, elapsed_ns } = session::status();
    let began = clock::first_anchor();
    let uptime_ns = began.instant.elapsed().as_nanos() as u64;
    let start = std::time::SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let start_unix_ms = start.saturating_sub(began.instant.elapsed()).as_millis() as u64;
    let uptime = format_duration(uptime_ns);
    if form != Form::Whole {
        return Answer::json(200, json!({ "uptime": uptime, "pid": os::process_id() }).to_string());
    }
    let status = json!({
        "uptime": uptime,
        "uptime_ns": uptime_ns,
        "pid": os::process_id(),
        "version": env!("CARGO_PKG_VERSION"),
        "program": program(),
        "caller_name": caller_name,
        "running": caller_name.is_some(),
        "paused": caller_name.is_some() && !is_recording,
        "session": window,
        "session_elapsed_ns": elapsed_ns,
        "start_unix_ms": start_unix_ms,
    });
    Answer::json(200, status.to_string())
}

/// The name of the program's file.
fn program() -> Option<String> {
    let path = std::env::current_exe().ok()?;
    Some(path.file_name()?.to_string_lossy().into_owned())
}

fn reset(_: Form) -> Answer {
    done(crate::reset)
}

fn pause(_: Form) -> Answer {
    done(crate::pause)
}

fn resume(_: Form) -> Answer {
    done(crate::resume)
}

/// Does it, and says how things stand then.
fn done(act: fn()) -> Answer {
    if session::status().caller_name.is_none() {
        return no_session();
    }
    act();
    let Status { window, is_recording, .. } = session::status();
    Answer::json(200, json!({ "status": "ok", "paused": !is_recording, "session": window }).to_string())
}

/// All paths, as text for people.
fn index(_: Form) -> Answer {
    let mut text = format!("hotpath {} — what this program does, as JSON\n\n", env!("CARGO_PKG_VERSION"));
    let mut line = |method: Method, path: &str, about: &str| {
        let _a_string_takes_it = writeln!(text, "{:<4} {path:<34} {about}", method.name());
    };
    PAGES.iter().for_each(|page| line(page.method, page.path, page.about));
    let mut known = "";
    for section in SECTIONS {
        if section.spec.name == known {
            continue; // another reading of the same
        }
        known = section.spec.name;
        if page("GET", &format!("/{known}")).is_none() {
            line(Method::Get, &format!("/{known}"), section.spec.description);
        }
        for log in section.logs {
            line(Method::Get, &log.path(known, "{id}"), log.list.spec.description);
        }
    }
    text.push_str(FORMS);
    Answer::text(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn paths_of_logs_are_told_apart() {
        let of = |path| log_at(path).map(|log| (log.section, log.log.of.map(|of| of.1), log.id.into_owned()));
        let found = |section, of, id: &str| Some((section, of, id.to_owned()));
        assert_eq!(of("/channels/7/logs"), found("channels", None, "7"));
        assert_eq!(of("/futures/7/calls"), found("futures", None, "7"));
        assert_eq!(of("/debug/gauge/3/logs"), found("debug", Some("gauge"), "3"));
        assert_eq!(of("/functions/YTo6Yg==/logs"), found("functions_timing", None, "YTo6Yg=="));
        assert_eq!(of("/functions_alloc/a%2Fb%3d/logs"), found("functions_alloc", None, "a/b="));
        assert_eq!(of("/functions_timing/a/b=/logs"), found("functions_timing", None, "a/b="));
        for none in
            ["/channels/logs", "/channels/7/8/logs", "/channels/7/calls", "/debug/7/logs", "/threads/1/logs"]
        {
            assert!(of(none).is_none(), "{none}");
        }
    }

    #[test]
    fn methods_and_unknown_paths() {
        let post = answer("POST", "/report", Form::Whole);
        assert_eq!((post.status, post.allow), (405, Some("GET, HEAD")));
        let get = answer("GET", "/reset", Form::Whole);
        assert_eq!((get.status, get.allow), (405, Some("POST")));
        let unknown = answer("GET", "/chanels", Form::Whole);
        assert!(unknown.status == 404 && unknown.body.contains("did you mean /channels?"), "{unknown:?}");
    }

    #[test]
    fn the_index_lists_every_path() {
        let index = answer("GET", "/", Form::Whole);
        let listed = |path: &str| index.body.lines().any(|line| line.split_whitespace().nth(1) == Some(path));
        PAGES.iter().for_each(|page| assert!(listed(page.path), "{}", page.path));
        section_paths().for_each(|path| assert!(listed(path), "{path}"));
        assert!(listed("/debug/val/{id}/logs"));
    }

    proptest! {
        #[test]
        fn whatever_is_asked_is_answered(
            method in prop_oneof![Just("GET".to_owned()), Just("HEAD".to_owned()), "[A-Z]{1,8}"],
            path in prop_oneof![
                any::<String>(),
                "(/(functions|functions_timing|channels|debug|val|logs|calls|[0-9]{1,20}|[%a-zA-Z0-9+=-]{0,12})){0,5}/?",
            ],
        ) {
            let answer = answer(&method, &path, Form::Whole);
            prop_assert!([200, 404, 405, 503].contains(&answer.status), "{answer:?}");
            prop_assert_eq!(answer.allow.is_some(), answer.status == 405);
            if answer.content_type == "application/json" {
                let json: serde_json::Value = serde_json::from_str(&answer.body).expect("JSON");
                prop_assert_eq!(json.get("error").is_some(), answer.status != 200);
            }
        }
    }
}
