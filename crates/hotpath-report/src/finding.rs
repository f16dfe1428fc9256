//! A finding as a value: what stands out in a report, and what that rests on. What finds it is in [`crate::findings()`].

use crate::units::round4;
use crate::value::{Source, Unit, Value};
use std::borrow::Cow;

/// Something in a report that deserves a look.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// The rule that found it, such as `hot-self-time`. Stable between versions.
    pub id: Cow<'static, str>,
    /// The section that it was found in, such as `functions_timing`.
    pub section: Cow<'static, str>,
    /// The row: full name of a function, label of a channel, lock or future.
    pub subject: String,
    /// One line for people; holds the subject as it stands.
    pub title: String,
    /// The numbers that it rests on.
    pub evidence: Vec<Evidence>,
    /// The place of the subject in the source, if known.
    pub source: Option<Source>,
    /// The confidence.
    pub confidence: Confidence,
    /// Estimated share of the run that is at stake, 0–100; each rule documents its estimate.
    pub weight: f64,
    /// The next thing to ask or to look at.
    pub next: String,
}

/// A number or name that a finding rests on.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    /// The name of the number: `self`, `calls`.
    pub key: Cow<'static, str>,
    /// As people read it, with its unit: `1.20 s`.
    pub text: String,
    /// The plain number, if it is one.
    pub number: Option<f64>,
    /// Unit of the plain number: `ns`, `bytes`, `count`, `percent`; empty for a text.
    pub unit: Cow<'static, str>,
}

/// The confidence of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    /// The numbers say it, though other explanations are likely too.
    Low,
    /// The numbers say it; part of them is an estimate, or it may be intended.
    Medium,
    /// Exact numbers, and hardly another explanation.
    High,
}

impl Confidence {
    /// The word for it: `low`, `medium`, `high`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }

    /// The confidence of this word; `None` if it is none.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Low, Self::Medium, Self::High].into_iter().find(|confidence| confidence.as_str() == word)
    }
}

impl std::fmt::Display for Confidence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

impl Evidence {
    /// A duration in nanoseconds.
    pub fn nanos(key: &'static str, nanos: u64) -> Self {
        Self::value(key, Unit::Nanos, "ns", nanos)
    }

    /// A size in bytes.
    pub fn bytes(key: &'static str, bytes: u64) -> Self {
        Self::value(key, Unit::Bytes, "bytes", bytes)
    }

    /// A number of things.
    pub fn count(key: &'static str, count: u64) -> Self {
        Self::value(key, Unit::Count, "count", count)
    }

    /// A share, 0–100 or more where threads add up.
    pub fn percent(key: &'static str, percent: f64) -> Self {
        let percent = round4(percent);
        let text = Value::Percent(percent).to_string();
        Self { key: key.into(), text, number: Some(percent), unit: "percent".into() }
    }

    /// A name or word.
    pub fn text(key: &'static str, text: impl Into<String>) -> Self {
        Self { key: key.into(), text: text.into(), number: None, unit: "".into() }
    }

    fn value(key: &'static str, unit: Unit, name: &'static str, number: u64) -> Self {
        let text = unit.value(number).to_string();
        Self { key: key.into(), text, number: Some(number as f64), unit: name.into() }
    }
}
