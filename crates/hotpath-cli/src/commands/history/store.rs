//! The database of a history: one row per saved report, with the report compressed.
//!
//! Invariants: a reported save is durable, whatever is killed afterwards; several processes may write at once, each in its turn; a
//! database of another program is never modified. SQLite's write-ahead log provides the first two.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use hotpath_report::Report;
use hotpath_report::render::printable;
use rusqlite::{
    Connection, ErrorCode, OpenFlags, OptionalExtension, Row, Transaction, TransactionBehavior, params,
};

use crate::file::shown;

/// Marks a database as a history (`PRAGMA application_id`): "htph".
const APPLICATION_ID: i64 = 0x6874_7068;
/// The version of the tables (`PRAGMA user_version`).
const SCHEMA_VERSION: i64 = 1;
/// The time to wait for another writer.
const BUSY_TIMEOUT: Duration = Duration::from_secs(60);
/// The bytes to decompress for one report; no intact report has more.
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

/// Facts about a run in addition to its report.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct RunInfo {
    /// The time of the report, or of saving it if the report has none; in seconds since 1970.
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
    pub(crate) info: RunInfo,
}

/// A choice of runs; `None` matches every run.
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
    /// Number of runs at most, the newest; 0 for all
    #[arg(long, value_name = "N", default_value_t = 50)]
    pub(crate) last: u32,
}

/// The result of saving a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Saved {
    New(i64),
    /// An identical report was saved before, as this run.
    Known(i64),
}

/// An open history.
#[derive(Debug)]
pub(crate) struct Store {
    connection: Connection,
}

impl Store {
    /// Opens the history in `file`, and creates it if it does not exist.
    pub(crate) fn create(file: &Path) -> Result<Self> {
        Self::connect(file, OpenFlags::SQLITE_OPEN_CREATE)
    }

    /// Opens an existing history.
    pub(crate) fn open(file: &Path) -> Result<Self> {
        if !file.exists() {
            bail!("no history at {}: `hotpath history save` starts one", shown(file));
        }
        Self::connect(file, OpenFlags::empty())
    }

    fn connect(file: &Path, more: OpenFlags) -> Result<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | more;
        let open = || -> Result<Self> {
            let mut connection = Connection::open_with_flags(file, flags)?;
            connection.busy_timeout(BUSY_TIMEOUT)?;
            check(&mut connection)?;
            Ok(Self { connection })
        };
        open().map_err(explain).with_context(|| format!("cannot open {}", shown(file)))
    }

    /// Saves a report, given as its JSON. When this returns, it is on disk.
    pub(crate) fn save(&mut self, info: &RunInfo, json: &str) -> Result<Saved> {
        self.try_save(info, json).map_err(explain)
    }

    fn try_save(&mut self, info: &RunInfo, json: &str) -> Result<Saved> {
        let report = compress(json)?;
        let transaction = write_transaction(&mut self.connection)?;
        let same = "SELECT id FROM runs WHERE moment = ?1 AND commit_id IS ?2 AND branch IS ?3 AND label IS ?4 \
                    AND machine IS ?5 AND report = ?6";
        let named = params![info.moment, info.commit, info.branch, info.label, info.machine, report];
        if let Some(known) = transaction.query_row(same, named, |row| row.get(0)).optional()? {
            return Ok(Saved::Known(known));
        }
        let insert = "INSERT INTO runs (moment, commit_id, branch, label, machine, program, duration_ns, report) \
                      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        let duration_ns = i64::try_from(info.duration_ns).unwrap_or(i64::MAX);
        transaction.execute(
            insert,
            params![
                info.moment,
                info.commit,
                info.branch,
                info.label,
                info.machine,
                info.program,
                duration_ns,
                report
            ],
        )?;
        let id = transaction.last_insert_rowid();
        transaction.commit()?;
        Ok(Saved::New(id))
    }

    /// Returns the runs that match the filter, the oldest first.
    pub(crate) fn runs(&self, filter: &Filter) -> Result<Vec<Run>> {
        let query = format!(
            "SELECT * FROM (SELECT {COLUMNS} FROM runs WHERE (?1 IS NULL OR branch = ?1) AND (?2 IS NULL OR label = ?2) \
             AND (?3 IS NULL OR machine = ?3) AND (?4 IS NULL OR program = ?4) ORDER BY moment DESC, id DESC LIMIT ?5) \
             ORDER BY moment, id"
        );
        let limit = if filter.last == 0 { -1 } else { i64::from(filter.last) };
        self.all(&query, params![filter.branch, filter.label, filter.machine, filter.program, limit])
    }

    /// Finds a run by its number, `last`, or a prefix of its commit (the newest run of that commit).
    pub(crate) fn find(&self, which: &str) -> Result<Run> {
        let newest = self.find_all(which, None)?.pop();
        newest.ok_or_else(|| anyhow!("unknown run `{}`", printable(which)))
    }

    /// Finds runs by a number, `last`, or a prefix of their commit, of one machine if given; at least one, the oldest first.
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
        let commits: BTreeSet<&str> = found.iter().filter_map(|run| run.info.commit.as_deref()).collect();
        match commits.into_iter().collect::<Vec<_>>().as_slice() {
            _ if found.is_empty() => {
                bail!("unknown run `{}`: give the number of a run, a commit, or `last`", printable(which))
            }
            [first, second, ..] => bail!("`{}` is ambiguous: commit {first} or {second}", printable(which)),
            _ => Ok(found),
        }
    }

    /// Returns the report of a run as JSON.
    pub(crate) fn json(&self, id: i64) -> Result<String> {
        let query = "SELECT report FROM runs WHERE id = ?1";
        let packed: Option<Vec<u8>> = self
            .connection
            .query_row(query, [id], |row| row.get(0))
            .optional()
            .map_err(|e| explain(e.into()))?;
        let packed = packed.ok_or_else(|| anyhow!("run {id} was pruned in the meantime"))?;
        decompress(&packed).with_context(|| format!("the report of run {id} is damaged"))
    }

    /// Returns the report of a run.
    pub(crate) fn report(&self, id: i64) -> Result<Report> {
        hotpath_analysis::read_report(&self.json(id)?)
            .with_context(|| format!("the report of run {id} cannot be read"))
    }

    /// Returns the runs before a time, except the newest `keep` of all runs.
    pub(crate) fn older(&self, moment: i64, keep: u32) -> Result<Vec<Run>> {
        let query = format!("SELECT {COLUMNS} FROM runs WHERE {OLDER} ORDER BY moment, id");
        self.all(&query, params![moment, keep])
    }

    /// Deletes those runs, and returns their number.
    pub(crate) fn prune(&mut self, moment: i64, keep: u32) -> Result<usize> {
        let mut prune = || -> Result<usize> {
            let transaction = write_transaction(&mut self.connection)?;
            let count =
                transaction.execute(&format!("DELETE FROM runs WHERE {OLDER}"), params![moment, keep])?;
            transaction.commit()?;
            // Frees disk space. While another process reads or writes this fails; the next prune does it then.
            self.connection.busy_timeout(Duration::ZERO)?;
            match self.connection.execute_batch("VACUUM") {
                Err(rusqlite::Error::SqliteFailure(error, _)) if is_busy(error.code) => Ok(count),
                done => Ok(done.map(|()| count)?),
            }
        };
        prune().map_err(explain)
    }

    fn all(&self, query: &str, values: impl rusqlite::Params) -> Result<Vec<Run>> {
        let read = || -> rusqlite::Result<Vec<Run>> {
            self.connection.prepare(query)?.query_map(values, run)?.collect()
        };
        read().map_err(|error| explain(error.into()))
    }
}

/// Returns the number of a run; a longer number is a prefix of a commit.
fn number(which: &str) -> Option<i64> {
    which.parse().ok().filter(|_| which.len() < 7)
}

const COLUMNS: &str = "id, moment, commit_id, branch, label, machine, program, duration_ns";
const OLDER: &str = "moment < ?1 AND id NOT IN (SELECT id FROM runs ORDER BY moment DESC, id DESC LIMIT ?2)";

fn run(row: &Row<'_>) -> rusqlite::Result<Run> {
    Ok(Run {
        id: row.get(0)?,
        info: RunInfo {
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

/// Begins a transaction that writes. It takes the lock at once: a transaction that becomes a writer later cannot wait for it.
fn write_transaction(connection: &mut Connection) -> rusqlite::Result<Transaction<'_>> {
    connection.transaction_with_behavior(TransactionBehavior::Immediate)
}

/// Creates the tables in an empty file, and refuses the database of another program.
fn check(connection: &mut Connection) -> Result<()> {
    let is_known = |connection: &Connection| -> Result<bool> {
        let number = |pragma| connection.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0));
        let (application, version) = (number("application_id")?, number("user_version")?);
        let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
        match (application, version) {
            (0, 0) if tables == 0 => Ok(false),
            (APPLICATION_ID, SCHEMA_VERSION) => Ok(true),
            (APPLICATION_ID, _) => {
                bail!(
                    "another version of hotpath wrote this history (schema version {version}; this one reads {SCHEMA_VERSION})"
                )
            }
            _ => bail!("it is the database of another program"),
        }
    };
    // One transaction sees one state: between two reads without one, another process may create the tables.
    if !is_known(&*connection.transaction()?)? {
        let transaction = write_transaction(connection)?;
        // Another process may have created them first.
        if !is_known(&transaction)? {
            transaction.execute_batch(TABLES)?;
            transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
            transaction.pragma_update(None, "user_version", SCHEMA_VERSION)?;
        }
        transaction.commit()?;
    }
    write_ahead(connection)?;
    // A commit survives a power failure.
    connection.pragma_update(None, "synchronous", "FULL")?;
    Ok(())
}

/// Turns on the write-ahead log, so that readers do not wait for writers. On a file system without shared memory, SQLite keeps its
/// rollback journal, which is as durable. The change does not wait for a lock, and lasts: the first process makes it.
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

/// Replaces an error of the database by one that the user can act on.
fn explain(error: anyhow::Error) -> anyhow::Error {
    let code = error.downcast_ref::<rusqlite::Error>().and_then(rusqlite::Error::sqlite_error_code);
    match code {
        Some(ErrorCode::NotADatabase) => anyhow!("not a database"),
        Some(ErrorCode::DatabaseCorrupt) => anyhow!("the database is damaged"),
        Some(code) if is_busy(code) => {
            anyhow!("another process held the lock for {} seconds", BUSY_TIMEOUT.as_secs())
        }
        _ => error,
    }
}

fn compress(json: &str) -> std::io::Result<Vec<u8>> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(json.as_bytes())?;
    gzip.finish()
}

fn decompress(packed: &[u8]) -> std::io::Result<String> {
    let mut json = String::new();
    GzDecoder::new(packed).take(MAX_REPORT).read_to_string(&mut json)?;
    Ok(json)
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    use super::Store;

    #[test]
    fn processes_that_create_a_history_at_once_all_open_it() {
        const AT_ONCE: usize = 8;
        let folder = tempfile::tempdir().expect("a folder");
        for history in 0..50 {
            let file = folder.path().join(format!("{history}.db"));
            let start = Barrier::new(AT_ONCE);
            std::thread::scope(|scope| {
                for _ in 0..AT_ONCE {
                    scope.spawn(|| {
                        start.wait();
                        Store::create(&file).expect("a history, whoever created it");
                    });
                }
            });
        }
    }
}
