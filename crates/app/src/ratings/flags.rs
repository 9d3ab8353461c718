//! 刷票核查 in the office: what the radar saw, and what two people say to it. Whoever is tied to the subject finds nothing.

use super::store::{self, flags::Kept};
use crate::{
    authz::{Action, Resource},
    clock::{date_text, time_text},
    office::summary,
    reports::{Object, named},
    web::{App, Form, Id, PageError, Viewer, redirect},
};
use axum::{
    extract::State,
    response::{Html, IntoResponse, Response},
};
use daylight_db::ConnectionTrait;
use daylight_ratings::{
    ballot::SubjectId,
    radar::{Decision, Failing, Outcome},
    start_of,
};
use daylight_ui::{
    Drawing, Empty, Heading, Html as Markup, Link, Section, SummaryList, Table,
    form::{self, Choice, Errors, Field},
    zh,
};
use serde::Deserialize;

/// What one of the two says.
#[derive(Deserialize)]
pub struct Said {
    #[serde(default)]
    says: String,
}

fn state(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Open => "正在核查",
        Outcome::Counted => "两人核查，全部计入",
        Outcome::Excluded { .. } => "两人核查，部分未计入",
        Outcome::Lapsed => "到期，全部计入",
        Outcome::Split => "意见不一致，全部计入",
    }
}

async fn name(c: &impl ConnectionTrait, subject: SubjectId) -> Result<String, PageError> {
    let object = match subject {
        SubjectId::Cadre(id) => Object::Cadre(id),
        SubjectId::Power(id) => Object::Power(id),
    };
    let found = named(c, object).await?;
    Ok(found.map_or("（已撤下）".to_owned(), |named| format!("{} {}", named.name, named.detail)))
}

/// GET /office/ratings/flags
pub async fn page(State(app): State<App>, viewer: Viewer) -> Result<Html<String>, PageError> {
    viewer.permit(Action::SeeRatings, &Resource::default())?;
    let (c, now, me) = (app.db.read(), app.clock.now(), viewer.actor()?.account_id);
    let mut table = Table::new("核查提示", ["评价谁", "看到什么", "发现时间", "情况"].map(Into::into))
        .caption_hidden()
        .dense();
    for kept in store::flags::list(c).await? {
        if store::flags::conflict(c, me, kept.round_id, kept.flag.subject).await? {
            continue;
        }
        let cells: [Markup; 4] = [
            Link::new(name(c, kept.flag.subject).await?, format!("/office/ratings/flags/{}", kept.id)).into(),
            kept.flag.sign.page().into(),
            date_text(kept.flag.at).into(),
            state(&kept.flag.outcome(now)).into(),
        ];
        table.push(cells, false);
    }
    let lead = "票数突然比平时、比同类多的，分数先保持不变，由两个人各自核查；到期没有核完的照常计入。只看票数，不看评得好坏。";
    let mut parts: Vec<Markup> = vec![Heading::new("刷票核查").lead(lead).into()];
    if table.rows.is_empty() {
        parts.push(Empty::new(Drawing::Board, "没有要核查的").into());
    } else {
        parts.push(table.into());
    }
    let mut shell = viewer.office(&app, "刷票核查").await?;
    shell.breadcrumbs = vec![("群众评价".into(), Some("/office/ratings".into())), ("刷票核查".into(), None)];
    let body: Markup = parts.into_iter().collect();
    Ok(Html(daylight_ui::page(&shell, body.as_str())))
}

/// A sign for whom nothing ties to its subject; for others there is none.
async fn find(c: &impl ConnectionTrait, viewer: &Viewer, id: i64) -> Result<Kept, PageError> {
    viewer.permit(Action::SeeRatings, &Resource::default())?;
    let kept = store::flags::get(c, id).await?.ok_or(PageError::NotFound)?;
    let me = viewer.actor()?.account_id;
    if store::flags::conflict(c, me, kept.round_id, kept.flag.subject).await? {
        return Err(PageError::NotFound);
    }
    Ok(kept)
}

/// GET /office/ratings/flags/{id}
pub async fn flag(State(app): State<App>, viewer: Viewer, Id(id): Id) -> Result<Response, PageError> {
    let kept = find(app.db.read(), &viewer, id).await?;
    show(&app, &viewer, &kept, &Errors::new()).await
}

async fn show(app: &App, viewer: &Viewer, kept: &Kept, errors: &Errors) -> Result<Response, PageError> {
    let (c, now, me) = (app.db.read(), app.clock.now(), viewer.actor()?.account_id);
    let (flag, burst) = (&kept.flag, kept.burst);
    let outcome = flag.outcome(now);
    let seen = format!(
        "到{}为止的{}天里收到{}票，按平时和同类，最多应有{}票",
        date_text(start_of(burst.day)),
        burst.span,
        zh::number(burst.seen),
        zh::number(burst.limit)
    );
    let who = name(c, flag.subject).await?;
    let facts = SummaryList::new()
        .row("看到什么", flag.sign.page())
        .row("具体", seen)
        .row("情况", state(&outcome))
        .row("期限", time_text(flag.until))
        .row("已提出意见", format!("{}人", flag.said.len()))
        .row("公众看到", flag.annotation(now));
    let mut parts: Vec<Markup> =
        vec![summary(errors), Heading::new(&who).kicker("刷票核查").into(), facts.into()];
    if outcome == Outcome::Open && !flag.said.iter().any(|(known, _)| *known == me) {
        let excluded = excluded(c, kept).await?;
        let mut choices = vec![Choice::new("count", "没有发现不符合身份规则的票，全部计入")];
        if excluded > 0 {
            let words = format!("有{}票来自已作废的评价码，已经剔除；其余计入", zh::number(excluded));
            choices.push(Choice::new("exclude", words));
        }
        let field = Field::radios("says", "您核查的结果", choices)
            .hint("能剔除的只有不符合身份规则的票，例如作废的评价码。评得太好、太坏都不是理由。")
            .check(errors);
        let form = form::Form::post(format!("/office/ratings/flags/{}", kept.id), "提交意见").field(field);
        parts.push(Section::new("提出意见", form).into());
    } else if outcome == Outcome::Open {
        parts.push(Markup::paragraphs("您已经提出意见，等另一个人核查。两人的意见互相看不到。"));
    }
    let mut shell = viewer.office(app, &who).await?;
    shell.breadcrumbs = vec![
        ("群众评价".into(), Some("/office/ratings".into())),
        ("刷票核查".into(), Some("/office/ratings/flags".into())),
        (who, None),
    ];
    let body: Markup = parts.into_iter().collect();
    Ok((super::rate::status(errors), Html(daylight_ui::page(&shell, body.as_str()))).into_response())
}

/// Ballots of sheets taken back that were taken out of the count of this subject.
async fn excluded(c: &impl ConnectionTrait, kept: &Kept) -> Result<i64, PageError> {
    let found = store::papers::exclusions(c, kept.round_id, kept.flag.subject).await?;
    Ok(found.into_iter().filter(|(failing, _)| *failing == Failing::SheetRevoked).map(|(_, n)| n).sum())
}

/// POST /office/ratings/flags/{id}
pub async fn decide(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id,
    Form(said): Form<Said>,
) -> Result<Response, PageError> {
    let now = app.clock.now();
    let tx = app.db.write().await?;
    let kept = find(&*tx, &viewer, id).await?;
    store::rounds::hold(&tx, kept.round_id).await?;
    // Said by another while this one waited.
    let kept = store::flags::get(&*tx, id).await?.unwrap_or(kept);
    let says = match said.says.as_str() {
        "count" => Decision::Count,
        "exclude" => {
            Decision::Exclude { failing: Failing::SheetRevoked, ballots: excluded(&*tx, &kept).await? }
        }
        _ => {
            drop(tx);
            let mut errors = Errors::new();
            errors.add("says", "请选择核查的结果");
            return show(&app, &viewer, &kept, &errors).await;
        }
    };
    let me = viewer.actor()?.account_id;
    let flag = kept.flag.clone().decide(me, false, says, now);
    let flag = flag.map_err(|error| PageError::invalid(error.to_string()))?;
    let kept = Kept { flag, ..kept };
    store::flags::save(&tx, &kept, now).await?;
    viewer.note(&tx, "flag.decide", &format!("flag {id}"), &said.says, now).await?;
    tx.commit().await?;
    app.cache.purge();
    Ok(redirect(&format!("/office/ratings/flags/{id}")))
}
