//! Every query on cases. Whatever is done to a case is done here in one transaction, under its lock: the events are
//! loaded and folded, the deed is tried, its event is added, the columns and the keys follow.

use super::{
    Above, By, Case, Deed, Event, Refused, State,
    keys::{self, Keys},
    routing::{self, Because, Destination, Matter, Route, World},
};
use crate::{
    audit,
    authz::{self, Action, Actor, CaseFacts, Denied, Role},
    calendar::Calendar,
    clock::Millis,
    deadlines::{self, Moment, Profile},
};
use daylight_db::{
    ConnectionTrait, DbErr, FromQueryResult, Tx, all, exec, is_unique_violation, one, scalar, values,
};
use daylight_vault::{Place, Secret, Vault, VaultError};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Why a case cannot be opened or changed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// There is none, or not for this person: pages answer both alike.
    #[error("没有找到这件。")]
    NotFound,
    /// The role does not allow it.
    #[error(transparent)]
    Denied(Denied),
    /// It cannot follow what happened before.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// Somebody was quicker: what was decided on is no longer what stands.
    #[error("这件刚刚有了新的进展，请查看后再操作")]
    Moved,
    /// What is stored cannot be read.
    #[error("办理记录读不出来，请联系系统管理员核验数据")]
    Damaged,
    /// The keys failed.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbErr),
}

impl From<Denied> for StoreError {
    fn from(denied: Denied) -> StoreError {
        if denied == Denied::Closed { StoreError::NotFound } else { StoreError::Denied(denied) }
    }
}

impl From<serde_json::Error> for StoreError {
    fn from(_: serde_json::Error) -> StoreError {
        StoreError::Damaged
    }
}

/// What somebody wrote with a deed: a question, a finding, a reply. Kept locked.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Words {
    /// Question, step, finding; of a reply what is said besides.
    pub text: String,
    /// Further points that the reporter raised.
    pub points: Vec<String>,
    /// Answers of a reply, in the order of the points.
    pub answers: Vec<String>,
}

// What was written stays out of logs.
impl std::fmt::Debug for Words {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Words(•••)")
    }
}

/// An event with what was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What happened.
    pub event: Event,
    /// What was written.
    pub words: Words,
}

/// Everything of an event that somebody wrote, as it is locked.
#[derive(Serialize, Deserialize)]
struct Written {
    reason: String,
    /// Why a near-copy of a reply was let through.
    released: Option<String>,
    words: Words,
}

/// A case opened: its state, its events, and the keys by which they were read.
#[derive(Debug)]
pub struct Opened {
    /// Its id.
    pub id: i64,
    /// What stands.
    pub case: Case,
    /// What happened.
    pub entries: Vec<Entry>,
    keys: Keys,
}

impl Opened {
    /// Number of the last event: what a form gives back, so that nobody decides on what no longer stands.
    pub fn seen(&self) -> u32 {
        self.case.last.0
    }

    /// Locks something under the case's newest key.
    pub(crate) fn lock(&self, at: &Place, plaintext: &[u8]) -> Result<Vec<u8>, VaultError> {
        self.keys.lock(at, plaintext)
    }

    /// Opens something locked under a key of the case.
    pub(crate) fn unlock(&self, at: &Place, locked: &[u8]) -> Result<Secret, VaultError> {
        self.keys.open(at, locked)
    }
}

fn event_place(case_id: i64, number: u32) -> Place {
    Place::new("case_events", format!("{case_id}/{number}"), "words_locked")
}

/// One writer at a time. Taken before anything of the case is read.
async fn lock(tx: &Tx, case_id: i64) -> Result<(), DbErr> {
    tx.lock(&format!("daylight case {case_id}")).await
}

/// Begins the case of a report within the report's transaction, locked under its first key.
pub(crate) async fn begin(
    tx: &Tx,
    vault: &Vault,
    case_id: i64,
    receive: Deed,
    now: Millis,
) -> Result<Opened, StoreError> {
    let (case, event) = Case::open(By::Reporter, now, receive)?;
    let columns = Columns::of(tx, &case, now).await?;
    let sql = "INSERT INTO cases (id, events, state, stage, kind, profile, received_at) \
               VALUES ($1, 1, $2, $3, $4, $5, $6)";
    let bound =
        values![case_id, columns.state, columns.stage, columns.kind, columns.profile, columns.received_at];
    exec(&**tx, sql, bound).await?;
    let keys = keys::store::begin(tx, vault, case_id, now).await?;
    let mut opened = Opened { id: case_id, case, entries: Vec::new(), keys };
    append(tx, &mut opened, event, Words::default()).await?;
    Ok(opened)
}

/// Does something to an opened case: the machine decides, the event is kept, the columns follow.
async fn take(
    tx: &Tx,
    opened: &mut Opened,
    by: By,
    deed: Deed,
    reason: &str,
    words: Words,
    now: Millis,
) -> Result<(), StoreError> {
    let before = opened.seen();
    let (case, event) = opened.case.act(by, now, deed, reason)?;
    opened.case = case;
    append(tx, opened, event, words).await?;
    let columns = Columns::of(tx, &opened.case, now).await?;
    columns.write(tx, opened.id, before).await
}

async fn append(tx: &Tx, opened: &mut Opened, event: Event, words: Words) -> Result<(), StoreError> {
    let mut deed = serde_json::to_value(&event.deed)?;
    // The one text that stands within a deed goes with the others.
    let released = deed.pointer_mut("/sound/released").map(serde_json::Value::take);
    let released = released.and_then(|text| text.as_str().map(str::to_owned));
    let written = Written { reason: event.reason.clone(), released, words: words.clone() };
    let locked = opened.lock(&event_place(opened.id, event.number), &serde_json::to_vec(&written)?)?;
    let (actor, account_id, organ_id) = match event.by {
        By::Reporter => ("reporter", None, None),
        By::Platform => ("platform", None, None),
        By::Staff { account_id, organ_id, role } => (role.code(), Some(account_id), Some(organ_id)),
    };
    let sql = "INSERT INTO case_events (case_id, number, at, actor, account_id, organ_id, deed, words_locked) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    let bound = values![
        opened.id,
        i64::from(event.number),
        event.at,
        actor,
        account_id,
        organ_id,
        deed.to_string(),
        locked
    ];
    exec(&**tx, sql, bound).await.map_err(|error| match is_unique_violation(&error) {
        true => StoreError::Moved,
        false => error.into(),
    })?;
    opened.entries.push(Entry { event, words });
    Ok(())
}

#[derive(FromQueryResult)]
struct Row {
    number: i64,
    at: i64,
    actor: String,
    account_id: Option<i64>,
    organ_id: Option<i64>,
    deed: String,
    words_locked: Vec<u8>,
}

impl Row {
    fn read(self, case_id: i64, keys: &Keys) -> Result<Entry, StoreError> {
        let number = u32::try_from(self.number).map_err(|_| StoreError::Damaged)?;
        let opened = keys.open(&event_place(case_id, number), &self.words_locked)?;
        let written: Written = serde_json::from_slice(opened.as_bytes())?;
        let mut deed: serde_json::Value = serde_json::from_str(&self.deed)?;
        if let (Some(at), Some(text)) = (deed.pointer_mut("/sound/released"), written.released) {
            *at = text.into();
        }
        let by = match (self.actor.as_str(), self.account_id, self.organ_id) {
            ("reporter", None, None) => By::Reporter,
            ("platform", None, None) => By::Platform,
            (role, Some(account_id), Some(organ_id)) => {
                By::Staff { account_id, organ_id, role: Role::from_code(role).ok_or(StoreError::Damaged)? }
            }
            _ => return Err(StoreError::Damaged),
        };
        let (deed, reason) = (serde_json::from_value(deed)?, written.reason);
        Ok(Entry { event: Event { number, at: self.at, by, deed, reason }, words: written.words })
    }
}

/// Opens a case with keys that somebody holds.
pub(crate) async fn open_with(
    c: &impl ConnectionTrait,
    case_id: i64,
    keys: Keys,
) -> Result<Opened, StoreError> {
    let sql = "SELECT number, at, actor, account_id, organ_id, deed, words_locked FROM case_events \
               WHERE case_id = $1 ORDER BY number";
    let rows: Vec<Row> = all(c, sql, values![case_id]).await?;
    if rows.is_empty() {
        return Err(StoreError::NotFound);
    }
    let entries = rows.into_iter().map(|row| row.read(case_id, &keys)).collect::<Result<Vec<_>, _>>()?;
    let events: Vec<_> = entries.iter().map(|entry| entry.event.clone()).collect();
    Ok(Opened { id: case_id, case: Case::fold(&events)?, entries, keys })
}

/// Opens a case with the program's own keys: for the reporter, routing and timers.
pub(crate) async fn open_own(
    c: &impl ConnectionTrait,
    vault: &Vault,
    case_id: i64,
) -> Result<Opened, StoreError> {
    open_with(c, case_id, keys::store::keys(c, vault, case_id, None).await?).await
}

/// The columns beside the events.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Columns {
    /// [`State::code`].
    pub state: String,
    /// [`deadlines::Stage::code`].
    pub stage: String,
    /// [`crate::reports::Kind::code`].
    pub kind: String,
    /// The deadline profile it keeps.
    pub profile: String,
    /// The organ that has it.
    pub organ_id: Option<i64>,
    /// Its handler.
    pub handler_id: Option<i64>,
    /// When its first stage began.
    pub received_at: i64,
    /// When it was closed.
    pub closed_at: Option<i64>,
    /// Since when its outcome is public.
    pub published_at: Option<i64>,
    /// When the next running clock is due.
    pub due_at: Option<i64>,
    /// Since when it is overdue, as last seen.
    pub overdue_since: Option<i64>,
    /// When silence lets it lapse.
    pub lapses_at: Option<i64>,
}

impl Columns {
    /// What follows from a case at a moment.
    async fn of(c: &Tx, case: &Case, now: Millis) -> Result<Columns, StoreError> {
        let profile = deadlines::store::kept(&**c, &case.profile).await?.ok_or(StoreError::Damaged)?;
        let calendar = crate::calendar::store::calendar(&**c).await?;
        Ok(Columns::read(case, &profile, &calendar, now))
    }

    fn read(case: &Case, profile: &Profile, calendar: &Calendar, now: Millis) -> Columns {
        // A year whose calendar is not loaded gives no date rather than a guessed one; the timer asks again.
        let clocks = case.clocks(profile, calendar, now).unwrap_or_default();
        let next = clocks.iter().find(|clock| clock.run.ended.is_none());
        let lapses = case.silence_ends(profile, calendar, now).ok().flatten();
        Columns {
            state: case.state.code().into(),
            stage: case.stage.code().into(),
            kind: case.kind.code().into(),
            profile: case.profile.clone(),
            organ_id: case.organ_id,
            handler_id: case.handler_id,
            received_at: case.moments.get(&(deadlines::Stage::First, Moment::Received)).copied().unwrap_or(0),
            closed_at: case.closed,
            published_at: case.published,
            due_at: next.map(|clock| clock.due.at),
            overdue_since: next.filter(|clock| clock.is_overdue(now)).map(|clock| clock.due.at),
            lapses_at: lapses.map(|due| due.at),
        }
    }

    /// Writes them if the case still stands where it stood.
    async fn write(self, tx: &Tx, case_id: i64, before: u32) -> Result<(), StoreError> {
        let sql = "UPDATE cases SET events = events + 1, state = $3, stage = $4, organ_id = $5, handler_id = $6, \
                   received_at = $7, closed_at = $8, published_at = $9, due_at = $10, overdue_since = $11, \
                   lapses_at = $12 WHERE id = $1 AND events = $2";
        let bound = values![
            case_id,
            i64::from(before),
            self.state,
            self.stage,
            self.organ_id,
            self.handler_id,
            self.received_at,
            self.closed_at,
            self.published_at,
            self.due_at,
            self.overdue_since,
            self.lapses_at
        ];
        if exec(&**tx, sql, bound).await? == 1 { Ok(()) } else { Err(StoreError::Moved) }
    }
}

/// Where routing sent a case, and why: what is kept of it, locked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// What it was asked about; who is recused is read anew each time.
    pub matter: Matter,
    /// The reasoning.
    pub chain: Vec<Because>,
}

fn route_place(case_id: i64, number: i64) -> Place {
    Place::new("case_routes", format!("{case_id}/{number}"), "chain_locked")
}

async fn keep_route(tx: &Tx, opened: &Opened, sent: &Sent, now: Millis) -> Result<(), StoreError> {
    let sql = "SELECT COALESCE(MAX(number), 0) + 1 FROM case_routes WHERE case_id = $1";
    let number: i64 = scalar(&**tx, sql, values![opened.id]).await?;
    let locked = opened.lock(&route_place(opened.id, number), &serde_json::to_vec(sent)?)?;
    let sql = "INSERT INTO case_routes (case_id, number, at, chain_locked) VALUES ($1, $2, $3, $4)";
    exec(&**tx, sql, values![opened.id, number, now, locked]).await?;
    Ok(())
}

/// Every route of a case, the first first.
pub async fn routes(c: &impl ConnectionTrait, opened: &Opened) -> Result<Vec<Sent>, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        number: i64,
        chain_locked: Vec<u8>,
    }
    let sql = "SELECT number, chain_locked FROM case_routes WHERE case_id = $1 ORDER BY number";
    let rows: Vec<Row> = all(c, sql, values![opened.id]).await?;
    let read = |row: Row| {
        let sent = opened.unlock(&route_place(opened.id, row.number), &row.chain_locked)?;
        Ok(serde_json::from_slice(sent.as_bytes())?)
    };
    rows.into_iter().map(read).collect()
}

/// Accounts that stay out of a matter by a standing recusal.
pub async fn standing_recusals(c: &impl ConnectionTrait, matter: &Matter) -> Result<BTreeSet<i64>, DbErr> {
    use routing::store::About;
    let recusals = routing::store::recusals(c).await?;
    let fits = |about: &About| match about {
        About::Cadre(id) => matter.named.contains(id),
        About::Unit(id) => matter.unit_id == Some(*id),
    };
    Ok(recusals.into_iter().filter(|(_, about)| fits(about)).map(|(account, _)| account).collect())
}

/// What a case is about, with everybody who is out of it by now.
async fn matter(c: &impl ConnectionTrait, opened: &Opened) -> Result<Matter, StoreError> {
    let mut matter = routes(c, opened).await?.pop().ok_or(StoreError::Damaged)?.matter;
    matter.recused = &standing_recusals(c, &matter).await? | &opened.case.recused;
    Ok(matter)
}

/// Sends a new case where routing says, within the report's transaction.
pub(crate) async fn send(
    tx: &Tx,
    vault: &Vault,
    opened: &mut Opened,
    matter: Matter,
    route: Route,
    now: Millis,
) -> Result<(), StoreError> {
    keep_route(tx, opened, &Sent { matter, chain: route.chain.clone() }, now).await?;
    move_to(tx, opened, &route, "按管辖和回避规则转交", now).await?;
    settle(tx, vault, opened, now).await
}

async fn move_to(
    tx: &Tx,
    opened: &mut Opened,
    route: &Route,
    reason: &str,
    now: Millis,
) -> Result<(), StoreError> {
    let deed = match route.destination {
        Destination::Organ { organ_id, .. } => Deed::Route { organ_id },
        Destination::Sealed { .. } | Destination::Refused { .. } => Deed::HandUp,
    };
    take(tx, opened, By::Platform, deed, reason, Words::default(), now).await
}

/// Makes who can open a case agree with who may have it at this moment: an organ in conflict loses it, so does a
/// person; who serves there and is clear gets the key. Nothing happens when all agree already.
async fn settle(tx: &Tx, vault: &Vault, opened: &mut Opened, now: Millis) -> Result<(), StoreError> {
    let world = routing::store::world(&**tx).await?;
    let mut about = matter(&**tx, opened).await?;
    if let (Some(organ_id), true) = (opened.case.organ_id, opened.case.is_open()) {
        for account in in_conflict(&world, &about, &keys::store::holders(&**tx, opened.id).await?, organ_id) {
            if !opened.case.recused.contains(&account) {
                let out = Deed::Recuse { account_id: account };
                let reason = "与反映的人或单位有利害关系";
                take(tx, opened, By::Platform, out, reason, Words::default(), now).await?;
            }
        }
        about = matter(&**tx, opened).await?;
        let route = routing::from(&world, &about, organ_id);
        // An answer that was given stands; who may open it is dealt with below all the same.
        if opened.case.state != State::Answered && route.above() != Above::Organ(organ_id) {
            let sent = Sent { matter: about.clone(), chain: route.chain.clone() };
            keep_route(tx, opened, &sent, now).await?;
            move_to(tx, opened, &route, "原承办组织须回避", now).await?;
        }
    }
    let to = entitled(&world, &about, opened);
    keys::store::deal(tx, vault, opened.id, &mut opened.keys, &to, now).await?;
    Ok(())
}

fn in_conflict(world: &World, matter: &Matter, held: &BTreeSet<i64>, organ_id: i64) -> Vec<i64> {
    let serves = |staff: &&routing::Staff| staff.organ_id == organ_id && held.contains(&staff.account_id);
    let out =
        world.staff.iter().filter(serves).filter(|staff| routing::conflict(world, matter, staff).is_some());
    let out: BTreeSet<_> = out.map(|staff| staff.account_id).collect();
    out.into_iter().collect()
}

/// Who may hold the key: intake and leaders of the organ, and the handler, those in conflict excepted.
fn entitled(world: &World, matter: &Matter, opened: &Opened) -> BTreeSet<i64> {
    let here = |staff: &&routing::Staff| {
        Some(staff.organ_id) == opened.case.organ_id
            && (staff.role != Role::Handler || opened.case.handler_id == Some(staff.account_id))
            && routing::conflict(world, matter, staff).is_none()
    };
    if opened.case.state == State::Closed(super::Ending::HandedUp) {
        return BTreeSet::new();
    }
    world.staff.iter().filter(here).map(|staff| staff.account_id).collect()
}

/// What `authz` must know of a case and of somebody's standing to it.
async fn facts(c: &impl ConnectionTrait, opened: &Opened, account_id: i64) -> Result<CaseFacts, StoreError> {
    let world = routing::store::world(c).await?;
    let matter = matter(c, opened).await?;
    Ok(CaseFacts {
        organ_id: opened.case.organ_id,
        handler_id: opened.case.handler_id,
        conflict: is_out(&world, &matter, account_id),
        holds_key: keys::store::holds(c, opened.id, account_id).await?,
        second: None,
    })
}

/// Whether an account is out by any of its roles; also when it serves nowhere.
fn is_out(world: &World, matter: &Matter, account_id: i64) -> bool {
    let mut roles = world.staff.iter().filter(|staff| staff.account_id == account_id).peekable();
    roles.peek().is_none() || roles.any(|staff| routing::conflict(world, matter, staff).is_some())
}

/// Opens a case for a member of staff. That they were shown it is kept before it is shown.
pub async fn open(
    tx: &Tx,
    vault: &Vault,
    actor: &Actor,
    case_id: i64,
    now: Millis,
) -> Result<Opened, StoreError> {
    lock(tx, case_id).await?;
    let opened = open_own(&**tx, vault, case_id).await?;
    authz::decide_case(actor, Action::SeeCase, &facts(&**tx, &opened, actor.account_id).await?)?;
    let keys = keys::store::keys(&**tx, vault, case_id, Some(actor.account_id)).await?;
    keys::store::note_opened(tx, case_id, actor.account_id, opened.seen(), now).await?;
    // Read once more by their own keys: a mistake in the decision alone opens nothing.
    open_with(&**tx, case_id, keys).await
}

/// What a member of staff does to a case.
#[derive(Clone, Debug)]
pub struct Doing {
    /// What.
    pub deed: Deed,
    /// Why.
    pub reason: String,
    /// What they wrote.
    pub words: Words,
    /// [`Opened::seen`] of what they decided on.
    pub seen: u32,
}

/// Does something to a case as a member of staff.
pub async fn act(
    tx: &Tx,
    vault: &Vault,
    actor: &Actor,
    case_id: i64,
    doing: Doing,
    now: Millis,
) -> Result<Opened, StoreError> {
    lock(tx, case_id).await?;
    let mut opened = open_own(&**tx, vault, case_id).await?;
    let facts = facts(&**tx, &opened, actor.account_id).await?;
    authz::decide_case(actor, Action::SeeCase, &facts)?;
    let by = by(actor, facts.organ_id, &doing.deed)?;
    authz::decide_case(actor, action(by, &doing.deed), &facts)?;
    if opened.seen() != doing.seen {
        return Err(StoreError::Moved);
    }
    let world = routing::store::world(&**tx).await?;
    let about = matter(&**tx, &opened).await?;
    match doing.deed {
        Deed::Assign { account_id } => may_handle(&world, &about, facts.organ_id, account_id)?,
        Deed::Forward { organ_id } => {
            let route = routing::from(&world, &about, organ_id);
            if route.above() != Above::Organ(organ_id) {
                return Err(Refused::OrganOut.into());
            }
            keep_route(tx, &opened, &Sent { matter: about, chain: route.chain }, now).await?;
        }
        _ => {}
    }
    let (word, name) = (doing.deed.page(), actor.name.as_str());
    take(tx, &mut opened, by, doing.deed, &doing.reason, doing.words, now).await?;
    settle(tx, vault, &mut opened, now).await?;
    let subject = format!("case {case_id}");
    let account_id = Some(actor.account_id);
    let entry = audit::Entry { account_id, actor: name, action: "case.act", subject: &subject, detail: word };
    audit::store::append(tx, &entry, now).await?;
    Ok(opened)
}

/// As whom somebody with several roles in the organ does this: as the first that fits.
fn by(actor: &Actor, organ_id: Option<i64>, deed: &Deed) -> Result<By, Refused> {
    let organ = organ_id.ok_or(Refused::OtherOrgan)?;
    let here = actor.grants.iter().filter(|grant| grant.organ_id == organ_id);
    let as_role = |role| By::Staff { account_id: actor.account_id, organ_id: organ, role };
    here.map(|grant| as_role(grant.role)).find(|by| deed.fits(*by)).ok_or(Refused::Role(deed.page()))
}

fn action(by: By, deed: &Deed) -> Action {
    match (by, deed) {
        (_, Deed::Recuse { .. }) => Action::SeeCase,
        (_, Deed::Assign { .. }) => Action::AssignCase,
        (By::Staff { role: Role::Intake, .. }, _) => Action::ReceiveReport,
        (By::Staff { role: Role::Handler, .. }, _) => Action::HandleCase,
        _ => Action::ApproveCase,
    }
}

fn may_handle(world: &World, matter: &Matter, organ_id: Option<i64>, account_id: i64) -> Result<(), Refused> {
    let fits = |staff: &&routing::Staff| {
        staff.account_id == account_id && Some(staff.organ_id) == organ_id && staff.role == Role::Handler
    };
    let staff = world.staff.iter().find(fits).ok_or(Refused::OtherOrgan)?;
    if routing::conflict(world, matter, staff).is_some() { Err(Refused::Recused) } else { Ok(()) }
}

/// What a reporter says about their case.
#[derive(Clone, Debug)]
pub enum Said {
    /// More to what was reported, with further points to be answered.
    More(Words),
    /// Satisfied.
    Satisfied,
    /// Not satisfied, and what is missing.
    Dissatisfied(String),
    /// Takes it back.
    Withdraw,
}

/// Does what the reporter says. Number and code were checked (`reports::store::open`).
pub(crate) async fn say(
    tx: &Tx,
    vault: &Vault,
    case_id: i64,
    said: Said,
    now: Millis,
) -> Result<Opened, StoreError> {
    lock(tx, case_id).await?;
    let mut opened = open_own(&**tx, vault, case_id).await?;
    let (deed, reason, words) = match said {
        Said::More(words) => {
            let points = u32::try_from(words.points.len()).unwrap_or(u32::MAX);
            (Deed::Supply { points }, String::new(), words)
        }
        Said::Satisfied => (Deed::Satisfied, String::new(), Words::default()),
        Said::Withdraw => (Deed::Withdraw, String::new(), Words::default()),
        Said::Dissatisfied(missing) => {
            (Deed::Dissatisfied { to: above(tx, &opened, now).await? }, missing, Words::default())
        }
    };
    take(tx, &mut opened, By::Reporter, deed, &reason, words, now).await?;
    settle(tx, vault, &mut opened, now).await?;
    Ok(opened)
}

/// Where a dissatisfied reporter's case goes; nowhere from the second stage.
async fn above(tx: &Tx, opened: &Opened, now: Millis) -> Result<Option<Above>, StoreError> {
    let (deadlines::Stage::First, Some(organ_id)) = (opened.case.stage, opened.case.organ_id) else {
        return Ok(None);
    };
    let world = routing::store::world(&**tx).await?;
    let mut about = matter(&**tx, opened).await?;
    about.recused.extend(&opened.case.acted);
    let route = routing::above(&world, &about, organ_id);
    keep_route(tx, opened, &Sent { matter: about, chain: route.chain.clone() }, now).await?;
    Ok(Some(route.above()))
}

/// Names people in a case, after it was routed: whoever is in conflict with them loses it at once, and what they had
/// opened stays on record for the superior ([`keys::store::opened`]).
pub async fn name(
    tx: &Tx,
    vault: &Vault,
    case_id: i64,
    named: &BTreeSet<i64>,
    now: Millis,
) -> Result<Opened, StoreError> {
    lock(tx, case_id).await?;
    let mut opened = open_own(&**tx, vault, case_id).await?;
    let mut about = matter(&**tx, &opened).await?;
    about.named.extend(named);
    keep_route(tx, &opened, &Sent { matter: about, chain: Vec::new() }, now).await?;
    settle(tx, vault, &mut opened, now).await?;
    Ok(opened)
}

/// Notes that the outcome card of a case is public: the release of `crate::outcomes` does it, nobody else.
pub(crate) async fn publish(tx: &Tx, vault: &Vault, case_id: i64, now: Millis) -> Result<Opened, StoreError> {
    lock(tx, case_id).await?;
    let mut opened = open_own(&**tx, vault, case_id).await?;
    take(tx, &mut opened, By::Platform, Deed::Publish, "", Words::default(), now).await?;
    Ok(opened)
}

/// A case in a list.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Line {
    /// Its id.
    pub id: i64,
    /// [`State::code`].
    pub state: String,
    /// Its stage.
    pub stage: String,
    /// What is wanted.
    pub kind: String,
    /// Its handler.
    pub handler_id: Option<i64>,
    /// When it was received.
    pub received_at: i64,
    /// When the next clock is due.
    pub due_at: Option<i64>,
    /// Since when it is overdue.
    pub overdue_since: Option<i64>,
}

/// The cases somebody may see, the next due first: those of their organs whose key they hold, and to which nothing
/// that has become known since has put them in conflict.
pub async fn list(c: &impl ConnectionTrait, vault: &Vault, actor: &Actor) -> Result<Vec<Line>, StoreError> {
    let (condition, mut bound) = authz::case_condition(actor, 2);
    bound.insert(0, actor.account_id.into());
    let sql = format!(
        "SELECT id, state, stage, kind, handler_id, received_at, due_at, overdue_since FROM cases \
         WHERE ({condition}) AND EXISTS (SELECT 1 FROM case_keys k WHERE k.case_id = cases.id \
         AND k.account_id = $1 AND k.revoked_at IS NULL) ORDER BY due_at IS NULL, due_at, id"
    );
    let rows: Vec<Line> = all(c, &sql, bound).await?;
    let world = routing::store::world(c).await?;
    let mut seen = Vec::new();
    for line in rows {
        let opened = open_own(c, vault, line.id).await?;
        if !is_out(&world, &matter(c, &opened).await?, actor.account_id) {
            seen.push(line);
        }
    }
    Ok(seen)
}

/// The columns of a case as stored.
pub async fn columns(c: &impl ConnectionTrait, case_id: i64) -> Result<Option<Columns>, DbErr> {
    one(c, "SELECT * FROM cases WHERE id = $1", values![case_id]).await
}

#[cfg(test)]
#[path = "tests/stored.rs"]
mod tests;
