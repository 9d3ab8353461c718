//! Reading a segment: all batches in order, or chosen rows.

use super::format::{self, MAGIC, MOST_BYTES, MOST_ROWS, SegmentError, VERSION};
use super::{Batch, Column, Field};
use std::io::{self, Read, Seek, SeekFrom};

/// Reads the batches of a segment in order, with the columns asked for.
pub struct SegmentReader<R: Read> {
    input: R,
    fields: Vec<Field>,
    wanted: Vec<bool>,
    rows: u64,
    done: bool,
    buffer: Vec<u8>,
}

impl<R: Read> SegmentReader<R> {
    /// Reads the head. `wanted` names the columns to read; `None` reads all.
    ///
    /// # Errors
    /// [`SegmentError::Unknown`] when it is no segment.
    pub fn new(mut input: R, wanted: Option<&[Field]>) -> Result<Self, SegmentError> {
        let fields = head(&mut input)?;
        let wanted = fields.iter().map(|field| wanted.is_none_or(|list| list.contains(field))).collect();
        Ok(Self { input, fields, wanted, rows: 0, done: false, buffer: Vec::new() })
    }

    /// The fields of the segment.
    #[must_use]
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// Reads the next batch into one that may have been used before. `false` at the end.
    ///
    /// # Errors
    /// [`SegmentError::Damaged`] when the bytes are not what was written, or the end is missing.
    pub fn read(&mut self, batch: &mut Batch) -> Result<bool, SegmentError> {
        if self.done {
            return Ok(false);
        }
        let rows = read_u32(&mut self.input)? as usize;
        let first_row = read_u64(&mut self.input)?;
        if first_row != self.rows || rows > MOST_ROWS {
            return Err(SegmentError::Damaged);
        }
        self.done = rows == 0;
        if self.done {
            return Ok(false);
        }
        batch.first_row = first_row;
        self.payload(true)?;
        format::lines(&self.buffer, rows, &mut batch.lines).ok_or(SegmentError::Damaged)?;
        let reusable = batch.columns.len() == self.wanted.iter().filter(|wanted| **wanted).count();
        if !reusable {
            batch.columns.clear();
        }
        let mut at = 0;
        for index in 0..self.fields.len() {
            let field = self.fields[index];
            if !self.wanted[index] {
                self.payload(false)?;
                continue;
            }
            self.payload(true)?;
            if batch.columns.len() <= at {
                batch.columns.push((field, Column::new(field.kind())));
            }
            let slot = &mut batch.columns[at];
            slot.0 = field;
            format::decode(field.kind(), &self.buffer, rows, &mut slot.1).ok_or(SegmentError::Damaged)?;
            at += 1;
        }
        self.rows += rows as u64;
        Ok(true)
    }

    /// Reads a column's bytes, or passes over them.
    fn payload(&mut self, wanted: bool) -> Result<(), SegmentError> {
        let length = read_u32(&mut self.input)? as usize;
        let check = read_u64(&mut self.input)?;
        if length > MOST_BYTES {
            return Err(SegmentError::Damaged);
        }
        if !wanted {
            let passed = io::copy(&mut (&mut self.input).take(length as u64), &mut io::sink())?;
            return if passed == length as u64 { Ok(()) } else { Err(SegmentError::Damaged) };
        }
        // Never allocates more than is there: a damaged length ends in a short read.
        self.buffer.clear();
        let read = (&mut self.input).take(length as u64).read_to_end(&mut self.buffer)?;
        if read != length || format::check(&self.buffer) != check {
            return Err(SegmentError::Damaged);
        }
        Ok(())
    }
}

/// Where a batch of a segment lies.
#[derive(Clone, Debug)]
pub struct Place {
    /// Its first row.
    pub first_row: u64,
    /// How many rows.
    pub rows: u32,
    /// Offsets of the payloads: lines, then each column.
    offsets: Vec<u64>,
}

/// Where the batches of a segment lie, for reading single rows.
#[derive(Clone, Debug)]
pub struct SegmentIndex {
    fields: Vec<Field>,
    places: Vec<Place>,
}

impl SegmentIndex {
    /// Walks over a segment without reading its columns.
    ///
    /// # Errors
    /// As [`SegmentReader::new`] and [`SegmentReader::read`], but the columns are not checked.
    pub fn build<R: Read + Seek>(input: &mut R) -> Result<Self, SegmentError> {
        let fields = head(input)?;
        let mut places = Vec::new();
        loop {
            let rows = read_u32(input)?;
            let first_row = read_u64(input)?;
            if rows == 0 {
                return Ok(Self { fields, places });
            }
            let mut offsets = Vec::with_capacity(fields.len() + 1);
            for _ in 0..=fields.len() {
                let length = read_u32(input)?;
                offsets.push(input.stream_position()? + 8);
                input.seek(SeekFrom::Current(8 + i64::from(length)))?;
            }
            places.push(Place { first_row, rows, offsets });
        }
    }

    /// How many rows the segment has.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.places.last().map_or(0, |place| place.first_row + u64::from(place.rows))
    }

    /// Reads chosen rows (ascending), those of one batch together; `first_row` of the outcome is 0 and means nothing,
    /// the true row numbers are those asked for.
    ///
    /// # Errors
    /// When reading fails, or a row does not exist.
    pub fn fetch<R: Read + Seek>(&self, input: &mut R, rows: &[u64]) -> Result<Batch, SegmentError> {
        let mut batch = Batch::new(0, &self.fields);
        let mut rest = rows;
        while let Some(first) = rest.first() {
            let at = self.places.partition_point(|place| place.first_row <= *first);
            let place = at.checked_sub(1).and_then(|at| self.places.get(at)).ok_or(SegmentError::Damaged)?;
            let end = place.first_row + u64::from(place.rows);
            let here = rest.partition_point(|row| *row < end);
            if here == 0 {
                return Err(SegmentError::Damaged);
            }
            self.fetch_from(input, place, &rest[..here], &mut batch)?;
            rest = &rest[here..];
        }
        Ok(batch)
    }

    fn fetch_from<R: Read + Seek>(
        &self,
        input: &mut R,
        place: &Place,
        rows: &[u64],
        batch: &mut Batch,
    ) -> Result<(), SegmentError> {
        for row in rows {
            let bytes = cell::<4, R>(input, place.offsets[0], row - place.first_row)?;
            batch.lines.push(u32::from_le_bytes(bytes));
        }
        for ((_, column), offset) in batch.columns.iter_mut().zip(&place.offsets[1..]) {
            let local = rows.iter().map(|row| row - place.first_row);
            match column {
                Column::Ids(v) => {
                    for row in local {
                        v.push(u64::from_le_bytes(cell(input, *offset, row)?));
                    }
                }
                Column::Keys(v) => {
                    for row in local {
                        v.push(u128::from_le_bytes(cell(input, *offset, row)?));
                    }
                }
                Column::Days(v) => {
                    for row in local {
                        v.push(i32::from_le_bytes(cell(input, *offset, row)?));
                    }
                }
                Column::Numbers(v) => {
                    for row in local {
                        v.push(i64::from_le_bytes(cell(input, *offset, row)?));
                    }
                }
                Column::Texts(words) => {
                    for row in local {
                        words.push(&word(input, *offset, u64::from(place.rows), row)?);
                    }
                }
            }
        }
        Ok(())
    }
}

fn cell<const N: usize, R: Read + Seek>(
    input: &mut R,
    offset: u64,
    row: u64,
) -> Result<[u8; N], SegmentError> {
    let mut bytes = [0; N];
    input.seek(SeekFrom::Start(offset + row * N as u64))?;
    input.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// One text of a column: its code, where its word starts and ends, the word.
fn word<R: Read + Seek>(input: &mut R, offset: u64, rows: u64, row: u64) -> Result<String, SegmentError> {
    let code = u64::from(u32::from_le_bytes(cell(input, offset, row)?));
    if code == 0 {
        return Ok(String::new());
    }
    let count = u64::from(u32::from_le_bytes(cell(input, offset, rows)?));
    if code >= count {
        return Err(SegmentError::Damaged);
    }
    let ends = offset + rows * 4 + 4;
    let pair = cell::<8, R>(input, ends + (code - 1) * 4, 0)?;
    let [a, b, c, d, e, f, g, h] = pair;
    let (start, end) = (u32::from_le_bytes([a, b, c, d]), u32::from_le_bytes([e, f, g, h]));
    let length = end.checked_sub(start).ok_or(SegmentError::Damaged)?;
    input.seek(SeekFrom::Start(ends + count * 4 + u64::from(start)))?;
    let mut bytes = Vec::new();
    if input.take(u64::from(length)).read_to_end(&mut bytes)? != length as usize {
        return Err(SegmentError::Damaged);
    }
    String::from_utf8(bytes).map_err(|_| SegmentError::Damaged)
}

fn head<R: Read>(input: &mut R) -> Result<Vec<Field>, SegmentError> {
    let mut head = [0; 8];
    input.read_exact(&mut head).map_err(|_| SegmentError::Unknown)?;
    if &head[..5] != MAGIC || head[5] != VERSION {
        return Err(SegmentError::Unknown);
    }
    let mut codes = vec![0; usize::from(u16::from_le_bytes([head[6], head[7]])).min(Field::ALL.len())];
    input.read_exact(&mut codes).map_err(|_| SegmentError::Unknown)?;
    codes.iter().map(|c| Field::ALL.get(usize::from(*c)).copied().ok_or(SegmentError::Unknown)).collect()
}

fn short(error: io::Error) -> SegmentError {
    if error.kind() == io::ErrorKind::UnexpectedEof { SegmentError::Damaged } else { SegmentError::Io(error) }
}

fn read_u32<R: Read>(input: &mut R) -> Result<u32, SegmentError> {
    let mut bytes = [0; 4];
    input.read_exact(&mut bytes).map_err(short)?;
    Ok(u32::from_le_bytes(bytes))
}

fn read_u64<R: Read>(input: &mut R) -> Result<u64, SegmentError> {
    let mut bytes = [0; 8];
    input.read_exact(&mut bytes).map_err(short)?;
    Ok(u64::from_le_bytes(bytes))
}
