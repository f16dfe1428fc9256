//! The report of the last session, retained for a server that answers between sessions.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use hotpath_report::Report;

use super::{CHANGED, api::Part, shared};
use crate::{
    Section,
    imp::{
        assemble::{self, Snapshot},
        cost::Costs,
        running::Running,
    },
};

/// Set when a server may ask after the end of a session. Nothing else depends on it, so no order is needed.
static IS_RETAINED: AtomicBool = AtomicBool::new(false);

/// Retains the last report from now on.
#[cfg_attr(not(feature = "serve"), allow(dead_code, reason = "there is no server"))]
pub(crate) fn retain_last_report() {
    IS_RETAINED.store(true, Ordering::Relaxed);
}

/// The retained report of the last session.
pub(super) struct LastReport {
    /// The report with every section that has data, also those that the settings leave out.
    complete: Report,
    /// The names of the sections that the settings select.
    selected: Vec<&'static str>,
}

impl LastReport {
    pub(super) fn report(&self, part: Part) -> Report {
        let mut report = self.complete.clone();
        if part == Part::Selected {
            report.sections.retain(|section| self.selected.contains(&section.spec.name));
        }
        report
    }
}

/// Retains the report of a session that is about to end, if a server may ask for it.
pub(super) fn retain(snapshot: &Snapshot, running: &Running, costs: Option<&Costs>) {
    if !IS_RETAINED.load(Ordering::Relaxed) {
        return;
    }
    let complete = assemble::complete_report(snapshot, running, costs);
    let selection = &running.settings.selection;
    let selected = complete.sections.iter().filter(|table| {
        let section = table.spec.name.parse().ok();
        section.is_none_or(|section: Section| selection.wants(section, !table.rows.is_empty()))
    });
    let selected = selected.map(|table| table.spec.name).collect();
    shared().last = Some(Arc::new(LastReport { complete, selected }));
    CHANGED.notify_all();
}
