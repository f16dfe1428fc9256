//! What kind of channel it is.

/// Kind and capacity of a channel, as the report tells them.
#[derive(Clone, Debug)]
pub(crate) struct Shape {
    /// In the words of the report: `bounded[10]`.
    pub(crate) what: String,
    /// The most messages that can be in it.
    pub(crate) capacity: Option<u64>,
}

/// The word for a channel of one message.
pub(crate) const ONESHOT: &str = "oneshot";

impl Shape {
    pub(crate) fn bounded(capacity: usize) -> Self {
        Self { what: format!("bounded[{capacity}]"), capacity: Some(capacity as u64) }
    }

    /// Bounded by a number that nobody tells.
    pub(crate) fn bounded_somehow() -> Self {
        Self { what: "bounded".to_owned(), capacity: None }
    }

    pub(crate) fn unbounded() -> Self {
        Self { what: "unbounded".to_owned(), capacity: None }
    }

    pub(crate) fn of(capacity: Option<usize>) -> Self {
        capacity.map_or_else(Self::unbounded, Self::bounded)
    }
}
