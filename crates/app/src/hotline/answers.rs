//! 热线答复 in the office: what goes back to the hotline, and what the callers said about it.

use super::{
    page::permit,
    store::{self, Heard, Taken},
};
use crate::{
    cases::desk::state_page,
    clock::{Millis, date_text, time_text},
    outcomes::unreached,
    oversight::download,
    reports::Kind,
    web::{App, Asked, Form, Id, PER_PAGE, PageError, Viewer, redirect},
};
use askama::Template;
use axum::{
    extract::State,
    response::{Html, IntoResponse, Response},
};
use daylight_ids::text;
use daylight_ui::{
    Action, Actions, Chips, Drawing, Empty, Heading, Html as Markup, Link, Pagination, Section, SummaryList,
    Table, Tag,
    form::{Choice, Errors, Field, Form as Ask},
};
use serde::Deserialize;

const HREF: &str = "/office/hotline/answers";
const DAY: Millis = 86_400_000;
/// Characters of what a caller misses.
const MISSING: u32 = 2_000;

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"{{ head }}{{ spans }}{{ list }}{{ pages }}{{ ways }}<p class="muted">只列出您不须回避的工单。把答复转告来电人以后，点工单编号登记来电人的评价。</p>"#
)]
struct Page {
    head: Heading,
    spans: Chips,
    list: Markup,
    pages: Pagination,
    ways: Actions,
}

/// How far back is looked.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Span {
    Month,
    Year,
    All,
}

impl Span {
    const ALL: [Span; 3] = [Span::Month, Span::Year, Span::All];

    fn of(asked: &Asked) -> Span {
        Span::ALL.into_iter().find(|span| span.code() == asked.text("span")).unwrap_or(Span::Month)
    }

    fn code(self) -> &'static str {
        match self {
            Span::Month => "month",
            Span::Year => "year",
            Span::All => "all",
        }
    }

    fn page(self) -> &'static str {
        match self {
            Span::Month => "近30天答复的",
            Span::Year => "近一年答复的",
            Span::All => "全部",
        }
    }

    fn holds(self, taken: &Taken, now: Millis) -> bool {
        let within = |days: i64| taken.answered_at.is_some_and(|at| now - at <= days * DAY);
        match self {
            Span::Month => within(30),
            Span::Year => within(366),
            Span::All => true,
        }
    }
}

async fn orders(app: &App, viewer: &Viewer, span: Span) -> Result<Vec<Taken>, PageError> {
    permit(app, viewer).await?;
    let taken = store::orders(app.db.read(), &app.vault, viewer.actor()?).await.map_err(unreached)?;
    let now = app.clock.now();
    Ok(taken.into_iter().filter(|one| span.holds(one, now)).collect())
}

/// GET /office/hotline/answers?span=&page=
pub async fn list(State(app): State<App>, viewer: Viewer, asked: Asked) -> Result<Html<String>, PageError> {
    let span = Span::of(&asked);
    let taken = orders(&app, &viewer, span).await?;
    let href = |span: Span| format!("{HREF}?span={}", span.code());
    let spans = Span::ALL
        .into_iter()
        .fold(Chips::new("时间"), |chips, one| chips.chip(one.page(), href(one), one == span, None));
    let part = asked.part(i64::try_from(taken.len()).unwrap_or(0));
    let skip = usize::try_from(part.offset).unwrap_or(0);
    let columns = ["工单编号", "类别", "进展", "答复日期", "来电人的评价"];
    let mut table = Table::new("热线工单", columns.map(Into::into)).caption_hidden().dense();
    for one in taken.iter().skip(skip).take(usize::try_from(PER_PAGE).unwrap_or(30)) {
        let name: Markup = match one.answered_at {
            Some(_) => Link::new(&one.number, format!("{HREF}/{}", one.case_id)).into(),
            None => one.number.as_str().into(),
        };
        let cells: [Markup; 5] = [
            name,
            Kind::from_code(&one.kind).map_or("", Kind::page).into(),
            state_page(&one.state).into(),
            one.answered_at.map_or_else(|| "还没有答复".to_owned(), date_text).into(),
            heard(one),
        ];
        table.push(cells, one.waits());
    }
    let list: Markup = match table.rows.is_empty() {
        true => Empty::new(Drawing::Tray, "这段时间没有答复的热线工单")
            .text("热线转来的事项答复以后，在这里导出，交12345转告来电人。")
            .into(),
        false => table.into(),
    };
    let file = format!("{HREF}/answers.xlsx?span={}", span.code());
    let body = Page {
        head: Heading::new("热线答复")
            .kicker("热线导入")
            .lead("把答复交给12345转告来电人，登记来电人满意不满意。"),
        spans,
        list,
        pages: Pagination::numbered(part.page, part.pages, |n| format!("{}&page={n}", href(span)))
            .total(format!("共{}件", taken.len())),
        ways: Actions::new([Action::link("导出答复为 .xlsx", file).second()]),
    };
    let mut shell = viewer.office(&app, "热线答复").await?;
    shell.breadcrumbs = vec![("热线导入".into(), Some("/office/hotline".into())), ("热线答复".into(), None)];
    Ok(Html(daylight_ui::page(&shell, &body.render()?)))
}

/// What the caller said, in a word.
fn heard(one: &Taken) -> Markup {
    match one.heard {
        Some(heard) => heard.page().into(),
        None if one.waits() => Tag::neutral("待回访").into(),
        None => "—".into(),
    }
}

/// GET /office/hotline/answers/answers.xlsx?span=
pub async fn workbook(State(app): State<App>, viewer: Viewer, asked: Asked) -> Result<Response, PageError> {
    let span = Span::of(&asked);
    let taken = orders(&app, &viewer, span).await?;
    let head = ["工单编号", "类别", "收到日期", "进展", "答复日期", "答复内容", "来电人的评价"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for one in taken.iter().filter(|one| one.answered_at.is_some()) {
        let answer = store::answer(app.db.read(), &app.vault, one.case_id).await.map_err(unreached)?;
        rows.push(vec![
            one.number.clone(),
            Kind::from_code(&one.kind).map_or("", Kind::page).to_owned(),
            date_text(one.received_at),
            state_page(&one.state).to_owned(),
            one.answered_at.map(date_text).unwrap_or_default(),
            answer.text(),
            one.heard.map_or(if one.waits() { "待回访" } else { "" }, Heard::page).to_owned(),
        ]);
    }
    let now = app.clock.now();
    let tx = app.db.write().await?;
    let what = format!("{}，{}件", span.page(), rows.len() - 1);
    viewer.note(&tx, "hotline.export", "hotline", &what, now).await?;
    tx.commit().await?;
    download::xlsx_of_text(&rows, "answers.xlsx")
}

/// What a clerk types.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct Typed {
    heard: String,
    missing: String,
    seen: u32,
}

/// GET /office/hotline/answers/{id}
pub async fn one(State(app): State<App>, viewer: Viewer, Id(id): Id) -> Result<Response, PageError> {
    show(&app, &viewer, id, &Typed::default(), &Errors::new()).await
}

async fn show(
    app: &App,
    viewer: &Viewer,
    id: i64,
    typed: &Typed,
    errors: &Errors,
) -> Result<Response, PageError> {
    let taken = orders(app, viewer, Span::All).await?;
    let found = taken.into_iter().find(|one| one.case_id == id && one.answered_at.is_some());
    let one = found.ok_or(PageError::NotFound)?;
    let answer = store::answer(app.db.read(), &app.vault, id).await.map_err(unreached)?;
    let tx = app.db.write().await?;
    viewer.note(&tx, "hotline.answer", &format!("case {id}"), "", app.clock.now()).await?;
    // That they were shown it is on record before it is shown.
    tx.commit().await?;
    let facts = SummaryList::new()
        .row("工单编号", one.number.as_str())
        .row("类别", Kind::from_code(&one.kind).map_or("", Kind::page))
        .row("收到日期", date_text(one.received_at))
        .row("进展", state_page(&one.state))
        .row("答复日期", one.answered_at.map(date_text).unwrap_or_default());
    let mut parts: Vec<Markup> = Vec::new();
    if !errors.is_empty() {
        parts.push(errors.summary().into());
    }
    parts.push(Heading::new(format!("热线工单{}", one.number)).kicker("热线答复").into());
    parts.push(facts.into());
    parts.push(Section::new("请转告来电人", Markup::paragraphs(&answer.text())).into());
    let calls: Markup = one
        .calls
        .iter()
        .map(|(at, heard)| Markup::paragraphs(&format!("{}：{}", time_text(*at), heard.page())))
        .collect();
    if !one.calls.is_empty() {
        parts.push(Section::new("登记过的评价", calls).into());
    }
    if one.waits() {
        parts.push(Section::new("来电人的评价", form(&one, answer.seen, typed, errors)).into());
    }
    let mut shell = viewer.office(app, "热线答复").await?;
    shell.breadcrumbs = vec![
        ("热线导入".into(), Some("/office/hotline".into())),
        ("热线答复".into(), Some(HREF.into())),
        (one.number, None),
    ];
    crate::office::under(&mut shell, "/office/hotline");
    Ok(Html(daylight_ui::page(&shell, parts.into_iter().collect::<Markup>().as_str())).into_response())
}

fn form(one: &Taken, seen: u32, typed: &Typed, errors: &Errors) -> Ask {
    let next = match one.is_second {
        true => "这是上级的最终答复，登记后办结。",
        false => "登记后自动转到上级纪检组织重新办理。",
    };
    let hint = |heard: Heard| match heard {
        Heard::Satisfied => "登记后办结。",
        Heard::Dissatisfied => next,
        Heard::Unreached => "可以再打。到期没有评价的，自动办结，算“没有评价”。",
    };
    let choices = Heard::ALL.map(|heard| Choice::new(heard.code(), heard.page()).hint(hint(heard)));
    let seen = if typed.seen > 0 { typed.seen } else { seen };
    Ask::post(format!("{HREF}/{}", one.case_id), "登记")
        .hidden("seen", seen.to_string())
        .field(Field::radios("heard", "12345回访时，来电人怎么说", choices).value(&typed.heard).check(errors))
        .field(
            Field::textarea("missing", "不满意的，还差什么", 4)
                .hint("来电人的原话。选“不满意”时必须填写，上级按这个重新办理。")
                .value(&typed.missing)
                .maxlength(MISSING)
                .optional()
                .check(errors),
        )
}

/// POST /office/hotline/answers/{id}
pub async fn hear(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id,
    Form(typed): Form<Typed>,
) -> Result<Response, PageError> {
    permit(&app, &viewer).await?;
    let missing = text::clean(&typed.missing);
    let mut errors = Errors::new();
    let heard = Heard::from_code(&typed.heard);
    match heard {
        None => errors.add("heard", "请选择来电人怎么说"),
        Some(Heard::Dissatisfied) if missing.chars().count() < 5 => {
            errors.add("missing", "请写明来电人说还差什么：哪个问题没有答、哪里不属实");
        }
        Some(_) => crate::web::limit(&mut errors, "missing", &missing, MISSING),
    }
    let Some(heard) = heard.filter(|_| errors.is_empty()) else {
        return show(&app, &viewer, id, &typed, &errors).await;
    };
    let tx = app.db.write().await?;
    let done =
        store::hear(&tx, &app.vault, viewer.actor()?, id, (heard, &missing, typed.seen), app.clock.now());
    match done.await {
        Ok(()) => tx.commit().await?,
        Err(crate::cases::store::StoreError::Moved) => {
            drop(tx);
            errors.add("heard", "这件刚刚有了新的进展，请看过现在的情况再登记");
            return show(&app, &viewer, id, &Typed::default(), &errors).await;
        }
        Err(error) => return Err(unreached(error)),
    }
    Ok(redirect(&format!("{HREF}/{id}")))
}
