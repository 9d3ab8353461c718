//! On the account's page: who stands behind it, and asking for another.

use super::{may_ask, store};
use crate::{
    accounts,
    authz::{Action, Resource},
    cadres::pick::Asked,
    clock::time_text,
    office::summary,
    web::{App, Form, Id, PageError, Viewer, redirect},
};
use axum::{
    extract::State,
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};
use daylight_ui::{
    Action as Button, Heading, Html as Markup, Notice, NoticeKind, Section, SummaryList,
    form::{self, Errors},
};
use serde::Deserialize;

/// The person behind an account, and the way to another.
pub(crate) async fn section(
    app: &App,
    viewer: &Viewer,
    account_id: i64,
    typed: Option<(&Asked, &Errors)>,
) -> Result<Markup, PageError> {
    let c = app.db.read();
    let behind = store::behind(c, account_id).await?;
    let word = match &behind {
        Some(person) => format!("{}（{}）", person.name, store::posts(c, person.id).await?.join("、")),
        None => "还没有对应：分派时按与所有反映都有利害关系处理，收不到任何反映".into(),
    };
    let mut parts: Vec<Markup> = vec![SummaryList::new().row("对应的干部", word).into()];
    match store::waiting(c, account_id).await? {
        Some(line) => {
            let what = line.cadre.map_or("解除对应".into(), |cadre| format!("对应到{cadre}"));
            let word = format!("{}在{}申请{what}，等安全管理员确认。", line.asker, time_text(line.asked_at));
            parts.push(Notice::new(NoticeKind::Info, word).into());
        }
        None if viewer.actor()?.account_id == account_id => {
            parts.push(Markup::paragraphs("自己账号的对应，要由另一位系统管理员申请。"));
        }
        None => {
            let (empty, none) = (Asked::default(), Errors::new());
            let (asked, errors) = typed.unwrap_or((&empty, &none));
            let action = format!("/office/accounts/{account_id}/tie");
            let mut form = form::Form::post(&action, "申请对应");
            form.buttons.items[0] = Button::submit("申请对应").sends("do", "tie");
            let mut form = asked.fields("本人姓名", errors).into_iter().fold(form, form::Form::field);
            if behind.is_some() {
                form = form.action(Button::submit("申请解除对应").second().sends("do", "untie"));
            }
            let words = "承办反映的人要对应到干部名册里的本人，平台才能核对他和被反映人有没有关系。\
                         您申请以后，由安全管理员确认才生效；确认以前，原来的对应不变。";
            parts.push(Markup::paragraphs(words));
            parts.push(form.into());
        }
    }
    Ok(Section::new("对应的干部", parts.into_iter().collect::<Markup>()).id("tie").into())
}

/// A tie as typed.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Input {
    #[serde(default)]
    person: String,
    #[serde(default)]
    unit: String,
    #[serde(default)]
    post: String,
    #[serde(default, rename = "do")]
    press: String,
}

/// POST /office/accounts/{id}/tie
pub async fn ask(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id,
    Form(input): Form<Input>,
) -> Result<Response, PageError> {
    viewer.permit(Action::ManageAccounts, &Resource::default())?;
    let account = accounts::store::get(app.db.read(), id).await?.ok_or(PageError::NotFound)?;
    let asked = Asked { person: input.person, unit: input.unit, post: input.post };
    let mut errors = Errors::new();
    let cadre = if input.press == "untie" {
        Some(None)
    } else {
        asked.find(&app, &mut errors).await?.map(|line| Some(line.id))
    };
    let (by, now) = (viewer.actor()?.account_id, app.clock.now());
    if let Some(cadre_id) = cadre {
        let tx = app.db.write().await?;
        tx.lock("daylight ties").await?;
        match may_ask(by, &store::facts(&*tx, id, cadre_id).await?) {
            Ok(()) => {
                let tie = store::ask(&tx, id, cadre_id, by, now).await?;
                let cadre = cadre_id.map_or("无".into(), |cadre| format!("cadre {cadre}"));
                let detail = format!("tie {tie}：{cadre}");
                viewer.note(&tx, "tie.ask", &format!("account {id}"), &detail, now).await?;
                tx.commit().await?;
                return Ok(redirect(&format!("/office/accounts/{id}#tie")));
            }
            Err(refused) => errors.add("", refused.to_string()),
        }
    }
    let title = account.name.clone();
    let body: Markup = [
        summary(&errors),
        Heading::new(title.as_str()).into(),
        section(&app, &viewer, id, Some((&asked, &errors))).await?,
    ]
    .into_iter()
    .collect();
    let mut shell = viewer.office(&app, &title).await?;
    crate::office::under(&mut shell, "/office/accounts");
    shell.breadcrumbs = vec![
        ("人员账号".into(), Some("/office/accounts".into())),
        (title, Some(format!("/office/accounts/{id}"))),
        ("对应的干部".into(), None),
    ];
    let page = Html(daylight_ui::page(&shell, body.as_str()));
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}
