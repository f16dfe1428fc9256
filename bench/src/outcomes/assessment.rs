//! The assessment of an answer: right and wrong claims.

use super::{
    answer::{Answer, Outcome, Row},
    subject::Subject,
};

/// The right and wrong claims of one answer.
#[derive(Debug, Default, PartialEq)]
pub struct Assessment<'a> {
    /// Whether the slower function was found.
    pub found: bool,
    /// Claims about rows that did not change, or not that way.
    pub wrong: Vec<&'a Row>,
    /// Callers of the slower function with a regression. They are slower too, though less so.
    pub callers: usize,
}

impl<'a> Assessment<'a> {
    /// `slower` is the function that is; `None` if nothing is.
    pub fn of(answer: &'a Answer, subject: &Subject, slower: Option<&str>) -> Self {
        let mut assessment = Self::default();
        for row in answer.rows.iter().filter(|row| row.outcome.is_claim()) {
            let is_slower = row.outcome == Outcome::Regression;
            match slower {
                Some(slower) if is_slower && row.short_name() == slower => assessment.found = true,
                Some(slower) if is_slower && subject.is_caller(row.short_name(), slower) => {
                    assessment.callers += 1;
                }
                _ => assessment.wrong.push(row),
            }
        }
        assessment
    }
}

#[cfg(test)]
mod tests {
    use super::{Assessment, Subject};
    use crate::outcomes::answer::{Answer, Outcome, Row};

    fn answer(rows: &[(&str, Outcome)]) -> Answer {
        let row = |&(name, outcome): &(&str, Outcome)| Row {
            name: format!("app::{name}"),
            outcome,
            because: Vec::new(),
        };
        Answer { runs: 10, rows: rows.iter().map(row).collect() }
    }

    /// Whether it was found, how many claims are wrong, how many callers were named.
    fn judged(rows: &[(&str, Outcome)], slower: Option<&str>) -> (bool, usize, usize) {
        let answer = answer(rows);
        let assessment = Assessment::of(&answer, &Subject::example(), slower);
        (assessment.found, assessment.wrong.len(), assessment.callers)
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
