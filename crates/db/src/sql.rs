//! Plain SQL with bound values, the same text on both engines.

use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, RuntimeErr, SqlErr, Statement, TryGetable, Value};

fn statement(connection: &impl ConnectionTrait, sql: &str, values: Vec<Value>) -> Statement {
    Statement::from_sql_and_values(connection.get_database_backend(), sql, values)
}

/// All rows of a query.
pub async fn all<T: FromQueryResult>(
    connection: &impl ConnectionTrait,
    sql: &str,
    values: Vec<Value>,
) -> Result<Vec<T>, DbErr> {
    let rows = connection.query_all_raw(statement(connection, sql, values)).await?;
    rows.iter().map(|row| T::from_query_result(row, "")).collect()
}

/// The first row of a query, if there is one.
pub async fn one<T: FromQueryResult>(
    connection: &impl ConnectionTrait,
    sql: &str,
    values: Vec<Value>,
) -> Result<Option<T>, DbErr> {
    let row = connection.query_one_raw(statement(connection, sql, values)).await?;
    row.map(|row| T::from_query_result(&row, "")).transpose()
}

/// The first column of the first row; an error when there is no row.
pub async fn scalar<T: TryGetable>(
    connection: &impl ConnectionTrait,
    sql: &str,
    values: Vec<Value>,
) -> Result<T, DbErr> {
    scalar_opt(connection, sql, values)
        .await?
        .ok_or_else(|| DbErr::RecordNotFound("a query for one value found no row".to_owned()))
}

/// The first column of the first row, if there is a row.
pub async fn scalar_opt<T: TryGetable>(
    connection: &impl ConnectionTrait,
    sql: &str,
    values: Vec<Value>,
) -> Result<Option<T>, DbErr> {
    let row = connection.query_one_raw(statement(connection, sql, values)).await?;
    row.map(|row| row.try_get_by_index(0)).transpose()
}

/// Runs a statement and says how many rows it changed.
pub async fn exec(connection: &impl ConnectionTrait, sql: &str, values: Vec<Value>) -> Result<u64, DbErr> {
    Ok(connection.execute_raw(statement(connection, sql, values)).await?.rows_affected())
}

/// A text to be found literally by `LIKE … ESCAPE '!'`; the caller puts the wildcards around it.
pub fn like(text: &str) -> String {
    text.replace('!', "!!").replace('%', "!%").replace('_', "!_")
}

/// Parameters one statement may carry on both engines (SQLite's limit is 32,766).
const PARAMETERS: usize = 30_000;

/// Inserts many rows with few statements: `insert_many(tx, "posts", &["unit_id", "title"], rows)`.
/// Every row must have a value for every column.
pub async fn insert_many(
    connection: &impl ConnectionTrait,
    table: &str,
    columns: &[&str],
    rows: Vec<Vec<Value>>,
) -> Result<(), DbErr> {
    // Bounded bytes per statement as well: a statement is built in memory on both sides.
    const ROWS: usize = 500;
    let per_statement = (PARAMETERS / columns.len().max(1)).clamp(1, ROWS);
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let chunk: Vec<_> = rows.by_ref().take(per_statement).collect();
        let mut sql = format!("INSERT INTO {table} ({}) VALUES ", columns.join(", "));
        let mut number = 0;
        for row in 0..chunk.len() {
            sql.push_str(if row == 0 { "(" } else { ", (" });
            for column in 0..columns.len() {
                number += 1;
                sql.push_str(if column == 0 { "$" } else { ", $" });
                sql.push_str(&number.to_string());
            }
            sql.push(')');
        }
        exec(connection, &sql, chunk.into_iter().flatten().collect()).await?;
    }
    Ok(())
}

/// Whether an error says that the database cannot be reached now: trying later may help.
pub fn is_unavailable(error: &DbErr) -> bool {
    let lost = |runtime: &RuntimeErr| {
        matches!(runtime, RuntimeErr::SqlxError(error) if matches!(
            error.as_ref(),
            sea_orm::sqlx::Error::Io(_) | sea_orm::sqlx::Error::PoolTimedOut | sea_orm::sqlx::Error::PoolClosed | sea_orm::sqlx::Error::Tls(_)
        ))
    };
    match error {
        DbErr::ConnectionAcquire(_) => true,
        DbErr::Conn(runtime) | DbErr::Exec(runtime) | DbErr::Query(runtime) => {
            matches!(error, DbErr::Conn(_)) || lost(runtime)
        }
        _ => false,
    }
}

/// Whether an error says that the disk is full.
pub fn is_full(error: &DbErr) -> bool {
    let (DbErr::Conn(runtime) | DbErr::Exec(runtime) | DbErr::Query(runtime)) = error else { return false };
    let RuntimeErr::SqlxError(error) = runtime else { return false };
    match error.as_ref() {
        // SQLite: full, and no room for its shared memory. PostgreSQL: disk_full.
        sea_orm::sqlx::Error::Database(error) => {
            error.code().is_some_and(|code| ["13", "4874", "53100"].contains(&code.as_ref()))
        }
        sea_orm::sqlx::Error::Io(error) => error.kind() == std::io::ErrorKind::StorageFull,
        _ => false,
    }
}

/// Whether an error says that a value which must be unique exists already.
pub fn is_unique_violation(error: &DbErr) -> bool {
    matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_)))
}
