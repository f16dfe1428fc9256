//! A large document, and a program over it that allocates a lot as real ones do: it is parsed into a tree, the tree is
//! walked, and printed again.

pub use serde_json::Value;

/// Enough records for 16 MB, and for about 1.1 million allocations when they are parsed.
const RECORDS: u64 = 40_000;

/// The same text each time.
pub fn generate() -> String {
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let records: Vec<String> = (0..RECORDS).map(|id| record(id, &mut random)).collect();
    format!("[{}]", records.join(",\n"))
}

/// Something of every kind: texts with and without escapes, numbers of three types, lists, an object in an object.
fn record(id: u64, random: &mut Random) -> String {
    let mut next = || random.next();
    let (age, euros, cents, active) = (next() % 90, next() % 100_000, next() % 100, next().is_multiple_of(2));
    let numbers =
        format!(r#""id":{id},"age":{age},"active":{active},"balance":{euros}.{cents:02},"parent":null"#);
    let texts = format!(
        r#""name":"{:x}","mail":"{:x}@example.org","note":"said \"{:x}\"\n""#,
        next(),
        next(),
        next()
    );
    let address = format!(
        r#""address":{{"street":"{:x}","city":"{:x}","position":[{}.5,-{age}.25]}}"#,
        next(),
        next(),
        cents
    );
    let history: [u64; 8] = std::array::from_fn(|_| next() % 1_000_000);
    let lists = format!(r#""tags":["{:x}","{:x}","plain"],"history":{history:?}"#, next(), next());
    format!("{{{numbers},{texts},{address},{lists}}}")
}

/// Text that is not JSON gives `null`.
pub fn parse(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_default()
}

/// Something that every value of the tree has a part in.
pub fn walk(value: &Value) -> u64 {
    match value {
        Value::Null => 1,
        Value::Bool(yes) => u64::from(*yes),
        Value::Number(number) => number.as_f64().map_or(0, f64::to_bits),
        Value::String(text) => text.len() as u64,
        Value::Array(values) => values.iter().map(walk).fold(2, u64::wrapping_add),
        Value::Object(fields) => {
            fields.iter().map(|(key, value)| key.len() as u64 ^ walk(value)).fold(3, u64::wrapping_add)
        }
    }
}

pub fn print(value: &Value) -> String {
    value.to_string()
}

/// Xorshift: the same numbers each time.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_is_large_valid_and_printed_as_it_was_read() {
        let text = generate();
        assert!((10_000_000..20_000_000).contains(&text.len()), "{}", text.len());
        let value = parse(&text);
        assert_eq!(value.as_array().map(Vec::len), Some(RECORDS as usize));
        let again = parse(&print(&value));
        assert!(again == value);
        assert_eq!(walk(&again), walk(&value));
    }

    #[test]
    fn every_value_has_a_part_in_the_walk() {
        let walked = |text| walk(&parse(text));
        assert_ne!(walked(r#"{"a":[1,"b",null]}"#), walked(r#"{"a":[2,"b",null]}"#));
        assert_ne!(walked(r#"{"a":[1,"b",null]}"#), walked(r#"{"a":[1,"bb",null]}"#));
        assert_ne!(walked(r#"{"a":[true]}"#), walked(r#"{"a":[false]}"#));
    }
}
