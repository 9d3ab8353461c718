//! 群众评价 on the page of a cadre or a power: what is shown, how it came about, and the way in while a round is open.

use super::{
    code,
    store::{
        self,
        releases::{self, Shown},
    },
    wording,
};
use crate::{
    clock::{Millis, date_text},
    web::PageError,
};
use daylight_db::ConnectionTrait;
use daylight_ratings::{
    ballot::SubjectId,
    count::Tally,
    indicators::{Questions, Rank},
    radar::Failing,
    release::{CELL, answers, channels},
    round::State,
    score::{Figure, Score, trend},
};
use daylight_ui::{
    Action, Actions, Details, Html as Markup, Notice, NoticeKind, Section, Table,
    chart::{Line, Span, Spans},
    zh,
};
use std::collections::BTreeSet;

/// The panel. Pages with it are kept in the page cache, which is purged when a round opens or closes and when figures
/// change.
pub async fn panel(c: &impl ConnectionTrait, subject: SubjectId, now: Millis) -> Result<Section, PageError> {
    let (title, verb) = match subject {
        SubjectId::Cadre(_) => ("群众评价", "评价这位干部"),
        SubjectId::Power(_) => ("群众评判", "评判这项权力"),
    };
    let asked = store::rounds::asked(c, subject, now).await?;
    let shown = releases::of_subject(c, subject).await?;
    let mut parts: Vec<Markup> = Vec::new();
    let rounds: BTreeSet<_> = shown
        .first()
        .map(|newest| newest.round_id)
        .into_iter()
        .chain(asked.as_ref().map(|asked| asked.round))
        .collect();
    if let Some(newest) = shown.first() {
        parts.extend(figures(c, subject, &shown, newest).await?);
    }
    for round in rounds {
        for kept in store::flags::of_subject(c, round, subject).await? {
            let words = format!("{}：{}", date_text(kept.flag.at), kept.flag.annotation(now));
            parts.push(Notice::new(NoticeKind::Info, words).into());
        }
    }
    match asked {
        Some(asked) => {
            let waiting = shown.first().is_none_or(|newest| newest.round_id != asked.round);
            let words = format!(
                "{}正在进行，{}截止。{}用手机验证码，一人一票，截止前可以改；截止时密钥销毁，以后谁也查不出哪一票是谁的。",
                asked.name,
                date_text(asked.closes - 1),
                if waiting { "满10票、到公布日才显示分数。" } else { "" }
            );
            parts.push(Markup::paragraphs(&words));
            parts.push(Actions::new([Action::link(verb, format!("/rate/{}", code(subject)))]).into());
        }
        None if shown.is_empty() => {
            parts.push(Markup::paragraphs("评价按轮次进行，现在没有正在进行的评价。"));
        }
        None => parts.push(Markup::paragraphs("现在没有正在进行的评价。")),
    }
    Ok(Section::new(title, parts.into_iter().collect::<Markup>()).more("评价怎么算的", "/ratings"))
}

/// The word for a class of peers.
pub fn class_word(class: &str) -> &'static str {
    Rank::from_code(class).map_or("权力事项", Rank::page)
}

/// A figure as a row of a chart.
pub fn span(label: impl Into<String>, figure: Figure) -> Span {
    Span {
        label: label.into(),
        low: figure.low as f64,
        high: figure.high as f64,
        value: Some(figure.score as f64),
        text: figure.text(),
        note: format!("{}至{}分，{}票", figure.low, figure.high, zh::number(figure.n)),
        ..Span::default()
    }
}

async fn figures(
    c: &impl ConnectionTrait,
    subject: SubjectId,
    shown: &[Shown],
    newest: &Shown,
) -> Result<Vec<Markup>, PageError> {
    let figure = newest.score.figure();
    let class = class_word(&newest.class);
    let mut chart = Spans::new("各轮分数和误差范围（0至100分）", "轮次");
    chart.items.push(span(&newest.round.name, figure));
    if let Some((low, high)) = newest.band {
        chart.items.push(Span {
            label: format!("同类（{class}）"),
            low: low as f64,
            high: high as f64,
            text: format!("{low}至{high}分"),
            note: "中间八成".into(),
            ..Span::default()
        });
    }
    for earlier in &shown[1..] {
        chart.items.push(span(&earlier.round.name, earlier.score.figure()));
    }
    let mut parts = vec![Markup::paragraphs(&lead(newest, figure, shown.get(1))), chart.into()];
    for (failing, ballots) in store::papers::exclusions(c, newest.round_id, subject).await? {
        parts.push(Notice::new(NoticeKind::Info, excluded(failing, ballots)).into());
    }
    parts.push(arithmetic(&newest.score, class).into());
    parts.extend(course(c, newest, subject).await?);
    if let Some(tally) = releases::last_tally(c, newest, subject).await? {
        parts.push(told_apart(c, newest, subject, &tally).await?);
    }
    Ok(parts)
}

fn lead(newest: &Shown, figure: Figure, before: Option<&Shown>) -> String {
    let state = match newest.round.state {
        State::Published => "最终结果".to_owned(),
        State::Closed => "已截止，正在核票".to_owned(),
        _ => format!("{}公布", date_text(newest.at)),
    };
    let trend = before.map_or(String::new(), |before| {
        let trend = trend(&before.score, &newest.score);
        format!("{}。", trend.verdict.page())
    });
    format!(
        "{}：{}，真实看法在{}到{}分之间（95%把握），{}票。{trend}（{state}）",
        newest.round.name,
        figure.text(),
        figure.low,
        figure.high,
        zh::number(figure.n)
    )
}

/// The public reason and number; a small number would tell of a ballot.
fn excluded(failing: Failing, ballots: i64) -> String {
    let count =
        if ballots < CELL { format!("少于{CELL}票") } else { format!("{}票", zh::number(ballots)) };
    format!("有{count}不符合身份规则，未计入：{}。", failing.page())
}

fn arithmetic(score: &Score, class: &str) -> Details {
    let lines: Markup = score.lines(class).iter().map(|line| Markup::paragraphs(line)).collect();
    Details::new("这个分数怎么算出来的", lines)
}

/// How the figure went while the round was open.
async fn course(
    c: &impl ConnectionTrait,
    newest: &Shown,
    subject: SubjectId,
) -> Result<Option<Markup>, PageError> {
    let course = releases::course(c, newest.round_id, subject).await?;
    if course.len() < 2 {
        return Ok(None);
    }
    let line = Line::new(format!("{}：各次公布的分数", newest.round.name), "次公布", "分");
    let line = course.iter().fold(line, |line, (at, score)| {
        line.point(date_text(*at), score.as_ref().map(|score| score.figure().score as f64))
    });
    Ok(Some(line.into()))
}

/// Channels and answers, once, after the close.
async fn told_apart(
    c: &impl ConnectionTrait,
    newest: &Shown,
    subject: SubjectId,
    tally: &Tally,
) -> Result<Markup, PageError> {
    let used = channels::channels(tally);
    let mut by = Table::new("各渠道票数", ["渠道".into(), "票数".into()]);
    for one in used.iter().filter(|one| one.sums.n > 0) {
        by.push([one.page().into(), zh::number(one.sums.n).into()], false);
    }
    let mut parts: Vec<Markup> = vec![by.into()];
    let Some(questions) = store::rounds::questions(c, newest.round_id, subject).await? else {
        return Ok(parts.into_iter().collect());
    };
    let library = store::editions::library(c, questions.edition).await?;
    let lines = library.and_then(|library| wording::lines(&library, &questions)).unwrap_or_default();
    parts.extend(answers_table(&questions, &lines, newest, tally));
    Ok(Details::new("各渠道票数和各题答案", parts.into_iter().collect::<Markup>()).into())
}

fn answers_table(
    questions: &Questions,
    lines: &[wording::Line],
    newest: &Shown,
    tally: &Tally,
) -> Option<Markup> {
    let groups = answers::tables(tally.answers.get(..questions.list.len())?, newest.score.mean);
    let mut table =
        Table::new("各题答案（少于5票的与相邻答案合并）", ["题目".into(), "答案".into(), "票数".into()]);
    for (line, groups) in lines.iter().zip(groups) {
        for group in groups {
            let word = |place: &usize| {
                line.answers.iter().find(|(at, _)| at == place).map(|(_, word)| word.as_str())
            };
            let words: Vec<_> = group.places.iter().filter_map(word).collect();
            table.push(
                [line.text.as_str().into(), words.join("／").into(), zh::number(group.n).into()],
                false,
            );
        }
    }
    if table.rows.is_empty() {
        let why = "各题答案不公布：从分数和合并后的票数能推出个别人的选择。";
        return Some(Markup::paragraphs(why));
    }
    Some(table.into())
}
