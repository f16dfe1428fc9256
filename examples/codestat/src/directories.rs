//! One summary per directory, written by tasks that run side by side and read back to be sure.

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use tokio::{fs, sync::Semaphore, task::JoinSet, time::timeout};

use crate::source::Source;

/// Files open at once; more tasks wait for their turn.
const AT_ONCE: usize = 8;
/// A disk that takes longer than this for one small file is reported, not waited for.
const PATIENCE: Duration = Duration::from_secs(30);

/// The files that stand directly in one directory, added up.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
pub struct Totals {
    pub files: usize,
    pub code: usize,
    pub functions: usize,
}

/// Adds up the files of each directory. The root has the empty name.
pub fn summarize(sources: &[Source]) -> BTreeMap<&str, Totals> {
    let mut directories = BTreeMap::<&str, Totals>::new();
    for source in sources {
        let directory = source.path.rsplit_once('/').map_or("", |(directory, _)| directory);
        let totals = directories.entry(directory).or_default();
        totals.files += 1;
        totals.code += source.lines.code;
        totals.functions += source.outline.functions;
    }
    directories
}

/// Writes all summaries below `target`, as `<directory>/summary.txt`.
#[hotpath::measure]
pub async fn publish(directories: &BTreeMap<&str, Totals>, target: &Path) -> Result<(), String> {
    let turns = Arc::new(Semaphore::new(AT_ONCE));
    let mut tasks = JoinSet::new();
    for (&directory, totals) in directories {
        let file = target.join(directory).join("summary.txt");
        let text = format!("files {}\ncode {}\nfunctions {}\n", totals.files, totals.code, totals.functions);
        tasks.spawn(publish_one(Arc::clone(&turns), file, text));
    }
    while let Some(done) = tasks.join_next().await {
        done.map_err(|error| error.to_string())??;
    }
    Ok(())
}

async fn publish_one(turns: Arc<Semaphore>, file: PathBuf, text: String) -> Result<(), String> {
    let _turn = turns.acquire().await.map_err(|error| error.to_string())?;
    let work = async {
        write(&file, &text).await?;
        verify(&file, &text).await
    };
    let done = timeout(PATIENCE, work).await.unwrap_or_else(|late| Err(late.into()));
    done.map_err(|error| format!("{}: {error}", file.display()))
}

#[hotpath::measure(label = "write summary")]
async fn write(file: &Path, text: &str) -> io::Result<()> {
    if let Some(parent) = file.parent() {
        fs::create_dir_all(parent).await?;
    }
    fs::write(file, text).await
}

#[hotpath::measure(label = "verify summary")]
async fn verify(file: &Path, text: &str) -> io::Result<()> {
    match fs::read(file).await? == text.as_bytes() {
        true => Ok(()),
        false => Err(io::Error::other("another program changed the summary")),
    }
}
