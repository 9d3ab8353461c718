//! Cards come out in batches, stand for a time, and end.

use super::{Facts, decide, draft, facts, is_due, note, take_down};
use crate::{
    audit::rows,
    cases::{self, Batch, Card, Conclusion, Grain, Waiting, store::StoreError},
    clock::Millis,
    ops::store::{IDENTITY, set_own, setting},
    outcomes::card::{self, Draft, State},
    reports, search,
};
use daylight_db::{ConnectionTrait, DbErr, FromQueryResult, Tx, all, exec, one, scalar, values};
use daylight_vault::Vault;
use serde::Deserialize;

const DAY: Millis = 86_400_000;

/// How long a card stands, in days, unless the setting says otherwise.
const KEEP_DAYS: i64 = 730;
/// The setting of that.
pub const KEEP: &str = "outcomes.keep_days";
/// The setting that holds which release was done last.
const RELEASED: &str = "outcomes.released";

/// Names of reporter and helper, for the one comparison at the release; never shown.
async fn names(c: &impl ConnectionTrait, vault: &Vault, id: i64) -> Result<Vec<String>, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        content_sealed: Vec<u8>,
    }
    #[derive(Deserialize, Default)]
    #[serde(default)]
    struct Known {
        name: Option<String>,
        helper: Option<reports::Helper>,
    }
    let sql = "SELECT content_sealed FROM report_identities WHERE id = $1";
    let Some(row) = one::<Row>(c, sql, values![id]).await? else { return Ok(Vec::new()) };
    let opened = vault.unseal(&IDENTITY.place(id), &row.content_sealed)?;
    let known: Known = serde_json::from_slice(opened.as_bytes())?;
    Ok(known.name.into_iter().chain(known.helper.map(|helper| helper.name)).collect())
}

/// Lets the cards out that are due, together, and ends those whose time is over. Run twice it does what once would.
/// `draw` gives a number between 0 and `i64::MAX`. How many cards came out or went.
pub async fn release(
    tx: &Tx,
    vault: &Vault,
    now: Millis,
    draw: &(dyn Fn() -> i64 + Sync),
) -> Result<usize, StoreError> {
    tx.lock("daylight outcomes").await?;
    let mut changed = end(tx, now).await?;
    let batch = Batch::seed();
    let slot = batch.next(now - 7 * DAY);
    let done = setting(&**tx, RELEASED).await?.and_then(|text| text.parse::<i64>().ok());
    if done.is_some_and(|done| done >= slot) {
        return Ok(changed);
    }
    set_own(tx, RELEASED, &slot.to_string()).await?;
    let keep = setting(&**tx, KEEP).await?.and_then(|text| text.parse().ok()).unwrap_or(KEEP_DAYS);
    for case_id in cases::release(&waiting(tx).await?, &batch, slot) {
        let ready = match ready(tx, vault, case_id).await {
            Ok(ready) => ready,
            // One that cannot be read waits for the next batch and keeps nobody else's back.
            Err(error) if error.is_damage() => {
                tracing::error!(case = case_id, "an outcome card cannot be read: run `daylight verify`");
                continue;
            }
            Err(error) => return Err(error),
        };
        changed += usize::from(come_out(tx, vault, case_id, ready, (slot, keep), now, draw).await?);
    }
    Ok(changed)
}

async fn waiting(tx: &Tx) -> Result<Vec<Waiting>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        case_id: i64,
        closed: i64,
    }
    let sql = "SELECT o.case_id, c.closed_at AS closed FROM outcome_cards o JOIN cases c ON c.id = o.case_id \
               WHERE o.state = 'waiting' AND c.closed_at IS NOT NULL";
    let rows: Vec<Row> = all(&**tx, sql, values![]).await?;
    Ok(rows.into_iter().map(|row| Waiting { case_id: row.case_id, closed: row.closed }).collect())
}

/// What a card rests on, read before anything is written.
struct Ready {
    facts: Facts,
    draft: Draft,
    /// None when it must be looked at again.
    card: Option<Card>,
}

async fn ready(tx: &Tx, vault: &Vault, case_id: i64) -> Result<Ready, StoreError> {
    let opened = cases::store::open_own(&**tx, vault, case_id).await?;
    let facts = facts(&**tx, &opened).await?;
    let draft = draft(&**tx, &opened).await?.unwrap_or_default();
    let names = names(&**tx, vault, case_id).await?;
    let card = facts.card(&opened, &draft).filter(|_| is_due(&opened));
    let card = card.filter(|card| !card::tells_name(card, &names));
    Ok(Ready { facts, draft, card })
}

async fn come_out(
    tx: &Tx,
    vault: &Vault,
    case_id: i64,
    Ready { facts, draft, card }: Ready,
    (slot, keep): (Millis, i64),
    now: Millis,
    draw: &(dyn Fn() -> i64 + Sync),
) -> Result<bool, StoreError> {
    let Some(card) = card else {
        // Why is not said: somebody could try names.
        let sql = "UPDATE outcome_cards SET sent_back = sent_back + 1 WHERE case_id = $1";
        exec(&**tx, sql, values![case_id]).await?;
        decide(tx, case_id, None, State::Returned, now).await?;
        note(tx, None, "outcome.return", case_id, now).await?;
        return Ok(false);
    };
    cases::store::publish(tx, vault, case_id, now).await?;
    let id = write(tx, case_id, &facts, &draft, &card, (slot, slot + keep * DAY), draw).await?;
    rows::keep(tx, &rows::OUTCOMES, case_id, now).await?;
    decide(tx, case_id, None, State::Public, now).await?;
    let document = search::Document {
        kind: "outcome",
        subject_id: id,
        title: card::title(&card.place, card.kind, card.conclusion),
        detail: "监督结果".into(),
        text: card.summary.clone(),
        unit_id: None,
        category: None,
        division_path: None,
    };
    search::store::put(tx, &[document]).await?;
    rows::keep(tx, &rows::DOCUMENTS, 0, now).await?;
    note(tx, None, "outcome.publish", case_id, now).await?;
    Ok(true)
}

async fn write(
    tx: &Tx,
    case_id: i64,
    facts: &Facts,
    draft: &Draft,
    card: &Card,
    (from, until): (Millis, Millis),
    draw: &(dyn Fn() -> i64 + Sync),
) -> Result<i64, StoreError> {
    // Ten digits, so that it can be read out. One that is taken is drawn again.
    let mut id = 0;
    while id == 0
        || scalar::<i64>(&**tx, "SELECT COUNT(*) FROM outcomes WHERE id = $1", values![id]).await? > 0
    {
        id = 1_000_000_000 + draw().rem_euclid(9_000_000_000);
    }
    let only =
        |named: &Option<super::Named>, wanted: bool| named.as_ref().filter(|_| wanted).map(|(id, _)| *id);
    let near = card.grain == Grain::Unit;
    let effective = draft.cadre && near && card.conclusion == Conclusion::Substantiated;
    let sql = "INSERT INTO outcomes (id, case_id, kind, grain, place, unit_id, power_id, cadre_id, conclusion, \
               measures, recovered, returned, summary, second_stage, published_at, ends_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)";
    let bound = values![
        id,
        case_id,
        card.kind.code(),
        card::grain_code(card.grain),
        card.place.as_str(),
        facts.place(card.grain).and_then(|(id, _)| id),
        only(&facts.power, draft.power && near),
        only(&facts.cadre, effective),
        card.conclusion.code(),
        serde_json::to_string(&card.measures)?,
        card.recovered,
        card.returned,
        card.summary.as_str(),
        card.second_stage,
        from,
        until
    ];
    exec(&**tx, sql, bound).await?;
    Ok(id)
}

/// Ends what has stood long enough, and takes down what a case that was opened again no longer says.
async fn end(tx: &Tx, now: Millis) -> Result<usize, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        case_id: i64,
        over: bool,
    }
    let sql = "SELECT o.case_id, (o.ends_at <= $1) AS over FROM outcomes o JOIN cases c ON c.id = o.case_id \
               WHERE o.retracted_at IS NULL AND o.ended_at IS NULL \
               AND (o.ends_at <= $1 OR c.published_at IS NULL)";
    let rows: Vec<Row> = all(&**tx, sql, values![now]).await?;
    for row in &rows {
        let (column, state) =
            if row.over { ("ended_at", State::Ended) } else { ("retracted_at", State::Retracted) };
        take_down(tx, row.case_id, column, now).await?;
        decide(tx, row.case_id, None, state, now).await?;
        note(tx, None, "outcome.end", row.case_id, now).await?;
    }
    Ok(rows.len())
}
