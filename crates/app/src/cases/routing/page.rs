//! 分派规则: which organ a report is meant for, tried without storing anything; and the level above.

use super::{Cadre, Destination, Matter, Names, Rank, Table, World, store};
use crate::{
    authz::decide_rules,
    cases::store::standing_recusals,
    clock::time_text,
    office::summary,
    ops, organs,
    reports::Kind,
    revisions::personal,
    units,
    web::{App, Asked, Form, NAME, PageError, Viewer, limit, redirect},
};
use axum::{
    extract::State,
    response::{Html, IntoResponse, Response},
};
use daylight_ui::{
    Action as Button, Actions, Details, Heading, Html as Markup, Notice, NoticeKind, Section, SummaryList,
    form::{self, Choice, Errors, Field},
};
use serde::Deserialize;
use std::collections::BTreeSet;

/// Characters of the superior's channel.
const CHANNEL: u32 = 200;

pub(super) async fn may_set(app: &App, viewer: &Viewer) -> Result<bool, PageError> {
    let top = organs::store::top(app.db.read()).await?;
    Ok(decide_rules(viewer.actor()?, top).is_ok())
}

/// The sentences of a table, in their order.
pub(super) fn sentences(table: &Table) -> Markup {
    numbered(table.sentences())
}

fn numbered(lines: impl IntoIterator<Item = String>) -> Markup {
    let items = lines.into_iter().map(|line| {
        [Markup::trusted("<li>"), line.into(), Markup::trusted("</li>")].into_iter().collect::<Markup>()
    });
    Markup::trusted(format!("<ol class=\"sentences\">{}</ol>", items.collect::<Markup>()))
}

/// GET /office/routing
pub async fn page(State(app): State<App>, viewer: Viewer, asked: Asked) -> Result<Response, PageError> {
    show(&app, &viewer, &asked, None, &Errors::new()).await
}

async fn show(
    app: &App,
    viewer: &Viewer,
    asked: &Asked,
    channel: Option<&str>,
    errors: &Errors,
) -> Result<Response, PageError> {
    let c = app.db.read();
    let (versions, may) = (store::versions(c).await?, may_set(app, viewer).await?);
    let table = store::table(c).await?;
    let lead =
        "一件反映先按规则找到受理的纪检组织，再逐级回避：被反映的人、单位、下级和亲属所在的组织都收不到。";
    let mut parts: Vec<Markup> = vec![
        summary(errors),
        Heading::new("分派规则").lead(lead).into(),
        Section::new("现行规则（从上往下，第一条符合的说了算）", sentences(&table)).into(),
    ];
    if may {
        parts.push(Actions::new([Button::link("修改规则", "/office/routing/edit")]).into());
    } else {
        parts.push(Markup::paragraphs("规则由最高一级纪检组织的审批领导修改。"));
    }
    parts.push(tryout(app, &table, asked, may).await?);
    parts.push(above(app, may, channel, errors).await?);
    let entry = |version: &store::Version| {
        let who = version.made_by.clone().unwrap_or_else(|| "随程序提供".into());
        let when = if version.made_at > 0 { time_text(version.made_at) } else { String::new() };
        let title = match version.version {
            0 => format!("最初的规则　{who}"),
            number => format!("第{number}版　{who}　{when}"),
        };
        Markup::from(Details::new(title.trim().to_owned(), sentences(&version.table)))
    };
    parts.push(Section::new("历次修改", versions.iter().map(entry).collect::<Markup>()).into());
    let shell = viewer.office(app, "分派规则").await?;
    let body: Markup = parts.into_iter().collect();
    Ok(Html(daylight_ui::page(&shell, body.as_str())).into_response())
}

/// Kind, unit and rank, and where that would go.
async fn tryout(app: &App, table: &Table, asked: &Asked, with_people: bool) -> Result<Markup, PageError> {
    let (kind, unit) = (asked.text("kind"), asked.text("unit"));
    let rank = asked.text("rank");
    let sent = !kind.is_empty();
    let mut errors = Errors::new();
    let found = if unit.is_empty() { None } else { units::store::by_name(app.db.read(), unit).await? };
    if sent && !unit.is_empty() && found.is_none() {
        let similar = units::store::names_like(app.db.read(), unit, 5).await?;
        errors.add("unit", crate::accounts::unknown_unit(unit, &similar));
    }
    let known = Kind::from_code(kind);
    let kinds = Kind::ALL.map(|kind| Choice::new(kind.code(), kind.page()));
    let ranks = Rank::ALL.map(|rank| Choice::new(rank.code(), rank.page()));
    let chosen = known.unwrap_or(Kind::Accusation).code();
    let form = form::Form::get("/office/routing", "试一试")
        .field(Field::radios("kind", "反映的类型", kinds).value(chosen))
        .field(
            Field::text("unit", "单位全称")
                .hint("被反映的单位，或被反映人任职的单位。不填就是“不清楚”。")
                .value(unit)
                .maxlength(NAME)
                .autocomplete("off")
                .optional()
                .check(&errors),
        )
        .field(
            Field::select("rank", "被反映人的级别", ranks).hint("没有点名就不选。").value(rank).optional(),
        );
    let mut parts: Vec<Markup> = vec![form.into()];
    if let (Some(kind), true) = (known, errors.is_empty()) {
        let c = app.db.read();
        let world = store::world(c).await?;
        let (world, mut matter) = supposed(world, kind, found.map(|unit| unit.id), Rank::from_code(rank));
        matter.recused = standing_recusals(c, &matter).await?;
        parts.push(outcome(&world, table, &matter, &store::names(c).await?, with_people));
    }
    Ok(Section::new("试一试（不会保存）", parts.into_iter().collect::<Markup>()).id("try").into())
}

/// A report as supposed: against the unit, or against somebody of that rank in it.
fn supposed(mut world: World, kind: Kind, unit_id: Option<i64>, rank: Option<Rank>) -> (World, Matter) {
    // No cadre has such an id.
    const SOMEBODY: i64 = -1;
    let mut named = BTreeSet::new();
    if let Some(rank) = rank {
        world.cadres.insert(SOMEBODY, Cadre { units: unit_id.into_iter().collect(), rank });
        named.insert(SOMEBODY);
    }
    let unit_id = unit_id.filter(|_| rank.is_none());
    (world, Matter { kind, unit_id, named, ..Matter::about_nothing() })
}

fn outcome(world: &World, table: &Table, matter: &Matter, names: &Names, with_people: bool) -> Markup {
    let route = super::route(world, table, matter);
    let organ = |id: &i64| names.organs.get(id).cloned().unwrap_or_default();
    let word = match &route.destination {
        Destination::Organ { organ_id, .. } => format!("由{}办理", organ(organ_id)),
        Destination::Sealed { .. } => "属于上级：封存后只有上级能打开".into(),
        Destination::Refused { channel } => format!("属于上级：不在本平台受理，请反映人找{channel}"),
    };
    let chain = route.chain.iter().map(|because| because.page(names, with_people));
    let result = Notice::new(NoticeKind::Info, word);
    [Markup::from(result), numbered(chain)].into_iter().collect()
}

/// The level above: what citizens are shown when a matter is theirs.
async fn above(app: &App, may: bool, typed: Option<&str>, errors: &Errors) -> Result<Markup, PageError> {
    let superior = store::superior(app.db.read()).await?;
    let key = superior.key.clone().map_or(
        "还没有登记上级的公钥：属于上级的反映不收，只告诉反映人找谁".into(),
        |key| format!("已登记上级的公钥（指纹 {key}）：属于上级的反映封存，只有上级能打开"),
    );
    let facts = SummaryList::new().row("告诉反映人", superior.channel.as_str()).row("公钥", key);
    let mut parts: Vec<Markup> = vec![facts.into()];
    if may {
        let form = form::Form::post("/office/routing/superior", "保存上级渠道").field(
            Field::text("channel", "上级纪检监察机关和联系方式")
                .hint("写明名称、电话、地址，例如：安江市纪委监委，电话 12388，安江市人民路1号。会公开显示。")
                .value(typed.unwrap_or(&superior.channel))
                .maxlength(CHANNEL)
                .check(errors),
        );
        parts.push(form.into());
    }
    Ok(Section::new("属于上级的反映", parts.into_iter().collect::<Markup>()).id("superior").into())
}

/// The channel as typed.
#[derive(Deserialize)]
pub struct Channel {
    #[serde(default)]
    channel: String,
}

/// POST /office/routing/superior
pub async fn superior(
    State(app): State<App>,
    viewer: Viewer,
    Form(input): Form<Channel>,
) -> Result<Response, PageError> {
    let top = organs::store::top(app.db.read()).await?;
    decide_rules(viewer.actor()?, top)?;
    let channel = daylight_ids::text::clean(&input.channel).replace('\n', " ");
    let mut errors = Errors::new();
    if channel.is_empty() {
        errors.add("channel", "请填写上级纪检监察机关和联系方式");
    }
    if let Some(message) = personal("上级渠道", &channel) {
        errors.add("channel", message);
    }
    limit(&mut errors, "channel", &channel, CHANNEL);
    if !errors.is_empty() {
        return show(&app, &viewer, &Asked::default(), Some(&input.channel), &errors).await;
    }
    let now = app.clock.now();
    let tx = app.db.write().await?;
    let before = store::superior(&*tx).await?.channel;
    if before != channel {
        ops::store::set_setting(&tx, store::CHANNEL, &channel).await?;
        viewer.note(&tx, "rules.superior", "superior", &format!("{before}→{channel}"), now).await?;
        tx.commit().await?;
        // Public pages name it.
        app.cache.purge();
    }
    Ok(redirect("/office/routing#superior"))
}
