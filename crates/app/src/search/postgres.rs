//! A `tsvector` of pair terms with positions under GIN; a phrase query is `'ab' <-> 'bc'`.

use daylight_db::{DbErr, Tx, exec, values};

/// What a query selects from; `$1` is the `tsquery`.
pub const MATCH: &str = "search_index JOIN search_documents d ON d.id = search_index.document_id \
     WHERE search_index.terms @@ CAST($1 AS tsquery)";

fn quoted(term: &str) -> String {
    // Terms are letters and digits only (see `terms::fold`), so nothing needs escaping.
    format!("'{term}'")
}

/// The `tsquery`: every phrase must be found.
pub fn query(phrases: &[Vec<String>]) -> String {
    let phrase = |terms: &Vec<String>| {
        let terms: Vec<_> = terms.iter().map(|term| quoted(term)).collect();
        format!("({})", terms.join(" <-> "))
    };
    phrases.iter().map(phrase).collect::<Vec<_>>().join(" & ")
}

/// Indexes a document.
pub async fn put(tx: &Tx, id: i64, terms: &[String]) -> Result<(), DbErr> {
    // Positions past 16,383 are clamped by PostgreSQL: longer texts would lose phrases there.
    let vector: Vec<_> = terms
        .iter()
        .take(16_000)
        .enumerate()
        .map(|(at, term)| format!("{}:{}", quoted(term), at + 1))
        .collect();
    let sql = "INSERT INTO search_index (document_id, terms) VALUES ($1, CAST($2 AS tsvector)) \
               ON CONFLICT (document_id) DO UPDATE SET terms = excluded.terms";
    exec(&**tx, sql, values![id, vector.join(" ")]).await.map(drop)
}

/// Takes a document out of the index.
pub async fn remove(tx: &Tx, id: i64) -> Result<(), DbErr> {
    exec(&**tx, "DELETE FROM search_index WHERE document_id = $1", values![id]).await.map(drop)
}
