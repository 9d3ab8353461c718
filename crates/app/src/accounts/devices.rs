//! 登录设备和密码: where I am signed in, how I end that, and a new password.

use super::{
    attempts, attempts::Step, hash_password, in_turn, sign_in::summary, store, verify_password, weak_password,
};
use crate::{
    clock::time_text,
    ops,
    web::{App, Asked, Form, Id, PageError, Viewer, redirect},
};
use askama::Template;
use axum::{
    extract::State,
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};
use daylight_ui::{
    Html as Markup, Notice, NoticeKind,
    form::{self, Errors, Field},
};
use serde::Deserialize;

#[derive(Template)]
#[template(path = "accounts/templates/devices.html")]
struct Page {
    summary: Markup,
    reinvited: Option<String>,
    devices: Vec<Line>,
    password: form::Form,
}

struct Line {
    device: String,
    since: String,
    seen: String,
    /// Where the button that ends it posts to; none for the device in use.
    end: Option<String>,
}

/// A change of password.
#[derive(Deserialize, Default)]
pub struct Passwords {
    #[serde(default)]
    old: String,
    #[serde(default)]
    new: String,
    #[serde(default)]
    again: String,
}

/// GET /office/devices
pub async fn page(State(app): State<App>, viewer: Viewer, asked: Asked) -> Result<Response, PageError> {
    let word = match asked.text("done") {
        "ended" => Some("已结束那个设备的登录。"),
        "password" => Some("密码已修改，其他设备都已退出。下次登录请用新密码。"),
        _ => None,
    };
    show(&app, &viewer, word.map(|word| Notice::new(NoticeKind::Success, word)), &Errors::new()).await
}

async fn show(
    app: &App,
    viewer: &Viewer,
    notice: Option<Notice>,
    errors: &Errors,
) -> Result<Response, PageError> {
    let actor = viewer.actor()?;
    let devices = store::devices(app.db.read(), actor.account_id, app.clock.now()).await?;
    let line = |device: store::Device| Line {
        since: time_text(device.created_at),
        seen: time_text(device.seen_at),
        end: (device.id != actor.session_id).then(|| format!("/office/devices/{}/end", device.id)),
        device: device.device,
    };
    let password = form::Form::post("/office/password", "修改密码")
        .field(Field::password("old", "现在的密码").autocomplete("current-password").check(errors))
        .field(
            Field::password("new", "新密码")
                .hint("至少10个字符，可以用一句只有您知道的话。")
                .maxlength(200)
                .autocomplete("new-password")
                .check(errors),
        )
        .field(
            Field::password("again", "再输一遍新密码")
                .maxlength(200)
                .autocomplete("new-password")
                .check(errors),
        );
    let page = Page {
        summary: summary(errors),
        reinvited: reinvited(app, actor.account_id).await?,
        devices: devices.into_iter().map(line).collect(),
        password,
    };
    let mut shell = viewer.office(app, "登录设备和密码").await?;
    shell.notice = notice;
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok((status, Html(daylight_ui::page(&shell, &page.render()?))).into_response())
}

/// Who last took the account's credentials away for a new link.
async fn reinvited(app: &App, account_id: i64) -> Result<Option<String>, PageError> {
    let c = app.db.read();
    let account = store::get(c, account_id).await?.ok_or(PageError::NotFound)?;
    let Some(at) = account.reinvited_at else { return Ok(None) };
    let by = match account.reinvited_by {
        Some(id) => store::get(c, id).await?.map_or(String::new(), |by| by.name),
        None => ops::OPERATOR.to_owned(),
    };
    Ok(Some(format!("{}，{by}重新发放了您的设置链接，原来的密码和动态验证码从那时起作废。", time_text(at))))
}

/// POST /office/devices/{id}/end
pub async fn end(State(app): State<App>, viewer: Viewer, Id(id): Id) -> Result<Response, PageError> {
    let actor = viewer.actor()?;
    let now = app.clock.now();
    let tx = app.db.write().await?;
    // Only one's own: for anybody else's session there is nothing here.
    if !store::end_session(&tx, actor.account_id, id, now).await? {
        return Err(PageError::NotFound);
    }
    viewer.note(&tx, "session.end", &format!("account {}", actor.account_id), "", now).await?;
    tx.commit().await?;
    Ok(redirect("/office/devices?done=ended"))
}

/// POST /office/password
pub async fn change_password(
    State(app): State<App>,
    viewer: Viewer,
    Form(input): Form<Passwords>,
) -> Result<Response, PageError> {
    let (actor, now) = (viewer.actor()?, app.clock.now());
    let account = store::get(app.db.read(), actor.account_id).await?.ok_or(PageError::NotFound)?;
    let mut errors = check(&input, &account.login);
    let key = attempts::key(&app, Step::Change(account.id), None);
    if errors.is_empty() {
        // Somebody at an open screen may not try passwords without end.
        let tx = app.db.write().await?;
        let reserved = attempts::store::reserve(&tx, &key, Some(account.id), now).await?;
        tx.commit().await?;
        let (old, stored) = (input.old.clone(), account.password_hash.clone());
        let Some(right) = in_turn(move || verify_password(&old, stored.as_deref())).await else {
            let tx = app.db.write().await?;
            attempts::store::give_back(&tx, &key).await?; // nothing was tried
            tx.commit().await?;
            return Err(PageError::Busy);
        };
        if !(right && reserved) {
            errors.add("old", "现在的密码不对，或者尝试次数太多，请稍后再试");
        }
    }
    if !errors.is_empty() {
        return show(&app, &viewer, None, &errors).await;
    }
    let new = input.new.clone();
    let hash = in_turn(move || hash_password(&new)).await.ok_or(PageError::Busy)?;
    let hash = hash.map_err(|_| PageError::Busy)?;
    let tx = app.db.write().await?;
    attempts::store::give_back(&tx, &key).await?;
    attempts::store::forgive(&tx, &key).await?;
    if !store::set_password(&tx, account.id, &hash, actor.session_id, now).await? {
        // A new link, or another device, ended this session meanwhile.
        return Err(PageError::Forbidden);
    }
    viewer.note(&tx, "account.set_password", &format!("account {}", account.id), "", now).await?;
    tx.commit().await?;
    Ok(redirect("/office/devices?done=password"))
}

fn check(input: &Passwords, login: &str) -> Errors {
    let mut errors = Errors::new();
    if input.old.is_empty() {
        errors.add("old", "请输入现在的密码");
    }
    if let Some(reason) = weak_password(&input.new, login) {
        errors.add("new", reason);
    } else if input.new == input.old {
        errors.add("new", "新密码不能和现在的一样");
    }
    if input.new != input.again {
        errors.add("again", "两次输入的新密码不一样");
    }
    errors
}
