//! Official letters of a case (capability D12): 交办函, 告知书, 答复书, by number, in the layout of GB/T 9704-2012, as a
//! file and as a page to print; the receipt that comes back, and the list of what is still open.
//!
//! A letter belongs to its case: whoever may not see the case does not see that there is a letter. Its text is locked
//! under the case's key. Nothing in it says who reported: the addressee of a letter to the reporter is 反映人.

mod docx;
mod issue;
pub mod jobs;
mod letter;
mod list;
mod show;
pub mod store;
#[cfg(test)]
mod tests;

pub use docx::{CONTENT_TYPE, docx};
pub use letter::{Kind, Letter, Line, Number, Part, Receipt, Standing};
pub use list::{Waiting, waiting};
pub(crate) use show::{As, as_file, sheet};

use crate::{
    authz::Action,
    web::{Access, Route, get, post},
};

/// The routes of this feature.
pub fn routes() -> Vec<Route> {
    let see = Access::Staff(Action::SeeCase);
    let issue = Access::Staff(Action::ApproveCase);
    vec![
        get("/office/letters", see, list::page),
        get("/office/letters/{id}", see, show::page),
        get("/office/letters/{id}/print", see, show::print),
        get("/office/letters/{id}/file", see, show::file),
        post("/office/letters/{id}/receive", see, show::receive),
        post("/office/letters/{id}/answer", see, show::answer),
        get("/office/cases/{id}/letters/new", issue, issue::form),
        post("/office/cases/{id}/letters", issue, issue::submit),
    ]
}
