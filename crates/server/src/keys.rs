//! A running server notices that the keys were rotated by another process.

use crate::{
    lock::{Holder, Lock},
    signals::stopped,
};
use daylight_vault::Vault;
use std::{path::PathBuf, sync::Arc, time::Duration};
use tokio::sync::watch;

/// How soon a server seals under a new key.
const EVERY: Duration = Duration::from_secs(2);

/// The number of the key that seals.
pub fn active(vault: &Vault) -> u32 {
    vault.keys().last().map_or(0, |key| key.id())
}

/// Reads the key file again when it changes, and writes into the lock which key seals now: `rotate-keys`
/// waits for that before it destroys an old key.
pub async fn watch(
    vault: Arc<Vault>,
    file: PathBuf,
    mut lock: Option<Lock>,
    mut holder: Holder,
    mut stop: watch::Receiver<bool>,
) -> Option<Lock> {
    let changed = |file: &PathBuf| std::fs::metadata(file).and_then(|meta| meta.modified()).ok();
    let mut last = changed(&file);
    loop {
        if let Some(lock) = &mut lock {
            holder.key = active(&vault);
            lock.describe(&holder);
        }
        loop {
            tokio::select! {
                () = stopped(&mut stop) => return lock,
                () = tokio::time::sleep(EVERY) => {}
            }
            let now = changed(&file);
            if now == last {
                continue;
            }
            last = now;
            match vault.reload() {
                Ok(()) => tracing::info!(key = active(&vault), "keys read again"),
                Err(error) => tracing::error!(%error, "the key file changed and cannot be read"),
            }
            break;
        }
    }
}
