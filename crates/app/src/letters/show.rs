//! A letter: on the screen, to print, as a file; its receipt, and that it was answered.

use super::{
    CONTENT_TYPE, Letter, Part, Standing, docx,
    store::{self, LetterError, Shown},
};
use crate::{
    clock::{Millis, date_text, end_of_day, parse_date, start_of_day, time_text},
    web::{App, Form, Id, NAME, PageError, Viewer, escape_query, redirect},
};
use askama::Template;
use axum::{
    extract::State,
    http::header,
    response::{Html, IntoResponse, Response},
};
use daylight_ui::{
    Action as Button, Actions, Heading, Html as Markup, Notice, NoticeKind, Section, SummaryList, Tag,
    form::{self, Errors, Field},
};
use serde::Deserialize;

/// What went wrong, as a page. Whoever may not see a letter meets what everybody meets who asks for none.
pub(super) fn failed(error: LetterError) -> PageError {
    use crate::cases::store::StoreError;
    match error {
        LetterError::NotFound => PageError::NotFound,
        LetterError::Role => PageError::Forbidden,
        LetterError::Db(error) | LetterError::Case(StoreError::Db(error)) => error.into(),
        LetterError::Case(StoreError::Vault(error)) => error.into(),
        LetterError::Case(error @ StoreError::Damaged) => PageError::internal(error),
        other => PageError::invalid(other.to_string()),
    }
}

#[derive(Template)]
#[template(path = "letters/templates/letter.html")]
struct Sheet<'a> {
    letter: &'a Letter,
    /// It is the page's only heading.
    alone: bool,
    number: String,
    head: Vec<(&'static str, String)>,
    slip: Vec<String>,
}

/// How a letter is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum As {
    /// Before it has a number.
    Preview,
    /// Within a page.
    Part,
    /// Alone, to be printed.
    Print,
}

/// A letter as it is printed.
pub(crate) fn sheet(letter: &Letter, shown: As) -> Markup {
    let preview = shown == As::Preview;
    let mut head = Vec::new();
    let mut slip = Vec::new();
    let mut number = String::new();
    for line in letter.lines() {
        let class = match line.part {
            Part::Organ => continue,
            Part::Number => {
                number = if preview { "（签发时编号）".into() } else { line.text };
                continue;
            }
            Part::Title => continue,
            Part::Receipt => {
                slip.push(if preview { line.text.replace("〕0号", "〕×号") } else { line.text });
                continue;
            }
            Part::Addressee => "letter-to",
            Part::Body => "letter-body",
            Part::Enclosure => "letter-enclosure",
            Part::Signature => "letter-sign",
            Part::Date => "letter-date",
        };
        head.push((class, line.text));
    }
    Markup::render(&Sheet { letter, alone: shown == As::Print, number, head, slip }).unwrap_or_default()
}

async fn opened(app: &App, viewer: &Viewer, id: i64) -> Result<Shown, PageError> {
    let tx = app.db.write().await?;
    let shown = store::open(&tx, &app.vault, viewer.actor()?, id, app.clock.now()).await.map_err(failed)?;
    tx.commit().await?;
    Ok(shown)
}

/// Where a letter stands, in colour, shape and word.
pub(super) fn mark(standing: Standing) -> Tag {
    match standing {
        Standing::Sent => Tag::neutral(standing.page()),
        Standing::Open => daylight_ui::Lamp::Waiting.says(standing.page()),
        Standing::Answered => Tag::good(standing.page()),
        Standing::Overdue => Tag::bad(standing.page()),
    }
}

/// GET /office/letters/{id}
pub async fn page(State(app): State<App>, viewer: Viewer, Id(id): Id) -> Result<Response, PageError> {
    show(&app, &viewer, id, "", &Errors::new()).await
}

async fn show(
    app: &App,
    viewer: &Viewer,
    id: i64,
    receiver: &str,
    errors: &Errors,
) -> Result<Response, PageError> {
    let Shown { line, letter, receiver: signed } = opened(app, viewer, id).await?;
    let (actor, today) = (viewer.actor()?, app.clock.today());
    let number = line.number().page();
    let day = |text: &Option<String>| {
        text.as_deref().and_then(parse_date).map(|day| date_text(end_of_day(day))).unwrap_or_default()
    };
    let received = match (line.received_at, &signed) {
        (Some(at), Some(who)) => format!("{who}，{}", received_text(at)),
        (Some(at), None) => received_text(at),
        (None, _) if line.receipt_is_late(today) => "还没有收到，已超过回执期限".into(),
        (None, _) => "还没有收到".into(),
    };
    let mut facts = SummaryList::new()
        .row("文种", line.kind().page())
        .row("发文机关", line.organ.as_str())
        .row("收文", to_words(&line, letter.as_ref()))
        .row("签发时间", time_text(line.issued_at));
    if line.due_on.is_some() {
        facts = facts.row("办结期限", day(&line.due_on));
    }
    facts = facts.row("回执", received).row("状态", mark(line.standing(today)));
    let mut parts: Vec<Markup> =
        vec![crate::office::summary(errors), Heading::new(number.as_str()).into(), facts.into()];
    match &letter {
        Some(letter) => {
            let ways = Actions::new([
                Button::link("打印", format!("/office/letters/{id}/print")),
                Button::link("下载 Word 文件", format!("/office/letters/{id}/file")).second(),
                Button::link("看这件", format!("/office/cases/{}", line.case_id)).second(),
            ]);
            parts.push(ways.into());
            parts.push(Section::new("正文", sheet(letter, As::Part)).into());
        }
        None => {
            let word = "这件现在不在您的组织办理，正文只有承办的组织能看。";
            parts.push(Notice::new(NoticeKind::Info, word).into());
        }
    }
    if store::may_receive(actor, &line) {
        let form = form::Form::post(format!("/office/letters/{id}/receive"), "登记回执").field(
            Field::text("receiver", "收件人")
                .hint("谁签收的，写姓名或职务。")
                .value(receiver)
                .maxlength(NAME)
                .autocomplete("off")
                .check(errors),
        );
        parts.push(Section::new("收到了？", form).into());
    }
    if store::may_close(actor, &line) {
        let form = form::Form::post(format!("/office/letters/{id}/answer"), "已收到书面反馈");
        parts.push(Section::new("对方反馈了？", form).into());
    }
    let mut shell = viewer.office(app, &number).await?;
    shell.breadcrumbs = vec![("公文函件".into(), Some("/office/letters".into())), (number, None)];
    let body: Markup = parts.into_iter().collect();
    Ok(Html(daylight_ui::page(&shell, body.as_str())).into_response())
}

/// When a letter was received; of one that the reporter opened the day alone is known.
fn received_text(at: Millis) -> String {
    if at == start_of_day(at) { date_text(at) } else { time_text(at) }
}

/// A letter as a file, under its number.
pub(crate) fn as_file(letter: &Letter, id: i64) -> Result<Response, PageError> {
    let bytes = docx(letter).map_err(PageError::internal)?;
    let name = escape_query(&format!("{}.docx", letter.number.page()));
    let disposition = format!("attachment; filename=\"letter-{id}.docx\"; filename*=UTF-8''{name}");
    let headers = [
        (header::CONTENT_TYPE, CONTENT_TYPE.to_owned()),
        (header::CONTENT_DISPOSITION, disposition),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, bytes).into_response())
}

/// To whom a letter went, as far as somebody may know it.
pub(super) fn to_words(line: &store::Line, letter: Option<&Letter>) -> String {
    match (&line.to_organ, letter) {
        (Some(organ), _) => organ.clone(),
        (None, Some(letter)) => letter.addressee.clone(),
        (None, None) if line.due_on.is_some() => "其他单位".into(),
        (None, None) => "反映人".into(),
    }
}

/// GET /office/letters/{id}/print
pub async fn print(State(app): State<App>, viewer: Viewer, Id(id): Id) -> Result<Response, PageError> {
    let letter = opened(&app, &viewer, id).await?.letter.ok_or(PageError::NotFound)?;
    let number = letter.number.page();
    let print =
        r#"<p class="no-print"><button type="button" class="button" data-print hidden>打印</button></p>"#;
    let body: Markup = [Markup::trusted(print), sheet(&letter, As::Print)].into_iter().collect();
    let mut shell = viewer.office(&app, &number).await?;
    crate::office::under(&mut shell, "/office/letters");
    shell.breadcrumbs = vec![
        ("公文函件".into(), Some("/office/letters".into())),
        (number, Some(format!("/office/letters/{id}"))),
        ("打印".into(), None),
    ];
    Ok(Html(daylight_ui::page(&shell, body.as_str())).into_response())
}

/// GET /office/letters/{id}/file
pub async fn file(State(app): State<App>, viewer: Viewer, Id(id): Id) -> Result<Response, PageError> {
    let letter = opened(&app, &viewer, id).await?.letter.ok_or(PageError::NotFound)?;
    as_file(&letter, id)
}

/// Who received a letter.
#[derive(Deserialize)]
pub struct Received {
    #[serde(default)]
    receiver: String,
}

/// POST /office/letters/{id}/receive
pub async fn receive(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id,
    Form(input): Form<Received>,
) -> Result<Response, PageError> {
    let receiver = daylight_ids::text::clean(&input.receiver);
    let mut errors = Errors::new();
    if receiver.is_empty() {
        errors.add("receiver", "请填写收件人");
    }
    crate::web::limit(&mut errors, "receiver", &receiver, NAME);
    if !errors.is_empty() {
        return show(&app, &viewer, id, &input.receiver, &errors).await;
    }
    let tx = app.db.write().await?;
    let actor = viewer.actor()?;
    store::receive(&tx, &app.vault, actor, id, &receiver, app.clock.now()).await.map_err(failed)?;
    tx.commit().await?;
    Ok(redirect(&format!("/office/letters/{id}")))
}

/// POST /office/letters/{id}/answer
pub async fn answer(State(app): State<App>, viewer: Viewer, Id(id): Id) -> Result<Response, PageError> {
    let tx = app.db.write().await?;
    store::answer(&tx, &app.vault, viewer.actor()?, id, app.clock.now()).await.map_err(failed)?;
    tx.commit().await?;
    Ok(redirect(&format!("/office/letters/{id}")))
}
