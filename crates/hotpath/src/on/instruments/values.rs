//! `dbg!`, `val!` and `gauge!`: values that a program shows.
//!
//! An expression of `dbg!` is a site. A key of `val!` or `gauge!` has one row wherever in the program it is used: at most
//! `MAX_KEYS` per macro, and `<other>` for all further keys. A macro whose key stands in the source looks it up once.

use std::{
    fmt::{self, Debug},
    sync::OnceLock,
};

use hotpath_lane::{
    OTHER_NAME, Site, event, gate,
    read::{RowReading, recent},
};
use hotpath_report::{
    Table, ValueKind, ValueStats,
    units::{format_float, write_float},
};

use super::{
    Instrument,
    gauge::GaugeState,
    keyed::{Key, Keyed},
    log::text_of,
    options::label,
    view::{View, source},
};
use crate::{
    Section,
    imp::kind::{DBG, GAUGE, VAL},
    values::{GaugeHandle, ValHandle},
};

pub(crate) const INSTRUMENT: Instrument = Instrument { section: Section::Debug, table };

/// Keys of one macro.
const MAX_KEYS: usize = 1000;

pub use super::value_key::key;

/// Makes the site of an expression of `dbg!`.
#[doc(hidden)]
#[must_use]
pub const fn expression(text: &'static str, file: &'static str, line: u32, column: u32) -> Site {
    Site::new(text, file, line, column, DBG).logged()
}

/// Records the value of an expression.
#[doc(hidden)]
pub fn dbg<T: Debug + ?Sized>(site: &'static Site, value: &T) {
    record(site, text_of(value));
}

/// One use of `val!` or `gauge!`; a `static`.
#[doc(hidden)]
#[derive(Debug)]
pub struct KeySite {
    file: &'static str,
    line: u32,
    column: u32,
    known: OnceLock<&'static ValueRow>,
}

impl KeySite {
    #[must_use]
    pub const fn new(file: &'static str, line: u32, column: u32) -> Self {
        Self { file, line, column, known: OnceLock::new() }
    }

    /// `val!` with a key that stands in the source.
    pub fn val(&'static self, key: &(impl ToString + ?Sized)) -> ValHandle {
        ValHandle::of(Val(self.fixed(VAL, key)))
    }

    /// `val!` with a key that the program makes.
    pub fn dynamic_val(&'static self, key: impl AsRef<str>) -> ValHandle {
        ValHandle::of(Val(self.row(VAL, key.as_ref())))
    }

    /// `gauge!` with a key that stands in the source.
    pub fn gauge(&'static self, key: &(impl ToString + ?Sized)) -> GaugeHandle {
        GaugeHandle::of(Gauge(self.fixed(GAUGE, key)))
    }

    /// `gauge!` with a key that the program makes.
    pub fn dynamic_gauge(&'static self, key: impl AsRef<str>) -> GaugeHandle {
        GaugeHandle::of(Gauge(self.row(GAUGE, key.as_ref())))
    }

    fn fixed(&'static self, kind: u8, key: &(impl ToString + ?Sized)) -> &'static ValueRow {
        self.known.get().copied().unwrap_or_else(|| {
            let row = self.row(kind, label(key).as_ref());
            if std::ptr::eq(row, unnamed(kind)) {
                return row; // not for the next time
            }
            self.known.get_or_init(|| row)
        })
    }

    fn row(&'static self, kind: u8, key: &str) -> &'static ValueRow {
        let make = |name: &str| ValueRow {
            site: Site::new(name.to_owned().leak(), self.file, self.line, self.column, kind).logged(),
            gauge: GaugeState::new(),
        };
        let found = rows(kind).get_or_insert(&Name(key), |key| make(key.0), || make(OTHER_NAME));
        found.map_or_else(|| unnamed(kind), |found| found.row)
    }
}

/// A key, and the gauge behind it.
#[derive(Debug)]
pub(crate) struct ValueRow {
    site: Site,
    gauge: GaugeState,
}

#[derive(Hash)]
struct Name<'a>(&'a str);

impl Key for Name<'_> {
    type Row = ValueRow;

    fn is_of(&self, row: &ValueRow) -> bool {
        row.site.name() == self.0
    }
}

/// The keys of `val!`, and those of `gauge!`.
fn rows(kind: u8) -> &'static Keyed<ValueRow> {
    static ROWS: [Keyed<ValueRow>; 2] = [const { Keyed::new(MAX_KEYS) }; 2];
    &ROWS[usize::from(kind == GAUGE)]
}

/// The row of what the program's allocator shows while a row is being made on the same thread.
fn unnamed(kind: u8) -> &'static ValueRow {
    const fn row(kind: u8) -> ValueRow {
        ValueRow { site: Site::new(OTHER_NAME, "", 0, 0, kind).logged(), gauge: GaugeState::new() }
    }
    static UNNAMED: [ValueRow; 2] = [row(VAL), row(GAUGE)];
    &UNNAMED[usize::from(kind == GAUGE)]
}

/// The key behind a [`ValHandle`].
#[derive(Clone, Copy)]
pub struct Val(&'static ValueRow);

impl Val {
    pub(crate) fn set<T: Debug + ?Sized>(self, value: &T) {
        record(&self.0.site, text_of(value));
    }
}

/// The key behind a [`GaugeHandle`].
#[derive(Clone, Copy)]
pub struct Gauge(&'static ValueRow);

impl Gauge {
    pub(crate) fn set(self, value: f64) {
        self.0.gauge.set(value);
        self.changed(value);
    }

    pub(crate) fn add(self, by: f64) {
        self.changed(self.0.gauge.add(by));
    }

    fn changed(self, value: f64) {
        let ValueRow { site, gauge } = self.0;
        if gate::is_open() {
            gauge.extend_extremes(value);
            record(site, move |text| {
                let _a_string_takes_it = write_float(value, text);
            });
        }
    }
}

impl Debug for Val {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.site.name().fmt(f)
    }
}

impl Debug for Gauge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.site.name().fmt(f)
    }
}

/// Records an event whose text is the value.
fn record(site: &'static Site, write: impl FnOnce(&mut String)) {
    let now = event::stamp(site);
    if now != 0 {
        event::record_at(site, now, 1);
        event::note(site, write);
    }
}

fn table(view: &View<'_>) -> Table {
    let rows: Vec<ValueStats> = view.reading.rows.iter().filter_map(|row| value(view, row)).collect();
    Table::of::<hotpath_report::Debug>(&rows, &(), &view.settings.percentiles)
}

fn value(view: &View<'_>, row: &RowReading) -> Option<ValueStats> {
    let kind = match row.site.kind() {
        DBG => ValueKind::Dbg,
        VAL => ValueKind::Val,
        GAUGE => ValueKind::Gauge,
        _ => return None,
    };
    let gauge = (kind == ValueKind::Gauge).then(|| gauge_of(row.site)).flatten();
    let extremes = gauge.and_then(GaugeState::extremes);
    Some(ValueStats {
        id: row.site.id(),
        kind,
        expression: row.site.name().to_owned(),
        source: source(row.site),
        updates: row.calls,
        last: gauge.map(|gauge| format_float(gauge.get())).or_else(|| last_text(row.site, view.epoch)),
        number: gauge.map(GaugeState::get),
        min: extremes.map(|(min, _)| min),
        max: extremes.map(|(_, max)| max),
    })
}

fn gauge_of(site: &Site) -> Option<&'static GaugeState> {
    let of_name = rows(GAUGE).get(&Name(site.name()));
    let all = [of_name, rows(GAUGE).other(), Some(unnamed(GAUGE))];
    let row = all.into_iter().flatten().find(|row| std::ptr::eq(&raw const row.site, site))?;
    Some(&row.gauge)
}

/// Returns the newest text over all threads.
fn last_text(site: &Site, epoch: u32) -> Option<String> {
    let texts = recent(site, epoch, usize::MAX).into_iter().rev();
    texts.filter_map(|call| call.text).map(String::from).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_found_again_and_bounded() {
        static HERE: KeySite = KeySite::new("v.rs", 1, 1);
        static THERE: KeySite = KeySite::new("v.rs", 2, 1);
        let first = HERE.row(VAL, "shared");
        assert!(std::ptr::eq(first, THERE.fixed(VAL, "shared")));
        assert!(!std::ptr::eq(first, THERE.row(GAUGE, "shared")));
        for n in 0..MAX_KEYS {
            HERE.row(VAL, key(&n).text().as_ref());
        }
        let late = HERE.row(VAL, "late");
        assert_eq!(late.site.name(), OTHER_NAME);
        assert!(std::ptr::eq(late, HERE.row(VAL, "later")));
        assert!(std::ptr::eq(first, HERE.row(VAL, "shared")));
    }
}
