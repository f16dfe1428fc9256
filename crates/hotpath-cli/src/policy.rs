//! The policy of a comparison, from flags and from a policy file.
//!
//! The file is TOML: a table per resource (`functions`, `channels`, `mutexes`, …), and in it a table per family of metrics
//! (`timing`, `alloc`, `flow`). Invariant: an unknown key is an error, because a gate with a misspelt limit gates nothing.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use hotpath_analysis::compare::{Budget, Policy, Resource, Rule, metric_unit, metrics};
use hotpath_report::render::printable;
use hotpath_report::units::{parse_bytes, parse_count, parse_duration};
use hotpath_report::{SECTIONS, Unit};
use toml::{Table, Value};

use crate::file;

/// The patterns of a list of ignored names at most.
const MAX_PATTERNS: usize = 64;

/// The flags of the policy; they take precedence over the file.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct PolicyArguments {
    /// Policy file: tables such as [functions.timing] with judged, metrics, min_percent_change, min_calls
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// Smallest relevant change of a time [default: 5%]
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    min_change: Option<f64>,
    /// Smallest relevant change of memory [default: 1%]
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    min_alloc_change: Option<f64>,
    /// Smallest share of the run for a row to be judged [default: 0.5%]
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    min_share: Option<f64>,
    /// False-positive rate: how often comparing a program with itself may report a change [default: 0.8%]
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    alpha: Option<f64>,
    /// Confidence level of the intervals and of the outcome "no regression" [default: 90%]
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    confidence: Option<f64>,
    /// Rows to leave out; `*` matches any text
    #[arg(long, value_name = "PATTERN")]
    ignore: Vec<String>,
}

impl PolicyArguments {
    /// Returns the policy of the file, overridden by the flags.
    pub(crate) fn policy(&self) -> Result<Policy> {
        let mut policy = match &self.policy {
            Some(path) => read(path)?,
            None => Policy::default(),
        };
        if let Some(change) = self.min_change {
            each_rule(
                &mut policy,
                |own| &mut own.time,
                |policy| &mut policy.time,
                |rule| rule.min_change = change,
            );
        }
        if let Some(change) = self.min_alloc_change {
            each_rule(
                &mut policy,
                |own| &mut own.alloc,
                |policy| &mut policy.alloc,
                |rule| rule.min_change = change,
            );
        }
        if let Some(share) = self.min_share {
            policy.min_share = share * 100.0;
            policy.resources.values_mut().for_each(|own| own.min_share = None);
        }
        policy.alpha = self.alpha.unwrap_or(policy.alpha);
        policy.confidence = self.confidence.unwrap_or(policy.confidence);
        policy.ignore.extend(self.ignore.iter().cloned());
        check(&policy)?;
        Ok(policy)
    }
}

fn check(policy: &Policy) -> Result<()> {
    if !(policy.alpha > 0.0 && policy.alpha < 0.5) {
        bail!("invalid alpha: must be above 0 % and below 50 %");
    }
    if !(policy.confidence >= 0.5 && policy.confidence < 1.0) {
        bail!("invalid confidence: must be at least 50 % and below 100 %");
    }
    Ok(())
}

fn each_rule(
    policy: &mut Policy,
    own: fn(&mut Resource) -> &mut Option<Rule>,
    common: fn(&mut Policy) -> &mut Rule,
    change: impl Fn(&mut Rule),
) {
    change(common(policy));
    policy.resources.values_mut().filter_map(|resource| own(resource).as_mut()).for_each(change);
}

/// Parses `5`, `5%` or `0.5 %` as a share of 1.
fn percent(text: &str) -> Result<f64, String> {
    let number = text.trim().trim_end_matches('%').trim_end().parse::<f64>();
    match number {
        Ok(percent) if percent.is_finite() && percent >= 0.0 => Ok(percent / 100.0),
        _ => Err("expected a percentage such as 5%".to_owned()),
    }
}

fn read(path: &Path) -> Result<Policy> {
    parse(&file::text(path)?).with_context(|| format!("{}: invalid policy", file::shown(path)))
}

fn parse(text: &str) -> Result<Policy> {
    let table: Table =
        text.parse().map_err(|error: toml::de::Error| anyhow!("{}", error.to_string().trim_end()))?;
    let mut policy = Policy::default();
    for (key, value) in table {
        match key.as_str() {
            "alpha_percent" => policy.alpha = number(&value, &key)? / 100.0,
            "confidence_percent" => policy.confidence = number(&value, &key)? / 100.0,
            "min_percent_total" => policy.min_share = number(&value, &key)?,
            "ignore" => policy.ignore = patterns(&value, &key)?,
            "timing" => policy.time = rule(&value, &key, &policy.time, None)?,
            "alloc" => policy.alloc = rule(&value, &key, &policy.alloc, None)?,
            "flow" => policy.flow = rule(&value, &key, &policy.flow, None)?,
            name if stems().contains(&name) => {}
            _ => bail!("unknown key `{}`; available: {}", printable(&key), known(&TOP, &stems())),
        }
    }
    // The common rules first, whatever the order in the file.
    let table: Table = text.parse()?;
    for (key, value) in table.iter().filter(|(key, _)| stems().contains(&key.as_str())) {
        policy.resources.insert(key.clone(), resource(value, key, &policy)?);
    }
    Ok(policy)
}

const TOP: [&str; 7] =
    ["alpha_percent", "confidence_percent", "min_percent_total", "ignore", "timing", "alloc", "flow"];

/// Returns all resources.
fn stems() -> Vec<&'static str> {
    let mut stems: Vec<&str> = SECTIONS.iter().map(|section| section.spec.stem).collect();
    stems.dedup();
    stems
}

fn known(some: &[&str], others: &[&str]) -> String {
    let words: Vec<&str> = some.iter().chain(others).copied().collect();
    words.join(", ")
}

fn resource(value: &Value, name: &str, policy: &Policy) -> Result<Resource> {
    let mut own = Resource::default();
    for (key, value) in table(value, name)? {
        let path = format!("{name}.{key}");
        match key.as_str() {
            "timing" => own.time = Some(rule(value, &path, &policy.time, Some(name))?),
            "alloc" => own.alloc = Some(rule(value, &path, &policy.alloc, Some(name))?),
            "flow" => own.flow = Some(rule(value, &path, &policy.flow, Some(name))?),
            "min_percent_total" => own.min_share = Some(number(value, &path)?),
            "ignore" => own.ignore = patterns(value, &path)?,
            "budgets" => {
                own.budgets =
                    list(value, &path)?.iter().map(|item| budget(item, &path, name)).collect::<Result<_>>()?
            }
            _ => bail!(
                "unknown key `{}`; available: timing, alloc, flow, min_percent_total, ignore, budgets",
                printable(&path)
            ),
        }
    }
    Ok(own)
}

fn rule(value: &Value, path: &str, base: &Rule, resource: Option<&str>) -> Result<Rule> {
    let mut rule = base.clone();
    for (key, value) in table(value, path)? {
        let path = format!("{path}.{key}");
        match key.as_str() {
            "judged" => rule.judged = value.as_bool().ok_or_else(|| wrong(&path, "true or false", value))?,
            "metrics" => rule.metrics = Some(metric_names(value, &path, resource)?),
            "min_percent_change" => rule.min_change = number(value, &path)? / 100.0,
            "min_calls" => {
                let calls = value.as_integer().and_then(|calls| u64::try_from(calls).ok());
                rule.min_calls = calls.ok_or_else(|| wrong(&path, "a whole number", value))?;
            }
            _ => bail!(
                "unknown key `{}`; available: judged, metrics, min_percent_change, min_calls",
                printable(&path)
            ),
        }
    }
    Ok(rule)
}

fn metric_names(value: &Value, path: &str, resource: Option<&str>) -> Result<Vec<String>> {
    let names = texts(value, path)?;
    names.iter().try_for_each(|name| unit(name, path, resource).map(|_| ()))?;
    Ok(names)
}

/// Returns the unit of a metric.
///
/// # Errors
///
/// If there is no such metric.
fn unit(metric: &str, path: &str, resource: Option<&str>) -> Result<Unit> {
    metric_unit(resource, metric).ok_or_else(|| {
        let known: Vec<String> = metrics(resource).into_iter().map(|(name, _)| name).collect();
        anyhow!(
            "{path}: unknown metric `{}`; available: {}, and other percentiles",
            printable(metric),
            known.join(", ")
        )
    })
}

fn budget(value: &Value, path: &str, resource: &str) -> Result<Budget> {
    let table = table(value, path)?;
    if let Some(key) = table.keys().find(|key| !["name", "metric", "max"].contains(&key.as_str())) {
        bail!("unknown key `{path}.{}`; available: name, metric, max", printable(key));
    }
    let text = |key: &str| {
        let value = table.get(key).ok_or_else(|| anyhow!("{path}: missing key `{key}`"))?;
        value.as_str().map(str::to_owned).ok_or_else(|| wrong(&format!("{path}.{key}"), "a string", value))
    };
    let metric = text("metric")?;
    // The unit of a limit must be that of its metric.
    let (expected, parse): (_, fn(&str) -> Option<u64>) = match unit(&metric, path, Some(resource))? {
        Unit::Nanos => ("a duration such as \"5 ms\"", parse_duration),
        Unit::Bytes => ("a size such as \"5 MB\"", parse_bytes),
        _ => ("a count", parse_count),
    };
    let value = table.get("max").ok_or_else(|| anyhow!("{path}: missing key `max`"))?;
    let max = match value {
        Value::Integer(number) => u64::try_from(*number).ok(),
        Value::String(text) => parse(text),
        _ => None,
    };
    let found = value.as_str().unwrap_or(value.type_str());
    let max = max.ok_or_else(|| anyhow!("{path}.max: expected {expected}, found {found}"))?;
    Ok(Budget { rows: text("name")?, metric, max })
}

fn patterns(value: &Value, path: &str) -> Result<Vec<String>> {
    let patterns = texts(value, path)?;
    if patterns.len() > MAX_PATTERNS {
        bail!("{path}: at most {MAX_PATTERNS} patterns");
    }
    Ok(patterns)
}

fn texts(value: &Value, path: &str) -> Result<Vec<String>> {
    let text = |item: &Value| {
        item.as_str().map(str::to_owned).ok_or_else(|| wrong(path, "a list of strings", value))
    };
    list(value, path)?.iter().map(text).collect()
}

fn list<'a>(value: &'a Value, path: &str) -> Result<&'a Vec<Value>> {
    value.as_array().ok_or_else(|| wrong(path, "a list", value))
}

fn table<'a>(value: &'a Value, path: &str) -> Result<&'a Table> {
    value.as_table().ok_or_else(|| wrong(path, "a table", value))
}

fn number(value: &Value, path: &str) -> Result<f64> {
    let number = value.as_float().or_else(|| value.as_integer().map(|number| number as f64));
    number.filter(|x| x.is_finite() && *x >= 0.0).ok_or_else(|| wrong(path, "a non-negative number", value))
}

fn wrong(path: &str, expected: &str, found: &Value) -> anyhow::Error {
    anyhow!("{path}: expected {expected}, found {}", found.type_str())
}
