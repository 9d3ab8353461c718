//! 结果公布 in the office: which closed cases have no card yet, which cards wait for whom.

use super::{card::State, store};
use crate::{
    cases,
    reports::Kind,
    web::{App, PageError, Viewer},
};
use askama::Template;
use axum::{extract::State as Extract, response::Html};
use daylight_ui::{Drawing, Empty, Heading, Html as Markup, Link, Table, Tag};

#[derive(Template)]
#[template(ext = "html", source = "{{ head }}{{ list }}")]
struct Page {
    head: Heading,
    list: Markup,
}

/// GET /office/outcomes
pub async fn list(Extract(app): Extract<App>, viewer: Viewer) -> Result<Html<String>, PageError> {
    let c = app.db.read();
    // What a viewer may not see is not in this list, so no card of it is either.
    let seen = cases::store::list(c, &app.vault, viewer.actor()?).await.map_err(super::unreached)?;
    let cards = store::lines(c).await?;
    let columns = ["办理件", "类别", "公布情况", "下一步"];
    let mut table = Table::new("办结的事项", columns.map(Into::into)).caption_hidden().dense();
    for case in
        seen.iter().filter(|case| ["satisfied", "dissatisfied", "lapsed"].contains(&case.state.as_str()))
    {
        let card = cards.iter().find(|card| card.case_id == case.id);
        let state = card.map(store::Line::state);
        let tag = match state {
            None => Tag::neutral("还没有写"),
            Some(state @ (State::Public | State::Waiting)) => Tag::good(state.page()),
            Some(state @ State::Returned) => Tag::bad(state.page()),
            Some(state) => Tag::neutral(state.page()),
        };
        let next = match state {
            None => "写公布内容",
            Some(State::Returned | State::Retracted) => "修改后再提交",
            Some(State::Proposed) => "由另一人审核",
            Some(_) => "查看",
        };
        let name = Link::new(format!("办理件第{}号", case.id), format!("/office/outcomes/{}", case.id));
        let kind = Kind::from_code(&case.kind).map_or("", Kind::page);
        let cells: [Markup; 4] = [name.into(), kind.into(), tag.into(), next.into()];
        table.push(cells, matches!(state, None | Some(State::Returned | State::Proposed)));
    }
    let list = if table.rows.is_empty() {
        Empty::new(Drawing::Board, "没有办结的事项")
            .text("群众评价满意、到期未评价或上级终局答复后，在这里写公布内容。")
            .into()
    } else {
        table.into()
    };
    let lead = "办结的事项由一人写、另一人审，满三天后每周三上午成批公布。";
    let body = Page { head: Heading::new("结果公布").lead(lead), list };
    let shell = viewer.office(&app, "结果公布").await?;
    Ok(Html(daylight_ui::page(&shell, &body.render()?)))
}
