//! The bytes of a segment, all little-endian:
//!
//! ```text
//! "DLSEG" version:u8 columns:u16 (field:u8)*                            the head
//! { rows:u32 first_row:u64 { bytes:u32 check:u64 payload }(lines, columns) }*   a batch
//! 0:u32 rows:u64                                                        the end, so that a cut file is seen
//! ```
//! The checks tell damage, not malice: against that the caller seals the stream.

use super::{Batch, Column, Field, Kind, Words};
use std::io::{self, Write};

pub(super) const MAGIC: &[u8; 5] = b"DLSEG";
pub(super) const VERSION: u8 = 1;
/// Rows a batch may have, and bytes a column of one may take: what a reader is ready to allocate.
pub(super) const MOST_ROWS: usize = 1 << 20;
pub(super) const MOST_BYTES: usize = 256 << 20;

/// What is wrong with a segment.
#[derive(Debug, thiserror::Error)]
pub enum SegmentError {
    /// Reading or writing failed.
    #[error("segment: {0}")]
    Io(#[from] io::Error),
    /// Not a segment, or of a version this program does not know.
    #[error("not a segment of a known version")]
    Unknown,
    /// The bytes are not those that were written.
    #[error("the segment is damaged")]
    Damaged,
    /// The batch does not have the segment's columns, or has too many rows.
    #[error("the batch does not fit the segment")]
    Misfit,
}

/// Writes batches.
pub struct SegmentWriter<W: Write> {
    out: W,
    fields: Vec<Field>,
    rows: u64,
    buffer: Vec<u8>,
}

impl<W: Write> SegmentWriter<W> {
    /// Begins a segment with columns for these fields.
    ///
    /// # Errors
    /// When writing fails.
    pub fn new(mut out: W, fields: &[Field]) -> Result<Self, SegmentError> {
        out.write_all(MAGIC)?;
        out.write_all(&[VERSION])?;
        out.write_all(&(fields.len() as u16).to_le_bytes())?;
        for field in fields {
            out.write_all(&[code(*field)])?;
        }
        Ok(Self { out, fields: fields.to_vec(), rows: 0, buffer: Vec::new() })
    }

    /// Writes a batch; its rows follow those written before.
    ///
    /// # Errors
    /// [`SegmentError::Misfit`] when columns are missing or of unequal length; or when writing fails.
    pub fn write(&mut self, batch: &Batch) -> Result<(), SegmentError> {
        let rows = batch.rows();
        let fits = batch.columns.iter().all(|(_, column)| column.len() == rows);
        if rows == 0 && fits {
            return Ok(());
        }
        if !fits || rows > MOST_ROWS {
            return Err(SegmentError::Misfit);
        }
        self.out.write_all(&(rows as u32).to_le_bytes())?;
        self.out.write_all(&self.rows.to_le_bytes())?;
        self.buffer.clear();
        self.buffer.extend(batch.lines.iter().flat_map(|line| line.to_le_bytes()));
        self.flush_column()?;
        for at in 0..self.fields.len() {
            let column = batch.column(self.fields[at]).ok_or(SegmentError::Misfit)?;
            self.buffer.clear();
            encode(column, &mut self.buffer);
            self.flush_column()?;
        }
        self.rows += rows as u64;
        Ok(())
    }

    fn flush_column(&mut self) -> Result<(), SegmentError> {
        if self.buffer.len() > MOST_BYTES {
            return Err(SegmentError::Misfit);
        }
        self.out.write_all(&(self.buffer.len() as u32).to_le_bytes())?;
        self.out.write_all(&check(&self.buffer).to_le_bytes())?;
        self.out.write_all(&self.buffer)?;
        Ok(())
    }

    /// Ends the segment; without it a reader calls it damaged.
    ///
    /// # Errors
    /// When writing fails.
    pub fn finish(mut self) -> Result<W, SegmentError> {
        self.out.write_all(&0_u32.to_le_bytes())?;
        self.out.write_all(&self.rows.to_le_bytes())?;
        self.out.flush()?;
        Ok(self.out)
    }
}

fn code(field: Field) -> u8 {
    Field::ALL.iter().position(|own| *own == field).unwrap_or(0) as u8
}

fn encode(column: &Column, out: &mut Vec<u8>) {
    match column {
        Column::Ids(v) => out.extend(v.iter().flat_map(|x| x.to_le_bytes())),
        Column::Keys(v) => out.extend(v.iter().flat_map(|x| x.to_le_bytes())),
        Column::Days(v) => out.extend(v.iter().flat_map(|x| x.to_le_bytes())),
        Column::Numbers(v) => out.extend(v.iter().flat_map(|x| x.to_le_bytes())),
        Column::Texts(words) => {
            // Codes, count, where each word ends, the words: any one cell can be read alone.
            out.extend(words.codes().iter().flat_map(|x| x.to_le_bytes()));
            out.extend((words.distinct().len() as u32).to_le_bytes());
            let mut end = 0;
            for word in words.distinct() {
                end += word.len() as u32;
                out.extend(end.to_le_bytes());
            }
            for word in words.distinct() {
                out.extend(word.as_bytes());
            }
        }
    }
}

fn fixed<const N: usize, T>(bytes: &[u8], rows: usize, out: &mut Vec<T>, of: fn([u8; N]) -> T) -> Option<()> {
    if bytes.len() != rows * N {
        return None;
    }
    out.clear();
    out.extend(bytes.as_chunks::<N>().0.iter().map(|chunk| of(*chunk)));
    Some(())
}

/// Reads a column into one used before, if it is of the same type.
pub(super) fn decode(kind: Kind, bytes: &[u8], rows: usize, into: &mut Column) -> Option<()> {
    match (kind, &mut *into) {
        (Kind::Id, Column::Ids(v)) => fixed(bytes, rows, v, u64::from_le_bytes),
        (Kind::Key(_), Column::Keys(v)) => fixed(bytes, rows, v, u128::from_le_bytes),
        (Kind::Day, Column::Days(v)) => fixed(bytes, rows, v, i32::from_le_bytes),
        (Kind::Number, Column::Numbers(v)) => fixed(bytes, rows, v, i64::from_le_bytes),
        (Kind::Text, _) => {
            *into = Column::Texts(words(bytes, rows)?);
            Some(())
        }
        _ => {
            *into = Column::new(kind);
            decode(kind, bytes, rows, into)
        }
    }
}

fn words(bytes: &[u8], rows: usize) -> Option<Words> {
    let (codes_bytes, rest) = bytes.split_at_checked(rows * 4)?;
    let mut codes = Vec::with_capacity(rows);
    fixed(codes_bytes, rows, &mut codes, u32::from_le_bytes)?;
    let (count, rest) = rest.split_first_chunk::<4>()?;
    let count = u32::from_le_bytes(*count) as usize;
    let (ends, blob) = rest.split_at_checked(count.checked_mul(4)?)?;
    let mut words = Vec::with_capacity(count);
    let mut start = 0;
    for end in ends.as_chunks::<4>().0 {
        let end = u32::from_le_bytes(*end) as usize;
        words.push(std::str::from_utf8(blob.get(start..end)?).ok()?.into());
        start = end;
    }
    Words::from_parts(words, codes)
}

pub(super) fn lines(bytes: &[u8], rows: usize, into: &mut Vec<u32>) -> Option<()> {
    fixed(bytes, rows, into, u32::from_le_bytes)
}

/// A check of 64 bits over four lanes, at the speed of memory.
pub(super) fn check(bytes: &[u8]) -> u64 {
    const K: u64 = 0x9E37_79B9_7F4A_7C15;
    let mut lanes = [1_u64, 2, 3, 4];
    let (chunks, rest) = bytes.as_chunks::<32>();
    for chunk in chunks {
        let (words, _) = chunk.as_chunks::<8>();
        for (lane, word) in lanes.iter_mut().zip(words) {
            *lane = (*lane ^ u64::from_le_bytes(*word)).wrapping_mul(K).rotate_left(29);
        }
    }
    let mut hash = bytes.len() as u64;
    for lane in lanes {
        hash = (hash ^ lane).wrapping_mul(K).rotate_left(31);
    }
    for byte in rest {
        hash = (hash ^ u64::from(*byte)).wrapping_mul(K).rotate_left(31);
    }
    hash ^ (hash >> 29)
}
