//! The tables, in Markdown, and everything in JSON.

use std::{fmt::Write, time::Duration};

use serde_json::{Value, json};

use super::{
    answer::{Answer, Metric, Outcome, Row},
    experiment::Experiment,
    options::Options,
    trial::Trial,
    usage::Shares,
};
use crate::{machine::Machine, spread::Spread};

/// Shown where there is nothing to count.
const NONE: &str = "–";

#[derive(Default)]
pub struct Summary {
    experiments: Vec<(Experiment, Vec<Trial>)>,
    pub took: Duration,
    pub usage: Option<Shares>,
}

impl Summary {
    pub fn add(&mut self, experiment: Experiment, trials: Vec<Trial>) {
        self.experiments.push((experiment, trials));
    }

    /// Comparisons without an answer.
    pub fn failed(&self) -> usize {
        self.experiments.iter().flat_map(|(_, trials)| trials).filter(|trial| trial.answer.is_err()).count()
    }

    pub fn markdown(&self, machine: &Machine, options: &Options) -> String {
        let mut text = machine.lines();
        let _ = writeln!(text, "- {}", self.circumstances(options));
        text.push_str(
            "\n| what is compared | comparisons | failed | found | claim a regression | claim an improvement | claim something \
             false | callers with a regression | rounds | rows inconclusive | s per comparison |\n\
             |:--|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n",
        );
        for (experiment, trials) in self.experiments.iter().filter(|(_, trials)| !trials.is_empty()) {
            text.push_str(&row(experiment, trials));
        }
        let mistakes: Vec<String> =
            self.experiments.iter().flat_map(|(experiment, trials)| mistakes(experiment, trials)).collect();
        if !mistakes.is_empty() {
            let _ = write!(text, "\nFalse claims, and what was not found:\n\n{}", mistakes.concat());
        }
        text
    }

    fn circumstances(&self, options: &Options) -> String {
        let neighbour = if options.load > 0.0 {
            format!("neighbour: bursts, {} processors asked for", options.load)
        } else {
            "no neighbour".to_owned()
        };
        let used = self.usage.map_or_else(String::new, |used| {
            format!(
                "; processors used: {:.2} by the neighbour, {:.2} by the comparisons, {:.2} by others",
                used.neighbour, used.comparisons, used.others
            )
        });
        format!("{neighbour}{used}; {:.0} minutes in all", self.took.as_secs_f64() / 60.0)
    }

    /// Every comparison, and the machine.
    pub fn json(&self, machine: &Machine, options: &Options) -> Value {
        let experiment = |(experiment, trials): &(Experiment, Vec<Trial>)| {
            json!({
                "name": experiment.name,
                "about": experiment.about,
                "slower_percent": experiment.slower,
                "comparisons": trials.iter().map(trial).collect::<Vec<_>>(),
            })
        };
        json!({
            "machine": machine.json(),
            "neighbour_cpus_asked": options.load,
            "cpus_used": self.usage.map(|used| json!({
                "neighbour": used.neighbour, "comparisons": used.comparisons, "others": used.others
            })),
            "took_s": self.took.as_secs_f64(),
            "experiments": self.experiments.iter().map(experiment).collect::<Vec<_>>(),
        })
    }
}

fn row(experiment: &Experiment, trials: &[Trial]) -> String {
    let answers: Vec<&Answer> = trials.iter().filter_map(|trial| trial.answer.as_ref().ok()).collect();
    let count = |is: &dyn Fn(&Trial) -> bool| trials.iter().filter(|trial| is(trial)).count();
    let claims = |outcome| answers.iter().filter(|answer| answer.claims(outcome)).count();
    let if_slower = |number: usize| if experiment.is_slower() { number.to_string() } else { NONE.into() };
    let spread = |values: Vec<f64>, digits: usize| {
        Spread::of(values).map_or_else(
            || NONE.to_owned(),
            |Spread { median, min, max }| format!("{median:.digits$} ({min:.digits$}–{max:.digits$})"),
        )
    };
    let (rows, inconclusive) = answers.iter().fold((0, 0), |(rows, inconclusive), answer| {
        (rows + answer.rows.len(), inconclusive + answer.inconclusive())
    });
    let inconclusive =
        if rows > 0 { format!("{:.0} %", inconclusive as f64 / rows as f64 * 100.0) } else { NONE.into() };
    let cells = [
        experiment.about.to_owned(),
        trials.len().to_string(),
        (trials.len() - answers.len()).to_string(),
        if_slower(count(&|trial| trial.found)),
        claims(Outcome::Regression).to_string(),
        claims(Outcome::Improvement).to_string(),
        count(&|trial| !trial.wrong.is_empty()).to_string(),
        if_slower(count(&|trial| trial.callers > 0)),
        spread(answers.iter().map(|answer| answer.rounds() as f64).collect(), 0),
        inconclusive,
        spread(trials.iter().map(|trial| trial.took.as_secs_f64()).collect(), 1),
    ];
    format!("| {} |\n", cells.join(" | "))
}

/// False claims, missed functions and failures, a line each.
fn mistakes(experiment: &Experiment, trials: &[Trial]) -> Vec<String> {
    let of = |(number, trial): (usize, &Trial)| {
        let number = number + 1;
        let about = experiment.about;
        let wrong =
            trial.wrong.iter().map(move |wrong| format!("- {about}, comparison {number}: false: {wrong}\n"));
        let missed =
            trial.missed().map(|missed| format!("- {about}, comparison {number}: not found: {missed}\n"));
        let failed = trial.answer.as_ref().err();
        let failed = failed
            .map(|reason| format!("- {about}, comparison {number}: failed: {}\n", reason.replace('\n', " ")));
        wrong.chain(missed).chain(failed).collect::<Vec<_>>()
    };
    trials.iter().enumerate().flat_map(of).collect()
}

fn trial(trial: &Trial) -> Value {
    let answer = trial.answer.as_ref().ok();
    json!({
        "slower": trial.slower,
        "took_s": trial.took.as_secs_f64(),
        "error": trial.answer.as_ref().err(),
        "rounds": answer.map(Answer::rounds),
        "found": trial.found,
        "false_claims": trial.wrong.len(),
        "callers_with_a_regression": trial.callers,
        "rows": answer.map(|answer| answer.rows.iter().map(judged_row).collect::<Vec<_>>()),
    })
}

fn judged_row(row: &Row) -> Value {
    let because = |metric: &Metric| {
        let Metric { name, ratio, lower, upper, p } = metric;
        json!({ "metric": name, "ratio": ratio, "ratio_lower": lower, "ratio_upper": upper, "p": p })
    };
    json!({
        "name": row.name,
        "outcome": row.outcome.words(),
        "because": row.because.iter().map(because).collect::<Vec<_>>(),
    })
}

/// `load`: regression by p50 +11.2 % (+6.1 % to +15.0 %), p 0.001
impl std::fmt::Display for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "`{}`: {}", self.short_name(), self.outcome.words())?;
        let percent = |ratio: Option<f64>| {
            ratio.map_or_else(|| "?".to_owned(), |ratio| format!("{:+.1} %", (ratio - 1.0) * 100.0))
        };
        for (position, metric) in self.because.iter().enumerate() {
            let (word, p) = (if position == 0 { " by" } else { "," }, metric.p);
            let p = p.map_or_else(String::new, |p| format!(", p {p:.4}"));
            let [change, lower, upper] = [metric.ratio, metric.lower, metric.upper].map(percent);
            write!(f, "{word} {} {change} ({lower} to {upper}{p})", metric.name)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcomes::experiment;

    fn answer(outcome: Outcome) -> Answer {
        let metric =
            Metric { name: "p50".into(), ratio: Some(1.12), lower: Some(1.06), upper: None, p: Some(0.001) };
        let row = |outcome, because| Row { name: "app::load".into(), outcome, because };
        Answer { runs: 10, rows: vec![row(outcome, vec![metric]), row(Outcome::Inconclusive, Vec::new())] }
    }

    fn trial(slower: Option<&str>, answer: Result<Answer, String>, found: bool, wrong: &[&str]) -> Trial {
        Trial {
            slower: slower.map(str::to_owned),
            took: Duration::from_millis(2_500),
            answer,
            wrong: wrong.iter().map(|&line| line.to_owned()).collect(),
            found,
            callers: 0,
        }
    }

    fn summary_of(experiment: usize, trials: Vec<Trial>) -> String {
        let options = Options::parse(["--quick".to_owned()].into_iter()).ok().flatten().expect("valid");
        let [large, small, same] = experiment::all(&options);
        let mut summary = Summary::default();
        summary.add([large, small, same].into_iter().nth(experiment).expect("one of three"), trials);
        summary.markdown(&Machine::look(std::path::Path::new("nowhere"), &[]), &options)
    }

    #[test]
    fn a_slow_down_is_found_missed_or_not_answered() {
        let text = summary_of(
            0,
            vec![
                trial(Some("load"), Ok(answer(Outcome::Regression)), true, &[]),
                trial(Some("load"), Ok(answer(Outcome::NoRegression)), false, &[]),
                trial(Some("load"), Err("it\nbroke".into()), false, &[]),
            ],
        );
        let cells = "| 3 | 1 | 1 | 1 | 0 | 0 | 0 | 5 (5–5) | 50 % | 2.5 (2.5–2.5) |\n";
        assert!(text.contains(&format!("| one function 30 % slower, 5 rounds {cells}")), "{text}");
        let missed =
            "comparison 2: not found: `load`: no regression by p50 +12.0 % (+6.0 % to ?, p 0.0010)\n";
        assert!(text.contains(missed) && text.contains("comparison 3: failed: it broke\n"), "{text}");
    }

    #[test]
    fn the_program_with_itself_has_nothing_to_find() {
        let wrong = trial(None, Ok(answer(Outcome::Improvement)), false, &["`load`: improvement"]);
        let text = summary_of(2, vec![trial(None, Ok(answer(Outcome::NoRegression)), false, &[]), wrong]);
        assert!(text.contains("| 2 | 0 | – | 0 | 1 | 1 | – | 5 (5–5) | 50 % |"), "{text}");
        assert!(text.ends_with("comparison 2: false: `load`: improvement\n"), "{text}");
    }

    #[test]
    fn what_was_not_tried_is_no_row_and_nothing_wrong_is_no_list() {
        let text = summary_of(1, Vec::new());
        assert!(text.ends_with("|--:|\n"), "{text}");
    }
}
