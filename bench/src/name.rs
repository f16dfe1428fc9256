//! The peers that are spoken of by name.

pub const BARE: &str = "bare";
pub const BARE_FLOW: &str = "bare-flow";
pub const OURS: &str = "ours";
pub const OURS_ALLOC: &str = "ours-alloc";
pub const OURS_FLOW: &str = "ours-flow";
pub const PUBLISHED: &str = "published";
pub const PUBLISHED_ALLOC: &str = "published-alloc";
pub const PUBLISHED_FLOW: &str = "published-flow";
