//! Sealed files on the disk.
//!
//! ```text
//! <file>.<number>.segment   a chunk that has arrived, sealed
//! <file>.locked             all of them, each behind its length (4 bytes, big endian)
//! .<…>                      being written; nobody's after a crash
//! ```
//! A segment is sealed under the file's own key, bound to the file, to what it is part of, to its number and to
//! whether it is the last: cut, swapped, repeated or taken from elsewhere, it does not open. The last is filled up, so
//! that the length of a file on the disk does not tell which one it is.
//!
//! Everything here blocks.

use daylight_vault::{DataKey, Place, Secret};
use sha2::{Digest, Sha256};
use std::{
    fs,
    io::{self, BufReader, Read, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

/// The last segment is filled up to a multiple of this.
const FILL: usize = 64 << 10;
/// Bytes of a sealed segment, at most.
const LARGEST: usize = super::CHUNK_MOST + FILL + 1024;
/// Bytes that are looked at to tell what a file is.
const HEAD: usize = 64 << 10;

/// What a segment is part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The file as it came.
    Original,
    /// The copy for looking at.
    Copy,
}

fn place(part: Part, file: &str, number: u64, last: bool) -> Place {
    let part = match part {
        Part::Original => "original",
        Part::Copy => "copy",
    };
    let last = if last { "last" } else { "more" };
    Place::new("attachments", format!("{file}/{part}/{number}/{last}"), "content")
}

/// A name on the disk that says nothing.
pub fn random_name() -> String {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).expect("the system's random numbers");
    data_encoding::HEXLOWER.encode(&bytes)
}

/// Whether a text can be one of them. What cannot be asked of a database or a disk is not asked.
pub fn is_name(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn seal(key: &DataKey, part: Part, file: &str, number: u64, last: bool, plain: &[u8]) -> Vec<u8> {
    let place = place(part, file, number, last);
    if !last {
        return key.seal(&place, plain);
    }
    let mut filled = plain.to_vec();
    filled.push(0x80);
    filled.resize(filled.len().div_ceil(FILL) * FILL, 0);
    key.seal(&place, &filled)
}

fn unseal(
    key: &DataKey,
    part: Part,
    file: &str,
    number: u64,
    last: bool,
    sealed: &[u8],
) -> io::Result<Segment> {
    let opened = key.unseal(&place(part, file, number, last), sealed).map_err(|_| damaged())?;
    let length = match last {
        false => opened.as_bytes().len(),
        true => {
            let end = opened.as_bytes().iter().rposition(|byte| *byte != 0).ok_or_else(damaged)?;
            if opened.as_bytes()[end] != 0x80 {
                return Err(damaged());
            }
            end
        }
    };
    Ok(Segment { opened, length })
}

fn damaged() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "a sealed file is not what was stored")
}

/// An opened segment.
pub struct Segment {
    opened: Secret,
    length: usize,
}

impl Segment {
    /// Its bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.opened.as_bytes()[..self.length]
    }
}

/// The folder of the sealed files.
#[derive(Clone, Debug)]
pub struct Folder(PathBuf);

/// A file that was brought to its final form.
#[derive(Debug)]
pub struct Whole {
    /// SHA-256 of the content, in hex.
    pub sha256: String,
    /// The first bytes, by which its kind is told.
    pub head: Vec<u8>,
    /// Bytes of content.
    pub size: u64,
    /// Sealed segments.
    pub segments: u64,
}

impl Folder {
    /// The folder, made if it is not there.
    pub fn open(data: &Path) -> io::Result<Folder> {
        let path = data.join(super::FOLDER);
        if !path.is_dir() {
            fs::DirBuilder::new().recursive(true).mode(0o700).create(&path)?;
            fs::File::open(data)?.sync_all()?;
        }
        Ok(Folder(path))
    }

    /// Bytes that are free; none when the file system does not say.
    pub fn free(&self) -> Option<u64> {
        rustix::fs::statvfs(&self.0).ok().map(|disk| disk.f_bavail.saturating_mul(disk.f_frsize))
    }

    /// Whether the disk has room for so many bytes that are uploaded, beside a reserve for what is written.
    pub fn has_room(&self, bytes: u64, reserve: u64) -> bool {
        // A file system that does not say is no reason to refuse.
        self.free().is_none_or(|free| free > reserve.saturating_add(bytes))
    }

    fn segment(&self, file: &str, number: u64) -> PathBuf {
        self.0.join(format!("{file}.{number}.segment"))
    }

    fn locked(&self, file: &str) -> PathBuf {
        self.0.join(format!("{file}.locked"))
    }

    fn new_file(&self) -> io::Result<(fs::File, PathBuf)> {
        let path = self.0.join(format!(".{}", random_name()));
        let file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
        Ok((file, path))
    }

    /// Makes a written file durable under its name: content, then name, then folder.
    fn settle(&self, file: &fs::File, from: &Path, to: &Path) -> io::Result<()> {
        file.sync_all()?;
        fs::rename(from, to)?;
        fs::File::open(&self.0)?.sync_all()
    }

    /// Keeps a chunk. When this returns it is on the disk. Kept again, it replaces what an answer that got lost left.
    pub fn keep(&self, key: &DataKey, file: &str, number: u64, last: bool, plain: &[u8]) -> io::Result<()> {
        let (mut to, path) = self.new_file()?;
        let target = self.segment(file, number);
        let sealed = seal(key, Part::Original, file, number, last, plain);
        let kept = to.write_all(&sealed).and_then(|()| self.settle(&to, &path, &target));
        if kept.is_err() {
            drop(fs::remove_file(&path));
        }
        kept
    }

    /// Brings the chunks of a file into one, reading each: what comes out is what can be read again.
    pub fn join(&self, key: &DataKey, file: &str, segments: u64) -> io::Result<Whole> {
        let mut sealing = self.begin(file, Part::Original)?;
        for number in 0..segments {
            let mut sealed = Vec::new();
            let from = fs::File::open(self.segment(file, number))?;
            from.take(LARGEST as u64 + 1).read_to_end(&mut sealed)?;
            let last = number + 1 == segments;
            let opened = unseal(key, Part::Original, file, number, last, &sealed)?;
            sealing.add(&sealed, opened.bytes())?;
        }
        sealing.settle()
    }

    /// Removes the chunks of a file.
    pub fn remove_segments(&self, file: &str, segments: u64) {
        for number in 0..segments {
            drop(fs::remove_file(self.segment(file, number)));
        }
    }

    /// Removes a file in its final form.
    pub fn remove(&self, file: &str) {
        drop(fs::remove_file(self.locked(file)));
    }

    /// Begins a file whose end is not known yet.
    pub fn begin(&self, file: &str, part: Part) -> io::Result<Sealing> {
        let (to, path) = self.new_file()?;
        Ok(Sealing {
            folder: self.clone(),
            file: file.to_owned(),
            part,
            to,
            path: Some(path),
            content: Sha256::new(),
            head: Vec::new(),
            size: 0,
            segments: 0,
            waiting: Vec::new(),
        })
    }

    /// Opens a file in its final form.
    pub fn read(&self, key: DataKey, file: &str, part: Part, segments: u64) -> io::Result<Reading> {
        let from = BufReader::new(fs::File::open(self.locked(file))?);
        Ok(Reading { from, key, file: file.to_owned(), part, number: 0, segments })
    }

    /// Reads a file to its end. Gives the SHA-256 of its content, in hex.
    pub fn digest(&self, key: DataKey, file: &str, part: Part, segments: u64) -> io::Result<String> {
        let mut digest = Sha256::new();
        for segment in self.read(key, file, part, segments)? {
            digest.update(segment?.bytes());
        }
        Ok(data_encoding::HEXLOWER.encode(&digest.finalize()))
    }

    /// Removes files that no row knows and that nobody has touched since `before` (seconds since 1970). Returns how
    /// many.
    pub(super) fn sweep(&self, known: &super::store::Known, before: i64) -> io::Result<u64> {
        let mut swept = 0;
        for entry in fs::read_dir(&self.0)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            // What begins with a dot has an empty name: it is known to nobody.
            let file = name.split('.').next().unwrap_or_default();
            let whole = name.ends_with(".locked") && known.kept.contains(file);
            if whole || known.arriving.contains(file) {
                continue;
            }
            let touched = entry.metadata()?.modified()?.duration_since(std::time::UNIX_EPOCH);
            let touched = touched.map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(i64::MAX));
            if touched < before {
                fs::remove_file(entry.path())?;
                swept += 1;
            }
        }
        Ok(swept)
    }
}

/// A file on its way to its final form. Dropped before [`Sealing::finish`], it is gone.
#[derive(Debug)]
pub struct Sealing {
    folder: Folder,
    file: String,
    part: Part,
    to: fs::File,
    path: Option<PathBuf>,
    content: Sha256,
    head: Vec<u8>,
    size: u64,
    segments: u64,
    waiting: Vec<u8>,
}

/// Bytes sealed at once.
pub const PIECE: usize = 256 << 10;

impl Sealing {
    /// Takes what has arrived.
    pub fn write(&mut self, key: &DataKey, bytes: &[u8]) -> io::Result<()> {
        self.waiting.extend_from_slice(bytes);
        // One byte more than a piece: the last segment is never empty.
        while self.waiting.len() > PIECE {
            let rest = self.waiting.split_off(PIECE);
            let piece = std::mem::replace(&mut self.waiting, rest);
            self.seal(key, &piece, false)?;
        }
        Ok(())
    }

    /// Seals the rest and makes the file durable.
    pub fn finish(mut self, key: &DataKey) -> io::Result<Whole> {
        let rest = std::mem::take(&mut self.waiting);
        self.seal(key, &rest, true)?;
        self.settle()
    }

    fn seal(&mut self, key: &DataKey, piece: &[u8], last: bool) -> io::Result<()> {
        let sealed = seal(key, self.part, &self.file, self.segments, last, piece);
        self.add(&sealed, piece)
    }

    fn add(&mut self, sealed: &[u8], plain: &[u8]) -> io::Result<()> {
        let length = u32::try_from(sealed.len()).map_err(io::Error::other)?.to_be_bytes();
        for bytes in [&length[..], sealed] {
            self.to.write_all(bytes)?;
        }
        self.content.update(plain);
        let wanted = HEAD.saturating_sub(self.head.len()).min(plain.len());
        self.head.extend_from_slice(&plain[..wanted]);
        self.size += plain.len() as u64;
        self.segments += 1;
        Ok(())
    }

    fn settle(mut self) -> io::Result<Whole> {
        if let Some(path) = &self.path {
            self.folder.settle(&self.to, path, &self.folder.locked(&self.file))?;
        }
        self.path = None;
        Ok(Whole {
            sha256: data_encoding::HEXLOWER.encode(&std::mem::take(&mut self.content).finalize()),
            head: std::mem::take(&mut self.head),
            size: self.size,
            segments: self.segments,
        })
    }
}

impl Drop for Sealing {
    fn drop(&mut self) {
        if let Some(path) = &self.path {
            drop(fs::remove_file(path));
        }
    }
}

/// A file being read, segment by segment.
pub struct Reading {
    from: BufReader<fs::File>,
    key: DataKey,
    file: String,
    part: Part,
    number: u64,
    segments: u64,
}

impl Iterator for Reading {
    type Item = io::Result<Segment>;

    fn next(&mut self) -> Option<io::Result<Segment>> {
        if self.number >= self.segments {
            return None;
        }
        let read = self.segment();
        // After a fault there is nothing more.
        self.number = if read.is_ok() { self.number + 1 } else { self.segments };
        Some(read)
    }
}

impl Reading {
    fn segment(&mut self) -> io::Result<Segment> {
        let mut length = [0_u8; 4];
        self.from.read_exact(&mut length)?;
        let length = u32::from_be_bytes(length) as usize;
        if length > LARGEST {
            return Err(damaged());
        }
        let mut sealed = vec![0_u8; length];
        self.from.read_exact(&mut sealed)?;
        let last = self.number + 1 == self.segments;
        if last && self.from.read(&mut [0])? != 0 {
            return Err(damaged());
        }
        unseal(&self.key, self.part, &self.file, self.number, last, &sealed)
    }
}

#[cfg(test)]
#[path = "tests/sealed.rs"]
mod tests;
