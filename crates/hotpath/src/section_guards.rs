//! The guards of 0.7 and 0.9 that print one section when they are dropped: declared once for all sections, in both modes.

use std::path::PathBuf;

use crate::Format;

/// What a builder was told.
#[derive(Clone, Debug, Default)]
pub(crate) struct Options {
    pub(crate) format: Option<Format>,
    pub(crate) output_path: Option<PathBuf>,
}

/// Declares a guard and its builder.
macro_rules! section_guard {
    ($(#[$doc:meta])* $guard:ident, $(#[$builder_doc:meta])* $builder:ident, $($section:ident),+) => {
        $(#[$doc])*
        #[must_use = "the statistics are printed when the guard is dropped: bind it to a name such as `_guard`"]
        pub struct $guard {
            _guard: $crate::imp::section_guards::Guard,
        }

        impl $guard {
            /// Begins recording, unless a session is running already, and prints a table when it is dropped.
            pub fn new() -> Self {
                $builder::new().build()
            }

            /// How the statistics are written.
            pub fn format(self, format: $crate::Format) -> Self {
                self._guard.set_format(format);
                self
            }
        }

        /// As `new`.
        impl Default for $guard {
            fn default() -> Self {
                Self::new()
            }
        }

        $(#[$builder_doc])*
        #[derive(Clone, Debug, Default)]
        #[must_use = "nothing is recorded before `build`"]
        pub struct $builder {
            options: $crate::section_guards::Options,
        }

        impl $builder {
            /// A guard that prints a table.
            pub fn new() -> Self {
                Self::default()
            }

            /// How the statistics are written.
            pub fn format(mut self, format: $crate::Format) -> Self {
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
                const SECTIONS: &[$crate::Section] = &[$($crate::Section::$section),+];
                $guard { _guard: $crate::imp::section_guards::begin(SECTIONS, self.options) }
            }
        }
    };
}

pub(crate) use section_guard;
