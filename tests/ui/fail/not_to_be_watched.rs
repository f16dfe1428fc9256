use futures::stream;

struct NotDebug;

fn main() {
    let _ = hotpath::stream!(vec![1, 2, 3]);
    let _ = hotpath::stream!(stream::iter([NotDebug]), log = true);
    let _ = hotpath::future!(7);
    let _ = hotpath::future!(async { NotDebug }, log = true);
    let _ = hotpath::stream!(stream::iter(0..3), label = NotDebug);
    hotpath::dbg!(NotDebug);
    hotpath::val!("key").set(&NotDebug);
    hotpath::gauge!("key").set(true);
    let _ = hotpath::gauge!(NotDebug);
}
