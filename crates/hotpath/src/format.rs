//! How a report is written. Compiled in both modes.

use std::{fmt, str::FromStr};

/// How a report is written.
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
    /// Nothing is written.
    None,
}

impl Format {
    const NAMES: [(&'static str, Self); 5] = [
        ("table", Self::Table),
        ("json", Self::Json),
        ("json-pretty", Self::JsonPretty),
        ("jsonpretty", Self::JsonPretty),
        ("none", Self::None),
    ];
}

/// The text is not the name of a [`Format`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownFormat;

impl fmt::Display for UnknownFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected table, json, json-pretty or none")
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
