//! What a running program holds.

use crate::{cache::PageCache, clock::Clock, ratings::BallotBox};
use daylight_db::Db;
use daylight_vault::Vault;
use std::{ops::Deref, path::PathBuf, sync::Arc};

/// How this installation was set up.
#[derive(Clone, Debug)]
pub struct Config {
    /// The folder of the database file, keys and uploaded files.
    pub data: PathBuf,
    /// The address citizens use, without a slash at the end: it stands in QR codes for years.
    pub base_url: String,
    /// Fictional data: pages say so, and the sign-in page shows the current code.
    pub demo: bool,
    /// Whether cookies are marked for HTTPS only.
    pub secure_cookies: bool,
    /// By which way short messages leave.
    pub sms: crate::sms::Channel,
    /// What unsubmitted evidence may take of the free space, in percent.
    pub evidence_share: u8,
    /// Bytes of the disk that stay free for what is written, whatever is uploaded.
    pub evidence_reserve: u64,
}

/// The parts an [`App`] is made of.
pub struct Parts {
    /// The database.
    pub db: Db,
    /// Keys and sealed fields.
    pub vault: Arc<Vault>,
    /// Where "now" comes from.
    pub clock: Clock,
    /// Whole public pages.
    pub cache: PageCache,
    /// How this installation was set up.
    pub config: Config,
}

/// The application's state, shared by all requests and jobs.
#[derive(Clone)]
pub struct App {
    parts: Arc<Parts>,
    /// Where ballots are handed in.
    pub ballots: BallotBox,
}

impl App {
    /// Puts the parts together.
    pub fn new(parts: Parts) -> App {
        App { parts: Arc::new(parts), ballots: BallotBox::default() }
    }
}

impl Deref for App {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.parts
    }
}
