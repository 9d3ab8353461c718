//! The page that number and code open.

use super::{Keys, Remark, Shown, TITLE};
use crate::{
    attachments, calendar,
    cases::{self, Above, By, Deed, Ending, Running, State},
    clock::{Millis, date_text, moment_text},
    deadlines::{self, Clock, Stage},
    organs,
    reports::{
        failed,
        frame::Frame,
        points,
        store::{self, Content, Sent, Status, Told},
        told,
    },
    web::{App, PageError, Viewer},
};
use askama::Template;
use axum::response::Response;
use daylight_ui::{
    Action, Details, Event, Html as Markup, Link, Notice, Overdue, Section, SummaryList, Tag, Timeline, When,
    form::{Choice, Field, Form},
    zh,
};
use std::collections::HashMap;

#[derive(Template)]
#[template(path = "reports/templates/status.html")]
struct Page {
    notice: Option<Notice>,
    lamp: Tag,
    overdue: Markup,
    now: &'static str,
    facts: SummaryList,
    sum: Option<Details>,
    replies: Vec<Section>,
    seen: Option<Section>,
    letters: Option<Section>,
    question: Option<Section>,
    namesakes: Vec<Section>,
    held: Option<Section>,
    forms: Vec<Section>,
    /// The reporter is awaited: what they may say stands before what has happened.
    first: bool,
    timeline: Section,
    content: Details,
}

/// Shows a report to its reporter.
pub async fn page(
    app: &App,
    viewer: &Viewer,
    status: &Status,
    shown: &Shown<'_>,
    said: Remark,
) -> Result<Response, PageError> {
    let c = app.db.read();
    let organs: HashMap<_, _> =
        organs::store::list(c).await?.into_iter().map(|line| (line.id, line)).collect();
    let clocks = clocks(app, status, shown).await?;
    let case = &status.case;
    let mut facts = SummaryList::new().row("受理编号", shown.keys.number.grouped());
    facts = facts.row("类别", case.kind.page());
    let organ = case.organ_id.and_then(|id| organs.get(&id));
    if let Some(organ) = organ {
        let phone = organ.phone.as_deref().unwrap_or("12388");
        let digits: String =
            phone.split('转').next().unwrap_or(phone).chars().filter(char::is_ascii_digit).collect();
        facts = facts.row("办理机关", organ.name.as_str());
        facts = facts.row("联系电话", Link::new(phone, format!("tel:{digits}")));
    }
    if let Some(held) = &status.held {
        facts = facts.row("上级的联系渠道", held.channel.as_str());
        if held.handed.is_some() {
            facts = facts.row("向上级询问时请说", held.reference.as_str());
        }
    }
    for (name, text) in &clocks.rows {
        facts = facts.row(name.as_str(), text.as_str());
    }
    let name = |id: i64| organs.get(&id).map_or_else(|| "纪检组织".to_owned(), |line| line.name.clone());
    let body = Page {
        notice: said.notice.map(|(kind, words)| Notice::new(kind, words)),
        lamp: cases::lamp(case).tag(),
        overdue: clocks.overdue,
        now: standing(status),
        facts,
        sum: clocks.sum,
        replies: replies(status),
        seen: crate::openings::told(&status.openings),
        letters: super::letter::section(&status.letters, shown.keys),
        question: question(status, shown),
        namesakes: namesakes(status, shown),
        held: held(status),
        forms: forms(app, status, shown, &said.errors, clocks.silence.as_deref()).await?,
        first: matches!(case.state, State::Answered | State::Asking),
        timeline: Section::new("办理经过", timeline(status, name)),
        content: content(status),
    };
    Frame::new(TITLE, Markup::render(&body)?).errors(&said.errors).show(app, viewer).await
}

/// Where it stands and what comes next, in a sentence.
fn standing(status: &Status) -> &'static str {
    let second = status.case.stage == Stage::Second;
    match status.case.state {
        State::Held => "没有办结。本县的办理机关都须回避，这件在等上级处理，期限照常计算。",
        _ if status.waits => "办理机关现在缺少不用回避的人，这件先在那里等，期限照常计算。有人了马上接着办。",
        State::Received | State::Routed => "已经收到，等办理机关决定是否受理。",
        State::Accepted => "已经受理，马上安排人办理。",
        State::Assigned if second => "上级正在重新办理。",
        State::Assigned => "正在办理。",
        State::Asking => "办理机关有情况要问您，请在下面补充。补充之前，期限暂停。",
        State::Concluded => "已经查完，正在写答复。",
        State::Answered => "已经答复。请看答复，再告诉我们您满意不满意。",
        State::Closed(Ending::Satisfied) => "已经办结，您表示满意。",
        State::Closed(Ending::Dissatisfied) => "已经办结。上级的答复是最终答复。",
        State::Closed(Ending::Lapsed) => "期限内没有收到您的评价，已经办结。",
        State::Closed(Ending::Withdrawn) => "您已经撤回。",
    }
}

/// What became of a case that no organ here may have, and what its reporter can do.
fn held(status: &Status) -> Option<Section> {
    let held = status.held.as_ref()?;
    let sealed = match &held.handed {
        Some(handed) => match handed.fetched_at {
            Some(at) => format!("内容已密封转交{}，{}已取走。", handed.superior, date_text(at)),
            None => format!("内容已密封转交{}，等上级来取。", handed.superior),
        },
        None => "上级还没有在本平台登记接收办法，内容先锁在这里。请您直接联系上级。".to_owned(),
    };
    let mut lines = vec![
        sealed,
        "本县工作人员都看不到它，包括原来办理的人。".to_owned(),
        format!("想知道进展、想尽快办，请联系{}。", held.channel),
    ];
    if held.handed.is_some() {
        lines.push("转交的内容里没有您的姓名和电话。上级要找您核实，会请您凭上面的号码联系。".to_owned());
        if !status.files.is_empty() {
            lines.push("附件没有随包转交，请联系上级时说明。".to_owned());
        }
    }
    let hears = if status.has_phone { "您会收到短信通知" } else { "请隔几天来查一次" };
    lines.push(format!("须回避的情形一旦消除，这件自动转回本县的办理机关继续办，{hears}。"));
    let lines: Markup = lines.iter().map(|line| Markup::paragraphs(line)).collect();
    Some(Section::new("为什么要等上级", lines))
}

/// Whether the reporter means those whom staff named: the one thing that only they know.
fn question(status: &Status, shown: &Shown<'_>) -> Option<Section> {
    let question = status.question.as_ref()?;
    let whom = match question.units.as_slice() {
        [] => "现在没有任职的干部".to_owned(),
        units => format!("{}的干部", units.join("、")),
    };
    let effect = if status.held.is_some() {
        "所以本县的办理机关都须回避，这件要等上级。"
    } else {
        "如果属实，现在的办理机关须回避，这件要转请上级处理。"
    };
    let words = match (question.open, question.confirmed) {
        (true, _) if question.lapsed => {
            "到期没有人确认，登记已经失效，那个人现在又可以参加办理。您说“是”，登记仍然马上生效；说“不是”，就不再问您。"
        }
        (true, _) => {
            "这要您自己说。说“是”，登记马上生效。说“不是”，登记作废，这件还在本县办。不清楚的，可以不点：几天内没有人确认，登记就失效。"
        }
        (false, true) => "您说过是的，不用再做什么。说错了的，请点下面的按钮，那次登记就作废。",
        (false, false) => "反映的就是他们，不用做什么。不是的，请点下面的按钮，那次登记就作废。",
    };
    let mut form = Form::post("/reports/status", "").hidden("seen", status.seen.to_string());
    let yes = || Action::submit("是，反映的就是他（她）所在单位的人").sends("do", "confirm");
    form.buttons.items = question.open.then(yes).into_iter().collect();
    form.buttons.items.push(Action::submit("不是，我反映的不是这些人").sends("do", "deny"));
    let said = Markup::paragraphs(&format!("办理机关登记您反映的人里有{whom}，{effect}"));
    let body = [said, Markup::paragraphs(words), keys(form, shown.keys).into()];
    Some(Section::new("您反映的是这些人吗？", body.into_iter().collect::<Markup>()))
}

/// Whether they wrote of somebody who might have to do with the case, or of another person of that name.
fn namesakes(status: &Status, shown: &Shown<'_>) -> Vec<Section> {
    let ask = |namesake: &cases::store::Namesake| {
        let mut form = Form::post("/reports/status", "")
            .hidden("seen", status.seen.to_string())
            .hidden("whom", namesake.id.to_string());
        form.buttons.items = vec![
            Action::submit("是，写的就是这个人").sends("do", "same"),
            Action::submit("不是，是同名的另一个人").sends("do", "another"),
        ];
        let said = format!(
            "您写的内容里有这个姓名：{}。为了保护您，这个人和这个人的亲属现在都看不到这件。",
            namesake.who
        );
        let words = "写的就是这个人，请点“是”：这个人所在的办理机关须回避，这件转给上一级办。只是同名，请点“不是”：这个人就可以参加办理。不清楚的，可以不点，这件照样办。";
        let body = [Markup::paragraphs(&said), Markup::paragraphs(words), keys(form, shown.keys).into()];
        Section::new("您写的是这个人吗？", body.into_iter().collect::<Markup>())
    };
    status.namesakes.iter().map(ask).collect()
}

#[derive(Default)]
struct Clocks {
    rows: Vec<(String, String)>,
    overdue: Markup,
    sum: Option<Details>,
    silence: Option<String>,
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"{% for (name, lines) in sums %}<p><b>{{ name }}</b></p><ol class="lines">{% for line in lines %}<li>{{ line }}</li>{% endfor %}</ol>{% endfor %}{% for version in versions %}<p class="hint">工作日按{{ version }}计算。</p>{% endfor %}"#
)]
struct Sums {
    sums: Vec<(String, Vec<String>)>,
    versions: Vec<String>,
}

/// The mark of being late.
fn overdue(clocks: &[Running], calendar: &calendar::Calendar, now: Millis) -> Markup {
    cases::overdue_days(clocks, calendar, now).map(|days| Overdue { days }.into()).unwrap_or_default()
}

/// The dates with the sums that made them; one that rests on a year without calendar says that it may yet move.
async fn clocks(app: &App, status: &Status, shown: &Shown<'_>) -> Result<Clocks, PageError> {
    let c = app.db.read();
    let case = &status.case;
    let missing = || PageError::Internal("a case without its deadline profile".into());
    let profile = deadlines::store::kept(c, &case.profile).await?.ok_or_else(missing)?;
    let calendar = calendar::store::calendar(c).await?;
    let clocks = case.clocks(&profile, &calendar, shown.now);
    let running: Vec<&Running> = clocks.iter().filter(|clock| clock.run.ended.is_none()).collect();
    let mut found = Clocks { overdue: overdue(&clocks, &calendar, shown.now), ..Clocks::default() };
    let mut sums = Vec::new();
    let mut versions = Vec::new();
    for clock in &running {
        let name = until(clock.run.rule.clock).to_owned();
        let standing = if clock.due.standing { "（等您补充，暂停计算）" } else { "" };
        found.rows.push((name.clone(), format!("{}{}{standing}", date_text(clock.due.at), clock.due.mark())));
        sums.push((name, clock.due.lines.iter().map(ToString::to_string).collect()));
        versions.extend(clock.due.versions.values().cloned());
    }
    if let Some(due) = case.silence_ends(&profile, &calendar, shown.now) {
        found.silence = Some(date_text(due.at));
    }
    versions.sort();
    versions.dedup();
    if !sums.is_empty() {
        found.sum = Some(Details::new("这些日期是怎么算的", Markup::render(&Sums { sums, versions })?));
    }
    Ok(found)
}

fn timeline(status: &Status, organ: impl Fn(i64) -> String) -> Timeline {
    let last = status.timeline.len().saturating_sub(1);
    let open = status.case.is_open();
    let accepted = status.timeline.iter().position(|told| told.what == Deed::Accept);
    Timeline::new(status.timeline.iter().enumerate().map(|(at, told)| {
        let mut body = Vec::new();
        if !told.reason.is_empty() {
            let before =
                if matches!(told.what, Deed::Dissatisfied { .. }) { "还差什么" } else { "理由" };
            body.push(Markup::paragraphs(&format!("{before}：{}", told.reason)));
        }
        // A reply stands above in full.
        if !matches!(told.what, Deed::Reply { .. }) {
            body.push(Markup::paragraphs(&told.words.text));
            body.extend(told.words.points.iter().map(|point| Markup::paragraphs(&format!("问题：{point}"))));
        }
        let files: Vec<_> = status.files_of(told.number).map(file).collect();
        if !files.is_empty() && matches!(told.what, Deed::Supply { .. }) {
            body.push(Markup::paragraphs(&format!("附上{}个文件：{}", files.len(), files.join("；"))));
        }
        Event {
            when: if at == last && open { When::Now } else { When::Done },
            date: moment_text(told.at),
            title: told::sentence(&told.what, accepted.is_some_and(|accepted| accepted < at), &organ),
            body: body.into_iter().collect(),
        }
    }))
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<dl class="answers">{% for (asked, answer) in pairs %}<div><dt>{{ loop.index }}. {{ asked }}</dt><dd>{{ answer }}</dd></div>{% endfor %}</dl>{{ rest }}"#
)]
struct Answers {
    pairs: Vec<(String, Markup)>,
    rest: Markup,
}

/// Every reply, the newest first, each point with its answer.
fn replies(status: &Status) -> Vec<Section> {
    let mut points = status.content.points.clone();
    let mut found = Vec::new();
    for told in &status.timeline {
        match told.what {
            Deed::Supply { .. } => points.extend(told.words.points.iter().cloned()),
            Deed::Reply { .. } => found.push(reply(&points, told)),
            _ => {}
        }
    }
    found.reverse();
    found
}

fn reply(points: &[String], told: &Told) -> Section {
    let pairs = points.iter().cloned().zip(told.words.answers.iter().map(|text| Markup::paragraphs(text)));
    let body = Answers { pairs: pairs.collect(), rest: Markup::paragraphs(&told.words.text) };
    let body = Markup::render(&body).unwrap_or_default();
    Section::new(format!("{}的答复", date_text(told.at)), body)
}

async fn forms(
    app: &App,
    status: &Status,
    shown: &Shown<'_>,
    errors: &daylight_ui::form::Errors,
    silence: Option<&str>,
) -> Result<Vec<Section>, PageError> {
    let may = |deed: Deed| status.case.act(By::Reporter, shown.now, deed, "理由").is_ok();
    let typed = |name: &str| shown.typed.text(name).to_owned();
    let form = |verb: &str, word: &str| {
        let mut form = Form::post("/reports/status", "").hidden("seen", status.seen.to_string());
        form.buttons.items = vec![Action::submit(verb).sends("do", word)];
        keys(form, shown.keys)
    };
    let mut forms = Vec::new();
    if may(Deed::Satisfied) {
        let until =
            silence.map(|date| format!("请在{date}前告诉我们，过期就按办结处理。")).unwrap_or_default();
        let yes = form("满意，可以办结", "satisfied");
        let above = may(Deed::Dissatisfied { to: Some(Above::Outside) });
        let hint = match above {
            true => "不满意就交给上级重新办理，上级的答复是最终答复。",
            false => "这已经是上级的最终答复。您的意见会留在记录里。",
        };
        let no = form("不满意", "dissatisfied").field(
            Field::textarea("missing", "还差什么", 4)
                .hint(format!("哪个问题没有答，哪里不属实。{hint}"))
                .value(typed("missing"))
                .autocomplete("off")
                .check(errors),
        );
        let body = [Markup::paragraphs(&until), yes.into(), no.into()];
        forms.push(Section::new("您满意吗？", body.into_iter().collect::<Markup>()));
    }
    if may(Deed::Supply { points: 0 }) {
        let title = if status.case.state == State::Asking { "请您补充情况" } else { "补充情况" };
        let mut more = form("提交补充", "more");
        more.action = "/reports/status/more".to_owned();
        let mut more = more.field(
            Field::textarea("more", "要补充的情况", 5)
                .value(typed("more"))
                .autocomplete("off")
                .optional()
                .check(errors),
        );
        more.fields.extend(points::fields(&points::typed(shown.typed), 2, errors));
        if let Some(first) = more.fields.get_mut(1) {
            first.hint = "还要他们答复的，一个框写一个问题；没有就空着。".into();
        }
        let token = store::more_token(&app.vault, &shown.keys.number, &shown.keys.code);
        let files = attachments::store::list(app.db.read(), &app.vault, &token, shown.now).await;
        let files = files.map_err(failed)?;
        let more = attachments::with_files(more, "/reports/status/evidence", &files, false, errors);
        forms.push(Section::new(title, more).id("more"));
    }
    if may(Deed::Withdraw) {
        let sure = Choice::new("yes", "我确定撤回");
        let back = form("撤回这份反映", "withdraw")
            .field(Field::checkboxes("sure", "撤回以后不再办理，也不能恢复", [sure]).check(errors));
        forms.push(Section::new("撤回", Details::new("不想继续了，撤回这份反映", back)));
    }
    Ok(forms)
}

pub(super) fn keys(form: Form, keys: &Keys) -> Form {
    form.hidden("number", keys.number.canonical()).hidden("code", keys.code.canonical())
}

fn content(status: &Status) -> Details {
    let Content { facts, points, .. } = &status.content;
    let mut list = SummaryList::new()
        .row("经过", Markup::paragraphs(&facts.what))
        .row("有关的人", facts.who.as_str())
        .row("什么时候", facts.when.as_str())
        .row("在哪里", facts.place.as_str())
        .row("涉及多少钱", facts.amount.as_str())
        .row("要求答复", Markup::paragraphs(&points.join("\n")));
    let files: Vec<_> = status.files_of(1).map(file).collect();
    if let (false, Some(at)) = (files.is_empty(), status.timeline.first().map(|told| told.at)) {
        let words = format!("{}，共{}个，都已收到：", moment_text(at), files.len());
        list = list.row("附上的文件", Markup::paragraphs(&format!("{words}\n{}", files.join("\n"))));
    }
    Details::new("我当时写的内容", list)
}

/// What a clock means to who waits.
fn until(clock: Clock) -> &'static str {
    match clock {
        Clock::Forward => "最迟哪天受理或转交",
        Clock::Accept => "最迟哪天告诉您受理不受理",
        Clock::Handle => "最迟哪天办完",
        Clock::Reply => "最迟哪天答复",
    }
}

/// A file as its reporter knows it again: names stay sealed, also from whoever looks over a shoulder.
fn file(sent: &Sent) -> String {
    let kind = sent.kind.map_or("文件", attachments::Kind::page);
    format!("{kind}，{}", zh::file_size(sent.size))
}
