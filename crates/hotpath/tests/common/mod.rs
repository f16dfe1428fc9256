//! What the truth tests share: one session at a time, its report as JSON, and work that takes a known time.
//!
//! The tests of one file share a process and therefore its one session; each takes its turn.

#![allow(dead_code, reason = "not every file needs all of it")]

use std::{
    future::Future,
    pin::Pin,
    sync::{Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
    time::{Duration, Instant},
};

use hotpath::{Format, HotpathGuard, HotpathGuardBuilder};
use serde_json::Value;

static TURN: Mutex<()> = Mutex::new(());

/// A running session that prints nothing. The guard goes before the turn.
pub struct Session {
    _guard: HotpathGuard,
    _turn: MutexGuard<'static, ()>,
}

/// Begins a session that shows every row.
pub fn session() -> Session {
    session_with(|builder| builder)
}

/// Begins a session with more settings.
pub fn session_with(more: impl FnOnce(HotpathGuardBuilder) -> HotpathGuardBuilder) -> Session {
    let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    Session { _guard: more(builder()).build(), _turn: turn }
}

fn builder() -> HotpathGuardBuilder {
    HotpathGuardBuilder::new("main").format(Format::None).limit(0)
}

impl Session {
    /// Ends it, runs `between` while there is none, and begins the next, without another test's session in between.
    pub fn followed_by_another(self, between: impl FnOnce()) -> Self {
        let Self { _guard: guard, _turn } = self;
        drop(guard);
        between();
        Self { _guard: builder().build(), _turn }
    }

    /// The report as it stands.
    pub fn report(&self) -> Report {
        let text = hotpath::report_json().expect("a session is running");
        Report(serde_json::from_str(&text).expect("the report is JSON"))
    }
}

/// A report.
pub struct Report(pub Value);

impl Report {
    /// All function rows.
    pub fn rows(&self) -> Vec<Row> {
        let data = self.0["functions_timing"]["data"].as_array().expect("the report has functions");
        data.iter().cloned().map(Row).collect()
    }

    /// The rows but the caller's.
    pub fn functions(&self) -> Vec<Row> {
        self.rows().into_iter().filter(|row| row.text("kind") != "main").collect()
    }

    /// The one row of this name (its last path segment, or a label).
    pub fn row(&self, name: &str) -> Row {
        let mut found = self.named(name);
        assert_eq!(found.len(), 1, "rows named {name} in {:#?}", self.names());
        found.remove(0)
    }

    /// The rows of this name.
    pub fn named(&self, name: &str) -> Vec<Row> {
        let is_it = |row: &Row| row.text("name") == name || row.text("name").ends_with(&format!("::{name}"));
        self.rows().into_iter().filter(is_it).collect()
    }

    /// The names of all rows.
    pub fn names(&self) -> Vec<String> {
        self.rows().iter().map(|row| row.text("name").to_owned()).collect()
    }

    /// Length of the session so far, in nanoseconds.
    pub fn duration_ns(&self) -> u64 {
        self.0["duration_ns"].as_u64().expect("a number")
    }

    /// The nodes at the top of the call tree.
    pub fn tree(&self) -> Vec<Node> {
        nodes(&self.0["call_tree"])
    }
}

/// A row of the function section.
#[derive(Debug)]
pub struct Row(pub Value);

impl Row {
    /// A known number.
    pub fn number(&self, key: &str) -> u64 {
        self.0[key].as_u64().unwrap_or_else(|| panic!("{key} is unknown in {:#}", self.0))
    }

    /// Whether the report says that it does not know.
    pub fn is_unknown(&self, key: &str) -> bool {
        self.0.get(key).is_some_and(Value::is_null)
    }

    /// A text.
    pub fn text(&self, key: &str) -> &str {
        self.0[key].as_str().unwrap_or_else(|| panic!("{key} is no text in {:#}", self.0))
    }

    /// Number of calls.
    pub fn calls(&self) -> u64 {
        self.number("calls")
    }

    /// Sum of the histogram's counts.
    pub fn in_histogram(&self) -> u64 {
        let buckets = self.0["histogram"].as_array().expect("a histogram");
        buckets.iter().map(|bucket| bucket[1].as_u64().expect("a count")).sum()
    }
}

/// A node of the call tree.
#[derive(Debug)]
pub struct Node {
    pub name: String,
    pub calls: u64,
    pub total_ns: u64,
    pub self_ns: u64,
    pub children: Vec<Node>,
}

impl Node {
    /// The child of this name.
    pub fn child(&self, name: &str) -> &Node {
        let is_it = |node: &&Node| node.name == name || node.name.ends_with(&format!("::{name}"));
        self.children.iter().find(is_it).unwrap_or_else(|| panic!("no {name} below {self:#?}"))
    }

    /// Calls of this name, here and below.
    pub fn calls_below(&self, name: &str) -> u64 {
        let own = if self.name == name || self.name.ends_with(&format!("::{name}")) { self.calls } else { 0 };
        own + self.children.iter().map(|child| child.calls_below(name)).sum::<u64>()
    }

    /// Visits this node and all below.
    pub fn visit(&self, look: &mut impl FnMut(&Node)) {
        look(self);
        self.children.iter().for_each(|child| child.visit(look));
    }
}

fn nodes(value: &Value) -> Vec<Node> {
    let number = |node: &Value, key: &str| node[key].as_u64().expect("a number");
    let node = |node: &Value| Node {
        name: node["name"].as_str().expect("a name").to_owned(),
        calls: number(node, "calls"),
        total_ns: number(node, "total_ns"),
        self_ns: number(node, "self_ns"),
        children: nodes(&node["children"]),
    };
    value.as_array().expect("an array of nodes").iter().map(node).collect()
}

/// Keeps the processor busy for at least this long.
pub fn spin(time: Duration) {
    let start = Instant::now();
    while start.elapsed() < time {
        std::hint::spin_loop();
    }
}

/// [`spin`] for so many microseconds.
pub fn spin_us(micros: u64) {
    spin(Duration::from_micros(micros));
}

/// The time `work` takes, in nanoseconds, beside its value.
pub fn timed<T>(work: impl FnOnce() -> T) -> (u64, T) {
    let start = Instant::now();
    let value = work();
    (start.elapsed().as_nanos() as u64, value)
}

/// How far two clocks that agree may be apart on a duration: one part in a thousand and a microsecond.
pub fn slack(nanos: u64) -> u64 {
    nanos / 1000 + 1000
}

/// Asserts that `measured` lies between what was timed just inside and just outside of it.
#[track_caller]
pub fn assert_between(inside: u64, measured: u64, outside: u64) {
    assert!(measured + slack(inside) >= inside, "{measured} ns measured, {inside} ns timed inside");
    assert!(measured <= outside + slack(outside), "{measured} ns measured, {outside} ns timed outside");
}

/// Pending so many times, waking itself each time.
pub struct Yields(pub u32);

impl Future for Yields {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.0 == 0 {
            return Poll::Ready(());
        }
        self.0 -= 1;
        context.waker().wake_by_ref();
        Poll::Pending
    }
}
