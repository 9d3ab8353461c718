//! The page of a power: what to do step by step first, then who, on what ground, with what risk.

use super::{
    Disclosure, Kind, Power, StageType, procedure,
    store::{self, BasisLine},
};
use crate::{
    codes, ratings,
    reports::{Object, ask_for_it},
    revisions::{
        Content, Revision, SubjectKind,
        as_of::{self, Look, Moment},
        history,
        store::unit_named,
    },
    units,
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
    Action, Actions, Details, Heading, Html as Markup, Link, Missing, Qr, Section, Shell, SummaryList, Tag,
};

#[derive(Template)]
#[template(path = "powers/templates/page.html")]
struct Page {
    head: Heading,
    unit: Link,
    banner: Markup,
    steps: Section,
    drawing: Markup,
    risks: Markup,
    bases: Section,
    parts: Section,
    missing: Option<Missing>,
    report: Actions,
    opinion: Markup,
    outcomes: Markup,
    qr: Qr,
    stamp: Markup,
    path: String,
    date: Details,
}

/// GET /powers/{id}?on=
pub async fn page(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id,
    asked: Asked,
) -> Result<Response, PageError> {
    let snapshot = app.db.snapshot().await?;
    let c = &*snapshot;
    let (revision, moment) = match as_of::look(&app, c, &viewer, SubjectKind::Power, id, &asked).await? {
        Look::Shown(revision, moment) => (revision, moment),
        Look::Instead(response) => return Ok(response),
    };
    let Content::Power(power) = &revision.content else { return Err(PageError::NotFound) };
    let unit = unit_named(c, &power.unit).await?;
    let banner = [
        moment.banner(&SubjectKind::Power.href(id)),
        unit.as_ref()
            .map(|line| units::ended::notice("这项权力所属的单位", line, &moment))
            .unwrap_or_default(),
    ];
    let unit = unit.map_or("#main".to_owned(), |unit| moment.href(&format!("/units/{}", unit.id), &[]));
    let bases = bases(c, power, moment).await?;
    let mut body = body(&app, &viewer, id, power, &revision, moment, Link::new(&power.unit, unit), bases)?;
    body.banner = banner.into_iter().collect();
    body.opinion = ratings::panel(c, SubjectId::Power(id), app.clock.now()).await?.into();
    body.outcomes = crate::outcomes::panel(c, "power_id", id).await?;
    let shell = Shell {
        description: format!("{}的权力事项“{}”：办理流程、时限、依据、监督。", power.unit, power.name),
        canonical: Some(codes::address(&app, &body.path)),
        breadcrumbs: crumbs(power, &body.unit),
        ..viewer.portal(&app, &power.name).await?
    };
    Ok(Html(daylight_ui::page(&shell, &body.render()?)).into_response())
}

#[expect(clippy::too_many_arguments, reason = "what a page is made of")]
fn body(
    app: &App,
    viewer: &Viewer,
    id: i64,
    power: &Power,
    revision: &Revision,
    moment: Moment,
    unit: Link,
    bases: Section,
) -> Result<Page, PageError> {
    let path = SubjectKind::Power.href(id);
    Ok(Page {
        head: head(power),
        unit,
        banner: Markup::default(),
        steps: procedure::steps(power, Some(id))?,
        drawing: procedure::drawing(power, viewer.elder)?,
        risks: procedure::general_risks(power)?,
        bases,
        parts: parts(power),
        missing: missing(id, power),
        report: Actions::new([Action::link("反映这项权力的问题", Object::Power(id).entrance()).second()]),
        opinion: Markup::default(),
        outcomes: Markup::default(),
        qr: codes::block(app, &path),
        stamp: history::stamp(revision, &path),
        date: as_of::form(&path, &[], &moment),
        path,
    })
}

fn head(power: &Power) -> Heading {
    let head = Heading::new(&power.name).kicker("权力事项");
    let words = [power.kind.map(Kind::page), power.stage_type.map(StageType::page), power.matter.as_deref()];
    words.into_iter().flatten().fold(head, |head, word| head.tag(Tag::neutral(word)))
}

fn crumbs(power: &Power, unit: &Link) -> Vec<(String, Option<String>)> {
    let link = |label: &str, href: &str| (label.to_owned(), Some(href.to_owned()));
    vec![
        link("首页", "/"),
        link("权力事项", "/powers"),
        link(&unit.label, &unit.href),
        (power.name.clone(), None),
    ]
}

/// 五个明确, each filled or said to be missing.
fn parts(power: &Power) -> Section {
    let gap = || Markup::from(Tag::bad("待补充"));
    let text = |value: &Option<String>| value.as_deref().map_or_else(gap, Markup::from);
    let steps = match power.steps.len() {
        0 => gap(),
        n => Markup::from(Link::new(format!("{n}个环节"), "#procedure")),
    };
    let publicity = match power.disclosure {
        Some(Disclosure::Public) => "向社会公开".into(),
        _ => gap(),
    };
    let facts = SummaryList::new()
        .row("权力名称", power.name.as_str())
        .row("行权主体", text(&power.exerciser))
        .row("监督主体", text(&power.supervisor))
        .row("行权流程", steps)
        .row("公开方式", publicity)
        .row("追责主体", text(&power.accountable));
    let filled = 5 - power.missing().len();
    let title = if filled == 5 {
        "五个明确".to_owned()
    } else {
        format!("五个明确（已明确{filled}个）")
    };
    Section::new(title, facts)
}

fn missing(id: i64, power: &Power) -> Option<Missing> {
    let mut words: Vec<_> = power.missing().into_iter().map(super::Part::page).collect();
    if power.bases.is_empty() {
        words.push("行权依据");
    }
    if power.steps.iter().any(|step| step.limit.is_none()) {
        words.push("部分环节的办理时限");
    }
    let action = Some(ask_for_it(Object::Power(id)));
    (!words.is_empty()).then(|| Missing { text: format!("{}。", words.join("、")), action })
}

#[derive(Template)]
#[template(path = "powers/templates/bases.html")]
struct Bases {
    items: Vec<Ground>,
}

struct Ground {
    title: Link,
    article: String,
    in_force: String,
    ended: Option<String>,
}

/// The bases with articles and dates; one that was no longer in force on the day shown is marked.
async fn bases(c: &impl ConnectionTrait, power: &Power, moment: Moment) -> Result<Section, PageError> {
    let mut items = Vec::new();
    let today = moment.day().to_string();
    for basis in &power.bases {
        let line = store::basis_by_name(c, &basis.title).await?;
        items.push(ground(&basis.title, &basis.article, line.as_ref(), &today));
    }
    let body = if items.is_empty() {
        Markup::from("单位还没有填写这项权力依据的法律法规。")
    } else {
        Markup::render(&Bases { items })?
    };
    Ok(Section::new("凭什么：行权依据", body))
}

fn ground(title: &str, article: &str, line: Option<&BasisLine>, today: &str) -> Ground {
    let quoted = format!("《{title}》");
    let href = line.map_or("/bases".to_owned(), |line| format!("/bases/{}", line.id));
    Ground {
        title: Link::new(quoted, href),
        article: article.to_owned(),
        in_force: line.map(super::bases::in_force_text).unwrap_or_default(),
        ended: line.and_then(|line| super::bases::ended_text(line, today)),
    }
}
