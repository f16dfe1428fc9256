//! A report, as far as it is compared with others.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// The report of one run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Profile {
    /// By name. Functions of one name are added up, since a focus matches them all.
    pub functions: BTreeMap<String, Function>,
    /// The cost of profiling as the report states it.
    pub stated_ns: Option<f64>,
    /// Time of a callee below a caller, by caller and callee, in the whole tree.
    below: BTreeMap<(String, String), f64>,
    /// Functions that are somewhere below themselves.
    recursive: Vec<String>,
}

/// A function of a report. Times and shares are unknown where the report does not know them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Function {
    pub calls: u64,
    pub total_ns: Option<f64>,
    pub self_ns: Option<f64>,
    /// Shares of the run, 0 to 100.
    pub percent_total: Option<f64>,
    pub percent_self: Option<f64>,
    /// The function that holds the guard.
    pub is_main: bool,
    /// File and line.
    pub source: Option<(String, usize)>,
}

impl Profile {
    /// Reads a report in JSON.
    pub fn read(text: &str) -> Result<Self, String> {
        let report: Value = serde_json::from_str(text).map_err(|error| format!("the report: {error}"))?;
        let section = &report["functions_timing"];
        let rows = section["data"].as_array().ok_or("the report has no functions")?;
        let run_ns = section["percent_base"].as_f64().filter(|&time| time > 0.0);
        let mut profile = Self { stated_ns: report["overhead"]["total_ns"].as_f64(), ..Self::default() };
        for row in rows {
            let name = row["name"].as_str().ok_or("a function without a name")?;
            let function = Function::read(row, run_ns).ok_or_else(|| format!("{name} has no calls"))?;
            match profile.functions.get_mut(name) {
                Some(known) => known.add(&function),
                None => drop(profile.functions.insert(name.to_owned(), function)),
            }
        }
        profile.walk(&report["call_tree"], &mut Vec::new());
        Ok(profile)
    }

    /// Returns the parts that are compared.
    pub fn json(&self) -> Value {
        let function = |function: &Function| {
            json!({
                "calls": function.calls, "total_ns": function.total_ns, "self_ns": function.self_ns,
                "percent_total": function.percent_total, "percent_self": function.percent_self,
            })
        };
        let functions = self.functions.iter().map(|(name, known)| (name, function(known)));
        json!({ "stated_ns": self.stated_ns, "functions": functions.collect::<BTreeMap<_, _>>() })
    }

    pub fn calls(&self) -> u64 {
        self.functions.values().map(|function| function.calls).sum()
    }

    /// The measured functions that `caller` calls, each with the part of its time that it spends there, 0 to 1.
    pub fn callees<'a>(&'a self, caller: &'a str) -> impl Iterator<Item = (&'a str, f64)> {
        self.below.iter().filter(move |((above, _), _)| above == caller).map(|((_, callee), time)| {
            let all: f64 =
                self.below.iter().filter(|((_, below), _)| below == callee).map(|(_, time)| time).sum();
            (callee.as_str(), if all > 0.0 { time / all } else { 0.0 })
        })
    }

    /// Returns true if the function calls itself, directly or not.
    pub fn is_recursive(&self, name: &str) -> bool {
        self.recursive.iter().any(|known| known == name)
    }

    fn walk(&mut self, nodes: &Value, above: &mut Vec<String>) {
        for node in nodes.as_array().into_iter().flatten() {
            let name = node["name"].as_str().unwrap_or_default().to_owned();
            if above.contains(&name) && !self.recursive.contains(&name) {
                self.recursive.push(name.clone());
            }
            if let Some(caller) = above.last() {
                let time = node["total_ns"].as_f64().unwrap_or_default();
                *self.below.entry((caller.clone(), name.clone())).or_default() += time;
            }
            above.push(name);
            self.walk(&node["children"], above);
            above.pop();
        }
    }
}

impl Function {
    fn read(row: &Value, run_ns: Option<f64>) -> Option<Self> {
        let (total_ns, self_ns) = (row["total_ns"].as_f64(), row["self_ns"].as_f64());
        // The report's own share of the total has two decimals only.
        let percent = |time: Option<f64>| Some(time? / run_ns? * 100.0);
        let source = &row["source"];
        let line = source["line"].as_u64().and_then(|line| usize::try_from(line).ok());
        Some(Self {
            calls: row["calls"].as_u64()?,
            total_ns,
            self_ns,
            percent_total: percent(total_ns),
            percent_self: percent(self_ns),
            is_main: row["kind"] == "main",
            source: source["file"].as_str().map(str::to_owned).zip(line),
        })
    }

    fn add(&mut self, other: &Self) {
        let sum = |a: Option<f64>, b: Option<f64>| Some(a? + b?);
        self.calls += other.calls;
        self.total_ns = sum(self.total_ns, other.total_ns);
        self.self_ns = sum(self.self_ns, other.self_ns);
        self.percent_total = sum(self.percent_total, other.percent_total);
        self.percent_self = sum(self.percent_self, other.percent_self);
    }

    /// Average duration of a call.
    pub fn avg_ns(&self) -> Option<f64> {
        Some(self.total_ns? / self.calls as f64).filter(|avg| avg.is_finite())
    }

    /// Returns true if it takes this share of the run, 0 to 100, in total or by itself.
    pub fn takes(&self, percent: f64) -> bool {
        let at_least = |share: Option<f64>| share.is_some_and(|share| share >= percent);
        at_least(self.percent_total) || at_least(self.percent_self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `main` (1,000 ns) calls `load` and `store`; both call `read`, which takes 300 ns for one and 100 for the other.
    const REPORT: &str = r#"{
        "overhead": {"total_ns": 50},
        "functions_timing": {"percent_base": 1000, "data": [
            {"name": "main", "calls": 1, "total_ns": 1000, "self_ns": 100, "kind": "main", "source": null},
            {"name": "load", "calls": 2, "total_ns": 500, "self_ns": 200, "source": {"file": "a.rs", "line": 7}},
            {"name": "store", "calls": 4, "total_ns": 400, "self_ns": 300},
            {"name": "read", "calls": 8, "total_ns": 390, "self_ns": null},
            {"name": "read", "calls": 2, "total_ns": 10, "self_ns": 10}]},
        "call_tree": [{"name": "main", "total_ns": 1000, "children": [
            {"name": "load", "total_ns": 500, "children": [{"name": "read", "total_ns": 300, "children": [
                {"name": "load", "total_ns": 0, "children": []}]}]},
            {"name": "store", "total_ns": 400, "children": [{"name": "read", "total_ns": 100, "children": []}]}]}]
    }"#;

    #[test]
    fn shares_are_of_the_run_and_one_name_is_one_function() {
        let profile = Profile::read(REPORT).expect("a report");
        let load = &profile.functions["load"];
        assert_eq!((load.percent_total, load.percent_self), (Some(50.0), Some(20.0)));
        assert_eq!((load.avg_ns(), load.source.clone()), (Some(250.0), Some(("a.rs".to_owned(), 7))));
        let read = &profile.functions["read"];
        assert_eq!((read.calls, read.total_ns, read.self_ns), (10, Some(400.0), None));
        assert_eq!((profile.calls(), profile.stated_ns), (17, Some(50.0)));
        assert!(profile.functions["main"].is_main && !load.is_main);
    }

    #[test]
    fn a_callee_of_two_is_divided_as_the_tree_says() {
        let profile = Profile::read(REPORT).expect("a report");
        let callees = |name| profile.callees(name).collect::<Vec<_>>();
        assert_eq!(callees("store"), [("read", 0.25)]);
        assert_eq!(callees("load"), [("read", 0.75)]);
        assert!(profile.is_recursive("load") && !profile.is_recursive("read"));
    }

    #[test]
    fn an_unknown_time_is_not_a_share() {
        let function = Function { percent_self: Some(2.0), ..Function::default() };
        assert!(function.takes(2.0) && !function.takes(2.1));
        assert!(!Function::default().takes(0.0));
        assert_eq!(function.avg_ns(), None);
    }

    #[test]
    fn what_is_no_report_is_an_error() {
        assert!(Profile::read("hotpath").is_err());
        assert!(Profile::read("{}").is_err_and(|error| error.contains("no functions")));
    }
}
