fn main() {
    #[cfg(feature = "hotpath")]
    let _guard = hotpath::GuardBuilder::new("main")
        .percentiles(&[50, 90, 95, 99])
        .limit(20)
        .format(hotpath::Format::JsonPretty)
        .build();
}
