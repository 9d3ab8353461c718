//! Every query on ratings.

pub mod ballots;
pub mod editions;
mod engine;
pub mod flags;
mod opening;
pub mod papers;
pub mod releases;
pub mod rounds;
mod sealing;
pub mod voters;

pub use opening::{TurnError, close, close_early, open, outlived};
pub use sealing::{Sealed, block_of, recount as recount_sealed, seal};

#[cfg(test)]
#[path = "../tests/publishing.rs"]
mod tests;
