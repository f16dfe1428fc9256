//! What a table is about: this decides which peers are its columns, and which two of them are compared.

use crate::name::{OURS, OURS_ALLOC, PUBLISHED, PUBLISHED_ALLOC};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    /// What a measured call costs.
    Calls,
    /// What is added when allocations are tracked as well.
    Allocations,
}

impl Topic {
    /// In the order of the tables.
    pub const ALL: [Self; 2] = [Self::Calls, Self::Allocations];

    /// The peer that is compared with the others.
    pub fn ours(self) -> &'static str {
        match self {
            Self::Calls => OURS,
            Self::Allocations => OURS_ALLOC,
        }
    }

    /// The peer it is compared with.
    pub fn published(self) -> &'static str {
        match self {
            Self::Calls => PUBLISHED,
            Self::Allocations => PUBLISHED_ALLOC,
        }
    }

    /// The line above the tables, if they have one in common.
    pub fn heading(self) -> Option<&'static str> {
        match self {
            Self::Calls => None,
            Self::Allocations => Some("### Allocation tracking"),
        }
    }

    /// What begins the line above one table.
    pub fn level(self) -> &'static str {
        match self {
            Self::Calls => "###",
            Self::Allocations => "####",
        }
    }
}
