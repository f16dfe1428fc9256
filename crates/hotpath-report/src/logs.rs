//! Logs: the last single events of one row of a section, such as the last calls of a function.
//!
//! A log is a [`Table`] like any other: its rows are events, newest first, and its fields describe the row that they belong to. So
//! whatever shows sections shows logs too. A section declares its logs, and their paths, beside its columns
//! ([`SectionSchema::LOGS`]). What must stay true: a log reads back from JSON as it was written.

use crate::column::{Column, Wire};
use crate::interface::Compat;
use crate::section::{Declaration, Envelope, SectionSchema, Spec, Table};
use crate::value::{Source, Unit};

/// One event: a call that ended, a message, an item or a value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Event {
    /// Its number among the events of the row, from 1.
    pub index: u64,
    /// Nanoseconds from the start of profiling.
    pub at_ns: u64,
    /// Nanoseconds from the event to the reading.
    pub ago_ns: u64,
    /// The system's number of the thread, if still known.
    pub thread_id: Option<u64>,
    /// Nanoseconds of the call, of the message's way, or since the item before.
    pub duration_ns: Option<u64>,
    /// Bytes that the call allocated, inclusive; unknown unless every call was tracked.
    pub alloc_bytes: Option<u64>,
    /// Allocations of the call, inclusive.
    pub alloc_count: Option<u64>,
    /// The value as text: the result or message, with `log = true`.
    pub value: Option<String>,
}

type EventColumn = Column<Event>;

const INDEX: EventColumn = EventColumn::count("index", "#", |event| Some(event.index))
    .compat(Compat::V0_16)
    .about("Number of the event, from 1.");
const INVOCATION: EventColumn = EventColumn::count("invocation", "Call", |event| Some(event.index))
    .compat(Compat::V0_16)
    .about("Number of the call, from 1, in the order in which calls ended.");
const TIMESTAMP: EventColumn = EventColumn::nanos("timestamp", "At", |event| Some(event.at_ns))
    .compat(Compat::V0_16)
    .wire(Wire::Both("timestamp_ns"))
    .about("Time of the event, from the start of profiling.");
const AGO: EventColumn = EventColumn::nanos("ago", "Ago", |event| Some(event.ago_ns))
    .compat(Compat::V0_16)
    .wire(Wire::Both("ago_ns"))
    .about("Time since the event.");
// A number that names something is not counted in thousands.
const THREAD: EventColumn = EventColumn::number("thread_id", "Thread", Unit::Count, |event| event.thread_id)
    .compat(Compat::V0_16.or_null())
    .about("Number of the thread; unknown if it has ended since.");
const DELAY: EventColumn =
    duration("delay", "Delay", "delay_ns", "Time from sending the message to receiving it.");
const MESSAGE: EventColumn =
    value("message", "Message", "The message or item, with log = true.").compat(Compat::V0_16.or_null());
const RESULT: EventColumn =
    value("result", "Result", "The value returned, with log = true.").compat(Compat::V0_16.or_null());

const fn duration(
    key: &'static str,
    header: &'static str,
    number: &'static str,
    about: &'static str,
) -> EventColumn {
    EventColumn::nanos(key, header, |event| event.duration_ns).wire(Wire::Both(number)).about(about)
}

const fn value(key: &'static str, header: &'static str, about: &'static str) -> EventColumn {
    EventColumn::text(key, header, |event| event.value.clone()).about(about)
}

/// The row that a log belongs to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogHead {
    /// Number of the row.
    pub id: u32,
    /// Path of the function, label of the channel or stream, the expression or the key.
    pub name: String,
    /// Calls or updates of the row.
    pub count: u64,
    /// Its place in the source; of a key, of its first use.
    pub source: Option<Source>,
    /// The last messages received, of a channel.
    pub received: Vec<Event>,
}

impl LogHead {
    fn place(&self) -> Option<String> {
        self.source.as_ref().map(|source| format!("{}:{}", source.file, source.line))
    }
}

type HeadField = Column<LogHead>;

const ID: HeadField = HeadField::text("id", "", |head| Some(head.id.to_string())).about("Number of the row.");
const LOCATION: HeadField =
    HeadField::place("location", true, |head| head.source.clone()).about("File, line and column of the row.");
const SOURCE: HeadField =
    HeadField::text("source", "Source", LogHead::place).about("File and line; of a key, of its first use.");
const UPDATES: HeadField = count("total_logs", "Updates", "Number of updates.").compat(Compat::V0_16);

const fn name(key: &'static str, header: &'static str, about: &'static str) -> HeadField {
    HeadField::text(key, header, |head| Some(head.name.clone())).about(about)
}

const fn count(key: &'static str, header: &'static str, about: &'static str) -> HeadField {
    HeadField::count(key, header, |head| Some(head.count)).about(about)
}

const fn spec(name: &'static str, title: &'static str, description: &'static str) -> Spec {
    Spec {
        name,
        short: name,
        scope: None,
        title,
        description,
        stem: "logs",
        default_limit: 0,
        envelope: Envelope::Log(name),
        sort: &[],
        base: "",
        pinned: None,
        outside: None,
        compat: None,
        ambient: false,
    }
}

const FUNCTION_FIELDS: &[HeadField] = &[
    name("function_name", "Function", "Path of the function, or the label of the block.")
        .compat(Compat::V0_16),
    count("total_invocations", "Calls", "Number of calls, those still running included.")
        .compat(Compat::V0_16),
    LOCATION.compat(Compat::V0_30.or_left_out()),
];

/// The last calls of a function.
pub struct FunctionTimingLogs;

impl SectionSchema for FunctionTimingLogs {
    type Stats = Event;
    type Totals = LogHead;

    const SPEC: &'static Spec = &spec("logs", "Call", "The last calls.");
    const FIELDS: &'static [HeadField] = FUNCTION_FIELDS;
    const COLUMNS: &'static [EventColumn] = &[
        INVOCATION,
        duration("duration", "Duration", "duration_ns", "Duration of the call.").compat(Compat::V0_16),
        TIMESTAMP,
        AGO,
        THREAD,
        RESULT,
    ];
}

/// Allocations of the last calls of a function.
pub struct FunctionAllocLogs;

impl SectionSchema for FunctionAllocLogs {
    type Stats = Event;
    type Totals = LogHead;

    const SPEC: &'static Spec = &spec("logs", "Call", "Allocations of the last calls.");
    const FIELDS: &'static [HeadField] = FUNCTION_FIELDS;
    const COLUMNS: &'static [EventColumn] = &[
        INVOCATION,
        EventColumn::bytes("bytes", "Bytes", |event| event.alloc_bytes)
            .compat(Compat::V0_16)
            .wire(Wire::Both("alloc_bytes"))
            .about("Bytes allocated by the call, inclusive."),
        EventColumn::count("alloc_count", "Allocs", |event| event.alloc_count)
            .compat(Compat::V0_16.or_null())
            .about("Number of allocations by the call, inclusive."),
        TIMESTAMP,
        AGO,
        THREAD,
        RESULT,
    ];
}

/// The last messages sent into a channel, and those received from it.
pub struct ChannelLogs;

impl SectionSchema for ChannelLogs {
    type Stats = Event;
    type Totals = LogHead;

    const SPEC: &'static Spec = &spec("sent_logs", "Sent", "The last messages sent.");
    const LISTS: &'static [Declaration] = &[Declaration::of::<ReceivedLogs>()];
    const FIELDS: &'static [HeadField] =
        &[ID.compat(Compat::V0_16), name("label", "Channel", "Label of the channel."), LOCATION];
    const COLUMNS: &'static [EventColumn] =
        &[INDEX, TIMESTAMP, AGO, DELAY.compat(Compat::V0_16.or_null()), MESSAGE, THREAD];

    fn lists(head: &LogHead) -> Vec<Table> {
        vec![Table::of::<ReceivedLogs>(&head.received, &(), &[])]
    }
}

/// The last messages received from a channel.
pub struct ReceivedLogs;

impl SectionSchema for ReceivedLogs {
    type Stats = Event;
    type Totals = ();

    const SPEC: &'static Spec = &Spec {
        envelope: Envelope::List,
        ..spec("received_logs", "Received", "The last messages received.")
    };
    const FIELDS: &'static [Column<()>] = &[];
    const COLUMNS: &'static [EventColumn] = &[INDEX, TIMESTAMP, AGO, DELAY, MESSAGE, THREAD];
}

/// The last items of a stream.
pub struct StreamLogs;

impl SectionSchema for StreamLogs {
    type Stats = Event;
    type Totals = LogHead;

    const SPEC: &'static Spec = &spec("logs", "Item", "The last items.");
    const FIELDS: &'static [HeadField] =
        &[ID.compat(Compat::V0_16), name("label", "Stream", "Label of the stream."), LOCATION];
    const COLUMNS: &'static [EventColumn] = &[
        INDEX,
        TIMESTAMP,
        AGO,
        duration("gap", "Gap", "gap_ns", "Time since the item before, or since the first poll."),
        MESSAGE,
        THREAD,
    ];
}

const VALUE_COLUMNS: &[EventColumn] =
    &[INDEX, TIMESTAMP, AGO, value("value", "Value", "The value as text.").compat(Compat::V0_16), THREAD];

/// The last values of an expression of `dbg!`.
pub struct DbgLogs;

impl SectionSchema for DbgLogs {
    type Stats = Event;
    type Totals = LogHead;

    const SPEC: &'static Spec = &spec("logs", "Value", "The last values.");
    const FIELDS: &'static [HeadField] = &[
        ID,
        SOURCE.compat(Compat::V0_16),
        name("expression", "Expression", "The expression, as in the source.").compat(Compat::V0_16),
        UPDATES,
    ];
    const COLUMNS: &'static [EventColumn] = VALUE_COLUMNS;
}

/// The last values of a key of `val!` or `gauge!`.
pub struct KeyLogs;

impl SectionSchema for KeyLogs {
    type Stats = Event;
    type Totals = LogHead;

    const SPEC: &'static Spec = &spec("logs", "Value", "The last values.");
    const FIELDS: &'static [HeadField] =
        &[ID, SOURCE, name("key", "Key", "The key.").compat(Compat::V0_16), UPDATES];
    const COLUMNS: &'static [EventColumn] = VALUE_COLUMNS;
}

/// The future that a log belongs to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FutureLogHead {
    /// Number of the future's row.
    pub id: u32,
    /// Label of the future.
    pub label: String,
    /// Futures polled at least once.
    pub call_count: u64,
    /// Polls of them.
    pub total_polls: u64,
    /// Nanoseconds inside polls.
    pub total_poll_ns: Option<u64>,
    /// Bytes allocated inside polls.
    pub total_bytes: Option<u64>,
    /// Allocations inside polls.
    pub total_count: Option<u64>,
    /// Its place in the source.
    pub source: Option<Source>,
}

/// One call of a watched future.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FutureLog {
    /// Number of the call, unique in the process.
    pub id: u64,
    /// Number of the future's row.
    pub future_id: u32,
    /// Its state: `pending`, `running`, `suspended`, `ready`, `cancelled`.
    pub state: String,
    /// Polls that have ended.
    pub poll_count: u64,
    /// Those that were timed; unknown if polls are sampled.
    pub sampled_polls: Option<u64>,
    /// Nanoseconds inside polls.
    pub total_poll_ns: u64,
    /// Nanoseconds of the longest poll.
    pub max_poll_ns: u64,
    /// Nanoseconds of the last poll.
    pub last_poll_ns: u64,
    /// Bytes allocated inside polls; unknown if allocations are not tracked. So are the next three.
    pub total_bytes: Option<u64>,
    /// Allocations inside polls.
    pub total_count: Option<u64>,
    /// Most bytes allocated in a poll.
    pub max_bytes: Option<u64>,
    /// Bytes allocated in the last poll.
    pub last_bytes: Option<u64>,
    /// The thread it ended on, if still known.
    pub thread_id: Option<u64>,
    /// The value, with `log = true`.
    pub result: Option<String>,
}

/// The last calls of a watched future.
pub struct FutureLogs;

type FutureField = Column<FutureLogHead>;
type FutureColumn = Column<FutureLog>;

impl SectionSchema for FutureLogs {
    type Stats = FutureLog;
    type Totals = FutureLogHead;

    const SPEC: &'static Spec = &spec("calls", "Call", "The last calls.");
    const FIELDS: &'static [FutureField] = &[
        FutureField::text("id", "", |head| Some(head.id.to_string()))
            .compat(Compat::V0_16)
            .about("Number of the row."),
        FutureField::text("label", "Future", |head| Some(head.label.clone())).about("Label of the future."),
        FutureField::count("call_count", "Calls", |head| Some(head.call_count))
            .compat(Compat::V0_16)
            .about("Futures polled at least once."),
        FutureField::count("total_polls", "Polls", |head| Some(head.total_polls))
            .compat(Compat::V0_16)
            .about("Polls of all these futures."),
        FutureField::nanos("total_poll_duration_ns", "Total Poll", |head| head.total_poll_ns)
            .compat(Compat::V0_16)
            .about("Time inside polls; with sampling an estimate."),
        FutureField::bytes("total_poll_alloc_bytes", "Total Alloc", |head| head.total_bytes)
            .compat(Compat::V0_16.or_null())
            .about("Bytes allocated inside polls."),
        FutureField::count("total_poll_alloc_count", "", |head| head.total_count)
            .compat(Compat::V0_16.or_null())
            .about("Allocations inside polls."),
        FutureField::place("location", true, |head| head.source.clone())
            .about("File, line and column of the future."),
    ];
    const COLUMNS: &'static [FutureColumn] = &[
        FutureColumn::count("id", "Call", |log| Some(log.id))
            .compat(Compat::V0_16)
            .about("Number of the call."),
        FutureColumn::count("future_id", "", |log| Some(log.future_id.into()))
            .compat(Compat::V0_16)
            .json_only()
            .about("Number of the row."),
        FutureColumn::text("state", "State", |log| Some(log.state.clone())).compat(Compat::V0_16).about(
            "State: pending before the first poll, running in one, suspended between two; ready or cancelled.",
        ),
        FutureColumn::count("poll_count", "Polls", |log| Some(log.poll_count))
            .compat(Compat::V0_16)
            .about("Polls that have ended."),
        FutureColumn::count("sampled_polls", "", |log| log.sampled_polls)
            .compat(Compat::V0_30)
            .json_only()
            .about("Polls whose duration was measured; unknown if polls are sampled."),
        FutureColumn::nanos("total_poll_duration_ns", "Total Poll", |log| Some(log.total_poll_ns))
            .compat(Compat::V0_16)
            .about("Time inside polls."),
        FutureColumn::nanos("max_poll_duration_ns", "Max Poll", |log| Some(log.max_poll_ns))
            .compat(Compat::V0_16)
            .about("Duration of the longest poll."),
        FutureColumn::nanos("last_poll_duration_ns", "Last Poll", |log| Some(log.last_poll_ns))
            .compat(Compat::V0_16)
            .about("Duration of the last poll."),
        FutureColumn::bytes("total_poll_alloc_bytes", "Alloc", |log| log.total_bytes)
            .compat(Compat::V0_16.or_null())
            .about("Bytes allocated inside polls."),
        FutureColumn::count("total_poll_alloc_count", "Allocs", |log| log.total_count)
            .compat(Compat::V0_16.or_null())
            .about("Allocations inside polls."),
        FutureColumn::bytes("max_poll_alloc_bytes", "", |log| log.max_bytes)
            .compat(Compat::V0_16.or_null())
            .json_only()
            .about("Largest number of bytes allocated in a poll."),
        FutureColumn::bytes("last_poll_alloc_bytes", "", |log| log.last_bytes)
            .compat(Compat::V0_16.or_null())
            .json_only()
            .about("Bytes allocated in the last poll."),
        FutureColumn::text("result", "Result", |log| log.result.clone())
            .compat(Compat::V0_16.or_null())
            .about("Value of the future, with log = true."),
        FutureColumn::count("thread_id", "Thread", |log| log.thread_id).about(
            "Number of the thread it ended on; unknown while it has not, or if that thread has ended since.",
        ),
    ];
}
