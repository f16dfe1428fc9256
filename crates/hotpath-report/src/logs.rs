//! Logs: the last single events behind one row of a section, such as the last calls of a function.
//!
//! A log is a [`Table`] like any other: its rows are events, newest first, its fields say whose they are. So whatever shows
//! sections in general shows logs too. Which sections have them, and where they are asked for, stands beside the columns of the
//! section ([`SectionSchema::LOGS`]). What must stay true: a log reads back from JSON as it was written.

use crate::column::{Column, Wire};
use crate::interface::Compat;
use crate::section::{Declaration, Envelope, SectionSchema, Spec, Table};
use crate::value::{Source, Unit};

/// When and where an event happened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moment {
    /// Nanoseconds from the start of profiling.
    pub at_ns: u64,
    /// Nanoseconds from the event to the reading.
    pub ago_ns: u64,
    /// The system's number of the thread, if still known.
    pub thread_id: Option<u64>,
}

/// What happened at some moment.
trait Event: 'static {
    fn moment(&self) -> &Moment;
}

const fn timestamp<E: Event>() -> Column<E> {
    Column::nanos("timestamp", "At", |event: &E| Some(event.moment().at_ns))
        .compat(Compat::V0_16)
        .wire(Wire::Both("timestamp_ns"))
        .about("When it happened, from the start of profiling.")
}

const fn ago<E: Event>() -> Column<E> {
    Column::nanos("ago", "Ago", |event: &E| Some(event.moment().ago_ns))
        .compat(Compat::V0_16)
        .wire(Wire::Both("ago_ns"))
        .about("How long ago that was.")
}

const fn thread_id<E: Event>() -> Column<E> {
    // A number that names something is not counted in thousands.
    Column::number("thread_id", "Thread", Unit::Count, |event: &E| event.moment().thread_id)
        .compat(Compat::V0_16.or_null())
        .about("Number of the thread; unknown if it has ended since.")
}

const fn list(name: &'static str, title: &'static str, description: &'static str) -> Spec {
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

/// Whose log it is, of functions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FunctionLogHead {
    /// Path of the function, or the label of the block.
    pub function_name: String,
    /// Its calls.
    pub total_invocations: u64,
    /// Where it stands in the source.
    pub source: Option<Source>,
}

type FunctionField = Column<FunctionLogHead>;

const FUNCTION_FIELDS: &[FunctionField] = &[
    FunctionField::text("function_name", "Function", |head| Some(head.function_name.clone()))
        .compat(Compat::V0_16)
        .about("Path of the function, or the label of the block."),
    FunctionField::count("total_invocations", "Calls", |head| Some(head.total_invocations))
        .compat(Compat::V0_16)
        .about("Calls, those still running included."),
    FunctionField::place("location", true, |head| head.source.clone())
        .compat(Compat::V0_30.or_left_out())
        .about("File, line and column of the function."),
];

/// One call of a function.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FunctionTimingLog {
    /// Which call it was, from 1, in the order in which calls ended.
    pub invocation: u64,
    /// How long it took, in nanoseconds.
    pub duration_ns: u64,
    /// When it ended.
    pub moment: Moment,
    /// The value, with `log = true`.
    pub result: Option<String>,
}

impl Event for FunctionTimingLog {
    fn moment(&self) -> &Moment {
        &self.moment
    }
}

/// The last calls of a function.
pub struct FunctionTimingLogs;

impl SectionSchema for FunctionTimingLogs {
    type Stats = FunctionTimingLog;
    type Totals = FunctionLogHead;

    const SPEC: &'static Spec = &list("logs", "Call", "The last calls.");
    const FIELDS: &'static [FunctionField] = FUNCTION_FIELDS;
    const COLUMNS: &'static [Column<FunctionTimingLog>] = &[
        Column::count("invocation", "Call", |log: &FunctionTimingLog| Some(log.invocation))
            .compat(Compat::V0_16)
            .about("Which call it was, from 1, in the order in which calls ended."),
        Column::nanos("duration", "Duration", |log: &FunctionTimingLog| Some(log.duration_ns))
            .compat(Compat::V0_16)
            .wire(Wire::Both("duration_ns"))
            .about("How long it took."),
        timestamp(),
        ago(),
        thread_id(),
        Column::text("result", "Result", |log: &FunctionTimingLog| log.result.clone())
            .compat(Compat::V0_16.or_null())
            .about("What it returned, with log = true."),
    ];
}

/// One call of a function, and what it allocated.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FunctionAllocLog {
    /// Which call it was, from 1, in the order in which calls ended.
    pub invocation: u64,
    /// Bytes allocated, measured callees included; unknown if that is not known of every call.
    pub bytes: Option<u64>,
    /// Number of allocations.
    pub alloc_count: Option<u64>,
    /// When it ended.
    pub moment: Moment,
    /// The value, with `log = true`.
    pub result: Option<String>,
}

impl Event for FunctionAllocLog {
    fn moment(&self) -> &Moment {
        &self.moment
    }
}

/// What the last calls of a function allocated.
pub struct FunctionAllocLogs;

impl SectionSchema for FunctionAllocLogs {
    type Stats = FunctionAllocLog;
    type Totals = FunctionLogHead;

    const SPEC: &'static Spec = &list("logs", "Call", "What the last calls allocated.");
    const FIELDS: &'static [FunctionField] = FUNCTION_FIELDS;
    const COLUMNS: &'static [Column<FunctionAllocLog>] = &[
        Column::count("invocation", "Call", |log: &FunctionAllocLog| Some(log.invocation))
            .compat(Compat::V0_16)
            .about("Which call it was, from 1, in the order in which calls ended."),
        Column::bytes("bytes", "Bytes", |log: &FunctionAllocLog| log.bytes)
            .compat(Compat::V0_16)
            .wire(Wire::Both("alloc_bytes"))
            .about("Bytes allocated, measured callees included."),
        Column::count("alloc_count", "Allocs", |log: &FunctionAllocLog| log.alloc_count)
            .compat(Compat::V0_16.or_null())
            .about("Number of allocations, measured callees included."),
        timestamp(),
        ago(),
        thread_id(),
        Column::text("result", "Result", |log: &FunctionAllocLog| log.result.clone())
            .compat(Compat::V0_16.or_null())
            .about("What it returned, with log = true."),
    ];
}

/// One message that was sent or received, or one item of a stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MessageLog {
    /// Which one it was, from 1.
    pub index: u64,
    /// Nanoseconds that a message was on its way, or since the item before.
    pub delay_ns: Option<u64>,
    /// When it came.
    pub moment: Moment,
    /// The message, with `log = true`.
    pub message: Option<String>,
}

impl Event for MessageLog {
    fn moment(&self) -> &Moment {
        &self.moment
    }
}

type MessageColumn = Column<MessageLog>;

const INDEX: MessageColumn = MessageColumn::count("index", "#", |log| Some(log.index))
    .compat(Compat::V0_16)
    .about("Which one it was, from 1.");
const MESSAGE: MessageColumn = MessageColumn::text("message", "Message", |log| log.message.clone())
    .compat(Compat::V0_16.or_null())
    .about("What it was, with log = true.");
const DELAY: MessageColumn = MessageColumn::nanos("delay", "Delay", |log| log.delay_ns)
    .wire(Wire::Both("delay_ns"))
    .about("Time from sending to receiving it.");

/// Whose log it is, of channels.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChannelLogHead {
    /// Number of the channel's row.
    pub id: u32,
    /// Label of the channel.
    pub label: String,
    /// Where it stands in the source.
    pub source: Option<Source>,
    /// The last messages received.
    pub received: Vec<MessageLog>,
}

/// The last messages sent into a channel, and those received from it.
pub struct ChannelLogs;

impl SectionSchema for ChannelLogs {
    type Stats = MessageLog;
    type Totals = ChannelLogHead;

    const SPEC: &'static Spec = &list("sent_logs", "Sent", "The last messages sent.");
    const LISTS: &'static [Declaration] = &[Declaration::of::<ReceivedLogs>()];
    const FIELDS: &'static [Column<ChannelLogHead>] = &[
        Column::text("id", "", |head: &ChannelLogHead| Some(head.id.to_string()))
            .compat(Compat::V0_16)
            .about("Number of the row."),
        Column::text("label", "Channel", |head: &ChannelLogHead| Some(head.label.clone()))
            .about("Label of the channel."),
        Column::place("location", true, |head: &ChannelLogHead| head.source.clone())
            .about("File, line and column of the channel."),
    ];
    const COLUMNS: &'static [MessageColumn] =
        &[INDEX, timestamp(), ago(), DELAY.compat(Compat::V0_16.or_null()), MESSAGE, thread_id()];

    fn lists(head: &ChannelLogHead) -> Vec<Table> {
        vec![Table::of::<ReceivedLogs>(&head.received, &(), &[])]
    }
}

/// The last messages received from a channel.
pub struct ReceivedLogs;

impl SectionSchema for ReceivedLogs {
    type Stats = MessageLog;
    type Totals = ();

    const SPEC: &'static Spec = &Spec {
        envelope: Envelope::List,
        ..list("received_logs", "Received", "The last messages received.")
    };
    const FIELDS: &'static [Column<()>] = &[];
    const COLUMNS: &'static [MessageColumn] = &[INDEX, timestamp(), ago(), DELAY, MESSAGE, thread_id()];
}

/// Whose log it is, of streams.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StreamLogHead {
    /// Number of the stream's row.
    pub id: u32,
    /// Label of the stream.
    pub label: String,
    /// Where it stands in the source.
    pub source: Option<Source>,
}

/// The last items of a stream.
pub struct StreamLogs;

impl SectionSchema for StreamLogs {
    type Stats = MessageLog;
    type Totals = StreamLogHead;

    const SPEC: &'static Spec = &list("logs", "Item", "The last items.");
    const FIELDS: &'static [Column<StreamLogHead>] = &[
        Column::text("id", "", |head: &StreamLogHead| Some(head.id.to_string()))
            .compat(Compat::V0_16)
            .about("Number of the row."),
        Column::text("label", "Stream", |head: &StreamLogHead| Some(head.label.clone()))
            .about("Label of the stream."),
        Column::place("location", true, |head: &StreamLogHead| head.source.clone())
            .about("File, line and column of the stream."),
    ];
    const COLUMNS: &'static [MessageColumn] = &[
        INDEX,
        timestamp(),
        ago(),
        MessageColumn::nanos("gap", "Gap", |log| log.delay_ns)
            .wire(Wire::Both("gap_ns"))
            .about("Time since the item before, or since the first poll."),
        MESSAGE,
        thread_id(),
    ];
}

/// Whose log it is, of futures.
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
    /// Where it stands in the source.
    pub source: Option<Source>,
}

/// One call of a watched future.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FutureLog {
    /// Number of the call, unlike that of any other in the process.
    pub id: u64,
    /// Number of the future's row.
    pub future_id: u32,
    /// How far it has come: `pending`, `running`, `suspended`, `ready`, `cancelled`.
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

    const SPEC: &'static Spec = &list("calls", "Call", "The last calls.");
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
            "pending before the first poll, running in one, suspended between two; ready or cancelled.",
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
            .about("The longest poll."),
        FutureColumn::nanos("last_poll_duration_ns", "Last Poll", |log| Some(log.last_poll_ns))
            .compat(Compat::V0_16)
            .about("The last poll."),
        FutureColumn::bytes("total_poll_alloc_bytes", "Alloc", |log| log.total_bytes)
            .compat(Compat::V0_16.or_null())
            .about("Bytes allocated inside polls."),
        FutureColumn::count("total_poll_alloc_count", "Allocs", |log| log.total_count)
            .compat(Compat::V0_16.or_null())
            .about("Allocations inside polls."),
        FutureColumn::bytes("max_poll_alloc_bytes", "", |log| log.max_bytes)
            .compat(Compat::V0_16.or_null())
            .json_only()
            .about("Most bytes allocated in a poll."),
        FutureColumn::bytes("last_poll_alloc_bytes", "", |log| log.last_bytes)
            .compat(Compat::V0_16.or_null())
            .json_only()
            .about("Bytes allocated in the last poll."),
        FutureColumn::text("result", "Result", |log| log.result.clone())
            .compat(Compat::V0_16.or_null())
            .about("Its value, with log = true."),
        FutureColumn::count("thread_id", "Thread", |log| log.thread_id).about(
            "Number of the thread it ended on; unknown while it has not, or if that thread has ended since.",
        ),
    ];
}

/// Whose log it is, of values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ValueLogHead {
    /// Number of the row.
    pub id: u32,
    /// The expression, or the key.
    pub expression: String,
    /// How often it was set.
    pub total_logs: u64,
    /// Where it stands in the source; of a key, where it was used first.
    pub source: Option<Source>,
}

impl ValueLogHead {
    fn place(&self) -> Option<String> {
        self.source.as_ref().map(|source| format!("{}:{}", source.file, source.line))
    }
}

/// One value of an expression or key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ValueLog {
    /// Which value it was, from 1.
    pub index: u64,
    /// When it was set.
    pub moment: Moment,
    /// The value as text.
    pub value: Option<String>,
}

impl Event for ValueLog {
    fn moment(&self) -> &Moment {
        &self.moment
    }
}

type ValueField = Column<ValueLogHead>;

const VALUE_COLUMNS: &[Column<ValueLog>] = &[
    Column::count("index", "#", |log: &ValueLog| Some(log.index))
        .compat(Compat::V0_16)
        .about("Which value it was, from 1."),
    timestamp(),
    ago(),
    Column::text("value", "Value", |log: &ValueLog| log.value.clone())
        .compat(Compat::V0_16)
        .about("The value as text."),
    thread_id(),
];
const VALUE_ID: ValueField =
    ValueField::text("id", "", |head| Some(head.id.to_string())).about("Number of the row.");
const VALUE_TOTAL: ValueField = ValueField::count("total_logs", "Updates", |head| Some(head.total_logs))
    .compat(Compat::V0_16)
    .about("How often it was set.");
const VALUE_PLACE: ValueField = ValueField::text("source", "Source", ValueLogHead::place)
    .about("File and line; of a key, where it was used first.");

/// The last values of an expression of `dbg!`.
pub struct DbgLogs;

impl SectionSchema for DbgLogs {
    type Stats = ValueLog;
    type Totals = ValueLogHead;

    const SPEC: &'static Spec = &list("logs", "Value", "The last values.");
    const FIELDS: &'static [ValueField] = &[
        VALUE_ID,
        VALUE_PLACE.compat(Compat::V0_16),
        ValueField::text("expression", "Expression", |head| Some(head.expression.clone()))
            .compat(Compat::V0_16)
            .about("The expression as it stands in the source."),
        VALUE_TOTAL,
    ];
    const COLUMNS: &'static [Column<ValueLog>] = VALUE_COLUMNS;
}

/// The last values of a key of `val!` or `gauge!`.
pub struct KeyLogs;

impl SectionSchema for KeyLogs {
    type Stats = ValueLog;
    type Totals = ValueLogHead;

    const SPEC: &'static Spec = &list("logs", "Value", "The last values.");
    const FIELDS: &'static [ValueField] = &[
        VALUE_ID,
        VALUE_PLACE,
        ValueField::text("key", "Key", |head| Some(head.expression.clone()))
            .compat(Compat::V0_16)
            .about("The key."),
        VALUE_TOTAL,
    ];
    const COLUMNS: &'static [Column<ValueLog>] = VALUE_COLUMNS;
}
