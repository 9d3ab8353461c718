//! Columns of citizen ids.

use super::{NO_ID, PackedId, swar};
use daylight_ids::{CitizenId, CitizenIdError};
use serde::{Serialize, Serializer};

/// An id that could not be read: never dropped, always told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct BadId {
    /// The line of the source.
    pub line: u64,
    /// Why, in words for a clerk when serialised or displayed.
    #[serde(serialize_with = "reason")]
    pub reason: CitizenIdError,
}

fn reason<S: Serializer>(reason: &CitizenIdError, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(reason)
}

/// A packed column and what did not fit in.
#[derive(Clone, Debug, Default)]
pub struct PackedColumn {
    /// One number for each row, [`NO_ID`] where the id is not valid.
    pub ids: Vec<u64>,
    /// The rows that are not valid.
    pub bad: Vec<BadId>,
}

/// One cell: 18 ASCII characters quickly, everything else (15 digits, full width, blanks) by [`CitizenId::parse`].
///
/// # Errors
/// As [`CitizenId::parse`]; text that is not UTF-8 has a wrong character.
#[inline]
pub fn pack_cell(cell: &[u8]) -> Result<u64, CitizenIdError> {
    if let Ok(id) = <&[u8; 18]>::try_from(cell) {
        let packed = swar::pack(id);
        if packed != NO_ID {
            return Ok(packed);
        }
    }
    slow(cell)
}

#[cold]
fn slow(cell: &[u8]) -> Result<u64, CitizenIdError> {
    CitizenId::parse(&String::from_utf8_lossy(cell)).map(|id| PackedId::of(&id).get())
}

/// A column of cells of equal width: every `stride` bytes one cell of 18 (with `stride` 19, lines of a text). The first
/// cell stands on `first_line`. Cleared columns are filled anew, so that one can be used for batch after batch.
pub fn pack_fixed(text: &[u8], stride: usize, first_line: u64, column: &mut PackedColumn) {
    column.ids.clear();
    column.bad.clear();
    let stride = stride.max(18);
    let rows = text.chunks(stride).filter_map(|cell| cell.first_chunk::<18>());
    let mut faults = 0;
    column.ids.reserve(text.len() / stride + 1);
    column.ids.extend(rows.map(|cell| {
        let packed = swar::pack(cell);
        faults += usize::from(packed == NO_ID);
        packed
    }));
    if faults > 0 {
        mend(text, stride, first_line, column);
    }
}

/// Takes the slow way for the cells the quick one left blank.
#[cold]
fn mend(text: &[u8], stride: usize, first_line: u64, column: &mut PackedColumn) {
    for (row, cell) in text.chunks(stride).enumerate() {
        if column.ids.get(row) != Some(&NO_ID) {
            continue;
        }
        match slow(&cell[..18]) {
            Ok(packed) => column.ids[row] = packed,
            Err(reason) => column.bad.push(BadId { line: first_line + row as u64, reason }),
        }
    }
}
