//! Every query on outcome cards: written, approved, released, taken back, ended.

use super::card::{self, Draft, Hand, NotYours, Setting, State};
use crate::{
    audit,
    authz::{Actor, Role},
    cases::{
        self, Answer, Batch, Card, Conclusion, Crowd, Deed, Ending, Grain, Told, Waiting,
        store::{Doing, Opened, StoreError, Words},
    },
    clock::{Millis, beijing},
    ops::store::{IDENTITY, setting},
    reports::{self, Kind},
    search,
};
use daylight_db::{ConnectionTrait, DbErr, FromQueryResult, Tx, Value, all, exec, like, one, scalar, values};
use daylight_vault::{Place, Vault};
use serde::Deserialize;

const DAY: Millis = 86_400_000;

/// How long a card stands, in days, unless the setting says otherwise.
const KEEP_DAYS: i64 = 730;
/// The setting of that.
pub const KEEP: &str = "outcomes.keep_days";
/// The setting that holds which release was done last.
const RELEASED: &str = "outcomes.released";
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

/// A unit by id and name.
pub type Named = (i64, String);

/// What a case gives to its card beside the text.
#[derive(Debug)]
pub struct Facts {
    /// The unit in question.
    pub unit: Option<Named>,
    /// The township around it.
    pub township: Option<Named>,
    /// The county.
    pub county: String,
    /// The power that the report is about.
    pub power: Option<Named>,
    /// The cadre.
    pub cadre: Option<Named>,
    /// Names of people in the matter.
    pub named: Vec<String>,
    /// What the reporter wrote, as one text.
    pub told: String,
    /// The sum that they named.
    pub amount_fen: Option<i64>,
    /// Cases of the kind around its closing, by grain.
    pub alike: [(Grain, u32); 3],
}

impl Facts {
    /// The name of the place at a grain; none where there is no such place.
    pub fn place(&self, grain: Grain) -> Option<(Option<i64>, &str)> {
        let named = |named: &Option<Named>| named.clone().map(|(id, _)| Some(id));
        match grain {
            Grain::Unit => named(&self.unit).zip(self.unit.as_ref().map(|(_, name)| name.as_str())),
            Grain::Township => {
                named(&self.township).zip(self.township.as_ref().map(|(_, name)| name.as_str()))
            }
            Grain::County => Some((None, if self.county.is_empty() { "全县" } else { &self.county })),
        }
    }

    /// How many it could have been.
    pub fn crowd(&self, draft: &Draft) -> Crowd {
        Crowd { people: draft.people, alike: self.alike }
    }

    /// What it is held against.
    pub fn told(&self) -> Told<'_> {
        Told { text: &self.told, amount_fen: self.amount_fen, names: &[] }
    }

    /// What it may be shown with.
    pub fn setting(&self) -> Setting<'_> {
        Setting { named: &self.named, about_power: self.power.is_some(), about_cadre: self.cadre.is_some() }
    }

    /// The card that a draft makes; none while it does not say where.
    pub fn card(&self, opened: &Opened, draft: &Draft) -> Option<Card> {
        let grain = draft.grain()?;
        let (_, place) = self.place(grain)?;
        Some(Card {
            kind: opened.case.kind,
            grain,
            place: place.to_owned(),
            conclusion: opened.case.conclusion?,
            measures: opened.case.measures.clone(),
            recovered: opened.case.recovered,
            returned: opened.case.returned,
            summary: draft.summary.trim().to_owned(),
            second_stage: opened.case.stage == crate::deadlines::Stage::Second,
        })
    }
}

/// Whether an outcome is there to be told of: it ended with a reply.
pub fn is_due(opened: &Opened) -> bool {
    use cases::State::Closed;
    let ended =
        matches!(opened.case.state, Closed(Ending::Satisfied | Ending::Dissatisfied | Ending::Lapsed));
    ended && opened.case.answer == Some(Answer::Reply) && opened.case.conclusion.is_some()
}

#[derive(FromQueryResult)]
struct Object {
    object_kind: String,
    object_id: Option<i64>,
}

/// The unit that a report is about: `r` are reports.
const UNIT_OF: &str = "CASE r.object_kind WHEN 'unit' THEN r.object_id \
     WHEN 'power' THEN (SELECT p.unit_id FROM powers p WHERE p.id = r.object_id) \
     WHEN 'step' THEN (SELECT p.unit_id FROM powers p WHERE p.id = r.object_id) \
     WHEN 'cadre' THEN (SELECT MIN(q.unit_id) FROM appointments a JOIN posts q ON q.id = a.post_id \
         WHERE a.cadre_id = r.object_id AND a.until IS NULL) \
     WHEN 'place' THEN (SELECT MIN(v.id) FROM units v WHERE v.division_id = r.object_id) END";

async fn name_of(c: &impl ConnectionTrait, table: &str, id: i64) -> Result<Option<Named>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        name: String,
    }
    let row: Option<Row> = one(c, &format!("SELECT name FROM {table} WHERE id = $1"), values![id]).await?;
    Ok(row.map(|row| (id, row.name)))
}

/// What an opened case gives to its card.
pub async fn facts(c: &impl ConnectionTrait, opened: &Opened) -> Result<Facts, StoreError> {
    let content = reports::store::content(c, opened).await?;
    let sql = "SELECT object_kind, object_id FROM reports WHERE id = $1";
    let object: Object = one(c, sql, values![opened.id]).await?.ok_or(StoreError::Damaged)?;
    let of = |kinds: &[&str]| object.object_id.filter(|_| kinds.contains(&object.object_kind.as_str()));
    let power = match of(&["power", "step"]) {
        Some(id) => name_of(c, "powers", id).await?,
        None => None,
    };
    let cadre = match of(&["cadre"]) {
        Some(id) => name_of(c, "cadres", id).await?,
        None => None,
    };
    let mut named = Vec::new();
    if let Some(sent) = cases::store::routes(c, opened).await?.pop() {
        for id in sent.matter.named {
            named.extend(name_of(c, "cadres", id).await?.map(|(_, name)| name));
        }
    }
    let (unit, township) = places(c, opened.id).await?;
    let told = [&content.facts.what, &content.facts.who, &content.facts.when, &content.facts.place];
    let told: Vec<&str> = told.into_iter().chain(&content.points).map(String::as_str).collect();
    Ok(Facts {
        alike: alike(c, opened).await?,
        county: crate::home::store::site_name(c).await?,
        unit,
        township,
        power,
        cadre,
        named,
        told: told.join("\n"),
        amount_fen: content.amount_fen,
    })
}

#[derive(FromQueryResult)]
struct Stands {
    unit_id: i64,
    name: String,
    path: String,
}

async fn places(c: &impl ConnectionTrait, case_id: i64) -> Result<(Option<Named>, Option<Named>), DbErr> {
    let sql = format!(
        "SELECT u.id AS unit_id, u.name, u.path FROM units u \
         WHERE u.id = (SELECT {UNIT_OF} FROM reports r WHERE r.id = $1)"
    );
    let Some(unit) = one::<Stands>(c, &sql, values![case_id]).await? else { return Ok((None, None)) };
    let sql = "SELECT id AS unit_id, name, path FROM units WHERE category = 'township'";
    let around: Vec<Stands> = all(c, sql, values![]).await?;
    let township = around.into_iter().find(|around| unit.path.starts_with(&around.path));
    let named = |unit: Stands| (unit.unit_id, unit.name);
    Ok((Some(named(unit)), township.map(named)))
}

/// Cases of the kind that ended with a reply within a batch's time of this one, at each grain, this one included.
async fn alike(c: &impl ConnectionTrait, opened: &Opened) -> Result<[(Grain, u32); 3], DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        path: Option<String>,
    }
    let closed = opened.case.closed.unwrap_or(0);
    let reach = Batch::seed().most_days * DAY;
    let sql = format!(
        "SELECT c.id, (SELECT u.path FROM units u WHERE u.id = {UNIT_OF}) AS path \
         FROM cases c JOIN reports r ON r.id = c.id \
         WHERE c.kind = $1 AND c.closed_at BETWEEN $2 AND $3 \
         AND c.state IN ('satisfied', 'dissatisfied', 'lapsed') AND EXISTS (SELECT 1 FROM case_events e \
         WHERE e.case_id = c.id AND e.deed LIKE '%\"deed\":\"reply\"%')"
    );
    let bound = values![opened.case.kind.code(), closed - reach, closed + reach];
    let rows: Vec<Row> = all(c, &sql, bound).await?;
    let sql = "SELECT id AS unit_id, name, path FROM units WHERE category = 'township'";
    let townships: Vec<Stands> = all(c, sql, values![]).await?;
    let mine = rows.iter().find(|row| row.id == opened.id).and_then(|row| row.path.clone());
    let around = mine.as_ref().and_then(|mine| townships.iter().find(|one| mine.starts_with(&one.path)));
    let count = |fits: &dyn Fn(&str) -> bool| {
        let fits = rows.iter().filter(|row| row.path.as_deref().is_some_and(fits)).count();
        u32::try_from(fits).unwrap_or(u32::MAX)
    };
    Ok([
        (Grain::Unit, count(&|path| Some(path) == mine.as_deref())),
        (Grain::Township, count(&|path| around.is_some_and(|around| path.starts_with(&around.path)))),
        (Grain::County, u32::try_from(rows.len()).unwrap_or(u32::MAX)),
    ])
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
    exec(&**tx, sql, values![case_id, to.code(), by, now]).await.map(drop)
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
    Ok(())
}

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
    crate::ops::store::set_setting(tx, RELEASED, &slot.to_string()).await?;
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
    let only = |named: &Option<Named>, wanted: bool| named.as_ref().filter(|_| wanted).map(|(id, _)| *id);
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

/// A card as everybody sees it, with its address.
#[derive(Clone, Debug)]
pub struct Shown {
    /// Its address.
    pub id: i64,
    /// What it says.
    pub card: Card,
    /// The unit it stands with.
    pub unit_id: Option<i64>,
    /// When its batch came out.
    pub published_at: Millis,
    /// Until when it stands.
    pub ends_at: Millis,
    /// Taken back, or over: then there is nothing else to show.
    pub gone: Option<State>,
}

#[derive(FromQueryResult)]
struct Row {
    id: i64,
    kind: String,
    grain: String,
    place: String,
    unit_id: Option<i64>,
    conclusion: String,
    measures: String,
    recovered: i64,
    returned: i64,
    summary: String,
    second_stage: bool,
    published_at: i64,
    ends_at: i64,
    ended_at: Option<i64>,
    retracted_at: Option<i64>,
    stands: bool,
}

impl Row {
    fn read(self) -> Option<Shown> {
        let draft = Draft { grain: self.grain, ..Draft::default() };
        let gone = match (self.retracted_at, self.ended_at, self.stands) {
            (None, None, true) => None,
            (None, Some(_), _) => Some(State::Ended),
            _ => Some(State::Retracted),
        };
        Some(Shown {
            id: self.id,
            card: Card {
                kind: Kind::from_code(&self.kind)?,
                grain: draft.grain()?,
                place: self.place,
                conclusion: Conclusion::ALL.into_iter().find(|one| one.code() == self.conclusion)?,
                measures: serde_json::from_str(&self.measures).ok()?,
                recovered: self.recovered,
                returned: self.returned,
                summary: self.summary,
                second_stage: self.second_stage,
            },
            unit_id: self.unit_id,
            published_at: self.published_at,
            ends_at: self.ends_at,
            gone,
        })
    }
}

const SHOWN: &str = "SELECT o.id, o.kind, o.grain, o.place, o.unit_id, o.conclusion, o.measures, o.recovered, \
     o.returned, o.summary, o.second_stage, o.published_at, o.ends_at, o.ended_at, o.retracted_at, \
     (c.published_at IS NOT NULL) AS stands FROM outcomes o JOIN cases c ON c.id = o.case_id";
/// A case that was opened again says nothing any more, whether the job was there or not.
const STANDS: &str = "o.retracted_at IS NULL AND o.ended_at IS NULL AND c.published_at IS NOT NULL";

/// A card by its address, also when it is gone.
pub async fn shown(c: &impl ConnectionTrait, id: i64) -> Result<Option<Shown>, DbErr> {
    let row: Option<Row> = one(c, &format!("{SHOWN} WHERE o.id = $1"), values![id]).await?;
    Ok(row.and_then(Row::read))
}

/// The public card of a case.
pub async fn of_case(c: &impl ConnectionTrait, case_id: i64) -> Result<Option<Shown>, DbErr> {
    let row: Option<Row> =
        one(c, &format!("{SHOWN} WHERE o.case_id = $1 AND {STANDS}"), values![case_id]).await?;
    Ok(row.and_then(Row::read))
}

/// What a list of cards is narrowed by.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// What was wanted.
    pub kind: Option<Kind>,
    /// What was found.
    pub conclusion: Option<Conclusion>,
    /// Part of the name of the place.
    pub place: String,
    /// The year in which it came out.
    pub year: Option<i64>,
    /// What it stands with: a column and an id.
    pub with: Option<(&'static str, i64)>,
}

impl Filter {
    fn condition(&self) -> (String, Vec<Value>) {
        let (mut tests, mut bound) = (vec![STANDS.to_owned()], Vec::new());
        let mut and = |test: &str, value: Value| {
            bound.push(value);
            tests.push(test.replace('?', &format!("${}", bound.len())));
        };
        if let Some(kind) = self.kind {
            and("o.kind = ?", kind.code().into());
        }
        if let Some(conclusion) = self.conclusion {
            and("o.conclusion = ?", conclusion.code().into());
        }
        if !self.place.is_empty() {
            and("o.place LIKE ? ESCAPE '!'", format!("%{}%", like(&self.place)).into());
        }
        if let Some(year) = self.year {
            let (from, until) = year_of(year);
            and("o.published_at >= ?", from.into());
            and("o.published_at < ?", until.into());
        }
        if let Some((column, id)) = self.with {
            and(&format!("o.{column} = ?"), id.into());
        }
        (tests.join(" AND "), bound)
    }
}

fn year_of(year: i64) -> (Millis, Millis) {
    let start = |year: i64| {
        let first = i32::try_from(year).ok().and_then(|year| time::Date::from_ordinal_date(year, 1).ok());
        first.map_or(0, |date| date.midnight().assume_offset(crate::clock::BEIJING).unix_timestamp() * 1000)
    };
    (start(year), start(year + 1))
}

/// How many cards stand.
pub async fn count(c: &impl ConnectionTrait, filter: &Filter) -> Result<i64, DbErr> {
    let (condition, bound) = filter.condition();
    let sql = format!("SELECT COUNT(*) FROM outcomes o JOIN cases c ON c.id = o.case_id WHERE {condition}");
    scalar(c, &sql, bound).await
}

/// Cards that stand: the newest batch first, within it in the order of numbers that were drawn.
pub async fn list(
    c: &impl ConnectionTrait,
    filter: &Filter,
    limit: i64,
    offset: i64,
) -> Result<Vec<Shown>, DbErr> {
    let (condition, bound) = filter.condition();
    let sql =
        format!("{SHOWN} WHERE {condition} ORDER BY o.published_at DESC, o.id LIMIT {limit} OFFSET {offset}");
    let rows: Vec<Row> = all(c, &sql, bound).await?;
    Ok(rows.into_iter().filter_map(Row::read).collect())
}

/// The years in which cards that stand came out, the last first.
pub async fn years(c: &impl ConnectionTrait) -> Result<Vec<i32>, DbErr> {
    #[derive(FromQueryResult)]
    struct At {
        at: i64,
    }
    let sql = format!(
        "SELECT DISTINCT o.published_at AS at FROM outcomes o JOIN cases c ON c.id = o.case_id WHERE {STANDS}"
    );
    let rows: Vec<At> = all(c, &sql, values![]).await?;
    let years: std::collections::BTreeSet<i32> = rows.into_iter().map(|row| beijing(row.at).year()).collect();
    Ok(years.into_iter().rev().collect())
}

/// How many outcomes stay unpublished, by ground.
pub async fn withheld(c: &impl ConnectionTrait) -> Result<Vec<(card::Ground, i64)>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        ground: String,
        n: i64,
    }
    let sql = "SELECT ground, COUNT(*) AS n FROM outcome_cards WHERE state = 'withheld' AND ground IS NOT NULL \
               GROUP BY ground";
    let rows: Vec<Row> = all(c, sql, values![]).await?;
    let of =
        |ground: card::Ground| rows.iter().find(|row| row.ground == ground.code()).map(|row| (ground, row.n));
    Ok(card::Ground::ALL.into_iter().filter_map(of).collect())
}
