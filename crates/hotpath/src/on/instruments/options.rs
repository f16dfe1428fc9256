//! The options of an instrument's macro.

use hotpath_lane::memory::pause_tracking;

use super::{
    call_site::{CallSite, ResourceKey},
    log::text_of_label,
    resource::Resource,
};

/// The options of one use of a macro. The type says if a capacity is among them, so that the compiler can ask for one.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options<'a, C = NoCapacity> {
    label: Option<&'a str>,
    is_single: bool,
    capacity: C,
}

/// The absence of a capacity.
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

    /// A label that the program made.
    #[must_use]
    pub fn label(self, label: &'a Label) -> Self {
        Self { label: Some(&label.0), ..self }
    }

    /// The capacity of a channel whose ends do not know it.
    #[must_use]
    pub fn capacity(self, capacity: usize) -> Options<'a, GivenCapacity> {
        Options { label: self.label, is_single: self.is_single, capacity: GivenCapacity(capacity) }
    }

    /// The capacity, or [`NoCapacity`].
    pub(crate) fn given_capacity(&self) -> &C {
        &self.capacity
    }

    /// The resource that these options mean, for something of type `T`.
    pub(crate) fn resource<T: ?Sized>(&self, call_site: &'static CallSite) -> &'static Resource {
        let key = ResourceKey { label: self.label, type_name: std::any::type_name::<T>() };
        if self.is_single { call_site.instance(key) } else { call_site.resource(key) }
    }
}

/// A label made by the program.
pub struct Label(String);

impl AsRef<str> for Label {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl Drop for Label {
    fn drop(&mut self) {
        let _untracked = pause_tracking(); // it was made so
        drop(std::mem::take(&mut self.0));
    }
}

/// Makes a label of anything that can be text.
pub fn label(label: &(impl ToString + ?Sized)) -> Label {
    let _untracked = pause_tracking();
    Label(text_of_label(label))
}
