//! A parsed JSON text, shaped for reports: strings stay in the text, and a histogram is a list of pairs of numbers.
//!
//! A report of a thousand functions has some hundred thousand buckets, which would be as many small allocations in a general
//! tree. What must stay true: a value means the same as any JSON reader's, but that of two equal keys the first counts.

use serde::de::{self, Deserialize, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};
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
    /// An array of arrays of two whole numbers each, at least one.
    Pairs(Vec<(u64, u64)>),
    Object(Object<'a>),
}

/// The fields of an object, in the order of the text.
#[derive(Debug, Default)]
pub(crate) struct Object<'a> {
    fields: Vec<(Cow<'a, str>, Json<'a>)>,
    /// Where the last field was found: the next one that is asked for mostly stands behind it.
    last: Cell<usize>,
}

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

    /// The elements of an array that is not of pairs.
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

    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        self.iter().map(|(key, _)| key)
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
            Self::Pairs(pairs) => to.collect_seq(pairs),
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

/// Reads a value with at most so many brackets and braces open at once.
pub(crate) struct Nested(pub(crate) usize);

impl<'de> DeserializeSeed<'de> for Nested {
    type Value = Json<'de>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Json<'de>, D::Error> {
        Ok(from.deserialize_any(self)?.into_json())
    }
}

/// A value, or two whole numbers, which need no allocation until it is known what they stand in.
pub(crate) enum Parsed<'de> {
    Pair(u64, u64),
    Json(Json<'de>),
}

impl<'de> Parsed<'de> {
    fn into_json(self) -> Json<'de> {
        match self {
            Self::Pair(a, b) => Json::Array(vec![Json::Whole(a), Json::Whole(b)]),
            Self::Json(json) => json,
        }
    }
}

/// The same, and a pair stays one.
struct Element(usize);

impl<'de> DeserializeSeed<'de> for Element {
    type Value = Parsed<'de>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Parsed<'de>, D::Error> {
        from.deserialize_any(Nested(self.0))
    }
}

impl Nested {
    /// What may be open inside.
    fn inside<E: de::Error>(&self) -> Result<usize, E> {
        self.0.checked_sub(1).ok_or_else(|| E::custom(TOO_DEEP))
    }
}

impl<'de> Visitor<'de> for Nested {
    type Value = Parsed<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Parsed::Json(Json::Null))
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Self::Value, E> {
        Ok(Parsed::Json(Json::Bool(flag)))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Parsed::Json(Json::Whole(number)))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Parsed::Json(u64::try_from(number).map_or(Json::Negative(number), Json::Whole)))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
        Ok(Parsed::Json(Json::Float(number)))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Parsed::Json(Json::Text(Cow::Borrowed(text))))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Parsed::Json(Json::Text(Cow::Owned(text.to_owned()))))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Self::Value, A::Error> {
        let inside = self.inside()?;
        let mut next = || from.next_element_seed(Element(inside));
        let first = next()?;
        let second = if first.is_some() { next()? } else { None };
        let third = if second.is_some() { next()? } else { None };
        if let (Some(Parsed::Json(Json::Whole(a))), Some(Parsed::Json(Json::Whole(b))), None) =
            (&first, &second, &third)
        {
            return Ok(Parsed::Pair(*a, *b));
        }
        let mut list = List::default();
        [first, second, third].into_iter().flatten().for_each(|parsed| list.push(parsed));
        while let Some(parsed) = next()? {
            list.push(parsed);
        }
        Ok(Parsed::Json(list.into_json()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Self::Value, A::Error> {
        let inside = self.inside()?;
        let mut object = Object::default();
        while let Some(Key(key)) = from.next_key()? {
            object.fields.push((key, from.next_value_seed(Nested(inside))?));
        }
        Ok(Parsed::Json(Json::Object(object)))
    }
}

/// An array while it is read: pairs until something else comes.
#[derive(Default)]
struct List<'de> {
    pairs: Vec<(u64, u64)>,
    items: Vec<Json<'de>>,
}

impl<'de> List<'de> {
    fn push(&mut self, parsed: Parsed<'de>) {
        match parsed {
            Parsed::Pair(a, b) if self.items.is_empty() => self.pairs.push((a, b)),
            other => {
                self.open();
                self.items.push(other.into_json());
            }
        }
    }

    /// Pairs become items like any other.
    fn open(&mut self) {
        let pairs = std::mem::take(&mut self.pairs).into_iter();
        self.items.extend(pairs.map(|(a, b)| Parsed::Pair(a, b).into_json()));
    }

    fn into_json(self) -> Json<'de> {
        if self.pairs.is_empty() { Json::Array(self.items) } else { Json::Pairs(self.pairs) }
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
        let is_pairs = |text: &str| {
            let mut from = serde_json::Deserializer::from_str(text);
            matches!(Nested(9).deserialize(&mut from), Ok(Json::Pairs(_)))
        };
        assert!(is_pairs("[[1, 2]]") && is_pairs("[[1, 2], [3, 4], [5, 6], [7, 8]]"));
        for other in ["[]", "[1, 2]", "[[1, 2], 3]", "[[1, 2, 3]]", "[[1, -2]]", "[[1, 2], [1.5, 2]]", "[[]]"]
        {
            assert!(!is_pairs(other), "{other}");
            assert_eq!(parse(other, 9).unwrap(), other.replace(' ', ""));
        }
    }

    #[test]
    fn depth_is_bounded() {
        assert_eq!(parse("[[[[3]]]]", 4).unwrap(), "[[[[3]]]]");
        assert!(parse("[[[[3]]]]", 3).unwrap_err().starts_with(TOO_DEEP));
        assert!(parse("[[1, 2]]", 1).unwrap_err().starts_with(TOO_DEEP));
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
                prop::collection::vec(("[a-z\"\\\\]{0,3}", inner), 0..5)
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
