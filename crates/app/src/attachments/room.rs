//! How much of the disk evidence may take. A draft costs nothing to begin, so what all drafts hold together, with what
//! was submitted today, has a bound: a disk that is full takes no report, and one that fills a fifth a day can be seen
//! filling. Beyond the bound reports come in without evidence.

use super::{Refused, sealed::Folder, store, store::Gone, upload::Stop};
use crate::{
    attachments::upload::blocking,
    clock::Millis,
    web::{App, PageError},
};

/// Of the space that is free, in percent, if nothing else is configured.
pub const SHARE: u8 = 20;
/// The files of some drafts, where the disk has that much beside the reserve.
pub const LEAST: u64 = 1 << 30;
/// What stays free for what is written, whatever is uploaded.
pub const RESERVE: u64 = 512 << 20;
/// When room is needed, the files of drafts go that nobody has touched for so long; never those of somebody who is
/// writing.
pub const IDLE: Millis = 3_600_000;

/// So long nobody's files keep room from others, however often they are touched: a slow line sends all it may in that
/// time.
pub const OLD: Millis = 6 * 3_600_000;

/// What an installation gives to unsubmitted evidence.
#[derive(Clone, Copy, Debug)]
pub struct Shares {
    /// Of what is free, in percent.
    pub share: u8,
    /// Bytes that stay free.
    pub reserve: u64,
}

/// Bytes that all unsubmitted files and today's submitted ones may have, given what is free and what of them has arrived.
pub fn budget(free: Option<u64>, arrived: u64, share: u8, reserve: u64) -> u64 {
    let space = u128::from(free.unwrap_or(0)) + u128::from(arrived);
    let share = space * u128::from(share.min(100)) / 100;
    // A small disk gives less than the least: what is uploaded never reaches into the reserve.
    let least = free.map_or(LEAST, |free| LEAST.min(free.saturating_add(arrived).saturating_sub(reserve)));
    u64::try_from(share).unwrap_or(u64::MAX).max(least)
}

/// What is free on the disk of the files; none when the file system does not say.
pub(super) async fn free(app: &App) -> Result<Option<u64>, PageError> {
    let data = app.config.data.clone();
    blocking(move || Ok(Folder::open(&data)?.free())).await
}

/// Refuses where the disk has no room for so many bytes more.
pub(super) async fn ask(app: &App, bytes: u64) -> Result<(), Stop> {
    let (data, reserve) = (app.config.data.clone(), app.config.evidence_reserve);
    if blocking(move || Ok(Folder::open(&data)?.has_room(bytes, reserve))).await? {
        return Ok(());
    }
    Err(Refused::Full.into())
}

/// Removes from the disk what had to go.
pub(crate) async fn clear(app: &App, gone: Vec<Gone>) -> Result<(), PageError> {
    if gone.is_empty() {
        return Ok(());
    }
    let data = app.config.data.clone();
    blocking(move || {
        let folder = Folder::open(&data)?;
        for file in gone {
            // One more may lie there that was not noted yet.
            folder.remove_segments(&file.file, u64::try_from(file.segments).unwrap_or(0) + 1);
            folder.remove(&file.file);
            file.copy_file.iter().for_each(|copy| folder.remove(copy));
        }
        Ok(())
    })
    .await
}

/// Looks, in the transaction in which a file of a draft was announced or a piece of it arrived, whether all together
/// still fit.
pub(super) async fn fit(
    tx: &daylight_db::Tx,
    app: &App,
    token: &str,
    own: store::Own,
    free: Option<u64>,
) -> Result<Vec<Gone>, store::UploadError> {
    let shares = Shares { share: app.config.evidence_share, reserve: app.config.evidence_reserve };
    store::make_room(tx, token, own, free, shares, app.clock.now()).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_drafts_together_get_a_share_of_what_is_free_and_a_gigabyte_where_it_leaves_the_reserve() {
        const GB: u64 = 1 << 30;
        let budget = |free, arrived, share| budget(free, arrived, share, RESERVE);
        assert_eq!(budget(Some(100 * GB), 0, 20), 20 * GB);
        // What has arrived is no longer free, and changes nothing.
        assert_eq!(budget(Some(90 * GB), 10 * GB, 20), 20 * GB);
        assert_eq!((budget(Some(2 * GB), 0, 20), budget(None, 0, 20)), (GB, GB));
        assert_eq!(budget(Some(u64::MAX), u64::MAX, 255), u64::MAX);
        // On a small disk the least is what lies above the reserve.
        assert_eq!((budget(Some(GB), 0, 0), budget(Some(GB / 4), GB / 2, 0)), (GB / 2, GB / 4));
        assert_eq!(budget(Some(RESERVE), 0, 0), 0);
    }
}
