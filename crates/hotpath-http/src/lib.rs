//! A small HTTP server for the inside of somebody else's program.
//!
//! It lives on one thread that is given to it, and what it may take is bounded: connections, headers, bodies, time. It answers this
//! machine unless told otherwise, and nobody through a browser (`Door`). It knows nothing of what it serves: that is a function
//! from `Request` to `Answer`, or for answers that take time a service of hyper's.
//!
//! What must stay true: whatever comes in from outside, the thread goes on, and nothing outside of it notices.

#![forbid(unsafe_code)]
#![cfg(feature = "server")]

mod answer;
mod connections;
mod door;
mod listen;
mod serve;
mod socket;

pub use answer::{Answer, Request, Whole};
pub use door::{Door, Refusal};
pub use listen::{Listening, listen};
pub use serve::{serve, serve_with};

/// What is taken from outside, at most.
pub mod limits {
    use std::time::Duration;

    /// Connections at once. For one more, the one that was quiet longest is closed.
    pub const CONNECTIONS: usize = 64;
    /// Bytes of a request's head.
    pub const HEAD: usize = 16 << 10;
    /// Headers of a request.
    pub const HEADERS: usize = 64;
    /// Bytes of a request's body.
    pub const BODY: usize = 1 << 20;
    /// Time for a request to come in, and for a connection to be idle.
    pub const REQUEST: Duration = Duration::from_secs(10);
    /// Time for an answer to be taken.
    pub const ANSWER: Duration = Duration::from_secs(20);
}
