//! What no organ of the county may have: it is sealed to the superior, and nobody buries it by naming somebody.

use super::{
    Entry, Opened, Sent, StoreError, Words,
    events::take,
    notices::tell_unconfirmed,
    routes::{keep_route, kept_matter, last_sent, routes},
    sight::Ground,
};
use crate::{
    attachments, audit,
    calendar::Calendar,
    cases::{
        Above, By, Deed, Ending, Running, State,
        routing::{self, Matter, Table, Voice, World},
    },
    clock::{Millis, beijing, date_text, end_of_day, moment_text},
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
    /// No organ here could handle it any more: it stays where it is until a second member names the same person, or the
    /// reporter says that they mean them. Also where nobody is left who could name them too.
    Waits,
    /// No organ here can handle it any more: this is the second word.
    Leaves,
    /// It is kept and nothing follows: the reporter said that they do not mean them, or the same person named them
    /// before and nobody confirmed it.
    Void,
}

/// So many working days the organ and the reporter have to say something to what one person alone named. After that
/// whoever was shut out by it is back: else one person could stop a case by naming its only leader.
const CONFIRM: u32 = 5;

/// As who somebody names people.
pub(super) fn voice(world: &World, account_id: i64, at: Millis) -> Voice {
    Voice { account_id, cadre_id: person(world, account_id), at }
}

fn person(world: &World, account_id: i64) -> Option<i64> {
    world.staff.iter().find(|staff| staff.account_id == account_id).and_then(|staff| staff.cadre_id)
}

impl Voice {
    /// Whether another person speaks. Two accounts of one person are one person, and of an account behind which nobody
    /// is known nobody can say that it is another: it is no second voice.
    pub(super) fn is_another(&self, first: &Voice) -> bool {
        let people = self.cadre_id.zip(first.cadre_id);
        self.account_id != first.account_id && people.is_some_and(|(one, other)| one != other)
    }
}

/// What follows when a member of the organ names somebody: one person alone takes no case out of the county's hands,
/// whoever else is there to contradict.
pub fn naming(
    (world, table, recusals): (&World, &Table, &[(i64, routing::store::About)]),
    about: &Matter,
    organ_id: Option<i64>,
    by: i64,
    cadre_id: i64,
) -> Naming {
    let Some(organ_id) = organ_id else { return Naming::Void };
    let mut after = about.sure();
    after.named.insert(cadre_id);
    // Whoever stays out of all that names this person is lacking then too.
    after.recused.extend(routing::store::standing(recusals, &after));
    after.own_unit = own_unit(world, table, &after);
    if matches!(routing::from(world, &after, organ_id).above(), Above::Organ(_)) {
        return Naming::Stays;
    }
    // The reporter said no: staff do not outvote them on whom they mean.
    if about.denied.contains(&cadre_id) {
        return Naming::Void;
    }
    // Where the reporter wrote the name, theirs is the first word.
    if about.mentioned.contains_key(&cadre_id) {
        return Naming::Leaves;
    }
    let by = voice(world, by, 0);
    let first = about.pending.get(&cadre_id).or(about.lapsed.get(&cadre_id));
    if first.is_some_and(|first| by.is_another(first)) {
        return Naming::Leaves;
    }
    if about.lapsed.contains_key(&cadre_id) {
        return Naming::Void;
    }
    Naming::Waits
}

/// Whether the unit's own organ may still have it. It may while nobody with a rank is named; that ends and does not
/// come back.
pub(super) fn own_unit(world: &World, table: &Table, about: &Matter) -> bool {
    about.own_unit && table.rule(world, about).own_unit
}

/// Whom one person alone named, and nobody confirmed in time.
pub(super) fn unconfirmed(about: &Matter, calendar: &Calendar, now: Millis) -> BTreeSet<i64> {
    let over = |voice: &Voice| {
        let from = beijing(voice.at).date();
        now > end_of_day(calendar.add_working_days(from, CONFIRM).due)
    };
    about.pending.iter().filter(|(_, voice)| over(voice)).map(|(id, _)| *id).collect()
}

/// Lets lapse what nobody confirmed in time. Leaders who are not named themselves, nor of their family, are told.
pub(super) async fn expire(
    tx: &Tx,
    vault: &Vault,
    opened: &mut Opened,
    calendar: &Calendar,
    now: Millis,
) -> Result<(), StoreError> {
    let Sent { mut matter, chain } = last_sent(&**tx, opened).await?;
    let over = unconfirmed(&matter, calendar, now);
    if over.is_empty() {
        return Ok(());
    }
    let ground = Ground::survey(&**tx).await?;
    let before = ground.matter(&matter, &opened.case.recused);
    for id in over {
        if let Some(voice) = matter.pending.remove(&id) {
            matter.lapsed.entry(id).or_insert(voice);
        }
    }
    keep_route(tx, opened, &Sent { matter, chain }, now).await?;
    take(tx, opened, By::Platform, Deed::Expire, "", Words::default(), now).await?;
    tell_unconfirmed(tx, vault, &ground, &before, opened, now).await
}

/// What the reporter is asked about people whom staff named later.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Question {
    /// Where these people serve, and no more: whoever found a receipt must not learn who is accused of what.
    pub units: Vec<String>,
    /// Whether their yes is waited for. Where two members said it already, only their no changes anything.
    pub open: bool,
    /// Whether it has lapsed meanwhile: whoever was named is back, and their yes takes effect all the same.
    pub lapsed: bool,
    /// Whether they said yes before.
    pub confirmed: bool,
}

/// Of whom the reporter is asked whether they mean them: those whose naming waits, or lapsed before they said anything,
/// and those by whose naming no organ may have the case.
pub(super) async fn doubted(c: &impl ConnectionTrait, opened: &Opened) -> Result<BTreeSet<i64>, StoreError> {
    let sent = routes(c, opened).await?;
    let (Some(first), Some(last)) = (sent.first(), sent.last()) else { return Ok(BTreeSet::new()) };
    let Matter { named, pending, lapsed, .. } = &last.matter;
    let mut found: BTreeSet<_> = pending.keys().chain(lapsed.keys()).copied().collect();
    let (None, Some(start)) = (opened.case.organ_id, last.start()) else { return Ok(found) };
    let world = routing::store::world(c).await?;
    let beyond = |also: Option<&i64>| {
        let mut about = last.matter.sure();
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
    let Matter { pending, lapsed, .. } = kept_matter(c, opened).await?;
    let open = !(pending.is_empty() && lapsed.is_empty());
    let lapsed = pending.is_empty() && !lapsed.is_empty();
    let confirmed = opened.entries.iter().any(|entry| entry.event.deed == Deed::Confirm);
    let units = superior::store::units_of(c, &doubted).await?;
    Ok(Some(Question { units, open, lapsed, confirmed }))
}

/// Whether the organ that has a case lacks people for it at this moment.
pub async fn waits(c: &impl ConnectionTrait, opened: &Opened) -> Result<bool, StoreError> {
    let works = opened.case.is_open() && !matches!(opened.case.state, State::Answered | State::Asking);
    let Some(organ_id) = opened.case.organ_id.filter(|_| works) else { return Ok(false) };
    let ground = Ground::survey(c).await?;
    let kept = last_sent(c, opened).await?.matter;
    // Also those who are out only until a naming is confirmed are lacking meanwhile.
    let about = ground.matter(&kept, &opened.case.recused);
    Ok(routing::from(&ground.world, &about, organ_id).waits())
}

/// The reporter does not mean them: what was named so is struck.
pub(super) async fn deny(tx: &Tx, opened: &Opened, seen: u32, now: Millis) -> Result<(), StoreError> {
    // They strike those of whom they were asked, and nobody who was added since.
    if opened.seen() != seen {
        return Err(StoreError::Moved);
    }
    let doubted = doubted(&**tx, opened).await?;
    if doubted.is_empty() {
        return Err(StoreError::Moved);
    }
    let Sent { mut matter, chain } = last_sent(&**tx, opened).await?;
    matter.named.retain(|id| !doubted.contains(id));
    matter.pending.retain(|id, _| !doubted.contains(id));
    matter.lapsed.retain(|id, _| !doubted.contains(id));
    matter.denied.extend(&doubted);
    keep_route(tx, opened, &Sent { matter, chain }, now).await?;
    note(tx, opened.id, "case.deny", doubted.len(), now).await
}

/// The reporter means them: what waited for a second word takes effect, also when nobody else said it in time.
pub(super) async fn confirm(tx: &Tx, opened: &Opened, seen: u32, now: Millis) -> Result<(), StoreError> {
    let Sent { mut matter, chain } = last_sent(&**tx, opened).await?;
    // They confirm those of whom they were asked, and nobody who was added since.
    if opened.seen() != seen || matter.pending.is_empty() && matter.lapsed.is_empty() {
        return Err(StoreError::Moved);
    }
    let mut confirmed: BTreeSet<_> = std::mem::take(&mut matter.pending).into_keys().collect();
    confirmed.extend(std::mem::take(&mut matter.lapsed).into_keys());
    matter.named.extend(&confirmed);
    matter.mentioned.retain(|id, _| !confirmed.contains(id));
    matter.own_unit =
        own_unit(&routing::store::world(&**tx).await?, &routing::store::table(&**tx).await?, &matter);
    keep_route(tx, opened, &Sent { matter, chain }, now).await?;
    note(tx, opened.id, "case.confirm", confirmed.len(), now).await
}

/// The superior hears of a naming that waits: of which case, and who was named. What was reported is not theirs yet.
pub(super) async fn announce(
    tx: &Tx,
    vault: &Vault,
    opened: &Opened,
    waiting: &BTreeSet<i64>,
    now: Millis,
) -> Result<(), StoreError> {
    let mut named = Vec::new();
    for id in waiting {
        named.push(superior::store::cadre_words(&**tx, *id).await?);
    }
    let contents = Contents {
        from: crate::home::store::site_name(&**tx).await?,
        number: reference(vault, opened.id),
        day: date_text(now),
        kind: opened.case.kind.page().to_owned(),
        named,
        why: vec![WAITING.to_owned()],
        ..Default::default()
    };
    superior::store::notify(tx, &contents, now).await
}

/// What the superior reads of a naming that waits.
pub(super) const WAITING: &str = "只是告知，内容没有转来：一名工作人员登记了下面的被反映人，生效后本级没有可以办理的组织。等第二个人或者反映人确认；5个工作日内没有人确认的，登记失效";

/// Of how many people the reporter said yes or no.
async fn note(tx: &Tx, case_id: i64, action: &str, people: usize, now: Millis) -> Result<(), StoreError> {
    let (subject, detail) = (format!("case {case_id}"), format!("{people}人"));
    let entry =
        audit::Entry { account_id: None, actor: "反映人", action, subject: &subject, detail: &detail };
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
        let through = opened.seen().into();
        superior::store::hand_over_case(tx, (opened.id, through), &contents, false, now).await?;
    }
    Ok(())
}

/// Tells the superior of a date: the case is sealed to it once more, with the date first.
pub(super) async fn remind_superior(
    tx: &Tx,
    vault: &Vault,
    opened: &Opened,
    clock: &Running,
    now: Millis,
) -> Result<(), StoreError> {
    if superior::store::key(&**tx).await?.is_none() {
        return Ok(());
    }
    let word = if now > clock.due.at { "已过" } else { "将到" };
    let date = format!("“{}”期限{}{word}", clock.run.rule.clock.page(), date_text(clock.due.at));
    let mut contents = contents(&**tx, vault, opened).await?;
    contents.why.insert(0, date);
    superior::store::hand_over_case(tx, (opened.id, opened.seen().into()), &contents, false, now).await
}

/// The county has the case again, or its reporter took it back: what nobody fetched is destroyed, and whoever fetched
/// it is told.
pub(super) async fn take_back(
    tx: &Tx,
    vault: &Vault,
    opened: &Opened,
    now: Millis,
) -> Result<(), StoreError> {
    if !superior::store::take_back(tx, opened.id).await? {
        return Ok(());
    }
    let last = opened.entries.iter().rposition(|entry| entry.event.deed == Deed::HandUp).unwrap_or(0);
    let denied = opened.entries[last..].iter().any(|entry| entry.event.deed == Deed::Deny);
    let mut why = vec![match opened.case.state {
        State::Closed(Ending::Withdrawn) => "反映人已撤回。此前转来的内容请不再使用".to_owned(),
        _ => "须回避的情形已经消除，这件由本级继续办理。此前转来的内容请不再使用".to_owned(),
    }];
    if denied {
        why.push("反映人说明：反映的不是后来登记的被反映人，那次登记已作废".to_owned());
    }
    let contents = Contents {
        from: crate::home::store::site_name(&**tx).await?,
        number: reference(vault, opened.id),
        day: date_text(reports::store::known(&**tx, opened.id).await?.created_at),
        kind: opened.case.kind.page().to_owned(),
        why,
        ..Default::default()
    };
    superior::store::hand_over_case(tx, (opened.id, opened.seen().into()), &contents, true, now).await
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
        at: moment_text(event.at),
        by,
        what: event.deed.page().to_owned(),
        more,
        reason: event.reason.clone(),
        text: entry.words.text.clone(),
        points: entry.words.points.clone(),
        answers: entry.words.answers.clone(),
    }
}
