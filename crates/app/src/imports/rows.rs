//! What an import changes, field by field, and the rows it passed over.

use super::{Difference, PageQuery, Report, cut, find_report, shell, tabs};
use crate::web::{App, PageError, Viewer};
use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::Html,
};
use daylight_ui::{Details, Diff, Drawing, Empty, Html as Markup, Pagination, Table, zh};

const SIZE: usize = 50;

#[derive(Template)]
#[template(ext = "html", source = "<h1>{{ heading }}</h1>{{ tabs }}<p>{{ lead }}</p>{{ list }}{{ pages }}")]
struct Page {
    heading: &'static str,
    tabs: Markup,
    lead: String,
    list: Markup,
    pages: Pagination,
}

/// GET /office/imports/{id}/differences
pub async fn differences(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<i64>,
    Query(query): Query<PageQuery>,
) -> Result<Html<String>, PageError> {
    let (line, report) = find_report(&app, &viewer, id).await?;
    let tabs = tabs(&line, &report, "differences");
    let lead = lead(&report);
    let href = |page| format!("/office/imports/{id}/differences?page={page}");
    let (here, pages) = cut(report.differences, query.number(), SIZE, href);
    let list = if here.is_empty() {
        Empty::new(Drawing::Board, "没有要更新的内容")
            .text("这次导入的都是新增的，或者与已经公开的一样。")
            .into()
    } else {
        here.iter().map(details).collect()
    };
    let body = Page { heading: "更新内容", tabs, lead, list, pages };
    let shell = shell(&app, &viewer, id, body.heading).await?;
    Ok(Html(daylight_ui::page(&shell, &body.render()?)))
}

fn lead(report: &Report) -> String {
    let n = |n: u64| zh::number(i64::try_from(n).unwrap_or(i64::MAX));
    let mut text = format!(
        "新增{}项，更新{}项，没有变化{}项。下面是要更新的内容，点开可以看改了什么。",
        n(report.created),
        n(report.updated),
        n(report.unchanged)
    );
    if report.differences.len() >= Report::DIFFERENCES {
        text.push_str(&format!("只列出前{}项。", n(Report::DIFFERENCES as u64)));
    }
    text
}

fn details(difference: &Difference) -> Markup {
    let kind = match difference.kind.as_str() {
        "unit" => "单位",
        "power" => "权力事项",
        "cadre" => "干部",
        _ => "区划",
    };
    let labels: Vec<_> = difference.changes.iter().map(|change| change.label.as_str()).collect();
    let diffs =
        difference.changes.iter().map(|change| Diff::of(&change.label, &change.before, &change.after).into());
    let summary = format!("{kind}：{}（{}）", difference.name, labels.join("、"));
    Details::new(summary, diffs.collect::<Markup>()).into()
}

/// GET /office/imports/{id}/ignored
pub async fn ignored(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<i64>,
    Query(query): Query<PageQuery>,
) -> Result<Html<String>, PageError> {
    let (line, report) = find_report(&app, &viewer, id).await?;
    let tabs = tabs(&line, &report, "ignored");
    let rows = report.files.into_iter().flat_map(|file| {
        let name = file.file;
        file.ignored_rows.into_iter().map(move |row| (name.clone(), row))
    });
    let href = |page| format!("/office/imports/{id}/ignored?page={page}");
    let (here, pages) = cut(rows.collect(), query.number(), SIZE, href);
    let list = if here.is_empty() {
        Empty::new(Drawing::Sun, "没有略过任何一行").into()
    } else {
        let columns = ["位置", "工作表", "为什么略过", "这一行写着"];
        let mut table = Table::new("略过的行", columns.map(Into::into)).caption_hidden().dense();
        for (file, row) in here {
            let place = format!("{file} 第{}行", row.row);
            table.push([place.into(), row.sheet.into(), row.reason.into(), row.text.into()], false);
        }
        table.into()
    };
    let lead = "这些行不是数据，所以没有收录。如果其中有应该收录的，请在原表里改好后重新上传。".to_owned();
    let body = Page { heading: "略过的行", tabs, lead, list, pages };
    let shell = shell(&app, &viewer, id, body.heading).await?;
    Ok(Html(daylight_ui::page(&shell, &body.render()?)))
}
