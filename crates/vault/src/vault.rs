//! The vault: a ring of keys and the file it lives in.

use crate::envelope::Header;
use crate::ring::{Key, Ring};
use crate::{Bytes32, Place, Purpose, Secret, Suite, VaultError, file, index};
use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use zeroize::Zeroizing;

/// The keys of one installation. Share it behind an `Arc`; every method takes `&self`.
///
/// Without a master key the key file holds the keys themselves, and its protection is its mode and its place
/// apart from the data. With one, they are encrypted under it, and the file alone opens nothing.
pub struct Vault {
    dir: PathBuf,
    /// Held while the file is read or written, so that no older reading replaces a newer one in memory.
    master: Mutex<Option<Bytes32>>,
    ring: RwLock<Arc<Ring>>,
}

impl Vault {
    /// Makes `dir/keys.json` with a first data key made at `now` (seconds since 1970, UTC). The folder is made
    /// if it is not there.
    ///
    /// # Errors
    /// [`VaultError::Exists`] rather than write over keys.
    pub fn create(dir: &Path, now: i64) -> Result<Self, VaultError> {
        Self::create_with_master(dir, None, now)
    }

    /// [`Vault::create`], wrapped under a master key if one is given.
    ///
    /// # Errors
    /// As [`Vault::create`].
    pub fn create_with_master(dir: &Path, master: Option<&[u8; 32]>, now: i64) -> Result<Self, VaultError> {
        file::make_dir(dir)?;
        let _held = file::lock(dir)?;
        let path = file::path(dir);
        if path.symlink_metadata().is_ok() {
            return Err(VaultError::Exists(path));
        }
        let ring = Ring::new(now);
        let master = master.map(|master| Zeroizing::new(*master));
        file::write_private(dir, &ring.write(master.as_ref()))?;
        Ok(Self { dir: dir.to_owned(), master: Mutex::new(master), ring: RwLock::new(Arc::new(ring)) })
    }

    /// Opens `dir/keys.json`, which must not be wrapped.
    ///
    /// # Errors
    /// When the file is not there, may be read by others, is a symbolic link, is damaged, or is wrapped.
    pub fn open(dir: &Path) -> Result<Self, VaultError> {
        Self::open_with_master(dir, None)
    }

    /// Opens `dir/keys.json`, wrapped under this master key if one is given. See [`crate::Master`] for reading
    /// it from the environment or a file.
    ///
    /// # Errors
    /// As [`Vault::open`]; also when the master key is wrong, or the file is not wrapped though one was given
    /// (somebody may have put a file of his own there).
    pub fn open_with_master(dir: &Path, master: Option<&[u8; 32]>) -> Result<Self, VaultError> {
        let master = master.map(|master| Zeroizing::new(*master));
        let ring = Arc::new(read(dir, master.as_ref())?);
        Ok(Self { dir: dir.to_owned(), master: Mutex::new(master), ring: RwLock::new(ring) })
    }

    /// The folder of the key file.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Seals a value for one place, under the active key. Twice the same value gives different bytes.
    ///
    /// # Panics
    /// When the operating system gives no random bytes.
    pub fn seal(&self, at: &Place, plaintext: &[u8]) -> Vec<u8> {
        let ring = self.ring();
        let key = ring.active();
        let header = Header { suite: Suite::CURRENT, key: key.id() };
        let mut out = header.bytes().to_vec();
        out.extend(header.suite.encrypt(key.secret(), &header.aad(at), plaintext));
        out
    }

    /// Opens a value sealed for this place.
    ///
    /// A key not in memory is looked for once more in the file: another process may have rotated.
    ///
    /// # Errors
    /// [`VaultError::NotAuthentic`] when it was changed or moved, [`VaultError::UnknownKey`],
    /// [`VaultError::Malformed`].
    pub fn unseal(&self, at: &Place, sealed: &[u8]) -> Result<Secret, VaultError> {
        let (header, body) = Header::read(sealed)?;
        let key = self.key(header.key)?;
        let plain = header.suite.decrypt(key.secret(), &header.aad(at), body);
        plain.map(Secret::new).ok_or(VaultError::NotAuthentic)
    }

    /// Whether a value is not under the active key and the current suite. True for what is no sealed value,
    /// so that [`Vault::reseal`] meets it and says so.
    pub fn needs_reseal(&self, sealed: &[u8]) -> bool {
        match Header::read(sealed) {
            Ok((header, _)) => header.suite != Suite::CURRENT || header.key != self.ring().active().id(),
            Err(_) => true,
        }
    }

    /// The same value under the active key.
    ///
    /// # Errors
    /// As [`Vault::unseal`].
    pub fn reseal(&self, at: &Place, sealed: &[u8]) -> Result<Vec<u8>, VaultError> {
        Ok(self.seal(at, self.unseal(at, sealed)?.as_bytes()))
    }

    /// Number of the key a value is sealed under, for collecting what [`Vault::forget`] asks.
    ///
    /// # Errors
    /// [`VaultError::Malformed`].
    pub fn key_id_of(sealed: &[u8]) -> Result<u32, VaultError> {
        Header::read(sealed).map(|(header, _)| header.key)
    }

    /// The blind index of a value: HMAC-SHA256 under a key of its own for each purpose. The caller brings the
    /// value to its one canonical spelling first, else equal values do not meet.
    ///
    /// The index master never changes, also when data keys rotate. An index is found by computing it again,
    /// so under a new key no old row would be found until all rows were computed anew, and that needs every
    /// value opened at once. Rotation guards against a data key wearing out or leaking with old backups; an
    /// index opens nothing. Whoever holds the index master can still try all phones or ids until one fits:
    /// after a theft of the key file, rebuild under a new installation's keys.
    pub fn blind(&self, purpose: Purpose, canonical: &str) -> [u8; 32] {
        index::blind(&self.ring().index, purpose, canonical)
    }

    /// Adds a data key made at `now` (seconds since 1970, UTC), which seals from here on, and retires the one
    /// before. On disk before it is used. Returns its number.
    ///
    /// # Errors
    /// When the key file cannot be read or written; this process then goes on with the keys it has.
    pub fn rotate(&self, now: i64) -> Result<u32, VaultError> {
        self.change(|ring| ring.rotated(now)).map(|ring| ring.active().id())
    }

    /// Destroys a retired key: values still under it can never be read again, by anyone.
    ///
    /// `used` must hold the number of every key that some stored value names ([`Vault::key_id_of`]). Collect
    /// it in the process that seals, or with the server stopped: a server that has not seen the last rotation
    /// (see [`Vault::reload`]) would go on sealing under the retired key. Old blocks of the disk and copies of
    /// the file may still hold the key; destroy those too where it matters.
    ///
    /// # Errors
    /// [`VaultError::StillActive`], [`VaultError::StillUsed`], [`VaultError::UnknownKey`].
    pub fn forget(&self, key_id: u32, used: &BTreeSet<u32>) -> Result<(), VaultError> {
        let without = |ring: &Ring| {
            if ring.get(key_id).is_none() {
                Err(VaultError::UnknownKey(key_id))
            } else if ring.active().id() == key_id {
                Err(VaultError::StillActive(key_id))
            } else if used.contains(&key_id) {
                Err(VaultError::StillUsed(key_id))
            } else {
                Ok(ring.without(key_id))
            }
        };
        self.change(without).map(|_| ())
    }

    /// Writes the same keys under another master key, or under none. Until the operator hands the new one to
    /// the next start, only this process can open the file.
    ///
    /// # Errors
    /// When the key file cannot be read or written; this process then goes on with the keys it has.
    pub fn change_master(&self, master: Option<&[u8; 32]>) -> Result<(), VaultError> {
        let mut held = self.master();
        let _lock = file::lock(&self.dir)?;
        let ring = self.read_again(held.as_ref())?;
        let master = master.map(|master| Zeroizing::new(*master));
        file::write_private(&self.dir, &ring.write(master.as_ref()))?;
        *held = master;
        self.set(ring);
        Ok(())
    }

    /// Reads the key file again, after another process changed it.
    ///
    /// # Errors
    /// As [`Vault::open_with_master`]; the keys in memory stay as they were.
    pub fn reload(&self) -> Result<(), VaultError> {
        let held = self.master();
        let ring = self.read_again(held.as_ref())?;
        self.set(ring);
        Ok(())
    }

    /// The data keys in order of their numbers; the last is active.
    pub fn keys(&self) -> Vec<Arc<Key>> {
        self.ring().keys.clone()
    }

    /// Fingerprint of the index master, as [`Key::fingerprint`]. It never changes, so it names the key file.
    pub fn index_fingerprint(&self) -> String {
        self.ring().index_fingerprint()
    }

    /// What `daylight doctor` should tell, each with what to do. Empty: all is well.
    pub fn check(&self) -> Vec<String> {
        let mut found = file::findings(&self.dir);
        let ring = self.ring();
        let disk = self.read_again(self.master().as_ref());
        match disk {
            Err(error) => found.push(error.to_string()),
            Ok(disk) if !disk.keys.iter().map(|key| key.id()).eq(ring.keys.iter().map(|key| key.id())) => {
                found.push("密钥文件已更新，但程序还在使用旧的密钥。请重新启动服务。".into());
            }
            Ok(_) => {}
        }
        if !ring.sound() {
            found.push("没有可用的数据密钥。请用密钥文件的备份替换。".into());
        }
        if ring.keys.len() > 8 {
            found.push(format!("共有 {} 把数据密钥。请完成重新加密，再销毁不用的旧密钥。", ring.keys.len()));
        }
        found
    }

    fn master(&self) -> MutexGuard<'_, Option<Bytes32>> {
        self.master.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The file as it stands now, if it is still the one that was opened.
    fn read_again(&self, master: Option<&Bytes32>) -> Result<Ring, VaultError> {
        let ring = read(&self.dir, master)?;
        if ring.index_fingerprint() != self.index_fingerprint() {
            return Err(VaultError::Swapped(file::path(&self.dir)));
        }
        Ok(ring)
    }

    fn ring(&self) -> Arc<Ring> {
        self.ring.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, ring: Ring) -> Arc<Ring> {
        let ring = Arc::new(ring);
        *self.ring.write().unwrap_or_else(PoisonError::into_inner) = ring.clone();
        ring
    }

    fn key(&self, id: u32) -> Result<Arc<Key>, VaultError> {
        if let Some(key) = self.ring().get(id) {
            return Ok(key.clone());
        }
        // Whatever hinders the reading, what the caller lacks is this key.
        let _ = self.reload();
        self.ring().get(id).cloned().ok_or(VaultError::UnknownKey(id))
    }

    /// Changes what stands on disk, not what this process remembers: of two processes that rotate, neither
    /// may lose the other's key.
    fn change(
        &self,
        change: impl FnOnce(&Ring) -> Result<Ring, VaultError>,
    ) -> Result<Arc<Ring>, VaultError> {
        let held = self.master();
        let _lock = file::lock(&self.dir)?;
        let ring = change(&self.read_again(held.as_ref())?)?;
        file::write_private(&self.dir, &ring.write(held.as_ref()))?;
        Ok(self.set(ring))
    }
}

fn read(dir: &Path, master: Option<&Bytes32>) -> Result<Ring, VaultError> {
    file::check_dir(dir)?;
    Ring::read(&file::read_private(&file::path(dir))?, master)
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vault").field("dir", &self.dir).field("keys", &self.keys()).finish_non_exhaustive()
    }
}
