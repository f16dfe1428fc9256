//! `tokio_runtime`: how busy the workers of tokio runtimes are, and what waits for them.
//!
//! The section has rows of three sorts: runtimes, their workers, and a history. The numbers of the first runtime stand at
//! the top of the section too, where programs look that know of one runtime only. What must stay true: counters count from
//! the beginning of the session; gauges (tasks alive, lengths of queues) are those of the last poll.

use crate::column::{Column, Merge, Show, Wire};
use crate::interface::Compat;
use crate::section::{Declaration, Envelope, SectionSchema, Spec, Table};

/// The statistics of one runtime.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuntimeStats {
    /// Its number, from 1, in the order of watching.
    pub runtime: u64,
    /// `multi_thread` or `current_thread`.
    pub flavor: String,
    /// Worker threads.
    pub workers: u64,
    /// Tasks that were spawned and have not ended.
    pub alive_tasks: u64,
    /// The largest number at any poll.
    pub max_alive_tasks: u64,
    /// Tasks in the global queue of the runtime.
    pub global_queue: u64,
    /// The largest number at any poll.
    pub max_global_queue: u64,
    /// Number of times that workers parked; unknown if tokio does not count it on this machine.
    pub parks: Option<u64>,
    /// Nanoseconds that workers were busy, all together.
    pub busy_ns: Option<u64>,
    /// Nanoseconds that workers were watched, all together.
    pub watched_ns: u64,
    /// Threads for blocking work. This and what follows is known with `tokio_unstable` only.
    pub blocking_threads: Option<u64>,
    /// Those of them without work.
    pub idle_blocking_threads: Option<u64>,
    /// Blocking work that waits for a thread.
    pub blocking_queue: Option<u64>,
    /// Tasks spawned.
    pub spawned_tasks: Option<u64>,
    /// Tasks that were woken from outside of the runtime.
    pub remote_schedules: Option<u64>,
    /// File descriptors that the I/O driver took on.
    pub io_registered: Option<u64>,
    /// File descriptors that it gave up.
    pub io_deregistered: Option<u64>,
    /// Events that it saw.
    pub io_ready: Option<u64>,
}

/// The statistics of one worker thread.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WorkerStats {
    /// The number of its runtime.
    pub runtime: u64,
    /// Its number there, from 0.
    pub index: u64,
    /// Number of times that it parked.
    pub parks: Option<u64>,
    /// Nanoseconds that it was busy.
    pub busy_ns: Option<u64>,
    /// Nanoseconds that it was watched.
    pub watched_ns: u64,
    /// Polls of tasks. This and what follows is known with `tokio_unstable` only.
    pub polls: Option<u64>,
    /// Tasks that it took from other workers.
    pub steals: Option<u64>,
    /// Number of times that it stole tasks.
    pub steal_operations: Option<u64>,
    /// Number of times that its queue was full.
    pub overflows: Option<u64>,
    /// Tasks in its queue.
    pub local_queue: Option<u64>,
    /// Nanoseconds of a poll on average, where later polls weigh more.
    pub mean_poll_ns: Option<u64>,
}

/// A runtime between two polls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RuntimeSample {
    /// The number of the runtime.
    pub runtime: u64,
    /// Nanoseconds from the beginning of the session to the later poll.
    pub at_ns: u64,
    /// Tasks alive; the most of them, if the sample stands for several.
    pub alive_tasks: u64,
    /// Tasks in the global queue of the runtime; the most of them, if the sample stands for several.
    pub global_queue: u64,
    /// Number of times that workers parked.
    pub parks: Option<u64>,
    /// Nanoseconds that workers were busy, all together.
    pub busy_ns: Option<u64>,
    /// Nanoseconds that workers were watched, all together.
    pub watched_ns: u64,
    /// Number of polls that it stands for.
    pub polls: u64,
}

/// All runtimes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuntimeTotals {
    /// The polling interval in milliseconds.
    pub sample_interval_ms: u64,
    /// The first runtime; its numbers stand at the top.
    pub first: Option<RuntimeStats>,
    /// The workers of all runtimes.
    pub workers: Vec<WorkerStats>,
    /// The history of all runtimes.
    pub history: Vec<RuntimeSample>,
}

/// The numbers both in the row of a runtime and, for the first one, at the top. `$of` leads to it, `$form` is what the
/// columns are there.
macro_rules! columns_of_a_runtime {
    ($Column:ty, $of:path, $form:path, [$($before:expr),* $(,)?], [$($after:expr),* $(,)?]) => {
        &[
            $($before,)*
            $form(<$Column>::text("flavor", "Flavor", |s| Some($of(s)?.flavor.clone()))
                .about("Flavor of the runtime: multi_thread or current_thread.")),
            $form(<$Column>::count("num_workers", "Workers", |s| Some($of(s)?.workers))
                .compat(Compat::V0_16)
                .gauge()
                .merged(Merge::Max)
                .about("Worker threads of the runtime.")),
            $form(<$Column>::count("num_alive_tasks", "Tasks", |s| Some($of(s)?.alive_tasks))
                .compat(Compat::V0_16)
                .gauge()
                .merged(Merge::Max)
                .about("Tasks spawned that have not ended.")),
            $form(<$Column>::count("max_alive_tasks", "Max tasks", |s| Some($of(s)?.max_alive_tasks))
                .merged(Merge::Max)
                .about("Largest number of tasks alive at any poll.")),
            $form(<$Column>::count("global_queue_depth", "Queue", |s| Some($of(s)?.global_queue))
                .compat(Compat::V0_16)
                .gauge()
                .merged(Merge::Max)
                .about("Tasks in the global queue of the runtime.")),
            $form(<$Column>::count("max_global_queue_depth", "Max queue", |s| Some($of(s)?.max_global_queue))
                .merged(Merge::Max)
                .about("Largest number of tasks in that queue at any poll.")),
            $form(<$Column>::count("park_count", "Parks", |s| $of(s)?.parks)
                .about("Number of times that workers parked.")),
            $form(<$Column>::nanos("busy_ns", "Busy time", |s| $of(s)?.busy_ns)
                .about("Time that all workers were busy; tokio updates it when a worker parks.")),
            $form(<$Column>::nanos("watched_ns", "", |s| Some($of(s)?.watched_ns))
                .json_only()
                .about("Time that all workers were watched.")),
            $form(<$Column>::count("num_blocking_threads", "Blocking", |s| $of(s)?.blocking_threads)
                .compat(Compat::V0_16.or_left_out())
                .gauge()
                .wire(Wire::Optional)
                .shown(Show::WhenAny)
                .merged(Merge::Max)
                .about("Threads for blocking work (with tokio_unstable).")),
            $form(<$Column>::count("num_idle_blocking_threads", "", |s| $of(s)?.idle_blocking_threads)
                .compat(Compat::V0_16.or_left_out())
                .gauge()
                .wire(Wire::Optional)
                .json_only()
                .merged(Merge::Max)
                .about("Threads for blocking work that are idle (with tokio_unstable).")),
            $form(<$Column>::count("blocking_queue_depth", "Blocking queue", |s| $of(s)?.blocking_queue)
                .compat(Compat::V0_16.or_left_out())
                .gauge()
                .wire(Wire::Optional)
                .shown(Show::WhenAny)
                .merged(Merge::Max)
                .about("Blocking work that waits for a thread (with tokio_unstable).")),
            $form(<$Column>::count("spawned_tasks_count", "Spawned", |s| $of(s)?.spawned_tasks)
                .compat(Compat::V0_16.or_left_out())
                .wire(Wire::Optional)
                .shown(Show::WhenAny)
                .about("Tasks spawned (with tokio_unstable).")),
            $form(<$Column>::count("remote_schedule_count", "", |s| $of(s)?.remote_schedules)
                .compat(Compat::V0_16.or_left_out())
                .wire(Wire::Optional)
                .json_only()
                .about("Tasks woken from outside of the runtime (with tokio_unstable).")),
            $form(<$Column>::count("io_driver_fd_registered_count", "", |s| $of(s)?.io_registered)
                .compat(Compat::V0_16.or_left_out())
                .wire(Wire::Optional)
                .json_only()
                .about("File descriptors registered with the I/O driver (with tokio_unstable).")),
            $form(<$Column>::count("io_driver_fd_deregistered_count", "", |s| $of(s)?.io_deregistered)
                .compat(Compat::V0_16.or_left_out())
                .wire(Wire::Optional)
                .json_only()
                .about("File descriptors deregistered from the I/O driver (with tokio_unstable).")),
            $form(<$Column>::count("io_driver_ready_count", "", |s| $of(s)?.io_ready)
                .compat(Compat::V0_16.or_left_out())
                .wire(Wire::Optional)
                .json_only()
                .about("Events of the I/O driver (with tokio_unstable).")),
            $($after,)*
        ]
    };
}

fn itself(stats: &RuntimeStats) -> Option<&RuntimeStats> {
    Some(stats)
}

/// The established interface knows of one runtime, and has its numbers at the top.
const fn as_declared<S>(mut column: Column<S>) -> Column<S> {
    column.info.compat = None;
    column
}

fn first(totals: &RuntimeTotals) -> Option<&RuntimeStats> {
    totals.first.as_ref()
}

/// A table has these numbers in the row of the runtime.
const fn for_machines<S>(column: Column<S>) -> Column<S> {
    column.json_only()
}

/// Tokio runtimes.
pub struct TokioRuntime;

impl SectionSchema for TokioRuntime {
    type Stats = RuntimeStats;
    type Totals = RuntimeTotals;

    const SPEC: &'static Spec = &Spec {
        name: "tokio_runtime",
        short: "tokio_runtime",
        scope: None,
        title: "Runtime",
        description: "Tokio runtimes: workers, tasks and queues.",
        stem: "tokio_runtime",
        default_limit: 0,
        envelope: Envelope::Named("runtimes"),
        sort: &[],
        base: "",
        pinned: None,
        outside: None,
        compat: None,
        ambient: false,
    };

    const COLUMNS: &'static [Column<RuntimeStats>] = columns_of_a_runtime!(
        Column<RuntimeStats>,
        itself,
        as_declared,
        [Column::count("runtime", "Runtime", |s: &RuntimeStats| Some(s.runtime))
            .merged(Merge::Key)
            .about("Number of the runtime, in the order of watching."),],
        [Column::portion("busy_percent", "Busy", "busy_ns", "watched_ns")
            .about("Share of the time watched that workers were busy."),]
    );

    const FIELDS: &'static [Column<RuntimeTotals>] = columns_of_a_runtime!(
        Column<RuntimeTotals>,
        first,
        for_machines,
        [Column::count("sample_interval_ms", "", |s: &RuntimeTotals| Some(s.sample_interval_ms))
            .gauge()
            .merged(Merge::Max)
            .about("Polling interval in milliseconds."),],
        []
    );

    const LISTS: &'static [Declaration] =
        &[Declaration::of::<RuntimeWorkers>(), Declaration::of::<RuntimeHistory>()];

    fn lists(totals: &RuntimeTotals) -> Vec<Table> {
        vec![
            Table::of::<RuntimeWorkers>(&totals.workers, &(), &[]),
            Table::of::<RuntimeHistory>(&totals.history, &(), &[]),
        ]
    }
}

/// Workers of tokio runtimes.
struct RuntimeWorkers;

impl SectionSchema for RuntimeWorkers {
    type Stats = WorkerStats;
    type Totals = ();

    const SPEC: &'static Spec = &Spec {
        name: "workers",
        title: "Worker",
        description: "Workers of the runtimes.",
        envelope: Envelope::List,
        ..*TokioRuntime::SPEC
    };

    const COLUMNS: &'static [Column<WorkerStats>] = &[
        Column::count("runtime", "Runtime", |w: &WorkerStats| Some(w.runtime))
            .merged(Merge::Key)
            .shown(Show::WhenDifferent)
            .about("Number of the worker's runtime."),
        Column::count("index", "Worker", |w: &WorkerStats| Some(w.index))
            .compat(Compat::V0_16)
            .merged(Merge::Key)
            .about("Number of the worker, from 0."),
        Column::portion("busy_percent", "Busy", "busy_ns", "watched_ns")
            .about("Share of the time watched that the worker was busy."),
        Column::nanos("busy_ns", "Busy time", |w: &WorkerStats| w.busy_ns)
            .about("Time that the worker was busy; tokio updates it when the worker parks."),
        Column::count("busy_duration_ms", "", |w: &WorkerStats| Some(w.busy_ns? / 1_000_000))
            .compat(Compat::V0_16)
            .json_only()
            .about("Busy time in whole milliseconds."),
        Column::nanos("watched_ns", "", |w: &WorkerStats| Some(w.watched_ns))
            .json_only()
            .about("Time that the worker was watched."),
        Column::count("park_count", "Parks", |w: &WorkerStats| w.parks)
            .compat(Compat::V0_16)
            .about("Number of times that the worker parked."),
        Column::count("poll_count", "Polls", |w: &WorkerStats| w.polls)
            .compat(Compat::V0_16.or_left_out())
            .wire(Wire::Optional)
            .shown(Show::WhenAny)
            .about("Polls of tasks (with tokio_unstable)."),
        Column::count("steal_count", "Steals", |w: &WorkerStats| w.steals)
            .compat(Compat::V0_16.or_left_out())
            .wire(Wire::Optional)
            .shown(Show::WhenAny)
            .about("Tasks stolen from other workers (with tokio_unstable)."),
        Column::count("steal_operations", "", |w: &WorkerStats| w.steal_operations)
            .compat(Compat::V0_16.or_left_out())
            .wire(Wire::Optional)
            .json_only()
            .about("Number of times that tasks were stolen from other workers (with tokio_unstable)."),
        Column::count("overflow_count", "Overflows", |w: &WorkerStats| w.overflows)
            .compat(Compat::V0_16.or_left_out())
            .wire(Wire::Optional)
            .shown(Show::WhenAny)
            .about("Number of times that the worker's queue was full (with tokio_unstable)."),
        Column::count("local_queue_depth", "Local queue", |w: &WorkerStats| w.local_queue)
            .compat(Compat::V0_16.or_left_out())
            .gauge()
            .wire(Wire::Optional)
            .shown(Show::WhenAny)
            .merged(Merge::Max)
            .about("Tasks in the worker's queue (with tokio_unstable)."),
        Column::nanos("mean_poll_time_ns", "Mean poll", |w: &WorkerStats| w.mean_poll_ns)
            .gauge()
            .wire(Wire::Optional)
            .shown(Show::WhenAny)
            .merged(Merge::Max)
            .about("Duration of a poll on average, where later polls weigh more (with tokio_unstable)."),
        Column::count("mean_poll_time_us", "", |w: &WorkerStats| Some(w.mean_poll_ns? / 1_000))
            .compat(Compat::V0_16.or_left_out())
            .gauge()
            .wire(Wire::Optional)
            .json_only()
            .merged(Merge::Max)
            .about("Mean poll time in whole microseconds."),
    ];

    const FIELDS: &'static [Column<()>] = &[];
}

/// Runtimes between polls; for machines only.
struct RuntimeHistory;

impl SectionSchema for RuntimeHistory {
    type Stats = RuntimeSample;
    type Totals = ();

    const SPEC: &'static Spec = &Spec {
        name: "history",
        title: "Sample",
        description: "Runtimes between polls.",
        envelope: Envelope::List,
        ..*TokioRuntime::SPEC
    };

    const COLUMNS: &'static [Column<RuntimeSample>] = &[
        Column::count("runtime", "", |s: &RuntimeSample| Some(s.runtime))
            .json_only()
            .merged(Merge::Key)
            .about("Number of the runtime."),
        Column::nanos("at_ns", "", |s: &RuntimeSample| Some(s.at_ns))
            .json_only()
            .merged(Merge::Key)
            .about("End of the sample, from the beginning of the session."),
        Column::count("polls", "", |s: &RuntimeSample| Some(s.polls))
            .json_only()
            .about("Number of polls that the sample stands for: older samples are joined."),
        Column::count("num_alive_tasks", "", |s: &RuntimeSample| Some(s.alive_tasks))
            .json_only()
            .merged(Merge::Max)
            .about("Largest number of tasks alive at a poll."),
        Column::count("global_queue_depth", "", |s: &RuntimeSample| Some(s.global_queue))
            .json_only()
            .merged(Merge::Max)
            .about("Largest number of tasks in the queue of the runtime at a poll."),
        Column::count("park_count", "", |s: &RuntimeSample| s.parks)
            .json_only()
            .about("Number of times that workers parked meanwhile."),
        Column::nanos("busy_ns", "", |s: &RuntimeSample| s.busy_ns)
            .json_only()
            .about("Time that all workers were busy meanwhile."),
        Column::nanos("watched_ns", "", |s: &RuntimeSample| Some(s.watched_ns))
            .json_only()
            .about("Time that all workers were watched."),
        Column::portion("busy_percent", "", "busy_ns", "watched_ns")
            .json_only()
            .about("Share of the time watched that workers were busy."),
    ];

    const FIELDS: &'static [Column<()>] = &[];
}
