//! Answers of `hotpath ab --format json`.

use serde_json::Value;

/// One comparison, as far as it is needed here.
#[derive(Debug, PartialEq)]
pub struct Answer {
    /// Runs of the base.
    pub runs: u64,
    pub rows: Vec<Row>,
}

/// A row that was judged.
#[derive(Debug, PartialEq)]
pub struct Row {
    pub name: String,
    pub outcome: Outcome,
    /// The judged metrics behind the outcome.
    pub because: Vec<Metric>,
}

#[derive(Debug, PartialEq)]
pub struct Metric {
    pub name: String,
    /// Head divided by base.
    pub ratio: Option<f64>,
    pub lower: Option<f64>,
    pub upper: Option<f64>,
    pub p: Option<f64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Regression,
    Improvement,
    Inconclusive,
    NoRegression,
}

impl Outcome {
    fn read(word: &str) -> Result<Self, String> {
        match word {
            "regression" => Ok(Self::Regression),
            "improvement" => Ok(Self::Improvement),
            "inconclusive" => Ok(Self::Inconclusive),
            "no_regression" => Ok(Self::NoRegression),
            _ => Err(format!("unknown outcome `{word}`")),
        }
    }

    pub fn words(self) -> &'static str {
        match self {
            Self::Regression => "regression",
            Self::Improvement => "improvement",
            Self::Inconclusive => "inconclusive",
            Self::NoRegression => "no regression",
        }
    }

    /// Whether it claims a change.
    pub fn is_claim(self) -> bool {
        matches!(self, Self::Regression | Self::Improvement)
    }
}

impl Answer {
    /// Reads the JSON of a comparison.
    pub fn read(text: &str) -> Result<Self, String> {
        let value: Value = serde_json::from_str(text).map_err(|error| format!("invalid JSON: {error}"))?;
        if value["type"] != "hotpath_comparison" {
            return Err("not a comparison".into());
        }
        let runs = value["base"]["runs"].as_u64().ok_or("a comparison without runs")?;
        let rows = value["rows"].as_array().ok_or("a comparison without rows")?;
        let judged = rows.iter().filter(|row| !row["outcome"].is_null());
        Ok(Self { runs, rows: judged.map(Row::read).collect::<Result<_, _>>()? })
    }

    /// Rounds of four runs, of which two are of the base.
    pub fn rounds(&self) -> u64 {
        self.runs.div_ceil(2)
    }

    pub fn claims(&self, outcome: Outcome) -> bool {
        self.rows.iter().any(|row| row.outcome == outcome)
    }

    pub fn inconclusive(&self) -> usize {
        self.rows.iter().filter(|row| row.outcome == Outcome::Inconclusive).count()
    }
}

impl Row {
    fn read(value: &Value) -> Result<Self, String> {
        let word = value["outcome"].as_str().ok_or("an outcome that is not text")?;
        let changes = value["changes"].as_array().ok_or("a row without changes")?;
        let is_reason = |change: &&Value| change["judged"] == true && change["outcome"] == word;
        Ok(Self {
            name: value["name"].as_str().ok_or("a row without a name")?.to_owned(),
            outcome: Outcome::read(word)?,
            because: changes.iter().filter(is_reason).map(Metric::read).collect(),
        })
    }

    /// The name without its module.
    pub fn short_name(&self) -> &str {
        self.name.rsplit("::").next().unwrap_or(&self.name)
    }
}

impl Metric {
    fn read(value: &Value) -> Self {
        Self {
            name: value["metric"].as_str().unwrap_or("-").to_owned(),
            ratio: value["ratio"].as_f64(),
            lower: value["ratio_lower"].as_f64(),
            upper: value["ratio_upper"].as_f64(),
            p: value["p"].as_f64(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Answer, Metric, Outcome, Row};
    use serde_json::{Value, json};

    fn change(metric: &str, outcome: &str, judged: bool) -> Value {
        json!({ "metric": metric, "outcome": outcome, "judged": judged, "ratio": 1.1, "ratio_lower": 1.06,
                "ratio_upper": null, "p": 0.001 })
    }

    fn comparison() -> Value {
        json!({
            "type": "hotpath_comparison",
            "base": { "runs": 14 },
            "rows": [
                { "name": "app::load", "outcome": "regression",
                  "changes": [change("avg", "regression", true), change("p95", "inconclusive", true),
                              change("calls", "regression", false)] },
                { "name": "app::store", "outcome": "inconclusive", "changes": [change("p95", "inconclusive", true)] },
                { "name": "app::tiny", "outcome": null, "changes": [change("avg", "regression", false)] },
            ],
        })
    }

    #[test]
    fn judged_rows_are_read_with_the_metrics_behind_their_outcome() {
        let answer = Answer::read(&comparison().to_string()).expect("a comparison");
        let metric = |name: &str| Metric {
            name: name.into(),
            ratio: Some(1.1),
            lower: Some(1.06),
            upper: None,
            p: Some(0.001),
        };
        let row = |name: &str, outcome, name_of: &str| Row {
            name: name.into(),
            outcome,
            because: vec![metric(name_of)],
        };
        let rows =
            [row("app::load", Outcome::Regression, "avg"), row("app::store", Outcome::Inconclusive, "p95")];
        assert_eq!(answer.rows, rows);
        assert_eq!((answer.rounds(), answer.inconclusive()), (7, 1));
        assert!(answer.claims(Outcome::Regression) && !answer.claims(Outcome::Improvement));
        assert_eq!(answer.rows[0].short_name(), "load");
    }

    #[test]
    fn anything_but_a_comparison_is_an_error() {
        let mut unknown = comparison();
        unknown["rows"][0]["outcome"] = json!("quicker");
        let mut without_runs = comparison();
        without_runs["base"] = json!({});
        let cases = [
            ("", "invalid JSON"),
            ("{}", "not a comparison"),
            (&unknown.to_string(), "unknown outcome `quicker`"),
            (&without_runs.to_string(), "without runs"),
        ];
        for (text, expected) in cases {
            assert!(Answer::read(text).is_err_and(|error| error.contains(expected)), "{text}");
        }
    }
}
