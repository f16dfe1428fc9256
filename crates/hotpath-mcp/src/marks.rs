//! Remembered moments: reports that later ones are compared with.

use crate::problem::Problem;
use crate::sources::Named;
use hotpath_report::Report;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

/// At most so many are remembered; the oldest makes room.
pub(crate) const MAX_MARKS: usize = 8;
/// The longest name of one, in bytes.
const MAX_NAME: usize = 100;

/// The marks of a server.
#[derive(Debug, Default)]
pub(crate) struct Marks(Mutex<VecDeque<Arc<Mark>>>);

/// A remembered moment of one source.
#[derive(Debug)]
pub(crate) struct Mark {
    pub(crate) name: String,
    pub(crate) source: String,
    pub(crate) report: Report,
    /// Rises whenever the counts of the program begin anew.
    pub(crate) session: Option<u64>,
}

impl Marks {
    /// Remembers a moment. A mark of the same name is replaced; the name of the one that made room comes back.
    pub(crate) fn set(&self, mark: Mark) -> Option<String> {
        let mut marks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        marks.retain(|other| other.name != mark.name);
        let gone = if marks.len() >= MAX_MARKS { marks.pop_front() } else { None };
        marks.push_back(Arc::new(mark));
        gone.map(|gone| gone.name.clone())
    }

    pub(crate) fn names(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().map(|mark| mark.name.clone()).collect()
    }

    /// The mark of this name.
    pub(crate) fn get(&self, name: &str) -> Option<Arc<Mark>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().find(|mark| mark.name == name).cloned()
    }

    /// The mark set last.
    pub(crate) fn latest(&self) -> Option<Arc<Mark>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).back().cloned()
    }

    /// A name that is not taken.
    pub(crate) fn new_name(&self) -> String {
        let taken = self.names();
        let mut names = (1usize..).map(|n| format!("mark-{n}"));
        names.find(|name| !taken.contains(name)).unwrap_or_default()
    }
}

impl Mark {
    /// This moment of a source.
    pub(crate) fn of(name: String, named: &Named) -> Result<Self, Problem> {
        if name.is_empty() || name.len() > MAX_NAME {
            return Err(Problem::new(format!("`name` should have 1 to {MAX_NAME} bytes.")));
        }
        let session = session(named);
        Ok(Self { name, source: named.name.clone(), report: named.source.report()?, session })
    }

    /// What happened since, by a report of the same source.
    pub(crate) fn window(&self, named: &Named, now: &Report) -> Result<Report, Problem> {
        let name = &self.name;
        if self.source != named.name {
            let (own, other) = (&self.source, &named.name);
            return Err(Problem::new(format!(
                "The mark `{name}` is of the source `{own}`, not of `{other}`: a window is of one run. Use `compare`."
            )));
        }
        let continues = self.session == session(named);
        continues.then(|| hotpath_analysis::since(now, &self.report)).flatten().ok_or_else(|| {
            Problem::new(format!(
                "The counts began anew after the mark `{name}` (a reset, or the program was started again). Set a new mark \
                 with `mark`, or use `compare`."
            ))
        })
    }
}

/// Counts the sessions and resets of a running program; unknown for a saved report.
fn session(named: &Named) -> Option<u64> {
    let live = named.source.is_live().then(|| named.source.get("/profiler_status").ok()).flatten();
    live?.get("session")?.as_u64()
}
