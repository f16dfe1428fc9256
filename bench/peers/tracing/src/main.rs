//! tracing with tracing-timing, as its documentation says: a span per function (`#[instrument]`), and an event
//! inside, since what is recorded is the time from the span's beginning to its events. The histograms are built and
//! read as in its first example.
#![forbid(unsafe_code)]

use std::process::ExitCode;

use probe::Case;
use tracing::Dispatch;
use tracing_timing::{Builder, Histogram, TimingSubscriber};

struct Tracing;

probe::functions! {
    for: crate::Tracing,
    plain: { #[tracing::instrument(level = "trace", skip_all)] },
    logged: { #[tracing::instrument(level = "trace", skip_all, ret)] },
    future: { #[tracing::instrument(level = "trace", skip_all)] },
    begin: { tracing::trace!("done"); },
}

impl probe::Profiler for Tracing {
    type Session = Dispatch;

    const LACKS: &[Case] = &[Case::TwoReads, Case::TwoInstants];

    fn start() -> Dispatch {
        let histogram = || Histogram::new_with_max(1_000_000_000, 2).expect("valid bounds");
        let dispatch = Dispatch::new(Builder::default().build(histogram));
        tracing::dispatcher::set_global_default(dispatch.clone()).expect("the only subscriber");
        dispatch
    }

    fn finish(session: Dispatch) {
        let timing = session.downcast_ref::<TimingSubscriber>().expect("the subscriber set above");
        timing.force_synchronize();
        timing.with_histograms(|spans| {
            for histogram in spans.values().flat_map(|events| events.values()) {
                std::hint::black_box(histogram.value_at_quantile(0.95));
            }
        });
    }
}

fn main() -> ExitCode {
    probe::run::<Tracing>()
}
