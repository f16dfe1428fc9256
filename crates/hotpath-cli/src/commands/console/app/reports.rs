//! New reports, and the state that depends on them.

use hotpath_report::Report;

use super::{App, Origin};
use crate::commands::console::feed::{Request, Status};
use crate::commands::console::layout::{self, Areas};
use crate::commands::console::logs::LogPath;
use crate::commands::console::popup::Popup;
use crate::commands::console::table::{Move, TableState};
use crate::commands::console::{
    pages::TABS,
    tabs::{Page, Shows},
};

impl App {
    /// Shows a new report, unless the screen is paused.
    pub(super) fn take_report(&mut self, report: Box<Report>, status: Option<Status>) {
        self.connection.asking_since = None;
        let was_lost = self.connection.lost.take().is_some();
        if self.is_paused && self.report.is_some() {
            return;
        }
        let restarted = self.restarted(&report, status.as_ref());
        if let Some(what) = restarted {
            self.history.clear();
            self.logs.content = None;
            self.notify(what);
        } else if was_lost && self.report.is_some() {
            self.notify("reconnected");
        }
        if let (Some(before), None) = (&self.report, restarted) {
            self.history.record(before, &report, &tables_with_history());
        }
        self.report = Some(report);
        // Without a new status, the last one is kept.
        self.status = status.or(self.status.take());
    }

    /// Returns the reason why this report does not continue the last one, if so.
    fn restarted(&self, report: &Report, status: Option<&Status>) -> Option<&'static str> {
        let before = self.report.as_ref()?;
        let (pid, session) = (|status: &Status| status.pid, |status: &Status| status.session);
        let differs = |of: fn(&Status) -> Option<u64>| {
            let (old, new) = (self.status.as_ref().and_then(of), status.and_then(of));
            old.zip(new).is_some_and(|(old, new)| old != new)
        };
        if differs(pid) {
            Some("the program was restarted: counts start from zero")
        } else if differs(session) || report.duration_ns < before.duration_ns {
            Some("the counts were reset: they start from zero")
        } else {
            None
        }
    }

    /// Updates everything that depends on the visible page.
    pub(super) fn settle(&mut self) {
        let lines = Areas::lines(self.areas().table);
        if let Some(row) = self.expand_logs
            && self.sheet().lines.len() >= row
        {
            self.expand_logs = None;
            self.logs.is_open = true;
            self.with_table(|table, sheet, lines| table.go(Move::To(row - 1), sheet, lines));
        }
        self.with_table(|table, sheet, _| table.settle(sheet, lines));
        self.follow_logs();
        let mut table = std::mem::take(&mut self.logs.table);
        if let Some(sheet) = self.logs_sheet() {
            table.settle(&sheet, Areas::lines(self.logs_table()));
        }
        self.logs.table = table;
        self.settle_popup();
    }

    fn settle_popup(&mut self) {
        let Some(Popup { offset, .. }) = self.popup else { return };
        let room = layout::popup(self.size);
        let lines = self.popup_lines(room.width.into()).len();
        let last = lines.saturating_sub(room.height.into());
        if let Some(popup) = &mut self.popup {
            popup.offset = offset.min(last);
        }
    }

    /// Requests the events of the selected row, if they are visible and the row has changed.
    fn follow_logs(&mut self) {
        let is_live = matches!(self.origin, Origin::Live(_));
        let wanted = self.row().filter(|_| self.logs.is_open && is_live);
        let new = wanted.and_then(|(section, row)| LogPath::of(section, row));
        let path = |path: &Option<LogPath>| path.as_ref().map(|own| own.path.clone());
        if path(&new) != path(&self.logs.path) {
            self.requests.push(Request::Logs(path(&new)));
            (self.logs.path, self.logs.content) = (new, None);
            (self.logs.list, self.logs.table) = (0, TableState::default());
        }
    }
}

/// Returns the tables whose rows have a history.
fn tables_with_history() -> Vec<(&'static str, u8)> {
    let pages = TABS.iter().flat_map(|tab| tab.pages);
    let section = |page: &Page| match page.shows {
        Shows::Table(name, table) => Some((name, table)),
        _ => None,
    };
    pages.filter_map(section).collect()
}
