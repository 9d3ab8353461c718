//! 工作台: what waits for me.

use super::store::{self, Filter, Task};
use crate::{
    authz::{Action, Resource, Role, Scope, decide, may_ever},
    calendar, cases,
    clock::{date_text, time_text},
    clues, imports, letters, openings, outcomes,
    revisions::{State, SubjectKind, edit_href},
    web::{App, PageError, Viewer},
};
use axum::{extract::State as Axum, response::Html};
use daylight_ui::{
    Drawing, Empty, Entries, Entry, Figure, Figures, Heading, Html as Markup, Section, Table, zh,
};

/// GET /office
pub async fn page(Axum(app): Axum<App>, viewer: Viewer) -> Result<Html<String>, PageError> {
    let actor = viewer.actor()?;
    let mut sections: Vec<Section> = Vec::new();
    sections.extend(cases_waiting(&app, &viewer).await?);
    sections.extend(others_waiting(&app, &viewer).await?);
    sections.extend(own_work(&app, &viewer).await?);
    let waiting = sections.len();
    sections.extend(to_complete(&app, &viewer).await?);
    sections.extend(recent_imports(&app, &viewer).await?);
    sections.push(recent_sign_ins(&app, &viewer).await?);
    let today = date_text(app.clock.now());
    let mut parts: Vec<Markup> =
        vec![Heading::new("工作台").lead(format!("{}，您好。今天是{today}。", actor.name)).into()];
    parts.extend(calendar::warning(app.db.read(), actor, app.clock.now()).await?);
    if waiting == 0 {
        let mut empty = Empty::new(Drawing::Sun, "现在没有等您处理的事")
            .text("有退回的修改、没写完的草稿或等您审核的内容时，会出现在这里。");
        if may_ever(actor, Action::SeeDrafts) {
            empty = empty.action("看内容维护", "/office/contents");
        }
        parts.push(empty.into());
    }
    parts.extend(sections.into_iter().map(Markup::from));
    let shell = viewer.office(&app, "工作台").await?;
    Ok(Html(daylight_ui::page(&shell, parts.into_iter().collect::<Markup>().as_str())))
}

/// Returned, to review, drafts, waiting: in the order of urgency.
async fn own_work(app: &App, viewer: &Viewer) -> Result<Vec<Section>, PageError> {
    let (actor, c) = (viewer.actor()?, app.db.read());
    let mut sections = Vec::new();
    let edit = Scope::of(actor, Action::Edit);
    let review = Scope::of(actor, Action::Review);
    if may_ever(actor, Action::Edit) {
        let (tasks, count) = store::own(c, &edit, actor.account_id, State::Returned).await?;
        sections.extend(section("退回给我修改的", &tasks, count, Shown::Reason));
    }
    if may_ever(actor, Action::Review) {
        let (tasks, count) = store::to_review(c, &review, actor.account_id).await?;
        let section = section("等我审核的", &tasks, count, Shown::Author);
        sections.extend(section.map(|section| section.more("全部", "/office/reviews")));
    }
    if may_ever(actor, Action::Edit) {
        let (tasks, count) = store::own(c, &edit, actor.account_id, State::Draft).await?;
        sections.extend(section("我的草稿", &tasks, count, Shown::Nothing));
        let (tasks, count) = store::own(c, &edit, actor.account_id, State::Submitted).await?;
        sections.extend(section("我提交的，等别人审核", &tasks, count, Shown::Nothing));
    }
    Ok(sections)
}

/// Cases of which the next step is this person's, and those due soon.
async fn cases_waiting(app: &App, viewer: &Viewer) -> Result<Option<Section>, PageError> {
    let actor = viewer.actor()?;
    if !may_ever(actor, Action::SeeCase) {
        return Ok(None);
    }
    let waiting = cases::desk::waiting(app, actor).await?;
    let has = |role| actor.grants.iter().any(|grant| grant.role == role);
    let turn = "/office/cases?panel=turn";
    let (mut figures, mut all) = (Vec::new(), 0);
    for (shown, count, label, href) in [
        (has(Role::Intake), waiting.to_accept, "待受理", turn),
        (has(Role::Leader), waiting.to_assign, "待交办", turn),
        (has(Role::Leader), waiting.to_reply, "待答复", turn),
        (has(Role::Handler), waiting.mine, "我的办理件", "/office/cases?panel=working"),
        (true, waiting.soon, "即将到期或已超期", "/office/cases?panel=working"),
        (true, waiting.notices, "没看的提醒", "/office/notices"),
    ] {
        if shown {
            all += count;
            figures.push(Figure::new(zh::number(count), "件", label).href(href));
        }
    }
    Ok((all > 0).then(|| Section::new("办理件", Figures::new(figures)).more("全部办理件", "/office/cases")))
}

/// Clues, outcomes, letters and identities that wait for this person. What is late stands here until it is done: nobody can put it away.
async fn others_waiting(app: &App, viewer: &Viewer) -> Result<Option<Section>, PageError> {
    let actor = viewer.actor()?;
    if !may_ever(actor, Action::SeeCase) {
        return Ok(None);
    }
    let clues = clues::waiting(app, actor).await?;
    let (outcomes, letters) = (outcomes::waiting(app, actor).await?, letters::waiting(app, actor).await?);
    let openings = match may_ever(actor, Action::ApproveIdentity) {
        true => openings::waiting(app, actor).await?,
        false => 0,
    };
    let figures: Vec<_> = [
        (clues.late, "条", "超期的问题线索", "/office/clues?late=yes"),
        (clues.to_approve, "条", "待审批的问题线索", "/office/clues?state=proposed"),
        (openings, "件", "等您审批的身份查看", "/office/openings"),
        (outcomes.to_write, "件", "待写的公布内容", "/office/outcomes?turn=write"),
        (outcomes.to_approve, "件", "待审的公布内容", "/office/outcomes?turn=approve"),
        (letters.receipts, "份", "回执超期的函件", "/office/letters?only=receipt"),
        (letters.answers, "份", "办结超期的函件", "/office/letters?only=overdue"),
    ]
    .into_iter()
    .filter(|(count, ..)| *count > 0)
    .map(|(count, measure, label, href)| Figure::new(zh::number(count), measure, label).href(href))
    .collect();
    Ok((!figures.is_empty()).then(|| Section::new("线索、公布、函件和审批", Figures::new(figures))))
}

/// What a line says besides the name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    Nothing,
    Reason,
    Author,
}

fn section(title: &str, tasks: &[Task], count: i64, shown: Shown) -> Option<Section> {
    let entry = |task: &Task| {
        let kind = SubjectKind::from_code(&task.kind);
        let href = match shown {
            Shown::Author => format!("/office/reviews/{}", task.id),
            _ => format!("/office/drafts/{}", task.id),
        };
        let title = if task.title.is_empty() { "（还没有名称）" } else { task.title.as_str() };
        let mut entry = Entry::new(title, href).margin(time_text(task.moved_at));
        entry = entry.fact(kind.map_or("", SubjectKind::page));
        if let Some(unit) = task.unit.as_deref().filter(|unit| *unit != task.title) {
            entry = entry.fact(unit);
        }
        if let Some(author) = task.author.as_ref().filter(|_| shown == Shown::Author) {
            entry = entry.fact(format!("{author} 编写"));
        }
        match task.reason.as_ref().filter(|_| shown == Shown::Reason) {
            Some(reason) => entry.summary(format!("退回理由：{reason}")),
            None => entry,
        }
    };
    let title = format!("{title}（{count}）");
    (count > 0).then(|| Section::new(title, Entries::new(tasks.iter().map(entry))))
}

/// Items of one's units that an import flagged or that lack a part.
async fn to_complete(app: &App, viewer: &Viewer) -> Result<Option<Section>, PageError> {
    let actor = viewer.actor()?;
    if !may_ever(actor, Action::Edit) {
        return Ok(None);
    }
    let scope = Scope::of(actor, Action::Edit);
    let mut figures = Vec::new();
    for kind in SubjectKind::ALL {
        let filter = Filter { kind, text: String::new(), flagged: true };
        let count = store::count_contents(app.db.read(), &scope, &filter).await?;
        if count > 0 {
            let href = format!("/office/contents?kind={}&only=flagged", kind.code());
            figures.push(Figure::new(zh::number(count), "项", kind.page()).note("有问题或缺内容").href(href));
        }
    }
    Ok((!figures.is_empty()).then(|| Section::new("待完善的内容", Figures::new(figures))))
}

async fn recent_imports(app: &App, viewer: &Viewer) -> Result<Option<Section>, PageError> {
    if decide(viewer.actor()?, Action::Import, &Resource::default()).is_err() {
        return Ok(None);
    }
    let lines = imports::store::list(app.db.read(), 3, 0).await?;
    let entry = |line: &imports::store::Line| {
        Entry::new(line.file_names().join("、"), format!("/office/imports/{}", line.id))
            .margin(time_text(line.created_at))
            .fact(line.state().page())
    };
    let list = Entries::new(lines.iter().map(entry));
    let section = Section::new("最近的导入", list).more("批量导入", "/office/imports");
    Ok((!lines.is_empty()).then_some(section))
}

async fn recent_sign_ins(app: &App, viewer: &Viewer) -> Result<Section, PageError> {
    let lines = store::sign_ins(app.db.read(), viewer.actor()?.account_id).await?;
    let mut table =
        Table::new("最近的登录", ["时间", "设备", "状态"].map(Into::into)).caption_hidden().dense();
    for line in lines {
        let state = line.state(app.clock.now());
        table.push([time_text(line.created_at).into(), line.device.into(), state.into()], false);
    }
    let hint = Markup::paragraphs("不是您本人登录的？请马上结束那个设备，并修改密码。");
    let body: Markup = [Markup::from(table), hint].into_iter().collect();
    Ok(Section::new("最近的登录", body).more("管理设备和密码", "/office/devices"))
}

/// Where a draft is worked on from a list.
pub(super) fn draft_href(kind: SubjectKind, subject_id: Option<i64>, draft_id: i64, state: State) -> String {
    match state {
        State::Submitted => format!("/office/drafts/{draft_id}"),
        _ => edit_href(kind, subject_id, Some(draft_id)),
    }
}
