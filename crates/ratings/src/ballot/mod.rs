//! Ballots: one for each person, subject and round, changeable until the close, tied to nobody.
//!
//! A ballot is known by its [`Token`]: a keyed hash of the person's proof and the subject under the round's key. While
//! the round is open the key lets the same person find their ballot again. At the close the key is destroyed and the
//! ballots of a subject become one [`Block`]: sorted by content, without token, day or order.

mod answers;
mod block;
mod eligible;
pub mod paper;
mod token;

pub use answers::{Answer, AnswerError, Ballot, Channel};
pub use block::{Block, BlockError};
pub use eligible::{Ineligible, Post, Subject, Voter, eligible};
pub use token::{Proof, RoundKey, SubjectId, Token};
