//! A rule, and how it makes its findings.

use super::rows::Item;
use crate::finding::{Confidence, Evidence, Finding};
use crate::report::Report;
use crate::units::round4;

/// A rule over reports.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Identity of its findings.
    pub id: &'static str,
    /// The pattern that it finds, in one sentence.
    pub about: &'static str,
    /// Looks.
    pub find: fn(&Report) -> Vec<Finding>,
}

impl Finding {
    /// A finding of `rule` about a row. The weight is clamped to 0–100; NaN becomes 0.
    pub(super) fn new(rule: &Rule, item: &Item<'_>, subject: &str, weight: f64) -> Self {
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

    pub(super) fn titled(mut self, title: String) -> Self {
        self.title = title;
        self
    }

    pub(super) fn next(mut self, next: impl Into<String>) -> Self {
        self.next = next.into();
        self
    }

    pub(super) fn because(mut self, evidence: impl IntoIterator<Item = Option<Evidence>>) -> Self {
        self.evidence.extend(evidence.into_iter().flatten());
        self
    }

    /// Limits the confidence.
    pub(super) fn at_most(mut self, confidence: Confidence) -> Self {
        self.confidence = self.confidence.min(confidence);
        self
    }
}
