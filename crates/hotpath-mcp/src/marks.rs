//! Marks: remembered points in time, each with its report, from which later reports are subtracted.

use crate::problem::Problem;
use crate::sources::Named;
use hotpath_report::Report;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

/// The marks at most; the oldest is dropped.
pub(crate) const MAX_MARKS: usize = 8;
/// The bytes of a name at most.
const MAX_NAME: usize = 100;

/// The marks of a server.
#[derive(Debug, Default)]
pub(crate) struct Marks(Mutex<VecDeque<Arc<Mark>>>);

/// A remembered point in time of one source.
#[derive(Debug)]
pub(crate) struct Mark {
    pub(crate) name: String,
    pub(crate) source: String,
    pub(crate) report: Report,
    /// The session number, which rises at every reset.
    pub(crate) session: Option<u64>,
}

impl Marks {
    /// Adds a mark, replacing one of the same name. Returns the name of a dropped mark.
    pub(crate) fn set(&self, mark: Mark) -> Option<String> {
        let mut marks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        marks.retain(|other| other.name != mark.name);
        let gone = if marks.len() >= MAX_MARKS { marks.pop_front() } else { None };
        marks.push_back(Arc::new(mark));
        gone.map(|gone| gone.name.clone())
    }

    /// Returns the names of all marks, oldest first.
    pub(crate) fn names(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().map(|mark| mark.name.clone()).collect()
    }

    /// Returns the mark of this name.
    pub(crate) fn get(&self, name: &str) -> Option<Arc<Mark>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().find(|mark| mark.name == name).cloned()
    }

    /// Returns the newest mark.
    pub(crate) fn latest(&self) -> Option<Arc<Mark>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).back().cloned()
    }

    /// Returns an unused name.
    pub(crate) fn new_name(&self) -> String {
        let taken = self.names();
        let mut names = (1usize..).map(|n| format!("mark-{n}"));
        names.find(|name| !taken.contains(name)).unwrap_or_default()
    }
}

impl Mark {
    /// Marks the current point in time of a source.
    pub(crate) fn of(name: String, named: &Named) -> Result<Self, Problem> {
        if name.is_empty() || name.len() > MAX_NAME {
            return Err(Problem::new(format!("Invalid `name`: expected 1 to {MAX_NAME} bytes.")));
        }
        let session = session(named);
        Ok(Self { name, source: named.name.clone(), report: named.source.report()?, session })
    }

    /// Returns the report of the time since the mark, given the current one of the same source.
    pub(crate) fn window(&self, named: &Named, now: &Report) -> Result<Report, Problem> {
        let name = &self.name;
        if self.source != named.name {
            let (own, other) = (&self.source, &named.name);
            return Err(Problem::new(format!(
                "The mark `{name}` belongs to the source `{own}`, not to `{other}`. Use `compare`."
            )));
        }
        let continues = self.session == session(named);
        continues.then(|| hotpath_analysis::since(now, &self.report)).flatten().ok_or_else(|| {
            Problem::new(format!(
                "The counts restarted after the mark `{name}` (reset, or restart of the program). Set a new mark with `mark`, or \
                 use `compare`."
            ))
        })
    }
}

/// Returns the session number of a running program; unknown for a saved report.
fn session(named: &Named) -> Option<u64> {
    let live = named.source.is_live().then(|| named.source.status().ok()).flatten();
    live?.get("session")?.as_u64()
}
