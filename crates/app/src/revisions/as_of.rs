//! The page "as it stood on date D" (N22): reading the date, saying so on the page, and the two ways it fails.

use super::{Revision, SubjectKind, store};
use crate::{
    clock::{Millis, end_of_day},
    web::{App, Asked, PageError, Viewer},
};
use askama::Template;
use axum::{
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};
use daylight_db::ConnectionTrait;
use daylight_tables::value::parse_month;
use daylight_ui::{
    Action, Actions, Details, Drawing, Empty, Html as Markup, Shell,
    form::{Errors, Field, Form, Width},
    zh,
};
use time::{Date, Month};

/// The moment a page shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The day asked for; none is now.
    pub on: Option<Date>,
    /// The last instant shown.
    pub at: Millis,
}

impl Moment {
    /// Reads `?on=`. Dates are taken as people write them: 2026-03-15, 2026年3月15日, 20260315.
    pub fn read(app: &App, asked: &Asked) -> Result<Moment, String> {
        let now = app.clock.now();
        match asked.text("on") {
            "" => Ok(Moment { on: None, at: now }),
            text => {
                let date = read_day(text, app.clock.today())?;
                Ok(Moment { on: Some(date), at: end_of_day(date) })
            }
        }
    }

    /// The day shown, to compare with dates in the content.
    pub fn day(&self) -> Date {
        self.on.unwrap_or_else(|| crate::clock::beijing(self.at).date())
    }

    /// An address of the same moment: `parts` are query fields without the date.
    pub fn href(&self, path: &str, parts: &[(&str, &str)]) -> String {
        let mut fields: Vec<_> =
            parts.iter().map(|(key, value)| format!("{key}={}", crate::web::escape_query(value))).collect();
        fields.extend(self.on.map(|on| format!("on={on}")));
        if fields.is_empty() { path.to_owned() } else { format!("{path}?{}", fields.join("&")) }
    }

    /// The banner over a page of the past; nothing now.
    pub fn banner(&self, path: &str) -> Markup {
        let Some(on) = self.on else { return Markup::default() };
        let banner = Banner { day: words(on), path: path.to_owned() };
        Markup::render(&banner).unwrap_or_default()
    }
}

/// "2026年3月15日".
pub fn words(date: Date) -> String {
    zh::date(date.year(), u8::from(date.month()), date.day())
}

fn read_day(text: &str, today: Date) -> Result<Date, String> {
    let wrong = || format!("“{}”不是完整的日期。请写明年、月、日，例如 2026-03-15。", short(text));
    let read = parse_month(text).map_err(|_| wrong())?;
    let (Some(month), Some(day)) = (read.month, read.day) else { return Err(wrong()) };
    let month = Month::try_from(month).map_err(|_| wrong())?;
    let date = Date::from_calendar_date(read.year, month, day).map_err(|_| wrong())?;
    if date > today {
        return Err(format!("{}还没有到。请填今天或以前的日期。", words(date)));
    }
    Ok(date)
}

/// What was typed, cut so that it cannot fill the page.
fn short(text: &str) -> String {
    text.chars().take(20).collect()
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<div class="asof" role="status"><p><b>这是{{ day }}当天结束时公布的内容</b>，可能和现在不一样。</p><p class="ways"><a href="{{ path }}">看现在的内容</a></p></div>"#
)]
struct Banner {
    day: String,
    path: String,
}

/// The small form that asks for a date, closed until it is wanted.
pub fn form(path: &str, kept: &[(&str, &str)], moment: &Moment) -> Details {
    let value = moment.on.map(|on| on.to_string()).unwrap_or_default();
    Details::new("看它以前的样子", fields(path, kept, &value, &Errors::new()))
}

fn fields(path: &str, kept: &[(&str, &str)], value: &str, errors: &Errors) -> Form {
    let field = Field::text("on", "看哪一天的内容").hint("年-月-日，例如 2026-03-15").value(value);
    let field = field.width(Width::Medium).maxlength(20).autocomplete("off").check(errors);
    kept.iter()
        .fold(Form::get(path, "查看那一天").field(field), |form, (key, value)| form.hidden(*key, *value))
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"{{ summary }}<h1>请改一下日期</h1>{{ form }}<p class="ways"><a href="{{ path }}">不选日期，看现在的内容</a></p>"#
)]
struct WrongDate {
    summary: Markup,
    form: Form,
    path: String,
}

/// 422: the date makes no sense; what was typed is kept.
fn wrong_date(shell: &Shell, path: &str, asked: &Asked, reason: String) -> Result<Response, PageError> {
    let mut errors = Errors::new();
    errors.add("on", reason);
    let form = fields(path, &[], &short(asked.text("on")), &errors);
    let body = WrongDate { summary: errors.summary().into(), form, path: path.to_owned() };
    let html = daylight_ui::page(shell, &body.render()?);
    Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(html)).into_response())
}

#[derive(Template)]
#[template(ext = "html", source = r#"<h1>当时还没有公布</h1>{{ empty }}{{ form }}{{ actions }}"#)]
struct NotYet {
    empty: Empty,
    form: Form,
    actions: Actions,
}

/// 404: nothing of it was public on that day.
fn not_yet(shell: &Shell, path: &str, name: &str, moment: &Moment) -> Result<Response, PageError> {
    let day = words(moment.day());
    let empty = Empty::new(Drawing::Board, format!("{day}，这里还没有“{name}”的公开内容"))
        .text("它是后来才在本平台公布的。换一个晚一些的日期，或者看现在的内容。");
    let body = NotYet {
        empty,
        form: fields(path, &[], &moment.day().to_string(), &Errors::new()),
        actions: Actions::new([
            Action::link("看现在的内容", path),
            Action::link("看公布记录", format!("{path}/history")).second(),
        ]),
    };
    let html = daylight_ui::page(shell, &body.render()?);
    Ok((StatusCode::NOT_FOUND, Html(html)).into_response())
}

/// What a public page about one subject shows, or the answer that stands in its place.
pub enum Look {
    /// This state at this moment.
    Shown(Box<Revision>, Moment),
    /// Another answer, ready to send.
    Instead(Response),
}

/// Finds what the page of a subject shows. A power that is withheld now is not there at any moment; one that was
/// withheld then was not there then.
pub async fn look(
    app: &App,
    c: &impl ConnectionTrait,
    viewer: &Viewer,
    kind: SubjectKind,
    id: i64,
    asked: &Asked,
) -> Result<Look, PageError> {
    let now = public(store::published(c, kind, id).await?).ok_or(PageError::NotFound)?;
    let (path, name) = (kind.href(id), now.content.title().to_owned());
    let moment = match Moment::read(app, asked) {
        Ok(moment) => moment,
        Err(reason) => {
            let shell = frame(app, viewer, kind, id, &name, "请改一下日期").await?;
            return wrong_date(&shell, &path, asked, reason).map(Look::Instead);
        }
    };
    if moment.on.is_none() {
        return Ok(Look::Shown(Box::new(now), moment));
    }
    match public(store::as_of(c, kind, id, moment.at).await?) {
        Some(then) => Ok(Look::Shown(Box::new(then), moment)),
        None => {
            let shell = frame(app, viewer, kind, id, &name, "当时还没有公布").await?;
            not_yet(&shell, &path, &name, &moment).map(Look::Instead)
        }
    }
}

/// A state everybody may see.
pub fn public(revision: Option<Revision>) -> Option<Revision> {
    revision.filter(|revision| revision.content.is_public())
}

/// The frame of a page beside a subject's own: its history, its past.
pub async fn frame(
    app: &App,
    viewer: &Viewer,
    kind: SubjectKind,
    id: i64,
    name: &str,
    title: &str,
) -> Result<Shell, PageError> {
    let (list, word) = match kind {
        SubjectKind::Unit => ("/units", "单位"),
        SubjectKind::Power => ("/powers", "权力事项"),
        SubjectKind::Cadre => ("/cadres", "干部"),
    };
    let link = |label: &str, href: String| (label.to_owned(), Some(href));
    let breadcrumbs = vec![
        link("首页", "/".into()),
        link(word, list.into()),
        link(name, kind.href(id)),
        (title.to_owned(), None),
    ];
    Ok(Shell { breadcrumbs, ..viewer.portal(app, &format!("{title} - {name}")).await? })
}

/// The instant as a Beijing date in ISO form: the value of `?on=` that shows it.
pub fn iso_day(at: Millis) -> String {
    crate::clock::beijing(at).date().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;

    #[test]
    fn days_are_read_as_people_write_them() {
        let today = date!(2026 - 11 - 22);
        for text in ["2026-03-15", "2026年3月15日", "2026/3/15", "20260315", "２０２６-03-15", "2026.3.15"]
        {
            assert_eq!(read_day(text, today), Ok(date!(2026 - 03 - 15)), "{text}");
        }
        assert_eq!(read_day("2026-11-22", today), Ok(today), "today has content too");
        for text in
            ["2026-03", "2026", "昨天", "2026-02-30", "2026-13-01", "<script>", "2026-11-23", "9999-12-31"]
        {
            assert!(read_day(text, today).is_err(), "{text}");
        }
    }

    #[test]
    fn an_address_of_the_past_keeps_its_date() {
        let now = Moment { on: None, at: 0 };
        assert_eq!(now.href("/units/1", &[]), "/units/1");
        let then = Moment { on: Some(date!(2026 - 03 - 15)), at: 0 };
        assert_eq!(then.href("/units/1", &[("panel", "powers")]), "/units/1?panel=powers&on=2026-03-15");
    }
}
