#[hotpath::main(limit = 3u8)]
fn main() {}
