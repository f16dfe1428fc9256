//! What a table is about: this decides which peers are its columns, and which two of them are compared.

use crate::name::{BARE, BARE_FLOW, OURS, OURS_ALLOC, OURS_FLOW, PUBLISHED, PUBLISHED_ALLOC, PUBLISHED_FLOW};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    /// What a measured call costs.
    Calls,
    /// What is added when allocations are tracked as well.
    Allocations,
    /// What a watched channel, lock, stream or future costs.
    Flow,
}

impl Topic {
    /// In the order of the tables.
    pub const ALL: [Self; 3] = [Self::Calls, Self::Allocations, Self::Flow];

    /// The program without a profiler, which the others are measured against.
    pub fn bare(self) -> &'static str {
        match self {
            Self::Calls | Self::Allocations => BARE,
            Self::Flow => BARE_FLOW,
        }
    }

    /// The peer that is compared with the others.
    pub fn ours(self) -> &'static str {
        match self {
            Self::Calls => OURS,
            Self::Allocations => OURS_ALLOC,
            Self::Flow => OURS_FLOW,
        }
    }

    /// The peer it is compared with.
    pub fn published(self) -> &'static str {
        match self {
            Self::Calls => PUBLISHED,
            Self::Allocations => PUBLISHED_ALLOC,
            Self::Flow => PUBLISHED_FLOW,
        }
    }

    /// The line above the tables, if they have one in common.
    pub fn heading(self) -> Option<&'static str> {
        match self {
            Self::Calls => None,
            Self::Allocations => Some("### Allocation tracking"),
            Self::Flow => Some("### Data flow"),
        }
    }

    /// What begins the line above one table.
    pub fn level(self) -> &'static str {
        match self {
            Self::Calls => "###",
            Self::Allocations | Self::Flow => "####",
        }
    }
}
