//! An endpoint of the interface: one declaration from which come its route, the reading of its
//! query and its place in the OpenAPI document.

use super::shape::{Coded, Named, one_of, words};
use crate::web::Route;
use serde_json::{Value, json};

/// A method and path under `/api/v1`.
pub struct Endpoint {
    /// The path as axum and OpenAPI write it; the only variable is `{id}`.
    pub path: &'static str,
    /// `operationId` of the document.
    pub name: &'static str,
    /// What it answers, in Chinese.
    pub about: &'static str,
    /// What may stand in the query.
    pub fields: &'static [Field],
    /// What the request carries: then it is a POST.
    pub takes: Takes,
    /// The schema of the answer.
    pub shape: fn(&mut Named) -> Value,
    /// The route, for this path.
    pub route: fn(&'static str) -> Route,
}

/// What a request carries besides its address.
#[derive(Clone, Copy)]
pub enum Takes {
    /// Nothing: a GET.
    Nothing,
    /// A JSON object of this schema.
    Json(fn(&mut Named) -> Value),
    /// The same, sent for a draft that the header names.
    ForDraft(fn(&mut Named) -> Value),
}

/// A field of the query.
#[derive(Clone, Copy)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// What it does, in Chinese.
    pub about: &'static str,
    /// What it may hold.
    pub holds: Holds,
}

/// What a field may hold.
#[derive(Clone, Copy)]
pub enum Holds {
    /// The id of something.
    Id,
    /// A whole number from 1 up to `most`, `usual` when it is not given.
    Count {
        /// The greatest.
        most: i64,
        /// When not given.
        usual: i64,
    },
    /// An ISO date, today at the latest.
    Day,
    /// A code of a closed list.
    Code(fn() -> Vec<(&'static str, &'static str)>),
    /// Words to search for; required.
    Words,
}

/// How long a search may be.
pub const WORDS_MOST: usize = 100;

/// A field that narrows by a closed list.
pub const fn code<T: Coded>(name: &'static str, about: &'static str) -> Field {
    Field { name, about, holds: Holds::Code(words::<T>) }
}

/// A field that narrows by something's id.
pub const fn id(name: &'static str, about: &'static str) -> Field {
    Field { name, about, holds: Holds::Id }
}

/// Which page.
pub const PAGE: Field =
    Field {
        name: "page", about: "第几页，从 1 数起", holds: Holds::Count { most: 100_000, usual: 1 }
    };

/// How many on a page.
pub const PER_PAGE: Field =
    Field {
        name: "per_page", about: "每页多少条，最多 100", holds: Holds::Count { most: 100, usual: 20 }
    };

/// As it stood at the end of a day.
pub const ON: Field =
    Field {
        name: "on", about: "看这一天结束时的内容，如 2026-11-22；不填看现在的", holds: Holds::Day
    };

impl Endpoint {
    /// Whether it answers about one thing.
    pub fn single(&self) -> bool {
        self.path.contains("{id}")
    }

    /// The method in the document.
    pub fn method(&self) -> &'static str {
        if matches!(self.takes, Takes::Nothing) { "get" } else { "post" }
    }
}

impl Field {
    /// Its JSON Schema.
    pub fn schema(&self) -> Value {
        match self.holds {
            Holds::Id => json!({ "type": "integer", "format": "int64", "minimum": 1 }),
            Holds::Count { most, usual } => {
                json!({ "type": "integer", "minimum": 1, "maximum": most, "default": usual })
            }
            Holds::Day => json!({ "type": "string", "format": "date" }),
            Holds::Code(words) => one_of(&words()),
            Holds::Words => json!({ "type": "string", "minLength": 2, "maxLength": WORDS_MOST }),
        }
    }

    /// What it does, with the words behind its codes.
    pub fn description(&self) -> String {
        match self.holds {
            Holds::Code(words) => {
                let words: Vec<_> =
                    words().into_iter().map(|(code, word)| format!("{code} {word}")).collect();
                format!("{}：{}", self.about, words.join("，"))
            }
            _ => self.about.to_owned(),
        }
    }

    /// Whether it must be there.
    pub fn required(&self) -> bool {
        matches!(self.holds, Holds::Words)
    }
}
