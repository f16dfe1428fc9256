//! What an AI agent can ask the `hotpath` profiler, over the Model Context Protocol.
//!
//! A [`Source`] is a running program or a saved report. Tools are pure functions of sources and arguments; the list of them is
//! [made from the sections](hotpath_report::SECTIONS) of a report, so that a new instrument has its tool without a line here. A
//! transport ([`http`] inside a program, [`stdio`] in the command line) carries them.
//!
//! | file | what |
//! |---|---|
//! | `source.rs`, `sources.rs` | where reports come from; several of them, by name |
//! | `parameter.rs`, `arguments.rs` | what a tool takes, as data; what a call gave, checked against it |
//! | `problem.rs`, `malformed.rs` | an answer that says how to mend the call; the same where the protocol could not read it |
//! | `tool.rs`, `call.rs` | a tool as one declaration; a call of one |
//! | `tools/` | the tools, a file each |
//! | `find.rs` | a row by id, name or the end of a name |
//! | `text.rs` | an answer as text in which everything is seen |
//! | `page.rs` | rows that fit an answer, and where the rest begins |
//! | `coverage.rs` | how many values a number is made of |
//! | `schema.rs` | schemas without references |
//! | `marks.rs` | remembered moments |
//! | `resources.rs`, `prompts.rs` | what else can be read |
//! | `server.rs`, `http.rs`, `stdio.rs` | the protocol, and its transports |
//!
//! What must stay true: an answer is never larger than its bound, and says what it leaves out.

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
