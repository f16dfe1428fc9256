//! Whether what the command said was right.

use super::{
    answer::{Answer, Outcome, Row},
    subject::Subject,
};

/// What is right and wrong in one answer.
#[derive(Debug, Default, PartialEq)]
pub struct Judgement<'a> {
    /// Whether the function that is slower was called so.
    pub found: bool,
    /// Claims about rows that did not change, or not that way.
    pub wrong: Vec<&'a Row>,
    /// Callers of the slower function that were called slower as well. They are, though less so.
    pub callers: usize,
}

impl<'a> Judgement<'a> {
    /// `slower` is the function that is; `None` if nothing is.
    pub fn of(answer: &'a Answer, subject: &Subject, slower: Option<&str>) -> Self {
        let mut judgement = Self::default();
        for row in answer.rows.iter().filter(|row| row.verdict.is_claim()) {
            let is_slower = row.verdict == Outcome::Regression;
            match slower {
                Some(slower) if is_slower && row.short_name() == slower => judgement.found = true,
                Some(slower) if is_slower && subject.is_caller(row.short_name(), slower) => {
                    judgement.callers += 1;
                }
                _ => judgement.wrong.push(row),
            }
        }
        judgement
    }
}

#[cfg(test)]
mod tests {
    use super::{Judgement, Subject};
    use crate::verdicts::answer::{Answer, Outcome, Row};

    fn answer(rows: &[(&str, Outcome)]) -> Answer {
        let row = |&(name, verdict): &(&str, Outcome)| Row {
            name: format!("app::{name}"),
            verdict,
            because: Vec::new(),
        };
        Answer { runs: 10, rows: rows.iter().map(row).collect() }
    }

    /// Whether it was found, how many claims are wrong, how many callers were named.
    fn judged(rows: &[(&str, Outcome)], slower: Option<&str>) -> (bool, usize, usize) {
        let answer = answer(rows);
        let judgement = Judgement::of(&answer, &Subject::example(), slower);
        (judgement.found, judgement.wrong.len(), judgement.callers)
    }

    #[test]
    fn any_claim_about_a_program_compared_with_itself_is_wrong() {
        let rows =
            [("main", Outcome::Regression), ("store", Outcome::Improvement), ("read", Outcome::Inconclusive)];
        assert_eq!(judged(&rows, None), (false, 2, 0));
    }

    #[test]
    fn callers_get_slower_with_what_they_call_and_others_do_not() {
        let rows =
            [("read", Outcome::Regression), ("load", Outcome::Regression), ("store", Outcome::Regression)];
        assert_eq!(judged(&rows, Some("read")), (true, 1, 1));
    }

    #[test]
    fn a_slower_function_called_faster_is_wrong() {
        assert_eq!(judged(&[("read", Outcome::Improvement)], Some("read")), (false, 1, 0));
        assert_eq!(judged(&[("load", Outcome::Improvement)], Some("read")), (false, 1, 0));
        assert_eq!(judged(&[("read", Outcome::Inconclusive)], Some("read")), (false, 0, 0));
    }
}
