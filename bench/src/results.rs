//! What was measured, and the numbers derived from it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{
    case::{Case, Quantity},
    machine::Machine,
    name::BARE,
    peer::{Outcome, Peer},
    sample::Sample,
    spread::Spread,
};

/// The loop whose cost is in a case that only the bare program has.
const EMPTY: &str = "empty";

pub struct Results {
    /// Threads that can really run at once.
    cpus: u64,
    outcomes: BTreeMap<(&'static str, &'static str), Vec<Outcome>>,
}

impl Results {
    pub fn new(cpus: u64) -> Self {
        Self { cpus, outcomes: BTreeMap::new() }
    }

    pub fn add(&mut self, case: &Case, peer: &Peer, outcome: Outcome) {
        self.outcomes.entry((case.name, peer.name)).or_default().push(outcome);
    }

    /// Whether any run of the peer in this case failed; then the others are not shown either.
    pub fn has_failed(&self, case: &Case, peer: &'static str) -> bool {
        self.all(case.name, peer).iter().any(|outcome| matches!(outcome, Outcome::Failed(_)))
    }

    pub fn failed(&self) -> usize {
        self.outcomes.values().flatten().filter(|outcome| matches!(outcome, Outcome::Failed(_))).count()
    }

    /// The calls that were made, if the peer has the case.
    pub fn calls(&self, case: &Case, peer: &'static str) -> Option<u64> {
        self.samples(case.name, peer).map(|sample| sample.calls).next()
    }

    /// As measured, with the loop.
    pub fn gross(&self, case: &Case, peer: &'static str, quantity: Quantity) -> Option<Spread> {
        self.spread(case.name, case.threads, peer, quantity)
    }

    /// Less the bare program's median; of the bare program of calls itself, less its empty loop.
    pub fn net(&self, case: &Case, peer: &'static str, quantity: Quantity) -> Option<Spread> {
        let (loop_case, threads) = if peer == BARE { (EMPTY, 1) } else { (case.name, case.threads) };
        let bare = self.spread(loop_case, threads, case.bare(), quantity)?;
        Some(self.gross(case, peer, quantity)?.less(bare.median))
    }

    /// How many times what the bare program needs.
    pub fn times_bare(&self, case: &Case, peer: &'static str, quantity: Quantity) -> Option<Spread> {
        let bare = self.gross(case, case.bare(), quantity)?;
        Some(self.gross(case, peer, quantity)?.over(bare.median))
    }

    /// All samples, and on what they were taken.
    pub fn json(&self, machine: &Machine) -> Value {
        let runs = self.outcomes.iter().flat_map(|(&(case, peer), outcomes)| {
            outcomes.iter().map(move |outcome| match outcome {
                Outcome::Cost(sample) => json!({ "case": case, "peer": peer, "cost": sample.json() }),
                Outcome::Lacks => json!({ "case": case, "peer": peer, "cost": null }),
                Outcome::Failed(reason) => {
                    json!({ "case": case, "peer": peer, "cost": null, "error": reason })
                }
            })
        });
        json!({ "machine": machine.json(), "runs": runs.collect::<Vec<_>>() })
    }

    fn spread(
        &self,
        case: &'static str,
        threads: u64,
        peer: &'static str,
        quantity: Quantity,
    ) -> Option<Spread> {
        let at_once = threads.min(self.cpus) as f64;
        Spread::of(self.samples(case, peer).map(|sample| {
            let calls = sample.calls as f64;
            match quantity {
                // What one thread would need for a call, had it a processor for itself.
                Quantity::Wall | Quantity::Allocation => sample.wall_ns as f64 * at_once / calls,
                Quantity::Cpu => sample.cpu_ns as f64 / calls,
                Quantity::Memory => sample.peak_rss_kb as f64 / 1024.0,
                Quantity::Report => sample.report_ns as f64 / 1e6,
                Quantity::Program => (sample.wall_ns + sample.report_ns) as f64 / 1e6,
            }
        }))
    }

    fn samples(&self, case: &'static str, peer: &'static str) -> impl Iterator<Item = &Sample> {
        self.all(case, peer).iter().filter_map(|outcome| match outcome {
            Outcome::Cost(sample) => Some(sample),
            Outcome::Lacks | Outcome::Failed(_) => None,
        })
    }

    fn all(&self, case: &'static str, peer: &'static str) -> &[Outcome] {
        self.outcomes.get(&(case, peer)).map_or(&[], Vec::as_slice)
    }
}
