//! What the truth tests of allocation tracking share: a session and its report, things to allocate, and allocators that
//! watch what reaches them.
//!
//! The tests of one file share a process and therefore its one session; each takes its turn. What other threads of the test
//! harness allocate meanwhile is outside of measured functions, so rows are compared to the byte while the process's sums
//! are compared in programs of their own (`src/bin`).

mod accounts;
mod ledger;
mod model;
mod report;
pub mod work;

pub use accounts::Accounts;
pub use ledger::{Counted, Ledger};
pub use model::{Model, Numbers};
pub use report::{Report, Row, Session, session, session_begun_elsewhere, session_with};

use std::{
    future::Future,
    hint::black_box,
    pin::Pin,
    process::Command,
    task::{Context, Poll},
};

/// Allocates so many bytes at once. They live as long as the result.
#[must_use]
pub fn bytes(size: usize) -> Vec<u8> {
    black_box(Vec::with_capacity(size))
}

/// Allocates and frees so many bytes.
pub fn churn(size: usize) {
    drop(bytes(size));
}

/// Pending so many times, waking itself each time; on a runtime of several threads any of them may go on.
#[derive(Debug)]
pub struct Yields(pub u32);

impl Future for Yields {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.0 == 0 {
            return Poll::Ready(());
        }
        self.0 -= 1;
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

/// A program of this package, without settings from this process's environment, reporting as JSON.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "removes settings instead of reading them")]
pub fn program(path: &str) -> Command {
    let mut command = Command::new(path);
    let ours = std::env::vars_os().map(|(name, _)| name);
    ours.filter(|name| name.to_string_lossy().starts_with("HOTPATH_")).for_each(|name| {
        command.env_remove(name);
    });
    command.env("HOTPATH_METRICS_SERVER_OFF", "true");
    command.env_remove("RUST_BACKTRACE").env("HOTPATH_OUTPUT_FORMAT", "json").env("HOTPATH_LIMIT", "0");
    command
}

/// The report on a program's standard output.
///
/// # Panics
///
/// If the program said something else.
#[must_use]
pub fn report_of(command: &mut Command) -> Report {
    let output = command.output().expect("the program starts");
    let text = String::from_utf8(output.stdout).expect("it is text");
    let line = text.lines().find(|line| line.starts_with('{'));
    let line = line.unwrap_or_else(|| panic!("no report: {text}{}", String::from_utf8_lossy(&output.stderr)));
    Report::parse(line)
}
