//! The one file of a backup: a plain tar with the data first and a manifest last.
//!
//! ```text
//! daylight.db            the database as it stood at one moment (or daylight.dump of PostgreSQL)
//! imports/… uploads/…    files beside it
//! manifest.json          what is inside with SHA-256 of each, schema, the keys that are needed, and its own seal
//! ```
//! The manifest is written last, in one pass with the data, so a backup that was cut off has none. Any
//! tar program opens it. Keys are never inside; the manifest's seal needs them, so that whoever has a backup and not the
//! keys cannot make another one of it that would be brought back.

use crate::outcome::{Outcome, Stop, file_error};
use daylight_app::{audit::head::Head, ops};
use daylight_vault::{Purpose, Vault};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{
    fs::File,
    io::{self, BufReader, BufWriter, Read, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Component, Path, PathBuf},
};

/// The form of this file.
pub const FORMAT: &str = "daylight-backup-1";
/// Name of the manifest.
const MANIFEST: &str = "manifest.json";
/// Name of the embedded database inside.
pub const DATABASE: &str = "daylight.db";
/// Name of PostgreSQL's dump inside.
pub const DUMP: &str = "daylight.dump";
/// A manifest is small; a wrong file must not fill memory.
const LARGEST_MANIFEST: u64 = 64 << 20;

/// What a backup says about itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// [`FORMAT`].
    pub format: String,
    /// Version of the program that wrote it.
    pub program: String,
    /// Milliseconds since 1970 UTC.
    pub made_at: i64,
    /// "sqlite" or "postgres".
    pub engine: String,
    /// The keys that open its sealed fields.
    pub keys: Keys,
    /// Where the audit trail stood shortly before.
    #[serde(default)]
    pub head: Option<Head>,
    /// What is inside.
    pub members: Vec<Member>,
    /// Keyed hash of all that, in hex.
    #[serde(default)]
    pub seal: String,
}

/// What the seal of a manifest is for.
const SEAL: Purpose = Purpose("backup-manifest");

impl Manifest {
    /// The seal that these keys put on it.
    fn sealed(&self, vault: &Vault) -> String {
        let bare = Manifest { seal: String::new(), ..self.clone() };
        let text = serde_json::to_string(&bare).expect("plain data serializes");
        data_encoding::HEXLOWER.encode(&vault.blind(SEAL, &text))
    }

    /// Refuses what these keys did not seal: made with others, without any, or changed since.
    pub fn hold(&self, vault: &Vault) -> Outcome {
        let (needed, held) = (&self.keys.index, vault.index_fingerprint());
        if *needed != held {
            return Err(Stop::refused(format!(
                "密钥文件与备份不配套：备份需要索引密钥指纹为 {needed} 的密钥文件，现在这个是 {held}。没有恢复任何内容。"
            )));
        }
        match self.seal == self.sealed(vault) {
            true => Ok(()),
            false => Err(Stop::refused(
                "备份清单的签封不对：清单不是用这套密钥写的，或备份被改动过。这个备份不可信，没有恢复任何内容。请换另一份备份。",
            )),
        }
    }
}

/// Fingerprints of keys; they tell nothing about the keys themselves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keys {
    /// Of the index key, which names the key file.
    pub index: String,
    /// Number and fingerprint of each data key at that time.
    pub data: Vec<(u32, String)>,
}

/// A file inside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Path within the data folder.
    pub name: String,
    /// Bytes.
    pub bytes: u64,
    /// Hexadecimal.
    pub sha256: String,
}

/// A backup being written beside its final name.
pub struct Writing {
    tar: tar::Builder<BufWriter<File>>,
    beside: tempfile::TempPath,
    to: PathBuf,
    members: Vec<Member>,
    at: i64,
}

impl Writing {
    /// Begins.
    pub fn begin(to: &Path, at: i64) -> Outcome<Writing> {
        let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        // Made with mode 0600.
        let file = tempfile::Builder::new().prefix(".daylight-backup-").tempfile_in(folder);
        let (file, beside) = file.map_err(|error| file_error(to, &error))?.into_parts();
        let tar = tar::Builder::new(BufWriter::new(file));
        Ok(Writing { tar, beside, to: to.to_owned(), members: Vec::new(), at })
    }

    /// Adds a file under a name.
    pub fn add(&mut self, name: &str, path: &Path) -> Outcome {
        let file = File::open(path).map_err(|error| file_error(path, &error))?;
        let bytes = file.metadata().map_err(|error| file_error(path, &error))?.len();
        let mut content = Hashing { inner: file.take(bytes), hash: Sha256::new() };
        let mut header = header(bytes, self.at);
        let added = self.tar.append_data(&mut header, name, &mut content);
        added.map_err(|error| file_error(&self.to, &error))?;
        if content.inner.limit() > 0 {
            return Err(Stop::failed(format!("{} 在备份时变短了，请重新备份。", path.display())));
        }
        let sha256 = data_encoding::HEXLOWER.encode(&content.hash.finalize());
        self.members.push(Member { name: name.to_owned(), bytes, sha256 });
        Ok(())
    }

    /// Adds the files beside the database.
    pub fn add_folders(&mut self, data: &Path) -> Outcome {
        for folder in ops::FOLDERS {
            let mut waiting = vec![PathBuf::from(folder)];
            while let Some(inside) = waiting.pop() {
                let path = data.join(&inside);
                let Ok(entries) = std::fs::read_dir(&path) else { continue };
                let mut entries: Vec<_> = entries.filter_map(Result::ok).collect();
                entries.sort_by_key(std::fs::DirEntry::file_name);
                for entry in entries {
                    let Ok(kind) = entry.file_type() else { continue };
                    let name = entry.file_name();
                    // A dot: opened for reading just now, not data. ".part": not there yet.
                    let Some(name) = name.to_str().filter(|n| !n.starts_with('.') && !n.ends_with(".part"))
                    else {
                        continue;
                    };
                    let inside = inside.join(name);
                    if kind.is_dir() {
                        waiting.push(inside);
                    } else if kind.is_file() {
                        match self.add(&inside.display().to_string(), &entry.path()) {
                            // Decided and removed meanwhile: the database knows nothing of it either.
                            Err(_) if !entry.path().exists() => {}
                            added => added?,
                        }
                    }
                }
            }
        }
        Ok(())
    }

    /// Writes the manifest and gives the file its name.
    pub fn finish(
        mut self,
        engine: &str,
        keys: Keys,
        head: Option<Head>,
        vault: &Vault,
    ) -> Outcome<Manifest> {
        let mut manifest = Manifest {
            format: FORMAT.to_owned(),
            program: env!("CARGO_PKG_VERSION").to_owned(),
            made_at: self.at,
            engine: engine.to_owned(),
            keys,
            head,
            members: self.members,
            seal: String::new(),
        };
        manifest.seal = manifest.sealed(vault);
        let text = serde_json::to_vec_pretty(&manifest).expect("plain data serializes");
        let to = self.to;
        let failed = |error: io::Error| file_error(&to, &error);
        let mut header = header(text.len() as u64, self.at);
        self.tar.append_data(&mut header, MANIFEST, &text[..]).map_err(failed)?;
        let file = self
            .tar
            .into_inner()
            .and_then(|writer| writer.into_inner().map_err(io::IntoInnerError::into_error));
        file.and_then(|file| file.sync_all()).map_err(failed)?;
        self.beside.persist_noclobber(&to).map_err(|error| failed(error.error))?;
        let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)?;
        Ok(manifest)
    }
}

fn header(bytes: u64, at: i64) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.set_size(bytes);
    header.set_mode(0o600);
    header.set_mtime(u64::try_from(at / 1_000).unwrap_or(0));
    header.set_entry_type(tar::EntryType::Regular);
    header
}

struct Hashing<R> {
    inner: R,
    hash: Sha256,
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.hash.update(&buffer[..count]);
        Ok(count)
    }
}

fn broken(from: &Path, what: &str) -> Stop {
    Stop::refused(format!("备份文件 {} {what}，没有恢复任何内容。", from.display()))
}

/// The manifest alone: nothing is written.
pub fn manifest(from: &Path) -> Outcome<Manifest> {
    let broken = |what: &str| broken(from, what);
    let file = File::open(from).map_err(|error| file_error(from, &error))?;
    let mut tar = tar::Archive::new(BufReader::new(file));
    for entry in tar.entries_with_seek().map_err(|error| file_error(from, &error))? {
        let mut entry = entry.map_err(|_| broken("不完整或不是备份文件"))?;
        if entry.path().is_ok_and(|path| path == Path::new(MANIFEST)) {
            return read(&mut entry, &broken);
        }
    }
    Err(broken("不完整（没有清单）"))
}

fn read(entry: &mut impl Read, broken: &dyn Fn(&str) -> Stop) -> Outcome<Manifest> {
    let mut text = Vec::new();
    entry.take(LARGEST_MANIFEST).read_to_end(&mut text).map_err(|_| broken("不完整"))?;
    let manifest: Manifest = serde_json::from_slice(&text).map_err(|_| broken("的清单无法识别"))?;
    match manifest.format == FORMAT {
        true => Ok(manifest),
        false => Err(broken("由不兼容的版本写成")),
    }
}

/// Unpacks a backup into an empty folder and holds every file against the manifest that was held before.
pub fn unpack(from: &Path, into: &Path, held: &Manifest) -> Outcome {
    let broken = |what: &str| broken(from, what);
    let file = File::open(from).map_err(|error| file_error(from, &error))?;
    let mut tar = tar::Archive::new(BufReader::new(file));
    let (mut found, mut manifest) = (Vec::new(), None);
    for entry in tar.entries().map_err(|error| file_error(from, &error))? {
        let mut entry = entry.map_err(|_| broken("不完整或不是备份文件"))?;
        let name = entry.path().ok().and_then(|path| path.to_str().map(str::to_owned));
        let name = name.ok_or_else(|| broken("里有不认识的文件名"))?;
        if manifest.is_some() {
            return Err(broken("在清单之后还有内容"));
        }
        if name == MANIFEST {
            manifest = Some(read(&mut entry, &broken)?);
            continue;
        }
        if !entry.header().entry_type().is_file() || !belongs(&name) {
            return Err(broken("里有不属于备份的内容"));
        }
        found.push(write_out(&mut entry, name, into, &broken)?);
    }
    if manifest.as_ref() != Some(held) || found != held.members {
        return Err(broken("与自己的清单不符，可能被改动或损坏"));
    }
    Ok(())
}

fn write_out(
    entry: &mut impl Read,
    name: String,
    into: &Path,
    broken: &dyn Fn(&str) -> Stop,
) -> Outcome<Member> {
    let path = into.join(&name);
    let failed = |error: io::Error| file_error(&path, &error);
    if let Some(folder) = path.parent() {
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(failed)?;
    }
    let out = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
    let mut out = BufWriter::new(out.map_err(failed)?);
    let mut content = Hashing { inner: entry, hash: Sha256::new() };
    let (mut buffer, mut bytes) = (vec![0; 256 << 10], 0);
    loop {
        let count = content.read(&mut buffer).map_err(|_| broken("不完整"))?;
        if count == 0 {
            break;
        }
        out.write_all(&buffer[..count]).map_err(failed)?;
        bytes += count as u64;
    }
    let out = out.into_inner().map_err(|error| failed(error.into_error()))?;
    out.sync_all().map_err(failed)?;
    Ok(Member { name, bytes, sha256: data_encoding::HEXLOWER.encode(&content.hash.finalize()) })
}

/// Only what a backup may hold, and nothing that leads out of the folder.
fn belongs(name: &str) -> bool {
    let parts: Vec<_> = Path::new(name).components().collect();
    let plain = parts.iter().all(|part| matches!(part, Component::Normal(_)));
    let first = parts.first().and_then(|part| part.as_os_str().to_str()).unwrap_or_default();
    plain && (name == DATABASE || name == DUMP || (parts.len() > 1 && ops::FOLDERS.contains(&first)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_in_comes_out_and_a_changed_byte_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        std::fs::create_dir_all(data.join("imports/abc")).unwrap();
        std::fs::create_dir_all(data.join("imports/.open")).unwrap();
        std::fs::write(data.join("imports/abc/0.sealed"), b"sealed").unwrap();
        std::fs::write(data.join("imports/.open/0.csv"), b"in the clear").unwrap();
        std::fs::write(data.join("db"), b"a database").unwrap();
        let file = folder.path().join("b.tar");
        let mut writing = Writing::begin(&file, 1_000).unwrap();
        writing.add(DATABASE, &data.join("db")).unwrap();
        writing.add_folders(&data).unwrap();
        let vault = Vault::create(&folder.path().join("keys"), 0).unwrap();
        let keys = Keys { index: vault.index_fingerprint(), data: vec![(1, "44556677".into())] };
        let made = writing.finish("sqlite", keys, None, &vault).unwrap();
        assert_eq!(
            made.members.iter().map(|m| m.name.as_str()).collect::<Vec<_>>(),
            [DATABASE, "imports/abc/0.sealed"]
        );
        let out = folder.path().join("out");
        assert_eq!(manifest(&file).unwrap(), made);
        unpack(&file, &out, &made).unwrap();
        assert_eq!(std::fs::read(out.join("imports/abc/0.sealed")).unwrap(), b"sealed");
        let whole = std::fs::read(&file).unwrap();
        let at = whole.windows(10).position(|window| window == b"a database").unwrap();
        let mut changed = whole.clone();
        changed[at] ^= 1;
        for (number, bytes) in [changed, whole[..1_600].to_vec(), b"no tar".to_vec()].into_iter().enumerate()
        {
            std::fs::write(&file, bytes).unwrap();
            unpack(&file, &folder.path().join(format!("out{number}")), &made).unwrap_err();
        }
    }

    #[test]
    fn a_manifest_is_held_by_the_keys_that_sealed_it_and_only_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let vault = Vault::create(&folder.path().join("keys"), 0).unwrap();
        let other = Vault::create(&folder.path().join("other"), 0).unwrap();
        let member = Member { name: DATABASE.into(), bytes: 1, sha256: "00".into() };
        let mut made = Manifest {
            format: FORMAT.into(),
            program: "0".into(),
            made_at: 1,
            engine: "sqlite".into(),
            keys: Keys { index: vault.index_fingerprint(), data: Vec::new() },
            head: None,
            members: vec![member],
            seal: String::new(),
        };
        made.hold(&vault).unwrap_err();
        made.seal = made.sealed(&vault);
        made.hold(&vault).unwrap();
        made.hold(&other).unwrap_err();
        let index = other.index_fingerprint();
        Manifest { keys: Keys { index, ..made.keys.clone() }, ..made.clone() }.hold(&other).unwrap_err();
        Manifest { made_at: 2, ..made.clone() }.hold(&vault).unwrap_err();
        made.members[0].sha256 = "01".into();
        made.hold(&vault).unwrap_err();
    }

    #[test]
    fn nothing_leaves_the_folder() {
        for (name, may) in [
            ("daylight.db", true),
            ("imports/a/0.sealed", true),
            ("imports", false),
            ("imports/../../x", false),
            ("/etc/passwd", false),
            ("keys/keys.json", false),
        ] {
            assert_eq!(belongs(name), may, "{name}");
        }
    }
}
