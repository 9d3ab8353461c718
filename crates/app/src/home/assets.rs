//! Style sheet, script and icon.

use crate::web::{PageError, Word};
use axum::{
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use daylight_ui::assets::{Asset, get, icon_href};

/// GET /assets/{name}: names with a hash never change and may be kept for a year.
pub async fn file(Word(name): Word) -> Result<Response, PageError> {
    Ok(serve(get(&name).ok_or(PageError::NotFound)?))
}

/// GET /favicon.ico: what browsers ask for unasked.
pub async fn icon() -> Result<Response, PageError> {
    let icon = get(icon_href()).ok_or(PageError::NotFound)?;
    Ok(serve(Asset { immutable: false, ..icon }))
}

fn serve(asset: Asset) -> Response {
    let keep = if asset.immutable { "public, max-age=31536000, immutable" } else { "public, max-age=3600" };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(asset.content_type)),
        (header::CACHE_CONTROL, HeaderValue::from_static(keep)),
        (header::ETAG, HeaderValue::from_static(asset.etag)),
    ];
    (headers, asset.bytes).into_response()
}
