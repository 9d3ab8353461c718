//! Open data: every public table as one file, CSV or JSON, as a download and for the export command.
//!
//! A table is read in batches by id and sent as it is read, so that memory does not grow with the
//! table, and no connection is held while a slow reader takes a batch. A download made in the very
//! moment of an import may hold rows from before and after it.

mod download;
pub mod export;
mod store;
mod table;
mod write;

pub use table::{Column, Table};
pub use write::Format;

/// The routes of open data.
pub(super) fn routes() -> Vec<crate::web::Route> {
    download::routes()
}
