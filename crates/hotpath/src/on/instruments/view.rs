//! The source of an instrument's rows: a reading, in the units of the report.

use std::collections::HashMap;

use hotpath_lane::{
    Site,
    clock::Scale,
    read::{Reading, RowReading},
};
use hotpath_report::{Bucket, Dist, Source};

use super::{
    super::{memory, running::Running, settings::Settings, site_names::Names},
    labels::Labels,
};

/// One reading.
pub(crate) struct View<'a> {
    pub(crate) reading: &'a Reading,
    pub(crate) scale: Scale,
    pub(crate) memory: &'a memory::AllocSnapshot,
    pub(crate) names: &'a Names,
    pub(crate) settings: &'a Settings,
    pub(crate) duration_ns: u64,
    /// When the session began, in ticks.
    #[cfg_attr(not(feature = "serve"), allow(dead_code, reason = "only logs have moments"))]
    pub(crate) start: u64,
    /// The epoch of the reading, for texts and gauges, which are read on their own.
    pub(crate) epoch: u32,
    /// The labels of call sites.
    pub(crate) labels: Labels,
    rows: HashMap<u32, &'a RowReading>,
}

impl<'a> View<'a> {
    pub(crate) fn new(
        reading: &'a Reading,
        scale: Scale,
        memory: &'a memory::AllocSnapshot,
        names: &'a Names,
        running: &'a Running,
        duration_ns: u64,
    ) -> Self {
        Self {
            reading,
            scale,
            memory,
            names,
            settings: &running.settings,
            duration_ns,
            start: running.start,
            epoch: running.epoch,
            labels: Labels::now(),
            rows: reading.rows.iter().map(|row| (row.site.id(), row)).collect(),
        }
    }

    /// The row of a site; `None` if nothing happened there in this session.
    pub(crate) fn row(&self, site: &Site) -> Option<&'a RowReading> {
        self.rows.get(&site.id()).copied()
    }

    /// Number of events at a site.
    pub(crate) fn count(&self, site: &Site) -> u64 {
        self.row(site).map_or(0, |row| row.calls)
    }

    /// The durations of a site's events, in nanoseconds.
    pub(crate) fn durations(&self, site: &Site) -> Dist {
        self.row(site).map_or_else(Dist::default, |row| durations(&self.scale, row))
    }

    /// Events per second of the session.
    pub(crate) fn per_second(&self, count: u64) -> Option<f64> {
        (self.duration_ns > 0).then(|| count as f64 * 1e9 / self.duration_ns as f64)
    }

    /// The name of an instrumented future.
    pub(crate) fn name_of_future(&self, site: &'static Site) -> String {
        self.labels.of_future(site, self.names.of_site(site))
    }

    /// The name of the function that has this site id; `None` for 0.
    pub(crate) fn function(&self, id: u32) -> Option<String> {
        let row = self.rows.get(&id)?;
        Some(self.names.of_site(row.site))
    }
}

/// Durations of a row, in nanoseconds.
pub(crate) fn durations(scale: &Scale, row: &RowReading) -> Dist {
    let bucket = |(lower, upper, count)| Bucket::around(scale.nanos(lower), scale.nanos(upper), count);
    Dist::from_buckets(
        row.timed,
        scale.nanos(row.sum),
        row.min.map(|min| scale.nanos(min)),
        row.max.map(|max| scale.nanos(max)),
        row.buckets.iter().map(bucket).collect::<Vec<_>>(),
    )
}

/// The source location of a site.
pub(crate) fn source(site: &Site) -> Option<Source> {
    (!site.file().is_empty()).then(|| Source {
        file: site.file().to_owned(),
        line: site.line(),
        column: site.column(),
    })
}
