//! The tabs and their pages. A new section of the report is shown by one line here.

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
    /// How to have something here; shown while there is nothing.
    pub(crate) hint: &'static str,
}

/// Where the lines of a page come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shows {
    /// The section of this name; of its tables that of this number, 0 if there is only one.
    Table(&'static str, u8),
    /// A list inside a section: names of both.
    List(&'static str, &'static str),
    /// The call tree.
    Tree,
}

/// All tabs, in the order of their numbers.
pub(crate) const TABS: &[Tab] = &[
    Tab {
        title: "Functions",
        pages: &[
            page("Timing", Shows::Table("functions_timing", 0), MEASURE),
            page("Memory", Shows::Table("functions_alloc", 0), MEMORY),
            page("CPU", Shows::Table("functions_cpu", 0), CPU),
            page("Tree", Shows::Tree, MEASURE),
        ],
    },
    Tab {
        title: "Data flow",
        pages: &[
            page("Channels", Shows::Table("channels", 0), CHANNELS),
            page("Streams", Shows::Table("streams", 0), STREAMS),
            page("Futures", Shows::Table("futures", 0), FUTURES),
            page("Mutexes", Shows::Table("mutexes", 0), MUTEXES),
            page("RwLock reads", Shows::Table("rw_locks", 1), RW_LOCKS),
            page("RwLock writes", Shows::Table("rw_locks", 2), RW_LOCKS),
        ],
    },
    Tab { title: "I/O", pages: &[page("I/O", Shows::Table("io", 0), IO)] },
    Tab { title: "Threads", pages: &[page("Threads", Shows::Table("threads", 0), THREADS)] },
    Tab { title: "Debug", pages: &[page("Values", Shows::Table("debug", 0), DEBUG)] },
    Tab {
        title: "Tokio",
        pages: &[
            page("Runtimes", Shows::Table("tokio_runtime", 0), TOKIO),
            page("Workers", Shows::List("tokio_runtime", "workers"), TOKIO),
        ],
    },
];

const fn page(title: &'static str, shows: Shows, hint: &'static str) -> Page {
    Page { title, shows, hint }
}

const MEASURE: &str =
    "No measured function was called yet: put #[hotpath::measure] on functions of interest.";
const MEMORY: &str = "Allocations are tracked when the program is built with the feature `hotpath-alloc`.";
const CPU: &str = "Processor time is sampled when the program is built with the feature `hotpath-cpu`.";
const CHANNELS: &str = "No channel is watched yet: wrap one in hotpath::channel!(…, label = \"jobs\").";
const STREAMS: &str = "No stream is watched yet: wrap one in hotpath::stream!(…, label = \"pages\").";
const FUTURES: &str = "No future is watched yet: use hotpath::future!(…) or #[hotpath::future_fn].";
const MUTEXES: &str = "No mutex is watched yet: wrap one in hotpath::mutex!(…, label = \"cache\").";
const RW_LOCKS: &str =
    "No reader-writer lock is watched yet: wrap one in hotpath::rw_lock!(…, label = \"prices\").";
const IO: &str =
    "Queries, requests and bytes read or written will stand here; this program records none of them.";
const THREADS: &str =
    "Threads are looked at when the program is built with the feature `threads` (a default one).";
const DEBUG: &str = "No value was noted yet: use hotpath::dbg!, hotpath::val! or hotpath::gauge!.";
const TOKIO: &str = "No runtime is watched yet: call hotpath::tokio_runtime!() inside one (feature `tokio`).";

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
                let as_table = shown.contains(&Shows::Table(name, table));
                assert!(as_table, "{name} {table}");
            }
            let for_people = |list: &&Declaration| list.columns().iter().any(|c| c.show != Show::JsonOnly);
            for list in section.lists.iter().filter(for_people) {
                let is_shown = shown.contains(&Shows::List(name, list.spec.name));
                assert!(is_shown, "the list {} of {name}", list.spec.name);
            }
        }
    }
}
