//! Two accounts of the same work: the profiler's and the ledger's.

use crate::{Counted, Ledger, Report};

/// What was allocated and freed on behalf of some work, while nothing else ran in the process.
#[derive(Clone, Copy, Debug)]
pub struct Accounts {
    /// By the report.
    pub told: Counted,
    /// By the allocator below, which sees the profiler's own, too.
    pub ledger: Counted,
    /// How much more is alive, by the report.
    pub live: i64,
}

impl Accounts {
    /// # Panics
    ///
    /// If no session is running, or a report does not balance.
    pub fn of(work: impl FnOnce()) -> Self {
        let first = hotpath::report_json().expect("a session is running");
        let before = Ledger::read();
        work();
        let after = Ledger::read();
        let second = hotpath::report_json().expect("a session is running");
        // The text of the first report is the program's, made after that report was.
        let text = Counted { bytes: first.len() as u64, count: 1, freed: 0, frees: 0 };
        let [first, second] = [first, second].map(|text| Report::parse(&text));
        second.assert_balance();
        Self {
            told: sums(&second).since(sums(&first)).since(text),
            ledger: after.since(before),
            live: second.signed("live_bytes") - first.signed("live_bytes") - text.bytes as i64,
        }
    }
}

fn sums(report: &Report) -> Counted {
    Counted {
        bytes: report.whole("total_allocated_bytes"),
        count: report.whole("total_allocated_count"),
        freed: report.sum("freed_bytes"),
        frees: report.sum("freed_count"),
    }
}
