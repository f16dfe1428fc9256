use std::time::Duration;

#[cfg_attr(feature = "hotpath", hotpath::measure)]
fn work_function() {
    std::thread::sleep(Duration::from_millis(10));
}

fn main() {
    // Profile for 1 second, then generate report and exit
    #[cfg(feature = "hotpath")]
    hotpath::GuardBuilder::new("timed_benchmark")
        .build_with_timeout(Duration::from_secs(1));

    loop {
        work_function();
    }
}
