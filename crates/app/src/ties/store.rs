//! Every query on ties between accounts and people.

use super::Tie;
use crate::{audit::rows, cases::routing, clock::Millis};
use daylight_db::{ConnectionTrait, DbErr, FromQueryResult, Tx, all, exec, one, scalar, values};

/// A request, as pages show it.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Line {
    /// Surrogate id.
    pub id: i64,
    /// The account.
    pub account_id: i64,
    /// Its owner's name.
    pub account: String,
    /// What its owner types to sign in.
    pub login: String,
    /// The person; none unties.
    pub cadre_id: Option<i64>,
    /// That person's name.
    pub cadre: Option<String>,
    /// Who asked.
    pub asked_by: i64,
    /// Their name.
    pub asker: String,
    /// When.
    pub asked_at: i64,
    /// Who decided.
    pub decider: Option<String>,
    /// When.
    pub decided_at: Option<i64>,
    /// How.
    pub confirmed: Option<bool>,
}

const LINE: &str = "SELECT t.id, t.account_id, a.name AS account, a.login, t.cadre_id, c.name AS cadre, \
     t.asked_by, b.name AS asker, t.asked_at, d.name AS decider, t.decided_at, t.confirmed FROM ties t \
     JOIN accounts a ON a.id = t.account_id JOIN accounts b ON b.id = t.asked_by \
     LEFT JOIN cadres c ON c.id = t.cadre_id LEFT JOIN accounts d ON d.id = t.decided_by";

/// Requests that nobody has decided, the oldest first.
pub async fn open(c: &impl ConnectionTrait) -> Result<Vec<Line>, DbErr> {
    all(c, &format!("{LINE} WHERE t.decided_at IS NULL ORDER BY t.id"), values![]).await
}

/// The last decisions.
pub async fn decided(c: &impl ConnectionTrait, limit: i64) -> Result<Vec<Line>, DbErr> {
    let sql =
        format!("{LINE} WHERE t.decided_at IS NOT NULL ORDER BY t.decided_at DESC, t.id DESC LIMIT {limit}");
    all(c, &sql, values![]).await
}

/// A request.
pub async fn get(c: &impl ConnectionTrait, id: i64) -> Result<Option<Line>, DbErr> {
    one(c, &format!("{LINE} WHERE t.id = $1"), values![id]).await
}

/// The open request for an account.
pub async fn waiting(c: &impl ConnectionTrait, account_id: i64) -> Result<Option<Line>, DbErr> {
    one(c, &format!("{LINE} WHERE t.account_id = $1 AND t.decided_at IS NULL"), values![account_id]).await
}

/// The person behind an account.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Person {
    /// The cadre.
    pub id: i64,
    /// The name.
    pub name: String,
}

/// The person behind an account; none while nobody tied it.
pub async fn behind(c: &impl ConnectionTrait, account_id: i64) -> Result<Option<Person>, DbErr> {
    let sql = "SELECT c.id, c.name FROM cadres c JOIN accounts a ON a.cadre_id = c.id WHERE a.id = $1";
    one(c, sql, values![account_id]).await
}

/// What a person holds now, for whoever has to recognize them: "青石镇纪委 书记".
pub async fn posts(c: &impl ConnectionTrait, cadre_id: i64) -> Result<Vec<String>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        unit: String,
        post: String,
    }
    let sql = "SELECT u.name AS unit, q.title AS post FROM appointments a JOIN posts q ON q.id = a.post_id \
               JOIN units u ON u.id = q.unit_id WHERE a.cadre_id = $1 AND a.until IS NULL ORDER BY a.id";
    let rows: Vec<Row> = all(c, sql, values![cadre_id]).await?;
    Ok(rows.into_iter().map(|row| format!("{} {}", row.unit, row.post)).collect())
}

/// What the rules must know of a tie.
pub async fn facts(c: &impl ConnectionTrait, account_id: i64, cadre_id: Option<i64>) -> Result<Tie, DbErr> {
    let sql = "SELECT COUNT(*) FROM accounts WHERE cadre_id = $1 AND id <> $2";
    let taken: i64 = scalar(c, sql, values![cadre_id, account_id]).await?;
    Ok(Tie {
        account_id,
        cadre_id,
        now: behind(c, account_id).await?.map(|person| person.id),
        taken: taken > 0,
        open: waiting(c, account_id).await?.is_some(),
    })
}

/// Accounts with a role in an organ that nobody tied to a person.
pub async fn untied(c: &impl ConnectionTrait) -> Result<Vec<String>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        name: String,
    }
    let sql = "SELECT DISTINCT a.id, a.name FROM accounts a JOIN grants g ON g.account_id = a.id \
               WHERE g.ended_at IS NULL AND g.organ_id IS NOT NULL AND a.disabled = $1 \
               AND a.cadre_id IS NULL ORDER BY a.id";
    let rows: Vec<Row> = all(c, sql, values![false]).await?;
    Ok(rows.into_iter().map(|row| row.name).collect())
}

/// Asks for a tie. Whether it may be asked, [`super::may_ask`] says first, under the lock "daylight ties".
pub async fn ask(
    tx: &Tx,
    account_id: i64,
    cadre_id: Option<i64>,
    by: i64,
    now: Millis,
) -> Result<i64, DbErr> {
    let sql =
        "INSERT INTO ties (account_id, cadre_id, asked_by, asked_at) VALUES ($1, $2, $3, $4) RETURNING id";
    let id = scalar(&**tx, sql, values![account_id, cadre_id, by, now]).await?;
    rows::keep(tx, &rows::TIES, account_id, now).await?;
    Ok(id)
}

/// Decides on a request; a confirmed one holds from now on. False when it was decided before.
pub async fn decide(tx: &Tx, line: &Line, confirmed: bool, by: i64, now: Millis) -> Result<bool, DbErr> {
    let sql = "UPDATE ties SET decided_by = $2, decided_at = $3, confirmed = $4 \
               WHERE id = $1 AND decided_at IS NULL";
    let changed = exec(&**tx, sql, values![line.id, by, now, confirmed]).await? == 1;
    if changed {
        rows::keep(tx, &rows::TIES, line.account_id, now).await?;
    }
    if changed && confirmed {
        routing::store::tie(tx, line.account_id, line.cadre_id).await?;
    }
    Ok(changed)
}
