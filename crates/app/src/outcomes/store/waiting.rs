//! Whose task an outcome is: closed cases without a card, and cards that wait for a second person.

use super::{Line, lines};
use crate::{
    authz::{Actor, Role},
    cases::{
        self,
        store::{Call, StoreError, Task},
    },
    clock::Millis,
    outcomes::card::State,
};
use daylight_db::{ConnectionTrait, DbErr, FromQueryResult, all, values};
use daylight_vault::Vault;
use std::collections::BTreeMap;

const DAY: Millis = 86_400_000;

/// A closed case that was answered, with its card.
#[derive(Clone, Debug)]
pub struct Closed {
    /// The case.
    pub case: cases::store::Line,
    /// The organ that answered.
    pub organ_id: Option<i64>,
    /// When it was closed.
    pub closed_at: Millis,
    /// Its card; none while nothing is written.
    pub line: Option<Line>,
}

/// Cases that ended with a reply: what was declined has no outcome to tell of.
const ANSWERED: &str = "SELECT c.id, c.organ_id, c.closed_at FROM cases c \
     WHERE c.state IN ('satisfied', 'dissatisfied', 'lapsed') AND c.closed_at IS NOT NULL \
     AND EXISTS (SELECT 1 FROM case_events e WHERE e.case_id = c.id AND e.deed LIKE '%\"deed\":\"reply\"%')";

#[derive(FromQueryResult)]
struct Ended {
    id: i64,
    organ_id: Option<i64>,
    closed_at: i64,
}

/// The closed cases whose outcome is to be told of, as far as somebody may see them.
pub async fn closed(
    c: &impl ConnectionTrait,
    vault: &Vault,
    actor: &Actor,
) -> Result<Vec<Closed>, StoreError> {
    let ended: Vec<Ended> = all(c, ANSWERED, values![]).await?;
    let ended: BTreeMap<i64, Ended> = ended.into_iter().map(|one| (one.id, one)).collect();
    let mut cards: BTreeMap<i64, Line> =
        lines(c).await?.into_iter().map(|line| (line.case_id, line)).collect();
    let seen = cases::store::list(c, vault, actor).await?;
    let one = |case: cases::store::Line| {
        let Ended { organ_id, closed_at, .. } = ended.get(&case.id)?;
        let line = cards.remove(&case.id);
        Some(Closed { organ_id: *organ_id, closed_at: *closed_at, line, case })
    };
    Ok(seen.into_iter().filter_map(one).collect())
}

/// So long nobody is reminded that a card is to be written, and that one is to be approved.
const WRITE_WITHIN: Millis = 3 * DAY;
const APPROVE_WITHIN: Millis = 2 * DAY;

/// Who is to be told that an outcome still waits for them.
pub(crate) async fn late(c: &impl ConnectionTrait, now: Millis) -> Result<Vec<Call>, DbErr> {
    #[derive(FromQueryResult)]
    struct Decided {
        case_id: i64,
        decided_at: Option<i64>,
    }
    let cards: BTreeMap<i64, Line> = lines(c).await?.into_iter().map(|line| (line.case_id, line)).collect();
    let decided: Vec<Decided> = all(c, "SELECT case_id, decided_at FROM outcome_cards", values![]).await?;
    let decided: BTreeMap<i64, i64> =
        decided.into_iter().filter_map(|row| Some((row.case_id, row.decided_at?))).collect();
    let ended: Vec<Ended> = all(c, &format!("{ANSWERED} ORDER BY c.id"), values![]).await?;
    let call = |one: &Ended| {
        let organ = one.organ_id?;
        let card = cards.get(&one.id);
        let (task, roles, but, since, within) = match card.map(Line::state) {
            None => (Task::Write, [Role::Handler, Role::Leader], None, one.closed_at, WRITE_WITHIN),
            Some(State::Returned | State::Retracted) => {
                let since = decided.get(&one.id).copied().unwrap_or(one.closed_at);
                (Task::Write, [Role::Handler, Role::Leader], None, since, WRITE_WITHIN)
            }
            Some(State::Proposed) => {
                let line = card?;
                // One of the two must lead.
                let roles = if line.writer_leads { [Role::Handler, Role::Leader] } else { [Role::Leader; 2] };
                (Task::Approve, roles, Some(line.writer_id), line.written_at, APPROVE_WITHIN)
            }
            Some(_) => return None,
        };
        let to = roles.map(|role| (organ, role)).to_vec();
        (now - since > within).then_some(Call { case_id: one.id, task, to, but, since, due_at: since })
    };
    Ok(ended.iter().filter_map(call).collect())
}
