cargo run --features=hotpath
