//! The keys, and how they are written down.

use crate::envelope::join;
use crate::{Bytes32, Suite, VaultError, random};
use data_encoding::{BASE64, HEXLOWER};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;
use std::sync::Arc;
use zeroize::Zeroizing;

/// Whether a data key seals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Seals and opens. There is exactly one.
    Active,
    /// Only opens.
    Retired,
}

/// A data key. Its `Debug` shows the fingerprint, never the key.
pub struct Key {
    id: u32,
    created: i64,
    status: Status,
    secret: Bytes32,
}

impl Key {
    pub(crate) fn new(id: u32, created: i64) -> Self {
        Self { id, created, status: Status::Active, secret: random() }
    }

    /// Number of the key, from 1, never given twice.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// When it was made, in seconds since 1970 (UTC), by the caller's clock.
    pub fn created(&self) -> i64 {
        self.created
    }

    /// Whether it seals.
    pub fn status(&self) -> Status {
        self.status
    }

    /// First 8 hexadecimal digits of a SHA-256 over id and key. Tells which key file belongs to a backup;
    /// tells nothing about the key.
    pub fn fingerprint(&self) -> String {
        fingerprint(b"daylight/vault/data-key-fingerprint", self.id, &self.secret)
    }

    pub(crate) fn secret(&self) -> &Bytes32 {
        &self.secret
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({}, {:?}, {})", self.id, self.status, self.fingerprint())
    }
}

fn fingerprint(domain: &[u8], id: u32, secret: &Bytes32) -> String {
    let text = Zeroizing::new(join(domain, &[&id.to_be_bytes(), &secret[..]]));
    HEXLOWER.encode(&Sha256::digest(&text[..])[..4])
}

/// All keys at one moment. A change makes a new ring.
pub(crate) struct Ring {
    /// In order of their numbers; the last is the active one.
    pub keys: Vec<Arc<Key>>,
    pub index: Bytes32,
}

impl Ring {
    pub fn new(now: i64) -> Self {
        Self { keys: vec![Arc::new(Key::new(1, now))], index: random() }
    }

    pub fn active(&self) -> &Key {
        self.keys.last().expect("a ring is never empty: Ring::new makes a key, Ring::read asks for one")
    }

    pub fn get(&self, id: u32) -> Option<&Arc<Key>> {
        self.keys.iter().find(|key| key.id == id)
    }

    pub fn index_fingerprint(&self) -> String {
        fingerprint(b"daylight/vault/index-key-fingerprint", 0, &self.index)
    }

    /// The same with a new active key.
    pub fn rotated(&self, now: i64) -> Result<Self, VaultError> {
        let id = self.active().id.checked_add(1).ok_or(VaultError::Damaged("密钥编号已用尽"))?;
        let retire = |key: &Arc<Key>| {
            let Key { id, created, ref secret, .. } = **key;
            Arc::new(Key { id, created, status: Status::Retired, secret: secret.clone() })
        };
        let mut keys: Vec<Arc<Key>> = self.keys.iter().map(retire).collect();
        keys.push(Arc::new(Key::new(id, now)));
        Ok(Self { keys, index: self.index.clone() })
    }

    pub fn without(&self, id: u32) -> Self {
        let keys = self.keys.iter().filter(|key| key.id != id).cloned().collect();
        Self { keys, index: self.index.clone() }
    }

    pub fn write(&self, master: Option<&Bytes32>) -> Zeroizing<Vec<u8>> {
        let data = |key: &Arc<Key>| Written {
            id: key.id,
            created: key.created,
            status: key.status,
            fingerprint: key.fingerprint(),
            key: Hidden::write(&key.secret, master, b"data", key.id, key.created),
        };
        let file = File {
            format: FORMAT.into(),
            wrapped: master.is_some(),
            index: WrittenIndex {
                fingerprint: self.index_fingerprint(),
                key: Hidden::write(&self.index, master, b"index", 0, 0),
            },
            keys: self.keys.iter().map(data).collect(),
        };
        // Room from the start: a growing buffer would leave copies of keys behind.
        let mut out = Zeroizing::new(Vec::with_capacity(1024 + 512 * self.keys.len()));
        serde_json::to_writer_pretty(&mut *out, &file).expect("plain fields always serialize");
        out
    }

    pub fn read(bytes: &[u8], master: Option<&Bytes32>) -> Result<Self, VaultError> {
        let file: File = serde_json::from_slice(bytes).map_err(|_| VaultError::Damaged("内容无法识别"))?;
        if file.format != FORMAT {
            return Err(VaultError::Damaged("版本不受支持"));
        }
        match (file.wrapped, master) {
            (true, None) => return Err(VaultError::NeedsMaster),
            (false, Some(_)) => return Err(VaultError::NotWrapped),
            _ => {}
        }
        let index = file.index.key.read(master, b"index", 0, 0)?;
        let mut keys = Vec::with_capacity(file.keys.len());
        for Written { id, created, status, fingerprint, key } in file.keys {
            let key = Key { id, created, status, secret: key.read(master, b"data", id, created)? };
            if key.fingerprint() != fingerprint {
                return Err(VaultError::Damaged("数据密钥与其指纹不符"));
            }
            keys.push(Arc::new(key));
        }
        let ring = Self { keys, index };
        if ring.index_fingerprint() != file.index.fingerprint {
            return Err(VaultError::Damaged("索引密钥与其指纹不符"));
        }
        ring.sound().then_some(ring).ok_or(VaultError::Damaged("数据密钥的编号或状态不合规则"))
    }

    /// Numbers rise, and the last key alone is active.
    pub fn sound(&self) -> bool {
        let active = |key: &Arc<Key>| key.status == Status::Active;
        self.keys.is_sorted_by(|a, b| a.id < b.id)
            && self.keys.last().is_some_and(active)
            && self.keys.iter().filter(|key| active(key)).count() == 1
    }
}

const FORMAT: &str = "daylight-keys-1";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    format: String,
    /// Whether the keys are encrypted under a master key.
    wrapped: bool,
    index: WrittenIndex,
    keys: Vec<Written>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenIndex {
    fingerprint: String,
    key: Hidden,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    id: u32,
    created: i64,
    status: Status,
    fingerprint: String,
    key: Hidden,
}

/// A key as Base64, wrapped or not; wiped when dropped.
struct Hidden(Zeroizing<String>);

impl Hidden {
    fn aad(kind: &[u8], id: u32, created: i64) -> Vec<u8> {
        join(b"daylight/vault/wrap", &[kind, &id.to_be_bytes(), &created.to_be_bytes()])
    }

    fn write(secret: &Bytes32, master: Option<&Bytes32>, kind: &[u8], id: u32, created: i64) -> Self {
        let text = match master {
            None => BASE64.encode(&secret[..]),
            Some(master) => {
                BASE64.encode(&Suite::CURRENT.encrypt(master, &Self::aad(kind, id, created), &secret[..]))
            }
        };
        Self(Zeroizing::new(text))
    }

    fn read(
        self,
        master: Option<&Bytes32>,
        kind: &[u8],
        id: u32,
        created: i64,
    ) -> Result<Bytes32, VaultError> {
        let damaged = VaultError::Damaged("密钥不是 32 字节的 Base64");
        let Ok(bytes) = BASE64.decode(self.0.as_bytes()).map(Zeroizing::new) else {
            return Err(damaged);
        };
        let bytes = match master {
            None => bytes,
            Some(master) => {
                let aad = Self::aad(kind, id, created);
                Zeroizing::new(Suite::CURRENT.decrypt(master, &aad, &bytes).ok_or(VaultError::WrongMaster)?)
            }
        };
        <[u8; 32]>::try_from(&bytes[..]).map(Zeroizing::new).map_err(|_| damaged)
    }
}

impl Serialize for Hidden {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Hidden {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(Zeroizing::new(String::deserialize(deserializer)?)))
    }
}
