fn main() {
    let () = hotpath::measure_block!("label");
}
