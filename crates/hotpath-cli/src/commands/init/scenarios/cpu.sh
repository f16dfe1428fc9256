cargo run --release --features=hotpath-cpu
