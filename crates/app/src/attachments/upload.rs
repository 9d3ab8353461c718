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
    CHUNK_MOST, Copy, Kind, Refused, copy,
    sealed::{Folder, Part, Whole, random_name},
    store::{self, Announced, Attachment, Done, UploadError},
};
use crate::reports::draft_token as token;
use crate::web::{App, Asked, Form, PageError, Word};
use axum::{
    Json,
    body::to_bytes,
    extract::{Request, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use daylight_vault::DataKey;
use serde::Deserialize;
use serde_json::json;
use sha2::{Digest, Sha256};
use std::io;

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

/// POST /reports/evidence
pub async fn begin(
    State(app): State<App>,
    headers: HeaderMap,
    Form(sent): Form<Begin>,
) -> Result<Response, PageError> {
    let Some(token) = token(&headers) else { return answer(UploadError::NotFound) };
    let data = app.config.data.clone();
    if !blocking(move || Ok(Folder::open(&data)?.has_room())).await? {
        return answer(Refused::Full.into());
    }
    let announced = Announced { name: &sent.name, size: sent.size, same: &sent.same };
    let tx = app.db.write().await?;
    match store::begin(&tx, &app.vault, token, &announced, app.clock.now()).await {
        Ok(upload) => {
            tx.commit().await?;
            Ok(standing(&upload, upload.arrived))
        }
        Err(error) => answer(error),
    }
}

/// GET /reports/evidence/{file}
pub async fn progress(
    State(app): State<App>,
    headers: HeaderMap,
    Word(file): Word,
) -> Result<Response, PageError> {
    match found(&app, &headers, &file).await {
        Ok(upload) => Ok(standing(&upload, upload.arrived)),
        Err(error) => answer(error),
    }
}

async fn found(app: &App, headers: &HeaderMap, file: &str) -> Result<Attachment, UploadError> {
    let token = token(headers).ok_or(UploadError::NotFound)?;
    store::find(app.db.read(), &app.vault, token, file, app.clock.now()).await
}

/// POST /reports/evidence/{file}/chunk
pub async fn chunk(
    State(app): State<App>,
    Word(file): Word,
    asked: Asked,
    request: Request,
) -> Result<Response, PageError> {
    let (parts, body) = request.into_parts();
    let upload = match found(&app, &parts.headers, &file).await {
        Ok(upload) => upload,
        Err(error) => return answer(error),
    };
    let Ok(bytes) = to_bytes(body, CHUNK_MOST).await else { return Err(PageError::TooLarge) };
    let Ok(offset) = asked.text("offset").parse::<u64>() else { return Err(PageError::Malformed) };
    if data_encoding::HEXLOWER.encode(&Sha256::digest(&bytes)) != asked.text("sha256") {
        return answer(Refused::Changed.into());
    }
    let length = bytes.len() as u64;
    match store::goes_on(&upload, offset, length) {
        Ok(true) => {}
        // It had arrived, and only the answer got lost.
        Ok(false) => return Ok(standing(&upload, upload.arrived)),
        Err(error) => return answer(error),
    }
    let data = app.config.data.clone();
    let (number, last) = (upload.segments, offset + length == upload.about.size);
    let upload = blocking(move || {
        Folder::open(&data)?.keep(&upload.key, &upload.file, number, last, &bytes)?;
        Ok(upload)
    })
    .await?;
    let tx = app.db.write().await?;
    match store::advance(&tx, &upload, length, app.clock.now()).await {
        Ok(Some(next)) => {
            tx.commit().await?;
            Ok(standing(&upload, next))
        }
        // The same chunk sent twice at once: the other one counts.
        Ok(None) => match found(&app, &parts.headers, &file).await {
            Ok(upload) => Ok(standing(&upload, upload.arrived)),
            Err(error) => answer(error),
        },
        Err(error) => answer(error),
    }
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
    let upload = match found(&app, &headers, &file).await {
        Ok(upload) => upload,
        Err(error) => return answer(error),
    };
    if upload.kept {
        let same = upload.about.sha256 == sent.sha256;
        return if same { Ok(standing(&upload, upload.about.size)) } else { answer(Refused::Changed.into()) };
    }
    if upload.arrived != upload.about.size {
        return answer(UploadError::Offset(upload.arrived));
    }
    let token = token(&headers).unwrap_or_default();
    match joined(&app, token, &upload, &sent.sha256).await? {
        Ok(()) => Ok(standing(&upload, upload.about.size)),
        Err(error) => answer(error),
    }
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
    store::reset(&tx, upload, app.clock.now()).await?;
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
) -> Result<Option<(String, Vec<u8>, Copy)>, PageError> {
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
        Ok(Some((name, copy.sealed_sha256, Copy { size: copy.size, segments: copy.segments })))
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

fn standing(upload: &Attachment, next: u64) -> Response {
    let size = upload.about.size;
    let kept = upload.kept;
    Json(json!({ "file": upload.file, "next": next, "size": size, "kept": kept, "chunk": CHUNK }))
        .into_response()
}

/// What a script is told when it does not go on.
fn answer(error: UploadError) -> Result<Response, PageError> {
    let message = error.to_string();
    Ok(match error {
        UploadError::Refused(refused) => {
            let told = json!({ "error": refused.code(), "message": message });
            (StatusCode::UNPROCESSABLE_ENTITY, Json(told)).into_response()
        }
        UploadError::NotFound => return Err(PageError::NotFound),
        UploadError::Offset(next) => {
            (StatusCode::CONFLICT, Json(json!({ "error": "offset", "message": message, "next": next })))
                .into_response()
        }
        UploadError::Store(crate::cases::store::StoreError::Db(error)) => return Err(error.into()),
        UploadError::Store(error) => return Err(PageError::internal(error)),
    })
}
