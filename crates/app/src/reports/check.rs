//! 核对: everything once more, each with a way to change it, and the submission.

use super::{
    Draft, Kind, Object,
    ask::Ask,
    frame::{Frame, Sent},
    kept::{self, Kept},
    named, proof,
    start::without_draft,
    store::{self, Before, Submitted},
};
use crate::{
    accounts::new_token,
    attachments, phones,
    web::{App, PageError, Viewer, redirect},
};
use askama::Template;
use axum::{extract::State, http::HeaderMap, response::Response};
use daylight_ui::{
    Action, Actions, Html as Markup, Link, SummaryList, SummaryRow,
    form::{ErrorSummary, Form},
};

/// How many files the page showed as arrived.
const FILES: &str = "files";

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<h1>请核对，再提交</h1>{{ answers }}<div class="stack"><p>请如实反映。没有亲眼见到的写“听说”，记不清的写“记不清”。</p>{{ form }}</div>"#
)]
struct Page {
    answers: SummaryList,
    form: Form,
}

/// GET /reports/new/check
pub async fn form(State(app): State<App>, viewer: Viewer, headers: HeaderMap) -> Result<Response, PageError> {
    let Some(kept) = kept::find(&app, &headers).await? else {
        return without_draft(&app, &viewer, &headers).await;
    };
    show(&app, &viewer, &kept, 0).await
}

/// The answers; with how many of the files that stood here before are gone.
async fn show(app: &App, viewer: &Viewer, kept: &Kept, gone: usize) -> Result<Response, PageError> {
    let proved = proof::proved(app, kept).await?;
    let faults = kept.draft.check(proved.as_ref()).err().unwrap_or_default();
    let items = faults.iter().map(|fault| (change(Ask::of(fault)), fault.message.clone()));
    let items: Vec<_> = match gone {
        0 => items.collect(),
        _ => [(change(Ask::Evidence), "重新上传证据".to_owned())].into_iter().chain(items).collect(),
    };
    let title = match gone {
        0 => "还差一点，填好就可以提交".to_owned(),
        _ => format!("有{gone}个证据文件已经不在了，还没有提交。可以重新上传，也可以不上传，直接再点“提交”"),
    };
    let nothing = items.is_empty();
    let wrong = ErrorSummary { title, items };
    let about = match kept.draft.object {
        Some(object) => named(app.db.read(), object).await?.map(|named| named.name),
        None => None,
    };
    let mut answers = answers(&kept.draft, about.as_deref());
    let at = answers.rows.iter().position(|row| row.key == "您是谁").unwrap_or(answers.rows.len());
    let (files, arrived) = files(app, kept).await?;
    let action = Some(Link::new("修改", change(Ask::Evidence)));
    answers.rows.insert(at, SummaryRow { key: "证据".into(), value: files, action });
    let sends = Form::post(Ask::Check.path(), "提交").hidden(FILES, arrived.to_string());
    let body = Page { answers, form: sends };
    let frame = Frame::question(Ask::Check, "核对", Some(kept), Markup::render(&body)?);
    let wrong = if nothing { Markup::default() } else { wrong.into() };
    Frame { wrong, ..frame }.show(app, viewer).await
}

/// The names of the files, and how many have arrived. One that has not arrived as a whole is not submitted, and says so.
async fn files(app: &App, kept: &Kept) -> Result<(Markup, usize), PageError> {
    let now = app.clock.now();
    let files = attachments::store::list(app.db.read(), &app.vault, &kept.token, now).await;
    let line = |file: &attachments::Attachment| match file.kept {
        true => file.about.name.clone(),
        false => format!("{}（还没有传完，不会提交）", file.about.name),
    };
    let files = files.map_err(super::failed)?;
    let lines: Vec<_> = files.iter().map(line).collect();
    let words =
        if lines.is_empty() { "没有上传文件".into() } else { Markup::paragraphs(&lines.join("\n")) };
    Ok((words, files.iter().filter(|file| file.kept).count()))
}

/// A page of the form, from which one returns here.
fn change(ask: Ask) -> String {
    format!("{}?to=check", ask.path())
}

fn answers(draft: &Draft, about: Option<&str>) -> SummaryList {
    let mend = |ask| Link::new("修改", change(ask));
    let lines = |text: &str| Markup::paragraphs(text);
    let facts = &draft.facts;
    let points: Vec<_> = draft.points.iter().map(String::as_str).collect();
    let points = if points.is_empty() { "按整件事答复".to_owned() } else { points.join("\n") };
    let who = match draft.level.as_str() {
        "anonymous" => "匿名",
        "phone" => "留手机号",
        "real_name" => "实名",
        _ => "",
    };
    let mut list = SummaryList::new()
        .row_with("类别", draft.kind.map_or("", Kind::page), mend(Ask::Kind))
        .row_with("反映对象", about.unwrap_or_default(), mend(Ask::Object))
        .row_with("经过", lines(&facts.what), mend(Ask::Facts));
    // What was left out is not asked after again: the page is long enough on a phone.
    for (key, text) in [
        ("有关的人", &facts.who),
        ("什么时候", &facts.when),
        ("在哪里", &facts.place),
        ("涉及多少钱", &facts.amount),
    ] {
        if !text.trim().is_empty() {
            list = list.row_with(key, text.trim(), mend(Ask::Facts));
        }
    }
    list = list.row_with("要求答复", lines(&points), mend(Ask::Points)).row_with(
        "您是谁",
        who,
        mend(Ask::Identity),
    );
    if draft.level == "phone" || draft.level == "real_name" {
        list = list.row_with("手机号", draft.phone.as_str(), mend(Ask::Identity));
    }
    if draft.level == "real_name" {
        list = list.row_with("姓名", draft.name.as_str(), mend(Ask::Identity)).row_with(
            "身份证号",
            draft.citizen_id.as_str(),
            mend(Ask::Identity),
        );
    }
    if let Some(helper) = &draft.helper {
        list = list.row_with("代填人", format!("{} {}", helper.name, helper.phone), mend(Ask::Identity));
    }
    list
}

/// POST /reports/new/check
pub async fn submit(
    State(app): State<App>,
    viewer: Viewer,
    headers: HeaderMap,
    sent: Sent,
) -> Result<Response, PageError> {
    let Some(kept) = kept::find(&app, &headers).await? else {
        // Sent twice: the second finds what the first made.
        return without_draft(&app, &viewer, &headers).await;
    };
    let proved = proof::proved(&app, &kept).await?;
    let Ok(report) = kept.draft.check(proved.as_ref()) else {
        return show(&app, &viewer, &kept, 0).await;
    };
    let tx = app.db.write().await?;
    let now = app.clock.now();
    // Room may have been made for others since the page was shown: nobody submits without evidence unknowingly.
    let shown = sent.text(FILES).parse::<usize>().unwrap_or(0);
    let there = attachments::store::settle(&tx, &kept.token).await?;
    if there < shown {
        drop(tx);
        return show(&app, &viewer, &kept, shown - there).await;
    }
    let before = store::before(&tx, &app.vault, &kept.token, &kept.draft, now).await;
    let token = match before.map_err(super::failed)? {
        Before::Nothing => kept.token.clone(),
        Before::Same(_) => return Ok(redirect("/reports/new/done")),
        // Another report was submitted from this browser since this one was begun: this one gets its own receipt.
        Before::Other => {
            let token = new_token();
            store::carry_over(&tx, &kept.token, &token).await.map_err(super::failed)?;
            phones::forget(&tx, &kept.token).await?;
            token
        }
    };
    // Gone since it was looked at: sent twice at once.
    if store::draft_until(&*tx, &token).await?.is_none() {
        drop(tx);
        return without_draft(&app, &viewer, &headers).await;
    }
    let lying = attachments::store::lying(&tx, &token).await?;
    let what = (&kept.draft, &report);
    let done = store::submit_draft(&tx, &app.vault, &app.config.data, what, &token, now).await;
    let done = done.map_err(super::failed)?;
    let gone = attachments::store::gone(&tx, lying).await?;
    tx.commit().await?;
    attachments::clear(&app, gone).await?;
    match done {
        Submitted::Receipt { .. } | Submitted::Handed { .. } | Submitted::Before => {
            let mut response = redirect("/reports/new/done");
            if token != kept.token {
                kept::remember(&app, &mut response, &token);
            }
            Ok(response)
        }
        Submitted::Elsewhere { channel } => elsewhere(&app, &viewer, &kept.draft, &channel).await,
    }
}

#[derive(Template)]
#[template(path = "reports/templates/elsewhere.html")]
struct Elsewhere {
    channel: String,
    answers: SummaryList,
    ways: Actions,
}

/// What belongs to the level above: nothing was kept, so this page is the only place where it stands. It can be
/// printed and taken there.
async fn elsewhere(app: &App, viewer: &Viewer, draft: &Draft, channel: &str) -> Result<Response, PageError> {
    let about = match draft.object {
        Some(object) if object != Object::Unknown => named(app.db.read(), object).await?.map(|it| it.name),
        _ => None,
    };
    let mut answers = answers(draft, about.as_deref());
    answers
        .rows
        .retain(|row| !matches!(row.key.as_str(), "您是谁" | "手机号" | "姓名" | "身份证号" | "代填人"));
    answers.rows.iter_mut().for_each(|row| row.action = None);
    let ways = Actions::new([Action::link("返回首页", "/")]);
    let body = Elsewhere { channel: channel.to_owned(), answers, ways };
    let mut response = Frame::new("请向上级反映", Markup::render(&body)?).show(app, viewer).await?;
    kept::forget(app, &mut response);
    Ok(response)
}
