//! A parsed JSON text, shaped for reports: strings stay in the text, and histograms are not even looked into.
//!
//! A report of a thousand functions has some hundred thousand buckets, which would be as many small allocations in a general
//! tree; [`pairs`] reads them straight from the text. What must stay true: a value means the same as any JSON reader's, but
//! that of two equal keys the first counts.

use serde::de::{self, Deserialize, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;

/// Any JSON value.
#[derive(Debug)]
pub(crate) enum Json<'a> {
    Null,
    Bool(bool),
    /// A whole number that is not negative.
    Whole(u64),
    /// A whole number that is.
    Negative(i64),
    Float(f64),
    Text(Cow<'a, str>),
    Array(Vec<Json<'a>>),
    Object(Object<'a>),
    /// A list under a key with [`UNREAD`] in it: known to be JSON, and not read yet.
    Unread(&'a RawValue),
}

/// The fields of an object, in the order of the text.
#[derive(Debug, Default)]
pub(crate) struct Object<'a> {
    fields: Vec<(Cow<'a, str>, Json<'a>)>,
    /// The index of the last field found: the next lookup mostly asks for the one after it.
    last: Cell<usize>,
}

/// The text in the keys of lists that are not read at once.
const UNREAD: &str = "histogram";

impl<'a> Json<'a> {
    pub(crate) fn get(&self, key: &str) -> Option<&Json<'a>> {
        self.as_object()?.get(key)
    }

    pub(crate) fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    pub(crate) fn is_number(&self) -> bool {
        matches!(self, Self::Whole(_) | Self::Negative(_) | Self::Float(_))
    }

    pub(crate) fn as_bool(&self) -> Option<bool> {
        if let Self::Bool(flag) = self { Some(*flag) } else { None }
    }

    pub(crate) fn as_u64(&self) -> Option<u64> {
        if let Self::Whole(number) = self { Some(*number) } else { None }
    }

    pub(crate) fn as_i64(&self) -> Option<i64> {
        match self {
            Self::Whole(number) => i64::try_from(*number).ok(),
            Self::Negative(number) => Some(*number),
            _ => None,
        }
    }

    pub(crate) fn as_f64(&self) -> Option<f64> {
        match self {
            Self::Whole(number) => Some(*number as f64),
            Self::Negative(number) => Some(*number as f64),
            Self::Float(number) => Some(*number),
            _ => None,
        }
    }

    pub(crate) fn as_str(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    pub(crate) fn as_array(&self) -> Option<&[Json<'a>]> {
        if let Self::Array(items) = self { Some(items) } else { None }
    }

    pub(crate) fn as_object(&self) -> Option<&Object<'a>> {
        if let Self::Object(object) = self { Some(object) } else { None }
    }
}

impl<'a> Object<'a> {
    pub(crate) fn get(&self, key: &str) -> Option<&Json<'a>> {
        let start = self.last.get();
        let from = |start: usize| (start..self.fields.len()).find(|&i| self.fields[i].0 == key);
        let found = from(start).or_else(|| (0..start).find(|&i| self.fields[i].0 == key))?;
        self.last.set(found);
        Some(&self.fields[found].1)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Json<'a>)> {
        self.fields.iter().map(|(key, json)| (&key[..], json))
    }

    pub(crate) fn into_fields(self) -> impl Iterator<Item = (Cow<'a, str>, Json<'a>)> {
        self.fields.into_iter()
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        self.iter().map(|(key, _)| key)
    }
}

impl<'a> From<Vec<(Cow<'a, str>, Json<'a>)>> for Object<'a> {
    fn from(fields: Vec<(Cow<'a, str>, Json<'a>)>) -> Self {
        Self { fields, last: Cell::new(0) }
    }
}

/// Compact JSON, for messages.
impl fmt::Display for Json<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(self).map_err(|_| fmt::Error)?)
    }
}

impl Serialize for Json<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => to.serialize_unit(),
            Self::Bool(flag) => to.serialize_bool(*flag),
            Self::Whole(number) => to.serialize_u64(*number),
            Self::Negative(number) => to.serialize_i64(*number),
            Self::Float(number) => to.serialize_f64(*number),
            Self::Text(text) => to.serialize_str(text),
            Self::Array(items) => to.collect_seq(items),
            Self::Unread(raw) => raw.serialize(to),
            Self::Object(object) => {
                let mut map = to.serialize_map(Some(object.fields.len()))?;
                object.iter().try_for_each(|(key, json)| map.serialize_entry(key, json))?;
                map.end()
            }
        }
    }
}

/// The text of the error for what is nested too deep.
pub(crate) const TOO_DEEP: &str = "nested too deep";

/// Reads a value with at most this many brackets and braces open at once.
pub(crate) struct Nested(pub(crate) usize);

impl<'de> DeserializeSeed<'de> for Nested {
    type Value = Json<'de>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Json<'de>, D::Error> {
        from.deserialize_any(self)
    }
}

impl Nested {
    /// The nesting that may follow.
    fn inside<E: de::Error>(&self) -> Result<usize, E> {
        self.0.checked_sub(1).ok_or_else(|| E::custom(TOO_DEEP))
    }
}

impl<'de> Visitor<'de> for Nested {
    type Value = Json<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_unit<E>(self) -> Result<Json<'de>, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Json<'de>, E> {
        Ok(Json::Bool(flag))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Json<'de>, E> {
        Ok(Json::Whole(number))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Json<'de>, E> {
        Ok(u64::try_from(number).map_or(Json::Negative(number), Json::Whole))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Json<'de>, E> {
        Ok(Json::Float(number))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Json<'de>, E> {
        Ok(Json::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Json<'de>, E> {
        Ok(Json::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Json<'de>, A::Error> {
        let inside = self.inside()?;
        let mut items = Vec::new();
        while let Some(item) = from.next_element_seed(Nested(inside))? {
            items.push(item);
        }
        Ok(Json::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Json<'de>, A::Error> {
        let inside = self.inside()?;
        let mut object = Object::default();
        while let Some(Key(key)) = from.next_key()? {
            let json = if key.contains(UNREAD) {
                unread(from.next_value()?, inside)?
            } else {
                from.next_value_seed(Nested(inside))?
            };
            object.fields.push((key, json));
        }
        Ok(Json::Object(object))
    }
}

/// A list stays unread. Anything else is what somebody called so: a function, or a key of the program's own.
fn unread<E: de::Error>(raw: &RawValue, inside: usize) -> Result<Json<'_>, E> {
    if raw.get().starts_with('[') {
        return Ok(Json::Unread(raw));
    }
    let mut from = serde_json::Deserializer::from_str(raw.get());
    from.disable_recursion_limit();
    // It is JSON already, so all that can be wrong is its depth.
    Nested(inside).deserialize(&mut from).map_err(|_| E::custom(TOO_DEEP))
}

/// The pairs of whole numbers in a text such as `[[1,2],[3,4]]`; `None` if it is anything else.
pub(crate) fn pairs(text: &str) -> Option<Vec<(u64, u64)>> {
    let mut pairs = Pairs { rest: text.as_bytes() };
    let mut found = Vec::new();
    pairs.take(b'[')?;
    if pairs.take(b']').is_none() {
        loop {
            pairs.take(b'[')?;
            let first = pairs.number()?;
            pairs.take(b',')?;
            found.push((first, pairs.number()?));
            pairs.take(b']')?;
            if pairs.take(b',').is_none() {
                break;
            }
        }
        pairs.take(b']')?;
    }
    pairs.rest.iter().all(u8::is_ascii_whitespace).then_some(found)
}

struct Pairs<'a> {
    rest: &'a [u8],
}

impl Pairs<'_> {
    /// Goes past this byte, and blanks before it.
    fn take(&mut self, wanted: u8) -> Option<()> {
        while let [b' ' | b'\n' | b'\r' | b'\t', rest @ ..] = self.rest {
            self.rest = rest;
        }
        let (&byte, rest) = self.rest.split_first().filter(|(byte, _)| **byte == wanted)?;
        self.rest = rest;
        (byte == wanted).then_some(())
    }

    /// Goes past a whole number. Text that is known to be JSON has no zeros in front of one.
    fn number(&mut self) -> Option<u64> {
        while let [b' ' | b'\n' | b'\r' | b'\t', rest @ ..] = self.rest {
            self.rest = rest;
        }
        let mut number = None;
        while let [digit @ b'0'..=b'9', rest @ ..] = self.rest {
            number = Some(number.unwrap_or(0u64).checked_mul(10)?.checked_add(u64::from(digit - b'0'))?);
            self.rest = rest;
        }
        number
    }
}

/// A key, which stays in the text unless it has escapes.
struct Key<'de>(Cow<'de, str>);

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Text;
        impl<'de> Visitor<'de> for Text {
            type Value = Key<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Key(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Key(Cow::Owned(text.to_owned())))
            }
        }
        from.deserialize_str(Text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse(text: &str, depth: usize) -> Result<String, String> {
        let mut from = serde_json::Deserializer::from_str(text);
        let json = Nested(depth).deserialize(&mut from).map_err(|error| error.to_string())?;
        Ok(json.to_string())
    }

    #[test]
    fn pairs_are_only_what_is_all_pairs() {
        assert_eq!(pairs("[]"), Some(vec![]));
        assert_eq!(pairs("[[1,2],[3,4]]"), Some(vec![(1, 2), (3, 4)]));
        assert_eq!(pairs(" [\n [ 1 , 2 ] ,\t[3,18446744073709551615] ] "), Some(vec![(1, 2), (3, u64::MAX)]));
        for other in [
            "",
            "[",
            "null",
            "[1,2]",
            "[[1,2],3]",
            "[[1,2,3]]",
            "[[1]]",
            "[[1,-2]]",
            "[[1,2],[1.5,2]]",
            "[[]]",
        ] {
            assert_eq!(pairs(other), None, "{other}");
        }
        assert_eq!(pairs("[[1,18446744073709551616]]"), None);
        assert_eq!(pairs("[[1,2]]x"), None);
    }

    #[test]
    fn depth_is_bounded() {
        assert_eq!(parse("[[[[3]]]]", 4).unwrap(), "[[[[3]]]]");
        assert!(parse("[[[[3]]]]", 3).unwrap_err().starts_with(TOO_DEEP));
        assert!(parse("[{\"a\": 2}]", 1).unwrap_err().starts_with(TOO_DEEP));
    }

    fn any_json() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<u64>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            (-1e9..1e9).prop_map(Into::into),
            "\\PC{0,8}".prop_map(Into::into),
        ];
        leaf.prop_recursive(4, 40, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Into::into),
                prop::collection::vec((any::<u64>(), any::<u64>()), 0..4)
                    .prop_map(|pairs| serde_json::json!(pairs)),
                prop::collection::vec(("[a-c\"\\\\]{0,3}(histogram)?", inner), 0..5)
                    .prop_map(|fields| serde_json::Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn a_value_is_what_the_general_reader_reads(json in any_json()) {
            let text = json.to_string();
            let read = parse(&text, 99).unwrap();
            prop_assert_eq!(serde_json::from_str::<serde_json::Value>(&read).unwrap(), json);
        }
    }
}
