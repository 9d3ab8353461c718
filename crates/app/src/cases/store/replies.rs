//! Earlier replies of an organ, against which a new one is held.
//!
//! They are locked under the keys of other cases, which whoever replies may not have. So of each reply a sketch is
//! kept: its pieces, each as a keyed hash, sealed as a whole. Sketches are compared without opening a case, and the
//! text is shown only to whom that case is open. A reply in a case with which somebody is in conflict is not compared
//! for them at all: not even that there is one is told.

use super::{
    Opened, StoreError, Words,
    events::open_own,
    sight::{Ground, glimpses, sight},
};
use crate::{
    audit::rows,
    authz::Actor,
    cases::{Deed, Earlier, Reply, Sound},
    clock::{Millis, date_text},
    ops::store::REPLY_SKETCH,
    reports::{self, Permille, Shingles},
};
use daylight_db::{ConnectionTrait, FromQueryResult, Tx, all, exec, scalar, values};
use daylight_vault::{Purpose, Vault};
use std::collections::BTreeSet;

/// The key of the hashes in sketches.
const PIECE: Purpose = Purpose("reply-piece");
/// So many of an organ's newest replies are compared.
const COMPARED: i64 = 2000;
/// So many near-copies are shown.
const SHOWN: usize = 3;

/// The pieces of a reply as keyed hashes.
struct Sketch(BTreeSet<[u8; 8]>);

impl Sketch {
    fn of(vault: &Vault, reply: &Reply) -> Sketch {
        let short = |piece: String| {
            let [a, b, c, d, e, f, g, h, ..] = vault.blind(PIECE, &piece);
            [a, b, c, d, e, f, g, h]
        };
        Sketch(Shingles::of(&reply.text()).pieces().map(short).collect())
    }

    fn read(bytes: &[u8]) -> Sketch {
        Sketch(bytes.as_chunks().0.iter().copied().collect())
    }

    fn bytes(&self) -> Vec<u8> {
        self.0.iter().flatten().copied().collect()
    }

    /// As [`Shingles::alike`].
    fn alike(&self, other: &Sketch) -> Permille {
        let shared = self.0.intersection(&other.0).count();
        let whole = self.0.len() + other.0.len() - shared;
        (shared * 1000).checked_div(whole).and_then(|share| Permille::try_from(share).ok()).unwrap_or(0)
    }
}

fn spoken(words: &Words) -> Reply {
    Reply { answers: words.answers.clone(), rest: words.text.clone() }
}

/// Everything a reply must answer: what was reported and what was added since.
pub async fn points(c: &impl ConnectionTrait, opened: &Opened) -> Result<Vec<String>, StoreError> {
    let mut points = reports::store::content(c, opened).await?.points;
    let supplied = opened.entries.iter().filter(|entry| matches!(entry.event.deed, Deed::Supply { .. }));
    points.extend(supplied.flat_map(|entry| entry.words.points.iter().cloned()));
    Ok(points)
}

/// Near-copies of a reply among the earlier ones of the organ that has the case, the likest first: for
/// [`Reply::check`] and the page beside it.
pub async fn earlier(
    c: &impl ConnectionTrait,
    vault: &Vault,
    actor: &Actor,
    case_id: i64,
    reply: &Reply,
) -> Result<Vec<Earlier>, StoreError> {
    let (ground, seen) = sight(c, vault, actor, case_id).await?;
    near(c, vault, actor, &ground, (case_id, seen.organ_id), reply).await
}

async fn near(
    c: &impl ConnectionTrait,
    vault: &Vault,
    actor: &Actor,
    ground: &Ground,
    (case_id, organ_id): (i64, Option<i64>),
    reply: &Reply,
) -> Result<Vec<Earlier>, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        case_id: i64,
        number: i64,
        at: i64,
        sketch_sealed: Vec<u8>,
    }
    let sql = "SELECT id, case_id, number, at, sketch_sealed FROM case_replies WHERE organ_id = $1 \
               AND case_id <> $2 AND sketch_sealed IS NOT NULL ORDER BY id DESC LIMIT $3";
    let rows: Vec<Row> = all(c, sql, values![organ_id, case_id, COMPARED]).await?;
    let sketch = Sketch::of(vault, reply);
    let mut found = Vec::new();
    for row in rows {
        // One that cannot be opened is found by `daylight verify`; it holds nobody's reply up.
        let Ok(kept) = vault.unseal(&REPLY_SKETCH.place(row.id), &row.sketch_sealed) else { continue };
        let alike = sketch.alike(&Sketch::read(kept.as_bytes()));
        if alike >= Reply::NEAR_COPY {
            found.push((alike, row));
        }
    }
    found.sort_by_key(|(alike, row)| (std::cmp::Reverse(*alike), std::cmp::Reverse(row.id)));
    let ids: BTreeSet<_> = found.iter().map(|(_, row)| row.case_id).collect();
    let cases = glimpses(c, vault, &ids.into_iter().collect::<Vec<_>>()).await?;
    let mut shown = Vec::new();
    for (alike, row) in found {
        let Some(case) = cases.iter().find(|case| case.id == row.case_id) else { continue };
        if case.is_out(ground, actor.account_id) {
            continue;
        }
        shown.push(if case.may_see(ground, actor) {
            let text = text(c, vault, row.case_id, row.number).await?;
            let name = format!("{}的答复（第{}件）", date_text(row.at), row.case_id);
            Earlier { case_id: Some(row.case_id), name, text, alike }
        } else {
            Earlier { case_id: None, name: "本组织以前的一份答复".into(), text: None, alike }
        });
        if shown.len() == SHOWN {
            break;
        }
    }
    Ok(shown)
}

async fn text(
    c: &impl ConnectionTrait,
    vault: &Vault,
    case_id: i64,
    number: i64,
) -> Result<Option<String>, StoreError> {
    let opened = match open_own(c, vault, case_id).await {
        Ok(opened) => opened,
        Err(error) if error.is_damage() => return Ok(None),
        Err(error) => return Err(error),
    };
    let entry = opened.entries.iter().find(|entry| i64::from(entry.event.number) == number);
    Ok(entry.map(|entry| spoken(&entry.words).text()))
}

/// Holds what is about to be sent against the gate.
pub(super) async fn check(
    c: &impl ConnectionTrait,
    vault: &Vault,
    actor: &Actor,
    ground: &Ground,
    opened: &Opened,
    words: &Words,
    release: Option<&str>,
) -> Result<Sound, StoreError> {
    let reply = spoken(words);
    let earlier = near(c, vault, actor, ground, (opened.id, opened.case.organ_id), &reply).await?;
    reply.check(&points(c, opened).await?, &earlier, release).map_err(StoreError::Unsound)
}

/// Keeps the sketch of the reply that a case has just been given.
pub(super) async fn keep(tx: &Tx, vault: &Vault, opened: &Opened, now: Millis) -> Result<(), StoreError> {
    let entry = opened.entries.last().ok_or(StoreError::Damaged)?;
    let sql = "INSERT INTO case_replies (case_id, number, organ_id, at) VALUES ($1, $2, $3, $4) RETURNING id";
    let bound = values![opened.id, i64::from(entry.event.number), opened.case.organ_id, now];
    let id: i64 = scalar(&**tx, sql, bound).await?;
    let sealed = vault.seal(&REPLY_SKETCH.place(id), &Sketch::of(vault, &spoken(&entry.words)).bytes());
    exec(&**tx, "UPDATE case_replies SET sketch_sealed = $2 WHERE id = $1", values![id, sealed]).await?;
    rows::keep(tx, &rows::REPLIES, opened.id, now).await?;
    Ok(())
}
