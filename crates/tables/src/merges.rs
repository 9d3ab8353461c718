use crate::row::Cell;
use std::collections::BTreeMap;

/// A merged range, 0-based, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Merge {
    pub first_row: u32,
    pub first_column: u32,
    pub last_row: u32,
    pub last_column: u32,
}

/// Fills vertical merges downward while rows stream by: memory grows with the ranges open at one time.
pub(crate) struct Merges {
    /// Sorted by first row.
    ranges: Vec<Merge>,
    next: usize,
    /// Per column: the last row of the open range and what stands in it.
    open: BTreeMap<u32, (u32, Option<Cell>)>,
}

impl Merges {
    pub fn new(mut ranges: Vec<Merge>) -> Self {
        ranges.sort_unstable();
        Self { ranges, next: 0, open: BTreeMap::new() }
    }

    /// Ranges that begin in this row, for headers of two rows.
    pub fn starting_at(&self, row: u32) -> &[Merge] {
        let from = self.ranges.partition_point(|range| range.first_row < row);
        let to = self.ranges.partition_point(|range| range.first_row <= row);
        &self.ranges[from..to]
    }

    /// Rows up to this one are no data: what is merged there is never filled down.
    pub fn skip_through(&mut self, row: u32) {
        self.next = self.ranges.partition_point(|range| range.first_row <= row);
    }

    /// The cells a row gets from ranges above it, after taking in the ranges that begin here. Rows come in order.
    pub fn filled(&mut self, row: u32, own: &[Cell]) -> Vec<Cell> {
        self.open.retain(|_, (last, _)| *last >= row);
        let filled = self
            .open
            .iter()
            .filter(|(column, _)| !own.iter().any(|cell| cell.index == **column))
            .filter_map(|(_, (_, cell))| cell.clone())
            .collect();
        while let Some(range) = self.ranges.get(self.next).filter(|range| range.first_row <= row) {
            self.next += 1;
            if range.last_row > range.first_row && range.last_row > row {
                let own = own.iter().find(|cell| cell.index == range.first_column && range.first_row == row);
                self.open.insert(range.first_column, (range.last_row, own.cloned()));
            }
        }
        filled
    }
}
