//! 纸质评价码: the way from a slip of paper to the people and powers that it may rate.
//!
//! A slip is one voice. It is used up by nothing: until the close whoever holds it may rate each of its unit's subjects
//! once, and again instead. Which slip was whose is written nowhere.

use super::{
    code, keys,
    rate::{status, wrong},
    sitting, store, subject,
};
use crate::{
    reports::{Object, named},
    web::{App, Form, PageError, Viewer, Word},
};
use axum::{
    extract::State,
    http::HeaderMap,
    response::{Html, IntoResponse, Response},
};
use daylight_ratings::{
    ballot::{SubjectId, paper::PaperCode},
    round::State as Stand,
};
use daylight_ui::{
    Entries, Entry, Heading, Html as Markup, Section,
    form::{self, Errors, Field},
};
use serde::Deserialize;

/// What is typed where a picture cannot be read.
#[derive(Deserialize)]
pub struct Typed {
    #[serde(default)]
    code: String,
}

/// GET /p
pub async fn form(State(app): State<App>, viewer: Viewer) -> Result<Response, PageError> {
    ask(&app, &viewer, "", &Errors::new()).await
}

/// POST /p
pub async fn typed(
    State(app): State<App>,
    viewer: Viewer,
    Form(typed): Form<Typed>,
) -> Result<Response, PageError> {
    enter(&app, &viewer, &typed.code).await
}

/// GET /p/{code}
pub async fn scanned(
    State(app): State<App>,
    viewer: Viewer,
    Word(code): Word,
) -> Result<Response, PageError> {
    enter(&app, &viewer, &code).await
}

async fn ask(app: &App, viewer: &Viewer, typed: &str, errors: &Errors) -> Result<Response, PageError> {
    let title = "用纸质评价码评价";
    let field = Field::text("code", "评价码")
        .hint("印在纸条上，12位字母和数字，不分大小写。")
        .value(typed)
        .maxlength(20)
        .unmarked()
        .check(errors);
    let body: Markup = [
        wrong(errors),
        Heading::new(title).lead("不用手机号。一张纸条是一票，谁拿着谁评，没有登记给了谁。").into(),
        form::Form::post("/p", "下一步").field(field).into(),
    ]
    .into_iter()
    .collect();
    let shell = viewer.portal(app, title).await?;
    Ok((status(errors), Html(daylight_ui::page(&shell, body.as_str()))).into_response())
}

async fn enter(app: &App, viewer: &Viewer, typed: &str) -> Result<Response, PageError> {
    let refused = async |words: String| {
        let mut errors = Errors::new();
        errors.add("code", words);
        ask(app, viewer, typed, &errors).await
    };
    let code = match PaperCode::parse(typed) {
        Ok(code) => code,
        Err(error) => return refused(error.to_string()).await,
    };
    match find(app, &code).await? {
        Some(slip) => {
            let sitting = sitting::Sitting { slip: Some(slip), ..sitting::begin(app) };
            let mut response = crate::web::redirect("/rate/paper");
            sitting::remember(app, &mut response, &sitting);
            Ok(response)
        }
        // Unknown, taken back, or of a round that is over: nobody learns which codes there are.
        None => {
            refused("这个评价码现在不能用：可能抄错了，可能已经作废，也可能这一轮评价已经截止".into()).await
        }
    }
}

/// The open round in which a code may be used.
async fn find(app: &App, code: &PaperCode) -> Result<Option<sitting::Slip>, PageError> {
    let (c, now) = (app.db.read(), app.clock.now());
    let mut keyless = false;
    for kept in store::rounds::list(c).await? {
        if !kept.round.takes_ballots(now) || kept.round.state != Stand::Open {
            continue;
        }
        let Some(key) = keys::read(&app.vault, kept.id).map_err(PageError::internal)? else {
            keyless = true;
            continue;
        };
        let name = key.paper(code.canonical());
        drop(key);
        let found = store::papers::find(c, kept.id, name).await?;
        if let Some(paper) = found.filter(|paper| !paper.revoked) {
            return Ok(Some(sitting::Slip { round: kept.id, name, path: paper.path }));
        }
    }
    if keyless { Err(PageError::Busy) } else { Ok(None) }
}

/// GET /rate/paper
pub async fn choose(
    State(app): State<App>,
    viewer: Viewer,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let Some(slip) = sitting::find(&app, &headers).and_then(|sitting| sitting.slip) else {
        return Ok(crate::web::redirect("/p"));
    };
    let c = app.db.read();
    let (mut cadres, mut powers) = (Vec::new(), Vec::new());
    for id in store::papers::subjects(c, slip.round, &slip.path).await? {
        let object = match id {
            SubjectId::Cadre(id) => Object::Cadre(id),
            SubjectId::Power(id) => Object::Power(id),
        };
        let Some(named) = named(c, object).await? else { continue };
        let entry = Entry::new(&named.name, format!("/rate/{}", code(id))).fact(&named.detail);
        if matches!(id, SubjectId::Cadre(_)) { cadres.push(entry) } else { powers.push(entry) }
    }
    debug_assert!(subject::from_code("paper").is_none());
    let lead = "每人（项）评一次，截止前可以再评，以最后一次为准。不记是哪张纸条、什么时候评的。";
    let mut parts: Vec<Markup> = vec![Heading::new("请选择评价谁").lead(lead).into()];
    if !cadres.is_empty() {
        parts.push(Section::new("干部", Entries::new(cadres)).into());
    }
    if !powers.is_empty() {
        parts.push(Section::new("权力事项", Entries::new(powers)).into());
    }
    let mut leave = form::Form::post("/rate/leave", "评完了，换人评");
    leave.buttons.items[0].main = false;
    parts.push(leave.into());
    let shell = viewer.portal(&app, "请选择评价谁").await?;
    let body: Markup = parts.into_iter().collect();
    Ok(Html(daylight_ui::page(&shell, body.as_str())).into_response())
}
