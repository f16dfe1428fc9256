//! No profiler: what the loops and the functions cost by themselves, and what reading a clock costs.
#![forbid(unsafe_code)]

use std::process::ExitCode;

struct Bare;

probe::functions! {
    for: crate::Bare,
    plain: {},
    logged: {},
    future: {},
    begin: {},
}

impl probe::Profiler for Bare {
    type Session = ();

    fn start() {}

    fn finish(_session: ()) {}
}

fn main() -> ExitCode {
    probe::run::<Bare>()
}
