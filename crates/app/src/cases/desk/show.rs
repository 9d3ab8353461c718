//! One case on one page: what was reported, where it stands, what may follow, and everything that happened.

use super::{
    evidence,
    file::{self, File},
    list::left,
    offer::Offer,
};
use crate::{
    authz::{self, Action, CaseFacts, Denied, Role},
    cases::{
        By, Conclusion, Deed, State, lamp, overdue_days,
        routing::Because,
        store::{self as cases, Entry, Sent},
    },
    clock::{beijing, date_text, moment_text},
    web::{App, Asked, Id, PageError, Viewer},
};
use axum::{extract::State as Axum, response::Html};
use daylight_ui::{
    Action as Button, Actions, Details, Event, Heading, Html as Markup, Link, Notice, NoticeKind, Overdue,
    Section, SummaryList, Table, Tag, Timeline, When, zh,
};

/// GET /office/cases/{id}
pub async fn page(
    Axum(app): Axum<App>,
    viewer: Viewer,
    Id(id): Id,
    asked: Asked,
) -> Result<Html<String>, PageError> {
    let file = File::read(&app, &viewer, id).await?;
    let mut parts: Vec<Markup> = Vec::new();
    parts.extend(notice(asked.text("done")).map(Markup::from));
    parts.push(heading(&file));
    parts.extend(second_word(&app, &file).await?);
    parts.extend(super::clear::section(&app, &file).await?);
    parts.push(next(&file).into());
    parts.push(Section::new("反映的内容", reported(&file)).into());
    parts.extend(evidence::sections(&file).into_iter().map(Markup::from));
    parts.push(Section::new("办理期限", deadlines(&file, false)).into());
    parts.extend(found(&file).map(|found| Markup::from(Section::new("结论、处置和追缴", found))));
    parts.push(Section::new("办理经过", timeline(&file)).into());
    parts.extend(letters(&app, &file).await?.map(Markup::from));
    parts.push(Section::new("为什么由这个组织办理", routes(&file)).into());
    parts.push(who(&app, &file).await?.into());
    parts.push(alike(&app, &file).await?.into());
    let print = Actions::new([Button::link("打印整卷", format!("{}/print", file.href())).second()]);
    parts.push(print.into());
    let mut shell = viewer.office(&app, &file.name()).await?;
    shell.breadcrumbs = vec![("办理件".into(), Some("/office/cases".into())), (file.name(), None)];
    Ok(Html(daylight_ui::page(&shell, parts.into_iter().collect::<Markup>().as_str())))
}

/// What was just done.
fn notice(slug: &str) -> Option<Notice> {
    let text = match slug {
        "stale" => {
            return Some(Notice::new(
                NoticeKind::Warning,
                "这一步现在不能办，最新的进展和可以办的事见下面。",
            ));
        }
        "name" => "已登记被反映人。与其有利害关系的人从现在起看不到这件。",
        "named" => {
            "已登记，等本组织另一个人或者反映人确认。被登记的人及其亲属从现在起看不到这件；确认之前仍由您的组织办理。"
        }
        "clear" => "已记下您的说明，等另一个人也核对后生效。",
        "cleared" => "已有两个人说明是同名的另一个人。此人不再因为这个姓名回避这件。",
        "link" => "已关联。两件仍分别办理、分别答复。",
        "unlink" => "已取消关联。",
        _ => match Offer::from_slug(slug)? {
            Offer::Accept => "已受理，反映人可以查到。接下来由审批领导交办。",
            Offer::Assign => "已交办，承办人现在可以打开这件。",
            Offer::Decline => "已告知反映人不予受理和您写的理由。",
            Offer::Ask => "问题已发给反映人，办理期限从今天起暂停。",
            Offer::Resume => "已继续办理，期限继续计算。",
            Offer::Note => "已记录。",
            Offer::FileCase => "已立案，期限改按立案计算。",
            Offer::AskTime => "已申请延长，等审批领导决定；期限在批准以前不变。",
            Offer::Extend => "已批准延长，反映人会看到新的期限和理由。",
            Offer::RefuseTime => "已告诉承办人不同意延长，期限不变。",
            Offer::Conclude => "结论已提交，等审批领导答复或退回。",
            Offer::Return => "已退回承办人补查。",
            Offer::Measure => "处置已登记。",
            Offer::Money => "追缴和退还已登记。",
            Offer::Reply => "已答复，反映人现在可以查到并评价。",
            Offer::Reopen => "已重新办理，期限重新计算。",
            Offer::Forward | Offer::Recuse => return None,
        },
    };
    Some(Notice::new(NoticeKind::Success, text))
}

fn heading(file: &File) -> Markup {
    let case = &file.opened.case;
    let overdue = overdue_days(&file.clocks(), &file.calendar, file.now).map(|days| Overdue { days });
    let mut heading = Heading::new(file.name())
        .kicker(format!("{} · {}", case.kind.page(), file.about.page()))
        .tag(lamp(case).tag())
        .tag(Tag::neutral(super::list::state_page(case.state.code())));
    if case.overturned() {
        heading = heading.tag(Tag::neutral("上级改变了首次结论"));
    }
    if let Some(overdue) = overdue {
        heading = heading.tag(overdue);
    }
    heading.into()
}

/// Whoever was named so that the organ would lose the case: it waits for a second member to say the same.
async fn second_word(app: &App, file: &File) -> Result<Vec<Markup>, PageError> {
    let pending = &file.matter.pending;
    let ids: Vec<_> = pending.keys().copied().collect();
    let people = super::store::people_by_id(app.db.read(), &ids).await?;
    let mut parts = Vec::new();
    for person in people {
        let by = pending.get(&person.id).map(|voice| voice.account_id);
        let who = by.map_or("一名工作人员", |id| file.account(id));
        let rest = if by == Some(file.actor.account_id) {
            "等本组织另一个人或者反映人确认；确认之前仍由您的组织办理，5个工作日内没有人确认的，登记失效。"
        } else {
            "请您核对：属实的，您再登记一次就是确认，这件随即交上级；不属实的，不用操作，5个工作日后登记失效。反映人也会被问到，反映人说是的，登记马上生效。"
        };
        let text = format!("{who}登记{}为被反映人，登记后本级没有可以办理的组织。{rest}", person.name);
        parts.push(Notice::new(NoticeKind::Warning, text).into());
        if by != Some(file.actor.account_id) {
            let href = format!("{}/name?cadre={}", file.href(), person.id);
            parts.push(
                Actions::new([Button::link(format!("核对并确认{}", person.name), href).second()]).into(),
            );
        }
    }
    Ok(parts)
}

/// Whose turn it is, and what this person may do.
fn next(file: &File) -> Section {
    let case = &file.opened.case;
    let handler = case.handler_id.map_or("承办人", |id| file.account(id));
    let turn = match case.state {
        State::Received | State::Routed => "等受理员决定是否受理。".to_owned(),
        State::Accepted => "已受理，等审批领导交办给承办人。".to_owned(),
        State::Assigned => format!("由{handler}办理。"),
        State::Asking => "已请反映人补充，等反映人回复；等待期间期限暂停。".to_owned(),
        State::Concluded => "承办人已提交结论，等审批领导答复或退回。".to_owned(),
        State::Held => "本级没有可以办理的组织，等上级处理。".to_owned(),
        State::Answered => "已答复，等反映人评价。不满意的首次答复会自动转到上级。".to_owned(),
        State::Closed(_) => "已办结。".to_owned(),
    };
    let button = |offer: &Offer, main: bool| {
        let link = Button::link(offer.verb(), format!("{}/{}", file.href(), offer.slug()));
        if main { link } else { link.second() }
    };
    let (main, other): (Vec<_>, Vec<_>) = file.offers.iter().partition(|offer| offer.is_main());
    let mut buttons: Vec<_> = main.into_iter().map(|offer| button(offer, true)).collect();
    buttons.extend(other.into_iter().map(|offer| button(offer, false)));
    buttons.push(Button::link("登记被反映人", format!("{}/name", file.href())).second());
    if leads(file) {
        buttons.push(Button::link("登记问题线索", format!("{}/clue", file.href())).second());
    }
    let mut body: Vec<Markup> = vec![Markup::paragraphs(&turn)];
    // The date that a tired eye looks for; the sums stand below.
    let clocks = file.clocks();
    if let Some(clock) = clocks.iter().find(|clock| clock.run.ended.is_none() && !clock.due.standing) {
        let due = left(clock.due.at, &file.calendar, file.now);
        let mark = clock.due.mark();
        body.push(Markup::trusted(format!("<p><b>{}期限：</b>{due}{mark}</p>", clock.run.rule.clock.page())));
    }
    if let Some(asked) = case.asked {
        let (clock, by) = (asked.clock.page(), asked.by.page());
        let who = file.account(asked.account_id);
        body.push(Markup::paragraphs(&format!("{who}申请把“{clock}”期限延长{by}，等审批领导决定。")));
    }
    if case.state == State::Concluded && case.concluded_by == Some(file.actor.account_id) {
        body.push(Markup::paragraphs("结论是您形成的，请由另一位领导审批答复。"));
    }
    body.push(Markup::trusted(format!("<div class=\"section-actions\">{}</div>", Actions::new(buttons))));
    Section::new("下一步", body.into_iter().collect::<Markup>()).id("next")
}

/// What the reporter wrote.
pub(super) fn reported(file: &File) -> Markup {
    let facts = &file.content.facts;
    let object: Markup = match file.about.href() {
        Some(href) => Link::new(file.about.page(), href).into(),
        None => file.about.page().into(),
    };
    let mut list = SummaryList::new().row("反映的对象", object);
    for (key, text) in [("反映的人", &facts.who), ("时间", &facts.when), ("地点", &facts.place)] {
        if !text.is_empty() {
            list = list.row(key, text);
        }
    }
    list = list.row("发生了什么", Markup::paragraphs(&facts.what));
    if let Some(fen) = file.content.amount_fen {
        list = list.row("涉及金额", zh::yuan(fen));
    }
    let points: Markup = numbered(&file.points);
    list = list.row("要逐一答复的问题", points);
    let named: Vec<_> = file.matter.named.iter().copied().collect();
    if !named.is_empty() {
        list = list.row("已登记的被反映人", format!("{}人，与其有利害关系的人看不到这件", named.len()));
    }
    let sealed = match file.about.level.as_str() {
        "phone" | "real_name" | "hotline" => "；联系方式另行密封，这里看不到",
        _ => "，没有留姓名和电话",
    };
    // Number and code were forgotten as soon as they were drawn.
    let back = match file.about.is_from_hotline() {
        true => "。没有编号和查询码，平台不发短信：答复由12345回复来电人，来电人满意不满意由热线受理员登记",
        false => "",
    };
    if let Some((number, calls)) = &file.order {
        list = list.row("热线工单编号", number.as_str());
        for (at, heard) in calls {
            list = list.row("12345回访", format!("{}，来电人{}", moment_text(*at), heard.page()));
        }
    }
    list.row("反映人", format!("{}{sealed}{back}", file.about.level_page())).into()
}

/// "1. …" as paragraphs.
pub(super) fn numbered(texts: &[String]) -> Markup {
    texts.iter().enumerate().map(|(at, text)| Markup::paragraphs(&format!("{}. {text}", at + 1))).collect()
}

/// Every clock with its date and the sum that made it, which a page folds away and paper does not.
pub(super) fn deadlines(file: &File, on_paper: bool) -> Markup {
    let mut list = SummaryList::new();
    for clock in &file.clocks() {
        let due = &clock.due;
        let state: Markup = match clock.run.ended {
            Some(ended) if ended > due.at => {
                format!("期限{}，{}才完成，超期", date_text(due.at), date_text(ended)).into()
            }
            Some(ended) => format!("期限{}，{}已完成", date_text(due.at), date_text(ended)).into(),
            None if due.standing => format!("{}，正在等反映人补充，日期会顺延", date_text(due.at)).into(),
            None => left(due.at, &file.calendar, file.now),
        };
        let sum = due.lines.iter().map(|line| Markup::paragraphs(&line.to_string()));
        let used = due
            .versions
            .iter()
            .map(|(year, notice)| Markup::paragraphs(&format!("{year}年工作日历：{notice}")));
        let sum: Markup = sum.chain(used).collect();
        let mark: Markup = due.mark().into();
        let value: Markup =
            [state, mark, if on_paper { sum } else { Details::new("怎么算出来的", sum).into() }]
                .into_iter()
                .collect();
        let stage = match clock.run.rule.stage {
            crate::deadlines::Stage::First => "首次办理",
            crate::deadlines::Stage::Second => "上级办理",
        };
        list = list.row(format!("{}（{stage}）", clock.run.rule.clock.page()), value);
    }
    list.into()
}

/// What was found and done about it.
pub(super) fn found(file: &File) -> Option<Markup> {
    let case = &file.opened.case;
    let conclusion = case.conclusion?;
    let page = |one: Conclusion| one.page(case.kind);
    let mut list = SummaryList::new().row("结论", page(conclusion));
    let concluded = |entry: &&Entry| matches!(entry.event.deed, Deed::Conclude { .. });
    if let Some(entry) = file.opened.entries.iter().rev().find(concluded) {
        list = list.row("查明的情况和依据", Markup::paragraphs(&entry.words.text));
    }
    if let Some(first) = case.first_conclusion {
        list = list.row("首次办理的结论", page(first));
    }
    if !case.measures.is_empty() {
        let measures: Vec<_> = case.measures.iter().map(|measure| measure.page()).collect();
        list = list.row("处置", measures.join("、"));
    }
    if case.recovered > 0 {
        list = list.row("追缴", zh::yuan(case.recovered)).row("退还", zh::yuan(case.returned));
    }
    Some(list.into())
}

/// Everything that happened, with who did it and what they wrote.
pub(super) fn timeline(file: &File) -> Markup {
    Timeline::new(file.opened.entries.iter().map(|entry| event(file, entry))).into()
}

/// One event as the staff see it.
pub(super) fn event(file: &File, entry: &Entry) -> Event {
    let happened = &entry.event;
    let who = match happened.by {
        By::Staff { account_id, organ_id, role } => {
            format!("{}（{}{}）", file.account(account_id), file.organ(organ_id), role.page())
        }
        by => by.page().to_owned(),
    };
    let mut title = format!("{}：{who}", happened.deed.page());
    let mut body: Vec<Markup> = Vec::new();
    let fact = match &happened.deed {
        Deed::Route { organ_id } | Deed::Forward { organ_id } => Some(format!("到{}", file.organ(*organ_id))),
        Deed::Assign { account_id } => Some(format!("给{}", file.account(*account_id))),
        Deed::Recuse { account_id } => Some(file.account(*account_id).to_owned()),
        Deed::AskTime { clock, by } | Deed::Extend { clock, by } => {
            Some(format!("“{}”期限延长{}", clock.page(), by.page()))
        }
        Deed::Conclude { conclusion } => Some(conclusion.page(file.opened.case.kind).to_owned()),
        Deed::Measure { measure } => Some(measure.page().to_owned()),
        Deed::Money { recovered, returned } => {
            Some(format!("追缴{}，退还{}", zh::yuan(*recovered), zh::yuan(*returned)))
        }
        Deed::Reply { sound } => sound.released().map(|why| format!("与以前的答复相近，放行理由：{why}")),
        _ => None,
    };
    if let Deed::Dissatisfied { to } = &happened.deed {
        title += match to {
            Some(_) => "，转到上级",
            None => "，上级的答复是最终答复",
        };
    }
    body.extend(fact.map(|fact| Markup::paragraphs(&fact)));
    if !happened.reason.is_empty() {
        body.push(Markup::paragraphs(&format!("理由：{}", happened.reason)));
    }
    body.push(Markup::paragraphs(&entry.words.text));
    body.push(numbered(&entry.words.points));
    body.push(numbered(&entry.words.answers));
    body.extend(evidence::came_with(file, happened.number));
    Event { when: When::Done, date: moment_text(happened.at), title, body: body.into_iter().collect() }
}

/// The reasoning of routing, the latest last.
pub(super) fn routes(file: &File) -> Markup {
    let one = |sent: &Sent| {
        let lines = sent.chain.iter().map(|because| Markup::paragraphs(&because_page(file, because)));
        lines.collect::<Markup>()
    };
    file.routes.iter().map(one).collect()
}

fn because_page(file: &File, because: &Because) -> String {
    match because {
        Because::Rule(name) => format!("按分办规则“{name}”"),
        Because::Organ(id) => format!("核对{}是否可以办理", file.organ(*id)),
        Because::OrganOut(id, why) => format!("{}须回避：{}", file.organ(*id), why.page()),
        Because::StaffOut(id, why) => format!("{}不能接触：{}", file.account(*id), why.page()),
        Because::Lacks(id, role) => format!("{}没有可以办理的{}，向上一级", file.organ(*id), role.page()),
        Because::Chosen(id) => format!("由{}办理", file.organ(*id)),
        Because::Beyond => "本级没有可以办理的组织，转请上级".to_owned(),
    }
}

/// Who can open the case.
pub(super) fn holders(file: &File) -> Markup {
    let of = |id: &i64| {
        let here = file.world.staff.iter();
        let roles: Vec<_> = here
            .filter(|staff| staff.account_id == *id && Some(staff.organ_id) == file.opened.case.organ_id)
            .filter(|staff| {
                staff.role != Role::Handler || file.opened.case.handler_id == Some(staff.account_id)
            })
            .map(|staff| staff.role.page())
            .collect();
        format!("{}（{}）", file.account(*id), roles.join("、"))
    };
    let names: Vec<_> = file.holders.iter().map(of).collect();
    let organ = file.opened.case.organ_id.map_or("没有组织", |id| file.organ(id));
    Markup::paragraphs(&format!(
        "{organ}：{}。其他人，包括系统管理员，都打不开。谁哪天打开过、打印过、下载过原件，都记入审计日志，删改会被核验发现。",
        names.join("、")
    ))
}

/// Whether this person may do so, but for a second person's approval.
fn may(file: &File, action: Action) -> bool {
    let case = &file.opened.case;
    let facts = CaseFacts {
        organ_id: case.organ_id,
        handler_id: case.handler_id,
        // Whoever is shown the file was let in.
        conflict: false,
        holds_key: true,
        second: None,
    };
    matches!(authz::decide_case(&file.actor, action, &facts), Ok(_) | Err(Denied::OwnWork))
}

/// Who can open it, and for those who may ask the way to who reported.
async fn who(app: &App, file: &File) -> Result<Section, PageError> {
    let mut body = vec![holders(file)];
    if leads(file) {
        body.push(looks(app, file).await?);
    }
    let section = Section::new("谁能看到这件", body.into_iter().collect::<Markup>());
    let known = file.about.level != "anonymous";
    if !known || !may(file, Action::SeeIdentity) {
        return Ok(section);
    }
    Ok(section.more("申请查看反映人身份", format!("{}/identity", file.href())))
}

/// Whether this person leads the organ that has it.
fn leads(file: &File) -> bool {
    let case = &file.opened.case;
    file.actor.grants.iter().any(|grant| grant.role == Role::Leader && grant.organ_id == case.organ_id)
}

/// So many looks are shown; all of them are in the trail.
const LOOKS: i64 = 100;

/// Who looked at it, as the trail has it. The leader of the superior organ sees those of the first stage too.
async fn looks(app: &App, file: &File) -> Result<Markup, PageError> {
    let found = cases::looks(app.db.read(), file.id(), LOOKS).await?;
    let mut table =
        Table::new("打开记录", ["时间", "谁", "看了什么"].map(Into::into)).caption_hidden().dense();
    for line in &found {
        let what = format!("{} {}", crate::audit::words::action(&line.action), line.detail);
        table.push([time_text(line.at).into(), line.actor.as_str().into(), what.trim().into()], false);
    }
    let hint = Markup::paragraphs("每人每天对同一内容只记第一次；最近100条，更早的请审计管理员查。");
    let body: Markup = [hint, table.into()].into_iter().collect();
    Ok(Details::new("谁打开过", body).into())
}

/// What was issued in it, and the way to the next.
async fn letters(app: &App, file: &File) -> Result<Option<Section>, PageError> {
    let issued = crate::letters::store::of_case(app.db.read(), &file.opened).await;
    let issued = issued.map_err(PageError::internal)?;
    let issues = may(file, Action::ApproveCase);
    if issued.is_empty() && !issues {
        return Ok(None);
    }
    let mut list = SummaryList::new();
    for (line, letter) in &issued {
        let link = Link::new(letter.title(), format!("/office/letters/{}", line.id));
        list = list.row(line.number().page(), Markup::from(link));
    }
    let body = match issued.is_empty() {
        true => Markup::paragraphs("还没有制发过函件。"),
        false => list.into(),
    };
    let section = Section::new("公文函件", body);
    let new = format!("{}/letters/new", file.href());
    Ok(Some(if issues { section.more("制发函件", new) } else { section }))
}

/// Cases tied to this one, as far as this person may see them, and where to look for more.
async fn alike(app: &App, file: &File) -> Result<Section, PageError> {
    let linked =
        cases::links(app.db.read(), &app.vault, &file.actor, file.id()).await.map_err(super::failed)?;
    let mut lines = Vec::new();
    for line in linked {
        let link: Markup = Link::new(file::name(line.id), format!("/office/cases/{}", line.id)).into();
        lines.push(Markup::trusted(format!("<p>{link}</p>")));
    }
    if lines.is_empty() {
        lines.push(Markup::paragraphs("还没有关联的办理件。"));
    }
    let section = Section::new("反映同一件事的", lines.into_iter().collect::<Markup>());
    Ok(section.more("查找可能相同的反映", format!("{}/duplicates", file.href())))
}

/// The day on which a page was made.
pub(super) fn today(file: &File) -> String {
    let day = beijing(file.now);
    zh::date(day.year(), u8::from(day.month()), day.day())
}
