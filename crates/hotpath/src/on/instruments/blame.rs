//! For whom others waited: a site for each function that held a lock while it was wanted, in each way of taking it.
//!
//! Found without a lock once it is there. A resource knows at most [`MAX_HOLDERS`] functions and ways; what comes later is charged
//! to `<other>`.

use std::sync::OnceLock;

use hotpath_lane::{OTHER_NAME, Site, memory::pause_tracking};

use crate::imp::kind::INTERNAL;

const MAX_HOLDERS: usize = 100;

/// Stands for all functions that found the list full, and for those that are not known.
pub(crate) const UNKNOWN: u32 = u32::MAX;

/// A way of taking a lock: its holds are the events of one site of the resource, its waits those of the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LockMode(u8);

impl LockMode {
    /// A mutex has but one.
    pub(crate) const LOCK: Self = Self(0);
    pub(crate) const READ: Self = Self(0);
    pub(crate) const WRITE: Self = Self(2);

    /// The site of the holds.
    pub(crate) fn holds(self, sites: &'static [Site]) -> &'static Site {
        &sites[usize::from(self.0)]
    }

    /// The site of the waits.
    pub(crate) fn waits(self, sites: &'static [Site]) -> &'static Site {
        &sites[usize::from(self.0) + 1]
    }
}

/// The holders of one resource's locks. Empty, and small, until somebody had to wait.
#[derive(Debug, Default)]
pub(crate) struct HolderStats(OnceLock<Box<Holders>>);

#[derive(Debug)]
struct Holders {
    known: [OnceLock<Holder>; MAX_HOLDERS],
    others: [Holder; 2],
}

#[derive(Debug)]
pub(crate) struct Holder {
    mode: LockMode,
    /// The id of the function's site; 0 is outside of all.
    pub(crate) function: u32,
    /// Its events are the waits.
    pub(crate) site: Site,
}

impl Holder {
    fn new(mode: LockMode, function: u32) -> Self {
        let name = if function == UNKNOWN { OTHER_NAME } else { "holder" };
        Self { mode, function, site: Site::new(name, "", 0, 0, INTERNAL) }
    }

    pub(crate) fn is_other(&self) -> bool {
        self.function == UNKNOWN
    }
}

impl HolderStats {
    pub(crate) const fn new() -> Self {
        Self(OnceLock::new())
    }

    /// Made before it is set, not meanwhile: the program's allocator may wait for a watched lock itself.
    fn holders_made(&self) -> &Holders {
        let _untracked = pause_tracking();
        loop {
            match self.0.get() {
                Some(holders) => return holders,
                None => drop(self.0.set(Holders::make())),
            }
        }
    }

    /// Where waits of this way for this function are recorded.
    pub(crate) fn site(&'static self, mode: LockMode, function: u32) -> &'static Site {
        let holders = self.holders_made();
        let known = if function == UNKNOWN { &[] } else { &holders.known[..] };
        for place in known {
            let holder = place.get_or_init(|| Holder::new(mode, function));
            if holder.function == function && holder.mode == mode {
                return &holder.site;
            }
        }
        let [reads, writes] = &holders.others;
        if mode == reads.mode { &reads.site } else { &writes.site }
    }

    /// Those who held it while others wanted it in this way.
    pub(crate) fn holders(&'static self, mode: LockMode) -> impl Iterator<Item = &'static Holder> {
        let known = self.0.get().map(Box::as_ref).into_iter();
        let all =
            known.flat_map(|holders| holders.known.iter().map_while(OnceLock::get).chain(&holders.others));
        all.filter(move |holder| holder.mode == mode)
    }
}

impl Holders {
    fn make() -> Box<Self> {
        Box::new(Self {
            known: [const { OnceLock::new() }; MAX_HOLDERS],
            others: [Holder::new(LockMode::READ, UNKNOWN), Holder::new(LockMode::WRITE, UNKNOWN)],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_holder_has_a_site_for_each_way_and_the_list_is_bounded() {
        static BLAMED: HolderStats = HolderStats::new();
        let blamed = &BLAMED;
        assert_eq!(blamed.holders(LockMode::READ).count(), 0);
        let site = blamed.site(LockMode::READ, 7);
        assert!(std::ptr::eq(site, blamed.site(LockMode::READ, 7)));
        assert!(!std::ptr::eq(site, blamed.site(LockMode::WRITE, 7)));
        (0..MAX_HOLDERS as u32).for_each(|function| {
            blamed.site(LockMode::READ, function);
        });
        let (late, later) = (blamed.site(LockMode::READ, 4000), blamed.site(LockMode::READ, 4001));
        assert_eq!(late.name(), OTHER_NAME);
        assert!(std::ptr::eq(late, later));
        assert!(!std::ptr::eq(late, blamed.site(LockMode::WRITE, 4000)));
        assert!(std::ptr::eq(late, blamed.site(LockMode::READ, UNKNOWN)));
        assert_eq!(blamed.holders(LockMode::READ).filter(|holder| holder.function == 7).count(), 1);
        assert_eq!(blamed.holders(LockMode::READ).filter(|holder| holder.is_other()).count(), 1);
    }
}
