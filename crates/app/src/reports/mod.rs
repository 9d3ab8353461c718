//! What citizens submit (举报 / 反映): a report from its draft to the number under which it is found again.
//!
//! A report is what was said; its handling is a case (`crate::cases`). Nothing here keeps an address of the
//! network or a browser's name, and nothing asks for them.

mod alike;
mod duplicates;
mod number;
mod report;
pub mod store;

pub use alike::{Permille, Shingles};
pub use duplicates::{Gist, Suggestion, suggest};
pub use number::{NumberError, QueryCode, ReceiptNumber};
pub(crate) use report::fen;
pub use report::{Draft, Facts, Fault, Helper, Identity, Kind, Object, Question, Report};
