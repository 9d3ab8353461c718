//! Reminders of what hangs on a case and is no clock of it: its outcome card, its letters.

use super::{StoreError, events::open_own, notices::text, routes::kept_matter, sight::Ground};
use crate::{authz::Role, clock::Millis};
use daylight_db::{Tx, exec, values};
use daylight_vault::Vault;
use std::collections::BTreeSet;

/// What there is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Task {
    /// Write what everybody may read of the outcome.
    Write,
    /// Approve what another wrote of it.
    Approve,
    /// Bring the receipt of a letter.
    Receipt(i64),
    /// Bring what a letter asks for.
    Answer(i64),
}

impl Task {
    /// The word in tables, and the letter.
    pub(super) fn row(self) -> (&'static str, Option<i64>) {
        match self {
            Task::Write => ("write", None),
            Task::Approve => ("approve", None),
            Task::Receipt(letter) => ("receipt", Some(letter)),
            Task::Answer(letter) => ("answer", Some(letter)),
        }
    }

    /// Reads [`Task::row`].
    pub(super) fn read(code: &str, letter: Option<i64>) -> Option<Task> {
        match (code, letter) {
            ("write", None) => Some(Task::Write),
            ("approve", None) => Some(Task::Approve),
            ("receipt", Some(letter)) => Some(Task::Receipt(letter)),
            ("answer", Some(letter)) => Some(Task::Answer(letter)),
            _ => None,
        }
    }
}

/// Who is told of what, and since when it should be done.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub case_id: i64,
    pub task: Task,
    /// Roles at organs. Of handlers only the one of the case.
    pub to: Vec<(i64, Role)>,
    /// Whoever has done their part.
    pub but: Option<i64>,
    /// The moment that makes it one reminder: run again, nobody is told again.
    pub since: Millis,
    /// The date that is told.
    pub due_at: Millis,
}

/// Tells people of a task, once. Nobody who is in conflict with the case is told.
pub(crate) async fn call(tx: &Tx, vault: &Vault, call: &Call, now: Millis) -> Result<bool, StoreError> {
    let (task, letter) = call.task.row();
    let key = letter.map_or_else(|| task.to_owned(), |letter| format!("{task} {letter}"));
    let sql = "INSERT INTO case_reminders (case_id, stage, clock, whom, at, due_at) \
               VALUES ($1, 'task', $2, 'all', $3, $4) ON CONFLICT (case_id, stage, clock, whom, at) DO NOTHING";
    if exec(&**tx, sql, values![call.case_id, key, call.since, call.due_at]).await? == 0 {
        return Ok(false);
    }
    let opened = open_own(&**tx, vault, call.case_id).await?;
    let ground = Ground::survey(&**tx).await?;
    let about = ground.matter(&kept_matter(&**tx, &opened).await?, &opened.case.recused);
    let meant = ground.world.staff.iter().filter(|staff| {
        call.to.contains(&(staff.organ_id, staff.role))
            && (staff.role != Role::Handler || opened.case.handler_id == Some(staff.account_id))
    });
    let to: BTreeSet<i64> = meant.map(|staff| staff.account_id).collect();
    let clear = |account: &&i64| call.but != Some(**account) && !ground.is_out(&about, **account);
    for account in to.iter().filter(clear) {
        let sql = "INSERT INTO case_notices (case_id, account_id, task, letter_id, due_at, made_at) \
                   VALUES ($1, $2, $3, $4, $5, $6)";
        exec(&**tx, sql, values![call.case_id, *account, task, letter, call.due_at, now]).await?;
        text(tx, vault, *account, now).await?;
    }
    Ok(true)
}
