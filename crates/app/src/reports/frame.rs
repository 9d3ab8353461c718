//! What every page of the flow has: the quick exit, where one is, what is kept, the way back.

use super::{ask::Ask, kept::Kept};
use crate::{
    clock::date_text,
    ops,
    web::{App, PageError, Viewer},
};
use askama::Template;
use axum::{
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};
use daylight_ui::{Html as Markup, Shell, assets, form::Errors};

/// The setting that names where the quick exit leads: a neutral address elsewhere, if the county prefers one.
pub const EXIT: &str = "reports.exit";

/// Where the quick exit leads without that setting: a page that says nothing about reporting.
const NEUTRAL: &str = "/divisions";

/// A page of the flow.
pub struct Frame {
    /// Title of the document.
    pub title: &'static str,
    /// Which question it is.
    pub ask: Option<Ask>,
    /// What is wrong, above the question.
    pub wrong: Markup,
    /// Whether something was wrong with what was sent.
    pub refused: bool,
    /// The page's one `<h1>` and what is asked.
    pub body: Markup,
    /// Until when the draft is kept, when there is one.
    pub until: Option<String>,
}

#[derive(Template)]
#[template(path = "reports/templates/frame.html")]
struct Page<'a> {
    exit: &'a str,
    outside: bool,
    frame: &'a Frame,
    back: Option<&'static str>,
    script: &'static str,
    steps: usize,
}

impl Frame {
    /// A page beside the questions.
    pub fn new(title: &'static str, body: impl Into<Markup>) -> Frame {
        let (wrong, body) = (Markup::default(), body.into());
        Frame { title, ask: None, wrong, refused: false, body, until: None }
    }

    /// A question of the form.
    pub fn question(ask: Ask, title: &'static str, kept: Option<&Kept>, body: impl Into<Markup>) -> Frame {
        let until = kept.map(|kept| date_text(kept.until));
        Frame { ask: Some(ask), until, ..Frame::new(title, body) }
    }

    /// With what is wrong on top.
    pub fn errors(self, errors: &Errors) -> Frame {
        let wrong = if errors.is_empty() { Markup::default() } else { errors.summary().into() };
        Frame { wrong, refused: !errors.is_empty(), ..self }
    }

    /// The whole document. Nothing of it is described, fed or shared.
    pub async fn show(self, app: &App, viewer: &Viewer) -> Result<Response, PageError> {
        let exit = ops::store::setting(app.db.read(), EXIT).await?;
        let exit = exit.as_deref().map(daylight_ui::safe_href).filter(|exit| *exit != "#").unwrap_or(NEUTRAL);
        let body = Page {
            exit,
            outside: exit.starts_with("http"),
            back: self.ask.and_then(Ask::previous).map(Ask::path),
            script: assets::report_js_href(),
            steps: Ask::ALL.len(),
            frame: &self,
        };
        let path = viewer.path.clone();
        let shell = Shell { path, ..viewer.portal(app, self.title).await? };
        let status = if self.refused { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
        Ok((status, Html(daylight_ui::page(&shell, &body.render()?))).into_response())
    }
}

/// The fields of a form as they were sent.
#[derive(Clone, Debug, Default)]
pub struct Sent(pub Vec<(String, String)>);

impl Sent {
    /// A field; empty when it was not sent.
    pub fn text(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str())
    }

    /// Characters of all fields together.
    fn size(&self) -> usize {
        self.0.iter().map(|(_, value)| value.chars().count()).sum()
    }

    /// More than any honest draft has: nothing of it is kept, so that drafts cannot fill the disk.
    pub fn is_too_long(&self) -> bool {
        self.size() > 4 * super::Draft::WHAT_MOST
    }
}

impl<S: Send + Sync> axum::extract::FromRequest<S> for Sent {
    type Rejection = PageError;

    async fn from_request(request: axum::extract::Request, state: &S) -> Result<Sent, PageError> {
        let crate::web::Form(pairs) = crate::web::Form::from_request(request, state).await?;
        Ok(Sent(pairs))
    }
}

/// Where to go after a page: on, or back to the answers from which one came.
pub fn onward(ask: Ask, sent: &Sent) -> Response {
    let to = if sent.text("to") == "check" { Ask::Check } else { ask.next().unwrap_or(Ask::Check) };
    crate::web::redirect(to.path())
}

/// "check" when one came from the answers and wants to return there.
pub fn way_back(asked: &crate::web::Asked) -> &'static str {
    if asked.text("to") == "check" { "check" } else { "" }
}
