//! Codes that carry an address from paper to phone (B1): the picture, and the A4 sheet to hang up.

use crate::{
    reports::Object,
    web::{App, PageError},
};
use askama::Template;
use axum::{
    http::header,
    response::{Html, IntoResponse, Response},
};
use daylight_ui::{Html as Markup, Link, Qr, Sheet, Shell};

/// The absolute address of a path, as it stands in codes and feeds for years.
pub fn address(app: &App, path: &str) -> String {
    format!("{}{path}", app.config.base_url)
}

/// The block beside a page's content. The page's own address with `/qr.svg` is its code.
pub fn block(app: &App, path: &str) -> Qr {
    Qr::linked("扫一扫，在手机上打开本页", address(app, path), &format!("{path}/qr.svg"))
}

/// The code as an SVG file, kept as long as any page: it bears a name that may be withdrawn.
pub fn svg(app: &App, path: &str, name: &str) -> Result<Response, PageError> {
    let missing = || PageError::Internal("the base address is too long for a code".into());
    let svg = Qr::file(name, &address(app, path)).ok_or_else(missing)?;
    Ok(([(header::CONTENT_TYPE, "image/svg+xml")], svg).into_response())
}

/// A sheet to print and hang beside the desk.
pub struct Poster<'a> {
    /// The page the code opens.
    pub path: &'a str,
    /// Whose name stands large on it.
    pub name: &'a str,
    /// What the code opens, in a sentence.
    pub what: &'a str,
    /// The second of the three steps: what to do on the page.
    pub look: &'a str,
    /// What somebody who scans the second code reports about.
    pub about: Object,
}

#[derive(Template)]
#[template(path = "codes/templates/poster.html")]
struct Body<'a> {
    what: &'a str,
    look: &'a str,
    qr: Qr,
    report: Qr,
}

/// The page of a poster.
pub async fn poster(app: &App, shell: &Shell, poster: &Poster<'_>) -> Result<Response, PageError> {
    let body = Body {
        what: poster.what,
        look: poster.look,
        qr: Qr::new("看一看：公开的内容", address(app, poster.path)),
        report: Qr::new("说一说：反映问题", address(app, &poster.about.entrance())),
    };
    let site = crate::home::store::site_name(app.db.read()).await?;
    let sheet = Sheet {
        organ: format!("{site}阳光监督"),
        title: poster.name.to_owned(),
        body: Markup::render(&body)?,
        foot: format!("{} 制", crate::clock::date_text(app.clock.now())).into(),
        ..Sheet::default()
    };
    let back = Link::new("返回", poster.path);
    let html = format!("{sheet}<p class=\"no-print ways\">请用浏览器菜单里的“打印”，纸张选A4。{back}</p>");
    Ok(Html(daylight_ui::page(shell, &html)).into_response())
}
