//! 查看密封信息: a cadre's citizen id and telephone, opened for a stated reason and noted.

use crate::{
    authz::{Action, Resource},
    cadres,
    ops::store::{CITIZEN_ID, PHONE},
    revisions::{SubjectKind, personal, store, within},
    web::{App, Form, Id, PageError, Viewer},
};
use axum::{
    extract::State as Axum,
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};
use daylight_ui::{
    Action as Button, Actions, Heading, Html as Markup, Notice, NoticeKind, SummaryList,
    form::{self, Errors, Field},
};
use serde::Deserialize;

/// Why the fields are opened.
#[derive(Deserialize, Default)]
pub struct Input {
    #[serde(default)]
    reason: String,
}

/// The cadre's name, for those who may open the sealed fields.
async fn cadre(app: &App, viewer: &Viewer, id: i64) -> Result<String, PageError> {
    let c = app.db.read();
    let place = store::place(c, SubjectKind::Cadre, id).await?.ok_or(PageError::NotFound)?;
    within(viewer, Action::OpenSealed, &Resource::of_unit(&place.unit_path))?;
    let published = store::published(c, SubjectKind::Cadre, id).await?.ok_or(PageError::NotFound)?;
    Ok(published.content.title().to_owned())
}

/// GET /office/cadres/{id}/sealed
pub async fn ask(Axum(app): Axum<App>, viewer: Viewer, Id(id): Id) -> Result<Response, PageError> {
    let name = cadre(&app, &viewer, id).await?;
    show_form(&app, &viewer, id, &name, "", &Errors::new()).await
}

async fn show_form(
    app: &App,
    viewer: &Viewer,
    id: i64,
    name: &str,
    reason: &str,
    errors: &Errors,
) -> Result<Response, PageError> {
    let field = Field::textarea("reason", "为什么要看", 3).maxlength(500).value(reason).check(errors);
    let form = form::Form::post(format!("/office/cadres/{id}/sealed"), "记录并查看")
        .field(field.hint("例如：核对工资名册，第3号工单。请不要写任何人的身份证号或手机号。"))
        .action(Button::link("不看了", format!("/office/cadres/{id}/edit")).second());
    let heading = Heading::new(format!("查看{name}的密封信息"))
        .lead("身份证号和手机号平时是密封的。每次查看都会写入审计日志，包括您的姓名、时间和理由。");
    page(app, viewer, name, [crate::office::summary(errors), heading.into(), form.into()], errors).await
}

async fn page(
    app: &App,
    viewer: &Viewer,
    name: &str,
    parts: impl IntoIterator<Item = Markup>,
    errors: &Errors,
) -> Result<Response, PageError> {
    let mut shell = viewer.office(app, &format!("{name} 密封信息")).await?;
    super::under(&mut shell, "/office/contents");
    shell.breadcrumbs =
        vec![("内容维护".into(), Some("/office/contents?kind=cadre".into())), ("密封信息".into(), None)];
    let body: Markup = parts.into_iter().collect();
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok((status, Html(daylight_ui::page(&shell, body.as_str()))).into_response())
}

/// POST /office/cadres/{id}/sealed
pub async fn open(
    Axum(app): Axum<App>,
    viewer: Viewer,
    Id(id): Id,
    Form(input): Form<Input>,
) -> Result<Response, PageError> {
    let name = cadre(&app, &viewer, id).await?;
    let reason = daylight_ids::text::clean(&input.reason);
    let mut errors = Errors::new();
    if reason.chars().count() < 4 {
        errors.add("reason", "请写明查看的理由，至少4个字");
    }
    if reason.chars().count() > 500 {
        errors.add("reason", "理由最多500个字，请写短一些");
    }
    // The trail holds nothing personal, so the reason may not either.
    if let Some(message) = personal("为什么要看", &reason) {
        errors.add("reason", message);
    }
    if !errors.is_empty() {
        return show_form(&app, &viewer, id, &name, &reason, &errors).await;
    }
    let tx = app.db.write().await?;
    let sealed = cadres::store::sealed(&*tx, id).await?.ok_or(PageError::NotFound)?;
    let subject = format!("cadre {id}");
    viewer.note(&tx, "sealed.open", &subject, &reason, app.clock.now()).await?;
    // Only what is on record may be opened: the entry is durable before any seal is broken.
    tx.commit().await?;
    let mut list = SummaryList::new();
    for (label, column, value) in
        [("公民身份号码", CITIZEN_ID, sealed.citizen_id_sealed), ("联系电话", PHONE, sealed.phone_sealed)]
    {
        let opened = match value {
            Some(value) => app.vault.unseal(&column.place(id), &value)?.as_str()?.to_owned(),
            None => "没有登记".to_owned(),
        };
        list = list.row(label, opened);
    }
    let notice = Notice::new(
        NoticeKind::Warning,
        "这次查看已记入审计日志。请不要截图、抄录给无关的人；离开这一页后需要重新说明理由。",
    );
    let done = Actions::new([Button::link("看完了", "/office/contents?kind=cadre")]);
    let heading = Heading::new(format!("{name}的密封信息"));
    page(&app, &viewer, &name, [heading.into(), notice.into(), list.into(), done.into()], &errors).await
}
