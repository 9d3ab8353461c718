//! What an operator does to an installation as a whole: check it, move its keys, copy it.
//!
//! The commands of the program call these; what concerns files, archives and the terminal is theirs.

mod check;
mod postgres;
mod public;
mod rotate;
mod sqlite;
pub mod store;
mod verify;

pub use check::{Check, State};
pub use rotate::{Moved, RotateError, forget_unused, key_numbers, reseal_all, upload_key_numbers};
pub use sqlite::snapshot;
pub use verify::{doctor, fits, head, verify};

use crate::audit::{self, Entry};
use crate::clock::Millis;
use daylight_db::{DbErr, Tx};

/// What the audit trail calls whoever runs commands at the machine.
pub const OPERATOR: &str = "本机运维";

/// Folders of the data folder that belong to the data beside the database: a backup takes them along.
pub const FOLDERS: [&str; 3] = ["uploads", "imports", crate::attachments::FOLDER];

/// Writes an audit entry of the operator's.
pub async fn note(tx: &Tx, action: &str, subject: &str, detail: &str, now: Millis) -> Result<(), DbErr> {
    let entry = Entry { account_id: None, actor: OPERATOR, action, subject, detail };
    audit::store::append(tx, &entry, now).await
}
