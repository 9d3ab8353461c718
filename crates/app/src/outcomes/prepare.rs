//! One card in the office: written with a preview, approved by another, taken back.

use super::{
    card::{self, Draft, Ground, Problem, SUMMARY, State, grain_code, grain_page},
    public::card_body,
    store::{self, Facts, Line},
    unreached,
};
use crate::{
    cases::{self, Grain, store::Opened},
    clock::Millis,
    web::{App, Form, Id, PageError, Viewer, limit, redirect},
};
use askama::Template;
use axum::{
    extract::State as Extract,
    response::{Html, IntoResponse, Response},
};
use daylight_db::Tx;
use daylight_ui::{
    Action, Heading, Html as Markup, Notice, NoticeKind, Section,
    form::{self, Choice, Errors, Field},
};
use serde::Deserialize;

#[derive(Template)]
#[template(
    ext = "html",
    source = "{{ summary }}{{ head }}{{ notice }}{{ warnings }}{{ preview }}{{ form }}{{ paste }}"
)]
struct Page {
    summary: Markup,
    head: Heading,
    notice: Markup,
    warnings: Markup,
    preview: Markup,
    form: Markup,
    paste: Markup,
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<ul class="lines">{% for line in lines %}<li>{{ line }}</li>{% endfor %}</ul>
{% if repeats %}<p>{% for mark in marks %}{% if mark.told %}<mark>{{ mark.text }}</mark>{% else %}{{ mark.text }}{% endif %}{% endfor %}</p><p class="muted">标出的文字与反映人的原话相同。</p>{% endif %}
{% if let Some(coarser) = coarser %}<p>建议的公布范围：<b>{{ coarser }}</b>。</p>{% endif %}"#
)]
struct Warnings {
    lines: Vec<String>,
    marks: Vec<card::Mark>,
    repeats: bool,
    coarser: Option<&'static str>,
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<p>用于公众号、公告栏或村广播。全选下面的文字，复制即可。</p><textarea class="input" rows="7" readonly aria-label="可以复制的文字">{{ text }}</textarea>"#
)]
struct Paste {
    text: String,
}

/// What the form sends.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct Input {
    grain: String,
    summary: String,
    people: String,
    power: String,
    cadre: String,
    weighed: String,
    ground: String,
    /// "preview" or "propose".
    todo: String,
}

impl Input {
    fn of(draft: &Draft) -> Input {
        let tick = |on: bool| if on { "yes".to_owned() } else { String::new() };
        Input {
            grain: draft.grain.clone(),
            summary: draft.summary.clone(),
            people: draft.people.map(|n| n.to_string()).unwrap_or_default(),
            power: tick(draft.power),
            cadre: tick(draft.cadre),
            weighed: tick(draft.weighed),
            ground: draft.ground.clone(),
            todo: String::new(),
        }
    }

    fn draft(&self) -> Draft {
        Draft {
            grain: self.grain.clone(),
            summary: daylight_ids::text::clean(&self.summary),
            people: self.people.trim().parse().ok(),
            power: !self.power.is_empty(),
            cadre: !self.cadre.is_empty(),
            weighed: !self.weighed.is_empty(),
            ground: Ground::from_code(&self.ground).map_or("", Ground::code).to_owned(),
        }
    }
}

/// A closed case with its card, opened for this viewer; of anything else the viewer learns nothing.
struct Desk {
    opened: Opened,
    facts: Facts,
    line: Option<Line>,
    draft: Option<Draft>,
}

async fn desk(tx: &Tx, app: &App, viewer: &Viewer, id: i64, now: Millis) -> Result<Desk, PageError> {
    let opened = cases::store::open(tx, &app.vault, viewer.actor()?, id, now).await.map_err(unreached)?;
    let line = store::line(&**tx, id).await?;
    if line.is_none() && !store::is_due(&opened) {
        return Err(PageError::NotFound);
    }
    let facts = store::facts(&**tx, &opened).await.map_err(unreached)?;
    let draft = store::draft(&**tx, &opened).await.map_err(unreached)?;
    Ok(Desk { opened, facts, line, draft })
}

/// GET /office/outcomes/{id}
pub async fn page(Extract(app): Extract<App>, viewer: Viewer, Id(id): Id) -> Result<Response, PageError> {
    let now = app.clock.now();
    let tx = app.db.write().await?;
    let desk = desk(&tx, &app, &viewer, id, now).await?;
    tx.commit().await?;
    let input = Input::of(&desk.draft.clone().unwrap_or_else(|| proposed(&desk.facts)));
    show(&app, &viewer, &desk, &input, &Errors::new(), false).await
}

/// What the form begins with: the closest place that hides the reporter in a crowd.
fn proposed(facts: &Facts) -> Draft {
    let grain = cases::grain(&facts.crowd(&Draft::default()), &cases::Batch::seed()).unwrap_or(Grain::County);
    let grain = if facts.place(grain).is_some() { grain } else { Grain::County };
    Draft { grain: grain_code(grain).to_owned(), ..Draft::default() }
}

/// Everything that is wrong with a draft, and what it looks like.
fn review(desk: &Desk, draft: &Draft) -> (Option<cases::Card>, Vec<Problem>) {
    let Some(card) = desk.facts.card(&desk.opened, draft) else {
        return (None, vec![Problem::Stops("grain", "请选择公布到哪一级".into())]);
    };
    let facts = &desk.facts;
    let problems = card::review(draft, &card, &facts.told(), &facts.crowd(draft), &facts.setting());
    (Some(card), problems)
}

/// POST /office/outcomes/{id}
pub async fn submit(
    Extract(app): Extract<App>,
    viewer: Viewer,
    Id(id): Id,
    Form(input): Form<Input>,
) -> Result<Response, PageError> {
    let now = app.clock.now();
    let tx = app.db.write().await?;
    let desk = desk(&tx, &app, &viewer, id, now).await?;
    let draft = input.draft();
    let mut errors = Errors::new();
    limit(&mut errors, "summary", &input.summary, SUMMARY);
    if !input.people.trim().is_empty() && draft.people.is_none() {
        errors.add("people", "请填写数字，不清楚可以不填");
    }
    if draft.ground.is_empty() {
        let (_, problems) = review(&desk, &draft);
        for problem in &problems {
            match problem {
                Problem::Stops(field, message) if errors.get(field).is_none() => errors.add(*field, message),
                Problem::Warns(_)
                    if input.todo == "propose" && !draft.weighed && errors.get("weighed").is_none() =>
                {
                    errors.add("weighed", "请先看完上面的提醒，修改，或勾选确认");
                }
                _ => {}
            }
        }
    }
    if desk.line.as_ref().is_some_and(|line| line.sent_back >= store::SENT_BACK_MOST)
        && draft.ground.is_empty()
    {
        errors.add("summary", "这件两次在公布前被平台退回，请改选不公布的理由，或报告上级纪检组织");
    }
    if input.todo != "propose" || !errors.is_empty() {
        drop(tx);
        return show(&app, &viewer, &desk, &input, &errors, true).await;
    }
    let kept =
        if draft.ground.is_empty() { draft } else { Draft { ground: draft.ground, ..Draft::default() } };
    store::propose(&tx, viewer.actor()?, &desk.opened, &kept, now).await.map_err(unreached)?;
    tx.commit().await?;
    Ok(redirect(&format!("/office/outcomes/{id}")))
}

/// What an approver says.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct Decision {
    todo: String,
}

/// POST /office/outcomes/{id}/decide
pub async fn decide(
    Extract(app): Extract<App>,
    viewer: Viewer,
    Id(id): Id,
    Form(decision): Form<Decision>,
) -> Result<Response, PageError> {
    let now = app.clock.now();
    let tx = app.db.write().await?;
    let desk = desk(&tx, &app, &viewer, id, now).await?;
    let actor = viewer.actor()?;
    match decision.todo.as_str() {
        "approve" => {
            let done = store::approve(&tx, actor, &desk.opened, now).await.map_err(unreached)?;
            done.map_err(|why| PageError::invalid(why.to_string()))?;
        }
        "return" => store::send_back(&tx, actor, &desk.opened, now).await.map_err(unreached)?,
        _ => return Err(PageError::Malformed),
    }
    tx.commit().await?;
    // What is not published is counted in public.
    app.cache.purge();
    Ok(redirect(&format!("/office/outcomes/{id}")))
}

/// Why a card is taken back.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct Reason {
    reason: String,
}

/// POST /office/outcomes/{id}/retract
pub async fn retract(
    Extract(app): Extract<App>,
    viewer: Viewer,
    Id(id): Id,
    Form(given): Form<Reason>,
) -> Result<Response, PageError> {
    let now = app.clock.now();
    let tx = app.db.write().await?;
    let desk = desk(&tx, &app, &viewer, id, now).await?;
    let reason = daylight_ids::text::clean(&given.reason);
    if !store::hand(viewer.actor()?, &desk.opened).leads {
        return Err(PageError::invalid("撤下结果须由领导操作"));
    }
    if reason.is_empty() {
        let mut errors = Errors::new();
        errors.add("reason", "请写明为什么撤下");
        drop(tx);
        let input = Input::of(&desk.draft.clone().unwrap_or_default());
        return show(&app, &viewer, &desk, &input, &errors, false).await;
    }
    let done = store::retract(&tx, &app.vault, viewer.actor()?, &desk.opened, &reason, now).await;
    done.map_err(unreached)?;
    tx.commit().await?;
    app.cache.purge();
    Ok(redirect(&format!("/office/outcomes/{id}")))
}

async fn show(
    app: &App,
    viewer: &Viewer,
    desk: &Desk,
    input: &Input,
    errors: &Errors,
    tried: bool,
) -> Result<Response, PageError> {
    let id = desk.opened.id;
    let state = desk.line.as_ref().map(Line::state);
    let draft = input.draft();
    let (card, problems) = review(desk, &draft);
    let kept = tried || desk.draft.is_some();
    let withheld = Ground::from_code(&draft.ground);
    let open = state.is_none_or(State::is_open);
    let preview = match (&card, withheld) {
        (_, Some(ground)) => {
            let text = format!("不公布：{}。公开页面只计数，不显示内容。", ground.page());
            Section::new("公布后的样子", Notice::new(NoticeKind::Info, text)).into()
        }
        (Some(card), None) if kept => Section::new("公布后的样子", card_preview(card)).into(),
        _ => Markup::default(),
    };
    let body = Page {
        summary: if errors.is_empty() { Markup::default() } else { errors.summary().into() },
        head: Heading::new(format!("办理件第{id}号的公布内容")).kicker("结果公布"),
        notice: notice(state, desk.line.as_ref()),
        warnings: if kept && withheld.is_none() && open {
            warnings(desk, &draft, &problems)?
        } else {
            Markup::default()
        },
        preview,
        form: forms(viewer, desk, input, errors, &problems)?,
        paste: match (&card, withheld, state) {
            (Some(card), None, Some(State::Public)) => {
                Section::new("复制文字", Markup::render(&Paste { text: card::plain_text(card) })?).into()
            }
            _ => Markup::default(),
        },
    };
    let mut shell = viewer.office(app, &body.head.title).await?;
    shell.breadcrumbs =
        vec![("结果公布".into(), Some("/office/outcomes".into())), (format!("办理件第{id}号"), None)];
    Ok(Html(daylight_ui::page(&shell, &body.render()?)).into_response())
}

fn card_preview(card: &cases::Card) -> Markup {
    let title = card::title(&card.place, card.kind, card.conclusion);
    [
        Markup::trusted("<h3>"),
        title.into(),
        Markup::trusted("</h3>"),
        card_body(card, card.place.as_str().into()),
    ]
    .into_iter()
    .collect()
}

fn notice(state: Option<State>, line: Option<&Line>) -> Markup {
    let Some(state) = state else { return Markup::default() };
    let text = match (state, line.is_some_and(|line| line.sent_back > 0)) {
        (State::Returned, true) => {
            "平台在公布前发现可能泄露个人身份的内容，已退回。请检查是否写了姓名等，重新写。"
        }
        (State::Proposed, _) => "已提交，等待另一个人审核。写的人和审的人中须有一位领导。",
        (State::Waiting, _) => "审核已通过。办结满三天后，在最近一批（周三上午）公布。",
        (state, _) => state.page(),
    };
    Notice::new(NoticeKind::Info, text).into()
}

fn warnings(desk: &Desk, draft: &Draft, problems: &[Problem]) -> Result<Markup, PageError> {
    let line = |problem: &Problem| match problem {
        Problem::Stops(_, text) => format!("必须修改：{text}"),
        Problem::Warns(text) => text.clone(),
    };
    let lines: Vec<_> = problems.iter().map(line).collect();
    if lines.is_empty() {
        return Ok(Notice::new(
            NoticeKind::Info,
            "没有发现会让人认出反映人的内容。姓名由平台在公布前再查一遍。",
        )
        .into());
    }
    let best = cases::grain(&desk.facts.crowd(draft), &cases::Batch::seed()).unwrap_or(Grain::County);
    let coarser = draft.grain().filter(|grain| best > *grain).map(|_| grain_page(best));
    let marks = card::marks(&draft.summary, &desk.facts.told);
    Ok(Section::new(
        "可能让人认出反映人",
        Markup::render(&Warnings { lines, repeats: marks.iter().any(|mark| mark.told), marks, coarser })?,
    )
    .into())
}

fn forms(
    viewer: &Viewer,
    desk: &Desk,
    input: &Input,
    errors: &Errors,
    problems: &[Problem],
) -> Result<Markup, PageError> {
    let state = desk.line.as_ref().map(Line::state);
    let hand = store::hand(viewer.actor()?, &desk.opened);
    let path = format!("/office/outcomes/{}", desk.opened.id);
    let mut parts: Vec<Markup> = Vec::new();
    if let (Some(State::Proposed), Some(line)) = (state, &desk.line) {
        let writer = card::Hand { account_id: line.writer_id, leads: line.writer_leads };
        if card::may_approve(writer, hand).is_ok() {
            let approve = form::Form {
                buttons: daylight_ui::Actions::new([
                    Action::submit("审核通过").sends("todo", "approve"),
                    Action::submit("退回修改").second().sends("todo", "return"),
                ]),
                ..form::Form::post(format!("{path}/decide"), "")
            };
            parts.push(Section::new("审核", approve).into());
        }
    }
    if state.is_none_or(State::is_open) {
        parts.push(Section::new("公布内容", write(&path, desk, input, errors, problems)).into());
    }
    if state == Some(State::Public) && hand.leads {
        let field = Field::textarea("reason", "为什么撤下", 3).maxlength(SUMMARY).check(errors);
        parts.push(
            Section::new("撤下", form::Form::post(format!("{path}/retract"), "撤下结果").field(field)).into(),
        );
    }
    Ok(parts.into_iter().collect())
}

fn write(path: &str, desk: &Desk, input: &Input, errors: &Errors, problems: &[Problem]) -> form::Form {
    let facts = &desk.facts;
    let grains = [Grain::Unit, Grain::Township, Grain::County];
    let grains = grains.into_iter().filter_map(|grain| {
        let (_, place) = facts.place(grain)?;
        Some(Choice::new(grain_code(grain), format!("{}：{place}", grain_page(grain))))
    });
    let mut form = form::Form {
        buttons: daylight_ui::Actions::new([
            Action::submit("预览和检查").second().sends("todo", "preview"),
            Action::submit("提交审核").sends("todo", "propose"),
        ]),
        ..form::Form::post(path, "")
    };
    form = form
        .field(Field::radios("grain", "公布到哪一级", grains).value(&input.grain).check(errors))
        .field(
            Field::textarea("summary", "查了什么，结果怎样", 5)
                .hint("用自己的话写，不要照抄反映的内容。不写姓名、电话、证件号、具体日期。")
                .value(&input.summary)
                .maxlength(SUMMARY)
                .check(errors),
        )
        .field(
            Field::text("people", "这个单位大约有多少人")
                .hint("包括它服务的群众。人少的单位，写到单位容易猜出是谁反映的。不公布。")
                .value(&input.people)
                .numeric()
                .maxlength(8)
                .optional()
                .check(errors),
        );
    let tick = |name: &str, label: &str, choice: String, value: &str| {
        Field::checkboxes(name, label, [Choice::new("yes", choice)]).values([value]).optional().unmarked()
    };
    if let Some((_, power)) = &facts.power {
        form = form.field(tick("power", "权力页面", format!("同时显示在“{power}”页面"), &input.power));
    }
    if let Some((_, cadre)) = &facts.cadre {
        let choice = format!("同时显示在{cadre}的页面：处分决定已经生效");
        form = form.field(tick("cadre", "干部页面", choice, &input.cadre).check(errors));
    }
    if problems.iter().any(|problem| matches!(problem, Problem::Warns(_))) {
        let choice = "我看过以上提醒，仍然这样公布".to_owned();
        form = form.field(tick("weighed", "提醒", choice, &input.weighed).check(errors));
    }
    let grounds = Ground::ALL.into_iter().map(|ground| Choice::new(ground.code(), ground.page()));
    form.field(
        Field::select("ground", "不公布的理由", grounds)
            .hint("只有这几种情形可以不公布。选了以后，上面的内容不用填；公开页面会计数。")
            .value(&input.ground)
            .optional(),
    )
}
