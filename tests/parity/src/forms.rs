//! Every form of every macro.

use std::{
    pin::{Pin, pin},
    task::{Context, Poll},
};

use crate::executor::{Yield, block_on};

/// Calls them all.
pub fn all() -> u64 {
    let sync = plain(1) + logged(2) + labelled(3) + typed(4) + everything(5) + generic(6_u64) + styled(7);
    let borrowed = first(&[8, 9]).copied().unwrap_or_default();
    let methods =
        Counter(1).total() + Counter::zero().0 + Counter(2).doubled() + inner::direct(1) + inner::left_out(2);
    let blocks = blocks(3) + block_on(waiting_block(4)) + early(Some(5)).unwrap_or_default();
    sync + borrowed + methods + blocks + block_on(futures()) + channels() + own_types() + values()
}

fn channels() -> u64 {
    use hotpath::wrap::std::sync::mpsc;
    let (label, capacity) = ("only a label", 2);
    let (tx, rx): (mpsc::Sender<u64>, mpsc::Receiver<u64>) = hotpath::channel!(mpsc::channel());
    let (bounded, numbers): (mpsc::SyncSender<u64>, mpsc::Receiver<u64>) = hotpath::channel!(
        mpsc::sync_channel(2),
        label = label,
        log = true,
        capacity = capacity,
        iter = false
    );
    let pair = mpsc::channel();
    let (original, proxied) = hotpath::channel!(pair, proxy = true, label = label.to_owned());
    let sent = [tx.send(1).is_ok(), bounded.try_send(2).is_ok(), original.send(3).is_ok()];
    let received = rx.recv().unwrap_or_default() + numbers.iter().next().unwrap_or_default();
    received + proxied.recv().unwrap_or_default() + sent.iter().map(|is_ok| u64::from(*is_ok)).sum::<u64>()
}

/// A program of 0.7 names the types of the library, which it may with the feature `proxy`, be profiling on or off. Without it (in
/// the workspace somebody may turn profiling on) it takes the names of `wrap`, and nothing else is different.
fn own_types() -> u64 {
    #[cfg(not(feature = "proxy"))]
    use hotpath::wrap::std::sync::mpsc;
    #[cfg(feature = "proxy")]
    use std::sync::mpsc;

    struct Worker {
        jobs: mpsc::Receiver<u64>,
        results: mpsc::SyncSender<u64>,
    }

    fn work(worker: &Worker) -> Result<(), mpsc::SendError<u64>> {
        worker.jobs.iter().try_for_each(|job| worker.results.send(job * 2))
    }

    let (job, jobs): (mpsc::Sender<u64>, _) = hotpath::channel!(mpsc::channel());
    let (results, result) = hotpath::channel!(mpsc::sync_channel(3), capacity = 3, log = true);
    let sent = (1..=3).all(|n| job.send(n).is_ok());
    drop(job);
    let is_done = work(&Worker { jobs, results }).is_ok();
    result.into_iter().sum::<u64>() + u64::from(sent && is_done)
}

/// What values a program shows, and that it goes on with them.
fn values() -> u64 {
    let label = "key";
    let shown = hotpath::dbg!(40_u64);
    let (two, word) = hotpath::dbg!(2_u64, "two",);
    hotpath::dbg!();
    hotpath::val!("literal").set(&shown);
    hotpath::val!(label).set("text");
    hotpath::val!(format!("{label} {two}")).set(&[word]);
    hotpath::gauge!("level").set(1).inc(2.5).dec(3_u8);
    hotpath::gauge!(7).inc(shown);
    let gauge: hotpath::GaugeHandle = hotpath::gauge!(label);
    gauge.set(two);
    let val: hotpath::ValHandle = hotpath::val!(label);
    val.set(&gauge_text(3_i16));
    shown + two
}

fn gauge_text(number: impl hotpath::IntoF64) -> String {
    number.into_f64().to_string()
}

/// A field of the type that `future!` makes.
struct Kept<F>(hotpath::futures::InstrumentedFuture<F>);

async fn watched() -> u64 {
    let label = "only a label";
    let kept = Kept(hotpath::future!(std::future::ready(1_u64)));
    let logged = hotpath::future!(later(2), log = true, label = label);
    let both = hotpath::future!(later(3), label = format!("{label} {}", 1), log = false,);
    let _seen: Vec<hotpath::futures::FutureCall> = hotpath::futures::recent_calls();
    let taken = hotpath::futures::into_inner(hotpath::future!(later(4))).await;
    kept.0.await + logged.await + both.await + taken + own_methods().await
}

/// A future with methods of its own, which are reached with profiling on as with profiling off.
async fn own_methods() -> u64 {
    struct Countdown(u64);

    impl Countdown {
        fn left(&self) -> u64 {
            self.0
        }

        fn add(&mut self, n: u64) {
            self.0 += n;
        }

        fn restart(mut self: Pin<&mut Self>, n: u64) {
            self.0 = n;
        }
    }

    impl Future for Countdown {
        type Output = u64;

        fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<u64> {
            if self.0 == 0 {
                return Poll::Ready(1);
            }
            self.0 -= 1;
            context.waker().wake_by_ref();
            Poll::Pending
        }
    }

    let mut countdown = hotpath::future!(Countdown(1));
    countdown.add(2);
    let left = countdown.left();
    let mut countdown = pin!(countdown);
    hotpath::futures::inner_pin_mut(countdown.as_mut()).restart(1);
    left + countdown.await
}

async fn futures() -> u64 {
    watched().await
        + later(1).await
        + logged_later(2).await
        + tracked(3).await
        + future_only(4).await
        + future_logged(5).await
        + boxed(6).await
        + inner::direct_later(7).await
}

#[hotpath::measure]
fn plain(n: u64) -> u64 {
    n
}

#[hotpath::measure(log = true)]
fn logged(n: u64) -> u64 {
    n
}

#[hotpath::measure(label = "a label", sample = 0.25)]
fn labelled(n: u64) -> u64 {
    n
}

#[hotpath::measure(impl_type = "Type")]
fn typed(n: u64) -> u64 {
    n
}

#[hotpath::measure(log = true, label = "all of them", impl_type = "Type")]
fn everything(n: u64) -> u64 {
    n
}

#[hotpath::measure]
fn generic<T: Into<u64>>(n: T) -> u64 {
    n.into()
}

#[cfg_attr(all(), hotpath::measure)]
fn styled(n: u64) -> u64 {
    n
}

#[hotpath::measure]
fn first(list: &[u64]) -> Option<&u64> {
    list.first()
}

#[hotpath::measure]
fn early(n: Option<u64>) -> Option<u64> {
    let n = n?;
    if n > 100 {
        return None;
    }
    Some(n)
}

#[hotpath::measure(sample = 1)]
async fn later(n: u64) -> u64 {
    Yield::default().await;
    n
}

#[hotpath::measure(log = true)]
async fn logged_later(n: u64) -> u64 {
    n
}

#[hotpath::measure(future = true)]
async fn tracked(n: u64) -> u64 {
    Yield::default().await;
    n
}

#[hotpath::future_fn]
async fn future_only(n: u64) -> u64 {
    n
}

#[hotpath::future_fn(log = true)]
async fn future_logged(n: u64) -> u64 {
    n
}

#[hotpath::measure]
fn boxed(n: u64) -> std::pin::Pin<Box<dyn Future<Output = u64> + Send>> {
    Box::pin(async move { n })
}

struct Counter(u64);

#[hotpath::measure_all]
impl Counter {
    const START: u64 = 0;

    fn zero() -> Self {
        Self(Self::START)
    }

    fn total(&self) -> u64 {
        self.0
    }
}

trait Doubled {
    fn doubled(self) -> u64;
}

#[hotpath::measure_all]
impl Doubled for Counter {
    fn doubled(self) -> u64 {
        self.0 * 2
    }
}

#[hotpath::measure_all]
mod inner {
    pub fn direct(n: u64) -> u64 {
        n
    }

    pub async fn direct_later(n: u64) -> u64 {
        n
    }

    #[hotpath::skip]
    pub fn left_out(n: u64) -> u64 {
        n
    }
}

fn blocks(n: u64) -> u64 {
    let label = "found at run time";
    hotpath::measure_block!("a statement", {
        std::hint::black_box(n);
    });
    let value = hotpath::measure_block!("a value", n + 1);
    let braced = hotpath::measure_block!("braces", { value + 1 });
    let named = hotpath::measure_block!(label, braced + 1,);
    for _ in 0..3 {
        hotpath::measure_block!("leaves a loop", {
            if named > 0 {
                break;
            }
        });
    }
    hotpath::measure_block!("outer", hotpath::measure_block!("inner", named)) + label.len() as u64
}

async fn waiting_block(n: u64) -> u64 {
    hotpath::measure_block!("waits", {
        Yield::default().await;
        later(n).await
    })
}

/// A function that holds a session of its own, with every parameter; called when no other runs.
#[hotpath::main(
    percentiles = [0, 50, 99.9],
    format = "none",
    limit = 1,
    functions_limit = 2,
    channels_limit = 3,
    streams_limit = 4,
    futures_limit = 5,
    threads_limit = 6,
    rw_locks_limit = 7,
    mutexes_limit = 8,
    sql_limit = 9,
    http_limit = 10,
    server_limit = 11,
    io_limit = 12,
    output_path = "never-written.json",
    report = "auto,-threads",
    budget = "2 %",
    timeout = 3_600_000,
    signals = true
)]
pub fn with_every_parameter() -> u64 {
    plain(1)
}
