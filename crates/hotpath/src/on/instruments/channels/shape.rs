//! The kind and capacity of a channel.

/// Kind and capacity of a channel, as the report has them.
#[derive(Clone, Debug)]
pub(crate) struct Shape {
    /// In the words of the report: `bounded[10]`.
    pub(crate) description: String,
    /// The number of messages that it was made for.
    pub(crate) capacity: Option<u64>,
    /// True if there are never more messages in it than its capacity.
    pub(crate) is_strict: bool,
}

/// The word for a channel of one message.
pub(crate) const ONESHOT: &str = "oneshot";

impl Shape {
    pub(crate) fn bounded(capacity: usize) -> Self {
        let description = format!("bounded[{capacity}]");
        Self { description, capacity: Some(capacity as u64), is_strict: true }
    }

    /// Bounded by a number that is not known.
    pub(crate) fn bounded_somehow() -> Self {
        Self { description: "bounded".to_owned(), capacity: None, is_strict: true }
    }

    pub(crate) fn unbounded() -> Self {
        Self { description: "unbounded".to_owned(), capacity: None, is_strict: true }
    }

    #[cfg(any(feature = "tokio", feature = "futures"))]
    pub(crate) fn oneshot() -> Self {
        Self { description: ONESHOT.to_owned(), capacity: Some(1), is_strict: true }
    }

    /// Bounded by that number, if it is known, with room for one more message per sender.
    #[cfg(feature = "futures")]
    pub(crate) fn bounded_beside_senders(capacity: Option<usize>) -> Self {
        Self { is_strict: false, ..capacity.map_or_else(Self::bounded_somehow, Self::bounded) }
    }

    /// A channel whose messages go to every receiver; the oldest make room for the newest.
    #[cfg(feature = "tokio")]
    pub(crate) fn broadcast(capacity: usize) -> Self {
        Self { description: format!("broadcast[{capacity}]"), ..Self::bounded(capacity) }
    }

    /// A channel that holds the newest value only.
    #[cfg(feature = "tokio")]
    pub(crate) fn watch() -> Self {
        Self { description: "watch".to_owned(), ..Self::unbounded() }
    }

    pub(crate) fn of(capacity: Option<usize>) -> Self {
        capacity.map_or_else(Self::unbounded, Self::bounded)
    }
}
