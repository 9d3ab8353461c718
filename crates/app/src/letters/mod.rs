//! Official letters of a case (capability D12): their numbers, and their parts in the order of GB/T 9704-2012. What
//! stands here is data; the page and the .docx are made of it.

mod letter;

pub use letter::{Kind, Letter, Line, Number, Part, Receipt};
