//! 法律法规和文件: on what powers rest.

use super::{
    list,
    store::{self, BasisLine, Filter},
};
use crate::{
    codes,
    reports::Object,
    web::{App, Asked, Id, PER_PAGE, PageError, Viewer},
};
use askama::Template;
use axum::{
    extract::State,
    response::{Html, IntoResponse, Response},
};
use daylight_ui::{
    Action, Actions, Column, Drawing, Empty, Heading, Html as Markup, Link, Notice, NoticeKind, Pagination,
    Shell, SummaryList, Table, zh,
};

#[derive(Template)]
#[template(ext = "html", source = "{{ head }}{{ list }}{{ pages }}")]
struct ListPage {
    head: Heading,
    list: Markup,
    pages: Pagination,
}

/// GET /bases?page=
pub async fn list(State(app): State<App>, viewer: Viewer, asked: Asked) -> Result<Response, PageError> {
    let c = app.db.read();
    let total = store::count_cited_bases(c).await?;
    let part = asked.part(total);
    // Bases that no public power cites come last and are not shown: they would tell of withheld ones.
    let lines = store::bases(c, PER_PAGE.min(total - part.offset), part.offset).await?;
    let today = app.clock.today().to_string();
    let body = ListPage {
        head: Heading::new("行权依据").lead("权力不能凭空来。这里列出各项权力所依据的法律、法规和文件。"),
        list: table(&lines, total, &today),
        pages: Pagination::numbered(part.page, part.pages, |n| format!("/bases?page={n}")),
    };
    let shell = Shell {
        breadcrumbs: crumbs(None),
        canonical: Some(codes::address(&app, "/bases")),
        ..viewer.portal(&app, "行权依据").await?
    };
    Ok(Html(daylight_ui::page(&shell, &body.render()?)).into_response())
}

fn table(lines: &[BasisLine], total: i64, today: &str) -> Markup {
    if lines.is_empty() {
        return Empty::new(Drawing::Board, "还没有公布行权依据")
            .text("单位报送权力清单后，会在这里列出。")
            .into();
    }
    let columns = ["名称".into(), Column::figures("依据它的权力"), "是否有效".into()];
    let mut table = Table::new(format!("共 {} 部", zh::number(total)), columns);
    for line in lines {
        let ended = ended_text(line, today);
        let state = ended.unwrap_or_else(|| in_force_text(line));
        let cells = [
            Link::new(format!("《{}》", line.title), format!("/bases/{}", line.id)).into(),
            format!("{} 项", zh::number(line.powers)).into(),
            if state.is_empty() { "施行日期待补充".into() } else { state.into() },
        ];
        table.push(cells, false);
    }
    table.into()
}

#[derive(Template)]
#[template(
    ext = "html",
    source = "{{ head }}{{ warning }}{{ facts }}{{ report }}<h2>依据它的权力事项</h2>{{ list }}{{ pages }}"
)]
struct Page {
    head: Heading,
    warning: Markup,
    facts: SummaryList,
    report: Actions,
    list: Markup,
    pages: Pagination,
}

/// GET /bases/{id}?page=
pub async fn page(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id,
    asked: Asked,
) -> Result<Response, PageError> {
    let c = app.db.read();
    let line = store::basis(c, id).await?.ok_or(PageError::NotFound)?;
    let filter = Filter { basis_id: Some(id), ..Filter::default() };
    let total = store::count(c, &filter).await?;
    if total == 0 {
        return Err(PageError::NotFound);
    }
    let part = asked.part(total);
    let powers = store::list(c, &filter, PER_PAGE, part.offset).await?;
    let ended = ended_text(&line, &app.clock.today().to_string());
    let title = format!("《{}》", line.title);
    let body = Page {
        head: Heading::new(&title).kicker("行权依据"),
        warning: ended.map(|text| Notice::new(NoticeKind::Warning, text).into()).unwrap_or_default(),
        facts: SummaryList::new()
            .row("施行日期", date(&line.in_force_from))
            .row("失效日期", date(&line.in_force_to))
            .row("替代文件", line.replaced_by.clone().unwrap_or_default()),
        report: Actions::new([
            Action::link("对这份依据提意见、问一问", Object::Basis(id).entrance()).second()
        ]),
        list: list::list(&powers, total, false),
        pages: Pagination::numbered(part.page, part.pages, |n| format!("/bases/{id}?page={n}")),
    };
    let shell = Shell {
        breadcrumbs: crumbs(Some(&title)),
        canonical: Some(codes::address(&app, &format!("/bases/{id}"))),
        ..viewer.portal(&app, &title).await?
    };
    Ok(Html(daylight_ui::page(&shell, &body.render()?)).into_response())
}

fn crumbs(title: Option<&str>) -> Vec<(String, Option<String>)> {
    let link = |label: &str, href: &str| (label.to_owned(), Some(href.to_owned()));
    let mut crumbs = vec![link("首页", "/"), link("权力事项", "/powers")];
    match title {
        Some(title) => crumbs.extend([link("行权依据", "/bases"), (title.to_owned(), None)]),
        None => crumbs.push(("行权依据".to_owned(), None)),
    }
    crumbs
}

fn date(iso: &Option<String>) -> String {
    iso.as_deref().map(crate::cadres::since_text).unwrap_or_default()
}

/// "2014年5月1日起施行"; empty when nobody said.
pub fn in_force_text(line: &BasisLine) -> String {
    line.in_force_from
        .as_deref()
        .map_or_else(String::new, |from| format!("{}起施行", crate::cadres::since_text(from)))
}

/// What to say when a basis was no longer in force on a day (ISO).
pub fn ended_text(line: &BasisLine, today: &str) -> Option<String> {
    let to = line.in_force_to.as_deref().filter(|to| *to < today)?;
    let replaced = line.replaced_by.as_deref().map(|by| format!("，由《{by}》代替")).unwrap_or_default();
    Some(format!("它已于{}失效{replaced}。", crate::cadres::since_text(to)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_basis_warns_only_after_its_last_day() {
        let line = BasisLine {
            id: 1,
            title: "旧办法".into(),
            in_force_from: None,
            in_force_to: Some("2025-12-31".into()),
            replaced_by: Some("新办法".into()),
            powers: 1,
        };
        assert_eq!(ended_text(&line, "2025-12-31"), None);
        assert_eq!(ended_text(&line, "2026-01-01").unwrap(), "它已于2025年12月31日失效，由《新办法》代替。");
    }
}
