//! Uploaded files at rest. They hold citizen ids, so no byte of them lies on the disk in the clear
//! except while they are read.
//!
//! A file is sealed in pieces as it arrives, so memory does not grow with it. Each piece is bound to
//! its folder, file and number; how many there are, and the digest of the whole, stand in the
//! database: a piece that is changed, moved, swapped or missing is found.

use crate::{imports::read::Input, web::App};
use daylight_vault::{Place, Vault};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{
    fs,
    io::{self, Read, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

/// Bytes sealed at once.
const PIECE: usize = 1 << 20;
/// What sealing adds to a piece is far below this.
const LARGEST_SEALED: usize = PIECE + 1024;
/// Plaintext lies here while it is read.
const OPEN: &str = ".open";

/// A sealed file, as the database remembers it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stored {
    /// What the clerk calls it.
    pub name: String,
    /// Bytes of it.
    pub size: u64,
    /// SHA-256 of it, in hex.
    pub sha256: String,
    /// Sealed pieces.
    pub pieces: u64,
}

/// Why a sealed file cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum SealedError {
    /// It is not what was uploaded.
    #[error("{0}：服务器上保存的文件与上传时不一致，不能收录。请重新上传。")]
    Changed(String),
    /// The disk failed.
    #[error("服务器上的文件读不出来。请重新上传；仍然不行请联系技术人员检查磁盘。")]
    Disk(#[from] io::Error),
}

fn root(app: &App) -> PathBuf {
    app.config.data.join("imports")
}

fn random_name() -> String {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).expect("the system's random numbers");
    data_encoding::HEXLOWER.encode(&bytes)
}

fn private_folder(path: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

fn private_file(path: &Path) -> io::Result<fs::File> {
    fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

fn place(folder: &str, file: usize, piece: u64) -> Place {
    Place::new("imports", format!("{folder}/{file}/{piece}"), "file")
}

/// The sealed files of one upload. Dropped without [`Upload::keep`], they are gone.
#[derive(Debug)]
pub struct Upload {
    name: String,
    path: PathBuf,
    /// What has been sealed so far.
    pub files: Vec<Stored>,
    kept: bool,
}

impl Upload {
    /// An empty folder for one upload.
    pub fn begin(app: &App) -> io::Result<Upload> {
        let name = random_name();
        let path = root(app).join(&name);
        private_folder(&path)?;
        Ok(Upload { name, path, files: Vec::new(), kept: false })
    }

    /// Begins the next file.
    pub fn file(&self, name: &str) -> io::Result<Sealing> {
        let number = self.files.len();
        let part = self.path.join(format!("{number}.part"));
        let file = private_file(&part)?;
        let stored = Stored { name: name.to_owned(), size: 0, sha256: String::new(), pieces: 0 };
        let target = self.path.join(format!("{number}.sealed"));
        let folder = self.name.clone();
        Ok(Sealing { file, part, target, folder, number, stored, digest: Sha256::new(), waiting: Vec::new() })
    }

    /// Makes the folder durable and keeps it. Returns its name.
    pub fn keep(mut self) -> io::Result<(String, Vec<Stored>)> {
        fs::File::open(&self.path)?.sync_all()?;
        if let Some(above) = self.path.parent() {
            fs::File::open(above)?.sync_all()?;
        }
        self.kept = true;
        Ok((std::mem::take(&mut self.name), std::mem::take(&mut self.files)))
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        if !self.kept {
            drop(fs::remove_dir_all(&self.path));
        }
    }
}

/// One file on its way to the disk.
#[derive(Debug)]
pub struct Sealing {
    file: fs::File,
    part: PathBuf,
    target: PathBuf,
    folder: String,
    number: usize,
    stored: Stored,
    digest: Sha256,
    waiting: Vec<u8>,
}

impl Sealing {
    /// Takes what has arrived. Returns how much there is so far.
    pub fn write(&mut self, vault: &Vault, bytes: &[u8]) -> io::Result<u64> {
        self.digest.update(bytes);
        self.stored.size += bytes.len() as u64;
        self.waiting.extend_from_slice(bytes);
        while self.waiting.len() >= PIECE {
            let rest = self.waiting.split_off(PIECE);
            let piece = std::mem::replace(&mut self.waiting, rest);
            self.seal(vault, &piece)?;
        }
        Ok(self.stored.size)
    }

    fn seal(&mut self, vault: &Vault, piece: &[u8]) -> io::Result<()> {
        let sealed = vault.seal(&place(&self.folder, self.number, self.stored.pieces), piece);
        let length = u32::try_from(sealed.len()).map_err(io::Error::other)?;
        self.file.write_all(&length.to_be_bytes())?;
        self.file.write_all(&sealed)?;
        self.stored.pieces += 1;
        Ok(())
    }

    /// Seals the rest and makes the file durable.
    pub fn finish(mut self, vault: &Vault) -> io::Result<Stored> {
        let rest = std::mem::take(&mut self.waiting);
        if !rest.is_empty() {
            self.seal(vault, &rest)?;
        }
        self.file.sync_all()?;
        fs::rename(&self.part, &self.target)?;
        self.stored.sha256 = data_encoding::HEXLOWER.encode(&self.digest.finalize());
        Ok(self.stored)
    }
}

/// Files in the clear, for as long as this value lives.
#[derive(Debug)]
pub struct Opened {
    folder: PathBuf,
    /// Held by this process: a sweep takes only what nobody holds.
    lock: fs::File,
    lock_path: PathBuf,
    /// The files, under the clerk's names.
    pub inputs: Vec<Input>,
}

impl Drop for Opened {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.folder));
        drop(fs::remove_file(&self.lock_path));
        drop(self.lock.unlock());
    }
}

/// Unseals the files of an upload. Blocks.
pub fn open(app: &App, folder: &str, files: &[Stored]) -> Result<Opened, SealedError> {
    let open = root(app).join(OPEN);
    private_folder(&open)?;
    let name = random_name();
    let lock_path = open.join(format!("{name}.lock"));
    let lock = private_file(&lock_path)?;
    lock.lock()?;
    let mut opened = Opened { folder: open.join(name), lock, lock_path, inputs: Vec::new() };
    private_folder(&opened.folder)?;
    for (number, stored) in files.iter().enumerate() {
        // The ending tells text from workbook; the rest of the name is the clerk's and no path of ours.
        let ending = Path::new(&stored.name).extension().and_then(|ending| ending.to_str());
        let ending = ending.filter(|ending| ending.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        let path = opened.folder.join(format!("{number}.{}", ending.unwrap_or("dat").to_lowercase()));
        let sealed = root(app).join(folder).join(format!("{number}.sealed"));
        unseal(&app.vault, &sealed, folder, number, stored, &path)?;
        opened.inputs.push(Input { path, name: stored.name.clone() });
    }
    Ok(opened)
}

fn unseal(
    vault: &Vault,
    sealed: &Path,
    folder: &str,
    number: usize,
    stored: &Stored,
    to: &Path,
) -> Result<(), SealedError> {
    let changed = || SealedError::Changed(stored.name.clone());
    let mut from = io::BufReader::new(fs::File::open(sealed)?);
    let mut to = private_file(to)?;
    let mut digest = Sha256::new();
    for piece in 0..stored.pieces {
        let mut length = [0_u8; 4];
        from.read_exact(&mut length).map_err(|_| changed())?;
        let length = u32::from_be_bytes(length) as usize;
        if length > LARGEST_SEALED {
            return Err(changed());
        }
        let mut bytes = vec![0_u8; length];
        from.read_exact(&mut bytes).map_err(|_| changed())?;
        let plain = vault.unseal(&place(folder, number, piece), &bytes).map_err(|_| changed())?;
        digest.update(plain.as_bytes());
        to.write_all(plain.as_bytes())?;
    }
    if data_encoding::HEXLOWER.encode(&digest.finalize()) != stored.sha256 {
        return Err(changed());
    }
    Ok(())
}

/// Removes the sealed files of an upload.
pub fn remove(app: &App, folder: &str) {
    // The name is ours, but it came back from a table.
    if folder.len() == 32 && folder.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        drop(fs::remove_dir_all(root(app).join(folder)));
    }
}

/// Removes what an interrupted process left: plaintext that nobody holds, and sealed folders older
/// than a day of which the database knows nothing. Blocks.
pub fn sweep(app: &App, in_use: &[String]) -> io::Result<()> {
    let root = root(app);
    private_folder(&root.join(OPEN))?;
    for entry in fs::read_dir(root.join(OPEN))? {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending == "lock")
            && fs::File::open(&path).is_ok_and(|lock| lock.try_lock().is_ok())
        {
            drop(fs::remove_dir_all(path.with_extension("")));
            fs::remove_file(&path)?;
        }
    }
    let now = u64::try_from(app.clock.now()).unwrap_or(0);
    for entry in fs::read_dir(&root)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let touched = entry.metadata()?.modified()?.duration_since(std::time::UNIX_EPOCH);
        let touched = touched.map_or(u64::MAX, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX));
        if !in_use.contains(&name) && touched.saturating_add(24 * 3_600_000) < now {
            remove(app, &name);
        }
    }
    Ok(())
}
