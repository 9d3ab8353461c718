//! What is asked: a library of questions about deeds, edited, versioned and reviewed, and the few of them that go to
//! one subject (capabilities C1 and A27).
//!
//! A citizen is asked only what a citizen can see, in words about deeds. Every question has five steps and 「不了解」.

mod edition;
mod library;
mod select;
#[cfg(test)]
mod tests;

pub use edition::{Edition, EditionError, Standing};
pub use library::{
    Fault, Ground, Indicator, Library, Party, PartyRule, PowerQuestion, Rank, Scale, Sector, Virtue,
};
pub use select::{Question, Questions, Target};

/// What answers may be chosen besides the five steps.
pub const UNKNOWN: &str = "不了解";

/// At most so many questions about one subject: more are not answered in a minute.
pub const MOST: usize = 8;
