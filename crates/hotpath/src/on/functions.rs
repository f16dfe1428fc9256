//! Functions that are measured under a name given at run time.
//!
//! A name is found among those of its bucket without a lock; a new one makes a site that is never freed. Sites are made for at
//! most [`BUCKETS`] × [`NAMES_PER_BUCKET`] names of a kind.

use std::{fmt::Debug, future::Future, panic::Location};

use hotpath_lane::{CallSlot, Labels, Site, WallTimeBlock, enter, gate};

use super::{
    hook::{Measured, log, measure_future, measure_future_logged},
    instruments::{
        futures::{InstrumentedFuture, instrument_future, instrument_future_logged},
        log::Logged,
    },
    kind::{ASYNC_FN, BLOCK, FN},
};

const BUCKETS: usize = 64;
const NAMES_PER_BUCKET: usize = 64;

static GUARDS: Names<BLOCK, 0> = Names::new();
static LOGGED_CALLS: Names<FN, LOGGED> = Names::new();
static FUTURES: Names<ASYNC_FN, 0> = Names::new();
static LOGGED_FUTURES: Names<ASYNC_FN, LOGGED> = Names::new();
static WATCHED: Names<ASYNC_FN, FUTURE> = Names::new();
static LOGGED_WATCHED: Names<ASYNC_FN, { LOGGED | FUTURE }> = Names::new();

/// The options of the calls, beside being measured.
const LOGGED: u8 = 1;
const FUTURE: u8 = 2;

/// Sites by name.
struct Names<const KIND: u8, const HOW: u8>([Labels; BUCKETS]);

impl<const KIND: u8, const HOW: u8> Names<KIND, HOW> {
    const fn new() -> Self {
        Self(
            [const {
                let labels = Labels::new("", 0, 0, KIND).at_most(NAMES_PER_BUCKET);
                let labels = if HOW & LOGGED == 0 { labels } else { labels.logged() };
                if HOW & FUTURE == 0 { labels } else { labels.future() }
            }; BUCKETS],
        )
    }

    /// The site of `name`, which stands at `place` if it is new.
    fn site(&'static self, name: &'static str, place: &'static Location<'static>) -> &'static Site {
        self.0[bucket(name)].site_at(name, place.file(), place.line(), place.column())
    }
}

/// Spreads names over the buckets.
fn bucket(name: &str) -> usize {
    let mix = |hash: u64, word: u64| (hash.rotate_left(5) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let word = |chunk: &[u8]| {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        u64::from_le_bytes(word)
    };
    let hash = name.as_bytes().chunks(8).map(word).fold(name.len() as u64, mix);
    (hash >> 58) as usize % BUCKETS
}

/// A span that is timed from its start to its drop.
#[derive(Debug)]
pub(crate) struct Timed {
    _block: Option<WallTimeBlock>,
}

impl Timed {
    #[track_caller]
    pub(crate) fn begin(name: &'static str) -> Self {
        let place = Location::caller();
        Self { _block: gate::is_open().then(|| WallTimeBlock::new(GUARDS.site(name, place))) }
    }
}

#[track_caller]
pub(crate) fn sync_log<T: Debug>(name: &'static str, f: impl FnOnce() -> T) -> T {
    let mut place = CallSlot::new();
    let call = enter(LOGGED_CALLS.site(name, Location::caller()), &mut place);
    let value = f();
    log(call, &value);
    value
}

#[track_caller]
pub(crate) fn measured<F: Future>(name: &'static str, future: F) -> Measured<F> {
    measure_future(FUTURES.site(name, Location::caller()), future)
}

#[track_caller]
pub(crate) fn measured_logged<F: Future<Output: Debug>>(
    name: &'static str,
    future: F,
) -> Measured<F, Logged> {
    measure_future_logged(LOGGED_FUTURES.site(name, Location::caller()), future)
}

#[track_caller]
pub(crate) fn watched<F: Future>(name: &'static str, future: F) -> InstrumentedFuture<F> {
    instrument_future(WATCHED.site(name, Location::caller()), future)
}

#[track_caller]
pub(crate) fn watched_logged<F: Future<Output: Debug>>(
    name: &'static str,
    future: F,
) -> InstrumentedFuture<F, Logged> {
    instrument_future_logged(LOGGED_WATCHED.site(name, Location::caller()), future)
}

#[cfg(test)]
mod tests {
    use hotpath_lane::OTHER_NAME;

    use super::*;

    #[test]
    fn names_spread_over_the_buckets() {
        let mut sizes = [0_usize; BUCKETS];
        for n in 0..1280 {
            sizes[bucket(&format!("service::operation_{n}"))] += 1;
        }
        let (least, most) = (sizes.iter().min(), sizes.iter().max());
        assert!(least >= Some(&5) && most <= Some(&45), "20 each, or so: {sizes:?}");
        assert_eq!(bucket(""), bucket(""));
    }

    #[test]
    fn a_name_has_one_site_and_there_are_at_most_so_many() {
        static NAMES: Names<BLOCK, 0> = Names::new();
        let here = Location::caller();
        let first = NAMES.site("first", here);
        assert_eq!((first.name(), first.file(), first.line()), ("first", here.file(), here.line()));
        assert!(std::ptr::eq(first, NAMES.site(String::from("first").leak(), Location::caller())));
        let sites = (0..BUCKETS * NAMES_PER_BUCKET * 2).map(|n| NAMES.site(n.to_string().leak(), here));
        let named = sites.filter(|site| site.name() != OTHER_NAME).count();
        assert!((2000..=BUCKETS * NAMES_PER_BUCKET).contains(&named), "{named}");
    }
}
