//! Parsers of settings: from the text of a variable to its value, or a warning.

use std::{
    collections::BTreeMap, ffi::OsStr, net::IpAddr, num::NonZeroU64, path::PathBuf, str::FromStr, sync::Arc,
    time::Duration,
};

use hotpath_report::{AllocMetric, units::parse_bytes};
use regex_lite::Regex;

use super::setting::Setting;
use crate::Format;

/// A function that parses a setting; `None` if it is empty, or wrong, which is a warning.
pub(super) type Parser<T> = fn(&mut Input<'_>) -> Option<T>;

/// The value of a variable, on its way to a setting.
pub(super) struct Input<'a> {
    setting: &'a Setting,
    value: &'a OsStr,
    /// True for the text of a default.
    is_default: bool,
    warnings: &'a mut Vec<String>,
}

impl<'a> Input<'a> {
    pub(super) fn new(setting: &'a Setting, value: &'a OsStr, warnings: &'a mut Vec<String>) -> Self {
        Self { setting, value, is_default: false, warnings }
    }

    fn text(&mut self) -> Option<String> {
        let Some(text) = self.value.to_str() else {
            self.reject(&self.value.to_string_lossy(), "is not UTF-8");
            return None;
        };
        Some(text.trim()).filter(|text| !text.is_empty()).map(str::to_owned)
    }

    fn parsed<T: FromStr>(&mut self, expected: &str) -> Option<T> {
        self.checked(expected, |text| text.parse().ok())
    }

    fn checked<T>(&mut self, expected: &str, parse: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        let text = self.text()?;
        let value = parse(&text);
        if value.is_none() {
            self.reject(&text, &format!("is not {expected}"));
        }
        value
    }

    fn reject(&mut self, value: &str, reason: &str) {
        self.warnings.push(rejection(self.setting, value, reason));
    }
}

/// Returns the warning of a value that is ignored: name, value, reason, and what holds instead.
pub(super) fn rejection(setting: &Setting, value: &str, reason: &str) -> String {
    format!("{}={value:?} {reason}: ignored (default: {})", setting.name, setting.default)
}

/// Parses the text of a default.
pub(super) fn default_of<T>(setting: &Setting, parse: Parser<T>) -> Option<T> {
    let (value, warnings) = (OsStr::new(setting.default), &mut Vec::new());
    let parsed = parse(&mut Input { setting, value, is_default: true, warnings });
    debug_assert!(warnings.is_empty(), "{warnings:?}");
    parsed
}

pub(super) fn text(input: &mut Input<'_>) -> Option<String> {
    input.text()
}

/// Takes a path as it is, blanks and bytes that are not UTF-8 included.
pub(super) fn path(input: &mut Input<'_>) -> Option<PathBuf> {
    (!input.value.is_empty()).then(|| input.value.into())
}

pub(super) fn is_set(input: &mut Input<'_>) -> Option<bool> {
    (!input.value.is_empty()).then_some(true)
}

pub(super) fn flag(input: &mut Input<'_>) -> Option<bool> {
    input.checked("true or false", |text| match text.to_ascii_lowercase().as_str() {
        "true" | "1" => Some(true),
        "false" | "0" | "no" | "off" => Some(false),
        _ => None,
    })
}

pub(super) fn number(input: &mut Input<'_>) -> Option<usize> {
    input.parsed("a whole number")
}

/// Parses a size above 0, in MB if it has no unit, to bytes.
pub(super) fn memory_size(input: &mut Input<'_>) -> Option<usize> {
    input.checked("a size such as \"64 MB\"", |text| {
        let text = text.to_ascii_uppercase();
        let bytes = parse_bytes(&text).or_else(|| parse_bytes(&format!("{text} MB")))?;
        usize::try_from(bytes).ok().filter(|bytes| *bytes > 0)
    })
}

pub(super) fn cpu_hz(input: &mut Input<'_>) -> Option<u32> {
    input.checked("a whole number from 1 to 10000", |text| {
        text.parse().ok().filter(|hz| (1..=10_000).contains(hz))
    })
}

pub(super) fn millis(input: &mut Input<'_>) -> Option<Duration> {
    input.parsed("a whole number of milliseconds").map(Duration::from_millis)
}

/// Parses a time of which 0 stands for none.
pub(super) fn millis_or_never(input: &mut Input<'_>) -> Option<Option<Duration>> {
    millis(input).map(|time| Some(time).filter(|time| !time.is_zero()))
}

pub(super) fn interval(input: &mut Input<'_>) -> Option<Duration> {
    let millis: NonZeroU64 = input.parsed("a whole number of milliseconds above 0")?;
    Some(Duration::from_millis(millis.get()))
}

/// The text for what a sampling rate is.
pub(super) const RATE: &str = "a number between 0 and 1";

pub(super) fn rate(input: &mut Input<'_>) -> Option<f64> {
    input.checked(RATE, |text| text.parse().ok().filter(|rate| (0.0..=1.0).contains(rate)))
}

/// The text for what a budget is.
pub(crate) const BUDGET: &str = "a share from 0.1 % to 100 %";

/// Returns true if a budget is in range, in percent.
pub(super) fn is_budget(percent: f64) -> bool {
    (0.1..=100.0).contains(&percent)
}

/// Parses a budget, in percent: `2%`, `2 %` or `2`. `None` for anything that is no budget.
pub(crate) fn percent_of_budget(text: &str) -> Option<f64> {
    let text = text.trim();
    let number = text.strip_suffix('%').unwrap_or(text).trim_end();
    number.parse().ok().filter(|percent| is_budget(*percent))
}

pub(super) fn budget(input: &mut Input<'_>) -> Option<f64> {
    input.checked(BUDGET, percent_of_budget)
}

pub(super) fn format(input: &mut Input<'_>) -> Option<Format> {
    input.parsed(Format::LISTED)
}

pub(super) fn alloc_metric(input: &mut Input<'_>) -> Option<AllocMetric> {
    input.checked("bytes or count", |text| match text.to_ascii_lowercase().as_str() {
        "bytes" => Some(AllocMetric::Bytes),
        "count" => Some(AllocMetric::Count),
        _ => None,
    })
}

/// Parses `key=value,key=value`. A pair that is none is a warning; the others count.
pub(super) fn pairs(input: &mut Input<'_>) -> Option<BTreeMap<String, String>> {
    if input.is_default {
        return None;
    }
    let text = input.text()?;
    let mut pairs = BTreeMap::new();
    for pair in text.split(',').map(str::trim).filter(|pair| !pair.is_empty()) {
        match pair.split_once('=') {
            Some((key, value)) if !key.trim().is_empty() => {
                pairs.insert(key.trim().to_owned(), value.trim().to_owned());
            }
            _ => input.reject(pair, "is not key=value"),
        }
    }
    Some(pairs)
}

/// A filter of functions by name.
#[derive(Debug)]
pub(crate) enum Focus {
    Containing(String),
    Matching(Regex),
}

impl Focus {
    pub(super) fn covers(&self, name: &str) -> bool {
        match self {
            Self::Containing(text) => name.contains(text),
            Self::Matching(regex) => regex.is_match(name),
        }
    }
}

/// Functions to leave out, by name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Exclusion(Vec<String>);

impl Exclusion {
    /// Returns true if one of the names is this name, or its last segments.
    pub(super) fn covers(&self, name: &str) -> bool {
        self.0.iter().any(|excluded| {
            let before = name.strip_suffix(excluded.as_str());
            before.is_some_and(|before| before.is_empty() || before.ends_with("::"))
        })
    }
}

pub(super) fn exclusion(input: &mut Input<'_>) -> Option<Exclusion> {
    let text = input.text()?;
    let names = text.split(',').map(str::trim).filter(|name| !name.is_empty());
    Some(Exclusion(names.map(str::to_owned).collect()))
}

pub(super) fn focus(input: &mut Input<'_>) -> Option<Arc<Focus>> {
    let text = input.text()?;
    let Some(pattern) = text.strip_prefix('/').and_then(|rest| rest.strip_suffix('/')) else {
        return Some(Arc::new(Focus::Containing(text)));
    };
    match Regex::new(pattern) {
        Ok(regex) => Some(Arc::new(Focus::Matching(regex))),
        Err(error) => {
            let reason = error.to_string().replace('\n', " ");
            input.reject(&text, &format!("is not a regular expression ({reason})"));
            None
        }
    }
}

/// The port of a server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(not(feature = "serve"), allow(dead_code, reason = "there is no server"))]
pub(crate) struct Port {
    pub(crate) number: u16,
    /// True if the user chose it, so that no other port will do.
    pub(crate) is_chosen: bool,
}

pub(super) fn port(input: &mut Input<'_>) -> Option<Port> {
    let number = input.parsed("a port, 0 to 65535")?;
    Some(Port { number, is_chosen: !input.is_default })
}

pub(super) fn address(input: &mut Input<'_>) -> Option<IpAddr> {
    input.parsed("an IP address")
}

/// The token that clients of a server must send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    Valid(String),
    /// No header can hold it. It is a secret, so no message has its text.
    Invalid,
}

pub(super) fn token(input: &mut Input<'_>) -> Option<Token> {
    let token = input.value.to_string_lossy().trim().to_owned();
    let is_valid = token.bytes().all(|byte| byte.is_ascii_graphic());
    (!token.is_empty()).then_some(if is_valid { Token::Valid(token) } else { Token::Invalid })
}
