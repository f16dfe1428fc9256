//! The tabs and their pages, in one table. A new section of the report is one line here.

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

use Shows::{List, Table, Tree};

/// All tabs, in the order of their numbers.
#[rustfmt::skip]
pub(crate) const TABS: &[Tab] = &[
    tab("Functions", &[
        page("Timing", Table("functions_timing", 0), MEASURE),
        page("Memory", Table("functions_alloc", 0), "To track allocations, build the program with the feature `hotpath-alloc`."),
        page("CPU", Table("functions_cpu", 0), "To sample CPU time, build the program with the feature `hotpath-cpu`."),
        page("Tree", Tree, MEASURE),
    ]),
    tab("Data flow", &[
        page("Channels", Table("channels", 0), "No instrumented channel yet: wrap one in hotpath::channel!(…, label = \"jobs\")."),
        page("Streams", Table("streams", 0), "No instrumented stream yet: wrap one in hotpath::stream!(…, label = \"pages\")."),
        page("Futures", Table("futures", 0), "No instrumented future yet: use hotpath::future!(…) or #[hotpath::future_fn]."),
        page("Mutexes", Table("mutexes", 0), "No instrumented mutex yet: wrap one in hotpath::mutex!(…, label = \"cache\")."),
        page("RwLock reads", Table("rw_locks", 1), RW_LOCKS),
        page("RwLock writes", Table("rw_locks", 2), RW_LOCKS),
    ]),
    tab("I/O", &[
        page("I/O", Table("io", 0), "This program records no queries, requests, or bytes read and written."),
    ]),
    tab("Threads", &[
        page("Threads", Table("threads", 0), "To show threads, build the program with the feature `threads` (on by default)."),
    ]),
    tab("Debug", &[
        page("Values", Table("debug", 0), "No values yet: use hotpath::dbg!, hotpath::val! or hotpath::gauge!."),
    ]),
    tab("Tokio", &[
        page("Runtimes", Table("tokio_runtime", 0), TOKIO),
        page("Workers", List("tokio_runtime", "workers"), TOKIO),
    ]),
];

const MEASURE: &str =
    "No measured function was called yet: put #[hotpath::measure] on functions of interest.";
const RW_LOCKS: &str = "No instrumented RwLock yet: wrap one in hotpath::rw_lock!(…, label = \"prices\").";
const TOKIO: &str = "No monitored runtime yet: call hotpath::tokio_runtime!() inside one (feature `tokio`).";

const fn tab(title: &'static str, pages: &'static [Page]) -> Tab {
    Tab { title, pages }
}

const fn page(title: &'static str, shows: Shows, hint: &'static str) -> Page {
    Page { title, shows, hint }
}

#[cfg(test)]
mod tests {
    use super::*;
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
