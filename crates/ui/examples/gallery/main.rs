//! Shows every part and three whole pages.
//!
//! `gallery` prints the parts to standard output; `gallery --serve` answers on 127.0.0.1:4700 at `/`, `/home`, `/unit`,
//! `/report`, `/done`, `/office`, `/sheet`, `/error`; put `/elder` before a path for 长辈版.

mod pages;
mod parts;

use axum::Router;
use axum::extract::Path;
use axum::http::{StatusCode, Uri, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use daylight_ui::assets;

async fn show(uri: Uri) -> Response {
    let path = uri.path();
    let (elder, path) = path.strip_prefix("/elder").map_or((false, path), |rest| (true, rest));
    match pages::at(path, elder) {
        Some(html) => Html(html).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn asset(Path(name): Path<String>) -> Response {
    match assets::get(&name) {
        Some(asset) => ([(header::CONTENT_TYPE, asset.content_type)], asset.bytes).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    if !std::env::args().any(|arg| arg == "--serve") {
        println!("{}", pages::at("/", false).unwrap_or_default());
        return Ok(());
    }
    const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; \
        font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
    let policy = axum::middleware::map_response(|mut answer: Response| async move {
        answer
            .headers_mut()
            .insert(header::CONTENT_SECURITY_POLICY, header::HeaderValue::from_static(POLICY));
        answer
    });
    let app = Router::new()
        .route("/assets/{name}", get(asset))
        .route("/elder", post(|| async { "已切换" }))
        .fallback(show)
        .layer(policy);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:4700").await?;
    println!("http://127.0.0.1:4700 {}", pages::PATHS.join(" "));
    axum::serve(listener, app).await
}
