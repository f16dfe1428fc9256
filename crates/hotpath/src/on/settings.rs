//! The settings of a session: environment over builder over defaults, resolved once, when the session starts.
//!
//! A value that makes no sense is one warning, and the default holds; an unknown name is a warning with the nearest known one.

use std::{
    net::{IpAddr, Ipv4Addr},
    ops::Deref,
    path::PathBuf,
    time::Duration,
};

use hotpath_lane::{Interest, Site};
use hotpath_report::{AllocMetric, AllocScope, CpuScope, Spec, units::nearest};

use super::{kind, output::target::Target, select::Selection};
use crate::{
    Format, Section,
    options::{ByName, SessionOptions, Wanted},
};

mod env;
mod parse;
mod resources;
mod setting;
mod table;
#[cfg(test)]
mod tests;
mod unknown;

pub(crate) use env::Env;
pub(crate) use parse::Port;
#[cfg(feature = "serve")]
pub(crate) use parse::{BUDGET, percent_of_budget};
pub use setting::Setting;
pub use table::SETTINGS;

use parse::{Token, is_budget, rejection};
pub(crate) use resources::RESOURCES;
use resources::{LIMITS, RATES};
pub(crate) use table::NAMED;
use table::Values;

/// The settings of one session: the [`Values`] of the table, and what follows from more than one of them.
#[derive(Debug)]
pub(crate) struct Settings {
    values: Values,
    pub(crate) format: Format,
    /// The destination of the report.
    pub(crate) target: Target,
    /// True if the user set something about the report, and so wants one.
    pub(crate) is_report_asked_for: bool,
    pub(crate) selection: Selection,
    pub(crate) alloc_metric: AllocMetric,
    pub(crate) alloc_scope: AllocScope,
    pub(crate) percentiles: Vec<f64>,
    /// Row limits by the stem of their sections; others have the default of their section.
    limits: ByName<usize>,
    /// Sampling rates by resource; times of others are always taken.
    rates: ByName<f64>,
    pub(crate) has_color: bool,
    /// The metrics endpoint, unless it is off.
    #[cfg_attr(not(feature = "serve"), allow(dead_code, reason = "there is no server"))]
    pub(crate) endpoint: Option<Endpoint>,
    /// The endpoint for agents.
    #[cfg_attr(not(feature = "hotpath-mcp"), allow(dead_code, reason = "there is no server"))]
    pub(crate) mcp: Option<Endpoint>,
}

impl Deref for Settings {
    type Target = Values;

    fn deref(&self) -> &Values {
        &self.values
    }
}

/// The address of a server, and the token that its clients need.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(not(feature = "serve"), allow(dead_code, reason = "there is no server"))]
pub(crate) struct Endpoint {
    pub(crate) address: IpAddr,
    pub(crate) port: Port,
    pub(crate) token: Option<String>,
    /// The variables that set port and token, for messages.
    pub(crate) port_setting: &'static str,
    pub(crate) token_setting: &'static str,
}

/// The most percentiles that a report shows.
const MAX_PERCENTILES: usize = 10;
const DEFAULT_PERCENTILE: f64 = 95.0;

impl Settings {
    /// Resolves environment over options over defaults. Each value that is wrong is a warning.
    pub(crate) fn resolve(options: &mut SessionOptions, env: &Env, warnings: &mut Vec<String>) -> Self {
        let is_report_asked_for = asks_for_report(options, env);
        options.budget = option_budget(options, warnings);
        let mut values = Values::resolve(options, env, warnings);
        values.shutdown = values.shutdown.filter(|time| !time.is_zero());
        let mut metadata = std::mem::take(&mut options.user_metadata);
        metadata.append(&mut values.user_metadata);
        values.user_metadata = metadata;
        if values.env_format.is_none() && values.json {
            values.env_format = Some(Format::Json);
        }
        let rates = rates(&values, options, env, warnings);
        values.budget = budget(&values, &rates, warnings);
        Self {
            format: values.env_format.or(options.format).unwrap_or_default(),
            target: target(values.output_path.take(), warnings),
            is_report_asked_for,
            selection: selection(values.report.take(), options.sections.take(), warnings),
            alloc_metric: values.alloc_metric.unwrap_or(ALLOC_VIEW.0),
            alloc_scope: alloc_scope(&values, warnings).unwrap_or(ALLOC_VIEW.1),
            percentiles: percentiles(options.percentiles.take(), warnings),
            limits: limits(&values, options, env, warnings),
            rates,
            has_color: values.without_color.is_none() && !env.has_dumb_terminal(),
            endpoint: metrics_endpoint(&mut values, env, warnings),
            mcp: mcp_endpoint(&mut values, warnings),
            values,
        }
    }

    /// Returns the row limit of a section; 0 is all.
    pub(crate) fn limit(&self, spec: &Spec) -> usize {
        self.limits.get(spec.stem).unwrap_or(spec.default_limit)
    }

    /// Returns the sampling rate of a resource, if it was set.
    pub(crate) fn rate(&self, resource: &str) -> Option<f64> {
        self.rates.get(resource)
    }

    /// Returns the sampling rates that were set, by resource.
    pub(crate) fn rates(&self) -> impl Iterator<Item = (&'static str, f64)> {
        self.rates.iter()
    }

    /// The CPU time of a thread between two of its samples.
    pub(crate) fn cpu_period(&self) -> Duration {
        Duration::from_secs(1) / self.cpu_hz
    }

    pub(crate) fn cpu_scope(&self) -> CpuScope {
        if self.cpu_inclusive { CpuScope::Inclusive } else { CpuScope::Exclusive }
    }

    /// Sets the budget, in percent; `None` removes it. Takes effect with the next [`site_filter`](Self::site_filter).
    #[cfg_attr(not(feature = "serve"), allow(dead_code, reason = "there is no server"))]
    pub(crate) fn set_budget(&mut self, percent: Option<f64>) {
        self.values.budget = percent;
    }

    /// Returns the filter that decides which sites record, and which of their calls are timed.
    pub(crate) fn site_filter(&self) -> impl Fn(&Site) -> Interest + Send + Sync + 'static {
        let (focus, exclusion) = (self.values.focus.clone(), self.values.exclude.clone());
        let has_budget = self.values.budget.is_some();
        let is_sampled = |resource: &str| self.rate(resource).is_some_and(|rate| rate < 1.0);
        let sampled: Vec<u8> = RESOURCES
            .iter()
            .filter(|(resource, _)| is_sampled(resource))
            .flat_map(|(_, kinds)| kinds.iter().copied())
            .collect();
        move |site| {
            let is_function = kind::is_function(site.kind());
            let is_wanted = || {
                focus.as_ref().is_none_or(|focus| focus.covers(site.name()))
                    && !exclusion.as_ref().is_some_and(|exclusion| exclusion.covers(site.name()))
            };
            match site.sample() {
                _ if is_function && !is_wanted() => Interest::Ignore,
                Some(rate) if rate < 1.0 => Interest::Sample,
                Some(_) => Interest::Record,
                None if sampled.contains(&site.kind()) => Interest::Sample,
                None if is_function && has_budget => Interest::Budget,
                None => Interest::Record,
            }
        }
    }
}

/// The allocation section's metric and scope, as the features of 0.2 choose them.
const ALLOC_VIEW: (AllocMetric, AllocScope) = if cfg!(feature = "hotpath-alloc-bytes-total") {
    (AllocMetric::Bytes, AllocScope::Cumulative)
} else if cfg!(feature = "hotpath-alloc-bytes-max") {
    (AllocMetric::Bytes, AllocScope::Peak)
} else if cfg!(feature = "hotpath-alloc-count-total") {
    (AllocMetric::Count, AllocScope::Cumulative)
} else if cfg!(feature = "hotpath-alloc-count-max") {
    (AllocMetric::Count, AllocScope::Peak)
} else {
    (AllocMetric::Bytes, AllocScope::Exclusive)
};

fn asks_for_report(options: &SessionOptions, env: &Env) -> bool {
    SETTINGS.iter().any(|setting| setting.asks_for_report && env.is_set(setting))
        || options.output_path.is_some()
        || options.sections.is_some()
        || options.format.is_some_and(|format| format != Format::Table)
        || !options.user_metadata.is_empty()
}

fn target(path: Option<PathBuf>, warnings: &mut Vec<String>) -> Target {
    match path {
        Some(path) if path.as_os_str().is_empty() => {
            warnings.push("output_path is empty: the report goes to standard output".to_owned());
            Target::Stdout
        }
        path => path.map_or_else(Target::default, Target::new),
    }
}

fn selection(env: Option<String>, wanted: Option<Wanted>, warnings: &mut Vec<String>) -> Selection {
    let (spec, origin) = match (env, wanted) {
        (Some(spec), _) => (spec, NAMED.report.name),
        (None, Some(Wanted::Spec(spec))) => (spec, "report"),
        (None, Some(Wanted::These(sections))) => return Selection::these(sections),
        (None, Some(Wanted::AllBut(sections))) => return Selection::all_but(sections),
        (None, None) => return Selection::default(),
    };
    let (selection, unknown) = Selection::parse(&spec);
    for name in unknown {
        let names: Vec<&str> = Section::all().into_iter().map(Section::name).collect();
        let hint = match nearest(name.trim_start_matches('-'), names.iter().copied()) {
            Some(near) => format!("did you mean {near}?"),
            None => format!("available: {}", names.join(", ")),
        };
        warnings.push(format!("Unknown report section {name:?} in {origin}: ignored; {hint}"));
    }
    selection
}

fn alloc_scope(values: &Values, warnings: &mut Vec<String>) -> Option<AllocScope> {
    match (values.alloc_self.unwrap_or_default(), values.alloc_cumulative) {
        (false, false) => None,
        (false, true) => Some(AllocScope::Cumulative),
        (true, is_cumulative) => {
            if is_cumulative {
                let reason = format!("contradicts {}=true", NAMED.alloc_self.name);
                warnings.push(rejection(&NAMED.alloc_cumulative, "true", &reason));
            }
            Some(AllocScope::Exclusive)
        }
    }
}

fn percentiles(set: Option<Vec<f64>>, warnings: &mut Vec<String>) -> Vec<f64> {
    let set = set.unwrap_or_else(|| vec![DEFAULT_PERCENTILE]);
    let (mut good, bad): (Vec<f64>, Vec<f64>) = set.iter().partition(|p| (0.0..=100.0).contains(*p));
    warnings.extend(bad.iter().map(|p| format!("percentile {p} is not between 0 and 100: ignored")));
    good.sort_by(f64::total_cmp);
    good.dedup();
    if good.len() > MAX_PERCENTILES {
        warnings.push(format!("too many percentiles ({}): the first {MAX_PERCENTILES} are used", good.len()));
        good.truncate(MAX_PERCENTILES);
    }
    if good.is_empty() {
        warnings.push(format!("no valid percentile: {DEFAULT_PERCENTILE} is used"));
        good.push(DEFAULT_PERCENTILE);
    }
    good
}

/// Resolves row limits: the section's variable, `HOTPATH_LIMIT`, the builder's limit of the section, the builder's limit.
fn limits(values: &Values, options: &SessionOptions, env: &Env, warnings: &mut Vec<String>) -> ByName<usize> {
    let limit = |(spec, setting): &(&'static Spec, _)| {
        let set = env.parse(setting, parse::number, warnings).or(values.limit);
        Some((spec.stem, set.or(options.limits.get(spec.stem)).or(options.limit)?))
    };
    LIMITS.iter().filter_map(limit).collect()
}

/// Resolves sampling rates, in the same order as row limits.
fn rates(values: &Values, options: &SessionOptions, env: &Env, warnings: &mut Vec<String>) -> ByName<f64> {
    let of_all = option_rate(options, "", warnings);
    let rate = |(resource, setting): &(&'static str, _)| {
        let set = env.parse(setting, parse::rate, warnings).or(values.sampling_rate);
        let of_builder = option_rate(options, resource, warnings).or(of_all);
        Some((*resource, set.or(of_builder)?))
    };
    RATES.iter().filter_map(rate).collect()
}

fn option_rate(options: &SessionOptions, resource: &str, warnings: &mut Vec<String>) -> Option<f64> {
    let rate = options.sampling.get(resource)?;
    let is_rate = (0.0..=1.0).contains(&rate);
    if !is_rate {
        let line = format!("time sampling rate {rate} is not {}: ignored, every call is timed", parse::RATE);
        warnings.push(line);
    }
    is_rate.then_some(rate)
}

/// Returns the budget of the builder, if it is one.
fn option_budget(options: &SessionOptions, warnings: &mut Vec<String>) -> Option<f64> {
    let percent = options.budget?;
    if !is_budget(percent) {
        warnings.push(format!("budget {percent} is not {}: ignored, every call is timed", parse::BUDGET));
        return None;
    }
    Some(percent)
}

/// Returns the budget, unless functions have a sampling rate.
fn budget(values: &Values, rates: &ByName<f64>, warnings: &mut Vec<String>) -> Option<f64> {
    let percent = values.budget?;
    if let Some(rate) = rates.get(FUNCTIONS) {
        warnings.push(format!("budget {percent} %: ignored, since functions have the sampling rate {rate}"));
        return None;
    }
    Some(percent)
}

/// The resource that a budget is for.
pub(crate) const FUNCTIONS: &str = "functions";

fn metrics_endpoint(values: &mut Values, env: &Env, warnings: &mut Vec<String>) -> Option<Endpoint> {
    let offs = [(values.metrics_off, &NAMED.metrics_off), (values.no_http, &NAMED.no_http)];
    let off = offs.iter().find(|(is_off, _)| *is_off).map(|(_, setting)| setting.name);
    if let Some(off) = off.filter(|_| values.metrics_on) {
        warnings.push(rejection(&NAMED.metrics_on, "true", &format!("contradicts {off}=true")));
    }
    let token_setting = NAMED.metrics_token.name;
    let token = token(values.metrics_token.take(), token_setting, "the metrics endpoint is off", warnings)?;
    let is_wanted = off.is_none() && (values.metrics_on || !env.is_unattended());
    is_wanted.then(|| Endpoint {
        address: values.metrics_bind.unwrap_or(Ipv4Addr::LOCALHOST.into()),
        port: values.metrics_port,
        token,
        port_setting: NAMED.metrics_port.name,
        token_setting,
    })
}

/// Always binds to this machine: an agent elsewhere uses the command `hotpath mcp`.
fn mcp_endpoint(values: &mut Values, warnings: &mut Vec<String>) -> Option<Endpoint> {
    let token_setting = NAMED.mcp_token.name;
    let token = token(values.mcp_token.take(), token_setting, "the MCP endpoint is off", warnings)?;
    Some(Endpoint {
        address: Ipv4Addr::LOCALHOST.into(),
        port: values.mcp_port,
        token,
        port_setting: NAMED.mcp_port.name,
        token_setting,
    })
}

/// Returns the token, if one is set; `None` for one that no header can hold: then no client is let in, as the user asked.
fn token(set: Option<Token>, name: &str, effect: &str, warnings: &mut Vec<String>) -> Option<Option<String>> {
    match set {
        None => Some(None),
        Some(Token::Valid(token)) => Some(Some(token)),
        Some(Token::Invalid) => {
            warnings.push(format!("{name} is not visible ASCII: {effect}"));
            None
        }
    }
}
