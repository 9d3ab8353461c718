//! Orders of a hotline (12345) become cases (capability B11): a table is read, shown with what is wrong with it, and
//! taken over row by row through the same door, routing and conflict step as what citizens submit themselves.
//!
//! Who called and what they said never stands in the clear: between reading and taking, the rows are sealed; after,
//! identity is sealed apart and the text locked under the key of its case. Nobody is given number and code of such a
//! report: staff who hold them could speak as the caller. The answer goes back by the hotline, and so does what the
//! caller says about it: the clerk enters it, under their own name.

mod answers;
mod order;
mod page;
pub mod store;

pub use order::{Order, Plan, Refusal, layout, plan};

use crate::{
    authz::Action,
    web::{Access, Route, get, post},
};

/// The routes of this feature.
pub fn routes() -> Vec<Route> {
    let staff = Access::Staff(Action::ReceiveReport);
    vec![
        get("/office/hotline", staff, page::start),
        post("/office/hotline", staff, page::upload).upload(),
        get("/office/hotline/template.xlsx", staff, page::template),
        get("/office/hotline/answers", staff, answers::list),
        get("/office/hotline/answers/answers.xlsx", staff, answers::workbook),
        get("/office/hotline/answers/{id}", staff, answers::one),
        post("/office/hotline/answers/{id}", staff, answers::hear),
        get("/office/hotline/{id}", staff, page::show),
        post("/office/hotline/{id}", staff, page::take),
    ]
}
