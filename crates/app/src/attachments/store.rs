//! Every query on attachments: as they arrive under a draft, and as they hang on a case.

use super::{
    About, CHUNK_LEAST, Copy, Kind, LARGEST_DRAFT, LARGEST_FILE, MOST_FILES, Refused,
    attachment::FIRST,
    room,
    sealed::is_name,
    sealed::{Whole, random_name},
};
use crate::{
    accounts::token_hash,
    cases::{
        self, By,
        store::{Entry, Opened, StoreError},
    },
    clock::{Millis, beijing},
    ops::store::{FILE_ABOUT, FILE_KEY},
};
use daylight_db::{ConnectionTrait, DbErr, FromQueryResult, Tx, all, exec, one, scalar, scalar_opt, values};
use daylight_vault::{DataKey, Place, Purpose, Vault};
use std::collections::BTreeSet;

/// An upload that nobody has gone on with for so long is given up.
const ABANDONED: Millis = 24 * 3_600_000;

/// Which upload a browser means when it chooses the same file again.
const SAME: Purpose = Purpose("attachment-upload");

/// Why an upload does not go on.
#[derive(Debug, thiserror::Error)]
pub enum UploadError {
    /// The rules for files say no.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// No such draft, no such file, or not in this browser.
    #[error("没有找到这个文件")]
    NotFound,
    /// That is not where it goes on.
    #[error("应当从第{0}字节继续上传")]
    Offset(u64),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<UploadError> for crate::web::PageError {
    fn from(error: UploadError) -> crate::web::PageError {
        use crate::web::PageError;
        match error {
            UploadError::Refused(refused) => PageError::invalid(refused.to_string()),
            UploadError::NotFound | UploadError::Offset(_) => PageError::NotFound,
            UploadError::Store(StoreError::Db(error)) => error.into(),
            UploadError::Store(error) => PageError::internal(error),
        }
    }
}

impl From<DbErr> for UploadError {
    fn from(error: DbErr) -> UploadError {
        UploadError::Store(error.into())
    }
}

impl From<daylight_vault::VaultError> for UploadError {
    fn from(error: daylight_vault::VaultError) -> UploadError {
        UploadError::Store(error.into())
    }
}

impl From<serde_json::Error> for UploadError {
    fn from(error: serde_json::Error) -> UploadError {
        UploadError::Store(error.into())
    }
}

/// A file of a draft or a case.
#[derive(Debug)]
pub struct Attachment {
    /// Its row.
    pub id: i64,
    /// Its random name: in addresses and on the disk.
    pub file: String,
    /// Name, size, kind.
    pub about: About,
    /// Whether all of it has arrived.
    pub kept: bool,
    /// Bytes that have arrived, while it arrives.
    pub arrived: u64,
    /// Sealed segments so far.
    pub segments: u64,
    /// The copy's random name on the disk.
    pub(super) copy_file: Option<String>,
    pub(super) key: DataKey,
}

impl Attachment {
    /// What it came with.
    pub(crate) fn came_with<'a>(&self, opened: &'a Opened) -> Option<&'a Entry> {
        opened.entries.iter().find(|entry| entry.event.number == self.about.event)
    }

    /// Whether the reporter sent it. What staff obtained is theirs, and what belongs to nothing is nobody's.
    pub(crate) fn is_reporters(&self, opened: &Opened) -> bool {
        self.came_with(opened).is_some_and(|entry| entry.event.by == By::Reporter)
    }
}

#[derive(FromQueryResult)]
struct Row {
    id: i64,
    file: String,
    state: String,
    arrived: i64,
    segments: i64,
    copy_file: Option<String>,
    about: Vec<u8>,
    key: Vec<u8>,
}

const OF_DRAFT: &str = "SELECT a.id, a.file, a.state, a.arrived, a.segments, a.copy_file, \
                        a.about_sealed AS about, a.key_sealed AS key FROM attachments a \
                        JOIN report_drafts d ON d.token_hash = a.token_hash \
                        WHERE a.token_hash = $1 AND d.expires_at > $2";

impl Row {
    fn of_draft(self, vault: &Vault) -> Result<Attachment, StoreError> {
        let about = vault.unseal(&FILE_ABOUT.place(self.id), &self.about)?;
        let key = DataKey::unwrap(vault, &FILE_KEY.place(self.id), 1, &self.key)?;
        self.read(about.as_bytes(), key)
    }

    fn of_case(self, opened: &Opened) -> Result<Attachment, StoreError> {
        let about = opened.unlock(&about_locked(self.id), &self.about)?;
        let key = DataKey::of(1, &opened.unlock(&key_locked(self.id), &self.key)?)?;
        self.read(about.as_bytes(), key)
    }

    fn read(self, about: &[u8], key: DataKey) -> Result<Attachment, StoreError> {
        Ok(Attachment {
            id: self.id,
            about: serde_json::from_slice(about)?,
            kept: self.state == "kept",
            arrived: u64::try_from(self.arrived).unwrap_or(0),
            segments: u64::try_from(self.segments).unwrap_or(0),
            file: self.file,
            copy_file: self.copy_file,
            key,
        })
    }
}

fn about_locked(id: i64) -> Place {
    Place::new("attachments", id, "about_locked")
}

fn key_locked(id: i64) -> Place {
    Place::new("attachments", id, "key_locked")
}

/// Everything about the files of one draft happens one after another, and never beside its submission.
async fn lock(tx: &Tx, token: &str) -> Result<(), DbErr> {
    tx.lock(&data_encoding::HEXLOWER.encode(&token_hash(token))).await
}

/// What a browser announces.
pub struct Announced<'a> {
    /// As the browser calls it.
    pub name: &'a str,
    /// Bytes of it.
    pub size: u64,
    /// What makes it the same file when it is chosen again; drawn by the browser.
    pub same: &'a str,
}

/// Begins an upload, or finds the one that was begun for the same file.
pub async fn begin(
    tx: &Tx,
    vault: &Vault,
    token: &str,
    announced: &Announced<'_>,
    now: Millis,
) -> Result<Attachment, UploadError> {
    lock(tx, token).await?;
    let same = (!announced.same.is_empty()).then(|| {
        let text = format!("{}\n{}\n{}", token, announced.size, announced.same);
        vault.blind(SAME, &text).to_vec()
    });
    if let Some(same) = &same {
        let sql = format!("{OF_DRAFT} AND a.same = $3");
        let bound = values![token_hash(token), now, same.clone()];
        if let Some(row) = one::<Row>(&**tx, &sql, bound).await? {
            return Ok(row.of_draft(vault)?);
        }
    }
    allow(tx, token, announced.size, now).await?;
    let about = About::announced(announced.name, announced.size);
    insert(tx, vault, token, same, Fresh::draw(), about, now).await
}

/// A file that has no row yet.
pub(super) struct Fresh {
    pub file: String,
    pub key: DataKey,
}

impl Fresh {
    pub fn draw() -> Fresh {
        Fresh { file: random_name(), key: DataKey::draw(1) }
    }
}

/// Adds a file that lies on the disk as a whole already: what a plain form sends.
pub(super) async fn add(
    tx: &Tx,
    vault: &Vault,
    token: &str,
    name: &str,
    fresh: Fresh,
    done: Done<'_>,
    now: Millis,
) -> Result<(), UploadError> {
    lock(tx, token).await?;
    allow(tx, token, done.whole.size, now).await?;
    let about = About::announced(name, done.whole.size);
    let upload = insert(tx, vault, token, None, fresh, about, now).await?;
    if keep(tx, vault, token, &upload, done, now).await? { Ok(()) } else { Err(UploadError::NotFound) }
}

/// Files and bytes that a draft has; none when there is no such draft.
pub(super) async fn used(
    c: &impl ConnectionTrait,
    token: &str,
    now: Millis,
) -> Result<Option<(i64, u64)>, DbErr> {
    #[derive(FromQueryResult)]
    struct Sum {
        files: i64,
        bytes: i64,
    }
    let sql = "SELECT expires_at FROM report_drafts WHERE token_hash = $1 AND expires_at > $2";
    if scalar_opt::<i64>(c, sql, values![token_hash(token), now]).await?.is_none() {
        return Ok(None);
    }
    // What is announced counts: nobody gets more room by not sending it.
    let sql = "SELECT COUNT(*) AS files, CAST(COALESCE(SUM(size), 0) AS BIGINT) AS bytes FROM attachments \
               WHERE token_hash = $1";
    let sum: Option<Sum> = one(c, sql, values![token_hash(token)]).await?;
    Ok(sum.map(|sum| (sum.files, u64::try_from(sum.bytes).unwrap_or(0))))
}

/// Whether a draft may have one more file of this size. Called under the draft's lock.
async fn allow(tx: &Tx, token: &str, size: u64, now: Millis) -> Result<(), UploadError> {
    let (files, bytes) = used(&**tx, token, now).await?.ok_or(UploadError::NotFound)?;
    match size {
        0 => Err(Refused::Empty)?,
        _ if size > LARGEST_FILE => Err(Refused::Large)?,
        _ if files >= MOST_FILES => Err(Refused::Many)?,
        _ if bytes + size > LARGEST_DRAFT => Err(Refused::Together)?,
        _ => Ok(()),
    }
}

/// A file of a draft that had to go.
#[derive(Debug, FromQueryResult)]
pub(crate) struct Gone {
    pub file: String,
    pub segments: i64,
    pub copy_file: Option<String>,
}

/// Under this lock room is made, one after another.
const ROOM: &str = "draft files";

/// What of one's own counts when room is looked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Own {
    /// What was announced: nobody begins what does not fit.
    Announced,
    /// What has arrived: a piece came in.
    Arrived,
}

/// Called when a file of a draft has been announced, and when a piece of one has arrived: when all drafts together, with
/// what was submitted today, have too much, the files of idle ones go, the largest first, until it fits, then those of drafts that
/// have had room for too long. Their text stays. Of others only what has
/// arrived counts: whoever wants to take the room from everybody has to send it, and gives way first. What was announced
/// and never sent takes no room; it goes with the other abandoned uploads. Says which files, to be removed from the disk
/// once this is committed.
pub(super) async fn make_room(
    tx: &Tx,
    token: &str,
    own: Own,
    free: Option<u64>,
    shares: room::Shares,
    now: Millis,
) -> Result<Vec<Gone>, UploadError> {
    #[derive(FromQueryResult)]
    struct Held {
        counts: i64,
        arrived: i64,
    }
    #[derive(FromQueryResult)]
    struct Idle {
        token_hash: Vec<u8>,
        arrived: i64,
    }
    tx.lock(ROOM).await?;
    let mine = if own == Own::Announced { "size" } else { "arrived" };
    let sql = format!(
        "SELECT CAST(COALESCE(SUM(CASE WHEN token_hash = $1 THEN {mine} ELSE arrived END), 0) AS BIGINT) AS counts, \
         CAST(COALESCE(SUM(arrived), 0) AS BIGINT) AS arrived FROM attachments WHERE report_id IS NULL"
    );
    let held: Option<Held> = one(&**tx, &sql, values![token_hash(token)]).await?;
    let submitted = submitted_on(&**tx, local_day(now)).await?;
    let (counts, arrived) = held.map_or((0, 0), |held| (held.counts, held.arrived));
    let (counts, arrived) = (counts + submitted, arrived + submitted);
    let there = u64::try_from(arrived).unwrap_or(0);
    let mut over = counts.saturating_sub(whole(room::budget(free, there, shares.share, shares.reserve)));
    if over <= 0 {
        return Ok(Vec::new());
    }
    // Whoever typed or sent something within the hour is writing; but nobody keeps room from others for a whole morning
    // by a touch an hour. Idle ones go first.
    let sql = "SELECT a.token_hash, CAST(SUM(a.arrived) AS BIGINT) AS arrived FROM attachments a \
               LEFT JOIN report_drafts d ON d.token_hash = a.token_hash \
               WHERE a.report_id IS NULL AND a.token_hash <> $1 GROUP BY a.token_hash, d.expires_at \
               HAVING ((MAX(a.touched_at) <= $2 AND COALESCE(d.expires_at, 0) <= $3) OR MIN(a.begun_at) <= $4) \
               AND SUM(a.arrived) > 0 ORDER BY \
               CASE WHEN MAX(a.touched_at) <= $2 AND COALESCE(d.expires_at, 0) <= $3 THEN 0 ELSE 1 END, \
               SUM(a.arrived) DESC, MAX(a.touched_at), a.token_hash";
    let saved = now - room::IDLE + crate::reports::store::DRAFT_LIVES;
    let idle: Vec<Idle> =
        all(&**tx, sql, values![token_hash(token), now - room::IDLE, saved, now - room::OLD]).await?;
    let mut gone = Vec::new();
    for draft in idle {
        if over <= 0 {
            break;
        }
        let sql = "DELETE FROM attachments WHERE token_hash = $1 AND report_id IS NULL \
                   RETURNING file, segments, copy_file";
        gone.extend(all::<Gone>(&**tx, sql, values![draft.token_hash]).await?);
        over -= draft.arrived;
    }
    if over > 0 { Err(Refused::Full.into()) } else { Ok(gone) }
}

/// The Julian day in Beijing.
fn local_day(at: Millis) -> i64 {
    beijing(at).date().to_julian_day().into()
}

/// Bytes of evidence that were submitted on a day.
async fn submitted_on(c: &impl ConnectionTrait, day: i64) -> Result<i64, DbErr> {
    let sql = "SELECT bytes FROM evidence_days WHERE day = $1";
    Ok(scalar_opt(c, sql, values![day]).await?.unwrap_or(0))
}

async fn note_submitted(tx: &Tx, bytes: i64, day: i64) -> Result<(), DbErr> {
    if bytes == 0 {
        return Ok(());
    }
    exec(&**tx, "DELETE FROM evidence_days WHERE day < $1", values![day - 7]).await?;
    let sql = "INSERT INTO evidence_days (day, bytes) VALUES ($1, $2) \
               ON CONFLICT (day) DO UPDATE SET bytes = evidence_days.bytes + excluded.bytes";
    exec(&**tx, sql, values![day, bytes]).await.map(drop)
}

async fn insert(
    tx: &Tx,
    vault: &Vault,
    token: &str,
    same: Option<Vec<u8>>,
    Fresh { file, key }: Fresh,
    about: About,
    now: Millis,
) -> Result<Attachment, UploadError> {
    let sql = "INSERT INTO attachments (token_hash, same, file, state, size, arrived, segments, touched_at, \
               begun_at) VALUES ($1, $2, $3, 'arriving', $4, 0, 0, $5, $5) RETURNING id";
    let bound = values![token_hash(token), same, file.clone(), whole(about.size), now];
    let id: i64 = scalar(&**tx, sql, bound).await?;
    let sealed = vault.seal(&FILE_ABOUT.place(id), &serde_json::to_vec(&about)?);
    let sql = "UPDATE attachments SET about_sealed = $2, key_sealed = $3 WHERE id = $1";
    exec(&**tx, sql, values![id, sealed, key.wrap(vault, &FILE_KEY.place(id))]).await?;
    Ok(Attachment { id, file, about, kept: false, arrived: 0, segments: 0, copy_file: None, key })
}

/// A file of a draft.
pub async fn find(
    c: &impl ConnectionTrait,
    vault: &Vault,
    token: &str,
    file: &str,
    now: Millis,
) -> Result<Attachment, UploadError> {
    if !is_name(file) {
        return Err(UploadError::NotFound);
    }
    let sql = format!("{OF_DRAFT} AND a.file = $3");
    let row: Option<Row> = one(c, &sql, values![token_hash(token), now, file]).await?;
    Ok(row.ok_or(UploadError::NotFound)?.of_draft(vault)?)
}

/// The files of a draft, in the order in which they were added.
pub async fn list(
    c: &impl ConnectionTrait,
    vault: &Vault,
    token: &str,
    now: Millis,
) -> Result<Vec<Attachment>, StoreError> {
    let rows: Vec<Row> =
        all(c, &format!("{OF_DRAFT} ORDER BY a.id"), values![token_hash(token), now]).await?;
    rows.into_iter().map(|row| row.of_draft(vault)).collect()
}

/// Whether a chunk goes on where the file stands: `Ok(true)` when it is the next, `Ok(false)` when it has arrived
/// before.
pub fn goes_on(upload: &Attachment, offset: u64, length: u64) -> Result<bool, UploadError> {
    let end = offset.saturating_add(length);
    if upload.kept || (length > 0 && end <= upload.arrived) {
        return Ok(false);
    }
    if offset != upload.arrived {
        return Err(UploadError::Offset(upload.arrived));
    }
    let last = end == upload.about.size;
    if length == 0 || end > upload.about.size || (!last && length < CHUNK_LEAST as u64) {
        return Err(Refused::Changed.into());
    }
    Ok(true)
}

/// Notes that the next chunk is on the disk. Returns where the file goes on: elsewhere when another was quicker.
pub async fn advance(
    tx: &Tx,
    upload: &Attachment,
    length: u64,
    now: Millis,
) -> Result<Option<u64>, UploadError> {
    let sql = "UPDATE attachments SET arrived = arrived + $4, segments = segments + 1, touched_at = $5 \
               WHERE id = $1 AND state = 'arriving' AND arrived = $2 AND segments = $3";
    let (arrived, segments) = (whole(upload.arrived), whole(upload.segments));
    let bound = values![upload.id, arrived, segments, whole(length), now];
    Ok((exec(&**tx, sql, bound).await? == 1).then_some(upload.arrived + length))
}

fn whole(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Begins a file anew: what arrived is not what was sent, or is no longer there.
/// False when it has gone on or was kept meanwhile.
pub async fn reset(tx: &Tx, upload: &Attachment, now: Millis) -> Result<bool, DbErr> {
    let sql = "UPDATE attachments SET arrived = 0, segments = 0, touched_at = $2 \
               WHERE id = $1 AND state = 'arriving' AND arrived = $3 AND segments = $4";
    let bound = values![upload.id, now, whole(upload.arrived), whole(upload.segments)];
    Ok(exec(&**tx, sql, bound).await? == 1)
}

/// What became of a file that lies on the disk in its final form.
pub(super) struct Done<'a> {
    pub whole: &'a Whole,
    pub kind: Kind,
    /// Name on the disk, and what is sealed about it.
    pub copy: Option<(String, Copy)>,
}

/// Notes that a file is there as a whole. False when it is no longer waited for.
pub(super) async fn keep(
    tx: &Tx,
    vault: &Vault,
    token: &str,
    upload: &Attachment,
    done: Done<'_>,
    now: Millis,
) -> Result<bool, UploadError> {
    lock(tx, token).await?;
    let (copy_file, copy) = done.copy.unzip();
    let about = About {
        name: upload.about.name.clone(),
        size: done.whole.size,
        kind: Some(done.kind),
        sha256: done.whole.sha256.clone(),
        copy,
        event: FIRST,
    };
    let about = vault.seal(&FILE_ABOUT.place(upload.id), &serde_json::to_vec(&about)?);
    let sql = "UPDATE attachments SET state = 'kept', about_sealed = $3, size = $4, arrived = $4, segments = $5, \
               copy_file = $6, touched_at = $7 \
               WHERE id = $1 AND token_hash = $2 AND state = 'arriving' AND arrived = $8 AND segments = $9";
    let bound = values![
        upload.id,
        token_hash(token),
        about,
        whole(done.whole.size),
        whole(done.whole.segments),
        copy_file,
        now,
        whole(upload.arrived),
        whole(upload.segments)
    ];
    Ok(exec(&**tx, sql, bound).await? == 1)
}

/// Takes a file out of a draft. What it leaves on the disk opens for nobody: its key is gone.
pub async fn remove(tx: &Tx, token: &str, file: &str) -> Result<bool, DbErr> {
    lock(tx, token).await?;
    let sql = "DELETE FROM attachments WHERE token_hash = $1 AND file = $2";
    Ok(exec(&**tx, sql, values![token_hash(token), file]).await? == 1)
}

/// Takes out of a draft what the reporter sent before: the same message, sent again, brings nothing twice. How many files
/// wait; none goes any more until the transaction has ended. Called under the lock of the case.
pub(crate) async fn settle_new(
    tx: &Tx,
    vault: &Vault,
    opened: &Opened,
    token: &str,
    now: Millis,
) -> Result<usize, StoreError> {
    let there = settle(tx, token).await?;
    if there == 0 {
        return Ok(0);
    }
    let files = of_case(&**tx, opened).await?;
    let mut known: BTreeSet<String> =
        files.into_iter().filter(|file| file.is_reporters(opened)).map(|file| file.about.sha256).collect();
    for file in list(&**tx, vault, token, now).await? {
        if file.kept && !known.insert(file.about.sha256) {
            remove(tx, token, &file.file).await?;
        }
    }
    Ok(settle(tx, token).await?)
}

/// How many files of a draft have arrived as a whole; none goes any more until the transaction has ended.
pub(crate) async fn settle(tx: &Tx, token: &str) -> Result<usize, DbErr> {
    lock(tx, token).await?;
    tx.lock(ROOM).await?;
    kept(&**tx, token).await
}

/// How many files of a draft have arrived as a whole.
pub(super) async fn kept(c: &impl ConnectionTrait, token: &str) -> Result<usize, DbErr> {
    let sql = "SELECT COUNT(*) FROM attachments WHERE token_hash = $1 AND state = 'kept'";
    let kept: i64 = scalar(c, sql, values![token_hash(token)]).await?;
    Ok(usize::try_from(kept).unwrap_or(0))
}

/// Throws the files of a draft away: it was submitted to where we may keep nothing, or given up.
pub async fn discard(tx: &Tx, token: &str) -> Result<(), DbErr> {
    exec(&**tx, "DELETE FROM attachments WHERE token_hash = $1", values![token_hash(token)]).await.map(drop)
}

/// What the files of a draft have on the disk, before it is submitted or given up.
pub(crate) async fn lying(tx: &Tx, token: &str) -> Result<Vec<Gone>, DbErr> {
    let sql = "SELECT file, segments, copy_file FROM attachments WHERE token_hash = $1";
    all(&**tx, sql, values![token_hash(token)]).await
}

/// Those of them that no row knows any more: to be removed from the disk once this is committed.
pub(crate) async fn gone(tx: &Tx, lying: Vec<Gone>) -> Result<Vec<Gone>, DbErr> {
    let mut gone = Vec::new();
    for file in lying {
        let sql = "SELECT id FROM attachments WHERE file = $1";
        if scalar_opt::<i64>(&**tx, sql, values![file.file.clone()]).await?.is_none() {
            gone.push(file);
        }
    }
    Ok(gone)
}

/// Hangs the files of a draft under another token.
pub(crate) async fn carry_over(tx: &Tx, from: &str, to: &str) -> Result<(), DbErr> {
    let sql = "UPDATE attachments SET token_hash = $2, same = NULL WHERE token_hash = $1";
    exec(&**tx, sql, values![token_hash(from), token_hash(to)]).await.map(drop)
}

/// Hangs the files that wait under a token on a case, with the event with which they came: their keys and names are
/// locked under the key of the case and no longer open under the vault's. Of a report, what had not arrived as a whole
/// is thrown away; the form said so before. What comes later may come with the next message.
pub(crate) async fn attach(
    tx: &Tx,
    vault: &Vault,
    opened: &Opened,
    (token, event): (&str, u32),
    now: Millis,
) -> Result<(), StoreError> {
    #[derive(FromQueryResult)]
    struct Sealed {
        id: i64,
        arrived: i64,
        about_sealed: Vec<u8>,
        key_sealed: Vec<u8>,
    }
    let sql = "SELECT id, arrived, about_sealed, key_sealed FROM attachments WHERE token_hash = $1 AND state = 'kept'";
    let rows: Vec<Sealed> = all(&**tx, sql, values![token_hash(token)]).await?;
    note_submitted(tx, rows.iter().map(|row| row.arrived).sum(), local_day(now)).await?;
    for row in rows {
        let about = vault.unseal(&FILE_ABOUT.place(row.id), &row.about_sealed)?;
        let about = About { event, ..serde_json::from_slice(about.as_bytes())? };
        let key = vault.unseal(&FILE_KEY.place(row.id), &row.key_sealed)?;
        let sql = "UPDATE attachments SET report_id = $2, token_hash = NULL, same = NULL, about_sealed = NULL, \
                   key_sealed = NULL, about_locked = $3, key_locked = $4, size = 0, arrived = 0, touched_at = 0, begun_at = 0 \
                   WHERE id = $1 AND token_hash = $5";
        let bound = values![
            row.id,
            opened.id,
            opened.lock(&about_locked(row.id), &serde_json::to_vec(&about)?)?,
            opened.lock(&key_locked(row.id), key.as_bytes())?,
            token_hash(token)
        ];
        // Gone since they were read (room was made for others): a report must not come in without it unseen.
        if exec(&**tx, sql, bound).await? != 1 {
            return Err(StoreError::Moved);
        }
    }
    if event == FIRST {
        discard(tx, token).await?;
    }
    Ok(())
}

/// What of a case's files must not change unseen: which there are and where they lie. What they hold is bound by the
/// keys that open it.
#[derive(Debug, FromQueryResult, serde::Serialize)]
pub(crate) struct Bound {
    id: i64,
    file: String,
    state: String,
    segments: i64,
    copy_file: Option<String>,
}

pub(crate) async fn bound(c: &impl ConnectionTrait, report_id: i64) -> Result<Vec<Bound>, DbErr> {
    let sql = "SELECT id, file, state, segments, copy_file FROM attachments WHERE report_id = $1 ORDER BY id";
    all(c, sql, values![report_id]).await
}

/// The files of a case, for whoever has opened it.
pub async fn of_case(c: &impl ConnectionTrait, opened: &Opened) -> Result<Vec<Attachment>, StoreError> {
    let sql = "SELECT id, file, state, arrived, segments, copy_file, about_locked AS about, key_locked AS key \
               FROM attachments WHERE report_id = $1 ORDER BY id";
    let rows: Vec<Row> = all(c, sql, values![opened.id]).await?;
    rows.into_iter().map(|row| row.of_case(opened)).collect()
}

/// Forgets uploads that were given up and those of drafts that are gone.
pub async fn sweep(tx: &Tx, now: Millis) -> Result<u64, DbErr> {
    let sql = "DELETE FROM attachments WHERE report_id IS NULL AND ((state = 'arriving' AND touched_at <= $2) \
               OR NOT EXISTS (SELECT 1 FROM report_drafts d WHERE d.token_hash = attachments.token_hash \
               AND d.expires_at > $1))";
    exec(&**tx, sql, values![now, now - ABANDONED]).await
}

/// Names on the disk that belong to a row.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// Of which chunks may lie there, and the whole.
    pub arriving: BTreeSet<String>,
    /// Of which only the whole lies there, and copies.
    pub kept: BTreeSet<String>,
}

pub(super) async fn known(c: &impl ConnectionTrait) -> Result<Known, DbErr> {
    #[derive(FromQueryResult)]
    struct Names {
        file: String,
        copy_file: Option<String>,
        state: String,
    }
    let rows: Vec<Names> = all(c, "SELECT file, copy_file, state FROM attachments", values![]).await?;
    let mut known = Known::default();
    for row in rows {
        let set = if row.state == "kept" { &mut known.kept } else { &mut known.arriving };
        set.insert(row.file);
        set.extend(row.copy_file);
    }
    Ok(known)
}

/// A kept file and the case it hangs on; none while it hangs on a draft.
pub(super) type Kept = (i64, Option<i64>);

/// The next kept files after a row.
pub(super) async fn kept_after(c: &impl ConnectionTrait, after: i64, limit: i64) -> Result<Vec<Kept>, DbErr> {
    #[derive(FromQueryResult)]
    struct Lying {
        id: i64,
        report_id: Option<i64>,
    }
    let sql = "SELECT id, report_id FROM attachments WHERE state = 'kept' AND id > $1 ORDER BY id LIMIT $2";
    let rows: Vec<Lying> = all(c, sql, values![after, limit]).await?;
    Ok(rows.into_iter().map(|row| (row.id, row.report_id)).collect())
}

/// A kept file, opened with the program's own keys. None when it was thrown away meanwhile.
pub(super) async fn open_own(
    c: &impl ConnectionTrait,
    vault: &Vault,
    (id, report_id): Kept,
) -> Result<Option<Attachment>, StoreError> {
    let columns = if report_id.is_some() { "locked" } else { "sealed" };
    let sql = format!(
        "SELECT id, file, state, arrived, segments, copy_file, about_{columns} AS about, key_{columns} AS key \
         FROM attachments WHERE id = $1 AND report_id IS NOT DISTINCT FROM $2"
    );
    let Some(row) = one::<Row>(c, &sql, values![id, report_id]).await? else { return Ok(None) };
    match report_id {
        Some(case_id) => row.of_case(&cases::store::open_own(c, vault, case_id).await?).map(Some),
        None => row.of_draft(vault).map(Some),
    }
}

#[cfg(test)]
#[path = "tests/stored.rs"]
mod tests;
