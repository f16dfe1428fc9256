//! Comparisons as JSON, for scripts. The form is that of `schema/comparison.json`; keys are added, never changed.

use super::comparison::{Change, ComparedRow, Comparison, Presence, Side};
use hotpath_report::{MetricFamily, Unit, units::round4};
use serde_json::{Value as Json, json};
use std::fmt::{self, Write};

/// The version of the form.
const SCHEMA_VERSION: u64 = 1;

/// Writes a comparison as indented JSON, without a newline at the end.
pub fn json(comparison: &Comparison, out: &mut dyn Write) -> fmt::Result {
    write!(out, "{:#}", document(comparison))
}

fn document(comparison: &Comparison) -> Json {
    let counts = comparison.counts();
    json!({
        "type": "hotpath_comparison",
        "schema_version": SCHEMA_VERSION,
        "outcome": comparison.outcome().key(),
        "alpha": comparison.alpha,
        "confidence": comparison.confidence,
        "counts": {
            "regression": counts.regressions,
            "improvement": counts.improvements,
            "no_regression": counts.no_regression,
            "inconclusive": counts.inconclusive,
            "added": counts.added,
            "removed": counts.removed,
            "not_judged": counts.not_judged,
        },
        "base": side(&comparison.base),
        "head": side(&comparison.head),
        "rows": comparison.rows.iter().map(row).collect::<Vec<_>>(),
        "notes": comparison.notes,
    })
}

fn side(side: &Side) -> Json {
    json!({
        "runs": side.runs,
        "label": side.label,
        "git_sha": side.git_sha,
        "rounded": side.rounded,
        "duration_ns": Some(side.duration_ns).filter(|&nanos| nanos > 0),
    })
}

fn row(row: &ComparedRow) -> Json {
    let (presence, from, evidence) = match &row.presence {
        Presence::Both => ("both", None, None),
        Presence::Renamed { from, evidence } => ("renamed", Some(from), Some(evidence)),
        Presence::Added => ("added", None, None),
        Presence::Removed => ("removed", None, None),
        Presence::Unknown => ("unknown", None, None),
    };
    json!({
        "section": row.section,
        "name": row.name,
        "presence": presence,
        "renamed_from": from,
        "renamed_because": evidence,
        "outcome": row.outcome().map(super::Outcome::key),
        "share_percent": row.share.map(round4),
        "not_judged_because": row.skipped.map(super::Skipped::words),
        "changes": row.changes.iter().map(change).collect::<Vec<_>>(),
    })
}

fn change(change: &Change) -> Json {
    json!({
        "metric": change.metric,
        "unit": unit(change.unit),
        "kind": kind(change.family),
        "outcome": change.outcome.key(),
        "judged": change.judged,
        "over_budget": change.over_budget,
        "base": (change.runs.0 > 0).then(|| round4(change.base)),
        "head": round4(change.head),
        "base_runs": change.runs.0,
        "head_runs": change.runs.1,
        "ratio": change.ratio,
        "ratio_lower": change.interval.0,
        "ratio_upper": change.interval.1,
        "p": change.p,
        "evidence": change.evidence.key(),
    })
}

fn unit(unit: Unit) -> &'static str {
    match unit {
        Unit::Nanos => "ns",
        Unit::Bytes => "bytes",
        _ => "count",
    }
}

fn kind(family: MetricFamily) -> &'static str {
    match family {
        MetricFamily::Time => "timing",
        MetricFamily::Alloc => "alloc",
        MetricFamily::Flow | MetricFamily::Skip => "flow",
    }
}
