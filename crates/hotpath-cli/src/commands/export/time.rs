//! A moment of a report, as the formats want it.

/// Seconds since 1970 of a time such as `2026-11-21T13:44:27Z`; `None` if it is none in UTC.
pub(crate) fn unix_seconds(text: &str) -> Option<i64> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let [year, month, day] = numbers(date, '-')?;
    let time = time.split_once('.').map_or(time, |(whole, _)| whole);
    let [hour, minute, second] = numbers(time, ':')?;
    let is_date = (0..=9999).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    let is_time = (0..24).contains(&hour) && (0..60).contains(&minute) && (0..=60).contains(&second);
    let seconds = || days(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second;
    (is_date && is_time).then(seconds)
}

/// Days from 1970 to this one of the Gregorian calendar. Years begin in March, so that a leap day ends one.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    let before_month = (153 * month + 2) / 5;
    365 * year + leap_days + before_month + day - 1 - 719_468
}

fn numbers(text: &str, separator: char) -> Option<[i64; 3]> {
    let numbers: Vec<i64> = text.split(separator).map(|part| part.parse().ok()).collect::<Option<_>>()?;
    numbers.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::unix_seconds;

    #[test]
    fn moments_in_utc_are_seconds() {
        assert_eq!(unix_seconds("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(unix_seconds("2000-02-29T12:00:01Z"), Some(951_825_601));
        assert_eq!(unix_seconds("2026-11-21T13:44:27.25Z"), Some(1_795_268_667));
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
