//! What only the embedded engine can do.

use daylight_db::{ConnectionTrait, Db, DbErr, FromQueryResult, all, values};
use std::path::Path;

/// Copies the database as it stands at one moment into a new file, while others read and write.
pub async fn snapshot(db: &Db, to: &Path) -> Result<(), DbErr> {
    // The path is the operator's own; a quote in it must only not end the literal.
    let to = to.display().to_string().replace('\'', "''");
    db.writer().execute_unprepared(&format!("VACUUM INTO '{to}'")).await.map(drop)
}

/// What the engine finds wrong with its file; empty when nothing.
pub(super) async fn damages(db: &Db) -> Result<Vec<String>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        integrity_check: String,
    }
    let rows: Vec<Row> = all(db.read(), "PRAGMA integrity_check(20)", values![]).await?;
    Ok(rows.into_iter().map(|row| row.integrity_check).filter(|line| line != "ok").collect())
}

/// Tables with rows that refer to nothing.
pub(super) async fn dangling(db: &Db) -> Result<Vec<String>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        table: String,
    }
    let rows: Vec<Row> = all(db.read(), "PRAGMA foreign_key_check", values![]).await?;
    let mut tables: Vec<_> = rows.into_iter().map(|row| row.table).collect();
    tables.dedup();
    Ok(tables)
}

/// Rows of the search index that the documents lack, and the other way round.
pub(super) const INDEX_FAULTS: &str =
    "SELECT (SELECT COUNT(*) FROM search_documents d WHERE NOT EXISTS \
     (SELECT 1 FROM search_index_docsize i WHERE i.id = d.id)) + \
     (SELECT COUNT(*) FROM search_index_docsize i WHERE NOT EXISTS \
     (SELECT 1 FROM search_documents d WHERE d.id = i.id))";
