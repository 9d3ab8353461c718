//! FTS5: a contentless index of pair terms; a phrase query is a run of pairs.

use daylight_db::{DbErr, Tx, exec, values};

/// What a query selects from; `$1` is the match expression.
pub const MATCH: &str =
    "search_index JOIN search_documents d ON d.id = search_index.rowid WHERE search_index MATCH $1";

/// The FTS5 expression: every phrase must be found.
pub fn query(phrases: &[Vec<String>]) -> String {
    let phrases: Vec<_> = phrases.iter().map(|phrase| format!("\"{}\"", phrase.join(" "))).collect();
    phrases.join(" AND ")
}

/// Indexes a document.
pub async fn put(tx: &Tx, id: i64, terms: &[String]) -> Result<(), DbErr> {
    remove(tx, id).await?;
    let sql = "INSERT INTO search_index (rowid, terms) VALUES ($1, $2)";
    exec(&**tx, sql, values![id, terms.join(" ")]).await.map(drop)
}

/// Takes a document out of the index.
pub async fn remove(tx: &Tx, id: i64) -> Result<(), DbErr> {
    exec(&**tx, "DELETE FROM search_index WHERE rowid = $1", values![id]).await.map(drop)
}
