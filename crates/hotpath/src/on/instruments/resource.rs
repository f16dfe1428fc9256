//! The resources that a report has a row for: a channel, stream, lock or future, by where it was made and its label.

use std::sync::{
    OnceLock,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use hotpath_lane::{OTHER_NAME, Site, gate};

use super::holders::LockHolders;
use crate::imp::{kind::INTERNAL, shared_list::SharedList};

/// One row of a report: the sites at which its events are recorded. Never freed.
#[derive(Debug)]
pub struct Resource {
    pub(crate) kind: u8,
    /// Its label, or `file:line`.
    pub(crate) label: &'static str,
    pub(crate) is_labelled: bool,
    /// Its number among the rows of its call site, from 1, if it is a single instance; 0 if it is all of them.
    pub(crate) instance: u64,
    pub(crate) type_name: &'static str,
    /// One per kind of event; the instrument knows what each one means.
    pub(crate) sites: &'static [Site],
    /// Set once something was made.
    info: OnceLock<ResourceInfo>,
    /// Set once something different was made.
    is_mixed: AtomicBool,
    /// The longest that a queue was.
    pub(crate) peak: SessionPeak,
    /// The functions that held a lock while others waited for it.
    pub(crate) holders: LockHolders,
}

/// The properties of a channel, stream or lock.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResourceInfo {
    /// In the words of the report: `bounded[10]`.
    pub(crate) description: String,
    pub(crate) capacity: Option<u64>,
    pub(crate) type_size: usize,
    /// True if a proxy carries the messages of a channel: the length of its queue is not known then.
    pub(crate) is_proxied: bool,
}

impl Resource {
    pub(crate) const fn new(
        kind: u8,
        label: &'static str,
        is_labelled: bool,
        type_name: &'static str,
        instance: u64,
        sites: &'static [Site],
    ) -> Self {
        Self {
            kind,
            label,
            is_labelled,
            instance,
            type_name,
            sites,
            info: OnceLock::new(),
            is_mixed: AtomicBool::new(false),
            peak: SessionPeak::new(),
            holders: LockHolders::new(),
        }
    }

    /// Records the properties of a channel, stream or lock of this resource.
    pub(crate) fn describe(&self, info: ResourceInfo) {
        if self.info.get().is_none() {
            let _was_first = self.info.set(info.clone()); // allocates before, not while, it is set
        }
        if self.info.get() != Some(&info) {
            self.is_mixed.store(true, Ordering::Relaxed); // a flag that only ever rises: no order is needed
        }
    }

    /// The properties that everything of this resource has; `None` if there is nothing, or if they differ.
    pub(crate) fn info(&self) -> Option<&ResourceInfo> {
        self.info.get().filter(|_| !self.is_mixed.load(Ordering::Relaxed))
    }

    /// Returns true if proxies carry the messages of these channels; then they do for all of its call site.
    pub(crate) fn is_proxied(&self) -> bool {
        self.info.get().is_some_and(|info| info.is_proxied)
    }
}

static RESOURCES: SharedList<&'static Resource> = SharedList::new();

/// Puts a new resource into the reports.
pub(super) fn register(resource: &'static Resource) {
    let _inside_is_none: Option<()> = RESOURCES.change(|resources| resources.push(resource));
}

/// Returns all resources, in order of making.
pub(crate) fn all_resources() -> Vec<&'static Resource> {
    RESOURCES.copied()
}

/// Returns all resources of a kind, in order of making.
pub(crate) fn resources(kind: u8) -> Vec<&'static Resource> {
    RESOURCES.copied().into_iter().filter(|resource| resource.kind == kind).collect()
}

/// The most sites that a kind of resource has.
const MAX_EVENT_KINDS: usize = 16;

/// Returns the resource of what the program's allocator makes while this thread is making a resource: it has no row.
pub(super) fn unreported() -> &'static Resource {
    static SITES: [Site; MAX_EVENT_KINDS] =
        [const { Site::new(OTHER_NAME, "", 0, 0, INTERNAL) }; MAX_EVENT_KINDS];
    static UNREPORTED: Resource = Resource::new(INTERNAL, OTHER_NAME, true, "", 0, &SITES);
    &UNREPORTED
}

/// The highest of some numbers within the newest epoch. Written only when it rises.
#[derive(Debug)]
pub(crate) struct SessionPeak(AtomicU64);

/// The epoch stands in the upper bits, so that both change as one. Numbers above the lower bits are cut there.
const NUMBER_BITS: u32 = 40;
const NUMBER_MASK: u64 = (1 << NUMBER_BITS) - 1;

impl SessionPeak {
    const fn new() -> Self {
        Self(AtomicU64::new(0))
    }

    /// Raises the peak to `number` if that is higher.
    pub(crate) fn raise(&self, number: u64) {
        let seen = Self::tag(gate::last()) | number.min(NUMBER_MASK);
        let known = self.0.load(Ordering::Relaxed); // a number that stands alone: no order is needed
        if known >> NUMBER_BITS != seen >> NUMBER_BITS {
            // Of two threads that begin an epoch one may lose its number; the next higher one puts that right.
            let _lost = self.0.compare_exchange(known, seen, Ordering::Relaxed, Ordering::Relaxed);
        }
        if self.0.load(Ordering::Relaxed) < seen {
            self.0.fetch_max(seen, Ordering::Relaxed);
        }
    }

    /// The peak of the newest epoch, if it has any number.
    pub(crate) fn get(&self) -> Option<u64> {
        let known = self.0.load(Ordering::Relaxed);
        (known != 0 && known & !NUMBER_MASK == Self::tag(gate::last())).then_some(known & NUMBER_MASK)
    }

    fn tag(epoch: u32) -> u64 {
        u64::from(epoch) << NUMBER_BITS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peak_is_the_highest_number() {
        let peak = SessionPeak::new();
        peak.raise(3);
        peak.raise(2);
        assert_eq!(peak.get(), Some(3));
    }
}
