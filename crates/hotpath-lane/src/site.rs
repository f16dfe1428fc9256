//! Sites: the measured functions, blocks and resources of a program.
//!
//! A site is a `static`, registered at its first hit. Its state word holds its id and interest, so one relaxed load decides how a hit is
//! recorded. Filters run once per site, and cost nothing per call.

use std::sync::{
    Arc, Mutex, OnceLock, PoisonError,
    atomic::{AtomicPtr, AtomicU32, Ordering},
};

use crate::{arena::Arena, estimates::EVERY, gate, inside, memory::pause_tracking};

/// Ids are 1..=MAX_SITES; sites beyond that share the last one, `<other>`.
const MAX_SITES: u32 = 0xffff;
const ID_MASK: u32 = 0xffff;
const RECORD: u32 = 1 << 16;
const SAMPLE: u32 = 1 << 17;
const BUDGET: u32 = 1 << 18;
/// The most laneless calls that a site counts. There is one only if a signal interrupts the site's first calls.
const LANELESS_CALLS: u32 = 0xffff;
/// Labels of one [`Labels`] before further ones share `<other>`.
const MAX_LABELS: usize = 1000;

/// The name of the row or node for everything past a bound.
pub const OTHER_NAME: &str = "<other>";

/// The recording of a site's hits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interest {
    /// Every call is recorded.
    Record,
    /// Every call is counted, and some are timed ([`set_sampling`]). Futures and blocks with awaits are always timed.
    Sample,
    /// Every call is counted, and as many are timed as the budget allows ([`crate::budget`]).
    Budget,
    /// Nothing is recorded.
    Ignore,
}

/// A measured function, block or resource of the program.
///
/// ```
/// static SITE: hotpath_lane::Site = hotpath_lane::Site::new("app::load", file!(), line!(), column!(), 0);
/// assert_eq!((SITE.name(), SITE.id()), ("app::load", 0)); // ids are given at the first hit
/// ```
#[derive(Debug)]
pub struct Site {
    name: &'static str,
    file: &'static str,
    line: u32,
    column: u32,
    kind: u8,
    labelled: bool,
    logged: bool,
    future: bool,
    /// The share of calls to time, if the site has one of its own.
    sample: Option<f32>,
    /// 0 before registration, then id and interest. Written only under the registry's lock.
    state: AtomicU32,
    /// The part of the gauge that no lane could take, wrapping.
    laneless_gauge: AtomicU32,
    /// The calls of one epoch that no lane could take: the lower bits of the epoch, and their number.
    laneless_calls: AtomicU32,
}

impl Site {
    /// A site named `name`. The caller defines the meaning of `kind`.
    #[must_use]
    pub const fn new(name: &'static str, file: &'static str, line: u32, column: u32, kind: u8) -> Self {
        Self {
            name,
            file,
            line,
            column,
            kind,
            labelled: false,
            logged: false,
            future: false,
            sample: None,
            state: AtomicU32::new(0),
            laneless_gauge: AtomicU32::new(0),
            laneless_calls: AtomicU32::new(0),
        }
    }

    /// Marks the name as a label that the user chose: sites with equal label and kind share one row.
    #[must_use]
    pub const fn labelled(mut self) -> Self {
        self.labelled = true;
        self
    }

    /// Marks the site as one whose values are kept as text.
    #[must_use]
    pub const fn logged(mut self) -> Self {
        self.logged = true;
        self
    }

    /// Marks the site as one that is also shown among futures.
    #[must_use]
    pub const fn future(mut self) -> Self {
        self.future = true;
        self
    }

    /// Sets the share of the site's calls to time, 0.0 to 1.0, whatever [`set_sampling`] says of its kind.
    #[must_use]
    pub const fn sampled(mut self, rate: f32) -> Self {
        self.sample = Some(rate);
        self
    }

    /// The full name, as given.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The source file, as given.
    #[must_use]
    pub fn file(&self) -> &'static str {
        self.file
    }

    /// The source line, from 1.
    #[must_use]
    pub fn line(&self) -> u32 {
        self.line
    }

    /// The source column, from 1.
    #[must_use]
    pub fn column(&self) -> u32 {
        self.column
    }

    /// The kind, as given.
    #[must_use]
    pub fn kind(&self) -> u8 {
        self.kind
    }

    /// Returns `true` if the name is a label.
    #[must_use]
    pub fn is_labelled(&self) -> bool {
        self.labelled
    }

    /// Returns `true` if values are kept as text.
    #[must_use]
    pub fn is_logged(&self) -> bool {
        self.logged
    }

    /// Returns `true` if the site is also shown among futures.
    #[must_use]
    pub fn is_future(&self) -> bool {
        self.future
    }

    /// The share of calls to time, if the site has one of its own.
    #[must_use]
    pub fn sample(&self) -> Option<f32> {
        self.sample
    }

    /// The id, from 1; 0 before the first hit.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.state.load(Ordering::Relaxed) & ID_MASK
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn state(&self) -> State {
        State(self.state.load(Ordering::Relaxed)) // the slow path takes the registry's lock, and the fast path only compares
    }

    /// Returns the state, registering the site at its first hit. If the thread is inside then, returns the state of a site that is not
    /// recorded.
    pub(crate) fn settled_state(&'static self) -> State {
        let state = self.state();
        if state.0 == 0 { self.settled() } else { state }
    }

    /// Registers the site if the thread is not inside, and returns its state.
    #[cold]
    pub(crate) fn settled(&'static self) -> State {
        match inside::enter() {
            Some(_inside) => self.settled_inside(),
            None => State(0),
        }
    }

    /// [`Site::settled_state`] for a thread that is inside. The filter runs without the lock: it may allocate, and the program's
    /// allocator may be measured itself, or wait for another thread that waits for this lock.
    pub(crate) fn settled_inside(&'static self) -> State {
        let _untracked = pause_tracking();
        loop {
            let state = self.state();
            if state.0 != 0 {
                return state;
            }
            let filter = registry().filter.clone();
            let interest = filter.as_ref().map_or(Interest::Record, |filter| filter(self));
            let mut registry = registry();
            let is_still_filter = match (&registry.filter, &filter) {
                (Some(now), Some(then)) => Arc::ptr_eq(now, then),
                (now, then) => now.is_none() && then.is_none(),
            };
            let state = self.state();
            if state.0 != 0 {
                return state;
            }
            if is_still_filter {
                return registry.add(self, interest);
            }
        }
    }

    /// The share of the site's calls to time, of [`u32::MAX`].
    fn rate(&self) -> u32 {
        match self.sample {
            Some(rate) => share(rate.into()),
            None => sampling(self.kind).load(Ordering::Relaxed),
        }
    }

    /// Decides with 32 random bits if an event or poll is timed.
    pub(crate) fn is_drawn(&self, random: u32) -> bool {
        let rate = self.rate();
        rate == u32::MAX || random < rate
    }

    /// Returns the distance between two timed calls, in 1/256 calls; `None` if none is timed.
    pub(crate) fn stride(&self) -> Option<u32> {
        let stride = (u64::from(u32::MAX) * u64::from(EVERY)).checked_div(self.rate().into())?;
        Some(stride.try_into().unwrap_or(u32::MAX))
    }

    /// Adds to the part of the gauge that no lane could take.
    pub(crate) fn add_laneless_gauge(&self, by: i64) {
        self.laneless_gauge.fetch_add(by as u32, Ordering::Relaxed); // a number that stands alone
    }

    /// Counts a call that no lane can take. Async-signal-safe.
    pub(crate) fn add_laneless_call(&self, epoch: u32) {
        let add = |before: u32| {
            let before = if before & !LANELESS_CALLS == Self::laneless_tag(epoch) {
                before
            } else {
                Self::laneless_tag(epoch)
            };
            Some(if before & LANELESS_CALLS == LANELESS_CALLS { before } else { before + 1 })
        };
        let _always = self.laneless_calls.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add); // stands alone
    }

    /// Returns the calls of this epoch that no lane could take.
    pub(crate) fn laneless_calls(&self, epoch: u32) -> u64 {
        let calls = self.laneless_calls.load(Ordering::Relaxed);
        if calls & !LANELESS_CALLS == Self::laneless_tag(epoch) {
            u64::from(calls & LANELESS_CALLS)
        } else {
            0
        }
    }

    fn laneless_tag(epoch: u32) -> u32 {
        (epoch / gate::STEP) << LANELESS_CALLS.count_ones()
    }

    pub(crate) fn laneless_gauge(&self) -> i64 {
        i64::from(self.laneless_gauge.load(Ordering::Relaxed) as i32)
    }
}

/// The id and interest of a site in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct State(pub(crate) u32);

impl State {
    fn new(id: u32, interest: Interest) -> Self {
        Self(
            id | match interest {
                Interest::Record => RECORD,
                Interest::Sample => RECORD | SAMPLE,
                Interest::Budget => RECORD | BUDGET,
                Interest::Ignore => 0,
            },
        )
    }

    pub(crate) fn id(self) -> u32 {
        self.0 & ID_MASK
    }

    /// Returns `true` if the site is registered and nothing of it is recorded.
    #[inline(always)]
    pub(crate) fn is_ignored(self) -> bool {
        self.0 & RECORD == 0 && self.id() != 0
    }

    pub(crate) fn is_recorded(self) -> bool {
        self.0 & RECORD != 0
    }

    pub(crate) fn is_sampled(self) -> bool {
        self.0 & SAMPLE != 0
    }

    /// Returns `true` if every call is timed: neither a rate nor the budget leaves any out.
    pub(crate) fn times_all(self) -> bool {
        self.0 & (SAMPLE | BUDGET) == 0
    }
}

type SiteFilter = Arc<dyn Fn(&Site) -> Interest + Send + Sync>;

/// All sites. Its memory does not come from the global allocator, which may be what is measured.
struct Registry {
    /// One site per id, in the order of ids.
    sites: List,
    /// Sites that share the id of another one.
    aliases: List,
    filter: Option<SiteFilter>,
    arena: Arena,
}

/// A list of sites in the memory of an arena.
struct List {
    pages: [Option<&'static [OnceLock<&'static Site>]>; PAGES],
    len: usize,
}

/// Sites per page: enough for most programs, and over all pages more than there are ids.
const PER_PAGE: usize = 256;
const PAGES: usize = 256;

impl List {
    const fn new() -> Self {
        Self { pages: [None; PAGES], len: 0 }
    }

    /// `None` when the list is full, or without memory.
    fn push(&mut self, site: &'static Site, arena: &Arena) -> Option<()> {
        let page = self.pages.get_mut(self.len / PER_PAGE)?;
        if page.is_none() {
            *page = arena.slice(PER_PAGE, OnceLock::new);
        }
        (*page)?[self.len % PER_PAGE].set(site).ok()?;
        self.len += 1;
        Some(())
    }

    fn iter(&self) -> impl Iterator<Item = &'static Site> {
        self.pages.iter().flatten().flat_map(|page| page.iter()).map_while(OnceLock::get).copied()
    }
}

static REGISTRY: Mutex<Registry> =
    Mutex::new(Registry { sites: List::new(), aliases: List::new(), filter: None, arena: Arena::new() });

/// Locks the registry. For threads that are inside. Nothing is allocated or freed and no filter runs while it is locked.
fn registry() -> std::sync::MutexGuard<'static, Registry> {
    REGISTRY.lock().unwrap_or_else(PoisonError::into_inner)
}

static OVERFLOW: Site = Site::new(OTHER_NAME, "", 0, 0, 0);

impl Registry {
    fn add(&mut self, site: &'static Site, interest: Interest) -> State {
        let id = match self.same_label(site) {
            Some(id) => self.add_alias(site, id),
            None if self.sites.len + 1 >= MAX_SITES as usize => {
                if self.sites.len + 1 == MAX_SITES as usize {
                    self.sites.push(&OVERFLOW, &self.arena);
                }
                self.add_alias(site, MAX_SITES)
            }
            None => self.sites.push(site, &self.arena).map(|()| self.sites.len as u32),
        };
        // Without memory, this hit is not recorded, and the next one tries again.
        let Some(id) = id else { return State(0) };
        let state = State::new(id, interest);
        site.state.store(state.0, Ordering::Relaxed);
        state
    }

    /// An alias for which there is no room keeps its interest in later sessions.
    fn add_alias(&mut self, site: &'static Site, id: u32) -> Option<u32> {
        let _keeps_its_interest = self.aliases.push(site, &self.arena);
        Some(id)
    }

    fn same_label(&self, site: &Site) -> Option<u32> {
        if !site.labelled {
            return None;
        }
        let same =
            |other: &'static Site| other.labelled && other.kind == site.kind && other.name == site.name;
        self.sites.iter().position(same).map(|at| at as u32 + 1)
    }
}

/// Sets the filter that decides the interest in each site. Runs now for all known sites, and at the first hit of each new one; never per
/// call.
pub fn set_filter(filter: impl Fn(&Site) -> Interest + Send + Sync + 'static) {
    let filter: SiteFilter = Arc::new(filter);
    let _inside = inside::enter();
    let before = registry().filter.replace(Arc::clone(&filter));
    drop(before); // here, not under the lock
    // A site that is registered meanwhile already uses the new filter.
    for site in all_of(|registry| [&registry.sites, &registry.aliases]) {
        let state = State::new(site.id(), filter(site));
        site.state.store(state.0, Ordering::Relaxed);
    }
}

/// Copies the sites of some lists, without allocating under the lock. Inside only.
fn all_of<const N: usize>(lists: impl Fn(&Registry) -> [&List; N]) -> Vec<&'static Site> {
    let mut all = Vec::new();
    loop {
        let registry = registry();
        let lists = lists(&registry);
        let len: usize = lists.iter().map(|list| list.len).sum();
        if len <= all.capacity() {
            all.extend(lists.into_iter().flat_map(List::iter));
            return all;
        }
        drop(registry);
        all.reserve(len);
    }
}

/// Returns all sites hit so far, in the order of their ids (the first has id 1). Sites that share a row appear once.
#[must_use]
pub fn sites() -> Vec<&'static Site> {
    let _inside = inside::enter();
    all_of(|registry| [&registry.sites])
}

/// Kinds with a sampling rate of their own; higher kinds share the last one.
const RATES: usize = 32;

static SAMPLING: [AtomicU32; RATES] = [const { AtomicU32::new(u32::MAX) }; RATES];

fn sampling(kind: u8) -> &'static AtomicU32 {
    &SAMPLING[usize::from(kind).min(RATES - 1)]
}

/// Sets the share of calls that sampled sites of this kind time, 0.0 to 1.0.
pub fn set_sampling(kind: u8, rate: f64) {
    sampling(kind).store(share(rate), Ordering::Relaxed);
}

fn share(rate: f64) -> u32 {
    (rate.clamp(0.0, 1.0) * f64::from(u32::MAX)) as u32
}

/// The sites of a macro use whose label is known only at run time.
///
/// Known labels are found without a lock. There are at most 1,000 labels; further ones share `<other>`.
#[derive(Debug)]
pub struct Labels {
    /// The template of its sites, without a name.
    template: Site,
    most: usize,
    first: AtomicPtr<Label>,
}

struct Label {
    site: Site,
    next: *const Label,
}

impl Labels {
    /// Labels of the given kind.
    #[must_use]
    pub const fn new(file: &'static str, line: u32, column: u32, kind: u8) -> Self {
        Self {
            template: Site::new("", file, line, column, kind).labelled(),
            most: MAX_LABELS,
            first: AtomicPtr::new(std::ptr::null_mut()),
        }
    }

    /// Sets the maximum number of labels; further ones share `<other>`.
    #[must_use]
    pub const fn at_most(mut self, most: usize) -> Self {
        self.most = most;
        self
    }

    /// Marks the site as one whose values are kept as text.
    #[must_use]
    pub const fn logged(mut self) -> Self {
        self.template.logged = true;
        self
    }

    /// Marks the sites as ones that are also shown among futures.
    #[must_use]
    pub const fn future(mut self) -> Self {
        self.template.future = true;
        self
    }

    /// Returns the site of `label`.
    pub fn site(&'static self, label: &'static str) -> &'static Site {
        let Site { file, line, column, .. } = self.template;
        self.site_at(label, file, line, column)
    }

    /// Returns the site of `label`, which gets this source location if it is new.
    pub fn site_at(
        &'static self,
        label: &'static str,
        file: &'static str,
        line: u32,
        column: u32,
    ) -> &'static Site {
        let mut head = self.first.load(Ordering::Acquire); // pairs with the Release below
        loop {
            let (found, known) = Self::find(head, label);
            if let Some(site) = found {
                return site;
            }
            let name = if known < self.most { label } else { OTHER_NAME };
            if known >= self.most
                && let (Some(site), _) = Self::find(head, OTHER_NAME)
            {
                return site;
            }
            let _untracked = pause_tracking();
            let Site { kind, labelled, logged, future, sample, .. } = self.template;
            let state = AtomicU32::new(0);
            let (laneless_gauge, laneless_calls) = (AtomicU32::new(0), AtomicU32::new(0));
            let site = Site {
                name,
                file,
                line,
                column,
                kind,
                labelled,
                logged,
                future,
                sample,
                state,
                laneless_gauge,
                laneless_calls,
            };
            let fresh = Box::into_raw(Box::new(Label { site, next: head }));
            match self.first.compare_exchange(head, fresh, Ordering::AcqRel, Ordering::Acquire) {
                // SAFETY: published just now, leaked, and from here on only shared.
                Ok(_) => return unsafe { &(*fresh).site },
                Err(newer) => {
                    // SAFETY: not published, so this is the only pointer to the box made above.
                    drop(unsafe { Box::from_raw(fresh) });
                    head = newer;
                }
            }
        }
    }

    fn find(mut at: *const Label, label: &str) -> (Option<&'static Site>, usize) {
        let mut known = 0;
        // SAFETY: labels are leaked, published complete, and `next` never changes.
        while let Some(entry) = unsafe { at.as_ref() } {
            if entry.site.name == label {
                return (Some(&entry.site), known);
            }
            known += 1;
            at = entry.next;
        }
        (None, known)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_sites_of_equal_label_share_an_id() {
        static A: Site = Site::new("same", "a.rs", 1, 1, 7).labelled();
        static B: Site = Site::new("same", "b.rs", 2, 1, 7).labelled();
        static C: Site = Site::new("same", "c.rs", 3, 1, 7);
        let (a, b, c) = (A.settled().id(), B.settled().id(), C.settled().id());
        assert_eq!(a, b);
        assert_ne!(a, c);
        assert_eq!(sites()[a as usize - 1].file(), "a.rs");
    }

    #[test]
    fn labels_are_found_again_and_bounded() {
        static LABELS: Labels = Labels::new("d.rs", 4, 1, 8);
        let names: Vec<&'static str> = (0..MAX_LABELS + 5).map(|i| &*format!("label {i}").leak()).collect();
        for name in &names[..MAX_LABELS] {
            assert_eq!(LABELS.site(name).name(), *name);
        }
        assert!(std::ptr::eq(LABELS.site(names[3]), LABELS.site("label 3")));
        for name in &names[MAX_LABELS..] {
            assert_eq!(LABELS.site(name).name(), OTHER_NAME);
        }
        assert!(std::ptr::eq(LABELS.site(names[MAX_LABELS]), LABELS.site(names[MAX_LABELS + 1])));
    }

    #[test]
    fn the_limit_and_location_of_labels_can_be_set() {
        static LABELS: Labels = Labels::new("", 0, 0, 8).at_most(1).logged().future();
        let first = LABELS.site_at("first", "e.rs", 5, 6);
        assert_eq!((first.file(), first.line(), first.column(), first.kind()), ("e.rs", 5, 6, 8));
        assert!(first.is_labelled() && first.is_logged() && first.is_future());
        assert!(std::ptr::eq(first, LABELS.site_at("first", "f.rs", 7, 8)));
        assert_eq!(LABELS.site_at("second", "f.rs", 7, 8).name(), OTHER_NAME);
    }
}
