//! Every query on cases. Whatever is done to a case is done here in one transaction, under its lock: the events are
//! loaded and folded, the deed is tried, its event is added, the columns and the keys follow.
//!
//! `events` keeps and reads what happened, `columns` what lists need of it, `routes` where it was sent and why.
//! `sight` decides who may see a case before anything in it is opened; `open`, `act`, `say` and `list` are the doors
//! of staff and reporters; `settle` makes who can open it agree with who may have it, `mentions` keeps it from those
//! whose names the reporter wrote, `held` keeps what no organ may have from being lost. `timers` do what time does,
//! `notices` tell staff, `tasks` of what hangs on a case besides, `alike` and `replies` compare, `verify` checks.

mod act;
mod alike;
mod columns;
mod dates;
mod events;
mod held;
mod list;
mod mentions;
mod notices;
mod open;
mod replies;
mod routes;
mod say;
mod settle;
mod sight;
mod tasks;
mod timers;
mod verify;

pub use act::{Doing, act, act_with, evidence_token, name};
pub use alike::{Alike, alike, link, links, unlink};
pub use columns::{Columns, columns};
pub use dates::{Dates, verify_dates};
pub(crate) use events::{begin, open_own};
pub use held::{Naming, Question, asked, naming, reference, waits};
pub use list::{Line, list};
pub use mentions::{Namesake, clear, concerned, lifts, namesakes};
pub use notices::{News, Notice, Time, notices, read_notice};
pub use open::{Look, looks, open, open_for};
pub use replies::{earlier, points};
pub(crate) use routes::send;
pub use routes::{Sent, routes, standing_recusals};
pub use say::Said;
pub(crate) use say::{say, say_with};
pub(crate) use settle::BACK;
pub use settle::resettle;
pub use sight::{facts, unconflicted};
pub use tasks::Task;
pub(crate) use tasks::{Call, call};
pub(crate) use timers::publish;
pub use timers::{look_again, tick};
pub use verify::{Fault, verify};

use super::{Case, Event, Objection, Refused, keys::Keys};
use crate::{authz::Denied, deadlines::NoExtension};
use daylight_db::{DbErr, Tx};
use daylight_vault::{Place, Secret, VaultError};
use serde::{Deserialize, Serialize};

/// Why a case cannot be opened or changed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// There is none, or not for this person: pages answer both alike.
    #[error("没有找到这件。")]
    NotFound,
    /// The role does not allow it.
    #[error(transparent)]
    Denied(Denied),
    /// It cannot follow what happened before.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The clock takes no more time.
    #[error(transparent)]
    NoExtension(#[from] NoExtension),
    /// The reply does not pass the gate.
    #[error("答复没有通过检查，请按提示修改")]
    Unsound(Vec<Objection>),
    /// Somebody was quicker: what was decided on is no longer what stands.
    #[error("这件刚刚有了新的进展，请查看后再操作")]
    Moved,
    /// What is stored cannot be read.
    #[error("办理记录读不出来，请联系系统管理员核验数据")]
    Damaged,
    /// The keys failed.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbErr),
}

impl StoreError {
    /// Whether it is the case itself that cannot be read, so that others can be gone on with. Of a case that stands in
    /// the tables "not found" means that its events or keys are gone.
    pub fn is_damage(&self) -> bool {
        use StoreError::{Damaged, NotFound, Refused as Impossible, Vault};
        matches!(self, Damaged | NotFound | Vault(_) | Impossible(_))
    }
}

impl From<Denied> for StoreError {
    fn from(denied: Denied) -> StoreError {
        if denied == Denied::Closed { StoreError::NotFound } else { StoreError::Denied(denied) }
    }
}

impl From<serde_json::Error> for StoreError {
    fn from(_: serde_json::Error) -> StoreError {
        StoreError::Damaged
    }
}

/// What somebody wrote with a deed: a question, a finding, a reply. Kept locked.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Words {
    /// Question, step, finding; of a reply what is said besides.
    pub text: String,
    /// Further points that the reporter raised.
    pub points: Vec<String>,
    /// Answers of a reply, in the order of the points.
    pub answers: Vec<String>,
}

impl Words {
    /// Without signs that nobody sees, or that turn a line round: what one wrote is what others read.
    pub(super) fn tidied(self) -> Words {
        use daylight_ids::text::clean;
        let each = |texts: Vec<String>| texts.iter().map(|text| clean(text)).collect();
        Words { text: clean(&self.text), points: each(self.points), answers: each(self.answers) }
    }
}

// What was written stays out of logs.
impl std::fmt::Debug for Words {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Words(•••)")
    }
}

/// An event with what was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What happened.
    pub event: Event,
    /// What was written.
    pub words: Words,
}

/// A case opened: its state, its events, and the keys by which they were read.
#[derive(Debug)]
pub struct Opened {
    /// Its id.
    pub id: i64,
    /// What stands.
    pub case: Case,
    /// What happened.
    pub entries: Vec<Entry>,
    keys: Keys,
}

impl Opened {
    /// Number of the last event: what a form gives back, so that nobody decides on what no longer stands.
    pub fn seen(&self) -> u32 {
        self.case.last.0
    }

    /// Locks something under the case's newest key.
    pub(crate) fn lock(&self, at: &Place, plaintext: &[u8]) -> Result<Vec<u8>, VaultError> {
        self.keys.lock(at, plaintext)
    }

    /// Opens something locked under a key of the case.
    pub(crate) fn unlock(&self, at: &Place, locked: &[u8]) -> Result<Secret, VaultError> {
        self.keys.open(at, locked)
    }
}

/// One writer at a time. Taken before anything of the case is read.
pub(crate) async fn lock(tx: &Tx, case_id: i64) -> Result<(), DbErr> {
    tx.lock(&format!("daylight case {case_id}")).await
}

/// "$3, $4, $5" and the values.
fn among(ids: &[i64], first: usize) -> (String, Vec<daylight_db::Value>) {
    let numbers: Vec<_> = (first..first + ids.len()).map(|number| format!("${number}")).collect();
    (numbers.join(", "), ids.iter().map(|id| (*id).into()).collect())
}

/// So many ids are asked for in one query.
const BATCH: usize = 200;

#[cfg(test)]
#[path = "../tests/compared.rs"]
mod compared;
#[cfg(test)]
#[path = "../tests/december.rs"]
mod december;
#[cfg(test)]
#[path = "../tests/doors.rs"]
mod doors;
#[cfg(test)]
#[path = "../tests/held.rs"]
mod held_tests;
#[cfg(test)]
#[path = "../tests/looks.rs"]
mod looks_tests;
#[cfg(test)]
#[path = "../tests/mentions.rs"]
mod mentioned;
#[cfg(test)]
#[path = "../tests/stored.rs"]
mod tests;
#[cfg(test)]
#[path = "../tests/timed.rs"]
mod timed;
#[cfg(test)]
#[path = "../tests/world.rs"]
mod world;
