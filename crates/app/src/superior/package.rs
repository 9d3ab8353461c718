//! What is handed over, and how it lies in its box.
//!
//! ```text
//! length of the contents (4 bytes, big endian) | contents (JSON) | files, one after another | zeros
//! ```
//!
//! The zeros fill the box up to a power of two times 64 KiB, so that its size tells little: a report without files
//! always has the same size. Nothing is held in memory but the piece that is being filled.

use daylight_vault::{
    BOX_HEADER, PIECE, Recipient, RecipientKey, SEALED_PIECE, Sealing, Unsealing, VaultError,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::io::{self, Read, Write};
use zeroize::Zeroizing;

/// Everything of a report that the superior gets, with what it is about said in words: the superior has none of
/// this county's ids.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Contents {
    /// Which place it comes from.
    pub from: String,
    /// 受理编号, by which reporter and superior can speak of it. The query code is not here.
    pub number: String,
    /// The day of the report.
    pub day: String,
    /// What is wanted, in words.
    pub kind: String,
    /// What it is about, in words.
    pub object: String,
    /// What happened.
    pub facts: crate::reports::Facts,
    /// Money in question, in fen.
    pub amount_fen: Option<i64>,
    /// What must be answered.
    pub points: Vec<String>,
    /// Who reported, as far as it was said.
    pub reporter: Known,
    /// Evidence, in the order in which it lies in the box.
    pub files: Vec<File>,
    /// Of a case that began here: who was named in it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub named: Vec<String>,
    /// Why nobody here may have it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub why: Vec<String>,
    /// What happened to it here.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<Step>,
    /// Evidence that is not in the box: it lies, locked, where the report was made.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub listed: Vec<File>,
}

/// Something that happened to a case, in words.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Step {
    /// When.
    pub at: String,
    /// Who.
    pub by: String,
    /// What.
    pub what: String,
    /// To or about whom.
    pub more: String,
    /// Why.
    pub reason: String,
    /// What was written.
    pub text: String,
    /// Further points raised.
    pub points: Vec<String>,
    /// Answers of a reply.
    pub answers: Vec<String>,
}

/// Who reported.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Known {
    /// "匿名", "手机验证", "实名".
    pub level: String,
    /// Proved by a code.
    pub phone: Option<String>,
    /// As given.
    pub name: Option<String>,
    /// As given, with the right check character.
    pub citizen_id: Option<String>,
    /// Who filed it for them.
    pub helper: Option<crate::reports::Helper>,
}

/// A file of evidence.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct File {
    /// As the reporter's machine called it. Never a path to write to.
    pub name: String,
    /// What it was found to be: "image/jpeg".
    pub media: String,
    /// Length.
    pub bytes: u64,
    /// SHA-256 in hexadecimal.
    pub sha256: String,
}

// What citizens say and who they are stays out of logs.
impl std::fmt::Debug for Contents {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Contents(•••)")
    }
}
impl std::fmt::Debug for Step {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Step(•••)")
    }
}
impl std::fmt::Debug for Known {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Known(•••)")
    }
}
impl std::fmt::Debug for File {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("File(•••)")
    }
}

/// How many pieces a box of so many bytes has: the next power of two.
fn pieces(bytes: u64) -> u64 {
    bytes.div_ceil(PIECE as u64).max(1).next_power_of_two()
}

/// A package being packed. Bytes go in as they come; sealed pieces come out as they are full.
pub struct Packing {
    sealing: Sealing,
    waiting: Zeroizing<Vec<u8>>,
    /// Bytes of the files that must still come.
    expected: u64,
    /// Pieces that must still come.
    left: u64,
}

/// Pieces to keep, in order.
pub type Pieces = Vec<Vec<u8>>;

impl Packing {
    /// Begins a package: the header is the first to keep, and the contents go in.
    ///
    /// # Errors
    ///
    /// When nothing can be sealed to this key.
    pub fn begin(to: &Recipient, contents: &Contents) -> Result<(Packing, Pieces), VaultError> {
        let json = Zeroizing::new(serde_json::to_vec(contents).map_err(|_| VaultError::Malformed)?);
        let length = u32::try_from(json.len()).map_err(|_| VaultError::Malformed)?;
        let files: u64 = contents.files.iter().map(|file| file.bytes).sum();
        let sealing = Sealing::to(to)?;
        let mut out = vec![sealing.header().to_vec()];
        let left = pieces(4 + u64::from(length) + files);
        let waiting = Zeroizing::new(Vec::with_capacity(PIECE));
        let mut packing = Packing { sealing, waiting, expected: files, left };
        packing.take(&length.to_be_bytes(), &mut out);
        packing.take(&json, &mut out);
        Ok((packing, out))
    }

    /// The next bytes of the files that the contents announce.
    ///
    /// # Errors
    ///
    /// [`VaultError::Malformed`] when there are more than were announced.
    pub fn add(&mut self, bytes: &[u8]) -> Result<Pieces, VaultError> {
        self.expected = self.expected.checked_sub(bytes.len() as u64).ok_or(VaultError::Malformed)?;
        let mut out = Vec::new();
        self.take(bytes, &mut out);
        Ok(out)
    }

    fn take(&mut self, mut bytes: &[u8], out: &mut Pieces) {
        while !bytes.is_empty() {
            let (now, rest) = bytes.split_at(bytes.len().min(PIECE - self.waiting.len()));
            self.waiting.extend_from_slice(now);
            bytes = rest;
            // The last piece is closed by `fill`, which knows that it is the last.
            if self.waiting.len() == PIECE && self.left > 1 {
                out.push(self.close());
            }
        }
    }

    fn close(&mut self) -> Vec<u8> {
        self.left -= 1;
        let sealed = self.sealing.piece(&self.waiting, self.left == 0);
        self.waiting.clear();
        sealed
    }

    /// The next piece of those that fill the package up; none when it is whole.
    ///
    /// # Errors
    ///
    /// [`VaultError::Malformed`] when not all of the files was added.
    pub fn fill(&mut self) -> Result<Option<Vec<u8>>, VaultError> {
        if self.expected > 0 {
            return Err(VaultError::Malformed);
        }
        if self.left == 0 {
            return Ok(None);
        }
        self.waiting.resize(PIECE, 0);
        Ok(Some(self.close()))
    }
}

/// Why a package cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Not for this key, changed, or cut off.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// It ends too early, or more follows.
    #[error("密封包不完整：请重新取得整个文件。")]
    Cut,
    /// A file in it is not what the contents announce.
    #[error("第{0}个附件与清单不符，密封包不可信。")]
    File(usize),
    /// Reading or writing failed.
    #[error("无法读写：{0}")]
    Io(#[from] io::Error),
}

/// Opens a package: everything in it is read and checked to the last byte. `place` gives where each file goes; the
/// caller keeps what was written only when all of it was right.
///
/// # Errors
///
/// [`OpenError`]; what was written so far must not be used then.
pub fn unpack<W: Write>(
    package: impl Read,
    key: &RecipientKey,
    mut place: impl FnMut(usize, &File) -> io::Result<W>,
) -> Result<Contents, OpenError> {
    let mut source = Source::begin(package, key)?;
    let mut length = [0; 4];
    source.exact(&mut length)?;
    let mut json = Zeroizing::new(Vec::new());
    source.run(u64::from(u32::from_be_bytes(length)), |part| {
        json.extend_from_slice(part);
        Ok(())
    })?;
    let contents: Contents = serde_json::from_slice(&json).map_err(|_| OpenError::Cut)?;
    for (number, file) in contents.files.iter().enumerate() {
        let (mut to, mut hash) = (place(number, file)?, Sha256::new());
        source.run(file.bytes, |part| {
            hash.update(part);
            to.write_all(part)
        })?;
        to.flush()?;
        if data_encoding::HEXLOWER.encode(&hash.finalize()) != file.sha256 {
            return Err(OpenError::File(number + 1));
        }
    }
    source.finish()?;
    Ok(contents)
}

/// The bytes in a box, piece by piece.
struct Source<R> {
    package: R,
    unsealing: Unsealing,
    /// The sealed piece after the open one: whether there is one tells which is the last.
    next: Option<Vec<u8>>,
    open: Zeroizing<Vec<u8>>,
    at: usize,
}

impl<R: Read> Source<R> {
    fn begin(mut package: R, key: &RecipientKey) -> Result<Source<R>, OpenError> {
        let mut header = [0; BOX_HEADER];
        package.read_exact(&mut header).map_err(cut)?;
        let unsealing = Unsealing::with(key, &header)?;
        let next = sealed_piece(&mut package)?;
        Ok(Source { package, unsealing, next, open: Zeroizing::new(Vec::new()), at: 0 })
    }

    /// Opens the next piece; false when there is none.
    fn turn(&mut self) -> Result<bool, OpenError> {
        let Some(sealed) = self.next.take() else { return Ok(false) };
        self.next = sealed_piece(&mut self.package)?;
        let opened = self.unsealing.piece(&sealed, self.next.is_none())?;
        self.open = Zeroizing::new(opened.as_bytes().to_vec());
        self.at = 0;
        Ok(true)
    }

    fn run(
        &mut self,
        mut bytes: u64,
        mut each: impl FnMut(&[u8]) -> io::Result<()>,
    ) -> Result<(), OpenError> {
        while bytes > 0 {
            if self.at == self.open.len() && !self.turn()? {
                return Err(OpenError::Cut);
            }
            let rest = &self.open[self.at..];
            let now = usize::try_from(bytes).unwrap_or(usize::MAX).min(rest.len());
            each(&rest[..now])?;
            self.at += now;
            bytes -= now as u64;
        }
        Ok(())
    }

    fn exact(&mut self, out: &mut [u8]) -> Result<(), OpenError> {
        let mut read = Vec::new();
        self.run(out.len() as u64, |part| {
            read.extend_from_slice(part);
            Ok(())
        })?;
        out.copy_from_slice(&read);
        Ok(())
    }

    /// Reads what fills it up: a package of which the end is missing is found here.
    fn finish(mut self) -> Result<(), OpenError> {
        while self.turn()? {}
        Ok(())
    }
}

fn cut(error: io::Error) -> OpenError {
    if error.kind() == io::ErrorKind::UnexpectedEof { OpenError::Cut } else { error.into() }
}

fn sealed_piece(package: &mut impl Read) -> Result<Option<Vec<u8>>, OpenError> {
    let mut sealed = Vec::new();
    package.take(SEALED_PIECE as u64).read_to_end(&mut sealed)?;
    match sealed.len() {
        0 => Ok(None),
        SEALED_PIECE => Ok(Some(sealed)),
        _ => Err(OpenError::Cut),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(bytes: &[u8]) -> File {
        let sha256 = data_encoding::HEXLOWER.encode(&Sha256::digest(bytes));
        File { name: "账本.jpg".into(), media: "image/jpeg".into(), bytes: bytes.len() as u64, sha256 }
    }

    fn contents(what: &str, files: &[&[u8]]) -> Contents {
        let mut contents = Contents { object: "安澜县纪委书记".into(), ..Contents::default() };
        contents.facts.what = what.into();
        contents.files = files.iter().map(|bytes| file(bytes)).collect();
        contents
    }

    fn pack(to: &Recipient, contents: &Contents, files: &[&[u8]]) -> Vec<u8> {
        let (mut packing, mut out) = Packing::begin(to, contents).unwrap();
        for bytes in files {
            for part in bytes.chunks(10_007) {
                out.extend(packing.add(part).unwrap());
            }
        }
        while let Some(piece) = packing.fill().unwrap() {
            out.push(piece);
        }
        out.concat()
    }

    fn open(package: &[u8], key: &RecipientKey) -> Result<(Contents, Vec<Vec<u8>>), OpenError> {
        use std::{cell::RefCell, rc::Rc};
        #[derive(Clone, Default)]
        struct Kept(Rc<RefCell<Vec<u8>>>);
        impl Write for Kept {
            fn write(&mut self, part: &[u8]) -> io::Result<usize> {
                self.0.borrow_mut().extend_from_slice(part);
                Ok(part.len())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let mut kept = Vec::new();
        let contents = unpack(package, key, |_, _| {
            kept.push(Kept::default());
            Ok(kept.last().cloned().unwrap_or_default())
        })?;
        Ok((contents, kept.into_iter().map(|one| one.0.borrow().clone()).collect()))
    }

    #[test]
    fn what_was_packed_comes_out_whole_whatever_its_length() {
        let key = RecipientKey::draw();
        let lengths = [0, 1, PIECE - 500, PIECE, PIECE + 1, 3 * PIECE, 300_000];
        for length in lengths {
            let (one, two) = (vec![7_u8; length], vec![9_u8; 12_345]);
            let files: [&[u8]; 2] = [&one, &two];
            let contents = contents("收受礼金，数额较大", &files);
            let package = pack(&key.recipient(), &contents, &files);
            let (read, kept) = open(&package, &key).unwrap();
            assert!(read == contents && kept == [one.clone(), two.clone()], "{length}");
            assert!(matches!(open(&package, &RecipientKey::draw()), Err(OpenError::Vault(_))));
        }
    }

    #[test]
    fn a_package_changed_or_cut_anywhere_or_made_longer_is_not_taken() {
        let key = RecipientKey::draw();
        let bytes = vec![3_u8; 2 * PIECE];
        let package = pack(&key.recipient(), &contents("内容", &[&bytes]), &[&bytes]);
        assert!(open(&package, &key).is_ok());
        for at in (0..package.len()).step_by(9_973) {
            let mut changed = package.clone();
            changed[at] ^= 1;
            assert!(open(&changed, &key).is_err(), "changed at {at}");
            assert!(open(&package[..at], &key).is_err(), "cut at {at}");
        }
        // Whole pieces left out at the end, or one put behind it.
        for left in 1..4 {
            assert!(open(&package[..BOX_HEADER + left * SEALED_PIECE], &key).is_err(), "{left}");
        }
        let longer = [&package[..], &package[BOX_HEADER..BOX_HEADER + SEALED_PIECE]].concat();
        assert!(open(&longer, &key).is_err());
        assert!(open(&[&package[..], &[0]].concat(), &key).is_err());
    }

    #[test]
    fn a_file_that_is_not_what_was_announced_is_found() {
        let key = RecipientKey::draw();
        let announced = contents("内容", &[b"one"]);
        let package = pack(&key.recipient(), &announced, &[b"two"]);
        assert!(matches!(open(&package, &key), Err(OpenError::File(1))));
        let (mut packing, _) = Packing::begin(&key.recipient(), &announced).unwrap();
        assert!(packing.fill().is_err(), "less than announced");
        assert!(packing.add(b"more").is_err());
    }

    #[test]
    fn the_size_tells_only_a_power_of_two() {
        let to = RecipientKey::draw().recipient();
        let size = |what: &str| pack(&to, &contents(what, &[]), &[]).len();
        let longest = "长".repeat(5_000);
        assert_eq!(size("短"), size(&longest), "reports without files all look alike");
        assert_eq!(size("短"), BOX_HEADER + SEALED_PIECE);
        let with = |bytes: usize| {
            let bytes = vec![1; bytes];
            (pack(&to, &contents("短", &[&bytes]), &[&bytes]).len() - BOX_HEADER) / SEALED_PIECE
        };
        assert_eq!([with(1), with(PIECE), with(3 * PIECE), with(5 * PIECE)], [1, 2, 4, 8]);
    }
}
