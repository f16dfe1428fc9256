use std::sync::mpsc;

struct Worker {
    jobs: mpsc::Receiver<u32>,
    results: mpsc::SyncSender<u32>,
}

fn start(_jobs: mpsc::Sender<u32>) {}

fn main() {
    let (job, jobs) = hotpath::channel!(mpsc::channel::<u32>());
    let (results, _result) = hotpath::channel!(mpsc::sync_channel::<u32>(1), capacity = 1);
    start(job);
    let _worker = Worker { jobs, results };
}
