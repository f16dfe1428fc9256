//! Two accounts of one program: the profiler's, and that of an allocator below it which sees every operation.
//!
//! Once everything was hit, the profiler needs nothing from the heap to record calls. So over the same time both must tell
//! the same, to the byte, and so must the sum over the rows.

use hotpath::{CountingAllocator, HotpathGuardBuilder};
use memory::{Accounts, Ledger, work};

#[global_allocator]
static ALLOCATOR: CountingAllocator<Ledger> = CountingAllocator::with(Ledger);

fn on_tokio(tasks: usize) {
    let builder = &mut tokio::runtime::Builder::new_multi_thread();
    let runtime = builder.worker_threads(4).build().expect("a runtime");
    runtime.block_on(work::tasks(tasks));
    drop(runtime); // waits for its threads
}

fn on_smol(tasks: usize) {
    let executor = smol::Executor::new();
    let (stop, stopped) = smol::channel::unbounded::<()>();
    std::thread::scope(|scope| {
        let threads: Vec<_> =
            (0..3).map(|_| scope.spawn(|| smol::block_on(executor.run(stopped.recv())))).collect();
        smol::block_on(async {
            let tasks: Vec<_> = (0..tasks).map(|n| executor.spawn(small_task(n))).collect();
            for task in tasks {
                task.await;
            }
        });
        drop(stop);
        // A scope only waits for the work of its threads, not for their ends.
        threads.into_iter().for_each(|thread| assert!(thread.join().is_ok()));
    });
}

#[hotpath::measure]
async fn small_task(n: usize) {
    let _own = memory::bytes(n + 1);
    memory::Yields(n as u32 % 11).await;
}

fn main() {
    let _guard = HotpathGuardBuilder::new("balance").limit(0).build();
    let everything = || {
        on_tokio(500);
        on_smol(300);
        work::on_threads();
    };
    everything(); // first hits
    for _ in 0..3 {
        let accounts = Accounts::of(everything);
        assert_eq!(accounts.told, accounts.ledger);
        assert!(accounts.told.count > 3000, "{accounts:?}");
        let live = accounts.told.bytes.wrapping_sub(accounts.told.freed) as i64;
        assert_eq!(accounts.live, live, "{accounts:?}");
    }
}
