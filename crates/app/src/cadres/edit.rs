//! 修改干部: name, posts, periods and duties. Nothing sealed passes through here.

use super::{Appointment, Cadre};
use crate::{
    authz::{Action, Scope},
    office::{
        self, Typed,
        editor::{self, List, Opening, Press},
    },
    revisions::{Content, Desk, SubjectKind, store as revisions},
    units::edit::unit_name,
    web::{App, PageError, Viewer},
};
use askama::Template;
use axum::{
    Form,
    extract::{Path, Query, State},
    response::Response,
};
use daylight_tables::value::parse_month;
use daylight_ui::{
    Html as Markup, Link, Notice,
    form::{Errors, Field},
};

/// Not text that is published.
const EXEMPT: [&str; 1] = ["seen"];

#[derive(Template)]
#[template(path = "cadres/templates/edit.html")]
struct Page {
    action: String,
    seen: String,
    redact: bool,
    name: Field,
    posts: Vec<Card>,
    sealed: Option<Link>,
}

/// An appointment with its controls.
struct Card {
    legend: String,
    remove: String,
    here: String,
    fields: Vec<Field>,
}

/// GET /office/cadres/new
pub async fn begin(
    State(app): State<App>,
    viewer: Viewer,
    Query(opening): Query<Opening>,
) -> Result<Response, PageError> {
    if opening.draft.is_none() && opening.unit.is_none() {
        return office::pick(&app, &viewer, SubjectKind::Cadre, &opening.q).await;
    }
    let desk = new_desk(&app, &viewer, &opening).await?;
    open(&app, &viewer, &desk, &opening).await
}

/// GET /office/cadres/{id}/edit
pub async fn form(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<i64>,
    Query(opening): Query<Opening>,
) -> Result<Response, PageError> {
    let desk = Desk::of(&app, &viewer, SubjectKind::Cadre, id).await?;
    open(&app, &viewer, &desk, &opening).await
}

/// POST /office/cadres/new
pub async fn keep_new(
    State(app): State<App>,
    viewer: Viewer,
    Query(opening): Query<Opening>,
    Form(sent): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let desk = new_desk(&app, &viewer, &opening).await?;
    receive(&app, &viewer, &desk, Typed::new(sent)).await
}

/// POST /office/cadres/{id}/edit
pub async fn keep(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<i64>,
    Form(sent): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let desk = Desk::of(&app, &viewer, SubjectKind::Cadre, id).await?;
    receive(&app, &viewer, &desk, Typed::new(sent)).await
}

async fn new_desk(app: &App, viewer: &Viewer, opening: &Opening) -> Result<Desk, PageError> {
    match (opening.draft, opening.unit) {
        (Some(draft), _) => Desk::resume(app, viewer, SubjectKind::Cadre, draft).await,
        (None, Some(unit)) => Desk::begin(app, viewer, SubjectKind::Cadre, Some(unit)).await,
        // A cadre is entered by a unit.
        (None, None) => Err(PageError::NotFound),
    }
}

async fn open(app: &App, viewer: &Viewer, desk: &Desk, opening: &Opening) -> Result<Response, PageError> {
    if let Some(response) = editor::locked(desk) {
        return Ok(response);
    }
    let mut cadre = match desk.content() {
        Some(Content::Cadre(cadre)) => cadre.clone(),
        _ => {
            let unit = desk.place.as_ref().map(|place| place.unit.clone()).unwrap_or_default();
            Cadre { name: String::new(), appointments: vec![Appointment { unit, ..Appointment::default() }] }
        }
    };
    for held in &mut cadre.appointments {
        // A unit may have been renamed since; under its old name it would not be found again.
        if let Some(unit) = revisions::unit_named(app.db.read(), &held.unit).await? {
            held.unit = unit.name;
        }
    }
    let typed = typed(&cadre);
    show(app, viewer, desk, &typed, &desk.seen(), editor::opening_notice(opening), &Errors::new()).await
}

async fn receive(app: &App, viewer: &Viewer, desk: &Desk, typed: Typed) -> Result<Response, PageError> {
    let (press, seen) = (Press::of(&typed), typed.get("seen").to_owned());
    let mut errors = Errors::new();
    let again = match press {
        Press::Save | Press::Check => None,
        Press::Redact => Some((typed.redacted(&EXEMPT), Some(editor::masked()))),
        Press::Add(List::Posts) => Some((with_rows(&typed, |rows| rows.push(Row::default())), None)),
        Press::Remove(List::Posts, at) => {
            let remove = |rows: &mut Vec<Row>| {
                if at < rows.len() {
                    rows.remove(at);
                }
            };
            Some((with_rows(&typed, remove), None))
        }
        _ => Some((typed.clone(), None)),
    };
    if let Some((typed, notice)) = again {
        return show(app, viewer, desk, &typed, &seen, notice, &errors).await;
    }
    let cadre = read(&typed, &mut errors);
    let unit_id = check_units(app, viewer, desk, &cadre, &mut errors).await?;
    typed.gate(&EXEMPT, label, &mut errors);
    if !errors.is_empty() {
        return show(app, viewer, desk, &typed, &seen, None, &errors).await;
    }
    let content = Content::Cadre(cadre);
    match editor::keep(app, viewer, desk, press, &content, unit_id, &seen).await? {
        Ok(response) => Ok(response),
        Err(notice) => {
            let newest = editor::newest(app, viewer, desk).await?;
            show(app, viewer, &newest, &typed, &newest.seen(), Some(notice), &Errors::new()).await
        }
    }
}

async fn show(
    app: &App,
    viewer: &Viewer,
    desk: &Desk,
    typed: &Typed,
    seen: &str,
    notice: Option<Notice>,
    errors: &Errors,
) -> Result<Response, PageError> {
    let action = match (desk.subject_id, &desk.draft, &desk.place) {
        (None, None, Some(place)) => format!("{}?unit={}", desk.href(), place.unit_id),
        _ => desk.href(),
    };
    let sealed = desk
        .subject_id
        .map(|id| Link::new("查看封存的身份证号和手机号", format!("/office/cadres/{id}/sealed")));
    let page = Page {
        seen: seen.to_owned(),
        redact: !errors.is_empty() && typed.holds_personal_data(&EXEMPT),
        name: Field::text("name", "姓名").value(typed.get("name")).check(errors),
        posts: (0..typed.rows("post")).map(|at| card(&action, at, typed, errors)).collect(),
        sealed,
        action,
    };
    let shown = Content::Cadre(read(typed, &mut Errors::new()));
    let form = Markup::render(&page)?;
    editor::page(app, viewer, desk, &shown, &form, notice, errors).await
}

/// The parts of an appointment, as the fields of a row are called.
const PARTS: [(&str, &str); 5] = [
    ("unit", "单位"),
    ("post", "职务"),
    ("since", "任职时间"),
    ("until", "免职时间"),
    ("duties", "分管（负责）工作"),
];

/// An appointment as typed, in the order of [`PARTS`].
type Row = [String; 5];

fn rows(typed: &Typed) -> Vec<Row> {
    let row = |at: usize| PARTS.map(|(part, _)| typed.get(&format!("post-{at}-{part}")).to_owned());
    (0..typed.rows("post")).map(row).collect()
}

fn from_rows(name: &str, rows: &[Row]) -> Typed {
    let mut typed = Typed::of([("name", name.to_owned())]);
    for (at, row) in rows.iter().enumerate() {
        for ((part, _), value) in PARTS.iter().zip(row) {
            typed.set(&format!("post-{at}-{part}"), value.clone());
        }
    }
    typed
}

fn with_rows(typed: &Typed, change: impl FnOnce(&mut Vec<Row>)) -> Typed {
    let mut rows = rows(typed);
    change(&mut rows);
    from_rows(typed.get("name"), &rows)
}

/// What the form shows of a cadre.
fn typed(cadre: &Cadre) -> Typed {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let row = |held: &Appointment| {
        [held.unit.clone(), held.post.clone(), text(&held.since), text(&held.until), text(&held.duties)]
    };
    from_rows(&cadre.name, &cadre.appointments.iter().map(row).collect::<Vec<_>>())
}

fn card(action: &str, at: usize, typed: &Typed, errors: &Errors) -> Card {
    let field = |(part, label): (&str, &str)| {
        let name = format!("post-{at}-{part}");
        let value = typed.get(&name).to_owned();
        let field = match part {
            "duties" => Field::textarea(name, label, 2),
            _ => Field::text(name, label),
        };
        let field = match part {
            "since" => field.hint("例如 2023年9月"),
            "until" => field.hint("还在任就留空"),
            _ => field,
        };
        field.value(value).check(errors)
    };
    let post = typed.get(&format!("post-{at}-post"));
    Card {
        legend: format!("任职 {} {post}", at + 1).trim().to_owned(),
        remove: format!("remove-post-{at}"),
        here: format!("{action}#f-post-{}-unit", at.saturating_sub(1)),
        fields: PARTS.into_iter().map(field).collect(),
    }
}

/// Reads the form with the parsers that imports use.
fn read(typed: &Typed, errors: &mut Errors) -> Cadre {
    let mut appointments = Vec::new();
    for (at, row) in rows(typed).iter().enumerate() {
        let [unit, post, since, until, duties] = row;
        // A row in which only the unit was offered is not an appointment yet.
        if [post, since, until, duties].iter().all(|part| part.is_empty()) {
            continue;
        }
        let mut need = |part: &str, value: &str, message: &str| {
            if value.is_empty() {
                errors.add(format!("post-{at}-{part}"), format!("第{}项任职：{message}", at + 1));
            }
        };
        need("unit", unit, "请填写单位全称");
        need("post", post, "请填写职务");
        let since = date(&format!("post-{at}-since"), since, at, errors);
        let until = date(&format!("post-{at}-until"), until, at, errors);
        if let (Some(since), Some(until)) = (&since, &until)
            && until.as_str() < since.as_str()
            && !since.starts_with(until.as_str())
        {
            errors.add(format!("post-{at}-until"), format!("第{}项任职：免职时间早于任职时间", at + 1));
        }
        appointments.push(Appointment {
            unit: unit_name(unit),
            post: post.clone(),
            since,
            until,
            duties: (!duties.is_empty()).then(|| duties.clone()),
        });
    }
    Cadre { name: daylight_ids::text::person_name(typed.get("name")), appointments }
}

fn date(field: &str, text: &str, at: usize, errors: &mut Errors) -> Option<String> {
    // What imports write when a list leaves a post out without saying when.
    if text.is_empty() || text == "时间不详" {
        return (!text.is_empty()).then(|| text.to_owned());
    }
    match parse_month(text) {
        Ok(date) => Some(date.to_string()),
        Err(error) => {
            errors.add(field, format!("第{}项任职：{error}", at + 1));
            None
        }
    }
}

/// Whether every unit exists and a new post is in a unit of one's own. Returns the unit that answers
/// for the entry.
async fn check_units(
    app: &App,
    viewer: &Viewer,
    desk: &Desk,
    cadre: &Cadre,
    errors: &mut Errors,
) -> Result<Option<i64>, PageError> {
    let c = app.db.read();
    let scope = Scope::of(viewer.actor()?, Action::Edit);
    let before = match desk.published.as_ref().map(|published| &published.content) {
        Some(Content::Cadre(cadre)) => cadre.appointments.clone(),
        _ => Vec::new(),
    };
    let mut known = std::collections::BTreeSet::new();
    for held in &before {
        known.extend(revisions::unit_named(c, &held.unit).await?.map(|unit| unit.id));
    }
    for (at, held) in cadre.appointments.iter().enumerate().filter(|(_, held)| !held.unit.is_empty()) {
        let field = format!("post-{at}-unit");
        match crate::units::store::by_name(c, &held.unit).await? {
            None => errors.add(field, format!("没有叫“{}”的单位，请填写它的全称", held.unit)),
            // Whoever enters a post in a unit answers for that unit.
            Some(unit) if !known.contains(&unit.id) && !scope.covers(&unit.path) => {
                let message = format!("“{}”不在您负责的范围内，请由该单位的填报员登记", held.unit);
                errors.add(field, message);
            }
            Some(_) => {}
        }
    }
    // The draft stays in the hands of those who answer for the cadre now, until it is published.
    Ok(desk.place.as_ref().map(|place| place.unit_id))
}

fn label(field: &str) -> String {
    let mut parts = field.splitn(3, '-');
    let row = parts.nth(1).and_then(|row| row.parse::<usize>().ok());
    let part = parts.next().and_then(|part| PARTS.iter().find(|(known, _)| *known == part));
    match (row, part) {
        (Some(row), Some((_, label))) => format!("第{}项任职 {label}", row + 1),
        _ => "姓名".to_owned(),
    }
}
