//! 登录: password, then the second factor.

use super::{Totp, attempts, attempts::Step, store, totp_of, turn, verify_password};
use crate::web::{App, Asked, Form, PageError, SESSION_COOKIE, Viewer, redirect};
use askama::Template;
use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, header},
    response::{Html, IntoResponse, Response},
};
use daylight_ui::{
    Html as Markup,
    form::{self, Errors, Field},
};
use serde::Deserialize;

#[derive(Template)]
#[template(ext = "html", source = "<h1>{{ heading }}</h1>{{ summary }}{{ lead }}{{ form }}")]
struct Page {
    heading: &'static str,
    summary: Markup,
    lead: Markup,
    form: form::Form,
}

/// What the first page asks.
#[derive(Deserialize)]
pub struct Credentials {
    #[serde(default)]
    login: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    back: String,
}

/// What the second page asks.
#[derive(Deserialize)]
pub struct Code {
    #[serde(default)]
    code: String,
    #[serde(default)]
    back: String,
}

fn office_path(back: &str) -> &str {
    if back.starts_with("/office") && !back.starts_with("/office/sign-") { back } else { "/office" }
}

/// GET /office/sign-in
pub async fn form(State(app): State<App>, viewer: Viewer, asked: Asked) -> Result<Response, PageError> {
    show(&app, &viewer, "", asked.text("back"), &Errors::new()).await
}

async fn show(
    app: &App,
    viewer: &Viewer,
    login: &str,
    back: &str,
    errors: &Errors,
) -> Result<Response, PageError> {
    let form = form::Form::post("/office/sign-in", "下一步")
        .field(
            Field::text("login", "登录名").value(login).maxlength(40).autocomplete("username").check(errors),
        )
        .field(Field::password("password", "密码").autocomplete("current-password").check(errors))
        .hidden("back", office_path(back));
    let lead = Markup::paragraphs("这里是工作人员入口。查询和监督不需要登录。");
    let page = Page { heading: "工作人员登录", summary: summary(errors), lead, form };
    let mut shell = viewer.office(app, page.heading).await?;
    shell.nav = vec![daylight_ui::NavItem::new("返回首页", "/", false)];
    Ok(Html(daylight_ui::page(&shell, &page.render()?)).into_response())
}

pub(super) fn summary(errors: &Errors) -> Markup {
    if errors.is_empty() { Markup::default() } else { errors.summary().into() }
}

/// POST /office/sign-in
pub async fn submit(
    State(app): State<App>,
    viewer: Viewer,
    headers: HeaderMap,
    Form(input): Form<Credentials>,
) -> Result<Response, PageError> {
    let now = app.clock.now();
    let account = store::by_login(app.db.read(), &input.login).await?;
    let id = account.as_ref().map(|account| account.id);
    let device_mark = id.and_then(|id| attempts::known_device(&app, &headers, id));
    let key = attempts::key(&app, Step::Password(&input.login), device_mark.as_deref());
    // First the turn, which bounds how many tries anybody can make the database write.
    let turn = turn().await.ok_or(PageError::Busy)?;
    let tx = app.db.write().await?;
    let reserved = attempts::store::reserve(&tx, &key, id, now).await?;
    tx.commit().await?;
    let stored = account.as_ref().filter(|account| !account.disabled);
    let stored = stored.and_then(|account| account.password_hash.clone());
    let password = input.password.clone();
    let verify = move || verify_password(&password, stored.as_deref());
    let right = turn.run(verify).await.ok_or(PageError::Busy)?;
    if let Some(account) = account.filter(|_| right && reserved) {
        let tx = app.db.write().await?;
        attempts::store::give_back(&tx, &key).await?;
        let token = store::begin_session(&tx, account.id, &device(&headers), false, now).await?;
        tx.commit().await?;
        let back = super::escaped(office_path(&input.back));
        let mut response = redirect(&format!("/office/sign-in/code?back={back}"));
        set_session(&app, &mut response, &token);
        return Ok(response);
    }
    let mut errors = Errors::new();
    // One answer for unknown, wrong, disabled and waiting: it tells an enemy nothing.
    errors.add("login", "登录名或密码不对，或者尝试次数太多。请核对后再试；连续输错会要求等待几分钟。");
    show(&app, &viewer, &input.login, &input.back, &errors).await
}

/// GET /office/sign-in/code
pub async fn code_form(State(app): State<App>, viewer: Viewer, asked: Asked) -> Result<Response, PageError> {
    show_code(&app, &viewer, asked.text("back"), &Errors::new()).await
}

async fn show_code(app: &App, viewer: &Viewer, back: &str, errors: &Errors) -> Result<Response, PageError> {
    let field = Field::text("code", "6位动态验证码").numeric().maxlength(6).autocomplete("one-time-code");
    let form = form::Form::post("/office/sign-in/code", "登录")
        .field(field.hint("打开手机上的验证器应用，输入当前显示的6位数字。").check(errors))
        .hidden("back", office_path(back));
    let lead = if app.config.demo {
        // The demonstration has no telephone to look at. Real data never run with this setting.
        let account = store::get(app.db.read(), viewer.actor()?.account_id).await?;
        let totp = account.and_then(|account| totp_of(app, &account));
        let code = totp.map(|totp| totp.code(app.clock.now())).unwrap_or_default();
        Markup::paragraphs(&format!("演示环境：当前动态验证码是 {code}"))
    } else {
        Markup::default()
    };
    let page = Page { heading: "输入动态验证码", summary: summary(errors), lead, form };
    let mut shell = viewer.office(app, page.heading).await?;
    shell.nav = vec![daylight_ui::NavItem::new("返回首页", "/", false)];
    Ok(Html(daylight_ui::page(&shell, &page.render()?)).into_response())
}

/// POST /office/sign-in/code
pub async fn submit_code(
    State(app): State<App>,
    viewer: Viewer,
    headers: HeaderMap,
    Form(input): Form<Code>,
) -> Result<Response, PageError> {
    let now = app.clock.now();
    let half = viewer.actor()?;
    let account = store::get(app.db.read(), half.account_id).await?.ok_or(PageError::NotFound)?;
    let step = totp_of(&app, &account).and_then(|totp: Totp| totp.check(&input.code, now));
    let mark = attempts::known_device(&app, &headers, account.id);
    let key = attempts::key(&app, Step::Code(account.id), mark.as_deref());
    let tx = app.db.write().await?;
    if attempts::store::reserve(&tx, &key, Some(account.id), now).await?
        && let Some(step) = step
        && store::accept_step(&tx, account.id, step).await?
    {
        attempts::store::give_back(&tx, &key).await?;
        let password = attempts::key(&app, Step::Password(&account.login), mark.as_deref());
        for key in [key, password] {
            attempts::store::forgive(&tx, &key).await?;
        }
        // Whoever got a new link first sees where it came from.
        let told = store::first_since_reinvited(&*tx, account.id).await?;
        // A new token: the one that only proved the password is worth nothing any more.
        store::end_session(&tx, account.id, half.session_id, now).await?;
        let token = store::begin_session(&tx, account.id, &device(&headers), true, now).await?;
        viewer.note(&tx, "session.begin", &format!("account {}", account.id), "", now).await?;
        tx.commit().await?;
        let mut response = redirect(if told { "/office/devices" } else { office_path(&input.back) });
        set_session(&app, &mut response, &token);
        attempts::remember_device(&app, &mut response, account.id, mark);
        return Ok(response);
    }
    tx.commit().await?;
    let mut errors = Errors::new();
    errors.add("code", "验证码不对、已经用过，或者尝试次数太多。请等验证器显示下一个数字后再输入。");
    show_code(&app, &viewer, &input.back, &errors).await
}

/// POST /office/sign-out
pub async fn sign_out(State(app): State<App>, viewer: Viewer) -> Result<Response, PageError> {
    let (actor, now) = (viewer.actor()?, app.clock.now());
    let tx = app.db.write().await?;
    store::end_session(&tx, actor.account_id, actor.session_id, now).await?;
    viewer.note(&tx, "session.sign_out", &format!("account {}", actor.account_id), "", now).await?;
    tx.commit().await?;
    let mut response = redirect("/office/sign-in");
    let gone = format!("{SESSION_COOKIE}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax");
    response.headers_mut().insert(header::SET_COOKIE, HeaderValue::from_str(&gone).expect("ASCII"));
    Ok(response)
}

pub(super) fn set_session(app: &App, response: &mut Response, token: &str) {
    let secure = if app.config.secure_cookies { "; Secure" } else { "" };
    let cookie = format!("{SESSION_COOKIE}={token}; Path=/; HttpOnly; SameSite=Lax{secure}");
    response.headers_mut().insert(header::SET_COOKIE, HeaderValue::from_str(&cookie).expect("ASCII"));
}

/// What the device list calls this device: browser and system, nothing finer.
pub(super) fn device(headers: &HeaderMap) -> String {
    let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let first = |words: &[(&'static str, &'static str)], otherwise: &'static str| {
        words.iter().find(|(mark, _)| agent.contains(mark)).map_or(otherwise, |(_, name)| *name)
    };
    let browser = first(
        &[
            ("MicroMessenger", "微信"),
            ("Edg", "Edge"),
            ("Firefox", "Firefox"),
            ("Chrome", "Chrome"),
            ("Safari", "Safari"),
        ],
        "其他浏览器",
    );
    let system = first(
        &[
            ("Android", "安卓"),
            ("iPhone", "苹果手机"),
            ("iPad", "平板"),
            ("HarmonyOS", "鸿蒙"),
            ("Windows", "Windows"),
            ("Mac OS", "macOS"),
            ("Linux", "Linux"),
        ],
        "其他系统",
    );
    format!("{browser} · {system}")
}
