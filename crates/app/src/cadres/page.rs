//! The page of a cadre: the public part only. What is sealed or kept for the office is never read here.

use super::{Appointment, Cadre, since_text};
use crate::{
    codes, ratings,
    reports::Object,
    revisions::{
        Content, SubjectKind,
        as_of::{self, Look, Moment},
        history,
        store::unit_named,
    },
    web::{App, Asked, Id, PageError, Viewer},
};
use askama::Template;
use axum::{
    extract::State,
    response::{Html, IntoResponse, Response},
};
use daylight_db::ConnectionTrait;
use daylight_ratings::ballot::SubjectId;
use daylight_ui::{
    Action, Actions, ComingLater, Details, Drawing, Empty, Heading, Html as Markup, Link, Section, Shell,
    SummaryList, Table,
};

#[derive(Template)]
#[template(path = "cadres/templates/page.html")]
struct Page {
    head: Heading,
    banner: Markup,
    now: Section,
    past: Markup,
    later: Markup,
    report: Actions,
    stamp: Markup,
    date: Details,
}

/// GET /cadres/{id}?on=
pub async fn page(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id,
    asked: Asked,
) -> Result<Response, PageError> {
    let snapshot = app.db.snapshot().await?;
    let c = &*snapshot;
    let (revision, moment) = match as_of::look(&app, c, &viewer, SubjectKind::Cadre, id, &asked).await? {
        Look::Shown(revision, moment) => (revision, moment),
        Look::Instead(response) => return Ok(response),
    };
    let Content::Cadre(cadre) = &revision.content else { return Err(PageError::NotFound) };
    let path = SubjectKind::Cadre.href(id);
    let body = Page {
        head: head(cadre),
        banner: moment.banner(&path),
        now: current(c, cadre, moment).await?,
        past: past(cadre),
        later: [crate::outcomes::panel(c, "cadre_id", id).await?, opinion(&app, c, id).await?, later()]
            .into_iter()
            .collect(),
        report: Actions::new([Action::link("反映这位干部的问题", Object::Cadre(id).entrance()).second()]),
        stamp: history::stamp(&revision, &path),
        date: as_of::form(&path, &[], &moment),
    };
    let mut breadcrumbs =
        vec![("首页".to_owned(), Some("/".to_owned())), ("干部".to_owned(), Some("/cadres".to_owned()))];
    breadcrumbs.push((cadre.name.clone(), None));
    let shell = Shell {
        breadcrumbs,
        canonical: Some(codes::address(&app, &path)),
        ..viewer.portal(&app, &cadre.name).await?
    };
    Ok(Html(daylight_ui::page(&shell, &body.render()?)).into_response())
}

fn head(cadre: &Cadre) -> Heading {
    let posts: Vec<_> = cadre.current().map(|held| format!("{}{}", held.unit, held.post)).collect();
    Heading::new(&cadre.name).kicker("干部").lead(posts.join("；"))
}

async fn current(c: &impl ConnectionTrait, cadre: &Cadre, moment: Moment) -> Result<Section, PageError> {
    let mut held = Vec::new();
    for appointment in cadre.current() {
        let unit = unit_named(c, &appointment.unit).await?;
        let unit = match unit {
            Some(line) => {
                Link::new(&appointment.unit, moment.href(&format!("/units/{}", line.id), &[])).into()
            }
            None => Markup::from(&appointment.unit),
        };
        held.push(facts(appointment, unit).into());
    }
    let body = if held.is_empty() {
        Empty::new(Drawing::Board, "目前没有公布在任的职务").text("以前的任职见下面。").into()
    } else {
        held.into_iter().collect::<Markup>()
    };
    Ok(Section::new("现任职务和分工", body))
}

fn facts(held: &Appointment, unit: Markup) -> SummaryList {
    SummaryList::new()
        .row("职务", held.post.as_str())
        .row("单位", unit)
        .row("分管（负责）工作", held.duties.as_deref().unwrap_or("待补充"))
        .row("任现职时间", held.since.as_deref().map_or("待补充".to_owned(), since_text))
}

fn past(cadre: &Cadre) -> Markup {
    let columns = ["职务".into(), "单位".into(), "任职时间".into()];
    let mut table = Table::new("以前的任职", columns).caption_hidden();
    for held in &cadre.appointments {
        let Some(until) = held.until.as_deref() else { continue };
        let since = held.since.as_deref().map_or("时间待补充".to_owned(), since_text);
        let period = format!("{since}至{}", since_text(until));
        table.push([held.post.as_str().into(), held.unit.as_str().into(), period.into()], false);
    }
    if table.rows.is_empty() { Markup::default() } else { Section::new("以前的任职", table).into() }
}

fn later() -> Markup {
    let dossier = ComingLater {
        title: "廉洁档案的公开部分".into(),
        text: "建成后，这里只公开已经生效、按规定可以公开的内容。没有查实的不会出现。".into(),
        action: None,
    };
    Section::new("廉洁档案", dossier).into()
}

async fn opinion(app: &App, c: &impl ConnectionTrait, id: i64) -> Result<Markup, PageError> {
    Ok(ratings::panel(c, SubjectId::Cadre(id), app.clock.now()).await?.into())
}
