//! Statistics of channels on their own, in the form of 0.7. [`channel!`](crate::channel) instruments a channel.

pub use crate::{
    Format,
    compat::section_guards::{ChannelsGuard, ChannelsGuardBuilder},
    data::flows::{ChannelState, ChannelType, ChannelsJson, SerializableChannelStats},
};

/// Returns the statistics of channels in the running session, in the form of 0.7. Empty without a session, and when off.
///
/// ```
/// let (tx, rx) = hotpath::channel!(std::sync::mpsc::channel::<i32>(), label = "task-queue");
/// tx.send(1).unwrap();
/// for channel in hotpath::channels::get_channels_json().channels {
///     println!("{}: {} sent, {} wait", channel.label, channel.sent_count, channel.queued);
/// }
/// # drop(rx);
/// ```
#[must_use]
pub fn get_channels_json() -> ChannelsJson {
    crate::imp::dataflow::channels()
}

#[cfg(all(test, feature = "json"))]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_reports() {
        let words =
            (ChannelType::Bounded(10), ChannelType::Oneshot, ChannelState::Notified, ChannelState::Full);
        let json = serde_json::to_string(&words).expect("it is JSON");
        assert_eq!(json, r#"["bounded[10]","oneshot","notified","full"]"#);
        let nothing = serde_json::to_string(&ChannelsJson::default()).expect("it is JSON");
        assert_eq!(nothing, r#"{"current_elapsed_ns":0,"channels":[]}"#);
    }
}
