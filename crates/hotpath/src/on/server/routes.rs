//! The routes of the metrics endpoint: a function from method and path to an answer, without any transport.
//!
//! The paths of sections and their logs follow from the declarations of sections; the others are one list. What must stay true: every
//! path of that list, and nothing else, is on the index page.

use std::{borrow::Cow, fmt::Write as _};

use hotpath_http::Answer;
use hotpath_report::{Form, LogDeclaration, SECTIONS, Spec, render, units::nearest};

use super::{
    answer::{failed, json},
    cpu, source,
};
use crate::imp::{
    session::Part,
    settings::{BUDGET, percent_of_budget},
};

/// The query of a request, and the form of its answer.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    /// The form of the answer. Paths that the established interface does not have have one form only.
    pub(crate) form: Form,
    /// The text behind `?`.
    pub(crate) query: &'a str,
}

/// A path beside those of the sections.
struct Page {
    method: Method,
    path: &'static str,
    about: &'static str,
    answer: fn(Asked<'_>) -> Answer,
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

    /// The methods of the `Allow` header: where a body can be requested, its head alone can be, too.
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
    Page { method: Method::Get, path: "/report", about: "the report at this moment", answer: report },
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
        about: "the name of /functions_timing in 0.7",
        answer: |asked| section("functions_timing", asked.form),
    },
    Page {
        method: Method::Get,
        path: "/functions_cpu",
        about: "CPU samples per function",
        answer: |asked| cpu::answer(asked.form),
    },
    Page {
        method: Method::Post,
        path: "/functions_cpu/snapshot",
        about: "the form of 0.16; /functions_cpu always has the samples up to now",
        answer: cpu_snapshot,
    },
    Page { method: Method::Post, path: "/reset", about: "restarts counting", answer: reset },
    Page { method: Method::Post, path: "/pause", about: "stops recording", answer: pause },
    Page { method: Method::Post, path: "/resume", about: "resumes recording", answer: resume },
    Page {
        method: Method::Post,
        path: "/budget",
        about: "?percent=2 sets the share of CPU time that measuring may take, ?percent=off removes it",
        answer: budget,
    },
];

/// The last lines of the index page.
const FORMS: &str = "
With ?format=compat a path has the keys of interface 0.30 only, with ?format=compat-0.16 those of 0.16.
";

/// The first segments of paths to the logs of functions, and their sections; the last one is that of 0.7.
const BY_NAME: [(&str, &str); 3] = [
    ("functions_timing", "functions_timing"),
    ("functions_alloc", "functions_alloc"),
    ("functions", "functions_timing"),
];

/// The answer of a path.
type Respond<'a> = Box<dyn FnOnce(Asked<'_>) -> Answer + 'a>;

/// Answers a request.
pub(crate) fn answer(method: &str, path: &str, asked: Asked<'_>) -> Answer {
    let path = match path.trim_end_matches('/') {
        "" => "/",
        path => path,
    };
    let (allowed, answer): (Method, Respond<'_>) = if let Some(page) = page(method, path) {
        (page.method, Box::new(page.answer))
    } else if let Some(spec) = section_at(path) {
        (Method::Get, Box::new(|asked| section(spec.name, asked.form)))
    } else if let Some(log) = log_at(path) {
        (Method::Get, Box::new(move |asked| log.answer(asked.form)))
    } else {
        return unknown(path);
    };
    if !allowed.is(method) {
        let reason = format!("{path} takes {} requests only", allowed.name());
        return Answer { allow: Some(allowed.allowed()), ..Answer::error(405, &reason) };
    }
    answer(asked)
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
        json(source::log(self.section, self.log, &self.id), |log| render::log_json(&log, form))
    }
}

/// Decodes bytes written as `%2F`; anything else stays.
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
    Answer::error(404, &format!("unknown path {path}; / lists the paths{hint}"))
}

/// Returns the path of every section, each once.
fn section_paths() -> impl Iterator<Item = &'static str> {
    static PATHS: std::sync::OnceLock<Vec<String>> = std::sync::OnceLock::new();
    let paths = PATHS.get_or_init(|| {
        let mut names: Vec<&str> = SECTIONS.iter().map(|section| section.spec.name).collect();
        names.dedup();
        names.iter().map(|name| format!("/{name}")).collect()
    });
    paths.iter().map(String::as_str)
}

fn report(asked: Asked<'_>) -> Answer {
    let mut text = String::new();
    match source::report(Part::Selected).map(|report| render::json_in(asked.form, &report, &mut text)) {
        Ok(Ok(())) => Answer::json(200, text),
        Ok(Err(_)) => Answer::error(500, "cannot write the report"),
        Err(failure) => failed(&failure),
    }
}

fn call_tree(_: Asked<'_>) -> Answer {
    json(source::report(Part::Selected), |report| render::call_tree_json(&report))
}

fn section(name: &str, form: Form) -> Answer {
    json(source::report_with(name), |report| render::section_json(&report, name, form).unwrap_or_default())
}

fn schema(_: Asked<'_>) -> Answer {
    Answer::json(200, hotpath_report::schema())
}

/// The keys of the status that the established interface has, too.
const COMPAT_STATUS: [&str; 2] = ["uptime", "pid"];

fn profiler_status(asked: Asked<'_>) -> Answer {
    let mut status = source::status();
    if let (Form::Compat(_), Some(fields)) = (asked.form, status.as_object_mut()) {
        fields.retain(|key, _| COMPAT_STATUS.contains(&key.as_str()));
    }
    Answer::json(200, status.to_string())
}

fn cpu_snapshot(_: Asked<'_>) -> Answer {
    match source::cpu_snapshot() {
        Ok(snapshot) => Answer::json(202, snapshot.to_string()),
        Err(failure) => failed(&failure),
    }
}

fn reset(_: Asked<'_>) -> Answer {
    json(source::reset(), |state| state.to_string())
}

fn pause(_: Asked<'_>) -> Answer {
    json(source::pause(), |state| state.to_string())
}

fn resume(_: Asked<'_>) -> Answer {
    json(source::resume(), |state| state.to_string())
}

fn budget(asked: Asked<'_>) -> Answer {
    let wanted = asked.query.split('&').find_map(|pair| pair.strip_prefix("percent="));
    let Some(text) = wanted.map(unescaped) else { return bad_budget("the query has no percent") };
    let percent = percent_of_budget(&text);
    if percent.is_none() && text != "off" {
        return bad_budget(&format!("percent={text} is not {BUDGET}"));
    }
    json(source::set_budget(percent), |state| state.to_string())
}

fn bad_budget(reason: &str) -> Answer {
    Answer::error(400, &format!("{reason}: write /budget?percent=2, or /budget?percent=off for none"))
}

/// Answers with all paths, as text.
fn index(_: Asked<'_>) -> Answer {
    let mut text = format!("hotpath {}: the profile of this program, as JSON\n\n", env!("CARGO_PKG_VERSION"));
    let mut line = |method: Method, path: &str, about: &str| {
        let _a_string_takes_it = writeln!(text, "{:<4} {path:<34} {about}", method.name());
    };
    PAGES.iter().for_each(|page| line(page.method, page.path, page.about));
    let mut known = "";
    for section in SECTIONS {
        if section.spec.name == known {
            continue; // another reading of the same section
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

    const WHOLE: Asked<'_> = Asked { form: Form::Whole, query: "" };

    #[test]
    fn paths_of_logs_lead_to_section_kind_and_row() {
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
    fn wrong_methods_and_unknown_paths_are_errors() {
        let post = answer("POST", "/report", WHOLE);
        assert_eq!((post.status, post.allow), (405, Some("GET, HEAD")));
        let get = answer("GET", "/reset", WHOLE);
        assert_eq!((get.status, get.allow), (405, Some("POST")));
        let unknown = answer("GET", "/chanels", WHOLE);
        assert!(unknown.status == 404 && unknown.body.contains("did you mean /channels?"), "{unknown:?}");
    }

    #[test]
    fn a_budget_that_is_none_is_refused() {
        let post = |query| answer("POST", "/budget", Asked { form: Form::Whole, query });
        for query in ["", "percent=", "percent=0", "percent=101%25", "percent=NaN", "budget=2"] {
            let answer = post(query);
            assert!(answer.status == 400 && answer.body.contains("/budget?percent=2"), "{query}: {answer:?}");
        }
        for query in
            ["percent=2", "percent=2%", "percent=2%25", "format=json&percent=0.5%20%25", "percent=off"]
        {
            assert_eq!(post(query).status, 503, "{query}: nothing but a session is missing");
        }
        assert_eq!(answer("GET", "/budget", WHOLE).status, 405);
    }

    #[test]
    fn the_index_lists_every_path() {
        let index = answer("GET", "/", WHOLE);
        let listed = |path: &str| index.body.lines().any(|line| line.split_whitespace().nth(1) == Some(path));
        PAGES.iter().for_each(|page| assert!(listed(page.path), "{}", page.path));
        section_paths().for_each(|path| assert!(listed(path), "{path}"));
        assert!(listed("/debug/val/{id}/logs"));
    }

    proptest! {
        #[test]
        fn every_request_gets_an_answer(
            method in prop_oneof![Just("GET".to_owned()), Just("HEAD".to_owned()), "[A-Z]{1,8}"],
            path in prop_oneof![
                any::<String>(),
                "(/(functions|functions_timing|channels|debug|val|logs|calls|[0-9]{1,20}|[%a-zA-Z0-9+=-]{0,12})){0,5}/?",
            ],
        ) {
            let answer = answer(&method, &path, WHOLE);
            prop_assert!([200, 404, 405, 503].contains(&answer.status), "{answer:?}");
            prop_assert_eq!(answer.allow.is_some(), answer.status == 405);
            if answer.content_type == "application/json" {
                let json: serde_json::Value = serde_json::from_str(&answer.body).expect("JSON");
                prop_assert_eq!(json.get("error").is_some(), answer.status != 200);
            }
        }
    }
}
