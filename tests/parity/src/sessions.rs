//! Every way to begin a session, and everything it can be told.

use std::{collections::HashMap, time::Duration};

use hotpath::{
    Format, FunctionsGuard, FunctionsGuardBuilder, GuardBuilder, HotPath, HotpathGuard, HotpathGuardBuilder,
    Section,
};

use crate::{api::Silent, forms, older};

const LONG: Duration = Duration::from_secs(3600);

/// One after another; the last one lasts to the end of the program.
pub fn all() -> u64 {
    let guard: HotpathGuard = older::older_setters(everything()).build();
    let sum = forms::all();
    drop(guard);
    let guard: HotPath =
        GuardBuilder::new("0.7").percentiles(&[50, 95]).format(Format::None).limit(20).build();
    drop(guard);
    let guard: FunctionsGuard = FunctionsGuardBuilder::new("0.9").reporter(Box::new(Silent)).build();
    let sum = sum + forms::all();
    drop(guard);
    let sum = sum + forms::with_every_parameter();
    if std::env::args().any(|word| word == "init") {
        drop(hotpath::init("0.2".to_owned(), &[95]));
    }
    if std::env::args().any(|word| word == "legacy") {
        GuardBuilder::new("to the end").format(Format::None).build_with_timeout(LONG);
    } else {
        HotpathGuardBuilder::new("to the end")
            .format(Format::None)
            .budget(2.0)
            .compensate(false)
            .build_with_shutdown(LONG);
    }
    sum + forms::all()
}

fn everything() -> HotpathGuardBuilder {
    HotpathGuardBuilder::new("everything")
        .percentiles(&[50.0, 99.9])
        .format(Format::None)
        .output_path("never-written.json")
        .limit(1)
        .functions_limit(2)
        .channels_limit(3)
        .streams_limit(4)
        .futures_limit(5)
        .threads_limit(6)
        .rw_locks_limit(7)
        .mutexes_limit(8)
        .sql_limit(9)
        .http_limit(10)
        .server_limit(11)
        .io_limit(12)
        .time_sampling_rate(1.0)
        .functions_time_sampling_rate(0.5)
        .mutexes_time_sampling_rate(0.5)
        .rw_locks_time_sampling_rate(0.5)
        .futures_time_sampling_rate(0.5)
        .channels_time_sampling_rate(0.5)
        .io_time_sampling_rate(0.5)
        .sections(vec![Section::FunctionsTiming])
        .sections_exclude(vec![Section::Threads])
        .report("all")
        .before_shutdown(|| {})
        .user_metadata(HashMap::from([("key".to_owned(), "value".to_owned())]))
        .timeout(LONG)
        .signals(false)
        .reporter(Box::new(Silent))
}
