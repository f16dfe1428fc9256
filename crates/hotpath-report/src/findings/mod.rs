//! What stands out in a report: findings, each with evidence, a place, and the next question to ask.
//!
//! A rule looks at the evaluated sections only, so a report of a running program, one from a file and a merged one are judged
//! alike. What must stay true:
//!
//! - A finding says what the numbers say. What is sampled, shared with something else or cut off lowers its confidence;
//!   what is unknown makes none.
//! - Each rule asks for a minimum of time and calls before it speaks: a short program has no findings.
//! - Weights are finite, 0 to 100; the largest stands first, and equal ones in the order of [`RULES`].

mod alloc_in_hot_function;
mod blocking_poll;
mod busy_polling;
mod called_often;
mod hot_self_time;
mod lock_convoy;
mod off_cpu;
mod outlier_calls;
mod over_instrumented;
mod queue_grows;
mod rows;
mod run;
mod slow_consumer;

use crate::report::Report;
use crate::value::{Source, Unit, Value, round4};
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
    /// Where the subject stands in the source, if known.
    pub source: Option<Source>,
    /// How sure it is.
    pub confidence: Confidence,
    /// Estimated share of the run that is at stake, 0–100; each rule documents its estimate.
    pub weight: f64,
    /// The next thing to ask or to look at.
    pub next: String,
}

/// A number or name that a finding rests on.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    /// What it is: `self`, `calls`.
    pub key: Cow<'static, str>,
    /// As people read it, with its unit: `1.20 s`.
    pub text: String,
    /// The plain number, if it is one.
    pub number: Option<f64>,
    /// Unit of the plain number: `ns`, `bytes`, `count`, `percent`; empty for a text.
    pub unit: Cow<'static, str>,
}

/// How sure a finding is.
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

/// A rule over reports.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Identity of its findings.
    pub id: &'static str,
    /// What it looks for, in one sentence.
    pub about: &'static str,
    /// Looks.
    pub find: fn(&Report) -> Vec<Finding>,
}

/// All rules. Of equal weights the earlier rule stands first, so waiting stands before the function in which it happened.
pub const RULES: &[Rule] = &[
    lock_convoy::RULE,
    slow_consumer::RULE,
    queue_grows::RULE,
    blocking_poll::RULE,
    busy_polling::RULE,
    off_cpu::RULE,
    hot_self_time::RULE,
    alloc_in_hot_function::RULE,
    outlier_calls::RULE,
    over_instrumented::RULE,
    called_often::RULE,
];

/// The most findings of one rule; the smaller ones beyond it say nothing that the larger ones do not.
pub const MAX_PER_RULE: usize = 10;

/// What stands out in the report, the largest weight first.
///
/// ```
/// use hotpath_report::{FunctionStats, Report, Section, Timing, findings};
///
/// let parse = FunctionStats {
///     name: "app::parse".into(),
///     calls: 40,
///     total_ns: Some(610_000_000),
///     self_ns: Some(610_000_000),
///     ..FunctionStats::default()
/// };
/// let sections = vec![Section::of::<Timing>(&[parse], &(), &[95.0])];
/// let report = Report { duration_ns: 1_000_000_000, sections, ..Report::default() };
/// let found = findings(&report);
/// assert_eq!((found[0].id.as_ref(), found[0].subject.as_str()), ("hot-self-time", "app::parse"));
/// assert_eq!(found[0].weight, 61.0);
/// ```
pub fn findings(report: &Report) -> Vec<Finding> {
    let mut all: Vec<Finding> = RULES.iter().flat_map(|rule| of_rule(rule, report)).collect();
    sort(&mut all);
    all
}

fn of_rule(rule: &Rule, report: &Report) -> Vec<Finding> {
    let mut found = (rule.find)(report);
    sort(&mut found);
    found.truncate(MAX_PER_RULE);
    found
}

fn sort(findings: &mut [Finding]) {
    findings.sort_by(|a, b| b.weight.total_cmp(&a.weight));
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

impl Finding {
    /// A finding of `rule` about a row. The weight is held inside 0–100; what is no number weighs nothing.
    fn new(rule: &Rule, item: &rows::Item<'_>, subject: &str, weight: f64) -> Self {
        Self {
            id: rule.id.into(),
            section: item.section().into(),
            subject: subject.to_owned(),
            title: String::new(),
            evidence: Vec::new(),
            source: item.source(),
            confidence: Confidence::High,
            weight: round4(if weight.is_nan() { 0.0 } else { weight.clamp(0.0, 100.0) }),
            next: String::new(),
        }
    }

    fn titled(mut self, title: String) -> Self {
        self.title = title;
        self
    }

    fn next(mut self, next: impl Into<String>) -> Self {
        self.next = next.into();
        self
    }

    fn because(mut self, evidence: impl IntoIterator<Item = Option<Evidence>>) -> Self {
        self.evidence.extend(evidence.into_iter().flatten());
        self
    }

    /// No surer than this.
    fn at_most(mut self, confidence: Confidence) -> Self {
        self.confidence = self.confidence.min(confidence);
        self
    }
}
