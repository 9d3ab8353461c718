//! Issuing a letter in a case: what stands in it is offered, a leader corrects and signs it out.

use super::{
    Kind, Letter, Number, Receipt,
    show::{As, failed, sheet},
    store::{self, LetterError, To, Wish},
};
use crate::{
    accounts::{new_token, unknown_unit},
    calendar::{self, Calendar},
    cases::{Answer, Deed, store::Opened},
    clock::{Millis, beijing, date_text},
    deadlines::{self, Clock, Moment, Stage},
    office::summary,
    organs,
    revisions::personal,
    units,
    web::{App, Asked, Form, Id, NAME, PageError, Viewer, limit, redirect},
};
use axum::{
    extract::State,
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};
use daylight_ui::{
    Action as Button, Chips, Heading, Html as Markup, Notice, NoticeKind, Section,
    form::{self, Choice, Errors, Field, date_parts},
};
use serde::Deserialize;
use time::{Date, Month};

/// Characters of a letter's text: some pages.
const BODY: u32 = 6_000;
/// Characters of what a letter is about.
const ABOUT: u32 = 60;
/// Working days within which a receipt is to be back.
const RECEIPT: u32 = 3;

/// What is asked about a letter.
#[derive(Clone, Deserialize, Default)]
pub struct Input {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    about: String,
    #[serde(default)]
    organ: String,
    #[serde(default)]
    unit: String,
    #[serde(default)]
    body: String,
    #[serde(default)]
    enclosures: String,
    #[serde(default, rename = "due-year")]
    year: String,
    #[serde(default, rename = "due-month")]
    month: String,
    #[serde(default, rename = "due-day")]
    day: String,
    #[serde(default)]
    token: String,
    #[serde(default, rename = "do")]
    press: String,
}

impl Input {
    fn set_due(&mut self, due: Option<Date>) {
        let Some(due) = due else { return };
        self.year = due.year().to_string();
        self.month = u8::from(due.month()).to_string();
        self.day = due.day().to_string();
    }

    fn due(&self) -> Option<Date> {
        let month = Month::try_from(self.month.trim().parse::<u8>().ok()?).ok()?;
        Date::from_calendar_date(self.year.trim().parse().ok()?, month, self.day.trim().parse().ok()?).ok()
    }
}

/// What the page needs of the case.
struct Ground {
    case_id: i64,
    opened: Opened,
    organ: organs::store::Line,
    below: Vec<organs::store::Line>,
    /// Until when the organ must have handled it, with the sum.
    due: Option<deadlines::Due>,
    receipt_by: Date,
}

impl Ground {
    async fn read(app: &App, viewer: &Viewer, case_id: i64) -> Result<Ground, PageError> {
        let now = app.clock.now();
        let tx = app.db.write().await?;
        let (opened, organ) =
            store::begin(&tx, &app.vault, viewer.actor()?, case_id, now).await.map_err(failed)?;
        let below = store::below(&*tx, &opened, &organ).await.map_err(failed)?;
        let calendar = calendar::store::calendar(&*tx).await?;
        let profile = deadlines::store::kept(&*tx, &opened.case.profile).await?;
        // That the case was shown is kept.
        tx.commit().await?;
        let due = profile.and_then(|profile| due(&opened, &profile, &calendar, now));
        let today = beijing(now).date();
        let receipt_by = calendar.add_working_days(today, RECEIPT).due;
        Ok(Ground { case_id, opened, organ, below, due, receipt_by })
    }

    /// What a letter of this kind usually says.
    fn draft(&self, kind: Kind) -> Input {
        let mut input = Input { kind: kind.code().into(), token: new_token(), ..Input::default() };
        let (about, body) = match kind {
            Kind::Assignment => ("核查办理群众反映问题".to_owned(), assignment()),
            Kind::Notice => self.notice(),
            Kind::Reply => self.reply(),
        };
        (input.about, input.body) = (about, body.join("\n"));
        if kind == Kind::Assignment {
            input.set_due(self.due.as_ref().map(|due| due.date));
        }
        input
    }

    fn notice(&self) -> (String, Vec<String>) {
        let case = &self.opened.case;
        if case.answer == Some(Answer::Declined) {
            let declined = self.opened.entries.iter().rev();
            let reason = declined.filter(|entry| entry.event.deed == Deed::Decline);
            let reason = reason.map(|entry| entry.event.reason.as_str()).next().unwrap_or_default();
            let body = vec![
                "您反映的问题收悉。经审核，不属于我单位受理范围，不予受理。".into(),
                format!("理由：{reason}"),
                "对此有异议的，可以凭编号和查询码在平台上提出。".into(),
            ];
            return ("不予受理群众反映问题".into(), body);
        }
        let accepted = case.moments.get(&(Stage::First, Moment::Accepted)).copied();
        let day = accepted.map(date_text).unwrap_or_default();
        let mut body = vec![format!("您反映的问题收悉。经审核，我单位已于{day}受理。")];
        if let Some(due) = &self.due {
            body.push(format!("我单位将在{}前办结，并向您答复。", date_text(due.at)));
        }
        body.push("您可以凭编号和查询码在平台上查看办理进展、补充材料。您的身份受到保护。".into());
        ("受理群众反映问题".into(), body)
    }

    fn reply(&self) -> (String, Vec<String>) {
        let mut replies = self.opened.entries.iter().rev();
        let reply = replies.find(|entry| matches!(entry.event.deed, Deed::Reply { .. }));
        let mut body = vec!["您反映的问题，我单位已经办结。现将结果答复如下：".to_owned()];
        if let Some(entry) = reply {
            let numbered = entry.words.answers.iter().zip(1..);
            body.extend(numbered.map(|(answer, number)| format!("{number}．{}", one_line(answer))));
            body.extend(Some(one_line(&entry.words.text)).filter(|text| !text.is_empty()));
        }
        body.push(match self.opened.case.stage {
            Stage::First => "对本答复不满意的，可以凭编号和查询码在平台上提出，由上级纪检组织办理。".into(),
            Stage::Second => "本答复是最终答复。".into(),
        });
        ("群众反映问题办理结果".into(), body)
    }

    /// The letter as it would go out, but for its number.
    fn letter(&self, wish: &Wish, to: &str, sign: &str, now: Millis) -> Letter {
        Letter {
            organ: self.organ.name.clone(),
            number: Number { sign: sign.to_owned(), kind: wish.kind, year: beijing(now).year(), serial: 0 },
            about: wish.about.clone(),
            addressee: to.to_owned(),
            body: wish.body.clone(),
            enclosures: wish.enclosures.clone(),
            date: beijing(now).date(),
            due: wish.due,
            receipt: wish.receipt_by.map(|by| Receipt { by }),
        }
    }
}

fn one_line(text: &str) -> String {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}

fn assignment() -> Vec<String> {
    vec![
        "现将群众反映的有关问题交你单位办理。请按照管辖权限认真核查，依规依纪依法处理，并将办理情况和结果书面报我单位。"
            .into(),
        "请严格保密：不得将反映材料转给被反映的单位和人员，不得以任何方式打听、追查反映人。".into(),
    ]
}

/// Until when the case must be handled: the clock that runs.
fn due(
    opened: &Opened,
    profile: &deadlines::Profile,
    calendar: &Calendar,
    now: Millis,
) -> Option<deadlines::Due> {
    let clocks = opened.case.clocks(profile, calendar, now);
    let open =
        |clock: &&crate::cases::Running| clock.run.rule.clock == Clock::Handle && clock.run.ended.is_none();
    clocks.iter().find(open).map(|clock| clock.due.clone())
}

/// GET /office/cases/{id}/letters/new
pub async fn form(
    State(app): State<App>,
    viewer: Viewer,
    Id(case_id): Id,
    asked: Asked,
) -> Result<Response, PageError> {
    let ground = Ground::read(&app, &viewer, case_id).await?;
    let kind = Kind::from_code(asked.text("kind")).unwrap_or_else(|| usual(&ground));
    show(&app, &viewer, &ground, &ground.draft(kind), None, &Errors::new()).await
}

/// The letter that is most likely wanted at this point.
fn usual(ground: &Ground) -> Kind {
    let kinds = [Kind::Reply, Kind::Notice, Kind::Assignment];
    kinds.into_iter().find(|kind| store::fits(&ground.opened.case, *kind).is_ok()).unwrap_or(Kind::Assignment)
}

async fn show(
    app: &App,
    viewer: &Viewer,
    ground: &Ground,
    input: &Input,
    preview: Option<Letter>,
    errors: &Errors,
) -> Result<Response, PageError> {
    let kind = Kind::from_code(&input.kind).unwrap_or(Kind::Assignment);
    let title = format!("制发{}", kind.page());
    let base = format!("/office/cases/{}/letters/new", ground.case_id);
    let chips = Kind::ALL.into_iter().fold(Chips::new("文种"), |chips, one| {
        chips.chip(one.page(), format!("{base}?kind={}", one.code()), one == kind, None)
    });
    let mut parts: Vec<Markup> = vec![summary(errors), Heading::new(title.as_str()).into(), chips.into()];
    match store::fits(&ground.opened.case, kind) {
        Err(why) => parts.push(Notice::new(NoticeKind::Warning, why.to_string()).into()),
        Ok(()) if ground.organ.sign.is_none() => parts.push(unsigned(&ground.organ)),
        Ok(()) => {
            parts.extend(preview.map(|letter| Section::new("预览", sheet(&letter, As::Preview)).into()));
            parts.push(ask(ground, kind, input, errors).into());
        }
    }
    let mut shell = viewer.office(app, &title).await?;
    // One came from the case, and goes back to it.
    crate::office::under(&mut shell, "/office/cases");
    let case = ground.case_id;
    shell.breadcrumbs = vec![
        ("办理件".into(), Some("/office/cases".into())),
        (format!("办理件第{case}号"), Some(format!("/office/cases/{case}"))),
        (title, None),
    ];
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let body: Markup = parts.into_iter().collect();
    Ok((status, Html(daylight_ui::page(&shell, body.as_str()))).into_response())
}

/// What is missing before the first letter, who fills it in, and where.
fn unsigned(organ: &organs::store::Line) -> Markup {
    let words = format!(
        "函件编号以发文代字开头，例如“安纪”。{}还没有填写，填好以后就可以制发。\
         请告诉系统管理员：在“纪检组织”里打开本组织，填写“发文代字”一栏。",
        organ.name
    );
    Notice::new(NoticeKind::Warning, words).into()
}

fn ask(ground: &Ground, kind: Kind, input: &Input, errors: &Errors) -> form::Form {
    let mut form = form::Form::post(format!("/office/cases/{}/letters", ground.case_id), "签发并编号");
    form.buttons.items[0] = Button::submit("签发并编号").sends("do", "issue");
    form = form
        .action(Button::submit("预览").second().sends("do", "preview"))
        .hidden("kind", kind.code())
        .hidden("token", input.token.as_str())
        .field(
            Field::text("about", "事由")
                .hint(format!("标题会写成“关于……的{}”。不要写反映人的任何信息。", kind.page()))
                .value(&input.about)
                .maxlength(ABOUT)
                .check(errors),
        );
    if kind == Kind::Assignment {
        let organs = ground.below.iter().map(|organ| Choice::new(organ.id.to_string(), &organ.name));
        form = form
            .field(
                Field::select("organ", "收文的纪检组织", organs)
                    .hint("只列出归本组织领导、不须回避的组织。交给其他单位的，在下一栏填写。")
                    .value(&input.organ)
                    .optional()
                    .check(errors),
            )
            .field(
                Field::text("unit", "收文单位")
                    .hint("不在平台上办理的单位，填写单位全称。被反映的单位和它的下级不能填。")
                    .value(&input.unit)
                    .maxlength(NAME)
                    .autocomplete("off")
                    .optional()
                    .check(errors),
            );
    }
    form = form
        .field(
            Field::textarea("body", "正文", 10)
                .hint("每行一段，系统会自动空两格。不要写反映人的姓名、电话、住址。")
                .value(&input.body)
                .maxlength(BODY)
                .check(errors),
        )
        .field(
            Field::textarea("enclosures", "附件名称", 2)
                .hint("每行一个，没有就留空。")
                .value(&input.enclosures)
                .maxlength(500)
                .optional()
                .check(errors),
        );
    if kind == Kind::Assignment {
        let sum = ground.due.as_ref().map(|due| {
            let lines: Vec<_> = due.lines.iter().map(ToString::to_string).collect();
            format!("本件的办理期限到{}（{}）。交办的期限不能比它晚。", date_text(due.at), lines.join("；"))
        });
        let hint = sum.unwrap_or_else(|| "请填写收文单位办结的日期。".into());
        form = form.field(
            Field::date("due", "办结期限")
                .hint(hint)
                .value(date_parts(&input.year, &input.month, &input.day))
                .check(errors),
        );
        let by = date_text(crate::clock::end_of_day(ground.receipt_by));
        let receipt = format!("附回执，请收文单位在{RECEIPT}个工作日内（{by}前）退回。");
        form = form.after(Markup::paragraphs(&receipt));
    }
    form
}

/// POST /office/cases/{id}/letters
pub async fn submit(
    State(app): State<App>,
    viewer: Viewer,
    Id(case_id): Id,
    Form(input): Form<Input>,
) -> Result<Response, PageError> {
    let ground = Ground::read(&app, &viewer, case_id).await?;
    let now = app.clock.now();
    let mut errors = Errors::new();
    let read = wish(&app, &ground, &input, now, &mut errors).await?;
    let Some((wish, to)) = read.filter(|_| errors.is_empty()) else {
        return show(&app, &viewer, &ground, &input, None, &errors).await;
    };
    if input.press == "preview" {
        let sign = ground.organ.sign.clone().unwrap_or_default();
        let letter = ground.letter(&wish, &to, &sign, now);
        return show(&app, &viewer, &ground, &input, Some(letter), &errors).await;
    }
    let tx = app.db.write().await?;
    match store::issue(&tx, &app.vault, viewer.actor()?, case_id, &wish, now).await {
        Ok(id) => {
            tx.commit().await?;
            Ok(redirect(&format!("/office/letters/{id}")))
        }
        Err(
            error @ (LetterError::Sign
            | LetterError::Moment(_)
            | LetterError::Addressee
            | LetterError::Lacks(_)),
        ) => {
            drop(tx);
            let field = if matches!(error, LetterError::Addressee) { "organ" } else { "" };
            errors.add(field, error.to_string());
            show(&app, &viewer, &ground, &input, None, &errors).await
        }
        Err(error) => Err(failed(error)),
    }
}

/// What was typed, as a letter to be issued, and how its addressee is called.
async fn wish(
    app: &App,
    ground: &Ground,
    input: &Input,
    now: Millis,
    errors: &mut Errors,
) -> Result<Option<(Wish, String)>, PageError> {
    let kind = Kind::from_code(&input.kind).ok_or(PageError::Malformed)?;
    if input.token.is_empty() {
        return Err(PageError::Malformed);
    }
    let lines = |text: &str| -> Vec<String> {
        let lines = text.lines().map(daylight_ids::text::clean);
        lines.filter(|line| !line.is_empty()).collect()
    };
    for (field, label, typed, most) in [
        ("about", "事由", &input.about, ABOUT),
        ("body", "正文", &input.body, BODY),
        ("enclosures", "附件名称", &input.enclosures, 500),
        ("unit", "收文单位", &input.unit, NAME),
    ] {
        limit(errors, field, typed, most);
        // A letter leaves the house: a number in it may be the reporter's.
        if let Some(message) = personal(label, typed) {
            errors.add(field, message.replace("公布后人人可见", "函件会离开本单位"));
        }
    }
    let about = daylight_ids::text::clean(&input.about);
    if about.is_empty() {
        errors.add("about", "请填写事由");
    }
    let body = lines(&input.body);
    if body.is_empty() {
        errors.add("body", "请填写正文");
    }
    let (to, name) = if kind == Kind::Assignment {
        match addressee(app, ground, input, errors).await? {
            Some(to) => to,
            None => return Ok(None),
        }
    } else {
        (To::Reporter, "反映人".to_owned())
    };
    let due = if kind == Kind::Assignment { limit_of(ground, input, now, errors) } else { None };
    let receipt_by = (kind == Kind::Assignment).then_some(ground.receipt_by);
    let (enclosures, token) = (lines(&input.enclosures), input.token.clone());
    Ok(Some((Wish { kind, to, about, body, enclosures, due, receipt_by, token }, name)))
}

async fn addressee(
    app: &App,
    ground: &Ground,
    input: &Input,
    errors: &mut Errors,
) -> Result<Option<(To, String)>, PageError> {
    let unit = input.unit.trim();
    match (input.organ.parse::<i64>(), unit.is_empty()) {
        (Ok(_), false) => errors.add("unit", "收文的纪检组织和收文单位只能填一个"),
        (Ok(id), true) => {
            let found = ground.below.iter().find(|organ| organ.id == id);
            if let Some(organ) = found {
                return Ok(Some((To::Organ(id), organ.name.clone())));
            }
            errors.add("organ", "请重新选择收文的纪检组织");
        }
        (Err(_), true) => errors.add("organ", "请选择收文的纪检组织，或填写收文单位"),
        (Err(_), false) => match units::store::by_name(app.db.read(), unit).await? {
            Some(found) => return Ok(Some((To::Unit(found.id), found.name))),
            None => {
                let similar = units::store::names_like(app.db.read(), unit, 5).await?;
                errors.add("unit", unknown_unit(unit, &similar));
            }
        },
    }
    Ok(None)
}

fn limit_of(ground: &Ground, input: &Input, now: Millis, errors: &mut Errors) -> Option<Date> {
    let Some(due) = input.due() else {
        errors.add("due", "请填写办结期限，例如 2026 年 12 月 31 日");
        return None;
    };
    if due < beijing(now).date() {
        errors.add("due", "办结期限不能早于今天");
    }
    // Whoever gives a case on has no more time to give than the case has.
    if let Some(last) = ground.due.as_ref().filter(|last| due > last.date) {
        errors.add("due", format!("办结期限不能晚于本件的办理期限{}", date_text(last.at)));
    }
    Some(due)
}
