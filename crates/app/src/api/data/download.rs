//! `/data/units.csv`: a whole table, sent as it is read.

use super::{
    store,
    table::Table,
    write::{Format, Pieces},
};
use crate::web::{Access, App, PageError, Route, Word, get};
use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use futures_util::stream::try_unfold;
use tokio::sync::Semaphore;

/// How many batches are read at the same time over all downloads: the rest of the database's
/// readers stay free for pages, however many people download. A slow reader holds nothing.
static READING: Semaphore = Semaphore::const_new(2);

pub(super) fn routes() -> Vec<Route> {
    // Fresh: the page cache keeps whole answers in memory, these are meant to pass through.
    vec![get("/data/{file}", Access::PublicFresh, download)]
}

async fn download(
    State(app): State<App>,
    Word(file): Word,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let (name, extension) = file.split_once('.').ok_or(PageError::NotFound)?;
    let table = Table::from_name(name).ok_or(PageError::NotFound)?;
    let format = Format::ALL.into_iter().find(|format| format.extension() == extension);
    let format = format.ok_or(PageError::NotFound)?;
    let stamp = store::stamp(app.db.read()).await?;
    // Weak: the same rows, not promised to be the same bytes.
    let tag = format!("W/\"{}-{stamp}\"", env!("CARGO_PKG_VERSION"));
    let tag = HeaderValue::from_str(&tag).map_err(PageError::internal)?;
    let kept = [(header::ETAG, tag.clone()), (header::CACHE_CONTROL, HeaderValue::from_static("no-cache"))];
    if asks_again(&headers, &tag) {
        return Ok((StatusCode::NOT_MODIFIED, kept).into_response());
    }
    let about = [
        (header::CONTENT_TYPE, format.media_type().to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{file}\"")),
    ];
    let pieces = try_unfold((app, Pieces::new(table, format)), |(app, mut pieces)| async move {
        let turn = READING.acquire().await.map_err(std::io::Error::other)?;
        let piece = pieces.next(app.db.read()).await;
        drop(turn);
        match piece {
            Ok(piece) => Ok(piece.map(|piece| (piece, (app, pieces)))),
            Err(error) => {
                // Too late for a status: the connection breaks, so that nobody takes half for whole.
                tracing::error!(error = %error, "download broke off");
                Err(std::io::Error::other(error))
            }
        }
    });
    Ok((kept, about, Body::from_stream(pieces)).into_response())
}

/// Whether the reader has these rows already.
fn asks_again(headers: &HeaderMap, tag: &HeaderValue) -> bool {
    let asked = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let tag = tag.to_str().unwrap_or_default();
    asked.split(',').any(|known| known.trim() == tag)
}
