//! What is shown of persons where nobody has the right to see all.

use daylight_matching::packed::{Key, KeyKind, PackedId};

/// Whether identifiers are shown whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Masks {
    /// Ids, names, accounts and phones are masked.
    On,
    /// Everything is shown: somebody said so.
    Off,
}

impl Masks {
    /// An id: the first 3 and the last 2 characters.
    #[must_use]
    pub fn id(self, id: PackedId) -> String {
        if self == Self::On { id.masked() } else { id.to_text() }
    }

    /// A name: the first character.
    #[must_use]
    pub fn name(self, name: &str) -> String {
        let mut letters = name.chars();
        match (self, letters.next()) {
            (Self::On, Some(first)) => std::iter::once(first).chain(letters.map(|_| '*')).collect(),
            _ => name.to_owned(),
        }
    }

    /// Words a clerk has written: what looks like an id, a telephone or an account in them is masked.
    #[must_use]
    pub fn words(self, words: &str) -> String {
        if self == Self::On { daylight_ids::find::redact(words) } else { words.to_owned() }
    }

    /// A key: of accounts and phones the last four digits; what belongs to a body or is a hash is shown as it is.
    #[must_use]
    pub fn key(self, key: Key) -> String {
        let text = key.to_text();
        let secret = matches!(key.kind(), Some(KeyKind::Account | KeyKind::Phone | KeyKind::Plate));
        if self == Self::Off || !secret {
            return text;
        }
        let count = text.chars().count();
        let hidden = count - 4.min(count / 2);
        text.chars().enumerate().map(|(at, c)| if at < hidden { '*' } else { c }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_hide_all_but_the_edges() {
        let id = PackedId::parse("999901195001010119").unwrap();
        assert_eq!(Masks::On.id(id), "999*************19");
        assert_eq!(Masks::Off.id(id), "999901195001010119");
        assert_eq!((Masks::On.name("赵守田"), Masks::On.name("")), ("赵**".into(), String::new()));
        let account = Key::read(KeyKind::Account, "6222021001116245702").0;
        assert_eq!(Masks::On.key(account), "***************5702");
        let short = Key::read(KeyKind::Account, "12345").0;
        assert_eq!(Masks::On.key(short), "***45");
        assert_eq!(Masks::Off.key(account), "6222021001116245702");
        let words = "代领人999901195001010119";
        assert_eq!(Masks::On.words(words), "代领人999*************19");
        assert_eq!(Masks::Off.words(words), words);
    }
}
