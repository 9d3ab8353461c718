//! The head of the trail, kept outside the database: how many entries there were, and the hash of the last.
//!
//! Within the database the trail is bound entry to entry under a key that is not there, but whoever can write there can
//! cut its end off. So the head is written down beside the database, under a seal that needs the keys, and into each backup;
//! `daylight verify` holds the trail against it. Where the file is missing the trail itself notes that a head was begun:
//! once in the life of an installation, again after a backup was put back. More often is warned of, since whoever cut
//! the trail may have removed the file that would tell.
//!
//! It does not see what was cut since the last head (ten minutes at most), nor anything when database, data folder and
//! the heads kept elsewhere are all put back to the same moment, nor what somebody does who has the keys too. For that,
//! keep backups, or `daylight verify`'s last line, where the administrator of the machine cannot write.

use super::{Entry, store};
use crate::{clock::Millis, web::App};
use daylight_db::{ConnectionTrait, DbErr, Tx};
use daylight_queue::{Every, JobError, Worker};
use daylight_vault::{Purpose, Vault};
use serde::{Deserialize, Serialize};
use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

/// Its file within the data folder.
pub const FILE: &str = "audit-head.json";
const SEAL: Purpose = Purpose("audit-head");
const JOB: &str = "audit.head";
/// The entry that says that there was no head.
const BEGUN: &str = "audit.head";

/// Where the trail stood.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Entries, which is the number of the last.
    pub entries: i64,
    /// Hash of the last, in hex.
    pub hash: String,
    /// When this was written down.
    pub at: Millis,
    /// Keyed hash of the rest: nobody without the keys writes one.
    pub seal: String,
}

/// What a known head says about the trail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    /// The trail goes on from there.
    Yes,
    /// The trail ends earlier, or another entry stands there.
    Lost,
    /// The head was not written with these keys.
    Forged,
}

fn seal(vault: &Vault, entries: i64, hash: &str, at: Millis) -> String {
    data_encoding::HEXLOWER.encode(&vault.blind(SEAL, &format!("{entries}\n{hash}\n{at}")))
}

impl Head {
    /// Where the trail stands; none while it is empty.
    pub async fn of(c: &impl ConnectionTrait, vault: &Vault, at: Millis) -> Result<Option<Head>, DbErr> {
        Ok(store::last(c).await?.map(|(entries, hash)| {
            let hash = data_encoding::HEXLOWER.encode(&hash);
            Head { entries, seal: seal(vault, entries, &hash, at), hash, at }
        }))
    }

    /// Holds a trail against it.
    pub async fn held(&self, c: &impl ConnectionTrait, vault: &Vault) -> Result<Held, DbErr> {
        if self.seal != seal(vault, self.entries, &self.hash, self.at) {
            return Ok(Held::Forged);
        }
        let hash = store::hash_of(c, self.entries).await?.map(|hash| data_encoding::HEXLOWER.encode(&hash));
        Ok(if hash.as_deref() == Some(self.hash.as_str()) { Held::Yes } else { Held::Lost })
    }

    /// Reads a head; none when there is no file.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, or holds something else.
    pub fn read(file: &Path) -> io::Result<Option<Head>> {
        match fs::read(file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
            Ok(text) => Ok(Some(serde_json::from_slice(&text)?)),
        }
    }

    /// Writes it into a data folder: whole or not at all.
    ///
    /// # Errors
    ///
    /// When the disk fails.
    pub fn write(&self, data: &Path) -> io::Result<()> {
        let beside = data.join(format!(".{FILE}"));
        let mut file =
            OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
        file.write_all(&serde_json::to_vec(self)?)?;
        file.sync_all()?;
        fs::rename(&beside, data.join(FILE))?;
        File::open(data)?.sync_all()
    }
}

/// Teaches a worker to write the head down.
pub fn on(worker: Worker, app: &App) -> Worker {
    let app = app.clone();
    worker
        .on(JOB, move |_| {
            let app = app.clone();
            async move { write_down(&app).await }
        })
        .schedule(&[(JOB, Every::Minutes(10))])
}

/// Notes that there was no head although there is a trail.
async fn note_begun(tx: &Tx, now: Millis) -> Result<(), DbErr> {
    let Some((entries, _)) = store::last(&**tx).await? else { return Ok(()) };
    let detail = format!("没有记下的末条，从第{entries}条之后开始记");
    let entry = Entry { account_id: None, actor: "平台", action: BEGUN, subject: FILE, detail: &detail };
    store::append(tx, &entry, now).await
}

/// How often a head was begun.
pub async fn begun(c: &impl ConnectionTrait) -> Result<i64, DbErr> {
    store::count(c, &store::Filter { action: BEGUN.to_owned(), ..Default::default() }).await
}

/// A head that the trail has lost stays: it is the one witness.
async fn write_down(app: &App) -> Result<(), JobError> {
    let disk = |_: io::Error| JobError::Retry("审计日志的末条记录无法写入数据目录".into());
    match Head::read(&app.config.data.join(FILE)).map_err(disk)? {
        Some(before) if before.held(app.db.read(), &app.vault).await? != Held::Yes => {
            return Err(JobError::Fail("审计日志与上次记下的末条不符，请执行 daylight verify".into()));
        }
        Some(_) => {}
        None => {
            let tx = app.db.write().await?;
            note_begun(&tx, app.clock.now()).await?;
            tx.commit().await?;
        }
    }
    match Head::of(app.db.read(), &app.vault, app.clock.now()).await? {
        Some(head) => head.write(&app.config.data).map_err(disk),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use daylight_db::{exec, values};

    #[tokio::test]
    async fn a_trail_without_a_head_notes_that_one_was_begun() {
        for test in daylight_db::testing::engines().await {
            crate::migrations::migrate(&test.db).await.unwrap();
            let tx = test.db.write().await.unwrap();
            note_begun(&tx, 1).await.unwrap();
            assert_eq!(begun(&*tx).await.unwrap(), 0, "an empty trail has nothing to lose");
            let entry = Entry { account_id: None, actor: "甲", action: "a.b", subject: "", detail: "" };
            store::append(&tx, &entry, 1).await.unwrap();
            note_begun(&tx, 1).await.unwrap();
            assert_eq!(begun(&*tx).await.unwrap(), 1);
        }
    }

    #[tokio::test]
    async fn a_cut_tail_and_a_trail_written_anew_are_seen_and_no_head_is_forged_without_keys() {
        let folder = tempfile::tempdir().unwrap();
        let vault = Vault::create(&folder.path().join("keys"), 0).unwrap();
        for test in daylight_db::testing::engines().await {
            crate::migrations::migrate(&test.db).await.unwrap();
            assert_eq!(Head::of(test.db.read(), &vault, 7).await.unwrap(), None);
            let entry =
                |subject| Entry { account_id: None, actor: "甲", action: "a.b", subject, detail: "" };
            let tx = test.db.write().await.unwrap();
            for subject in ["1", "2", "3"] {
                store::append(&tx, &entry(subject), 1).await.unwrap();
            }
            tx.commit().await.unwrap();
            Head::of(test.db.read(), &vault, 7).await.unwrap().unwrap().write(folder.path()).unwrap();
            let head = Head::read(&folder.path().join(FILE)).unwrap().unwrap();
            assert_eq!((head.entries, head.held(test.db.read(), &vault).await.unwrap()), (3, Held::Yes));
            let tx = test.db.write().await.unwrap();
            store::append(&tx, &entry("4"), 2).await.unwrap();
            assert_eq!(head.held(&*tx, &vault).await.unwrap(), Held::Yes, "it goes on");
            exec(&*tx, "DELETE FROM audit_entries WHERE id > 2", values![]).await.unwrap();
            assert_eq!(
                store::verify(&*tx, tx.mark()).await.unwrap(),
                store::Verdict::Whole(2),
                "within, nothing is wrong"
            );
            assert_eq!(head.held(&*tx, &vault).await.unwrap(), Held::Lost);
            // Written on as if it had been so.
            for subject in ["another", "4"] {
                store::append(&tx, &entry(subject), 1).await.unwrap();
            }
            assert_eq!(head.held(&*tx, &vault).await.unwrap(), Held::Lost);
            let now = Head::of(&*tx, &vault, 7).await.unwrap().unwrap();
            let forged = Head { seal: head.seal.clone(), ..now };
            assert_eq!(forged.held(&*tx, &vault).await.unwrap(), Held::Forged);
        }
    }
}
