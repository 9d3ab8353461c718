//! Every query on rounds.

use super::super::{number, subject::of_number};
use crate::clock::Millis;
use daylight_db::{ConnectionTrait, DbErr, FromQueryResult, Tx, all, exec, one, scalar, values};
use daylight_ratings::{
    ballot::SubjectId,
    indicators::Questions,
    round::{Round, State},
};

/// A round with its number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Surrogate id.
    pub id: i64,
    /// What it is.
    pub round: Round,
    /// When its key was destroyed.
    pub key_gone_at: Option<Millis>,
    /// The last fixed time at which its figures were looked at.
    pub slot: i64,
    /// The day before which the radar has looked.
    pub looked: i64,
    /// When a recount found something else than the roll-ups.
    pub wrong_at: Option<Millis>,
}

#[derive(FromQueryResult)]
struct Row {
    id: i64,
    content: String,
    key_gone_at: Option<i64>,
    slot: i64,
    looked: i64,
    wrong_at: Option<i64>,
}

const KEPT: &str = "SELECT id, content, key_gone_at, slot, looked, wrong_at FROM rating_rounds";

fn damaged(error: serde_json::Error) -> DbErr {
    DbErr::Custom(format!("a round: {error}"))
}

fn read(row: Row) -> Result<Kept, DbErr> {
    let Row { id, key_gone_at, slot, looked, wrong_at, .. } = row;
    Ok(Kept { id, round: content(&row.content)?, key_gone_at, slot, looked, wrong_at })
}

/// Reads the column of the same name.
pub(super) fn content(text: &str) -> Result<Round, DbErr> {
    serde_json::from_str(text).map_err(damaged)
}

/// The word in the table.
fn word(state: State) -> String {
    serde_json::to_value(state).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default()
}

/// All rounds, the newest first.
pub async fn list(c: &impl ConnectionTrait) -> Result<Vec<Kept>, DbErr> {
    all::<Row>(c, &format!("{KEPT} ORDER BY id DESC"), values![]).await?.into_iter().map(read).collect()
}

/// A round.
pub async fn get(c: &impl ConnectionTrait, id: i64) -> Result<Option<Kept>, DbErr> {
    one::<Row>(c, &format!("{KEPT} WHERE id = $1"), values![id]).await?.map(read).transpose()
}

/// Notes a new round.
pub async fn add(tx: &Tx, round: &Round) -> Result<i64, DbErr> {
    let content = serde_json::to_string(round).map_err(damaged)?;
    let sql =
        "INSERT INTO rating_rounds (content, state, opens, closes) VALUES ($1, $2, $3, $4) RETURNING id";
    scalar(&**tx, sql, values![content, word(round.state), round.opens, round.closes]).await
}

/// Keeps what became of a round. Callers hold [`hold`].
pub async fn save(tx: &Tx, id: i64, round: &Round) -> Result<(), DbErr> {
    let content = serde_json::to_string(round).map_err(damaged)?;
    let sql = "UPDATE rating_rounds SET content = $2, state = $3, opens = $4, closes = $5 WHERE id = $1";
    exec(&**tx, sql, values![id, content, word(round.state), round.opens, round.closes]).await.map(drop)
}

/// Nobody else changes a round or hands ballots in until the end of the transaction.
pub async fn hold(tx: &Tx, id: i64) -> Result<(), DbErr> {
    tx.lock(&format!("daylight ratings {id}")).await
}

/// What a citizen is asked about somebody now.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The round.
    pub round: i64,
    /// Its name.
    pub name: String,
    /// Until when.
    pub closes: Millis,
    /// Path of the unit with which the subject is counted.
    pub path: String,
    /// The questions, as they were when the round opened.
    pub questions: Questions,
}

/// The open round that asks about a subject.
pub async fn asked(
    c: &impl ConnectionTrait,
    subject: SubjectId,
    now: Millis,
) -> Result<Option<Asked>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        content: String,
        path: String,
        questions: String,
    }
    let sql = "SELECT r.id, r.content, s.path, t.content AS questions FROM rating_subjects s \
               JOIN rating_rounds r ON r.id = s.round_id \
               JOIN rating_templates t ON t.round_id = s.round_id AND t.target = s.target \
               WHERE s.subject = $1 AND r.state = 'open' ORDER BY r.id LIMIT 1";
    let Some(row) = one::<Row>(c, sql, values![number(subject)]).await? else { return Ok(None) };
    let round = content(&row.content)?;
    if !round.takes_ballots(now) {
        return Ok(None);
    }
    let questions = serde_json::from_str(&row.questions).map_err(damaged)?;
    Ok(Some(Asked { round: row.id, name: round.name, closes: round.closes, path: row.path, questions }))
}

/// What was asked about a subject in a round.
pub async fn questions(
    c: &impl ConnectionTrait,
    round: i64,
    subject: SubjectId,
) -> Result<Option<Questions>, DbErr> {
    let sql = "SELECT t.content FROM rating_subjects s \
               JOIN rating_templates t ON t.round_id = s.round_id AND t.target = s.target \
               WHERE s.round_id = $1 AND s.subject = $2";
    let found: Option<String> = daylight_db::scalar_opt(c, sql, values![round, number(subject)]).await?;
    found.map(|text| serde_json::from_str(&text).map_err(damaged)).transpose()
}

/// Notes that a recount found something else than the roll-ups.
pub async fn note_wrong(tx: &Tx, id: i64, now: Millis) -> Result<(), DbErr> {
    exec(&**tx, "UPDATE rating_rounds SET wrong_at = $2 WHERE id = $1", values![id, now]).await.map(drop)
}

/// The name of the unit with a path; "/" is none.
pub async fn place_name(c: &impl ConnectionTrait, path: &str) -> Result<Option<String>, DbErr> {
    daylight_db::scalar_opt(c, "SELECT name FROM units WHERE path = $1", values![path]).await
}

/// How many cadres and powers a round asks about.
pub async fn subjects(c: &impl ConnectionTrait, id: i64) -> Result<(i64, i64), DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        subject: i64,
    }
    let sql = "SELECT subject FROM rating_subjects WHERE round_id = $1";
    let rows: Vec<Row> = all(c, sql, values![id]).await?;
    let cadres = rows.iter().filter(|row| matches!(of_number(row.subject), SubjectId::Cadre(_))).count();
    Ok((cadres as i64, (rows.len() - cadres) as i64))
}
