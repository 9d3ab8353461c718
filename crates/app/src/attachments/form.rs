//! Files by a plain form, for browsers without scripts; and taking one out again.

use super::{
    Kind, LARGEST_DRAFT, LARGEST_FILE, MOST_FILES, Refused, room,
    sealed::{Folder, PIECE, Part, Sealing, Whole},
    store::{self, Done, Fresh, UploadError},
    upload::{blocking, draw_copy},
};
use crate::reports::draft_token as token;
use crate::web::{App, Form, PageError, Word, redirect};
use axum::{
    extract::{
        DefaultBodyLimit, FromRequest, Multipart, Request, State,
        multipart::{Field, MultipartError},
    },
    http::HeaderMap,
    response::Response,
};
use daylight_vault::DataKey;
use std::io;
use tokio::task::spawn_blocking;

/// Where the list of files and the form stand.
const PAGE: &str = "/reports/new/evidence";

/// What the form says beside its files.
#[derive(Default)]
struct Said {
    /// Back to the answers afterwards, from which one came.
    check: bool,
    /// Stay, to add more.
    stay: bool,
}

impl Said {
    /// Takes a field that is no file.
    fn hear(&mut self, name: &str, value: &str) {
        self.check |= name == "to" && value == "check";
        self.stay |= name == "do" && value == "upload";
    }

    fn back(&self, refused: Option<Refused>) -> Response {
        let refused = refused.map(|refused| format!("refused={}", refused.code()));
        let to = self.check.then(|| "to=check".to_owned());
        let asked: Vec<_> = refused.into_iter().chain(to).collect();
        redirect(&[PAGE, &asked.join("&")].join(if asked.is_empty() { "" } else { "?" }))
    }

    /// Where to, when all was taken.
    fn onward(&self) -> Response {
        if self.stay { self.back(None) } else { redirect(crate::reports::after_evidence(self.check)) }
    }
}

/// Why a form is not taken.
enum Failed {
    Refused(Refused),
    Page(PageError),
}

impl From<Refused> for Failed {
    fn from(refused: Refused) -> Failed {
        Failed::Refused(refused)
    }
}

impl From<io::Error> for Failed {
    fn from(error: io::Error) -> Failed {
        Failed::Page(PageError::internal(error))
    }
}

impl From<PageError> for Failed {
    fn from(error: PageError) -> Failed {
        Failed::Page(error)
    }
}

impl From<daylight_db::DbErr> for Failed {
    fn from(error: daylight_db::DbErr) -> Failed {
        Failed::Page(error.into())
    }
}

impl From<MultipartError> for Failed {
    fn from(error: MultipartError) -> Failed {
        if error.status() == 413 {
            Failed::Refused(Refused::Together)
        } else {
            Failed::Refused(Refused::Changed)
        }
    }
}

impl From<UploadError> for Failed {
    fn from(error: UploadError) -> Failed {
        match error {
            UploadError::Refused(refused) => Failed::Refused(refused),
            error => Failed::Page(error.into()),
        }
    }
}

/// POST /reports/evidence/form. What was taken before one is refused stays.
pub async fn submit(
    State(app): State<App>,
    headers: HeaderMap,
    mut request: Request,
) -> Result<Response, PageError> {
    let token = token(&headers).ok_or(PageError::NotFound)?;
    // Some room for the names and lines between the files.
    let most = usize::try_from(LARGEST_DRAFT).unwrap_or(usize::MAX).saturating_add(1 << 20);
    DefaultBodyLimit::max(most).apply(&mut request);
    let parts = Multipart::from_request(request, &app).await.map_err(|_| PageError::Malformed)?;
    let mut said = Said::default();
    match take(&app, token, parts, &mut said).await {
        Ok(()) => Ok(said.onward()),
        Err(Failed::Refused(refused)) => Ok(said.back(Some(refused))),
        Err(Failed::Page(error)) => Err(error),
    }
}

async fn take(app: &App, token: &str, mut parts: Multipart, said: &mut Said) -> Result<(), Failed> {
    let data = app.config.data.clone();
    let folder = blocking(move || Folder::open(&data)).await?;
    while let Some(mut field) = parts.next_field().await? {
        if field.file_name().is_none() {
            let name = field.name().unwrap_or_default().to_owned();
            let value = field.chunk().await?.unwrap_or_default();
            said.hear(&name, std::str::from_utf8(&value).unwrap_or_default());
            continue;
        }
        let name = field.file_name().unwrap_or_default().to_owned();
        // A form without a chosen file sends one empty part without a name.
        if name.is_empty() {
            continue;
        }
        if !folder.has_room(LARGEST_FILE, app.config.evidence_reserve) {
            return Err(Refused::Full.into());
        }
        let used = store::used(app.db.read(), token, app.clock.now()).await?;
        let (files, bytes) = used.ok_or(Failed::Page(PageError::NotFound))?;
        if files >= MOST_FILES {
            return Err(Refused::Many.into());
        }
        take_file(app, &folder, token, field, &name, LARGEST_DRAFT.saturating_sub(bytes)).await?;
    }
    Ok(())
}

async fn take_file(
    app: &App,
    folder: &Folder,
    token: &str,
    field: Field<'_>,
    name: &str,
    left: u64,
) -> Result<(), Failed> {
    let fresh = Fresh::draw();
    let sealing = folder.begin(&fresh.file, Part::Original)?;
    let room = || folder.has_room(PIECE as u64, app.config.evidence_reserve);
    let sealing = pour(&fresh.key, sealing, field, left, &room).await?;
    let key = fresh.key.clone();
    let whole = blocking(move || sealing.finish(&key)).await?;
    let file = fresh.file.clone();
    let kept = keep(app, token, name, fresh, whole).await;
    if kept.is_err() {
        folder.remove(&file);
    }
    kept
}

/// Seals and writes one piece while the next one arrives.
async fn pour(
    key: &DataKey,
    sealing: Sealing,
    mut field: Field<'_>,
    left: u64,
    room: &(impl Fn() -> bool + Sync),
) -> Result<Sealing, Failed> {
    let mut writing = spawn_blocking(|| Ok::<_, io::Error>(sealing));
    let (mut size, mut more) = (0, true);
    while more {
        let mut piece = Vec::with_capacity(PIECE + (64 << 10));
        more = gather(&mut field, &mut piece).await?;
        size += piece.len() as u64;
        match size {
            0 => return Err(Refused::Empty.into()),
            _ if size > LARGEST_FILE => return Err(Refused::Large.into()),
            _ if size > left => return Err(Refused::Together.into()),
            _ if !room() => return Err(Refused::Full.into()),
            _ => {}
        }
        let (mut sealing, key) = (writing.await.map_err(PageError::internal)??, key.clone());
        writing = spawn_blocking(move || sealing.write(&key, &piece).map(|()| sealing));
    }
    Ok(writing.await.map_err(PageError::internal)??)
}

/// Fills a piece with what arrives. Whether there is more to come.
async fn gather(field: &mut Field<'_>, piece: &mut Vec<u8>) -> Result<bool, MultipartError> {
    while piece.len() < PIECE {
        match field.chunk().await? {
            Some(bytes) => piece.extend_from_slice(&bytes),
            None => return Ok(false),
        }
    }
    Ok(true)
}

async fn keep(app: &App, token: &str, name: &str, fresh: Fresh, whole: Whole) -> Result<(), Failed> {
    let kind = Kind::sniff(&whole.head).ok_or(Refused::Kind)?;
    let copy = draw_copy(app, &fresh.key, &fresh.file, kind, &whole).await?;
    let done = Done { whole: &whole, kind, copy };
    let free = room::free(app).await?;
    let tx = app.db.write().await?;
    store::add(&tx, &app.vault, token, name, fresh, done, app.clock.now()).await?;
    let gone = room::fit(&tx, app, token, store::Own::Announced, free).await?;
    tx.commit().await?;
    Ok(room::clear(app, gone).await?)
}

/// POST /reports/evidence/{file}/remove
pub async fn remove(
    State(app): State<App>,
    headers: HeaderMap,
    Word(file): Word,
    Form(sent): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let token = token(&headers).ok_or(PageError::NotFound)?;
    let found = store::find(app.db.read(), &app.vault, token, &file, app.clock.now()).await;
    let upload = found.map_err(|_| PageError::NotFound)?;
    let tx = app.db.write().await?;
    store::remove(&tx, token, &file).await?;
    tx.commit().await?;
    let data = app.config.data.clone();
    blocking(move || {
        let folder = Folder::open(&data)?;
        folder.remove_segments(&upload.file, upload.segments);
        folder.remove(&upload.file);
        upload.copy_file.iter().for_each(|copy| folder.remove(copy));
        Ok(())
    })
    .await?;
    let mut said = Said::default();
    sent.iter().for_each(|(name, value)| said.hear(name, value));
    Ok(said.back(None))
}
