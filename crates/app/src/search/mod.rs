//! Search over everything public: any substring of two characters or more, pinyin and initials.
//!
//! Text is cut into overlapping pairs of characters ("安澜县" → 安澜, 澜县); a query is the phrase of
//! its own pairs, so every substring is found and nothing else (trigrams find no two-character
//! word; word segmentation misses what it cuts elsewhere). See `docs/adr/0007-search.md`.

mod mark;
mod page;
mod postgres;
mod sqlite;
pub mod store;
mod terms;

pub use terms::{initials, phrase, pinyin, terms};

/// What the index holds about one public thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// "unit", "power", "cadre" or "division".
    pub kind: &'static str,
    /// Its id within the kind.
    pub subject_id: i64,
    /// What the result is called.
    pub title: String,
    /// One line beneath.
    pub detail: String,
    /// What else is searched.
    pub text: String,
    /// The unit it belongs to.
    pub unit_id: Option<i64>,
    /// [`crate::units::Category::code`] of that unit.
    pub category: Option<String>,
    /// The division's ids from the root.
    pub division_path: Option<String>,
}

/// The routes of this feature.
pub fn routes() -> Vec<crate::web::Route> {
    vec![crate::web::get("/search", crate::web::Access::Public, page::page)]
}
