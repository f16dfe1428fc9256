//! The peers that are spoken of by name.

pub const BARE: &str = "bare";
pub const OURS: &str = "ours";
pub const OURS_ALLOC: &str = "ours-alloc";
pub const PUBLISHED: &str = "published";
pub const PUBLISHED_ALLOC: &str = "published-alloc";
