//! The stages and the channels between them: read, digest, index.
//!
//! The channels are bounded, so that a fast stage waits for a slow one instead of filling the memory. A stage ends when the one
//! before has ended and its channel is empty.

use std::{num::NonZeroUsize, path::PathBuf, pin::pin, sync::Arc};

use futures_util::{StreamExt, stream};
use hotpath::wrap::{
    std::sync::Mutex,
    tokio::sync::mpsc::{Receiver, Sender},
};
use tokio::{
    sync::mpsc,
    task::{self, JoinSet},
};

use crate::{
    digest::{Digest, digest},
    files::{self, Text},
    index::Index,
};

/// Messages that wait between two stages, at most.
const ROOM: usize = 16;
/// Files that are read at once.
const READS: usize = 8;
const INDEXERS: usize = 2;

/// A channel has one receiver; the workers of a stage take turns.
type Shared<T> = Arc<tokio::sync::Mutex<Receiver<T>>>;

/// Takes all files through all stages; returns the index and a line for each file that was left out.
///
/// # Errors
///
/// A stage panicked.
pub async fn run(files: Vec<PathBuf>, workers: NonZeroUsize) -> Result<(Index, Vec<String>), String> {
    let (texts, to_digest) = hotpath::channel!(mpsc::channel(ROOM), label = "texts");
    let (digests, to_index) = hotpath::channel!(mpsc::channel(ROOM), label = "digests");
    let index = Arc::new(hotpath::mutex!(std::sync::Mutex::new(Index::default()), label = "index"));

    let mut stages = JoinSet::new();
    let reading = task::spawn(read_all(files, texts));
    let (to_digest, to_index) = (share(to_digest), share(to_index));
    for _ in 0..workers.get() {
        let (from, to) = (Arc::clone(&to_digest), digests.clone());
        // It computes for milliseconds, and a task that does so would keep others from running.
        stages.spawn_blocking(move || digest_all(&from, &to));
    }
    drop(digests);
    for _ in 0..INDEXERS {
        stages.spawn(index_all(Arc::clone(&to_index), Arc::clone(&index)));
    }
    let problems = reading.await.map_err(|error| error.to_string())?;
    while let Some(ended) = stages.join_next().await {
        ended.map_err(|error| error.to_string())?;
    }
    let mut index = std::mem::take(&mut *index.lock().map_err(|error| error.to_string())?);
    index.sort();
    Ok((index, problems))
}

fn share<T>(receiver: Receiver<T>) -> Shared<T> {
    Arc::new(tokio::sync::Mutex::new(receiver))
}

/// The first stage: several files at once, each sent on as soon as it is there.
#[hotpath::measure]
async fn read_all(files: Vec<PathBuf>, to: Sender<Text>) -> Vec<String> {
    let reads = stream::iter(files).map(files::read).buffer_unordered(READS);
    let mut texts = pin!(hotpath::stream!(reads, label = "files read"));
    let mut problems = Vec::new();
    while let Some(read) = texts.next().await {
        match read {
            Ok(text) => {
                hotpath::gauge!("bytes read, not digested").inc(text.content.len());
                if to.send(text).await.is_err() {
                    break; // The next stage has ended, and says why.
                }
            }
            Err(problem) => problems.push(problem),
        }
    }
    problems
}

/// The second stage, on a thread that may be blocked.
fn digest_all(from: &Shared<Text>, to: &Sender<Digest>) {
    while let Some(text) = next_blocking(from) {
        let size = text.content.len();
        let digest = digest(text);
        hotpath::gauge!("bytes read, not digested").dec(size);
        if to.blocking_send(digest).is_err() {
            break;
        }
    }
}

/// The last stage.
#[hotpath::measure]
async fn index_all(from: Shared<Digest>, index: Arc<Mutex<Index>>) {
    while let Some(digest) = next(&from).await {
        // Poisoned: another indexer panicked, and its end is reported.
        let Ok(mut index) = index.lock() else { break };
        index.add(digest);
    }
}

async fn next<T>(from: &Shared<T>) -> Option<T> {
    from.lock().await.recv().await
}

fn next_blocking<T>(from: &Shared<T>) -> Option<T> {
    from.blocking_lock().blocking_recv()
}
