//! What the macros of instruments are told beside the expression.

use hotpath_lane::memory::quiet;

use super::place::{Place, Spot, Wanted};

/// The options of one use of a macro.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options<'a> {
    label: Option<&'a str>,
    is_single: bool,
    capacity: Option<usize>,
}

impl<'a> Options<'a> {
    /// `iter = true` is a row for each instance.
    #[must_use]
    pub fn new(iter: bool) -> Self {
        Self { label: None, is_single: iter, capacity: None }
    }

    /// A label that stands in the source.
    #[must_use]
    pub fn fixed_label(self, label: &'static str) -> Self {
        Self { label: Some(label), ..self }
    }

    /// A label that was made.
    #[must_use]
    pub fn label(self, label: &'a Label) -> Self {
        Self { label: Some(&label.0), ..self }
    }

    /// The capacity of a channel that does not tell it.
    #[must_use]
    pub fn capacity(self, capacity: usize) -> Self {
        Self { capacity: Some(capacity), ..self }
    }

    /// The capacity, if it was given.
    pub(crate) fn given_capacity(&self) -> Option<usize> {
        self.capacity
    }

    /// The spot that these options mean, for something of type `T`.
    pub(crate) fn spot<T: ?Sized>(&self, place: &'static Place) -> &'static Spot {
        let type_name = std::any::type_name::<T>();
        place.spot(Wanted { label: self.label, is_single: self.is_single, type_name })
    }
}

/// A label made by the program.
pub struct Label(String);

impl Drop for Label {
    fn drop(&mut self) {
        let _unseen = quiet(); // it was made so
        drop(std::mem::take(&mut self.0));
    }
}

/// Anything that can be text is a label.
pub fn label(label: &(impl ToString + ?Sized)) -> Label {
    let _unseen = quiet();
    Label(label.to_string())
}
