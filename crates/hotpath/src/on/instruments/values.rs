//! `dbg!`, `val!` and `gauge!`: values that a program shows.
//!
//! An expression of `dbg!` is a site. A key of `val!` or `gauge!` is an `Entry`, the same wherever in the program it is used,
//! and never freed; there are at most `MAX_KEYS` per macro, later ones share `<other>`. A macro whose key stands in the source
//! looks it up once.

use std::{
    fmt::{self, Debug},
    sync::{
        Mutex, OnceLock, PoisonError,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
};

use hotpath_lane::{
    OTHER_NAME, Site, event, gate,
    memory::pause_tracking,
    read::{RowReading, recent},
};
use hotpath_report::{
    Table, ValueKind, ValueStats,
    units::{format_float, write_float},
};

use super::{
    Instrument,
    log::{text_of, text_of_label},
    view::{View, source},
};
use crate::{
    Section,
    imp::{
        kind::{DBG, GAUGE, VAL},
        shared_list::SharedList,
    },
    values::{GaugeHandle, ValHandle},
};

pub(crate) const INSTRUMENT: Instrument = Instrument { section: Section::Debug, table };

/// Keys of one macro.
const MAX_KEYS: usize = 1000;

/// The site of an expression of `dbg!`.
#[doc(hidden)]
#[must_use]
pub const fn expression(text: &'static str, file: &'static str, line: u32, column: u32) -> Site {
    Site::new(text, file, line, column, DBG).logged()
}

/// Keeps the value of an expression.
#[doc(hidden)]
pub fn dbg<T: Debug + ?Sized>(site: &'static Site, value: &T) {
    keep(site, text_of(value));
}

/// One use of `val!` or `gauge!`; a `static`.
#[doc(hidden)]
#[derive(Debug)]
pub struct Key {
    file: &'static str,
    line: u32,
    column: u32,
    known: OnceLock<&'static Entry>,
}

impl Key {
    #[must_use]
    pub const fn new(file: &'static str, line: u32, column: u32) -> Self {
        Self { file, line, column, known: OnceLock::new() }
    }

    /// `val!` with a key that stands in the source.
    pub fn val(&'static self, key: &(impl ToString + ?Sized)) -> ValHandle {
        ValHandle::of(Val(self.fixed(VAL, key)))
    }

    /// `val!` with a key that the program makes.
    pub fn made_val(&'static self, key: &(impl ToString + ?Sized)) -> ValHandle {
        ValHandle::of(Val(self.entry(VAL, key)))
    }

    /// `gauge!` with a key that stands in the source.
    pub fn gauge(&'static self, key: &(impl ToString + ?Sized)) -> GaugeHandle {
        GaugeHandle::of(Gauge(self.fixed(GAUGE, key)))
    }

    /// `gauge!` with a key that the program makes.
    pub fn made_gauge(&'static self, key: &(impl ToString + ?Sized)) -> GaugeHandle {
        GaugeHandle::of(Gauge(self.entry(GAUGE, key)))
    }

    fn fixed(&'static self, kind: u8, key: &(impl ToString + ?Sized)) -> &'static Entry {
        self.known.get().copied().unwrap_or_else(|| {
            let entry = self.entry(kind, key);
            if std::ptr::eq(entry, nowhere(kind)) {
                return entry; // not for the next time
            }
            self.known.get_or_init(|| entry)
        })
    }

    fn entry(&'static self, kind: u8, key: &(impl ToString + ?Sized)) -> &'static Entry {
        let _untracked = pause_tracking();
        let key = text_of_label(key);
        let all = entries(kind);
        let Some(known) = all.read(|all| find(all, &key)) else { return nowhere(kind) };
        let name = match known {
            Ok(known) => return known,
            Err(has_room) if has_room => key.as_str(),
            Err(_) => OTHER_NAME,
        };
        // Made before the lock is taken, and not used if another thread was first.
        let site = Site::new(name.to_owned().leak(), self.file, self.line, self.column, kind).logged();
        let fresh: &'static Entry = Box::leak(Box::new(Entry { site, number: Number::new() }));
        let entered = all.change(|all| {
            let at = all.partition_point(|entry| entry.site.name() < name);
            match all.get(at) {
                Some(known) if known.site.name() == name => *known,
                _ => {
                    all.insert(at, fresh);
                    fresh
                }
            }
        });
        entered.unwrap_or_else(|| nowhere(kind))
    }
}

/// The keys of `val!`, and those of `gauge!`, each in order of their names.
fn entries(kind: u8) -> &'static SharedList<&'static Entry> {
    static ENTRIES: [SharedList<&'static Entry>; 2] = [const { SharedList::new() }; 2];
    &ENTRIES[usize::from(kind == GAUGE)]
}

/// The entry of a key, or the one for what has no room; else whether there is room.
fn find(all: &[&'static Entry], key: &str) -> Result<&'static Entry, bool> {
    let find = |key: &str| all.binary_search_by(|entry| entry.site.name().cmp(key)).ok().map(|at| all[at]);
    let has_room = all.len() < MAX_KEYS;
    find(key).or_else(|| find(OTHER_NAME).filter(|_| !has_room)).ok_or(has_room)
}

/// What the program's allocator shows while an entry is being made on the same thread: under no key of its own.
fn nowhere(kind: u8) -> &'static Entry {
    const fn entry(kind: u8) -> Entry {
        Entry { site: Site::new(OTHER_NAME, "", 0, 0, kind).logged(), number: Number::new() }
    }
    static NOWHERE: [Entry; 2] = [entry(VAL), entry(GAUGE)];
    &NOWHERE[usize::from(kind == GAUGE)]
}

/// A key.
#[derive(Debug)]
pub(crate) struct Entry {
    site: Site,
    number: Number,
}

/// What a [`ValHandle`] is when on.
#[derive(Clone, Copy)]
pub struct Val(&'static Entry);

impl Val {
    pub(crate) fn set<T: Debug + ?Sized>(self, value: &T) {
        keep(&self.0.site, text_of(value));
    }
}

/// What a [`GaugeHandle`] is when on.
#[derive(Clone, Copy)]
pub struct Gauge(&'static Entry);

impl Gauge {
    pub(crate) fn set(self, value: f64) {
        self.0.number.set(value);
        self.changed(value);
    }

    pub(crate) fn add(self, by: f64) {
        self.changed(self.0.number.add(by));
    }

    fn changed(self, value: f64) {
        let Entry { site, number } = self.0;
        if gate::is_open() {
            number.saw(value);
            keep(site, move |text| {
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
fn keep(site: &'static Site, write: impl FnOnce(&mut String)) {
    let now = event::stamp(site);
    if now != 0 {
        event::record_at(site, now, 1);
        event::note(site, write);
    }
}

/// A gauge: one number that any thread moves, and its extremes in the newest session. The number outlives sessions, as what
/// it counts does.
///
/// The orders are relaxed: each word stands alone. A thread that moves the number at the turn of a session may put its value
/// among the extremes of either.
#[derive(Debug)]
struct Number {
    /// The bits of an `f64`.
    value: AtomicU64,
    epoch: AtomicU32,
    /// As [`ordered`] gives them.
    lowest: AtomicU64,
    highest: AtomicU64,
    turning: Mutex<()>,
}

impl Number {
    const fn new() -> Self {
        Self {
            value: AtomicU64::new(0),
            epoch: AtomicU32::new(0),
            lowest: AtomicU64::new(u64::MAX),
            highest: AtomicU64::new(0),
            turning: Mutex::new(()),
        }
    }

    fn get(&self) -> f64 {
        f64::from_bits(self.value.load(Ordering::Relaxed))
    }

    fn set(&self, value: f64) {
        self.value.store(value.to_bits(), Ordering::Relaxed);
    }

    /// The sum.
    fn add(&self, by: f64) -> f64 {
        let mut bits = self.value.load(Ordering::Relaxed);
        loop {
            let sum = f64::from_bits(bits) + by;
            match self.value.compare_exchange_weak(bits, sum.to_bits(), Ordering::Relaxed, Ordering::Relaxed)
            {
                Ok(_) => return sum,
                Err(newer) => bits = newer,
            }
        }
    }

    /// Puts a value among the extremes; one that is no number is not among them.
    fn saw(&self, value: f64) {
        let epoch = gate::last();
        if self.epoch.load(Ordering::Acquire) != epoch {
            self.turn_to(epoch);
        }
        let value = if value.is_nan() { return } else { ordered(value) };
        if value < self.lowest.load(Ordering::Relaxed) {
            self.lowest.fetch_min(value, Ordering::Relaxed);
        }
        if value > self.highest.load(Ordering::Relaxed) {
            self.highest.fetch_max(value, Ordering::Relaxed);
        }
    }

    #[cold]
    fn turn_to(&self, epoch: u32) {
        let _one_at_a_time = self.turning.lock().unwrap_or_else(PoisonError::into_inner);
        if self.epoch.load(Ordering::Relaxed) != epoch {
            self.lowest.store(u64::MAX, Ordering::Relaxed);
            self.highest.store(0, Ordering::Relaxed);
            self.epoch.store(epoch, Ordering::Release); // pairs with the Acquire in `saw`
        }
    }

    /// The lowest and the highest value of the newest session.
    fn extremes(&self) -> Option<(f64, f64)> {
        let (lowest, highest) = (self.lowest.load(Ordering::Relaxed), self.highest.load(Ordering::Relaxed));
        (lowest <= highest).then(|| (unordered(lowest), unordered(highest)))
    }
}

const SIGN: u64 = 1 << 63;

/// A number that is greater for a greater `f64`.
fn ordered(value: f64) -> u64 {
    let bits = value.to_bits();
    if bits & SIGN == 0 { bits | SIGN } else { !bits }
}

fn unordered(ordered: u64) -> f64 {
    f64::from_bits(if ordered & SIGN == 0 { !ordered } else { ordered & !SIGN })
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
    let number = (kind == ValueKind::Gauge).then(|| number_of(row.site)).flatten();
    let extremes = number.and_then(Number::extremes);
    Some(ValueStats {
        id: row.site.id(),
        kind,
        expression: row.site.name().to_owned(),
        source: source(row.site),
        updates: row.calls,
        last: number.map(|number| format_float(number.get())).or_else(|| last_text(row.site, view.epoch)),
        number: number.map(Number::get),
        min: extremes.map(|(min, _)| min),
        max: extremes.map(|(_, max)| max),
    })
}

fn number_of(site: &Site) -> Option<&'static Number> {
    let here = [nowhere(GAUGE)].into_iter().find(|entry| std::ptr::eq(&raw const entry.site, site));
    let entry = here.or_else(|| entries(GAUGE).read(|all| find(all, site.name())).and_then(Result::ok));
    entry.map(|entry| &entry.number)
}

/// The newest text over all threads.
fn last_text(site: &Site, epoch: u32) -> Option<String> {
    let texts = recent(site, epoch, usize::MAX).into_iter().rev();
    texts.filter_map(|call| call.text).map(String::from).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordered_numbers_keep_the_order_of_floats() {
        let floats = [f64::NEG_INFINITY, -1e300, -1.0, -0.0, 0.0, 1e-300, 2.5, f64::INFINITY];
        for pair in floats.windows(2) {
            assert!(ordered(pair[0]) < ordered(pair[1]), "{pair:?}");
        }
        for float in floats {
            assert_eq!(unordered(ordered(float)).to_bits(), float.to_bits());
        }
    }

    #[test]
    fn keys_are_found_again_and_bounded() {
        static HERE: Key = Key::new("v.rs", 1, 1);
        static THERE: Key = Key::new("v.rs", 2, 1);
        let first = HERE.entry(VAL, "shared");
        assert!(std::ptr::eq(first, THERE.fixed(VAL, "shared")));
        assert!(!std::ptr::eq(first, THERE.entry(GAUGE, "shared")));
        for n in 0..MAX_KEYS {
            HERE.entry(VAL, &n);
        }
        let late = HERE.entry(VAL, "late");
        assert_eq!(late.site.name(), OTHER_NAME);
        assert!(std::ptr::eq(late, HERE.entry(VAL, "later")));
        assert!(std::ptr::eq(first, HERE.entry(VAL, "shared")));
    }

    #[test]
    fn no_step_of_a_number_is_lost() {
        static NUMBER: Number = Number::new();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    (0..10_000).for_each(|_| {
                        NUMBER.add(3.0);
                        NUMBER.add(-1.0);
                    });
                });
            }
        });
        assert_eq!(NUMBER.get().to_bits(), 80_000_f64.to_bits());
    }
}
