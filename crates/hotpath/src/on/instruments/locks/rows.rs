//! From what was read to the rows of the report.

use hotpath_lane::{OTHER_NAME, event};
use hotpath_report::{
    Acquisitions, Blocker, Bucket, Dist, FunctionStats, LockStats, MutexStats, Mutexes, RwLockStats, RwLocks,
    Table,
};

use super::{
    super::{
        Instrument,
        resource::{Resource, resources},
        view::{View, source},
    },
    LockMode,
    holders::Holder,
};
use crate::{
    Section,
    imp::kind::{MUTEX, RW_LOCK},
};

pub(crate) const MUTEXES: Instrument = Instrument { section: Section::Mutexes, table: mutexes };
pub(crate) const RW_LOCKS: Instrument = Instrument { section: Section::RwLocks, table: rw_locks };

fn mutexes(view: &View<'_>) -> Table {
    let row = |resource| {
        let locks = acquisitions(view, resource, LockMode::Exclusive);
        (locks.count > 0).then(|| MutexStats { lock: lock(view, resource), locks })
    };
    let rows: Vec<MutexStats> = resources(MUTEX).into_iter().filter_map(row).collect();
    Table::of::<Mutexes>(&rows, &(), &view.settings.percentiles)
}

fn rw_locks(view: &View<'_>) -> Table {
    let row = |resource| {
        let (reads, writes) = (
            acquisitions(view, resource, LockMode::Shared),
            acquisitions(view, resource, LockMode::Exclusive),
        );
        (reads.count + writes.count > 0).then(|| RwLockStats { lock: lock(view, resource), reads, writes })
    };
    let rows: Vec<RwLockStats> = resources(RW_LOCK).into_iter().filter_map(row).collect();
    Table::of::<RwLocks>(&rows, &(), &view.settings.percentiles)
}

fn lock(view: &View<'_>, resource: &Resource) -> LockStats {
    LockStats {
        id: resource.sites[0].id(),
        label: view.labels.of(resource),
        has_custom_label: resource.is_labelled,
        type_name: resource.type_name.to_owned(),
        source: source(&resource.sites[0]),
        instance: resource.instance,
    }
}

fn acquisitions(view: &View<'_>, resource: &'static Resource, mode: LockMode) -> Acquisitions {
    let (holds, waits) = (mode.holds(resource.sites), mode.waits(resource.sites));
    // After the events: a hold that ends in between is in neither, rather than in both.
    let held_now = u64::try_from(event::gauge(holds)).unwrap_or(0);
    let count = view.count(holds) + held_now;
    let contended = view.count(waits).min(count);
    let waited = view.durations(waits);
    Acquisitions {
        count,
        contended,
        wait_total_ns: wait_total(&waited, contended),
        hold: view.durations(holds),
        blocked_by: blocked_by(view, resource, mode),
        wait: with_zeros(waited, contended, count),
    }
}

/// Time spent waiting in all: an estimate from the timed waits when not all were timed, unknown when none was.
fn wait_total(waited: &Dist, contended: u64) -> Option<u64> {
    if contended == 0 {
        return Some(0);
    }
    let all = u128::from(waited.sum) * u128::from(contended.max(waited.count));
    Some(u64::try_from(all.checked_div(u128::from(waited.count))?).unwrap_or(u64::MAX))
}

/// The waits of all acquisitions: those that did not have to wait waited for nothing. Where waits were sampled, so are these.
fn with_zeros(mut waited: Dist, contended: u64, count: u64) -> Option<Dist> {
    let at_once = count - contended;
    let zeros = match contended {
        0 => at_once,
        _ if waited.count == 0 => return None,
        _ => {
            let share = u128::from(at_once) * u128::from(waited.count.min(contended)) / u128::from(contended);
            u64::try_from(share).unwrap_or(u64::MAX)
        }
    };
    if zeros > 0 {
        let buckets = vec![Bucket { lower: 0, upper: 1, count: zeros }];
        waited.merge(&Dist { count: zeros, sum: 0, min: Some(0), max: Some(0), buckets });
    }
    Some(waited)
}

/// For whom others waited longest; of those that are not known apart in time, most often.
fn blocked_by(view: &View<'_>, resource: &'static Resource, mode: LockMode) -> Option<Blocker> {
    let waited_for = |holder: &'static Holder| view.row(&holder.site).map(|row| (row.sum, row.calls, holder));
    let longest =
        resource.holders.holders(mode).filter_map(waited_for).max_by_key(|(sum, calls, _)| (*sum, *calls));
    let (_, calls, holder) = longest?;
    let waits = view.durations(&holder.site);
    Some(Blocker { name: name(view, holder), wait_ns: wait_total(&waits, calls) })
}

fn name(view: &View<'_>, holder: &Holder) -> String {
    match holder.function {
        _ if holder.is_other() => OTHER_NAME.to_owned(),
        0 => FunctionStats::OUTSIDE.to_owned(),
        id => view.function(id).unwrap_or_else(|| site_name(id)),
    }
}

/// A function that did nothing in this session that was recorded, but holds a lock from before.
fn site_name(id: u32) -> String {
    let sites = hotpath_lane::sites();
    sites.get(id as usize - 1).map_or(OTHER_NAME, |site| site.name()).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timed(count: u64, sum: u64) -> Dist {
        let buckets = vec![Bucket { lower: 50, upper: 51, count }];
        Dist { count, sum, min: Some(50), max: Some(50), buckets }
    }

    #[test]
    fn acquisitions_that_did_not_wait_are_zeros() {
        let all = with_zeros(timed(2, 100), 2, 10).expect("known");
        assert_eq!((all.count, all.sum, all.min, all.max), (10, 100, Some(0), Some(50)));
        assert_eq!((all.percentile(80.0), all.percentile(81.0)), (Some(0), Some(50)));
        assert_eq!(with_zeros(Dist::default(), 0, 3).map(|all| (all.count, all.max)), Some((3, Some(0))));
    }

    #[test]
    fn with_sampled_waits_the_zeros_are_sampled_too() {
        let all = with_zeros(timed(2, 100), 8, 80).expect("known");
        assert_eq!((all.count, all.sum), (20, 100)); // a quarter of 8 waits, so a quarter of 72 that were none
        assert_eq!(with_zeros(Dist::default(), 8, 80), None);
        assert_eq!((wait_total(&timed(2, 100), 8), wait_total(&Dist::default(), 8)), (Some(400), None));
        assert_eq!(wait_total(&Dist::default(), 0), Some(0));
    }
}
