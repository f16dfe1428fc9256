//! Timestamps as reports write them (RFC 3339 in UTC), and as seconds since 1970.

use std::time::{Duration, SystemTime};

/// The last second that RFC 3339 can write, of the year 9999.
const LAST: i64 = 253_402_300_799;

/// Returns the seconds from 1970 to a time such as `2026-11-21T13:44:27Z`; `None` if the text is not a time in UTC since 1970.
pub(crate) fn unix_seconds(text: &str) -> Option<i64> {
    let time = humantime::parse_rfc3339(text).ok()?;
    i64::try_from(time.duration_since(SystemTime::UNIX_EPOCH).ok()?.as_secs()).ok()
}

/// Formats a time as RFC 3339 in UTC. Times outside of 1970 to 9999 become the nearest one inside.
pub(crate) fn rfc3339(unix_seconds: i64) -> String {
    let since = Duration::from_secs(unix_seconds.clamp(0, LAST).unsigned_abs());
    humantime::format_rfc3339_seconds(SystemTime::UNIX_EPOCH + since).to_string()
}

/// Returns the current time in seconds since 1970.
pub(crate) fn now() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since.map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{LAST, rfc3339, unix_seconds};

    #[test]
    fn times_in_utc_are_seconds() {
        assert_eq!(unix_seconds("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(unix_seconds("2000-02-29T12:00:01Z"), Some(951_825_601));
        assert_eq!(unix_seconds("2026-11-21T13:44:27.25Z"), Some(1_795_268_667));
    }

    proptest! {
        #[test]
        fn a_time_reads_back_as_itself(time in 0..=LAST) {
            prop_assert_eq!(unix_seconds(&rfc3339(time)), Some(time));
        }
    }

    #[test]
    fn a_time_that_cannot_be_written_becomes_the_nearest_one_that_can() {
        assert_eq!(rfc3339(i64::MIN), "1970-01-01T00:00:00Z");
        assert_eq!(rfc3339(i64::MAX), "9999-12-31T23:59:59Z");
    }

    #[test]
    fn anything_else_is_unknown() {
        for text in
            ["", "2026-11-21", "2026-13-01T00:00:00Z", "2026-11-21T13:44:27+01:00", "aTbZ", "1-2T3:4:5Z"]
        {
            assert_eq!(unix_seconds(text), None, "{text}");
        }
    }
}
