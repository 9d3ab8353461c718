//! 订阅: what became public last, as Atom (RFC 4287).

use super::store::{self, Publication};
use crate::{
    clock::{self, Millis},
    revisions::SubjectKind,
    web::{App, PageError},
};
use askama::Template;
use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};

const LENGTH: i64 = 50;

struct Line {
    id: String,
    title: String,
    href: String,
    updated: String,
    summary: String,
}

#[derive(Template)]
#[template(path = "home/templates/feed.xml")]
struct Feed {
    base: String,
    title: String,
    updated: String,
    lines: Vec<Line>,
}

/// GET /feed.xml
pub async fn newest(State(app): State<App>) -> Result<Response, PageError> {
    let c = app.db.read();
    let publications = store::newest(c, None, LENGTH).await?;
    let newest = publications.first().map_or(0, |newest| newest.published_at);
    let base = app.config.base_url.clone();
    let lines = publications.iter().map(|publication| line(&base, publication)).collect();
    let title = format!("{}阳光监督 · 最新公开", store::site_name(c).await?);
    let xml = Feed { title: legal(&title), updated: instant(newest), lines, base }.render()?;
    Ok(([(header::CONTENT_TYPE, "application/atom+xml; charset=utf-8")], xml).into_response())
}

fn line(base: &str, publication: &Publication) -> Line {
    let kind = SubjectKind::from_code(&publication.kind).unwrap_or(SubjectKind::Unit);
    let href = format!("{base}{}", kind.href(publication.subject_id));
    let what = if publication.number > 1 { "内容有更新" } else { "首次公开" };
    let unit = publication.unit.as_deref().filter(|unit| *unit != publication.title).unwrap_or_default();
    Line {
        id: format!("{href}#revision-{}", publication.id),
        title: legal(&format!("{}：{}", kind.page(), publication.title)),
        href,
        updated: instant(publication.published_at),
        summary: legal(format!("{unit} {what}").trim()),
    }
}

/// "2026-11-22T10:00:00+08:00".
fn instant(at: Millis) -> String {
    let at = clock::beijing(at);
    let date = daylight_ui::zh::iso_date(at.year(), u8::from(at.month()), at.day());
    format!("{date}T{:02}:{:02}:{:02}+08:00", at.hour(), at.minute(), at.second())
}

/// XML 1.0 has no way to write most control characters.
fn legal(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() && !matches!(c, '\u{FFFE}' | '\u{FFFF}')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_name_stays_a_name() {
        let publication = Publication {
            id: 3,
            kind: "power".into(),
            subject_id: 9,
            number: 2,
            title: "</title><script>\u{1}&".into(),
            unit: Some("教育局".into()),
            published_at: 1_795_312_800_000,
        };
        let lines = vec![line("http://a.cn", &publication)];
        let feed = Feed { base: "http://a.cn".into(), title: "甲".into(), updated: instant(0), lines };
        let xml = feed.render().unwrap();
        assert!(!xml.contains("<script>") && !xml.contains('\u{1}'), "{xml}");
        assert!(xml.contains("http://a.cn/powers/9") && xml.contains("2026-11-22T10:00:00+08:00"), "{xml}");
    }
}
