//! A round that is over is counted again, shown for the last time, and its ballots lose what told them apart.

use super::{
    super::number,
    ballots, engine, releases,
    rounds::{self, Kept},
};
use crate::clock::Millis;
use daylight_db::{ConnectionTrait, DbErr, FromQueryResult, Tx, all, exec, insert_many, scalar, values};
use daylight_ratings::{
    ballot::{Ballot, Block},
    count::{Sums, Tally},
    release::margins::{Leaf, Margin, margins},
    round::{Deed, State},
};
use std::collections::BTreeMap;

/// What became of a round that is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sealed {
    /// It is published; so many ballots.
    Published(i64),
    /// Two people still look into signs about one of its subjects.
    Waits,
    /// So many roll-ups say something else than the ballots: nothing was changed, and nothing is published.
    Wrong(i64),
}

/// Subjects whose ballots are read at once.
const CHUNK: usize = 500;

/// Publishes a round that is over; none when there is nothing to do. Nothing is kept unless the caller commits.
pub async fn seal(tx: &Tx, id: i64, now: Millis) -> Result<Option<Sealed>, DbErr> {
    rounds::hold(tx, id).await?;
    let Some(Kept { round, .. }) = rounds::get(&**tx, id).await? else { return Ok(None) };
    if round.state != State::Closed {
        return Ok(None);
    }
    if held(tx, id, now).await? {
        return Ok(Some(Sealed::Waits));
    }
    let recount = ballots::recount(&**tx, id).await?;
    let wrong = recount.wrong + blocks(tx, id).await?;
    let Ok(published) = round.act(&Deed::Publish { agrees: wrong == 0 }, None, now) else {
        return Ok(Some(Sealed::Wrong(wrong)));
    };
    releases::at_the_end(tx, id, &round, now).await?;
    sum(tx, id).await?;
    engine::drop_ballots(tx, id).await?;
    exec(&**tx, "DELETE FROM rating_papers WHERE round_id = $1", values![id]).await?;
    // How many came on which day is for the radar, and nobody looks any more.
    exec(&**tx, "DELETE FROM rating_tallies WHERE round_id = $1 AND grain = 3", values![id]).await?;
    rounds::save(tx, id, &published).await?;
    Ok(Some(Sealed::Published(recount.ballots)))
}

async fn held(tx: &Tx, id: i64, now: Millis) -> Result<bool, DbErr> {
    let sql = "SELECT COUNT(*) FROM rating_subjects WHERE round_id = $1 AND held_until > $2";
    Ok(scalar::<i64>(&**tx, sql, values![id, now]).await? > 0)
}

#[derive(FromQueryResult)]
struct Equal {
    subject: i64,
    bits: i64,
    times: i64,
}

/// Writes the ballots of each subject as one block, sorted by what they say, and reads it again. How many blocks do not
/// count as the roll-up does.
async fn blocks(tx: &Tx, id: i64) -> Result<i64, DbErr> {
    #[derive(FromQueryResult)]
    struct Rolled {
        key: i64,
        tally: Vec<u8>,
    }
    let sql = "SELECT key, tally FROM rating_tallies WHERE round_id = $1 AND grain = 0 ORDER BY key";
    let rolled: Vec<Rolled> = all(&**tx, sql, values![id]).await?;
    let mut wrong = 0;
    for chunk in rolled.chunks(CHUNK) {
        let (first, last) = (chunk[0].key, chunk[chunk.len() - 1].key);
        let sql = "SELECT subject, bits, COUNT(*) AS times FROM rating_ballots \
                   WHERE round_id = $1 AND subject >= $2 AND subject <= $3 AND barred = $4 GROUP BY subject, bits";
        let equal: Vec<Equal> = all(&**tx, sql, values![id, first, last, false]).await?;
        let mut ballots: BTreeMap<i64, Vec<Equal>> = BTreeMap::new();
        for row in equal {
            ballots.entry(row.subject).or_default().push(row);
        }
        let mut rows = Vec::new();
        for Rolled { key, tally } in chunk {
            let bytes = block(ballots.remove(key).unwrap_or_default())?.encode();
            let recounted = Block::decode(&bytes).map(|block| Tally::recount(&block));
            let tally = Tally::decode(tally).map_err(|_| damaged())?;
            wrong += i64::from(!recounted.is_ok_and(|recounted| tally.counts_as(&recounted)));
            rows.push(values![id, *key, bytes]);
        }
        insert_many(&**tx, "rating_blocks", &["round_id", "subject", "block"], rows).await?;
    }
    Ok(wrong)
}

fn damaged() -> DbErr {
    DbErr::Custom("a ballot or a roll-up is damaged".into())
}

fn block(equal: Vec<Equal>) -> Result<Block, DbErr> {
    let mut ballots = Vec::new();
    for row in equal {
        let ballot = u32::try_from(row.bits).ok().and_then(Ballot::unpack).ok_or_else(damaged)?;
        ballots.extend(std::iter::repeat_n(ballot, usize::try_from(row.times).unwrap_or_default()));
    }
    Ok(Block::of(ballots))
}

/// The sums of units with everything below them, and of everything.
async fn sum(tx: &Tx, id: i64) -> Result<(), DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        path: String,
        tally: Vec<u8>,
        n: Option<i64>,
        sum: Option<i64>,
        squares: Option<i64>,
    }
    let sql = "SELECT s.path, t.tally, r.n, r.sum, r.squares FROM rating_subjects s \
               JOIN rating_tallies t ON t.round_id = s.round_id AND t.grain = 0 AND t.key = s.subject AND t.day = 0 \
               LEFT JOIN rating_releases r ON r.round_id = s.round_id AND r.subject = s.subject \
                AND r.number = s.release AND r.n > 0 \
               WHERE s.round_id = $1 ORDER BY s.subject";
    let rows: Vec<Row> = all(&**tx, sql, values![id]).await?;
    let leaf = |row: Row| {
        let units = row.path.split('/').filter_map(|part| part.parse::<i64>().ok());
        Ok(Leaf {
            path: std::iter::once(0).chain(units).collect(),
            shown: row.n.zip(row.sum).zip(row.squares).map(|((n, sum), squares)| Sums { n, sum, squares }),
            counted: Tally::decode(&row.tally).map_err(|_| damaged())?.all(),
        })
    };
    let leaves = rows.into_iter().map(leaf).collect::<Result<Vec<_>, DbErr>>()?;
    let columns = ["round_id", "unit_id", "n", "sum", "squares", "subjects", "pooled", "left_out"];
    let row = |(path, margin): (Vec<i64>, Margin)| {
        let counts = [margin.subjects, margin.pooled, margin.left_out].map(|count| count as i64);
        let Sums { n, sum, squares } = margin.sums;
        let unit = path.last().copied().unwrap_or_default();
        values![id, unit, n, sum, squares, counts[0], counts[1], counts[2]]
    };
    let rows = margins(&leaves).into_iter().filter(|(_, margin)| margin.sums.n > 0).map(row).collect();
    insert_many(&**tx, "rating_margins", &columns, rows).await
}

/// Counts a published round again from its blocks: ballots, and what does not agree with the roll-ups.
pub async fn recount(c: &impl ConnectionTrait, id: i64) -> Result<ballots::Recount, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        block: Vec<u8>,
        tally: Option<Vec<u8>>,
    }
    let sql = "SELECT b.block, t.tally FROM rating_blocks b LEFT JOIN rating_tallies t \
               ON t.round_id = b.round_id AND t.grain = 0 AND t.key = b.subject AND t.day = 0 WHERE b.round_id = $1";
    let rows: Vec<Row> = all(c, sql, values![id]).await?;
    let mut found = ballots::Recount::default();
    for row in rows {
        let block = Block::decode(&row.block).map_err(|_| damaged())?;
        let tally = row.tally.map(|bytes| Tally::decode(&bytes)).transpose().map_err(|_| damaged())?;
        found.ballots += i64::try_from(block.len()).unwrap_or_default();
        found.wrong += i64::from(!tally.is_some_and(|tally| tally.counts_as(&Tally::recount(&block))));
    }
    let sql = "SELECT COUNT(*) FROM rating_ballots WHERE round_id = $1";
    // A ballot that still has its token.
    found.wrong += scalar::<i64>(c, sql, values![id]).await?;
    Ok(found)
}

/// The ballots of a subject after the close.
pub async fn block_of(
    c: &impl ConnectionTrait,
    id: i64,
    subject: daylight_ratings::ballot::SubjectId,
) -> Result<Option<Block>, DbErr> {
    let sql = "SELECT block FROM rating_blocks WHERE round_id = $1 AND subject = $2";
    let bytes: Option<Vec<u8>> = daylight_db::scalar_opt(c, sql, values![id, number(subject)]).await?;
    bytes.map(|bytes| Block::decode(&bytes).map_err(|_| damaged())).transpose()
}
