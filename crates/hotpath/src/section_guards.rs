//! The guards of 0.7 and 0.9 that print one section when they are dropped: declared once for all sections, in both modes.

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
            #[expect(clippy::new_without_default, reason = "a guard does something when it is made")]
            pub fn new() -> Self {
                $builder::new().build()
            }
        }

        $(#[$builder_doc])*
        #[derive(Clone, Copy, Debug, Default)]
        #[must_use = "nothing is recorded before `build`"]
        pub struct $builder {
            format: Option<$crate::Format>,
        }

        impl $builder {
            /// A guard that prints a table.
            pub fn new() -> Self {
                Self::default()
            }

            /// How the statistics are written.
            pub fn format(self, format: $crate::Format) -> Self {
                Self { format: Some(format) }
            }

            /// Begins recording, unless a session is running already.
            pub fn build(self) -> $guard {
                const SECTIONS: &[$crate::Section] = &[$($crate::Section::$section),+];
                $guard { _guard: $crate::imp::section_guards::begin(SECTIONS, self.format) }
            }
        }
    };
}

pub(crate) use section_guard;
