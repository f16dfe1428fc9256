//! The history of the rows: a sample per row and refresh, from the differences of successive reports.
//!
//! The endpoint reports sums since the start; the console computes rates from them. Invariants: memory is bounded by
//! [`MAX_ROWS`] × [`MAX_SAMPLES`]; an unknown value is never 0.

use std::collections::{HashMap, VecDeque};

use hotpath_report::{Bucket, Dist, Heading, Merge, Part, Report, Table, Unit, Value};

use super::sheet::keys;

/// The rows with a history at most; later ones have none.
pub(crate) const MAX_ROWS: usize = 2_000;
/// The samples of a row at most; older ones are dropped. As many as the widest screen shows.
pub(crate) const MAX_SAMPLES: usize = 240;
/// The percentile of each window.
const PERCENTILE: f64 = 95.0;

/// The samples of all rows.
#[derive(Debug, Default)]
pub(crate) struct History {
    rows: HashMap<(&'static str, u8, u64), VecDeque<Sample>>,
}

/// One row between two reports.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Sample {
    /// Events per second, or a gauge; NaN if unknown.
    pub(crate) main: f32,
    /// The percentile of the window; NaN if unknown.
    pub(crate) percentile: f32,
}

/// The metrics of a table that have a history: a count or a gauge, and a distribution.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Trend {
    main: usize,
    pub(crate) main_header: String,
    pub(crate) main_unit: Unit,
    dist: Option<usize>,
    pub(crate) percentile_header: Option<String>,
    pub(crate) percentile_unit: Unit,
}

impl Trend {
    /// Chooses the metrics of a table of a section: the first count, or the first load without one.
    pub(crate) fn of(section: &Table, table: u8) -> Option<Self> {
        let is_here = |heading: &Heading| table == 0 || [0, table].contains(&heading.column.table);
        let find = |fits: &dyn Fn(&Heading) -> bool| {
            section.headings.iter().position(|heading| is_here(heading) && fits(heading))
        };
        let count = find(&|h| h.in_table() && h.column.unit == Unit::Count && h.column.merge == Merge::Sum);
        let load = find(&|h| h.in_table() && h.column.unit == Unit::Load);
        let (main, main_unit) = count.map(|i| (i, Unit::Rate)).or(load.map(|i| (i, Unit::Load)))?;
        let header = section.headings[main].header();
        let dist = find(&|h| h.part == Part::Histogram && h.column.show != hotpath_report::Show::JsonOnly);
        let column = dist.map(|i| section.headings[i].column);
        Some(Self {
            main,
            main_header: if main_unit == Unit::Rate { format!("{header}/s") } else { header },
            main_unit,
            dist,
            percentile_header: column
                .map(|column| Heading { column, part: Part::Percentile(PERCENTILE) }.header()),
            percentile_unit: column.map_or(Unit::Nanos, |column| column.unit),
        })
    }
}

impl History {
    /// Adds a sample of every row of these tables, given as section and number of the table.
    pub(crate) fn record(&mut self, before: &Report, after: &Report, tables: &[(&'static str, u8)]) {
        let nanos = after.duration_ns.saturating_sub(before.duration_ns);
        for &(name, table) in tables {
            let (Some(old), Some(new)) = (before.section(name), after.section(name)) else { continue };
            self.record_table(old, new, table, nanos);
        }
    }

    /// Returns the samples of a row, oldest first.
    pub(crate) fn of(&self, section: &'static str, table: u8, key: u64) -> Vec<Sample> {
        self.rows.get(&(section, table, key)).into_iter().flatten().copied().collect()
    }

    /// Clears the history, after a reset.
    pub(crate) fn clear(&mut self) {
        self.rows.clear();
    }

    fn record_table(&mut self, old: &Table, new: &Table, table: u8, nanos: u64) {
        let Some(trend) = Trend::of(new, table).filter(|trend| Trend::of(old, table).as_ref() == Some(trend))
        else {
            return;
        };
        let old_rows: HashMap<u64, usize> =
            keys(old).into_iter().enumerate().map(|(i, key)| (key, i)).collect();
        for (row, key) in new.rows.iter().zip(keys(new)) {
            // A new row had counted nothing before.
            let before = old_rows.get(&key).map(|&i| &old.rows[i].cells[..]);
            let sample = sample(&trend, before, &row.cells, nanos);
            let id = (new.spec.name, table, key);
            if self.rows.len() < MAX_ROWS || self.rows.contains_key(&id) {
                let samples = self.rows.entry(id).or_default();
                if samples.len() == MAX_SAMPLES {
                    samples.pop_front();
                }
                samples.push_back(sample);
            }
        }
    }
}

fn sample(trend: &Trend, before: Option<&[Value]>, after: &[Value], nanos: u64) -> Sample {
    let now = after[trend.main].number();
    let main = if trend.main_unit == Unit::Load {
        now.map(|permille| permille as f32)
    } else {
        let then = before.map_or(Some(0), |cells| cells[trend.main].number());
        rate(then, now, nanos)
    };
    let window = trend.dist.and_then(|i| window(before.map(|cells| &cells[i]), &after[i]));
    let percentile = window.and_then(|dist| dist.percentile(PERCENTILE)).map(|value| value as f32);
    Sample { main: main.unwrap_or(f32::NAN), percentile: percentile.unwrap_or(f32::NAN) }
}

fn rate(then: Option<u64>, now: Option<u64>, nanos: u64) -> Option<f32> {
    let events = now?.checked_sub(then?)?;
    (nanos > 0).then(|| (events as f64 * 1e9 / nanos as f64) as f32)
}

/// Returns the values added to a distribution; `None` if they are unknown.
fn window(before: Option<&Value>, after: &Value) -> Option<Dist> {
    let Value::Dist(after) = after else { return None };
    let none = Dist::default();
    let before = match before {
        None | Some(Value::Nothing) => &none,
        Some(Value::Dist(before)) => before,
        Some(_) => return None,
    };
    if !before.is_shaped() || !after.is_shaped() {
        return None;
    }
    let buckets = added(&before.buckets, &after.buckets)?;
    let count = buckets.iter().map(|bucket| bucket.count).sum();
    // The extremes of the window are unknown: those of the report are of the whole run.
    Some(Dist { count, sum: after.sum.saturating_sub(before.sum), min: None, max: None, buckets })
}

/// Subtracts `before` from `after`, both sorted; `None` if a count decreased, as when the scale changed.
fn added(before: &[Bucket], after: &[Bucket]) -> Option<Vec<Bucket>> {
    let mut old = before.iter().peekable();
    let mut added = Vec::new();
    for bucket in after {
        let mut count = bucket.count;
        if let Some(old) = old.next_if(|old| old.lower == bucket.lower) {
            count = count.checked_sub(old.count)?;
        }
        if count > 0 {
            added.push(Bucket { count, ..*bucket });
        }
    }
    old.next().is_none().then_some(added)
}

#[cfg(test)]
mod tests {
    use super::*;
    use hotpath_report::{FunctionStats, Timing};

    const TABLES: &[(&str, u8)] = &[("functions_timing", 0)];

    fn report(duration_ns: u64, calls: u64, buckets: &[(u64, u64)]) -> Report {
        let buckets = buckets.iter().map(|&(lower, count)| Bucket { lower, upper: lower + 1, count });
        let durations = Dist::from_buckets(calls, 0, Some(1), Some(9_000), buckets);
        let row = FunctionStats { name: "work".into(), calls, durations, ..FunctionStats::default() };
        let sections = vec![Table::of::<Timing>(&[row], &(), &[50.0])];
        Report { duration_ns, sections, ..Report::default() }
    }

    fn samples(reports: &[Report]) -> Vec<Sample> {
        let mut history = History::default();
        reports.windows(2).for_each(|pair| history.record(&pair[0], &pair[1], TABLES));
        let key = keys(&reports[0].sections[0])[0];
        history.of("functions_timing", 0, key)
    }

    #[test]
    fn a_sample_is_the_difference_of_two_reports() {
        let first = report(1_000_000_000, 10, &[(5, 10)]);
        let second = report(3_000_000_000, 30, &[(5, 10), (70, 20)]);
        // 20 calls in 2 seconds, all of them in the bucket of 70, although half of the run's are in that of 5.
        assert_eq!(samples(&[first, second]), [Sample { main: 10.0, percentile: 70.0 }]);
    }

    #[test]
    fn without_calls_the_rate_is_zero_and_the_percentile_unknown() {
        let same = || report(1_000_000_000, 10, &[(5, 10)]);
        let later = Report { duration_ns: 2_000_000_000, ..same() };
        let [sample] = samples(&[same(), later])[..] else { panic!("one sample") };
        assert_eq!(sample.main, 0.0);
        assert!(sample.percentile.is_nan());
    }

    #[test]
    fn a_decreased_count_is_unknown() {
        let first = report(1_000_000_000, 10, &[(5, 10)]);
        let second = report(2_000_000_000, 4, &[(5, 4)]);
        let [sample] = samples(&[first, second])[..] else { panic!("one sample") };
        assert!(sample.main.is_nan() && sample.percentile.is_nan());
    }

    #[test]
    fn rows_and_samples_are_bounded() {
        let name = |i: u64| FunctionStats { name: format!("f{i}"), ..FunctionStats::default() };
        let report = |rows: u64| {
            let rows: Vec<_> = (0..rows).map(name).collect();
            Report { sections: vec![Table::of::<Timing>(&rows, &(), &[])], ..Report::default() }
        };
        let mut history = History::default();
        let (many, one) = (report(MAX_ROWS as u64 + 10), report(1));
        history.record(&many, &many, TABLES);
        assert_eq!(history.rows.len(), MAX_ROWS);
        (0..MAX_SAMPLES + 5).for_each(|_| history.record(&one, &one, TABLES));
        assert_eq!(history.rows.values().map(VecDeque::len).max(), Some(MAX_SAMPLES));
    }
}
