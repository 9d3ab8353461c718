//! Every query on what is shown: figures change at fixed times, in batches, and this table is all that pages read.

use super::{
    super::{number, of_number},
    rounds,
};
use crate::clock::Millis;
use daylight_db::{ConnectionTrait, DbErr, FromQueryResult, Tx, all, exec, insert_many, one, values};
use daylight_ratings::{
    ballot::SubjectId,
    count::{Sums, Tally},
    release::pace::{Released, Wait},
    round::{Round, State},
    score::{self, Peers, Score, band},
};
use std::collections::BTreeMap;

/// A subject before a release.
struct Live {
    subject: i64,
    class: String,
    /// How many releases it had.
    release: i64,
    held: bool,
    shown: Option<Released>,
    /// Beside what is shown.
    peers: Option<Peers>,
    tally: Tally,
}

impl Live {
    fn sums(&self) -> Option<Sums> {
        self.shown.map(|shown| shown.sums)
    }
}

fn damaged() -> DbErr {
    DbErr::Custom("a release or a roll-up is damaged".into())
}

fn read_peers(text: Option<String>) -> Result<Option<Peers>, DbErr> {
    text.map(|text| serde_json::from_str(&text).map_err(|_| damaged())).transpose()
}

/// Brings what is shown of an open round up to the fixed time that has come. How many figures changed; none when that time
/// was served before.
pub async fn at_fixed_time(tx: &Tx, id: i64, now: Millis) -> Result<Option<usize>, DbErr> {
    rounds::hold(tx, id).await?;
    let Some(kept) = rounds::get(&**tx, id).await?.filter(|kept| kept.round.state == State::Open) else {
        return Ok(None);
    };
    let pace = kept.round.pace;
    let slot = pace.slot(now);
    if slot <= kept.slot {
        return Ok(None);
    }
    let sql = "UPDATE rating_rounds SET slot = $2 WHERE id = $1";
    exec(&**tx, sql, values![id, slot]).await?;
    step(tx, id, &kept.round, pace.starts(slot), false).await.map(Some)
}

/// The last release of a round that is over: the least batch, and no growth. Callers hold the round.
pub(super) async fn at_the_end(tx: &Tx, id: i64, round: &Round, now: Millis) -> Result<usize, DbErr> {
    step(tx, id, round, now, true).await
}

async fn step(tx: &Tx, id: i64, round: &Round, at: Millis, closed: bool) -> Result<usize, DbErr> {
    let mut subjects = live(tx, id, at).await?;
    let mut changed = Vec::new();
    for (place, one) in subjects.iter_mut().enumerate() {
        match round.pace.release(one.shown.as_ref(), &one.tally, (true, one.held, closed)) {
            Ok(released) => one.shown = Some(released),
            Err(Wait::Withdrawn) => one.shown = None,
            Err(Wait::Time | Wait::Floor | Wait::Batch | Wait::Held) => continue,
        }
        one.release += 1;
        one.tally.touched = 0;
        changed.push(place);
    }
    let mut classes: BTreeMap<&str, Vec<Sums>> = BTreeMap::new();
    for one in &subjects {
        classes.entry(&one.class).or_default().extend(one.sums());
    }
    let peers: BTreeMap<String, Option<Peers>> =
        classes.into_iter().map(|(class, sums)| (class.to_owned(), Peers::of(sums))).collect();
    for place in &changed {
        let one = &mut subjects[*place];
        one.peers = peers.get(&one.class).copied().flatten();
    }
    keep(tx, id, at, changed.iter().map(|place| &subjects[*place])).await?;
    bands(tx, id, &subjects).await?;
    Ok(changed.len())
}

/// Those who were rated at all.
async fn live(tx: &Tx, id: i64, at: Millis) -> Result<Vec<Live>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        subject: i64,
        class: String,
        release: i64,
        held_until: Option<i64>,
        tally: Vec<u8>,
        n: Option<i64>,
        sum: Option<i64>,
        squares: Option<i64>,
        peers: Option<String>,
    }
    let sql = "SELECT s.subject, s.class, s.release, s.held_until, t.tally, r.n, r.sum, r.squares, r.peers \
               FROM rating_subjects s \
               JOIN rating_tallies t ON t.round_id = s.round_id AND t.grain = 0 AND t.key = s.subject AND t.day = 0 \
               LEFT JOIN rating_releases r ON r.round_id = s.round_id AND r.subject = s.subject \
                AND r.number = s.release AND r.n > 0 \
               WHERE s.round_id = $1 ORDER BY s.subject";
    let rows: Vec<Row> = all(&**tx, sql, values![id]).await?;
    let read = |row: Row| {
        let shown = row.n.zip(row.sum).zip(row.squares).map(|((n, sum), squares)| Sums { n, sum, squares });
        Ok(Live {
            subject: row.subject,
            class: row.class,
            release: row.release,
            held: row.held_until.is_some_and(|until| until > at),
            shown: shown.map(|sums| Released { number: row.release, sums }),
            peers: read_peers(row.peers)?,
            tally: Tally::decode(&row.tally).map_err(|_| damaged())?,
        })
    };
    rows.into_iter().map(read).collect()
}

async fn keep(tx: &Tx, id: i64, at: Millis, changed: impl Iterator<Item = &Live>) -> Result<(), DbErr> {
    let mut rows = Vec::new();
    for one in changed {
        let sums = one.sums().unwrap_or_default();
        let peers = one.peers.map(|peers| serde_json::to_string(&peers).unwrap_or_default());
        rows.push(values![id, one.subject, one.release, at, sums.n, sums.sum, sums.squares, peers]);
        let sql = "UPDATE rating_subjects SET release = $3 WHERE round_id = $1 AND subject = $2";
        exec(&**tx, sql, values![id, one.subject, one.release]).await?;
        let tally = one.tally.encode().map_err(|_| damaged())?;
        let sql =
            "UPDATE rating_tallies SET tally = $3 WHERE round_id = $1 AND grain = 0 AND key = $2 AND day = 0";
        exec(&**tx, sql, values![id, one.subject, tally]).await?;
    }
    let columns = ["round_id", "subject", "number", "at", "n", "sum", "squares", "peers"];
    insert_many(&**tx, "rating_releases", &columns, rows).await
}

/// Where the peers of each class stand, by what is shown of them.
async fn bands(tx: &Tx, id: i64, subjects: &[Live]) -> Result<(), DbErr> {
    let mut classes: BTreeMap<&str, Vec<_>> = BTreeMap::new();
    for one in subjects {
        let figure = one.sums().and_then(|sums| score::score(sums, one.peers)).map(|score| score.figure());
        classes.entry(&one.class).or_default().extend(figure);
    }
    exec(&**tx, "DELETE FROM rating_bands WHERE round_id = $1", values![id]).await?;
    let row =
        |(class, figures): (&str, Vec<_>)| band(figures).map(|(low, high)| values![id, class, low, high]);
    let rows = classes.into_iter().filter_map(row).collect();
    insert_many(&**tx, "rating_bands", &["round_id", "class", "low", "high"], rows).await
}

/// What is shown of a subject in a round.
#[derive(Clone, Debug)]
pub struct Shown {
    /// The round.
    pub round_id: i64,
    /// What it is.
    pub round: Round,
    /// The post class; empty for a power.
    pub class: String,
    /// Since when.
    pub at: Millis,
    /// The figure and what made it.
    pub score: Score,
    /// Between which scores the middle of the class stands.
    pub band: Option<(i64, i64)>,
}

#[derive(FromQueryResult)]
struct ShownRow {
    round_id: i64,
    content: String,
    subject: i64,
    class: String,
    at: i64,
    n: i64,
    sum: i64,
    squares: i64,
    peers: Option<String>,
    low: Option<i64>,
    high: Option<i64>,
}

/// Rows of what is shown now, as a subject's row in a round points to it.
const SHOWN: &str = "SELECT s.round_id, o.content, s.subject, s.class, r.at, r.n, r.sum, r.squares, r.peers, b.low, b.high \
     FROM rating_subjects s JOIN rating_rounds o ON o.id = s.round_id \
     JOIN rating_releases r ON r.round_id = s.round_id AND r.subject = s.subject AND r.number = s.release AND r.n > 0 \
     LEFT JOIN rating_bands b ON b.round_id = s.round_id AND b.class = s.class";

fn shown(row: ShownRow) -> Result<(SubjectId, Shown), DbErr> {
    let sums = Sums { n: row.n, sum: row.sum, squares: row.squares };
    let shown = Shown {
        round_id: row.round_id,
        round: rounds::content(&row.content)?,
        class: row.class,
        at: row.at,
        score: score::score(sums, read_peers(row.peers)?).ok_or_else(damaged)?,
        band: row.low.zip(row.high),
    };
    Ok((of_number(row.subject), shown))
}

/// What is shown of a subject, the newest round first.
pub async fn of_subject(c: &impl ConnectionTrait, subject: SubjectId) -> Result<Vec<Shown>, DbErr> {
    let sql = format!("{SHOWN} WHERE s.subject = $1 ORDER BY s.round_id DESC");
    let rows: Vec<ShownRow> = all(c, &sql, values![number(subject)]).await?;
    rows.into_iter().map(|row| Ok(shown(row)?.1)).collect()
}

/// What is shown of the subjects of a unit in a round.
pub async fn of_unit(
    c: &impl ConnectionTrait,
    round: i64,
    unit: i64,
) -> Result<BTreeMap<SubjectId, Shown>, DbErr> {
    let sql = format!("{SHOWN} WHERE s.round_id = $1 AND s.unit_id = $2");
    let rows: Vec<ShownRow> = all(c, &sql, values![round, unit]).await?;
    rows.into_iter().map(shown).collect()
}

/// The figures of a subject in a round, one after the other; none where it was taken away.
pub async fn course(
    c: &impl ConnectionTrait,
    round: i64,
    subject: SubjectId,
) -> Result<Vec<(Millis, Option<Score>)>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        at: i64,
        n: i64,
        sum: i64,
        squares: i64,
        peers: Option<String>,
    }
    let sql = "SELECT at, n, sum, squares, peers FROM rating_releases WHERE round_id = $1 AND subject = $2 ORDER BY number";
    let rows: Vec<Row> = all(c, sql, values![round, number(subject)]).await?;
    let read = |row: Row| {
        let sums = Sums { n: row.n, sum: row.sum, squares: row.squares };
        Ok((row.at, score::score(sums, read_peers(row.peers)?)))
    };
    rows.into_iter().map(read).collect()
}

/// The roll-up behind the last figure of a round that was published; none when ballots are counted in it that the figure
/// does not hold, for one beside the other would tell of those.
pub async fn last_tally(
    c: &impl ConnectionTrait,
    shown: &Shown,
    subject: SubjectId,
) -> Result<Option<Tally>, DbErr> {
    let tally = super::ballots::tally(c, shown.round_id, subject).await?;
    let whole = shown.round.state == State::Published && tally.touched == 0 && tally.all().n == shown.score.n;
    Ok(whole.then_some(tally))
}

/// The rounds that asked or ask about a unit's subjects, the newest first.
pub async fn rounds_of_unit(c: &impl ConnectionTrait, unit: i64) -> Result<Vec<rounds::Kept>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        round_id: i64,
    }
    let sql =
        "SELECT DISTINCT s.round_id FROM rating_subjects s WHERE s.unit_id = $1 ORDER BY s.round_id DESC";
    let rows: Vec<Row> = all(c, sql, values![unit]).await?;
    let mut found = Vec::new();
    for row in rows {
        found.extend(rounds::get(c, row.round_id).await?);
    }
    Ok(found)
}

/// A subject of a unit, with its name.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Named {
    /// Its number in tables.
    pub subject: i64,
    /// Name of the cadre or the power.
    pub name: String,
}

/// The subjects of a unit that a round asks about, in the order of the register, never of their figures.
pub async fn subjects_of_unit(c: &impl ConnectionTrait, round: i64, unit: i64) -> Result<Vec<Named>, DbErr> {
    let sql = "SELECT s.subject, COALESCE(k.name, p.name) AS name FROM rating_subjects s \
               LEFT JOIN cadres k ON s.subject % 2 = 0 AND k.id = s.subject / 2 AND k.revision_id IS NOT NULL \
               LEFT JOIN powers p ON s.subject % 2 = 1 AND p.id = s.subject / 2 AND p.revision_id IS NOT NULL \
               WHERE s.round_id = $1 AND s.unit_id = $2 AND COALESCE(k.name, p.name) IS NOT NULL \
               ORDER BY s.subject % 2, s.subject";
    all(c, sql, values![round, unit]).await
}

/// The sum of a unit and everything below it after the close; 0 is everything.
#[derive(Clone, Copy, Debug, FromQueryResult)]
pub struct MarginRow {
    /// Ballots.
    pub n: i64,
    /// Sum of values.
    pub sum: i64,
    /// Sum of their squares.
    pub squares: i64,
    /// Subjects shown by themselves.
    pub subjects: i64,
    /// Subjects shown only together.
    pub pooled: i64,
    /// Subjects not in it.
    pub left_out: i64,
}

/// See [`MarginRow`].
pub async fn margin(c: &impl ConnectionTrait, round: i64, unit: i64) -> Result<Option<MarginRow>, DbErr> {
    let sql = "SELECT n, sum, squares, subjects, pooled, left_out FROM rating_margins \
               WHERE round_id = $1 AND unit_id = $2";
    one(c, sql, values![round, unit]).await
}
