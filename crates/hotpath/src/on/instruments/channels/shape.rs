//! What kind of channel it is.

/// Kind and capacity of a channel, as the report tells them.
#[derive(Clone, Debug)]
pub(crate) struct Shape {
    /// In the words of the report: `bounded[10]`.
    pub(crate) what: String,
    /// How many messages it was made for.
    pub(crate) capacity: Option<u64>,
<<<<<<< HEAD
    /// Whether its capacity is the most messages that can be in it; else there may be more.
    pub(crate) is_strict: bool,
    /// Whether a sender may have to wait for room.
    pub(crate) waits: bool,
=======
>>>>>>> wt-channels
}

/// The word for a channel of one message.
pub(crate) const ONESHOT: &str = "oneshot";

impl Shape {
    pub(crate) fn bounded(capacity: usize) -> Self {
<<<<<<< HEAD
        let what = format!("bounded[{capacity}]");
        Self { what, capacity: Some(capacity as u64), is_strict: true, waits: true }
=======
        Self { what: format!("bounded[{capacity}]"), capacity: Some(capacity as u64) }
>>>>>>> wt-channels
    }

    /// Bounded by a number that nobody tells.
    pub(crate) fn bounded_somehow() -> Self {
<<<<<<< HEAD
        Self { what: "bounded".to_owned(), capacity: None, is_strict: true, waits: true }
    }

    pub(crate) fn unbounded() -> Self {
        Self { what: "unbounded".to_owned(), capacity: None, is_strict: true, waits: false }
    }

    #[cfg(any(feature = "tokio", feature = "futures"))]
    pub(crate) fn oneshot() -> Self {
        Self { what: ONESHOT.to_owned(), capacity: Some(1), is_strict: true, waits: false }
    }

    /// One with that much room, if it is known, and a place for each sender beside it.
    #[cfg(feature = "futures")]
    pub(crate) fn bounded_beside_senders(capacity: Option<usize>) -> Self {
        Self { is_strict: false, ..capacity.map_or_else(Self::bounded_somehow, Self::bounded) }
    }

    /// One whose messages go to every receiver; the oldest make room for the newest.
    #[cfg(feature = "tokio")]
    pub(crate) fn broadcast(capacity: usize) -> Self {
        Self { what: format!("broadcast[{capacity}]"), waits: false, ..Self::bounded(capacity) }
    }

    /// One that holds the newest value only.
    #[cfg(feature = "tokio")]
    pub(crate) fn watch() -> Self {
        Self { what: "watch".to_owned(), ..Self::unbounded() }
=======
        Self { what: "bounded".to_owned(), capacity: None }
    }

    pub(crate) fn unbounded() -> Self {
        Self { what: "unbounded".to_owned(), capacity: None }
>>>>>>> wt-channels
    }

    pub(crate) fn of(capacity: Option<usize>) -> Self {
        capacity.map_or_else(Self::unbounded, Self::bounded)
    }
}
