//! What the reporter does to their case.

use super::{
    Opened, Sent, StoreError, Words,
    act::hang,
    events::{open_own, take},
    held, lock, mentions,
    routes::{keep_route, kept_matter},
    settle::settle,
    sight::Ground,
};
use crate::{
    attachments,
    cases::{Above, By, Deed, routing},
    clock::Millis,
    deadlines::Stage,
};
use daylight_db::Tx;
use daylight_vault::Vault;

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
    /// Does not mean whom staff named later, so that the case would leave its organ.
    Deny {
        /// [`Opened::seen`] of what they were asked on.
        seen: u32,
    },
    /// Wrote of this person whose name stands in their words.
    Same {
        /// The cadre.
        cadre_id: i64,
        /// [`Opened::seen`] of what they were asked on.
        seen: u32,
    },
    /// Wrote of another person of that name.
    Another {
        /// The cadre.
        cadre_id: i64,
        /// [`Opened::seen`] of what they were asked on.
        seen: u32,
    },
    /// Means whom one member of staff alone named later, so that it takes effect.
    Confirm {
        /// [`Opened::seen`] of what they were asked on.
        seen: u32,
    },
}

/// Does what the reporter says. Number and code were checked (`reports::store::open`).
pub(crate) async fn say(
    tx: &Tx,
    vault: &Vault,
    case_id: i64,
    said: Said,
    now: Millis,
) -> Result<Opened, StoreError> {
    say_with(tx, vault, case_id, said, None, now).await
}

/// The same, with the files that wait for it under a token.
pub(crate) async fn say_with(
    tx: &Tx,
    vault: &Vault,
    case_id: i64,
    said: Said,
    files: Option<&str>,
    now: Millis,
) -> Result<Opened, StoreError> {
    lock(tx, case_id).await?;
    let mut opened = open_own(&**tx, vault, case_id).await?;
    let waiting = match files {
        Some(token) => attachments::store::list(&**tx, vault, token, now).await?,
        None => Vec::new(),
    };
    let mut written: Vec<&str> = match &said {
        Said::More(words) => words.points.iter().chain([&words.text]).map(String::as_str).collect(),
        Said::Dissatisfied(missing) => vec![missing],
        _ => Vec::new(),
    };
    written.extend(waiting.iter().map(|file| file.about.name.as_str()));
    if !written.is_empty() && mentions::hear(tx, &opened, &written, now).await? {
        settle(tx, vault, &mut opened, now).await?;
    }
    let (deed, reason, words) = match said {
        Said::More(words) => {
            let points = u32::try_from(words.points.len()).unwrap_or(u32::MAX);
            (Deed::Supply { points }, String::new(), words)
        }
        Said::Satisfied => (Deed::Satisfied, String::new(), Words::default()),
        Said::Withdraw => (Deed::Withdraw, String::new(), Words::default()),
        Said::Deny { seen } => {
            held::deny(tx, &opened, seen, now).await?;
            (Deed::Deny, String::new(), Words::default())
        }
        Said::Same { cadre_id, seen } => {
            mentions::answer(tx, &opened, (cadre_id, seen), true, now).await?;
            (Deed::Same, String::new(), Words::default())
        }
        Said::Another { cadre_id, seen } => {
            mentions::answer(tx, &opened, (cadre_id, seen), false, now).await?;
            (Deed::Another, String::new(), Words::default())
        }
        Said::Confirm { seen } => {
            held::confirm(tx, &opened, seen, now).await?;
            (Deed::Confirm, String::new(), Words::default())
        }
        Said::Dissatisfied(missing) => {
            (Deed::Dissatisfied { to: above(tx, &opened, now).await? }, missing, Words::default())
        }
    };
    let (reason, words) = (daylight_ids::text::clean(&reason), words.tidied());
    take(tx, &mut opened, By::Reporter, deed, &reason, words, now).await?;
    // Before the key may change, and before it may be sealed to the superior with the list of its files.
    hang(tx, vault, &opened, files, now).await?;
    settle(tx, vault, &mut opened, now).await?;
    Ok(opened)
}

/// Where a dissatisfied reporter's case goes; nowhere from the second stage.
async fn above(tx: &Tx, opened: &Opened, now: Millis) -> Result<Option<Above>, StoreError> {
    let (Stage::First, Some(organ_id)) = (opened.case.stage, opened.case.organ_id) else {
        return Ok(None);
    };
    let ground = Ground::survey(&**tx).await?;
    let mut about = ground.matter(&kept_matter(&**tx, opened).await?, &opened.case.recused);
    about.recused.extend(&opened.case.acted);
    let route = routing::above(&ground.world, &about, organ_id);
    keep_route(tx, opened, &Sent { matter: about, chain: route.chain.clone() }, now).await?;
    // Where people are merely lacking now, it waits for them.
    Ok(Some(route.lies().map_or(Above::Outside, Above::Organ)))
}
