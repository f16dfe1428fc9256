HOTPATH_OUTPUT_FORMAT=none cargo run --features=hotpath-mcp
