//! Every query on the opening of identities. Whatever is done is done under the lock of the case, so that a case that is
//! taken from somebody is taken before or after a look, never during one.

use super::{
    Opening, OpeningError, Refusal, State,
    opening::{HOURS, HOURS_MOST, led, second_organs},
};
use crate::{
    accounts,
    audit::{self, rows},
    authz::{self, Action, Actor, CaseFacts, Denied},
    cases::{
        keys,
        routing::{self, Because, Matter, World},
        store::{self as cases, Opened, StoreError},
    },
    clock::{Millis, beijing},
    ops::{
        self,
        store::{IDENTITY, OPENING_REASON},
    },
    reports::{Helper, store as reports},
};
use daylight_db::{ConnectionTrait, DbErr, FromQueryResult, Tx, all, exec, one, scalar, scalar_opt, values};
use daylight_vault::{Place, Vault};
use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

/// The setting that says for how many hours an approval holds.
pub const HOURS_SETTING: &str = "identity_opening_hours";

/// The same lock as everything that is done to a case (`cases::store`).
async fn lock(tx: &Tx, case_id: i64) -> Result<(), DbErr> {
    tx.lock(&format!("daylight case {case_id}")).await
}

#[derive(FromQueryResult)]
struct Row {
    id: i64,
    case_id: i64,
    account_id: i64,
    organ_id: i64,
    asked_at: i64,
    withdrawn_at: Option<i64>,
    second_id: Option<i64>,
    second_organ_id: Option<i64>,
    decided_at: Option<i64>,
    until: Option<i64>,
    revoked_at: Option<i64>,
}

const ROW: &str = "SELECT id, case_id, account_id, organ_id, asked_at, withdrawn_at, second_id, second_organ_id, \
                   decided_at, until, revoked_at FROM identity_openings";

async fn read(c: &impl ConnectionTrait, row: Row) -> Result<Opening, DbErr> {
    #[derive(FromQueryResult)]
    struct Look {
        at: i64,
    }
    let sql = "SELECT at FROM identity_looks WHERE opening_id = $1 ORDER BY id";
    let looks: Vec<Look> = all(c, sql, values![row.id]).await?;
    Ok(Opening {
        id: row.id,
        case_id: row.case_id,
        account_id: row.account_id,
        organ_id: row.organ_id,
        asked_at: row.asked_at,
        withdrawn_at: row.withdrawn_at,
        second: row.second_id.zip(row.second_organ_id),
        decided_at: row.decided_at,
        until: row.until,
        revoked_at: row.revoked_at,
        looks: looks.into_iter().map(|look| look.at).collect(),
    })
}

async fn get(c: &impl ConnectionTrait, id: i64) -> Result<Option<Opening>, DbErr> {
    match one::<Row>(c, &format!("{ROW} WHERE id = $1"), values![id]).await? {
        Some(row) => Ok(Some(read(c, row).await?)),
        None => Ok(None),
    }
}

/// So many are shown of what is over.
const SHOWN: &str = "ORDER BY id DESC LIMIT 100";

async fn found(
    c: &impl ConnectionTrait,
    condition: &str,
    bound: Vec<daylight_db::Value>,
) -> Result<Vec<Opening>, DbErr> {
    let rows: Vec<Row> = all(c, &format!("{ROW} WHERE {condition}"), bound).await?;
    let mut openings = Vec::with_capacity(rows.len());
    for row in rows {
        openings.push(read(c, row).await?);
    }
    Ok(openings)
}

/// The requests of one case, the newest first.
pub async fn of_case(c: &impl ConnectionTrait, case_id: i64) -> Result<Vec<Opening>, DbErr> {
    found(c, &format!("case_id = $1 {SHOWN}"), values![case_id]).await
}

/// Those of one case that led to a look, the first first: all of them, however many were asked for since.
async fn looked(c: &impl ConnectionTrait, case_id: i64) -> Result<Vec<Opening>, DbErr> {
    let condition = "case_id = $1 AND EXISTS (SELECT 1 FROM identity_looks l \
                     WHERE l.opening_id = identity_openings.id) ORDER BY id";
    found(c, condition, values![case_id]).await
}

/// What may matter to leaders, the newest first: all that wait, so that nobody buries them under requests of their own,
/// and the last of the others.
async fn recent(c: &impl ConnectionTrait) -> Result<Vec<Opening>, DbErr> {
    let waits = "decided_at IS NULL AND withdrawn_at IS NULL";
    let mut openings = found(c, waits, values![]).await?;
    openings.extend(found(c, &format!("NOT ({waits}) {SHOWN}"), values![]).await?);
    openings.sort_by_key(|opening| std::cmp::Reverse(opening.id));
    Ok(openings)
}

/// Opens a case for somebody who may ask for, or look at, the identity; "not found" for everybody else.
async fn for_asker(
    tx: &Tx,
    vault: &Vault,
    actor: &Actor,
    case_id: i64,
    now: Millis,
) -> Result<Opened, OpeningError> {
    let opened = cases::open(tx, vault, actor, case_id, now).await?;
    match authz::decide_case(actor, Action::SeeIdentity, &seen(&opened, None)) {
        // All is well but for the second person.
        Ok(_) | Err(Denied::OwnWork) => Ok(opened),
        Err(_) => Err(OpeningError::NotFound),
    }
}

/// The standing of somebody to whom the case was just opened: that they are in no conflict and hold the key, `cases`
/// has decided in this transaction.
fn seen(opened: &Opened, second: Option<(i64, i64)>) -> CaseFacts {
    CaseFacts {
        organ_id: opened.case.organ_id,
        handler_id: opened.case.handler_id,
        conflict: false,
        holds_key: true,
        second,
    }
}

/// What the page of one case shows to somebody who may ask.
#[derive(Debug)]
pub struct Asking {
    /// The requests that this person made for this case, the newest first.
    pub mine: Vec<Opening>,
    /// How far the reporter said who they are: "anonymous", "phone", "real_name".
    pub level: String,
    /// Whether there is anything to open.
    pub known: bool,
    /// Whether the case is still at work.
    pub open: bool,
    /// Whether it was given to this person to handle: then they may ask the reporter on the platform.
    pub handles: bool,
    /// Whether any other organ has a leader who could approve.
    pub seconds: bool,
}

/// What somebody who may ask sees of the identity of a case: nothing of the identity itself.
pub async fn asking(
    tx: &Tx,
    vault: &Vault,
    actor: &Actor,
    case_id: i64,
    now: Millis,
) -> Result<Asking, OpeningError> {
    let opened = for_asker(tx, vault, actor, case_id, now).await?;
    let mut mine = of_case(&**tx, case_id).await?;
    mine.retain(|opening| opening.account_id == actor.account_id);
    let level: String = scalar(&**tx, "SELECT level FROM reports WHERE id = $1", values![case_id]).await?;
    let organ_id = opened.case.organ_id;
    let world = routing::store::world(&**tx).await?;
    let leads = |staff: &routing::Staff| {
        staff.role == authz::Role::Leader
            && Some(staff.organ_id) != organ_id
            && staff.account_id != actor.account_id
    };
    Ok(Asking {
        mine,
        level,
        known: is_known(&**tx, case_id).await?,
        open: opened.case.is_open(),
        handles: opened.case.handler_id == Some(actor.account_id),
        seconds: world.staff.iter().any(leads),
    })
}

async fn is_known(c: &impl ConnectionTrait, case_id: i64) -> Result<bool, DbErr> {
    let sql = "SELECT COUNT(*) FROM report_identities WHERE id = $1";
    Ok(scalar::<i64>(c, sql, values![case_id]).await? > 0)
}

fn reason_place(id: i64) -> Place {
    Place::new("identity_openings", id, "reason_locked")
}

/// Asks to see who reported. The reason is checked by the page ([`super::opening::REASON_LEAST`]); it is kept for the
/// second person and for the reporter.
pub async fn ask(
    tx: &Tx,
    vault: &Vault,
    actor: &Actor,
    case_id: i64,
    reason: &str,
    now: Millis,
) -> Result<i64, OpeningError> {
    let opened = for_asker(tx, vault, actor, case_id, now).await?;
    let organ_id = opened.case.organ_id.ok_or(OpeningError::NotFound)?;
    if !opened.case.is_open() {
        return Err(Refusal::Closed.into());
    }
    if !is_known(&**tx, case_id).await? {
        return Err(Refusal::Nothing.into());
    }
    let before = of_case(&**tx, case_id).await?;
    let live = |one: &Opening| {
        one.account_id == actor.account_id && one.organ_id == organ_id && one.state(now).is_live()
    };
    if before.iter().any(live) {
        return Err(Refusal::Already.into());
    }
    let sql = "INSERT INTO identity_openings (case_id, account_id, organ_id, asked_at) VALUES ($1, $2, $3, $4) \
               RETURNING id";
    let id: i64 = scalar(&**tx, sql, values![case_id, actor.account_id, organ_id, now]).await?;
    let sealed = vault.seal(&OPENING_REASON.place(id), reason.as_bytes());
    let locked = opened.lock(&reason_place(id), reason.as_bytes()).map_err(StoreError::from)?;
    let sql = "UPDATE identity_openings SET reason_sealed = $2, reason_locked = $3 WHERE id = $1";
    exec(&**tx, sql, values![id, sealed, locked]).await?;
    rows::keep(tx, &rows::OPENINGS, case_id, now).await?;
    note(tx, actor, "opening.ask", case_id, id, now).await?;
    Ok(id)
}

/// Takes one's own waiting request back.
pub async fn withdraw(
    tx: &Tx,
    vault: &Vault,
    actor: &Actor,
    case_id: i64,
    now: Millis,
) -> Result<(), OpeningError> {
    for_asker(tx, vault, actor, case_id, now).await?;
    let sql = "UPDATE identity_openings SET withdrawn_at = $3 WHERE case_id = $1 AND account_id = $2 \
               AND withdrawn_at IS NULL AND decided_at IS NULL";
    if exec(&**tx, sql, values![case_id, actor.account_id, now]).await? == 0 {
        return Err(Refusal::Decided.into());
    }
    rows::keep(tx, &rows::OPENINGS, case_id, now).await?;
    note(tx, actor, "opening.withdraw", case_id, 0, now).await
}

/// Who reported, as it is shown once.
#[derive(serde::Deserialize)]
pub struct Known {
    /// Proved by a code.
    pub phone: Option<String>,
    /// As given.
    pub name: Option<String>,
    /// Who filed it for them.
    pub helper: Option<Helper>,
}

// Who reported stays out of logs.
impl std::fmt::Debug for Known {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Known(•••)")
    }
}

/// An identity that may be shown once the look is on record: commit first, then [`Looked::open`].
#[derive(Debug)]
pub struct Looked {
    case_id: i64,
    sealed: Vec<u8>,
    /// Until when it may be looked at again.
    pub until: Millis,
}

impl Looked {
    /// Breaks the seal.
    pub fn open(&self, vault: &Vault) -> Result<Known, StoreError> {
        let opened = vault.unseal(&IDENTITY.place(self.case_id), &self.sealed)?;
        Ok(serde_json::from_slice(opened.as_bytes())?)
    }
}

/// Looks at who reported: keeps the look, notes it in the trail, tells the reporter at the first. Everything is decided
/// anew: the case, the approval, its time.
pub async fn look(
    tx: &Tx,
    vault: &Vault,
    actor: &Actor,
    case_id: i64,
    now: Millis,
) -> Result<Looked, OpeningError> {
    let opened = for_asker(tx, vault, actor, case_id, now).await?;
    if !opened.case.is_open() {
        return Err(Refusal::Closed.into());
    }
    let openings = of_case(&**tx, case_id).await?;
    let of_mine =
        |one: &&Opening| one.account_id == actor.account_id && Some(one.organ_id) == opened.case.organ_id;
    let approved = openings.iter().filter(of_mine).find(|one| one.state(now) == State::Approved);
    let approved = approved.ok_or(Refusal::NotApproved)?;
    authz::decide_case(actor, Action::SeeIdentity, &seen(&opened, approved.second(now)))
        .map_err(|_| Refusal::NotApproved)?;
    let sql = "SELECT content_sealed FROM report_identities WHERE id = $1";
    let sealed: Option<Vec<u8>> = scalar_opt(&**tx, sql, values![case_id]).await?;
    let sealed = sealed.ok_or(Refusal::Nothing)?;
    exec(&**tx, "INSERT INTO identity_looks (opening_id, at) VALUES ($1, $2)", values![approved.id, now])
        .await?;
    rows::keep(tx, &rows::LOOKS, approved.id, now).await?;
    note(tx, actor, "opening.look", case_id, approved.id, now).await?;
    if approved.looks.is_empty() {
        reports::tell(tx, vault, case_id, now).await?;
    }
    Ok(Looked { case_id, sealed, until: approved.until.unwrap_or(now) })
}

async fn note(
    tx: &Tx,
    actor: &Actor,
    action: &str,
    case_id: i64,
    opening_id: i64,
    now: Millis,
) -> Result<(), OpeningError> {
    let (subject, detail) = (format!("case {case_id}"), format!("opening {opening_id}"));
    let account_id = Some(actor.account_id);
    let entry = audit::Entry { account_id, actor: &actor.name, action, subject: &subject, detail: &detail };
    Ok(audit::store::append(tx, &entry, now).await?)
}

/// A request as a leader sees it: reason and number of the case, nothing of its content.
#[derive(Debug)]
pub struct Shown {
    /// The request.
    pub opening: Opening,
    /// Who asked.
    pub asker: String,
    /// For which organ.
    pub organ: String,
    /// Who decided, and for which organ.
    pub second: Option<(String, String)>,
    /// Why they ask.
    pub reason: String,
    /// For which organ this leader may decide on it now; none when they may not.
    pub decides: Option<i64>,
    /// Whether this leader may take the approval back now.
    pub revokes: bool,
}

/// What a leader sees: the requests they may decide on, and those that their organs made or decided. Whatever they are
/// in conflict with is not there, nor what their organ lost meanwhile. Newest first.
pub async fn for_leader(
    c: &impl ConnectionTrait,
    vault: &Vault,
    actor: &Actor,
    now: Millis,
) -> Result<Vec<Shown>, OpeningError> {
    let led = led(actor);
    let ground = Ground::survey(c).await?;
    let mut known: BTreeMap<i64, Option<Standing>> = BTreeMap::new();
    let mut shown = Vec::new();
    for opening in recent(c).await? {
        let decided_by_us = opening.second.is_some_and(|(_, organ)| led.contains(&organ));
        let asked_by_us = led.contains(&opening.organ_id);
        let seconds = match opening.state(now) {
            State::Waiting => second_organs(actor, opening.account_id, opening.organ_id),
            _ => BTreeSet::new(),
        };
        if !decided_by_us && !asked_by_us && seconds.is_empty() {
            continue;
        }
        if let Entry::Vacant(new) = known.entry(opening.case_id) {
            new.insert(match Standing::of(c, vault, &ground, opening.case_id).await {
                Ok(standing) => Some(standing),
                // Nobody decides on what cannot be read, and it closes nobody's list.
                Err(error) if error.is_damage() => None,
                Err(error) => return Err(error.into()),
            });
        }
        let Some(case) = &known[&opening.case_id] else { continue };
        if ground.is_out(&case.matter, actor.account_id) {
            continue;
        }
        let here = case.organ_id == Some(opening.organ_id);
        let clear = |organ: &&i64| !ground.is_organ_out(&case.matter, **organ);
        let second = seconds.iter().find(clear).copied();
        let second = second.filter(|_| here && case.is_open && may_second(actor, case.organ_id).is_ok());
        if second.is_some() || decided_by_us || asked_by_us && here {
            match show(c, vault, opening, second, actor, now).await {
                Ok(one) => shown.push(one),
                Err(OpeningError::Case(error)) if error.is_damage() => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(shown)
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

    /// What a case is about, with everybody who is out of it by now.
    async fn matter(&self, c: &impl ConnectionTrait, opened: &Opened) -> Result<Matter, StoreError> {
        use routing::store::About;
        let mut matter = cases::routes(c, opened).await?.pop().ok_or(StoreError::Damaged)?.matter;
        let fits = |about: &About| match about {
            About::Cadre(id) => matter.named.contains(id),
            About::Unit(id) => matter.unit_id == Some(*id),
        };
        let standing = self.recusals.iter().filter(|(_, about)| fits(about)).map(|(account, _)| *account);
        matter.recused = &standing.collect::<BTreeSet<_>>() | &opened.case.recused;
        Ok(matter)
    }

    /// Whether somebody is in conflict by any of their roles; also when they serve nowhere.
    fn is_out(&self, matter: &Matter, account_id: i64) -> bool {
        let mut roles = self.world.staff.iter().filter(|staff| staff.account_id == account_id).peekable();
        roles.peek().is_none() || roles.any(|staff| routing::conflict(&self.world, matter, staff).is_some())
    }

    /// Whether an organ as a whole is out: somebody named serves there, it sits in the unit in question, or it answers
    /// to such an organ.
    fn is_organ_out(&self, matter: &Matter, organ_id: i64) -> bool {
        let route = routing::from(&self.world, matter, organ_id);
        route.chain.iter().any(|because| matches!(because, Because::OrganOut(id, _) if *id == organ_id))
    }
}

/// What must be known of a case to say who may decide on its requests.
struct Standing {
    matter: Matter,
    organ_id: Option<i64>,
    is_open: bool,
}

impl Standing {
    async fn of(
        c: &impl ConnectionTrait,
        vault: &Vault,
        ground: &Ground,
        case_id: i64,
    ) -> Result<Standing, StoreError> {
        let opened = cases::open_own(c, vault, case_id).await?;
        let matter = ground.matter(c, &opened).await?;
        Ok(Standing { matter, organ_id: opened.case.organ_id, is_open: opened.case.is_open() })
    }
}

/// [`authz::decide_case`] for a second person who is known to be in no conflict.
fn may_second(actor: &Actor, organ_id: Option<i64>) -> Result<(), Denied> {
    let facts = CaseFacts { organ_id, handler_id: None, conflict: false, holds_key: false, second: None };
    authz::decide_case(actor, Action::ApproveIdentity, &facts).map(drop)
}

async fn show(
    c: &impl ConnectionTrait,
    vault: &Vault,
    opening: Opening,
    decides: Option<i64>,
    actor: &Actor,
    now: Millis,
) -> Result<Shown, OpeningError> {
    let sql = "SELECT reason_sealed FROM identity_openings WHERE id = $1";
    let sealed: Vec<u8> = scalar(c, sql, values![opening.id]).await?;
    let reason = vault.unseal(&OPENING_REASON.place(opening.id), &sealed).map_err(StoreError::from)?;
    let reason = reason.as_str().map_err(StoreError::from)?.to_owned();
    let second = match opening.second {
        Some((account, organ)) => Some((account_name(c, account).await?, organ_name(c, organ).await?)),
        None => None,
    };
    Ok(Shown {
        asker: account_name(c, opening.account_id).await?,
        organ: organ_name(c, opening.organ_id).await?,
        second,
        reason,
        decides,
        revokes: may_revoke(&opening, actor, now).is_ok(),
        opening,
    })
}

async fn account_name(c: &impl ConnectionTrait, id: i64) -> Result<String, DbErr> {
    Ok(accounts::store::get(c, id).await?.map(|account| account.name).unwrap_or_default())
}

async fn organ_name(c: &impl ConnectionTrait, id: i64) -> Result<String, DbErr> {
    Ok(crate::organs::store::get(c, id).await?.map(|organ| organ.name).unwrap_or_default())
}

/// What the second person decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// 同意.
    Approve,
    /// 不同意.
    Refuse,
}

/// Decides on a request, as a leader of another organ. That the asker still has the case is asked here and again at
/// every look.
pub async fn decide(
    tx: &Tx,
    vault: &Vault,
    actor: &Actor,
    id: i64,
    decision: Decision,
    now: Millis,
) -> Result<(), OpeningError> {
    let Shown { opening, decides, .. } = locked(tx, vault, actor, id, now).await?;
    if opening.state(now) != State::Waiting {
        return Err(Refusal::Decided.into());
    }
    let organ_id = decides.ok_or(OpeningError::NotFound)?;
    let opened = cases::open_own(&**tx, vault, opening.case_id).await?;
    if decision == Decision::Approve && !asker_has_it(tx, &opened, &opening).await? {
        return Err(Refusal::AskerOut.into());
    }
    let until = match decision {
        Decision::Approve => Some(now + hours(&**tx).await? * 3_600_000),
        Decision::Refuse => None,
    };
    let sql = "UPDATE identity_openings SET second_id = $2, second_organ_id = $3, decided_at = $4, until = $5 \
               WHERE id = $1 AND decided_at IS NULL AND withdrawn_at IS NULL";
    if exec(&**tx, sql, values![id, actor.account_id, organ_id, now, until]).await? == 0 {
        return Err(Refusal::Decided.into());
    }
    rows::keep(tx, &rows::OPENINGS, opening.case_id, now).await?;
    let action = if until.is_some() { "opening.approve" } else { "opening.refuse" };
    note(tx, actor, action, opening.case_id, id, now).await
}

/// A request under the lock of its case, for a leader who may see it; "not found" for everybody else, in as much time
/// as for a request that does not exist.
async fn locked(tx: &Tx, vault: &Vault, actor: &Actor, id: i64, now: Millis) -> Result<Shown, OpeningError> {
    let case_id = get(&**tx, id).await?.map_or(0, |opening| opening.case_id);
    lock(tx, case_id).await?;
    let visible = for_leader(&**tx, vault, actor, now).await?;
    visible.into_iter().find(|shown| shown.opening.id == id).ok_or(OpeningError::NotFound)
}

/// Whether who asked could look at this moment, if somebody approved.
async fn asker_has_it(tx: &Tx, opened: &Opened, opening: &Opening) -> Result<bool, OpeningError> {
    let account_id = opening.account_id;
    let ground = Ground::survey(&**tx).await?;
    let matter = ground.matter(&**tx, opened).await?;
    let grants = accounts::store::grants_of(&**tx, account_id).await?;
    let asker = Actor { account_id, session_id: 0, name: String::new(), grants };
    let facts = CaseFacts {
        organ_id: opened.case.organ_id,
        handler_id: opened.case.handler_id,
        conflict: ground.is_out(&matter, account_id),
        holds_key: keys::store::holders(&**tx, opened.id).await?.contains(&account_id),
        second: None,
    };
    let sees = authz::decide_case(&asker, Action::SeeCase, &facts).is_ok();
    let lacks_second = authz::decide_case(&asker, Action::SeeIdentity, &facts).err() == Some(Denied::OwnWork);
    Ok(sees && lacks_second && opened.case.is_open() && opened.case.organ_id == Some(opening.organ_id))
}

/// Hours for which an approval holds.
pub async fn hours(c: &impl ConnectionTrait) -> Result<i64, DbErr> {
    let set = ops::store::setting(c, HOURS_SETTING).await?;
    Ok(set.and_then(|text| text.parse().ok()).unwrap_or(HOURS).clamp(1, HOURS_MOST))
}

fn may_revoke(opening: &Opening, actor: &Actor, now: Millis) -> Result<(), OpeningError> {
    let (_, organ) = opening.second.ok_or(OpeningError::NotFound)?;
    if !led(actor).contains(&organ) {
        return Err(OpeningError::NotFound);
    }
    match opening.state(now) {
        State::Approved if opening.looks.is_empty() => Ok(()),
        State::Approved => Err(Refusal::Looked.into()),
        _ => Err(Refusal::Decided.into()),
    }
}

/// Takes an approval back before anything was shown, as a leader of the organ that gave it.
pub async fn revoke(tx: &Tx, vault: &Vault, actor: &Actor, id: i64, now: Millis) -> Result<(), OpeningError> {
    let Shown { opening, .. } = locked(tx, vault, actor, id, now).await?;
    may_revoke(&opening, actor, now)?;
    exec(&**tx, "UPDATE identity_openings SET revoked_at = $2 WHERE id = $1", values![id, now]).await?;
    rows::keep(tx, &rows::OPENINGS, opening.case_id, now).await?;
    note(tx, actor, "opening.revoke", opening.case_id, id, now).await
}

/// What a reporter is told: that they were seen, by which office, when, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Which office looked.
    pub organ: String,
    /// Which other office approved it.
    pub second: String,
    /// When, each time.
    pub looks: Vec<Millis>,
    /// The reason that was given.
    pub reason: String,
}

/// Every opening of a case that led to a look, the first first: for its reporter.
pub async fn told(c: &impl ConnectionTrait, opened: &Opened) -> Result<Vec<Told>, StoreError> {
    let mut told = Vec::new();
    for opening in looked(c, opened.id).await? {
        let sql = "SELECT reason_locked FROM identity_openings WHERE id = $1";
        let locked: Vec<u8> = scalar(c, sql, values![opening.id]).await?;
        let reason = opened.unlock(&reason_place(opening.id), &locked)?;
        let second = opening.second.map_or(0, |(_, organ)| organ);
        told.push(Told {
            organ: organ_name(c, opening.organ_id).await?,
            second: organ_name(c, second).await?,
            looks: opening.looks,
            reason: reason.as_str()?.to_owned(),
        });
    }
    Ok(told)
}

/// How often identities were looked at, in a month, by an organ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Count {
    /// "2026-11", in Beijing.
    pub month: String,
    /// The organ whose people looked.
    pub organ_id: i64,
    /// Its name.
    pub organ: String,
    /// Times.
    pub looks: i64,
    /// Cases.
    pub cases: i64,
}

/// The counts for everybody, the newest month first. They are about staff, so they are exact.
pub async fn counts(c: &impl ConnectionTrait) -> Result<Vec<Count>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        organ_id: i64,
        organ: String,
        case_id: i64,
        at: i64,
    }
    let sql = "SELECT o.organ_id, g.name AS organ, o.case_id, l.at FROM identity_looks l \
               JOIN identity_openings o ON o.id = l.opening_id JOIN organs g ON g.id = o.organ_id ORDER BY l.id";
    let mut counted: BTreeMap<(String, i64), (String, i64, BTreeSet<i64>)> = BTreeMap::new();
    for row in all::<Row>(c, sql, values![]).await? {
        let date = beijing(row.at).date();
        let month = format!("{:04}-{:02}", date.year(), u8::from(date.month()));
        let (_, looks, cases) =
            counted.entry((month, row.organ_id)).or_insert_with(|| (row.organ, 0, BTreeSet::new()));
        *looks += 1;
        cases.insert(row.case_id);
    }
    let counts = counted.into_iter().map(|((month, organ_id), (organ, looks, cases))| {
        let cases = i64::try_from(cases.len()).unwrap_or(i64::MAX);
        Count { month, organ_id, organ, looks, cases }
    });
    let mut counts: Vec<_> = counts.collect();
    counts.sort_by(|one, other| other.month.cmp(&one.month).then(one.organ_id.cmp(&other.organ_id)));
    Ok(counts)
}

#[cfg(test)]
#[path = "tests/small_worlds.rs"]
mod small_worlds;
#[cfg(test)]
#[path = "tests/stored.rs"]
mod tests;
