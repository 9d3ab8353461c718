//! Keys of rounds: files beside the vault's, sealed by it; never in the database, never in a backup.
//!
//! A file is read for each ballot and kept in no memory, so that destroying it is enough, however many servers run.
//! It holds one piece as uploads do (length, sealed), so that a rotation finds under which key it is sealed.

use daylight_ratings::ballot::RoundKey;
use daylight_vault::{Place, Vault, VaultError};
use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

/// The folder beside the vault's key file.
pub fn folder(vault: &Vault) -> PathBuf {
    vault.dir().join("rounds")
}

fn path(vault: &Vault, round: i64) -> PathBuf {
    folder(vault).join(format!("{round}.sealed"))
}

fn place(round: i64) -> Place {
    Place::new("rating_rounds", round, "key")
}

/// Why a key is not there.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file system failed.
    #[error("评价轮次的密钥文件：{0}")]
    Io(#[from] io::Error),
    /// The vault cannot open it.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// It is not of the right length.
    #[error("评价轮次的密钥文件已损坏")]
    Damaged,
}

/// Draws the key of a round that opens. One that a crash left before the round was open is replaced: no ballot was
/// taken under it.
pub fn draw(vault: &Vault, round: i64) -> Result<(), KeyError> {
    let mut random = [0_u8; 32];
    getrandom::fill(&mut random).expect("the system's random numbers");
    let key = RoundKey::new(random);
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder(vault))?;
    destroy(vault, round)?;
    let sealed = vault.seal(&place(round), key.bytes());
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path(vault, round))?;
    file.write_all(&u32::try_from(sealed.len()).unwrap_or_default().to_be_bytes())?;
    file.write_all(&sealed)?;
    file.sync_all()?;
    Ok(sync(&folder(vault))?)
}

/// The key of an open round; none when this server has none: then it takes no ballots.
pub fn read(vault: &Vault, round: i64) -> Result<Option<RoundKey>, KeyError> {
    let bytes = match fs::read(path(vault, round)) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let opened = vault.unseal(&place(round), bytes.get(4..).ok_or(KeyError::Damaged)?)?;
    let key = opened.as_bytes().try_into().map_err(|_| KeyError::Damaged)?;
    Ok(Some(RoundKey::new(key)))
}

/// Destroys the key of a round: written over, taken out of the folder, and the folder on disk. Whether there was one.
pub fn destroy(vault: &Vault, round: i64) -> io::Result<bool> {
    let path = path(vault, round);
    let mut file = match OpenOptions::new().write(true).open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error),
    };
    let length = file.metadata()?.len();
    file.write_all(&vec![0; usize::try_from(length).unwrap_or_default()])?;
    file.sync_all()?;
    fs::remove_file(&path)?;
    sync(&folder(vault))?;
    Ok(true)
}

/// The rounds of which there is a key.
pub fn rounds(vault: &Vault) -> io::Result<Vec<i64>> {
    let entries = match fs::read_dir(folder(vault)) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let number = |name: String| name.strip_suffix(".sealed")?.parse::<i64>().ok();
    let mut found = Vec::new();
    for entry in entries {
        found.extend(number(entry?.file_name().to_string_lossy().into_owned()));
    }
    found.sort_unstable();
    Ok(found)
}

fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use daylight_ratings::ballot::{Proof, SubjectId};

    #[test]
    fn a_key_is_there_from_the_opening_to_the_close_and_readable_by_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt;
        let home = tempfile::tempdir().unwrap();
        let vault = Vault::create(&home.path().join("keys"), 0).unwrap();
        let token = |key: &RoundKey| key.token(Proof::Phone("+8613900000001"), SubjectId::Cadre(1));
        assert!(read(&vault, 3).unwrap().is_none() && rounds(&vault).unwrap().is_empty());
        assert!(!destroy(&vault, 3).unwrap());
        draw(&vault, 3).unwrap();
        draw(&vault, 4).unwrap();
        let (one, other) = (read(&vault, 3).unwrap().unwrap(), read(&vault, 4).unwrap().unwrap());
        assert_eq!(token(&one), token(&read(&vault, 3).unwrap().unwrap()));
        assert_ne!(token(&one), token(&other));
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&folder(&vault)), mode(&path(&vault, 3))), (0o700, 0o600));
        // Sealed: what stands in the file is not the key, and not another round's.
        let bytes = fs::read(path(&vault, 3)).unwrap();
        assert!(!bytes.windows(32).any(|window| window == one.bytes()));
        fs::write(path(&vault, 4), &bytes).unwrap();
        assert!(read(&vault, 4).is_err());
        assert_eq!(rounds(&vault).unwrap(), [3, 4]);
        assert!(destroy(&vault, 3).unwrap());
        assert!(read(&vault, 3).unwrap().is_none());
        assert_eq!(rounds(&vault).unwrap(), [4]);
    }

    #[test]
    fn what_is_destroyed_is_written_over_before_it_is_unlinked() {
        let home = tempfile::tempdir().unwrap();
        let vault = Vault::create(&home.path().join("keys"), 0).unwrap();
        draw(&vault, 3).unwrap();
        let second = home.path().join("second");
        fs::hard_link(path(&vault, 3), &second).unwrap();
        destroy(&vault, 3).unwrap();
        assert!(fs::read(second).unwrap().iter().all(|byte| *byte == 0));
    }
}
