//! The selection of sections: the grammar of `HOTPATH_REPORT`.

use crate::Section;

/// A selection of sections.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Selection {
    base: Base,
    left_out: Vec<Section>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Base {
    /// Functions, threads, and whatever has data.
    Auto,
    All,
    These(Vec<Section>),
}

impl Default for Selection {
    fn default() -> Self {
        Self { base: Base::Auto, left_out: Vec::new() }
    }
}

impl Selection {
    /// All sections.
    pub(crate) fn everything() -> Self {
        Self { base: Base::All, left_out: Vec::new() }
    }

    pub(crate) fn these(sections: Vec<Section>) -> Self {
        Self { base: Base::These(sections), left_out: Vec::new() }
    }

    pub(crate) fn all_but(sections: Vec<Section>) -> Self {
        Self { base: Base::Auto, left_out: sections }
    }

    /// `all`, `auto`, names separated by commas, `-name` to leave one out. Names that are not known are returned; the rest
    /// counts.
    pub(crate) fn parse(spec: &str) -> (Self, Vec<String>) {
        let (mut whole, mut these, mut left_out, mut unknown) = (None, Vec::new(), Vec::new(), Vec::new());
        for name in spec.split(',').map(str::trim).filter(|name| !name.is_empty()) {
            match (name, name.strip_prefix('-').unwrap_or(name).parse()) {
                ("all", _) => whole = Some(Base::All),
                ("auto", _) => whole = whole.or(Some(Base::Auto)),
                (_, Ok(section)) if name.starts_with('-') => left_out.push(section),
                (_, Ok(section)) => these.push(section),
                (_, Err(_)) => unknown.push(name.to_owned()),
            }
        }
        let base = match whole {
            Some(whole) => whole,
            None if these.is_empty() => Base::Auto,
            None => Base::These(these),
        };
        (Self { base, left_out }, unknown)
    }

    /// Returns true if a section is selected that has data (or not).
    pub(crate) fn wants(&self, section: Section, has_data: bool) -> bool {
        let by_name = match &self.base {
            Base::All => true,
            Base::These(these) => these.contains(&section),
            Base::Auto => match section {
                Section::CallTree => false,
                Section::FunctionsTiming => true,
                _ => has_data,
            },
        };
        by_name && !self.left_out.contains(&section)
    }

    /// Sections asked for by name.
    pub(crate) fn named(&self) -> &[Section] {
        match &self.base {
            Base::These(these) => these,
            _ => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Section::{CallTree, Channels, FunctionsTiming, Futures, Threads};

    fn wanted(spec: &str) -> Vec<Section> {
        let selection = Selection::parse(spec).0;
        [FunctionsTiming, Channels, Futures, Threads, CallTree]
            .into_iter()
            .filter(|section| selection.wants(*section, *section != Channels))
            .collect()
    }

    #[test]
    fn the_grammar() {
        assert_eq!(wanted(""), [FunctionsTiming, Futures, Threads]);
        assert_eq!(wanted("auto"), [FunctionsTiming, Futures, Threads]);
        assert_eq!(wanted("all"), [FunctionsTiming, Channels, Futures, Threads, CallTree]);
        assert_eq!(wanted("all,-threads"), [FunctionsTiming, Channels, Futures, CallTree]);
        assert_eq!(wanted("-threads"), [FunctionsTiming, Futures]);
        assert_eq!(wanted("channels, call-tree"), [Channels, CallTree]);
        assert_eq!(wanted("functions_timing,threads,-threads"), [FunctionsTiming]);
    }

    #[test]
    fn unknown_names_are_returned_and_the_rest_counts() {
        let (selection, unknown) = Selection::parse("threads,thraeds,-nothing");
        assert_eq!(unknown, ["thraeds", "-nothing"]);
        assert_eq!(selection, Selection::these(vec![Threads]));
    }
}
