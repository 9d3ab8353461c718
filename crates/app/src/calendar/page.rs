//! 工作日历: which years are loaded, their holidays and make-up days, and loading another.

use super::{Calendar, Kind, parse, store};
use crate::{
    cases,
    web::{App, Form, PageError, Viewer, limit, redirect},
};
use askama::Template;
use axum::{
    extract::State,
    response::{Html, IntoResponse, Response},
};
use daylight_ui::{
    Html as Markup, Section, Table,
    form::{self, Errors, Field},
    zh,
};
use serde::Deserialize;

#[derive(Template)]
#[template(
    ext = "html",
    source = "{{ summary }}<h1>工作日历</h1><p>办理期限按工作日计算时，以这里的节假日和调休为准。\
              还没有载入的年份暂按周末计算，期限后面会写明“暂按周末计算”；载入后自动重新计算。</p>{{ years }}{{ form }}"
)]
struct Page {
    summary: Markup,
    years: Markup,
    form: Markup,
}

/// Characters of a calendar file: a year of lines, with room to spare.
const TEXT: u32 = 20_000;

/// The text of a calendar file.
#[derive(Deserialize)]
pub struct Input {
    #[serde(default)]
    text: String,
}

/// GET /office/calendar
pub async fn page(State(app): State<App>, viewer: Viewer) -> Result<Response, PageError> {
    show(&app, &viewer, "", &Errors::new()).await
}

async fn show(app: &App, viewer: &Viewer, text: &str, errors: &Errors) -> Result<Response, PageError> {
    let calendar = store::calendar(app.db.read()).await?;
    let field = Field::textarea("text", "某一年的节假日安排", 12)
        .hint("粘贴日历文件的全部内容。第一行以“# 来源：”写明文件名和文号，然后每行一天：日期,holiday 或 workday,名称。")
        .value(text)
        .maxlength(TEXT)
        .check(errors);
    let form = form::Form::post("/office/calendar", "载入这一年").field(field);
    let years = calendar.years.keys().rev().map(|year| Markup::from(of_year(&calendar, *year)));
    let page = Page {
        summary: if errors.is_empty() { Markup::default() } else { errors.summary().into() },
        years: years.collect(),
        form: Section::new("载入或更正一年", form).into(),
    };
    let shell = viewer.office(app, "工作日历").await?;
    Ok(Html(daylight_ui::page(&shell, &page.render()?)).into_response())
}

fn of_year(calendar: &Calendar, year: i32) -> Section {
    let source = calendar.years.get(&year).map_or("", String::as_str);
    let working = calendar.working_days_in(year).unwrap_or_default();
    let caption = format!("{year}年，全年 {working} 个工作日。来源：{source}");
    let mut table = Table::new(caption, ["日期".into(), "安排".into(), "名称".into()]).dense();
    for (date, day) in calendar.days.iter().filter(|(date, _)| date.year() == year) {
        let word = match day.kind {
            Kind::Holiday => "放假",
            Kind::Workday => "调休上班",
        };
        let shown = zh::date(date.year(), u8::from(date.month()), date.day());
        table.push([shown.into(), word.into(), day.name.as_str().into()], false);
    }
    Section::new(format!("{year}年"), table)
}

/// POST /office/calendar
pub async fn load(
    State(app): State<App>,
    viewer: Viewer,
    Form(input): Form<Input>,
) -> Result<Response, PageError> {
    let mut errors = Errors::new();
    limit(&mut errors, "text", &input.text, TEXT);
    if !errors.is_empty() {
        return show(&app, &viewer, &input.text, &errors).await;
    }
    let loaded = match parse(&input.text) {
        Ok(loaded) => loaded,
        Err(problems) => {
            let lines: Vec<_> = problems.iter().take(5).map(ToString::to_string).collect();
            errors.add("text", lines.join("；"));
            return show(&app, &viewer, &input.text, &errors).await;
        }
    };
    let now = app.clock.now();
    let tx = app.db.write().await?;
    store::load(&tx, &loaded, now).await?;
    // Dates that were counted by weekends alone are reckoned anew.
    cases::jobs::enqueue_dates(&tx, now).await.map_err(PageError::internal)?;
    viewer.note(&tx, "calendar.load", &loaded.year.to_string(), &loaded.source, now).await?;
    tx.commit().await?;
    Ok(redirect("/office/calendar"))
}
