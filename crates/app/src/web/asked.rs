//! What an address asks for.

use super::PageError;
use axum::{
    extract::{FromRequestParts, Path, Query},
    http::request::Parts,
};
use std::convert::Infallible;

/// The query of an address. What is missing, doubled or makes no sense is as if it had not been said: an old link or
/// a typing mistake still opens a page.
#[derive(Clone, Debug, Default)]
pub struct Asked(Vec<(String, String)>);

/// How many lines a page of a list has.
pub const PER_PAGE: i64 = 30;

/// Which part of a list is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// The page, from 1.
    pub page: u64,
    /// How many pages there are; at least 1.
    pub pages: u64,
    /// How many lines come before it.
    pub offset: i64,
}

impl Asked {
    /// A field without the blanks around it; empty when it is not there.
    pub fn text(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.trim())
    }

    /// A field that is a whole number from 1.
    pub fn number(&self, name: &str) -> Option<i64> {
        number(self.text(name))
    }

    /// The part of a list of `total` lines that `page` asks for; past the end, the last.
    pub fn part(&self, total: i64) -> Part {
        let pages = total.max(1).div_euclid(PER_PAGE) + i64::from(total.max(1) % PER_PAGE != 0);
        let page = self.number("page").unwrap_or(1).clamp(1, pages);
        Part { page: page.unsigned_abs(), pages: pages.unsigned_abs(), offset: (page - 1) * PER_PAGE }
    }
}

impl<S: Sync> FromRequestParts<S> for Asked {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Asked, Infallible> {
        let pairs = Query::<Vec<(String, String)>>::try_from_uri(&parts.uri);
        Ok(Asked(pairs.map(|Query(pairs)| pairs).unwrap_or_default()))
    }
}

/// The `{id}` of an address. Anything that is not an id is a thing that does not exist.
#[derive(Clone, Copy, Debug)]
pub struct Id(pub i64);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Id, PageError> {
        let Word(text) = Word::from_request_parts(parts, state).await?;
        number(&text).map(Id).ok_or(PageError::NotFound)
    }
}

/// The one `{…}` of an address as text. What is no text is a thing that does not exist.
#[derive(Clone, Debug)]
pub struct Word(pub String);

impl<S: Send + Sync> FromRequestParts<S> for Word {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Word, PageError> {
        let text = Path::<String>::from_request_parts(parts, state).await;
        // A database refuses to be asked for a NUL.
        let word = text.ok().filter(|Path(text)| !text.contains(char::is_control));
        word.map(|Path(text)| Word(text)).ok_or(PageError::NotFound)
    }
}

/// Digits only: "+7" or "07" is another spelling of an address, not the address.
fn number(text: &str) -> Option<i64> {
    text.parse().ok().filter(|number: &i64| *number >= 1 && number.to_string() == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(page: &str) -> Asked {
        Asked(vec![("page".into(), page.into())])
    }

    #[test]
    fn a_page_past_the_end_or_not_a_number_still_shows_something() {
        assert_eq!(asked("1").part(0), Part { page: 1, pages: 1, offset: 0 });
        assert_eq!(asked("2").part(31), Part { page: 2, pages: 2, offset: 30 });
        assert_eq!(asked("99").part(60), Part { page: 2, pages: 2, offset: 30 });
        for strange in ["", "0", "-1", "+2", "02", "二", "99999999999999999999"] {
            assert_eq!(asked(strange).part(60).page, 1, "{strange}");
        }
    }
}
