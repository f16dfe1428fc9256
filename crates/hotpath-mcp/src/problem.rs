//! Why a call was not answered, and how to mend it.

use crate::source::Unavailable;
use hotpath_report::{render::printable, units::nearest};
use std::fmt;

/// So many valid names are listed.
const LISTED: usize = 20;
/// So much of a wrong value is repeated, in bytes.
const REPEATED: usize = 200;

/// One or two sentences: what is wrong with the call, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem(String);

impl Problem {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// A name that nothing has: with the nearest that something has, and the others.
    pub(crate) fn unknown<S: AsRef<str>>(
        what: &str,
        given: &str,
        valid: impl IntoIterator<Item = S>,
    ) -> Self {
        let valid: Vec<S> = valid.into_iter().collect();
        let names: Vec<&str> = valid.iter().map(AsRef::as_ref).collect();
        let meant = meant(given, &names);
        let meant = meant.map_or_else(String::new, |name| format!(" Did you mean `{name}`?"));
        Self(format!("There is no {what} `{}`.{meant} {}", shortened(given), listed(&names)))
    }
}

/// The name that was probably meant; of paths the last part may be all that was given.
fn meant<'a>(given: &str, names: &[&'a str]) -> Option<&'a str> {
    let last = |name: &'a str| name.rsplit("::").next().unwrap_or(name);
    let by_last_part = || {
        let given = given.rsplit("::").next().unwrap_or(given);
        let near = nearest(given, names.iter().map(|name| last(name)))?;
        names.iter().copied().find(|name| last(name) == near)
    };
    nearest(given, names.iter().copied()).or_else(by_last_part)
}

/// The valid names in a sentence.
fn listed(names: &[&str]) -> String {
    if names.is_empty() {
        return "There are none yet.".to_owned();
    }
    let shown: Vec<String> = names.iter().take(LISTED).map(|name| shortened(name)).collect();
    let shown = shown.join("`, `");
    match names.len().saturating_sub(LISTED) {
        0 => format!("Valid: `{shown}`."),
        more => format!("Valid: `{shown}` and {more} more."),
    }
}

/// A text that is repeated to its sender, at most so long that it does not fill the answer.
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
