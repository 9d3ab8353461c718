//! Listed powers of units, with procedure, bases, risks (capabilities A6-A12).

pub(crate) mod bases;
pub(crate) mod edit;
mod history;
mod list;
mod page;
mod power;
pub(crate) mod procedure;
mod sheet;
pub mod store;

use crate::web::{Access::Public, Route, get};
use daylight_ui::{RiskLevel, RiskTag};

pub use power::{Basis, Disclosure, Kind, Level, Next, Part, Power, Risk, StageType, Step, step_number};

/// The routes of this feature.
pub fn routes() -> Vec<Route> {
    vec![
        get("/powers", Public, list::page),
        get("/powers/{id}", Public, page::page),
        get("/powers/{id}/history", Public, history::page),
        get("/powers/{id}/qr.svg", Public, sheet::code),
        get("/powers/{id}/sheet", Public, sheet::sheet),
        get("/bases", Public, bases::list),
        get("/bases/{id}", Public, bases::page),
    ]
}

/// The level of a risk as shape and word.
pub fn level_tag(level: Level) -> RiskTag {
    match level {
        Level::Low => RiskLevel::Low,
        Level::Medium => RiskLevel::Medium,
        Level::Elevated => RiskLevel::Elevated,
        Level::High => RiskLevel::High,
    }
    .tag()
}
