//! Counters that are declared once.

use crate::primitive::Cell64;

/// Declares counters with one writer, and a plain value that holds them summed over lanes.
///
/// Each counter is one line: `name: sum` or `name: max`, which says how the lanes' values are merged. These counters stand alone;
/// those that must agree with each other belong in [`Cells`](crate::cells::Cells).
macro_rules! counters {
    (
        $(#[$doc:meta])*
        $counters:ident => $totals:ident { $($(#[$counter_doc:meta])* $name:ident: $merge:ident,)+ }
    ) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub(crate) struct $counters { $($(#[$counter_doc])* pub(crate) $name: Cell64,)+ }

        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default)]
        pub(crate) struct $totals { $($(#[$counter_doc])* pub(crate) $name: u64,)+ }

        impl $counters {
            pub(crate) fn new() -> Self {
                Self { $($name: Cell64::new(0),)+ }
            }

            /// Any thread.
            pub(crate) fn read(&self) -> $totals {
                $totals { $($name: self.$name.get(),)+ }
            }

            /// Owner only, while no reader trusts this lane.
            pub(crate) fn clear(&self) {
                $(self.$name.set(0);)+
            }
        }

        impl $totals {
            pub(crate) fn merge(&mut self, other: Self) {
                $(counters!(@$merge self.$name, other.$name);)+
            }
        }
    };
    (@sum $total:expr, $value:expr) => { $total += $value };
    (@max $total:expr, $value:expr) => { $total = $total.max($value) };
}

counters! {
    /// The counters of a row that stand alone.
    RowCounters => RowTotals {
        /// Calls that were counted and not timed (sampling).
        untimed: sum,
        /// Timed calls inside another call of the site on the same thread: recursion.
        nested: sum,
        /// Timed calls of unknown self time: blocks outside the call tree.
        detached: sum,
        /// Calls that began while the thread was recording a call of this site, or was inside (see [`crate::inside`]): counted, not timed.
        interrupting: sum,
    }
}

counters! {
    /// The counters of a row's async calls that stand alone.
    AsyncCounters => AsyncCounterTotals {
        /// Calls that began inside another call of the site.
        nested: sum,
        /// The longest poll, in ticks.
        longest_poll: max,
        /// Polls that took at least the time of [`crate::set_blocking`].
        blocking: sum,
        /// Polls that were counted and not timed (sampling).
        untimed: sum,
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn lanes_are_merged_by_sum_or_maximum() {
        let (one, other) = (AsyncCounters::new(), AsyncCounters::new());
        for (counters, blocking, longest) in [(&one, 2, 70), (&other, 3, 50)] {
            counters.blocking.add(blocking);
            counters.longest_poll.set(longest);
        }
        let mut totals = AsyncCounterTotals::default();
        totals.merge(one.read());
        totals.merge(other.read());
        assert_eq!((totals.blocking, totals.longest_poll, totals.untimed), (5, 70, 0));
        one.clear();
        assert_eq!(one.read().longest_poll, 0);
    }
}
