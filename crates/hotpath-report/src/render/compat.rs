//! The head of a report in a compat form: the fields around the sections.

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::section_json::{SectionObject, in_declared_order};
use crate::interface::{Form, Interface};
use crate::report::{Meta, Report};

/// The moment that stands for an unknown one.
const NO_MOMENT: &str = "1970-01-01T00:00:00Z";

/// A report with exactly the keys that one version of the established interface has.
pub(super) struct CompatDocument<'a> {
    pub(super) report: &'a Report,
    pub(super) interface: Interface,
}

impl Serialize for CompatDocument<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let (report, form) = (self.report, Form::Compat(self.interface));
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("type", "hotpath_report")?;
        if let Some(label) = &report.label {
            map.serialize_entry("label", label)?;
        }
        if form.has(Interface::V0_30) {
            write_head(report, &mut map)?;
        }
        for section in in_declared_order(report) {
            if section.spec.compat.is_some_and(|since| form.has(since)) {
                let rows = section.shown();
                map.serialize_entry(section.spec.name, &SectionObject { section, report, rows, form })?;
            }
        }
        map.end()
    }
}

/// The fields that 0.30 added to the head.
fn write_head<M: SerializeMap>(report: &Report, map: &mut M) -> Result<(), M::Error> {
    map.serialize_entry("version", &report.meta.version)?;
    map.serialize_entry("meta", &CompatMeta(&report.meta))?;
    if !report.user_metadata.is_empty() {
        map.serialize_entry("user_metadata", &report.user_metadata)?;
    }
    if !report.time_sampling.is_empty() {
        map.serialize_entry("time_sampling", &report.time_sampling)?;
    }
    Ok(())
}

struct CompatMeta<'a>(&'a Meta);

impl Serialize for CompatMeta<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let meta = self.0;
        let created_at = if meta.created_at.is_empty() { NO_MOMENT } else { &meta.created_at };
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("rustc", &meta.rustc)?;
        map.serialize_entry("os", &meta.os)?;
        map.serialize_entry("created_at", created_at)?;
        if let Some(root) = &meta.source_root {
            map.serialize_entry("source_root", root)?;
        }
        if let Some(sha) = &meta.git_sha {
            map.serialize_entry("git", &CompatGit { sha })?;
        }
        map.end()
    }
}

struct CompatGit<'a> {
    sha: &'a str,
}

impl Serialize for CompatGit<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("sha", self.sha)?;
        map.end()
    }
}
