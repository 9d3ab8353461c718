//! 修改期限: how long each clock runs. What begins and ends a clock, and on what it rests, is not asked.

use super::{Profile, Rule, Source, Term, store};
use crate::{
    authz::decide_rules,
    calendar,
    clock::date_text,
    office::{Typed, summary},
    organs,
    web::{App, Form, PageError, Viewer, Word, redirect},
};
use askama::Template;
use axum::{
    extract::State,
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};
use daylight_ui::{
    Diff, Heading, Html as Markup, Section, Table,
    form::{Choice, Errors, Field},
};

/// The units of a term, as the form says them.
const UNITS: [(&str, &str); 3] = [("days", "日"), ("working_days", "个工作日"), ("months", "个月")];
/// Longer than any term that makes sense.
const MOST: u32 = 400;

#[derive(Template)]
#[template(path = "deadlines/templates/edit.html")]
struct Page {
    summary: Markup,
    heading: Heading,
    preview: Markup,
    action: String,
    seen: String,
    cards: Vec<Card>,
    fields: Vec<Field>,
}

/// A rule with its terms.
struct Card {
    legend: String,
    source: String,
    fields: Vec<Field>,
}

async fn permit(app: &App, viewer: &Viewer) -> Result<(), PageError> {
    let top = organs::store::top(app.db.read()).await?;
    Ok(decide_rules(viewer.actor()?, top).map(drop)?)
}

fn unit(term: Term) -> &'static str {
    match term {
        Term::Days(_) => "days",
        Term::WorkingDays(_) => "working_days",
        Term::Months(_) => "months",
    }
}

fn term(count: u32, unit: &str) -> Option<Term> {
    match unit {
        "days" => Some(Term::Days(count)),
        "working_days" => Some(Term::WorkingDays(count)),
        "months" => Some(Term::Months(count)),
        _ => None,
    }
}

/// The terms of a rule that are asked: name, label, whether it may be left empty.
const TERMS: [(&str, &str, bool); 3] =
    [("term", "期限", false), ("filed", "立案后的期限", true), ("extension", "最多延长", true)];

fn asked(rule: &Rule, name: &str) -> Option<Term> {
    match name {
        "term" => Some(rule.term),
        "filed" => rule.filed,
        _ => rule.extension,
    }
}

/// The form of a profile, filled as it stands.
fn filled(profile: &Profile, version: i64) -> Typed {
    let mut fields = vec![("seen".to_owned(), version.to_string())];
    for (at, rule) in profile.rules.iter().enumerate() {
        for (name, ..) in TERMS {
            let value = asked(rule, name);
            fields.push((
                format!("rule-{at}-{name}"),
                value.map(|t| t.count().to_string()).unwrap_or_default(),
            ));
            let known = value.map_or(unit(rule.term), unit);
            fields.push((format!("rule-{at}-{name}_unit"), known.into()));
        }
    }
    fields.push(("silence".into(), profile.silence.count().to_string()));
    fields.push(("pause".into(), profile.pause_most.to_string()));
    Typed::new(fields)
}

/// GET /office/deadlines/{code}/edit
pub async fn form(State(app): State<App>, viewer: Viewer, Word(code): Word) -> Result<Response, PageError> {
    permit(&app, &viewer).await?;
    let newest = newest(&app, &code).await?;
    let typed = filled(&newest.profile, newest.version);
    show(&app, &viewer, &newest, &typed, None, &Errors::new()).await
}

async fn newest(app: &App, code: &str) -> Result<store::Version, PageError> {
    let mut versions = store::versions(app.db.read(), code).await?;
    if versions.is_empty() { Err(PageError::NotFound) } else { Ok(versions.swap_remove(0)) }
}

async fn show(
    app: &App,
    viewer: &Viewer,
    newest: &store::Version,
    typed: &Typed,
    preview: Option<Markup>,
    errors: &Errors,
) -> Result<Response, PageError> {
    let (profile, code) = (&newest.profile, newest.profile.code.as_str());
    let title = format!("修改期限：{}", profile.name);
    let lead = "只影响以后收到的反映；已经收到的按原来的期限办。法规定的期限只能缩短。";
    let action = format!("/office/deadlines/{code}/edit");
    let cards = profile.rules.iter().enumerate().map(|(at, rule)| card(at, rule, typed, errors));
    let days = |name: &str, label: &str| {
        Field::number(name, label).value(typed.get(name)).maxlength(3).suffix("日").check(errors)
    };
    let page = Page {
        summary: summary(errors),
        heading: Heading::new(title.as_str()).lead(lead),
        preview: preview.unwrap_or_default(),
        action,
        seen: typed.get("seen").to_owned(),
        cards: cards.collect(),
        fields: vec![
            days("silence", "答复以后多少日内可以评价"),
            days("pause", "每次请反映人补充，最多停多少日"),
            Field::text("reason", "为什么修改")
                .hint("会记入审计日志。")
                .value(typed.get("reason"))
                .maxlength(200)
                .check(errors),
        ],
    };
    let mut shell = viewer.office(app, &title).await?;
    shell.breadcrumbs = vec![
        ("办理期限".into(), Some("/office/deadlines".into())),
        (profile.name.clone(), Some(format!("/office/deadlines/{code}"))),
        ("修改".into(), None),
    ];
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok((status, Html(daylight_ui::page(&shell, &page.render()?))).into_response())
}

/// The terms of a rule.
fn card(at: usize, rule: &Rule, typed: &Typed, errors: &Errors) -> Card {
    let mut fields = Vec::new();
    for (name, label, optional) in TERMS {
        // A statute that knows no longer term offers none.
        if optional && asked(rule, name).is_none() && !matches!(rule.source, Source::Promise(_)) {
            continue;
        }
        let (field, unit) = (format!("rule-{at}-{name}"), format!("rule-{at}-{name}_unit"));
        let units = UNITS.map(|(value, word)| Choice::new(value, word));
        let label = if optional { format!("{label}（可不填）") } else { label.to_owned() };
        let count = Field::number(&field, &label).value(typed.get(&field)).maxlength(3).check(errors);
        let unit = Field::select(&unit, "单位", units).value(typed.get(&unit)).check(errors);
        fields.extend(if optional { [count.unmarked(), unit.unmarked()] } else { [count, unit] });
    }
    let legend = format!("{}：{}", rule.stage.page(), rule.clock.page());
    Card { legend, source: rule.source.page(), fields }
}

/// The profile with what was typed in it.
fn read(before: &Profile, typed: &Typed, errors: &mut Errors) -> Profile {
    let mut profile = before.clone();
    for (at, rule) in profile.rules.iter_mut().enumerate() {
        let found = TERMS.map(|(name, _, optional)| {
            let field = format!("rule-{at}-{name}");
            let text = typed.get(&field);
            if text.is_empty() && optional {
                return None;
            }
            let count = text.parse().ok().filter(|count| (1..=MOST).contains(count));
            let read = count.and_then(|count| term(count, typed.get(&format!("{field}_unit"))));
            if read.is_none() {
                errors.add(field, format!("请填写1到{MOST}的数，并选择单位"));
            }
            read
        });
        let [term, filed, extension] = found;
        (rule.term, rule.filed, rule.extension) = (term.unwrap_or(rule.term), filed, extension);
    }
    let mut days = |field: &str, least: u32, most: u32, before: u32| {
        let read = typed.get(field).parse().ok().filter(|days| (least..=most).contains(days));
        if read.is_none() {
            errors.add(field, format!("请填写{least}到{most}的数"));
        }
        read.unwrap_or(before)
    };
    profile.silence = Term::Days(days("silence", 5, 90, before.silence.count()));
    profile.pause_most = days("pause", 1, 30, before.pause_most);
    if errors.is_empty() {
        for problem in profile.problems().into_iter().chain(profile.against_law()) {
            errors.add("", problem);
        }
    }
    profile
}

/// What the change would do, in words and in days.
async fn preview(app: &App, before: &Profile, after: &Profile) -> Result<Markup, PageError> {
    let calendar = calendar::store::calendar(app.db.read()).await?;
    let today = app.clock.today();
    let caption = format!("今天（{}）收到的反映，最后一天", date_text(app.clock.now()));
    let mut table = Table::new(caption, ["要做的事", "现在", "改了以后"].map(Into::into)).dense();
    let day = |due: super::Due| format!("{}{}", date_text(due.at), due.mark());
    for filed in [false, true] {
        let pairs =
            before.tried(&calendar, today, filed).into_iter().zip(after.tried(&calendar, today, filed));
        for ((rule, old), (_, new)) in pairs.filter(|((rule, _), _)| !filed || rule.filed.is_some()) {
            let case = if filed { "（立案的）" } else { "" };
            let what = format!("{}：{}{case}", rule.stage.page(), rule.clock.page());
            let (old, new) = (day(old), day(new));
            let moved = old != new;
            table.push([what.into(), old.into(), new.into()], moved);
        }
    }
    let diff = Diff::of("期限的说法", &before.sentences().join("\n"), &after.sentences().join("\n"));
    let body: Markup = [Markup::from(table), diff.into()].into_iter().collect();
    Ok(Section::new("影响", body).into())
}

/// POST /office/deadlines/{code}/edit
pub async fn submit(
    State(app): State<App>,
    viewer: Viewer,
    Word(code): Word,
    Form(sent): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    permit(&app, &viewer).await?;
    let typed = Typed::new(sent);
    let before = newest(&app, &code).await?;
    let mut errors = Errors::new();
    let profile = read(&before.profile, &typed, &mut errors);
    if typed.get("do") == "preview" && errors.is_empty() {
        let shown = preview(&app, &before.profile, &profile).await?;
        return show(&app, &viewer, &before, &typed, Some(shown), &errors).await;
    }
    if typed.get("reason").is_empty() {
        errors.add("reason", "请写明为什么修改");
    }
    if let Some(message) = crate::revisions::personal("为什么修改", typed.get("reason")) {
        errors.add("reason", message);
    }
    if errors.is_empty() && profile == before.profile {
        errors.add("", "没有改动，不用保存");
    }
    if !errors.is_empty() {
        return show(&app, &viewer, &before, &typed, None, &errors).await;
    }
    let now = app.clock.now();
    let tx = app.db.write().await?;
    store::hold(&tx).await?;
    let last = store::versions(&*tx, &code).await?.first().map(|version| version.version);
    if last.map(|version| version.to_string()).as_deref() != Some(typed.get("seen")) {
        drop(tx);
        errors.add("", "刚刚有人改过，请核对下面的内容后再保存");
        let fresh = newest(&app, &code).await?;
        let typed = filled(&fresh.profile, fresh.version);
        return show(&app, &viewer, &fresh, &typed, None, &errors).await;
    }
    let version = store::add(&tx, &profile, Some(viewer.actor()?.account_id), now).await?;
    let detail = format!("{} 第{version}版：{}", profile.name, typed.get("reason"));
    viewer.note(&tx, "rules.deadlines", &format!("deadlines {code}"), &detail, now).await?;
    tx.commit().await?;
    Ok(redirect(&format!("/office/deadlines/{code}")))
}
