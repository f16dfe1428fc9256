#[hotpath::measure]
fn sync(n: u32) -> u32 {
    n.to_string()
}

#[hotpath::measure]
fn without_value(n: u32) -> u32 {
    let _ = n + 1;
}

#[hotpath::measure]
async fn asynchronous(n: u32) -> u32 {
    n.to_string()
}

fn main() {
    sync(1);
    without_value(1);
    let _ = asynchronous(1);
}
