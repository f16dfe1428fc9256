//! One run's cost, as the peer printed it.

use serde_json::{Value, json};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    pub calls: u64,
    pub wall_ns: u64,
    pub cpu_ns: u64,
    pub peak_rss_kb: u64,
    pub report_ns: u64,
}

impl Sample {
    /// Reads the line; `None` when it is not one or made no calls.
    pub fn parse(line: &str) -> Option<Self> {
        let value: Value = serde_json::from_str(line).ok()?;
        let number = |name: &str| value.get(name)?.as_u64();
        Some(Self {
            calls: number("calls").filter(|&calls| calls > 0)?,
            wall_ns: number("wall_ns")?,
            cpu_ns: number("cpu_ns")?,
            peak_rss_kb: number("peak_rss_kb")?,
            report_ns: number("report_ns")?,
        })
    }

    pub fn json(&self) -> Value {
        let Self { calls, wall_ns, cpu_ns, peak_rss_kb, report_ns } = self;
        json!({ "calls": calls, "wall_ns": wall_ns, "cpu_ns": cpu_ns, "peak_rss_kb": peak_rss_kb, "report_ns": report_ns })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_back() {
        let sample = Sample { calls: 2, wall_ns: 3, cpu_ns: 4, peak_rss_kb: 5, report_ns: 6 };
        assert_eq!(Sample::parse(&sample.json().to_string()), Some(sample));
    }

    #[test]
    fn what_cannot_be_a_cost_is_none() {
        assert_eq!(Sample::parse("report written"), None);
        assert_eq!(Sample::parse(r#"{"calls":1}"#), None);
        let idle = Sample { calls: 0, wall_ns: 3, cpu_ns: 4, peak_rss_kb: 5, report_ns: 6 };
        assert_eq!(Sample::parse(&idle.json().to_string()), None);
    }
}
