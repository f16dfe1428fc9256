//! Guards of 0.7 and 0.9 that print one section when they are dropped, declared once for both modes.

/// Declares a guard and its builder.
macro_rules! section_guard {
    ($(#[$doc:meta])* $guard:ident, $(#[$builder_doc:meta])* $builder:ident, $($section:ident),+) => {
        $(#[$doc])*
        #[must_use = "the statistics are printed when the guard is dropped: bind it to a name such as `_guard`"]
        pub struct $guard {
            _guard: crate::imp::section_guards::Guard,
        }

        impl $guard {
            /// Begins recording, unless a session is running already, and prints a table when it is dropped.
            pub fn new() -> Self {
                $builder::new().build()
            }

            /// Sets the format of the statistics.
            pub fn format(self, format: crate::Format) -> Self {
                self._guard.set_format(format);
                self
            }
        }

        /// The guard of `new`.
        impl Default for $guard {
            fn default() -> Self {
                Self::new()
            }
        }

        $(#[$builder_doc])*
        #[derive(Clone, Debug, Default)]
        #[must_use = "nothing is recorded before `build`"]
        pub struct $builder {
            options: crate::options::SectionGuardOptions,
        }

        impl $builder {
            /// A guard that prints a table.
            pub fn new() -> Self {
                Self::default()
            }

            /// Sets the format of the statistics.
            pub fn format(mut self, format: crate::Format) -> Self {
                self.options.format = Some(format);
                self
            }

            /// Writes the statistics into this file instead of standard output. Folders are made, an older file is replaced.
            pub fn output_path(mut self, path: impl AsRef<::std::path::Path>) -> Self {
                self.options.output_path = Some(path.as_ref().to_path_buf());
                self
            }

            /// Begins recording, unless a session is running already.
            pub fn build(self) -> $guard {
                const SECTIONS: &[crate::Section] = &[$(crate::Section::$section),+];
                $guard { _guard: crate::imp::start::section_guard(SECTIONS, self.options) }
            }
        }
    };
}

section_guard! {
    /// Prints what went through channels (and streams, if there are any) when it is dropped.
    ///
    /// It works beside a [`HotpathGuard`](crate::HotpathGuard) and without one. A session that begins while the guard is alive
    /// begins to count anew; what the guard saw before is printed as a table of its own.
    ///
    /// ```
    /// let _guard = hotpath::ChannelsGuard::new();
    /// let (tx, rx) = hotpath::channel!(std::sync::mpsc::channel::<i32>(), label = "task-queue");
    /// tx.send(1).unwrap();
    /// assert_eq!(rx.recv(), Ok(1));
    /// ```
    ChannelsGuard,
    /// Prepares a [`ChannelsGuard`].
    ///
    /// ```
    /// let _guard = hotpath::ChannelsGuardBuilder::new().format(hotpath::Format::JsonPretty).build();
    /// ```
    ChannelsGuardBuilder,
    Channels, Streams
}

section_guard! {
    /// Prints what streams yielded when it is dropped, as 0.7 did; beside a [`HotpathGuard`](crate::HotpathGuard) or without one.
    ///
    /// ```
    /// let _guard = hotpath::StreamsGuard::new();
    /// ```
    StreamsGuard,
    /// Prepares a [`StreamsGuard`].
    ///
    /// ```
    /// let _guard = hotpath::StreamsGuardBuilder::new().format(hotpath::Format::JsonPretty).build();
    /// ```
    StreamsGuardBuilder,
    Streams
}

section_guard! {
    /// Prints how watched futures were polled when it is dropped, as 0.9 did; beside a [`HotpathGuard`](crate::HotpathGuard) or
    /// without one.
    ///
    /// ```
    /// let _guard = hotpath::FuturesGuard::new();
    /// ```
    FuturesGuard,
    /// Prepares a [`FuturesGuard`].
    ///
    /// ```
    /// let _guard = hotpath::FuturesGuardBuilder::new().format(hotpath::Format::JsonPretty).build();
    /// ```
    FuturesGuardBuilder,
    Futures
}
