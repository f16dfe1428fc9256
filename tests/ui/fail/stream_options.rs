use futures::stream;

fn main() {
    let _ = hotpath::stream!();
    let _ = hotpath::stream!(stream::iter(0..3), lable = "numbers");
    let _ = hotpath::stream!(stream::iter(0..3), capacity = 3);
    let _ = hotpath::stream!(stream::iter(0..3), log = "yes");
    let _ = hotpath::stream!(stream::iter(0..3), iter);
    let _ = hotpath::stream!(stream::iter(0..3) label = "numbers");
    let _ = hotpath::future!(async {}, iter = true);
    let _ = hotpath::future!(async {}, label = "a", label = "b");
}
