//! Taking over what offices really send: read → plan → (preview) → apply, all or nothing.
//!
//! [`read_into`] turns files into rows, [`Planner`] holds each row against the registry in memory and
//! says what is wrong with it, [`store::apply`] writes a [`Plan`] in one transaction.
//!
//! In the office: [`sealed`] keeps uploaded files, [`jobs`] reads and saves them behind the pages.
//! Only somebody who may import for the whole instance sees any of it.

mod columns;
mod decide;
mod help;
pub mod jobs;
mod layouts;
mod list;
mod plan;
mod problems;
mod read;
mod register;
mod report;
mod rows;
pub mod run;
pub mod sealed;
mod show;
pub mod store;
mod upload;

pub use layouts::{Kind, Learned, layouts};
pub use plan::{Plan, Planner};
pub use read::{ReadError, find_files, read_into};
pub use register::{CadreEntry, DivisionEntry, Entry, Register};
pub use report::{Difference, FileReport, FoundColumn, IgnoredRow, Problem, Report, Severity};

use crate::{
    authz::{Action, Permit, Resource},
    web::{Access, App, PageError, Route, Viewer, get, post},
};
use daylight_ui::{Html, Shell, Tabs};

/// The routes of this feature.
pub fn routes() -> Vec<Route> {
    let staff = Access::Staff(Action::Import);
    vec![
        get("/office/imports", staff, list::page),
        post("/office/imports", staff, upload::submit),
        get("/office/imports/help", staff, help::page),
        get("/office/imports/templates/{file}", staff, help::template),
        get("/office/imports/{id}", staff, show::page),
        get("/office/imports/{id}/problems", staff, problems::page),
        get("/office/imports/{id}/problems.xlsx", staff, problems::workbook),
        get("/office/imports/{id}/differences", staff, rows::differences),
        get("/office/imports/{id}/ignored", staff, rows::ignored),
        get("/office/imports/{id}/columns", staff, columns::form),
        post("/office/imports/{id}/columns", staff, columns::submit),
        post("/office/imports/{id}/apply", staff, decide::apply),
        post("/office/imports/{id}/discard", staff, decide::discard),
        post("/office/imports/{id}/again", staff, decide::again),
    ]
}

/// Files are of the whole county, so only a whole grant opens them.
fn permit(viewer: &Viewer) -> Result<Permit, PageError> {
    viewer.permit(Action::Import, &Resource::default())
}

/// An import, for somebody who may see it.
async fn find(app: &App, viewer: &Viewer, id: i64) -> Result<store::Line, PageError> {
    permit(viewer)?;
    store::get(app.db.read(), id).await?.ok_or(PageError::NotFound)
}

/// An import with its report; without one there is nothing to show yet.
async fn find_report(app: &App, viewer: &Viewer, id: i64) -> Result<(store::Line, Report), PageError> {
    let line = find(app, viewer, id).await?;
    let report = line.report().ok_or(PageError::NotFound)?;
    Ok((line, report))
}

/// The frame of a page about one import.
async fn shell(app: &App, viewer: &Viewer, id: i64, title: &str) -> Result<Shell, PageError> {
    let mut shell = viewer.office(app, title).await?;
    shell.breadcrumbs =
        vec![("批量导入".into(), Some("/office/imports".into())), (format!("第{id}次导入"), None)];
    Ok(shell)
}

/// The pages of one import.
fn tabs(line: &store::Line, report: &Report, current: &str) -> Html {
    let id = line.id;
    let count = |n: usize| Some(i64::try_from(n).unwrap_or(i64::MAX));
    let problems = report.problems().count();
    let ignored = report.files.iter().map(|file| file.ignored_rows.len()).sum();
    let at = |page: &str| format!("/office/imports/{id}{page}");
    let mut tabs = Tabs::new("这次导入的结果")
        .tab("概况", at(""), current.is_empty(), None)
        .tab("问题", at("/problems"), current == "problems", count(problems))
        .tab("更新内容", at("/differences"), current == "differences", count(report.differences.len()))
        .tab("略过的行", at("/ignored"), current == "ignored", count(ignored));
    if line.state() == store::State::Preview {
        tabs = tabs.tab("各列对应关系", at("/columns"), current == "columns", None);
    }
    tabs.into()
}

/// A page of many, from its query.
#[derive(serde::Deserialize, Default)]
struct PageQuery {
    #[serde(default)]
    page: Option<u64>,
}

impl PageQuery {
    /// Counts from 1.
    fn number(&self) -> u64 {
        self.page.unwrap_or(1).clamp(1, 1_000_000)
    }
}

/// The rows of one page and the way to the others.
fn cut<T>(
    all: Vec<T>,
    page: u64,
    size: usize,
    href: impl Fn(u64) -> String,
) -> (Vec<T>, daylight_ui::Pagination) {
    let total = all.len();
    let pages = u64::try_from(total.div_ceil(size).max(1)).unwrap_or(u64::MAX);
    let page = page.min(pages);
    let skip = usize::try_from(page - 1).unwrap_or(usize::MAX).saturating_mul(size);
    let here = all.into_iter().skip(skip).take(size).collect();
    let links = daylight_ui::Pagination::numbered(page, pages, href);
    (
        here,
        links.total(format!("共 {} 条", daylight_ui::zh::number(i64::try_from(total).unwrap_or(i64::MAX)))),
    )
}
