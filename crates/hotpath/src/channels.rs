//! Statistics of channels on their own, as 0.7 had them. What watches a channel is [`channel!`](crate::channel).

use crate::section_guards::section_guard;

pub use crate::Format;

section_guard! {
    /// Prints what went through channels (and streams, if there are any) when it is dropped.
    ///
    /// It works beside a [`HotpathGuard`](crate::HotpathGuard) and without one. A session that begins while the guard is alive
    /// begins to count anew; what the guard saw before is printed as a table of its own.
    ///
    /// ```
    /// let _guard = hotpath::ChannelsGuard::new();
    /// let (tx, rx) = hotpath::channel!(std::sync::mpsc::channel::<i32>(), label = "task-queue");
    /// tx.send(1).unwrap();
    /// assert_eq!(rx.recv(), Ok(1));
    /// ```
    ChannelsGuard,
    /// Prepares a [`ChannelsGuard`].
    ///
    /// ```
    /// let _guard = hotpath::ChannelsGuardBuilder::new().format(hotpath::Format::JsonPretty).build();
    /// ```
    ChannelsGuardBuilder,
    Channels, Streams
}
