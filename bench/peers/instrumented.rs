// The source that `ours`, `off`, `published` and the two with allocation tracking share: the published interface is
// ours too, so the same lines are compiled against each. The guard is built by hand, which is what `#[hotpath::main]` expands to; where the report
// goes, and that no server is started, is said by the environment (see the harness).

use std::process::ExitCode;

use probe::Case;

struct Hotpath;

probe::functions! {
    for: crate::Hotpath,
    plain: { #[hotpath::measure] },
    logged: { #[hotpath::measure(log = true)] },
    future: { #[hotpath::measure] },
    begin: {},
}

impl probe::Profiler for Hotpath {
    type Session = hotpath::HotpathGuard;

    const LACKS: &[Case] = &[Case::TwoReads, Case::TwoInstants];

    fn start() -> hotpath::HotpathGuard {
        hotpath::HotpathGuardBuilder::new("bench").percentiles(&[50.0, 95.0, 99.0]).functions_limit(0).build()
    }

    // Dropping the guard makes the report.
    fn finish(_session: hotpath::HotpathGuard) {}
}

fn main() -> ExitCode {
    probe::run::<Hotpath>()
}
