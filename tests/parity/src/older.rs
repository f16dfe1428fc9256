//! Names that programs of other versions use: measuring by hand, the macros as methods, types of reports, units.

use std::{
    sync::{Mutex, RwLock},
    time::Duration,
};

use hotpath::{
    Format, FunctionsDataJson, FunctionsJson, HotpathGuardBuilder, InstrumentFuture, InstrumentFutureLog,
    InstrumentMutex as _, InstrumentRwLock as _, InstrumentStream, InstrumentStreamLog, MeasurementGuard,
    MeasurementGuardAsync, MeasurementGuardSync, MetricsProvider, Section,
    channels::{
        ChannelState, ChannelType, ChannelsGuard, ChannelsGuardBuilder, ChannelsJson,
        SerializableChannelStats,
    },
    functions, mutexes, rw_locks,
    streams::{SerializableStreamStats, StreamsJson},
};

use crate::executor::{Yield, block_on};

/// All of them, in a session or without.
pub fn all() -> String {
    format!("{} {} {} {}", by_hand(), methods(), statistics(), units())
}

/// Under a name that is given while the program runs.
fn by_hand() -> u64 {
    let name: &'static str = String::from("made at run time").leak();
    let first = MeasurementGuardSync::new(name, false, false);
    let second = MeasurementGuard::build("op.write", false, true);
    drop(first); // not in the order of their making
    let elsewhere = MeasurementGuardAsync::new("elsewhere", true, false);
    let moved = std::thread::spawn(move || drop(elsewhere)).join().is_ok();
    let kept = [
        functions::build_measurement_guard_sync("a", false),
        functions::build_measurement_guard_async("b", false),
        functions::build_measurement_guard_block("c", false),
        hotpath::functions::MeasurementGuardSync::new("skipped", false, true),
    ];
    std::mem::forget((MeasurementGuard::new("leaked", true, false), kept, second));
    let waited = async {
        let _wall = MeasurementGuardSync::new("held over an await", false, false);
        Yield::default().await;
        hotpath::measure_async("op.read", async { 3 }).await
            + hotpath::measure_async_log("op.read", async { 4 }).await
            + hotpath::measure_async_future("op.read", async { 5 }).await
            + hotpath::functions::measure_async_future_log::<u64, _>("op.read", async { 6 }).await
    };
    let is_send = |future| -> Box<dyn Future<Output = u64> + Send> { Box::new(future) };
    block_on(Box::into_pin(is_send(waited)))
        + hotpath::measure_sync_log("op.sync", || u64::from(moved))
        + hotpath::measure_sync_log::<u64, _>("op.sync", || 7)
}

/// What is watched by a method of it.
fn methods() -> u64 {
    type Jobs = mutexes::Mutex<u64>;
    type Names = rw_locks::RwLock<u64>;
    let jobs: Jobs = hotpath::mutex!(Mutex::new(1), label = "jobs");
    let names: Names = hotpath::rw_lock!(RwLock::new(2));
    let (other_jobs, other_names): (Jobs, Names) = (
        Mutex::new(3).instrument("a.rs:1", None),
        RwLock::new(4).instrument("a.rs:2", Some("names".to_owned())),
    );
    let held: [mutexes::MutexGuard<'_, u64>; 2] = [jobs.lock(), other_jobs.lock()].map(got);
    let read: rw_locks::RwLockReadGuard<'_, u64> = got(names.read());
    let mut written: rw_locks::RwLockWriteGuard<'_, u64> = got(other_names.write());
    *written += *read;
    let four = async { 4_u64 }.instrument_future("a.rs:3", None);
    let five = async { 5_u64 }.instrument_future_log("a.rs:4", Some("five".to_owned()));
    held.iter().map(|held| **held).sum::<u64>() + *written + block_on(four) + block_on(five) + through()
}

/// Types that a program may write.
#[expect(dead_code, reason = "there is no stream here")]
struct Named<S>(hotpath::streams::InstrumentedStream<S>, hotpath::futures::FutureState);

/// Bounds that a program may have on streams.
#[expect(dead_code, reason = "there is no stream here to call it with")]
fn stream<S: InstrumentStream + Clone + InstrumentStreamLog>(
    stream: S,
) -> (<S as InstrumentStream>::Output, <S as InstrumentStreamLog>::Output) {
    (stream.clone().instrument_stream("a.rs:5", None), stream.instrument_stream_log("a.rs:6", None))
}

fn got<T>(result: Result<T, std::sync::PoisonError<T>>) -> T {
    result.unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// What goes through as it is.
fn through() -> u64 {
    let label = "only a label";
    let io: hotpath::io::InstrumentedIo<u64> = hotpath::io!(1_u64);
    let labelled = hotpath::io!(2_u64, label = label, iter = true);
    let (client, router) = (hotpath::http!(3_u64, label = label.to_owned()), hotpath::axum!(4_u64));
    hotpath::io_unwrap(io) + hotpath::io::io_unwrap(labelled) + hotpath::http!(client) + router
}

/// Statistics as values; what they say depends on the mode, so only that they can be read is shown.
fn statistics() -> String {
    drop(ChannelsGuard::default().format(Format::None));
    drop(hotpath::StreamsGuard::new().format(Format::None));
    drop(hotpath::FuturesGuard::default().format(Format::None));
    drop(ChannelsGuardBuilder::new().format(Format::None).output_path("never-written.json").build());
    drop(hotpath::StreamsGuardBuilder::new().format(Format::None).output_path("never-written.json").build());
    drop(hotpath::FuturesGuardBuilder::new().format(Format::None).output_path("never-written.json").build());
    let ChannelsJson { current_elapsed_ns: _, channels } = hotpath::channels::get_channels_json();
    let StreamsJson { current_elapsed_ns: _, streams } = hotpath::streams::get_streams_json();
    let _channels: Vec<(u64, ChannelType, ChannelState)> = channels
        .into_iter()
        .map(|SerializableChannelStats { sent_count, channel_type, state, .. }| {
            (sent_count, channel_type, state)
        })
        .collect();
    let _items: u64 = streams.iter().map(|row: &SerializableStreamStats| row.items_yielded).sum();
    let types = [ChannelType::Bounded(3), ChannelType::Unbounded, ChannelType::Oneshot, ChannelType::Mixed];
    let states = [ChannelState::Active, ChannelState::Closed, ChannelState::Full, ChannelState::Notified];
    format!(
        "{} {}",
        types.map(|kind| kind.to_string()).join(" "),
        states.map(|state| state.as_str()).join(" ")
    )
}

/// The JSON of 0.7, of what a reporter is given.
pub fn functions_json(metrics: &dyn MetricsProvider<'_>) -> FunctionsJson {
    let json = FunctionsJson::from(metrics);
    let data: &FunctionsDataJson = &json.data;
    let _cells: usize = data.rows().map(|(_name, cells)| cells.len()).sum();
    json
}

/// Setters of 0.11 to 0.14.
pub fn older_setters(builder: HotpathGuardBuilder) -> HotpathGuardBuilder {
    let _with_a_timeout: fn(HotpathGuardBuilder, Duration) = HotpathGuardBuilder::build_with_timeout;
    builder
        .with_functions_limit(1)
        .with_channels_limit(2)
        .with_streams_limit(3)
        .with_futures_limit(4)
        .with_threads_limit(5)
        .with_sections(vec![Section::FunctionsTiming])
        .route_scope(false)
}

fn units() -> String {
    let written = [
        hotpath::format_duration(1_160_000),
        hotpath::format_bytes(1_536),
        hotpath::format_count(1_234_567),
        hotpath::format_rate(Some(12.345)),
        hotpath::format_rate(None),
        hotpath::format_percentile_key(99.9),
        hotpath::format_percentile_header(95.0),
        hotpath::shorten_function_name("app::db::pool::get"),
        hotpath::format_debug_truncated(&[1, 2]),
    ];
    let read = [
        hotpath::parse_duration("1.16 ms"),
        hotpath::parse_bytes("1.5 KB"),
        hotpath::parse_count("1,234"),
        hotpath::parse_duration("soon"),
    ];
    let cut = (hotpath::floor_char_boundary("aé", 2), hotpath::ceil_char_boundary("aé", 2));
    format!("{} {read:?} {cut:?} {}", written.join(" "), hotpath::env_flag("PARITY_HAS_NO_SUCH_SETTING"))
}

/// What other libraries are given.
#[cfg(feature = "libraries")]
pub fn libraries() -> String {
    use tower_layer::Layer;
    use tracing_subscriber::layer::SubscriberExt;

    let layers = (hotpath::sqlx_tracing_layer(), hotpath::toasty_tracing_layer());
    let _subscriber = tracing_subscriber::registry().with(layers.0).with(layers.1);
    hotpath::instrument_diesel_sql();
    let [made, default] = [hotpath::AxumLayer::new(), hotpath::AxumLayer::default().clone()];
    made.layer(default.layer("service")).to_owned()
}
