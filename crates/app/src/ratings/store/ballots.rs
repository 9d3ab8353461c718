//! Every query on ballots and their roll-ups.

use super::{
    super::{
        ballot_box::{Counted, Slip},
        number, of_number,
    },
    rounds,
};
use crate::clock::Millis;
use daylight_db::{ConnectionTrait, DbErr, Engine, FromQueryResult, Tx, Value, all, exec, values};
use daylight_ratings::{
    ballot::{Ballot, Block},
    count::{Act, Changes, Grain, Place, Row, Sums, Tally},
    day_of,
};
use std::collections::{BTreeMap, BTreeSet};

/// Takes ballots down with their roll-ups. One answer for each; nothing is kept unless the caller commits.
pub async fn take(tx: &Tx, slips: &[Slip], now: Millis) -> Result<Vec<Counted>, DbErr> {
    let mut counted = vec![Counted::Closed; slips.len()];
    let rounds: BTreeSet<_> = slips.iter().map(|slip| slip.round).collect();
    for round in rounds {
        // Several servers commit in turn, and a round that closes waits, or is waited for.
        rounds::hold(tx, round).await?;
        let kept = rounds::get(&**tx, round).await?;
        if kept.is_some_and(|kept| kept.round.takes_ballots(now)) {
            let mine: Vec<_> = slips.iter().enumerate().filter(|(_, slip)| slip.round == round).collect();
            take_of_round(tx, round, &mine, now, &mut counted).await?;
        }
    }
    Ok(counted)
}

/// A ballot as it is kept.
#[derive(Clone, Copy)]
struct Kept {
    ballot: Ballot,
    release: i64,
    barred: bool,
}

async fn take_of_round(
    tx: &Tx,
    round: i64,
    slips: &[(usize, &Slip)],
    now: Millis,
    counted: &mut [Counted],
) -> Result<(), DbErr> {
    let places = places(tx, round, slips).await?;
    let mut kept = kept(tx, round, slips).await?;
    let (mut changes, mut touched) = (Changes::default(), BTreeSet::new());
    for (at, slip) in slips {
        let Some((place, release)) = places.get(&number(slip.subject)).copied() else { continue };
        let key = (number(slip.subject), slip.token.0);
        let before = kept.get(&key).copied();
        counted[*at] = if before.is_some() { Counted::Changed } else { Counted::New };
        let act = match before {
            None => Act::Cast { new: slip.ballot },
            // It does not count, whatever it says; who learns that learns nothing of use.
            Some(before) if before.barred => continue,
            Some(before) => {
                Act::Change { old: before.ballot, new: slip.ballot, fresh: before.release == release }
            }
        };
        changes.note(round, slip.subject, place, day_of(now), act);
        kept.insert(key, Kept { ballot: slip.ballot, release, barred: false });
        touched.insert(key);
    }
    let rows = touched.iter().filter_map(|key| kept.get(key).map(|kept| (key, kept)));
    put(tx, round, rows).await?;
    add(tx, &changes).await
}

/// `VALUES` of so many rows of these types, numbered after `$1`. Padded by the caller to a power of two, so that few
/// texts are ever prepared.
fn table(types: &[&str], rows: usize) -> String {
    let row = |at: usize| {
        let cell = |(column, of): (usize, &&str)| format!("CAST(${} AS {of})", 2 + at * types.len() + column);
        format!("({})", types.iter().enumerate().map(cell).collect::<Vec<_>>().join(", "))
    };
    (0..rows).map(row).collect::<Vec<_>>().join(", ")
}

fn bytes(tx: &Tx) -> &'static str {
    match tx.engine() {
        Engine::Sqlite => "BLOB",
        Engine::Postgres => "BYTEA",
    }
}

fn padded<T: Clone>(mut rows: Vec<T>) -> Vec<T> {
    if let Some(last) = rows.last().cloned() {
        rows.resize(rows.len().next_power_of_two(), last);
    }
    rows
}

async fn places(tx: &Tx, round: i64, slips: &[(usize, &Slip)]) -> Result<BTreeMap<i64, (Place, i64)>, DbErr> {
    #[derive(FromQueryResult)]
    struct Found {
        subject: i64,
        unit_id: i64,
        division_id: i64,
        release: i64,
    }
    let subjects: BTreeSet<_> = slips.iter().map(|(_, slip)| number(slip.subject)).collect();
    let subjects = padded(subjects.into_iter().collect());
    let sql = format!(
        "SELECT s.subject, s.unit_id, s.division_id, s.release FROM (VALUES {}) AS v \
         JOIN rating_subjects s ON s.round_id = $1 AND s.subject = v.column1",
        table(&["BIGINT"], subjects.len())
    );
    let mut bound: Vec<Value> = values![round];
    bound.extend(subjects.into_iter().map(Value::from));
    let found: Vec<Found> = all(&**tx, &sql, bound).await?;
    let place = |row: &Found| Place { unit: row.unit_id, division: row.division_id };
    Ok(found.into_iter().map(|row| (row.subject, (place(&row), row.release))).collect())
}

async fn kept(
    tx: &Tx,
    round: i64,
    slips: &[(usize, &Slip)],
) -> Result<BTreeMap<(i64, [u8; 16]), Kept>, DbErr> {
    #[derive(FromQueryResult)]
    struct Found {
        subject: i64,
        token: Vec<u8>,
        bits: i64,
        release: i64,
        barred: bool,
    }
    let keys: BTreeSet<_> = slips.iter().map(|(_, slip)| (number(slip.subject), slip.token.0)).collect();
    let keys = padded(keys.into_iter().collect());
    let sql = format!(
        "SELECT b.subject, b.token, b.bits, b.release, b.barred FROM (VALUES {}) AS v \
         JOIN rating_ballots b ON b.round_id = $1 AND b.subject = v.column1 AND b.token = v.column2",
        table(&["BIGINT", bytes(tx)], keys.len())
    );
    let mut bound: Vec<Value> = values![round];
    bound.extend(keys.into_iter().flat_map(|(subject, token)| values![subject, token.to_vec()]));
    let found: Vec<Found> = all(&**tx, &sql, bound).await?;
    let read = |row: Found| {
        let ballot = u32::try_from(row.bits).ok().and_then(Ballot::unpack)?;
        let token = row.token.try_into().ok()?;
        Some(((row.subject, token), Kept { ballot, release: row.release, barred: row.barred }))
    };
    found.into_iter().map(|row| read(row).ok_or_else(damaged)).collect()
}

fn damaged() -> DbErr {
    DbErr::Custom("a ballot or a roll-up is damaged".into())
}

async fn put(
    tx: &Tx,
    round: i64,
    rows: impl Iterator<Item = (&(i64, [u8; 16]), &Kept)>,
) -> Result<(), DbErr> {
    let mut bound: Vec<Value> = Vec::new();
    let mut places = Vec::new();
    for ((subject, token), kept) in rows {
        let first = bound.len() + 1;
        let [a, b, c, d, e, f] = std::array::from_fn(|at| first + at);
        places.push(format!("(${a}, ${b}, ${c}, ${d}, ${e}, ${f})"));
        let bits = i64::from(kept.ballot.pack());
        bound.extend(values![round, *subject, token.to_vec(), bits, kept.release, kept.barred]);
    }
    if places.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "INSERT INTO rating_ballots (round_id, subject, token, bits, release, barred) VALUES {} \
         ON CONFLICT (round_id, subject, token) DO UPDATE SET bits = excluded.bits, release = excluded.release",
        places.join(", ")
    );
    exec(&**tx, &sql, bound).await.map(drop)
}

/// Grain, key and day of a row.
fn place(grain: Grain) -> (i64, i64, i64) {
    match grain {
        Grain::Subject(subject) => (0, number(subject), 0),
        Grain::Unit(id) => (1, id, 0),
        Grain::Division(id) => (2, id, 0),
        Grain::Day(subject, day) => (3, number(subject), day),
    }
}

async fn add(tx: &Tx, changes: &Changes) -> Result<(), DbErr> {
    #[derive(FromQueryResult)]
    struct Found {
        grain: i64,
        key: i64,
        day: i64,
        tally: Vec<u8>,
    }
    let Some((Row { round, .. }, _)) = changes.rows().next() else { return Ok(()) };
    let rows: Vec<_> = changes.rows().map(|(row, _)| place(row.grain)).collect();
    let asked = padded(rows);
    let sql = format!(
        "SELECT t.grain, t.key, t.day, t.tally FROM (VALUES {}) AS v JOIN rating_tallies t \
         ON t.round_id = $1 AND t.grain = v.column1 AND t.key = v.column2 AND t.day = v.column3",
        table(&["BIGINT"; 3], asked.len())
    );
    let mut bound: Vec<Value> = values![*round];
    bound.extend(asked.into_iter().flat_map(|(grain, key, day)| values![grain, key, day]));
    let found: Vec<Found> = all(&**tx, &sql, bound).await?;
    let mut tallies = BTreeMap::new();
    for row in found {
        let tally = Tally::decode(&row.tally).map_err(|_| damaged())?;
        tallies.insert((row.grain, row.key, row.day), tally);
    }
    let (mut bound, mut places) = (Vec::<Value>::new(), Vec::new());
    for (row, change) in changes.rows() {
        let (grain, key, day) = place(row.grain);
        let mut tally = tallies.remove(&(grain, key, day)).unwrap_or_default();
        tally.merge(change);
        let first = bound.len() + 1;
        let [a, b, c, d, e] = std::array::from_fn(|at| first + at);
        places.push(format!("(${a}, ${b}, ${c}, ${d}, ${e})"));
        bound.extend(values![*round, grain, key, day, tally.encode().map_err(|_| damaged())?]);
    }
    let sql = format!(
        "INSERT INTO rating_tallies (round_id, grain, key, day, tally) VALUES {} \
         ON CONFLICT (round_id, grain, key, day) DO UPDATE SET tally = excluded.tally",
        places.join(", ")
    );
    exec(&**tx, &sql, bound).await.map(drop)
}

/// What a recount of a round found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recount {
    /// Ballots that count.
    pub ballots: i64,
    /// Roll-ups of a subject, a unit or a division that say something else.
    pub wrong: i64,
}

/// Counts a round again from its ballots, while it has them.
pub async fn recount(c: &impl ConnectionTrait, round: i64) -> Result<Recount, DbErr> {
    #[derive(FromQueryResult)]
    struct Found {
        subject: i64,
        unit_id: i64,
        division_id: i64,
        bits: i64,
        times: i64,
    }
    #[derive(FromQueryResult)]
    struct Rolled {
        grain: i64,
        key: i64,
        tally: Vec<u8>,
    }
    let sql = "SELECT b.subject, s.unit_id, s.division_id, b.bits, COUNT(*) AS times FROM rating_ballots b \
               JOIN rating_subjects s ON s.round_id = b.round_id AND s.subject = b.subject \
               WHERE b.round_id = $1 AND b.barred = $2 \
               GROUP BY b.subject, s.unit_id, s.division_id, b.bits";
    let found: Vec<Found> = all(c, sql, values![round, false]).await?;
    let mut counted: BTreeMap<(i64, i64), Tally> = BTreeMap::new();
    let mut recount = Recount::default();
    for row in found {
        let ballot = u32::try_from(row.bits).ok().and_then(Ballot::unpack).ok_or_else(damaged)?;
        let block = Block::of(std::iter::repeat_n(ballot, usize::try_from(row.times).unwrap_or_default()));
        let tally = Tally::recount(&block);
        recount.ballots += row.times;
        // Units and divisions know channels alone: their subjects have different questions.
        let without = Tally { channels: tally.channels, ..Tally::default() };
        counted.entry((0, row.subject)).or_default().merge(&tally);
        counted.entry((1, row.unit_id)).or_default().merge(&without);
        counted.entry((2, row.division_id)).or_default().merge(&without);
    }
    let sql = "SELECT grain, key, tally FROM rating_tallies WHERE round_id = $1 AND grain < 3";
    let rolled: Vec<Rolled> = all(c, sql, values![round]).await?;
    for row in rolled {
        let tally = Tally::decode(&row.tally).map_err(|_| damaged())?;
        let expected = counted.remove(&(row.grain, row.key)).unwrap_or_default();
        recount.wrong += i64::from(!tally.counts_as(&expected));
    }
    recount.wrong += counted.values().filter(|tally| tally.all() != Sums::default()).count() as i64;
    Ok(recount)
}

/// The roll-up of a subject.
pub async fn tally(
    c: &impl ConnectionTrait,
    round: i64,
    subject: daylight_ratings::ballot::SubjectId,
) -> Result<Tally, DbErr> {
    #[derive(FromQueryResult)]
    struct Found {
        tally: Vec<u8>,
    }
    let sql = "SELECT tally FROM rating_tallies WHERE round_id = $1 AND grain = 0 AND key = $2 AND day = 0";
    let found: Option<Found> = daylight_db::one(c, sql, values![round, number(subject)]).await?;
    debug_assert_eq!(of_number(number(subject)), subject);
    found.map_or(Ok(Tally::default()), |row| Tally::decode(&row.tally).map_err(|_| damaged()))
}
