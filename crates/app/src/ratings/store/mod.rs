//! Every query on ratings.

pub mod ballots;
pub mod editions;
mod opening;
pub mod rounds;
pub mod voters;

pub use opening::{TurnError, close, open, outlived};
