//! 发生了什么: what, who in one's own words, when, where, how much.

use super::{
    Draft, Facts, Object,
    ask::Ask,
    frame::{Frame, Sent, onward, way_back},
    kept::{self, Kept},
    named, proof,
    start::without_draft,
};
use crate::web::{App, Asked, PageError, Viewer};
use axum::{extract::State, http::HeaderMap, response::Response};
use daylight_ui::{
    Html as Markup,
    form::{Errors, Field, Form, Width},
};

/// GET /reports/new/facts
pub async fn form(
    State(app): State<App>,
    viewer: Viewer,
    headers: HeaderMap,
    asked: Asked,
) -> Result<Response, PageError> {
    let Some(kept) = kept::find(&app, &headers).await? else {
        return without_draft(&app, &viewer, &headers).await;
    };
    show(&app, &viewer, &kept, way_back(&asked), &Errors::new()).await
}

async fn show(
    app: &App,
    viewer: &Viewer,
    kept: &Kept,
    to: &str,
    errors: &Errors,
) -> Result<Response, PageError> {
    let facts = &kept.draft.facts;
    let short = |name: &str, label: &str, value: &str, hint: &str| {
        let most = u32::try_from(Draft::SHORT_MOST).unwrap_or(u32::MAX);
        let field = Field::text(name, label).value(value).maxlength(most).autocomplete("off");
        field.hint(hint).optional().check(errors)
    };
    let most = u32::try_from(Draft::WHAT_MOST).unwrap_or(u32::MAX);
    let about = match kept.draft.object {
        Some(object) if object != Object::Unknown => named(app.db.read(), object).await?,
        _ => None,
    };
    let who = match about {
        Some(about) => {
            format!("您选的是“{}”。还有别人参与，写在这里：姓名、职务，知道多少写多少。", about.name)
        }
        None => "姓名、职务、大家怎么叫他，知道多少写多少。不知道可以不写。".to_owned(),
    };
    let mut form = Form::post(Ask::Facts.path(), "下一步")
        .field(
            Field::textarea("what", "经过", 8)
                .hint(format!("谁、做了什么、影响了谁。用平常说话的话写，至少{}个字。", Draft::WHAT_LEAST))
                .value(facts.what.as_str())
                .maxlength(most)
                .autocomplete("off")
                .check(errors),
        )
        .field(short("who", "有关的人", &facts.who, &who))
        .field(short("when", "什么时候", &facts.when, "例如：去年冬天，2026年3月"))
        .field(short("place", "在哪里", &facts.place, "例如：柳河村村委会"))
        .field(
            short("amount", "涉及多少钱", &facts.amount, "例如：12000 或 1.2万。不清楚不用填。")
                .width(Width::Medium)
                .suffix("元"),
        );
    if !to.is_empty() {
        form = form.hidden("to", to);
    }
    let body = [Markup::trusted("<h1>发生了什么？</h1>"), form.into()].into_iter().collect::<Markup>();
    Frame::question(Ask::Facts, "发生了什么", Some(kept), body).errors(errors).show(app, viewer).await
}

/// POST /reports/new/facts. What was typed is kept also when something is wrong with it.
pub async fn submit(
    State(app): State<App>,
    viewer: Viewer,
    headers: HeaderMap,
    sent: Sent,
) -> Result<Response, PageError> {
    let Some(mut kept) = kept::find(&app, &headers).await? else {
        return without_draft(&app, &viewer, &headers).await;
    };
    let text = |name| sent.text(name).to_owned();
    kept.draft.facts = Facts {
        what: text("what"),
        who: text("who"),
        when: text("when"),
        place: text("place"),
        amount: text("amount"),
    };
    save(&app, &viewer, kept, Ask::Facts, &sent, async |app, viewer, kept, errors| {
        let to = if sent.text("to") == "check" { "check" } else { "" };
        show(app, viewer, kept, to, errors).await
    })
    .await
}

/// Keeps a page's answers and goes on, or shows the page again with what is wrong on it.
pub(super) async fn save(
    app: &App,
    viewer: &Viewer,
    kept: Kept,
    ask: Ask,
    sent: &Sent,
    again: impl AsyncFnOnce(&App, &Viewer, &Kept, &Errors) -> Result<Response, PageError>,
) -> Result<Response, PageError> {
    let proved = proof::proved(app, &kept).await?;
    let faults = kept.draft.check(proved.as_ref()).err().unwrap_or_default();
    let mut errors = Errors::new();
    for fault in faults.iter().filter(|fault| Ask::of(fault) == ask) {
        errors.add(field(fault.field), fault.message.as_str());
    }
    if sent.is_too_long() {
        if errors.is_empty() {
            errors.add("", "写的内容太多，请写短一些");
        }
        return again(app, viewer, &kept, &errors).await;
    }
    kept::keep(app, Some(kept.token.clone()), &kept.draft).await?;
    let mut response = match errors.is_empty() {
        true => onward(ask, sent),
        false => again(app, viewer, &kept, &errors).await?,
    };
    kept::remember(app, &mut response, &kept.token);
    Ok(response)
}

/// The control on which a fault is shown.
fn field(name: &str) -> &str {
    if name == "points" { "point-1" } else { name }
}
