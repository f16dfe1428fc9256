//! Where there are no signals, none is taken.

/// Nothing.
pub(super) struct Blocked;

impl Blocked {
    pub(super) fn here() -> Self {
        Self
    }
}
