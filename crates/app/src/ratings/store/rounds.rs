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
}

#[derive(FromQueryResult)]
struct Row {
    id: i64,
    content: String,
    key_gone_at: Option<i64>,
}

fn damaged(error: serde_json::Error) -> DbErr {
    DbErr::Custom(format!("a round: {error}"))
}

fn read(row: Row) -> Result<Kept, DbErr> {
    let round = serde_json::from_str(&row.content).map_err(damaged)?;
    Ok(Kept { id: row.id, round, key_gone_at: row.key_gone_at })
}

/// The word in the table.
fn word(state: State) -> String {
    serde_json::to_value(state).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default()
}

/// All rounds, the newest first.
pub async fn list(c: &impl ConnectionTrait) -> Result<Vec<Kept>, DbErr> {
    let sql = "SELECT id, content, key_gone_at FROM rating_rounds ORDER BY id DESC";
    all::<Row>(c, sql, values![]).await?.into_iter().map(read).collect()
}

/// A round.
pub async fn get(c: &impl ConnectionTrait, id: i64) -> Result<Option<Kept>, DbErr> {
    let sql = "SELECT id, content, key_gone_at FROM rating_rounds WHERE id = $1";
    one::<Row>(c, sql, values![id]).await?.map(read).transpose()
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
        questions: String,
    }
    let sql = "SELECT r.id, r.content, t.content AS questions FROM rating_subjects s \
               JOIN rating_rounds r ON r.id = s.round_id \
               JOIN rating_templates t ON t.round_id = s.round_id AND t.target = s.target \
               WHERE s.subject = $1 AND r.state = 'open' ORDER BY r.id LIMIT 1";
    let Some(row) = one::<Row>(c, sql, values![number(subject)]).await? else { return Ok(None) };
    let round: Round = serde_json::from_str(&row.content).map_err(damaged)?;
    if !round.takes_ballots(now) {
        return Ok(None);
    }
    let questions = serde_json::from_str(&row.questions).map_err(damaged)?;
    Ok(Some(Asked { round: row.id, name: round.name, closes: round.closes, questions }))
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
