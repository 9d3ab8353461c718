//! One server per data folder: a locked file that also says who holds it.

use crate::outcome::{Outcome, Stop, file_error};
use serde::{Deserialize, Serialize};
use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{Seek, Write},
    path::Path,
};

const NAME: &str = "daylight.lock";

/// Who serves a data folder.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// The process.
    pub pid: u32,
    /// Where it answers.
    pub url: String,
    /// The data key under which it seals now.
    pub key: u32,
}

/// The lock, held until dropped or the process ends however it ends.
#[derive(Debug)]
pub struct Lock(File);

impl Lock {
    /// Takes it, or says who has it.
    pub fn take(data: &Path) -> Outcome<Lock> {
        let path = data.join(NAME);
        let file = OpenOptions::new().create(true).truncate(false).read(true).write(true).open(&path);
        let file = file.map_err(|error| file_error(&path, &error))?;
        match file.try_lock() {
            Ok(()) => Ok(Lock(file)),
            Err(TryLockError::Error(error)) => Err(file_error(&path, &error)),
            Err(TryLockError::WouldBlock) => {
                let who = read(data).map_or(String::new(), |holder| {
                    format!("（进程号 {}，地址 {}）", holder.pid, holder.url)
                });
                Err(Stop::refused(format!(
                    "数据目录 {} 已经有一个正在运行的服务{who}。请先停止它，或换一个数据目录。",
                    data.display()
                )))
            }
        }
    }

    /// Writes down who holds it.
    pub fn describe(&mut self, holder: &Holder) {
        let text = serde_json::to_string(holder).expect("plain data serializes");
        // Only for messages: a failure here must not stop a server.
        drop(self.0.set_len(0).and_then(|()| self.0.rewind()).and_then(|()| self.0.write_all(text.as_bytes())));
    }
}

/// Held by a process that seals and does not watch the key file: an old key must not be destroyed
/// while it works, because it may still seal under it.
#[derive(Debug)]
pub struct Sealing(#[expect(dead_code, reason = "held, not read")] File);

impl Sealing {
    /// Beside other such processes.
    pub fn shared(data: &Path) -> Outcome<Sealing> {
        let (path, file) = Self::file(data)?;
        file.lock_shared().map_err(|error| file_error(&path, &error))?;
        Ok(Sealing(file))
    }

    /// When there is no other; none when there is.
    pub fn alone(data: &Path) -> Outcome<Option<Sealing>> {
        let (path, file) = Self::file(data)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Sealing(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(file_error(&path, &error)),
        }
    }

    fn file(data: &Path) -> Outcome<(std::path::PathBuf, File)> {
        let path = data.join("daylight.sealing.lock");
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
        Ok((path.clone(), file.map_err(|error| file_error(&path, &error))?))
    }
}

/// Who serves a data folder now, if anybody.
pub fn holder(data: &Path) -> Option<Holder> {
    let file = File::open(data.join(NAME)).ok()?;
    match file.try_lock_shared() {
        Err(TryLockError::WouldBlock) => Some(read(data).unwrap_or_default()),
        _ => None,
    }
}

fn read(data: &Path) -> Option<Holder> {
    serde_json::from_str(&std::fs::read_to_string(data.join(NAME)).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_server_is_told_who_is_first() {
        let folder = tempfile::tempdir().unwrap();
        let mut lock = Lock::take(folder.path()).unwrap();
        let me = Holder { pid: 7, url: "http://127.0.0.1:8080".into(), key: 1 };
        lock.describe(&me);
        assert_eq!(holder(folder.path()), Some(me));
        let refusal = Lock::take(folder.path()).unwrap_err();
        assert!(refusal.message().contains("进程号 7"), "{}", refusal.message());
        drop(lock);
        assert_eq!(holder(folder.path()), None);
        Lock::take(folder.path()).unwrap();
    }
}
