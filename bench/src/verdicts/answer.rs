//! What `hotpath ab --format json` said.

use serde_json::Value;

/// One comparison, as far as it is looked at here.
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
    pub verdict: Outcome,
    /// The judged numbers that the verdict rests on.
    pub because: Vec<Number>,
}

#[derive(Debug, PartialEq)]
pub struct Number {
    pub metric: String,
    /// Head by base.
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
            "slower" => Ok(Self::Regression),
            "faster" => Ok(Self::Improvement),
            "cannot_tell" => Ok(Self::Inconclusive),
            "not_slower" => Ok(Self::NoRegression),
            _ => Err(format!("`{word}` is no verdict")),
        }
    }

    pub fn words(self) -> &'static str {
        match self {
            Self::Regression => "slower",
            Self::Improvement => "faster",
            Self::Inconclusive => "cannot tell",
            Self::NoRegression => "not slower",
        }
    }

    /// Whether it says that something changed.
    pub fn is_claim(self) -> bool {
        matches!(self, Self::Regression | Self::Improvement)
    }
}

impl Answer {
    /// Reads the JSON of a comparison.
    pub fn read(text: &str) -> Result<Self, String> {
        let value: Value = serde_json::from_str(text).map_err(|error| format!("no JSON: {error}"))?;
        if value["type"] != "hotpath_comparison" {
            return Err("JSON, but no comparison".into());
        }
        let runs = value["base"]["runs"].as_u64().ok_or("a comparison without runs")?;
        let rows = value["rows"].as_array().ok_or("a comparison without rows")?;
        let judged = rows.iter().filter(|row| !row["verdict"].is_null());
        Ok(Self { runs, rows: judged.map(Row::read).collect::<Result<_, _>>()? })
    }

    /// Rounds of four runs, of which two are of the base.
    pub fn rounds(&self) -> u64 {
        self.runs.div_ceil(2)
    }

    pub fn claims(&self, verdict: Outcome) -> bool {
        self.rows.iter().any(|row| row.verdict == verdict)
    }

    pub fn undecided(&self) -> usize {
        self.rows.iter().filter(|row| row.verdict == Outcome::Inconclusive).count()
    }
}

impl Row {
    fn read(value: &Value) -> Result<Self, String> {
        let word = value["verdict"].as_str().ok_or("a verdict that is no word")?;
        let changes = value["changes"].as_array().ok_or("a row without changes")?;
        let is_reason = |change: &&Value| change["judged"] == true && change["verdict"] == word;
        Ok(Self {
            name: value["name"].as_str().ok_or("a row without a name")?.to_owned(),
            verdict: Outcome::read(word)?,
            because: changes.iter().filter(is_reason).map(Number::read).collect(),
        })
    }

    /// The name without what it is in.
    pub fn short_name(&self) -> &str {
        self.name.rsplit("::").next().unwrap_or(&self.name)
    }
}

impl Number {
    fn read(value: &Value) -> Self {
        Self {
            metric: value["metric"].as_str().unwrap_or("-").to_owned(),
            ratio: value["ratio"].as_f64(),
            lower: value["ratio_lower"].as_f64(),
            upper: value["ratio_upper"].as_f64(),
            p: value["p"].as_f64(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Answer, Number, Outcome, Row};
    use serde_json::{Value, json};

    fn change(metric: &str, verdict: &str, judged: bool) -> Value {
        json!({ "metric": metric, "verdict": verdict, "judged": judged, "ratio": 1.1, "ratio_lower": 1.06,
                "ratio_upper": null, "p": 0.001 })
    }

    fn comparison() -> Value {
        json!({
            "type": "hotpath_comparison",
            "base": { "runs": 14 },
            "rows": [
                { "name": "app::load", "verdict": "slower",
                  "changes": [change("avg", "slower", true), change("p95", "cannot_tell", true),
                              change("calls", "slower", false)] },
                { "name": "app::store", "verdict": "cannot_tell", "changes": [change("p95", "cannot_tell", true)] },
                { "name": "app::tiny", "verdict": null, "changes": [change("avg", "slower", false)] },
            ],
        })
    }

    #[test]
    fn judged_rows_are_read_with_what_their_verdict_rests_on() {
        let answer = Answer::read(&comparison().to_string()).expect("a comparison");
        let number = |metric: &str| Number {
            metric: metric.into(),
            ratio: Some(1.1),
            lower: Some(1.06),
            upper: None,
            p: Some(0.001),
        };
        let row =
            |name: &str, verdict, metric| Row { name: name.into(), verdict, because: vec![number(metric)] };
        let rows =
            [row("app::load", Outcome::Regression, "avg"), row("app::store", Outcome::Inconclusive, "p95")];
        assert_eq!(answer.rows, rows);
        assert_eq!((answer.rounds(), answer.undecided()), (7, 1));
        assert!(answer.claims(Outcome::Regression) && !answer.claims(Outcome::Improvement));
        assert_eq!(answer.rows[0].short_name(), "load");
    }

    #[test]
    fn what_is_no_comparison_is_an_error() {
        let mut unknown = comparison();
        unknown["rows"][0]["verdict"] = json!("quicker");
        let mut without_runs = comparison();
        without_runs["base"] = json!({});
        let cases = [
            ("", "no JSON"),
            ("{}", "no comparison"),
            (&unknown.to_string(), "`quicker` is no verdict"),
            (&without_runs.to_string(), "without runs"),
        ];
        for (text, expected) in cases {
            assert!(Answer::read(text).is_err_and(|error| error.contains(expected)), "{text}");
        }
    }
}
