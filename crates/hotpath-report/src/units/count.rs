//! Counts, shares, rates and loads.

use super::scale_decimal;

/// Formats a count with thousands separators.
///
/// ```
/// assert_eq!(hotpath_report::units::format_count(1_234_567), "1,234,567");
/// ```
pub fn format_count(count: u64) -> String {
    let digits = count.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Reads a count with or without thousands separators.
///
/// ```
/// use hotpath_report::units::parse_count;
/// assert_eq!(parse_count("1,234,567"), Some(1_234_567));
/// assert_eq!(parse_count("1234567"), Some(1_234_567));
/// assert_eq!(parse_count("many"), None);
/// ```
pub fn parse_count(text: &str) -> Option<u64> {
    let digits: String = text.trim().chars().filter(|&c| c != ',').collect();
    if digits.bytes().all(|b| b.is_ascii_digit()) { digits.parse().ok() } else { None }
}

/// Formats a share of 0–100 as `x.xx%`.
///
/// ```
/// assert_eq!(hotpath_report::units::format_percent(95.013), "95.01%");
/// ```
pub fn format_percent(percent: f64) -> String {
    format!("{percent:.2}%")
}

/// Reads `95.01%` (or `95.01`) as a share of 0–100.
///
/// ```
/// use hotpath_report::units::parse_percent;
/// assert_eq!(parse_percent("95.01%"), Some(95.01));
/// assert_eq!(parse_percent("half"), None);
/// ```
pub fn parse_percent(text: &str) -> Option<f64> {
    let number = text.trim().trim_end_matches('%').trim_end();
    number.parse().ok().filter(|share: &f64| share.is_finite())
}

/// Writes a number of the program's own: in full, unless it is so large or small that nobody would count the zeros.
///
/// ```
/// let format = |number| {
///     let mut text = String::new();
///     hotpath_report::units::write_float(number, &mut text).map(|()| text)
/// };
/// assert_eq!(format(10.0).as_deref(), Ok("10"));
/// assert_eq!(format(-0.25).as_deref(), Ok("-0.25"));
/// assert_eq!(format(1e300).as_deref(), Ok("1e300"));
/// ```
pub fn write_float(number: f64, out: &mut dyn std::fmt::Write) -> std::fmt::Result {
    let size = number.abs();
    let is_plain = !size.is_finite() || size == 0.0 || (1e-6..1e16).contains(&size);
    if is_plain { write!(out, "{number}") } else { write!(out, "{number:e}") }
}

/// Formats a number as [`write_float`] writes it.
pub fn format_float(number: f64) -> String {
    let mut text = String::new();
    let _a_string_takes_it = write_float(number, &mut text);
    text
}

/// Formats events per second; two decimals below 1000, thousands separators from there on.
///
/// ```
/// use hotpath_report::units::format_rate;
/// assert_eq!(format_rate(12.345), "12.35/s");
/// assert_eq!(format_rate(1_234.5), "1,235/s");
/// ```
pub fn format_rate(per_second: f64) -> String {
    let hundredths = (per_second * 100.0).round() / 100.0;
    if hundredths < 1_000.0 || !hundredths.is_finite() {
        format!("{hundredths:.2}/s")
    } else {
        format!("{}/s", format_count(per_second.round() as u64))
    }
}

/// Formats thousandths of one processor as `x.x%`.
///
/// ```
/// assert_eq!(hotpath_report::units::format_load(995), "99.5%");
/// ```
pub fn format_load(permille: u64) -> String {
    format!("{}.{}%", permille / 10, permille % 10)
}

/// Reads `99.5%` as thousandths of one processor, rounded to the nearest.
///
/// ```
/// use hotpath_report::units::parse_load;
/// assert_eq!(parse_load("99.5%"), Some(995));
/// assert_eq!(parse_load("7"), Some(70));
/// assert_eq!(parse_load("-1%"), None);
/// ```
pub fn parse_load(text: &str) -> Option<u64> {
    scale_decimal(text.trim().trim_end_matches('%').trim_end(), 10)
}

/// Rounds to four decimals: all that a measured share holds, and such a float reads back as itself from any JSON reader.
pub fn round4(x: f64) -> f64 {
    let rounded = (x * 1e4).round() / 1e4;
    if rounded.is_finite() { rounded } else { x }
}
