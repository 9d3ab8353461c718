//! The page of a unit: one address, five panels, each a plain link.

use super::{
    Category, ended,
    panels::{self, Panel},
    view::View,
};
use crate::{
    clock::date_text,
    codes,
    reports::{Object, ask_for_it},
    revisions::{
        SubjectKind,
        as_of::{self, Look},
    },
    web::{App, Asked, Id, PageError, Viewer},
};
use askama::Template;
use axum::{
    extract::State,
    response::{Html, IntoResponse, Response},
};
use daylight_ui::{Details, Heading, Html as Markup, Missing, Qr, Shell, Tabs};

#[derive(Template)]
#[template(path = "units/templates/page.html")]
struct Page {
    head: Heading,
    banner: Markup,
    updated: String,
    tabs: Tabs,
    panel: Markup,
    missing: Option<Missing>,
    flagged: i64,
    qr: Qr,
    path: String,
    date: Details,
}

/// GET /units/{id}?panel=&on=
pub async fn page(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id,
    asked: Asked,
) -> Result<Response, PageError> {
    let snapshot = app.db.snapshot().await?;
    let c = &*snapshot;
    let (revision, moment) = match as_of::look(&app, c, &viewer, SubjectKind::Unit, id, &asked).await? {
        Look::Shown(revision, moment) => (revision, moment),
        Look::Instead(response) => return Ok(response),
    };
    let view = View::of(c, id, &revision, moment).await?;
    let panel = Panel::from_code(asked.text("panel")).unwrap_or_default();
    let path = view.path();
    let kept: Vec<_> = panel.field().into_iter().collect();
    let body = Page {
        head: head(&view),
        banner: [view.moment.banner(&path), ended::notice("这个单位", &view.line, &view.moment)]
            .into_iter()
            .collect(),
        updated: date_text(view.updated_at),
        tabs: tabs(&view, panel),
        panel: panels::show(c, &view, panel, viewer.elder).await?,
        missing: view.missing().map(|text| Missing { text, action: Some(ask_for_it(Object::Unit(id))) }),
        flagged: view.flagged,
        qr: codes::block(&app, &path),
        date: as_of::form(&path, &kept, &view.moment),
        path,
    };
    let shell = Shell {
        description: view.unit.duty_lines().first().map(|line| (*line).to_owned()).unwrap_or_default(),
        canonical: Some(codes::address(&app, &body.path)),
        feed: Some(format!("{}/feed.xml", body.path)),
        breadcrumbs: crumbs(&view),
        ..viewer.portal(&app, &view.unit.name).await?
    };
    Ok(Html(daylight_ui::page(&shell, &body.render()?)).into_response())
}

fn head(view: &View) -> Heading {
    let category = view.unit.category.map_or("单位", Category::page);
    let place = view.places.last().map_or("", |division| division.name.as_str());
    let kicker = if place.is_empty() { category.to_owned() } else { format!("{category} · {place}") };
    Heading::new(&view.unit.name).kicker(kicker)
}

fn tabs(view: &View, current: Panel) -> Tabs {
    let tabs = Tabs::new(format!("{}的公开内容", view.unit.name));
    Panel::ALL.into_iter().fold(tabs, |tabs, panel| {
        let fields: Vec<_> = panel.field().into_iter().collect();
        let count = match panel {
            Panel::Powers => i64::try_from(view.powers.len()).ok(),
            Panel::Cadres => i64::try_from(view.people.len()).ok(),
            Panel::Duties | Panel::Structure | Panel::Reports => None,
        };
        tabs.tab(panel.page(), view.moment.href(&view.path(), &fields), panel == current, count)
    })
}

/// Where the unit stands: place, unit above, itself.
fn crumbs(view: &View) -> Vec<(String, Option<String>)> {
    let link = |label: &str, href: String| (label.to_owned(), Some(href));
    let mut crumbs = vec![link("首页", "/".into()), link("单位", "/units".into())];
    crumbs.extend(view.places.iter().map(|place| link(&place.name, format!("/divisions/{}", place.id))));
    crumbs.extend(view.parent.iter().map(|above| link(&above.name, format!("/units/{}", above.id))));
    crumbs.push((view.unit.name.clone(), None));
    crumbs
}
