//! Exact matching: many rosters behind one Bloom filter and one hash table, probed by columns of packed ids.

mod bloom;
mod ledger_index;
mod roster;
mod table;

pub use bloom::Bloom;
pub use ledger_index::{LedgerIndex, LedgerIndexError, write_ledger_index};
pub use roster::{Evidence, Roster, RosterBuilder};
pub use table::Table;

/// A row of a roster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Entry {
    /// The roster's number in its index.
    pub roster: u16,
    /// The person's last entry.
    last: bool,
    /// The row in that roster.
    pub row: u32,
}

/// A ledger's row whose person stands on some roster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// The row in the column that was probed.
    pub row: u32,
    /// Where the person's entries start, for [`Index::entries`].
    pub first: u32,
}

/// Rosters ready to be probed. A person stands once in it however many rows they have, so that duplicates in a roster
/// never multiply what is found.
#[derive(Debug)]
pub struct Index {
    rosters: Vec<Roster>,
    bloom: Bloom,
    table: Table,
    entries: Vec<Entry>,
    persons: usize,
}

/// Rows probed at a time: the positions of what passes the filter fit the first cache.
const CHUNK: usize = 1024;

impl Index {
    /// Builds the index of some rosters.
    #[must_use]
    pub fn build(rosters: Vec<Roster>) -> Self {
        let mut all: Vec<(u64, Entry)> = Vec::with_capacity(rosters.iter().map(Roster::rows).sum());
        for (number, roster) in rosters.iter().enumerate() {
            let entry = |row| Entry { roster: number as u16, last: false, row: row as u32 };
            all.extend(roster.ids().iter().enumerate().map(|(row, id)| (*id, entry(row))));
        }
        if rosters.len() > 1 {
            all.sort_unstable();
        }
        let persons = all.chunk_by(|a, b| a.0 == b.0).count();
        let mut bloom = Bloom::for_keys(persons);
        let mut table = Table::for_keys(persons);
        let mut at = 0;
        for rows in all.chunk_by_mut(|a, b| a.0 == b.0) {
            bloom.insert(rows[0].0);
            table.insert(rows[0].0, at);
            at += rows.len() as u32;
            rows[rows.len() - 1].1.last = true;
        }
        let entries = all.into_iter().map(|(_, entry)| entry).collect();
        Self { rosters, bloom, table, entries, persons }
    }

    /// The rosters, by their numbers.
    #[must_use]
    pub fn rosters(&self) -> &[Roster] {
        &self.rosters
    }

    /// How many different persons stand on the rosters.
    #[must_use]
    pub fn persons(&self) -> usize {
        self.persons
    }

    /// The rows of one person from the first on, by roster, in the rosters' order.
    pub fn entries(&self, first: u32) -> impl Iterator<Item = Entry> + '_ {
        let mut rest = self.entries[first as usize..].iter();
        let mut done = false;
        std::iter::from_fn(move || {
            let entry = rest.next().filter(|_| !done)?;
            done = entry.last;
            Some(*entry)
        })
    }

    /// Finds the rows whose person stands on a roster, in their order; `found` is cleared first.
    pub fn probe(&self, ids: &[u64], found: &mut Vec<Found>) {
        found.clear();
        let mut passed = [0_u32; CHUNK];
        for (chunk, ids) in ids.chunks(CHUNK).enumerate() {
            let mut count = 0;
            for (row, id) in ids.iter().enumerate() {
                // No branch: every row is written, only the count moves on.
                passed[count & (CHUNK - 1)] = row as u32;
                count += usize::from(self.bloom.may_hold(*id));
            }
            let base = (chunk * CHUNK) as u32;
            for row in &passed[..count.min(CHUNK)] {
                if let Some(first) = self.table.get(ids[*row as usize]) {
                    found.push(Found { row: base + row, first });
                }
            }
        }
    }
}
