//! 人员账号: who may sign in at all. What they may do is granted elsewhere, by somebody else.

use super::{
    GrantLine,
    invitation::{login_fits, no_numbers},
    sign_in::summary,
    store,
};
use crate::{
    authz::{Action, Resource, Role},
    clock::{Millis, time_text},
    web::{App, Form, Id, NAME, PageError, Viewer, limit, redirect},
};
use askama::Template;
use axum::{
    extract::State,
    response::{Html, IntoResponse, Response},
};
use daylight_ui::{
    Action as Button, Confirmation, Drawing, Empty, Html as Markup, Link, SummaryList, Table, Tag,
    form::{self, Choice, Errors, Field},
};
use serde::Deserialize;

/// An invitation lives so long.
pub const INVITED: Millis = 3 * 24 * 60 * 60_000;

#[derive(Template)]
#[template(
    ext = "html",
    source = "<h1>人员账号</h1><p>在这里建立和停用账号。账号能做什么、重新发放设置链接，由安全管理员在“角色授权”里办理。</p>{{ new }}{{ list }}"
)]
struct ListPage {
    new: daylight_ui::Actions,
    list: Markup,
}

#[derive(Template)]
#[template(ext = "html", source = "{{ summary }}<h1>新建账号</h1>{{ form }}")]
struct NewPage {
    summary: Markup,
    form: form::Form,
}

#[derive(Template)]
#[template(path = "accounts/templates/account.html")]
struct ShowPage {
    name: String,
    facts: SummaryList,
    own: bool,
    protected: Option<Role>,
    /// Who issued the link since which it is out of use.
    reinvited: Option<String>,
    forms: Vec<form::Form>,
    /// The person behind it.
    tie: Markup,
}

#[derive(Template)]
#[template(path = "accounts/templates/invited.html")]
struct InvitedPage {
    confirmation: Confirmation,
    name: String,
    back: (&'static str, &'static str),
}

fn permit(viewer: &Viewer) -> Result<(), PageError> {
    viewer.permit(Action::ManageAccounts, &Resource::default()).map(drop)
}

/// GET /office/accounts
pub async fn page(State(app): State<App>, viewer: Viewer) -> Result<Html<String>, PageError> {
    permit(&viewer)?;
    let accounts = store::list(app.db.read()).await?;
    let grants = store::grants(app.db.read()).await?;
    let list = if accounts.is_empty() {
        Empty::new(Drawing::Board, "还没有账号").into()
    } else {
        let columns = ["姓名", "登录名", "角色", "状态", "建立时间"];
        let mut table = Table::new("人员账号", columns.map(Into::into)).caption_hidden().dense();
        for account in &accounts {
            let link = Link::new(&account.name, format!("/office/accounts/{}", account.id));
            let made = time_text(account.created_at);
            let cells: [Markup; 5] = [
                link.into(),
                account.login.as_str().into(),
                roles(&grants, account.id).into(),
                state(account).into(),
                made.into(),
            ];
            table.push(cells, false);
        }
        table.into()
    };
    let new = daylight_ui::Actions::new([Button::link("新建账号", "/office/accounts/new")]);
    let shell = viewer.office(&app, "人员账号").await?;
    Ok(Html(daylight_ui::page(&shell, &ListPage { new, list }.render()?)))
}

/// "填报员、审核员", or that there is none.
pub(super) fn roles(grants: &[GrantLine], account_id: i64) -> String {
    let mine = grants.iter().filter(|grant| grant.account_id == account_id);
    let mut roles: Vec<_> = mine.filter_map(|grant| Role::from_code(&grant.role)).collect();
    roles.sort();
    roles.dedup();
    if roles.is_empty() {
        return "还没有授权".to_owned();
    }
    roles.into_iter().map(Role::page).collect::<Vec<_>>().join("、")
}

pub(super) fn state(account: &store::Account) -> Tag {
    if account.disabled {
        Tag::bad("已停用")
    } else if account.password_hash.is_none() {
        Tag::neutral("等本人设置密码")
    } else {
        Tag::good("可以登录")
    }
}

/// What a new account is asked.
#[derive(Deserialize, Default)]
pub struct Input {
    #[serde(default)]
    login: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    role: String,
}

/// GET /office/accounts/new
pub async fn form(State(app): State<App>, viewer: Viewer) -> Result<Response, PageError> {
    permit(&viewer)?;
    show_form(&app, &viewer, &Input::default(), &Errors::new()).await
}

/// The administrators nobody is yet. Only to these may the system administrator appoint somebody:
/// afterwards roles are the security administrator's to grant.
async fn vacant(c: &impl daylight_db::ConnectionTrait) -> Result<Vec<Role>, PageError> {
    let mut vacant = Vec::new();
    for role in [Role::SecurityAdmin, Role::AuditAdmin] {
        if store::count_role(c, role).await? == 0 {
            vacant.push(role);
        }
    }
    Ok(vacant)
}

async fn show_form(
    app: &App,
    viewer: &Viewer,
    input: &Input,
    errors: &Errors,
) -> Result<Response, PageError> {
    let hint = "3到40个小写字母、数字、点或短横线，例如 lin.zhiyuan";
    let mut form = form::Form::post("/office/accounts", "建立账号")
        .field(
            Field::text("name", "姓名").value(&input.name).maxlength(NAME).autocomplete("off").check(errors),
        )
        .field(
            Field::text("login", "登录名")
                .hint(hint)
                .value(&input.login)
                .maxlength(40)
                .autocomplete("off")
                .check(errors),
        );
    let vacant = vacant(app.db.read()).await?;
    if !vacant.is_empty() {
        let mut choices = vec![Choice::new("none", "不是管理员").hint("以后由安全管理员授予角色")];
        choices.extend(vacant.iter().map(|role| Choice::new(role.code(), role.page())));
        let chosen = if input.role.is_empty() { "none" } else { input.role.as_str() };
        let hint = "这些管理员目前还没有人担任，可以在建立账号时指定一次；三类管理员必须由不同的人担任。";
        form = form
            .field(Field::radios("role", "是否担任管理员", choices).hint(hint).value(chosen).check(errors));
    }
    let mut shell = viewer.office(app, "新建账号").await?;
    shell.breadcrumbs = crumbs("新建账号");
    let body = NewPage { summary: summary(errors), form };
    Ok(Html(daylight_ui::page(&shell, &body.render()?)).into_response())
}

fn crumbs(here: &str) -> Vec<(String, Option<String>)> {
    vec![("人员账号".into(), Some("/office/accounts".into())), (here.into(), None)]
}

/// POST /office/accounts
pub async fn create(
    State(app): State<App>,
    viewer: Viewer,
    Form(input): Form<Input>,
) -> Result<Response, PageError> {
    permit(&viewer)?;
    let login = input.login.trim().to_lowercase();
    let mut errors = Errors::new();
    if daylight_ids::text::clean(&input.name).is_empty() {
        errors.add("name", "请填写姓名");
    }
    limit(&mut errors, "name", &input.name, NAME);
    if !login_fits(&login) {
        errors.add("login", "登录名用3到40个小写字母、数字、点或短横线");
    }
    no_numbers(&input.name, &login, &mut errors);
    if !errors.is_empty() {
        return show_form(&app, &viewer, &input, &errors).await;
    }
    let now = app.clock.now();
    let tx = app.db.write().await?;
    // Two administrators at once must not both find the place vacant.
    tx.lock("daylight grants").await?;
    let role = Role::from_code(&input.role);
    if role.is_some_and(|role| !matches!(role, Role::SecurityAdmin | Role::AuditAdmin)) {
        return Err(PageError::Forbidden);
    }
    if let Some(role) = role
        && !vacant(&*tx).await?.contains(&role)
    {
        errors.add("role", format!("{}已经有人担任，请由安全管理员授权", role.page()));
        drop(tx);
        return show_form(&app, &viewer, &input, &errors).await;
    }
    let id = match store::create(&tx, &login, &input.name, now).await {
        Ok(id) => id,
        Err(error) if daylight_db::is_unique_violation(&error) => {
            drop(tx);
            errors.add("login", "这个登录名已经有人用了，请换一个");
            return show_form(&app, &viewer, &input, &errors).await;
        }
        Err(error) => return Err(error.into()),
    };
    viewer.note(&tx, "account.create", &format!("account {id}"), &login, now).await?;
    if let Some(role) = role {
        store::grant(&tx, id, role, None, None, Some(viewer.actor()?.account_id), now).await?;
        viewer.note(&tx, "grant.begin", &format!("account {id}"), role.page(), now).await?;
    }
    let token = store::invite(&tx, Some(id), "credentials", now + INVITED).await?;
    tx.commit().await?;
    invited(&app, &viewer, ("人员账号", "/office/accounts"), input.name.trim(), &token).await
}

/// The only page that ever shows the link: it answers the form and has no address of its own.
pub(super) async fn invited(
    app: &App,
    viewer: &Viewer,
    back: (&'static str, &'static str),
    name: &str,
    token: &str,
) -> Result<Response, PageError> {
    let link = format!("{}/office/invitation/{token}", app.config.base_url);
    let until = time_text(app.clock.now() + INVITED);
    let confirmation = Confirmation {
        title: "设置链接已生成".into(),
        keep: vec![("设置链接".into(), link), ("有效期至".into(), until)],
        text: Markup::paragraphs(
            "这个链接只显示这一次，只能用一次。请当面或通过可靠的方式交给本人，不要发到群里。",
        ),
    };
    let mut shell = viewer.office(app, "设置链接").await?;
    shell.breadcrumbs = vec![(back.0.into(), Some(back.1.into())), (name.into(), None)];
    let body = InvitedPage { confirmation, name: name.to_owned(), back };
    Ok(Html(daylight_ui::page(&shell, &body.render()?)).into_response())
}

/// GET /office/accounts/{id}
pub async fn show(State(app): State<App>, viewer: Viewer, Id(id): Id) -> Result<Html<String>, PageError> {
    permit(&viewer)?;
    let account = store::get(app.db.read(), id).await?.ok_or(PageError::NotFound)?;
    let grants = store::grants(app.db.read()).await?;
    let own = viewer.actor()?.account_id == id;
    let protected = last_administrator(app.db.read(), id).await?;
    let post = |action: &str, verb: &str| form::Form::post(format!("/office/accounts/{id}/{action}"), verb);
    let mut forms = Vec::new();
    if !own {
        if account.disabled {
            forms.push(post("enable", "重新启用"));
        } else {
            if protected.is_none() {
                let mut disable = post("disable", "停用账号");
                disable.buttons.items[0].grave = true;
                forms.push(disable);
            }
        }
    }
    let reinvited = match (account.disabled, account.reinvited_by) {
        (true, Some(by)) => store::get(app.db.read(), by).await?.map(|by| by.name),
        _ => None,
    };
    let body = ShowPage {
        reinvited,
        facts: SummaryList::new()
            .row("登录名", account.login.as_str())
            .row("状态", state(&account))
            .row("角色", roles(&grants, id))
            .row("建立时间", time_text(account.created_at)),
        name: account.name,
        own,
        protected,
        forms,
        tie: crate::ties::section(&app, &viewer, id, None).await?,
    };
    let mut shell = viewer.office(&app, &body.name).await?;
    shell.breadcrumbs = crumbs(&body.name);
    Ok(Html(daylight_ui::page(&shell, &body.render()?)))
}

/// The administrator's role of which this account is the only live holder. Without its holder nobody
/// could be appointed any more, or the system administrator could appoint a second self.
async fn last_administrator(
    c: &impl daylight_db::ConnectionTrait,
    account_id: i64,
) -> Result<Option<Role>, PageError> {
    for grant in store::grants_of(c, account_id).await? {
        if grant.role.is_admin() && store::count_role(c, grant.role).await? <= 1 {
            return Ok(Some(grant.role));
        }
    }
    Ok(None)
}

/// Somebody else's account, for a change.
async fn other(app: &App, viewer: &Viewer, id: i64) -> Result<store::Account, PageError> {
    permit(viewer)?;
    if viewer.actor()?.account_id == id {
        return Err(PageError::invalid("不能对自己的账号这样做，请由另一位系统管理员操作。"));
    }
    store::get(app.db.read(), id).await?.ok_or(PageError::NotFound)
}

/// POST /office/accounts/{id}/disable
pub async fn disable(State(app): State<App>, viewer: Viewer, Id(id): Id) -> Result<Response, PageError> {
    let account = other(&app, &viewer, id).await?;
    let now = app.clock.now();
    let tx = app.db.write().await?;
    tx.lock("daylight grants").await?;
    if let Some(role) = last_administrator(&*tx, id).await? {
        let line = format!("这是唯一的{}，不能停用。请先由另一人担任。", role.page());
        return Err(PageError::invalid(line));
    }
    if store::set_disabled(&tx, id, true, now).await? {
        viewer.note(&tx, "account.disable", &format!("account {id}"), &account.login, now).await?;
        tx.commit().await?;
    }
    Ok(redirect(&format!("/office/accounts/{id}")))
}

/// POST /office/accounts/{id}/enable
pub async fn enable(State(app): State<App>, viewer: Viewer, Id(id): Id) -> Result<Response, PageError> {
    other(&app, &viewer, id).await?;
    let now = app.clock.now();
    let tx = app.db.write().await?;
    // Read under the lock: a new link must not slip in between.
    tx.lock("daylight grants").await?;
    let account = store::get(&*tx, id).await?.ok_or(PageError::NotFound)?;
    if account.reinvited_by.is_some() && account.password_hash.is_none() {
        let line = "本人还没有用新链接设置密码。请等本人设置好，向本人核实以后再启用。";
        return Err(PageError::invalid(line));
    }
    if store::set_disabled(&tx, id, false, now).await? {
        viewer.note(&tx, "account.enable", &format!("account {id}"), &account.login, now).await?;
        tx.commit().await?;
    }
    Ok(redirect(&format!("/office/accounts/{id}")))
}
