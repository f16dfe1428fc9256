//! The history in its database: one row per saved report, the report itself compressed in it.
//!
//! What must stay true: a report that was said to be saved is there, whatever is killed; several processes may write at
//! once, each waits for its turn; a file that is not ours is not touched. SQLite's write-ahead log has the first two.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use hotpath_report::Report;
use rusqlite::{
    Connection, ErrorCode, OpenFlags, OptionalExtension, Row, Transaction, TransactionBehavior, params,
};

/// Marks a database as ours (`PRAGMA application_id`): "htph".
const OURS: i64 = 0x6874_7068;
/// The form of the tables (`PRAGMA user_version`).
const FORM: i64 = 1;
/// So long another writer is waited for.
const PATIENCE: Duration = Duration::from_secs(60);
/// A report is no larger than this when unpacked; a larger one is damaged.
const MAX_REPORT: u64 = 1 << 30;

const TABLES: &str = "
    CREATE TABLE runs (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        moment INTEGER NOT NULL,
        commit_id TEXT,
        branch TEXT,
        label TEXT,
        machine TEXT,
        program TEXT,
        duration_ns INTEGER NOT NULL,
        report BLOB NOT NULL
    );
    CREATE INDEX runs_by_moment ON runs (moment, id);
";

/// What is known of a run beside its report.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct About {
    /// When the report was made, in seconds since 1970; when it was saved if the report does not say.
    pub(crate) moment: i64,
    pub(crate) commit: Option<String>,
    pub(crate) branch: Option<String>,
    pub(crate) label: Option<String>,
    pub(crate) machine: Option<String>,
    pub(crate) program: Option<String>,
    pub(crate) duration_ns: u64,
}

/// A saved run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) id: i64,
    pub(crate) about: About,
}

/// Which runs; what is `None` does not matter.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct Filter {
    /// Only runs of this branch
    #[arg(long, value_name = "BRANCH")]
    pub(crate) branch: Option<String>,
    /// Only runs with this label
    #[arg(long, value_name = "LABEL")]
    pub(crate) label: Option<String>,
    /// Only runs on this machine
    #[arg(long, value_name = "MACHINE")]
    pub(crate) machine: Option<String>,
    /// Only runs of this program
    #[arg(long, value_name = "NAME")]
    pub(crate) program: Option<String>,
    /// At most so many runs, the newest; 0 is all
    #[arg(long, value_name = "N", default_value_t = 50)]
    pub(crate) last: u32,
}

/// What saving did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Saved {
    New(i64),
    /// The very same report was there.
    Known(i64),
}

/// An opened history.
#[derive(Debug)]
pub(crate) struct Store {
    connection: Connection,
}

impl Store {
    /// Opens the history in `file`, and makes it if it is not there.
    pub(crate) fn create(file: &Path) -> Result<Self> {
        Self::connect(file, OpenFlags::SQLITE_OPEN_CREATE)
    }

    /// Opens the history in `file`.
    pub(crate) fn open(file: &Path) -> Result<Self> {
        if !file.exists() {
            bail!("no history at {}: `hotpath history save` begins one", file.display());
        }
        Self::connect(file, OpenFlags::empty())
    }

    fn connect(file: &Path, more: OpenFlags) -> Result<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | more;
        let open = || -> Result<Self> {
            let mut connection = Connection::open_with_flags(file, flags)?;
            connection.busy_timeout(PATIENCE)?;
            check(&mut connection)?;
            Ok(Self { connection })
        };
        open().map_err(explained).with_context(|| format!("cannot use {}", file.display()))
    }

    /// Saves a report, given as its JSON. When this returns it is on the disk.
    pub(crate) fn save(&mut self, about: &About, json: &str) -> Result<Saved> {
        self.try_save(about, json).map_err(explained)
    }

    fn try_save(&mut self, about: &About, json: &str) -> Result<Saved> {
        let report = packed(json)?;
        let transaction = writing(&mut self.connection)?;
        let same = "SELECT id FROM runs WHERE moment = ?1 AND commit_id IS ?2 AND branch IS ?3 AND label IS ?4 \
                    AND machine IS ?5 AND report = ?6";
        let named = params![about.moment, about.commit, about.branch, about.label, about.machine, report];
        if let Some(known) = transaction.query_row(same, named, |row| row.get(0)).optional()? {
            return Ok(Saved::Known(known));
        }
        let insert = "INSERT INTO runs (moment, commit_id, branch, label, machine, program, duration_ns, report) \
                      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        let duration_ns = i64::try_from(about.duration_ns).unwrap_or(i64::MAX);
        transaction.execute(
            insert,
            params![
                about.moment,
                about.commit,
                about.branch,
                about.label,
                about.machine,
                about.program,
                duration_ns,
                report
            ],
        )?;
        let id = transaction.last_insert_rowid();
        transaction.commit()?;
        Ok(Saved::New(id))
    }

    /// The runs that the filter leaves, the oldest first.
    pub(crate) fn runs(&self, filter: &Filter) -> Result<Vec<Run>> {
        let query = format!(
            "SELECT * FROM (SELECT {COLUMNS} FROM runs WHERE (?1 IS NULL OR branch = ?1) AND (?2 IS NULL OR label = ?2) \
             AND (?3 IS NULL OR machine = ?3) AND (?4 IS NULL OR program = ?4) ORDER BY moment DESC, id DESC LIMIT ?5) \
             ORDER BY moment, id"
        );
        let limit = if filter.last == 0 { -1 } else { i64::from(filter.last) };
        self.all(&query, params![filter.branch, filter.label, filter.machine, filter.program, limit])
    }

    /// The run that is meant by a number, `last`, or the beginning of a commit (then the newest of it).
    pub(crate) fn find(&self, which: &str) -> Result<Run> {
        let newest = self.find_all(which, None)?.pop();
        newest.ok_or_else(|| anyhow!("no run {which}"))
    }

    /// The runs that are meant by a number, `last`, or the beginning of a commit, on this machine if one is given; at
    /// least one, the oldest first.
    pub(crate) fn find_all(&self, which: &str, machine: Option<&str>) -> Result<Vec<Run>> {
        let runs = format!("SELECT {COLUMNS} FROM runs WHERE (?2 IS NULL OR machine = ?2) AND ");
        let found = if which == "last" {
            let query = format!("{runs} ?1 IS NOT NULL ORDER BY moment DESC, id DESC LIMIT 1");
            self.all(&query, params![which, machine])?
        } else if let Some(id) = number(which) {
            self.all(&format!("{runs} id = ?1"), params![id, machine])?
        } else {
            let query = format!("{runs} substr(commit_id, 1, length(?1)) = ?1 ORDER BY moment, id");
            self.all(&query, params![which, machine])?
        };
        let commits: BTreeSet<&str> = found.iter().filter_map(|run| run.about.commit.as_deref()).collect();
        match commits.into_iter().collect::<Vec<_>>().as_slice() {
            _ if found.is_empty() => {
                bail!("no run {which}: a run is named by its number, its commit, or `last`")
            }
            [first, second, ..] => bail!("{which} may be commit {first} or {second}"),
            _ => Ok(found),
        }
    }

    /// The report of a run, as JSON.
    pub(crate) fn json(&self, id: i64) -> Result<String> {
        let query = "SELECT report FROM runs WHERE id = ?1";
        let packed: Option<Vec<u8>> = self
            .connection
            .query_row(query, [id], |row| row.get(0))
            .optional()
            .map_err(|e| explained(e.into()))?;
        let packed = packed.ok_or_else(|| anyhow!("run {id} was pruned meanwhile"))?;
        unpacked(&packed).with_context(|| format!("the report of run {id} is damaged"))
    }

    /// The report of a run.
    pub(crate) fn report(&self, id: i64) -> Result<Report> {
        hotpath_analysis::read_report(&self.json(id)?)
            .with_context(|| format!("the report of run {id} cannot be read"))
    }

    /// The runs before a moment, but for the newest `keep` of all.
    pub(crate) fn older(&self, moment: i64, keep: u32) -> Result<Vec<Run>> {
        let query = format!("SELECT {COLUMNS} FROM runs WHERE {OLDER} ORDER BY moment, id");
        self.all(&query, params![moment, keep])
    }

    /// Forgets those runs; how many they were.
    pub(crate) fn prune(&mut self, moment: i64, keep: u32) -> Result<usize> {
        let mut prune = || -> Result<usize> {
            let transaction = writing(&mut self.connection)?;
            let count =
                transaction.execute(&format!("DELETE FROM runs WHERE {OLDER}"), params![moment, keep])?;
            transaction.commit()?;
            // Gives the room back. Another process that reads or writes meanwhile hinders it; the next prune does it then.
            self.connection.busy_timeout(Duration::ZERO)?;
            match self.connection.execute_batch("VACUUM") {
                Err(rusqlite::Error::SqliteFailure(error, _)) if is_busy(error.code) => Ok(count),
                done => Ok(done.map(|()| count)?),
            }
        };
        prune().map_err(explained)
    }

    fn all(&self, query: &str, values: impl rusqlite::Params) -> Result<Vec<Run>> {
        let read = || -> rusqlite::Result<Vec<Run>> {
            self.connection.prepare(query)?.query_map(values, run)?.collect()
        };
        read().map_err(|error| explained(error.into()))
    }
}

/// The number of a run; a longer one is the beginning of a commit.
fn number(which: &str) -> Option<i64> {
    which.parse().ok().filter(|_| which.len() < 7)
}

const COLUMNS: &str = "id, moment, commit_id, branch, label, machine, program, duration_ns";
const OLDER: &str = "moment < ?1 AND id NOT IN (SELECT id FROM runs ORDER BY moment DESC, id DESC LIMIT ?2)";

fn run(row: &Row<'_>) -> rusqlite::Result<Run> {
    Ok(Run {
        id: row.get(0)?,
        about: About {
            moment: row.get(1)?,
            commit: row.get(2)?,
            branch: row.get(3)?,
            label: row.get(4)?,
            machine: row.get(5)?,
            program: row.get(6)?,
            duration_ns: row.get::<_, i64>(7)?.unsigned_abs(),
        },
    })
}

/// A transaction that writes has its turn from the beginning: one that became a writer later could not wait for it.
fn writing(connection: &mut Connection) -> rusqlite::Result<Transaction<'_>> {
    connection.transaction_with_behavior(TransactionBehavior::Immediate)
}

/// Makes the tables in an empty file, and refuses one that is not ours.
fn check(connection: &mut Connection) -> Result<()> {
    let is_known = |connection: &Connection| -> Result<bool> {
        let number = |pragma| connection.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0));
        let (ours, form) = (number("application_id")?, number("user_version")?);
        let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
        match (ours, form) {
            (0, 0) if tables == 0 => Ok(false),
            (OURS, FORM) => Ok(true),
            (OURS, _) => {
                bail!("another version of hotpath made this history (form {form}; this one knows {FORM})")
            }
            _ => bail!("it is a database of something else"),
        }
    };
    // One transaction is one moment: between two reads of its own, another process may have made the tables.
    if !is_known(&*connection.transaction()?)? {
        let transaction = writing(connection)?;
        // Another process may have been faster.
        if !is_known(&transaction)? {
            transaction.execute_batch(TABLES)?;
            transaction.pragma_update(None, "application_id", OURS)?;
            transaction.pragma_update(None, "user_version", FORM)?;
        }
        transaction.commit()?;
    }
    write_ahead(connection)?;
    // What is committed is on the disk, also when the machine stops.
    connection.pragma_update(None, "synchronous", "FULL")?;
    Ok(())
}

/// Readers then do not wait for writers. Where the file system has no shared memory SQLite stays with its other journal,
/// which loses nothing either. The change waits for no turn by itself, and is kept in the file: whoever is first does it.
fn write_ahead(connection: &Connection) -> Result<()> {
    let mode = |pragma| connection.query_row(pragma, [], |row| row.get::<_, String>(0));
    if mode("PRAGMA journal_mode")? == "wal" {
        return Ok(());
    }
    match mode("PRAGMA journal_mode = WAL") {
        Err(rusqlite::Error::SqliteFailure(error, _)) if is_busy(error.code) => Ok(()),
        done => Ok(done.map(|_| ())?),
    }
}

fn is_busy(code: ErrorCode) -> bool {
    matches!(code, ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)
}

/// What the user can do about a failure, where there is something.
fn explained(error: anyhow::Error) -> anyhow::Error {
    let code = error.downcast_ref::<rusqlite::Error>().and_then(rusqlite::Error::sqlite_error_code);
    match code {
        Some(ErrorCode::NotADatabase) => anyhow!("it is no database"),
        Some(ErrorCode::DatabaseCorrupt) => anyhow!("the database is damaged"),
        Some(code) if is_busy(code) => {
            anyhow!("another process has been writing for {} seconds", PATIENCE.as_secs())
        }
        _ => error,
    }
}

fn packed(json: &str) -> std::io::Result<Vec<u8>> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(json.as_bytes())?;
    gzip.finish()
}

fn unpacked(packed: &[u8]) -> std::io::Result<String> {
    let mut json = String::new();
    GzDecoder::new(packed).take(MAX_REPORT).read_to_string(&mut json)?;
    Ok(json)
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    use super::Store;

    #[test]
    fn whoever_comes_while_a_history_is_made_waits_and_finds_it_made() {
        const AT_ONCE: usize = 8;
        let folder = tempfile::tempdir().expect("a folder");
        for history in 0..50 {
            let file = folder.path().join(format!("{history}.db"));
            let start = Barrier::new(AT_ONCE);
            std::thread::scope(|scope| {
                for _ in 0..AT_ONCE {
                    scope.spawn(|| {
                        start.wait();
                        Store::create(&file).expect("it is ours, whoever made it");
                    });
                }
            });
        }
    }
}
