//! Whose names stand in what a reporter wrote: the case is closed to them and to their relatives before anybody is
//! given its key, and open again when it is clear that another person of that name is meant.

use super::{
    Entry, Opened, Sent, StoreError, Words,
    act::{by, note},
    events::{open_own, take},
    held::{own_unit, voice},
    lock,
    routes::{keep_route, kept_matter, last_sent},
    settle::settle,
    sight::sight,
};
use crate::{
    attachments, audit,
    authz::Actor,
    cases::{
        By, Deed,
        routing::{self, Directory, Matter, World},
    },
    clock::Millis,
    reports, superior,
};
use daylight_db::{ConnectionTrait, Tx};
use daylight_vault::Vault;
use std::collections::BTreeSet;

/// Hears what the reporter says now. Whoever it names is out before it is written down, so that it is locked under a
/// key that they never held. Gives whether anybody is.
pub(super) async fn hear(tx: &Tx, opened: &Opened, words: &[&str], now: Millis) -> Result<bool, StoreError> {
    let found = routing::store::directory(&**tx).await?.found(words.iter().copied());
    keep(tx, opened, (found, true), now).await
}

/// Holds all that the reporter wrote against the register as it is now: what is done before somebody is given the key
/// who did not have it. Of whom two said that another person is meant, nobody is asked again for the same words.
pub(super) async fn hear_again(tx: &Tx, opened: &Opened, now: Millis) -> Result<bool, StoreError> {
    let directory = routing::store::directory(&**tx).await?;
    let cleared = kept_matter(&**tx, opened).await?.cleared;
    keep(tx, opened, (&written(&**tx, opened, &directory).await? - &cleared, false), now).await
}

async fn written(
    c: &impl ConnectionTrait,
    opened: &Opened,
    directory: &Directory,
) -> Result<BTreeSet<i64>, StoreError> {
    let reports::store::Content { facts, points, .. } = reports::store::content(c, opened).await?;
    let mut found = directory.found([&facts.what, &facts.who, &facts.when, &facts.place].map(String::as_str));
    found.extend(directory.found(points.iter().map(String::as_str)));
    for Entry { event, words } in opened.entries.iter().filter(|entry| entry.event.by == By::Reporter) {
        found.extend(directory.found([event.reason.as_str(), words.text.as_str()]));
        found.extend(directory.found(words.points.iter().map(String::as_str)));
    }
    match attachments::of_case(c, opened).await {
        Ok(files) => {
            // How staff call what they record says nothing of whom the reporter means.
            let theirs = |number: u32| {
                let event =
                    opened.entries.iter().map(|entry| &entry.event).find(|event| event.number == number);
                event.is_some_and(|event| event.by == By::Reporter)
            };
            let theirs = files.iter().filter(|file| theirs(file.about.event));
            found.extend(directory.found(theirs.map(|file| file.about.name.as_str())));
        }
        Err(StoreError::Db(error)) => return Err(error.into()),
        // A file whose row is damaged opens for nobody, its name neither.
        Err(_) => {}
    }
    Ok(found)
}

async fn keep(
    tx: &Tx,
    opened: &Opened,
    (found, in_new_words): (BTreeSet<i64>, bool),
    now: Millis,
) -> Result<bool, StoreError> {
    let Sent { mut matter, chain } = last_sent(&**tx, opened).await?;
    let is_new = matter.mention(found, in_new_words);
    if is_new {
        keep_route(tx, opened, &Sent { matter, chain }, now).await?;
    }
    Ok(is_new)
}

/// Of those written of, whoever works in the organ that has the case or in one above, or has a declared relative there:
/// of the others nobody needs to ask, for nothing depends on them.
pub fn concerned(world: &World, about: &Matter, organ_id: Option<i64>) -> BTreeSet<i64> {
    let (mut line, mut next) = (BTreeSet::new(), organ_id);
    while let Some(id) = next.filter(|id| line.insert(*id)) {
        next = world.organs.get(&id).and_then(|organ| organ.parent_id);
    }
    let there = world.staff.iter().filter(|staff| line.contains(&staff.organ_id));
    let there: BTreeSet<_> = there.filter_map(|staff| staff.cadre_id).collect();
    let related = |id: i64| {
        let kin = |one: &i64| world.relatives.contains(&(*one, id)) || world.relatives.contains(&(id, *one));
        there.contains(&id) || there.iter().any(kin)
    };
    about.mentioned.keys().copied().filter(|id| related(*id)).collect()
}

/// Somebody of whom the reporter is asked whether they wrote of them. The name stands in their own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Namesake {
    /// The cadre.
    pub id: i64,
    /// "王小明（青石镇干部）".
    pub who: String,
}

/// Of whom the reporter is asked.
pub async fn namesakes(c: &impl ConnectionTrait, opened: &Opened) -> Result<Vec<Namesake>, StoreError> {
    let about = kept_matter(c, opened).await?;
    if about.mentioned.is_empty() || !opened.case.is_open() {
        return Ok(Vec::new());
    }
    let world = routing::store::world(c).await?;
    let mut found = Vec::new();
    for id in concerned(&world, &about, opened.case.organ_id) {
        found.push(Namesake { id, who: superior::store::cadre_words(c, id).await? });
    }
    Ok(found)
}

/// The reporter wrote of this person, or of another one of the same name.
pub(super) async fn answer(
    tx: &Tx,
    opened: &Opened,
    (cadre_id, seen): (i64, u32),
    same: bool,
    now: Millis,
) -> Result<(), StoreError> {
    let Sent { mut matter, chain } = last_sent(&**tx, opened).await?;
    let world = routing::store::world(&**tx).await?;
    let asked = concerned(&world, &matter, opened.case.organ_id);
    if opened.seen() != seen || !asked.contains(&cadre_id) {
        return Err(StoreError::Moved);
    }
    matter.mentioned.remove(&cadre_id);
    if same {
        matter.pending.remove(&cadre_id);
        matter.lapsed.remove(&cadre_id);
        matter.named.insert(cadre_id);
        matter.own_unit = own_unit(&world, &routing::store::table(&**tx).await?, &matter);
    } else {
        matter.denied.insert(cadre_id);
    }
    keep_route(tx, opened, &Sent { matter, chain }, now).await?;
    let action = if same { "case.same" } else { "case.another" };
    let subject = format!("case {}", opened.id);
    let entry = audit::Entry { account_id: None, actor: "反映人", action, subject: &subject, detail: "" };
    Ok(audit::store::append(tx, &entry, now).await?)
}

/// A member of staff says that another person of that name is meant. One alone opens the case to nobody: whoever says
/// it first may be their friend. When a second person says so too, it is open to them again.
pub async fn clear(
    tx: &Tx,
    vault: &Vault,
    actor: &Actor,
    case_id: i64,
    (cadre_id, seen): (i64, u32),
    now: Millis,
) -> Result<Opened, StoreError> {
    lock(tx, case_id).await?;
    let (ground, glimpse) = sight(&**tx, vault, actor, case_id).await?;
    let mut opened = open_own(&**tx, vault, case_id).await?;
    let by = by(actor, &glimpse.facts(&ground, actor.account_id), &Deed::Clear { lifts: false })?;
    let Sent { mut matter, chain } = last_sent(&**tx, &opened).await?;
    if opened.seen() != seen {
        return Err(StoreError::Moved);
    }
    let Some(first) = matter.mentioned.get(&cadre_id).copied() else { return Err(StoreError::Moved) };
    let said = voice(&ground.world, actor.account_id, now);
    let lifts = first.is_some_and(|first| said.is_another(&first));
    if lifts {
        matter.mentioned.remove(&cadre_id);
        matter.cleared.insert(cadre_id);
    } else {
        matter.mentioned.insert(cadre_id, Some(first.unwrap_or(said)));
    }
    keep_route(tx, &opened, &Sent { matter, chain }, now).await?;
    take(tx, &mut opened, by, Deed::Clear { lifts }, "", Words::default(), now).await?;
    note(tx, actor, case_id, "case.clear", if lifts { "" } else { "等第二人确认" }, now).await?;
    settle(tx, vault, &mut opened, now).await?;
    Ok(opened)
}

/// Whether somebody else has said so before, so that this member's word lifts it.
pub fn lifts(world: &World, about: &Matter, account_id: i64, cadre_id: i64) -> bool {
    let said = voice(world, account_id, 0);
    about.mentioned.get(&cadre_id).copied().flatten().is_some_and(|first| said.is_another(&first))
}
