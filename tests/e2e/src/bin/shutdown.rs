//! Sessions with a deadline, as the first argument says.

use std::time::Duration;

use hotpath::HotpathGuardBuilder;

#[hotpath::measure]
fn work() {}

const LONG: Duration = Duration::from_secs(3600);

fn forever() {
    work();
    loop {
        std::thread::park();
    }
}

fn main() {
    let builder = HotpathGuardBuilder::new("main");
    match std::env::args().nth(1).as_deref() {
        Some("shutdown") => {
            builder.before_shutdown(|| println!("cleaned up")).build_with_shutdown(Duration::from_millis(20));
            forever();
        }
        Some("ends-before") => builder.build_with_shutdown(LONG),
        Some("zero") => builder.build_with_shutdown(Duration::ZERO),
        Some("timeout-parameter") => limited(),
        Some("legacy") => {
            hotpath::GuardBuilder::new("main").build_with_timeout(Duration::from_millis(20));
            forever();
        }
        Some("guard") => {
            let _guard = builder.build();
            forever();
        }
        _ => {
            let _guard = builder.build();
            work();
        }
    }
    work();
    println!("own end");
}

#[hotpath::main(timeout = 20)]
fn limited() {
    forever();
}
