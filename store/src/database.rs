//! The database: SQLite in a file, or PostgreSQL by URL, with one SQL text for both.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bygone_common::{Clock, OrgUid, RepositoryUid, SourceUid, UserUid};
use jiff::Timestamp;
use sqlx::any::{AnyPoolOptions, install_default_drivers};
use sqlx::migrate::Migrator;
use sqlx::{Any, AnyConnection, AnyPool, Connection as _, Executor, Transaction};
use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::access::SourceAccess;
use crate::actor::Standing;
use crate::error::{Doing, Error, ErrorKind, Result};
use crate::events::{Event, Events};
use crate::recent::{Recent, Stamp};
use crate::repositories::Repository;
use crate::snapshots::{AtPoint, SnapshotRow};
use crate::ticks::Ticks;

/// What was ever changed in the schema: forward only.
static MIGRATIONS: Migrator = sqlx::migrate!("../migrations");

/// Connections to PostgreSQL at most, of one process.
const POSTGRES_CONNECTIONS_MAX: u32 = 16;

/// Connections to SQLite at most: one writes while the others read.
const SQLITE_CONNECTIONS_MAX: u32 = 8;

/// How long a request waits for a connection.
const ACQUIRE_WAIT_MAX: Duration = Duration::from_secs(5);

/// How long SQLite waits for the one who writes.
const SQLITE_BUSY_MILLISECONDS: u32 = 5_000;

/// Which database it is. What must differ between them asks this.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// A file.
    Sqlite,
    /// A server, shared by replicas.
    Postgres,
}

impl Dialect {
    fn of(url: &str) -> Result<Self> {
        match url.split(':').next() {
            Some("sqlite") => Ok(Self::Sqlite),
            Some("postgres" | "postgresql") => Ok(Self::Postgres),
            Some(_) | None => {
                Err(Error::invalid("database.url", "a database's URL begins with sqlite: or postgres:".to_owned()))
            }
        }
    }
}

/// Rows, and who may see and change them. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    pool: AnyPool,
    dialect: Dialect,
    clock: Clock,
    ticks: Arc<Ticks>,
    /// Who writes to SQLite: in the order in which they came, where the database itself would let chance decide.
    writer: Arc<Mutex<()>>,
    events: Events,
    /// Times that this process has written.
    writes: Arc<AtomicU64>,
    recent: Arc<Recents>,
    /// Statements of transactions until all fail: for tests of what a server leaves that dies. Negative: none does.
    fuse: Arc<AtomicI64>,
}

/// What is asked for by every part of a download.
#[derive(Debug, Default)]
pub(crate) struct Recents {
    pub(crate) accesses: Recent<(Standing, OrgUid, SourceUid), SourceAccess>,
    pub(crate) snapshots: Recent<(OrgUid, SourceUid, AtPoint), Option<SnapshotRow>>,
    pub(crate) repositories: Recent<(OrgUid, RepositoryUid), Option<Repository>>,
    pub(crate) download_days: Recent<(OrgUid, UserUid, i64), u64>,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("dialect", &self.dialect).finish_non_exhaustive()
    }
}

impl Store {
    /// Opens the database, and brings its schema up to date.
    ///
    /// # Errors
    /// `Invalid`: the URL; `Unavailable`: the database does not answer; `Failed`: a schema that a newer version wrote.
    pub async fn open(url: &str, clock: Clock) -> Result<Self> {
        install_default_drivers();
        let dialect = Dialect::of(url)?;
        let options = AnyPoolOptions::new().acquire_timeout(ACQUIRE_WAIT_MAX);
        let (options, url) = match dialect {
            Dialect::Postgres => (options.max_connections(POSTGRES_CONNECTIONS_MAX), url.to_owned()),
            Dialect::Sqlite => {
                #[cfg(unix)]
                make_private(url);
                (options.max_connections(SQLITE_CONNECTIONS_MAX), creating(url))
            }
        };
        let options = options.after_connect(move |connection, _| Box::pin(prepare(connection, dialect)));
        let opened = match options.connect(&url).await {
            Err(sqlx::Error::PoolTimedOut) => Err(why_silent(&url).await),
            opened => opened,
        };
        let pool = opened.doing("open the database")?;
        let events = Events::new(&url, dialect);
        let store = Self {
            pool,
            dialect,
            clock,
            ticks: Arc::default(),
            writer: Arc::default(),
            events,
            writes: Arc::default(),
            recent: Arc::default(),
            fuse: Arc::new(AtomicI64::new(-1)),
        };
        let migrated = MIGRATIONS.run(&store.pool).await;
        migrated.map_err(|fault| {
            Error::new(ErrorKind::Failed, format!("bring the database's schema up to date: {fault}"))
        })?;
        Ok(store)
    }

    /// The URL of a SQLite database in a file.
    pub fn file_url(path: &Path) -> String {
        format!("sqlite://{}", path.display())
    }

    /// Which database it is.
    pub const fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// The clock that rows are dated by.
    pub const fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Now.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A new uid of whichever kind is wanted: `store.uid(JobUid::new)`. Those of one process sort in the order in which
    /// they were made, within a millisecond too, and when the clock stands still or goes back.
    pub fn uid<U>(&self, make: impl FnOnce(Timestamp, [u8; bygone_common::uid::UID_RANDOM_BYTES]) -> U) -> U {
        let (millisecond, count) = self.ticks.next(self.now());
        let mut ten = [0; bygone_common::uid::UID_RANDOM_BYTES];
        // The bytes of a random UUID that carry no version or variant.
        let random = *uuid::Uuid::new_v4().as_bytes();
        for (to, from) in ten.iter_mut().zip(random.into_iter().enumerate().filter(|(at, _)| !matches!(at, 6 | 8))) {
            *to = from.1;
        }
        // The twelve bits after the time; the version takes the upper half of the first byte.
        let [high, low] = count.to_be_bytes();
        let [first, second, ..] = &mut ten;
        (*first, *second) = (high, low);
        make(millisecond, ten)
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// `Unavailable` when not.
    pub async fn ping(&self) -> Result<()> {
        sqlx::query("select 1").execute(&self.pool).await.doing("ask the database")?;
        Ok(())
    }

    /// Begins a transaction. On SQLite it is the one that writes from its first statement on, so that two never wait for
    /// each other in a circle. Dropped without `commit`, it never was.
    ///
    /// # Errors
    /// `Unavailable`: no connection, or somebody else writes for too long.
    pub async fn begin(&self) -> Result<Tx> {
        let (begun, turn) = match self.dialect {
            Dialect::Sqlite => {
                let turn = self.writer.clone().lock_owned().await;
                (self.pool.begin_with("begin immediate").await, Some(turn))
            }
            Dialect::Postgres => (self.pool.begin().await, None),
        };
        let inner = begun.doing("begin a transaction")?;
        Ok(Tx { inner, store: self.clone(), events: Vec::new(), _turn: turn })
    }

    /// From now on so many statements of transactions are run, and then no transaction is ever kept: as if the server had died
    /// there. `-1` ends it. For tests.
    #[doc(hidden)]
    pub fn die_after(&self, statements: i64) {
        self.fuse.store(statements, Ordering::SeqCst);
    }

    /// What happens, as it happens.
    pub const fn events(&self) -> &Events {
        &self.events
    }

    /// For statements that read: any connection.
    pub(crate) const fn pool(&self) -> &AnyPool {
        &self.pool
    }

    /// Now, as far as writing goes.
    pub(crate) fn stamp(&self) -> Stamp {
        Stamp { writes: self.writes.load(Ordering::SeqCst), at: Instant::now() }
    }

    /// What was answered a moment ago.
    pub(crate) fn recent(&self) -> &Recents {
        &self.recent
    }

    /// What was read before may be read otherwise from now on.
    pub(crate) fn wrote(&self) {
        self.writes.fetch_add(1, Ordering::SeqCst);
    }

    /// Closes every connection, once what they do is done.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

/// A transaction.
pub struct Tx {
    inner: Transaction<'static, Any>,
    store: Store,
    /// What is told to listeners of this process once all of it stays.
    pub(crate) events: Vec<Event>,
    /// Given up after the transaction: fields go in the order in which they stand.
    _turn: Option<OwnedMutexGuard<()>>,
}

impl fmt::Debug for Tx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tx").finish_non_exhaustive()
    }
}

impl Tx {
    /// Makes all of it stay.
    ///
    /// # Errors
    /// `Unavailable`: whether it stays is not known.
    pub async fn commit(self) -> Result<()> {
        if self.store.fuse.load(Ordering::SeqCst) == 0 {
            return Err(Error::new(ErrorKind::Unavailable, "commit: the server has died, says a test"));
        }
        let committed = self.inner.commit().await.doing("commit");
        self.store.wrote();
        committed?;
        self.store.events.tell(self.events);
        Ok(())
    }

    /// Makes none of it stay, at once: what others wait for is free when this returns.
    ///
    /// # Errors
    /// `Unavailable`: the connection broke, which has the same effect.
    pub async fn rollback(self) -> Result<()> {
        self.inner.rollback().await.doing("roll back")
    }

    /// Does what no caller may: damages rows, so that a test can see it noticed.
    ///
    /// # Errors
    /// Whatever the database answers.
    #[doc(hidden)]
    pub async fn execute_for_tests(&mut self, statement: &'static str) -> Result<()> {
        self.connection().execute(statement).await.doing("run a test's statement")?;
        Ok(())
    }

    /// What statements run on.
    pub(crate) fn connection(&mut self) -> &mut AnyConnection {
        let burn = |left: i64| if left > 0 { Some(left - 1) } else { None };
        let _ = self.store.fuse.fetch_update(Ordering::SeqCst, Ordering::SeqCst, burn);
        &mut self.inner
    }

    /// The store it is of.
    pub(crate) const fn store(&self) -> &Store {
        &self.store
    }
}

/// What keeps a database from answering: a pool tries for all of its time, and then says no more than that.
async fn why_silent(url: &str) -> sqlx::Error {
    match tokio::time::timeout(ACQUIRE_WAIT_MAX, AnyConnection::connect(url)).await {
        Ok(Err(fault)) => fault,
        Ok(Ok(_)) | Err(_) => sqlx::Error::PoolTimedOut,
    }
}

async fn prepare(connection: &mut AnyConnection, dialect: Dialect) -> sqlx::Result<()> {
    match dialect {
        Dialect::Sqlite => {
            // A write-ahead log lets readers go on; with it, `normal` loses nothing but the last moments before a power cut,
            // and `full` not even those: what was acknowledged stays.
            let pragmas = format!(
                "pragma busy_timeout = {SQLITE_BUSY_MILLISECONDS}; pragma journal_mode = wal; pragma synchronous = full; \
                 pragma foreign_keys = on;"
            );
            connection.execute(sqlx::AssertSqlSafe(pragmas)).await?;
        }
        Dialect::Postgres => {}
    }
    Ok(())
}

/// The URL with which SQLite makes the file if it is not there.
fn creating(url: &str) -> String {
    let (before, query) = url.split_once('?').unwrap_or((url, ""));
    let has_mode = query.split('&').any(|part| part.starts_with("mode="));
    match (query, has_mode) {
        (_, true) => url.to_owned(),
        ("", false) => format!("{before}?mode=rwc"),
        (_, false) => format!("{url}&mode=rwc"),
    }
}

/// Makes the file of a new database its owner's alone, before SQLite makes it as readable as any. Its log beside it becomes
/// like it. What cannot be made here SQLite says why.
#[cfg(unix)]
fn make_private(url: &str) {
    use std::os::unix::fs::OpenOptionsExt as _;

    let (before, query) = url.split_once('?').unwrap_or((url, ""));
    let path = before.strip_prefix("sqlite://").or_else(|| before.strip_prefix("sqlite:")).unwrap_or_default();
    let is_file = !path.is_empty() && path != ":memory:" && !path.contains('%') && query.is_empty();
    if is_file {
        // One that is there already stays as it is.
        std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).ok();
    }
}
