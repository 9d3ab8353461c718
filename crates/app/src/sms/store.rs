//! Every query on messages that have not left yet.

use super::{Template, jobs::SEND};
use crate::{clock::Millis, ops::store::MESSAGE};
use daylight_db::{ConnectionTrait, DbErr, FromQueryResult, Tx, exec, one, scalar, values};
use daylight_ids::Phone;
use daylight_queue::NewJob;
use daylight_vault::{Vault, VaultError};
use serde::{Deserialize, Serialize};

/// What the job knows: which row. Telephone and text stand sealed in that row, and move with the keys.
#[derive(Serialize, Deserialize)]
pub(super) struct Work {
    pub message: i64,
}

#[derive(Serialize, Deserialize)]
struct Sealed {
    to: String,
    template: Template,
}

/// A message on its way.
pub(super) struct Message {
    pub id: i64,
    pub to: String,
    pub template: Template,
    pub written_at: Millis,
}

/// Has a message sent, once the caller's transaction is committed; call [`daylight_queue::wake`] then. A number that
/// is no mobile gets none.
pub async fn send(tx: &Tx, vault: &Vault, to: &Phone, template: Template, now: Millis) -> Result<(), DbErr> {
    if !to.is_mobile() {
        return Ok(());
    }
    let sql = "INSERT INTO sms_messages (written_at) VALUES ($1) RETURNING id";
    let id: i64 = scalar(&**tx, sql, values![now]).await?;
    let content = Sealed { to: to.canonical().to_owned(), template };
    let content = serde_json::to_vec(&content).map_err(|error| DbErr::Json(error.to_string()))?;
    let sealed = vault.seal(&MESSAGE.place(id), &content);
    exec(&**tx, "UPDATE sms_messages SET content_sealed = $2 WHERE id = $1", values![id, sealed]).await?;
    let job = NewJob { kind: SEND, payload: &Work { message: id }, unique_key: None, run_at: now };
    daylight_queue::enqueue(tx, &job, now).await.map(drop)
}

/// How many messages have not left yet.
pub async fn waiting(c: &impl ConnectionTrait) -> Result<i64, DbErr> {
    scalar(c, "SELECT COUNT(*) FROM sms_messages", values![]).await
}

/// A message, if it has not left yet.
pub(super) async fn open(
    c: &impl ConnectionTrait,
    vault: &Vault,
    id: i64,
) -> Result<Option<Result<Message, VaultError>>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        content_sealed: Vec<u8>,
        written_at: i64,
    }
    let sql = "SELECT content_sealed, written_at FROM sms_messages WHERE id = $1";
    let Some(row) = one::<Row>(c, sql, values![id]).await? else { return Ok(None) };
    Ok(Some(vault.unseal(&MESSAGE.place(id), &row.content_sealed).and_then(|opened| {
        let content: Sealed = serde_json::from_slice(opened.as_bytes()).map_err(|_| VaultError::Malformed)?;
        Ok(Message { id, to: content.to, template: content.template, written_at: row.written_at })
    })))
}

/// It has left: nothing of it stays.
pub(super) async fn delete(tx: &Tx, id: i64) -> Result<(), DbErr> {
    exec(&**tx, "DELETE FROM sms_messages WHERE id = $1", values![id]).await.map(drop)
}

/// Messages as they would leave, oldest first: (number, word of the template, parameters).
#[cfg(test)]
pub(crate) async fn unsent(
    c: &impl ConnectionTrait,
    vault: &Vault,
) -> Vec<(String, String, serde_json::Value)> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
    }
    let rows: Vec<Row> =
        daylight_db::all(c, "SELECT id FROM sms_messages ORDER BY id", values![]).await.unwrap();
    let mut found = Vec::new();
    for row in rows {
        let message = open(c, vault, row.id).await.unwrap().unwrap().unwrap();
        found.push((message.to, message.template.code().to_owned(), message.template.params()));
    }
    found
}
