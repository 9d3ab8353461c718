//! 问题线索台账: what one's organs have, by state, disposal and lateness; on a page and as a workbook.

use super::{
    Disposal, State, due, failed,
    store::{self, Line},
};
use crate::{
    authz::{Actor, Role},
    calendar::{self, Calendar},
    clock::{Millis, beijing, date_text, end_of_day},
    organs,
    oversight::download,
    web::{App, Asked, PER_PAGE, PageError, Viewer},
};
use axum::{
    extract::State as Axum,
    response::{Html, Response},
};
use daylight_ui::{
    Action, Actions, Chips, Drawing, Empty, Heading, Html as Markup, Link, Notice, NoticeKind, Overdue,
    Pagination, Table, zh,
};
use std::collections::BTreeMap;

const HREF: &str = "/office/clues";

/// What is asked for.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Filter {
    state: Option<&'static str>,
    disposal: Option<Disposal>,
    late: bool,
}

const STATES: [(&str, &str); 3] = [("open", "待处置"), ("proposed", "待审批"), ("disposed", "已处置")];

impl Filter {
    fn of(asked: &Asked) -> Filter {
        let state = STATES.into_iter().map(|(code, _)| code).find(|code| *code == asked.text("state"));
        let disposal = Disposal::from_code(asked.text("disposal"));
        Filter { state, disposal, late: asked.text("late") == "yes" }
    }

    fn holds(self, line: &Line, late: bool) -> bool {
        self.state.is_none_or(|code| line.state.code() == code)
            && self.disposal.is_none_or(|disposal| line.state.disposal() == Some(disposal))
            && (!self.late || late)
    }

    fn query(self) -> String {
        let state = self.state.map(|code| format!("state={code}"));
        let disposal = self.disposal.map(|disposal| format!("disposal={}", disposal.code()));
        let late = self.late.then(|| "late=yes".to_owned());
        state.into_iter().chain(disposal).chain(late).collect::<Vec<_>>().join("&")
    }

    fn href(self) -> String {
        let query = self.query();
        if query.is_empty() { HREF.into() } else { format!("{HREF}?{query}") }
    }
}

/// "线索第12号".
pub(super) fn name(id: i64) -> String {
    format!("线索第{id}号")
}

/// Whether a clue should have been disposed of by now.
pub(super) fn is_late(line: &Line, calendar: &Calendar, now: Millis) -> bool {
    let open = !matches!(line.state, State::Disposed(_));
    open && now > end_of_day(due(calendar, line.since))
}

/// How many clues wait for somebody, among those they may see.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    /// Not disposed of in time.
    pub late: i64,
    /// Proposed, for another leader to approve.
    pub to_approve: i64,
}

/// What waits for this member of staff.
pub async fn waiting(app: &App, actor: &Actor) -> Result<Waiting, PageError> {
    let c = app.db.read();
    let lines = store::list(c, &app.vault, actor).await.map_err(failed)?;
    let (calendar, now) = (calendar::store::calendar(c).await?, app.clock.now());
    let leads = actor.grants.iter().any(|grant| grant.role == Role::Leader);
    let count = |test: &dyn Fn(&Line) -> bool| {
        i64::try_from(lines.iter().filter(|line| test(line)).count()).unwrap_or(0)
    };
    Ok(Waiting {
        late: count(&|line| is_late(line, &calendar, now)),
        to_approve: count(&|line| leads && matches!(line.state, State::Proposed(_))),
    })
}

/// Until when a clue is to be disposed of, and what is left of that.
pub(super) fn left(line: &Line, calendar: &Calendar, now: Millis) -> Markup {
    let day = due(calendar, line.since);
    let date = date_text(end_of_day(day));
    if let Some(at) = line.disposed_at {
        return format!("{date}，{}已处置", date_text(at)).into();
    }
    let today = beijing(now).date();
    let rest: Markup = if is_late(line, calendar, now) {
        Overdue { days: calendar.working_days_between(day, today).max(1) }.into()
    } else {
        let days = calendar.working_days_between(today, day);
        zh::working_days_left(days.into()).into()
    };
    Markup::trusted(format!("<span>{date}，{rest}</span>"))
}

struct Ledger {
    filter: Filter,
    all: Vec<Line>,
    calendar: Calendar,
    now: Millis,
}

impl Ledger {
    async fn read(app: &App, viewer: &Viewer, asked: &Asked) -> Result<Ledger, PageError> {
        let c = app.db.read();
        let all = store::list(c, &app.vault, viewer.actor()?).await.map_err(failed)?;
        let calendar = calendar::store::calendar(c).await?;
        Ok(Ledger { filter: Filter::of(asked), all, calendar, now: app.clock.now() })
    }

    fn wanted(&self, filter: Filter) -> Vec<&Line> {
        let holds = |line: &&Line| filter.holds(line, is_late(line, &self.calendar, self.now));
        self.all.iter().filter(holds).collect()
    }

    fn chips(&self) -> [Chips; 3] {
        let on = self.filter;
        let chip = |chips: Chips, label: &str, filter: Filter| {
            let count = i64::try_from(self.wanted(filter).len()).unwrap_or(0);
            chips.chip(label, filter.href(), filter == on, Some(count))
        };
        let states = chip(Chips::new("状态"), "全部", Filter { state: None, ..on });
        let states = STATES
            .into_iter()
            .fold(states, |chips, (code, label)| chip(chips, label, Filter { state: Some(code), ..on }));
        let ways = chip(Chips::new("处置方式"), "全部", Filter { disposal: None, ..on });
        let ways = Disposal::ALL.into_iter().fold(ways, |chips, disposal| {
            chip(chips, disposal.page(), Filter { disposal: Some(disposal), ..on })
        });
        let late = chip(Chips::new("期限"), "全部", Filter { late: false, ..on });
        let late = chip(late, "超期", Filter { late: true, ..on });
        [states, ways, late]
    }
}

/// GET /office/clues
pub async fn page(Axum(app): Axum<App>, viewer: Viewer, asked: Asked) -> Result<Html<String>, PageError> {
    let ledger = Ledger::read(&app, &viewer, &asked).await?;
    let wanted = ledger.wanted(ledger.filter);
    let part = asked.part(i64::try_from(wanted.len()).unwrap_or(0));
    let skip = usize::try_from(part.offset).unwrap_or(0);
    let shown = wanted.iter().skip(skip).take(usize::try_from(PER_PAGE).unwrap_or(30));
    let mut table =
        Table::new("问题线索", ["线索", "来源", "状态", "处置方式", "登记日期", "处置期限"].map(Into::into))
            .caption_hidden()
            .dense();
    for line in shown {
        let cells: [Markup; 6] = [
            Link::new(name(line.id), format!("{HREF}/{}", line.id)).into(),
            source(line),
            line.state.page().into(),
            line.state.disposal().map_or("—", Disposal::page).into(),
            date_text(line.found_at).into(),
            left(line, &ledger.calendar, ledger.now),
        ];
        table.push(cells, is_late(line, &ledger.calendar, ledger.now));
    }
    let list: Markup = match (wanted.is_empty(), ledger.all.is_empty()) {
        (false, _) => table.into(),
        (true, true) => Empty::new(Drawing::Tray, "还没有问题线索")
            .text("办理件里发现线索的，由审批领导在那一件里登记；监督检查、数据比对、风险预警发现的，在这里登记。")
            .into(),
        (true, false) => Empty::new(Drawing::Tray, "没有这样的线索").text("换一个条件看看。").into(),
    };
    let pages = Pagination::numbered(part.page, part.pages, |page| {
        let query = ledger.filter.query();
        let and = if query.is_empty() { "" } else { "&" };
        format!("{HREF}?{query}{and}page={page}")
    });
    let lead = "问题线索是等待核查的情况，不说明任何人有问题。处置方式只有四种，一人提出，另一位领导审批。";
    let mut parts: Vec<Markup> = Vec::new();
    if asked.text("done") == "above" {
        let words = "已登记。按回避规则，这条线索由上级组织处置，您看不到它。";
        parts.push(Notice::new(NoticeKind::Success, words).into());
    }
    parts.push(Heading::new("问题线索").lead(lead).into());
    parts.extend(ledger.chips().map(Markup::from));
    parts.extend([list, pages.into()]);
    let file = ledger.filter.href().replacen(HREF, "/office/clues/clues.xlsx", 1);
    let mut ways = Vec::new();
    if store::desk_of(viewer.actor()?).is_some() {
        ways.push(Action::link("登记问题线索", "/office/clues/new"));
    }
    ways.push(Action::link("导出为 .xlsx", file).second());
    parts.push(Actions::new(ways).into());
    let shell = viewer.office(&app, "问题线索").await?;
    Ok(Html(daylight_ui::page(&shell, parts.into_iter().collect::<Markup>().as_str())))
}

/// Where a clue comes from, with the way to its case.
pub(super) fn source(line: &Line) -> Markup {
    match line.case_id {
        Some(id) => Link::new(format!("办理件第{id}号"), format!("/office/cases/{id}")).into(),
        None => line.source.page().into(),
    }
}

/// GET /office/clues/clues.xlsx: what the page lists. What clues say is not taken along.
pub async fn workbook(Axum(app): Axum<App>, viewer: Viewer, asked: Asked) -> Result<Response, PageError> {
    let ledger = Ledger::read(&app, &viewer, &asked).await?;
    let organs = organs::store::list(app.db.read()).await?;
    let organs: BTreeMap<i64, String> = organs.into_iter().map(|organ| (organ.id, organ.name)).collect();
    let head = [
        "线索",
        "来源",
        "办理件",
        "登记组织",
        "状态",
        "处置方式",
        "登记日期",
        "处置期限",
        "处置日期",
        "超期",
    ];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for line in ledger.wanted(ledger.filter) {
        let day = date_text(end_of_day(due(&ledger.calendar, line.since)));
        let late = if is_late(line, &ledger.calendar, ledger.now) { "超期" } else { "" };
        rows.push(vec![
            name(line.id),
            line.source.page().into(),
            line.case_id.map(|id| format!("第{id}号")).unwrap_or_default(),
            organs.get(&line.organ_id).cloned().unwrap_or_default(),
            line.state.page().into(),
            line.state.disposal().map_or("", Disposal::page).into(),
            date_text(line.found_at),
            day,
            line.disposed_at.map(date_text).unwrap_or_default(),
            late.into(),
        ]);
    }
    let tx = app.db.write().await?;
    viewer.note(&tx, "clue.export", "clues", &ledger.filter.query(), ledger.now).await?;
    tx.commit().await?;
    rows.push(vec![format!("导出于{}", date_text(ledger.now))]);
    download::xlsx(&rows, "clues.xlsx")
}
