//! 我要评价: the questions about one subject on one page, the telephone, and it is done.
//!
//! The answers of a ballot are shown to nobody again, not even to whoever cast it: a stolen telephone would tell. They
//! pass from page to page inside the form, never in an address.

use super::{
    CastError, Counted, Slip, keys,
    proof::{self, Said},
    sitting,
    store::{self, rounds::Asked},
    subject,
    wording::{self, Line},
};
use crate::{
    clock::date_text,
    reports::{Named, Object, named},
    web::{App, Form, PageError, Viewer, Word},
};
use askama::Template;
use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{Html, IntoResponse, Response},
};
use daylight_ids::Phone;
use daylight_ratings::ballot::{AnswerError, Ballot, Channel, Ineligible, Proof, SubjectId, eligible};
use daylight_ui::{
    Action, Actions, Heading, Html as Markup, Notice, NoticeKind,
    form::{self, Choice, Errors, Field},
};

#[derive(Template)]
#[template(path = "ratings/templates/form.html")]
struct Questions {
    wrong: Markup,
    heading: String,
    lead: String,
    subject: String,
    fields: Vec<Field>,
    verb: &'static str,
}

#[derive(Template)]
#[template(path = "ratings/templates/phone.html")]
struct Telephone {
    wrong: Markup,
    about: String,
    subject: String,
    kept: Vec<(String, String)>,
    told: Option<Notice>,
    phone: Field,
    code: Field,
}

#[derive(Template)]
#[template(path = "ratings/templates/again.html")]
struct Again {
    subject: String,
    kept: Vec<(String, String)>,
}

/// What somebody is asked, about whom.
struct About {
    id: SubjectId,
    object: Object,
    named: Named,
    asked: Asked,
    lines: Vec<Line>,
}

/// Somebody who may be rated, and whether a round asks about them now.
enum Found {
    Open(Box<About>),
    Shut(Object, Named),
}

async fn find(app: &App, word: &str) -> Result<Found, PageError> {
    let id = subject::from_code(word).ok_or(PageError::NotFound)?;
    let object = match id {
        SubjectId::Cadre(id) => Object::Cadre(id),
        SubjectId::Power(id) => Object::Power(id),
    };
    let c = app.db.read();
    let named = named(c, object).await?.ok_or(PageError::NotFound)?;
    let Some(asked) = store::rounds::asked(c, id, app.clock.now()).await? else {
        return Ok(Found::Shut(object, named));
    };
    let library = store::editions::library(c, asked.questions.edition).await?;
    let lines = library.and_then(|library| wording::lines(&library, &asked.questions));
    let lines = lines.ok_or_else(|| PageError::Internal("a round without its questions".into()))?;
    Ok(Found::Open(Box::new(About { id, object, named, asked, lines })))
}

/// The fields as they were sent.
type Sent = Form<Vec<(String, String)>>;

fn text<'a>(sent: &'a [(String, String)], name: &str) -> &'a str {
    sent.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.trim())
}

fn field(at: usize) -> String {
    format!("q{}", at + 1)
}

impl About {
    fn code(&self) -> String {
        subject::code(self.id)
    }

    fn check(&self, sent: &[(String, String)]) -> Result<Ballot, Vec<AnswerError>> {
        let typed: Vec<_> = (0..self.lines.len()).map(|at| text(sent, &field(at)).parse().ok()).collect();
        Ballot::check(Channel::Phone, &self.asked.questions, &typed)
    }

    /// The answers as hidden fields.
    fn kept(&self, ballot: &Ballot) -> Vec<(String, String)> {
        let answers = ballot.answers().iter().enumerate();
        answers.map(|(at, answer)| (field(at), answer.place().to_string())).collect()
    }
}

async fn show(
    app: &App,
    viewer: &Viewer,
    title: &str,
    status: StatusCode,
    body: &str,
) -> Result<Response, PageError> {
    let shell = viewer.portal(app, title).await?;
    Ok((status, Html(daylight_ui::page(&shell, body))).into_response())
}

fn wrong(errors: &Errors) -> Markup {
    if errors.is_empty() { Markup::default() } else { errors.summary().into() }
}

fn status(errors: &Errors) -> StatusCode {
    if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY }
}

async fn shut(app: &App, viewer: &Viewer, object: Object, named: &Named) -> Result<Response, PageError> {
    let back = match object {
        Object::Power(id) => format!("/powers/{id}"),
        Object::Cadre(id) => format!("/cadres/{id}"),
        _ => "/".to_owned(),
    };
    let body: Markup = [
        Heading::new("现在不能评价").lead(format!("{}现在没有正在进行的评价。", named.name)).into(),
        Markup::from(Actions::new([Action::link("返回", back)])),
    ]
    .into_iter()
    .collect();
    show(app, viewer, "现在不能评价", StatusCode::OK, body.as_str()).await
}

/// GET /rate/{subject}
pub async fn form(
    State(app): State<App>,
    viewer: Viewer,
    headers: HeaderMap,
    Word(word): Word,
) -> Result<Response, PageError> {
    match find(&app, &word).await? {
        Found::Open(about) => {
            let proved = sitting::find(&app, &headers).is_some_and(|sitting| sitting.phone.is_some());
            ask(&app, &viewer, &about, proved, &[], &Errors::new()).await
        }
        Found::Shut(object, named) => shut(&app, &viewer, object, &named).await,
    }
}

async fn ask(
    app: &App,
    viewer: &Viewer,
    about: &About,
    proved: bool,
    sent: &[(String, String)],
    errors: &Errors,
) -> Result<Response, PageError> {
    let question = |(at, line): (usize, &Line)| {
        let choices = line.answers.iter().map(|(place, words)| Choice::new(place.to_string(), words));
        let label = format!("{}. {}", at + 1, line.text);
        Field::radios(field(at), label, choices.collect::<Vec<_>>())
            .value(text(sent, &field(at)))
            .check(errors)
    };
    let title = format!("评价{}", about.named.name);
    let body = Questions {
        wrong: wrong(errors),
        heading: title.clone(),
        lead: format!(
            "{}，{}截止。{}道题，约1分钟。看不到、不清楚的，选“不了解”。",
            about.asked.name,
            date_text(about.asked.closes - 1),
            about.lines.len()
        ),
        subject: about.code(),
        fields: about.lines.iter().enumerate().map(question).collect(),
        verb: if proved { "提交评价" } else { "下一步：验证手机" },
    };
    show(app, viewer, &title, status(errors), &body.render()?).await
}

/// POST /rate/{subject}
pub async fn answer(
    State(app): State<App>,
    viewer: Viewer,
    headers: HeaderMap,
    Word(word): Word,
    Form(sent): Sent,
) -> Result<Response, PageError> {
    let about = match find(&app, &word).await? {
        Found::Open(about) => about,
        Found::Shut(object, named) => return shut(&app, &viewer, object, &named).await,
    };
    let sitting = sitting::find(&app, &headers);
    let proved = sitting.as_ref().and_then(|sitting| sitting.phone.clone());
    let ballot = match about.check(&sent) {
        Ok(ballot) => ballot,
        Err(faults) => {
            let errors = errors(&faults);
            return ask(&app, &viewer, &about, proved.is_some(), &sent, &errors).await;
        }
    };
    match proved {
        Some(phone) => cast(&app, &viewer, &about, &phone, ballot).await,
        None => {
            let sitting = sitting.unwrap_or_else(|| sitting::begin(&app));
            let mut response = telephone(&app, &viewer, &about, &ballot, "", &Errors::new(), None).await?;
            sitting::remember(&app, &mut response, &sitting);
            Ok(response)
        }
    }
}

fn errors(faults: &[AnswerError]) -> Errors {
    let mut errors = Errors::new();
    for fault in faults {
        let at = match fault {
            AnswerError::Missing(at) | AnswerError::Invalid(at) => *at,
            AnswerError::NothingKnown | AnswerError::OtherQuestions => 1,
        };
        errors.add(field(at - 1), fault.to_string());
    }
    errors
}

async fn telephone(
    app: &App,
    viewer: &Viewer,
    about: &About,
    ballot: &Ballot,
    typed: &str,
    errors: &Errors,
    told: Option<Notice>,
) -> Result<Response, PageError> {
    if !proof::open(app) {
        let body =
            Heading::new("现在还不能评价").lead("本平台的短信还没有开通，不能验证手机，暂时不能评价。");
        return show(app, viewer, "现在还不能评价", StatusCode::OK, &body.to_string()).await;
    }
    let input =
        |name: &str, label: &str| Field::text(name, label).numeric().maxlength(20).unmarked().check(errors);
    let body = Telephone {
        wrong: wrong(errors),
        about: about.named.name.clone(),
        subject: about.code(),
        kept: about.kept(ballot),
        told,
        phone: input("phone", "手机号").value(typed).autocomplete("tel"),
        code: input("code", "短信验证码").autocomplete("one-time-code"),
    };
    show(app, viewer, "验证手机", status(errors), &body.render()?).await
}

/// POST /rate/{subject}/phone
pub async fn prove(
    State(app): State<App>,
    viewer: Viewer,
    headers: HeaderMap,
    Word(word): Word,
    Form(sent): Sent,
) -> Result<Response, PageError> {
    let about = match find(&app, &word).await? {
        Found::Open(about) => about,
        Found::Shut(object, named) => return shut(&app, &viewer, object, &named).await,
    };
    let Ok(ballot) = about.check(&sent) else {
        return Ok(crate::web::redirect(&format!("/rate/{}", about.code())));
    };
    let mut sitting = sitting::find(&app, &headers).unwrap_or_else(|| sitting::begin(&app));
    let typed = text(&sent, "phone");
    let said = match (Phone::parse(typed), proof::open(&app)) {
        (Err(error), _) => Said::Wrong("phone", error.to_string()),
        (Ok(_), false) => Said::Wrong("phone", "短信还没有开通".into()),
        (Ok(phone), true) if text(&sent, "do") == "code" => proof::send(&app, &sitting, &phone).await?,
        (Ok(phone), true) => {
            let said = proof::try_code(&app, &sitting, &phone, text(&sent, "code")).await?;
            if matches!(said, Said::Yes) {
                sitting.until = app.clock.now() + sitting::LIVES;
                sitting.phone = Some(phone);
            }
            said
        }
    };
    let mut errors = Errors::new();
    let mut response = match (said, &sitting.phone) {
        (Said::Yes, Some(phone)) => cast(&app, &viewer, &about, phone, ballot).await?,
        (Said::Sent(words), _) => {
            let told = Some(Notice::new(NoticeKind::Success, words));
            telephone(&app, &viewer, &about, &ballot, typed, &errors, told).await?
        }
        (Said::Wrong(field, words), _) => {
            errors.add(field, words);
            telephone(&app, &viewer, &about, &ballot, typed, &errors, None).await?
        }
        (Said::Yes, None) => return Err(PageError::Busy),
    };
    sitting::remember(&app, &mut response, &sitting);
    Ok(response)
}

/// Whether a telephone may rate somebody: said to whoever proved it, and to nobody else.
async fn may(app: &App, about: &About, phone: &Phone) -> Result<Result<(), Ineligible>, PageError> {
    let c = app.db.read();
    let subject = store::voters::subject(c, about.id).await?;
    let voters = store::voters::voter(c, &app.vault, phone).await?;
    Ok(voters.iter().try_for_each(|voter| eligible(voter, &subject)))
}

async fn cast(
    app: &App,
    viewer: &Viewer,
    about: &About,
    phone: &Phone,
    ballot: Ballot,
) -> Result<Response, PageError> {
    if let Err(why) = may(app, about, phone).await? {
        let head = Heading::new("您不能评价").lead(why.to_string());
        return show(app, viewer, "您不能评价", StatusCode::UNPROCESSABLE_ENTITY, &head.to_string()).await;
    }
    let round = about.asked.round;
    let key = keys::read(&app.vault, round).map_err(PageError::internal)?;
    let Some(key) = key else { return Err(PageError::Busy) };
    let token = key.token(Proof::Phone(phone.canonical()), about.id);
    drop(key);
    let slip = Slip { round, subject: about.id, token, ballot };
    match app.ballots.cast(&app.db, &app.clock, slip).await {
        Ok(Counted::Closed) => shut(app, viewer, about.object, &about.named).await,
        Ok(Counted::New | Counted::Changed) => done(app, viewer, about, &ballot).await,
        Err(CastError::Full | CastError::Ended) => {
            let body = Again { subject: about.code(), kept: about.kept(&ballot) };
            show(app, viewer, "还没有提交成功", StatusCode::SERVICE_UNAVAILABLE, &body.render()?).await
        }
        Err(CastError::Db(error)) if daylight_db::is_unavailable(&error) => Err(PageError::Busy),
        Err(error) => Err(PageError::internal(error)),
    }
}

/// What is said at the end, the same whether it is a first ballot or a changed one. It has no address of its own: nobody
/// who reads the browser's history finds it again.
async fn done(app: &App, viewer: &Viewer, about: &About, ballot: &Ballot) -> Result<Response, PageError> {
    let title = "评价已提交";
    let until = date_text(about.asked.closes - 1);
    let words = format!("您对{}的评价已经计入。{until}以前可以再评一次，以最后一次为准。", about.named.name);
    let mut parts: Vec<Markup> = vec![Heading::new(title).lead(words).into()];
    if !ballot.offers_report(&about.asked.questions).is_empty() {
        let words = "您选的情况如果属实，可能违纪违法。评价只计入总数，不会因此去查；知道具体的事，可以另外反映，\
                     可以匿名，刚才的评价不会带过去。";
        parts.push(Notice::new(NoticeKind::Warning, words).into());
        parts.push(Actions::new([Action::link("反映这件事", about.object.entrance())]).into());
    }
    let mut leave = form::Form::post("/rate/leave", "评完了，换人评");
    leave.buttons.items[0].main = false;
    parts.push(Markup::paragraphs(
        "30分钟内用这台设备评别的干部或事项，不用再验证手机。用的是别人的手机或公用设备，请点下面的按钮。",
    ));
    parts.push(leave.into());
    let body: Markup = parts.into_iter().collect();
    show(app, viewer, title, StatusCode::OK, body.as_str()).await
}

/// POST /rate/leave
pub async fn leave(State(app): State<App>, viewer: Viewer) -> Result<Response, PageError> {
    let body: Markup = [
        Markup::from(Heading::new("已经退出").lead("这台设备不再记得刚才验证的手机号。")),
        Actions::new([
            Action::link("找干部评价", "/cadres"),
            Action::link("找权力事项评价", "/powers").second(),
        ])
        .into(),
    ]
    .into_iter()
    .collect();
    let mut response = show(&app, &viewer, "已经退出", StatusCode::OK, body.as_str()).await?;
    sitting::forget(&app, &mut response);
    Ok(response)
}
