//! 办理看板 in the office: the figures exactly, for one's organs and those below, grouped as asked.

use super::{
    Figure, Money, NONE, Period, download,
    money::yuan,
    store::{self, Story},
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

/// Figures of a group, and its money in fen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Row {
    figures: BTreeMap<Figure, i64>,
    money: BTreeMap<Money, i64>,
}

impl Row {
    fn n(&self, figure: Figure) -> i64 {
        self.figures.get(&figure).copied().unwrap_or(0)
    }

    fn fen(&self, money: Money) -> i64 {
        self.money.get(&money).copied().unwrap_or(0)
    }
}

struct Board {
    period: Period,
    /// Part of the name of a unit or place; empty for all.
    about: String,
    group: Group,
    this: Period,
    rows: BTreeMap<Key, Row>,
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
) -> BTreeMap<Key, Row> {
    let mut rows: BTreeMap<Key, Row> = BTreeMap::new();
    let at = format!("&period={}", period.code());
    let about = |key: &str, code: &str, name: Option<&String>| {
        let name = name.cloned().unwrap_or_else(|| "没有写明".to_owned());
        debug_assert_eq!(name == "没有写明", code == NONE);
        (name, Some(format!("&{key}={code}{at}")))
    };
    for story in stories {
        let key = |organ_id: i64, when| match group {
            Group::Organ => {
                (names.get(&organ_id).cloned().unwrap_or_default(), Some(format!("&organ={organ_id}{at}")))
            }
            Group::Unit => {
                about("unit", &story.unit_code(), story.belongs.unit.as_ref().map(|unit| &unit.name))
            }
            Group::Kind => (store::kind_page(story).to_owned(), Some(format!("&kind={}{at}", story.kind))),
            Group::Place => {
                about("place", story.place_code(), story.belongs.place.as_ref().map(|place| &place.name))
            }
            Group::Month => {
                let month = Period::month_key(when);
                let page = Period::parse(&month).map_or_else(|| month.clone(), Period::page);
                (page, Some(format!("&period={month}")))
            }
        };
        let here = story.happened.iter().filter_map(|one| Some((one.organ_id?, one)));
        for (organ_id, one) in here.filter(|(organ, one)| reach.contains(organ) && period.holds(one.at)) {
            *rows.entry(key(organ_id, one.at)).or_default().figures.entry(one.figure).or_insert(0) += 1;
        }
        for one in story.paid.iter().filter(|one| reach.contains(&one.organ_id) && period.holds(one.at)) {
            let row = rows.entry(key(one.organ_id, one.at)).or_default();
            for money in Money::ALL {
                *row.money.entry(money).or_insert(0) += one.fen(money);
            }
        }
        // What is late is late now; under months it belongs to none.
        if let (true, Some(organ_id), false) = (story.overdue, story.organ_id, group == Group::Month)
            && reach.contains(&organ_id)
        {
            let row = rows.entry(key(organ_id, 0)).or_default();
            *row.figures.entry(Figure::Overdue).or_insert(0) += 1;
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
            let cells = figures.iter().map(|figure| Markup::from(zh::number(row.n(*figure))));
            let late = figures.contains(&Figure::Overdue) && row.n(Figure::Overdue) > 0;
            table.push([head].into_iter().chain(cells), late);
        }
        Markup::from(Section::new(*title, table))
    });
    tables.chain([money(board)]).collect()
}

/// What was recovered and given back; nothing where nothing was.
fn money(board: &Board) -> Markup {
    let columns =
        [Column::from("分组")].into_iter().chain(Money::ALL.map(|money| Column::figures(money.page())));
    let mut table = Table::new("追缴和退还", columns).caption_hidden().dense();
    let paid = |row: &Row| Money::ALL.iter().any(|money| row.fen(*money) > 0);
    for ((name, _), row) in board.rows.iter().filter(|(_, row)| paid(row)) {
        let cells = Money::ALL.map(|money| Markup::from(zh::yuan(row.fen(money))));
        table.push([Markup::from(name)].into_iter().chain(cells), false);
    }
    match table.rows.is_empty() {
        true => Section::new("追缴和退还", Markup::paragraphs("这段时间没有登记追缴和退还。")).into(),
        false => Section::new("追缴和退还", table).into(),
    }
}

/// GET /office/boards/board.xlsx?period=&by=
pub async fn workbook(State(app): State<App>, viewer: Viewer, asked: Asked) -> Result<Response, PageError> {
    let board = board(&app, &viewer, &asked).await?;
    let head = ["时间", board.group.page()].into_iter();
    let head = head.chain(Figure::ALL.map(Figure::page)).chain(Money::ALL.map(Money::page));
    let mut rows = vec![head.map(str::to_owned).collect::<Vec<_>>()];
    for ((name, _), row) in &board.rows {
        let figures = Figure::ALL.map(|figure| row.n(figure).to_string());
        let money = Money::ALL.map(|money| yuan(row.fen(money)));
        rows.push([board.period.page(), name.clone()].into_iter().chain(figures).chain(money).collect());
    }
    let tx = app.db.write().await?;
    let what = format!("{}，{}，{}", board.period.page(), board.group.page(), board.about);
    viewer.note(&tx, "oversight.export", "board", &what, app.clock.now()).await?;
    tx.commit().await?;
    let day = date_text(app.clock.now());
    rows.push(vec![format!("导出于{day}")]);
    download::xlsx(&rows, "board.xlsx")
}

#[cfg(test)]
mod tests {
    use super::super::{
        Happened, Paid,
        place::{Belongs, Place},
        store::Named,
    };
    use super::*;
    use proptest::prelude::*;

    /// 2026-11-22 10:00 in Beijing.
    const NOW: i64 = 1_795_312_800_000;
    const DAY: i64 = 86_400_000;

    fn told() -> impl Strategy<Value = Story> {
        let organ = proptest::option::of(1i64..4);
        let happened =
            (organ.clone(), 0usize..Figure::ALL.len(), 0i64..400).prop_map(|(organ_id, which, days)| {
                Happened { organ_id, figure: Figure::ALL[which], at: NOW - days * DAY, county: true }
            });
        let paid = (1i64..4, 0i64..400, 1i64..9_000, 0i64..9_000).prop_map(
            |(organ_id, days, recovered, returned)| Paid {
                organ_id,
                at: NOW - days * DAY,
                recovered,
                returned,
            },
        );
        let about = (proptest::option::of(1i64..5), proptest::option::of(1i64..4), 0usize..4);
        let what = (proptest::collection::vec(happened, 0..9), proptest::collection::vec(paid, 0..3));
        (about, organ, any::<bool>(), what).prop_map(
            |((unit, place, kind), organ_id, overdue, (happened, paid))| Story {
                id: 1,
                kind: crate::reports::Kind::ALL[kind].code().into(),
                organ_id,
                belongs: Belongs {
                    unit: unit.map(|id| Named { id, name: format!("单位{id}") }),
                    place: place.map(|id| Place { code: format!("d{id}"), name: format!("乡镇{id}") }),
                    division: None,
                },
                overdue,
                happened,
                paid,
            },
        )
    }

    proptest! {
        /// Grouped by whatever, nothing is counted twice and nothing is lost.
        #[test]
        fn sums_by_unit_kind_and_place_equal_the_total(stories in proptest::collection::vec(told(), 0..30)) {
            let (reach, period) = (BTreeSet::from([1, 2]), Period::year_of(NOW));
            let names = BTreeMap::from([(1, "甲".to_owned()), (2, "乙".to_owned())]);
            let inside = |organ: Option<i64>| organ.is_some_and(|organ| reach.contains(&organ));
            let of = |figure: Figure| {
                let counts = |story: &Story| {
                    let now = figure == Figure::Overdue && story.overdue && inside(story.organ_id);
                    let then = story.happened.iter();
                    let then = then.filter(|one| one.figure == figure && inside(one.organ_id) && period.holds(one.at));
                    i64::from(now) + then.count() as i64
                };
                stories.iter().map(counts).sum::<i64>()
            };
            let fen = |money: Money| {
                let paid = stories.iter().flat_map(|story| &story.paid);
                let paid = paid.filter(|one| inside(Some(one.organ_id)) && period.holds(one.at));
                paid.map(|one| one.fen(money)).sum::<i64>()
            };
            for group in [Group::Organ, Group::Unit, Group::Kind, Group::Place] {
                let rows = rows(&stories, &reach, &names, period, group);
                for figure in Figure::ALL {
                    prop_assert_eq!(rows.values().map(|row| row.n(figure)).sum::<i64>(), of(figure), "{:?}", group);
                }
                for money in Money::ALL {
                    prop_assert_eq!(rows.values().map(|row| row.fen(money)).sum::<i64>(), fen(money), "{:?}", group);
                }
                prop_assert!(rows.keys().all(|(name, drill)| !name.is_empty() && drill.is_some()));
            }
        }
    }
}
