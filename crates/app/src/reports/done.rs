//! 已收到: number and query code, once, large, with every way to take them along.

use super::{
    Object,
    frame::{Frame, Sent},
    kept,
    start::without_draft,
    store::{self, Submitted},
};
use crate::{
    attachments,
    clock::date_text,
    codes, home, phones,
    web::{App, PageError, Viewer, redirect},
};
use askama::Template;
use axum::{extract::State, http::HeaderMap, response::Response};
use daylight_ui::{Action, Actions, Confirmation, Html as Markup, Qr};

#[derive(Template)]
#[template(path = "reports/templates/done.html")]
struct Page {
    confirmation: Confirmation,
    site: String,
    number: String,
    code: String,
    date: String,
    address: String,
    qr: Qr,
}

/// GET /reports/new/done
pub async fn page(State(app): State<App>, viewer: Viewer, headers: HeaderMap) -> Result<Response, PageError> {
    let Some(token) = kept::token(&headers).map(str::to_owned) else {
        return without_draft(&app, &viewer, &headers).await;
    };
    let now = app.clock.now();
    let done = store::receipt(app.db.read(), &app.vault, &token, now).await.map_err(super::failed)?;
    let (receipt, handed) = match done {
        Some(Submitted::Receipt { number, code }) => (Some((number, code)), None),
        Some(Submitted::Handed { number, code, handed }) => (Some((number, code)), Some(handed)),
        Some(Submitted::Before | Submitted::Elsewhere { .. }) => (None, None),
        None => return without_draft(&app, &viewer, &headers).await,
    };
    match receipt {
        Some((number, code)) => {
            let (number, code) = (number.grouped(), code.grouped());
            let address = codes::address(&app, "/reports/status");
            let keep = vec![("受理编号".to_owned(), number.clone()), ("查询码".to_owned(), code.clone())];
            let text = "两个都要记下来。查询码只在这里显示，丢了找不回，我们也查不到。".to_owned();
            let (title, text) = match &handed {
                Some(handed) => {
                    let sealed = format!(
                        "这件事归上级办理，已经密封，只有{}能打开，本县任何人都看不到内容。想知道进展，请联系：{}。",
                        handed.superior, handed.channel
                    );
                    ("您的反映已密封转交上级", format!("{text}{sealed}"))
                }
                None => ("您的反映已收到", text),
            };
            let confirmation = Confirmation { title: title.into(), keep, text: text.into() };
            let site = home::store::site_name(app.db.read()).await?;
            let qr = Qr::new("扫码查办理进度", address.as_str());
            let body = Page { confirmation, site, number, code, date: date_text(now), address, qr };
            let mut response = Frame::new("已收到", Markup::render(&body)?).show(&app, &viewer).await?;
            kept::remember_briefly(&app, &mut response, &token);
            Ok(response)
        }
        None => before(&app, &viewer).await,
    }
}

async fn before(app: &App, viewer: &Viewer) -> Result<Response, PageError> {
    let head = daylight_ui::Heading::new("这份反映早已提交");
    let words = Markup::paragraphs(
        "为了您的安全，编号和查询码只在提交当天和第二天显示。请用您记下的编号和查询码查询。",
    );
    let ways = Actions::new([
        Action::link("查办理进度", "/reports/status"),
        Action::link("反映另一件事", "/reports/new").second(),
    ]);
    let mut response =
        Frame::new("已收到", [head.into(), words, ways.into()].into_iter().collect::<Markup>())
            .show(app, viewer)
            .await?;
    kept::forget(app, &mut response);
    Ok(response)
}

/// POST /reports/new/forget: deletes the draft and has the browser forget. What was submitted stays submitted.
pub async fn forget(State(app): State<App>, headers: HeaderMap, sent: Sent) -> Result<Response, PageError> {
    if let Some(token) = kept::token(&headers) {
        let tx = app.db.write().await?;
        let lying = attachments::store::lying(&tx, token).await?;
        store::delete_draft(&tx, token).await?;
        attachments::store::discard(&tx, token).await?;
        phones::forget(&tx, token).await?;
        tx.commit().await?;
        attachments::clear(&app, lying).await?;
    }
    let to = match sent.0.iter().any(|(name, _)| name == "then") {
        true => Object::from_code(sent.text("then")).map_or("/reports/new".to_owned(), Object::entrance),
        false => "/reports/new/forgotten".to_owned(),
    };
    let mut response = redirect(&to);
    kept::forget(&app, &mut response);
    Ok(response)
}

/// GET /reports/new/forgotten
pub async fn forgotten(State(app): State<App>, viewer: Viewer) -> Result<Response, PageError> {
    let head = daylight_ui::Heading::new("本机记录已清除");
    let words = Markup::paragraphs(
        "这个浏览器里已经没有您写的内容、编号和查询码。\n\
         用的是公用电脑或别人的手机，请再清除浏览器的历史记录，或者关掉所有窗口。\n\
         已经提交的反映不受影响。",
    );
    let ways =
        Actions::new([Action::link("返回首页", "/"), Action::link("查办理进度", "/reports/status").second()]);
    let body = [head.into(), words, ways.into()].into_iter().collect::<Markup>();
    Frame::new("本机记录已清除", body).show(&app, &viewer).await
}
