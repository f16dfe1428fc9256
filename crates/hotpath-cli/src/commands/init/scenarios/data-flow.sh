cargo run --features=hotpath-data-flow
