//! Names that are there in both modes.

use std::alloc::System;

use hotpath::{
    CountingAllocator, Format, MetricType, MetricsProvider, ProfilingMode, Reporter, Section, UnknownFormat,
    UnknownSection,
    alloc::{self, Measured},
};

/// Things to read.
pub fn names() -> String {
    let formats: Result<Format, UnknownFormat> = "json-pretty".parse();
    let sections: Result<Section, UnknownSection> = "threads".parse();
    let metrics = [
        MetricType::CallsCount(1),
        MetricType::DurationNs(1500),
        MetricType::Alloc(1, 2),
        MetricType::Percentage(1234),
        MetricType::Unsupported,
    ];
    let metrics = metrics.map(|metric| metric.to_string()).join(" ");
    let modes = [ProfilingMode::Timing, ProfilingMode::AllocBytes, ProfilingMode::AllocCount];
    let all =
        Section::all().into_iter().map(|section| format!("{}={}", section.name(), section.short_name()));
    format!(
        "{formats:?} {sections:?} {metrics} {modes:?} {} {:?} {UnknownFormat} {UnknownSection}",
        all.collect::<Vec<_>>().join(" "),
        [Format::Table, Format::Json, Format::None, Format::default()],
    )
}

/// Things to do. What they answer depends on the mode, so it is not shown.
pub fn controls() {
    hotpath::pause();
    hotpath::resume();
    hotpath::reset();
    drop(hotpath::ChannelsGuardBuilder::new().format(Format::None).build());
    drop(hotpath::channels::ChannelsGuardBuilder::default().format(Format::None).build());
    let _has_table = hotpath::channels::ChannelsGuard::new;
    drop(hotpath::StreamsGuardBuilder::new().format(Format::None).build());
    let _has_table = hotpath::streams::StreamsGuard::new;
    drop(hotpath::FuturesGuardBuilder::new().format(Format::None).build());
    let _has_table = hotpath::futures::FuturesGuard::new;
    let (_is_recording, _report) = (hotpath::is_recording(), hotpath::report_json());
}

/// An allocator that nobody installs: what is allocated is unknown in every mode, and the value is the closure's.
pub fn allocation() -> String {
    const ONE: CountingAllocator = CountingAllocator::new();
    const OTHER: CountingAllocator<System> = CountingAllocator::with(System);
    let Measured { value, bytes, count, freed, peak, peak_count, .. } = alloc::measure(|| vec![1, 2]);
    let is_known = alloc::measure(|| ()).is_known();
    let unknown = Measured::<()>::UNKNOWN;
    format!("{value:?} {:?} {is_known} {unknown} {ONE:?} {OTHER:?}", [bytes, count, freed, peak, peak_count])
}

/// Takes the measurements and keeps them to itself.
pub struct Silent;

impl Reporter for Silent {
    fn report(&self, metrics: &dyn MetricsProvider<'_>) -> Result<(), Box<dyn std::error::Error>> {
        let _words =
            (metrics.description(), metrics.headers(), metrics.caller_name(), metrics.profiling_mode());
        let _numbers = (metrics.percentiles(), metrics.entry_counts(), metrics.total_elapsed());
        let _shares: Vec<f64> = metrics.metric_data().values().map(|cells| metrics.sort_key(cells)).collect();
        let _never = metrics.has_unsupported_async();
        let _json = crate::older::functions_json(metrics);
        Ok(())
    }
}
