//! The guard of a profiling session, and its builder.
//!
//! The builder is plain data and exists once for both modes; only [`HotpathGuardBuilder::build`] leads somewhere else.

use std::{collections::HashMap, panic::Location, path::Path, time::Duration};

use crate::{
    Format, Section, imp,
    options::{CallerLocation, SessionOptions, Wanted},
    reporter::Reporter,
};

/// Prepares a profiling session.
///
/// Environment variables override what is set here. An invalid value is one warning on stderr, and the default is used; the program
/// goes on.
///
/// ```
/// let guard = hotpath::HotpathGuardBuilder::new("my_program")
///     .percentiles(&[50.0, 95.0, 99.9])
///     .format(hotpath::Format::None)
///     .limit(20)
///     .build();
/// // … the program …
/// drop(guard); // writes the report
/// ```
#[must_use = "a session begins with `build`"]
pub struct HotpathGuardBuilder {
    options: SessionOptions,
}

macro_rules! limits {
    ($($(#[$doc:meta])* $setter:ident $(| $older:ident)? = $stem:literal;)+) => {
        impl HotpathGuardBuilder {
            $(
                $(#[$doc])*
                pub fn $setter(self, rows: usize) -> Self {
                    self.with(|options| {
                        options.limits.insert($stem, rows);
                    })
                }

                $(
                    #[doc = concat!("The name of [`", stringify!($setter), "`](Self::", stringify!($setter), ") in 0.11 to 0.14.")]
                    pub fn $older(self, rows: usize) -> Self {
                        self.$setter(rows)
                    }
                )?
            )+
        }
    };
}

crate::lists::each_limit!(limits);

macro_rules! sampling_rates {
    ($($(#[$doc:meta])* $setter:ident = $resource:literal;)+) => {
        impl HotpathGuardBuilder {
            /// The share of calls whose time is taken, 0.0 to 1.0, of every resource that has no rate of its own. All calls are
            /// counted.
            pub fn time_sampling_rate(self, rate: f64) -> Self {
                self.with(|options| {
                    options.sampling.insert("", rate);
                })
            }

            $(
                $(#[$doc])*
                pub fn $setter(self, rate: f64) -> Self {
                    self.with(|options| {
                        options.sampling.insert($resource, rate);
                    })
                }
            )+
        }
    };
}

crate::lists::each_sampling_rate!(sampling_rates);

impl HotpathGuardBuilder {
    /// Prepares a session of the function `caller_name`: its row comes first, is 100 %, and has the location of this call.
    #[track_caller]
    pub fn new(caller_name: &'static str) -> Self {
        let here = Location::caller();
        let caller_location =
            Some(CallerLocation { file: here.file(), line: here.line(), column: here.column() });
        Self { options: SessionOptions { caller_name, caller_location, ..SessionOptions::default() } }
    }

    /// Sets the source location of the caller, for `#[hotpath::main]`, whose expansion would be at the attribute.
    #[doc(hidden)]
    pub fn caller_at(self, file: &'static str, line: u32, column: u32) -> Self {
        self.with(|options| options.caller_location = Some(CallerLocation { file, line, column }))
    }

    /// Sets an option. Its memory is the profiler's, and freed as such.
    fn with(mut self, with: impl FnOnce(&mut SessionOptions)) -> Self {
        let _untracked = imp::memory::pause_tracking();
        with(&mut self.options);
        self
    }

    /// Percentiles to show, each from 0 (the minimum) to 100 (the maximum), whole or not. Default: 95.
    ///
    /// ```
    /// let builder = hotpath::HotpathGuardBuilder::new("main").percentiles(&[50.0, 99.9]);
    /// let builder = hotpath::HotpathGuardBuilder::new("main").percentiles(&[50, 95]);
    /// ```
    pub fn percentiles<P: Into<f64> + Copy>(self, percentiles: &[P]) -> Self {
        self.with(|options| {
            options.percentiles = Some(percentiles.iter().map(|&percent| percent.into()).collect())
        })
    }

    /// Sets the format of the report. Default: a table.
    pub fn format(mut self, format: Format) -> Self {
        self.options.format = Some(format);
        self
    }

    /// Rows of every section that has no limit of its own; 0 shows all.
    pub fn limit(mut self, rows: usize) -> Self {
        self.options.limit = Some(rows);
        self
    }

    /// Sets the destination of the report: a file, or `"stderr"`, `"stdout"`, `"-"`, `"/dev/fd/3"`. Default: standard output.
    /// `HOTPATH_OUTPUT_PATH` overrides it.
    ///
    /// A relative path is relative to the folder in which the session begins. `%p` and `{pid}` stand for the number of the process,
    /// `%%` for `%`. Folders are made; an older file is replaced, as a whole, so that no reader finds part of a report.
    ///
    /// ```
    /// let builder = hotpath::HotpathGuardBuilder::new("main").output_path("profiles/%p.json");
    /// let builder = hotpath::HotpathGuardBuilder::new("main").output_path("stderr");
    /// ```
    pub fn output_path(self, path: impl AsRef<Path>) -> Self {
        self.with(|options| options.output_path = Some(path.as_ref().to_path_buf()))
    }

    /// Shows these sections. The last of `sections`, `sections_exclude` and `report` counts.
    #[expect(clippy::needless_pass_by_value, reason = "the promised form")]
    pub fn sections(self, sections: Vec<Section>) -> Self {
        self.with(|options| options.sections = Some(Wanted::These(sections.clone())))
    }

    /// The name of [`sections`](Self::sections) in 0.11 to 0.14.
    pub fn with_sections(self, sections: Vec<Section>) -> Self {
        self.sections(sections)
    }

    /// Splits SQL and HTTP calls by the route that they were made for. Neither is recorded in this version, so that it has no
    /// effect.
    pub fn route_scope(self, _is_on: bool) -> Self {
        self
    }

    /// Shows the usual sections but not these.
    #[expect(clippy::needless_pass_by_value, reason = "the promised form")]
    pub fn sections_exclude(self, sections: Vec<Section>) -> Self {
        self.with(|options| options.sections = Some(Wanted::AllBut(sections.clone())))
    }

    /// Shows the sections named in `spec`: `all`, `auto`, names separated by commas, `-name` to leave one out.
    pub fn report(self, spec: &str) -> Self {
        self.with(|options| options.sections = Some(Wanted::Spec(spec.to_owned())))
    }

    /// Runs `cleanup` when the session ends, before the report is made; its time is part of the total.
    pub fn before_shutdown(mut self, cleanup: impl FnOnce() + Send + 'static) -> Self {
        self.options.before_shutdown = Some(Box::new(cleanup));
        self
    }

    /// Puts these pairs into the report.
    #[expect(clippy::needless_pass_by_value, reason = "the promised form")]
    pub fn user_metadata(self, pairs: HashMap<String, String>) -> Self {
        self.with(|options| options.user_metadata.extend(pairs.clone()))
    }

    /// Reports and ends the process with status 0 after this time, if the session still runs then.
    pub fn timeout(mut self, after: Duration) -> Self {
        self.options.timeout = Some(after);
        self
    }

    /// Enables or disables the report at Ctrl-C, SIGTERM and SIGABRT too (on Unix, for signals that the program does not handle).
    ///
    /// `false` leaves them alone; `true` handles them from the start. Default: from the first measured call on, and at the latest
    /// after 100 ms, so that a program that installs its own handlers first finds the default action.
    ///
    /// ```
    /// let builder = hotpath::HotpathGuardBuilder::new("main").signals(false);
    /// ```
    pub fn signals(mut self, are_watched: bool) -> Self {
        self.options.signals = Some(are_watched);
        self
    }

    /// Sets the share of the program's CPU time that measuring functions may take, in percent from 0.1 to 100. Default: none, every
    /// call is timed. `HOTPATH_BUDGET` overrides it.
    ///
    /// Calls that are too short to be timed within it are counted, and some of them are timed: the times of their functions are
    /// estimates, and the report marks them with `~`. A sampling rate of functions wins over a budget.
    ///
    /// ```
    /// let builder = hotpath::HotpathGuardBuilder::new("main").budget(2.0);
    /// ```
    pub fn budget(mut self, percent: f64) -> Self {
        self.options.budget = Some(percent);
        self
    }

    /// `false` shows times as the clock measured them; by default what the profiler itself took is taken out of them.
    /// `HOTPATH_COMPENSATE` overrides it.
    ///
    /// ```
    /// let builder = hotpath::HotpathGuardBuilder::new("main").compensate(false);
    /// ```
    pub fn compensate(mut self, is_on: bool) -> Self {
        self.options.compensate = Some(is_on);
        self
    }

    /// Hands the measurements to `reporter` instead of writing a report.
    pub fn reporter(mut self, reporter: Box<dyn Reporter>) -> Self {
        self.options.reporter = Some(reporter);
        self
    }

    /// Begins the session; it ends, with its report, when the guard is dropped (or the program ends before).
    ///
    /// # Panics
    ///
    /// If another session is running: more than one guard cannot be alive at the same time.
    #[track_caller]
    pub fn build(self) -> HotpathGuard {
        HotpathGuard { _session: imp::start::session(self.options) }
    }

    /// Begins a session that ends after `duration` with the report and `exit(0)`, or when the program ends before.
    /// `HOTPATH_SHUTDOWN_MS` overrides the duration; a duration of zero lasts to the end of the program.
    ///
    /// # Panics
    ///
    /// If another session is running.
    #[track_caller]
    pub fn build_with_shutdown(mut self, duration: Duration) {
        self.options.timeout = Some(duration).filter(|duration| !duration.is_zero());
        imp::start::session(self.options).detach();
    }

    /// The name of [`build_with_shutdown`](Self::build_with_shutdown) in 0.7.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// hotpath::HotpathGuardBuilder::new("server").format(hotpath::Format::None).build_with_timeout(Duration::from_secs(3600));
    /// ```
    ///
    /// # Panics
    ///
    /// If another session is running.
    #[track_caller]
    pub fn build_with_timeout(self, duration: Duration) {
        self.build_with_shutdown(duration);
    }
}

/// A running session. Dropping it ends the session and writes the report.
#[must_use = "the session ends when the guard is dropped: bind it to a name such as `_guard`"]
pub struct HotpathGuard {
    _session: imp::session::Session,
}
