//! The proxies' tasks, for channels that are async. A few threads run all of them, however many there are.
//!
//! A thread is started with the first task, and the threads end when there has been no task for a second. One more thread than
//! is busy stands by, up to [`MOST`]: dropping or formatting a message runs the program's code, which may wait for another
//! channel.

use std::{
    collections::VecDeque,
    future::{Future, poll_fn},
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::{Pin, pin},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Wake, Waker},
    time::Duration,
};

use hotpath_lane::memory::{pause_tracking, resume_tracking};

use crate::imp::os::own_thread;

const MOST: usize = 4;
const LINGER: Duration = Duration::from_secs(1);

static POOL: Mutex<Pool> =
    Mutex::new(Pool { ready: VecDeque::new(), tasks: 0, workers: 0, idle: 0, process: 0 });
/// Something is ready.
static READY: Condvar = Condvar::new();

struct Pool {
    ready: VecDeque<Arc<Task>>,
    /// Number of tasks that have not ended.
    tasks: usize,
    workers: usize,
    /// Workers that wait.
    idle: usize,
    /// The process of the workers: a forked child has none of its parent's threads.
    process: u32,
}

/// Proof that there is a thread for one more task.
pub(super) struct Admission;

/// Makes sure that there is a thread for one more task.
///
/// # Errors
///
/// When the system gives none.
pub(super) fn acquire_thread() -> io::Result<Admission> {
    let mut pool = lock(&POOL);
    let process = std::process::id();
    if pool.process != process {
        *pool = Pool { ready: VecDeque::new(), tasks: 0, workers: 0, idle: 0, process };
    }
    if pool.workers == 0 {
        pool.add_worker()?;
    }
    pool.tasks += 1;
    Ok(Admission)
}

/// Runs a task to its end. Polls it here once, so that it has begun before the program has its receiver.
pub(super) fn spawn(_: Admission, future: impl Future<Output = ()> + Send + 'static) {
    let future: Running = Box::pin(future);
    let task = Task { stage: Mutex::new(Stage::Ready), future: Mutex::new(Some(future)) };
    run(&Arc::new(task));
}

fn enqueue(task: Arc<Task>) {
    let _untracked = pause_tracking(); // the queue may grow, and is never given back
    lock(&POOL).ready.push_back(task);
    READY.notify_one();
}

impl Pool {
    fn add_worker(&mut self) -> io::Result<()> {
        self.workers += 1;
        let spawned = own_thread::spawn("hp-channels", work);
        if spawned.is_err() {
            self.workers -= 1;
        }
        spawned.map(drop)
    }
}

fn work() {
    let _the_programs_own = resume_tracking(); // the channels, and values that are dropped on the way
    while let Some(task) = next() {
        run(&task);
    }
}

/// Waits for a task that is ready; `None` when this worker is not needed any more.
fn next() -> Option<Arc<Task>> {
    let mut pool = lock(&POOL);
    loop {
        if let Some(task) = pool.ready.pop_front() {
            if pool.idle == 0 && pool.workers < MOST {
                let _another_time = pool.add_worker();
            }
            return Some(task);
        }
        pool.idle += 1;
        let (again, waited) = READY.wait_timeout(pool, LINGER).unwrap_or_else(PoisonError::into_inner);
        pool = again;
        pool.idle -= 1;
        if waited.timed_out() && pool.ready.is_empty() && (pool.tasks == 0 || pool.idle > 1) {
            pool.workers -= 1;
            return None;
        }
    }
}

type Running = Pin<Box<dyn Future<Output = ()> + Send>>;

struct Task {
    stage: Mutex<Stage>,
    /// `None` when it has ended.
    future: Mutex<Option<Running>>,
}

#[derive(Clone, Copy)]
enum Stage {
    Waiting,
    /// In the queue, or about to be.
    Ready,
    /// A worker polls it.
    Polled,
    /// A worker polls it, and it is to be polled again.
    Woken,
}

impl Wake for Task {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let mut stage = lock(&self.stage);
        match *stage {
            Stage::Waiting => {
                *stage = Stage::Ready;
                drop(stage);
                enqueue(Arc::clone(self));
            }
            Stage::Polled => *stage = Stage::Woken,
            Stage::Ready | Stage::Woken => {}
        }
    }
}

fn run(task: &Arc<Task>) {
    *lock(&task.stage) = Stage::Polled;
    let is_pending = poll(task);
    if !is_pending {
        lock(&POOL).tasks -= 1;
        return;
    }
    let mut stage = lock(&task.stage);
    let is_ready = matches!(*stage, Stage::Woken);
    *stage = if is_ready { Stage::Ready } else { Stage::Waiting };
    drop(stage);
    if is_ready {
        enqueue(Arc::clone(task));
    }
}

/// Polls a task. Returns false if it has ended, as it has after a panic of a message's code: its channels are closed then.
fn poll(task: &Arc<Task>) -> bool {
    let waker = Waker::from(Arc::clone(task));
    let mut slot = lock(&task.future);
    let polled = catch_unwind(AssertUnwindSafe(|| {
        slot.as_mut()
            .is_some_and(|future| future.as_mut().poll(&mut Context::from_waker(&waker)).is_pending())
    }));
    let is_pending = polled.unwrap_or_default();
    if !is_pending {
        let ended = slot.take();
        drop(slot);
        let _whatever_it_held = catch_unwind(AssertUnwindSafe(|| drop(ended)));
    }
    is_pending
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The output of `wanted`; `None` if `end` comes first.
pub(crate) async fn unless<F: Future>(end: impl Future, wanted: F) -> Option<F::Output> {
    let (mut wanted, mut end) = (pin!(wanted), pin!(end));
    poll_fn(|context| match wanted.as_mut().poll(context) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending => end.as_mut().poll(context).map(|_| None),
    })
    .await
}

/// Lets the other tasks have a turn after some messages.
#[derive(Default)]
pub(crate) struct Turns(u8);

impl Turns {
    const MESSAGES: u8 = 64;

    pub(crate) async fn next(&mut self) {
        self.0 += 1;
        if self.0 < Self::MESSAGES {
            return;
        }
        self.0 = 0;
        let mut had_its_turn = false;
        poll_fn(|context| {
            if std::mem::replace(&mut had_its_turn, true) {
                return Poll::Ready(());
            }
            context.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
    }
}

/// Carries messages in an `async fn`, from what `$next` gives to `$send`, until there is none or nobody receives it.
macro_rules! carry {
    ($passage:ident, $next:expr, |$value:ident| $send:expr) => {
        let mut turns = $crate::imp::instruments::channels::proxy::Turns::default();
        while let Some($value) = $next {
            $passage.passes(&$value);
            if $send.is_err() {
                break;
            }
            turns.next().await;
        }
    };
}
pub(crate) use carry;
