//! The open interface (N24): JSON under `/api/v1`, described by an OpenAPI 3.1 document, and open
//! data downloads under `/data`.
//!
//! Everybody may read; nothing here is more than what public pages show. Reports are handed in and followed as on
//! the pages under `/reports`, by whoever holds the draft's token or number and code. Each endpoint is declared
//! once (see [`Endpoint`]); the declaration makes its route, reads its query and writes its part of
//! the document, so that the document cannot drift. A stable interface: fields may be added, none
//! may go or change its meaning under `/api/v1`.

mod asked;
mod cadres;
pub mod data;
mod divisions;
mod document;
mod endpoint;
mod powers;
mod problem;
mod reports;
mod search;
mod shape;
mod statistics;
mod store;
mod taken;
mod units;

pub use data::export::export;
pub use document::openapi;
pub use endpoint::Endpoint;
pub(crate) use problem::{failure, open_to_any_origin};

/// Every endpoint: the interface's table of contents.
pub static ENDPOINTS: [Endpoint; 21] = [
    document::DOCUMENT,
    statistics::FIGURES,
    divisions::LIST,
    divisions::ONE,
    units::LIST,
    units::ONE,
    powers::LIST,
    powers::ONE,
    cadres::LIST,
    cadres::ONE,
    search::FOUND,
    reports::DRAFT,
    reports::CODE,
    reports::PROOF,
    reports::FILE,
    reports::CHUNK,
    reports::FILE_END,
    reports::SUBMIT,
    reports::STATUS,
    reports::MORE,
    reports::REPLY,
];

/// The routes of this feature.
pub fn routes() -> Vec<crate::web::Route> {
    let endpoints = ENDPOINTS.iter().map(|endpoint| (endpoint.route)(endpoint.path));
    endpoints.chain(data::routes()).collect()
}
