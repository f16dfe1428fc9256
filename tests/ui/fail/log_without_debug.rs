struct NotDebug;

#[hotpath::measure(log = true)]
fn sync() -> NotDebug {
    NotDebug
}

#[hotpath::measure(log = true)]
async fn asynchronous() -> NotDebug {
    NotDebug
}

fn main() {
    sync();
    let _ = asynchronous();
}
