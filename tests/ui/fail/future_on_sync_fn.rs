#[hotpath::measure(future = true)]
fn measured() {}

#[hotpath::future_fn]
fn tracked() {}

#[hotpath::future_fn(label = "a")]
async fn labelled() {}

fn main() {
    measured();
    tracked();
    let _ = labelled();
}
