//! Where a person's rows stand in a ledger: pairs of packed id and row, sorted, in blocks of 4 KiB. Only the first id of
//! each block is held in memory (1/340 of the pairs), so a thousand new roster ids cost about a thousand small reads.

use std::io::{self, Read, Seek, SeekFrom, Write};

/// Pairs in a block.
const BLOCK: usize = 340;
/// Bytes of a pair: the id, the row.
const PAIR: usize = 12;
const MAGIC: &[u8; 8] = b"DLINDEX1";

/// What is wrong with a ledger's index.
#[derive(Debug, thiserror::Error)]
pub enum LedgerIndexError {
    /// Reading or writing failed.
    #[error("ledger index: {0}")]
    Io(#[from] io::Error),
    /// Not an index, or cut.
    #[error("not a ledger index, or damaged")]
    Damaged,
    /// A ledger has at most 2³² rows.
    #[error("more rows than an index can hold")]
    TooLong,
}

/// Sorts the pairs and writes the index; `pairs` holds those of the whole ledger, or of a part that gets an index of
/// its own (12 bytes a row; rows without an id are left out by the caller).
///
/// # Errors
/// When writing fails.
pub fn write_ledger_index<W: Write>(mut pairs: Vec<(u64, u32)>, mut out: W) -> Result<W, LedgerIndexError> {
    pairs.sort_unstable();
    out.write_all(MAGIC)?;
    out.write_all(&(pairs.len() as u64).to_le_bytes())?;
    for block in pairs.chunks(BLOCK) {
        out.write_all(&block[0].0.to_le_bytes())?;
    }
    for (id, row) in &pairs {
        out.write_all(&id.to_le_bytes())?;
        out.write_all(&row.to_le_bytes())?;
    }
    out.flush()?;
    Ok(out)
}

/// An index opened for asking.
#[derive(Debug)]
pub struct LedgerIndex<R> {
    input: R,
    fences: Vec<u64>,
    pairs: u64,
    data: u64,
    block: Vec<u8>,
    loaded: Option<usize>,
}

impl<R: Read + Seek> LedgerIndex<R> {
    /// Reads the first ids of the blocks.
    ///
    /// # Errors
    /// [`LedgerIndexError::Damaged`] when it is no index.
    pub fn open(mut input: R) -> Result<Self, LedgerIndexError> {
        let mut head = [0; 16];
        input.read_exact(&mut head).map_err(|_| LedgerIndexError::Damaged)?;
        let [m0, m1, m2, m3, m4, m5, m6, m7, count @ ..] = head;
        if [m0, m1, m2, m3, m4, m5, m6, m7] != *MAGIC {
            return Err(LedgerIndexError::Damaged);
        }
        let pairs = u64::from_le_bytes(count);
        let blocks = pairs.div_ceil(BLOCK as u64);
        let mut bytes = Vec::new();
        let wanted = blocks.checked_mul(8).ok_or(LedgerIndexError::Damaged)?;
        let read = (&mut input).take(wanted).read_to_end(&mut bytes)?;
        if read as u64 != wanted {
            return Err(LedgerIndexError::Damaged);
        }
        let fences = bytes.as_chunks::<8>().0.iter().map(|id| u64::from_le_bytes(*id)).collect();
        Ok(Self { input, fences, pairs, data: 16 + wanted, block: Vec::new(), loaded: None })
    }

    /// The rows of some persons, ascending; the ids may come in any order and more than once.
    ///
    /// # Errors
    /// When reading fails.
    pub fn rows_of(&mut self, ids: &[u64]) -> Result<Vec<u32>, LedgerIndexError> {
        let mut sorted = ids.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        let mut rows = Vec::new();
        for id in sorted {
            // Equal ids may begin in the block before the first whose fence is theirs.
            let mut block = self.fences.partition_point(|fence| *fence < id).saturating_sub(1);
            while self.fences.get(block).is_some_and(|fence| *fence <= id) {
                self.load(block)?;
                self.collect(id, &mut rows);
                block += 1;
            }
        }
        rows.sort_unstable();
        Ok(rows)
    }

    fn load(&mut self, block: usize) -> Result<(), LedgerIndexError> {
        if self.loaded == Some(block) {
            return Ok(());
        }
        let first = block * BLOCK;
        let count = (self.pairs - first as u64).min(BLOCK as u64) as usize;
        self.input.seek(SeekFrom::Start(self.data + (first * PAIR) as u64))?;
        self.block.resize(count * PAIR, 0);
        self.input.read_exact(&mut self.block).map_err(|_| LedgerIndexError::Damaged)?;
        self.loaded = Some(block);
        Ok(())
    }

    fn collect(&self, id: u64, rows: &mut Vec<u32>) {
        let pairs = self.block.as_chunks::<PAIR>().0;
        let split = |pair: &[u8; PAIR]| {
            let [a, b, c, d, e, f, g, h, row @ ..] = *pair;
            (u64::from_le_bytes([a, b, c, d, e, f, g, h]), u32::from_le_bytes(row))
        };
        let start = pairs.partition_point(|pair| split(pair).0 < id);
        rows.extend(pairs[start..].iter().map(split).take_while(|pair| pair.0 == id).map(|pair| pair.1));
    }
}
