//! 区划页: where a division lies, what is below it, which units sit there.

use super::{Division, map, store};
use crate::{
    clock::parse_date,
    reports::Object,
    units::Category,
    web::{App, Id, PageError, Viewer},
};
use askama::Template;
use axum::{extract::State, response::Html};
use daylight_ui::{
    Action, Actions, Doors, Drawing, Empty, Figure, Figures, Heading, Html as Markup, Link, Notice,
    NoticeKind, Section, Shell, SummaryList, Tag, tilemap::TileMap, zh,
};

/// Units of one category that a division's page names; the rest are a click away.
const NAMED: usize = 12;

#[derive(Template)]
#[template(path = "divisions/templates/show.html")]
struct Page {
    head: Heading,
    notices: Vec<Notice>,
    figures: Figures,
    map: Option<TileMap>,
    groups: Vec<Section>,
    nobody: Empty,
    facts: Section,
    report: Actions,
}

#[derive(Template)]
#[template(path = "divisions/templates/roots.html")]
struct Roots {
    head: Heading,
    map: Option<TileMap>,
    nothing: Empty,
}

/// GET /divisions: the division under which everything lies, or the roots.
pub async fn top(State(app): State<App>, viewer: Viewer) -> Result<Html<String>, PageError> {
    let c = app.db.read();
    let (top, children) = store::top(c).await?;
    if let Some(top) = top {
        return page(&app, &viewer, top).await;
    }
    let children = store::with_units(c, children).await?;
    let nothing = Empty::new(Drawing::Board, "还没有登记行政区划")
        .text("单位名单或区划名单导入后，这里会显示区划和单位。");
    let page = Roots {
        head: Heading::new("行政区划").lead("点开一个地方，看那里有哪些单位、哪些权力。"),
        map: (!children.is_empty()).then(|| map::map("全部区划".to_owned(), &children, None)),
        nothing,
    };
    let shell = viewer.portal(&app, "行政区划").await?;
    Ok(Html(daylight_ui::page(&shell, &page.render()?)))
}

/// GET /divisions/{id}
pub async fn one(State(app): State<App>, viewer: Viewer, Id(id): Id) -> Result<Html<String>, PageError> {
    let division = store::get(app.db.read(), id).await?.ok_or(PageError::NotFound)?;
    page(&app, &viewer, division).await
}

async fn page(app: &App, viewer: &Viewer, division: Division) -> Result<Html<String>, PageError> {
    let (c, id) = (app.db.read(), division.id);
    let line = store::line(c, &division).await?;
    let children = store::below(c, Some(division.id)).await?;
    let children = store::with_units(c, children).await?;
    let successor = match division.successor_id {
        Some(id) => store::get(c, id).await?,
        None => None,
    };
    let groups = groups(division.id, &store::seats(c, division.id).await?);
    let above = line.iter().rev().nth(1);
    let up = above.map(|above| Link::new(format!("返回{}", above.name), map::href(above.id)));
    let caption = children.first().map(|(first, _)| format!("{}的{}", division.name, map::word(first.level)));
    let page = Page {
        head: head(&division, above),
        notices: notices(&division, successor.as_ref()),
        map: caption.map(|caption| map::map(caption, &children, up)),
        nobody: Empty::new(Drawing::Board, "这里还没有登记单位")
            .text("可以看上一级，或者搜索单位名称。")
            .action("搜索", "/search"),
        figures: figures(&store::figures(c, &division.path).await?),
        facts: facts(&division),
        report: Actions::new([Action::link("反映这个地方的问题", Object::Place(id).entrance()).second()]),
        groups,
    };
    let shell = Shell {
        breadcrumbs: crumbs(&line),
        description: format!("{}的下级区划、单位和公开的权力。", division.name),
        canonical: Some(format!("{}{}", app.config.base_url, map::href(division.id))),
        ..viewer.portal(app, &division.name).await?
    };
    Ok(Html(daylight_ui::page(&shell, &page.render()?)))
}

fn head(division: &Division, above: Option<&Division>) -> Heading {
    let place = above.map_or(String::new(), |above| format!("{} · ", above.name));
    let mut head = Heading::new(&division.name).kicker(format!("{place}{}", division.level.page()));
    if division.valid_to.is_some() {
        head = head.tag(Tag::bad("已撤销"));
    }
    if division.inferred {
        head = head.tag(Tag::neutral("待与区划名单核对"));
    }
    head
}

/// "2026年3月1日" from "2026-03-01"; what is not a date stays as it is.
fn day(iso: &str) -> String {
    parse_date(iso).map_or(iso.to_owned(), |date| zh::date(date.year(), u8::from(date.month()), date.day()))
}

fn notices(division: &Division, successor: Option<&Division>) -> Vec<Notice> {
    let mut notices = Vec::new();
    if let Some(until) = &division.valid_to {
        let said = Markup::from(format!("这个区划自{}起不再使用。", day(until)));
        let next = match successor {
            Some(next) => [
                Markup::from("现在请看："),
                Link::new(&next.name, map::href(next.id)).into(),
                Markup::from("。"),
            ]
            .into_iter()
            .collect(),
            None => Markup::from("没有登记由哪个区划接替。"),
        };
        notices.push(Notice::new(NoticeKind::Warning, [said, next].into_iter().collect::<Markup>()));
    }
    if division.inferred {
        let text = "这个区划是按单位的名称和代码推定的，还没有与正式的区划名单核对，名称可能不全。";
        notices.push(Notice::new(NoticeKind::Info, text));
    }
    notices
}

fn groups(id: i64, seats: &[store::Seat]) -> Vec<Section> {
    let group = |category: Category| {
        let mine: Vec<_> = seats.iter().filter(|seat| seat.category == category.code()).collect();
        if mine.is_empty() {
            return None;
        }
        let doors = mine.iter().take(NAMED).fold(Doors::new(), |doors, seat| {
            let text = match seat.powers {
                0 => "暂无公开的权力事项".to_owned(),
                n => format!("公开权力 {} 项", zh::number(n)),
            };
            doors.door(&seat.name, format!("/units/{}", seat.id), text)
        });
        let section = Section::new(category.page(), doors).id(format!("category-{}", category.code()));
        let all = format!("/units?category={}&division={id}", category.code());
        Some(match mine.len() > NAMED {
            true => section.more(format!("全部 {} 个", mine.len()), all),
            false => section,
        })
    };
    Category::ALL.into_iter().filter_map(group).collect()
}

fn figures(figures: &store::Figures) -> Figures {
    let figure = |n: i64, unit: &str, label: &str| Figure::new(zh::number(n), unit, label).note("含下级");
    Figures::new([
        figure(figures.units, "个", "接受监督的单位"),
        figure(figures.powers, "项", "公开的权力"),
        figure(figures.cadres, "人次", "在任干部"),
    ])
}

fn facts(division: &Division) -> Section {
    let code = Markup::trusted("<span class=\"code\" translate=\"no\">");
    let code = [code, Markup::from(&division.code), Markup::trusted("</span>")];
    let mut list = SummaryList::new()
        .row("区划代码", code.into_iter().collect::<Markup>())
        .row("级别", division.level.page());
    if let Some(from) = &division.valid_from {
        list = list.row("启用日期", day(from));
    }
    if let Some(to) = &division.valid_to {
        list = list.row("停用日期", day(to));
    }
    Section::new("基本情况", list).more("数字怎么算的", "/statistics")
}

fn crumbs(line: &[Division]) -> Vec<(String, Option<String>)> {
    let mut crumbs =
        vec![("首页".to_owned(), Some("/".to_owned())), ("区划".to_owned(), Some("/divisions".to_owned()))];
    for (at, division) in line.iter().enumerate() {
        let last = at + 1 == line.len();
        crumbs.push((division.name.clone(), (!last).then(|| map::href(division.id))));
    }
    crumbs
}
