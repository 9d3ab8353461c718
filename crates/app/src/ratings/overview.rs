//! 群众评价 of the whole county and of a unit: what runs, what is shown, how it is reckoned.
//!
//! Lists are in the order of the register. None is by figures: intervals that overlap say nothing of who is better.

use super::{
    code, list,
    panel::span,
    store::{
        self,
        releases::{self, MarginRow},
        rounds::Kept,
    },
};
use crate::{
    clock::{Millis, date_text, time_text},
    reports::{Object, named},
    web::{App, Id, PageError, Viewer},
};
use axum::{extract::State, response::Html};
use daylight_db::ConnectionTrait;
use daylight_ratings::{ballot::SubjectId, count::Sums, round::State as Stand, score};
use daylight_ui::{
    Action, Actions, Details, Drawing, Empty, Heading, Html as Markup, Section, SummaryList, chart::Spans, zh,
};

/// Rounds of a unit on one page.
const ROUNDS: usize = 3;

/// GET /ratings
pub async fn county(State(app): State<App>, viewer: Viewer) -> Result<Html<String>, PageError> {
    let (c, now) = (app.db.read(), app.clock.now());
    let rounds: Vec<_> = store::rounds::list(c).await?.into_iter().filter(public).collect();
    let lead = "看得到的事，由看得到的人来评：一人一票，分数和误差一起公布，怎么算的也写在旁边。";
    let mut parts: Vec<Markup> = vec![Heading::new("群众评价").lead(lead).into()];
    parts.push(
        Actions::new([
            Action::link("找干部评价", "/cadres"),
            Action::link("找权力事项评价", "/powers").second(),
            Action::link("我有纸质评价码", "/p").second(),
        ])
        .into(),
    );
    if rounds.is_empty() {
        let empty = Empty::new(Drawing::Board, "还没有评价轮次").text("评价按轮次进行，开始以后这里会公布。");
        parts.push(empty.into());
    }
    for kept in &rounds {
        parts.push(round(c, kept, 0, now).await?);
    }
    parts.push(rules().into());
    let shell = viewer.portal(&app, "群众评价").await?;
    let body: Markup = parts.into_iter().collect();
    Ok(Html(daylight_ui::page(&shell, body.as_str())))
}

fn public(kept: &Kept) -> bool {
    matches!(kept.round.state, Stand::Open | Stand::Closed | Stand::Published)
}

/// A round in a section, with the sum of a place after the close.
async fn round(c: &impl ConnectionTrait, kept: &Kept, unit: i64, now: Millis) -> Result<Markup, PageError> {
    let round = &kept.round;
    let mut facts = SummaryList::new()
        .row("情况", Markup::from(list::tag(round.state)))
        .row("时间", format!("{}至{}", date_text(round.opens), date_text(round.closes - 1)));
    match round.state {
        Stand::Open => {
            facts = facts.row("下次公布", time_text(round.pace.next(now)));
        }
        Stand::Closed => {
            facts = facts.row("下次公布", "核票以后，最后一次公布");
        }
        _ => {}
    }
    if let Some(margin) = releases::margin(c, kept.id, unit).await? {
        facts = sums(facts, &margin);
    }
    Ok(Section::new(&round.name, facts).into())
}

/// The sum after the close: of subjects shown by themselves, and of small ones put together.
fn sums(facts: SummaryList, margin: &MarginRow) -> SummaryList {
    let all = Sums { n: margin.n, sum: margin.sum, squares: margin.squares };
    let mean = score::score(all, None).map(|score| score.figure().text()).unwrap_or_default();
    let mut who = format!("{}名（项）单独公布", zh::number(margin.subjects));
    if margin.pooled > 0 {
        who += &format!("，{}名（项）票少，只合计", zh::number(margin.pooled));
    }
    if margin.left_out > 0 {
        who += &format!("，{}名（项）票太少，不计入合计", zh::number(margin.left_out));
    }
    facts.row("计入合计的评价", format!("{}票，平均约{mean}", zh::number(margin.n))).row("合计里有谁", who)
}

fn rules() -> Details {
    let words = "一个手机号或一张纸质评价码，对每名干部、每项权力算一票；表扬和批评的验证完全一样。\n\
        不足10票不公布分数。进行中每周固定时间公布一次，而且至少又有5票（已公布的一半）有了变化才更新，看前后变化推不出谁怎么评。\n\
        五档答案从好到差记100、75、50、25、0分。票少的向同类岗位平均靠拢一点，最多一个标准误；分数旁边的误差范围有95%把握包含真实看法。\n\
        不排名次：两个人的误差范围有重叠，就分不出高低。\n\
        截止时这一轮的密钥销毁，核对选票与汇总一致以后公布最后结果，选票上能区分是谁的记号全部删除。";
    Details::new("票怎么计、分数怎么算、怎么保密", Markup::paragraphs(words))
}

/// GET /units/{id}/ratings
pub async fn unit(State(app): State<App>, viewer: Viewer, Id(id): Id) -> Result<Html<String>, PageError> {
    let (c, now) = (app.db.read(), app.clock.now());
    let about = named(c, Object::Unit(id)).await?.ok_or(PageError::NotFound)?;
    let title = format!("{}的群众评价", about.name);
    let lead = "按名册顺序排列，不排名次：误差范围有重叠的，分不出高低。";
    let mut parts: Vec<Markup> = vec![Heading::new(&title).lead(lead).into()];
    let rounds = releases::rounds_of_unit(c, id).await?;
    if rounds.is_empty() {
        let empty =
            Empty::new(Drawing::Board, "还没有评价过这个单位的干部和权力").text("评价开始以后这里会公布。");
        parts.push(empty.into());
    }
    for kept in rounds.iter().filter(|kept| public(kept)).take(ROUNDS) {
        parts.push(round(c, kept, id, now).await?);
        parts.push(subjects(c, kept, id).await?);
    }
    parts.push(rules().into());
    let mut shell = viewer.portal(&app, &title).await?;
    shell.breadcrumbs = vec![
        ("首页".into(), Some("/".into())),
        (about.name, Some(format!("/units/{id}"))),
        ("群众评价".into(), None),
    ];
    let body: Markup = parts.into_iter().collect();
    Ok(Html(daylight_ui::page(&shell, body.as_str())))
}

async fn subjects(c: &impl ConnectionTrait, kept: &Kept, unit: i64) -> Result<Markup, PageError> {
    let shown = releases::of_unit(c, kept.id, unit).await?;
    let mut chart = Spans::new("分数和误差范围（0至100分）", "干部、权力事项");
    let mut waiting = 0;
    for row in releases::subjects_of_unit(c, kept.id, unit).await? {
        let subject = super::of_number(row.subject);
        let Some(shown) = shown.get(&subject) else {
            waiting += 1;
            continue;
        };
        let href = match subject {
            SubjectId::Cadre(id) => format!("/cadres/{id}"),
            SubjectId::Power(id) => format!("/powers/{id}"),
        };
        debug_assert!(!code(subject).is_empty());
        chart
            .items
            .push(daylight_ui::chart::Span { href: Some(href), ..span(row.name, shown.score.figure()) });
    }
    let mut parts: Vec<Markup> = Vec::new();
    if !chart.items.is_empty() {
        parts.push(chart.into());
    }
    if waiting > 0 {
        let why = if kept.round.state == Stand::Published {
            "不足10票"
        } else {
            "不足10票，或还没到公布时间"
        };
        parts.push(Markup::paragraphs(&format!("另有{}名（项）没有分数：{why}。", zh::number(waiting))));
    }
    Ok(parts.into_iter().collect())
}
