//! 人员对应: what waits for the security administrator, and what was decided.

use super::{may_decide, store};
use crate::{
    authz::{Action, Resource},
    clock::time_text,
    web::{App, Form, Id, PageError, Viewer, redirect},
};
use axum::{
    extract::State,
    response::{Html, Response},
};
use daylight_ui::{
    Action as Button, Drawing, Empty, Heading, Html as Markup, Notice, NoticeKind, Section, SummaryList,
    Table, form,
};
use serde::Deserialize;

/// GET /office/ties
pub async fn page(State(app): State<App>, viewer: Viewer) -> Result<Html<String>, PageError> {
    viewer.permit(Action::ManageGrants, &Resource::default())?;
    let c = app.db.read();
    let lead =
        "账号对应到谁，决定哪些反映不能给他看。系统管理员申请，您核实以后确认；两个人都不能是账号本人。";
    let mut parts: Vec<Markup> = vec![Heading::new("人员对应").lead(lead).into()];
    let untied = store::untied(c).await?;
    if !untied.is_empty() {
        let word = format!(
            "{}的账号有纪检组织的角色，但没有对应到本人，收不到任何反映。请系统管理员在“人员账号”里申请。",
            untied.join("、")
        );
        parts.push(Notice::new(NoticeKind::Warning, word).into());
    }
    let waiting = store::open(c).await?;
    if waiting.is_empty() {
        let empty = Empty::new(Drawing::Sun, "没有等您确认的申请");
        parts.push(empty.text("系统管理员申请以后，会出现在这里。").into());
    }
    for line in waiting {
        let wanted = match line.cadre_id {
            Some(id) => format!(
                "{}（{}）",
                line.cadre.as_deref().unwrap_or_default(),
                store::posts(c, id).await?.join("、")
            ),
            None => "解除对应".into(),
        };
        let now =
            store::behind(c, line.account_id).await?.map_or("没有对应".into(), |person| person.name);
        let facts = SummaryList::new()
            .row("账号", format!("{}（{}）", line.account, line.login))
            .row("现在对应", now)
            .row("要改成", wanted)
            .row("申请人", format!("{}，{}", line.asker, time_text(line.asked_at)));
        let mut form = form::Form::post(format!("/office/ties/{}", line.id), "确认");
        form.buttons.items[0] = Button::submit("核实无误，确认").sends("do", "confirm");
        let form = form.action(Button::submit("退回").second().sends("do", "refuse"));
        let body: Markup = [Markup::from(facts), form.into()].into_iter().collect();
        parts.push(Section::new(format!("{}的账号", line.account), body).into());
    }
    parts.push(history(&store::decided(c, 30).await?));
    let shell = viewer.office(&app, "人员对应").await?;
    Ok(Html(daylight_ui::page(&shell, parts.into_iter().collect::<Markup>().as_str())))
}

fn history(lines: &[store::Line]) -> Markup {
    if lines.is_empty() {
        return Markup::default();
    }
    let columns = ["账号", "对应到", "申请", "决定"];
    let mut table = Table::new("办理过的", columns.map(Into::into)).caption_hidden().dense();
    for line in lines {
        let decided = if line.confirmed == Some(true) { "确认" } else { "退回" };
        let decided = format!(
            "{}{decided}，{}",
            line.decider.as_deref().unwrap_or_default(),
            line.decided_at.map(time_text).unwrap_or_default()
        );
        let cells: [Markup; 4] = [
            line.account.as_str().into(),
            line.cadre.as_deref().unwrap_or("（解除）").into(),
            format!("{}，{}", line.asker, time_text(line.asked_at)).into(),
            decided.into(),
        ];
        table.push(cells, false);
    }
    Section::new("办理过的", table).into()
}

/// How it is decided.
#[derive(Deserialize)]
pub struct Decision {
    #[serde(default, rename = "do")]
    press: String,
}

/// POST /office/ties/{id}
pub async fn decide(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id,
    Form(input): Form<Decision>,
) -> Result<Response, PageError> {
    viewer.permit(Action::ManageGrants, &Resource::default())?;
    let confirmed = match input.press.as_str() {
        "confirm" => true,
        "refuse" => false,
        _ => return Err(PageError::Malformed),
    };
    let (by, now) = (viewer.actor()?.account_id, app.clock.now());
    let tx = app.db.write().await?;
    tx.lock("daylight ties").await?;
    let line = store::get(&*tx, id).await?.ok_or(PageError::NotFound)?;
    let tie = store::facts(&*tx, line.account_id, line.cadre_id).await?;
    if confirmed {
        may_decide(by, line.asked_by, &tie).map_err(|refused| PageError::invalid(refused.to_string()))?;
    }
    if store::decide(&tx, &line, confirmed, by, now).await? {
        let action = if confirmed { "tie.confirm" } else { "tie.refuse" };
        viewer.note(&tx, action, &format!("account {}", line.account_id), &format!("tie {id}"), now).await?;
        tx.commit().await?;
    }
    Ok(redirect("/office/ties"))
}
