//! The sections a report may have. Compiled in both modes; a test holds the list against the report crate's.

use std::{fmt, str::FromStr};

macro_rules! sections {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $short:literal;)+) => {
        /// A section of the report.
        ///
        /// ```
        /// use hotpath::Section;
        /// assert_eq!("functions-timing".parse(), Ok(Section::FunctionsTiming));
        /// assert_eq!(Section::FunctionsTiming.short_name(), "timing");
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Section {
            $($(#[$doc])* $variant,)+
        }

        impl Section {
            const ALL: &[Self] = &[$(Self::$variant),+];

            /// The name in settings, such as `functions-timing`.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// The name in headings, such as `timing`.
            #[must_use]
            pub fn short_name(self) -> &'static str {
                match self { $(Self::$variant => $short),+ }
            }
        }
    };
}

crate::lists::each_section!(sections);

impl Section {
    /// Every section.
    #[must_use]
    pub fn all() -> Vec<Self> {
        Self::ALL.to_vec()
    }
}

impl fmt::Display for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The text is not the name of a [`Section`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownSection;

impl fmt::Display for UnknownSection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected one of")?;
        Section::ALL.iter().try_for_each(|section| write!(f, " {section}"))
    }
}

impl std::error::Error for UnknownSection {}

impl FromStr for Section {
    type Err = UnknownSection;

    /// Names are taken with `-` or `_`.
    fn from_str(text: &str) -> Result<Self, UnknownSection> {
        let plain = |name: &str| name.trim().to_ascii_lowercase().replace('_', "-");
        let text = plain(text);
        Self::ALL.iter().copied().find(|section| plain(section.name()) == text).ok_or(UnknownSection)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_section_has_a_name_that_leads_back_to_it() {
        for section in Section::all() {
            assert_eq!(section.name().parse(), Ok(section));
            assert_eq!(section.name().replace('_', "-").parse(), Ok(section));
        }
        assert_eq!("nothing".parse::<Section>(), Err(UnknownSection));
    }
}
