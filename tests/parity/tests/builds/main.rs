//! Packages that cargo builds: what a program is with profiling off and on.

mod allocators;
mod attributes_below;
mod lints;
mod modes;
mod names_of_the_crate;
mod package;
mod worlds;
