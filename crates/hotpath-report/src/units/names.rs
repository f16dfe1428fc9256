//! Names as a reader of a table wants them: percentile keys and headers, short function names.

/// The JSON key of a percentile: `p95`, `p99.9`.
///
/// ```
/// assert_eq!(hotpath_report::units::format_percentile_key(99.9), "p99.9");
/// ```
pub fn format_percentile_key(percentile: f64) -> String {
    format!("p{percentile}")
}

/// The column header of a percentile: `P95`, `P99.9`.
///
/// ```
/// assert_eq!(hotpath_report::units::format_percentile_header(95.0), "P95");
/// ```
pub fn format_percentile_header(percentile: f64) -> String {
    format!("P{percentile}")
}

/// The percentile of a key such as `p95`; `None` for any other key.
///
/// ```
/// use hotpath_report::units::parse_percentile_key;
/// assert_eq!(parse_percentile_key("p99.9"), Some(99.9));
/// assert_eq!(parse_percentile_key("polls"), None);
/// ```
pub fn parse_percentile_key(key: &str) -> Option<f64> {
    let number = key.strip_prefix('p')?;
    if !number.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return None;
    }
    number.parse().ok().filter(|p| (0.0..=100.0).contains(p))
}

/// The last `depth` path segments of a function name; 0 keeps the whole name.
///
/// Generic arguments are never cut, labels without `::` stay as they are, and a suffix such as ` (src/a.rs:12)`, which
/// tells two functions of one name apart, is kept.
///
/// ```
/// use hotpath_report::units::shorten_function_name;
/// assert_eq!(shorten_function_name("app::db::pool::get", 2), "pool::get");
/// assert_eq!(shorten_function_name("app::Map<a::K, b::V>::get", 2), "Map<a::K, b::V>::get");
/// assert_eq!(shorten_function_name("app::db::load (src/a.rs:12)", 2), "db::load (src/a.rs:12)");
/// ```
pub fn shorten_function_name(name: &str, depth: usize) -> String {
    let (path, suffix) = split_suffix(name);
    if depth == 0 {
        return name.to_owned();
    }
    let starts = segment_starts(path);
    let first = starts[starts.len().saturating_sub(depth)];
    format!("{}{suffix}", &path[first..])
}

/// Splits off a trailing ` (…)`.
fn split_suffix(name: &str) -> (&str, &str) {
    match name.rfind(" (") {
        Some(at) if name.ends_with(')') => name.split_at(at),
        _ => (name, ""),
    }
}

/// Byte offsets at which path segments begin; separators inside brackets do not count. Never empty.
fn segment_starts(path: &str) -> Vec<usize> {
    let bytes = path.as_bytes();
    let mut starts = vec![0];
    let mut nesting = 0usize;
    for (i, &byte) in bytes.iter().enumerate() {
        match byte {
            b'<' | b'(' | b'[' | b'{' => nesting += 1,
            // The arrow of `fn(A) -> B` closes nothing.
            b'>' if i > 0 && bytes[i - 1] == b'-' => {}
            b'>' | b')' | b']' | b'}' => nesting = nesting.saturating_sub(1),
            b':' if nesting == 0 && i > 0 && bytes[i - 1] == b':' => starts.push(i + 1),
            _ => {}
        }
    }
    // `a:::b` pushes two starts for one separator and `a::` an empty last segment; neither is a Rust path, and both
    // still give a valid slice.
    starts
}
