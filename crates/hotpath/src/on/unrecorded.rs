//! Parts of the interface that are here by name and record nothing yet: what is said of them.

use std::sync::atomic::{AtomicBool, Ordering};

macro_rules! features {
    ($($name:literal)+) => {
        /// The features that ask for recordings which this version does not make, and whether this build has them.
        const FEATURES: &[(&str, bool)] = &[$(($name, cfg!(feature = $name))),+];
    };
}

features! {
    "axum-0-8" "criterion-0-5" "criterion-0-6" "criterion-0-7" "criterion-0-8" "diesel" "hotpath-callgrind" "hotpath-cloud"
    "hotpath-prometheus" "reqwest-0-12" "reqwest-0-13" "sqlx" "toasty" "ureq-3"
}

/// The one line for the features of this build that record nothing; none if there is no such feature.
pub(crate) fn features() -> Option<String> {
    line(FEATURES)
}

fn line(features: &[(&str, bool)]) -> Option<String> {
    let names: Vec<&str> = features.iter().filter(|(_, is_on)| *is_on).map(|(name, _)| *name).collect();
    let (one, s) = match names.len() {
        0 => return None,
        1 => ("", "s"),
        _ => ("s", ""),
    };
    let names = names.join(", ");
    Some(format!(
        "the feature{one} {names} record{s} nothing in this version, and change{s} nothing in the program"
    ))
}

/// A macro that hands through what it is given.
#[doc(hidden)]
pub struct Unrecorded {
    name: &'static str,
    /// A flag that only ever rises, with nothing behind it: no order is needed.
    is_used: AtomicBool,
}

#[doc(hidden)]
pub static IO: Unrecorded = Unrecorded::new("io!");
#[doc(hidden)]
pub static HTTP: Unrecorded = Unrecorded::new("http!");
#[doc(hidden)]
pub static AXUM: Unrecorded = Unrecorded::new("axum!");

impl Unrecorded {
    const fn new(name: &'static str) -> Self {
        Self { name, is_used: AtomicBool::new(false) }
    }

    /// The value, as it is.
    pub fn through<T>(&self, value: T) -> T {
        self.is_used.store(true, Ordering::Relaxed);
        value
    }
}

/// A note for the report, if the program used such macros.
pub(crate) fn note() -> Option<String> {
    let used = [&IO, &HTTP, &AXUM].into_iter().filter(|used| used.is_used.load(Ordering::Relaxed));
    let names: Vec<&str> = used.map(|used| used.name).collect();
    (!names.is_empty()).then(|| {
        format!("nothing is recorded of {} in this version: the value is what it was given", names.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_names_all_features_that_record_nothing() {
        assert_eq!(line(&[("sqlx", false)]), None);
        assert_eq!(
            line(&[("sqlx", true), ("diesel", false)]).as_deref(),
            Some("the feature sqlx records nothing in this version, and changes nothing in the program")
        );
        assert_eq!(
            line(&[("sqlx", true), ("diesel", true)]).as_deref(),
            Some(
                "the features sqlx, diesel record nothing in this version, and change nothing in the program"
            )
        );
    }

    #[test]
    fn a_value_goes_through_and_its_macro_is_noted() {
        assert_eq!(IO.through(String::from("bytes")), "bytes");
        assert!(note().is_some_and(|note| note.starts_with("nothing is recorded of io!") && !note.contains("http!")));
    }
}
