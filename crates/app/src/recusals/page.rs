//! 回避登记: one's own declarations, and those of the people one leads.

use super::{Member, leads, may_declare, may_end, store};
use crate::{
    cadres::pick::Asked,
    cases::{jobs::enqueue_settle, routing::store::About},
    clock::date_text,
    office::summary,
    organs, units,
    web::{App, Form, Id, PageError, Viewer, redirect},
};
use axum::{
    extract::State,
    response::{Html, IntoResponse, Response},
};
use daylight_ui::{
    Details, Heading, Html as Markup, Notice, NoticeKind, Section, Table,
    form::{self, Choice, Errors, Field},
};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Somebody who may be declared for, and whether the viewer leads them.
struct Seen {
    member: Member,
    led: bool,
}

/// Those whose book the viewer sees: themselves first, then whom they lead.
async fn seen(app: &App, viewer: &Viewer) -> Result<Vec<Seen>, PageError> {
    let actor = viewer.actor()?;
    let lines = organs::store::list(app.db.read()).await?;
    let paths: BTreeMap<i64, String> = lines.into_iter().map(|line| (line.id, line.path)).collect();
    let all = store::members(app.db.read()).await?;
    let judged = all.into_iter().map(|member| {
        let led = leads(actor, &member, |id| paths.get(&id).cloned());
        Seen { member, led }
    });
    let mut seen: Vec<_> = judged.filter(|one| may_declare(actor, &one.member, one.led)).collect();
    seen.sort_by_key(|one| one.member.account_id != actor.account_id);
    Ok(seen)
}

/// What the two forms hold when they come back.
#[derive(Default)]
struct Typed {
    recusal: Declared,
    relative: Related,
}

/// GET /office/recusals
pub async fn page(State(app): State<App>, viewer: Viewer) -> Result<Response, PageError> {
    show(&app, &viewer, &Typed::default(), &Errors::new(), &Errors::new()).await
}

async fn show(
    app: &App,
    viewer: &Viewer,
    typed: &Typed,
    recusal: &Errors,
    relative: &Errors,
) -> Result<Response, PageError> {
    let seen = seen(app, viewer).await?;
    let me = viewer.actor()?.account_id;
    let lead =
        "与被反映的人或单位有利害关系的，在这里登记。登记以后，有关的反映立即不再给您，谁也看不到是哪一件。";
    let mut parts: Vec<Markup> =
        vec![summary(recusal), summary(relative), Heading::new("回避登记").lead(lead).into()];
    if seen.iter().any(|one| one.member.account_id == me && one.member.cadre_id.is_none()) {
        let word = "您的账号还没有对应到干部名册里的本人，平台无法核对您与被反映人的关系，因此不会把任何反映给您。\
                    请系统管理员在“人员账号”里办理。";
        parts.push(Notice::new(NoticeKind::Warning, word).into());
    }
    parts.push(Section::new("现有的回避", recusals(app, viewer, &seen).await?).into());
    parts
        .push(Section::new("登记回避", ask_recusal(me, &seen, &typed.recusal, recusal)).id("declare").into());
    parts.push(Section::new("申报的亲属", relatives(app, viewer, &seen).await?).into());
    parts.push(
        Section::new("申报亲属", ask_relative(me, &seen, &typed.relative, relative)).id("relate").into(),
    );
    let why = "亲属也是纪检工作人员、又不归您领导的，您的申报只让您回避涉及他的反映，列在“现有的回避”里；\
               涉及您的反映要不要他回避，由他本人或领导他的人申报。\
               反映不交给被反映人、被反映单位、他们的下级和有亲属关系的人办理，是《信访工作条例》和纪检监察工作规则的要求。\
               自己登记的，自己不能撤销，要由领导您的人办理；每一次登记和结束都会记入审计日志。";
    parts.push(Details::new("为什么要登记", Markup::paragraphs(why)).into());
    let shell = viewer.office(app, "回避登记").await?;
    let body: Markup = parts.into_iter().collect();
    Ok(Html(daylight_ui::page(&shell, body.as_str())).into_response())
}

fn small(action: String, verb: &str, hidden: [(&str, i64); 2]) -> Markup {
    let mut form = form::Form::post(action, verb);
    form.buttons.items[0].main = false;
    let [one, two] = hidden;
    form.hidden(one.0, one.1.to_string()).hidden(two.0, two.1.to_string()).into()
}

async fn recusals(app: &App, viewer: &Viewer, seen: &[Seen]) -> Result<Markup, PageError> {
    let columns = ["谁回避", "不办什么", "登记", "操作"];
    let mut table = Table::new("现有的回避", columns.map(Into::into)).caption_hidden().dense();
    for line in store::list(app.db.read()).await? {
        let Some(one) = seen.iter().find(|one| one.member.account_id == line.account_id) else { continue };
        let what = match (&line.cadre, &line.unit) {
            (Some(cadre), _) => format!("涉及{cadre}的反映"),
            (None, Some(unit)) => format!("关于{unit}的反映"),
            (None, None) => String::new(),
        };
        let who = line.declared_by.unwrap_or_else(|| "平台".into());
        let end = if may_end(viewer.actor()?, &one.member, one.led) {
            small(
                format!("/office/recusals/{}/end", line.id),
                "结束",
                [("id", line.id), ("account", line.account_id)],
            )
        } else {
            "由上级领导结束".into()
        };
        let made = format!("{who}，{}", date_text(line.declared_at));
        table.push([one.member.name.as_str().into(), what.into(), made.into(), end], false);
    }
    Ok(if table.rows.is_empty() { Markup::paragraphs("还没有登记。") } else { table.into() })
}

async fn relatives(app: &App, viewer: &Viewer, seen: &[Seen]) -> Result<Markup, PageError> {
    let columns = ["工作人员", "亲属", "申报日期", "操作"];
    let mut table = Table::new("申报的亲属", columns.map(Into::into)).caption_hidden().dense();
    for pair in store::pairs(app.db.read()).await? {
        let of = |cadre: i64| seen.iter().find(|one| one.member.cadre_id == Some(cadre));
        for (cadre, relative) in [(pair.cadre_id, &pair.other), (pair.other_id, &pair.cadre)] {
            let Some(one) = of(cadre) else { continue };
            let end = if may_end(viewer.actor()?, &one.member, one.led) {
                let hidden = [("one", pair.cadre_id), ("other", pair.other_id)];
                small("/office/recusals/relatives/end".into(), "更正", hidden)
            } else {
                "由上级领导更正".into()
            };
            let name = one.member.name.as_str();
            let made = date_text(pair.declared_at);
            table.push([name.into(), relative.as_str().into(), made.into(), end], false);
        }
    }
    Ok(if table.rows.is_empty() { Markup::paragraphs("还没有申报。") } else { table.into() })
}

/// Asked only of those who lead somebody; the others declare for themselves.
fn ask_who(
    form: form::Form,
    name: &str,
    me: i64,
    seen: &[Seen],
    chosen: &str,
    errors: &Errors,
) -> form::Form {
    if seen.len() < 2 {
        return form.hidden(name, me.to_string());
    }
    let choice = |one: &Seen| {
        let own = if one.member.account_id == me { "（本人）" } else { "" };
        Choice::new(one.member.account_id.to_string(), format!("{}{own}", one.member.name))
    };
    let me = me.to_string();
    let chosen = if chosen.is_empty() { me.as_str() } else { chosen };
    form.field(Field::select(name, "谁", seen.iter().map(choice)).value(chosen).check(errors))
}

fn ask_recusal(me: i64, seen: &[Seen], typed: &Declared, errors: &Errors) -> form::Form {
    let form = form::Form::post("/office/recusals", "登记回避");
    let form = ask_who(form, "account", me, seen, &typed.account, errors);
    let kinds = [
        Choice::new("cadre", "一个人").hint("涉及他的反映都不给您，不管关于哪个单位"),
        Choice::new("unit", "一个单位").hint("关于这个单位的反映都不给您；姓名不用填"),
    ];
    let kind = if typed.what.is_empty() { "cadre" } else { &typed.what };
    let form = form.field(Field::radios("what", "对谁回避", kinds).value(kind).check(errors));
    let [person, unit, post] = typed.who().fields("姓名", errors);
    form.field(person.optional()).field(unit).field(post)
}

fn ask_relative(me: i64, seen: &[Seen], typed: &Related, errors: &Errors) -> form::Form {
    let form = form::Form::post("/office/recusals/relatives", "申报亲属");
    let form = ask_who(form, "member", me, seen, &typed.member, errors);
    let fields = typed.who().fields("亲属的姓名", &Errors::new());
    fields.into_iter().fold(form, |form, field| {
        let name = relative_field(&field.name).to_owned();
        form.field(Field { name, ..field }.check(errors))
    })
}

/// The field of the second form that asks what a field of the first does: ids must differ.
fn relative_field(name: &str) -> &str {
    match name {
        "person" => "relative",
        "unit" => "relative_unit",
        "post" => "relative_post",
        other => other,
    }
}

/// A recusal as typed.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Declared {
    #[serde(default)]
    account: String,
    #[serde(default)]
    what: String,
    #[serde(default)]
    person: String,
    #[serde(default)]
    unit: String,
    #[serde(default)]
    post: String,
}

impl Declared {
    fn who(&self) -> Asked {
        Asked { person: self.person.clone(), unit: self.unit.clone(), post: self.post.clone() }
    }
}

/// A relative as typed.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Related {
    #[serde(default)]
    member: String,
    #[serde(default)]
    relative: String,
    #[serde(default)]
    relative_unit: String,
    #[serde(default)]
    relative_post: String,
}

impl Related {
    fn who(&self) -> Asked {
        let (person, unit) = (self.relative.clone(), self.relative_unit.clone());
        Asked { person, unit, post: self.relative_post.clone() }
    }
}

/// The member a form is about, if the viewer may declare for them.
async fn member(app: &App, viewer: &Viewer, id: &str) -> Result<Member, PageError> {
    let id: i64 = id.parse().map_err(|_| PageError::Malformed)?;
    let found = seen(app, viewer).await?.into_iter().find(|one| one.member.account_id == id);
    found.map(|one| one.member).ok_or(PageError::NotFound)
}

/// POST /office/recusals
pub async fn declare(
    State(app): State<App>,
    viewer: Viewer,
    Form(input): Form<Declared>,
) -> Result<Response, PageError> {
    let member = member(&app, &viewer, &input.account).await?;
    let mut errors = Errors::new();
    let about = match input.what.as_str() {
        "unit" => unit(&app, &input.unit, &mut errors).await?.map(About::Unit),
        "cadre" => input.who().find(&app, &mut errors).await?.map(|line| About::Cadre(line.id)),
        _ => {
            errors.add("what", "请选择对谁回避");
            None
        }
    };
    let Some(about) = about else {
        let typed = Typed { recusal: input, ..Typed::default() };
        return show(&app, &viewer, &typed, &errors, &Errors::new()).await;
    };
    let (by, now) = (viewer.actor()?.account_id, app.clock.now());
    let tx = app.db.write().await?;
    if store::declare(&tx, member.account_id, about, by, now).await? {
        let detail = match about {
            About::Cadre(id) => format!("cadre {id}"),
            About::Unit(id) => format!("unit {id}"),
        };
        let subject = format!("account {}", member.account_id);
        viewer.note(&tx, "recusal.begin", &subject, &detail, now).await?;
        enqueue_settle(&tx, now).await?;
        tx.commit().await?;
    }
    Ok(redirect("/office/recusals"))
}

async fn unit(app: &App, name: &str, errors: &mut Errors) -> Result<Option<i64>, PageError> {
    let name = name.trim();
    if name.is_empty() {
        errors.add("unit", "请填写单位全称");
        return Ok(None);
    }
    crate::web::limit(errors, "unit", name, crate::web::NAME);
    if !errors.is_empty() {
        return Ok(None);
    }
    let found = units::store::by_name(app.db.read(), name).await?;
    if found.is_none() {
        let similar = units::store::names_like(app.db.read(), name, 5).await?;
        errors.add("unit", crate::accounts::unknown_unit(name, &similar));
    }
    Ok(found.map(|unit| unit.id))
}

/// Which recusal.
#[derive(Deserialize)]
pub struct End {
    #[serde(default)]
    account: i64,
}

/// POST /office/recusals/{id}/end
pub async fn end(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id,
    Form(input): Form<End>,
) -> Result<Response, PageError> {
    let actor = viewer.actor()?;
    let lines = store::list(app.db.read()).await?;
    let line = lines.into_iter().find(|line| line.id == id && line.account_id == input.account);
    let line = line.ok_or(PageError::NotFound)?;
    let seen = seen(&app, &viewer).await?;
    let one = seen.iter().find(|one| one.member.account_id == line.account_id);
    let one = one.ok_or(PageError::NotFound)?;
    if !may_end(actor, &one.member, one.led) {
        return Err(PageError::Forbidden);
    }
    let now = app.clock.now();
    let tx = app.db.write().await?;
    if store::end(&tx, id, actor.account_id, now).await? {
        let subject = format!("account {}", line.account_id);
        viewer.note(&tx, "recusal.end", &subject, &format!("recusal {id}"), now).await?;
        tx.commit().await?;
    }
    Ok(redirect("/office/recusals"))
}

/// POST /office/recusals/relatives
pub async fn relate(
    State(app): State<App>,
    viewer: Viewer,
    Form(input): Form<Related>,
) -> Result<Response, PageError> {
    let member = member(&app, &viewer, &input.member).await?;
    let mut errors = Errors::new();
    let found = input.who().find(&app, &mut errors).await?;
    if member.cadre_id.is_none() {
        errors.add("", "这个账号还没有对应到干部名册里的本人，请系统管理员先办理对应，再申报亲属");
    }
    let other = found.map(|line| line.id);
    if other.is_some() && other == member.cadre_id {
        errors.add("person", "不能把本人申报为自己的亲属");
    }
    let (Some(cadre), Some(other), true) = (member.cadre_id, other, errors.is_empty()) else {
        let typed = Typed { relative: input, ..Typed::default() };
        let mut renamed = Errors::new();
        for (field, message) in errors.iter() {
            renamed.add(relative_field(field), message);
        }
        return show(&app, &viewer, &typed, &Errors::new(), &renamed).await;
    };
    let (by, now) = (viewer.actor()?.account_id, app.clock.now());
    let one_sided = is_out_of_reach(&app, &viewer, member.account_id, other).await?;
    let tx = app.db.write().await?;
    let subject = format!("account {}", member.account_id);
    let detail = format!("cadre {other}");
    let (declared, action) = if one_sided {
        let about = About::Cadre(other);
        (store::declare(&tx, member.account_id, about, by, now).await?, "recusal.begin")
    } else {
        (store::relate(&tx, cadre, other, by, now).await?, "recusal.relate")
    };
    if declared {
        viewer.note(&tx, action, &subject, &detail, now).await?;
        enqueue_settle(&tx, now).await?;
        tx.commit().await?;
    }
    Ok(redirect("/office/recusals"))
}

/// Whether the other is a member of staff for whom the viewer may not declare. Then the declaration binds one side
/// alone: or whoever is accused could take every case about themselves from those who look into it, by calling them
/// relatives.
async fn is_out_of_reach(app: &App, viewer: &Viewer, account_id: i64, other: i64) -> Result<bool, PageError> {
    let seen = seen(app, viewer).await?;
    let members = store::members(app.db.read()).await?;
    let mut theirs = members.iter().filter(|one| one.cadre_id == Some(other) && one.account_id != account_id);
    Ok(theirs.any(|one| seen.iter().all(|seen| seen.member.account_id != one.account_id)))
}

/// Which pair.
#[derive(Deserialize)]
pub struct Unrelated {
    #[serde(default)]
    one: i64,
    #[serde(default)]
    other: i64,
}

/// POST /office/recusals/relatives/end
pub async fn unrelate(
    State(app): State<App>,
    viewer: Viewer,
    Form(input): Form<Unrelated>,
) -> Result<Response, PageError> {
    let actor = viewer.actor()?;
    let pair = [input.one, input.other];
    let seen = seen(&app, &viewer).await?;
    let of_pair = |one: &&Seen| one.member.cadre_id.is_some_and(|cadre| pair.contains(&cadre));
    // Neither of the two ends it, not even as the other's leader.
    let mut own = seen.iter().filter(of_pair).peekable();
    let Some(member) = own.peek().map(|one| one.member.account_id) else { return Err(PageError::NotFound) };
    if !own.all(|one| may_end(actor, &one.member, one.led)) {
        return Err(PageError::Forbidden);
    }
    let now = app.clock.now();
    let tx = app.db.write().await?;
    if store::unrelate(&tx, input.one, input.other, actor.account_id, now).await? {
        let detail = format!("cadre {} 和 cadre {}", input.one, input.other);
        viewer.note(&tx, "recusal.unrelate", &format!("account {member}"), &detail, now).await?;
        tx.commit().await?;
    }
    Ok(redirect("/office/recusals"))
}
