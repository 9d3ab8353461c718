//! Every query on tries to sign in.

use super::lock_after;
use crate::{audit, clock::Millis};
use daylight_db::{DbErr, FromQueryResult, Tx, all, exec, one, values};

/// What the audit trail calls somebody who did not get in.
const STRANGER: &str = "未登录者";
/// Failures are forgotten so long after the last try.
const MEMORY: Millis = 60 * 60_000;

/// Reserves a try before anything is verified. False while tries of this key wait. The account, when there
/// is one, is for the audit trail. A right answer gives the try back ([`give_back`]).
pub async fn reserve(tx: &Tx, key: &[u8], account_id: Option<i64>, now: Millis) -> Result<bool, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        failures: i64,
        locked_until: Option<i64>,
    }
    let sql = "INSERT INTO sign_in_attempts (key, account_id, failures, refused, waits, last_at) \
               VALUES ($1, $2, 1, 1, 0, $3) ON CONFLICT (key) DO UPDATE SET account_id = excluded.account_id, \
               failures = sign_in_attempts.failures \
               + CASE WHEN sign_in_attempts.locked_until > excluded.last_at THEN 0 ELSE 1 END, \
               refused = sign_in_attempts.refused + 1, last_at = excluded.last_at \
               RETURNING failures, locked_until";
    let row: Option<Row> = one(&**tx, sql, values![key.to_vec(), account_id, now]).await?;
    let Some(row) = row.filter(|row| row.locked_until.is_none_or(|until| until <= now)) else {
        return Ok(false);
    };
    let until = lock_after(row.failures).map(|wait| now + wait);
    let sql = "UPDATE sign_in_attempts SET locked_until = $2, waits = waits + $3 WHERE key = $1";
    exec(&**tx, sql, values![key.to_vec(), until, i64::from(until.is_some())]).await?;
    Ok(true)
}

/// Gives a reserved try back: the answer was right. Earlier failures stay counted.
pub async fn give_back(tx: &Tx, key: &[u8]) -> Result<(), DbErr> {
    // The sweep may have noted and reset the counts since the try was reserved.
    let sql = "UPDATE sign_in_attempts SET failures = failures - 1, \
               refused = CASE WHEN refused > 0 THEN refused - 1 ELSE 0 END, \
               waits = CASE WHEN waits > 0 AND locked_until IS NOT NULL THEN waits - 1 ELSE waits END, \
               locked_until = NULL WHERE key = $1 AND failures > 0";
    exec(&**tx, sql, values![key.to_vec()]).await.map(drop)
}

/// Somebody is in: their failures are forgiven, and stay on record.
pub async fn forgive(tx: &Tx, key: &[u8]) -> Result<(), DbErr> {
    let sql = "UPDATE sign_in_attempts SET failures = 0, locked_until = NULL WHERE key = $1";
    exec(&**tx, sql, values![key.to_vec()]).await.map(drop)
}

/// An account has new credentials: nobody's guesses at the old ones make its owner wait.
pub async fn forgive_all(tx: &Tx, account_id: i64) -> Result<(), DbErr> {
    let sql = "UPDATE sign_in_attempts SET failures = 0, locked_until = NULL WHERE account_id = $1";
    exec(&**tx, sql, values![account_id]).await.map(drop)
}

/// Writes the failures since the last time into the audit trail, and forgets what is long past. One entry
/// for each account and one for all logins that do not exist: no enemy can fill the trail.
pub async fn note(tx: &Tx, now: Millis) -> Result<(), DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        account_id: Option<i64>,
        refused: i64,
        waits: i64,
    }
    // These rows first, then the trail, as who signs in does; nothing is counted between reading and resetting.
    exec(&**tx, "UPDATE sign_in_attempts SET refused = refused WHERE refused > 0", values![]).await?;
    let sql = "SELECT account_id, CAST(SUM(refused) AS BIGINT) AS refused, CAST(SUM(waits) AS BIGINT) AS waits \
               FROM sign_in_attempts WHERE refused > 0 GROUP BY account_id ORDER BY account_id";
    let rows: Vec<Row> = all(&**tx, sql, values![]).await?;
    let sql = "UPDATE sign_in_attempts SET refused = 0, waits = 0 WHERE refused > 0";
    exec(&**tx, sql, values![]).await?;
    exec(&**tx, "DELETE FROM sign_in_attempts WHERE last_at < $1", values![now - MEMORY]).await?;
    for Row { account_id, refused, waits } in rows {
        let subject = account_id.map_or("unknown login".to_owned(), |id| format!("account {id}"));
        let waited =
            if waits > 0 { format!("，{waits}次因连续失败要求等待") } else { String::new() };
        let detail = format!("失败{refused}次{waited}");
        let entry = audit::Entry {
            account_id: None,
            actor: STRANGER,
            action: "session.refuse",
            subject: &subject,
            detail: &detail,
        };
        audit::store::append(tx, &entry, now).await?;
    }
    Ok(())
}
