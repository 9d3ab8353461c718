//! 可能相同的反映: suggested to a person, who ties them together or not. Nothing is deleted or merged.

use super::{
    failed,
    file::{self, File},
    form::Typed,
    store,
};
use crate::{
    cases::store as cases,
    reports::{Gist, Shingles, suggest},
    web::{App, Form, Id, PageError, Viewer, redirect},
};
use axum::{
    extract::State,
    response::{Html, Response},
};
use daylight_ui::{
    Action as Button, Actions, Drawing, Empty, Heading, Html as Markup, Link, Section, form::Form as Ask,
};

/// So many are compared and so many shown.
const COMPARED: usize = 500;
const SHOWN: usize = 10;

/// GET /office/cases/{id}/duplicates
pub async fn page(State(app): State<App>, viewer: Viewer, Id(id): Id) -> Result<Html<String>, PageError> {
    let file = File::read(&app, &viewer, id).await?;
    let c = app.db.read();
    let linked = store::links(c, id).await?;
    // Only what this person may see is compared: a suggestion must not tell of a case closed to them.
    let mut lines = cases::list(c, &app.vault, &file.actor).await.map_err(failed)?;
    lines.sort_by_key(|line| std::cmp::Reverse(line.received_at));
    lines.truncate(COMPARED);
    let ids: Vec<_> = lines.iter().map(|line| line.id).collect();
    let about = store::about(c, &ids).await?;
    let mut earlier = Vec::new();
    for line in &lines {
        let opened = cases::open_own(c, &app.vault, line.id).await.map_err(failed)?;
        let content = crate::reports::store::content(c, &opened).await.map_err(failed)?;
        let Some(about) = about.get(&line.id) else { continue };
        earlier.push(Gist { report_id: line.id, object: about.object(), text: Shingles::of(&content.facts.what) });
    }
    let text = Shingles::of(&file.content.facts.what);
    let new = Gist { report_id: id, object: file.about.object(), text };
    let mut parts: Vec<Markup> = vec![
        Heading::new("可能相同的反映")
            .kicker(file.name())
            .lead("只是提示，由您判断。关联以后两件仍分别办理、分别答复，都不会删除。")
            .into(),
    ];
    let shown: Vec<_> = suggest(&new, &earlier, SHOWN);
    let line = |other: i64, because: String, tied: bool| {
        let label = about.get(&other).map(store::About::page).unwrap_or_default();
        let link = Link::new(format!("{}：{label}", file::name(other)), format!("/office/cases/{other}"));
        let verb = if tied { "取消关联" } else { "关联" };
        let mut form = Ask::post(format!("{}/duplicates", file.href()), verb)
            .hidden("other", other.to_string())
            .hidden("deed", if tied { "unlink" } else { "link" });
        form.buttons.items[0].main = false;
        Markup::from(Section::new(
            file::name(other),
            [Markup::trusted(format!("<p>{}</p>", Markup::from(link))), Markup::paragraphs(&because), form.into()]
                .into_iter()
                .collect::<Markup>(),
        ))
    };
    let mine = linked.iter().copied().filter(|other| ids.contains(other));
    let mine: Vec<_> = mine.map(|other| line(other, "已关联".to_owned(), true)).collect();
    let found = shown.iter().filter(|one| !linked.contains(&one.report_id));
    let found: Vec<_> = found.map(|one| line(one.report_id, one.because(), false)).collect();
    if mine.is_empty() && found.is_empty() {
        parts.push(Empty::new(Drawing::Glass, "您能看到的办理件里，没有与这件相近的").into());
    }
    parts.extend(mine);
    parts.extend(found);
    parts.push(Actions::new([Button::link("返回办理件", file.href()).second()]).into());
    let mut shell = viewer.office(&app, &format!("可能相同的反映：{}", file.name())).await?;
    shell.breadcrumbs = vec![
        ("办理件".into(), Some("/office/cases".into())),
        (file.name(), Some(file.href())),
        ("可能相同的反映".into(), None),
    ];
    Ok(Html(daylight_ui::page(&shell, parts.into_iter().collect::<Markup>().as_str())))
}

/// POST /office/cases/{id}/duplicates
pub async fn link(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id,
    Form(typed): Form<Typed>,
) -> Result<Response, PageError> {
    let tx = app.db.write().await?;
    let file = File::open(&tx, &app, &viewer, id).await?;
    let other = typed.text("other").parse().ok().filter(|other: &i64| *other != id);
    let Some(other) = other else { return Ok(redirect(&format!("{}/duplicates", file.href()))) };
    // Both must be this person's to see.
    let seen = cases::list(&*tx, &app.vault, &file.actor).await.map_err(failed)?;
    if !seen.iter().any(|line| line.id == other) {
        return Err(PageError::NotFound);
    }
    let done = if typed.text("deed") == "unlink" { "unlink" } else { "link" };
    match done {
        "unlink" => store::unlink(&tx, id, other).await?,
        _ => store::link(&tx, id, other, file.actor.account_id, file.now).await?,
    }
    viewer.note(&tx, &format!("case.{done}"), &format!("case {id}"), &format!("case {other}"), file.now).await?;
    tx.commit().await?;
    Ok(redirect(&format!("{}?done={done}", file.href())))
}
