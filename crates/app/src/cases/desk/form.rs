//! The page of a deed: what will happen, what the reporter is told, the question, the button. One shape for all.

use super::{
    assign, conclude,
    evidence::{self, TAKES_FILES},
    extend, failed,
    file::File,
    forward, measure, money,
    offer::Offer,
    plain, reply,
    show::{event, found, reported},
};
use crate::{
    attachments::{self, Failed, Texts},
    cases::{
        Deed,
        store::{self as cases, Doing, StoreError, Words},
    },
    web::{App, PageError, Viewer, limit, redirect},
};
use axum::{
    extract::Request,
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};
use daylight_ui::{
    Action as Button, Actions, Details, Heading, Html as Markup, Notice, NoticeKind, Section, SummaryList,
    Timeline,
    form::{self, Errors, Field},
};
use serde::Deserialize;

/// What was typed into a form, by field.
#[derive(Clone, Default, Deserialize)]
#[serde(transparent)]
pub(super) struct Typed(Texts);

impl Typed {
    /// A field without the blanks around it; empty when it is not there.
    pub fn text(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.trim())
    }

    fn seen(&self) -> u32 {
        self.text("seen").parse().unwrap_or(0)
    }
}

/// A deed as a form gives it: what, why, and what was written.
pub(super) type Given = (Deed, String, Words);

/// Characters of a finding, a question, a reply.
pub(super) const TEXT: u32 = 5_000;
/// Characters of a reason.
pub(super) const REASON: u32 = 500;

/// The reason, which must be written where one is asked for.
pub(super) fn reason(typed: &Typed, errors: &mut Errors) -> String {
    required("reason", "理由", REASON, typed, errors)
}

/// A text that must be written.
pub(super) fn required(name: &str, label: &str, most: u32, typed: &Typed, errors: &mut Errors) -> String {
    let text = typed.text(name);
    if text.is_empty() {
        errors.add(name, format!("请写明{label}"));
    }
    limit(errors, name, text, most);
    text.to_owned()
}

/// The field of a reason.
pub(super) fn ask_reason(hint: &str, typed: &Typed, errors: &Errors) -> Field {
    area("reason", "理由", 4, REASON, typed, errors).hint(hint)
}

/// A field of several lines.
pub(super) fn area(name: &str, label: &str, rows: u8, most: u32, typed: &Typed, errors: &Errors) -> Field {
    Field::textarea(name, label, rows).maxlength(most).value(typed.text(name)).check(errors)
}

/// What stands around the fields.
pub(super) struct About {
    /// What happens when it is sent.
    pub next: String,
    /// What the reporter is told.
    pub told: &'static str,
}

/// GET of a deed's page.
pub(super) async fn ask(app: App, viewer: Viewer, id: i64, offer: Offer) -> Result<Response, PageError> {
    let file = File::read(&app, &viewer, id).await?;
    if !file.offers.contains(&offer) {
        return Ok(redirect(&format!("{}?done=stale", file.href())));
    }
    show(&app, &viewer, &file, offer, &Typed::default(), &Errors::new()).await
}

/// POST of a deed's page: read, decided again in the store, done; or shown again with what was typed.
pub(super) async fn take(
    app: App,
    viewer: Viewer,
    id: i64,
    offer: Offer,
    typed: Typed,
) -> Result<Response, PageError> {
    take_in(app, viewer, id, offer, typed, None).await
}

/// The same for a deed with which files may come. What was taken before one is refused waits for the next try.
pub(super) async fn take_with_files(
    app: App,
    viewer: Viewer,
    id: i64,
    offer: Offer,
    request: Request,
) -> Result<Response, PageError> {
    let mut texts = Texts::new();
    let draft = async |_: &Texts| evidence::draft(&app, &viewer, id, offer).await;
    let refused = match attachments::receive(&app, request, &mut texts, draft).await {
        // It can no longer be done: said below.
        Ok(()) | Err(Failed::NoDraft) => None,
        Err(Failed::Refused(refused)) => Some(refused),
        Err(Failed::Page(error)) => return Err(error),
    };
    // Nobody else has this draft: what they ticked goes, whatever else is wrong.
    let token = cases::evidence_token(&app.vault, id, viewer.actor()?.account_id);
    let missing = attachments::sort_out(&app, &token, &texts).await?;
    let wrong = refused.map(|refused| refused.to_string());
    let wrong = wrong.or_else(|| (missing > 0).then(|| attachments::missing(missing)));
    take_in(app, viewer, id, offer, Typed(texts), wrong).await
}

async fn take_in(
    app: App,
    viewer: Viewer,
    id: i64,
    offer: Offer,
    typed: Typed,
    wrong: Option<String>,
) -> Result<Response, PageError> {
    let tx = app.db.write().await?;
    let file = File::open(&tx, &app, &viewer, id, cases::Look::File).await?;
    let mut errors = Errors::new();
    let files = TAKES_FILES.contains(&offer).then(|| evidence::token(&app, &file));
    if let Some(wrong) = wrong {
        errors.add("files", wrong);
    }
    if typed.seen() != file.opened.seen() {
        errors.add("", StoreError::Moved.to_string());
    }
    let given = if file.offers.contains(&offer) && (errors.is_empty() || files.is_some()) {
        read(&app, &file, offer, &typed, &mut errors).await?
    } else {
        None
    };
    if let Some((deed, reason, words)) = given.filter(|_| errors.is_empty()) {
        let doing = Doing { deed, reason, words, seen: typed.seen() };
        match cases::act_with(&tx, &app.vault, &file.actor, id, doing, files.as_deref(), file.now).await {
            Ok(_) => {
                tx.commit().await?;
                let gone = matches!(offer, Offer::Forward | Offer::Recuse);
                let to = if gone { "/office/cases".to_owned() } else { file.href() };
                return Ok(redirect(&format!("{to}?done={}", offer.slug())));
            }
            Err(StoreError::Unsound(objections)) => reply::object(&objections, &mut errors),
            Err(error @ (StoreError::Refused(_) | StoreError::NoExtension(_) | StoreError::Moved)) => {
                errors.add("", error.to_string());
            }
            Err(error) => return Err(failed(error)),
        }
    }
    drop(tx);
    // Shown again: that they were shown it is kept, as at the first time.
    let file = File::read(&app, &viewer, id).await?;
    if file.offers.contains(&offer) {
        show(&app, &viewer, &file, offer, &typed, &errors).await
    } else {
        passed(&app, &viewer, &file, offer, &typed).await
    }
}

async fn read(
    app: &App,
    file: &File,
    offer: Offer,
    typed: &Typed,
    errors: &mut Errors,
) -> Result<Option<Given>, PageError> {
    Ok(match offer {
        Offer::Assign => assign::read(file, typed, errors),
        Offer::Forward => forward::read(file, typed, errors),
        Offer::AskTime | Offer::Extend => extend::read(file, offer, typed, errors),
        Offer::Conclude => conclude::read(file, typed, errors),
        Offer::Measure => measure::read(typed, errors),
        Offer::Money => money::read(file, typed, errors),
        Offer::Reply => reply::read(app, file, typed, errors).await?,
        _ => plain::read(file, offer, typed, errors),
    })
}

async fn fields(
    app: &App,
    file: &File,
    offer: Offer,
    typed: &Typed,
    errors: &Errors,
) -> Result<(About, Vec<Field>), PageError> {
    Ok(match offer {
        Offer::Assign => assign::fields(app, file, typed, errors).await?,
        Offer::Forward => forward::fields(file, typed, errors),
        Offer::AskTime | Offer::Extend => extend::fields(file, offer, typed, errors),
        Offer::Conclude => conclude::fields(file, typed, errors),
        Offer::Measure => measure::fields(typed, errors),
        Offer::Money => money::fields(file, typed, errors),
        Offer::Reply => reply::fields(file, typed, errors),
        _ => plain::fields(file, offer, typed, errors),
    })
}

async fn show(
    app: &App,
    viewer: &Viewer,
    file: &File,
    offer: Offer,
    typed: &Typed,
    errors: &Errors,
) -> Result<Response, PageError> {
    let (about, fields) = fields(app, file, offer, typed, errors).await?;
    let button = Button::submit(offer.verb());
    let button = if matches!(offer, Offer::Decline | Offer::RefuseTime | Offer::Recuse) {
        button.grave()
    } else {
        button
    };
    let form = form::Form::post(format!("{}/{}", file.href(), offer.slug()), offer.verb())
        .hidden("seen", file.opened.seen().to_string());
    let buttons = Actions::new([button, Button::link("返回办理件", file.href()).second()]);
    let form = form::Form { buttons, fields, ..form };
    let mut parts: Vec<Markup> = vec![crate::office::summary(errors)];
    parts.push(Heading::new(offer.verb()).kicker(kicker(file)).into());
    let facts = SummaryList::new().row("办了以后", about.next).row("反映人", about.told);
    parts.push(facts.into());
    parts.extend(news(file, typed));
    if offer == Offer::Reply {
        parts.extend(reply::earlier(app, file, typed).await?);
    }
    parts.push(Details::new("看反映的内容", reported(file)).into());
    if matches!(offer, Offer::Reply | Offer::Return) {
        parts.extend(found(file).map(|found| Markup::from(Section::new("承办人的结论", found))));
    }
    parts.push(if TAKES_FILES.contains(&offer) {
        let token = evidence::token(app, file);
        let files = attachments::store::list(app.db.read(), &app.vault, &token, file.now).await;
        let draft = format!("{}/evidence", file.href());
        attachments::with_files(form, &draft, &files.map_err(failed)?, true, errors)
    } else {
        form.into()
    });
    page(app, viewer, file, offer, parts, StatusCode::OK).await
}

/// What has happened since the form was opened.
fn news(file: &File, typed: &Typed) -> Option<Markup> {
    let seen = typed.seen();
    let since = file.opened.entries.iter().filter(|entry| entry.event.number > seen);
    let since: Vec<_> = since.map(|entry| event(file, entry)).collect();
    let moved = seen > 0 && !since.is_empty();
    moved.then(|| {
        let hint = Markup::paragraphs("您写的内容都还在。看过下面的进展，仍要办的，请再按一次按钮。");
        let body: Markup = [hint, Timeline::new(since).into()].into_iter().collect();
        Section::new("您打开这一页以后的进展", body).into()
    })
}

/// It can no longer be done; what was typed is shown, so that nothing is lost.
async fn passed(
    app: &App,
    viewer: &Viewer,
    file: &File,
    offer: Offer,
    typed: &Typed,
) -> Result<Response, PageError> {
    let text = format!("这件刚刚有了新的进展，现在不能“{}”。", offer.verb());
    let mut parts: Vec<Markup> = vec![
        Notice::new(NoticeKind::Danger, text).into(),
        Heading::new(offer.verb()).kicker(kicker(file)).into(),
    ];
    parts.extend(news(file, typed));
    let kept = typed.0.iter().filter(|(name, value)| {
        !["seen", "there", "drop"].contains(&name.as_str()) && !value.trim().is_empty()
    });
    let kept: Markup = kept.map(|(_, value)| Markup::paragraphs(value)).collect();
    if !kept.is_empty() {
        parts.push(Section::new("您刚才写的内容", kept).into());
    }
    parts.push(Actions::new([Button::link("看最新进展", file.href())]).into());
    page(app, viewer, file, offer, parts, StatusCode::CONFLICT).await
}

fn kicker(file: &File) -> String {
    format!("{} · {} · {}", file.name(), file.opened.case.kind.page(), file.about.page())
}

async fn page(
    app: &App,
    viewer: &Viewer,
    file: &File,
    offer: Offer,
    parts: Vec<Markup>,
    status: StatusCode,
) -> Result<Response, PageError> {
    let mut shell = viewer.office(app, &format!("{}：{}", offer.verb(), file.name())).await?;
    shell.breadcrumbs = vec![
        ("办理件".into(), Some("/office/cases".into())),
        (file.name(), Some(file.href())),
        (offer.verb().into(), None),
    ];
    let html = daylight_ui::page(&shell, parts.into_iter().collect::<Markup>().as_str());
    Ok((status, Html(html)).into_response())
}
