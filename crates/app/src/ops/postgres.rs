//! What only PostgreSQL needs.

use daylight_db::{ConnectionTrait, DbErr, Tx};

/// Waits for whoever writes sealed fields just now, and holds off the next until commit.
pub(super) async fn hold_writers(tx: &Tx, tables: &str) -> Result<(), DbErr> {
    tx.execute_unprepared(&format!("LOCK TABLE {tables} IN SHARE ROW EXCLUSIVE MODE")).await.map(drop)
}

/// Rows of the search index that the documents lack, and the other way round.
pub(super) const INDEX_FAULTS: &str =
    "SELECT (SELECT COUNT(*) FROM search_documents d WHERE NOT EXISTS \
     (SELECT 1 FROM search_index i WHERE i.document_id = d.id)) + \
     (SELECT COUNT(*) FROM search_index i WHERE NOT EXISTS \
     (SELECT 1 FROM search_documents d WHERE d.id = i.document_id))";
