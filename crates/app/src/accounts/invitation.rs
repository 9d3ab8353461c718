//! 设置密码和动态验证码: what an invitation opens, once.

use super::{Totp, hash_password, in_turn, sign_in, store, weak_password};
use crate::{
    audit,
    authz::Role,
    web::{App, Form, NAME, PageError, Viewer, Word, limit, redirect},
};
use askama::Template;
use axum::{
    extract::State,
    response::{Html, IntoResponse, Response},
};
use daylight_ids::find::personal_data;
use daylight_ui::{
    Html as Markup,
    form::{self, Errors, Field},
};
use daylight_vault::Purpose;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "accounts/templates/invitation.html")]
struct Page {
    summary: Markup,
    who: String,
    disabled: bool,
    qr: Markup,
    secret: String,
    form: form::Form,
}

/// What is asked.
#[derive(Deserialize, Default)]
pub struct Input {
    #[serde(default)]
    login: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    again: String,
    #[serde(default)]
    code: String,
    /// Which look at the page this was.
    #[serde(default)]
    look: String,
}

/// GET /office/invitation/{token}
pub async fn form(State(app): State<App>, viewer: Viewer, Word(token): Word) -> Result<Response, PageError> {
    let input = Input { look: super::new_token(), ..Input::default() };
    show(&app, &viewer, &token, &input, &Errors::new()).await
}

/// The second factor's secret: the server's, and another at each look, so that who handed the link on and looked
/// before knows nothing of it.
fn secret(app: &App, token: &str, look: &str) -> [u8; 20] {
    let mac = app.vault.blind(Purpose("invitation-totp"), &format!("{token}\n{look}"));
    std::array::from_fn(|at| mac[at])
}

async fn show(
    app: &App,
    viewer: &Viewer,
    token: &str,
    input: &Input,
    errors: &Errors,
) -> Result<Response, PageError> {
    let found = store::invitation(app.db.read(), token, app.clock.now()).await?.ok_or(PageError::NotFound)?;
    let account = match found.account_id {
        Some(id) => Some(store::get(app.db.read(), id).await?.ok_or(PageError::NotFound)?),
        None => None,
    };
    let mut shell = viewer.office(app, "设置密码和动态验证码").await?;
    shell.nav = vec![daylight_ui::NavItem::new("返回首页", "/", false)];
    let login = account.as_ref().map_or("admin", |account| account.login.as_str());
    let secret = secret(app, token, &input.look);
    let unfit = || PageError::Internal("an authenticator's address cannot be made".into());
    let totp = Totp::new(&secret, login, &shell.site_name).ok_or_else(unfit)?;
    let qr = qrcode::QrCode::new(totp.url()).map_err(PageError::internal)?;
    let qr = qr.render::<qrcode::render::svg::Color<'_>>().min_dimensions(200, 200).build();
    // The library writes an XML declaration, which has no place inside a page.
    let qr =
        qr.find("<svg").map_or(String::new(), |at| qr[at..].replacen("<svg", "<svg aria-hidden=\"true\"", 1));
    let mut form =
        form::Form::post(format!("/office/invitation/{token}"), "保存并去登录").hidden("look", &input.look);
    if account.is_none() {
        form = form
            .field(
                Field::text("login", "登录名")
                    .hint("小写字母、数字和点，例如 lin.zhiyuan")
                    .value(&input.login)
                    .maxlength(40)
                    .check(errors),
            )
            .field(Field::text("name", "您的姓名").value(&input.name).maxlength(NAME).check(errors));
    }
    form = form
        .field(
            Field::password("password", "设置密码")
                .hint("至少10个字符，可以用一句只有您知道的话。")
                .maxlength(200)
                .autocomplete("new-password")
                .check(errors),
        )
        .field(
            Field::password("again", "再输一遍密码")
                .maxlength(200)
                .autocomplete("new-password")
                .check(errors),
        )
        .field(
            Field::text("code", "验证器显示的6位数字")
                .numeric()
                .maxlength(6)
                .autocomplete("one-time-code")
                .check(errors),
        );
    let disabled = account.as_ref().is_some_and(|account| account.disabled);
    let who = account.map_or("系统管理员（首次设置）".to_owned(), |account| account.name);
    let secret = data_encoding::BASE32_NOPAD.encode(&secret);
    let spaced: Vec<_> = secret.as_bytes().chunks(4).map(String::from_utf8_lossy).collect();
    let page = Page {
        summary: sign_in::summary(errors),
        who,
        disabled,
        qr: Markup::trusted(qr),
        secret: spaced.join(" "),
        form,
    };
    Ok(Html(daylight_ui::page(&shell, &page.render()?)).into_response())
}

/// Name and login stand in lists and in the trail: no personal numbers there.
pub(super) fn no_numbers(name: &str, login: &str, errors: &mut Errors) {
    if !personal_data(name).is_empty() {
        errors.add("name", "姓名里不要写手机号、身份证号、银行卡号");
    }
    if !personal_data(login).is_empty() {
        errors.add("login", "登录名不要用手机号、身份证号、银行卡号");
    }
}

pub(super) fn login_fits(login: &str) -> bool {
    (3..=40).contains(&login.len())
        && login
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-".contains(&byte))
}

/// POST /office/invitation/{token}
pub async fn accept(
    State(app): State<App>,
    viewer: Viewer,
    Word(token): Word,
    Form(input): Form<Input>,
) -> Result<Response, PageError> {
    let now = app.clock.now();
    let found = store::invitation(app.db.read(), &token, now).await?.ok_or(PageError::NotFound)?;
    let account = match found.account_id {
        Some(id) => Some(store::get(app.db.read(), id).await?.ok_or(PageError::NotFound)?),
        None => None,
    };
    let login = account.as_ref().map_or(input.login.trim().to_lowercase(), |account| account.login.clone());
    let secret = secret(&app, &token, &input.look);
    let step = Totp::new(&secret, &login, "").and_then(|totp| totp.check(&input.code, now));
    let mut errors = check(&input, &login, account.is_none());
    let Some(step) = step.filter(|_| errors.is_empty()) else {
        if step.is_none() {
            errors.add("code", "数字不对：请确认验证器已经添加本账号，并输入当前显示的6位数字");
        }
        return show(&app, &viewer, &token, &input, &errors).await;
    };
    let password = input.password.clone();
    let hash = in_turn(move || hash_password(&password)).await.ok_or(PageError::Busy)?;
    let hash = hash.map_err(|_| PageError::Busy)?;
    let tx = app.db.write().await?;
    if !store::use_invitation(&tx, &token, now).await? {
        return Err(PageError::NotFound);
    }
    let (id, name) = match account {
        Some(account) => (account.id, account.name),
        None => {
            let id = match store::create(&tx, &login, &input.name, now).await {
                Ok(id) => id,
                Err(error) if daylight_db::is_unique_violation(&error) => {
                    drop(tx);
                    errors.add("login", "这个登录名已经有人用了，请换一个");
                    return show(&app, &viewer, &token, &input, &errors).await;
                }
                Err(error) => return Err(error.into()),
            };
            store::grant(&tx, id, Role::SystemAdmin, None, None, None, now).await?;
            (id, daylight_ids::text::clean(&input.name))
        }
    };
    let sealed = app.vault.seal(&store::totp_place(id), &secret);
    store::set_credentials(&tx, id, &hash, sealed, now).await?;
    // The code that was shown here does not sign anybody in again.
    store::accept_step(&tx, id, step).await?;
    let entry = audit::Entry {
        account_id: Some(id),
        actor: &name,
        action: "account.set_credentials",
        subject: &format!("account {id}"),
        detail: &found.purpose,
    };
    audit::store::append(&tx, &entry, now).await?;
    tx.commit().await?;
    Ok(redirect("/office/sign-in"))
}

fn check(input: &Input, login: &str, names_itself: bool) -> Errors {
    let mut errors = Errors::new();
    if names_itself && !login_fits(login) {
        errors.add("login", "登录名用3到40个小写字母、数字、点或短横线");
    }
    if names_itself && daylight_ids::text::clean(&input.name).is_empty() {
        errors.add("name", "请填写您的姓名");
    }
    if names_itself {
        no_numbers(&input.name, login, &mut errors);
    }
    limit(&mut errors, "name", &input.name, NAME);
    if let Some(reason) = weak_password(&input.password, login) {
        errors.add("password", reason);
    }
    if input.password != input.again {
        errors.add("again", "两次输入的密码不一样");
    }
    errors
}
