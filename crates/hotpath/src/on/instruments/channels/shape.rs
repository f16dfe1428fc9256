//! What kind of channel it is.

/// Kind and capacity of a channel, as the report tells them.
#[derive(Clone, Debug)]
pub(crate) struct Shape {
    /// In the words of the report: `bounded[10]`.
    pub(crate) what: String,
    /// How many messages it was made for.
    pub(crate) capacity: Option<u64>,
    /// Whether its capacity is the most messages that can be in it; else there may be more.
    pub(crate) is_strict: bool,
}

/// The word for a channel of one message.
pub(crate) const ONESHOT: &str = "oneshot";

impl Shape {
    pub(crate) fn bounded(capacity: usize) -> Self {
        let what = format!("bounded[{capacity}]");
        Self { what, capacity: Some(capacity as u64), is_strict: true }
    }

    /// Bounded by a number that nobody tells.
    pub(crate) fn bounded_somehow() -> Self {
        Self { what: "bounded".to_owned(), capacity: None, is_strict: true }
    }

    pub(crate) fn unbounded() -> Self {
        Self { what: "unbounded".to_owned(), capacity: None, is_strict: true }
    }

    #[cfg(any(feature = "tokio", feature = "futures"))]
    pub(crate) fn oneshot() -> Self {
        Self { what: ONESHOT.to_owned(), capacity: Some(1), is_strict: true }
    }

    /// One with that much room, if it is known, and a place for each sender beside it.
    #[cfg(feature = "futures")]
    pub(crate) fn bounded_beside_senders(capacity: Option<usize>) -> Self {
        Self { is_strict: false, ..capacity.map_or_else(Self::bounded_somehow, Self::bounded) }
    }

    /// One whose messages go to every receiver; the oldest make room for the newest.
    #[cfg(feature = "tokio")]
    pub(crate) fn broadcast(capacity: usize) -> Self {
        Self { what: format!("broadcast[{capacity}]"), ..Self::bounded(capacity) }
    }

    /// One that holds the newest value only.
    #[cfg(feature = "tokio")]
    pub(crate) fn watch() -> Self {
        Self { what: "watch".to_owned(), ..Self::unbounded() }
    }

    pub(crate) fn of(capacity: Option<usize>) -> Self {
        capacity.map_or_else(Self::unbounded, Self::bounded)
    }
}
