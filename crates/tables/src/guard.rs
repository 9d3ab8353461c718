//! Looks a zipped workbook over before calamine opens it. calamine trusts counts in the file (`uniqueCount` reserves
//! memory), keeps each XML token and all shared strings in memory, and the archive's own sizes can lie. So every part
//! is unpacked once, in constant memory, with the same zip and XML readers calamine uses, and the real sizes are held
//! against the limits. Merged ranges are picked up on the way, which spares a pass of their own.

use crate::{
    Limits, OpenError,
    error::Bytes,
    merges::Merge,
    meter::{Meter, RanOut},
};
use quick_xml::{
    Reader,
    events::{BytesStart, Event},
};
use std::{
    collections::{HashMap, HashSet},
    fs::File,
    io::{BufRead, BufReader, Read, Seek, SeekFrom},
};
use zip::ZipArchive;

/// No office's workbook has so many parts.
const MAX_PARTS: usize = 5_000;
/// Styles, names, relations: Excel itself stops at 65,490 cell formats.
const MAX_STRUCTURE: u64 = 300_000;
const MAX_MERGES: usize = 500_000;
/// What all shared strings may take in memory, with 40 bytes for each.
const MAX_SHARED: u64 = 512 << 20;
/// One tag, comment or processing instruction.
const MAX_TAG: u64 = 64 << 10;
/// Below this a high ratio is harmless: even honest sheets of blanks pack well.
const RATIO_FROM: u64 = 4 << 20;

/// What the look-over learns.
#[derive(Debug, Default)]
pub(crate) struct Inspected {
    /// Part of the archive, in lower case → its merged ranges.
    merges: HashMap<String, Vec<Merge>>,
    /// Sheet name → part, by workbook.xml and its relations.
    sheets: Vec<(String, String)>,
    relations: HashMap<String, String>,
}

impl Inspected {
    /// The merged ranges of a sheet.
    pub fn merges(&mut self, sheet: &str) -> Vec<Merge> {
        let Some((_, relation)) = self.sheets.iter().find(|(name, _)| name == sheet) else { return vec![] };
        let Some(target) = self.relations.get(relation) else { return vec![] };
        let part = target.strip_prefix('/').map_or_else(|| format!("xl/{target}"), str::to_owned);
        self.merges.remove(&part.to_lowercase()).unwrap_or_default()
    }
}

fn damaged(part: &str) -> impl Fn(String) -> OpenError + '_ {
    move |why| OpenError::Damaged(format!("{part}：{why}"))
}

/// Refuses what would not open safely.
pub(crate) fn inspect(file: &mut File, limits: &Limits) -> Result<Inspected, OpenError> {
    count_entries(file)?;
    let mut archive = ZipArchive::new(BufReader::new(&mut *file))
        .map_err(|error| OpenError::Damaged(format!("压缩结构不完整：{error}")))?;
    declared_sizes(&mut archive, limits)?;
    let mut inspected = Inspected::default();
    let mut unpacked = 0;
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(|error| OpenError::Damaged(error.to_string()))?;
        let name = part_name(&part)?;
        let allowed =
            allowed(part.compressed_size(), limits).min(limits.max_unpacked.saturating_sub(unpacked));
        let mut meter = Meter::new(BufReader::with_capacity(64 << 10, part), allowed);
        let outcome = if name.ends_with(".xml") || name.ends_with(".rels") {
            look_over(&name, &mut meter, limits, &mut inspected)
        } else {
            skip(&mut meter).map_err(|error| damaged(&name)(error.to_string()))
        };
        // When the meter ran out, whatever else went wrong is only its consequence.
        if meter.ran_out == Some(RanOut::Unpacked) {
            return Err(OpenError::Bomb(format!("{name} 超过 {}", Bytes(allowed))));
        }
        outcome?;
        unpacked += meter.total;
    }
    Ok(inspected)
}

/// How much one part may unpack to: the ratio counts only for what is large.
fn allowed(compressed: u64, limits: &Limits) -> u64 {
    compressed.saturating_mul(u64::from(limits.max_ratio)).max(RATIO_FROM).min(limits.max_unpacked)
}

/// Counts entry headers in the raw file, before anything builds a table of them.
fn count_entries(file: &mut File) -> Result<(), OpenError> {
    file.seek(SeekFrom::Start(0))?;
    let mut reader = BufReader::with_capacity(256 << 10, &mut *file);
    let (mut count, mut seen) = (0usize, 0usize);
    const MARK: &[u8] = b"PK\x01\x02";
    loop {
        let chunk = reader.fill_buf()?;
        if chunk.is_empty() {
            break;
        }
        for &byte in chunk {
            seen = if byte == MARK[seen] { seen + 1 } else { usize::from(byte == MARK[0]) };
            if seen == MARK.len() {
                (seen, count) = (0, count + 1);
            }
        }
        let length = chunk.len();
        reader.consume(length);
    }
    file.seek(SeekFrom::Start(0))?;
    if count > MAX_PARTS {
        Err(OpenError::Bomb(format!("内含超过 {MAX_PARTS} 个文件")))
    } else {
        Ok(())
    }
}

fn declared_sizes<R: Read + Seek>(archive: &mut ZipArchive<R>, limits: &Limits) -> Result<(), OpenError> {
    let mut total = 0u64;
    let mut names = HashSet::new();
    for index in 0..archive.len() {
        let part = archive.by_index_raw(index).map_err(|error| OpenError::Damaged(error.to_string()))?;
        if part.encrypted() {
            return Err(OpenError::Encrypted);
        }
        total = total.saturating_add(part.size());
        if total > limits.max_unpacked || part.size() > allowed(part.compressed_size(), limits) {
            return Err(OpenError::Bomb(format!("解压后 {} 以上", Bytes(total))));
        }
        let name = part_name(&part)?;
        if names.contains(&name) {
            return Err(OpenError::Damaged(format!("{name} 出现两次")));
        }
        names.insert(name);
    }
    let has = |name: &str| names.contains(name);
    let starts = |start: &str| names.iter().any(|name| name.starts_with(start));
    if has("xl/workbook.bin") {
        return Err(OpenError::NotATable { what: "二进制工作簿 .xlsb" });
    }
    if starts("word/") {
        return Err(OpenError::NotATable { what: "Word 文档" });
    }
    if starts("ppt/") {
        return Err(OpenError::NotATable { what: "演示文稿" });
    }
    if has("content.xml") {
        return Err(OpenError::NotATable { what: "OpenDocument 文档" });
    }
    if !has("[content_types].xml") && !starts("xl/") {
        return Err(OpenError::NotATable { what: "压缩包" });
    }
    Ok(())
}

/// As calamine compares names: slashes forward, in lower case.
fn part_name<R: Read>(part: &zip::read::ZipFile<'_, R>) -> Result<String, OpenError> {
    let name = part.name().map_err(|error| OpenError::Damaged(error.to_string()))?;
    Ok(name.replace('\\', "/").to_ascii_lowercase())
}

fn skip<R: BufRead>(meter: &mut Meter<R>) -> std::io::Result<()> {
    loop {
        let length = meter.fill_buf()?.len();
        if length == 0 {
            return Ok(());
        }
        meter.consume(length);
        meter.token = 0;
    }
}

/// What one part has shown so far.
#[derive(Default)]
struct Tally {
    /// An element is open whose text calamine gathers into one string: a cell, a shared string or a defined name.
    gathering: bool,
    /// Its name.
    gathered: String,
    /// Its text so far.
    text: u64,
    /// The tag of the last cell, which says where it is.
    cell: String,
    structure: u64,
    strings: u64,
    strings_bytes: u64,
    /// `uniqueCount`, which calamine reserves memory for.
    promised: u64,
    merges: Vec<Merge>,
}

fn look_over<R: BufRead>(
    name: &str,
    meter: &mut Meter<R>,
    limits: &Limits,
    inspected: &mut Inspected,
) -> Result<(), OpenError> {
    plain_utf8(name, meter)?;
    // A text token may be as long as a cell may be; four bytes to a character.
    let max_text = (limits.max_cell_chars as u64).saturating_mul(4);
    meter.token_allowed = max_text.max(MAX_TAG);
    let mut tally = Tally::default();
    let mut reader = Reader::from_reader(&mut *meter);
    reader.config_mut().check_end_names = false;
    let mut buffer = Vec::with_capacity(1024);
    loop {
        buffer.clear();
        reader.get_mut().token = 0;
        match reader.read_event_into(&mut buffer) {
            Ok(Event::Start(tag)) => {
                tally.tag(name, &tag, inspected)?;
                tally.begin(&tag);
            }
            Ok(Event::Empty(tag)) => tally.tag(name, &tag, inspected)?,
            Ok(Event::End(tag)) => tally.end(tag.name().as_ref()),
            Ok(Event::Text(text)) => tally.gather(text.len()),
            Ok(Event::CData(text)) => tally.gather(text.len()),
            Ok(Event::GeneralRef(_)) => tally.gather(1),
            Ok(Event::DocType(_)) => return Err(damaged(name)("含有不应出现的 DOCTYPE".to_owned())),
            Ok(Event::Eof) => break,
            Ok(_) => {}
            Err(_) if reader.get_ref().ran_out == Some(RanOut::Token) => {
                return Err(crate::sheet::too_long(limits, &tally.place(name)));
            }
            Err(error) => return Err(damaged(name)(error.to_string())),
        }
        if tally.text > max_text {
            return Err(crate::sheet::too_long(limits, &tally.place(name)));
        }
        tally.check(name, limits)?;
    }
    if tally.promised > tally.strings {
        // An honest count is exact; a small excess from odd writers costs nothing.
        if tally.promised > tally.strings.saturating_mul(2).max(100_000) {
            return Err(damaged(name)("共享文本的数目与实际不符".to_owned()));
        }
    }
    if !tally.merges.is_empty() {
        inspected.merges.insert(name.to_owned(), tally.merges);
    }
    Ok(())
}

/// Markup must be readable byte by byte, as it is in UTF-8: no UTF-16, no shift codes.
fn plain_utf8<R: BufRead>(name: &str, meter: &mut Meter<R>) -> Result<(), OpenError> {
    let start = meter.fill_buf().map_err(|error| damaged(name)(error.to_string()))?;
    let start = &start[..start.len().min(200)];
    let head = String::from_utf8_lossy(start).to_lowercase();
    let declared = head.find("encoding").and_then(|at| head[at..].split(['"', '\'']).nth(1));
    let plain = declared.is_none_or(|encoding| matches!(encoding, "utf-8" | "utf8" | "us-ascii" | "ascii"));
    if plain && !start.contains(&0) && !start.starts_with(&[0xFE, 0xFF]) && !start.starts_with(&[0xFF, 0xFE])
    {
        Ok(())
    } else {
        Err(damaged(name)("内部编码不是 UTF-8".to_owned()))
    }
}

impl Tally {
    fn begin(&mut self, tag: &BytesStart<'_>) {
        if !self.gathering && matches!(tag.local_name().as_ref(), "c" | "si" | "definedName") {
            self.gathering = true;
            self.text = 0;
            self.gathered.clear();
            self.gathered.push_str(tag.name().as_ref());
            if self.gathered == "c" {
                self.cell.clear();
                self.cell.push_str(tag);
            }
        }
    }

    /// calamine closes by the full name, prefix included; so does this.
    fn end(&mut self, name: &str) {
        if self.gathering && self.gathered == name {
            self.gathering = false;
        }
    }

    fn gather(&mut self, length: usize) {
        if self.gathering {
            self.text += length as u64;
            self.strings_bytes += if self.strings > 0 { length as u64 } else { 0 };
        }
    }

    fn tag(&mut self, part: &str, tag: &BytesStart<'_>, inspected: &mut Inspected) -> Result<(), OpenError> {
        let attribute = |wanted: &str| {
            tag.attributes().with_checks(false).flatten().find_map(|attribute| {
                let key = attribute.key.local_name();
                (key.as_ref() == wanted).then(|| attribute.value.to_string())
            })
        };
        match tag.local_name().as_ref() {
            "c" | "row" | "v" | "f" | "is" | "t" | "r" => {}
            "si" => self.strings += 1,
            "sst" => {
                self.promised =
                    attribute("uniqueCount").and_then(|n| n.parse().ok()).unwrap_or(0).max(self.promised)
            }
            "mergeCell" => {
                if self.merges.len() == MAX_MERGES {
                    return Err(OpenError::TooLarge {
                        part: "合并单元格",
                        limit: format!("{MAX_MERGES} 处"),
                        place: None,
                    });
                }
                self.merges.extend(attribute("ref").and_then(|range| merge(&range)));
            }
            "sheet" => {
                self.structure += 1;
                if let (Some(sheet), Some(id)) = (attribute("name"), attribute("id")) {
                    let sheet =
                        quick_xml::escape::unescape(&sheet).map_or_else(|_| sheet.clone(), Into::into);
                    inspected.sheets.push((sheet, id));
                }
            }
            "Relationship" => {
                self.structure += 1;
                if part == "xl/_rels/workbook.xml.rels" {
                    relation(attribute("Id"), attribute("Type"), attribute("Target"), inspected)?;
                }
            }
            "xf" | "font" | "fill" | "border" | "numFmt" | "definedName" | "Override" | "Default"
            | "cellStyle" | "dxf" | "rgbColor" | "color" | "protection" | "alignment" => self.structure += 1,
            _ => {}
        }
        Ok(())
    }

    fn check(&self, part: &str, limits: &Limits) -> Result<(), OpenError> {
        // Colours also stand in rich text, which is no structure; there the strings are counted.
        if self.structure > MAX_STRUCTURE && self.strings == 0 {
            return Err(OpenError::Bomb(format!("{part} 里的格式定义过多")));
        }
        let shared = self.strings_bytes.saturating_add(self.strings.saturating_mul(40));
        if shared > MAX_SHARED.min(limits.max_unpacked) {
            return Err(OpenError::Bomb("共享文本过多".to_owned()));
        }
        Ok(())
    }

    fn place(&self, part: &str) -> String {
        let cell = self.cell.split(" r=\"").nth(1).and_then(|rest| rest.split('"').next());
        match (self.strings, cell) {
            (0, None) => part.to_owned(),
            (0, Some(cell)) => cell.chars().take(10).collect(),
            (strings, _) => format!("第 {strings} 条共享文本"),
        }
    }
}

/// What calamine will open must have been looked over as XML.
fn relation(
    id: Option<String>,
    kind: Option<String>,
    target: Option<String>,
    inspected: &mut Inspected,
) -> Result<(), OpenError> {
    let (Some(id), Some(kind), Some(target)) = (id, kind, target) else { return Ok(()) };
    let opened = ["/worksheet", "/chartsheet", "/dialogsheet", "/sharedStrings", "/styles", "/theme"];
    if opened.iter().any(|end| kind.ends_with(end)) && !target.to_lowercase().ends_with(".xml") {
        return Err(OpenError::Damaged(format!("工作表的位置不对：{target}")));
    }
    inspected.relations.insert(id, target);
    Ok(())
}

/// `B4:B7`.
fn merge(range: &str) -> Option<Merge> {
    let (from, to) = range.split_once(':')?;
    let ((first_row, first_column), (last_row, last_column)) = (position(from)?, position(to)?);
    (first_row <= last_row && first_column <= last_column).then_some(Merge {
        first_row,
        first_column,
        last_row,
        last_column,
    })
}

/// `B4` as 0-based row and column.
fn position(text: &str) -> Option<(u32, u32)> {
    let text = text.replace('$', "");
    let letters = text.bytes().take_while(u8::is_ascii_alphabetic).count();
    if !(1..=3).contains(&letters) {
        return None;
    }
    let column = text
        .bytes()
        .take(letters)
        .fold(0, |column, byte| column * 26 + u32::from(byte.to_ascii_uppercase() - b'A') + 1);
    let row: u32 = text[letters..].parse().ok()?;
    (row >= 1).then(|| (row - 1, column - 1))
}
