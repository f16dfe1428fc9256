//! The scale of ticks, and times of day for the head of the report.

use std::{
    sync::{Mutex, OnceLock, PoisonError},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use hotpath_lane::clock::{Anchor, Scale};

/// A scale is kept until one over a time this much longer can be had.
const REFINE: u32 = 1000;

/// The beginning of the first session. Asked for at the beginning of every one.
pub(crate) fn first_anchor() -> Anchor {
    static FIRST: OnceLock<Anchor> = OnceLock::new();
    *FIRST.get_or_init(Anchor::now)
}

/// Returns the scale of ticks: one for all reports, so that a value does not change by a nanosecond from one to the next, until
/// it is known a thousand times more precisely.
pub(crate) fn scale() -> Scale {
    static KEPT: Mutex<Option<(Duration, Scale)>> = Mutex::new(None);
    let first = first_anchor();
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((over, scale)) = *kept
        && first.instant.elapsed() < over * REFINE
    {
        return scale;
    }
    let now = Anchor::after(&first);
    let scale = Scale::between(first, now);
    *kept = Some((now.instant.duration_since(first.instant), scale));
    scale
}

/// RFC 3339 in UTC, to the second, such as `2026-11-20T09:30:00Z`.
pub(crate) fn rfc3339(moment: SystemTime) -> String {
    let seconds = moment.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs();
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = civil(days);
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", rest / 3600, rest / 60 % 60, rest % 60)
}

/// Days since 1970-01-01 → year, month, day. Counts in years that begin in March, so that leap days come last.
fn civil(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468; // from 0000-03-01
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (era * 400 + year_of_era + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_moments() {
        let check =
            |seconds, text: &str| assert_eq!(rfc3339(UNIX_EPOCH + Duration::from_secs(seconds)), text);
        check(0, "1970-01-01T00:00:00Z");
        check(951_782_400, "2000-02-29T00:00:00Z");
        check(1_709_251_199, "2024-02-29T23:59:59Z");
        check(4_102_444_800, "2100-01-01T00:00:00Z");
    }
}
