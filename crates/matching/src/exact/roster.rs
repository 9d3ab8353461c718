//! A roster, packed: a million rows without texts take 28 MB.

use crate::days::{Day, NO_DAY};
use crate::packed::NO_ID;
use crate::segments::{Batch, Field, NO_NUMBER};
use std::collections::HashMap;
use std::sync::Arc;

/// A roster, its rows sorted by person, validity and line.
#[derive(Clone, Debug)]
pub struct Roster {
    name: Arc<str>,
    ids: Vec<u64>,
    rows: Vec<Row>,
    words: Vec<Arc<str>>,
    without_id: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Row {
    from: Day,
    until: Day,
    line: u32,
    /// Hundredths of a mu; a roster's area stays under 21 million mu.
    area: i32,
    /// Codes of name, note and owner.
    texts: [u32; 3],
}

const TEXTS: [Field; 3] = [Field::Name, Field::Note, Field::Owner];

/// What a roster says of a person in one row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Evidence {
    /// The roster's name.
    pub roster: Arc<str>,
    /// The first day it holds for; `NO_DAY` is always.
    pub from: Day,
    /// The last day; `NO_DAY` is without end.
    pub until: Day,
    /// The line in the source.
    pub line: u32,
    /// Hundredths of a mu.
    pub area: Option<i64>,
    /// The name it gives.
    pub name: Arc<str>,
    /// What it says (post, relation, state).
    pub note: Arc<str>,
    /// Whom it hangs on (cadre, employer, enterprise).
    pub owner: Arc<str>,
}

impl Evidence {
    /// Whether it holds on a day.
    #[must_use]
    pub fn holds_on(&self, day: Day) -> bool {
        day != NO_DAY
            && (self.from == NO_DAY || self.from <= day)
            && (self.until == NO_DAY || day <= self.until)
    }
}

impl Roster {
    /// Its name, by which rules ask for it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The person of each row, ascending.
    #[must_use]
    pub fn ids(&self) -> &[u64] {
        &self.ids
    }

    /// Rows with a valid id.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.ids.len()
    }

    /// Rows without one: they take no part in exact matching.
    #[must_use]
    pub fn without_id(&self) -> u64 {
        self.without_id
    }

    /// What a row says.
    #[must_use]
    pub fn evidence(&self, row: u32) -> Evidence {
        let own = self.rows[row as usize];
        let word = |at: usize| Arc::clone(&self.words[own.texts[at] as usize]);
        Evidence {
            roster: Arc::clone(&self.name),
            from: own.from,
            until: own.until,
            line: own.line,
            area: (own.area != i32::MIN).then(|| i64::from(own.area)),
            name: word(0),
            note: word(1),
            owner: word(2),
        }
    }

    /// The validity of a row; `NO_DAY` is open.
    #[inline]
    #[must_use]
    pub fn validity(&self, row: u32) -> (Day, Day) {
        let own = &self.rows[row as usize];
        (own.from, own.until)
    }
}

/// Collects a roster from batches.
#[derive(Debug)]
pub struct RosterBuilder {
    name: Arc<str>,
    rows: Vec<(u64, Row)>,
    words: Vec<Arc<str>>,
    known: HashMap<Arc<str>, u32>,
    without_id: u64,
}

impl RosterBuilder {
    /// A roster of this name.
    #[must_use]
    pub fn new(name: &str) -> Self {
        let blank: Arc<str> = "".into();
        Self {
            name: name.into(),
            rows: Vec::new(),
            words: vec![Arc::clone(&blank)],
            known: HashMap::from([(blank, 0)]),
            without_id: 0,
        }
    }

    /// Adds rows.
    pub fn push(&mut self, batch: &Batch) {
        self.rows.reserve(batch.rows());
        for row in 0..batch.rows() {
            let id = batch.ids().get(row).copied().unwrap_or(NO_ID);
            if id == NO_ID {
                self.without_id += 1;
                continue;
            }
            let texts = TEXTS.map(|field| self.code(batch.text(field, row)));
            let area = batch.number(Field::Area, row).unwrap_or(NO_NUMBER);
            let own = Row {
                from: batch.day(Field::Date, row),
                until: batch.day(Field::Until, row),
                line: batch.lines[row],
                area: i32::try_from(area).unwrap_or(if area > 0 { i32::MAX } else { i32::MIN }),
                texts,
            };
            self.rows.push((id, own));
        }
    }

    fn code(&mut self, text: &str) -> u32 {
        if text.is_empty() {
            return 0;
        }
        if let Some(code) = self.known.get(text) {
            return *code;
        }
        let code = self.words.len() as u32;
        let word: Arc<str> = text.into();
        self.words.push(Arc::clone(&word));
        self.known.insert(word, code);
        code
    }

    /// Sorts and closes it.
    #[must_use]
    pub fn finish(mut self) -> Roster {
        // Most persons stand once: the whole row is looked at only where they do not.
        self.rows.sort_unstable_by_key(|own| own.0);
        for person in self.rows.chunk_by_mut(|a, b| a.0 == b.0).filter(|person| person.len() > 1) {
            person.sort_unstable();
        }
        let (ids, rows) = self.rows.into_iter().unzip();
        Roster { name: self.name, ids, rows, words: self.words, without_id: self.without_id }
    }
}
