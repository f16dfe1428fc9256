//! An MCP server (Model Context Protocol) that answers the questions of AI agents from the `hotpath` profiler.
//!
//! A [`Source`] is a running program or a saved report. Tools are pure functions of sources and arguments. They are [generated
//! from the sections](hotpath_report::SECTIONS) of a report, so that a new instrument needs no change here. The transport is
//! [`http`] inside a program, and [`stdio`] in the command.
//!
//! | file | contents |
//! |---|---|
//! | `source.rs`, `sources.rs` | the sources of reports, by name |
//! | `parameter.rs`, `arguments.rs` | the parameters of a tool, as data; the arguments of a call, validated |
//! | `problem.rs`, `malformed.rs` | an error that says how to fix the call; the same for requests that the protocol library cannot parse |
//! | `tool.rs`, `call.rs` | the declaration of a tool; a call |
//! | `tools/` | the tools, one file each |
//! | `find.rs` | lookup of a row by id, name or path suffix |
//! | `text.rs` | answers as text, with invisible characters escaped |
//! | `page.rs` | pagination and size limits |
//! | `coverage.rs` | the sample sizes behind the numbers |
//! | `schema.rs` | JSON schemas without references |
//! | `marks.rs` | marks: remembered points in time |
//! | `resources.rs`, `prompts.rs` | resources and prompts |
//! | `server.rs`, `http.rs`, `stdio.rs` | the protocol and its transports |
//!
//! Invariant: an answer never exceeds its size limit, and says what it omits.

#![forbid(unsafe_code)]

mod arguments;
mod call;
mod coverage;
mod find;
mod malformed;
mod marks;
mod page;
mod parameter;
mod problem;
mod prompts;
mod resources;
mod schema;
mod server;
mod source;
mod sources;
mod text;
mod tool;
mod tools;

#[cfg(feature = "http")]
pub mod http;
#[cfg(feature = "stdio")]
pub mod stdio;

pub use server::Server;
pub use source::{Source, Unavailable};
pub use sources::Sources;
