//! How the organs themselves do (capabilities N19, F5): figures for everybody in fives, for staff exactly.
//!
//! Everything is counted from what of a case stands in the clear (who had it when, what was done), never by opening
//! what somebody wrote. What everybody sees is counted once an hour into a table; a case does not show the moment it
//! comes.

mod board;
mod disclosure;
pub(crate) mod download;
mod figures;
pub mod jobs;
mod money;
mod page;
mod period;
mod place;
pub mod store;

pub use disclosure::{BAND, Cell, disclose};
pub use figures::{Clear, Clocks, Figure, Happened, happened};
pub use money::{Money, Paid};
pub use period::Period;
pub use place::NONE;

use crate::{
    authz::Action,
    web::{Access, Route, get},
};

/// The routes of this feature.
pub fn routes() -> Vec<Route> {
    let staff = Access::Staff(Action::SeeCase);
    vec![
        get("/oversight", Access::Public, page::page),
        get("/oversight/{file}", Access::Public, download::public),
        get("/office/boards", staff, board::page),
        get("/office/boards/board.xlsx", staff, board::workbook),
    ]
}
