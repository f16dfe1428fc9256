//! Where instruments stand that are no functions: channels, streams, locks, values.
//!
//! A [`Place`] is one use of a macro. It has a [`Resource`] for each row of the report: one in all, or one per label, type and
//! instance where there are several. Spots are made once, never freed, and at most [`MAX_SPOTS`] per place; what comes later
//! shares one named `<other>`. Finding a resource takes a lock only if the place has several; recording at one never does.

use std::sync::{
    OnceLock,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use hotpath_lane::{OTHER_NAME, Site, gate, memory::pause_tracking};

use super::blame::HolderStats;
use crate::imp::{kind::INTERNAL, shared_list::SharedList};

/// Spots of one place.
const MAX_SPOTS: usize = 1000;

/// One use of an instrument's macro; a `static`.
pub struct Place {
    kind: u8,
    /// Kinds of events, and so sites, of each resource.
    event_kinds: u8,
    file: &'static str,
    line: u32,
    column: u32,
    first: OnceLock<&'static Resource>,
    all: SharedList<&'static Resource>,
}

/// One row to be: the sites its events are recorded at.
#[derive(Debug)]
pub struct Resource {
    pub(crate) kind: u8,
    /// Its label, or `file:line`.
    pub(crate) label: &'static str,
    pub(crate) is_labelled: bool,
    /// Which instance of the place it is, from 1; 0 when it is all of them.
    pub(crate) instance: u64,
    pub(crate) type_name: &'static str,
    /// One per event_kind; what they mean knows the instrument.
    pub(crate) sites: &'static [Site],
    /// What is known once something was made there.
    about: OnceLock<ResourceInfo>,
    /// Something else was made there too.
    is_mixed: AtomicBool,
    /// The highest level that was seen.
    pub(crate) highest: Highest,
    /// Who held it while others waited; of locks only.
    pub(crate) blamed: HolderStats,
}

/// What a channel, lock or value is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResourceInfo {
    /// In the words of the report: `bounded[10]`.
    pub(crate) what: String,
    pub(crate) capacity: Option<u64>,
    pub(crate) type_size: usize,
    /// Of a channel: somebody in between carries its messages, and does not know what waits.
    pub(crate) is_carried: bool,
}

/// What is asked for at a place.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted<'a> {
    /// The label that the user chose.
    pub label: Option<&'a str>,
    /// A row for this instance alone.
    pub is_single: bool,
    /// `std::any::type_name` of what passes or is kept there.
    pub type_name: &'static str,
}

impl Place {
    /// A place of the given kind, whose resources have so many sites.
    #[must_use]
    pub const fn new(kind: u8, event_kinds: u8, file: &'static str, line: u32, column: u32) -> Self {
        Self { kind, event_kinds, file, line, column, first: OnceLock::new(), all: SharedList::new() }
    }

    /// The resource for something that is made here.
    pub fn resource(&'static self, wanted: Wanted<'_>) -> &'static Resource {
        if let Some(first) = self.first.get()
            && first.is(&wanted)
        {
            return first;
        }
        let _untracked = pause_tracking();
        let other = Wanted { label: Some(OTHER_NAME), is_single: false, type_name: "" };
        // What is made here is made before the lock is taken, and stays unused if another thread was first, or on this thread the
        // program's allocator.
        loop {
            let Some((known, len)) = self.all.read(|all| (Self::find(all, &wanted, &other), all.len()))
            else {
                return nowhere();
            };
            if let Some(known) = known {
                return known;
            }
            let has_room = len < MAX_SPOTS;
            let instance = if wanted.is_single && has_room { len as u64 + 1 } else { 0 };
            let fresh = self.make(if has_room { wanted } else { other }, instance);
            let is_added = self.all.change(|all| {
                let is_first = if has_room && wanted.is_single {
                    all.len() == len
                } else {
                    Self::find(all, &wanted, &other).is_none() && has_room == (all.len() < MAX_SPOTS)
                };
                if is_first {
                    all.push(fresh);
                }
                is_first
            });
            if is_added == Some(true) {
                RESOURCES_MADE.change(|resources| resources.push(fresh));
                if instance == 0 {
                    self.first.get_or_init(|| fresh);
                }
                return fresh;
            }
        }
    }

    /// The resource for what is wanted, or the one for what has no room.
    fn find(all: &[&'static Resource], wanted: &Wanted<'_>, other: &Wanted<'_>) -> Option<&'static Resource> {
        let find = |wanted: &Wanted<'_>| all.iter().find(|resource| resource.is(wanted)).copied();
        find(wanted).or_else(|| if all.len() < MAX_SPOTS { None } else { find(other) })
    }

    fn make(&self, wanted: Wanted<'_>, instance: u64) -> &'static Resource {
        let name = wanted.label.map_or_else(|| format!("{}:{}", self.file, self.line), str::to_owned);
        let name = if instance > 1 { format!("{name}-{instance}") } else { name };
        let label: &'static str = name.leak();
        let site = |_| Site::new(label, self.file, self.line, self.column, self.kind);
        let sites: Vec<Site> = (0..self.event_kinds).map(site).collect();
        Box::leak(Box::new(Resource {
            kind: self.kind,
            label,
            is_labelled: wanted.label.is_some(),
            instance,
            type_name: wanted.type_name,
            sites: sites.leak(),
            about: OnceLock::new(),
            is_mixed: AtomicBool::new(false),
            highest: Highest::default(),
            blamed: HolderStats::default(),
        }))
    }
}

/// The most event_kinds that a kind has.
const MAX_ASPECTS: usize = 16;

/// Where things are watched that the program's allocator makes while a resource is being made on the same thread: in no row.
fn nowhere() -> &'static Resource {
    static SITES: [Site; MAX_ASPECTS] = [const { Site::new(OTHER_NAME, "", 0, 0, INTERNAL) }; MAX_ASPECTS];
    static NOWHERE: Resource = Resource {
        kind: INTERNAL,
        label: OTHER_NAME,
        is_labelled: true,
        instance: 0,
        type_name: "",
        sites: &SITES,
        about: OnceLock::new(),
        is_mixed: AtomicBool::new(true),
        highest: Highest(AtomicU64::new(0)),
        blamed: HolderStats::new(),
    };
    &NOWHERE
}

impl Resource {
    /// Something was made here that is `about`.
    pub(crate) fn describe(&self, about: ResourceInfo) {
        if self.about.get().is_none() {
            let _was_first = self.about.set(about.clone()); // allocates before, not while, it is set
        }
        if self.about.get() != Some(&about) {
            self.is_mixed.store(true, Ordering::Relaxed); // a flag that only ever rises: no order is needed
        }
    }

    /// What was made here; `None` if nothing was, or things that differ.
    pub(crate) fn about(&self) -> Option<&ResourceInfo> {
        self.about.get().filter(|_| !self.is_mixed.load(Ordering::Relaxed))
    }

    /// Whether somebody in between carries what passes here. So it is of everything that is made at a place.
    pub(crate) fn is_carried(&self) -> bool {
        self.about.get().is_some_and(|about| about.is_carried)
    }

    /// Whether it is the row for what is wanted. One made for a single instance is never wanted again.
    fn is(&self, wanted: &Wanted<'_>) -> bool {
        let same_label =
            if self.is_labelled { Some(self.label) == wanted.label } else { wanted.label.is_none() };
        !wanted.is_single && self.instance == 0 && same_label && self.type_name == wanted.type_name
    }
}

static RESOURCES_MADE: SharedList<&'static Resource> = SharedList::new();

/// All resources, in order of making.
pub(crate) fn all_resources() -> Vec<&'static Resource> {
    RESOURCES_MADE.copied()
}

/// All resources of a kind, in order of making.
pub(crate) fn resources(kind: u8) -> Vec<&'static Resource> {
    RESOURCES_MADE.copied().into_iter().filter(|resource| resource.kind == kind).collect()
}

/// The highest of some numbers within the newest epoch. Written only when it rises.
#[derive(Debug, Default)]
pub(crate) struct Highest(AtomicU64);

/// The epoch stands in the upper bits, so that both change as one. Levels above the lower bits are cut there.
const LEVEL_BITS: u32 = 40;
const LEVEL_MASK: u64 = (1 << LEVEL_BITS) - 1;

impl Highest {
    /// `level` was seen.
    pub(crate) fn saw(&self, level: u64) {
        let seen = Self::tag(gate::last()) | level.min(LEVEL_MASK);
        let known = self.0.load(Ordering::Relaxed); // a number that stands alone: no order is needed
        if known >> LEVEL_BITS != seen >> LEVEL_BITS {
            // Of two threads that begin an epoch one may lose its level; the next higher one puts that right.
            let _lost = self.0.compare_exchange(known, seen, Ordering::Relaxed, Ordering::Relaxed);
        }
        if self.0.load(Ordering::Relaxed) < seen {
            self.0.fetch_max(seen, Ordering::Relaxed);
        }
    }

    /// The highest level seen in the newest epoch, if any.
    pub(crate) fn get(&self) -> Option<u64> {
        let known = self.0.load(Ordering::Relaxed);
        (known != 0 && known & !LEVEL_MASK == Self::tag(gate::last())).then_some(known & LEVEL_MASK)
    }

    fn tag(epoch: u32) -> u64 {
        u64::from(epoch) << LEVEL_BITS
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imp::kind::CHANNEL;

    fn wanted(label: Option<&str>) -> Wanted<'_> {
        Wanted { label, is_single: false, type_name: "u8" }
    }

    #[test]
    fn a_label_or_type_has_one_spot_and_an_instance_its_own() {
        static PLACE: Place = Place::new(CHANNEL, 2, "a.rs", 7, 1);
        let plain = PLACE.resource(wanted(None));
        assert_eq!((plain.label, plain.is_labelled, plain.sites.len()), ("a.rs:7", false, 2));
        assert!(std::ptr::eq(plain, PLACE.resource(wanted(None))));
        let jobs = PLACE.resource(wanted(Some("jobs")));
        assert!(std::ptr::eq(jobs, PLACE.resource(wanted(Some("jobs")))) && !std::ptr::eq(jobs, plain));
        assert!(!std::ptr::eq(plain, PLACE.resource(Wanted { type_name: "u16", ..wanted(None) })));
        let single = || PLACE.resource(Wanted { is_single: true, ..wanted(Some("jobs")) });
        assert_eq!((single().label, single().label), ("jobs-4", "jobs-5"));
        assert!(resources(CHANNEL).iter().any(|resource| std::ptr::eq(*resource, jobs)));
    }

    #[test]
    fn a_place_has_a_bounded_number_of_resources() {
        static PLACE: Place = Place::new(CHANNEL, 1, "b.rs", 7, 1);
        for n in 0..MAX_SPOTS {
            PLACE.resource(wanted(Some(&n.to_string())));
        }
        let late = PLACE.resource(wanted(Some("late")));
        assert_eq!(late.label, OTHER_NAME);
        assert!(std::ptr::eq(late, PLACE.resource(wanted(Some("later")))));
        assert_eq!(PLACE.resource(wanted(Some("3"))).label, "3");
    }

    #[test]
    fn the_highest_level_is_of_its_epoch() {
        let highest = Highest::default();
        highest.saw(3);
        highest.saw(2);
        assert_eq!(highest.get(), (gate::last() == 0).then_some(3).or(Some(3)));
    }
}
