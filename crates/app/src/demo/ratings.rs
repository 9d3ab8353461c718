//! Two rounds of rating, so that somebody who tries the demonstration sees figures and can rate: one that was published, one
//! that is open. Whoever votes in them is made up, and so is what they say.

use crate::{
    clock::Millis,
    ops,
    ratings::{
        Slip, keys,
        store::{self, Sealed, ballots, papers, releases},
    },
};
use daylight_db::{Db, DbErr};
use daylight_ratings::{
    DAY,
    ballot::{Ballot, Channel, Proof, RoundKey, SubjectId},
    indicators::Questions,
    round::{Round, Scope, State},
};
use daylight_vault::Vault;

/// Cadres, and powers, that are rated at all.
const RATED: usize = 40;
const WEEK: Millis = 7 * DAY;

/// The same numbers each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u32) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 32) as u32 % sides
    }
}

/// Fills both rounds.
///
/// # Errors
///
/// When the database or a key's file cannot be written.
pub async fn fill(db: &Db, vault: &Vault, now: Millis) -> Result<(), store::TurnError> {
    let mut dice = Dice(20_261_122);
    let (opens, closes) = (now - 200 * DAY, now - 150 * DAY);
    let before = begin(db, vault, "2026年上半年群众评价", opens, closes).await?;
    for week in 1..=3 {
        vote(db, vault, before, opens + week * WEEK, 12, &mut dice).await?;
        release(db, before, opens + (week + 1) * WEEK).await?;
    }
    let tx = db.write().await?;
    store::close(&tx, vault, before, closes).await?;
    let sealed = store::seal(&tx, before, closes).await?;
    debug_assert!(matches!(sealed, Some(Sealed::Published(_))), "{sealed:?}");
    tx.commit().await?;

    let opens = now - 30 * DAY;
    let round = begin(db, vault, "2026年下半年群众评价", opens, now + 60 * DAY).await?;
    for week in 1..=3 {
        vote(db, vault, round, opens + week * WEEK, 10, &mut dice).await?;
        release(db, round, opens + (week + 1) * WEEK).await?;
    }
    flood(db, vault, round, now - DAY, &mut dice).await
}

async fn begin(
    db: &Db,
    vault: &Vault,
    name: &str,
    opens: Millis,
    closes: Millis,
) -> Result<i64, store::TurnError> {
    let scope = Scope { cadres: true, powers: true, places: vec!["/".into()], ..Scope::default() };
    let state = State::Reviewed;
    let round = Round { name: name.into(), opens, closes, scope, state, ..Round::draft(0) };
    let tx = db.write().await?;
    let id = store::rounds::add(&tx, &round).await?;
    store::open(&tx, vault, id, opens).await?;
    ops::note(&tx, "round.open", &format!("round {id}"), name, opens).await?;
    tx.commit().await?;
    Ok(id)
}

async fn release(db: &Db, round: i64, at: Millis) -> Result<(), DbErr> {
    let tx = db.write().await?;
    releases::at_fixed_time(&tx, round, at).await?;
    tx.commit().await
}

/// Up to so many people rate each of the first subjects.
async fn vote(
    db: &Db,
    vault: &Vault,
    round: i64,
    at: Millis,
    most: u32,
    dice: &mut Dice,
) -> Result<(), store::TurnError> {
    let Some(key) = keys::read(vault, round)? else { return Ok(()) };
    let subjects = papers::subjects(db.read(), round, "/").await?;
    let (cadres, powers): (Vec<_>, Vec<_>) =
        subjects.into_iter().partition(|subject| matches!(subject, SubjectId::Cadre(_)));
    let mut slips = Vec::new();
    for subject in cadres.into_iter().take(RATED).chain(powers.into_iter().take(RATED)) {
        let Some(questions) = store::rounds::questions(db.read(), round, subject).await? else { continue };
        // Some are liked better than others, and some are known to few.
        let kind = subject.id() as u32 % 5;
        for _ in 0..=dice.roll(most) + most / (kind + 1) {
            slips.extend(slip(&key, round, subject, &questions, kind, dice));
        }
    }
    // Over a week, so that nobody has more in a day than people do.
    for day in 0..7 {
        let of_day: Vec<_> = slips.iter().skip(day).step_by(7).copied().collect();
        let at = at + (day as Millis - 7) * DAY;
        for slips in of_day.chunks(256) {
            let tx = db.write().await?;
            ballots::take(&tx, slips, at).await?;
            tx.commit().await?;
        }
    }
    Ok(())
}

/// Somebody has forty people vote for one cadre in a day: the radar sees it when the program runs.
async fn flood(
    db: &Db,
    vault: &Vault,
    round: i64,
    at: Millis,
    dice: &mut Dice,
) -> Result<(), store::TurnError> {
    let Some(key) = keys::read(vault, round)? else { return Ok(()) };
    let Some(subject) = papers::subjects(db.read(), round, "/").await?.into_iter().nth(RATED - 1) else {
        return Ok(());
    };
    let Some(questions) = store::rounds::questions(db.read(), round, subject).await? else { return Ok(()) };
    let slips: Vec<_> = (0..40).filter_map(|_| slip(&key, round, subject, &questions, 0, dice)).collect();
    let tx = db.write().await?;
    ballots::take(&tx, &slips, at).await?;
    Ok(tx.commit().await?)
}

fn slip(
    key: &RoundKey,
    round: i64,
    subject: SubjectId,
    questions: &Questions,
    kind: u32,
    dice: &mut Dice,
) -> Option<Slip> {
    let answer = |dice: &mut Dice| match dice.roll(10) {
        0 => 5,
        luck => (4 - (dice.roll(kind + 2) * luck.min(3) / 3).min(4)) as u8,
    };
    let typed: Vec<_> = questions.list.iter().map(|_| Some(answer(dice))).collect();
    let ballot = Ballot::check(Channel::Phone, questions, &typed).ok()?;
    let person = format!("+86139{:08}", dice.roll(100_000_000));
    let token = key.token(Proof::Phone(&person), subject);
    Some(Slip { round, subject, token, ballot, paper: None })
}
