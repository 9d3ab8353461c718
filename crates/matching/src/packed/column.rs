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
    let stride = stride.max(18);
    // The last cell may lack what stands between cells.
    let rows = text.len() / stride + usize::from(text.len() % stride >= 18);
    column.bad.clear();
    column.ids.clear();
    column.ids.resize(rows, NO_ID);
    let PackedColumn { ids, bad } = column;
    for (part, (text, ids)) in text.chunks(stride * PART).zip(ids.chunks_mut(PART)).enumerate() {
        let mut faults = 0;
        for (cell, id) in text.chunks(stride).zip(ids.iter_mut()) {
            if let Some(cell) = cell.first_chunk::<18>() {
                *id = swar::pack(cell);
                faults += usize::from(*id == NO_ID);
            }
        }
        if faults > 0 {
            mend(text, stride, first_line + (part * PART) as u64, ids, bad);
        }
    }
}

/// Cells among which those that the quick way left blank are looked for.
const PART: usize = 256;

/// Takes the slow way for the cells the quick one left blank.
#[cold]
fn mend(text: &[u8], stride: usize, first_line: u64, ids: &mut [u64], bad: &mut Vec<BadId>) {
    for (row, (cell, id)) in text.chunks(stride).zip(ids).enumerate().filter(|(_, (_, id))| **id == NO_ID) {
        match slow(&cell[..18.min(cell.len())]) {
            Ok(packed) => *id = packed,
            Err(reason) => bad.push(BadId { line: first_line + row as u64, reason }),
        }
    }
}
