//! Tabs and pages. Their list is generated: see `pages.rs`.

/// A tab, reached by its number.
#[derive(Debug)]
pub(crate) struct Tab {
    pub(crate) title: &'static str,
    pub(crate) pages: &'static [Page],
}

/// One table of a tab.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) title: &'static str,
    pub(crate) shows: Shows,
    /// The text while there are no rows: how to get some.
    pub(crate) hint: &'static str,
}

/// The source of the lines of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shows {
    /// The table of this number of a section; 0 if it has only one.
    Table(&'static str, u8),
    /// A list inside a section: the names of both.
    List(&'static str, &'static str),
    /// The call tree.
    Tree,
}

pub(super) const fn tab(title: &'static str, pages: &'static [Page]) -> Tab {
    Tab { title, pages }
}

pub(super) const fn page(title: &'static str, shows: Shows, hint: &'static str) -> Page {
    Page { title, shows, hint }
}

#[cfg(test)]
mod tests {
    use super::{
        super::pages::TABS,
        Shows::{self, List, Table},
    };
    use hotpath_report::{Declaration, SECTIONS, Show};

    #[test]
    fn every_table_of_every_section_has_a_page() {
        let shown: Vec<Shows> = TABS.iter().flat_map(|tab| tab.pages).map(|page| page.shows).collect();
        for section in SECTIONS {
            let name = section.spec.name;
            let tables = section.columns().iter().map(|column| column.table).max().unwrap_or(0);
            for table in tables.min(1)..=tables {
                assert!(shown.contains(&Table(name, table)), "{name} {table}");
            }
            let for_people = |list: &&Declaration| list.columns().iter().any(|c| c.show != Show::JsonOnly);
            for list in section.lists.iter().filter(for_people) {
                let is_shown = shown.contains(&List(name, list.spec.name));
                assert!(is_shown, "the list {} of {name}", list.spec.name);
            }
        }
    }
}
