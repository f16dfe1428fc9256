//! Formats of the report. Compiled in both modes.

use std::{fmt, str::FromStr};

/// A format of the report.
///
/// ```
/// use hotpath::Format;
/// assert_eq!("json-pretty".parse(), Ok(Format::JsonPretty));
/// assert_eq!(Format::default(), Format::Table);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Format {
    /// A table for people.
    #[default]
    Table,
    /// JSON on one line.
    Json,
    /// JSON with line breaks.
    JsonPretty,
    /// JSON on one line with exactly the keys of interface 0.30.3, for programs that decode it with that crate's types.
    JsonCompat,
    /// JSON on one line with exactly the keys of interface 0.16.1. There is no common form: function rows of 0.30.3 need a number beside
    /// the percentiles, and those of 0.16.1 take texts only.
    JsonCompat016,
    /// Nothing is written.
    None,
}

impl Format {
    /// The names, as messages list them.
    pub(crate) const LISTED: &'static str = "table, json, json-pretty, json-compat, json-compat-0.16 or none";

    const NAMES: [(&'static str, Self); 8] = [
        ("table", Self::Table),
        ("json", Self::Json),
        ("json-pretty", Self::JsonPretty),
        ("jsonpretty", Self::JsonPretty),
        ("json-compat", Self::JsonCompat),
        ("json-compat-0.30", Self::JsonCompat),
        ("json-compat-0.16", Self::JsonCompat016),
        ("none", Self::None),
    ];
}

/// The text is not the name of a [`Format`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownFormat;

impl fmt::Display for UnknownFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected {}", Format::LISTED)
    }
}

impl std::error::Error for UnknownFormat {}

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(text: &str) -> Result<Self, UnknownFormat> {
        let known = Self::NAMES.iter().find(|(name, _)| name.eq_ignore_ascii_case(text.trim()));
        known.map(|(_, format)| *format).ok_or(UnknownFormat)
    }
}
