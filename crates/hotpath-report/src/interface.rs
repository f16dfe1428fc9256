//! The established interface as forms of the JSON: its keys, and their versions.
//!
//! Our form has more: numbers beside the texts, and whole objects. Types that the published crates decode reports with refuse
//! some of that, since they take every key of a function's row that they do not know for a percentile. A compat form has
//! exactly the keys of one version of the interface. Which those are stands with each column ([`Column::compat`]), and with
//! each section ([`Spec::compat`]). What must stay true: such a form decodes with the types of that version and encodes again as it was.
//!
//! [`Column::compat`]: crate::Column::compat
//! [`Spec::compat`]: crate::Spec::compat

use std::{fmt, str::FromStr};

/// A version of the established interface whose types decode reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Interface {
    /// 0.16.1.
    V0_16,
    /// 0.30.3: all that 0.16.1 has, and more.
    V0_30,
}

/// The form of a JSON text.
///
/// ```
/// use hotpath_report::{Form, Interface};
/// assert_eq!("json-compat".parse(), Ok(Form::Compat(Interface::V0_30)));
/// assert_eq!(Form::default().to_string(), "json");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Form {
    /// Ours, with everything there is.
    #[default]
    Whole,
    /// Exactly the keys of the interface.
    Compat(Interface),
}

impl Form {
    /// The forms by name; of several names of one form the first is the usual one.
    pub const NAMES: [(&'static str, Self); 4] = [
        ("json", Self::Whole),
        ("json-compat", Self::Compat(Interface::V0_30)),
        ("json-compat-0.30", Self::Compat(Interface::V0_30)),
        ("json-compat-0.16", Self::Compat(Interface::V0_16)),
    ];

    /// Returns true if this form has what the interface has since that version.
    pub(crate) fn has(self, since: Interface) -> bool {
        match self {
            Self::Whole => true,
            Self::Compat(interface) => since <= interface,
        }
    }

    /// Returns true if this form has it; `None` belongs to no version of the interface.
    pub(crate) fn may_have(self, since: Option<Interface>) -> bool {
        self == Self::Whole || since.is_some_and(|since| self.has(since))
    }
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = Self::NAMES.iter().find(|(_, form)| form == self).map_or("json", |(name, _)| name);
        f.pad(name)
    }
}

/// The text is not the name of a [`Form`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownForm;

impl fmt::Display for UnknownForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected json, json-compat or json-compat-0.16")
    }
}

impl std::error::Error for UnknownForm {}

/// By name, in any case.
impl FromStr for Form {
    type Err = UnknownForm;

    fn from_str(text: &str) -> Result<Self, UnknownForm> {
        let known = Self::NAMES.iter().find(|(name, _)| name.eq_ignore_ascii_case(text));
        known.map(|(_, form)| *form).ok_or(UnknownForm)
    }
}

/// The compat forms of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compat {
    /// The first version that has it.
    pub since: Interface,
    /// Its key there, if that is not ours; of a distribution the key of the object that has its percentiles.
    pub key: Option<&'static str>,
    /// The placeholder of an unknown value.
    pub unknown: Unknown,
}

/// The placeholder of an unknown value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// `null`.
    Null,
    /// Nothing: the key is left out.
    LeftOut,
    /// The value that the type there takes: `-` for a formatted number, an empty text, `false`, 0.
    Filled,
}

impl Compat {
    /// There since 0.16.1, and always known there.
    pub const V0_16: Self = Self::since(Interface::V0_16);
    /// There since 0.30.3, and always known there.
    pub const V0_30: Self = Self::since(Interface::V0_30);

    const fn since(since: Interface) -> Self {
        Self { since, key: None, unknown: Unknown::Filled }
    }

    /// Sets a key that differs from ours.
    pub const fn named(mut self, key: &'static str) -> Self {
        self.key = Some(key);
        self
    }

    /// Writes an unknown value as `null`.
    pub const fn or_null(mut self) -> Self {
        self.unknown = Unknown::Null;
        self
    }

    /// Leaves the key out without a value.
    pub const fn or_left_out(mut self) -> Self {
        self.unknown = Unknown::LeftOut;
        self
    }
}
