//! Evidence (证据材料): the files of a report.
//!
//! A file arrives in chunks, so that a broken connection costs one of them; each is sealed before it touches the disk
//! and is durable before it is acknowledged. While the report is a draft, the file's own key is wrapped by the vault;
//! with the submission it is locked under the key of the case, and from then on opens for those who may open the case
//! and for nobody else. So do files of a later message of the reporter's, and what staff obtain (`cases::desk`): each waits
//! under a token of its own until it is sent, and remembers with which event it came. What a file is called, how large it is and what it contains is sealed with it.
//!
//! Of a photo a copy without metadata is made for looking at; the original stays as it came, with its SHA-256.
//! Nothing of a file is ever executed, unpacked or shown as what it claims to be: see [`serve`].

mod attachment;
mod copy;
mod form;
mod jobs;
mod part;
mod room;
mod sealed;
mod serve;
pub mod store;
mod upload;
mod verify;

pub use attachment::{
    About, CHUNK_LEAST, CHUNK_MOST, Copy, Kind, LARGEST_DRAFT, LARGEST_FILE, MOST_FILES, Refused,
};
pub(crate) use form::{Failed, Texts, receive, sort_out};
pub use jobs::on;
pub use part::section;
pub(crate) use part::{missing, with_files};
pub(crate) use room::clear;
pub use room::{RESERVE, SHARE};
pub(crate) use serve::original;
pub use serve::{Which, serve};
pub use store::{Attachment, of_case};
pub(crate) use upload::{Standing, Stop, announce, complete, send_on};
pub use verify::verify;

use crate::web::{Access::PublicFresh, Route, get, post};

/// The folder of the sealed files within the data folder.
pub const FOLDER: &str = "attachments";

/// The routes of this feature: what a draft's page and its script call. Staff get files from the case's pages.
pub fn routes() -> Vec<Route> {
    vec![
        post("/reports/evidence", PublicFresh, upload::begin),
        post("/reports/evidence/form", PublicFresh, form::submit).upload(),
        get("/reports/evidence/{file}", PublicFresh, upload::progress),
        post("/reports/evidence/{file}/chunk", PublicFresh, upload::chunk),
        post("/reports/evidence/{file}/finish", PublicFresh, upload::finish),
        post("/reports/evidence/{file}/remove", PublicFresh, form::remove),
    ]
}
