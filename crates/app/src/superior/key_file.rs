//! The two files of a superior's key pair. The private one stays on the superior's machine.

use daylight_vault::{Recipient, RecipientKey};
use serde::{Deserialize, Serialize};

/// The public half: what this county configures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicFile {
    /// Whose it is: "安江市纪委监委".
    pub name: String,
    /// The key.
    pub recipient: Recipient,
}

/// The private half.
#[derive(Debug)]
pub struct PrivateFile {
    /// Whose it is.
    pub name: String,
    /// The key.
    pub key: RecipientKey,
}

/// Why a key file is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyFileError {
    /// Not of this program, or damaged.
    #[error("这不是上级密钥文件，或文件已损坏。")]
    Damaged,
    /// A private key where the public one is asked for.
    #[error(
        "这是私钥文件。私钥只能留在上级机关的电脑上：请立即从这里删除，换用以 .pub 结尾的公钥文件；上级宜重新生成密钥。"
    )]
    Private,
    /// The public key where the private one is asked for.
    #[error("这是公钥文件，打不开密封包。请换用上级机关自己保存的私钥文件。")]
    Public,
}

const VERSION: u32 = 1;
/// Characters of a superior's name.
pub const NAME: usize = 100;

#[derive(Serialize, Deserialize)]
struct Written {
    daylight: String,
    version: u32,
    name: String,
    key: String,
}

const PUBLIC: &str = "superior public key";
const PRIVATE: &str = "superior private key";

impl PublicFile {
    /// As a file.
    pub fn to_json(&self) -> String {
        write(PUBLIC, &self.name, &self.recipient.bytes())
    }

    /// Reads a file.
    ///
    /// # Errors
    ///
    /// [`KeyFileError`], which tells what to do.
    pub fn parse(text: &str) -> Result<PublicFile, KeyFileError> {
        let (kind, name, key) = read(text)?;
        match kind.as_str() {
            PUBLIC => {
                let recipient = Recipient::from_bytes(&key).map_err(|_| KeyFileError::Damaged)?;
                Ok(PublicFile { name, recipient })
            }
            PRIVATE => Err(KeyFileError::Private),
            _ => Err(KeyFileError::Damaged),
        }
    }
}

impl PrivateFile {
    /// As a file that its owner alone may read.
    pub fn to_json(&self) -> String {
        write(PRIVATE, &self.name, self.key.bytes().as_bytes())
    }

    /// Reads a file.
    ///
    /// # Errors
    ///
    /// [`KeyFileError`], which tells what to do.
    pub fn parse(text: &str) -> Result<PrivateFile, KeyFileError> {
        let (kind, name, key) = read(text)?;
        match kind.as_str() {
            PRIVATE => {
                let key = RecipientKey::from_bytes(&key).map_err(|_| KeyFileError::Damaged)?;
                Ok(PrivateFile { name, key })
            }
            PUBLIC => Err(KeyFileError::Public),
            _ => Err(KeyFileError::Damaged),
        }
    }

    /// The half to give away.
    pub fn public(&self) -> PublicFile {
        PublicFile { name: self.name.clone(), recipient: self.key.recipient() }
    }
}

fn write(kind: &str, name: &str, key: &[u8]) -> String {
    let key = data_encoding::BASE64.encode(key);
    let written = Written { daylight: kind.to_owned(), version: VERSION, name: name.to_owned(), key };
    serde_json::to_string_pretty(&written).unwrap_or_default() + "\n"
}

fn read(text: &str) -> Result<(String, String, Vec<u8>), KeyFileError> {
    let written: Written = serde_json::from_str(text).map_err(|_| KeyFileError::Damaged)?;
    let name = daylight_ids::text::squash(&written.name);
    let fits = written.version == VERSION && !name.is_empty() && name.chars().count() <= NAME;
    let key = data_encoding::BASE64.decode(written.key.trim().as_bytes());
    match key {
        Ok(key) if fits => Ok((written.daylight, name, key)),
        _ => Err(KeyFileError::Damaged),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_half_is_read_as_itself_and_never_as_the_other() {
        let private = PrivateFile { name: "安江市纪委监委".into(), key: RecipientKey::draw() };
        let (shut, open) = (private.to_json(), private.public().to_json());
        assert_eq!(PublicFile::parse(&open), Ok(private.public()));
        assert_eq!(PrivateFile::parse(&shut).unwrap().public(), private.public());
        assert_eq!(PublicFile::parse(&shut), Err(KeyFileError::Private));
        assert_eq!(PrivateFile::parse(&open).map(|_| ()), Err(KeyFileError::Public));
        assert!(!open.contains(&data_encoding::BASE64.encode(private.key.bytes().as_bytes())));
        for damaged in ["", "{}", &open.replace("安江市纪委监委", " "), &open.replace("\": 1", "\": 2")]
        {
            assert_eq!(PublicFile::parse(damaged), Err(KeyFileError::Damaged), "{damaged}");
        }
    }
}
