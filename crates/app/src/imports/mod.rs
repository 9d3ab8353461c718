//! Taking over what offices really send: read → plan → (preview) → apply, all or nothing.
//!
//! [`read_into`] turns files into rows, [`Planner`] holds each row against the registry in memory and
//! says what is wrong with it, [`store::apply`] writes a [`Plan`] in one transaction.

mod layouts;
mod plan;
mod read;
mod register;
mod report;
pub mod run;
pub mod store;

pub use layouts::{Kind, layouts};
pub use plan::{Plan, Planner};
pub use read::{ReadError, find_files, read_into};
pub use register::{CadreEntry, DivisionEntry, Entry, Register};
pub use report::{Difference, FileReport, IgnoredRow, Problem, Report, Severity};

/// The routes of this feature.
pub fn routes() -> Vec<crate::web::Route> {
    Vec::new()
}
