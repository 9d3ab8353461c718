//! Whose turn it is with the outcomes of closed cases.

use super::{
    card::{self, Hand, State},
    store::{self, Closed},
};
use crate::{
    authz::{Actor, Role},
    cases::store::StoreError,
    web::{App, PageError},
};

/// Where the outcome of a closed case stands for somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Nothing is written, or what was written must be written again.
    Write,
    /// This person may approve it.
    Approve,
    /// Another approves it.
    Others,
    /// Waits for its batch.
    Waiting,
    /// Everybody can read it, or could.
    Public,
    /// Not published, on a ground.
    Withheld,
}

impl Turn {
    /// All, in page order.
    pub const ALL: [Turn; 6] =
        [Turn::Write, Turn::Approve, Turn::Others, Turn::Waiting, Turn::Public, Turn::Withheld];

    /// The word in addresses.
    pub fn code(self) -> &'static str {
        match self {
            Turn::Write => "write",
            Turn::Approve => "approve",
            Turn::Others => "others",
            Turn::Waiting => "waiting",
            Turn::Public => "public",
            Turn::Withheld => "withheld",
        }
    }

    /// The word on the page.
    pub fn page(self) -> &'static str {
        match self {
            Turn::Write => "待写",
            Turn::Approve => "待我审核",
            Turn::Others => "等别人审核",
            Turn::Waiting => "等待公布",
            Turn::Public => "已公布",
            Turn::Withheld => "依法不公布",
        }
    }

    /// Where it stands for somebody.
    pub fn of(actor: &Actor, closed: &Closed) -> Turn {
        let Some(line) = &closed.line else { return Turn::Write };
        match line.state() {
            State::Returned | State::Retracted => Turn::Write,
            State::Proposed => {
                let leads = |grant: &crate::authz::Grant| {
                    grant.role == Role::Leader
                        && grant.organ_id.is_some()
                        && grant.organ_id == closed.organ_id
                };
                let writer = Hand { account_id: line.writer_id, leads: line.writer_leads };
                let mine = Hand { account_id: actor.account_id, leads: actor.grants.iter().any(leads) };
                if card::may_approve(writer, mine).is_ok() { Turn::Approve } else { Turn::Others }
            }
            State::Waiting => Turn::Waiting,
            State::Public | State::Ended => Turn::Public,
            State::Withheld => Turn::Withheld,
        }
    }
}

/// How much waits for somebody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    /// To be written.
    pub to_write: i64,
    /// Written by others, to be approved by this person.
    pub to_approve: i64,
}

/// What waits for this member of staff among the cases they may see.
///
/// # Errors
///
/// When the database cannot be read.
pub async fn waiting(app: &App, actor: &Actor) -> Result<Waiting, PageError> {
    let closed: Result<_, StoreError> = store::closed(app.db.read(), &app.vault, actor).await;
    let closed = closed.map_err(super::unreached)?;
    let count = |turn| closed.iter().filter(|one| Turn::of(actor, one) == turn).count() as i64;
    Ok(Waiting { to_write: count(Turn::Write), to_approve: count(Turn::Approve) })
}
