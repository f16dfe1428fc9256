//! One cell of a section: a raw number with its unit, so that each renderer formats for itself.
//!
//! What must stay true: an unknown is [`Value::Nothing`], never a zero; it is `-` in a table and `null` in JSON.

use crate::dist::Dist;
use crate::units::round4;
use crate::units::{
    format_bytes, format_count, format_duration, format_float, format_load, format_percent, format_rate,
    format_signed_bytes, parse_bytes, parse_count, parse_duration, parse_load, parse_percent,
    parse_signed_bytes,
};
use serde::ser::{Serialize, Serializer};

/// A place in the source of the profiled program.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Source {
    /// File as the compiler names it.
    pub file: String,
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1; 0 if unknown.
    pub column: u32,
}

/// The unit of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Plain text.
    Text,
    /// The path of a function; tables shorten it.
    Name,
    /// A place in the source.
    Place,
    /// A yes or no.
    Flag,
    /// A number of things.
    Count,
    /// Nanoseconds.
    Nanos,
    /// Bytes.
    Bytes,
    /// A difference of sizes in bytes, which may be negative.
    SignedBytes,
    /// A share of 0–100.
    Percent,
    /// Thousandths of one processor.
    Load,
    /// Events per second.
    Rate,
    /// A number of the program's own.
    Float,
}

impl Unit {
    /// The value `number` of this unit.
    pub fn value(self, number: u64) -> Value {
        match self {
            Self::Nanos => Value::Nanos(number),
            Self::Bytes => Value::Bytes(number),
            Self::SignedBytes => Value::SignedBytes(0i64.saturating_add_unsigned(number)),
            Self::Load => Value::Load(number),
            _ => Value::Count(number),
        }
    }

    /// A number that is not whole, in this unit.
    pub fn float(self, number: f64) -> Value {
        if self == Self::Rate { Value::Rate(number) } else { Value::Float(number) }
    }

    /// Reads a formatted string of this unit; `None` if it is none.
    pub fn parse(self, text: &str) -> Option<Value> {
        match self {
            Self::Text | Self::Name | Self::Place => Some(Value::Text(text.to_owned())),
            Self::Flag => text.parse().ok().map(Value::Flag),
            Self::Count => parse_count(text).map(Value::Count),
            Self::Nanos => parse_duration(text).map(Value::Nanos),
            Self::Bytes => parse_bytes(text).map(Value::Bytes),
            Self::SignedBytes => parse_signed_bytes(text).map(Value::SignedBytes),
            Self::Percent => parse_percent(text).map(Value::Percent),
            Self::Load => parse_load(text).map(Value::Load),
            Self::Rate => text.trim_end_matches("/s").replace(',', "").parse().ok().map(Value::Rate),
            Self::Float => text.parse().ok().map(Value::Float),
        }
    }

    /// The word for this unit in messages.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Text | Self::Name => "text",
            Self::Place => "source location",
            Self::Flag => "true or false",
            Self::Count => "count",
            Self::Nanos => "duration",
            Self::Bytes => "size",
            Self::SignedBytes => "difference of sizes",
            Self::Percent | Self::Load => "percentage",
            Self::Rate => "rate",
            Self::Float => "number",
        }
    }
}

/// One evaluated cell.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    /// Unknown, or not applicable to this row.
    #[default]
    Nothing,
    /// A yes or no.
    Flag(bool),
    /// A number of things.
    Count(u64),
    /// Nanoseconds.
    Nanos(u64),
    /// Bytes.
    Bytes(u64),
    /// A difference of sizes in bytes, which may be negative.
    SignedBytes(i64),
    /// A share of 0–100.
    Percent(f64),
    /// Thousandths of one processor.
    Load(u64),
    /// Events per second.
    Rate(f64),
    /// A number of the program's own.
    Float(f64),
    /// Text.
    Text(String),
    /// A place in the source.
    Place(Source),
    /// A whole distribution.
    Dist(Dist),
}

impl Value {
    /// Returns true if the value is unknown or not applicable.
    pub fn is_nothing(&self) -> bool {
        matches!(self, Self::Nothing)
    }

    /// The integer of a count, duration, size or load; not that of a difference, which may be negative.
    pub fn number(&self) -> Option<u64> {
        match self {
            Self::Count(n) | Self::Nanos(n) | Self::Bytes(n) | Self::Load(n) => Some(*n),
            _ => None,
        }
    }

    /// The text of a text value.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    fn formatted(&self) -> String {
        match self {
            Self::Nothing => "-".to_owned(),
            Self::Flag(flag) => flag.to_string(),
            Self::Count(n) => format_count(*n),
            Self::Nanos(n) => format_duration(*n),
            Self::Bytes(n) => format_bytes(*n),
            Self::SignedBytes(n) => format_signed_bytes(*n),
            Self::Percent(share) => format_percent(*share),
            Self::Load(permille) => format_load(*permille),
            Self::Rate(rate) => format_rate(*rate),
            Self::Float(number) => format_float(*number),
            Self::Text(text) => text.clone(),
            Self::Place(source) => format!("{}:{}", source.file, source.line),
            Self::Dist(dist) => format!("{} values", format_count(dist.count)),
        }
    }
}

/// The value as people read it; `-` for an unknown.
///
/// ```
/// use hotpath_report::Value;
/// assert_eq!(Value::Nanos(1_160_000).to_string(), "1.16 ms");
/// assert_eq!(Value::Nothing.to_string(), "-");
/// ```
impl std::fmt::Display for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&self.formatted())
    }
}

/// The raw form: numbers as numbers, an unknown as `null`, a distribution as the list of its buckets.
impl Serialize for Value {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Nothing => to.serialize_unit(),
            Self::Flag(flag) => to.serialize_bool(*flag),
            Self::Count(n) | Self::Nanos(n) | Self::Bytes(n) => to.serialize_u64(*n),
            Self::SignedBytes(n) => to.serialize_i64(*n),
            Self::Load(n) => to.serialize_f64(*n as f64 / 10.0),
            Self::Percent(x) | Self::Rate(x) => to.serialize_f64(round4(*x)),
            Self::Float(x) => to.serialize_f64(*x),
            Self::Text(text) => to.serialize_str(text),
            Self::Place(source) => to.collect_str(&format_args!("{}:{}", source.file, source.line)),
            Self::Dist(dist) if dist.is_shaped() => dist.buckets.serialize(to),
            Self::Dist(_) => to.serialize_unit(),
        }
    }
}
