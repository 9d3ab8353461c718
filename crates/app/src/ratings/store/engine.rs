//! Where the ballots of a round lie on each engine. On PostgreSQL in a partition of their own, which goes as a whole: rows
//! that are deleted stay in the file, in the order in which they came, until somebody sweeps it.

use daylight_db::{DbErr, Engine, Tx, exec, values};

/// Makes room for the ballots of a round that opens.
pub async fn make_room(tx: &Tx, round: i64) -> Result<(), DbErr> {
    if tx.engine() == Engine::Postgres {
        let sql = format!(
            "CREATE TABLE IF NOT EXISTS rating_ballots_{round} PARTITION OF rating_ballots FOR VALUES IN ({round})"
        );
        exec(&**tx, &sql, values![]).await?;
    }
    Ok(())
}

/// Destroys the ballots of a round that was counted.
pub async fn drop_ballots(tx: &Tx, round: i64) -> Result<(), DbErr> {
    match tx.engine() {
        // What is deleted is written over (secure_delete).
        Engine::Sqlite => {
            exec(&**tx, "DELETE FROM rating_ballots WHERE round_id = $1", values![round]).await?;
        }
        Engine::Postgres => {
            exec(&**tx, &format!("DROP TABLE IF EXISTS rating_ballots_{round}"), values![]).await?;
        }
    }
    Ok(())
}
