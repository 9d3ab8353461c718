//! What has been seen of a ledger so far.

use crate::days::Day;
use crate::packed::Key;
use crate::run::EVIDENCE;
use crate::segments::{Batch, Field, NO_NUMBER};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// What was found in the rows fed so far. It holds nothing of rows that no rule noticed.
#[derive(Clone, Debug, Default)]
pub struct State {
    pub(super) findings: Vec<Finding>,
    pub(super) notes: Vec<Note>,
    /// From which generation on findings that rest on rosters count, by person.
    pub(super) stale: HashMap<u64, u32>,
    pub(super) generation: u32,
    words: HashSet<Arc<str>>,
    blank: Arc<str>,
    /// Rows fed.
    pub rows: u64,
    /// Rows whose person stands on a roster but that have no date, so that no window could be looked at.
    pub undated: u64,
}

/// A row of a roster: its layer, its roster there, its row there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(super) struct Ref {
    pub layer: u16,
    pub roster: u16,
    pub row: u32,
}

/// A ledger's row, kept.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    pub row: u64,
    pub line: u32,
    pub person: u64,
    pub date: Day,
    pub until: Day,
    pub amount: i64,
    pub area: i64,
    pub name: Arc<str>,
    pub scheme: Arc<str>,
}

/// A row that a rule on single rows noticed.
#[derive(Clone, Debug)]
pub(super) struct Finding {
    pub rule: u16,
    pub generation: u32,
    pub kept: Kept,
    pub measured: i64,
    pub evidence: [Ref; EVIDENCE],
    pub evidence_rows: u32,
    pub elsewhen: u32,
    /// Days to the nearest edge of the validity that holds most firmly.
    pub edge: u32,
}

/// A row that a rule on several rows must remember.
#[derive(Clone, Debug)]
pub(super) struct Note {
    pub rule: u16,
    pub field: Field,
    pub period: u32,
    pub key: Key,
    pub within: Key,
    pub body: Key,
    pub kept: Kept,
}

impl State {
    /// Adds what another state has seen: of other rows. Where rosters have grown, the state that was fed before and one
    /// fed with the grown plan alone may be merged.
    pub fn merge(&mut self, mut other: State) {
        if self.generation < other.generation && self.stale.is_empty() {
            self.raise(other.generation);
        } else if other.generation < self.generation && other.stale.is_empty() {
            other.raise(self.generation);
        }
        self.findings.append(&mut other.findings);
        self.notes.append(&mut other.notes);
        self.words.extend(other.words);
        self.rows += other.rows;
        self.undated += other.undated;
        for (person, generation) in other.stale {
            let own = self.stale.entry(person).or_default();
            *own = generation.max(*own);
        }
    }

    fn raise(&mut self, generation: u32) {
        self.generation = generation;
        for finding in &mut self.findings {
            finding.generation = generation;
        }
    }

    pub(super) fn forget(&mut self, persons: &[u64]) {
        self.generation += 1;
        for person in persons {
            self.stale.insert(*person, self.generation);
        }
    }

    pub(super) fn keep(&mut self, batch: &Batch, at: usize, row: u64) -> Kept {
        Kept {
            row,
            line: batch.lines[at],
            person: batch.ids().get(at).copied().unwrap_or(0),
            date: batch.day(Field::Date, at),
            until: batch.day(Field::Until, at),
            amount: batch.number(Field::Amount, at).unwrap_or(NO_NUMBER),
            area: batch.number(Field::Area, at).unwrap_or(NO_NUMBER),
            name: self.word(batch.text(Field::Name, at)),
            scheme: self.word(batch.text(Field::Scheme, at)),
        }
    }

    fn word(&mut self, text: &str) -> Arc<str> {
        if text.is_empty() {
            return Arc::clone(&self.blank);
        }
        if let Some(word) = self.words.get(text) {
            return Arc::clone(word);
        }
        let word: Arc<str> = text.into();
        self.words.insert(Arc::clone(&word));
        word
    }
}
