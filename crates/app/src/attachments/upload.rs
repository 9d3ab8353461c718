//! A file in chunks: begun, sent on from wherever it stands, finished. The page's script calls this; so may any
//! program that holds the draft's cookie.
//!
//! ```text
//! POST /reports/evidence                name, size, same  → where it goes on (0 when new)
//! POST /reports/evidence/{file}/chunk   ?offset=&sha256=, body → where it goes on; 409 with it when elsewhere
//! GET  /reports/evidence/{file}         → where it goes on
//! POST /reports/evidence/{file}/finish  sha256 → kept
//! ```

use super::{
    CHUNK_MOST, Copy, Kind, LARGEST_FILE, Refused, copy, room,
    sealed::{Folder, Part, Whole, random_name},
    store::{self, Announced, Attachment, Done, UploadError},
};
use crate::reports::{bearer_token, draft_token};
use crate::web::{App, Asked, Form, PageError, Word};
use axum::{
    Json,
    body::to_bytes,
    extract::{Request, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use daylight_vault::DataKey;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::io;

/// The draft for which a file is sent: the one that the page's script names, or else the one of this browser.
pub(super) fn token(headers: &HeaderMap) -> Option<&str> {
    bearer_token(headers).or_else(|| draft_token(headers))
}

/// What a browser should send at once: on a village's connection some seconds.
const CHUNK: usize = 256 << 10;

/// What a browser announces.
#[derive(Deserialize)]
pub struct Begin {
    name: String,
    size: u64,
    #[serde(default)]
    same: String,
}

/// Where an upload stands.
#[derive(Clone, Debug, Serialize)]
pub struct Standing {
    /// The file's random name in addresses.
    pub file: String,
    /// From which byte it goes on.
    pub next: u64,
    /// Bytes of the whole.
    pub size: u64,
    /// Whether all of it has arrived and was found sound.
    pub kept: bool,
    /// How many bytes to send at once.
    pub chunk: usize,
}

impl Standing {
    fn of(upload: &Attachment, next: u64) -> Standing {
        let (file, size) = (upload.file.clone(), upload.about.size);
        Standing { file, next, size, kept: upload.kept, chunk: CHUNK }
    }
}

/// Why an upload does not go on.
#[derive(Debug)]
pub enum Stop {
    /// The rules, or the state of the upload.
    Upload(UploadError),
    /// As on a page.
    Page(PageError),
}

impl From<UploadError> for Stop {
    fn from(error: UploadError) -> Stop {
        Stop::Upload(error)
    }
}

impl From<Refused> for Stop {
    fn from(refused: Refused) -> Stop {
        Stop::Upload(refused.into())
    }
}

impl From<PageError> for Stop {
    fn from(error: PageError) -> Stop {
        Stop::Page(error)
    }
}

impl From<daylight_db::DbErr> for Stop {
    fn from(error: daylight_db::DbErr) -> Stop {
        Stop::Page(error.into())
    }
}

/// Begins a file of a draft, or finds where it stands.
pub(crate) async fn announce(app: &App, token: &str, announced: &Announced<'_>) -> Result<Standing, Stop> {
    room::ask(app, LARGEST_FILE).await?;
    let free = room::free(app).await?;
    let tx = app.db.write().await?;
    let upload = store::begin(&tx, &app.vault, token, announced, app.clock.now()).await?;
    // What goes on takes no more room than it was given.
    let goes_on = upload.kept || upload.arrived > 0;
    let gone =
        if goes_on { Vec::new() } else { room::fit(&tx, app, token, store::Own::Announced, free).await? };
    tx.commit().await?;
    room::clear(app, gone).await?;
    Ok(Standing::of(&upload, upload.arrived))
}

async fn found(app: &App, token: &str, file: &str) -> Result<Attachment, UploadError> {
    store::find(app.db.read(), &app.vault, token, file, app.clock.now()).await
}

/// Keeps a chunk of a file. `sha256` is the chunk's, in hex.
pub(crate) async fn send_on(
    app: &App,
    token: &str,
    file: &str,
    offset: u64,
    sha256: &str,
    bytes: Vec<u8>,
) -> Result<Standing, Stop> {
    let upload = found(app, token, file).await?;
    if data_encoding::HEXLOWER.encode(&Sha256::digest(&bytes)) != sha256 {
        return Err(Refused::Changed.into());
    }
    let length = bytes.len() as u64;
    if !store::goes_on(&upload, offset, length)? {
        // It had arrived, and only the answer got lost.
        return Ok(Standing::of(&upload, upload.arrived));
    }
    room::ask(app, length).await?;
    let data = app.config.data.clone();
    let (number, last) = (upload.segments, offset + length == upload.about.size);
    let upload = blocking(move || {
        Folder::open(&data)?.keep(&upload.key, &upload.file, number, last, &bytes)?;
        Ok(upload)
    })
    .await?;
    let free = room::free(app).await?;
    let tx = app.db.write().await?;
    if let Some(next) = store::advance(&tx, &upload, length, app.clock.now()).await? {
        // What others announced took no room; what they sent since does.
        let gone = room::fit(&tx, app, token, store::Own::Arrived, free).await?;
        tx.commit().await?;
        room::clear(app, gone).await?;
        return Ok(Standing::of(&upload, next));
    }
    drop(tx);
    // The same chunk sent twice at once: the other one counts.
    let upload = found(app, token, file).await?;
    Ok(Standing::of(&upload, upload.arrived))
}

/// Has a file that arrived looked at and kept. `sha256` is the whole's, in hex.
pub(crate) async fn complete(app: &App, token: &str, file: &str, sha256: &str) -> Result<Standing, Stop> {
    let upload = found(app, token, file).await?;
    if upload.kept {
        let same = upload.about.sha256 == sha256;
        return if same {
            Ok(Standing::of(&upload, upload.about.size))
        } else {
            Err(Refused::Changed.into())
        };
    }
    if upload.arrived != upload.about.size {
        return Err(UploadError::Offset(upload.arrived).into());
    }
    // The whole lies beside its chunks for a moment.
    room::ask(app, upload.about.size).await?;
    joined(app, token, &upload, sha256).await??;
    Ok(Standing { kept: true, ..Standing::of(&upload, upload.about.size) })
}

/// POST /reports/evidence
pub async fn begin(
    State(app): State<App>,
    headers: HeaderMap,
    Form(sent): Form<Begin>,
) -> Result<Response, PageError> {
    let Some(token) = token(&headers) else { return Err(PageError::NotFound) };
    let announced = Announced { name: &sent.name, size: sent.size, same: &sent.same };
    told(announce(&app, token, &announced).await)
}

/// GET /reports/evidence/{file}
pub async fn progress(
    State(app): State<App>,
    headers: HeaderMap,
    Word(file): Word,
) -> Result<Response, PageError> {
    let token = token(&headers).ok_or(PageError::NotFound)?;
    told(
        found(&app, token, &file)
            .await
            .map(|upload| Standing::of(&upload, upload.arrived))
            .map_err(Stop::from),
    )
}

/// POST /reports/evidence/{file}/chunk
pub async fn chunk(
    State(app): State<App>,
    Word(file): Word,
    asked: Asked,
    request: Request,
) -> Result<Response, PageError> {
    let (parts, body) = request.into_parts();
    let token = token(&parts.headers).ok_or(PageError::NotFound)?;
    // Whoever has no such file need not be listened to.
    if let Err(error) = found(&app, token, &file).await {
        return told(Err(error.into()));
    }
    let Ok(bytes) = to_bytes(body, CHUNK_MOST).await else { return Err(PageError::TooLarge) };
    let Ok(offset) = asked.text("offset").parse::<u64>() else { return Err(PageError::Malformed) };
    told(send_on(&app, token, &file, offset, asked.text("sha256"), bytes.into()).await)
}

/// What a browser says about the whole.
#[derive(Deserialize)]
pub struct Finish {
    sha256: String,
}

/// POST /reports/evidence/{file}/finish
pub async fn finish(
    State(app): State<App>,
    headers: HeaderMap,
    Word(file): Word,
    Form(sent): Form<Finish>,
) -> Result<Response, PageError> {
    let token = token(&headers).ok_or(PageError::NotFound)?;
    told(complete(&app, token, &file, &sent.sha256).await)
}

/// Joins what has arrived, tells what it is, makes the copy, and notes it. What is not what was sent begins anew;
/// what is nothing we take goes.
async fn joined(
    app: &App,
    token: &str,
    upload: &Attachment,
    sha256: &str,
) -> Result<Result<(), UploadError>, PageError> {
    let (data, key, file) = (app.config.data.clone(), upload.key.clone(), upload.file.clone());
    let segments = upload.segments;
    let joined = blocking(move || Ok(Folder::open(&data)?.join(&key, &file, segments))).await?;
    let whole = match joined {
        Ok(whole) if whole.sha256 == sha256 && whole.size == upload.about.size => whole,
        // Not what was sent, damaged, or no longer there (a backup was put back): from the beginning.
        Ok(_) => return begin_anew(app, upload).await,
        Err(error) if [io::ErrorKind::InvalidData, io::ErrorKind::NotFound].contains(&error.kind()) => {
            return begin_anew(app, upload).await;
        }
        Err(error) => return Err(PageError::internal(error)),
    };
    let Some(kind) = Kind::sniff(&whole.head) else {
        let tx = app.db.write().await?;
        store::remove(&tx, token, &upload.file).await?;
        tx.commit().await?;
        clear(app, upload, true).await?;
        return Ok(Err(Refused::Kind.into()));
    };
    let copy = draw_copy(app, &upload.key, &upload.file, kind, &whole).await?;
    let done = Done { whole: &whole, kind, copy };
    let tx = app.db.write().await?;
    let kept = store::keep(&tx, &app.vault, token, upload, done, app.clock.now()).await;
    match kept {
        Ok(true) => tx.commit().await?,
        Ok(false) => {
            drop(tx);
            // Finished twice at once, or submitted or removed meanwhile.
            let now = app.clock.now();
            let again = store::find(app.db.read(), &app.vault, token, &upload.file, now).await;
            return Ok(again.map(drop));
        }
        Err(error) => return Ok(Err(error)),
    }
    clear(app, upload, false).await?;
    Ok(Ok(()))
}

async fn begin_anew(app: &App, upload: &Attachment) -> Result<Result<(), UploadError>, PageError> {
    let tx = app.db.write().await?;
    if store::reset(&tx, upload, app.clock.now()).await? {
        // Before anybody can see that it begins anew, and send the first chunk again.
        clear(app, upload, true).await?;
    }
    tx.commit().await?;
    Ok(Err(Refused::Changed.into()))
}

/// Removes the chunks of a file, and the whole if it is not wanted.
async fn clear(app: &App, upload: &Attachment, whole: bool) -> Result<(), PageError> {
    let (data, file, segments) = (app.config.data.clone(), upload.file.clone(), upload.segments);
    blocking(move || {
        let folder = Folder::open(&data)?;
        folder.remove_segments(&file, segments);
        if whole {
            folder.remove(&file);
        }
        Ok(())
    })
    .await
}

/// Makes the copy for looking at and seals it beside the original. The original is read into memory only when a copy
/// can be made of it, and one at a time.
pub(super) async fn draw_copy(
    app: &App,
    key: &DataKey,
    file: &str,
    kind: Kind,
    whole: &Whole,
) -> Result<Option<(String, Copy)>, PageError> {
    let (data, key, file, segments) = (app.config.data.clone(), key.clone(), file.to_owned(), whole.segments);
    let reading = key.clone();
    let original = move || {
        let mut original = Vec::new();
        for segment in Folder::open(&data)?.read(reading, &file, Part::Original, segments)? {
            original.extend_from_slice(segment?.bytes());
        }
        Ok::<_, io::Error>(original)
    };
    let Some(drawn) = copy::display_copy(kind, original).await.map_err(PageError::internal)? else {
        return Ok(None);
    };
    let (data, name) = (app.config.data.clone(), random_name());
    blocking(move || {
        let mut sealing = Folder::open(&data)?.begin(&name, Part::Copy)?;
        sealing.write(&key, &drawn)?;
        let copy = sealing.finish(&key)?;
        Ok(Some((name, Copy { size: copy.size, segments: copy.segments })))
    })
    .await
}

/// Work on the disk, away from those who wait for the network.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, PageError> {
    let done = tokio::task::spawn_blocking(work).await.map_err(PageError::internal)?;
    done.map_err(PageError::internal)
}

/// What a script is told.
fn told(done: Result<Standing, Stop>) -> Result<Response, PageError> {
    let error = match done {
        Ok(standing) => return Ok(Json(standing).into_response()),
        Err(Stop::Page(error)) => return Err(error),
        Err(Stop::Upload(error)) => error,
    };
    let message = error.to_string();
    Ok(match error {
        UploadError::Refused(refused) => {
            let told = json!({ "error": refused.code(), "message": message });
            (StatusCode::UNPROCESSABLE_ENTITY, Json(told)).into_response()
        }
        UploadError::Offset(next) => {
            (StatusCode::CONFLICT, Json(json!({ "error": "offset", "message": message, "next": next })))
                .into_response()
        }
        other => return Err(other.into()),
    })
}
