//! The sources of a server, by name. The first one is the default.

use crate::problem::Problem;
use crate::source::Source;
use std::sync::Arc;

/// One or more sources. Names are distinct.
#[derive(Clone)]
pub struct Sources {
    first: Named,
    others: Vec<Named>,
}

/// A source with its name.
#[derive(Clone)]
pub(crate) struct Named {
    pub(crate) name: String,
    pub(crate) source: Arc<dyn Source>,
}

impl Sources {
    /// Returns a single source.
    pub fn one(name: impl Into<String>, source: impl Source + 'static) -> Self {
        Self { first: Named { name: name.into(), source: Arc::new(source) }, others: Vec::new() }
    }

    /// Adds a source. A number is appended to a name that is taken.
    #[must_use]
    pub fn and(mut self, name: impl Into<String>, source: impl Source + 'static) -> Self {
        let name = name.into();
        let is_taken = |name: &str| self.all().any(|named| named.name == name);
        let numbered = (2u32..).map(|n| format!("{name}-{n}"));
        let name = std::iter::once(name.clone()).chain(numbered).find(|name| !is_taken(name)).unwrap_or(name);
        self.others.push(Named { name, source: Arc::new(source) });
        self
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Named> {
        std::iter::once(&self.first).chain(&self.others)
    }

    pub(crate) fn names(&self) -> Vec<String> {
        self.all().map(|named| named.name.clone()).collect()
    }

    pub(crate) fn are_several(&self) -> bool {
        !self.others.is_empty()
    }

    pub(crate) fn any_live(&self) -> bool {
        self.all().any(|named| named.source.is_live())
    }

    /// Returns the source of this name, or the first one.
    pub(crate) fn get(&self, name: Option<&str>) -> Result<&Named, Problem> {
        let Some(name) = name else { return Ok(&self.first) };
        self.all()
            .find(|named| named.name == name)
            .ok_or_else(|| Problem::unknown("source", name, self.names()))
    }
}
