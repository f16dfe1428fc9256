//! Without the feature `tokio`.

fn main() {
    hotpath::tokio_runtime!();
}
