//! Opening a database and its two doors.

use sea_orm::{
    AccessMode, ConnectOptions, ConnectionTrait, Database, DatabaseBackend, DatabaseConnection,
    DatabaseTransaction, DbErr, IsolationLevel, RuntimeErr, SqliteTransactionMode, Statement,
    TransactionOptions, TransactionTrait,
};
use std::{path::Path, sync::Arc, time::Duration};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Which engine answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// The embedded one: a file in the data folder.
    Sqlite,
    /// A server given by URL.
    Postgres,
}

/// Why a database could not be opened, in words for the operator.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The folder of the SQLite file cannot be made or written.
    #[error("数据目录无法使用:{0}。请检查目录是否存在、磁盘是否已满、是否有写权限。")]
    Folder(std::io::Error),
    /// The engine refused.
    #[error("数据库打不开:{0}。请检查数据库地址、账号和服务是否正常。")]
    Database(#[from] DbErr),
    /// Neither `sqlite:` nor `postgres:`.
    #[error("不认识的数据库地址。请写成 sqlite:文件路径 或 postgres://用户@主机/库名。")]
    Url,
}

/// A key that goes with a database from whoever opened it, so that a store can tell what the program wrote from what
/// somebody wrote past it. Without one it is all zeros, and tells nothing.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Mark(pub [u8; 32]);

// Keys stay out of logs.
impl std::fmt::Debug for Mark {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Mark(•••)")
    }
}

/// A database: many readers, one writer.
#[derive(Clone, Debug)]
pub struct Db {
    engine: Engine,
    mark: Mark,
    readers: DatabaseConnection,
    writer: DatabaseConnection,
    /// Half of the readers: who holds a snapshot may still open the reading door beside it.
    snapshots: Arc<Semaphore>,
}

/// A write transaction. Dropped without [`Tx::commit`], it leaves no trace.
#[derive(Debug)]
pub struct Tx {
    inner: DatabaseTransaction,
    engine: Engine,
    mark: Mark,
}

/// What [`Db::snapshot`] gives: a connection that reads one state.
#[derive(Debug)]
pub struct Snapshot {
    connection: DatabaseTransaction,
    _place: OwnedSemaphorePermit,
}

impl std::ops::Deref for Snapshot {
    type Target = DatabaseTransaction;
    fn deref(&self) -> &DatabaseTransaction {
        &self.connection
    }
}

const READERS: u32 = 8;

fn snapshots() -> Arc<Semaphore> {
    Arc::new(Semaphore::new(READERS as usize / 2))
}

impl Db {
    /// Opens `sqlite:PATH` or `postgres://…`.
    ///
    /// SQLite runs in WAL mode with `synchronous=FULL`: what was acknowledged survives a power
    /// cut (NORMAL lost acknowledged rows in half of the runs measured).
    pub async fn open(url: &str) -> Result<Db, OpenError> {
        Self::open_with(url, "FULL").await
    }

    /// As [`Db::open`], with SQLite's `synchronous` level given: the durability harness passes
    /// `OFF` as its control, which must lose rows.
    pub async fn open_with(url: &str, synchronous: &'static str) -> Result<Db, OpenError> {
        if let Some(path) = url.strip_prefix("sqlite:") {
            if let Some(folder) = Path::new(path).parent() {
                std::fs::create_dir_all(folder).map_err(OpenError::Folder)?;
            }
            let writer = sqlite(path, 1, false, synchronous).await?;
            let readers = sqlite(path, READERS, true, synchronous).await?;
            Ok(Db { engine: Engine::Sqlite, mark: Mark::default(), readers, writer, snapshots: snapshots() })
        } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            let mut options = ConnectOptions::new(url.to_owned());
            options
                .max_connections(READERS * 2)
                .acquire_timeout(Duration::from_secs(5))
                .connect_timeout(Duration::from_secs(5))
                .sqlx_logging(false);
            let pool = Database::connect(options).await?;
            let (engine, mark) = (Engine::Postgres, Mark::default());
            Ok(Db { engine, mark, readers: pool.clone(), writer: pool, snapshots: snapshots() })
        } else {
            Err(OpenError::Url)
        }
    }

    /// The engine behind the doors.
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// The same database, whose transactions carry this key.
    pub fn marked(self, mark: Mark) -> Db {
        Db { mark, ..self }
    }

    /// The key that goes with it.
    pub fn mark(&self) -> Mark {
        self.mark
    }

    /// The door for queries. On SQLite these connections cannot write at all.
    pub fn read(&self) -> &DatabaseConnection {
        &self.readers
    }

    /// One moment of the database on one connection: a page of many queries shows one state, and pays for one
    /// connection instead of one for each query.
    pub async fn snapshot(&self) -> Result<Snapshot, DbErr> {
        let options = match self.engine {
            Engine::Sqlite => TransactionOptions::default(),
            Engine::Postgres => TransactionOptions {
                isolation_level: Some(IsolationLevel::RepeatableRead),
                access_mode: Some(AccessMode::ReadOnly),
                ..TransactionOptions::default()
            },
        };
        let gone = |_| DbErr::Conn(RuntimeErr::Internal("closed".to_owned()));
        let place = self.snapshots.clone().acquire_owned().await.map_err(gone)?;
        Ok(Snapshot { connection: self.readers.begin_with_options(options).await?, _place: place })
    }

    /// The door for changes: one transaction, begun as a writer, so that it never has to be
    /// upgraded half-way.
    pub async fn write(&self) -> Result<Tx, DbErr> {
        let options = TransactionOptions {
            sqlite_transaction_mode: (self.engine == Engine::Sqlite)
                .then_some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let inner = self.writer.begin_with_options(options).await?;
        Ok(Tx { inner, engine: self.engine, mark: self.mark })
    }

    /// The writer's connection outside any transaction: migrations and `VACUUM INTO` only.
    pub fn writer(&self) -> &DatabaseConnection {
        &self.writer
    }

    /// Folds the write-ahead log into the file and empties it: what was deleted stands in it until then. Does nothing
    /// while somebody still reads; the next time does it.
    pub async fn fold(&self) -> Result<(), DbErr> {
        if self.engine == Engine::Sqlite {
            // Whoever writes waits behind it, so it does not wait long for those who read.
            let sql =
                "PRAGMA busy_timeout = 500; PRAGMA wal_checkpoint(TRUNCATE); PRAGMA busy_timeout = 20000";
            self.writer.execute_unprepared(sql).await?;
        }
        Ok(())
    }

    /// Closes both doors and folds the write-ahead log into the file.
    pub async fn close(self) -> Result<(), DbErr> {
        if self.engine == Engine::Sqlite {
            self.readers.close().await?;
            self.writer.execute_unprepared("PRAGMA wal_checkpoint(TRUNCATE)").await?;
        }
        self.writer.close().await
    }
}

impl Tx {
    /// Makes the change durable: when this returns `Ok`, it is on disk.
    pub async fn commit(self) -> Result<(), DbErr> {
        self.inner.commit().await
    }

    /// The engine behind this transaction.
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// The key that goes with the database.
    pub fn mark(&self) -> Mark {
        self.mark
    }

    /// Serializes a section among all writers until commit. SQLite has one writer anyway.
    pub async fn lock(&self, name: &str) -> Result<(), DbErr> {
        if self.engine == Engine::Postgres {
            let sql = "SELECT pg_advisory_xact_lock(hashtext($1))";
            self.inner
                .query_one_raw(Statement::from_sql_and_values(DatabaseBackend::Postgres, sql, [name.into()]))
                .await?;
        }
        Ok(())
    }
}

impl std::ops::Deref for Tx {
    type Target = DatabaseTransaction;
    fn deref(&self) -> &DatabaseTransaction {
        &self.inner
    }
}

async fn sqlite(
    path: &str,
    connections: u32,
    query_only: bool,
    synchronous: &'static str,
) -> Result<DatabaseConnection, DbErr> {
    let mut options = ConnectOptions::new(format!("sqlite://{path}?mode=rwc"));
    options
        .max_connections(connections)
        .min_connections(1)
        // A file does not hang up: asking before each use would double the trips to the engine.
        .test_before_acquire(false)
        .acquire_timeout(Duration::from_secs(30))
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(move |sqlite| {
            let sqlite = sqlite
                .busy_timeout(Duration::from_secs(20))
                .pragma("journal_mode", "WAL")
                .pragma("synchronous", synchronous)
                .pragma("foreign_keys", "ON")
                // Keys and drafts that are gone from a table must not be found in the file.
                .pragma("secure_delete", "ON")
                .pragma("cache_size", "-16000")
                .pragma("temp_store", "MEMORY")
                .statement_cache_capacity(256);
            if query_only { sqlite.pragma("query_only", "ON") } else { sqlite }
        });
    Database::connect(options).await
}
