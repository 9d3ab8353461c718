//! 办理看板 in the office: the figures exactly, for one's organs and those below, grouped as asked.

use super::{
    Figure, Period, download,
    store::{self, Named, Story},
};
use crate::{
    clock::date_text,
    organs,
    outcomes::unreached,
    web::{App, Asked, PageError, Viewer, escape_query},
};
use askama::Template;
use axum::{
    extract::State,
    response::{Html, Response},
};
use daylight_ui::{
    Action, Actions, Chips, Column, Drawing, Empty, Heading, Html as Markup, Link, SearchBox, Section, Table,
    zh,
};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"{{ head }}{{ years }}{{ parts }}{{ groups }}{{ search }}{{ table }}
<p class="muted">只统计您可以办理、不须回避的事项：须回避的事项来了、走了，这里的数字都不变。含本组织和下级组织。收到的少不算成绩，请和“群众说解决了”一起看。点名称看有关的办理件，只列出您可以打开的。每个数字怎么算，见<a href="/oversight#definitions">说明</a>。</p>{{ ways }}"#
)]
struct Page {
    head: Heading,
    years: Chips,
    parts: Markup,
    groups: Chips,
    search: SearchBox,
    table: Markup,
    ways: Actions,
}

/// By what the figures are grouped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Group {
    Organ,
    Unit,
    Kind,
    Place,
    Month,
}

impl Group {
    const ALL: [Group; 5] = [Group::Organ, Group::Unit, Group::Kind, Group::Place, Group::Month];

    fn code(self) -> &'static str {
        match self {
            Group::Organ => "organ",
            Group::Unit => "unit",
            Group::Kind => "kind",
            Group::Place => "place",
            Group::Month => "month",
        }
    }

    fn page(self) -> &'static str {
        match self {
            Group::Organ => "按纪检组织",
            Group::Unit => "按单位",
            Group::Kind => "按类别",
            Group::Place => "按地方",
            Group::Month => "按月份",
        }
    }
}

/// A group: its name, and the query that opens its list; none where nothing is named. Two of one name are two.
type Key = (String, Option<String>);

/// Figures of a group.
type Figures = BTreeMap<Figure, i64>;

struct Board {
    period: Period,
    /// Part of the name of a unit or place; empty for all.
    about: String,
    group: Group,
    this: Period,
    rows: BTreeMap<Key, Figures>,
}

impl Board {
    /// For the end of an address.
    fn about_query(&self) -> String {
        match self.about.is_empty() {
            true => String::new(),
            false => format!("&about={}", escape_query(&self.about)),
        }
    }
}

async fn board(app: &App, viewer: &Viewer, asked: &Asked) -> Result<Board, PageError> {
    let (c, now) = (app.db.read(), app.clock.now());
    let period = Period::parse(asked.text("period")).unwrap_or_else(|| Period::year_of(now));
    let group = Group::ALL.into_iter().find(|group| group.code() == asked.text("by")).unwrap_or(Group::Organ);
    let about: String = asked.text("about").trim().chars().take(60).collect();
    let (mut stories, reach) =
        store::seen_by(c, &app.vault, viewer.actor()?, now).await.map_err(unreached)?;
    stories.retain(|story| about.is_empty() || story.is_in(&about));
    let organs = organs::store::list(c).await?;
    let names = organs.into_iter().map(|organ| (organ.id, organ.name)).collect();
    let rows = rows(&stories, &reach, &names, period, group);
    Ok(Board { period, about, group, this: Period::year_of(now), rows })
}

fn rows(
    stories: &[Story],
    reach: &BTreeSet<i64>,
    names: &BTreeMap<i64, String>,
    period: Period,
    group: Group,
) -> BTreeMap<Key, Figures> {
    let mut rows: BTreeMap<Key, Figures> = BTreeMap::new();
    let at = format!("&period={}", period.code());
    let about = |key: &str, unit: Option<&Named>| match unit {
        Some(Named { id, name }) => (name.clone(), Some(format!("&{key}={id}{at}"))),
        None => ("没有写明".to_owned(), None),
    };
    for story in stories {
        let key = |organ_id: i64, when| match group {
            Group::Organ => {
                (names.get(&organ_id).cloned().unwrap_or_default(), Some(format!("&organ={organ_id}{at}")))
            }
            Group::Unit => about("unit", story.unit.as_ref()),
            Group::Kind => (store::kind_page(story).to_owned(), Some(format!("&kind={}{at}", story.kind))),
            Group::Place => about("place", story.place.as_ref()),
            Group::Month => {
                let month = Period::month_key(when);
                let page = Period::parse(&month).map_or_else(|| month.clone(), Period::page);
                (page, Some(format!("&period={month}")))
            }
        };
        let here = story.happened.iter().filter_map(|one| Some((one.organ_id?, one)));
        for (organ_id, one) in here.filter(|(organ, one)| reach.contains(organ) && period.holds(one.at)) {
            *rows.entry(key(organ_id, one.at)).or_default().entry(one.figure).or_insert(0) += 1;
        }
        // What is late is late now; under months it belongs to none.
        if let (true, Some(organ_id), false) = (story.overdue, story.organ_id, group == Group::Month)
            && reach.contains(&organ_id)
        {
            *rows.entry(key(organ_id, 0)).or_default().entry(Figure::Overdue).or_insert(0) += 1;
        }
    }
    rows
}

/// GET /office/boards?period=&by=
pub async fn page(State(app): State<App>, viewer: Viewer, asked: Asked) -> Result<Html<String>, PageError> {
    let board = board(&app, &viewer, &asked).await?;
    let about = board.about_query();
    let href = |period: Period, group: Group| {
        format!("/office/boards?period={}&by={}{about}", period.code(), group.code())
    };
    let chip = |chips: Chips, period: Period| {
        chips.chip(period.page(), href(period, board.group), period == board.period, None)
    };
    let years = [board.this, board.this.before()].into_iter().fold(Chips::new("年份"), chip);
    let (quarters, months): (Vec<_>, Vec<_>) =
        board.this.parts().into_iter().partition(|period| period.keys().len() == 3);
    let fold = |label: &str, parts: Vec<Period>| parts.into_iter().fold(Chips::new(label), chip);
    let parts = super::page::parts(board.period, [fold("季度", quarters), fold("月份", months)]);
    let groups = Group::ALL.into_iter().fold(Chips::new("分组"), |chips, group| {
        chips.chip(group.page(), href(board.period, group), group == board.group, None)
    });
    let file = href(board.period, board.group).replace("/office/boards?", "/office/boards/board.xlsx?");
    let body = Page {
        head: Heading::new("办理看板").kicker(board.period.page()),
        years,
        parts,
        groups,
        search: SearchBox {
            name: "about".into(),
            example: "例如：青石镇".into(),
            keep: vec![("period".into(), board.period.code()), ("by".into(), board.group.code().into())],
            ..SearchBox::new("/office/boards", "只看一个单位或乡镇", &board.about)
        },
        table: table(&board),
        ways: Actions::new([Action::link("导出为 .xlsx", file).second()]),
    };
    let shell = viewer.office(&app, "办理看板").await?;
    Ok(Html(daylight_ui::page(&shell, &body.render()?)))
}

fn table(board: &Board) -> Markup {
    if board.rows.is_empty() {
        return Empty::new(Drawing::Board, "这段时间没有可以统计的事项").into();
    }
    let tables = Figure::GROUPS.iter().map(|(title, figures)| {
        let columns = [Column::from("分组")].into_iter();
        let columns = columns.chain(figures.iter().map(|figure| Column::figures(figure.page())));
        let mut table = Table::new(*title, columns).caption_hidden().dense();
        for ((name, drill), row) in &board.rows {
            let head: Markup = match drill {
                None => name.into(),
                Some(drill) => {
                    Link::new(name, format!("/office/cases?panel=all{drill}{}", board.about_query())).into()
                }
            };
            let n = |figure: &Figure| zh::number(row.get(figure).copied().unwrap_or(0));
            let cells = figures.iter().map(|figure| Markup::from(n(figure)));
            let late = figures.contains(&Figure::Overdue) && row.contains_key(&Figure::Overdue);
            table.push([head].into_iter().chain(cells), late);
        }
        Markup::from(Section::new(*title, table))
    });
    tables.collect()
}

/// GET /office/boards/board.xlsx?period=&by=
pub async fn workbook(State(app): State<App>, viewer: Viewer, asked: Asked) -> Result<Response, PageError> {
    let board = board(&app, &viewer, &asked).await?;
    let head = ["时间", board.group.page()].into_iter().chain(Figure::ALL.map(Figure::page));
    let mut rows = vec![head.map(str::to_owned).collect::<Vec<_>>()];
    for ((name, _), row) in &board.rows {
        let figures = Figure::ALL.map(|figure| row.get(&figure).copied().unwrap_or(0).to_string());
        rows.push([board.period.page(), name.clone()].into_iter().chain(figures).collect());
    }
    let tx = app.db.write().await?;
    let what = format!("{}，{}，{}", board.period.page(), board.group.page(), board.about);
    viewer.note(&tx, "oversight.export", "board", &what, app.clock.now()).await?;
    tx.commit().await?;
    let day = date_text(app.clock.now());
    rows.push(vec![format!("导出于{day}")]);
    download::xlsx(&rows, "board.xlsx")
}
