cargo run --features=hotpath-tokio
