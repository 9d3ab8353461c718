//! The Atom feed of what a unit published (RFC 4287).

use super::store::{self, Published};
use crate::{
    clock::beijing,
    codes,
    revisions::{Content, SubjectKind},
    web::{App, Id, PageError},
};
use askama::Template;
use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};

struct Entry {
    id: String,
    title: String,
    href: String,
    at: String,
}

#[derive(Template)]
#[template(path = "units/templates/feed.xml", escape = "html")]
struct Feed {
    title: String,
    author: String,
    page: String,
    own: String,
    updated: String,
    entries: Vec<Entry>,
}

/// How many things a feed carries.
const MOST: i64 = 50;

/// GET /units/{id}/feed.xml
pub async fn feed(State(app): State<App>, Id(id): Id) -> Result<Response, PageError> {
    let unit = store::get(app.db.read(), id).await?.ok_or(PageError::NotFound)?;
    let published = store::published(app.db.read(), id, MOST).await?;
    let entries: Vec<_> = published.iter().filter_map(|one| entry(&app, one)).collect();
    let page = codes::address(&app, &SubjectKind::Unit.href(id));
    let feed = Feed {
        title: plain(&format!("{}：最近公布", unit.name)),
        author: plain(&unit.name),
        own: format!("{page}/feed.xml"),
        page,
        updated: entries.first().map_or_else(|| instant(0), |entry| entry.at.clone()),
        entries,
    };
    Ok(([(header::CONTENT_TYPE, "application/atom+xml; charset=utf-8")], feed.render()?).into_response())
}

/// A state in which something was withheld is no entry.
fn entry(app: &App, published: &Published) -> Option<Entry> {
    let kind = SubjectKind::from_code(&published.kind)?;
    if Content::from_json(kind, &published.content).is_ok_and(|content| !content.is_public()) {
        return None;
    }
    let verb = if published.number == 1 { "公布" } else { "更新" };
    let href = codes::address(app, &kind.href(published.subject_id));
    Some(Entry {
        id: format!("{href}/history#{}", published.number),
        title: plain(&format!("{verb}{}：{}", kind.page(), published.title)),
        href,
        at: instant(published.published_at),
    })
}

/// RFC 3339 in Beijing time.
fn instant(at: i64) -> String {
    let at = beijing(at);
    let (date, time) = (at.date(), at.time());
    format!("{date}T{:02}:{:02}:{:02}+08:00", time.hour(), time.minute(), time.second())
}

/// Without the characters that XML 1.0 cannot carry at all.
fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() && !matches!(c, '\u{FFFE}' | '\u{FFFF}')).collect()
}
