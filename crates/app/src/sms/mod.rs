//! Short messages (短信): one door out, without content.
//!
//! A telephone lies on tables, is shared in families, and numbers are sold again: a message says that there is
//! something to read and never what. [`send`] writes the message, sealed, in the caller's transaction; a job hands
//! it to the gateway at least once and then deletes it, so that no number stays behind. Without a gateway messages
//! wait, and `daylight doctor` says so.
//!
//! Codes, and what staff are told, leave at once. News to reporters leaves a few times a day ([`slot`]), in no order,
//! once to each number, and is kept without the minute of the deed: neither the gateway's log nor the tables here tell
//! which deed was told to whom, as long as several were. Where one case alone had news since the last time, whoever has
//! both the log and the cases knows it all the same.

mod channel;
mod jobs;
pub mod slot;
pub mod store;
mod template;

pub use channel::{Channel, Undelivered};
pub use jobs::on;
pub use store::{send, waiting};
pub use template::Template;
