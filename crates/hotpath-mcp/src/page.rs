//! Pagination and size limits of answers.

use crate::problem::{Problem, shortened};
use serde_json::{Value as Json, json};

/// The default size limit of an answer, in bytes.
pub(crate) const DEFAULT_BYTES: u64 = 25_000;
/// The smallest size limit: room for one row.
pub(crate) const MIN_BYTES: u64 = 4_000;
/// The largest size limit.
pub(crate) const MAX_BYTES: u64 = 200_000;
/// The largest limit of items.
pub(crate) const MAX_LIMIT: u64 = 1_000;
/// The bytes of a text at most.
const MAX_TEXT: usize = 2_000;

/// A page of items.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) items: Vec<Json>,
    /// The number of items that are not on it.
    pub(crate) omitted: usize,
    /// The cursor of the next page; `None` if there is none.
    pub(crate) next: Option<String>,
}

/// Returns as many of `items` from `start` as the limit and `room` (bytes) allow; at least one, if there is one.
pub(crate) fn page(items: Vec<Json>, start: usize, limit: usize, mut room: usize) -> Page {
    let total = items.len();
    let mut taken = Vec::new();
    for mut item in items.into_iter().skip(start).take(limit) {
        cut_texts(&mut item, MAX_TEXT);
        if size(&item) + 1 > room {
            if !taken.is_empty() {
                break;
            }
            fit(&mut item, room, &[]);
        }
        room = room.saturating_sub(size(&item) + 1);
        taken.push(item);
    }
    let end = start.saturating_add(taken.len());
    let next = (end < total && !taken.is_empty()).then(|| end.to_string());
    Page { omitted: total - taken.len(), items: taken, next }
}

/// Parses a cursor.
pub(crate) fn start(cursor: Option<&str>) -> Result<usize, Problem> {
    let Some(cursor) = cursor else { return Ok(0) };
    cursor.parse().map_err(|_| {
        let cursor = shortened(cursor);
        Problem::new(format!(
            "Invalid `cursor`: expected the `next_cursor` of an earlier answer, found `{cursor}`."
        ))
    })
}

/// Returns the bytes of a value as JSON text.
pub(crate) fn size(value: &Json) -> usize {
    struct Counter(usize);
    impl std::io::Write for Counter {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut counter = Counter(0);
    // Neither the value nor the counter can fail.
    let _ = serde_json::to_writer(&mut counter, value);
    counter.0
}

/// Truncates every text to `most` bytes, with a note.
pub(crate) fn cut_texts(value: &mut Json, most: usize) {
    match value {
        Json::String(text) if text.len() > most => {
            let end = hotpath_report::units::floor_char_boundary(text, most);
            let more = text.len() - end;
            text.truncate(end);
            text.push_str(&format!("… ({more} more bytes)"));
        }
        Json::Array(items) => items.iter_mut().for_each(|item| cut_texts(item, most)),
        Json::Object(fields) => fields.values_mut().for_each(|field| cut_texts(field, most)),
        _ => {}
    }
}

/// Makes a value fit: truncates its texts, then drops its largest fields, those in `keep` last.
pub(crate) fn fit(value: &mut Json, room: usize, keep: &[&str]) {
    if size(value) <= room {
        return;
    }
    cut_texts(value, 200);
    let mut dropped = 0;
    while size(value) + 40 > room {
        let Some(fields) = value.as_object_mut() else { return };
        let rank = |(key, value): &(&String, &Json)| (!keep.contains(&key.as_str()), size(value));
        let Some(key) = fields.iter().max_by_key(rank).map(|(key, _)| key.clone()) else { break };
        if keep.contains(&key.as_str()) {
            // A required field stays, but empty.
            match fields.get_mut(&key) {
                Some(Json::Array(items)) if !items.is_empty() => items.clear(),
                Some(Json::Object(inner)) if !inner.is_empty() => inner.clear(),
                _ => break,
            }
        } else {
            fields.remove(&key);
        }
        dropped += 1;
    }
    if dropped > 0 {
        value["omitted_fields"] = json!(dropped);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items(count: usize) -> Vec<Json> {
        (0..count).map(|i| json!({ "name": format!("function {i:04}") })).collect()
    }

    #[test]
    fn pages_follow_each_other_until_the_end() {
        let (mut start_at, mut seen) = (0, 0);
        loop {
            let page = page(items(95), start_at, 1_000, 1_000);
            assert!(page.items.iter().map(size).sum::<usize>() <= 1_000);
            assert_eq!(page.items[0]["name"], format!("function {start_at:04}"));
            assert_eq!(page.omitted, 95 - page.items.len());
            seen += page.items.len();
            let Some(next) = page.next else { break };
            start_at = start(Some(&next)).unwrap();
        }
        assert_eq!(seen, 95);
    }

    #[test]
    fn a_page_past_the_end_is_empty_and_the_last() {
        let page = page(items(3), 7, 10, 1_000);
        assert!(page.items.is_empty() && page.next.is_none());
        assert_eq!(page.omitted, 3);
    }

    #[test]
    fn an_item_larger_than_the_answer_is_made_to_fit() {
        let mut huge = json!({ "name": "x".repeat(100_000), "é": "é".repeat(9_999) });
        for i in 0..200 {
            huge[format!("field {i}")] = json!("y".repeat(300));
        }
        let page = page(vec![huge], 0, 10, 4_000);
        assert!(size(&page.items[0]) <= 4_000);
        assert!(page.items[0]["omitted_fields"].as_u64().unwrap() > 100);
    }

    #[test]
    fn an_invalid_cursor_is_a_problem() {
        assert!(start(Some("tomorrow")).unwrap_err().to_string().contains("next_cursor"));
        assert_eq!(start(None), Ok(0));
    }
}
