//! The functions that held a lock while others waited for it: a site for each function and mode, at which those waits are recorded.
//!
//! A known one is found without a lock. A resource knows at most [`MAX_HOLDERS`] functions and modes; later ones are `<other>`.

use std::sync::OnceLock;

use hotpath_lane::{OTHER_NAME, Site, memory::pause_tracking};

use super::lock_mode::LockMode;
use crate::imp::kind::INTERNAL;

const MAX_HOLDERS: usize = 100;

/// Stands for the functions that found the list full, and for a holder that is not known.
pub(crate) const UNKNOWN: u32 = u32::MAX;

/// The holders of one resource's locks. Empty, and small, until the first wait.
#[derive(Debug)]
pub(crate) struct LockHolders(OnceLock<Box<Holders>>);

#[derive(Debug)]
struct Holders {
    known: [OnceLock<Holder>; MAX_HOLDERS],
    /// By mode.
    others: [Holder; 2],
}

#[derive(Debug)]
pub(crate) struct Holder {
    mode: LockMode,
    /// The id of the function's site; 0 is outside of all functions.
    pub(crate) function: u32,
    /// Its events are the waits for this holder.
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

impl LockHolders {
    pub(crate) const fn new() -> Self {
        Self(OnceLock::new())
    }

    /// Made before it is set, not meanwhile: the program's allocator may wait for an instrumented lock itself.
    fn holders_made(&self) -> &Holders {
        let _untracked = pause_tracking();
        loop {
            match self.0.get() {
                Some(holders) => return holders,
                None => drop(self.0.set(Holders::make())),
            }
        }
    }

    /// Returns the site of the waits in this mode for this function.
    pub(crate) fn site(&'static self, mode: LockMode, function: u32) -> &'static Site {
        let holders = self.holders_made();
        let known = if function == UNKNOWN { &[] } else { &holders.known[..] };
        for slot in known {
            let holder = slot.get_or_init(|| Holder::new(mode, function));
            if holder.function == function && holder.mode == mode {
                return &holder.site;
            }
        }
        &holders.others[mode as usize].site
    }

    /// Returns the holders that others waited for in this mode.
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
            others: [LockMode::Exclusive, LockMode::Shared].map(|mode| Holder::new(mode, UNKNOWN)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_has_a_site_for_each_mode_and_the_list_is_bounded() {
        static HOLDERS: LockHolders = LockHolders::new();
        let lock = &HOLDERS;
        assert_eq!(lock.holders(LockMode::Shared).count(), 0);
        let site = lock.site(LockMode::Shared, 7);
        assert!(std::ptr::eq(site, lock.site(LockMode::Shared, 7)));
        assert!(!std::ptr::eq(site, lock.site(LockMode::Exclusive, 7)));
        (0..MAX_HOLDERS as u32).for_each(|function| {
            lock.site(LockMode::Shared, function);
        });
        let (late, later) = (lock.site(LockMode::Shared, 4000), lock.site(LockMode::Shared, 4001));
        assert_eq!(late.name(), OTHER_NAME);
        assert!(std::ptr::eq(late, later));
        assert!(!std::ptr::eq(late, lock.site(LockMode::Exclusive, 4000)));
        assert!(std::ptr::eq(late, lock.site(LockMode::Shared, UNKNOWN)));
        assert_eq!(lock.holders(LockMode::Shared).filter(|holder| holder.function == 7).count(), 1);
        assert_eq!(lock.holders(LockMode::Shared).filter(|holder| holder.is_other()).count(), 1);
    }
}
