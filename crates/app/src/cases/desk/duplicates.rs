//! 可能相同的反映: suggested to a person, who ties them together or not. Nothing is deleted or merged.

use super::{
    failed,
    file::{self, File},
    form::Typed,
    store,
};
use crate::{
    cases::store as cases,
    web::{App, Form, Id, PageError, Viewer, redirect},
};
use axum::{
    extract::State,
    response::{Html, Response},
};
use daylight_ui::{
    Action as Button, Actions, Drawing, Empty, Heading, Html as Markup, Link, Section, form::Form as Ask,
};

/// GET /office/cases/{id}/duplicates
pub async fn page(State(app): State<App>, viewer: Viewer, Id(id): Id) -> Result<Html<String>, PageError> {
    let file = File::read(&app, &viewer, id).await?;
    let c = app.db.read();
    // Of both only what this person may see: a suggestion must not tell of a case closed to them.
    let linked = cases::links(c, &app.vault, &file.actor, id).await.map_err(failed)?;
    let alike = cases::alike(c, &app.vault, &file.actor, id).await.map_err(failed)?;
    let linked: Vec<_> = linked.iter().map(|line| line.id).collect();
    let found: Vec<_> = alike.iter().filter(|one| !linked.contains(&one.line.id)).collect();
    let ids: Vec<_> = linked.iter().copied().chain(found.iter().map(|one| one.line.id)).collect();
    let about = store::about(c, &ids).await?;
    let section = |other: i64, because: String, form: Markup| {
        let label = about.get(&other).map(store::About::page).unwrap_or_default();
        let link: Markup =
            Link::new(format!("看{}：{label}", file::name(other)), format!("/office/cases/{other}")).into();
        let body = [Markup::trusted(format!("<p>{link}</p>")), Markup::paragraphs(&because), form];
        Markup::from(Section::new(file::name(other), body.into_iter().collect::<Markup>()))
    };
    let ask = |other: i64, verb: &str, word: &str| {
        let mut form =
            Ask::post(format!("{}/duplicates", file.href()), verb).hidden("other", other.to_string());
        form.buttons.items = vec![Button::submit(verb).second().sends("do", word)];
        Markup::from(form)
    };
    let lead = "只是提示，由您判断。关联以后两件仍分别办理、分别答复，都不会删除。";
    let mut parts: Vec<Markup> = vec![Heading::new("可能相同的反映").kicker(file.name()).lead(lead).into()];
    if ids.is_empty() {
        parts.push(Empty::new(Drawing::Glass, "您能看到的办理件里，没有与这件相近的").into());
    }
    parts.extend(linked.iter().map(|id| section(*id, "已关联".to_owned(), ask(*id, "取消关联", "unlink"))));
    parts.extend(
        found.iter().map(|one| section(one.line.id, one.because.because(), ask(one.line.id, "关联", "link"))),
    );
    parts.push(Actions::new([Button::link("返回办理件", file.href()).second()]).into());
    let mut shell = viewer.office(&app, &format!("可能相同的反映：{}", file.name())).await?;
    shell.breadcrumbs = vec![
        ("办理件".into(), Some("/office/cases".into())),
        (file.name(), Some(file.href())),
        ("可能相同的反映".into(), None),
    ];
    Ok(Html(daylight_ui::page(&shell, parts.into_iter().collect::<Markup>().as_str())))
}

/// POST /office/cases/{id}/duplicates: ties two together, or takes it back.
pub async fn link(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id,
    Form(typed): Form<Typed>,
) -> Result<Response, PageError> {
    let tx = app.db.write().await?;
    let other = typed.text("other").parse().unwrap_or(0);
    let (actor, now) = (viewer.actor()?, app.clock.now());
    let undone = typed.text("do") == "unlink";
    match undone {
        true => cases::unlink(&tx, &app.vault, actor, (id, other), now).await.map_err(failed)?,
        false => cases::link(&tx, &app.vault, actor, (id, other), now).await.map_err(failed)?,
    }
    tx.commit().await?;
    let done = if undone { "unlink" } else { "link" };
    Ok(redirect(&format!("/office/cases/{id}?done={done}")))
}
