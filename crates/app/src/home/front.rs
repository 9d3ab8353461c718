//! 首页: search first, then where to go, how much there is, the map, what is new.

use super::store::{self, Publication};
use crate::{
    clock,
    divisions::{self, map},
    revisions::SubjectKind,
    statistics::{self, Figures},
    units::{self, Category},
    web::{App, PageError, Viewer},
};
use askama::Template;
use axum::{extract::State, response::Html};
use daylight_ui::{
    Doors, Drawing, Empty, Entries, Entry, Figure, Heading, Html as Markup, SearchBox, Section, Shell,
    tilemap::TileMap, zh,
};

/// Newest publications named of each kind.
const NEWEST: i64 = 4;
/// Figures on the front page; all of them are on `/statistics`.
const SHOWN: [&str; 6] = ["units", "powers_public", "procedures", "cadres", "bases", "divisions"];

#[derive(Template)]
#[template(path = "home/templates/front.html")]
struct Page {
    head: Heading,
    search: SearchBox,
    express: Section,
    categories: Section,
    figures: Section,
    withheld: i64,
    map: Option<Section>,
    newest: Section,
}

#[derive(Template)]
#[template(path = "home/templates/newest.html")]
struct Newest {
    kinds: Vec<(&'static str, Entries)>,
}

/// GET /
pub async fn page(State(app): State<App>, viewer: Viewer) -> Result<Html<String>, PageError> {
    let c = app.db.read();
    let figures = statistics::store::figures(c).await?;
    let counts = units::store::count_by_category(c).await?;
    let shell = viewer.portal(&app, "首页").await?;
    let body = Page {
        head: head(&shell.site_name, &figures),
        search: SearchBox {
            large: true,
            example: "例如：低保、前进村、jyj".into(),
            ..SearchBox::new("/search", "找单位、权力、干部、地方", "")
        },
        express: express(),
        categories: Section::new("按类别看单位", categories(&counts))
            .more("全部单位", "/units")
            .id("categories"),
        figures: Section::new("平台上有多少", numbers(&figures))
            .more("数字怎么算的", "/statistics")
            .id("figures"),
        withheld: figures.powers_withheld,
        map: schematic(&app).await?,
        newest: newest(&app).await?,
    };
    let shell = Shell {
        description: format!("{}的单位、权力清单、行权流程和干部分工，人人可以查看。", shell.site_name),
        canonical: Some(format!("{}/", app.config.base_url)),
        feed: Some("/feed.xml".to_owned()),
        ..shell
    };
    Ok(Html(daylight_ui::page(&shell, &body.render()?)))
}

fn head(site: &str, figures: &Figures) -> Heading {
    let lead = match figures.units {
        0 => "这里公开单位、权力、流程和干部分工。资料正在准备。".to_owned(),
        units => format!(
            "{} 个单位、{} 项公开的权力，由谁行使、凭什么行使、一步步怎么办，都在这里。不用登录。",
            zh::number(units),
            zh::number(figures.powers_public)
        ),
    };
    Heading::new("权力怎么用，您都看得见").kicker(format!("{site}权力公开与群众监督")).lead(lead).front()
}

/// 监督直通车: the ways a citizen takes. What is not open yet says so and names what is.
fn express() -> Section {
    let doors = Doors::new()
        .door("我要举报", "/reports/new", "反映、投诉、求助，可以匿名")
        .door("查办理进度", "/reports/status", "凭编号和查询码")
        .door("监督结果", "/outcomes", "反映的事怎么办的")
        .door("监督办理情况", "/oversight", "纪检组织办得怎么样")
        .door("我要查单位", "/units", "电话、职责、权力")
        .door("我要查权力", "/powers", "依据和办理步骤")
        .door("我要查干部", "/cadres", "职务和分工")
        .door("找我的村", "/divisions", "先点乡镇，再点村")
        .door("搜索", "/search", "汉字、拼音、首字母")
        .door("使用帮助", "/help", "怎么看、怎么找")
        .later("我要评价", "开通后在权力页评价");
    Section::new("监督直通车", doors).id("express")
}

fn categories(counts: &[(Category, i64)]) -> Doors {
    counts.iter().fold(Doors::new(), |doors, (category, n)| {
        let href = format!("/units?category={}", category.code());
        doors.door(category.page(), href, format!("{} 个", zh::number(*n)))
    })
}

fn numbers(figures: &Figures) -> daylight_ui::Figures {
    let shown =
        SHOWN.iter().filter_map(|field| Some((statistics::definition(field)?, figures.value(field)?)));
    daylight_ui::Figures::new(shown.map(|(line, value)| {
        let about = format!("/statistics#{}", line.field);
        let figure = Figure::new(zh::number(value), line.unit, line.label).href(line.href.unwrap_or(&about));
        match line.field {
            "procedures" => figure.note(format!("共 {} 个环节", zh::number(figures.steps))),
            _ => figure,
        }
    }))
}

async fn schematic(app: &App) -> Result<Option<Section>, PageError> {
    let c = app.db.read();
    let (top, children) = divisions::store::top(c).await?;
    let children = divisions::store::with_units(c, children).await?;
    let Some((first, _)) = children.first() else { return Ok(None) };
    let place = top.map_or("全部".to_owned(), |top| format!("{}的", top.name));
    let word = map::word(first.level);
    let map: TileMap = map::map(format!("{place}{word}，颜色越深，登记的单位越多"), &children, None);
    Ok(Some(Section::new("按地方看", map).more("全部区划", "/divisions").id("map")))
}

async fn newest(app: &App) -> Result<Section, PageError> {
    let mut kinds = Vec::new();
    for kind in SubjectKind::ALL {
        let lines = store::newest(app.db.read(), Some(kind), NEWEST).await?;
        if !lines.is_empty() {
            kinds.push((kind.page(), Entries::new(lines.iter().map(|line| entry(kind, line)))));
        }
    }
    let body = match kinds.is_empty() {
        true => Empty::new(Drawing::Board, "还没有公开的内容")
            .text("单位名单和权力清单公布后，会显示在这里。")
            .into(),
        false => Markup::render(&Newest { kinds })?,
    };
    Ok(Section::new("最新公开", body).more("订阅", "/feed.xml").id("newest"))
}

fn entry(kind: SubjectKind, line: &Publication) -> Entry {
    let mut entry = Entry::new(&line.title, kind.href(line.subject_id));
    // A unit answers for itself; its name once is enough.
    if let Some(unit) = line.unit.as_deref().filter(|unit| *unit != line.title) {
        entry = entry.fact(unit);
    }
    let what = if line.number > 1 { "更新" } else { "首次公开" };
    entry.fact(format!("{} {what}", clock::date_text(line.published_at)))
}
