//! Generated data: fictional ids in fictional divisions (99xxxx), the same from the same seed.

use anyhow::Result;
use daylight_matching::days;
use daylight_matching::exact::write_ledger_index;
use daylight_matching::packed::{NO_ID, PackedId};
use daylight_matching::segments::{Batch, Column, Field, SegmentWriter};
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;

/// How much, and from which seed.
pub struct Shape {
    /// Rows of the ledger.
    pub rows: u64,
    /// Rows of the roster.
    pub roster: u64,
    /// The seed.
    pub seed: u64,
}

/// Spreads a number: splitmix64.
pub fn mix(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// The packed id of a person of the generated world.
pub fn person(seed: u64, number: u64) -> PackedId {
    let x = mix(seed ^ mix(number));
    let area = 990_000 + x % 9_000;
    let (year, month, day) = days::date(-14_000 + (x >> 16) as i32 % 28_000);
    let birth = u64::from(year as u32 * 10_000 + month * 100 + day);
    let value = (area * 100_000_000 + birth) * 1000 + (x >> 48) % 1000;
    PackedId::from_column(value).unwrap_or_else(|| unreachable!("an area is never 0"))
}

/// Writes everything under `dir`, unless it is there already.
pub fn make(dir: &Path, shape: &Shape) -> Result<()> {
    let mark = dir.join(format!("{}-{}-{}", shape.rows, shape.roster, shape.seed));
    println!("seed {}, {} ledger rows, {} roster rows", shape.seed, shape.rows, shape.roster);
    if mark.exists() {
        return Ok(());
    }
    fs::create_dir_all(dir)?;
    roster(dir, shape)?;
    ledger(dir, shape)?;
    File::create(mark)?;
    Ok(())
}

struct Files {
    ids: BufWriter<File>,
    days: BufWriter<File>,
    fen: BufWriter<File>,
    packed: BufWriter<File>,
    segment: SegmentWriter<BufWriter<File>>,
    batch: Batch,
    text: String,
}

const FIELDS: [Field; 3] = [Field::Person, Field::Date, Field::Amount];

impl Files {
    fn new(dir: &Path, name: &str) -> Result<Self> {
        let open = |ending: &str| -> Result<BufWriter<File>> {
            Ok(BufWriter::with_capacity(1 << 20, File::create(dir.join(format!("{name}.{ending}")))?))
        };
        Ok(Self {
            ids: open("ids")?,
            days: open("days")?,
            fen: open("fen")?,
            packed: open("u64")?,
            segment: SegmentWriter::new(open("seg")?, &FIELDS)?,
            batch: Batch::new(0, &FIELDS),
            text: String::new(),
        })
    }

    /// A row; a bad one has a wrong check digit.
    fn push(&mut self, row: u64, id: PackedId, bad: bool, day: i32, fen: i64) -> Result<()> {
        self.text = id.to_text();
        let packed = if bad { NO_ID } else { id.get() };
        if bad {
            let wrong = if self.text.ends_with('0') { '1' } else { '0' };
            self.text.pop();
            self.text.push(wrong);
        }
        self.ids.write_all(self.text.as_bytes())?;
        self.days.write_all(&day.to_le_bytes())?;
        self.fen.write_all(&fen.to_le_bytes())?;
        self.packed.write_all(&packed.to_le_bytes())?;
        self.batch.lines.push(row as u32 + 2);
        for (_, column) in &mut self.batch.columns {
            match column {
                Column::Ids(ids) => ids.push(packed),
                Column::Days(days) => days.push(day),
                Column::Numbers(numbers) => numbers.push(fen),
                _ => {}
            }
        }
        if self.batch.rows() >= daylight_matching::stage::BATCH_ROWS {
            self.flush()?;
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<()> {
        self.segment.write(&self.batch)?;
        self.batch = Batch::new(0, &FIELDS);
        Ok(())
    }

    fn finish(mut self) -> Result<()> {
        self.flush()?;
        self.segment.finish()?;
        for mut out in [self.ids, self.days, self.fen, self.packed] {
            out.flush()?;
        }
        Ok(())
    }
}

/// A tenth of the roster lives in the ledger's world; one row in twenty says again what another said.
fn roster(dir: &Path, shape: &Shape) -> Result<()> {
    let population = shape.rows / 4;
    let mut files = Files::new(dir, "roster")?;
    for row in 0..shape.roster {
        let own = if row % 20 == 19 { row - 1 } else { row };
        let x = mix(shape.seed ^ 0xAAAA ^ mix(own));
        let number = if own.is_multiple_of(10) { x % population } else { population + own };
        let from = 16_500 + (mix(x) % 3_500) as i32;
        files.push(row, person(shape.seed, number), false, from, 0)?;
    }
    files.finish()
}

fn ledger(dir: &Path, shape: &Shape) -> Result<()> {
    let population = shape.rows / 4;
    let mut files = Files::new(dir, "ledger")?;
    let mut pairs = Vec::new();
    // The index is for the arm of increments, at sizes where sorting in memory is no burden.
    let indexed = shape.rows <= 20_000_000;
    for row in 0..shape.rows {
        let x = mix(shape.seed ^ 0x5555 ^ mix(row));
        let id = person(shape.seed, x % population);
        let bad = (x >> 40) % 1000 == 7;
        let day = 18_262 + ((x >> 20) % 1_826) as i32;
        files.push(row, id, bad, day, 1 + ((x >> 8) % 500_000) as i64)?;
        if indexed && !bad {
            pairs.push((id.get(), row as u32));
        }
    }
    if indexed {
        write_ledger_index(pairs, BufWriter::new(File::create(dir.join("ledger.index"))?))?;
    }
    files.finish()
}
