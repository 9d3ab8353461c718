//! Files by a plain form, for browsers without scripts; and taking one out again.

use super::{
    Kind, LARGEST_DRAFT, LARGEST_FILE, MOST_FILES, Refused, room,
    sealed::{Folder, PIECE, Part, Sealing, Whole},
    store::{self, Done, Fresh, UploadError},
    upload::{Stop, blocking, draw_copy, token},
};
use crate::{
    reports::draft_token,
    web::{App, BODY_LIMIT, Form, PageError, Word, redirect},
};
use axum::{
    extract::{
        DefaultBodyLimit, FromRequest, Multipart, Request, State,
        multipart::{Field, MultipartError},
    },
    http::{HeaderMap, header},
    response::Response,
};
use daylight_db::DbErr;
use daylight_vault::DataKey;
use std::io;
use tokio::task::spawn_blocking;

/// Where the list of files and the form stand.
const PAGE: &str = "/reports/new/evidence";

/// What the form says beside its files.
struct Said<'a>(&'a Texts);

impl Said<'_> {
    fn says(&self, name: &str, value: &str) -> bool {
        self.0.iter().any(|(key, said)| key == name && said == value)
    }

    fn back(&self, refused: Option<Refused>) -> Response {
        let refused = refused.map(|refused| format!("refused={}", refused.code()));
        // Back to the answers afterwards, from which one came.
        let to = self.says("to", "check").then(|| "to=check".to_owned());
        let asked: Vec<_> = refused.into_iter().chain(to).collect();
        redirect(&[PAGE, &asked.join("&")].join(if asked.is_empty() { "" } else { "?" }))
    }

    /// Where to, when all was taken.
    fn onward(&self) -> Response {
        // Stay, to add more.
        if self.says("do", "upload") {
            return self.back(None);
        }
        redirect(crate::reports::after_evidence(self.says("to", "check")))
    }
}

/// What a form says beside its files: names and values, in their order.
pub(crate) type Texts = Vec<(String, String)>;

/// Texts that a form may have, and their bytes.
const MOST_TEXTS: usize = 100;
const LONGEST_TEXTS: usize = 512 << 10;

/// Why a form is not taken, or not to its end.
pub(crate) enum Failed {
    /// A file breaks the rules; those before it were taken.
    Refused(Refused),
    /// There is no draft for its files: whoever asked says why.
    NoDraft,
    /// As on a page.
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

impl From<DbErr> for Failed {
    fn from(error: DbErr) -> Failed {
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

impl From<Stop> for Failed {
    fn from(stop: Stop) -> Failed {
        match stop {
            Stop::Upload(error) => error.into(),
            Stop::Page(error) => Failed::Page(error),
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
    request: Request,
) -> Result<Response, PageError> {
    let token = draft_token(&headers).ok_or(PageError::NotFound)?;
    let mut texts = Texts::new();
    match receive(&app, request, &mut texts, async |_| Ok(Some(token.to_owned()))).await {
        Ok(()) => Ok(Said(&texts).onward()),
        Err(Failed::Refused(refused)) => Ok(Said(&texts).back(Some(refused))),
        Err(Failed::NoDraft) => Err(PageError::NotFound),
        Err(Failed::Page(error)) => Err(error),
    }
}

/// Takes a form of texts and files. Texts are kept as they come. When the first file comes, `draft` says from the texts
/// before it under which draft the files belong; without one nothing more is read. A form without files may also come
/// as forms without files do.
pub(crate) async fn receive(
    app: &App,
    mut request: Request,
    texts: &mut Texts,
    draft: impl AsyncFnOnce(&Texts) -> Result<Option<String>, PageError>,
) -> Result<(), Failed> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    if !kind.is_some_and(|kind| kind.starts_with("multipart/form-data")) {
        DefaultBodyLimit::max(BODY_LIMIT).apply(&mut request);
        let Form(sent) = Form::<Texts>::from_request(request, app).await?;
        *texts = sent;
        return Ok(());
    }
    // Some room for the names and lines between the files.
    let most = usize::try_from(LARGEST_DRAFT).unwrap_or(usize::MAX).saturating_add(1 << 20);
    DefaultBodyLimit::max(most).apply(&mut request);
    let mut parts = Multipart::from_request(request, app).await.map_err(|_| PageError::Malformed)?;
    let data = app.config.data.clone();
    let folder = blocking(move || Folder::open(&data)).await?;
    let (mut draft, mut found, mut read) = (Some(draft), None, 0);
    while let Some(mut field) = parts.next_field().await? {
        let Some(name) = field.file_name().map(str::to_owned) else {
            let name = field.name().unwrap_or_default().to_owned();
            let mut value = Vec::new();
            while let Some(bytes) = field.chunk().await? {
                read += bytes.len();
                if read > LONGEST_TEXTS {
                    return Err(PageError::TooLarge.into());
                }
                value.extend_from_slice(&bytes);
            }
            if texts.len() >= MOST_TEXTS {
                return Err(PageError::Malformed.into());
            }
            texts.push((name, String::from_utf8_lossy(&value).into_owned()));
            continue;
        };
        // A form without a chosen file sends one empty part without a name.
        if name.is_empty() {
            continue;
        }
        if let Some(draft) = draft.take() {
            found = draft(texts).await?;
        }
        let Some(token) = &found else { return Err(Failed::NoDraft) };
        room::ask(app, LARGEST_FILE).await?;
        let used = store::used(app.db.read(), token, app.clock.now()).await?;
        let (files, bytes) = used.ok_or(Failed::Page(PageError::NotFound))?;
        if files >= MOST_FILES {
            return Err(Refused::Many.into());
        }
        take_file(app, &folder, token, field, &name, LARGEST_DRAFT.saturating_sub(bytes)).await?;
    }
    Ok(())
}

/// Takes out of a draft the files that are ticked in a form, whatever else is wrong with it. How many had to go since its
/// page was shown.
pub(crate) async fn sort_out(app: &App, token: &str, texts: &Texts) -> Result<usize, PageError> {
    let said = |name: &'static str| texts.iter().filter(move |(key, _)| key == name).map(|(_, value)| value);
    let shown = said("there").next().and_then(|shown| shown.parse::<usize>().ok()).unwrap_or(0);
    let tx = app.db.write().await?;
    let there = store::kept(&*tx, token).await?;
    let lying = store::lying(&tx, token).await?;
    for file in said("drop") {
        store::remove(&tx, token, file).await?;
    }
    let gone = store::gone(&tx, lying).await?;
    tx.commit().await?;
    room::clear(app, gone).await?;
    Ok(shown.saturating_sub(there))
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
    let sealing = pour(app, &fresh.key, sealing, field, left).await?;
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
    app: &App,
    key: &DataKey,
    sealing: Sealing,
    mut field: Field<'_>,
    left: u64,
) -> Result<Sealing, Failed> {
    let mut writing = spawn_blocking(|| Ok::<_, io::Error>(sealing));
    let (mut size, mut more) = (0, true);
    while more {
        let mut piece = Vec::with_capacity(PIECE + (64 << 10));
        more = gather(&mut field, &mut piece).await?;
        // Before the first, room for the whole was asked for.
        if size > 0 {
            room::ask(app, PIECE as u64).await?;
        }
        size += piece.len() as u64;
        match size {
            0 => return Err(Refused::Empty.into()),
            _ if size > LARGEST_FILE => return Err(Refused::Large.into()),
            _ if size > left => return Err(Refused::Together.into()),
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
    Form(sent): Form<Texts>,
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
    Ok(Said(&sent).back(None))
}
