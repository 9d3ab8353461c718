//! The key file on disk: private, whole, and there after a power cut.

use crate::VaultError;
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Larger than any key file; keeps a wrong path from filling memory.
const LIMIT: u64 = 1 << 20;

/// The key file of a folder.
pub(crate) fn path(dir: &Path) -> PathBuf {
    dir.join("keys.json")
}

/// Makes the folder with mode 0700 if it is not there.
pub(crate) fn make_dir(dir: &Path) -> Result<(), VaultError> {
    if fs::symlink_metadata(dir).is_ok() {
        return check_dir(dir);
    }
    DirBuilder::new().mode(0o700).recursive(true).create(dir).map_err(VaultError::io(dir))?;
    // The process mask may have taken bits away; it cannot have added any.
    fs::set_permissions(dir, Permissions::from_mode(0o700)).map_err(VaultError::io(dir))?;
    let parent = dir.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    sync_dir(parent)
}

/// A real folder that only its owner may write: whoever may write it may swap the key file.
pub(crate) fn check_dir(dir: &Path) -> Result<(), VaultError> {
    let meta = fs::symlink_metadata(dir).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => VaultError::Missing(path(dir)),
        _ => VaultError::Io { path: dir.to_owned(), source: error },
    })?;
    if !meta.is_dir() {
        return Err(VaultError::NotPlain(dir.to_owned()));
    }
    match meta.mode() & 0o7777 {
        mode if mode & 0o022 != 0 => Err(VaultError::Exposed { path: dir.to_owned(), mode, mend: 0o700 }),
        _ => Ok(()),
    }
}

/// Content of a file only its owner may read.
pub(crate) fn read_private(path: &Path) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    let named = fs::symlink_metadata(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => VaultError::Missing(path.to_owned()),
        _ => VaultError::Io { path: path.to_owned(), source: error },
    })?;
    if !named.is_file() {
        return Err(VaultError::NotPlain(path.to_owned()));
    }
    let file = File::open(path).map_err(VaultError::io(path))?;
    let meta = file.metadata().map_err(VaultError::io(path))?;
    // Between the look and the opening somebody may have put a link there.
    if (meta.dev(), meta.ino()) != (named.dev(), named.ino()) {
        return Err(VaultError::NotPlain(path.to_owned()));
    }
    let mode = meta.mode() & 0o7777;
    if mode & 0o077 != 0 {
        return Err(VaultError::Exposed { path: path.to_owned(), mode, mend: 0o600 });
    }
    if meta.len() > LIMIT {
        return Err(VaultError::Damaged("文件过大"));
    }
    let mut bytes = Zeroizing::new(Vec::with_capacity(meta.len() as usize + 1));
    file.take(LIMIT).read_to_end(&mut bytes).map_err(VaultError::io(path))?;
    Ok(bytes)
}

/// Replaces the key file: a file beside it, fsync, rename, fsync of the folder. After a crash at any point the
/// old or the new content is there, whole. What a crash leaves beside it is never read, and removed here.
pub(crate) fn write_private(dir: &Path, bytes: &[u8]) -> Result<(), VaultError> {
    let beside = dir.join("keys.json.new");
    match fs::remove_file(&beside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(VaultError::io(&beside)(error)),
        _ => {}
    }
    let write = || {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside)?;
        file.set_permissions(Permissions::from_mode(0o600))?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&beside, path(dir))
    };
    write().map_err(VaultError::io(&path(dir)))?;
    sync_dir(dir)
}

fn sync_dir(dir: &Path) -> Result<(), VaultError> {
    File::open(dir).and_then(|dir| dir.sync_all()).map_err(VaultError::io(dir))
}

/// Holds off other processes that change the keys, until dropped or the process ends. Locks the folder itself:
/// there is no lock file to be left over.
pub(crate) fn lock(dir: &Path) -> Result<File, VaultError> {
    let held = File::open(dir).map_err(VaultError::io(dir))?;
    held.lock().map_err(VaultError::io(dir))?;
    Ok(held)
}

/// What is wrong with permissions, for `daylight doctor`; softer than what opening refuses.
pub(crate) fn findings(dir: &Path) -> Vec<String> {
    let mut found = Vec::new();
    if let Ok(meta) = fs::metadata(dir)
        && meta.mode() & 0o077 != 0
    {
        let mode = meta.mode() & 0o7777;
        found.push(format!("密钥目录 {0} 的权限是 {mode:o}，建议执行：chmod 700 {0}", dir.display()));
    }
    if dir.join("keys.json.new").exists() {
        found.push(format!(
            "{} 中有上次写入中断留下的 keys.json.new，下次轮换密钥时会自动清除。",
            dir.display()
        ));
    }
    found
}
