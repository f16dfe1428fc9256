//! What a stack can weigh. Each weight is declared once, in [`WEIGHTS`]; the formats take names and units from there.
//!
//! What must stay true: a weight is what a node has **itself**, callees left out, so that the sum over all stacks is the
//! total, in every format.

use hotpath_report::TreeNode;

/// One kind of weight.
#[derive(Debug)]
pub(crate) struct Weight {
    /// What `--weight` and the outputs call it.
    pub(crate) name: &'static str,
    /// What people call it.
    pub(crate) title: &'static str,
    pub(crate) unit: Unit,
    /// The node's own; `None` where the report does not know it.
    pub(crate) own: fn(&TreeNode) -> Option<u64>,
    /// What a report lacks that has no such weight, and how to get one that has.
    pub(crate) missing: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    Nanos,
    Bytes,
    Count,
}

/// Position of a weight in [`WEIGHTS`], and in [`Own`].
pub(crate) type Index = usize;

/// Where CPU samples stand in [`WEIGHTS`].
pub(crate) const CPU: Index = 1;

/// What a node weighs itself, in the order of [`WEIGHTS`].
pub(crate) type Own = [Option<u64>; WEIGHTS.len()];

pub(crate) static WEIGHTS: [Weight; 5] = [
    Weight {
        name: "time",
        title: "Wall time",
        unit: Unit::Nanos,
        own: |node| Some(node.self_ns),
        missing: "times",
    },
    Weight {
        name: "cpu",
        title: "CPU samples",
        unit: Unit::Count,
        own: |node| node.cpu_samples,
        missing: "CPU samples: record it with the feature `hotpath-cpu`",
    },
    Weight {
        name: "bytes",
        title: "Allocated bytes",
        unit: Unit::Bytes,
        own: |node| node.alloc_bytes,
        missing: "allocated bytes: record it with the feature `hotpath-alloc`",
    },
    Weight {
        name: "count",
        title: "Allocations",
        unit: Unit::Count,
        own: |node| node.alloc_count,
        missing: "allocations: record it with the feature `hotpath-alloc`",
    },
    Weight {
        name: "calls",
        title: "Calls",
        unit: Unit::Count,
        own: |node| Some(node.calls),
        missing: "calls",
    },
];

/// What `--weight` takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Choice {
    /// Wall time
    Time,
    /// Wall time; a flame graph begins with the functions that take it themselves, and their callers
    #[value(name = "self")]
    OwnTime,
    /// CPU samples
    Cpu,
    /// Allocated bytes
    Bytes,
    /// Allocations
    Count,
    /// Calls
    Calls,
}

impl Choice {
    pub(crate) fn index(self) -> Index {
        match self {
            Self::Time | Self::OwnTime => 0,
            Self::Cpu => 1,
            Self::Bytes => 2,
            Self::Count => 3,
            Self::Calls => 4,
        }
    }
}

/// What the node weighs itself.
pub(crate) fn own(node: &TreeNode) -> Own {
    WEIGHTS.each_ref().map(|weight| (weight.own)(node))
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum;

    use super::{Choice, WEIGHTS};

    #[test]
    fn every_weight_can_be_chosen_by_its_name() {
        for (index, weight) in WEIGHTS.iter().enumerate() {
            let choice = Choice::from_str(weight.name, false).expect("a choice of that name");
            assert_eq!(choice.index(), index, "{}", weight.name);
        }
        assert_eq!(Choice::from_str("self", false).expect("a choice").index(), 0);
    }
}
