//! The reason why a call failed, and how to fix it.

use crate::source::Unavailable;
use hotpath_report::{render::printable, units::nearest};
use std::fmt;

/// The valid names of a message at most.
const LISTED: usize = 20;
/// The bytes of a repeated value at most.
const REPEATED: usize = 200;

/// One or two sentences: what is wrong with the call, and what is expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem(String);

impl Problem {
    /// Returns a problem with this text.
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Returns a problem about an unknown name, with the nearest valid one and the others.
    pub(crate) fn unknown<S: AsRef<str>>(
        what: &str,
        given: &str,
        valid: impl IntoIterator<Item = S>,
    ) -> Self {
        let valid: Vec<S> = valid.into_iter().collect();
        let names: Vec<&str> = valid.iter().map(AsRef::as_ref).collect();
        let meant = meant(given, &names);
        let meant = meant.map_or_else(String::new, |name| format!(" Did you mean `{name}`?"));
        Self(format!("Unknown {what} `{}`.{meant} {}", shortened(given), listed(&names)))
    }
}

/// Returns the name that was probably meant; for paths, also by their last segment.
fn meant<'a>(given: &str, names: &[&'a str]) -> Option<&'a str> {
    let last = |name: &'a str| name.rsplit("::").next().unwrap_or(name);
    let by_last_part = || {
        let given = given.rsplit("::").next().unwrap_or(given);
        let near = nearest(given, names.iter().map(|name| last(name)))?;
        names.iter().copied().find(|name| last(name) == near)
    };
    nearest(given, names.iter().copied()).or_else(by_last_part)
}

/// Lists the valid names.
fn listed(names: &[&str]) -> String {
    if names.is_empty() {
        return "None available yet.".to_owned();
    }
    let shown: Vec<String> = names.iter().take(LISTED).map(|name| shortened(name)).collect();
    let shown = shown.join("`, `");
    match names.len().saturating_sub(LISTED) {
        0 => format!("Available: `{shown}`."),
        more => format!("Available: `{shown}` and {more} more."),
    }
}

/// Truncates a text that a message repeats.
pub(crate) fn shortened(text: &str) -> String {
    let end = hotpath_report::units::floor_char_boundary(text, REPEATED);
    if end == text.len() { text.to_owned() } else { format!("{}…", &text[..end]) }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&printable(&self.0))
    }
}

impl From<Unavailable> for Problem {
    fn from(unavailable: Unavailable) -> Self {
        Self(unavailable.0)
    }
}
