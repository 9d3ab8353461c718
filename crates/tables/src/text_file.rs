//! Tables as text: which encoding, which separator, and records with the line they start on.
//!
//! Not the `csv` crate, for two reasons: a record must stop growing when it passes the limits (a stray quotation mark
//! otherwise swallows the rest of the file), and the line of a record must be right after blank lines too.

use crate::{
    Limits, OpenError,
    merges::Merges,
    row::{Cell, letter},
    sheet::{Go, Reading, Sheet, too_long},
};
use encoding_rs::{Decoder, DecoderResult, Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE};
use memchr::memchr3;
use std::{
    fs::File,
    io::{Read, Seek, SeekFrom},
};

const CHUNK: usize = 64 << 10;

/// Reads a text table. Answers the encoding it found.
pub(crate) fn read(mut file: File, limits: &Limits, reading: &mut Reading<'_>) -> Result<String, OpenError> {
    let encoding = detect(&mut file)?;
    file.seek(SeekFrom::Start(0))?;
    let mut text = Text::new(file, encoding);
    text.fill()?;
    let (separator, declared) = separator(text.ahead());
    let mut records = Records { text, line: 1, last_line: 0, separator, limits };
    if declared {
        // Excel's own “sep=;” line.
        records.next()?;
    }
    let mut sheet = Sheet::new(reading, "", Merges::new(vec![]));
    let mut go = Go::On;
    while go == Go::On {
        if let Some((line, length, after)) = records.plain()
            && let Ok(text) = std::str::from_utf8(&records.text.ahead()[..length])
            && let Some(told) = sheet.line(line, text, char::from(separator))?
        {
            records.pass(after);
            go = told;
            continue;
        }
        let Some((line, last, cells)) = records.next()? else { break };
        go = sheet.record(line, last, cells)?;
    }
    sheet.finish();
    Ok(encoding.name().to_owned())
}

/// Could these first bytes be text in any encoding we read?
pub(crate) fn may_be_text(bytes: &[u8]) -> bool {
    if Encoding::for_bom(bytes).is_some() || utf16_by_zeros(bytes).is_some() {
        return true;
    }
    !bytes.iter().any(|byte| matches!(byte, 0..=8 | 14..=26 | 28..=31))
}

/// UTF-16 without its mark: separators and digits leave a zero in every second byte (so does 一, but on the other side).
fn utf16_by_zeros(bytes: &[u8]) -> Option<&'static Encoding> {
    let zeros = |odd: usize| bytes.iter().skip(odd).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd, half) = (zeros(0), zeros(1), bytes.len() / 2);
    let encoding = match (even, odd) {
        (even, odd) if odd > even * 2 && odd * 20 >= half => UTF_16LE,
        (even, odd) if even > odd * 2 && even * 20 >= half => UTF_16BE,
        _ => return None,
    };
    let whole = &bytes[..bytes.len() / 2 * 2];
    let (text, _) = encoding.decode_without_bom_handling(whole);
    let odd = |c: char| {
        (c.is_control() && !matches!(c, '\t' | '\r' | '\n')) || matches!(c, '\u{E000}'..='\u{F8FF}')
    };
    (!text.chars().any(odd)).then_some(encoding)
}

/// Looks at the whole file once: by its mark, else the first of UTF-8 and GB18030 (which holds GBK) without an error.
fn detect(file: &mut File) -> Result<&'static Encoding, OpenError> {
    let mut chunk = vec![0; CHUNK];
    file.seek(SeekFrom::Start(0))?;
    let mut length = fill(file, &mut chunk)?;
    let marked = Encoding::for_bom(&chunk[..length]).map(|(encoding, _)| encoding);
    let marked = marked.or_else(|| utf16_by_zeros(&chunk[..length.min(4096)]));
    let mut tries: Vec<Try> = match marked {
        Some(encoding) => vec![Try::new(encoding)],
        None => vec![Try::new(UTF_8), Try::new(GB18030)],
    };
    let mut out = vec![0u8; CHUNK * 4];
    loop {
        let last = length == 0;
        for attempt in &mut tries {
            attempt.feed(&chunk[..length], last, &mut out);
        }
        if tries.iter().all(|attempt| attempt.failed) || last {
            break;
        }
        length = fill(file, &mut chunk)?;
    }
    match tries.iter().find(|attempt| !attempt.failed) {
        Some(good) => Ok(good.encoding),
        // The attempt that went furthest knows best where the trouble is.
        None => {
            Err(OpenError::TextEncoding { line: tries.iter().map(|attempt| attempt.line).max().unwrap_or(1) })
        }
    }
}

struct Try {
    encoding: &'static Encoding,
    decoder: Decoder,
    failed: bool,
    line: u64,
}

impl Try {
    fn new(encoding: &'static Encoding) -> Self {
        Self { encoding, decoder: encoding.new_decoder(), failed: false, line: 1 }
    }

    fn feed(&mut self, mut bytes: &[u8], last: bool, out: &mut [u8]) {
        while !self.failed {
            let (result, read, written) = self.decoder.decode_to_utf8_without_replacement(bytes, out, last);
            self.line += out[..written].iter().filter(|byte| **byte == b'\n').count() as u64;
            bytes = &bytes[read..];
            match result {
                DecoderResult::InputEmpty => return,
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(..) => self.failed = true,
            }
        }
    }
}

fn fill(file: &mut File, chunk: &mut [u8]) -> std::io::Result<usize> {
    let mut length = 0;
    while length < chunk.len() {
        match file.read(&mut chunk[length..]) {
            Ok(0) => break,
            Ok(read) => length += read,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(length)
}

/// The file as UTF-8, a chunk at a time.
struct Text {
    file: File,
    decoder: Decoder,
    raw: Vec<u8>,
    out: Vec<u8>,
    at: usize,
    ended: bool,
}

impl Text {
    fn new(file: File, encoding: &'static Encoding) -> Self {
        // UTF-8 grows to at most three bytes for each of the source (plus what the decoder held back).
        let out = Vec::with_capacity(CHUNK * 3 + 16);
        Self { file, decoder: encoding.new_decoder(), raw: vec![0; CHUNK], out, at: 0, ended: false }
    }

    fn ahead(&self) -> &[u8] {
        &self.out[self.at..]
    }

    fn fill(&mut self) -> std::io::Result<()> {
        while self.at == self.out.len() && !self.ended {
            let length = fill(&mut self.file, &mut self.raw)?;
            self.ended = length == 0;
            self.at = 0;
            self.out.resize(CHUNK * 3 + 16, 0);
            let (_, _, written, _) =
                self.decoder.decode_to_utf8(&self.raw[..length], &mut self.out, self.ended);
            self.out.truncate(written);
        }
        Ok(())
    }

    fn peek(&mut self) -> std::io::Result<Option<u8>> {
        if self.at == self.out.len() {
            self.fill()?;
        }
        Ok(self.out.get(self.at).copied())
    }
}

/// The separator that cuts the first lines into most fields, evenly; and whether the file declares it.
fn separator(text: &[u8]) -> (u8, bool) {
    if let Some(declared) = text.strip_prefix(b"sep=").and_then(|rest| rest.first())
        && text.get(5).is_none_or(|byte| matches!(byte, b'\r' | b'\n'))
    {
        return (*declared, true);
    }
    let text = &text[..text.len().min(32 << 10)];
    let score = |separator: u8| {
        let mut counts: Vec<usize> = vec![0];
        let mut quoted = false;
        for &byte in text {
            match byte {
                b'"' => quoted = !quoted,
                b'\n' if !quoted => counts.push(0),
                byte if byte == separator && !quoted => *counts.last_mut().unwrap_or(&mut 0) += 1,
                _ => {}
            }
        }
        counts.truncate(40);
        counts.retain(|count| *count > 0);
        counts.sort_unstable();
        // How many lines agree on the usual count, then that count.
        let usual = counts.get(counts.len() / 2).copied().unwrap_or(0);
        (counts.iter().filter(|count| **count == usual).count(), usual)
    };
    let best = [b',', b'\t', b';', b'|'].into_iter().rev().max_by_key(|separator| score(*separator));
    (best.unwrap_or(b','), false)
}

/// Cuts text into records.
struct Records<'l> {
    text: Text,
    /// 1-based, of the next byte.
    line: u32,
    /// The line the last record ended on.
    last_line: u32,
    separator: u8,
    limits: &'l Limits,
}

impl Records<'_> {
    /// The record ahead when it stands whole in memory, on one line, without quotation marks: its line, its length, and
    /// where the next begins.
    fn plain(&self) -> Option<(u32, usize, usize)> {
        let ahead = self.text.ahead();
        let end = memchr3(b'\n', b'\r', b'"', ahead)?;
        let after = match (ahead[end], ahead.get(end + 1)) {
            (b'\n', _) => end + 1,
            (b'\r', Some(b'\n')) => end + 2,
            _ => return None,
        };
        (end > 0 && end <= self.limits.max_cell_chars).then_some((self.line, end, after))
    }

    /// Goes past a record that [`plain`](Self::plain) told of.
    fn pass(&mut self, after: usize) {
        self.text.at += after;
        self.last_line = self.line;
        self.line = self.line.saturating_add(1);
    }

    /// The next record, and the lines it starts and ends on. Blank lines are records without cells.
    fn next(&mut self) -> Result<Option<(u32, u32, Vec<Cell>)>, OpenError> {
        if self.text.peek()?.is_none() {
            return Ok(None);
        }
        let start = self.line;
        let mut cells: Vec<Cell> = Vec::new();
        let mut index = 0u32;
        loop {
            let (raw, end) = self.field(start, index)?;
            let kept = (index as usize) < self.limits.max_columns || cells.is_empty();
            if kept && !raw.trim().is_empty() {
                let lossy = written_short(&raw);
                cells.push(Cell { index, raw, serial: None, lossy, number: true });
            }
            if end {
                return Ok(Some((start, self.last_line, cells)));
            }
            index = index.saturating_add(1);
        }
    }

    /// One field, and whether the record ends with it.
    fn field(&mut self, start: u32, index: u32) -> Result<(String, bool), OpenError> {
        let mut field = Vec::new();
        let mut quoted = false;
        if self.text.peek()? == Some(b'"') {
            self.text.at += 1;
            quoted = true;
        }
        loop {
            let Some(byte) = self.text.peek()? else {
                if quoted {
                    return Err(OpenError::Damaged(unclosed(start, index)));
                }
                self.last_line = self.line;
                return Ok((text(field), true));
            };
            self.text.at += 1;
            if quoted {
                if byte == b'"' {
                    if self.text.peek()? == Some(b'"') {
                        self.text.at += 1;
                    } else {
                        quoted = false;
                        continue;
                    }
                }
                self.line += u32::from(byte == b'\n');
            } else if byte == self.separator {
                return Ok((text(field), false));
            } else if byte == b'\n' || byte == b'\r' {
                if byte == b'\r' && self.text.peek()? == Some(b'\n') {
                    self.text.at += 1;
                }
                self.last_line = self.line;
                self.line = self.line.saturating_add(1);
                return Ok((text(field), true));
            }
            field.push(byte);
            // Four bytes to a character at most; the exact count is taken with the row.
            if field.len() > self.limits.max_cell_chars.saturating_mul(4) {
                if quoted {
                    return Err(OpenError::Damaged(unclosed(start, index)));
                }
                return Err(too_long(self.limits, &format!("{}{start}", letter(index))));
            }
        }
    }
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

fn unclosed(line: u32, index: u32) -> String {
    format!("第 {line} 行 {} 列的引号没有结束", letter(index))
}

/// `9.99901E+17`: how spreadsheets write long ids into CSV; the rest of the digits is gone.
fn written_short(raw: &str) -> bool {
    let Some((digits, exponent)) = raw.trim().split_once(['E', 'e']) else { return false };
    let number =
        |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    exponent.strip_prefix('+').is_some_and(|exponent| number(exponent) && number(digits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separators_are_told_from_the_lines() {
        for (text, expected) in [
            ("a,b,c\n1,2,3\n", b','),
            ("a;b;c\n1,5;2;3\n", b';'),
            ("a\tb\tc\n1;2\t2\t3\n", b'\t'),
            ("清单\na;b\n\"x,y,z\";2\n", b';'),
            ("姓名\n张三\n", b','),
        ] {
            assert_eq!(separator(text.as_bytes()), (expected, false), "{text}");
        }
        assert_eq!(separator(b"sep=;\na;b"), (b';', true));
    }

    #[test]
    fn ids_that_lost_their_digits() {
        assert!(written_short("9.99901E+17"));
        for text in ["1E5", "E+17", "9.9", "ABE+1"] {
            assert!(!written_short(text), "{text}");
        }
    }
}
