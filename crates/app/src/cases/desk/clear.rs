//! 核对同名: the reporter wrote a name that somebody bears who might have to do with the case. Whether they mean that
//! person, two members of staff say one after the other, or the reporter.

use super::{
    failed,
    file::File,
    form::Typed,
    name,
    store::{self, Person},
};
use crate::{
    cases::store::{self as cases, StoreError},
    web::{App, Asked, Form, Id, PageError, Viewer, redirect},
};
use axum::{
    extract::State as Axum,
    response::{IntoResponse, Response},
};
use daylight_ui::{
    Action as Button, Actions, Heading, Html as Markup, Notice, NoticeKind, Section,
    form::{self, Errors},
};

/// On the page of a case: whose names stand in what was reported, and what is to be said of each.
pub(super) async fn section(app: &App, file: &File) -> Result<Vec<Markup>, PageError> {
    let mut parts = Vec::new();
    for person in asked(app, file).await? {
        let first = file.matter.mentioned.get(&person.id).copied().flatten();
        let mine = first.is_some_and(|voice| voice.account_id == file.actor.account_id);
        let rest = match first {
            _ if mine => "您已经说明是同名的另一个人，等另一个人也核对后生效。",
            Some(_) => "已经有一个人说明是同名的另一个人，请您也核对。",
            None => {
                "请核对写的是不是此人：是的，登记为被反映人；是同名的另一个人的，要两个人先后说明才生效。"
            }
        };
        let text = format!("反映的内容里有{}的姓名。此人和其亲属现在看不到这件。{rest}", name::who(&person));
        parts.push(Notice::new(NoticeKind::Warning, text).into());
        let mut ways = vec![
            Button::link(
                format!("登记{}为被反映人", person.name),
                format!("{}/name?cadre={}", file.href(), person.id),
            )
            .second(),
        ];
        if !mine {
            let href = format!("{}/clear?cadre={}", file.href(), person.id);
            ways.push(Button::link("是同名的另一个人", href).second());
        }
        parts.push(Actions::new(ways).into());
    }
    Ok(parts)
}

async fn asked(app: &App, file: &File) -> Result<Vec<Person>, PageError> {
    let ids = cases::concerned(&file.world, &file.matter, file.opened.case.organ_id);
    Ok(store::people_by_id(app.db.read(), &ids.into_iter().collect::<Vec<_>>()).await?)
}

/// GET /office/cases/{id}/clear
pub async fn ask(
    Axum(app): Axum<App>,
    viewer: Viewer,
    Id(id): Id,
    asked: Asked,
) -> Result<Response, PageError> {
    let file = File::read(&app, &viewer, id).await?;
    let chosen = asked.number("cadre");
    let person = self::asked(&app, &file).await?.into_iter().find(|person| Some(person.id) == chosen);
    match person {
        Some(person) => page(&app, &viewer, &file, &person, &Errors::new()).await,
        None => Ok(redirect(&file.href())),
    }
}

async fn page(
    app: &App,
    viewer: &Viewer,
    file: &File,
    person: &Person,
    errors: &Errors,
) -> Result<Response, PageError> {
    let lifts = cases::lifts(&file.world, &file.matter, file.actor.account_id, person.id);
    let effect = if lifts {
        "已经有一个人这样说明过。您说明以后马上生效：此人和其亲属不再因为这个姓名回避这件。"
    } else {
        "您一个人说明还不生效，要等另一个人也这样说明，或者反映人自己说明。在这之前，此人和其亲属仍然看不到这件。"
    };
    let lines = [effect, "谁在什么时候说明的，都留有记录。反映人以后又写到这个姓名的，重新核对。"];
    let lines: Markup = lines.iter().map(|line| Markup::paragraphs(line)).collect();
    let form = form::Form::post(format!("{}/clear", file.href()), "我核对过，是同名的另一个人")
        .hidden("seen", file.opened.seen().to_string())
        .hidden("cadre", person.id.to_string())
        .action(Button::link("返回办理件", file.href()).second());
    let parts: Vec<Markup> = vec![
        crate::office::summary(errors),
        Heading::new(format!("写到的不是{}", person.name))
            .kicker(file.name())
            .lead(name::post(person))
            .into(),
        Section::new("说明以后", lines).into(),
        form.into(),
    ];
    let mut shell = viewer.office(app, &format!("核对同名：{}", file.name())).await?;
    shell.breadcrumbs = vec![
        ("办理件".into(), Some("/office/cases".into())),
        (file.name(), Some(file.href())),
        ("核对同名".into(), None),
    ];
    let html = daylight_ui::page(&shell, parts.into_iter().collect::<Markup>().as_str());
    Ok(axum::response::Html(html).into_response())
}

/// POST /office/cases/{id}/clear
pub async fn take(
    Axum(app): Axum<App>,
    viewer: Viewer,
    Id(id): Id,
    Form(typed): Form<Typed>,
) -> Result<Response, PageError> {
    let tx = app.db.write().await?;
    let file = File::open(&tx, &app, &viewer, id, cases::Look::File).await?;
    let chosen: Option<i64> = typed.text("cadre").parse().ok();
    let person = asked(&app, &file).await?.into_iter().find(|person| Some(person.id) == chosen);
    let Some(person) = person else { return Ok(redirect(&file.href())) };
    let seen = typed.text("seen").parse().unwrap_or(0);
    let lifts = cases::lifts(&file.world, &file.matter, file.actor.account_id, person.id);
    match cases::clear(&tx, &app.vault, &file.actor, id, (person.id, seen), file.now).await {
        Ok(_) => tx.commit().await?,
        Err(StoreError::Moved) => {
            drop(tx);
            let file = File::read(&app, &viewer, id).await?;
            let mut errors = Errors::new();
            errors.add("", StoreError::Moved.to_string());
            return page(&app, &viewer, &file, &person, &errors).await;
        }
        Err(error) => return Err(failed(error)),
    }
    let done = if lifts { "cleared" } else { "clear" };
    Ok(redirect(&format!("{}?done={done}", file.href())))
}
