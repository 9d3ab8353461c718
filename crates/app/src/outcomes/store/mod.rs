//! Every query on outcome cards: written, approved, taken back; what a case gives to them, whose task they are, their
//! release, and what everybody sees each in a file of its own.

mod facts;
mod release;
mod shown;
mod waiting;

pub use facts::{Facts, Named, facts, is_due};
pub use release::{KEEP, release};
pub use shown::{Answered, Filter, Shown, answered, count, list, of_case, shown, withheld, years};
pub(crate) use waiting::late;
pub use waiting::{Closed, closed};

use super::card::{self, Draft, Hand, NotYours, State};
use crate::{
    audit::{self, rows},
    authz::{Actor, Role},
    cases::{
        self, Deed,
        store::{Doing, Opened, StoreError, Words},
    },
    clock::Millis,
    search,
};
use daylight_db::{ConnectionTrait, DbErr, FromQueryResult, Tx, all, exec, one, values};
use daylight_vault::{Place, Vault};

/// Sent back so often by the platform, a card is not approved again: names are not to be tried out.
pub const SENT_BACK_MOST: i64 = 2;

fn place(case_id: i64) -> Place {
    Place::new("outcome_cards", case_id, "content_locked")
}

/// A card as it is kept, without its text.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Line {
    /// Its case.
    pub case_id: i64,
    /// [`State::code`].
    pub state: String,
    /// [`card::Ground::code`], when it is not to be published.
    pub ground: Option<String>,
    /// Who wrote it.
    pub writer_id: i64,
    /// Whether the writer led the organ.
    pub writer_leads: bool,
    /// When it was handed in.
    pub written_at: i64,
    /// How often the platform sent it back.
    pub sent_back: i64,
}

impl Line {
    /// Where it stands.
    pub fn state(&self) -> State {
        State::from_code(&self.state).unwrap_or(State::Returned)
    }
}

const LINE: &str =
    "SELECT case_id, state, ground, writer_id, writer_leads, written_at, sent_back FROM outcome_cards";

/// All cards; whoever shows them keeps to the cases that the viewer may see.
pub async fn lines(c: &impl ConnectionTrait) -> Result<Vec<Line>, DbErr> {
    all(c, &format!("{LINE} ORDER BY case_id"), values![]).await
}

/// The card of a case.
pub async fn line(c: &impl ConnectionTrait, case_id: i64) -> Result<Option<Line>, DbErr> {
    one(c, &format!("{LINE} WHERE case_id = $1"), values![case_id]).await
}

/// What was written on the card of an opened case.
pub async fn draft(c: &impl ConnectionTrait, opened: &Opened) -> Result<Option<Draft>, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        content_locked: Vec<u8>,
    }
    let sql = "SELECT content_locked FROM outcome_cards WHERE case_id = $1";
    let Some(row) = one::<Row>(c, sql, values![opened.id]).await? else { return Ok(None) };
    let text = opened.unlock(&place(opened.id), &row.content_locked)?;
    Ok(Some(serde_json::from_slice(text.as_bytes())?))
}

/// With which hand somebody writes or approves at a case that they have opened.
pub fn hand(actor: &Actor, opened: &Opened) -> Hand {
    let leads = |grant: &crate::authz::Grant| {
        grant.role == Role::Leader && grant.organ_id.is_some() && grant.organ_id == opened.case.organ_id
    };
    Hand { account_id: actor.account_id, leads: actor.grants.iter().any(leads) }
}

async fn note(tx: &Tx, actor: Option<&Actor>, action: &str, case_id: i64, now: Millis) -> Result<(), DbErr> {
    let subject = format!("case {case_id}");
    let (account_id, name) =
        actor.map_or((None, "平台"), |actor| (Some(actor.account_id), actor.name.as_str()));
    let entry = audit::Entry { account_id, actor: name, action, subject: &subject, detail: "" };
    audit::store::append(tx, &entry, now).await
}

/// Hands a card in for approval. That nothing stops it was checked.
pub async fn propose(
    tx: &Tx,
    actor: &Actor,
    opened: &Opened,
    draft: &Draft,
    now: Millis,
) -> Result<(), StoreError> {
    let locked = opened.lock(&place(opened.id), &serde_json::to_vec(draft)?)?;
    let ground = card::Ground::from_code(&draft.ground).map(card::Ground::code);
    let by = hand(actor, opened);
    let sql = "INSERT INTO outcome_cards (case_id, state, content_locked, ground, writer_id, writer_leads, written_at) \
               VALUES ($1, 'proposed', $2, $3, $4, $5, $6) ON CONFLICT (case_id) DO UPDATE SET state = 'proposed', \
               content_locked = excluded.content_locked, ground = excluded.ground, writer_id = excluded.writer_id, \
               writer_leads = excluded.writer_leads, approver_id = NULL, decided_at = NULL, \
               written_at = excluded.written_at WHERE outcome_cards.state IN ('proposed', 'returned', 'retracted')";
    let bound = values![opened.id, locked, ground, by.account_id, by.leads, now];
    if exec(&**tx, sql, bound).await? == 0 {
        return Err(StoreError::Moved);
    }
    rows::keep(tx, &rows::CARDS, opened.id, now).await?;
    note(tx, Some(actor), "outcome.propose", opened.id, now).await?;
    Ok(())
}

/// Approves a card that waits for it: from then on it waits for its batch, or stays unpublished on its ground.
pub async fn approve(
    tx: &Tx,
    actor: &Actor,
    opened: &Opened,
    now: Millis,
) -> Result<Result<(), NotYours>, StoreError> {
    let line = line(&**tx, opened.id).await?.filter(|line| line.state() == State::Proposed);
    let line = line.ok_or(StoreError::Moved)?;
    let (writer, approver) =
        (Hand { account_id: line.writer_id, leads: line.writer_leads }, hand(actor, opened));
    if let Err(why) = card::may_approve(writer, approver) {
        return Ok(Err(why));
    }
    let to = if line.ground.is_some() { State::Withheld } else { State::Waiting };
    decide(tx, opened.id, Some(actor.account_id), to, now).await?;
    note(tx, Some(actor), "outcome.approve", opened.id, now).await?;
    Ok(Ok(()))
}

/// Sends a card back to be rewritten: while it waits for approval or for its batch, or when its ground fell away.
pub async fn send_back(tx: &Tx, actor: &Actor, opened: &Opened, now: Millis) -> Result<(), StoreError> {
    let line = line(&**tx, opened.id).await?;
    let fits = |line: &Line| matches!(line.state(), State::Proposed | State::Waiting | State::Withheld);
    if !line.as_ref().is_some_and(fits) {
        return Err(StoreError::Moved);
    }
    decide(tx, opened.id, Some(actor.account_id), State::Returned, now).await?;
    note(tx, Some(actor), "outcome.return", opened.id, now).await?;
    Ok(())
}

async fn decide(tx: &Tx, case_id: i64, by: Option<i64>, to: State, now: Millis) -> Result<(), DbErr> {
    let sql = "UPDATE outcome_cards SET state = $2, approver_id = COALESCE($3, approver_id), decided_at = $4 \
               WHERE case_id = $1";
    exec(&**tx, sql, values![case_id, to.code(), by, now]).await?;
    rows::keep(tx, &rows::CARDS, case_id, now).await
}

/// Takes a public card back. A leader's, with a reason, which the case keeps.
pub async fn retract(
    tx: &Tx,
    vault: &Vault,
    actor: &Actor,
    opened: &Opened,
    reason: &str,
    now: Millis,
) -> Result<(), StoreError> {
    let doing = Doing {
        deed: Deed::Retract,
        reason: reason.to_owned(),
        words: Words::default(),
        seen: opened.seen(),
    };
    cases::store::act(tx, vault, actor, opened.id, doing, now).await?;
    take_down(tx, opened.id, "retracted_at", now).await?;
    decide(tx, opened.id, None, State::Retracted, now).await?;
    note(tx, Some(actor), "outcome.retract", opened.id, now).await?;
    Ok(())
}

/// What is no longer to be read is no longer there: neither in the table nor in the index.
async fn take_down(tx: &Tx, case_id: i64, column: &str, now: Millis) -> Result<(), DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
    }
    let sql = format!(
        "UPDATE outcomes SET {column} = $2, summary = '', measures = '[]' \
         WHERE case_id = $1 AND retracted_at IS NULL AND ended_at IS NULL RETURNING id"
    );
    let rows: Vec<Row> = all(&**tx, &sql, values![case_id, now]).await?;
    for row in rows {
        search::store::remove(tx, "outcome", row.id).await?;
    }
    rows::keep(tx, &rows::OUTCOMES, case_id, now).await?;
    rows::keep(tx, &rows::DOCUMENTS, 0, now).await
}
