//! Looks an old workbook over before calamine opens it. calamine follows sector chains without counting steps (a loop
//! would fill memory) and lays every sheet out as a full rectangle. So chains, rectangles and repeated strings are
//! measured here first. See MS-CFB and MS-XLS.

use crate::{OpenError, error::Bytes};

/// All sheets' rectangles together; calamine holds 32 bytes for each cell.
const MAX_CELLS: u64 = 8_000_000;
/// What the texts of all cells may take once each cell has its own copy.
const MAX_TEXT: u64 = 512 << 20;
const END: u32 = 0xFFFF_FFFE;
/// Sector numbers from here on are marks, not places.
const MARKS: u32 = 0xFFFF_FFFA;

fn broken() -> OpenError {
    OpenError::Damaged("旧版 .xls 的内部结构不完整".to_owned())
}

fn u16_at(bytes: &[u8], at: usize) -> Result<u16, OpenError> {
    bytes.get(at..at + 2).and_then(|b| b.try_into().ok()).map(u16::from_le_bytes).ok_or_else(broken)
}

fn u32_at(bytes: &[u8], at: usize) -> Result<u32, OpenError> {
    bytes.get(at..at + 4).and_then(|b| b.try_into().ok()).map(u32::from_le_bytes).ok_or_else(broken)
}

fn numbers(bytes: &[u8]) -> impl Iterator<Item = u32> + '_ {
    bytes.as_chunks::<4>().0.iter().map(|chunk| u32::from_le_bytes(*chunk))
}

/// Refuses what would not open safely.
pub(crate) fn inspect(bytes: &[u8], max_sheets: usize) -> Result<(), OpenError> {
    let compound = Compound::open(bytes)?;
    if compound.entry("EncryptedPackage").is_some() {
        return Err(OpenError::Encrypted);
    }
    if compound.entry("WordDocument").is_some() {
        return Err(OpenError::NotATable { what: "Word 文档" });
    }
    let book = compound.entry("Workbook").or_else(|| compound.entry("Book"));
    let book = book.ok_or(OpenError::NotATable { what: "其他 Office 文档" })?;
    workbook(&compound.stream(book)?, max_sheets)
}

struct Entry {
    name: String,
    start: u32,
    length: u64,
}

struct Compound<'b> {
    bytes: &'b [u8],
    sector: usize,
    fat: Vec<u32>,
    entries: Vec<Entry>,
    mini: Vec<u8>,
    mini_fat: Vec<u32>,
}

impl<'b> Compound<'b> {
    fn open(bytes: &'b [u8]) -> Result<Self, OpenError> {
        let sector = match u16_at(bytes, 30)? {
            9 => 512,
            12 => 4096,
            _ => return Err(broken()),
        };
        let mut compound =
            Self { bytes, sector, fat: vec![], entries: vec![], mini: vec![], mini_fat: vec![] };
        compound.read_fat()?;
        let directory = compound.chain(u32_at(bytes, 48)?, u64::MAX)?;
        for entry in directory.chunks_exact(128) {
            let name: Vec<u16> =
                entry[..64].as_chunks::<2>().0.iter().map(|c| u16::from_le_bytes(*c)).collect();
            let name = String::from_utf16_lossy(name.split(|c| *c == 0).next().unwrap_or_default());
            let high = if sector == 512 { 0 } else { u64::from(u32_at(entry, 124)?) };
            let length = u64::from(u32_at(entry, 120)?) | high << 32;
            compound.entries.push(Entry { name, start: u32_at(entry, 116)?, length });
        }
        let root = compound.entries.first().ok_or_else(broken)?;
        let mini_sectors = u64::from(u32_at(bytes, 64)?);
        if mini_sectors > 0 {
            let (start, length) = (root.start, compound.believable(root.length)?);
            let fat_length = compound.believable(mini_sectors.saturating_mul(sector as u64))?;
            let mini_fat = compound.chain(u32_at(bytes, 60)?, fat_length)?;
            compound.mini = compound.chain(start, length)?;
            compound.mini_fat = numbers(&mini_fat).collect();
        }
        Ok(compound)
    }

    fn read_fat(&mut self) -> Result<(), OpenError> {
        let mut places: Vec<u32> = numbers(self.bytes.get(76..512).ok_or_else(broken)?).collect();
        let mut next = u32_at(self.bytes, 68)?;
        let mut steps = 0;
        while next < MARKS {
            steps += 1;
            let more: Vec<u32> = numbers(self.sector(next)?).collect();
            let (after, more) = more.split_last().ok_or_else(broken)?;
            places.extend(more);
            next = *after;
            if steps > self.sectors() {
                return Err(broken());
            }
        }
        places.retain(|place| *place < MARKS);
        if places.len() > self.sectors() {
            return Err(broken());
        }
        for place in places {
            let part: Vec<u32> = numbers(self.sector(place)?).collect();
            self.fat.extend(part);
        }
        Ok(())
    }

    fn sectors(&self) -> usize {
        self.bytes.len() / self.sector + 1
    }

    /// The last sector of a file may be cut short.
    fn sector(&self, id: u32) -> Result<&'b [u8], OpenError> {
        let start = (id as usize + 1).checked_mul(self.sector).ok_or_else(broken)?;
        let end = (start + self.sector).min(self.bytes.len());
        self.bytes.get(start..end).filter(|sector| !sector.is_empty()).ok_or_else(broken)
    }

    /// No stream is longer than the file.
    fn believable(&self, length: u64) -> Result<u64, OpenError> {
        if length <= self.bytes.len() as u64 + self.sector as u64 { Ok(length) } else { Err(broken()) }
    }

    fn chain(&self, start: u32, length: u64) -> Result<Vec<u8>, OpenError> {
        let mut out = Vec::new();
        let (mut id, mut steps) = (start, 0);
        while id != END && (out.len() as u64) < length {
            steps += 1;
            if steps > self.sectors() {
                return Err(broken());
            }
            out.extend_from_slice(self.sector(id)?);
            if (out.len() as u64) < length {
                id = *self.fat.get(id as usize).ok_or_else(broken)?;
            }
        }
        out.truncate(usize::try_from(length).unwrap_or(usize::MAX));
        Ok(out)
    }

    fn entry(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.name.eq_ignore_ascii_case(name))
    }

    fn stream(&self, entry: &Entry) -> Result<Vec<u8>, OpenError> {
        let length = self.believable(entry.length)?;
        if length >= 4096 {
            return self.chain(entry.start, length);
        }
        let mut out = Vec::new();
        let (mut id, mut steps) = (entry.start, 0);
        while id != END && (out.len() as u64) < length {
            steps += 1;
            let start = id as usize * 64;
            let end = (start + 64).min(self.mini.len());
            out.extend_from_slice(self.mini.get(start..end).ok_or_else(broken)?);
            id = *self.mini_fat.get(id as usize).ok_or_else(broken)?;
            if steps > self.mini.len() / 64 + 1 {
                return Err(broken());
            }
        }
        out.truncate(usize::try_from(length).unwrap_or(usize::MAX));
        Ok(out)
    }
}

/// A record: its type and what it holds.
type Record<'s> = (u16, &'s [u8]);

fn records(stream: &[u8]) -> impl Iterator<Item = Record<'_>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let kind = u16_at(stream, at).ok()?;
        let length = usize::from(u16_at(stream, at + 2).ok()?);
        let data = stream.get(at + 4..at + 4 + length)?;
        at += 4 + length;
        Some((kind, data))
    })
}

const EOF: u16 = 0x000A;
const FILE_PASS: u16 = 0x002F;
const CONTINUE: u16 = 0x003C;
const BOUND_SHEET: u16 = 0x0085;
const MUL_RK: u16 = 0x00BD;
const SHARED_STRINGS: u16 = 0x00FC;
const LABEL_SHARED: u16 = 0x00FD;
const BEGIN: u16 = 0x0809;

fn workbook(stream: &[u8], max_sheets: usize) -> Result<(), OpenError> {
    let (mut offsets, mut shared) = (Vec::new(), Vec::new());
    let mut globals = records(stream).take_while(|(kind, _)| *kind != EOF).peekable();
    while let Some((kind, data)) = globals.next() {
        match kind {
            FILE_PASS if u16_at(data, 0)? != 0 => return Err(OpenError::Encrypted),
            BOUND_SHEET => offsets.push(u32_at(data, 0)? as usize),
            SHARED_STRINGS => {
                let mut parts = vec![data];
                while let Some((_, part)) = globals.next_if(|(kind, _)| *kind == CONTINUE) {
                    parts.push(part);
                }
                shared = lengths(&parts);
            }
            _ => {}
        }
    }
    if offsets.len() > max_sheets {
        return Err(OpenError::TooLarge {
            part: "工作表数目",
            limit: format!("{max_sheets} 个"),
            place: None,
        });
    }
    let (mut cells, mut text) = (0u64, 0u64);
    for offset in offsets {
        let sheet = measure(stream.get(offset..).ok_or_else(broken)?, &shared);
        cells = cells.saturating_add(sheet.area());
        text = text.saturating_add(sheet.text);
    }
    if cells > MAX_CELLS {
        let limit = format!("{MAX_CELLS} 个单元格的范围；请删去远处的零散内容，或另存为 .xlsx");
        return Err(OpenError::TooLarge { part: "旧版 .xls 的表格范围", limit, place: None });
    }
    if text > MAX_TEXT { Err(OpenError::Bomb(format!("文字共 {}", Bytes(text)))) } else { Ok(()) }
}

/// The rectangle a sheet's cells span, and what their texts take.
struct Span {
    rows: (u64, u64),
    columns: (u64, u64),
    text: u64,
}

impl Span {
    fn area(&self) -> u64 {
        if self.rows.0 > self.rows.1 {
            return 0;
        }
        (self.rows.1 - self.rows.0 + 1).saturating_mul(self.columns.1 - self.columns.0 + 1)
    }

    fn add(&mut self, row: u16, column: u16) {
        let (row, column) = (u64::from(row), u64::from(column));
        self.rows = (self.rows.0.min(row), self.rows.1.max(row));
        self.columns = (self.columns.0.min(column), self.columns.1.max(column));
    }
}

fn measure(stream: &[u8], shared: &[u32]) -> Span {
    let mut span = Span { rows: (u64::MAX, 0), columns: (u64::MAX, 0), text: 0 };
    let mut depth = 0;
    for (kind, data) in records(stream) {
        match kind {
            BEGIN => depth += 1,
            EOF => {
                depth -= 1;
                if depth <= 0 {
                    break;
                }
            }
            // FORMULA, NUMBER, LABEL, BOOLERR, RK, RSTRING, LABELSST, MULRK: row and column come first.
            0x0006 | 0x0203 | 0x0204 | 0x0205 | 0x027E | 0x00D6 | LABEL_SHARED | MUL_RK => {
                let (Ok(row), Ok(column)) = (u16_at(data, 0), u16_at(data, 2)) else { continue };
                span.add(row, column);
                span.text += data.len() as u64;
                if kind == MUL_RK
                    && let Ok(last) = u16_at(data, data.len().saturating_sub(2))
                {
                    span.add(row, last);
                }
                if kind == LABEL_SHARED
                    && let Ok(index) = u32_at(data, 6)
                {
                    span.text += u64::from(shared.get(index as usize).copied().unwrap_or(0)) * 3;
                }
            }
            _ => {}
        }
    }
    span
}

/// The length of each shared string, in characters. Strings run on over CONTINUE records, where each new record that
/// breaks the characters repeats the flag byte. Stops quietly where the table is broken; calamine will say so.
fn lengths(parts: &[&[u8]]) -> Vec<u32> {
    let mut cursor = Cursor { parts, part: 0, at: 8 };
    let mut out = Vec::new();
    while let Some(length) = cursor.string() {
        out.push(length);
    }
    out
}

struct Cursor<'p> {
    parts: &'p [&'p [u8]],
    part: usize,
    at: usize,
}

impl Cursor<'_> {
    /// Bytes left in this record, after stepping to the next one if this one is used up.
    fn left(&mut self) -> Option<usize> {
        while self.at >= self.parts.get(self.part)?.len() {
            (self.part, self.at) = (self.part + 1, 0);
        }
        Some(self.parts[self.part].len() - self.at)
    }

    fn byte(&mut self) -> Option<u8> {
        self.left()?;
        self.at += 1;
        Some(self.parts[self.part][self.at - 1])
    }

    fn number(&mut self, bytes: u32) -> Option<u32> {
        (0..bytes).try_fold(0, |number, place| Some(number | u32::from(self.byte()?) << (8 * place)))
    }

    fn skip(&mut self, mut bytes: usize) -> Option<()> {
        while bytes > 0 {
            let step = self.left()?.min(bytes);
            self.at += step;
            bytes -= step;
        }
        Some(())
    }

    fn string(&mut self) -> Option<u32> {
        let length = self.number(2)?;
        let mut flags = self.byte()?;
        let runs = if flags & 8 != 0 { self.number(2)? } else { 0 };
        let extra = if flags & 4 != 0 { self.number(4)? } else { 0 };
        let mut characters = length as usize;
        while characters > 0 {
            if self.at >= self.parts.get(self.part)?.len() {
                flags = self.byte()?;
            }
            let width = if flags & 1 != 0 { 2 } else { 1 };
            let here = (self.left()? / width).min(characters);
            self.at += here * width;
            characters -= here;
            if here == 0 {
                self.skip(1)?;
            }
        }
        self.skip(runs as usize * 4 + extra as usize)?;
        Some(length)
    }
}
