//! Every query on the audit trail.

use super::Entry;
use crate::clock::Millis;
use daylight_db::{
    ConnectionTrait, DbErr, FromQueryResult, Mark, Tx, Value, all, exec, like, one, scalar, scalar_opt,
    values,
};
use daylight_ids::find::redact;

/// Entries are written one after another.
pub(super) const LOCK: &str = "daylight audit";

/// A stored entry.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Line {
    /// Counts from 1 without gaps.
    pub id: i64,
    /// When.
    pub at: i64,
    /// Whose account.
    pub account_id: Option<i64>,
    /// Their name.
    pub actor: String,
    /// "noun.verb".
    pub action: String,
    /// What it was done to.
    pub subject: String,
    /// What else matters.
    pub detail: String,
    /// Hash of the entry before; 32 zero bytes at the first.
    pub previous: Vec<u8>,
    /// Hash of this entry.
    pub hash: Vec<u8>,
}

/// A keyed hash over every field, each preceded by its length, so that no two entries share a form and nobody without
/// the keys adds one.
fn digest(mark: Mark, id: i64, at: Millis, entry: &Entry<'_>, previous: &[u8]) -> [u8; 32] {
    let account = entry.account_id.map_or(String::new(), |id| id.to_string());
    let fields = [
        b"daylight audit 2".as_slice(),
        &id.to_be_bytes(),
        &at.to_be_bytes(),
        account.as_bytes(),
        entry.actor.as_bytes(),
        entry.action.as_bytes(),
        entry.subject.as_bytes(),
        entry.detail.as_bytes(),
        previous,
    ];
    daylight_vault::mac(&mark.0, &fields)
}

/// Characters of a field that the trail keeps: enough to say what was done, whatever was typed.
const KEPT: usize = 500;

/// What the trail keeps of a text: never a personal number, and not more than [`KEPT`] characters.
fn kept(text: &str) -> String {
    let text = redact(text);
    if text.chars().count() <= KEPT {
        return text;
    }
    text.chars().take(KEPT - 1).chain(['…']).collect()
}

/// Appends an entry within the transaction of the change it speaks of. Personal numbers are masked, long
/// fields are cut.
pub async fn append(tx: &Tx, entry: &Entry<'_>, now: Millis) -> Result<(), DbErr> {
    let (actor, subject, detail) = (kept(entry.actor), kept(entry.subject), kept(entry.detail));
    let entry = &Entry { actor: &actor, subject: &subject, detail: &detail, ..*entry };
    tx.lock(LOCK).await?;
    let last: Option<Line> =
        one(&**tx, "SELECT * FROM audit_entries ORDER BY id DESC LIMIT 1", values![]).await?;
    let (id, previous) = last.map_or((1, vec![0; 32]), |last| (last.id + 1, last.hash));
    let hash = digest(tx.mark(), id, now, entry, &previous);
    let sql = "INSERT INTO audit_entries (id, at, account_id, actor, action, subject, detail, previous, hash) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    let bound = values![
        id,
        now,
        entry.account_id,
        entry.actor,
        entry.action,
        entry.subject,
        entry.detail,
        previous,
        hash.to_vec()
    ];
    exec(&**tx, sql, bound).await.map(drop)
}

/// Which entries a list shows.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only actions that begin so: "import.".
    pub action: String,
    /// Only of people whose name contains this.
    pub actor: String,
    /// Not before this instant.
    pub from: Option<Millis>,
    /// Not after this instant.
    pub to: Option<Millis>,
}

impl Filter {
    fn sql(&self) -> (String, Vec<Value>) {
        let mut bound = values![format!("{}%", like(&self.action)), format!("%{}%", like(&self.actor))];
        let mut sql = "action LIKE $1 ESCAPE '!' AND actor LIKE $2 ESCAPE '!'".to_owned();
        for (test, value) in [("at >=", self.from), ("at <=", self.to)] {
            if let Some(value) = value {
                bound.push(value.into());
                sql.push_str(&format!(" AND {test} ${}", bound.len()));
            }
        }
        (sql, bound)
    }
}

/// Entries whose action begins so, newest first.
pub async fn list(
    c: &impl ConnectionTrait,
    action: Option<&str>,
    limit: i64,
    offset: i64,
) -> Result<Vec<Line>, DbErr> {
    let filter = Filter { action: action.unwrap_or_default().to_owned(), ..Filter::default() };
    find(c, &filter, limit, offset).await
}

/// A page of the entries a filter finds, newest first.
pub async fn find(
    c: &impl ConnectionTrait,
    filter: &Filter,
    limit: i64,
    offset: i64,
) -> Result<Vec<Line>, DbErr> {
    let (condition, bound) = filter.sql();
    let sql = format!(
        "SELECT * FROM audit_entries WHERE {condition} ORDER BY id DESC LIMIT {limit} OFFSET {offset}"
    );
    all(c, &sql, bound).await
}

/// The newest entries below an id: for reading everything in blocks while more is appended.
pub async fn before(
    c: &impl ConnectionTrait,
    filter: &Filter,
    id: i64,
    limit: i64,
) -> Result<Vec<Line>, DbErr> {
    let (condition, mut bound) = filter.sql();
    bound.push(id.into());
    let sql = format!(
        "SELECT * FROM audit_entries WHERE {condition} AND id < ${} ORDER BY id DESC LIMIT {limit}",
        bound.len()
    );
    all(c, &sql, bound).await
}

/// How many entries a filter finds.
pub async fn count(c: &impl ConnectionTrait, filter: &Filter) -> Result<i64, DbErr> {
    let (condition, bound) = filter.sql();
    scalar(c, &format!("SELECT COUNT(*) FROM audit_entries WHERE {condition}"), bound).await
}

/// Number and hash of the last entry.
pub async fn last(c: &impl ConnectionTrait) -> Result<Option<(i64, Vec<u8>)>, DbErr> {
    let last: Option<Line> =
        one(c, "SELECT * FROM audit_entries ORDER BY id DESC LIMIT 1", values![]).await?;
    Ok(last.map(|last| (last.id, last.hash)))
}

/// Hash of an entry.
pub async fn hash_of(c: &impl ConnectionTrait, id: i64) -> Result<Option<Vec<u8>>, DbErr> {
    scalar_opt(c, "SELECT hash FROM audit_entries WHERE id = $1", values![id]).await
}

/// What a check of the whole trail found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// So many entries, each bound to the one before.
    Whole(i64),
    /// The first entry that is missing, changed or out of order.
    BrokenAt(i64),
}

/// Checks the whole trail against the key that goes with its database.
pub async fn verify(c: &impl ConnectionTrait, mark: Mark) -> Result<Verdict, DbErr> {
    let (mut id, mut previous) = (0, vec![0; 32]);
    loop {
        let sql = "SELECT * FROM audit_entries WHERE id > $1 ORDER BY id LIMIT 1000";
        let lines: Vec<Line> = all(c, sql, values![id]).await?;
        if lines.is_empty() {
            return Ok(Verdict::Whole(id));
        }
        for line in lines {
            let entry = Entry {
                account_id: line.account_id,
                actor: &line.actor,
                action: &line.action,
                subject: &line.subject,
                detail: &line.detail,
            };
            let expected = digest(mark, line.id, line.at, &entry, &previous);
            if line.id != id + 1 || line.previous != previous || line.hash != expected {
                return Ok(Verdict::BrokenAt(id + 1));
            }
            (id, previous) = (line.id, line.hash);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_long_detail_is_cut_and_the_trail_stays_whole() {
        for test in daylight_db::testing::engines().await {
            crate::migrations::migrate(&test.db).await.unwrap();
            let tx = test.db.write().await.unwrap();
            let long = "县".repeat(100_000);
            let entry = Entry { account_id: None, actor: "甲", action: "a.b", subject: "c", detail: &long };
            append(&tx, &entry, 1).await.unwrap();
            let line = list(&*tx, None, 1, 0).await.unwrap().remove(0);
            assert_eq!(line.detail.chars().count(), 500);
            assert!(line.detail.ends_with('…'));
            assert_eq!(verify(&*tx, tx.mark()).await.unwrap(), Verdict::Whole(1));
        }
    }

    #[tokio::test]
    async fn nobody_without_the_key_adds_an_entry() {
        for test in daylight_db::testing::engines().await {
            crate::migrations::migrate(&test.db).await.unwrap();
            let entry = Entry { account_id: None, actor: "甲", action: "a.b", subject: "c", detail: "" };
            let ours = test.db.clone().marked(Mark([7; 32]));
            let tx = ours.write().await.unwrap();
            append(&tx, &entry, 1).await.unwrap();
            tx.commit().await.unwrap();
            assert_eq!(verify(ours.read(), ours.mark()).await.unwrap(), Verdict::Whole(1));
            // Whoever has the database and the program, and not the key.
            let tx = test.db.write().await.unwrap();
            append(&tx, &entry, 2).await.unwrap();
            tx.commit().await.unwrap();
            assert_eq!(verify(ours.read(), ours.mark()).await.unwrap(), Verdict::BrokenAt(2));
        }
    }

    #[tokio::test]
    async fn a_changed_removed_or_inserted_entry_is_found() {
        for test in daylight_db::testing::engines().await {
            crate::migrations::migrate(&test.db).await.unwrap();
            assert_eq!(verify(test.db.read(), test.db.mark()).await.unwrap(), Verdict::Whole(0));
            let tx = test.db.write().await.unwrap();
            for number in 0..5 {
                let subject = format!("power {number}");
                let entry = Entry {
                    account_id: Some(1),
                    actor: "林知远",
                    action: "a.b",
                    subject: &subject,
                    detail: "",
                };
                append(&tx, &entry, number).await.unwrap();
            }
            tx.commit().await.unwrap();
            assert_eq!(verify(test.db.read(), test.db.mark()).await.unwrap(), Verdict::Whole(5));
            let tampering = [
                ("UPDATE audit_entries SET actor = '别人' WHERE id = 3", 3),
                ("DELETE FROM audit_entries WHERE id = 2", 2),
                ("UPDATE audit_entries SET at = 99 WHERE id = 5", 5),
            ];
            for (sql, broken) in tampering {
                let tx = test.db.write().await.unwrap();
                exec(&*tx, sql, values![]).await.unwrap();
                assert_eq!(verify(&*tx, tx.mark()).await.unwrap(), Verdict::BrokenAt(broken), "{sql}");
            }
        }
    }
}
