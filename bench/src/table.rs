//! The tables, in Markdown.

use std::fmt::Write;

use crate::{
    case::{CASES, Case, Quantity},
    peer::{BARE, OURS, PUBLISHED, Peer},
    results::Results,
    spread::Spread,
};

/// The peer has nothing for the case, or was not asked.
const LACKS: &str = "–";

/// One table for each quantity that was measured.
pub fn markdown(peers: &[&Peer], results: &Results) -> String {
    let mut text = String::new();
    for quantity in [Quantity::Wall, Quantity::Cpu, Quantity::Memory, Quantity::Report] {
        let measured = |case: &&Case| peers.iter().any(|peer| results.calls(case, peer.name).is_some());
        let cases: Vec<&Case> =
            CASES.iter().filter(|case| case.shows.contains(&quantity)).filter(measured).collect();
        if !cases.is_empty() {
            let _ = writeln!(text, "### {}\n\n{}", title(quantity), head(peers));
            cases.iter().for_each(|case| text.push_str(&row(case, peers, results, quantity)));
            text.push('\n');
        }
    }
    text
}

fn title(quantity: Quantity) -> &'static str {
    match quantity {
        Quantity::Wall => {
            "Wall time per call on one thread, ns, less the bare loop (its own column: with it)"
        }
        Quantity::Cpu => "CPU time per call until the report is out, ns, all threads, less the bare loop",
        Quantity::Memory => "Highest resident memory, MB above the bare program",
        Quantity::Report => "From the last call to the report, ms",
    }
}

fn head(peers: &[&Peer]) -> String {
    let names: Vec<&str> = peers.iter().map(|peer| peer.name).collect();
    let rule = "|--:".repeat(names.len() + 2);
    format!("| case | {} | ours ÷ two reads | ours ÷ published |\n|:--{rule}|", names.join(" | "))
}

fn row(case: &Case, peers: &[&Peer], results: &Results, quantity: Quantity) -> String {
    let cells: Vec<String> = peers.iter().map(|peer| cell(case, peer, results, quantity)).collect();
    let reads = CASES.iter().find(|case| case.name == "two_reads");
    let reads = reads.filter(|_| matches!(quantity, Quantity::Wall | Quantity::Cpu));
    let reads = reads.and_then(|reads| results.net(reads, BARE, Quantity::Wall));
    let published = results.net(case, PUBLISHED, quantity);
    let ratio = |other: Option<Spread>| {
        let (ours, other) = (results.net(case, OURS, quantity)?.median, other?.median);
        (other > 0.0).then(|| format!("{:.2}", ours / other))
    };
    let ratios = [ratio(reads), ratio(published)].map(|ratio| ratio.unwrap_or_else(|| LACKS.into()));
    format!("| `{}`: {} | {} | {} |\n", case.name, case.about, cells.join(" | "), ratios.join(" | "))
}

fn cell(case: &Case, peer: &Peer, results: &Results, quantity: Quantity) -> String {
    if results.has_failed(case, peer.name) {
        return "failed".into();
    }
    let gross = peer.name == BARE || quantity == Quantity::Report;
    let spread =
        if gross { results.gross(case, peer.name, quantity) } else { results.net(case, peer.name, quantity) };
    let Some(spread) = spread else { return LACKS.into() };
    // Fewer calls than the others made change what memory, and a report over it, mean.
    match (results.calls(case, peer.name), results.calls(case, BARE)) {
        (Some(made), Some(asked)) if made < asked => format!("{spread} after {} M", made as f64 / 1e6),
        _ => spread.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        peer::{Outcome, PEERS},
        sample::Sample,
    };

    fn results(costs: &[(&str, &str, u64)]) -> Results {
        let mut results = Results::new(2);
        for &(case, peer, wall_ns) in costs {
            let case = CASES.iter().find(|known| known.name == case).expect("a known case");
            let peer = PEERS.iter().find(|known| known.name == peer).expect("a known peer");
            let calls =
                if peer.keeps_every_call && case.name == "rss100m" { 16_000_000 } else { 100_000_000 };
            let wall_ns = wall_ns * calls;
            let sample = Sample { calls, wall_ns, cpu_ns: wall_ns, peak_rss_kb: 2048, report_ns: 1_500_000 };
            results.add(case, peer, Outcome::Cost(sample));
        }
        results
    }

    fn rows(peers: &[&Peer], results: &Results) -> Vec<String> {
        markdown(peers, results).lines().filter(|line| line.starts_with("| `")).map(str::to_owned).collect()
    }

    #[test]
    fn the_loop_is_taken_off_and_ratios_are_of_what_remains() {
        let peers: Vec<&Peer> =
            PEERS.iter().filter(|peer| [BARE, OURS, PUBLISHED].contains(&peer.name)).collect();
        let costs =
            [("two_reads", BARE, 17), ("empty", BARE, 1), ("empty", OURS, 21), ("empty", PUBLISHED, 81)];
        let rows = rows(&peers, &results(&costs));
        assert_eq!(
            rows[0],
            "| `two_reads`: two raw reads of the counter | 17.0 (17.0–17.0) | – | – | – | – |"
        );
        assert_eq!(
            rows[1],
            "| `empty`: an empty function, 1 M calls | 1.0 (1.0–1.0) | 20.0 (20.0–20.0) | 80.0 (80.0–80.0) \
             | 1.25 | 0.25 |"
        );
    }

    #[test]
    fn wall_time_is_per_thread_that_can_run() {
        let costs = [("threads8", BARE, 1), ("threads8", OURS, 11)];
        let peers: Vec<&Peer> = PEERS.iter().filter(|peer| peer.name == OURS).collect();
        let rows = rows(&peers, &results(&costs));
        assert!(rows[0].contains("| 20.0 (20.0–20.0) |"), "{rows:?}");
        assert!(rows[1].contains("| 10.0 (10.0–10.0) |"), "{rows:?}");
    }

    #[test]
    fn fewer_calls_are_said() {
        let costs = [("rss100m", BARE, 1), ("rss100m", PUBLISHED, 100)];
        let peers: Vec<&Peer> = PEERS.iter().filter(|peer| peer.name == PUBLISHED).collect();
        assert!(rows(&peers, &results(&costs)).iter().all(|row| row.contains(" after 16 M |")));
    }

    #[test]
    fn a_case_that_failed_says_so_and_one_that_is_lacking_is_a_dash() {
        let mut results = results(&[("log", BARE, 1)]);
        let log = CASES.iter().find(|case| case.name == "log").expect("a known case");
        let peers: Vec<&Peer> =
            PEERS.iter().filter(|peer| ["puffin", "tracing"].contains(&peer.name)).collect();
        results.add(log, peers[0], Outcome::Lacks);
        results.add(log, peers[1], Outcome::Failed("killed".into()));
        assert!(rows(&[peers[0], peers[1]], &results).is_empty());
        let bare = &PEERS[0];
        let rows = rows(&[bare, peers[0], peers[1]], &results);
        assert!(rows[0].contains("| 1.0 (1.0–1.0) | – | failed | – | – |"), "{rows:?}");
        assert_eq!(results.failed(), 1);
    }
}
