//! `daylight verify` against an administrator with the database: column by column, either a change is seen or it stands
//! here with the reason.

mod exempt;

use crate::program::Server;
use daylight_app::{audit, ops};
use daylight_db::{ConnectionTrait, Db, Engine, Value, exec, scalar, values};
use daylight_vault::Vault;
use std::{collections::BTreeSet, path::Path};

/// A column as the engine knows it.
#[derive(Clone, Debug)]
struct Column {
    of: String,
    name: String,
    kind: String,
}

/// Every column of every table, as the engine tells it: a new one cannot be forgotten here.
async fn columns(db: &Db) -> Vec<Column> {
    let sql = match db.engine() {
        Engine::Sqlite => {
            "SELECT GROUP_CONCAT(m.name || ' ' || c.name || ' ' || c.type, ';') FROM sqlite_master m \
             JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' \
             AND m.name NOT LIKE 'search_index%'"
        }
        Engine::Postgres => {
            "SELECT STRING_AGG(table_name || ' ' || column_name || ' ' || data_type, ';') \
             FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'search_index'"
        }
    };
    let told: String = scalar(db.read(), sql, values![]).await.unwrap();
    let column = |line: &str| {
        let (of, rest) = line.split_once(' ')?;
        let (name, kind) = rest.split_once(' ')?;
        Some(Column { of: of.into(), name: name.into(), kind: kind.into() })
    };
    let columns = told.split(';').map(|line| column(line).unwrap());
    // The part of a round is the table of ballots itself.
    let own = |of: &str| of != "seaql_migrations" && of != "kept_aside" && !of.starts_with("rating_ballots_");
    columns.filter(|column| own(&column.of)).collect()
}

/// What is wrong, as the check's code and what it says.
async fn faults(db: &Db, vault: &Vault, data: &Path) -> BTreeSet<String> {
    let mut checks = ops::verify(db, vault, daylight_app::clock::Clock::System.now()).await.unwrap();
    checks.push(daylight_app::attachments::verify(db, vault, data).await.unwrap());
    let wrong = checks.into_iter().filter(|check| check.state != ops::State::Ok);
    wrong.map(|check| format!("{}: {}", check.code, check.detail)).collect()
}

async fn change(db: &Db, sql: &str, bound: Vec<Value>) -> Result<u64, daylight_db::DbErr> {
    let tx = db.write().await.unwrap();
    let changed = exec(&*tx, sql, bound).await?;
    tx.commit().await?;
    Ok(changed)
}

/// SQL that tells a row apart from all others on this engine.
fn row(engine: Engine) -> &'static str {
    match engine {
        Engine::Sqlite => "rowid",
        Engine::Postgres => "ctid",
    }
}

/// Other values of the same kind, the first that the engine takes. Instants move by a day, truths turn, what is nothing
/// becomes something; a reference turns to something else that is there, or to nothing.
fn others(column: &Column, engine: Engine) -> Vec<String> {
    let Column { name, kind, .. } = column;
    let mut others = vec![match kind.to_lowercase().as_str() {
        "bigint" | "integer" if name.ends_with("_at") || name == "at" || name.ends_with("_since") => {
            format!("COALESCE({name}, 1000000000000) + 86400000")
        }
        "bigint" | "integer" => format!("COALESCE({name}, 0) + 1"),
        "boolean" => format!("NOT COALESCE({name}, FALSE)"),
        "text" => format!("COALESCE({name}, '') || 'x'"),
        "blob" | "bytea" => match engine {
            Engine::Sqlite => format!("CAST(COALESCE({name}, X'') || X'00' AS BLOB)"),
            Engine::Postgres => format!("COALESCE({name}, ''::bytea) || '\\x00'::bytea"),
        },
        kind => panic!("{}.{name} is of a kind without another value: {kind}", column.of),
    }];
    if kind.eq_ignore_ascii_case("bigint") || kind.eq_ignore_ascii_case("integer") {
        others.extend(["- 1", "+ 1000000", "+ 3", "- 3"].map(|step| format!("{name} {step}")));
        others.push("1".to_owned());
    }
    others.push("NULL".to_owned());
    others
}

/// A database that somebody with the whole county's history has, and that verifies clean.
struct World {
    db: Db,
    vault: Vault,
    data: std::path::PathBuf,
    clean: BTreeSet<String>,
}

impl World {
    async fn open(data: &Path, url: &str) -> World {
        let vault = Vault::open(&data.join("keys")).unwrap();
        let db = Db::open(url).await.unwrap().marked(audit::mark(&vault));
        let clean = faults(&db, &vault, data).await;
        World { db, vault, data: data.to_owned(), clean }
    }

    async fn is_seen(&self) -> bool {
        faults(&self.db, &self.vault, &self.data).await != self.clean
    }

    /// Changes one value by SQL, asks, and puts it back. None where there is no row, or the engine itself refuses.
    async fn sees_change(&self, column: &Column, part: &str) -> Option<bool> {
        let Column { of, name, .. } = column;
        let row = row(self.db.engine());
        // One that holds a value rather than one that does not; the newest.
        let target = format!(
            "(SELECT {row} FROM {of} WHERE {part} ORDER BY CASE WHEN {name} IS NULL THEN 1 ELSE 0 END, {row} DESC LIMIT 1)"
        );
        let keep =
            format!("CREATE TABLE kept_aside AS SELECT {name} AS value FROM {of} WHERE {row} = {target}");
        self.db.writer().execute_unprepared("DROP TABLE IF EXISTS kept_aside").await.unwrap();
        self.db.writer().execute_unprepared(&keep).await.unwrap();
        for other in others(column, self.db.engine()) {
            let changed = format!(
                "UPDATE {of} SET {name} = {other} WHERE {row} = {target} AND {name} IS DISTINCT FROM ({other}) \
                 RETURNING {row} AS at"
            );
            let Some(at) = self.at(&changed).await else { continue };
            let seen = self.is_seen().await;
            let back = format!("UPDATE {of} SET {name} = (SELECT value FROM kept_aside) WHERE {row} = {at}");
            assert_eq!(change(&self.db, &back, values![]).await.unwrap(), 1, "{of}.{name}");
            return Some(seen);
        }
        None
    }

    /// Where the row stands after the change: PostgreSQL writes it anew elsewhere.
    async fn at(&self, sql: &str) -> Option<String> {
        let tx = self.db.write().await.unwrap();
        let sql = match self.db.engine() {
            Engine::Sqlite => sql.replace("RETURNING rowid AS at", "RETURNING CAST(rowid AS TEXT) AS at"),
            Engine::Postgres => {
                sql.replace("RETURNING ctid AS at", "RETURNING '''' || ctid::text || '''' AS at")
            }
        };
        let at: Option<String> = daylight_db::scalar_opt(&*tx, &sql, values![]).await.ok()?;
        tx.commit().await.ok()?;
        at
    }

    /// Takes a row out, asks, and puts it back. None where there is none, or others refer to all of them.
    async fn sees_loss(&self, of: &str, part: &str) -> Option<bool> {
        let row = row(self.db.engine());
        self.db.writer().execute_unprepared("DROP TABLE IF EXISTS kept_aside").await.unwrap();
        let rows: i64 = scalar(self.db.read(), &format!("SELECT COUNT(*) FROM {of} WHERE {part}"), values![])
            .await
            .unwrap();
        for at in 0..rows.min(40) {
            let target =
                format!("(SELECT {row} FROM {of} WHERE {part} ORDER BY {row} DESC LIMIT 1 OFFSET {at})");
            self.db.writer().execute_unprepared("DROP TABLE IF EXISTS kept_aside").await.unwrap();
            let keep = format!("CREATE TABLE kept_aside AS SELECT * FROM {of} WHERE {row} = {target}");
            self.db.writer().execute_unprepared(&keep).await.unwrap();
            if change(&self.db, &format!("DELETE FROM {of} WHERE {row} = {target}"), values![]).await.is_err()
            {
                continue;
            }
            let seen = self.is_seen().await;
            let back = format!("INSERT INTO {of} SELECT * FROM kept_aside");
            assert_eq!(change(&self.db, &back, values![]).await.unwrap(), 1, "{of}");
            return Some(seen);
        }
        None
    }
}

/// Plays the administrator on every table and column. Gives what went unseen, and tables without a row to try. What the
/// engine itself refuses, because others refer to it, needs no check.
async fn play(world: &World) -> (BTreeSet<String>, BTreeSet<String>) {
    let (mut unseen, mut empty) = (BTreeSet::new(), BTreeSet::new());
    let columns = columns(&world.db).await;
    let tables: BTreeSet<_> = columns.iter().map(|column| column.of.clone()).collect();
    for of in tables {
        if exempt::TABLES.iter().any(|(table, _)| *table == of) {
            continue;
        }
        let rows = format!("SELECT COUNT(*) FROM {of}");
        if scalar::<i64>(world.db.read(), &rows, values![]).await.unwrap() == 0 {
            empty.insert(of);
            continue;
        }
        let mut parts: Vec<_> =
            exempt::PARTS.iter().filter(|(table, ..)| *table == of).map(|(_, part, _)| *part).collect();
        if parts.is_empty() {
            parts.push("1 = 1");
        }
        for part in parts {
            if world.sees_loss(&of, part).await == Some(false) {
                unseen.insert(format!("{of}.(row)"));
            }
            for column in columns.iter().filter(|column| column.of == of) {
                if world.sees_change(column, part).await == Some(false) {
                    unseen.insert(format!("{of}.{}", column.name));
                }
            }
        }
    }
    (unseen, empty)
}

async fn try_all(data: &Path, url: &str) {
    let world = World::open(data, url).await;
    assert_eq!(world.clean, BTreeSet::new(), "the demonstration verifies clean");
    let (unseen, empty) = play(&world).await;
    assert_eq!(faults(&world.db, &world.vault, &world.data).await, world.clean, "all was put back");
    let known: BTreeSet<_> = exempt::COLUMNS.iter().map(|(column, _)| (*column).to_owned()).collect();
    let forgotten: Vec<_> = unseen.difference(&known).collect();
    assert!(forgotten.is_empty(), "changed unseen, and nobody says why that is right: {forgotten:#?}");
    let without: BTreeSet<_> = exempt::EMPTY.iter().map(|(table, _)| (*table).to_owned()).collect();
    assert_eq!(empty, without, "tables of which the demonstration has no row");
    let of_empty = |column: &String| without.iter().any(|table| column.starts_with(&format!("{table}.")));
    let stale: Vec<_> = known.difference(&unseen).filter(|column| !of_empty(column)).collect();
    assert!(stale.is_empty(), "seen by now, strike them off: {stale:#?}");
    let tables: BTreeSet<_> = columns(&world.db).await.into_iter().map(|column| column.of).collect();
    let gone: Vec<_> = exempt::TABLES.iter().filter(|(table, _)| !tables.contains(*table)).collect();
    assert!(gone.is_empty(), "no such table any more: {gone:?}");
}

fn on(url: Option<&str>) {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let mut arguments = vec!["demo"];
    arguments.extend(url.map(|url| ["--database", url]).into_iter().flatten());
    let server = Server::start(&data, &arguments);
    assert_eq!(server.stop().0, 0);
    let own = format!("sqlite:{}", data.join("daylight.db").display());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(try_all(&data, url.unwrap_or(&own)));
}

#[test]
fn every_column_that_is_changed_past_the_program_is_seen_or_stands_here_with_the_reason() {
    on(None);
}

#[test]
fn on_postgres_too_every_column_that_is_changed_is_seen_or_stands_here() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    match runtime.block_on(daylight_db::testing::engines()).into_iter().nth(1) {
        Some(test) => on(Some(&test.url)),
        None => eprintln!("DAYLIGHT_TEST_POSTGRES is not set: this test runs on SQLite only"),
    }
}
