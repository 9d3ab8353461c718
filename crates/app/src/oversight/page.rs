//! 监督办理情况: how the organs do, for everybody, in fives.

use super::{
    BAND, Cell, Figure, Money, Period, disclose,
    store::{self, COUNTY, Counts},
};
use crate::{
    clock::time_text,
    clues, openings, organs,
    web::{App, Asked, PageError, Viewer},
};
use askama::Template;
use axum::{extract::State, response::Html};
use daylight_ui::{
    Chips, Column, Details, Drawing, Empty, Figure as Large, Figures, Heading, Html as Markup, Section,
    Shell, Table,
    chart::{Bar, Bars},
    zh,
};
use std::collections::BTreeMap;

#[derive(Template)]
#[template(path = "oversight/templates/page.html")]
struct Page {
    head: Heading,
    years: Chips,
    parts: Markup,
    county: Markup,
    chart: Markup,
    organs: Markup,
    openings: Markup,
    money: Markup,
    clues: Markup,
    figures: Vec<Figure>,
    ways: [Money; 2],
    stamp: String,
    code: String,
}

/// Figures of the county and of each organ, as everybody may see them.
pub(super) struct Shown {
    /// The county.
    pub county: BTreeMap<Figure, Cell>,
    /// The county's money in fen: the sum of what is shown of the organs, and nothing else.
    pub money: BTreeMap<Money, i64>,
    /// The organs in the order of their tree, with their figures and money.
    pub organs: Vec<Organ>,
}

/// An organ's name, its figures, and its money in fen.
type Organ = (String, BTreeMap<Figure, Cell>, BTreeMap<Money, i64>);

/// What stands for a sum of fewer than five cases.
pub(super) fn few() -> String {
    format!("不满{BAND}件")
}

/// Shows the counts of a period: organs and county together, figure by figure.
pub(super) fn shown(
    organs: &[organs::store::Line],
    counts: &Counts,
    sums: &BTreeMap<(i64, Money), i64>,
) -> Shown {
    let of_organ = |id: i64| Money::ALL.iter().filter_map(move |way| Some((*way, *sums.get(&(id, *way))?)));
    let mut money = BTreeMap::new();
    for (way, fen) in organs.iter().flat_map(|organ| of_organ(organ.id)) {
        *money.entry(way).or_insert(0) += fen;
    }
    let of = |organ: i64, figure| counts.get(&organ).and_then(|of| of.get(&figure)).copied().unwrap_or(0);
    let mut county = BTreeMap::new();
    let row =
        |organ: &organs::store::Line| (organ.name.clone(), BTreeMap::new(), of_organ(organ.id).collect());
    let mut rows: Vec<_> = organs.iter().map(row).collect();
    for figure in Figure::ALL {
        let parts: Vec<i64> = organs.iter().map(|organ| of(organ.id, figure)).collect();
        let (whole, cells) = disclose(of(COUNTY, figure), &parts);
        county.insert(figure, whole);
        for ((_, row, _), cell) in rows.iter_mut().zip(cells) {
            row.insert(figure, cell);
        }
    }
    Shown { county, money, organs: rows }
}

/// GET /oversight?period=
pub async fn page(State(app): State<App>, viewer: Viewer, asked: Asked) -> Result<Html<String>, PageError> {
    let c = app.db.read();
    let counted = store::counted_at(c).await?;
    let now = counted.unwrap_or_else(|| app.clock.now());
    let period = Period::parse(asked.text("period")).unwrap_or_else(|| Period::year_of(now));
    let lines = organs::store::list(c).await?;
    let shown = shown(&lines, &store::counts(c, period).await?, &store::money(c, period).await?);
    let [years, quarters, months] = chips(period, Period::year_of(now));
    let stamp = match counted {
        Some(at) => format!("统计到{}，每小时更新一次。", time_text(at)),
        None => "正在第一次统计，请稍后再来看。".into(),
    };
    let body = Page {
        head: Heading::new("监督办理情况").kicker(period.page()).lead(
            "各级纪检组织自己办得怎样，也要接受监督。收到的少，不等于问题少，也不算成绩；请和“群众说解决了”“重新办理”一起看。",
        ),
        years,
        parts: parts(period, [quarters, months]),
        county: county(&shown.county, period),
        chart: chart(&shown.county, period),
        organs: table(&shown),
        money: money(&shown),
        openings: openings::section(&openings::store::counts(c).await?, now).into(),
        clues: clues::section(&clues::store::counts(c).await?, now).into(),
        figures: Figure::ALL.to_vec(),
        ways: Money::ALL,
        stamp,
        code: period.code(),
    };
    let shell = Shell {
        description: "各纪检组织收到、受理、按时答复、超期、重新办理的件数，和群众说解决了的件数。".into(),
        canonical: Some(crate::codes::address(&app, &format!("/oversight?period={}", period.code()))),
        breadcrumbs: vec![("首页".into(), Some("/".into())), ("监督办理情况".into(), None)],
        ..viewer.portal(&app, "监督办理情况").await?
    };
    Ok(Html(daylight_ui::page(&shell, &body.render()?)))
}

fn chips(on: Period, this: Period) -> [Chips; 3] {
    let chip = |chips: Chips, label: String, period: Period| {
        chips.chip(label, format!("/oversight?period={}", period.code()), period == on, None)
    };
    let years = [this, this.before(), this.before().before()];
    let years = years.into_iter().fold(Chips::new("年份"), |chips, year| chip(chips, year.page(), year));
    let after = |period: Period| {
        let page = period.page();
        page.split_once('年').map_or(page.clone(), |(_, rest)| rest.to_owned())
    };
    let (quarters, months): (Vec<_>, Vec<_>) =
        on.parts().into_iter().partition(|period| period.keys().len() == 3);
    let fold = |label: &str, parts: Vec<Period>| {
        parts.into_iter().fold(Chips::new(label), |chips, period| chip(chips, after(period), period))
    };
    [years, fold("季度", quarters), fold("月份", months)]
}

/// Quarters and months, folded away while the whole year is shown: on a phone they are a screen full.
pub(super) fn parts(on: Period, chips: [Chips; 2]) -> Markup {
    let chips: Markup = chips.into_iter().map(Markup::from).collect();
    if on.keys().len() < 12 { chips } else { Details::new("只看一个季度、一个月", chips).into() }
}

fn of(cells: &BTreeMap<Figure, Cell>, figure: Figure) -> Cell {
    cells.get(&figure).copied().unwrap_or(Cell::Few)
}

/// A rate in tens of a hundred, from what is shown and nothing else; none while the numbers are small.
fn rate(part: Cell, whole: Cell) -> Option<i64> {
    let middle = |cell: Cell| cell.most().map(|most| cell.least() + most);
    if whole.least() < 20 {
        return None;
    }
    let share = middle(part)? * 100 / middle(whole)?.max(1);
    Some(((share + 5) / 10 * 10).clamp(0, 100))
}

fn county(cells: &BTreeMap<Figure, Cell>, period: Period) -> Markup {
    let with = |figure: Figure, whole: Figure, words: &str| {
        let rate = rate(of(cells, figure), of(cells, whole));
        rate.map_or(String::new(), |rate| format!("约占{words}的{rate}%"))
    };
    let large =
        |figure: Figure, note: String| Large::new(of(cells, figure).page(), "件", figure.page()).note(note);
    let figures = Figures::new([
        large(Figure::Received, period.page()),
        large(Figure::Accepted, with(Figure::Accepted, Figure::Received, "收到")),
        large(Figure::InTime, with(Figure::InTime, Figure::Answered, "答复")),
        large(Figure::Closed, String::new()),
        large(Figure::Satisfied, with(Figure::Satisfied, Figure::Closed, "办结")),
        large(Figure::Overdue, "不分什么时候收到".into()),
        large(Figure::Unpublished, with(Figure::Unpublished, Figure::Closed, "办结")),
    ]);
    Section::new("全县", figures).id("county").into()
}

/// What became of the answers: closed beside what citizens say.
fn chart(cells: &BTreeMap<Figure, Cell>, period: Period) -> Markup {
    let mut bars = Bars::new(
        format!("{}：办结，和群众怎么说（每5件一档，按下限画；不到5件的不画）", period.page()),
        "情况",
        "件以上",
    );
    for figure in [Figure::Closed, Figure::Satisfied, Figure::Dissatisfied, Figure::Silent, Figure::Reopened]
    {
        let cell = of(cells, figure);
        // What is not said is not drawn either: a bar of nothing would say that it is none.
        if !matches!(cell, Cell::Band(_)) {
            continue;
        }
        let label = figure.page().to_owned();
        // Counts are far below 2^53: nothing is lost.
        let marked = figure == Figure::Satisfied;
        bars.items.push(Bar { label, value: cell.least() as f64, href: None, marked });
    }
    let body: Markup = match bars.items.is_empty() {
        true => Markup::paragraphs("这段时间各项都不到5件，不画图。"),
        false => bars.into(),
    };
    Section::new("办结了，解决了吗", body).id("solved").into()
}

fn table(shown: &Shown) -> Markup {
    if shown.organs.is_empty() {
        return Empty::new(Drawing::Board, "纪检组织正在登记").into();
    }
    let tables = Figure::GROUPS.iter().map(|(title, figures)| {
        let columns = [Column::from("纪检组织")].into_iter();
        let columns = columns.chain(figures.iter().map(|figure| Column::figures(figure.page())));
        let mut table = Table::new(format!("各纪检组织{title}（件）"), columns).dense();
        for (name, cells, _) in &shown.organs {
            let cells = figures.iter().map(|figure| Markup::from(of(cells, *figure).page()));
            table.push([Markup::from(name)].into_iter().chain(cells), false);
        }
        Markup::from(table)
    });
    Section::new("各纪检组织", tables.collect::<Markup>()).id("organs").into()
}

/// What was recovered and given back, in fives of cases.
fn money(shown: &Shown) -> Markup {
    if shown.money.is_empty() {
        let text = format!("这段时间登记了追缴、退还的还{}，不显示金额。", few());
        return Section::new("追缴和退还", Markup::paragraphs(&text)).id("money").into();
    }
    let columns =
        [Column::from("纪检组织")].into_iter().chain(Money::ALL.map(|way| Column::figures(way.page())));
    let mut table = Table::new("追缴和退还", columns).caption_hidden().dense();
    let all = ("全县".to_owned(), &shown.money);
    let organs = shown.organs.iter().map(|(name, _, money)| (name.clone(), money));
    for (name, money) in [all].into_iter().chain(organs) {
        let cell = |way: &Money| money.get(way).map_or_else(few, |fen| zh::yuan(*fen));
        table.push(
            [Markup::from(name)].into_iter().chain(Money::ALL.iter().map(|way| cell(way).into())),
            false,
        );
    }
    Section::new("追缴和退还", table).id("money").into()
}
