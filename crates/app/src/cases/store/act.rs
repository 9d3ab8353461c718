//! What staff do to a case.

use super::{
    Opened, Sent, StoreError, Words,
    events::{open_own, take},
    held::{Naming, announce, naming, own_unit, voice},
    lock,
    notices::{Time, tell, tell_time},
    replies,
    routes::{keep_route, kept_matter, last_sent},
    settle::settle,
    sight::{Ground, sight},
};
use crate::{
    attachments, audit,
    authz::{self, Action, Actor, CaseFacts, Role},
    calendar,
    cases::{
        Above, By, Deed, Refused,
        routing::{self, Matter},
    },
    clock::Millis,
    deadlines, reports,
};
use daylight_db::{DbErr, Tx};
use daylight_vault::{Purpose, Vault};
use std::collections::BTreeSet;

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
///
/// Of a reply the words are what counts: it goes through the gate here once more, whatever its proof says, and is
/// refused with [`StoreError::Unsound`].
pub async fn act(
    tx: &Tx,
    vault: &Vault,
    actor: &Actor,
    case_id: i64,
    doing: Doing,
    now: Millis,
) -> Result<Opened, StoreError> {
    act_with(tx, vault, actor, case_id, doing, None, now).await
}

/// The same, with the files that wait under a token ([`evidence_token`]): evidence that staff obtained.
pub async fn act_with(
    tx: &Tx,
    vault: &Vault,
    actor: &Actor,
    case_id: i64,
    doing: Doing,
    files: Option<&str>,
    now: Millis,
) -> Result<Opened, StoreError> {
    lock(tx, case_id).await?;
    let (ground, seen) = sight(&**tx, vault, actor, case_id).await?;
    let mut opened = open_own(&**tx, vault, case_id).await?;
    let Doing { mut deed, reason, words, seen: decided_on } = doing;
    let (reason, words) = (daylight_ids::text::clean(&reason), words.tidied());
    let by = by(actor, &seen.facts(&ground, actor.account_id), &deed)?;
    if opened.seen() != decided_on {
        return Err(StoreError::Moved);
    }
    if let Deed::Reply { sound } = &mut deed {
        *sound = replies::check(&**tx, vault, actor, &ground, &opened, &words, sound.released()).await?;
    }
    allow(tx, &ground, &opened, &deed, now).await?;
    let word = deed.page();
    let replied = matches!(deed, Deed::Reply { .. });
    let time = Time::of(&deed);
    take(tx, &mut opened, by, deed, &reason, words, now).await?;
    hang(tx, vault, &opened, files, now).await?;
    if replied {
        replies::keep(tx, vault, &opened, now).await?;
    }
    settle(tx, vault, &mut opened, now).await?;
    tell(tx, vault, &opened, seen.events, now).await?;
    if let Some(time) = time {
        tell_time(tx, vault, &opened, time, now).await?;
    }
    note(tx, actor, case_id, "case.act", word, now).await?;
    Ok(opened)
}

/// Under which token files wait for what somebody of the staff records in a case.
const EVIDENCE: Purpose = Purpose("case-evidence");

/// The token under which files wait for what somebody of the staff records next in a case. Nobody else has it, and it
/// opens nothing of the case.
pub fn evidence_token(vault: &Vault, case_id: i64, account_id: i64) -> String {
    data_encoding::BASE64URL_NOPAD.encode(&vault.blind(EVIDENCE, &format!("{case_id}\n{account_id}")))
}

/// Hangs the files that wait under a token on the case, with the event that was just added.
pub(super) async fn hang(
    tx: &Tx,
    vault: &Vault,
    opened: &Opened,
    files: Option<&str>,
    now: Millis,
) -> Result<(), StoreError> {
    let Some(token) = files else { return Ok(()) };
    attachments::store::settle(tx, token).await?;
    attachments::store::attach(tx, vault, opened, (token, opened.seen()), now).await?;
    reports::store::bind(tx, vault, opened.id).await
}

pub(super) async fn note(
    tx: &Tx,
    actor: &Actor,
    case_id: i64,
    action: &str,
    detail: &str,
    now: Millis,
) -> Result<(), DbErr> {
    let subject = format!("case {case_id}");
    let account_id = Some(actor.account_id);
    let entry = audit::Entry { account_id, actor: &actor.name, action, subject: &subject, detail };
    audit::store::append(tx, &entry, now).await
}

/// As whom somebody with several roles in the organ does this: as the first that may.
pub(super) fn by(actor: &Actor, facts: &CaseFacts, deed: &Deed) -> Result<By, StoreError> {
    let organ_id = facts.organ_id.ok_or(Refused::OtherOrgan)?;
    let mut denied = None;
    for grant in actor.grants.iter().filter(|grant| grant.organ_id == Some(organ_id)) {
        let by = By::Staff { account_id: actor.account_id, organ_id, role: grant.role };
        if !deed.fits(by) {
            continue;
        }
        let alone = Actor { grants: vec![grant.clone()], ..actor.clone() };
        match authz::decide_case(&alone, action(grant.role, deed), facts) {
            Ok(_) => return Ok(by),
            Err(error) => denied = Some(error),
        }
    }
    Err(denied.map_or_else(|| Refused::Role(deed.page()).into(), StoreError::Denied))
}

fn action(role: Role, deed: &Deed) -> Action {
    match (role, deed) {
        (_, Deed::Recuse { .. } | Deed::Name { .. } | Deed::Clear { .. }) => Action::SeeCase,
        (_, Deed::Assign { .. }) => Action::AssignCase,
        (Role::Intake, _) => Action::ReceiveReport,
        (Role::Handler, _) => Action::HandleCase,
        _ => Action::ApproveCase,
    }
}

/// What the case alone cannot know: who is clear to handle it, which organ may have it, what a profile allows.
async fn allow(
    tx: &Tx,
    ground: &Ground,
    opened: &Opened,
    deed: &Deed,
    now: Millis,
) -> Result<(), StoreError> {
    let about = ground.matter(&kept_matter(&**tx, opened).await?, &opened.case.recused);
    match deed {
        Deed::Assign { account_id } => may_handle(ground, &about, opened.case.organ_id, *account_id)?,
        Deed::Forward { organ_id } => {
            let route = routing::from(&ground.world, &about, *organ_id);
            if route.above() != Above::Organ(*organ_id) {
                return Err(Refused::OrganOut.into());
            }
            keep_route(tx, opened, &Sent { matter: about, chain: route.chain }, now).await?;
        }
        Deed::AskTime { clock, by } | Deed::Extend { clock, by } => {
            let profile = deadlines::store::kept(&**tx, &opened.case.profile).await?;
            let profile = profile.ok_or(StoreError::Damaged)?;
            let calendar = calendar::store::calendar(&**tx).await?;
            opened.case.may_extend(&profile, &calendar, *clock, *by, now)?;
        }
        _ => {}
    }
    Ok(())
}

fn may_handle(
    ground: &Ground,
    about: &Matter,
    organ_id: Option<i64>,
    account_id: i64,
) -> Result<(), Refused> {
    let serves = |staff: &routing::Staff| {
        staff.account_id == account_id && Some(staff.organ_id) == organ_id && staff.role == Role::Handler
    };
    if !ground.world.staff.iter().any(serves) {
        return Err(Refused::OtherOrgan);
    }
    if ground.is_out(about, account_id) { Err(Refused::Recused) } else { Ok(()) }
}

/// Names people in a case, after it was routed: whoever is in conflict with them loses it at once, and what those had
/// opened is told to the superior ([`super::notices`]). Whoever sees a case may name people in it; who named them is
/// in the trail, whom they named is locked. What would leave no organ to handle it waits until a second member names
/// them too, or the reporter says that they mean them ([`super::naming`]).
pub async fn name(
    tx: &Tx,
    vault: &Vault,
    actor: &Actor,
    case_id: i64,
    named: &BTreeSet<i64>,
    now: Millis,
) -> Result<Opened, StoreError> {
    lock(tx, case_id).await?;
    let (ground, seen) = sight(&**tx, vault, actor, case_id).await?;
    let mut opened = open_own(&**tx, vault, case_id).await?;
    let by = by(actor, &seen.facts(&ground, actor.account_id), &Deed::Name { waits: false })?;
    let Sent { matter: mut about, chain } = last_sent(&**tx, &opened).await?;
    let table = routing::store::table(&**tx).await?;
    let (by_id, mut asks) = (actor.account_id, BTreeSet::new());
    for cadre_id in named - &about.named.clone() {
        let full = ground.matter(&about, &opened.case.recused);
        let county = (&ground.world, &table, &ground.recusals[..]);
        match naming(county, &full, opened.case.organ_id, by_id, cadre_id) {
            Naming::Void => {}
            Naming::Waits => {
                if !about.pending.contains_key(&cadre_id) {
                    asks.insert(cadre_id);
                }
                about.pending.entry(cadre_id).or_insert(voice(&ground.world, by_id, now));
            }
            Naming::Stays | Naming::Leaves => {
                about.pending.remove(&cadre_id);
                about.lapsed.remove(&cadre_id);
                about.mentioned.remove(&cadre_id);
                about.named.insert(cadre_id);
            }
        }
    }
    // The unit's own group had it because nobody with a rank was named; that may be over.
    about.own_unit = own_unit(&ground.world, &table, &about);
    keep_route(tx, &opened, &Sent { matter: about, chain }, now).await?;
    let deed = Deed::Name { waits: !asks.is_empty() };
    take(tx, &mut opened, by, deed, "", Words::default(), now).await?;
    let waits = if asks.is_empty() { "" } else { "，等第二人确认" };
    let detail = format!("{}人{waits}", named.len());
    note(tx, actor, case_id, "case.name", &detail, now).await?;
    if !asks.is_empty() {
        announce(tx, vault, &opened, &asks, now).await?;
    }
    settle(tx, vault, &mut opened, now).await?;
    tell(tx, vault, &opened, seen.events, now).await?;
    Ok(opened)
}
