//! The tables, in Markdown.

use std::fmt::Write;

use super::{
    measured::{Cost, Measured},
    mode::{Mode, PLAIN, TIMED},
    truth::{self, Alone, SHARE},
};

/// Shown where something is not known.
const NOTHING: &str = "–";

/// The tables of all programs, and the worst of each at the end.
pub fn markdown(all: &[Measured], modes: &[&Mode]) -> String {
    let mut text: String = all.iter().map(|measured| program(measured, modes)).collect();
    text.push_str(&summary(all, modes));
    text
}

fn program(measured: &Measured, modes: &[&Mode]) -> String {
    let program = measured.program;
    let mut text = format!("\n### `{}`: {}\n\n{}", program.name, program.about, costs(measured, modes));
    if !measured.alone.is_empty() {
        text.push_str(&shares(measured));
    }
    text.push_str(&estimates(measured, modes));
    let counts = measured.differing_counts(modes);
    let (timed, unsteady) = (measured.timed(), measured.unsteady());
    if let Some(timed) = timed {
        let functions = timed.functions.len() - unsteady.len();
        let _ = match counts.is_empty() {
            true => writeln!(text, "\nCounts of {functions} functions are equal in all modes."),
            false => writeln!(text, "\nCounts differ:\n\n- {}", counts.join("\n- ")),
        };
    }
    if !unsteady.is_empty() {
        let names: Vec<&str> = unsteady.into_iter().collect();
        let _ = writeln!(text, "\nNot compared, since two timed runs differ: `{}`.", names.join("`, `"));
    }
    for note in &measured.notes {
        let _ = writeln!(text, "\nNot measured: {}", note.lines().next().unwrap_or_default());
    }
    for failure in &measured.failures {
        let _ = writeln!(text, "\nFailed: {failure}");
    }
    text
}

fn costs(measured: &Measured, modes: &[&Mode]) -> String {
    let mut text = String::from(
        "| mode | CPU, ms | ÷ plain | ÷ plain, least | calls | stated, ms | real, ms | stated ÷ real | by least |\n\
         |:--|--:|--:|--:|--:|--:|--:|--:|--:|\n",
    );
    let plain = measured.cpu(PLAIN);
    for mode in modes {
        let Some(cpu) = measured.cpu(mode.name) else { continue };
        let cost = measured.cost(mode.name);
        let cells = [
            format!("{}: {}", mode.name, mode.about),
            cpu.over(1e6).to_string(),
            number(plain.map(|plain| cpu.median / plain.median), 2),
            number(plain.map(|plain| cpu.min / plain.min), 2),
            measured.calls(mode.name).map_or_else(|| NOTHING.into(), |calls| calls.to_string()),
            number(cost.map(|cost| cost.stated / 1e6), 1),
            number(cost.map(|cost| cost.real / 1e6), 1),
            number(cost.and_then(Cost::ratio), 2),
            number(cost.and_then(Cost::ratio_of_least), 2),
        ];
        let _ = writeln!(text, "| {} |", cells.join(" | "));
    }
    text
}

fn shares(measured: &Measured) -> String {
    let mut text = String::from(
        "\n| everything instrumented against alone | total, % of the run | alone | points | total ÷ alone | self, % of the run | \
         alone | points | self ÷ alone |\n|:--|--:|--:|--:|--:|--:|--:|--:|--:|\n",
    );
    for name in &measured.functions {
        let Alone { total, own, total_ratio, own_ratio } = truth::alone(measured, name);
        let cells = [
            number(total.whole, 1),
            number(total.alone, 1),
            signed(total.points()),
            number(total_ratio, 2),
            number(own.whole, 1),
            number(own.alone, 1),
            signed(own.points()),
            number(own_ratio, 2),
        ];
        let _ = writeln!(text, "| `{name}` | {} |", cells.join(" | "));
    }
    text
}

/// The modes that time some calls only.
fn estimating<'a>(modes: &'a [&'a Mode]) -> impl Iterator<Item = &'a Mode> {
    modes.iter().copied().filter(|mode| mode.counts && mode.name != TIMED)
}

fn estimates(measured: &Measured, modes: &[&Mode]) -> String {
    let modes: Vec<&Mode> = estimating(modes).collect();
    if modes.is_empty() || measured.functions.is_empty() {
        return String::new();
    }
    let names: Vec<&str> = modes.iter().map(|mode| mode.name).collect();
    let rule = "|--:".repeat(modes.len());
    let mut text = format!("\n| total and self time ÷ timed | {} |\n|:--{rule}|\n", names.join(" | "));
    for name in &measured.functions {
        let cells = modes
            .iter()
            .map(|mode| truth::estimate(measured, mode.name, name).map(|ratio| number(ratio, 2)).join(" · "));
        let _ = writeln!(text, "| `{name}` | {} |", cells.collect::<Vec<_>>().join(" | "));
    }
    text
}

fn summary(all: &[Measured], modes: &[&Mode]) -> String {
    let mut text = format!(
        "\n### Furthest from the truth\n\nOf functions that take at least {SHARE} % of the run.\n\n\
         | program | timed ÷ plain | stated ÷ real | share of the total, points | share of self time, points | total ÷ alone | \
         estimated total ÷ timed | counts |\n|:--|--:|--:|--:|--:|--:|--:|--:|\n"
    );
    for measured in all {
        let functions = &measured.functions;
        let alone: Vec<Alone> = functions.iter().map(|name| truth::alone(measured, name)).collect();
        let costs = modes.iter().filter_map(|mode| measured.cost(mode.name)?.ratio());
        let estimated = estimating(modes).flat_map(|mode| {
            functions.iter().filter_map(|name| truth::estimate(measured, mode.name, name)[0])
        });
        let times =
            measured.cpu(TIMED).zip(measured.cpu(PLAIN)).map(|(timed, plain)| timed.median / plain.median);
        let counts = if measured.differing_counts(modes).is_empty() { "equal" } else { "differ" };
        let cells = [
            format!("`{}`", measured.program.name),
            number(times, 2),
            range(costs),
            signed(furthest(alone.iter().filter_map(|function| function.total.points()))),
            signed(furthest(alone.iter().filter_map(|function| function.own.points()))),
            range(alone.iter().filter_map(|function| function.total_ratio)),
            range(estimated),
            counts.into(),
        ];
        let _ = writeln!(text, "| {} |", cells.join(" | "));
    }
    text
}

fn number(value: Option<f64>, digits: usize) -> String {
    value.map_or_else(|| NOTHING.into(), |value| format!("{value:.digits$}"))
}

fn signed(value: Option<f64>) -> String {
    value.map_or_else(|| NOTHING.into(), |value| format!("{value:+.1}"))
}

/// The value that is furthest from 0.
fn furthest(values: impl Iterator<Item = f64>) -> Option<f64> {
    values.max_by(|a, b| a.abs().total_cmp(&b.abs()))
}

/// The lowest and the highest.
fn range(values: impl Iterator<Item = f64>) -> String {
    let ends = values.fold(None, |ends: Option<(f64, f64)>, value| {
        let (low, high) = ends.unwrap_or((value, value));
        Some((low.min(value), high.max(value)))
    });
    ends.map_or_else(|| NOTHING.into(), |(low, high)| format!("{low:.2}–{high:.2}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::programs::{
        measured::tests::{measured, mode},
        run::Run,
    };

    #[test]
    fn costs_are_multiples_of_the_plain_program() {
        let report = Some((7, 500.0, 450e6));
        let measured = measured(&[(PLAIN, 300e6, None), (TIMED, 900e6, report)]);
        let text = markdown(&[measured], &[mode(PLAIN), mode(TIMED)]);
        assert!(
            text.contains("| plain: no profiler | 300 (300–300) | 1.00 | 1.00 | – | – | – | – | – |\n"),
            "{text}"
        );
        let timed =
            "| timed: every call timed | 900 (900–900) | 3.00 | 3.00 | 8 | 450.0 | 600.0 | 0.75 | 0.75 |\n";
        assert!(text.contains(timed), "{text}");
        assert!(text.contains("Counts of 2 functions are equal in all modes.\n"), "{text}");
        assert!(text.ends_with("| `hexyl` | 3.00 | 0.75–0.75 | – | – | – | – | equal |\n"), "{text}");
    }

    #[test]
    fn what_alone_and_estimates_say_stands_beside_the_timed_numbers() {
        let mut measured =
            measured(&[(TIMED, 9.0, Some((7, 500.0, 1.0))), ("rate-0.1", 3.0, Some((6, 450.0, 1.0)))]);
        let profile = crate::programs::measured::tests::profile(7, 400.0, 1.0);
        measured.alone.insert("work".into(), vec![Run { cpu_ns: 1.0, profile: Some(profile) }]);
        let text = markdown(&[measured], &[mode(TIMED), mode("rate-0.1")]);
        let row = "| `work` | 50.0 | 40.0 | +10.0 | 1.25 | 50.0 | 40.0 | +10.0 | 1.25 |\n";
        assert!(text.contains(row), "{text}");
        assert!(text.contains("| `work` | 0.90 · 0.90 |\n"), "{text}");
        assert!(text.contains("- rate-0.1: `work`: 6 calls instead of 7\n"), "{text}");
        assert!(text.ends_with("| +10.0 | +10.0 | 1.25–1.25 | 0.90–0.90 | differ |\n"), "{text}");
    }

    #[test]
    fn the_furthest_may_be_below_zero() {
        assert_eq!(signed(furthest([1.0, -3.0, 2.0].into_iter())), "-3.0");
        assert_eq!(signed(furthest([].into_iter())), "–");
        assert_eq!(range([2.0, 0.5, 1.0].into_iter()), "0.50–2.00");
    }
}
