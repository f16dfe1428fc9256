//! Systems without signals.

/// Nothing.
pub(super) struct Blocked;

impl Blocked {
    pub(super) fn here() -> Self {
        Self
    }
}
