//! 审计日志: who did what when, whether the trail is whole, and a copy of it.

use super::{
    store::{self, Filter, Line, Verdict},
    words,
};
use crate::{
    authz::{Action, Resource},
    clock::{BEIJING, end_of_day, moment_text, parse_date},
    web::{App, Asked, Form, NAME, PageError, Viewer, escape_query, limit},
};
use askama::Template;
use axum::{
    extract::State,
    http::header,
    response::{Html, IntoResponse, Response},
};
use daylight_tables::export_guard;
use daylight_ui::{
    Drawing, Empty, Html as Markup, Notice, NoticeKind, Pagination, Table,
    form::{self, Choice, Errors, Field},
    zh,
};
use serde::Deserialize;

const SIZE: i64 = 50;
/// Rows read at once for an export.
const BLOCK: i64 = 5_000;

#[derive(Template)]
#[template(path = "audit/templates/list.html")]
struct Page {
    summary: Markup,
    verdict: Markup,
    filtered: bool,
    filter: form::Form,
    verify: form::Form,
    export: Option<form::Form>,
    list: Markup,
    pages: Pagination,
}

/// What is asked for.
#[derive(Clone, Deserialize, Default)]
pub struct Search {
    #[serde(default)]
    action: String,
    #[serde(default)]
    actor: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
}

impl Search {
    fn asked(asked: &Asked) -> Search {
        let text = |name| asked.text(name).to_owned();
        Search { action: text("action"), actor: text("actor"), from: text("from"), to: text("to") }
    }

    /// The filter, with what is wrong in it left out and said.
    fn filter(&self) -> (Filter, Errors) {
        let mut errors = Errors::new();
        let mut day = |field: &str, text: &str| {
            let text = text.trim();
            let date = parse_date(text);
            if date.is_none() && !text.is_empty() {
                errors.add(field, "日期请写成 2026-11-22 的样子");
            }
            date
        };
        let from = day("from", &self.from)
            .map(|date| date.midnight().assume_offset(BEIJING).unix_timestamp() * 1_000);
        let to = day("to", &self.to).map(end_of_day);
        limit(&mut errors, "actor", &self.actor, NAME);
        let action = words::KINDS.iter().find(|(code, _)| *code == self.action).map_or("", |(code, _)| code);
        (Filter { action: action.to_owned(), actor: self.actor.trim().to_owned(), from, to }, errors)
    }

    fn query(&self, page: u64) -> String {
        format!(
            "/office/audit?action={}&actor={}&from={}&to={}&page={page}",
            escape_query(&self.action),
            escape_query(&self.actor),
            escape_query(&self.from),
            escape_query(&self.to)
        )
    }
}

fn permit(viewer: &Viewer) -> Result<(), PageError> {
    viewer.permit(Action::ReadAudit, &Resource::default()).map(drop)
}

/// GET /office/audit
pub async fn page(State(app): State<App>, viewer: Viewer, asked: Asked) -> Result<Response, PageError> {
    permit(&viewer)?;
    let page = asked.number("page").unwrap_or(1);
    show(&app, &viewer, &Search::asked(&asked), page, Markup::default()).await
}

async fn show(
    app: &App,
    viewer: &Viewer,
    asked: &Search,
    page: i64,
    verdict: Markup,
) -> Result<Response, PageError> {
    let (filter, errors) = asked.filter();
    let total = store::count(app.db.read(), &filter).await?;
    let pages = (total + SIZE - 1).div_euclid(SIZE).max(1);
    let page = page.clamp(1, pages);
    let lines = store::find(app.db.read(), &filter, SIZE, (page - 1) * SIZE).await?;
    let whole = |n: i64| u64::try_from(n).unwrap_or(1);
    let verify = form::Form::post("/office/audit/verify", "核验完整性");
    let body = Page {
        summary: if errors.is_empty() { Markup::default() } else { errors.summary().into() },
        verdict,
        filtered: [&asked.action, &asked.actor, &asked.from, &asked.to].iter().any(|text| !text.is_empty()),
        filter: ask(asked, &errors),
        verify,
        export: (total > 0).then(|| export_form(asked)),
        list: table(&lines),
        pages: Pagination::numbered(whole(page), whole(pages), |page| asked.query(page))
            .total(format!("共 {} 条", zh::number(total))),
    };
    let shell = viewer.office(app, "审计日志").await?;
    Ok(Html(daylight_ui::page(&shell, &body.render()?)).into_response())
}

fn ask(asked: &Search, errors: &Errors) -> form::Form {
    let kinds = words::KINDS.iter().map(|(code, word)| Choice::new(*code, *word));
    let date = |name: &str, label: &str, value: &str| {
        Field::text(name, label)
            .hint("例如 2026-11-22")
            .value(value)
            .maxlength(20)
            .width(form::Width::Medium)
            .optional()
            .check(errors)
    };
    form::Form::get("/office/audit", "查看")
        .field(Field::select("action", "做了什么", kinds).value(&asked.action).optional())
        .field(
            Field::text("actor", "谁")
                .value(&asked.actor)
                .maxlength(NAME)
                .width(form::Width::Medium)
                .autocomplete("off")
                .optional()
                .check(errors),
        )
        .field(date("from", "从哪天", &asked.from))
        .field(date("to", "到哪天", &asked.to))
}

fn export_form(asked: &Search) -> form::Form {
    let mut form = form::Form::post("/office/audit/export", "导出为 .csv");
    form.buttons.items[0].main = false;
    form.hidden("action", &asked.action)
        .hidden("actor", &asked.actor)
        .hidden("from", &asked.from)
        .hidden("to", &asked.to)
}

fn table(lines: &[Line]) -> Markup {
    if lines.is_empty() {
        return Empty::new(Drawing::Glass, "没有符合条件的记录").action("查看全部", "/office/audit").into();
    }
    let columns = ["序号", "时间", "谁", "做了什么", "对象", "说明"];
    let mut table = Table::new("审计日志", columns.map(Into::into)).caption_hidden().dense();
    for line in lines {
        let cells: [Markup; 6] = [
            line.id.to_string().into(),
            moment_text(line.at).into(),
            line.actor.as_str().into(),
            words::action(&line.action).into(),
            words::subject(&line.subject).into(),
            line.detail.as_str().into(),
        ];
        table.push(cells, false);
    }
    table.into()
}

/// POST /office/audit/verify
pub async fn verify(State(app): State<App>, viewer: Viewer) -> Result<Response, PageError> {
    permit(&viewer)?;
    let verdict = store::verify(app.db.read(), app.db.mark()).await?;
    let (kind, text) = match verdict {
        Verdict::Whole(entries) => {
            let entries = zh::number(entries);
            (NoticeKind::Success, format!("日志完整：{entries}条记录前后相连，没有发现改动、删除或插入。"))
        }
        Verdict::BrokenAt(id) => (
            NoticeKind::Danger,
            format!(
                "日志不完整：从第{id}条起对不上，可能被改动、删除或插入过。请保护现场，立即报告并调取备份核对。"
            ),
        ),
    };
    note(&app, &viewer, "audit.verify", &text).await?;
    show(&app, &viewer, &Search::default(), 1, Notice::new(kind, text).into()).await
}

async fn note(app: &App, viewer: &Viewer, action: &str, detail: &str) -> Result<(), PageError> {
    let tx = app.db.write().await?;
    viewer.note(&tx, action, "audit", detail, app.clock.now()).await?;
    Ok(tx.commit().await?)
}

/// POST /office/audit/export
pub async fn export(
    State(app): State<App>,
    viewer: Viewer,
    Form(asked): Form<Search>,
) -> Result<Response, PageError> {
    permit(&viewer)?;
    let (filter, errors) = asked.filter();
    if !errors.is_empty() {
        return show(&app, &viewer, &asked, 1, Markup::default()).await;
    }
    // Noted before it is given away.
    let detail = format!("类别“{}” 谁“{}” {}—{}", filter.action, filter.actor, asked.from, asked.to);
    note(&app, &viewer, "audit.export", &detail).await?;
    let mut writer = csv::Writer::from_writer("\u{feff}".as_bytes().to_vec());
    let head = ["序号", "时间", "谁", "做了什么", "动作", "对象", "说明", "校验值"];
    writer.write_record(head).map_err(PageError::internal)?;
    let mut before = i64::MAX;
    loop {
        let lines = store::before(app.db.read(), &filter, before, BLOCK).await?;
        for line in &lines {
            let hash = data_encoding::HEXLOWER.encode(&line.hash);
            let cells = [
                line.id.to_string(),
                moment_text(line.at),
                export_guard(&line.actor),
                words::action(&line.action),
                line.action.clone(),
                export_guard(&line.subject),
                export_guard(&line.detail),
                hash,
            ];
            writer.write_record(&cells).map_err(PageError::internal)?;
        }
        match lines.last() {
            Some(last) => before = last.id,
            None => break,
        }
    }
    let bytes = writer.into_inner().map_err(|error| PageError::internal(error.into_error()))?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"audit.csv\""),
    ];
    Ok((headers, bytes).into_response())
}
