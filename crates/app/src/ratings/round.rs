//! One round: written, reviewed by another person, opened and closed by the clock.

use super::{
    keys, list,
    store::{self, rounds::Kept},
};
use crate::{
    accounts::unknown_unit,
    authz::{Action, Resource, decide},
    clock::{beijing, date_text, end_of_day, time_text},
    office::summary,
    units,
    web::{App, Form, Id, NAME, PageError, Viewer, limit, redirect},
};
use axum::{
    extract::State,
    response::{Html, IntoResponse, Response},
};
use daylight_ratings::{
    DAY,
    indicators::{Rank, Sector},
    round::{Deed, Refusal, Round, Scope, State as Stand},
};
use daylight_ui::{
    Heading, Html as Markup, Section, SummaryList,
    form::{self, Choice, Errors, Field, date_parts},
};
use time::{Date, Month};

/// Characters of the names of units: some hundred.
const PLACES: u32 = 5_000;

type Sent = Form<Vec<(String, String)>>;

/// What was typed, and what of it can be read.
#[derive(Clone, Default)]
struct Typed {
    name: String,
    opens: String,
    closes: String,
    kinds: Vec<String>,
    places: String,
    ranks: Vec<String>,
    sectors: Vec<String>,
}

impl Typed {
    fn read(sent: &[(String, String)]) -> Typed {
        let all = |name: &str| -> Vec<String> {
            sent.iter().filter(|(key, _)| key == name).map(|(_, value)| value.clone()).collect()
        };
        let text = |name: &str| all(name).into_iter().next().unwrap_or_default();
        let date = |name: &str| {
            let part = |part| text(&format!("{name}-{part}"));
            date_parts(&part("year"), &part("month"), &part("day"))
        };
        Typed {
            name: text("name").trim().to_owned(),
            opens: date("opens"),
            closes: date("closes"),
            kinds: all("kinds"),
            places: text("places"),
            ranks: all("ranks"),
            sectors: all("sectors"),
        }
    }

    async fn of(app: &App, round: &Round) -> Result<Typed, PageError> {
        let date = |at| {
            let day = beijing(at);
            let month = u8::from(day.month());
            date_parts(&day.year().to_string(), &month.to_string(), &day.day().to_string())
        };
        let mut kinds = Vec::new();
        kinds.extend(round.scope.cadres.then(|| "cadres".to_owned()));
        kinds.extend(round.scope.powers.then(|| "powers".to_owned()));
        Ok(Typed {
            name: round.name.clone(),
            opens: date(round.opens),
            closes: date(round.closes - DAY),
            kinds,
            places: places(app, &round.scope).await?.join("\n"),
            ranks: round.scope.ranks.iter().map(|rank| rank.code().to_owned()).collect(),
            sectors: round.scope.sectors.iter().map(|sector| sector.code().to_owned()).collect(),
        })
    }

    async fn deed(&self, app: &App, errors: &mut Errors) -> Result<Deed, PageError> {
        limit(errors, "name", &self.name, NAME);
        limit(errors, "places", &self.places, PLACES);
        if self.name.is_empty() {
            errors.add("name", Refusal::Name.to_string());
        }
        let mut date = |field: &str, typed: &str| {
            let found = day(typed);
            if found.is_none() {
                errors.add(field, "请填写一个日期，例如 2027 年 1 月 1 日");
            }
            found.map_or(0, |date| end_of_day(date) + 1)
        };
        let (opens, closes) = (date("opens", &self.opens) - DAY, date("closes", &self.closes));
        let mut scope = Scope {
            cadres: self.kinds.iter().any(|kind| kind == "cadres"),
            powers: self.kinds.iter().any(|kind| kind == "powers"),
            places: Vec::new(),
            ranks: self.ranks.iter().filter_map(|code| Rank::from_code(code)).collect(),
            sectors: self.sectors.iter().filter_map(|code| Sector::from_code(code)).collect(),
        };
        if !scope.cadres && !scope.powers {
            errors.add("kinds", "请选择评价谁：干部、权力事项，或者都选");
        }
        let c = app.db.read();
        for name in self.places.lines().map(str::trim).filter(|name| !name.is_empty()) {
            match units::store::by_name(c, name).await? {
                Some(unit) => scope.places.push(unit.path),
                None => {
                    let similar = units::store::names_like(c, name, 3).await?;
                    errors.add("places", unknown_unit(name, &similar));
                    break;
                }
            }
        }
        if scope.places.is_empty() {
            scope.places.push("/".into());
        }
        if errors.is_empty() && !(Round::SHORTEST..=Round::LONGEST).contains(&(closes - opens)) {
            errors.add("closes", Refusal::Length.to_string());
        }
        if errors.is_empty() && opens < app.clock.now() {
            errors.add("opens", Refusal::Past.to_string());
        }
        Ok(Deed::Edit { name: self.name.clone(), opens, closes, scope })
    }
}

fn day(typed: &str) -> Option<Date> {
    let mut parts = typed.split('-').map(str::trim);
    let year = parts.next()?.parse().ok().filter(|year| (2000..2200).contains(year))?;
    let month = Month::try_from(parts.next()?.parse::<u8>().ok()?).ok()?;
    Date::from_calendar_date(year, month, parts.next()?.parse().ok()?).ok()
}

/// Names of the units of a scope; none when it is everything.
async fn places(app: &App, scope: &Scope) -> Result<Vec<String>, PageError> {
    let mut names = Vec::new();
    for path in scope.places.iter().filter(|path| path.as_str() != "/") {
        names.extend(store::rounds::place_name(app.db.read(), path).await?);
    }
    Ok(names)
}

fn ask(action: String, typed: &Typed, errors: &Errors) -> form::Form {
    let kinds = [Choice::new("cadres", "干部"), Choice::new("powers", "权力事项")];
    let ranks = Rank::ALL.iter().map(|rank| Choice::new(rank.code(), rank.page())).collect::<Vec<_>>();
    let sectors = Sector::ALL.iter().map(|one| Choice::new(one.code(), one.page())).collect::<Vec<_>>();
    form::Form::post(action, "保存")
        .field(
            Field::text("name", "轮次名称")
                .hint("例如：2026年下半年群众评价")
                .value(&typed.name)
                .maxlength(NAME)
                .check(errors),
        )
        .field(Field::date("opens", "开始日期").hint("从这天零点开始。").value(&typed.opens).check(errors))
        .field(
            Field::date("closes", "最后一天")
                .hint("这天24点截止，密钥随即销毁：以后谁也查不到哪一票是谁的，也不能再改。")
                .value(&typed.closes)
                .check(errors),
        )
        .field(Field::checkboxes("kinds", "评价谁", kinds).values(typed.kinds.clone()).check(errors))
        .field(
            Field::textarea("places", "单位范围", 4)
                .hint("每行一个单位全称，连同它的所属单位。不填是全县。")
                .value(&typed.places)
                .maxlength(PLACES)
                .optional()
                .check(errors),
        )
        .field(
            Field::checkboxes("ranks", "干部级别", ranks)
                .hint("都不选就是全部。")
                .values(typed.ranks.clone())
                .optional(),
        )
        .field(
            Field::checkboxes("sectors", "单位类别", sectors)
                .hint("都不选就是全部。")
                .values(typed.sectors.clone())
                .optional(),
        )
}

/// GET /office/ratings/new
pub async fn new(State(app): State<App>, viewer: Viewer) -> Result<Response, PageError> {
    viewer.permit(Action::EditRatings, &Resource::default())?;
    show_new(&app, &viewer, &Typed::default(), &Errors::new()).await
}

async fn show_new(app: &App, viewer: &Viewer, typed: &Typed, errors: &Errors) -> Result<Response, PageError> {
    let parts: [Markup; 3] = [
        summary(errors),
        Heading::new("拟定一轮评价").into(),
        ask("/office/ratings".into(), typed, errors).into(),
    ];
    show(app, viewer, "拟定一轮评价", parts.into_iter().collect()).await
}

async fn show(app: &App, viewer: &Viewer, title: &str, body: Markup) -> Result<Response, PageError> {
    let mut shell = viewer.office(app, title).await?;
    shell.breadcrumbs = vec![("群众评价".into(), Some("/office/ratings".into())), (title.into(), None)];
    Ok(Html(daylight_ui::page(&shell, body.as_str())).into_response())
}

/// POST /office/ratings
pub async fn create(State(app): State<App>, viewer: Viewer, Form(sent): Sent) -> Result<Response, PageError> {
    let permit = viewer.permit(Action::EditRatings, &Resource::default())?;
    let (typed, mut errors) = (Typed::read(&sent), Errors::new());
    let deed = typed.deed(&app, &mut errors).await?;
    if !errors.is_empty() {
        return show_new(&app, &viewer, &typed, &errors).await;
    }
    let (me, now) = (permit.account_id(), app.clock.now());
    let round = Round::draft(me).act(&deed, Some(me), now).map_err(refused)?;
    let tx = app.db.write().await?;
    let id = store::rounds::add(&tx, &round).await?;
    viewer.note(&tx, "round.create", &format!("round {id}"), &round.name, now).await?;
    tx.commit().await?;
    Ok(redirect(&format!("/office/ratings/{id}")))
}

fn refused(refusal: Refusal) -> PageError {
    PageError::invalid(refusal.to_string())
}

/// GET /office/ratings/{id}
pub async fn page(State(app): State<App>, viewer: Viewer, Id(id): Id) -> Result<Response, PageError> {
    viewer.permit(Action::SeeRatings, &Resource::default())?;
    let kept = store::rounds::get(app.db.read(), id).await?.ok_or(PageError::NotFound)?;
    let typed = Typed::of(&app, &kept.round).await?;
    show_kept(&app, &viewer, &kept, &typed, &Errors::new()).await
}

async fn show_kept(
    app: &App,
    viewer: &Viewer,
    kept: &Kept,
    typed: &Typed,
    errors: &Errors,
) -> Result<Response, PageError> {
    let round = &kept.round;
    let mut parts: Vec<Markup> = vec![
        summary(errors),
        Heading::new(&round.name).kicker("评价轮次").tag(list::tag(round.state)).into(),
        facts(app, kept).await?.into(),
    ];
    let may = |action| viewer.permit(action, &Resource::default()).is_ok();
    let (edits, reviews) = (may(Action::EditRatings), may(Action::ReviewRatings));
    let step = |to: &str, verb: &str, main: bool| -> Markup {
        let mut form = form::Form::post(format!("/office/ratings/{}/{to}", kept.id), verb);
        form.buttons.items[0].main = main;
        form.into()
    };
    let own = viewer.actor()?.account_id == round.author;
    match round.state {
        Stand::Draft if reviews && !own => parts.push(step("review", "审核通过", true)),
        Stand::Draft if reviews => parts.push(Markup::paragraphs(&Refusal::OwnWork.to_string())),
        Stand::Draft if !edits => {}
        Stand::Draft => {
            parts.push(Markup::paragraphs("请另一位审核员审核。审核通过以后，到开始那天自动开放。"))
        }
        Stand::Reviewed if edits => parts.push(step("reopen", "退回修改", false)),
        _ => {}
    }
    if round.state == Stand::Draft && edits {
        let form = ask(format!("/office/ratings/{}", kept.id), typed, errors);
        parts.push(Section::new("修改", form).into());
    }
    if matches!(round.state, Stand::Draft | Stand::Reviewed) && edits {
        parts.push(Section::new("不办了", step("drop", "取消这一轮", false)).into());
    }
    show(app, viewer, &round.name, parts.into_iter().collect()).await
}

async fn facts(app: &App, kept: &Kept) -> Result<SummaryList, PageError> {
    let round = &kept.round;
    let scope = &round.scope;
    let names = places(app, scope).await?;
    let mut who = Vec::new();
    who.extend(scope.cadres.then_some("干部"));
    who.extend(scope.powers.then_some("权力事项"));
    let words = |list: Vec<&str>| if list.is_empty() { "全部".to_owned() } else { list.join("、") };
    let mut facts = SummaryList::new()
        .row("开始", date_text(round.opens))
        .row("最后一天", date_text(round.closes - 1))
        .row("评价谁", who.join("、"))
        .row("单位范围", if names.is_empty() { "全县".to_owned() } else { names.join("、") })
        .row("干部级别", words(scope.ranks.iter().map(|rank| rank.page()).collect()))
        .row("单位类别", words(scope.sectors.iter().map(|sector| sector.page()).collect()));
    if matches!(round.state, Stand::Open | Stand::Closed | Stand::Published) {
        let (cadres, powers) = store::rounds::subjects(app.db.read(), kept.id).await?;
        facts = facts.row("评价对象", format!("{cadres}名干部，{powers}项权力（开始时固定）"));
        let key = match kept.key_gone_at {
            Some(at) => format!("已于{}销毁", time_text(at)),
            None if keys::rounds(&app.vault).is_ok_and(|rounds| rounds.contains(&kept.id)) => {
                "在这台服务器的密钥目录里，截止时销毁，不进备份".to_owned()
            }
            None => "不在这台服务器上，这台服务器不收票".to_owned(),
        };
        facts = facts.row("密钥", key);
    }
    Ok(facts)
}

/// POST /office/ratings/{id}
pub async fn edit(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id,
    Form(sent): Sent,
) -> Result<Response, PageError> {
    viewer.permit(Action::EditRatings, &Resource::default())?;
    let kept = store::rounds::get(app.db.read(), id).await?.ok_or(PageError::NotFound)?;
    let (typed, mut errors) = (Typed::read(&sent), Errors::new());
    let deed = typed.deed(&app, &mut errors).await?;
    if !errors.is_empty() && kept.round.state == Stand::Draft {
        return show_kept(&app, &viewer, &kept, &typed, &errors).await;
    }
    act(&app, &viewer, id, Action::EditRatings, &deed, "round.edit").await
}

/// POST /office/ratings/{id}/review
pub async fn review(State(app): State<App>, viewer: Viewer, Id(id): Id) -> Result<Response, PageError> {
    act(&app, &viewer, id, Action::ReviewRatings, &Deed::Review, "round.review").await
}

/// POST /office/ratings/{id}/reopen
pub async fn reopen(State(app): State<App>, viewer: Viewer, Id(id): Id) -> Result<Response, PageError> {
    act(&app, &viewer, id, Action::EditRatings, &Deed::Reopen, "round.reopen").await
}

/// POST /office/ratings/{id}/drop
pub async fn give_up(State(app): State<App>, viewer: Viewer, Id(id): Id) -> Result<Response, PageError> {
    act(&app, &viewer, id, Action::EditRatings, &Deed::Drop, "round.drop").await
}

async fn act(
    app: &App,
    viewer: &Viewer,
    id: i64,
    action: Action,
    deed: &Deed,
    noted: &str,
) -> Result<Response, PageError> {
    let permit = decide(viewer.actor()?, action, &Resource::default())?;
    let now = app.clock.now();
    let tx = app.db.write().await?;
    // Two rounds reviewed at once must see each other.
    tx.lock("daylight rating rounds").await?;
    store::rounds::hold(&tx, id).await?;
    let kept = store::rounds::get(&*tx, id).await?.ok_or(PageError::NotFound)?;
    let round = kept.round.act(deed, Some(permit.account_id()), now).map_err(refused)?;
    let others = store::rounds::list(&*tx).await?;
    if let Some(other) = others.iter().find(|other| other.id != id && other.round.collides(&round)) {
        let name = &other.round.name;
        return Err(PageError::invalid(format!("同一时间“{name}”也评价其中的对象，请改日期或范围")));
    }
    store::rounds::save(&tx, id, &round).await?;
    viewer.note(&tx, noted, &format!("round {id}"), &round.name, now).await?;
    tx.commit().await?;
    Ok(redirect(&format!("/office/ratings/{id}")))
}
