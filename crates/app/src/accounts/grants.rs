//! 角色授权: what each account may do, and where.

use super::{
    GrantLine, INVITED,
    grant::{Refused, Wish, may_end, may_grant, may_reinvite},
    list,
    sign_in::summary,
    store,
};
use crate::{
    authz::{Action, Resource, Role},
    clock::time_text,
    organs, units,
    web::{App, Form, Id, NAME, PageError, Viewer, limit, redirect},
};
use askama::Template;
use axum::{
    extract::State,
    response::{Html, IntoResponse, Response},
};
use daylight_ui::{
    Drawing, Empty, Html as Markup, Link, SummaryList, Table,
    form::{self, Choice, Errors, Field},
};
use serde::Deserialize;

#[derive(Template)]
#[template(
    ext = "html",
    source = "<h1>角色授权</h1><p>决定每个账号能做什么、管到哪里。系统管理员、安全管理员、审计管理员不得由同一人担任，也不得兼任业务角色。</p>{{ list }}"
)]
struct ListPage {
    list: Markup,
}

#[derive(Template)]
#[template(path = "accounts/templates/grants.html")]
struct ShowPage {
    summary: Markup,
    name: String,
    facts: SummaryList,
    grants: Vec<Held>,
    own: bool,
    form: Option<form::Form>,
    invite: Result<form::Form, Refused>,
}

struct Held {
    role: &'static str,
    place: String,
    since: String,
    end: Option<form::Form>,
}

fn permit(viewer: &Viewer) -> Result<(), PageError> {
    viewer.permit(Action::ManageGrants, &Resource::default()).map(drop)
}

/// GET /office/grants
pub async fn page(State(app): State<App>, viewer: Viewer) -> Result<Html<String>, PageError> {
    permit(&viewer)?;
    let accounts = store::list(app.db.read()).await?;
    let grants = store::grants(app.db.read()).await?;
    let list = if accounts.is_empty() {
        Empty::new(Drawing::Board, "还没有账号").text("账号由系统管理员建立。").into()
    } else {
        let columns = ["姓名", "登录名", "角色和范围", "状态"];
        let mut table = Table::new("各账号的授权", columns.map(Into::into)).caption_hidden().dense();
        for account in &accounts {
            let link = Link::new(&account.name, format!("/office/grants/{}", account.id));
            let mine = grants.iter().filter(|grant| grant.account_id == account.id).map(words);
            let mine: Vec<_> = mine.collect();
            let held = if mine.is_empty() { "还没有授权".to_owned() } else { mine.join("；") };
            let cells: [Markup; 4] =
                [link.into(), account.login.as_str().into(), held.into(), list::state(account).into()];
            table.push(cells, mine.is_empty());
        }
        table.into()
    };
    let shell = viewer.office(&app, "角色授权").await?;
    Ok(Html(daylight_ui::page(&shell, &ListPage { list }.render()?)))
}

fn held_by(grants: &[GrantLine], id: i64) -> Vec<Role> {
    grants
        .iter()
        .filter(|grant| grant.account_id == id)
        .filter_map(|grant| Role::from_code(&grant.role))
        .collect()
}

fn role_word(grant: &GrantLine) -> &'static str {
    Role::from_code(&grant.role).map_or("", Role::page)
}

fn place(grant: &GrantLine) -> String {
    match (&grant.organ, &grant.unit) {
        (Some(organ), _) => organ.clone(),
        (None, Some(unit)) => format!("{unit}及所属单位"),
        (None, None) => "整个平台".to_owned(),
    }
}

fn words(grant: &GrantLine) -> String {
    format!("{}（{}）", role_word(grant), place(grant))
}

/// What is asked.
#[derive(Deserialize, Default)]
pub struct Input {
    #[serde(default)]
    role: String,
    #[serde(default)]
    unit: String,
    #[serde(default)]
    organ: String,
}

/// GET /office/grants/{account}
pub async fn show(State(app): State<App>, viewer: Viewer, Id(account): Id) -> Result<Response, PageError> {
    permit(&viewer)?;
    show_form(&app, &viewer, account, &Input::default(), &Errors::new()).await
}

async fn show_form(
    app: &App,
    viewer: &Viewer,
    id: i64,
    input: &Input,
    errors: &Errors,
) -> Result<Response, PageError> {
    let account = store::get(app.db.read(), id).await?.ok_or(PageError::NotFound)?;
    let own = viewer.actor()?.account_id == id;
    let grants = store::grants(app.db.read()).await?;
    let held = |grant: &GrantLine| Held {
        role: role_word(grant),
        place: place(grant),
        since: time_text(grant.granted_at),
        end: (!own).then(|| {
            let mut form = form::Form::post(format!("/office/grants/{id}/end"), "结束授权");
            form.buttons.items[0].main = false;
            form.hidden("grant", grant.id.to_string())
        }),
    };
    let (mine, by) = (held_by(&grants, id), viewer.actor()?.account_id);
    let invite = may_reinvite(by, id, &mine);
    let invite = invite.map(|()| form::Form::post(format!("/office/grants/{id}/invite"), "重新发放设置链接"));
    let form = if own || account.disabled { None } else { Some(ask(app, id, input, errors).await?) };
    let body = ShowPage {
        summary: summary(errors),
        facts: SummaryList::new().row("登录名", account.login.as_str()).row("状态", list::state(&account)),
        grants: grants.iter().filter(|grant| grant.account_id == id).map(held).collect(),
        name: account.name,
        own,
        form,
        invite,
    };
    let mut shell = viewer.office(app, &body.name).await?;
    shell.breadcrumbs = vec![("角色授权".into(), Some("/office/grants".into())), (body.name.clone(), None)];
    Ok(Html(daylight_ui::page(&shell, &body.render()?)).into_response())
}

async fn ask(app: &App, id: i64, input: &Input, errors: &Errors) -> Result<form::Form, PageError> {
    let organs = organs::store::list(app.db.read()).await?;
    let organs = organs.into_iter().map(|organ| Choice::new(organ.id.to_string(), organ.name));
    let roles = Role::ALL.into_iter().map(|role| Choice::new(role.code(), role.page()).hint(explain(role)));
    let unit = "填报员、审核员填写单位全称，范围包括所属单位；不填就是整个平台。其他角色不填。";
    let organ = "受理员、承办人、审批领导必须选择。其他角色不选。";
    Ok(form::Form::post(format!("/office/grants/{id}"), "授权")
        .field(Field::radios("role", "角色", roles).value(&input.role).check(errors))
        .field(
            Field::text("unit", "单位")
                .hint(unit)
                .value(&input.unit)
                .maxlength(NAME)
                .autocomplete("off")
                .optional()
                .check(errors),
        )
        .field(
            Field::select("organ", "纪检组织", organs)
                .hint(organ)
                .value(&input.organ)
                .optional()
                .check(errors),
        ))
}

fn explain(role: Role) -> &'static str {
    match role {
        Role::SystemAdmin => "建立账号，维护纪检组织和工作日历；看不到业务内容",
        Role::SecurityAdmin => "授予和结束角色，重新发放设置链接；看不到业务内容",
        Role::AuditAdmin => "查看和核验审计日志；看不到业务内容",
        Role::Publisher => "填写和提交本单位及所属单位的内容；范围是整个平台的可以批量导入",
        Role::Reviewer => "审核并公布别人填写的内容",
        Role::Intake => "登记和分办群众反映",
        Role::Handler => "办理分到名下的反映",
        Role::Leader => "审批办理意见",
    }
}

/// POST /office/grants/{account}
pub async fn grant(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id,
    Form(input): Form<Input>,
) -> Result<Response, PageError> {
    permit(&viewer)?;
    let by = viewer.actor()?;
    let mut errors = Errors::new();
    let role = Role::from_code(&input.role);
    if role.is_none() {
        errors.add("role", "请选择角色");
    }
    limit(&mut errors, "unit", &input.unit, NAME);
    let unit = if errors.is_empty() { unit(&app, input.unit.trim(), &mut errors).await? } else { None };
    let organ = organ(&app, &input.organ, &mut errors).await?;
    let now = app.clock.now();
    let tx = app.db.write().await?;
    // What an account holds must not change between the question and the grant.
    tx.lock("daylight grants").await?;
    if let Some(role) = role {
        let lines = store::grants(&*tx).await?;
        let mine: Vec<_> = lines.iter().filter(|grant| grant.account_id == id).collect();
        let held = held_by(&lines, id);
        // Read under the lock: a new link must not slip in between.
        let account = store::get(&*tx, id).await?.ok_or(PageError::NotFound)?;
        let wish = Wish {
            by: by.account_id,
            to: id,
            disabled: account.disabled,
            settled: account.password_hash.is_some(),
            reinvited_by: account.reinvited_by,
            held: &held,
            role,
            unit: unit.is_some(),
            organ: organ.is_some(),
        };
        if let Err(refused) = may_grant(&wish) {
            errors.add(refused.field(), refused.to_string());
        }
        let path = unit.as_ref().map(|unit| unit.path.as_str());
        let name = organ.as_ref().map(|organ| organ.name.as_str());
        let same = |grant: &&&GrantLine| {
            grant.role == role.code() && grant.unit_path.as_deref() == path && grant.organ.as_deref() == name
        };
        if mine.iter().any(|grant| same(&grant)) {
            errors.add("role", "这个账号已经有这项授权");
        }
    }
    let Some(role) = role.filter(|_| errors.is_empty()) else {
        drop(tx);
        return show_form(&app, &viewer, id, &input, &errors).await;
    };
    let (unit_id, organ_id) = (unit.as_ref().map(|unit| unit.id), organ.as_ref().map(|organ| organ.id));
    store::grant(&tx, id, role, unit_id, organ_id, Some(by.account_id), now).await?;
    let place = organ.map(|organ| organ.name).or(unit.map(|unit| unit.name));
    let detail = format!("{}（{}）", role.page(), place.as_deref().unwrap_or("整个平台"));
    viewer.note(&tx, "grant.begin", &format!("account {id}"), &detail, now).await?;
    tx.commit().await?;
    Ok(redirect(&format!("/office/grants/{id}")))
}

async fn unit(app: &App, name: &str, errors: &mut Errors) -> Result<Option<units::store::Line>, PageError> {
    if name.is_empty() {
        return Ok(None);
    }
    let found = units::store::by_name(app.db.read(), name).await?;
    if found.is_none() {
        let similar = units::store::names_like(app.db.read(), name, 5).await?;
        errors.add("unit", unknown_unit(name, &similar));
    }
    Ok(found)
}

/// "名册中没有…", with the likeliest ones.
pub(crate) fn unknown_unit(name: &str, similar: &[String]) -> String {
    if similar.is_empty() {
        format!("单位名册中没有“{name}”，请填写单位全称")
    } else {
        format!("单位名册中没有“{name}”。您要找的是不是：{}", similar.join("、"))
    }
}

async fn organ(app: &App, id: &str, errors: &mut Errors) -> Result<Option<organs::store::Line>, PageError> {
    if id.is_empty() {
        return Ok(None);
    }
    let found = match id.parse() {
        Ok(id) => organs::store::get(app.db.read(), id).await?,
        Err(_) => None,
    };
    if found.is_none() {
        errors.add("organ", "请重新选择纪检组织");
    }
    Ok(found)
}

/// POST /office/grants/{account}/invite
pub async fn invite(State(app): State<App>, viewer: Viewer, Id(id): Id) -> Result<Response, PageError> {
    permit(&viewer)?;
    let (by, now) = (viewer.actor()?.account_id, app.clock.now());
    let tx = app.db.write().await?;
    // Nobody becomes an administrator between the question and the link.
    tx.lock("daylight grants").await?;
    let account = store::get(&*tx, id).await?.ok_or(PageError::NotFound)?;
    let held = held_by(&store::grants(&*tx).await?, id);
    may_reinvite(by, id, &held).map_err(|refused| PageError::invalid(refused.to_string()))?;
    let token = store::reinvite(&tx, id, Some(by), now + INVITED, now).await?;
    // Whoever issued the link may hold it: the system administrator opens the account once its owner says
    // that it is theirs.
    store::set_disabled(&tx, id, true, now).await?;
    viewer.note(&tx, "account.invite", &format!("account {id}"), &account.login, now).await?;
    tx.commit().await?;
    list::invited(&app, &viewer, ("角色授权", "/office/grants"), &account.name, &token).await
}

/// Which grant shall end.
#[derive(Deserialize)]
pub struct End {
    #[serde(default)]
    grant: i64,
}

/// POST /office/grants/{account}/end
pub async fn end(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id,
    Form(input): Form<End>,
) -> Result<Response, PageError> {
    permit(&viewer)?;
    let now = app.clock.now();
    let tx = app.db.write().await?;
    tx.lock("daylight grants").await?;
    let lines = store::grants(&*tx).await?;
    let line = lines.iter().find(|grant| grant.id == input.grant && grant.account_id == id);
    // Ended before: a second click.
    let Some(line) = line else { return Ok(redirect(&format!("/office/grants/{id}"))) };
    let role = Role::from_code(&line.role).ok_or(PageError::NotFound)?;
    let account = store::get(&*tx, id).await?.ok_or(PageError::NotFound)?;
    let left = store::count_role(&*tx, role).await? - i64::from(!account.disabled);
    let allowed = may_end(viewer.actor()?.account_id, id, role, left);
    if let Err(refused) = allowed {
        return match refused {
            Refused::Last => {
                let mut errors = Errors::new();
                errors.add("", refused.to_string());
                drop(tx);
                show_form(&app, &viewer, id, &Input::default(), &errors).await
            }
            _ => Err(PageError::invalid(refused.to_string())),
        };
    }
    store::end_grant(&tx, line.id, now).await?;
    viewer.note(&tx, "grant.end", &format!("account {id}"), &words(line), now).await?;
    tx.commit().await?;
    Ok(redirect(&format!("/office/grants/{id}")))
}
