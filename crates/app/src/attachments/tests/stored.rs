//! Uploads as they are stored: any cut, any order of retries, a crash between any two steps.

use super::*;
use crate::{
    attachments::sealed::Folder,
    cases::{store as cases, testing::*},
    reports::{
        Draft,
        store::{delete_draft, save_draft},
    },
};
use daylight_db::testing::TestDb;
use proptest::{prelude::*, test_runner::TestRunner};
use sha2::{Digest, Sha256};

const TOKEN: &str = "mine";
const SHARES: room::Shares = room::Shares { share: 20, reserve: room::RESERVE };
const HOUR: Millis = 3_600_000;

fn content(size: usize) -> Vec<u8> {
    // Text, so that it is of a kind we take; no two pieces alike.
    (0..).flat_map(|line: u32| format!("第{line}行\n").into_bytes()).take(size).collect()
}

async fn announced(tx: &Tx, vault: &Vault, name: &str, size: u64) -> Result<Attachment, UploadError> {
    begin(tx, vault, TOKEN, &Announced { name, size, same: "" }, NOW).await
}

#[derive(Clone, Copy, Debug)]
enum Step {
    /// The next chunk, so long; then it is noted, or not: the power fails in between.
    Chunk { length: usize, noted: bool },
    /// A chunk from before, as a browser sends it whose answer got lost.
    Again { back: usize },
    /// From somewhere else.
    Elsewhere { ahead: usize },
    /// A chunk with other bytes.
    Wrong { length: usize },
}

fn step() -> impl Strategy<Value = Step> {
    let length = CHUNK_LEAST..4 * CHUNK_LEAST;
    prop_oneof![
        6 => (length.clone(), prop::bool::weighted(0.7)).prop_map(|(length, noted)| Step::Chunk { length, noted }),
        2 => (1..40_000_usize).prop_map(|back| Step::Again { back }),
        2 => (1..40_000_usize).prop_map(|ahead| Step::Elsewhere { ahead }),
        1 => length.prop_map(|length| Step::Wrong { length }),
    ]
}

/// Plays a history, then sends what is still missing and joins: the bytes are right, or it is known that they are not.
async fn play(test: &TestDb, vault: &Vault, size: usize, steps: &[Step]) {
    let home = tempfile::tempdir().unwrap();
    let folder = Folder::open(home.path()).unwrap();
    let data = content(size);
    let tx = test.db.write().await.unwrap();
    save_draft(&tx, vault, TOKEN, &Draft::default(), NOW).await.unwrap();
    let file = announced(&tx, vault, "账本.txt", size as u64).await.unwrap().file;
    let (mut arrived, mut spoilt) = (0, false);
    let rest =
        std::iter::repeat_n(Step::Chunk { length: 2 * CHUNK_LEAST, noted: true }, size / CHUNK_LEAST + 1);
    for step in steps.iter().copied().chain(rest) {
        let upload = find(&*tx, vault, TOKEN, &file, NOW).await.unwrap();
        assert_eq!(upload.arrived, arrived as u64);
        if arrived == size {
            break;
        }
        let (length, noted, wrong) = match step {
            Step::Chunk { length, noted } => (length, noted, false),
            Step::Wrong { length } => (length, true, true),
            Step::Again { back } if arrived > 0 => {
                let from = arrived - back.min(arrived);
                assert!(!goes_on(&upload, from as u64, (arrived - from) as u64).unwrap(), "known already");
                continue;
            }
            Step::Elsewhere { ahead } => {
                let elsewhere = goes_on(&upload, (arrived + ahead) as u64, CHUNK_LEAST as u64);
                assert!(matches!(elsewhere, Err(UploadError::Offset(next)) if next == arrived as u64));
                continue;
            }
            Step::Again { .. } => continue,
        };
        let end = (arrived + length).min(size);
        let mut bytes = data[arrived..end].to_vec();
        if wrong {
            bytes[0] ^= 1;
        }
        assert!(goes_on(&upload, arrived as u64, bytes.len() as u64).unwrap());
        folder.keep(&upload.key, &file, upload.segments, end == size, &bytes).unwrap();
        if noted {
            spoilt |= wrong;
            assert_eq!(advance(&tx, &upload, bytes.len() as u64, NOW).await.unwrap(), Some(end as u64));
            // The same chunk at once from a second connection does not count.
            assert_eq!(advance(&tx, &upload, bytes.len() as u64, NOW).await.unwrap(), None);
            arrived = end;
        }
    }
    let upload = find(&*tx, vault, TOKEN, &file, NOW).await.unwrap();
    assert_eq!(upload.arrived, size as u64);
    let whole = folder.join(&upload.key, &file, upload.segments).unwrap();
    let right = data_encoding::HEXLOWER.encode(&Sha256::digest(&data));
    assert_eq!(whole.sha256 == right, !spoilt, "wrong bytes are never taken for right ones");
    assert_eq!(whole.size, size as u64);
}

#[test]
fn any_cut_and_any_order_of_retries_gives_the_bytes_or_says_that_it_did_not() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let counties = runtime.block_on(counties());
    for County { test, vault, .. } in &counties {
        let config = ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() };
        let history = (1..200_000_usize, proptest::collection::vec(step(), 0..14));
        let run = |(size, steps): (usize, Vec<Step>)| {
            runtime.block_on(play(test, vault, size, &steps));
            Ok(())
        };
        TestRunner::new(config).run(&history, run).unwrap();
    }
}

/// A file that has arrived as a whole, with a copy.
async fn kept(tx: &Tx, vault: &Vault, name: &str) -> Attachment {
    let upload = announced(tx, vault, name, 5).await.unwrap();
    let whole = Whole { sha256: "digest of the content".into(), head: Vec::new(), size: 5, segments: 1 };
    let copy = Some((random_name(), Copy { size: 3, segments: 1 }));
    let done = Done { whole: &whole, kind: Kind::Jpeg, copy };
    assert!(keep(tx, vault, TOKEN, &upload, done, NOW).await.unwrap());
    find(&**tx, vault, TOKEN, &upload.file, NOW).await.unwrap()
}

#[tokio::test]
async fn limits_count_what_is_announced_and_hold_for_many_at_once() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        let none = announced(&tx, &vault, "a", 5).await;
        assert!(matches!(none, Err(UploadError::NotFound)), "no draft, no file");
        save_draft(&tx, &vault, TOKEN, &Draft::default(), NOW).await.unwrap();
        for (size, refused) in
            [(0, Refused::Empty), (LARGEST_FILE + 1, Refused::Large), (u64::MAX, Refused::Large)]
        {
            let got = announced(&tx, &vault, "a", size).await;
            assert!(matches!(got, Err(UploadError::Refused(why)) if why == refused));
        }
        for _ in 0..4 {
            announced(&tx, &vault, "a", LARGEST_FILE).await.unwrap();
        }
        let more = announced(&tx, &vault, "a", 1).await;
        assert!(matches!(more, Err(UploadError::Refused(Refused::Together))));
        discard(&tx, TOKEN).await.unwrap();
        tx.commit().await.unwrap();
        let one = || async {
            let tx = test.db.write().await.unwrap();
            let got = announced(&tx, &vault, "a", 1).await;
            tx.commit().await.unwrap();
            got.is_ok()
        };
        let got = futures_util::future::join_all((0..25).map(|_| one())).await;
        assert_eq!(got.into_iter().filter(|taken| *taken).count() as i64, MOST_FILES);
    }
}

#[tokio::test]
async fn when_all_drafts_have_too_much_the_idle_ones_lose_their_files_and_never_one_who_is_writing() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        let announce = async |token: &str, now: Millis| {
            save_draft(&tx, &vault, token, &Draft::default(), now).await.unwrap();
            for _ in 0..4 {
                let mine = Announced { name: "a", size: LARGEST_FILE, same: "" };
                begin(&tx, &vault, token, &mine, now).await.unwrap();
            }
        };
        let send = async |token: &str, less: i64| {
            let sql = "UPDATE attachments SET arrived = size - $2 WHERE token_hash = $1";
            exec(&*tx, sql, values![token_hash(token), less]).await.unwrap();
        };
        let room = async |now: Millis| make_room(&tx, TOKEN, Own::Announced, None, SHARES, now).await;
        let files = async |token: &str| list(&*tx, &vault, token, NOW).await.unwrap().len();
        // A gigabyte: five drafts of 200 MB, and not the sixth. Whoever only announces takes nothing from anybody.
        let others = ["one", "two", "three", "four", "five"];
        for (at, token) in others.into_iter().enumerate() {
            announce(token, NOW + at as i64).await;
        }
        announce(TOKEN, NOW).await;
        assert!(room(NOW).await.unwrap().is_empty(), "announced is not sent");
        for (token, less) in others.into_iter().zip([0, 0, 2, 1, 3]) {
            send(token, less).await;
        }
        assert!(matches!(room(NOW).await, Err(UploadError::Refused(Refused::Full))));
        // The next piece of what was begun waits for room as well, but only for as much as there is of it.
        let piece = async || make_room(&tx, TOKEN, Own::Arrived, None, SHARES, NOW).await;
        assert!(piece().await.unwrap().is_empty());
        send(TOKEN, 0).await;
        assert!(matches!(piece().await, Err(UploadError::Refused(Refused::Full))));
        // "one" saved a page since, "two" sent a piece: they are writing. Of the others the largest gives way, alone.
        save_draft(&tx, &vault, "one", &Draft::default(), NOW + HOUR).await.unwrap();
        exec(
            &*tx,
            "UPDATE attachments SET touched_at = $2 WHERE token_hash = $1",
            values![token_hash("two"), NOW + 9],
        )
        .await
        .unwrap();
        let gone = room(NOW + HOUR + 5).await.unwrap();
        assert_eq!(gone.len(), 4);
        let left = [files("one").await, files("two").await, files("three").await, files("five").await];
        assert_eq!((left, files("four").await, files(TOKEN).await), ([4, 4, 4, 4], 0, 4));
        let kept: i64 = scalar(&*tx, "SELECT COUNT(*) FROM report_drafts", values![]).await.unwrap();
        assert_eq!(kept, 6, "what was written stays");
        // Touched every hour, but begun six hours ago: that is long enough.
        announce("four", NOW).await;
        let late = NOW + 10 * HOUR;
        let sql = "UPDATE attachments SET arrived = size, touched_at = $1, begun_at = $2";
        exec(&*tx, sql, values![late, late - 6 * HOUR]).await.unwrap();
        send("three", -2).await;
        assert!(matches!(room(late - 1).await, Err(UploadError::Refused(Refused::Full))));
        assert_eq!(room(late).await.unwrap().len(), 4, "the largest, alone");
        assert_eq!((files("three").await, files("one").await, files("four").await), (0, 4, 4));
        discard(&tx, "four").await.unwrap();
        // With a disk that has room nobody loses anything.
        announce("four", NOW).await;
        send("four", 0).await;
        let got =
            make_room(&tx, TOKEN, Own::Announced, Some(100 << 30), SHARES, NOW + 2 * HOUR).await.unwrap();
        assert!(got.is_empty());
    }
}

#[tokio::test]
async fn what_is_submitted_in_a_day_takes_of_the_same_room_and_nothing_of_the_next_days() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        save_draft(&tx, &vault, TOKEN, &draft(), NOW).await.unwrap();
        kept(&tx, &vault, "a.mp4").await;
        exec(&*tx, "UPDATE attachments SET arrived = $1", values![room::LEAST as i64]).await.unwrap();
        submitted(&tx, &vault, &draft(), TOKEN).await;
        save_draft(&tx, &vault, TOKEN, &draft(), NOW).await.unwrap();
        announced(&tx, &vault, "b.mp4", 9).await.unwrap();
        let room = async |now: Millis| make_room(&tx, TOKEN, Own::Announced, None, SHARES, now).await;
        assert!(matches!(room(NOW).await, Err(UploadError::Refused(Refused::Full))));
        assert!(room(NOW + 24 * HOUR).await.unwrap().is_empty());
        // The day after, another sum begins; a week later the first is forgotten.
        note_submitted(&tx, 5, local_day(NOW) + 1).await.unwrap();
        note_submitted(&tx, 6, local_day(NOW) + 1).await.unwrap();
        note_submitted(&tx, 0, local_day(NOW) + 8).await.unwrap();
        assert_eq!(submitted_on(&*tx, local_day(NOW) + 1).await.unwrap(), 11);
        assert_eq!(submitted_on(&*tx, local_day(NOW)).await.unwrap(), room::LEAST as i64);
        note_submitted(&tx, 1, local_day(NOW) + 8).await.unwrap();
        assert_eq!(submitted_on(&*tx, local_day(NOW)).await.unwrap(), 0);
    }
}

#[tokio::test]
async fn the_same_file_chosen_again_goes_on_where_it_stands() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        save_draft(&tx, &vault, TOKEN, &Draft::default(), NOW).await.unwrap();
        save_draft(&tx, &vault, "theirs", &Draft::default(), NOW).await.unwrap();
        let mine = Announced { name: "a.jpg", size: 100_000, same: "a.jpg/100000/17" };
        let first = begin(&tx, &vault, TOKEN, &mine, NOW).await.unwrap();
        advance(&tx, &first, 20_000, NOW).await.unwrap();
        let again = begin(&tx, &vault, TOKEN, &mine, NOW).await.unwrap();
        assert_eq!((again.id, again.arrived), (first.id, 20_000));
        let other = begin(&tx, &vault, "theirs", &mine, NOW).await.unwrap();
        assert_eq!(other.arrived, 0);
        // Nobody else's browser finds it, nor an expired draft's.
        assert!(find(&*tx, &vault, "theirs", &first.file, NOW).await.is_err());
        assert!(find(&*tx, &vault, TOKEN, &first.file, NOW + 8 * 24 * HOUR).await.is_err());
        assert!(!remove(&tx, "theirs", &first.file).await.unwrap());
        assert!(remove(&tx, TOKEN, &first.file).await.unwrap());
        assert!(list(&*tx, &vault, TOKEN, NOW).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn chunks_too_small_too_large_or_past_the_end_are_refused() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        save_draft(&tx, &vault, TOKEN, &Draft::default(), NOW).await.unwrap();
        let upload = announced(&tx, &vault, "a", 100_000).await.unwrap();
        let least = CHUNK_LEAST as u64;
        assert!(goes_on(&upload, 0, least).unwrap());
        assert!(goes_on(&upload, 0, 100_000).unwrap());
        for (offset, length) in [(0, 0), (0, least - 1), (0, 100_001)] {
            assert!(matches!(goes_on(&upload, offset, length), Err(UploadError::Refused(Refused::Changed))));
        }
        assert!(matches!(goes_on(&upload, 1, least), Err(UploadError::Offset(0))));
        assert!(goes_on(&upload, u64::MAX - 5, least).is_err(), "no number is too large to be refused");
    }
}

#[tokio::test]
async fn submitted_files_open_for_those_who_may_have_the_case_and_no_longer_by_the_vault() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        save_draft(&tx, &vault, TOKEN, &draft(), NOW).await.unwrap();
        kept(&tx, &vault, "公示照片.jpg").await;
        announced(&tx, &vault, "没传完.mp4", 9).await.unwrap();
        let id = submitted(&tx, &vault, &draft(), TOKEN).await;
        let opened = cases::open_own(&*tx, &vault, id).await.unwrap();
        let files = of_case(&*tx, &opened).await.unwrap();
        assert_eq!(files.len(), 1, "what had not arrived is not there");
        assert_eq!(files[0].about.name, "公示照片.jpg");
        assert_eq!(files[0].about.sha256, "digest of the content");
        assert!(files[0].about.copy.is_some() && files[0].copy_file.is_some());
        // Another case's keys do not open it, and do not even find it.
        save_draft(&tx, &vault, "other", &draft(), NOW).await.unwrap();
        let other = submitted(&tx, &vault, &draft(), "other").await;
        let other = cases::open_own(&*tx, &vault, other).await.unwrap();
        assert!(of_case(&*tx, &other).await.unwrap().is_empty());
        exec(&*tx, "UPDATE attachments SET report_id = $1", values![other.id]).await.unwrap();
        assert!(of_case(&*tx, &other).await.is_err(), "moved there by hand, it stays shut");
        let sql = "SELECT COUNT(*) FROM attachments WHERE about_sealed IS NOT NULL OR key_sealed IS NOT NULL \
                   OR token_hash IS NOT NULL OR size > 0";
        assert_eq!(scalar::<i64>(&*tx, sql, values![]).await.unwrap(), 0);
    }
}

#[tokio::test]
async fn what_was_given_up_is_swept_and_what_is_submitted_or_still_written_stays() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        let count =
            || async { scalar::<i64>(&*tx, "SELECT COUNT(*) FROM attachments", values![]).await.unwrap() };
        save_draft(&tx, &vault, TOKEN, &draft(), NOW).await.unwrap();
        kept(&tx, &vault, "a.jpg").await;
        submitted(&tx, &vault, &draft(), TOKEN).await;
        save_draft(&tx, &vault, TOKEN, &draft(), NOW).await.unwrap();
        kept(&tx, &vault, "b.jpg").await;
        announced(&tx, &vault, "c.jpg", 9).await.unwrap();
        sweep(&tx, NOW + 24 * HOUR - 1).await.unwrap();
        assert_eq!(count().await, 3);
        sweep(&tx, NOW + 24 * HOUR).await.unwrap();
        assert_eq!(count().await, 2, "the upload that nobody went on with");
        delete_draft(&tx, TOKEN).await.unwrap();
        sweep(&tx, NOW).await.unwrap();
        assert_eq!(count().await, 1, "the submitted one");
    }
}

#[tokio::test]
async fn where_nothing_may_be_kept_no_file_is() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        crate::cases::routing::store::set_rank(&tx, LIUHE_HEAD, crate::cases::routing::Rank::County)
            .await
            .unwrap();
        let head = Draft { object: Some(crate::reports::Object::Cadre(LIUHE_HEAD)), ..draft() };
        save_draft(&tx, &vault, TOKEN, &head, NOW).await.unwrap();
        kept(&tx, &vault, "a.jpg").await;
        let report = head.check(None).unwrap();
        let done = crate::reports::store::submit(&tx, &vault, &report, TOKEN, NOW).await.unwrap();
        assert!(matches!(done, crate::reports::store::Submitted::Elsewhere { .. }), "{done:?}");
        assert_eq!(scalar::<i64>(&*tx, "SELECT COUNT(*) FROM attachments", values![]).await.unwrap(), 0);
    }
}
