//! Short messages (短信): one door out, without content.
//!
//! A telephone lies on tables, is shared in families, and numbers are sold again: a message says that there is
//! something to read and never what. [`send`] writes the message, sealed, in the caller's transaction; a job hands
//! it to the gateway at least once and then deletes it, so that no number stays behind. Without a gateway messages
//! wait, and `daylight doctor` says so.

mod channel;
mod jobs;
pub mod store;
mod template;

pub use channel::{Channel, Undelivered};
pub use jobs::on;
pub use store::{send, waiting};
pub use template::Template;
