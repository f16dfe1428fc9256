//! Measuring by hand, as programs of several versions do it.

type Lock<T> = hotpath::mutexes::Mutex<T>;
type Shared<T> = hotpath::rw_locks::RwLock<T>;

#[tokio::main]
#[hotpath::main]
async fn main() {
    for _ in 0..5 {
        let _timed = hotpath::MeasurementGuardSync::new("stage::one", false, false);
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    let _old = hotpath::functions::MeasurementGuard::build("op.write", false, true);
    let n = hotpath::measure_async("op.read", async { tokio::task::yield_now().await; 3 }).await;
    let s = hotpath::measure_sync_log("op.sync", || 4);
    assert_eq!((n, s), (3, 4));
    let wall = hotpath::MeasurementGuardAsync::new("task.wall", false, false);
    let task = tokio::spawn(async move {
        tokio::task::yield_now().await;
        drop(wall); // on another thread, perhaps
    });
    task.await.unwrap();
    locks();
    let bytes = hotpath::io!(std::io::Cursor::new(vec![1_u8]), label = "c");
    assert_eq!(hotpath::io_unwrap(bytes).into_inner(), [1]);
}

fn locks() {
    let jobs: Lock<u8> = hotpath::mutex!(std::sync::Mutex::new(1), label = "jobs");
    let _map: Shared<u8> = hotpath::rw_lock!(std::sync::RwLock::new(1));
    let _held: hotpath::mutexes::MutexGuard<'_, u8> = jobs.lock().unwrap();
}
