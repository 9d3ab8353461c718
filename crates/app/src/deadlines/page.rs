//! 办理期限: what the platform promises by when, and what it would make of a report.

use super::{Profile, store};
use crate::{
    authz::decide_rules,
    calendar,
    clock::{date_text, time_text},
    organs,
    web::{App, Asked, PageError, Viewer, Word},
};
use axum::{extract::State, response::Html};
use daylight_ui::{
    Action as Button, Actions, Details, Heading, Html as Markup, Section, Table,
    form::{self, Choice, Field, date_parts},
};
use time::{Date, Month};

/// Whether this person may change the rules.
pub(super) async fn may_set(app: &App, viewer: &Viewer) -> Result<bool, PageError> {
    let top = organs::store::top(app.db.read()).await?;
    Ok(decide_rules(viewer.actor()?, top).is_ok())
}

/// The kinds of report it is for.
fn kinds(profile: &Profile) -> String {
    let kinds: Vec<_> = profile.kinds.iter().map(|kind| kind.page()).collect();
    format!("适用于：{}", kinds.join("、"))
}

/// The sentences of a profile.
pub(super) fn sentences(profile: &Profile) -> Markup {
    let items = profile.sentences().into_iter().map(|text| {
        let parts = [Markup::trusted("<li>"), text.into(), Markup::trusted("</li>")];
        parts.into_iter().collect::<Markup>()
    });
    let items: Markup = items.collect();
    Markup::trusted(format!("<ul class=\"sentences\">{items}</ul>"))
}

/// GET /office/deadlines
pub async fn list(State(app): State<App>, viewer: Viewer) -> Result<Html<String>, PageError> {
    let lead = "每类反映在多少天内办完，依据是什么。已经收到的反映按收到时的期限办理，以后的修改不影响它。";
    let mut parts: Vec<Markup> = vec![Heading::new("办理期限").lead(lead).into()];
    for kept in store::current(app.db.read()).await? {
        let profile = kept.profile;
        let body: Markup = [Markup::paragraphs(&kinds(&profile)), sentences(&profile)].into_iter().collect();
        let href = format!("/office/deadlines/{}", profile.code);
        parts.push(Section::new(&profile.name, body).more("试算、看历史、修改", href).into());
    }
    let shell = viewer.office(&app, "办理期限").await?;
    Ok(Html(daylight_ui::page(&shell, parts.into_iter().collect::<Markup>().as_str())))
}

/// GET /office/deadlines/{code}
pub async fn page(
    State(app): State<App>,
    viewer: Viewer,
    Word(code): Word,
    asked: Asked,
) -> Result<Html<String>, PageError> {
    let versions = store::versions(app.db.read(), &code).await?;
    let newest = versions.first().ok_or(PageError::NotFound)?;
    let profile = &newest.profile;
    let title = profile.name.as_str();
    let mut parts: Vec<Markup> =
        vec![Heading::new(title).kicker("办理期限").lead(kinds(profile)).into(), sentences(profile)];
    if may_set(&app, &viewer).await? {
        let edit = Button::link("修改期限", format!("/office/deadlines/{code}/edit"));
        parts.push(Actions::new([edit]).into());
    } else {
        parts.push(Markup::paragraphs("期限由最高一级纪检组织的审批领导修改。"));
    }
    parts.push(tryout(&app, profile, &asked).await?);
    parts.push(history(&versions));
    let mut shell = viewer.office(&app, title).await?;
    shell.breadcrumbs = vec![("办理期限".into(), Some("/office/deadlines".into())), (title.into(), None)];
    Ok(Html(daylight_ui::page(&shell, parts.into_iter().collect::<Markup>().as_str())))
}

/// "A report received on this day would be due on … because …"
async fn tryout(app: &App, profile: &Profile, asked: &Asked) -> Result<Markup, PageError> {
    let today = app.clock.today();
    let typed = |part: &str| asked.text(&format!("on-{part}")).to_owned();
    let (year, month, day) = (typed("year"), typed("month"), typed("day"));
    let sent = !(year.is_empty() && month.is_empty() && day.is_empty());
    let on = date(&year, &month, &day);
    let shown = if sent {
        date_parts(&year, &month, &day)
    } else {
        date_parts(&today.year().to_string(), &u8::from(today.month()).to_string(), &today.day().to_string())
    };
    let mut field = Field::date("on", "收到的日期").value(shown);
    if sent && on.is_none() {
        field = field.error("请填写一个日期，例如 2026 年 11 月 22 日");
    }
    let filed = asked.text("filed") == "yes";
    let form = form::Form::get(format!("/office/deadlines/{}", profile.code), "试算").field(field).field(
        Field::checkboxes("filed", "办理情况", [Choice::new("yes", "已经立案")])
            .values(filed.then_some("yes"))
            .optional(),
    );
    let mut parts: Vec<Markup> = vec![form.into()];
    if let Some(on) = on {
        let calendar = calendar::store::calendar(app.db.read()).await?;
        parts.push(tried(profile, &calendar, on, filed).into());
    }
    Ok(Section::new("试算", parts.into_iter().collect::<Markup>()).id("try").into())
}

fn tried(profile: &Profile, calendar: &calendar::Calendar, on: Date, filed: bool) -> Table {
    let shown = date_text(crate::clock::end_of_day(on));
    let caption = format!("{shown}收到的反映（假定受理、转办等前面的环节都在当天完成）");
    let mut table = Table::new(caption, ["要做的事", "最后一天", "怎么算的"].map(Into::into)).dense();
    for (rule, due) in profile.tried(calendar, on, filed) {
        let what = format!("{}：{}", rule.stage.page(), rule.clock.page());
        let lines: Vec<_> = due.lines.iter().map(ToString::to_string).collect();
        let used: Vec<_> = due.versions.values().map(|source| format!("日历：{source}")).collect();
        let sum = [lines, used].concat().join("\n");
        let day = format!("{}{}", date_text(due.at), due.mark());
        table.push([what.into(), day.into(), Markup::paragraphs(&sum)], false);
    }
    table
}

fn date(year: &str, month: &str, day: &str) -> Option<Date> {
    let month = Month::try_from(month.parse::<u8>().ok()?).ok()?;
    let year = year.parse().ok().filter(|year| (1900..=2200).contains(year))?;
    Date::from_calendar_date(year, month, day.parse().ok()?).ok()
}

fn history(versions: &[store::Version]) -> Markup {
    let entry = |version: &store::Version| {
        let who = version.made_by.clone().unwrap_or_else(|| "随程序提供".into());
        let when = if version.made_at > 0 { time_text(version.made_at) } else { String::new() };
        let title = format!("第{}版　{who}　{when}", version.version);
        Markup::from(Details::new(title.trim().to_owned(), sentences(&version.profile)))
    };
    Section::new("历次修改", versions.iter().map(entry).collect::<Markup>()).into()
}
