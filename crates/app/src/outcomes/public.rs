//! 监督结果 for everybody: the list, one card, the feed, and the cards on pages of what they are about.

use super::{
    card::{self, State},
    store::{self, Filter, Shown},
};
use crate::{
    cases::Conclusion,
    clock::{beijing, date_text},
    reports::{Kind, Object},
    web::{App, Asked, Id, PER_PAGE, PageError, Viewer, escape_query},
};
use askama::Template;
use axum::{
    extract::State as Extract,
    http::header,
    response::{Html, IntoResponse, Response},
};
use daylight_db::ConnectionTrait;
use daylight_ui::{
    Action, Actions, Chips, Drawing, Empty, Entries, Entry, Heading, Html as Markup, Notice, NoticeKind,
    Pagination, Qr, SearchBox, Section, Shell, SummaryList, zh,
};

/// Fewer than this many are not said exactly.
const FEW: i64 = 5;
/// Cards on the page of a unit, a power, a cadre.
const BESIDE: i64 = 5;
/// Cards in the feed.
const FEED: i64 = 50;

#[derive(Template)]
#[template(path = "outcomes/templates/list.html")]
struct List {
    head: Heading,
    search: SearchBox,
    kinds: Chips,
    conclusions: Chips,
    years: Chips,
    list: Markup,
    pages: Pagination,
    withheld: String,
}

fn href(filter: &Filter, page: u64) -> String {
    let mut fields = Vec::new();
    if !filter.place.is_empty() {
        fields.push(format!("place={}", escape_query(&filter.place)));
    }
    fields.extend(filter.kind.map(|kind| format!("kind={}", kind.code())));
    fields.extend(filter.conclusion.map(|found| format!("conclusion={}", found.code())));
    fields.extend(filter.year.map(|year| format!("year={year}")));
    if page > 1 {
        fields.push(format!("page={page}"));
    }
    if fields.is_empty() { "/outcomes".to_owned() } else { format!("/outcomes?{}", fields.join("&")) }
}

/// GET /outcomes?kind=&conclusion=&place=&year=&page=
pub async fn list(Extract(app): Extract<App>, viewer: Viewer, asked: Asked) -> Result<Response, PageError> {
    let c = app.db.read();
    let filter = Filter {
        kind: Kind::from_code(asked.text("kind")),
        conclusion: Conclusion::ALL.into_iter().find(|one| one.code() == asked.text("conclusion")),
        place: asked.text("place").chars().take(40).collect(),
        year: asked.number("year").filter(|year| (2000..3000).contains(year)),
        with: None,
    };
    let total = store::count(c, &filter).await?;
    let part = asked.part(total);
    let shown = store::list(c, &filter, PER_PAGE, part.offset).await?;
    let keep = [
        ("kind", filter.kind.map(Kind::code).unwrap_or_default().to_owned()),
        ("conclusion", filter.conclusion.map(Conclusion::code).unwrap_or_default().to_owned()),
        ("year", filter.year.map(|year| year.to_string()).unwrap_or_default()),
    ];
    let keep = keep.into_iter().filter(|(_, value)| !value.is_empty());
    let body = List {
        head: Heading::new("监督结果").lead(
            "群众反映的事办完后，结果在这里公布。不写是谁反映的，也不写哪一天反映的；成批公布，先后没有意义。",
        ),
        search: SearchBox {
            name: "place".into(),
            example: "例如：青石镇".into(),
            keep: keep.map(|(name, value)| (name.to_owned(), value)).collect(),
            ..SearchBox::new("/outcomes", "按单位或乡镇查找", &filter.place)
        },
        kinds: kinds(&filter),
        conclusions: conclusions(&filter),
        years: years(&store::years(c).await?, &filter),
        list: entries(&shown, total, href(&filter, 1) == "/outcomes"),
        pages: Pagination::numbered(part.page, part.pages, |n| href(&filter, n)),
        withheld: withheld(&store::withheld(c).await?),
    };
    let shell = Shell {
        description: "群众反映的问题查了没有、结果怎样、怎么处理，成批公布。".into(),
        canonical: Some(crate::codes::address(&app, &href(&filter, part.page))),
        feed: Some("/outcomes/feed.xml".into()),
        breadcrumbs: vec![("首页".into(), Some("/".into())), ("监督结果".into(), None)],
        ..viewer.portal(&app, "监督结果").await?
    };
    Ok(Html(daylight_ui::page(&shell, &body.render()?)).into_response())
}

fn kinds(filter: &Filter) -> Chips {
    let at = |kind| href(&Filter { kind, ..filter.clone() }, 1);
    let chips = Chips::new("反映的类别").chip("全部", at(None), filter.kind.is_none(), None);
    Kind::ALL
        .into_iter()
        .fold(chips, |chips, kind| chips.chip(kind.page(), at(Some(kind)), filter.kind == Some(kind), None))
}

/// The words of a finding differ by kind; without one, those of a complaint stand for all.
fn conclusions(filter: &Filter) -> Chips {
    let at = |conclusion| href(&Filter { conclusion, ..filter.clone() }, 1);
    let chips = Chips::new("查证结果").chip("全部", at(None), filter.conclusion.is_none(), None);
    Conclusion::ALL.into_iter().fold(chips, |chips, found| {
        let word = found.page(filter.kind.unwrap_or(Kind::Complaint));
        chips.chip(word, at(Some(found)), filter.conclusion == Some(found), None)
    })
}

fn years(years: &[i32], filter: &Filter) -> Chips {
    let at = |year| href(&Filter { year, ..filter.clone() }, 1);
    let chips = Chips::new("公布年份").chip("全部", at(None), filter.year.is_none(), None);
    years.iter().map(|year| i64::from(*year)).fold(chips, |chips, year| {
        chips.chip(format!("{year}年"), at(Some(year)), filter.year == Some(year), None)
    })
}

/// The month is as exact as it gets.
fn month(at: crate::clock::Millis) -> String {
    let at = beijing(at);
    zh::month(at.year(), u8::from(at.month()))
}

fn entries(shown: &[Shown], total: i64, all: bool) -> Markup {
    if shown.is_empty() && all {
        return Empty::new(Drawing::Sun, "还没有公布的结果")
            .text("事情办完、群众评价以后，结果每周三上午成批公布。")
            .into();
    }
    if shown.is_empty() {
        return Empty::new(Drawing::Glass, "没有这样的监督结果")
            .text("结果每周成批公布。换个条件看看，或者过些日子再来。")
            .action("看全部结果", "/outcomes")
            .into();
    }
    let count = Markup::trusted(format!("<p class=\"muted\">共 {} 条</p>", zh::number(total)));
    [count, lines(shown).into()].into_iter().collect()
}

fn lines(shown: &[Shown]) -> Entries {
    let line = |one: &Shown| {
        let card = &one.card;
        let title = card::title(&card.place, card.kind, card.conclusion);
        let mut entry = Entry::new(title, format!("/outcomes/{}", one.id))
            .margin(month(one.published_at))
            .summary(card.summary.as_str());
        let done = card::done(card);
        if !done.is_empty() {
            entry = entry.fact(done);
        }
        entry
    };
    Entries::new(shown.iter().map(line))
}

fn withheld(counts: &[(card::Ground, i64)]) -> String {
    let word = |(ground, n): &(card::Ground, i64)| match *n {
        n if n < FEW => format!("{}的不到{FEW}件", ground.page()),
        // In fives: who looks twice does not see a single case come.
        n => format!("{}的{}件以上", ground.page(), n / FEW * FEW),
    };
    let words: Vec<_> = counts.iter().map(word).collect();
    if words.is_empty() {
        return String::new();
    }
    format!("另有办结的事项依法不公布：{}。", words.join("，"))
}

#[derive(Template)]
#[template(path = "outcomes/templates/card.html")]
struct One {
    head: Heading,
    card: Markup,
    stamp: String,
    /// What a reader may do with it; nothing once it is gone.
    ways: Option<Ways>,
}

struct Ways {
    report: Actions,
    qr: Qr,
}

/// What a card shows, the same for the public page and the preview in the office.
pub(super) fn card_body(card: &crate::cases::Card, place: Markup) -> Markup {
    let mut list = SummaryList::new()
        .row("在哪里", place)
        .row("反映的类别", card.kind.page())
        .row("查证结果", card.conclusion.page(card.kind));
    let done = card::done(card);
    if !done.is_empty() {
        list = list.row("怎么处理", done);
    }
    if card.second_stage {
        list = list.row("由谁查证", "上级纪检组织复核后的最终结果");
    }
    [
        Markup::trusted("<div class=\"prose\">"),
        Markup::paragraphs(&card.summary),
        Markup::trusted("</div>"),
        list.into(),
    ]
    .into_iter()
    .collect()
}

/// GET /outcomes/{id}
pub async fn show(Extract(app): Extract<App>, viewer: Viewer, Id(id): Id) -> Result<Response, PageError> {
    let shown = store::shown(app.db.read(), id).await?.ok_or(PageError::NotFound)?;
    let title = match shown.gone {
        None => card::title(&shown.card.place, shown.card.kind, shown.card.conclusion),
        Some(_) => "监督结果".to_owned(),
    };
    let body = match shown.gone {
        None => One {
            head: Heading::new(&title).kicker("监督结果"),
            card: card_body(&shown.card, stands(&shown)),
            stamp: format!("{}公布，公布到{}。", month(shown.published_at), date_text(shown.ends_at)),
            ways: Some(Ways {
                report: Actions::new([Action::link(
                    "对这个结果有意见，我要反映",
                    Object::Publication(id).entrance(),
                )
                .second()]),
                qr: Qr::new("扫一扫，在手机上看", crate::codes::address(&app, &format!("/outcomes/{id}"))),
            }),
        },
        Some(gone) => One {
            head: Heading::new(&title),
            card: Notice::new(NoticeKind::Info, farewell(gone)).into(),
            stamp: String::new(),
            ways: None,
        },
    };
    let shell = Shell {
        canonical: Some(crate::codes::address(&app, &format!("/outcomes/{id}"))),
        breadcrumbs: vec![
            ("首页".into(), Some("/".into())),
            ("监督结果".into(), Some("/outcomes".into())),
            (title.clone(), None),
        ],
        ..viewer.portal(&app, &title).await?
    };
    Ok(Html(daylight_ui::page(&shell, &body.render()?)).into_response())
}

fn farewell(gone: State) -> &'static str {
    match gone {
        State::Ended => "这条结果的公布期已满，内容不再显示。",
        _ => "这条结果已经撤下，内容不再显示。更正后的结果会另行公布。",
    }
}

fn stands(shown: &Shown) -> Markup {
    match shown.unit_id {
        Some(id) => daylight_ui::Link::new(&shown.card.place, format!("/units/{id}")).into(),
        None => shown.card.place.as_str().into(),
    }
}

/// What stands on the page of a unit ("unit_id"), a power ("power_id") or a cadre ("cadre_id"); nothing while there is
/// no card.
///
/// # Errors
///
/// When the database cannot be read.
pub async fn panel(c: &impl ConnectionTrait, column: &'static str, id: i64) -> Result<Markup, PageError> {
    let filter = Filter { with: Some((column, id)), ..Filter::default() };
    let shown = store::list(c, &filter, BESIDE, 0).await?;
    if shown.is_empty() {
        return Ok(Markup::default());
    }
    Ok(Section::new("监督结果", lines(&shown)).id("outcomes").more("全部结果", "/outcomes").into())
}

struct Item {
    href: String,
    title: String,
    summary: String,
    updated: String,
}

#[derive(Template)]
#[template(path = "outcomes/templates/feed.xml", escape = "html")]
struct Feed {
    base: String,
    title: String,
    updated: String,
    items: Vec<Item>,
}

/// GET /outcomes/feed.xml
pub async fn feed(Extract(app): Extract<App>) -> Result<Response, PageError> {
    let c = app.db.read();
    let shown = store::list(c, &Filter::default(), FEED, 0).await?;
    let base = app.config.base_url.clone();
    let item = |one: &Shown| Item {
        href: format!("{base}/outcomes/{}", one.id),
        title: plain(&card::title(&one.card.place, one.card.kind, one.card.conclusion)),
        summary: plain(&one.card.summary),
        updated: instant(one.published_at),
    };
    let feed = Feed {
        title: plain(&format!("{}阳光监督 · 监督结果", crate::home::store::site_name(c).await?)),
        updated: instant(shown.first().map_or(0, |one| one.published_at)),
        items: shown.iter().map(item).collect(),
        base: base.clone(),
    };
    Ok(([(header::CONTENT_TYPE, "application/atom+xml; charset=utf-8")], feed.render()?).into_response())
}

/// RFC 3339 in Beijing time.
fn instant(at: i64) -> String {
    let at = beijing(at);
    let (date, time) = (at.date(), at.time());
    format!("{date}T{:02}:{:02}:{:02}+08:00", time.hour(), time.minute(), time.second())
}

/// Without the characters that XML 1.0 cannot carry at all.
fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() && !matches!(c, '\u{FFFE}' | '\u{FFFF}')).collect()
}
