//! 使用帮助, 关于, 无障碍, 数据下载, 开放接口: plain pages of running text.

use crate::web::{App, PageError, Viewer};
use askama::Template;
use axum::{extract::State, response::Html};
use daylight_ui::{Column, Html as Markup, Link, Shell, Table};

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

/// The downloads: name of the file, what it is about, its columns.
const FILES: [(&str, &str, &str); 6] = [
    ("units", "单位", "名称、类别、统一社会信用代码、所在区划、主要职责"),
    ("powers", "权力事项", "名称、所属单位、类别、类型、行权和监督主体、依据"),
    ("steps", "流程环节", "所属权力、序号、名称、承办岗位、办理时限、监督制约"),
    ("bases", "行权依据", "法律、法规、规章和政策文件的名称，引用它的权力项数"),
    ("cadres", "干部任职", "姓名、单位、职务、分工、任职时间"),
    ("divisions", "行政区划", "代码、名称、级别、上级、启用和停用日期、接替的区划"),
];

/// GET /data
pub async fn data(State(app): State<App>, viewer: Viewer) -> Result<Html<String>, PageError> {
    let mut files = Table::new("可以下载的数据", ["数据", "内容", "表格", "程序读取"].map(Column::from));
    for (name, word, text) in FILES {
        let link = |kind: &str, ending: &str| {
            Markup::from(Link::new(format!("{word} {kind}"), format!("/data/{name}.{ending}")))
        };
        files.push([word.into(), text.into(), link("CSV", "csv"), link("JSON", "json")], false);
    }
    let shell = viewer.portal(&app, "数据下载").await?;
    shown(shell, "单位、权力、流程、依据、干部和区划数据，CSV 和 JSON，免费下载。", &Data { files })
}

/// What the open interface answers.
const WAYS: [(&str, &str); 6] = [
    ("/api/v1/units", "单位列表；后面加编号是一个单位的全部公开内容"),
    ("/api/v1/powers", "公开的权力事项；后面加编号是一项权力的依据、流程和风险"),
    ("/api/v1/cadres", "在任干部的职务和分工"),
    ("/api/v1/divisions", "行政区划"),
    ("/api/v1/search?q=低保", "搜索，和页面上的搜索一样"),
    ("/api/v1/statistics", "公开的统计数字，定义见统计页"),
];

/// GET /api
pub async fn api(State(app): State<App>, viewer: Viewer) -> Result<Html<String>, PageError> {
    let mut ways = Table::new("能查什么", ["地址".into(), "返回什么".into()]);
    for (path, text) in WAYS {
        let code = [Markup::trusted("<code translate=\"no\">"), path.into(), Markup::trusted("</code>")];
        ways.push([code.into_iter().collect(), text.into()], false);
    }
    let shell = viewer.portal(&app, "开放接口").await?;
    let page = Api { base: app.config.base_url.clone(), ways };
    shown(shell, "用程序读取本平台公开的单位、权力、干部、区划和统计数字。", &page)
}

fn shown(shell: Shell, description: &str, body: &impl Template) -> Result<Html<String>, PageError> {
    let shell = Shell { description: description.to_owned(), ..shell };
    Ok(Html(daylight_ui::page(&shell, &body.render()?)))
}
