//! The weights of a stack. Each is declared once, in [`WEIGHTS`], from which the formats take names and units.
//!
//! Invariant: a weight is **exclusive**, without callees, so that the sum over all stacks is the total, in every format.

use hotpath_report::TreeNode;

/// One kind of weight.
#[derive(Debug)]
pub(crate) struct Weight {
    /// The name for `--weight` and in outputs.
    pub(crate) name: &'static str,
    /// The title for people.
    pub(crate) title: &'static str,
    pub(crate) unit: Unit,
    /// The exclusive weight of a node; `None` if the report does not have it.
    pub(crate) of: fn(&TreeNode) -> Option<u64>,
    /// The text after "has no", with how to record this weight.
    pub(crate) missing: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    Nanos,
    Bytes,
    Count,
}

/// The position of a weight in [`WEIGHTS`] and in [`SelfWeights`].
pub(crate) type Index = usize;

/// The position of CPU samples in [`WEIGHTS`].
pub(crate) const CPU: Index = 1;

/// The exclusive weights of a node, in the order of [`WEIGHTS`].
pub(crate) type SelfWeights = [Option<u64>; WEIGHTS.len()];

pub(crate) static WEIGHTS: [Weight; 5] = [
    Weight {
        name: "time",
        title: "Wall time",
        unit: Unit::Nanos,
        of: |node| Some(node.self_ns),
        missing: "times",
    },
    Weight {
        name: "cpu",
        title: "CPU samples",
        unit: Unit::Count,
        of: |node| node.cpu_samples,
        missing: "CPU samples: record it with the feature `hotpath-cpu`",
    },
    Weight {
        name: "bytes",
        title: "Allocated bytes",
        unit: Unit::Bytes,
        of: |node| node.alloc_bytes,
        missing: "allocated bytes: record it with the feature `hotpath-alloc`",
    },
    Weight {
        name: "count",
        title: "Allocations",
        unit: Unit::Count,
        of: |node| node.alloc_count,
        missing: "allocations: record it with the feature `hotpath-alloc`",
    },
    Weight {
        name: "calls",
        title: "Calls",
        unit: Unit::Count,
        of: |node| Some(node.calls),
        missing: "calls",
    },
];

/// A value of `--weight`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Choice {
    /// Wall time
    Time,
    /// Wall time; a flame graph starts with the functions by self time, and shows their callers
    #[value(name = "self")]
    SelfTime,
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
    /// Returns the position of its weight.
    pub(crate) fn index(self) -> Index {
        match self {
            Self::Time | Self::SelfTime => 0,
            Self::Cpu => 1,
            Self::Bytes => 2,
            Self::Count => 3,
            Self::Calls => 4,
        }
    }
}

/// Returns the exclusive weights of a node.
pub(crate) fn self_weights(node: &TreeNode) -> SelfWeights {
    WEIGHTS.each_ref().map(|weight| (weight.of)(node))
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
