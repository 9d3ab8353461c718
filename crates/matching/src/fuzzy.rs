//! Matching without ids: where they are missing or fail their check.
//!
//! Pairs are looked at only where they share a key of some blocking pass, and never more for one record than a pass
//! allows, so that work and memory grow with the records, not with their product. A pair's score adds up what each
//! field's agreement is worth (Fellegi and Sunter): how much likelier it is among pairs of one person than among
//! strangers. The first is learned from the data itself by expectation and maximisation, the second counted on
//! random pairs; a value that many have, such as 王伟, is worth little.
//!
//! A name alone is never a match: see [`Class`].

mod assign;
mod block;
mod chars;
mod compare;
mod model;
mod pool;
mod presets;
mod prob;

pub use assign::{Contribution, Linked, Match, link};
pub use compare::{Comparator, Level};
pub use model::{FieldModel, Model};
pub use pool::{Pool, Side};

/// What a field's agreement may prove.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// A name. However rare, it never makes a match.
    Name,
    /// Belongs to one person, or nearly: birth date, phone, account, a damaged id, a full address. Every match has one
    /// of these that agrees or nearly does, or a local one.
    Identifying,
    /// Shared by a village or a street. It carries a match only when wholly equal, and only as far as the score goes: a
    /// rare name in one village may do, 王伟 does not.
    Local,
    /// Shared by many: sex, postcode. It moves the score, no more.
    Supporting,
}

/// A field of both tables.
#[derive(Clone, Debug)]
pub struct FieldSpec {
    /// Its name, for people.
    pub name: &'static str,
    /// How two values are compared.
    pub comparator: Comparator,
    /// What its agreement may prove.
    pub class: Class,
    /// Whether rare values count for more than usual ones.
    pub by_frequency: bool,
    /// The place of a field it is often confused with (given name and surname); a swap is a level of its own.
    pub swapped_with: Option<usize>,
}

/// The form a value takes in a blocking key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// As it is.
    Whole,
    /// Its first characters.
    Prefix(u8),
    /// Its last characters.
    Suffix(u8),
    /// How it sounds: pinyin without tones and dialect, or the consonants of a Latin word.
    Sound,
    /// The sound of its first character: the surname.
    FirstSound,
    /// Its characters in order of their codes: swapped ones agree.
    Sorted,
}

/// A blocking pass: pairs agree in all of these.
pub type Pass = Vec<(usize, Form)>;

/// What to compare, and how.
#[derive(Clone, Debug)]
pub struct Config {
    /// The fields, in the order records give them.
    pub fields: Vec<FieldSpec>,
    /// The blocking passes.
    pub passes: Vec<Pass>,
    /// A record looks at no more than so many others in one pass; larger blocks are left to the other passes and told.
    pub most_in_block: usize,
    /// Whether a record on either side may have one match only.
    pub one_to_one: bool,
    /// Matches below this probability are not told.
    pub threshold: f64,
    /// Threads to use.
    pub threads: usize,
}
