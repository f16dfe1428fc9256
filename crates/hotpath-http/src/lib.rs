//! A small HTTP server for the inside of somebody else's program.
//!
//! It runs on one thread that is given to it, and everything is bounded: connections, headers, bodies, time. It answers this
//! machine unless configured otherwise, and no web page of another origin (`AccessPolicy`). It knows nothing of what it serves: that
//! is a function from `Request` to `Answer`, or a service of hyper's for answers that take time.
//!
//! What must stay true: whatever a client sends, the thread goes on, and nothing outside of it notices.

#![forbid(unsafe_code)]
#![cfg(feature = "server")]

mod access;
mod answer;
mod connections;
mod listener;
mod server;
mod socket;

pub use access::{AccessPolicy, Refusal};
pub use answer::{Answer, Request, Whole};
pub use listener::{Listening, listen};
pub use server::{serve, serve_with};

/// The limits of what is accepted from outside.
pub mod limits {
    use std::time::Duration;

    /// Connections at once. For one more, the one that was idle longest is closed.
    pub const CONNECTIONS: usize = 64;
    /// Bytes of a request's head.
    pub const HEAD: usize = 16 << 10;
    /// Headers of a request.
    pub const HEADERS: usize = 64;
    /// Bytes of a request's body.
    pub const BODY: usize = 1 << 20;
    /// Time for a request to come in, and for a connection to be idle.
    pub const REQUEST: Duration = Duration::from_secs(10);
    /// Time for a client to read an answer.
    pub const ANSWER: Duration = Duration::from_secs(20);
}
