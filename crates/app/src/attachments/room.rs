//! How much of the disk unsubmitted evidence may take. A draft costs nothing to begin, so what all drafts hold together
//! has a bound: a disk that is full takes no report.

use super::{sealed::Folder, store, store::Gone};
use crate::{
    attachments::upload::blocking,
    clock::Millis,
    web::{App, PageError},
};

/// Of the space that is free, in percent, if nothing else is configured.
pub const SHARE: u8 = 20;
/// However small the disk: the files of some drafts. That 512 MB stay free is looked at besides.
pub const LEAST: u64 = 1 << 30;
/// When room is needed, the files of drafts go that nobody has touched for so long; never those of somebody who is
/// writing.
pub const IDLE: Millis = 3_600_000;

/// Bytes that all unsubmitted files may have, given what is free and what of them has arrived.
pub fn budget(free: Option<u64>, arrived: u64, share: u8) -> u64 {
    let space = u128::from(free.unwrap_or(0)) + u128::from(arrived);
    let share = space * u128::from(share.min(100)) / 100;
    u64::try_from(share).unwrap_or(u64::MAX).max(LEAST)
}

/// What is free on the disk of the files; none when the file system does not say.
pub(super) async fn free(app: &App) -> Result<Option<u64>, PageError> {
    let data = app.config.data.clone();
    blocking(move || Ok(Folder::open(&data)?.free())).await
}

/// Removes from the disk what had to go.
pub(super) async fn clear(app: &App, gone: Vec<Gone>) -> Result<(), PageError> {
    if gone.is_empty() {
        return Ok(());
    }
    let data = app.config.data.clone();
    blocking(move || {
        let folder = Folder::open(&data)?;
        for file in gone {
            folder.remove_segments(&file.file, u64::try_from(file.segments).unwrap_or(0));
            folder.remove(&file.file);
            file.copy_file.iter().for_each(|copy| folder.remove(copy));
        }
        Ok(())
    })
    .await
}

/// Looks, in the transaction in which a file of a draft was announced, whether all together still fit.
pub(super) async fn fit(
    tx: &daylight_db::Tx,
    app: &App,
    token: &str,
    free: Option<u64>,
) -> Result<Vec<Gone>, store::UploadError> {
    store::make_room(tx, token, free, app.config.evidence_share, app.clock.now()).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_drafts_together_get_a_share_of_what_is_free_and_never_less_than_a_gigabyte() {
        const GB: u64 = 1 << 30;
        assert_eq!(budget(Some(100 * GB), 0, 20), 20 * GB);
        // What has arrived is no longer free, and changes nothing.
        assert_eq!(budget(Some(90 * GB), 10 * GB, 20), 20 * GB);
        assert_eq!((budget(Some(2 * GB), 0, 20), budget(None, 0, 20), budget(Some(GB), 0, 0)), (GB, GB, GB));
        assert_eq!(budget(Some(u64::MAX), u64::MAX, 255), u64::MAX);
    }
}
