//! 使用帮助, 关于, 无障碍, 数据下载, 开放接口: plain pages of running text.

use crate::{
    api::{ENDPOINTS, data as open},
    web::{App, PageError, Viewer},
};
use askama::Template;
use axum::{extract::State, response::Html};
use daylight_ui::{Column, Details, Html as Markup, Link, Shell, Table};

#[derive(Template)]
#[template(path = "home/templates/help.html")]
struct Help;

#[derive(Template)]
#[template(path = "home/templates/about.html")]
struct About {
    site: String,
    demo: bool,
}

#[derive(Template)]
#[template(path = "home/templates/accessibility.html")]
struct Accessibility {
    site: String,
}

#[derive(Template)]
#[template(path = "home/templates/data.html")]
struct Data {
    files: Table,
}

#[derive(Template)]
#[template(path = "home/templates/api.html")]
struct Api {
    base: String,
    ways: Table,
}

/// GET /help
pub async fn help(State(app): State<App>, viewer: Viewer) -> Result<Html<String>, PageError> {
    let shell = viewer.portal(&app, "使用帮助").await?;
    shown(shell, "怎么查单位、权力和干部，怎么看懂权力页，怎么放大文字。", &Help)
}

/// GET /about
pub async fn about(State(app): State<App>, viewer: Viewer) -> Result<Html<String>, PageError> {
    let shell = viewer.portal(&app, "关于本平台").await?;
    let page = About { site: shell.site_name.clone(), demo: app.config.demo };
    shown(shell, "这个平台公开什么、内容从哪里来、谁负责。", &page)
}

/// GET /accessibility
pub async fn accessibility(State(app): State<App>, viewer: Viewer) -> Result<Html<String>, PageError> {
    let shell = viewer.portal(&app, "无障碍说明").await?;
    let page = Accessibility { site: shell.site_name.clone() };
    shown(shell, "长辈版、键盘操作、读屏软件的使用方法。", &page)
}

/// GET /data: every table that is offered, as the downloads themselves declare them.
pub async fn data(State(app): State<App>, viewer: Viewer) -> Result<Html<String>, PageError> {
    let mut files = Table::new("可以下载的数据", ["数据", "内容", "表格", "程序读取"].map(Column::from));
    for table in open::Table::ALL {
        let link = |kind: &str, ending: &str| {
            Markup::from(Link::new(
                format!("{} {kind}", table.page()),
                format!("/data/{}.{ending}", table.name()),
            ))
        };
        let headings: Vec<_> = table.columns().iter().map(|column| column.heading).collect();
        let columns = Details::new(format!("{} 列", headings.len()), headings.join("、"));
        // One box: on a phone the cell is a grid of label and value.
        let text = [
            Markup::trusted("<div>"),
            Markup::from(table.about()),
            columns.into(),
            Markup::trusted("</div>"),
        ];
        let text = text.into_iter().collect();
        files.push([table.page().into(), text, link("CSV", "csv"), link("JSON", "json")], false);
    }
    let shell = viewer.portal(&app, "数据下载").await?;
    shown(shell, "单位、权力、流程、依据、干部和区划数据，CSV 和 JSON，免费下载。", &Data { files })
}

/// GET /api: every endpoint, as the interface itself declares them.
pub async fn api(State(app): State<App>, viewer: Viewer) -> Result<Html<String>, PageError> {
    let mut ways = Table::new("能查什么", ["地址", "返回什么"].map(Column::from));
    for endpoint in &ENDPOINTS {
        let code =
            [Markup::trusted("<code translate=\"no\">"), endpoint.path.into(), Markup::trusted("</code>")];
        ways.push([code.into_iter().collect(), endpoint.about.into()], false);
    }
    let shell = viewer.portal(&app, "开放接口").await?;
    let page = Api { base: app.config.base_url.clone(), ways };
    shown(shell, "用程序读取本平台公开的单位、权力、干部、区划和统计数字。", &page)
}

fn shown(shell: Shell, description: &str, body: &impl Template) -> Result<Html<String>, PageError> {
    let shell = Shell { description: description.to_owned(), ..shell };
    Ok(Html(daylight_ui::page(&shell, &body.render()?)))
}
