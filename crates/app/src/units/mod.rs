//! Supervised units: the county's departments, townships, villages, schools, hospitals, companies.

mod diagram;
pub(crate) mod edit;
pub(crate) mod ended;
mod feed;
mod history;
mod list;
mod page;
mod panels;
mod sheet;
pub mod store;
mod unit;
mod view;

use crate::web::{Access::Public, Route, get};

pub use unit::{Category, Missing, Unit};

/// The routes of this feature.
pub fn routes() -> Vec<Route> {
    vec![
        get("/units", Public, list::page),
        get("/units/{id}", Public, page::page),
        get("/units/{id}/history", Public, history::page),
        get("/units/{id}/feed.xml", Public, feed::feed),
        get("/units/{id}/qr.svg", Public, sheet::code),
        get("/units/{id}/sheet", Public, sheet::sheet),
    ]
}
