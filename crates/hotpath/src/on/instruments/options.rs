//! What the macros of instruments are told beside the expression.

use hotpath_lane::memory::pause_tracking;

use super::{
    log::text_of_label,
    place::{Place, Resource, Wanted},
};

/// The options of one use of a macro. Whether a capacity is among them is part of the type, so that the compiler can ask
/// for one.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options<'a, C = NoCapacity> {
    label: Option<&'a str>,
    is_single: bool,
    capacity: C,
}

/// No capacity was given.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoCapacity;

/// A capacity that was given.
#[derive(Clone, Copy, Debug)]
pub struct GivenCapacity(pub(crate) usize);

impl Options<'_> {
    /// `iter = true` is a row for each instance.
    #[must_use]
    pub fn new(iter: bool) -> Self {
        Self { label: None, is_single: iter, capacity: NoCapacity }
    }
}

impl<'a, C> Options<'a, C> {
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
    pub fn capacity(self, capacity: usize) -> Options<'a, GivenCapacity> {
        Options { label: self.label, is_single: self.is_single, capacity: GivenCapacity(capacity) }
    }

    /// The capacity, or that none was given.
    pub(crate) fn given_capacity(&self) -> &C {
        &self.capacity
    }

    /// The resource that these options mean, for something of type `T`.
    pub(crate) fn resource<T: ?Sized>(&self, place: &'static Place) -> &'static Resource {
        let type_name = std::any::type_name::<T>();
        place.resource(Wanted { label: self.label, is_single: self.is_single, type_name })
    }
}

/// A label made by the program.
pub struct Label(String);

impl Drop for Label {
    fn drop(&mut self) {
        let _untracked = pause_tracking(); // it was made so
        drop(std::mem::take(&mut self.0));
    }
}

/// Anything that can be text is a label.
pub fn label(label: &(impl ToString + ?Sized)) -> Label {
    let _untracked = pause_tracking();
    Label(text_of_label(label))
}
