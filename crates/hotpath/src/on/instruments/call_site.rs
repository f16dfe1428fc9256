//! Call sites: the uses of instruments' macros in the source.
//!
//! A call site has a [`Resource`], and so a row of the report, for each label and type, or for each instance if the macro says
//! so: at most [`MAX_RESOURCES`], and `<other>` for all further ones.

use std::sync::OnceLock;

use hotpath_lane::{OTHER_NAME, Site};

use super::{
    keyed::{Found, Key, Keyed},
    resource::{self, Resource},
};
use crate::imp::kind::INTERNAL;

/// Resources of one call site.
const MAX_RESOURCES: usize = 1000;

/// One use of an instrument's macro; a `static`.
#[derive(Debug)]
pub struct CallSite {
    kind: u8,
    /// Kinds of events, and so sites, of each resource.
    event_kinds: u8,
    file: &'static str,
    line: u32,
    column: u32,
    /// The only resource of most call sites: one load finds it.
    first: OnceLock<&'static Resource>,
    resources: Keyed<Resource>,
}

/// Call sites that are named while the program runs, of one instrument: by their source.
#[derive(Debug)]
pub(crate) struct CallSites {
    make: fn(&'static str, u32, u32) -> CallSite,
    known: Keyed<CallSite>,
}

/// More than programs have.
const MAX_CALL_SITES: usize = 8_000;

#[derive(Hash)]
struct Source(&'static str, u32, u32);

impl Key for Source {
    type Row = CallSite;

    fn is_of(&self, row: &CallSite) -> bool {
        (row.line, row.column, row.file) == (self.1, self.2, self.0)
    }
}

impl CallSites {
    pub(crate) const fn new(make: fn(&'static str, u32, u32) -> CallSite) -> Self {
        Self { make, known: Keyed::new(MAX_CALL_SITES) }
    }

    /// Returns the call site of this source.
    pub(crate) fn at(&'static self, file: &'static str, line: u32, column: u32) -> &'static CallSite {
        let make = |source: &Source| (self.make)(source.0, source.1, source.2);
        let other = || (self.make)(OTHER_NAME, 0, 0);
        let found = self.known.get_or_insert(&Source(file, line, column), make, other);
        found.map_or_else(CallSite::unreported, |found| found.row)
    }
}

/// The properties that tell the resources of a call site apart.
#[derive(Clone, Copy, Debug, Default, Hash)]
pub struct ResourceKey<'a> {
    /// The label that the user chose.
    pub label: Option<&'a str>,
    /// `std::any::type_name` of the messages, items or value.
    pub type_name: &'static str,
}

impl Key for ResourceKey<'_> {
    type Row = Resource;

    fn is_of(&self, row: &Resource) -> bool {
        row.is_labelled.then_some(row.label) == self.label && row.type_name == self.type_name
    }
}

impl CallSite {
    /// A call site whose resources have that many sites each.
    #[must_use]
    pub const fn new(kind: u8, event_kinds: u8, file: &'static str, line: u32, column: u32) -> Self {
        let resources = Keyed::new(MAX_RESOURCES);
        Self { kind, event_kinds, file, line, column, first: OnceLock::new(), resources }
    }

    /// The call site of what the program's allocator makes while this thread is making a call site: it has no rows.
    pub(crate) fn unreported() -> &'static Self {
        static UNREPORTED: CallSite = CallSite::new(INTERNAL, 0, "", 0, 0);
        &UNREPORTED
    }

    /// Returns the resource of this key.
    pub fn resource(&'static self, key: ResourceKey<'_>) -> &'static Resource {
        if let Some(first) = self.first.get()
            && key.is_of(first)
        {
            return first;
        }
        let found = self.resources.get_or_insert(&key, |key| self.make(key, 0), || self.other());
        let resource = self.registered(found);
        if key.is_of(resource) {
            self.first.get_or_init(|| resource);
        }
        resource
    }

    /// Returns a new resource, for one instance alone.
    pub fn instance(&'static self, key: ResourceKey<'_>) -> &'static Resource {
        self.registered(self.resources.push(|len| self.make(&key, len as u64 + 1), || self.other()))
    }

    fn registered(&self, found: Option<Found<Resource>>) -> &'static Resource {
        match found.filter(|_| self.kind != INTERNAL) {
            None => resource::unreported(),
            Some(Found { row, is_new }) => {
                if is_new {
                    resource::register(row);
                }
                row
            }
        }
    }

    fn other(&self) -> Resource {
        self.make(&ResourceKey { label: Some(OTHER_NAME), type_name: "" }, 0)
    }

    fn make(&self, key: &ResourceKey<'_>, instance: u64) -> Resource {
        let name = key.label.map_or_else(|| format!("{}:{}", self.file, self.line), str::to_owned);
        let name = if instance > 1 { format!("{name}-{instance}") } else { name };
        let label: &'static str = name.leak();
        let site = |_| Site::new(label, self.file, self.line, self.column, self.kind);
        let sites: Vec<Site> = (0..self.event_kinds).map(site).collect();
        Resource::new(self.kind, label, key.label.is_some(), key.type_name, instance, sites.leak())
    }
}

#[cfg(test)]
mod tests {
    use super::{super::resource::resources, *};
    use crate::imp::kind::CHANNEL;

    fn key(label: Option<&str>) -> ResourceKey<'_> {
        ResourceKey { label, type_name: "u8" }
    }

    #[test]
    fn labels_and_types_share_a_resource_and_an_instance_has_its_own() {
        static HERE: CallSite = CallSite::new(CHANNEL, 2, "a.rs", 7, 1);
        let plain = HERE.resource(key(None));
        assert_eq!((plain.label, plain.is_labelled, plain.sites.len()), ("a.rs:7", false, 2));
        assert!(std::ptr::eq(plain, HERE.resource(key(None))));
        let jobs = HERE.resource(key(Some("jobs")));
        assert!(std::ptr::eq(jobs, HERE.resource(key(Some("jobs")))) && !std::ptr::eq(jobs, plain));
        assert!(!std::ptr::eq(plain, HERE.resource(ResourceKey { type_name: "u16", ..key(None) })));
        let single = || HERE.instance(key(Some("jobs")));
        assert_eq!((single().label, single().label), ("jobs-4", "jobs-5"));
        assert!(std::ptr::eq(jobs, HERE.resource(key(Some("jobs")))));
        assert!(resources(CHANNEL).iter().any(|resource| std::ptr::eq(*resource, jobs)));
    }

    #[test]
    fn a_source_has_one_call_site() {
        static CALL_SITES: CallSites =
            CallSites::new(|file, line, column| CallSite::new(CHANNEL, 1, file, line, column));
        let first = CALL_SITES.at("a.rs", 7, 1);
        assert!(std::ptr::eq(first, CALL_SITES.at("a.rs", 7, 1)));
        assert!(!std::ptr::eq(first, CALL_SITES.at("a.rs", 8, 1)));
        assert!(!std::ptr::eq(first, CALL_SITES.at("b.rs", 7, 1)));
        assert_eq!(first.resource(key(None)).label, "a.rs:7");
    }

    #[test]
    fn a_call_site_has_a_bounded_number_of_resources() {
        static HERE: CallSite = CallSite::new(CHANNEL, 1, "b.rs", 7, 1);
        for n in 0..MAX_RESOURCES {
            HERE.resource(key(Some(&n.to_string())));
        }
        let late = HERE.resource(key(Some("late")));
        assert_eq!(late.label, OTHER_NAME);
        assert!(std::ptr::eq(late, HERE.resource(key(Some("later")))));
        assert_eq!(HERE.resource(key(Some("3"))).label, "3");
        let rows = resources(CHANNEL).into_iter().filter(|resource| resource.sites[0].file() == "b.rs");
        assert_eq!(rows.count(), MAX_RESOURCES + 1);
    }
}
