//! 各列对应关系: which heading was taken for which column, to be put right by hand.

use super::{FoundColumn, Kind, Learned, Report, find_report, jobs, layouts, shell, store, tabs};
use crate::{
    audit,
    web::{App, PageError, Viewer, redirect},
};
use askama::Template;
use axum::{
    Form,
    extract::{Path, State},
    response::{Html, IntoResponse, Response},
};
use daylight_tables::Layout;
use daylight_ui::{
    Html as Markup,
    form::{Errors, control_id},
};
use std::collections::{BTreeMap, HashMap};

/// What is sent: a value for each heading, and whether to remember.
type Sent = Vec<(String, String)>;

struct Choice {
    key: &'static str,
    title: &'static str,
    chosen: bool,
}

struct Row {
    name: String,
    id: String,
    place: String,
    heading: String,
    choices: Vec<Choice>,
    error: Option<String>,
}

struct Group {
    caption: String,
    rows: Vec<Row>,
    missing: String,
}

#[derive(Template)]
#[template(path = "imports/templates/columns.html")]
struct Page {
    summary: Markup,
    tabs: Markup,
    action: String,
    groups: Vec<Group>,
    remember: bool,
}

/// GET /office/imports/{id}/columns
pub async fn form(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<i64>,
) -> Result<Response, PageError> {
    let (line, report) = find_report(&app, &viewer, id).await?;
    if line.state() != store::State::Preview {
        return Ok(redirect(&format!("/office/imports/{id}")));
    }
    show(&app, &viewer, &line, &report, &[], &Errors::new()).await
}

/// POST /office/imports/{id}/columns
pub async fn submit(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<i64>,
    Form(sent): Form<Sent>,
) -> Result<Response, PageError> {
    let (line, report) = find_report(&app, &viewer, id).await?;
    let errors = doubles(&report, &sent);
    if !errors.is_empty() {
        return show(&app, &viewer, &line, &report, &sent, &errors).await;
    }
    let said = said(&report, &sent);
    let remember = sent.iter().any(|(name, _)| name == "remember");
    let now = app.clock.now();
    let tx = app.db.write().await?;
    if !store::remap(&tx, id, &jobs::merged(line.learned(), said.clone()), now).await? {
        return Ok(redirect(&format!("/office/imports/{id}")));
    }
    if remember && !said.is_empty() {
        let learned = store::learned(&*tx).await?;
        store::learn(&tx, &jobs::merged(learned, said.clone())).await?;
        let actor = viewer.actor()?;
        let headings: Vec<_> = said.values().flat_map(BTreeMap::keys).map(String::as_str).collect();
        let entry = audit::Entry {
            account_id: Some(actor.account_id),
            actor: &actor.name,
            action: "import.learn",
            subject: &format!("import {id}"),
            detail: &headings.join("、"),
        };
        audit::store::append(&tx, &entry, now).await?;
    }
    jobs::enqueue_read(&tx, id, now).await?;
    tx.commit().await?;
    daylight_queue::wake();
    Ok(redirect(&format!("/office/imports/{id}")))
}

/// Every heading of a report with the name of its field. A heading that stands in several sheets of
/// one kind is asked once: its meaning is the kind's.
fn asked(report: &Report) -> Vec<(String, usize, &FoundColumn)> {
    let mut seen = HashMap::new();
    let mut asked = Vec::new();
    for (file, columns) in report.files.iter().enumerate().map(|(at, file)| (at, &file.columns)) {
        for column in columns {
            let number = seen.len();
            let first = seen.insert((file, column.kind.clone(), column.heading.clone()), number).is_none();
            if first && !column.heading.is_empty() {
                asked.push((format!("c{}", asked.len()), file, column));
            }
        }
    }
    asked
}

fn value<'a>(sent: &'a [(String, String)], name: &str, otherwise: &'a str) -> &'a str {
    sent.iter().find(|(known, _)| known == name).map_or(otherwise, |(_, value)| value)
}

/// What was said otherwise than it was recognised.
fn said(report: &Report, sent: &[(String, String)]) -> Learned {
    let mut said = Learned::new();
    for (name, _, column) in asked(report) {
        let key = value(sent, &name, &column.key);
        let layouts = layouts(&Learned::new());
        let layout = layouts.iter().find(|layout| layout.kind == column.kind);
        let known =
            key.is_empty() || layout.is_some_and(|layout| layout.columns.iter().any(|c| c.key == key));
        if key != column.key && known {
            said.entry(column.kind.clone()).or_default().insert(column.heading.clone(), key.to_owned());
        }
    }
    said
}

/// Two headings of one table for the same column.
fn doubles(report: &Report, sent: &[(String, String)]) -> Errors {
    let mut errors = Errors::new();
    let mut taken: HashMap<(usize, &str, &str, &str), &str> = HashMap::new();
    for (name, file, column) in asked(report) {
        let key = value(sent, &name, &column.key);
        if key.is_empty() {
            continue;
        }
        if let Some(other) = taken.insert((file, &column.kind, &column.sheet, key), &column.heading) {
            errors.add(name, format!("“{}”和“{other}”选了同一列，请改正其中一个", column.heading));
        }
    }
    errors
}

async fn show(
    app: &App,
    viewer: &Viewer,
    line: &store::Line,
    report: &Report,
    sent: &[(String, String)],
    errors: &Errors,
) -> Result<Response, PageError> {
    let layouts = layouts(&store::learned(app.db.read()).await?);
    let body = Page {
        summary: if errors.is_empty() { Markup::default() } else { errors.summary().into() },
        tabs: tabs(line, report, "columns"),
        action: format!("/office/imports/{}/columns", line.id),
        groups: groups(report, &layouts, sent, errors),
        remember: sent.iter().any(|(name, _)| name == "remember"),
    };
    let shell = shell(app, viewer, line.id, "各列对应关系").await?;
    Ok(Html(daylight_ui::page(&shell, &body.render()?)).into_response())
}

fn groups(report: &Report, layouts: &[Layout], sent: &[(String, String)], errors: &Errors) -> Vec<Group> {
    let mut groups: Vec<((usize, &str), Group)> = Vec::new();
    for (name, file, column) in asked(report) {
        let Some(layout) = layouts.iter().find(|layout| layout.kind == column.kind) else { continue };
        let chosen = value(sent, &name, &column.key);
        let choice =
            |c: &daylight_tables::Column| Choice { key: c.key, title: c.title, chosen: c.key == chosen };
        let row = Row {
            id: control_id(&name),
            place: format!("{}列", column.letter),
            heading: column.heading.clone(),
            choices: layout.columns.iter().map(choice).collect(),
            error: errors.get(&name).map(str::to_owned),
            name,
        };
        let group = (file, column.kind.as_str());
        match groups.last_mut().filter(|(known, _)| *known == group) {
            Some((_, group)) => group.rows.push(row),
            None => {
                let kind = Kind::from_code(&column.kind).map_or("", Kind::page);
                let caption = format!("{}（{kind}）", report.files[file].file);
                let missing = missing(report, file, layout);
                groups.push((group, Group { caption, rows: vec![row], missing }));
            }
        }
    }
    groups.into_iter().map(|(_, group)| group).collect()
}

/// Titles of the columns that must be there and are not.
fn missing(report: &Report, file: usize, layout: &Layout) -> String {
    let found = |key: &str| report.files[file].columns.iter().any(|c| c.kind == layout.kind && c.key == key);
    let missing = layout.columns.iter().filter(|column| column.required && !found(column.key));
    missing.map(|column| column.title).collect::<Vec<_>>().join("、")
}
