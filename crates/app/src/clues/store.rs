//! Every query on clues. A clue of a case is opened as the case is, under its lock and by the viewer's own key of it.
//! A clue without a case has a key of its own, and who may see it is asked of routing anew at every look: should the
//! organ that has it come to be in conflict, the next one up that is not has it.

use super::{Clue, Deed, Disposal, Event, Refusal, Source, State};
use crate::{
    accounts::token_hash,
    audit::{self, rows},
    authz::{self, Action, Actor, CaseFacts, Role},
    cases::{
        Above,
        routing::{self, Matter, World},
        store::{self as cases, StoreError},
    },
    clock::{Millis, beijing},
    ops::store::CLUE_KEY,
    reports::Kind,
};
use daylight_db::{
    ConnectionTrait, DbErr, FromQueryResult, Tx, all, exec, insert_many, is_unique_violation, one, scalar,
    scalar_opt, values,
};
use daylight_vault::{DataKey, Place, Secret, Vault};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Why a clue cannot be made, opened or disposed of.
#[derive(Debug, thiserror::Error)]
pub enum ClueError {
    /// None, or not for this person: one answer for both.
    #[error("没有找到这条线索。")]
    NotFound,
    /// It is theirs, and it cannot be done.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Something failed.
    #[error(transparent)]
    Case(StoreError),
}

impl From<StoreError> for ClueError {
    fn from(error: StoreError) -> ClueError {
        match error {
            StoreError::NotFound | StoreError::Denied(_) => ClueError::NotFound,
            other => ClueError::Case(other),
        }
    }
}

impl From<DbErr> for ClueError {
    fn from(error: DbErr) -> ClueError {
        ClueError::Case(error.into())
    }
}

impl From<serde_json::Error> for ClueError {
    fn from(error: serde_json::Error) -> ClueError {
        ClueError::Case(error.into())
    }
}

/// What a clue says, locked. Whom it concerns stands here for a clue without a case; else with the case.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// In one line.
    pub title: String,
    /// What is to be looked into.
    pub facts: String,
    /// The unit in question.
    pub unit_id: Option<i64>,
    /// The cadre in question.
    pub cadre_id: Option<i64>,
}

// What was written stays out of logs.
impl std::fmt::Debug for Content {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Content(•••)")
    }
}

/// A clue in a list: nothing of what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Surrogate id.
    pub id: i64,
    /// Its case.
    pub case_id: Option<i64>,
    /// The organ for which it was found.
    pub organ_id: i64,
    /// Where it comes from.
    pub source: Source,
    /// Where it stands.
    pub state: State,
    /// When it was found.
    pub found_at: Millis,
    /// Since when it is to be disposed of.
    pub since: Millis,
    /// When it was disposed of.
    pub disposed_at: Option<Millis>,
    entered_by: i64,
    events: i64,
}

#[derive(FromQueryResult)]
struct Row {
    id: i64,
    case_id: Option<i64>,
    organ_id: i64,
    entered_by: i64,
    source: String,
    state: String,
    disposal: Option<String>,
    found_at: i64,
    since_at: i64,
    disposed_at: Option<i64>,
    events: i64,
    key_sealed: Option<Vec<u8>>,
    content_locked: Option<Vec<u8>>,
}

const ROW: &str = "SELECT id, case_id, organ_id, entered_by, source, state, disposal, found_at, since_at, \
                   disposed_at, events, key_sealed, content_locked FROM clues";

impl Row {
    fn line(&self) -> Result<Line, StoreError> {
        let disposal = match &self.disposal {
            Some(code) => Some(Disposal::from_code(code).ok_or(StoreError::Damaged)?),
            None => None,
        };
        Ok(Line {
            id: self.id,
            case_id: self.case_id,
            organ_id: self.organ_id,
            source: Source::from_code(&self.source).ok_or(StoreError::Damaged)?,
            state: State::from_code(&self.state, disposal).ok_or(StoreError::Damaged)?,
            found_at: self.found_at,
            since: self.since_at,
            disposed_at: self.disposed_at,
            entered_by: self.entered_by,
            events: self.events,
        })
    }

    /// The key of a clue without a case, and what it says.
    fn own(&self, vault: &Vault, line: &Line) -> Result<(Under, Content), StoreError> {
        let wrapped = self.key_sealed.as_ref().ok_or(StoreError::Damaged)?;
        let under = Under::Own(DataKey::unwrap(vault, &CLUE_KEY.place(self.id), 1, wrapped)?);
        let content = self.content(&under, line)?;
        Ok((under, content))
    }

    fn content(&self, under: &Under, line: &Line) -> Result<Content, StoreError> {
        let locked = self.content_locked.as_ref().ok_or(StoreError::Damaged)?;
        Ok(serde_json::from_slice(under.open(&content_place(line), locked)?.as_bytes())?)
    }
}

/// Where the text stands. What must not be changed under it is part of it: given to another case or organ in the
/// database, it opens for nobody.
fn content_place(line: &Line) -> Place {
    let Line { id, case_id, organ_id, source, entered_by, found_at, .. } = line;
    let row = format!("{id}/{case_id:?}/{organ_id}/{}/{entered_by}/{found_at}", source.code());
    Place::new("clues", row, "content_locked")
}

fn event_place(clue_id: i64, event: &Event, deed: &str) -> Place {
    let Event { number, at, account_id, organ_id, role, .. } = event;
    let row = format!("{clue_id}/{number}/{at}/{account_id}/{organ_id}/{}/{deed}", role.code());
    Place::new("clue_events", row, "reason_locked")
}

/// Whose key locks a clue.
#[derive(Debug)]
enum Under {
    /// Its case's, as the viewer holds it.
    Case(Box<cases::Opened>),
    /// Its own.
    Own(DataKey),
}

impl Under {
    fn lock(&self, at: &Place, text: &[u8]) -> Result<Vec<u8>, StoreError> {
        match self {
            Under::Case(opened) => Ok(opened.lock(at, text)?),
            Under::Own(key) => Ok(key.seal(at, text)),
        }
    }

    fn open(&self, at: &Place, locked: &[u8]) -> Result<Secret, StoreError> {
        match self {
            Under::Case(opened) => Ok(opened.unlock(at, locked)?),
            Under::Own(key) => Ok(key.unseal(at, locked)?),
        }
    }
}

/// Who is in conflict with what, as the county stands at this moment.
struct Ground {
    world: World,
    recusals: Vec<(i64, routing::store::About)>,
}

impl Ground {
    async fn survey(c: &impl ConnectionTrait) -> Result<Ground, DbErr> {
        Ok(Ground { world: routing::store::world(c).await?, recusals: routing::store::recusals(c).await? })
    }

    /// What `authz` must know of a clue without a case and of somebody's standing to it: it is with the organ for
    /// which it was found, or the next one up that may have it; among handlers, with whoever entered it.
    fn facts(&self, content: &Content, organ_id: i64, entered_by: i64, account_id: i64) -> CaseFacts {
        let mut matter = Matter {
            kind: Kind::Accusation,
            unit_id: content.unit_id,
            named: content.cadre_id.into_iter().collect(),
            ..Matter::about_nothing()
        };
        matter.recused = routing::store::standing(&self.recusals, &matter);
        let mut roles = self.world.staff.iter().filter(|staff| staff.account_id == account_id).peekable();
        let conflict = roles.peek().is_none()
            || roles.any(|staff| routing::conflict(&self.world, &matter, staff).is_some());
        let organ_id = match routing::from(&self.world, &matter, organ_id).above() {
            // Nobody is named: then nobody can be found to be in conflict, and nobody has it.
            Above::Organ(organ) if content.unit_id.is_some() || content.cadre_id.is_some() => Some(organ),
            Above::Organ(_) | Above::Outside => None,
        };
        CaseFacts { organ_id, handler_id: Some(entered_by), conflict, holds_key: true, second: None }
    }
}

/// The clues somebody may see, the newest first. None is opened for it, and one that is damaged is left out.
pub async fn list(c: &impl ConnectionTrait, vault: &Vault, actor: &Actor) -> Result<Vec<Line>, ClueError> {
    let seen: BTreeSet<i64> = cases::list(c, vault, actor).await?.into_iter().map(|line| line.id).collect();
    let ground = Ground::survey(c).await?;
    let mut lines = Vec::new();
    for row in all::<Row>(c, &format!("{ROW} ORDER BY id DESC"), values![]).await? {
        let Ok(line) = row.line() else { continue };
        let mine = match row.case_id {
            Some(case_id) => seen.contains(&case_id),
            None => row.own(vault, &line).is_ok_and(|(_, content)| {
                let facts = ground.facts(&content, line.organ_id, line.entered_by, actor.account_id);
                authz::decide_case(actor, Action::SeeCase, &facts).is_ok()
            }),
        };
        if mine {
            lines.push(line);
        }
    }
    Ok(lines)
}

/// An event with what was written.
#[derive(Clone, Debug)]
pub struct Entry {
    /// What happened.
    pub event: Event,
    /// Why.
    pub reason: String,
}

/// A clue opened.
#[derive(Debug)]
pub struct Opened {
    /// What lists show.
    pub line: Line,
    /// What it says.
    pub content: Content,
    /// What stands.
    pub clue: Clue,
    /// What happened.
    pub entries: Vec<Entry>,
    /// The organ that has it now.
    pub organ_id: Option<i64>,
    facts: CaseFacts,
    under: Under,
}

impl Opened {
    /// Whether somebody may do this now.
    pub fn may(&self, actor: &Actor, deed: Deed) -> Result<(), Refusal> {
        self.next(actor, deed, self.line.since).map(drop)
    }

    fn next(&self, actor: &Actor, deed: Deed, at: Millis) -> Result<(Event, Clue), Refusal> {
        let organ_id = self.facts.organ_id.ok_or(Refusal::Role)?;
        let number = self.clue.last + 1;
        let role = role_for(actor, &self.facts, deed).ok_or(Refusal::Role)?;
        let event = Event { number, at, account_id: actor.account_id, organ_id, role, deed };
        Ok((event, self.clue.after(&event)?))
    }
}

/// In which role somebody does this to what an organ has, as `authz` decides it.
fn role_for(actor: &Actor, facts: &CaseFacts, deed: Deed) -> Option<Role> {
    let action = |role: Role| match role {
        Role::Intake => Some(Action::ReceiveReport),
        Role::Handler => Some(Action::HandleCase),
        Role::Leader => Some(Action::ApproveCase),
        _ => None,
    };
    let may =
        |role: &Role| action(*role).is_some_and(|action| authz::decide_case(actor, action, facts).is_ok());
    deed.roles().iter().copied().find(may)
}

/// Opens a clue for a member of staff; "not found" for everybody who may not see its case, or who is in conflict.
pub async fn open(tx: &Tx, vault: &Vault, actor: &Actor, id: i64, now: Millis) -> Result<Opened, ClueError> {
    if !authz::may_ever(actor, Action::SeeCase) {
        return Err(Refusal::Role.into());
    }
    tx.lock(&format!("daylight clue {id}")).await?;
    let row: Option<Row> = one(&**tx, &format!("{ROW} WHERE id = $1"), values![id]).await?;
    let Some(row) = row else {
        // As much is done for a clue that is not there as for one whose case is closed to them.
        cases::open(tx, vault, actor, 0, now).await.map(drop).or_else(absent)?;
        return Err(ClueError::NotFound);
    };
    let line = row.line()?;
    let (under, content, facts) = match row.case_id {
        Some(case_id) => {
            let opened = cases::open(tx, vault, actor, case_id, now).await?;
            let facts = facts_of(&opened);
            let under = Under::Case(Box::new(opened));
            let content = row.content(&under, &line)?;
            (under, content, facts)
        }
        None => {
            let ground = Ground::survey(&**tx).await?;
            // What cannot be read might concern them.
            let (under, content) = row.own(vault, &line).map_err(|_| ClueError::NotFound)?;
            let facts = ground.facts(&content, line.organ_id, line.entered_by, actor.account_id);
            authz::decide_case(actor, Action::SeeCase, &facts).map_err(|_| ClueError::NotFound)?;
            (under, content, facts)
        }
    };
    let entries = entries(&**tx, &under, id).await?;
    let events: Vec<_> = entries.iter().map(|entry| entry.event).collect();
    let clue = Clue::fold(&events).map_err(|_| StoreError::Damaged)?;
    // Lists go by the columns: they must be the clue's.
    let columns = (line.state, line.since, line.disposed_at, line.events);
    if columns != (clue.state, clue.since, clue.disposed_at, i64::from(clue.last)) {
        return Err(StoreError::Damaged.into());
    }
    Ok(Opened { line, content, clue, entries, organ_id: facts.organ_id, facts, under })
}

fn absent(error: StoreError) -> Result<(), ClueError> {
    match error {
        StoreError::NotFound | StoreError::Denied(_) => Ok(()),
        other => Err(other.into()),
    }
}

/// The case was opened: no conflict, and its key is held.
fn facts_of(opened: &cases::Opened) -> CaseFacts {
    CaseFacts {
        organ_id: opened.case.organ_id,
        handler_id: opened.case.handler_id,
        conflict: false,
        holds_key: true,
        second: None,
    }
}

async fn entries(c: &impl ConnectionTrait, under: &Under, id: i64) -> Result<Vec<Entry>, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        number: i64,
        at: i64,
        account_id: i64,
        organ_id: i64,
        role: String,
        deed: String,
        reason_locked: Vec<u8>,
    }
    let sql = "SELECT number, at, account_id, organ_id, role, deed, reason_locked FROM clue_events \
               WHERE clue_id = $1 ORDER BY number";
    let rows: Vec<Row> = all(c, sql, values![id]).await?;
    let read = |row: Row| {
        let event = Event {
            number: u32::try_from(row.number).map_err(|_| StoreError::Damaged)?,
            at: row.at,
            account_id: row.account_id,
            organ_id: row.organ_id,
            role: Role::from_code(&row.role).ok_or(StoreError::Damaged)?,
            deed: serde_json::from_str(&row.deed)?,
        };
        let reason = under.open(&event_place(id, &event, &row.deed), &row.reason_locked)?;
        Ok(Entry { event, reason: reason.as_str()?.to_owned() })
    };
    rows.into_iter().map(read).collect()
}

async fn append(tx: &Tx, under: &Under, id: i64, event: &Event, reason: &str) -> Result<(), ClueError> {
    let deed = serde_json::to_string(&event.deed)?;
    let locked = under.lock(&event_place(id, event, &deed), reason.as_bytes())?;
    let sql = "INSERT INTO clue_events (clue_id, number, at, account_id, organ_id, role, deed, reason_locked) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    let Event { number, at, account_id, organ_id, role, .. } = event;
    let bound = values![id, i64::from(*number), *at, *account_id, *organ_id, role.code(), deed, locked];
    exec(&**tx, sql, bound).await.map_err(|error| match is_unique_violation(&error) {
        true => ClueError::from(Refusal::Moved),
        false => error.into(),
    })?;
    Ok(())
}

/// That a case holds a clue, said by a leader of the organ that has the case. The same form sent twice is one clue.
pub async fn find(
    tx: &Tx,
    vault: &Vault,
    actor: &Actor,
    case_id: i64,
    content: &Content,
    token: &str,
    now: Millis,
) -> Result<i64, ClueError> {
    let opened = begin(tx, vault, actor, case_id, now).await?;
    let organ_id = opened.case.organ_id.ok_or(ClueError::NotFound)?;
    let (case_id, role, source) = (Some(case_id), Role::Leader, Source::Report);
    // Whom it concerns stands with the case, by which conflicts are asked.
    let content = Content { unit_id: None, cadre_id: None, ..content.clone() };
    let new = New { case_id, organ_id, role, source, content: &content, token };
    insert(tx, vault, actor, Some(Under::Case(Box::new(opened))), new, now).await
}

/// A case opened by somebody who may say that it holds a clue: a leader of the organ that has it.
pub async fn begin(
    tx: &Tx,
    vault: &Vault,
    actor: &Actor,
    case_id: i64,
    now: Millis,
) -> Result<cases::Opened, ClueError> {
    let opened = cases::open(tx, vault, actor, case_id, now).await?;
    authz::decide_case(actor, Action::ApproveCase, &facts_of(&opened)).map_err(|_| Refusal::Role)?;
    Ok(opened)
}

/// For which organ somebody enters clues, and in which role; none for those who serve in none.
pub fn desk_of(actor: &Actor) -> Option<(i64, Role)> {
    let serves = |role| Deed::Found.roles().contains(&role);
    let grants = actor.grants.iter().filter(|grant| serves(grant.role));
    grants.filter_map(|grant| Some((grant.organ_id?, grant.role))).min_by_key(|(organ, _)| *organ)
}

/// Enters a clue without a case. It must name a cadre or a unit, so that conflicts can be asked; whoever is in
/// conflict enters nothing, and the organ that may have it has it: none, and it is not taken.
pub async fn enter(
    tx: &Tx,
    vault: &Vault,
    actor: &Actor,
    source: Source,
    content: &Content,
    token: &str,
    now: Millis,
) -> Result<i64, ClueError> {
    let (organ_id, role) = desk_of(actor).ok_or(ClueError::NotFound)?;
    let ground = Ground::survey(&**tx).await?;
    let facts = ground.facts(content, organ_id, actor.account_id, actor.account_id);
    if facts.conflict {
        return Err(Refusal::Conflict.into());
    }
    if facts.organ_id.is_none() || source == Source::Report {
        return Err(Refusal::Beyond.into());
    }
    let new = New { case_id: None, organ_id, role, source, content, token };
    insert(tx, vault, actor, None, new, now).await
}

struct New<'a> {
    case_id: Option<i64>,
    organ_id: i64,
    role: Role,
    source: Source,
    content: &'a Content,
    token: &'a str,
}

async fn insert(
    tx: &Tx,
    vault: &Vault,
    actor: &Actor,
    under: Option<Under>,
    new: New<'_>,
    now: Millis,
) -> Result<i64, ClueError> {
    let New { case_id, organ_id, role, source, content, token } = new;
    let (hash, account_id) = (token_hash(token), actor.account_id);
    tx.lock("daylight clues").await?;
    let sql = "SELECT id FROM clues WHERE token_hash = $1 AND entered_by = $2";
    if let Some(id) = scalar_opt::<i64>(&**tx, sql, values![hash.clone(), account_id]).await? {
        return Ok(id);
    }
    let sql = "INSERT INTO clues (case_id, organ_id, entered_by, source, state, found_at, since_at, events, \
               token_hash) VALUES ($1, $2, $3, $4, $5, $6, $6, 1, $7) RETURNING id";
    let state = State::Open;
    let bound = values![case_id, organ_id, account_id, source.code(), state.code(), now, hash];
    let id: i64 = scalar(&**tx, sql, bound).await?;
    let (under, wrapped) = match under {
        Some(under) => (under, None),
        None => {
            let key = DataKey::draw(1);
            let wrapped = key.wrap(vault, &CLUE_KEY.place(id));
            (Under::Own(key), Some(wrapped))
        }
    };
    let (entered_by, since, found_at) = (account_id, now, now);
    let line = Line {
        id,
        case_id,
        organ_id,
        source,
        state,
        found_at,
        since,
        disposed_at: None,
        entered_by,
        events: 1,
    };
    let locked = under.lock(&content_place(&line), &serde_json::to_vec(content)?)?;
    let sql = "UPDATE clues SET key_sealed = $2, content_locked = $3 WHERE id = $1";
    exec(&**tx, sql, values![id, wrapped, locked]).await?;
    let event = Event { number: 1, at: now, account_id, organ_id, role, deed: Deed::Found };
    append(tx, &under, id, &event, "").await?;
    keep(tx, id, now).await?;
    note(tx, actor, Deed::Found, id, now).await?;
    Ok(id)
}

/// What somebody does, why, and the last event they saw.
#[derive(Clone, Debug)]
pub struct Doing {
    /// What.
    pub deed: Deed,
    /// Why.
    pub reason: String,
    /// The last event on the page that was shown.
    pub seen: u32,
}

/// Does something to a clue: change, event and audit entry together.
pub async fn act(
    tx: &Tx,
    vault: &Vault,
    actor: &Actor,
    id: i64,
    doing: &Doing,
    now: Millis,
) -> Result<Clue, ClueError> {
    let opened = open(tx, vault, actor, id, now).await?;
    if doing.seen != opened.clue.last {
        return Err(Refusal::Moved.into());
    }
    let (event, clue) = opened.next(actor, doing.deed, now)?;
    let reason = doing.reason.trim();
    let length = reason.chars().count();
    let least = if doing.deed == Deed::Approve { 0 } else { super::clue::REASON_LEAST };
    if length < least || length > super::clue::REASON_MOST as usize {
        return Err(Refusal::Reason.into());
    }
    append(tx, &opened.under, id, &event, reason).await?;
    let sql = "UPDATE clues SET state = $3, disposal = $4, since_at = $5, disposed_at = $6, events = $7 \
               WHERE id = $1 AND events = $2";
    let (state, disposal) = (clue.state.code(), clue.state.disposal().map(Disposal::code));
    let (before, after) = (i64::from(opened.clue.last), i64::from(clue.last));
    let bound = values![id, before, state, disposal, clue.since, clue.disposed_at, after];
    if exec(&**tx, sql, bound).await? == 0 {
        return Err(Refusal::Moved.into());
    }
    keep(tx, id, now).await?;
    note(tx, actor, doing.deed, id, now).await?;
    Ok(clue)
}

async fn keep(tx: &Tx, id: i64, now: Millis) -> Result<(), DbErr> {
    rows::keep(tx, &rows::CLUES, id, now).await?;
    rows::keep(tx, &rows::CLUE_EVENTS, id, now).await
}

async fn note(tx: &Tx, actor: &Actor, deed: Deed, id: i64, now: Millis) -> Result<(), ClueError> {
    let (subject, account_id) = (format!("clue {id}"), Some(actor.account_id));
    let action = deed.action();
    let entry = audit::Entry { account_id, actor: &actor.name, action, subject: &subject, detail: "" };
    Ok(audit::store::append(tx, &entry, now).await?)
}

/// Counts anew what was disposed of, for everybody. Run twice it gives the same.
pub async fn count(tx: &Tx) -> Result<(), DbErr> {
    #[derive(FromQueryResult)]
    struct Disposed {
        disposal: String,
        disposed_at: i64,
    }
    let sql = "SELECT disposal, disposed_at FROM clues WHERE state = 'disposed' AND disposal IS NOT NULL \
               AND disposed_at IS NOT NULL";
    let mut counts: BTreeMap<(i64, String), i64> = BTreeMap::new();
    for row in all::<Disposed>(&**tx, sql, values![]).await? {
        let year = i64::from(beijing(row.disposed_at).year());
        *counts.entry((year, row.disposal)).or_insert(0) += 1;
    }
    exec(&**tx, "DELETE FROM clue_counts", values![]).await?;
    let rows = counts.into_iter().map(|((year, disposal), n)| values![year, disposal, n]).collect();
    insert_many(&**tx, "clue_counts", &["year", "disposal", "n"], rows).await
}

/// How many were disposed of each way, by year, as last counted.
pub type Counts = BTreeMap<i64, BTreeMap<Disposal, i64>>;

/// The last count.
pub async fn counts(c: &impl ConnectionTrait) -> Result<Counts, DbErr> {
    #[derive(FromQueryResult)]
    struct Count {
        year: i64,
        disposal: String,
        n: i64,
    }
    let mut counts = Counts::new();
    for row in all::<Count>(c, "SELECT year, disposal, n FROM clue_counts", values![]).await? {
        let Some(disposal) = Disposal::from_code(&row.disposal) else { continue };
        counts.entry(row.year).or_default().insert(disposal, row.n);
    }
    Ok(counts)
}

/// The name of a cadre in question.
pub async fn cadre_name(c: &impl ConnectionTrait, id: i64) -> Result<Option<String>, DbErr> {
    scalar_opt(c, "SELECT name FROM cadres WHERE id = $1", values![id]).await
}
