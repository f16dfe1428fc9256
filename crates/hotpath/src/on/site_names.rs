//! The names of sites in a report.

use std::collections::HashMap;

use hotpath_lane::{
    Site,
    read::{Reading, RowReading},
};

use super::kind::{FUTURE, is_function};

/// The names of sites: two different sites of one name get their source location appended.
pub(crate) struct Names(HashMap<u32, String>);

impl Names {
    pub(crate) fn of(reading: &Reading) -> Self {
        let mut same: HashMap<&str, Vec<&'static Site>> = HashMap::new();
        // Sites of instruments are named by their resources, and one spot has several.
        let is_named = |row: &&RowReading| is_function(row.site.kind()) || row.site.kind() == FUTURE;
        let named = reading.rows.iter().filter(is_named);
        named.for_each(|row| same.entry(row.site.name()).or_default().push(row.site));
        let mut names = HashMap::new();
        for (name, sites) in same {
            for (number, site) in sites.iter().enumerate() {
                names.insert(site.id(), Self::with_location(name, site, number, &sites));
            }
        }
        Self(names)
    }

    fn with_location(name: &str, site: &Site, number: usize, all: &[&'static Site]) -> String {
        let line = |site: &Site| (site.file().to_owned(), site.line());
        let column = |site: &Site| (line(site), site.column());
        let place = format!("{}:{}", site.file(), site.line());
        if all.len() == 1 {
            name.to_owned()
        } else if all.iter().filter(|other| line(other) == line(site)).count() == 1 {
            format!("{name} ({place})")
        } else if all.iter().filter(|other| column(other) == column(site)).count() == 1 {
            format!("{name} ({place}:{})", site.column())
        } else {
            format!("{name} ({place} #{})", number + 1)
        }
    }

    pub(crate) fn of_site(&self, site: &Site) -> String {
        self.0.get(&site.id()).cloned().unwrap_or_else(|| site.name().to_owned())
    }
}
