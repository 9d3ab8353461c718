//! Every query on messages that have not left yet.

use super::{Template, jobs::SEND, slot};
use crate::{clock::Millis, ops::store::MESSAGE};
use daylight_db::{ConnectionTrait, DbErr, FromQueryResult, Tx, all, exec, one, scalar, scalar_opt, values};
use daylight_ids::Phone;
use daylight_queue::NewJob;
use daylight_vault::{Purpose, Vault, VaultError};
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
    pub due_at: Millis,
}

/// By which it is known that a number is told at an hour already.
const TOLD: Purpose = Purpose("sms-news");

/// Has a message sent, once the caller's transaction is committed; call [`daylight_queue::wake`] then. A number that
/// is no mobile gets none. News waits for its hour, and a number gets one of it however many cases have some.
pub async fn send(tx: &Tx, vault: &Vault, to: &Phone, template: Template, now: Millis) -> Result<(), DbErr> {
    match template {
        Template::News => send_news(tx, vault, to, slot::after(now)).await,
        template => send_at(tx, vault, to, template, now).await,
    }
}

/// The same for what leaves at an instant of its own.
pub async fn send_at(
    tx: &Tx,
    vault: &Vault,
    to: &Phone,
    template: Template,
    due_at: Millis,
) -> Result<(), DbErr> {
    if !to.is_mobile() {
        return Ok(());
    }
    let sql = "INSERT INTO sms_messages (due_at) VALUES ($1) RETURNING id";
    let id: i64 = scalar(&**tx, sql, values![due_at]).await?;
    keep(tx, vault, id, to, template).await?;
    let job = NewJob { kind: SEND, payload: &Work { message: id }, unique_key: None, run_at: due_at };
    daylight_queue::enqueue(tx, &job, due_at).await.map(drop)
}

/// Nothing of it, neither row nor job, knows when the deed was.
async fn send_news(tx: &Tx, vault: &Vault, to: &Phone, due_at: Millis) -> Result<(), DbErr> {
    if !to.is_mobile() {
        return Ok(());
    }
    let key = vault.blind(TOLD, &format!("{due_at}\n{}", to.canonical())).to_vec();
    let sql = "INSERT INTO sms_messages (due_at, news_key) VALUES ($1, $2) \
               ON CONFLICT (news_key) DO NOTHING RETURNING id";
    match scalar_opt(&**tx, sql, values![due_at, key]).await? {
        Some(id) => keep(tx, vault, id, to, Template::News).await,
        None => Ok(()),
    }
}

async fn keep(tx: &Tx, vault: &Vault, id: i64, to: &Phone, template: Template) -> Result<(), DbErr> {
    let content = Sealed { to: to.canonical().to_owned(), template };
    let content = serde_json::to_vec(&content).map_err(|error| DbErr::Json(error.to_string()))?;
    let sealed = vault.seal(&MESSAGE.place(id), &content);
    exec(&**tx, "UPDATE sms_messages SET content_sealed = $2 WHERE id = $1", values![id, sealed])
        .await
        .map(drop)
}

/// How many messages have not left yet.
pub async fn waiting(c: &impl ConnectionTrait) -> Result<i64, DbErr> {
    scalar(c, "SELECT COUNT(*) FROM sms_messages", values![]).await
}

/// How many should have left by now.
pub async fn late(c: &impl ConnectionTrait, now: Millis) -> Result<i64, DbErr> {
    scalar(c, "SELECT COUNT(*) FROM sms_messages WHERE due_at <= $1", values![now]).await
}

/// News that is due.
#[derive(FromQueryResult)]
pub(super) struct Due {
    pub id: i64,
    pub due_at: i64,
}

/// The news that is due.
pub(super) async fn due(c: &impl ConnectionTrait, now: Millis) -> Result<Vec<Due>, DbErr> {
    let sql = "SELECT id, due_at FROM sms_messages WHERE news_key IS NOT NULL AND due_at <= $1";
    all(c, sql, values![now]).await
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
        due_at: i64,
    }
    let sql = "SELECT content_sealed, due_at FROM sms_messages WHERE id = $1";
    let Some(row) = one::<Row>(c, sql, values![id]).await? else { return Ok(None) };
    Ok(Some(vault.unseal(&MESSAGE.place(id), &row.content_sealed).and_then(|opened| {
        let content: Sealed = serde_json::from_slice(opened.as_bytes()).map_err(|_| VaultError::Malformed)?;
        Ok(Message { id, to: content.to, template: content.template, due_at: row.due_at })
    })))
}

/// They have left: nothing of them stays.
pub(super) async fn delete(tx: &Tx, ids: &[i64]) -> Result<(), DbErr> {
    for ids in ids.chunks(500) {
        let numbers: Vec<_> = (1..=ids.len()).map(|at| format!("${at}")).collect();
        let sql = format!("DELETE FROM sms_messages WHERE id IN ({})", numbers.join(", "));
        exec(&**tx, &sql, ids.iter().map(|id| (*id).into()).collect()).await?;
    }
    Ok(())
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
    let rows: Vec<Row> = all(c, "SELECT id FROM sms_messages ORDER BY id", values![]).await.unwrap();
    let mut found = Vec::new();
    for row in rows {
        let message = open(c, vault, row.id).await.unwrap().unwrap().unwrap();
        found.push((message.to, message.template.code().to_owned(), message.template.params()));
    }
    found
}
