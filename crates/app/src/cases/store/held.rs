//! What no organ of the county may have: it is sealed to the superior, and nobody buries it by naming somebody.

use super::{
    Entry, Opened, Sent, StoreError,
    routes::{keep_route, last_sent, routes},
    sight::Ground,
};
use crate::{
    attachments, audit,
    cases::{
        Above, By, Deed, State,
        routing::{self, Matter, World},
    },
    clock::{Millis, date_text, time_text},
    reports,
    superior::{self, Contents, File, Step},
};
use daylight_db::{ConnectionTrait, Tx};
use daylight_vault::{Purpose, Vault};
use std::collections::BTreeSet;

/// What naming somebody does to a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Naming {
    /// It goes on in the county at once: in its organ without those in conflict, or in one above.
    Stays,
    /// No organ here could handle it any more: it stays where it is until a second member names the same person.
    Waits,
    /// No organ here can handle it any more: this is the second word, or nobody there could say it.
    Leaves,
}

/// What follows when a member of the organ names somebody: one person alone takes no case out of the county's hands.
pub fn naming(
    world: &World,
    about: &Matter,
    organ_id: Option<i64>,
    holders: &BTreeSet<i64>,
    by: i64,
    cadre_id: i64,
) -> Naming {
    let Some(organ_id) = organ_id else { return Naming::Waits };
    let mut after = Matter { pending: Default::default(), ..about.clone() };
    after.named.insert(cadre_id);
    if matches!(routing::from(world, &after, organ_id).above(), Above::Organ(_)) {
        return Naming::Stays;
    }
    // The reporter said no: staff do not outvote them on whom they mean.
    if about.denied.contains(&cadre_id) {
        return Naming::Waits;
    }
    let person = |account: i64| {
        world.staff.iter().find(|staff| staff.account_id == account).and_then(|staff| staff.cadre_id)
    };
    // Two accounts of one person are one person.
    let other = |account: i64| account != by && person(account) != person(by);
    if about.pending.get(&cadre_id).is_some_and(|first| other(*first)) {
        return Naming::Leaves;
    }
    let mut waiting = about.clone();
    waiting.pending.insert(cadre_id, by);
    let clear = |account: i64| {
        let mut roles = world.staff.iter().filter(|staff| staff.account_id == account);
        roles.all(|staff| routing::conflict(world, &waiting, staff).is_none()) && person(account).is_some()
    };
    let second = holders.iter().any(|account| other(*account) && clear(*account));
    if second { Naming::Waits } else { Naming::Leaves }
}

/// What the reporter is asked about people whom staff named later.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Question {
    /// Where these people serve, and no more: whoever found a receipt must not learn who is accused of what.
    pub units: Vec<String>,
}

/// Of whom the reporter is asked whether they mean them: those whose naming waits, and those by whose naming no organ
/// may have the case.
pub(super) async fn doubted(c: &impl ConnectionTrait, opened: &Opened) -> Result<BTreeSet<i64>, StoreError> {
    let sent = routes(c, opened).await?;
    let (Some(first), Some(last)) = (sent.first(), sent.last()) else { return Ok(BTreeSet::new()) };
    let Matter { named, pending, denied, .. } = &last.matter;
    let mut found: BTreeSet<_> = pending.keys().filter(|id| !denied.contains(id)).copied().collect();
    let (None, Some(start)) = (opened.case.organ_id, last.start()) else { return Ok(found) };
    let world = routing::store::world(c).await?;
    let beyond = |also: Option<&i64>| {
        let mut about = Matter { pending: Default::default(), ..last.matter.clone() };
        about.named = first.matter.named.iter().chain(also).copied().collect();
        routing::from(&world, &about, start).lies().is_none()
    };
    let later: BTreeSet<_> = named - &first.matter.named;
    if !beyond(None) {
        let alone: BTreeSet<_> = later.iter().filter(|id| beyond(Some(id))).copied().collect();
        found.extend(if alone.is_empty() { later } else { alone });
    }
    Ok(found)
}

/// What the reporter is asked; none when there is nothing to ask.
pub async fn asked(c: &impl ConnectionTrait, opened: &Opened) -> Result<Option<Question>, StoreError> {
    let doubted = doubted(c, opened).await?;
    if doubted.is_empty() || !opened.case.is_open() {
        return Ok(None);
    }
    Ok(Some(Question { units: superior::store::units_of(c, &doubted).await? }))
}

/// Whether the organ that has a case lacks people for it at this moment.
pub async fn waits(c: &impl ConnectionTrait, opened: &Opened) -> Result<bool, StoreError> {
    let works = opened.case.is_open() && !matches!(opened.case.state, State::Answered | State::Asking);
    let Some(organ_id) = opened.case.organ_id.filter(|_| works) else { return Ok(false) };
    let ground = Ground::survey(c).await?;
    let kept = last_sent(c, opened).await?.matter;
    let about = Matter { pending: Default::default(), ..ground.matter(&kept, &opened.case.recused) };
    Ok(routing::from(&ground.world, &about, organ_id).waits())
}

/// The reporter does not mean them: what was named so is struck.
pub(super) async fn deny(tx: &Tx, opened: &Opened, now: Millis) -> Result<(), StoreError> {
    let doubted = doubted(&**tx, opened).await?;
    if doubted.is_empty() {
        return Err(StoreError::Moved);
    }
    let Sent { mut matter, chain } = last_sent(&**tx, opened).await?;
    matter.named.retain(|id| !doubted.contains(id));
    matter.pending.retain(|id, _| !doubted.contains(id));
    matter.denied.extend(&doubted);
    keep_route(tx, opened, &Sent { matter, chain }, now).await?;
    let (subject, detail) = (format!("case {}", opened.id), format!("{}人", doubted.len()));
    let entry = audit::Entry {
        account_id: None,
        actor: "反映人",
        action: "case.deny",
        subject: &subject,
        detail: &detail,
    };
    Ok(audit::store::append(tx, &entry, now).await?)
}

/// By what reporter and superior speak of a case: the number of its receipt is kept nowhere.
const REFERENCE: Purpose = Purpose("superior-reference");

/// "4821 0937": stands in the package and on the reporter's page.
pub fn reference(vault: &Vault, case_id: i64) -> String {
    let [a, b, c, d, ..] = vault.blind(REFERENCE, &case_id.to_string());
    let number = u32::from_be_bytes([a, b, c, d]) % 100_000_000;
    format!("{:04} {:04}", number / 10_000, number % 10_000)
}

/// Seals the case as it stands to the superior's key, if there is one and it does not have it so already.
pub(super) async fn hand_over(
    tx: &Tx,
    vault: &Vault,
    opened: &Opened,
    now: Millis,
) -> Result<(), StoreError> {
    if superior::store::lacks(&**tx, opened.id, opened.seen().into()).await? {
        let contents = contents(&**tx, vault, opened).await?;
        superior::store::hand_over_case(tx, opened.id, opened.seen().into(), &contents, now).await?;
    }
    Ok(())
}

/// Everything of a case but who reported: that stays under the rules by which it is opened.
async fn contents(c: &impl ConnectionTrait, vault: &Vault, opened: &Opened) -> Result<Contents, StoreError> {
    let names = routing::store::names(c).await?;
    let known = reports::store::known(c, opened.id).await?;
    let content = reports::store::content(c, opened).await?;
    let sent = last_sent(c, opened).await?;
    let mut listed = Vec::new();
    for file in attachments::store::of_case(c, opened).await? {
        let media = file.about.kind.map_or("application/octet-stream", |kind| kind.mime()).to_owned();
        let attachments::About { name, size, sha256, .. } = file.about;
        listed.push(File { name, media, bytes: size, sha256 });
    }
    let mut named = Vec::new();
    for id in &sent.matter.named {
        named.push(superior::store::cadre_words(c, *id).await?);
    }
    let steps = opened.entries.iter().map(|entry| step(entry, opened.case.kind, &names)).collect();
    Ok(Contents {
        from: crate::home::store::site_name(c).await?,
        number: reference(vault, opened.id),
        day: date_text(known.created_at),
        kind: opened.case.kind.page().to_owned(),
        object: superior::store::object_words(c, known.object).await?,
        facts: content.facts,
        amount_fen: content.amount_fen,
        points: content.points,
        reporter: superior::Known { level: known.level.to_owned(), ..Default::default() },
        named,
        why: sent.chain.iter().map(|because| because.page(&names, true)).collect(),
        steps,
        listed,
        ..Default::default()
    })
}

/// What happened, for somebody who has none of our ids.
fn step(entry: &Entry, kind: reports::Kind, names: &routing::Names) -> Step {
    let organ = |id: &i64| names.organs.get(id).cloned().unwrap_or_default();
    let account = |id: &i64| names.accounts.get(id).cloned().unwrap_or_default();
    let event = &entry.event;
    let by = match event.by {
        By::Staff { account_id, organ_id, role } => {
            format!("{}（{}{}）", account(&account_id), organ(&organ_id), role.page())
        }
        by => by.page().to_owned(),
    };
    let more = match &event.deed {
        Deed::Route { organ_id } | Deed::Forward { organ_id } => organ(organ_id),
        Deed::Dissatisfied { to: Some(Above::Organ(organ_id)) } => organ(organ_id),
        Deed::Assign { account_id } | Deed::Recuse { account_id } => account(account_id),
        Deed::Conclude { conclusion } => conclusion.page(kind).to_owned(),
        Deed::Measure { measure } => measure.page().to_owned(),
        _ => String::new(),
    };
    Step {
        at: time_text(event.at),
        by,
        what: event.deed.page().to_owned(),
        more,
        reason: event.reason.clone(),
        text: entry.words.text.clone(),
        points: entry.words.points.clone(),
        answers: entry.words.answers.clone(),
    }
}
