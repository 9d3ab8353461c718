//! 提醒: dates that draw near or have passed, and what somebody had read before a case was closed to them.

use super::{failed, file, store};
use crate::{
    cases::store::{self as cases, News, Notice, Task, Time},
    clock::{date_text, time_text},
    web::{App, Id, PageError, Viewer, redirect},
};
use axum::{
    extract::State,
    response::{Html, Response},
};
use daylight_ui::{Drawing, Empty, Heading, Html as Markup, Link, Table, form::Form as Ask};
use std::collections::{BTreeMap, BTreeSet};

/// GET /office/notices
pub async fn page(State(app): State<App>, viewer: Viewer) -> Result<Html<String>, PageError> {
    let (actor, c) = (viewer.actor()?, app.db.read());
    let notices = cases::notices(c, &app.vault, actor).await.map_err(failed)?;
    let mine: BTreeSet<_> =
        cases::list(c, &app.vault, actor).await.map_err(failed)?.iter().map(|line| line.id).collect();
    let accounts = store::account_names(c).await?;
    let lead = "期限临近、到期、超期时提醒承办人、审批领导和上级；申请延长期限时提醒审批领导，批不批准都告诉承办人；公布内容没有写、没有审，函件回执、办结超期，也在这里提醒；有人须回避时，告诉上级他看过什么。";
    let mut parts: Vec<Markup> = vec![Heading::new("提醒").lead(lead).into()];
    parts.push(if notices.is_empty() {
        Empty::new(Drawing::Sun, "没有提醒").into()
    } else {
        table(&notices, &mine, &accounts).into()
    });
    let mut shell = viewer.office(&app, "提醒").await?;
    crate::office::under(&mut shell, "/office/cases");
    shell.breadcrumbs = vec![("办理件".into(), Some("/office/cases".into())), ("提醒".into(), None)];
    Ok(Html(daylight_ui::page(&shell, parts.into_iter().collect::<Markup>().as_str())))
}

fn table(notices: &[Notice], mine: &BTreeSet<i64>, accounts: &BTreeMap<i64, String>) -> Table {
    let mut table = Table::new("提醒", ["办理件", "提醒", "时间", "操作"].map(Into::into)).caption_hidden();
    for notice in notices {
        let name = file::name(notice.case_id);
        // A superior is told of dates of cases whose words are closed to them.
        let case: Markup = match mine.contains(&notice.case_id) {
            true => Link::new(name, format!("/office/cases/{}", notice.case_id)).into(),
            false => name.into(),
        };
        let read: Markup = match notice.read_at {
            Some(at) => format!("{}已看", date_text(at)).into(),
            None => {
                let mut form = Ask::post(format!("/office/notices/{}/read", notice.id), "知道了");
                form.buttons.items[0].main = false;
                form.into()
            }
        };
        let cells = [case, said(notice, accounts), time_text(notice.made_at).into(), read];
        table.push(cells, notice.read_at.is_none());
    }
    table
}

/// What is said, with the way to it where it is not the case itself.
fn said(notice: &Notice, accounts: &BTreeMap<i64, String>) -> Markup {
    let words = words(notice, accounts);
    let News::Task { task, .. } = notice.news else { return words.into() };
    let (label, href) = match task {
        Task::Write => ("写公布内容", format!("/office/outcomes/{}", notice.case_id)),
        Task::Approve => ("审核公布内容", format!("/office/outcomes/{}", notice.case_id)),
        Task::Receipt(letter) | Task::Answer(letter) => ("看函件", format!("/office/letters/{letter}")),
    };
    Markup::trusted(format!("<span>{} {}</span>", Markup::from(words), Link::new(label, href)))
}

fn words(notice: &Notice, accounts: &BTreeMap<i64, String>) -> String {
    match notice.news {
        News::Due { clock, due_at, .. } if notice.made_at > due_at => {
            format!("“{}”期限{}已过", clock.page(), date_text(due_at))
        }
        News::Due { clock, due_at, .. } => format!("“{}”期限{}到", clock.page(), date_text(due_at)),
        News::Task { task: Task::Write, due_at } => {
            format!("{}办结，公布内容还没有写", date_text(due_at))
        }
        News::Task { task: Task::Approve, due_at } => {
            format!("{}提交的公布内容，还在等审核", date_text(due_at))
        }
        News::Task { task: Task::Receipt(_), due_at } => {
            format!("函件的回执应在{}前送回，还没有登记", date_text(due_at))
        }
        News::Task { task: Task::Answer(_), due_at } => {
            format!("函件要求{}前办结，已经超期", date_text(due_at))
        }
        News::Unconfirmed => {
            "一个人登记的被反映人，5个工作日内没有第二个人或反映人确认，登记已失效；属实的，请另一个人登记"
                .to_owned()
        }
        News::Time(Time::Asked) => "承办人申请延长期限，请您审批".to_owned(),
        News::Time(Time::Granted) => "您申请的延长期限已批准".to_owned(),
        News::Time(Time::Refused) => "您申请的延长期限没有同意，请按原期限办理".to_owned(),
        News::ClosedTo { account_id, through, opened_at } => {
            let who = accounts.get(&account_id).map_or("有人", String::as_str);
            format!("{who}须回避，已对其关闭；此前{}看过前{through}步的内容", time_text(opened_at))
        }
    }
}

/// POST /office/notices/{id}/read
pub async fn read(State(app): State<App>, viewer: Viewer, Id(id): Id) -> Result<Response, PageError> {
    let tx = app.db.write().await?;
    cases::read_notice(&tx, viewer.actor()?, id, app.clock.now()).await?;
    tx.commit().await?;
    Ok(redirect("/office/notices"))
}
