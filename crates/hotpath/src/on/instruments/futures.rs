//! Watched futures: how often they are polled, and what a poll costs.

use hotpath_lane::read::RowReading;
use hotpath_report::{Dist, FutureStats, Futures, Section as Table};

use super::{
    Instrument,
    view::{View, source},
};
use crate::{Section, imp::kind::FUTURE};

pub(crate) const INSTRUMENT: Instrument = Instrument { section: Section::Futures, table };

fn table(view: &View<'_>) -> Table {
    let is_future = |row: &&RowReading| row.site.kind() == FUTURE || row.site.is_future();
    let rows: Vec<FutureStats> =
        view.reading.rows.iter().filter(is_future).map(|row| future(view, row)).collect();
    Table::of::<Futures>(&rows, &(), &view.settings.percentiles)
}

fn future(view: &View<'_>, row: &RowReading) -> FutureStats {
    let part = row.suspended.unwrap_or_default();
    FutureStats {
        id: row.site.id(),
        label: view.names.of_site(row.site),
        has_custom_label: row.site.is_labelled(),
        source: source(row.site),
        calls: row.calls,
        polls: part.polls,
        total_poll_ns: Some(view.scale.nanos(part.busy)),
        poll: Dist {
            count: part.polls,
            sum: view.scale.nanos(part.busy),
            max: Some(view.scale.nanos(part.longest_poll)).filter(|_| part.polls > 0),
            ..Dist::default()
        },
        completed: part.completed,
        cancelled: part.cancelled,
        alloc: view.memory.of_future(row),
        ..FutureStats::default()
    }
}
