//! 干部: the people in office.

use super::store::{self, Line};
use crate::web::{App, Asked, PER_PAGE, PageError, Viewer};
use askama::Template;
use axum::{
    extract::State,
    response::{Html, IntoResponse, Response},
};
use daylight_ui::{Drawing, Empty, Heading, Html as Markup, Link, Pagination, SearchBox, Shell, Table, zh};

#[derive(Template)]
#[template(ext = "html", source = "{{ head }}{{ search }}{{ list }}{{ pages }}")]
struct Page {
    head: Heading,
    search: SearchBox,
    list: Markup,
    pages: Pagination,
}

/// GET /cadres?page=
pub async fn page(State(app): State<App>, viewer: Viewer, asked: Asked) -> Result<Response, PageError> {
    let c = app.db.read();
    let total = store::count(c).await?;
    let part = asked.part(total);
    let lines = store::list(c, PER_PAGE, part.offset).await?;
    let body = Page {
        head: Heading::new("干部")
            .lead("谁在哪个岗位、管什么事。知道姓名或单位的，直接搜索更快；也可以从单位的页面进来看。"),
        search: SearchBox {
            example: "例如：姓名、单位、分管工作".into(),
            keep: vec![("kind".into(), "cadre".into())],
            ..SearchBox::new("/search", "找干部", "")
        },
        list: list(&lines),
        pages: Pagination::numbered(part.page, part.pages, |n| format!("/cadres?page={n}"))
            .total(format!("共 {} 个任职", zh::number(total))),
    };
    let shell = Shell {
        breadcrumbs: vec![("首页".into(), Some("/".into())), ("干部".into(), None)],
        canonical: Some(crate::codes::address(&app, "/cadres")),
        ..viewer.portal(&app, "干部").await?
    };
    Ok(Html(daylight_ui::page(&shell, &body.render()?)).into_response())
}

fn list(lines: &[Line]) -> Markup {
    if lines.is_empty() {
        return Empty::new(Drawing::Board, "还没有公布干部名单")
            .text("单位报送后会在这里公布姓名、职务和分工。")
            .into();
    }
    let columns = ["姓名".into(), "单位".into(), "职务".into(), "分管（负责）工作".into()];
    let mut table = Table::new("干部名单", columns).caption_hidden();
    for line in lines {
        let cells = [
            Link::new(&line.name, format!("/cadres/{}", line.id)).into(),
            Link::new(&line.unit, format!("/units/{}", line.unit_id)).into(),
            line.post.as_str().into(),
            line.duties.as_deref().unwrap_or("待补充").into(),
        ];
        table.push(cells, false);
    }
    table.into()
}
