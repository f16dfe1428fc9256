//! A session of a test, and what its report says of allocations.

use std::sync::{Mutex, MutexGuard, PoisonError};

use hotpath::{Format, HotpathGuard, HotpathGuardBuilder};
use serde_json::Value;

static TURN: Mutex<()> = Mutex::new(());

/// A running session that prints nothing. The guard goes before the turn.
#[expect(missing_debug_implementations, reason = "the guard has none")]
pub struct Session {
    _guard: HotpathGuard,
    _turn: MutexGuard<'static, ()>,
}

/// Begins a session that shows every row. The calling thread is the caller's.
#[must_use]
pub fn session() -> Session {
    session_with(|builder| builder)
}

/// Begins a session with more settings.
#[must_use]
pub fn session_with(more: impl FnOnce(HotpathGuardBuilder) -> HotpathGuardBuilder) -> Session {
    let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let builder = HotpathGuardBuilder::new("caller").format(Format::None).limit(0);
    Session { _guard: more(builder).build(), _turn: turn }
}

/// Begins a session on a thread that ends at once: the caller's thread is not the calling one.
///
/// # Panics
///
/// If the thread does.
#[must_use]
pub fn session_begun_elsewhere() -> Session {
    let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let builder = HotpathGuardBuilder::new("caller").format(Format::None).limit(0);
    let guard = std::thread::spawn(|| builder.build()).join().expect("it ends");
    Session { _guard: guard, _turn: turn }
}

impl Session {
    /// The report as it stands. It balances, whatever the test is about.
    ///
    /// # Panics
    ///
    /// If it does not.
    #[must_use]
    #[track_caller]
    pub fn report(&self) -> Report {
        let report = Report::parse(&hotpath::report_json().expect("a session is running"));
        report.assert_balance();
        report
    }
}

/// A report.
#[derive(Debug)]
pub struct Report(pub Value);

impl Report {
    /// # Panics
    ///
    /// If the text is no JSON.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        Self(serde_json::from_str(text).expect("the report is JSON"))
    }

    /// The section of allocations.
    #[must_use]
    #[track_caller]
    pub fn section(&self) -> &Value {
        let section = &self.0["functions_alloc"];
        assert!(section.is_object(), "no allocations in {:#}", self.0);
        section
    }

    /// A number of the whole process.
    #[must_use]
    #[track_caller]
    pub fn whole(&self, key: &str) -> u64 {
        self.section()[key].as_u64().unwrap_or_else(|| panic!("{key} is unknown in {:#}", self.section()))
    }

    /// A number of the whole process that may be negative.
    ///
    /// # Panics
    ///
    /// If it is not known.
    #[must_use]
    #[track_caller]
    pub fn signed(&self, key: &str) -> i64 {
        self.section()[key].as_i64().unwrap_or_else(|| panic!("{key} is unknown in {:#}", self.section()))
    }

    /// All rows: the caller's, the functions', and the one of what happened outside.
    #[must_use]
    #[track_caller]
    pub fn rows(&self) -> Vec<Row> {
        self.section()["data"].as_array().expect("rows").iter().cloned().map(Row).collect()
    }

    /// The one row of this name (its last path segment, or a label).
    ///
    /// # Panics
    ///
    /// If there is none, or more than one.
    #[must_use]
    #[track_caller]
    pub fn row(&self, name: &str) -> Row {
        let is_it = |row: &Row| row.text("name") == name || row.text("name").ends_with(&format!("::{name}"));
        let mut found: Vec<Row> = self.rows().into_iter().filter(is_it).collect();
        let names: Vec<String> = self.rows().iter().map(|row| row.text("name").to_owned()).collect();
        assert_eq!(found.len(), 1, "rows named {name} in {names:#?}");
        found.remove(0)
    }

    /// The row of the caller.
    #[must_use]
    #[track_caller]
    pub fn caller(&self) -> Row {
        let mut rows = self.rows().into_iter();
        rows.find(|row| row.text("kind") == "main").expect("the caller has a row")
    }

    /// The sum of a key over all rows that know it.
    #[must_use]
    #[track_caller]
    pub fn sum(&self, key: &str) -> u64 {
        self.rows().iter().filter(|row| !row.is_unknown(key)).map(|row| row.number(key)).sum()
    }

    /// Own bytes and allocations of all rows are those of the allocator, none left and none twice; nothing that is alive was
    /// freed; and no function has more of its own than in all.
    ///
    /// # Panics
    ///
    /// If they are not.
    #[track_caller]
    pub fn assert_balance(&self) {
        assert_eq!(self.sum("self_bytes"), self.whole("total_allocated_bytes"), "{:#}", self.section());
        assert_eq!(self.sum("self_count"), self.whole("total_allocated_count"), "{:#}", self.section());
        let outside = self.row("<outside>");
        assert_eq!(outside.number("self_bytes"), self.whole("unattributed_bytes"));
        for row in self.rows().iter().filter(|row| !row.is_unknown("self_bytes")) {
            for (own, all) in [
                ("self_bytes", "total_bytes"),
                ("self_count", "total_count"),
                ("freed_bytes", "total_freed_bytes"),
            ] {
                assert!(row.number(own) <= row.number(all), "{own} {all} in {:#}", row.0);
            }
            assert_eq!(
                row.signed("kept_bytes"),
                row.signed("total_bytes") - row.signed("total_freed_bytes"),
                "{:#}",
                row.0
            );
        }
    }
}

/// A row of the section of allocations.
#[derive(Debug)]
pub struct Row(pub Value);

impl Row {
    /// A known number.
    ///
    /// # Panics
    ///
    /// If it is not known.
    #[must_use]
    #[track_caller]
    pub fn number(&self, key: &str) -> u64 {
        self.0[key].as_u64().unwrap_or_else(|| panic!("{key} is unknown in {:#}", self.0))
    }

    /// A known number that may be negative.
    ///
    /// # Panics
    ///
    /// If it is not known.
    #[must_use]
    #[track_caller]
    pub fn signed(&self, key: &str) -> i64 {
        self.0[key].as_i64().unwrap_or_else(|| panic!("{key} is unknown in {:#}", self.0))
    }

    /// Several numbers.
    #[must_use]
    #[track_caller]
    pub fn numbers<const N: usize>(&self, keys: [&str; N]) -> [u64; N] {
        keys.map(|key| self.number(key))
    }

    /// Whether the report says that it does not know.
    #[must_use]
    pub fn is_unknown(&self, key: &str) -> bool {
        self.0.get(key).is_some_and(Value::is_null)
    }

    /// A text.
    ///
    /// # Panics
    ///
    /// If it is none.
    #[must_use]
    #[track_caller]
    pub fn text(&self, key: &str) -> &str {
        self.0[key].as_str().unwrap_or_else(|| panic!("{key} is no text in {:#}", self.0))
    }

    /// Own bytes, own allocations, own freed bytes, own frees.
    #[must_use]
    #[track_caller]
    pub fn own(&self) -> [u64; 4] {
        self.numbers(["self_bytes", "self_count", "freed_bytes", "freed_count"])
    }

    /// With callees: bytes, allocations, freed bytes.
    #[must_use]
    #[track_caller]
    pub fn all(&self) -> [u64; 3] {
        self.numbers(["total_bytes", "total_count", "total_freed_bytes"])
    }

    /// The highest bytes and allocations alive at once during a call.
    #[must_use]
    #[track_caller]
    pub fn peak(&self) -> [u64; 2] {
        self.numbers(["peak_bytes", "peak_count"])
    }
}
