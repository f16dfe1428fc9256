//! The tables, in Markdown.

use std::fmt::Write;

use crate::{
    case::{CASES, Case, Quantity},
    name::BARE,
    peer::Peer,
    results::Results,
    spread::Spread,
    topic::Topic,
};

/// The peer has nothing for the case, or was not asked.
const LACKS: &str = "–";

/// One table for each topic and quantity that was measured.
pub fn markdown(peers: &[&Peer], results: &Results) -> String {
    let mut text = String::new();
    for topic in Topic::ALL {
        let tables = tables(topic, peers, results);
        if let (Some(heading), false) = (topic.heading(), tables.is_empty()) {
            let _ = writeln!(text, "{heading}\n");
        }
        text.push_str(&tables);
    }
    text
}

fn tables(topic: Topic, peers: &[&Peer], results: &Results) -> String {
    let columns: Vec<&Peer> = peers.iter().copied().filter(|peer| peer.topics.contains(&topic)).collect();
    let mut text = String::new();
    for quantity in Quantity::ALL {
        let cases = CASES.iter().filter(|case| case.shown(topic).contains(&quantity));
        let cases = cases.filter(|case| is_told(topic, case, peers, &columns));
        let measured = |case: &&Case| columns.iter().any(|peer| results.calls(case, peer.name).is_some());
        let rows: String =
            cases.filter(measured).map(|case| row(topic, case, &columns, results, quantity)).collect();
        if !rows.is_empty() {
            let _ = writeln!(
                text,
                "{} {}\n\n{}\n{rows}",
                topic.level(),
                title(topic, quantity),
                head(topic, &columns)
            );
        }
    }
    text
}

/// Not twice with the same columns, and not the bare program's numbers beside nothing.
fn is_told(topic: Topic, case: &Case, peers: &[&Peer], columns: &[&Peer]) -> bool {
    match topic {
        Topic::Calls => peers.len() == 1 || columns.iter().any(|peer| peer.name != BARE),
        Topic::Allocations => {
            case.shown(Topic::Calls).is_empty()
                || columns.iter().any(|peer| !peer.topics.contains(&Topic::Calls))
        }
        Topic::Flow => true,
    }
}

fn title(topic: Topic, quantity: Quantity) -> &'static str {
    match quantity {
        Quantity::Wall if topic == Topic::Flow => {
            "Wall time per operation on one thread, ns, less the bare program (its own column: the whole operation)"
        }
        Quantity::Cpu if topic == Topic::Flow => {
            "CPU time per operation until the report is out, ns, all threads, less the bare program"
        }
        Quantity::Wall => {
            "Wall time per call on one thread, ns, less the bare loop (its own column: with it)"
        }
        Quantity::Cpu => "CPU time per call until the report is out, ns, all threads, less the bare loop",
        Quantity::Memory => "Highest resident memory, MB above the bare program",
        Quantity::Report => "From the last call to the report, ms",
        Quantity::Allocation => {
            "Wall time per allocation inside one measured call, ns, less the bare loop (its own column: with it)"
        }
        Quantity::Program => {
            "Wall time of a whole program and its report, in multiples of the bare one (its own column: ms; last \
             column: of the time added)"
        }
    }
}

fn head(topic: Topic, peers: &[&Peer]) -> String {
    let names: Vec<&str> = peers.iter().map(|peer| peer.name).collect();
    let rule = "|--:".repeat(names.len() + 2);
    let (ours, published) = (topic.ours(), topic.published());
    format!("| case | {} | {ours} ÷ two reads | {ours} ÷ {published} |\n|:--{rule}|", names.join(" | "))
}

fn row(topic: Topic, case: &Case, peers: &[&Peer], results: &Results, quantity: Quantity) -> String {
    let cells: Vec<String> = peers.iter().map(|peer| cell(case, peer, results, quantity)).collect();
    let reads = CASES.iter().find(|case| case.name == "two_reads");
    let reads = reads.filter(|_| matches!(quantity, Quantity::Wall | Quantity::Cpu));
    let reads = reads.and_then(|reads| results.net(reads, BARE, Quantity::Wall));
    let published = results.net(case, topic.published(), quantity);
    let ratio = |other: Option<Spread>| {
        let (ours, other) = (results.net(case, topic.ours(), quantity)?.median, other?.median);
        // Below zero is the spread of the bare program's own runs, and has no ratio.
        (ours >= 0.0 && other > 0.0).then(|| format!("{:.2}", ours / other))
    };
    let ratios = [ratio(reads), ratio(published)].map(|ratio| ratio.unwrap_or_else(|| LACKS.into()));
    format!("| `{}`: {} | {} | {} |\n", case.name, case.about, cells.join(" | "), ratios.join(" | "))
}

fn cell(case: &Case, peer: &Peer, results: &Results, quantity: Quantity) -> String {
    if results.has_failed(case, peer.name) {
        return "failed".into();
    }
    let Some(text) = number(case, peer, results, quantity) else { return LACKS.into() };
    // Fewer calls than the others made change what memory, and a report over it, mean.
    match (results.calls(case, peer.name), results.calls(case, case.bare())) {
        (Some(made), Some(asked)) if made < asked => format!("{text} after {} M", made as f64 / 1e6),
        _ => text,
    }
}

fn number(case: &Case, peer: &Peer, results: &Results, quantity: Quantity) -> Option<String> {
    let spread = match quantity {
        _ if peer.name == case.bare() => results.gross(case, peer.name, quantity)?,
        Quantity::Report => results.gross(case, peer.name, quantity)?,
        Quantity::Program => return Some(results.times_bare(case, peer.name, quantity)?.hundredths()),
        Quantity::Wall | Quantity::Cpu | Quantity::Memory | Quantity::Allocation => {
            results.net(case, peer.name, quantity)?
        }
    };
    Some(spread.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        name::{BARE_FLOW, OURS, OURS_ALLOC, OURS_FLOW, PUBLISHED, PUBLISHED_ALLOC, PUBLISHED_FLOW},
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
        let peers = named(&[BARE, OURS, PUBLISHED]);
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
        let peers = named(&[OURS]);
        let rows = rows(&peers, &results(&costs));
        assert!(rows[0].contains("| 20.0 (20.0–20.0) |"), "{rows:?}");
        assert!(rows[1].contains("| 10.0 (10.0–10.0) |"), "{rows:?}");
    }

    fn named(names: &[&str]) -> Vec<&'static Peer> {
        PEERS.iter().filter(|peer| names.contains(&peer.name)).collect()
    }

    #[test]
    fn tracking_has_tables_and_ratios_of_its_own() {
        let peers = named(&[BARE, OURS, OURS_ALLOC, PUBLISHED, PUBLISHED_ALLOC]);
        let costs = [
            ("alloc_pair", BARE, 10),
            ("alloc_pair", OURS, 10),
            ("alloc_pair", OURS_ALLOC, 11),
            ("alloc_pair", PUBLISHED, 10),
            ("alloc_pair", PUBLISHED_ALLOC, 14),
        ];
        let text = markdown(&peers, &results(&costs));
        assert!(text.starts_with("### Allocation tracking\n\n#### Wall time per allocation"), "{text}");
        assert!(
            text.contains(
                "\n| case | bare | ours | ours-alloc | published | published-alloc | ours-alloc ÷ two reads \
                 | ours-alloc ÷ published-alloc |\n"
            ),
            "{text}"
        );
        let cells = "10.0 (10.0–10.0) | 0.0 (0.0–0.0) | 1.0 (1.0–1.0) | 0.0 (0.0–0.0) | 4.0 (4.0–4.0)";
        assert!(text.contains(&format!("per pair | {cells} | – | 0.25 |\n")), "{text}");
    }

    #[test]
    fn data_flow_has_a_bare_program_of_its_own() {
        let peers = named(&[BARE, BARE_FLOW, OURS_FLOW, PUBLISHED_FLOW]);
        let costs = [
            ("two_reads", BARE, 17),
            ("empty", BARE, 1),
            ("ch_std", BARE_FLOW, 20),
            ("ch_std", OURS_FLOW, 52),
            ("ch_std", PUBLISHED_FLOW, 84),
        ];
        let text = markdown(&peers, &results(&costs));
        let from = text.find("### Data flow\n\n#### Wall time per operation").expect("a heading");
        let head = "\n| case | bare-flow | ours-flow | published-flow | ours-flow ÷ two reads | ours-flow ÷ \
                    published-flow |\n";
        assert!(text[from..].contains(head), "{text}");
        let cells = "20.0 (20.0–20.0) | 32.0 (32.0–32.0) | 64.0 (64.0–64.0) | 2.00 | 0.50 |\n";
        assert!(text[from..].contains(&format!("sent and received | {cells}")), "{text}");
    }

    #[test]
    fn what_costs_less_than_nothing_has_no_ratio() {
        let costs =
            [("alloc_pair", BARE, 10), ("alloc_pair", OURS_ALLOC, 9), ("alloc_pair", PUBLISHED_ALLOC, 12)];
        let rows = rows(&named(&[BARE, OURS_ALLOC, PUBLISHED_ALLOC]), &results(&costs));
        assert!(rows[0].ends_with("| -1.0 (-1.0–-1.0) | 2.0 (2.0–2.0) | – | – |"), "{rows:?}");
    }

    #[test]
    fn a_whole_program_is_a_multiple_of_the_bare_one_with_its_report() {
        let mut results = Results::new(2);
        let json = CASES.iter().find(|case| case.name == "json").expect("a known case");
        let peers = named(&[BARE, OURS_ALLOC, PUBLISHED_ALLOC]);
        for (&peer, ms) in peers.iter().zip([200, 206, 220]) {
            let report_ns = if peer.name == BARE { 0 } else { 4_000_000 };
            let sample = Sample { calls: 10, wall_ns: ms * 1_000_000, cpu_ns: 1, peak_rss_kb: 1, report_ns };
            results.add(json, peer, Outcome::Cost(sample));
        }
        let rows = rows(&peers, &results);
        assert_eq!(rows.len(), 1);
        let cells = "200 (200–200) | 1.05 (1.05–1.05) | 1.12 (1.12–1.12)";
        assert!(rows[0].ends_with(&format!("printed | {cells} | – | 0.42 |")), "{rows:?}");
    }

    #[test]
    fn what_two_topics_share_is_told_once_unless_the_columns_differ() {
        let headings = |chosen: &[&str]| {
            let costs: Vec<_> = chosen.iter().map(|peer| ("empty", *peer, 20)).collect();
            let text = markdown(&named(chosen), &results(&costs));
            let headings = text.lines().filter(|line| line.starts_with('#'));
            headings.map(|line| line.chars().take_while(|&letter| letter == '#').count()).collect::<Vec<_>>()
        };
        assert_eq!(headings(&[BARE]), [3, 3]);
        assert_eq!(headings(&[BARE, OURS, "off"]), [3, 3]);
        assert_eq!(headings(&[BARE, OURS_ALLOC]), [3, 4, 4]);
        assert_eq!(headings(&[BARE, OURS, OURS_ALLOC]), [3, 3, 3, 4, 4]);
    }

    #[test]
    fn fewer_calls_are_said() {
        let costs = [("rss100m", BARE, 1), ("rss100m", PUBLISHED, 100)];
        let peers = named(&[PUBLISHED]);
        assert!(rows(&peers, &results(&costs)).iter().all(|row| row.contains(" after 16 M |")));
    }

    #[test]
    fn a_case_that_failed_says_so_and_one_that_is_lacking_is_a_dash() {
        let mut results = results(&[("log", BARE, 1)]);
        let log = CASES.iter().find(|case| case.name == "log").expect("a known case");
        let peers = named(&["puffin", "tracing"]);
        results.add(log, peers[0], Outcome::Lacks);
        results.add(log, peers[1], Outcome::Failed("killed".into()));
        assert!(rows(&[peers[0], peers[1]], &results).is_empty());
        let bare = &PEERS[0];
        let rows = rows(&[bare, peers[0], peers[1]], &results);
        assert!(rows[0].contains("| 1.0 (1.0–1.0) | – | failed | – | – |"), "{rows:?}");
        assert_eq!(results.failed(), 1);
    }
}
