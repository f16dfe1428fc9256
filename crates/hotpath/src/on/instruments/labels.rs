//! The names of call sites without a label in a report: the last two parts of the path and the line, as in
//! `examples/y.rs:8`, or as many parts as make it unique.

use std::collections::HashMap;

use hotpath_lane::Site;

use super::resource::{Resource, all_resources};
use crate::imp::kind::FUTURE;

/// Parts of a path that are shown if they are enough.
const PARTS: usize = 2;

/// The labels of one report.
pub(crate) struct Labels {
    /// By the end of a path and the line: the files with this name.
    files: HashMap<(&'static str, u32), Vec<&'static str>>,
    /// By the addresses of their sites: futures are known by those.
    futures: HashMap<usize, &'static Resource>,
}

impl Labels {
    /// Returns the labels of all call sites used so far.
    pub(crate) fn now() -> Self {
        let mut labels = Self { files: HashMap::new(), futures: HashMap::new() };
        for resource in all_resources() {
            let site = &resource.sites[0];
            if !resource.is_labelled {
                let files = labels.files.entry((tail(site.file(), PARTS), site.line())).or_default();
                if !files.contains(&site.file()) {
                    files.push(site.file());
                }
            }
            if resource.kind == FUTURE {
                labels.futures.insert(std::ptr::from_ref(site).addr(), resource);
            }
        }
        labels
    }

    /// Returns the name of a resource.
    pub(crate) fn of(&self, resource: &Resource) -> String {
        self.shortened(resource.label, resource)
    }

    /// Returns the name of an instrumented future, whose full name is `name`.
    pub(crate) fn of_future(&self, site: &'static Site, name: String) -> String {
        match self.futures.get(&std::ptr::from_ref(site).addr()) {
            Some(resource) => self.shortened(&name, resource),
            None => name,
        }
    }

    /// Shortens `name`, which begins with the whole path unless the user chose it.
    fn shortened(&self, name: &str, resource: &Resource) -> String {
        let site = &resource.sites[0];
        match name.strip_prefix(site.file()).filter(|_| !resource.is_labelled) {
            Some(rest) => {
                let others = self.files.get(&(tail(site.file(), PARTS), site.line()));
                format!("{}{rest}", distinct_end(site.file(), others.map_or(&[], Vec::as_slice)))
            }
            None => name.to_owned(),
        }
    }
}

/// The end of a path that no other one has.
fn distinct_end<'a>(file: &'a str, others: &[&str]) -> &'a str {
    let mut parts = PARTS;
    loop {
        let end = tail(file, parts);
        let is_alone = others.iter().all(|other| *other == file || tail(other, parts) != end);
        if is_alone || end.len() == file.len() {
            return end;
        }
        parts += 1;
    }
}

/// The last parts of a path.
fn tail(path: &str, parts: usize) -> &str {
    let mut at = path.len();
    for _ in 0..parts {
        match path[..at].rfind(['/', '\\']) {
            Some(before) => at = before,
            None => return path,
        }
    }
    &path[at + 1..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_parts_of_a_path() {
        assert_eq!(tail("a/b/c.rs", 2), "b/c.rs");
        assert_eq!(tail("a\\b\\c.rs", 2), "b\\c.rs");
        assert_eq!((tail("b/c.rs", 2), tail("c.rs", 2), tail("/c.rs", 2)), ("b/c.rs", "c.rs", "/c.rs"));
    }

    #[test]
    fn as_many_parts_as_it_takes() {
        let files = ["x/one/src/lib.rs", "x/two/src/lib.rs", "one/src/lib.rs"];
        assert_eq!(distinct_end("x/two/src/lib.rs", &files), "two/src/lib.rs");
        assert_eq!(distinct_end("x/one/src/lib.rs", &files), "x/one/src/lib.rs");
        assert_eq!(distinct_end("one/src/lib.rs", &files), "one/src/lib.rs");
        assert_eq!(distinct_end("x/three/src/main.rs", &["x/three/src/main.rs"]), "src/main.rs");
    }
}
