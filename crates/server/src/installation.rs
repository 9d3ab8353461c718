//! Opening what a data folder holds: database and keys, and that they belong together.

use crate::{
    outcome::{Outcome, Stop, file_error},
    settings::Settings,
};
use daylight_app::{audit, clock::Clock, migrations, ops};
use daylight_db::{Db, Engine};
use daylight_vault::{Master, Vault, VaultError};
use std::{io::Write, os::unix::fs::DirBuilderExt, path::Path, sync::Arc};

/// The setting that names the key file a database was sealed with.
const FINGERPRINT: &str = "vault.index_fingerprint";
/// The setting that marks a database as fictional.
pub const DEMO: &str = "demo";

/// Database and keys, open.
#[derive(Debug)]
pub struct Installation {
    /// The database.
    pub db: Db,
    /// The keys.
    pub vault: Arc<Vault>,
    /// Fictional data.
    pub demo: bool,
    /// The machine's clock.
    pub clock: Clock,
}

impl Installation {
    /// Opens what is there and fits; creates and changes nothing.
    pub async fn open(settings: &Settings) -> Outcome<Installation> {
        if !exists(settings) {
            return Err(Stop::failed(format!(
                "{} 里还没有数据库。请先执行 daylight init，或用 --data 指定正确的数据目录。",
                settings.data.display()
            )));
        }
        let db = open_database(settings).await?;
        let pending = migrations::pending(&db).await?;
        if !pending.is_empty() {
            return Err(Stop::failed(format!(
                "数据库结构还有 {} 步升级没有做。请先备份，再执行 daylight migrate。",
                pending.len()
            )));
        }
        let named = ops::store::setting(db.read(), FINGERPRINT).await?;
        let vault = open_vault(settings).map_err(|error| lost_keys(error, named.as_deref()))?;
        belong(&db, &vault, named.as_deref()).await?;
        Self::with(db, vault).await
    }

    /// Opens what is there; makes folder, database and keys where nothing is yet, and brings the database
    /// to the newest schema.
    pub async fn open_or_create(settings: &Settings) -> Outcome<Installation> {
        prepare_folder(&settings.data)?;
        let db = open_database(settings).await?;
        migrations::migrate(&db).await?;
        let named = ops::store::setting(db.read(), FINGERPRINT).await?;
        let clock = Clock::System;
        let vault = match open_vault(settings) {
            Ok(vault) => vault,
            // New keys only for a database that nothing was sealed in: they would open nothing of it.
            Err(VaultError::Missing(_)) if named.is_none() && unsealed(&db).await? => {
                let master = master(settings)?;
                Vault::create_with_master(&settings.keys, master.as_deref(), clock.now() / 1_000)?
            }
            Err(error) => return Err(lost_keys(error, named.as_deref())),
        };
        belong(&db, &vault, named.as_deref()).await?;
        if named.is_none() {
            let tx = db.write().await?;
            ops::store::set_own(&tx, FINGERPRINT, &vault.index_fingerprint()).await?;
            tx.commit().await?;
        }
        Self::with(db, vault).await
    }

    async fn with(db: Db, vault: Vault) -> Outcome<Installation> {
        let demo = ops::store::setting(db.read(), DEMO).await?.is_some();
        let db = db.marked(audit::mark(&vault));
        Ok(Installation { db, vault: Arc::new(vault), demo, clock: Clock::System })
    }

    /// Closes the database and folds its log.
    pub async fn close(self) -> Outcome {
        Ok(self.db.close().await?)
    }
}

/// Whether there is a database to open. A server's is there as far as a folder can tell.
pub fn exists(settings: &Settings) -> bool {
    settings.sqlite_file().is_none_or(|file| file.metadata().is_ok_and(|meta| meta.len() > 0))
}

/// Opens the database behind an address.
pub async fn open_database(settings: &Settings) -> Outcome<Db> {
    // The durability harness runs its control with OFF, which must lose rows; nobody else sets this.
    let off = std::env::var("DAYLIGHT_SQLITE_SYNCHRONOUS").is_ok_and(|level| level == "OFF");
    let opened = Db::open_with(&settings.database, if off { "OFF" } else { "FULL" }).await;
    opened.map_err(|error| match settings.engine() {
        Engine::Sqlite => Stop::from(error),
        Engine::Postgres => {
            let words = format!("{error}\n数据库地址：{}", settings.database_shown());
            let passing = Stop::from(error).may_pass();
            Stop::failed(words).passing(passing)
        }
    })
}

/// Opens the keys.
pub fn open_vault(settings: &Settings) -> Result<Vault, VaultError> {
    Vault::open_with_master(&settings.keys, master(settings)?.as_deref())
}

fn master(settings: &Settings) -> Result<Option<Master>, VaultError> {
    match &settings.master_key_file {
        Some(path) => Master::from_file(path).map(Some),
        None => Master::from_env(),
    }
}

fn lost_keys(error: VaultError, named: Option<&str>) -> Stop {
    match named {
        Some(fingerprint) => {
            Stop::failed(format!("{error}\n这个数据库需要索引密钥指纹为 {fingerprint} 的密钥文件。"))
        }
        None => error.into(),
    }
}

async fn unsealed(db: &Db) -> Outcome<bool> {
    Ok(ops::store::sealed_headers(db.read()).await?.is_empty())
}

/// Refuses keys of another installation: what was sealed with them could never be read together.
pub async fn belong(db: &Db, vault: &Vault, named: Option<&str>) -> Outcome {
    let held = vault.index_fingerprint();
    if let Some(named) = named.filter(|named| *named != held) {
        return Err(Stop::refused(format!(
            "密钥文件与数据库不配套：数据库需要索引密钥指纹为 {named} 的密钥文件，现在这个是 {held}。"
        )));
    }
    match ops::fits(db, vault).await? {
        Some(lacking) => Err(Stop::refused(format!("密钥文件与数据库不配套：{lacking}。"))),
        None => Ok(()),
    }
}

/// The fingerprint of the key file a database needs, as it names it.
pub async fn fingerprint_needed(db: &Db) -> Outcome<Option<String>> {
    Ok(ops::store::setting(db.read(), FINGERPRINT).await?)
}

/// Makes the folder and writes a byte to it, so that a full or locked disk is met here and in plain words.
pub fn prepare_folder(folder: &Path) -> Outcome {
    let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.map_err(|error| file_error(folder, &error))?;
    let probe = || {
        let mut file = tempfile::Builder::new().prefix(".probe-").tempfile_in(folder)?;
        file.write_all(&[0; 4096])?;
        file.as_file().sync_all()
    };
    probe().map_err(|error: std::io::Error| file_error(folder, &error))
}
