//! Test databases: every store test runs on both engines.
//!
//! SQLite is always there. PostgreSQL runs when `DAYLIGHT_TEST_POSTGRES` names a server (the
//! test command starts a private one); [`engines`] says so on standard error when it is missing.

use crate::Db;
use sea_orm::ConnectionTrait;
use std::sync::atomic::{AtomicU32, Ordering};

/// A database that disappears with this value.
#[derive(Debug)]
pub struct TestDb {
    /// The open database, empty: migrate it first.
    pub db: Db,
    /// Its URL, to open it a second time.
    pub url: String,
    _folder: tempfile::TempDir,
}

/// A fresh, empty database on each engine.
pub async fn engines() -> Vec<TestDb> {
    let mut databases = vec![sqlite().await];
    match std::env::var("DAYLIGHT_TEST_POSTGRES") {
        Ok(server) => databases.push(postgres(&server).await),
        Err(_) => eprintln!("DAYLIGHT_TEST_POSTGRES is not set: this store test runs on SQLite only"),
    }
    databases
}

/// A fresh SQLite database.
pub async fn sqlite() -> TestDb {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let url = format!("sqlite:{}", folder.path().join("test.db").display());
    let db = Db::open(&url).await.expect("a fresh SQLite database");
    TestDb { db, url, _folder: folder }
}

async fn postgres(server: &str) -> TestDb {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let name = format!("daylight_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
    let admin = Db::open(server).await.expect("the test PostgreSQL server");
    admin.writer().execute_unprepared(&format!("DROP DATABASE IF EXISTS {name}")).await.expect("drop");
    admin
        .writer()
        .execute_unprepared(&format!("CREATE DATABASE {name}"))
        .await
        .expect("create a test database");
    admin.close().await.expect("close");
    let url = replace_database(server, &name);
    let db = Db::open(&url).await.expect("the fresh PostgreSQL database");
    TestDb { db, url, _folder: tempfile::tempdir().expect("a temporary folder") }
}

/// The same server URL with another database name.
fn replace_database(server: &str, name: &str) -> String {
    let (base, query) = server.split_once('?').map_or((server, None), |(base, query)| (base, Some(query)));
    let start = base.find("://").map_or(0, |at| at + 3);
    let path = base[start..].find('/').map_or(base.len(), |at| start + at);
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    format!("{}/{name}{query}", &base[..path])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{all, exec, insert_many, is_unique_violation, one, scalar, values};

    #[derive(Debug, PartialEq, sea_orm::FromQueryResult)]
    struct Leaf {
        id: i64,
        name: String,
        open: bool,
        weight: f64,
        seal: Option<Vec<u8>>,
    }

    const TABLE: &str = "CREATE TABLE leaves (id BIGINT PRIMARY KEY, name TEXT NOT NULL UNIQUE, \
                         open BOOLEAN NOT NULL, weight DOUBLE PRECISION NOT NULL, seal ";

    async fn leaves(db: &Db) {
        let bytes = if db.engine() == crate::Engine::Sqlite { "BLOB)" } else { "BYTEA)" };
        db.writer().execute_unprepared(&format!("{TABLE}{bytes}")).await.unwrap();
    }

    #[tokio::test]
    async fn what_was_deleted_is_nowhere_in_the_files() {
        let TestDb { db, url, _folder } = sqlite().await;
        leaves(&db).await;
        let mark = "0123456789abcdefghijklmnopqrstuvwxyz";
        let sql = "INSERT INTO leaves (id, name, open, weight) VALUES ($1, $2, $3, 0)";
        for (id, name) in [(1, "before"), (2, mark), (3, "behind")] {
            let tx = db.write().await.unwrap();
            exec(&*tx, sql, values![id, name, true]).await.unwrap();
            tx.commit().await.unwrap();
        }
        let path = url.strip_prefix("sqlite:").unwrap();
        let found = || {
            let files = ["", "-wal"].map(|end| std::fs::read(format!("{path}{end}")).unwrap());
            files.concat().windows(mark.len()).any(|bytes| bytes == mark.as_bytes())
        };
        assert!(found());
        let tx = db.write().await.unwrap();
        exec(&*tx, "DELETE FROM leaves WHERE id = 2", values![]).await.unwrap();
        tx.commit().await.unwrap();
        db.fold().await.unwrap();
        assert!(!found());
    }

    #[tokio::test]
    async fn the_same_sql_gives_the_same_rows_on_both_engines() {
        for test in engines().await {
            leaves(&test.db).await;
            let tx = test.db.write().await.unwrap();
            let rows = (0..2_000_i64)
                .map(|id| values![id, format!("叶{id}"), id % 2 == 0, id as f64 / 4.0, Some(vec![7_u8])])
                .collect();
            insert_many(&*tx, "leaves", &["id", "name", "open", "weight", "seal"], rows).await.unwrap();
            tx.commit().await.unwrap();
            let sql = "SELECT * FROM leaves WHERE name = $1 AND open = $2";
            let leaf: Option<Leaf> = one(test.db.read(), sql, values!["叶42", true]).await.unwrap();
            let expected =
                Leaf { id: 42, name: "叶42".into(), open: true, weight: 10.5, seal: Some(vec![7]) };
            assert_eq!(leaf, Some(expected));
            let count: i64 = scalar(test.db.read(), "SELECT COUNT(*) FROM leaves", values![]).await.unwrap();
            assert_eq!(count, 2_000);
        }
    }

    #[tokio::test]
    async fn a_snapshot_shows_one_state_whatever_is_written_meanwhile() {
        for test in engines().await {
            leaves(&test.db).await;
            let sql = "SELECT COUNT(*) FROM leaves";
            let snapshot = test.db.snapshot().await.unwrap();
            assert_eq!(scalar::<i64>(&*snapshot, sql, values![]).await.unwrap(), 0);
            let insert = "INSERT INTO leaves VALUES (1, 'a', $1, 1.0, NULL)";
            exec(test.db.writer(), insert, values![true]).await.unwrap();
            assert_eq!(scalar::<i64>(&*snapshot, sql, values![]).await.unwrap(), 0);
            drop(snapshot);
            let fresh = test.db.snapshot().await.unwrap();
            let second = "INSERT INTO leaves VALUES (2, 'b', $1, 1.0, NULL)";
            assert!(exec(&*fresh, second, values![true]).await.is_err(), "it only reads");
            drop(fresh);
            assert_eq!(scalar::<i64>(test.db.read(), sql, values![]).await.unwrap(), 1);
        }
    }

    #[tokio::test]
    async fn snapshots_leave_readers_to_those_who_hold_them() {
        for test in engines().await {
            let many = (0..40).map(|_| async {
                let snapshot = test.db.snapshot().await.unwrap();
                scalar::<i64>(&*snapshot, "SELECT CAST(1 AS BIGINT)", values![]).await.unwrap();
                scalar::<i64>(test.db.read(), "SELECT CAST(1 AS BIGINT)", values![]).await.unwrap();
            });
            let all = futures_util::future::join_all(many);
            tokio::time::timeout(std::time::Duration::from_secs(20), all)
                .await
                .expect("nobody waits for ever");
        }
    }

    #[tokio::test]
    async fn a_dropped_transaction_leaves_no_trace() {
        for test in engines().await {
            leaves(&test.db).await;
            {
                let tx = test.db.write().await.unwrap();
                let sql = "INSERT INTO leaves VALUES (1, 'a', $1, 1.0, NULL)";
                assert_eq!(exec(&*tx, sql, values![true]).await.unwrap(), 1);
            }
            let left: Vec<Leaf> = all(test.db.read(), "SELECT * FROM leaves", values![]).await.unwrap();
            assert_eq!(left, []);
        }
    }

    #[tokio::test]
    async fn a_second_equal_value_is_named_a_unique_violation() {
        for test in engines().await {
            leaves(&test.db).await;
            let sql = "INSERT INTO leaves VALUES ($1, 'a', $2, 1.0, NULL)";
            exec(test.db.writer(), sql, values![1_i64, true]).await.unwrap();
            let error = exec(test.db.writer(), sql, values![2_i64, true]).await.unwrap_err();
            assert!(is_unique_violation(&error), "{error}");
        }
    }

    #[tokio::test]
    async fn the_reading_door_cannot_write_on_sqlite() {
        let test = sqlite().await;
        leaves(&test.db).await;
        let sql = "INSERT INTO leaves VALUES (1, 'a', $1, 1.0, NULL)";
        assert!(exec(test.db.read(), sql, values![true]).await.is_err());
    }

    #[test]
    fn the_database_name_is_replaced_and_the_query_kept() {
        assert_eq!(
            replace_database("postgres://u@h:5/old?host=/run", "new"),
            "postgres://u@h:5/new?host=/run"
        );
        assert_eq!(replace_database("postgres://u@h:5", "new"), "postgres://u@h:5/new");
    }
}
