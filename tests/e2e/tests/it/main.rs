//! Whole programs, run as processes.

#[path = "../common/mod.rs"]
mod common;

mod channels;
mod endpoint;
mod ends;
mod findings;
mod output;
mod polled;
mod reentry;
mod report_head;
mod runtime;
mod section_guards;
mod settings;
mod threads;
mod two_ends;
