//! fastrace, as its documentation says for an application: a reporter, a root span per request that is made the
//! thread's local parent, and `#[trace]` on the functions. Without a root span nothing would be recorded.
//! The reporter throws the spans away, so what is measured is recording and collecting, not exporting.
#![forbid(unsafe_code)]

use std::process::ExitCode;

use fastrace::{
    Span,
    collector::{Config, Reporter, SpanContext, SpanRecord},
};
use probe::Case;

struct Fastrace;

probe::functions! {
    for: crate::Fastrace,
    plain: { #[fastrace::trace] },
    logged: {},
    future: { #[fastrace::trace] },
    begin: {},
}

impl probe::Profiler for Fastrace {
    type Session = ();

    // It has no record of return values.
    const LACKS: &[Case] = &[Case::Log, Case::TwoReads, Case::TwoInstants];

    fn start() {
        fastrace::set_reporter(Discard, Config::default());
    }

    fn batch(work: impl FnOnce()) {
        let root = Span::root("batch", SpanContext::random());
        let _parent = root.set_local_parent();
        work();
    }

    fn finish(_session: ()) {
        fastrace::flush();
    }
}

struct Discard;

impl Reporter for Discard {
    fn report(&mut self, spans: Vec<SpanRecord>) {
        std::hint::black_box(&spans);
    }
}

fn main() -> ExitCode {
    probe::run::<Fastrace>()
}
