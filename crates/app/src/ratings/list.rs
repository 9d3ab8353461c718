//! 群众评价 in the office: the rounds.

use super::store;
use crate::{
    authz::{Action, Resource, decide},
    clock::date_text,
    web::{App, PageError, Viewer},
};
use axum::{extract::State, response::Html};
use daylight_ratings::round::State as Stand;
use daylight_ui::{Action as Button, Actions, Drawing, Empty, Heading, Html as Markup, Link, Table, Tag};

/// How a state looks.
pub fn tag(state: Stand) -> Tag {
    match state {
        Stand::Open => Tag::good(state.page()),
        _ => Tag::neutral(state.page()),
    }
}

/// GET /office/ratings
pub async fn page(State(app): State<App>, viewer: Viewer) -> Result<Html<String>, PageError> {
    viewer.permit(Action::SeeRatings, &Resource::default())?;
    let rounds = store::rounds::list(app.db.read()).await?;
    let lead = "评价按轮次进行：填报员拟定，审核员审核，到开始那天自动开放，过了最后一天自动截止。";
    let mut parts: Vec<Markup> = vec![Heading::new("群众评价").lead(lead).into()];
    if decide(viewer.actor()?, Action::EditRatings, &Resource::default()).is_ok() {
        parts.push(Actions::new([Button::link("拟定一轮评价", "/office/ratings/new")]).into());
    }
    if rounds.is_empty() {
        let empty = Empty::new(Drawing::Board, "还没有评价轮次").text("拟定并审核以后，公众才能评价。");
        parts.push(empty.into());
    } else {
        let columns = ["轮次", "状态", "开始", "最后一天"];
        let mut table = Table::new("评价轮次", columns.map(Into::into)).caption_hidden().dense();
        for kept in &rounds {
            let name = if kept.round.name.is_empty() { "（未命名）" } else { &kept.round.name };
            let cells: [Markup; 4] = [
                Link::new(name, format!("/office/ratings/{}", kept.id)).into(),
                tag(kept.round.state).into(),
                date_text(kept.round.opens).into(),
                date_text(kept.round.closes - 1).into(),
            ];
            table.push(cells, false);
        }
        parts.push(table.into());
    }
    let shell = viewer.office(&app, "群众评价").await?;
    let body: Markup = parts.into_iter().collect();
    Ok(Html(daylight_ui::page(&shell, body.as_str())))
}
