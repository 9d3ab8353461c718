//! Every query on signs of manipulation: what the radar saw, what two people said, and until when a figure is held.

use super::{
    super::{number, of_number},
    rounds, voters,
};
use crate::clock::Millis;
use daylight_db::{ConnectionTrait, DbErr, FromQueryResult, Tx, all, exec, scalar, scalar_opt, values};
use daylight_ratings::{
    DAY, Day,
    ballot::{SubjectId, Voter, eligible},
    count::Tally,
    day_of,
    radar::{Burst, Flag, Sign, Watch, bursts},
    round::State,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// So long two people have to look into a sign; then all ballots count.
pub const TERM: Millis = 14 * DAY;
/// Days that the radar looks back: the longest span, and as many before it.
const BACK: Day = 57;

/// A sign as it is kept.
#[derive(Clone, Debug)]
pub struct Kept {
    /// Surrogate id.
    pub id: i64,
    /// Its round.
    pub round_id: i64,
    /// The sign, and who said what.
    pub flag: Flag,
    /// What was seen.
    pub burst: Burst,
}

#[derive(Serialize, Deserialize)]
struct Content {
    flag: Flag,
    burst: Burst,
}

#[derive(FromQueryResult)]
struct Row {
    id: i64,
    round_id: i64,
    content: String,
}

fn damaged(error: serde_json::Error) -> DbErr {
    DbErr::Custom(format!("a sign of manipulation: {error}"))
}

fn read(row: Row) -> Result<Kept, DbErr> {
    let Content { flag, burst } = serde_json::from_str(&row.content).map_err(damaged)?;
    Ok(Kept { id: row.id, round_id: row.round_id, flag, burst })
}

fn write(flag: &Flag, burst: Burst) -> Result<String, DbErr> {
    serde_json::to_string(&Content { flag: flag.clone(), burst }).map_err(damaged)
}

/// All signs, the newest first.
pub async fn list(c: &impl ConnectionTrait) -> Result<Vec<Kept>, DbErr> {
    let sql = "SELECT id, round_id, content FROM rating_flags ORDER BY id DESC LIMIT 500";
    all::<Row>(c, sql, values![]).await?.into_iter().map(read).collect()
}

/// A sign.
pub async fn get(c: &impl ConnectionTrait, id: i64) -> Result<Option<Kept>, DbErr> {
    let sql = "SELECT id, round_id, content FROM rating_flags WHERE id = $1";
    daylight_db::one::<Row>(c, sql, values![id]).await?.map(read).transpose()
}

/// The signs about a subject in a round, in the order in which they were seen.
pub async fn of_subject(
    c: &impl ConnectionTrait,
    round: i64,
    subject: SubjectId,
) -> Result<Vec<Kept>, DbErr> {
    let sql =
        "SELECT id, round_id, content FROM rating_flags WHERE round_id = $1 AND subject = $2 ORDER BY id";
    all::<Row>(c, sql, values![round, number(subject)]).await?.into_iter().map(read).collect()
}

/// Keeps what was said to a sign; the figure is free again when it is decided. Callers hold the round.
pub async fn save(tx: &Tx, kept: &Kept, now: Millis) -> Result<(), DbErr> {
    let content = write(&kept.flag, kept.burst)?;
    exec(&**tx, "UPDATE rating_flags SET content = $2 WHERE id = $1", values![kept.id, content]).await?;
    if !kept.flag.holds(now) {
        let sql = "UPDATE rating_subjects SET held_until = NULL WHERE round_id = $1 AND subject = $2";
        exec(&**tx, sql, values![kept.round_id, number(kept.flag.subject)]).await?;
    }
    Ok(())
}

/// Looks at the days that are over since it was last done. How many signs were raised; none when there is nothing to look at.
pub async fn look(tx: &Tx, id: i64, watch: &Watch, now: Millis) -> Result<Option<usize>, DbErr> {
    rounds::hold(tx, id).await?;
    let Some(kept) = rounds::get(&**tx, id).await?.filter(|kept| kept.round.state == State::Open) else {
        return Ok(None);
    };
    let (today, from) = (day_of(now), kept.looked.max(day_of(kept.round.opens)));
    if from >= today {
        return Ok(None);
    }
    exec(&**tx, "UPDATE rating_rounds SET looked = $2 WHERE id = $1", values![id, today]).await?;
    let first = day_of(kept.round.opens).max(today - BACK);
    let daily = daily(tx, id, first, today).await?;
    let peers = peers(tx, id, &daily, usize::try_from(today - first).unwrap_or_default()).await?;
    let mut raised = 0;
    for (subject, (class, counts)) in daily {
        let among = peers.get(&class).map_or_else(Vec::new, |class| class.without(&counts));
        let found = bursts(watch, first, &counts, &among).into_iter().rfind(|burst| burst.day >= from);
        let Some(burst) = found else { continue };
        raised += usize::from(raise(tx, id, of_number(subject), burst, now).await?);
    }
    Ok(Some(raised))
}

type Daily = BTreeMap<i64, (String, Vec<i64>)>;

/// How many ballots came about each subject on each day.
async fn daily(tx: &Tx, id: i64, first: Day, today: Day) -> Result<Daily, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        subject: i64,
        class: String,
        day: i64,
        tally: Vec<u8>,
    }
    let sql = "SELECT s.subject, s.class, t.day, t.tally FROM rating_tallies t \
               JOIN rating_subjects s ON s.round_id = t.round_id AND s.subject = t.key \
               WHERE t.round_id = $1 AND t.grain = 3 AND t.day >= $2 AND t.day < $3";
    let rows: Vec<Row> = all(&**tx, sql, values![id, first, today]).await?;
    let days = usize::try_from(today - first).unwrap_or_default();
    let mut found = Daily::new();
    for row in rows {
        let tally = Tally::decode(&row.tally).map_err(|error| DbErr::Custom(error.to_string()))?;
        let (_, counts) = found.entry(row.subject).or_insert_with(|| (row.class, vec![0; days]));
        if let Some(count) = usize::try_from(row.day - first).ok().and_then(|at| counts.get_mut(at)) {
            *count += tally.all().n;
        }
    }
    Ok(found)
}

/// What came on each day about all subjects of a class.
struct Class {
    subjects: i64,
    daily: Vec<i64>,
}

impl Class {
    /// The others' average, without whoever is looked at: a flood must not hide behind itself. Empty where there are none.
    fn without(&self, own: &[i64]) -> Vec<f64> {
        let others = self.subjects - 1;
        if others < 1 {
            return Vec::new();
        }
        self.daily.iter().zip(own).map(|(all, own)| (all - own) as f64 / others as f64).collect()
    }
}

async fn peers(tx: &Tx, id: i64, daily: &Daily, days: usize) -> Result<BTreeMap<String, Class>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        class: String,
        count: i64,
    }
    let sql = "SELECT class, COUNT(*) AS count FROM rating_subjects WHERE round_id = $1 GROUP BY class";
    let rows: Vec<Row> = all(&**tx, sql, values![id]).await?;
    let class = |row: Row| (row.class, Class { subjects: row.count, daily: vec![0; days] });
    let mut found: BTreeMap<String, Class> = rows.into_iter().map(class).collect();
    for (class, counts) in daily.values() {
        if let Some(class) = found.get_mut(class) {
            class.daily.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
        }
    }
    Ok(found)
}

/// Raises a sign and holds the figure, unless one is being looked into or these days were.
async fn raise(tx: &Tx, id: i64, subject: SubjectId, burst: Burst, now: Millis) -> Result<bool, DbErr> {
    let known = of_subject(&**tx, id, subject).await?;
    if known.iter().any(|kept| kept.flag.holds(now) || kept.burst.day > burst.day - burst.span) {
        return Ok(false);
    }
    let flag = Flag::raise(subject, Sign::Burst, now, TERM);
    let sql = "INSERT INTO rating_flags (round_id, subject, content) VALUES ($1, $2, $3) RETURNING id";
    let _: i64 = scalar(&**tx, sql, values![id, number(subject), write(&flag, burst)?]).await?;
    let sql = "UPDATE rating_subjects SET held_until = $3 WHERE round_id = $1 AND subject = $2";
    exec(&**tx, sql, values![id, number(subject), flag.until]).await?;
    Ok(true)
}

/// Whether anything ties an account to a subject: it is themselves, a relative, somebody above, or they stay out of it.
pub async fn conflict(
    c: &impl ConnectionTrait,
    account: i64,
    round: i64,
    subject: SubjectId,
) -> Result<bool, DbErr> {
    let behind: Option<i64> = scalar_opt(
        c,
        "SELECT cadre_id FROM accounts WHERE id = $1 AND cadre_id IS NOT NULL",
        values![account],
    )
    .await?;
    let voter = match behind {
        Some(cadre) => voters::of_cadre(c, cadre).await?,
        None => Voter::default(),
    };
    if eligible(&voter, &voters::subject(c, subject).await?).is_err() {
        return Ok(true);
    }
    let cadre = match subject {
        SubjectId::Cadre(id) => id,
        SubjectId::Power(_) => 0,
    };
    let sql = "SELECT COUNT(*) FROM recusals WHERE account_id = $1 AND ended_at IS NULL AND (cadre_id = $2 OR unit_id = \
               (SELECT unit_id FROM rating_subjects WHERE round_id = $3 AND subject = $4))";
    Ok(scalar::<i64>(c, sql, values![account, cadre, round, number(subject)]).await? > 0)
}
