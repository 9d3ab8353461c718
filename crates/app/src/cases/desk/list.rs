//! 办理件: what is somebody's turn, the next due first.

use super::{
    failed, file,
    narrow::Narrow,
    offer::Offer,
    store,
    waiting::{is_overdue, is_turn_of, is_working},
};
use crate::{
    authz::Actor,
    calendar::Calendar,
    cases::store::{self as cases, Line},
    clock::{Millis, beijing, date_text},
    reports::Kind,
    web::{App, Asked, PER_PAGE, PageError, Viewer, redirect},
};
use axum::{
    extract::State,
    response::{Html, IntoResponse, Response},
};
use daylight_ui::{
    Action, Actions, Chips, Drawing, Empty, Heading, Html as Markup, Lamp, Link, Notice, NoticeKind, Overdue,
    Pagination, SearchBox, Table, Tabs, Tag, zh,
};

const HREF: &str = "/office/cases";

/// The part of the cases that is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Panel {
    Turn,
    Working,
    Answered,
    Closed,
    All,
}

impl Panel {
    const ALL: [Panel; 5] = [Panel::Turn, Panel::Working, Panel::Answered, Panel::Closed, Panel::All];

    fn code(self) -> &'static str {
        match self {
            Panel::Turn => "turn",
            Panel::Working => "working",
            Panel::Answered => "answered",
            Panel::Closed => "closed",
            Panel::All => "all",
        }
    }

    fn page(self) -> &'static str {
        match self {
            Panel::Turn => "等我办",
            Panel::Working => "办理中",
            Panel::Answered => "待评价",
            Panel::Closed => "已办结",
            Panel::All => "全部",
        }
    }

    fn holds(self, line: &Line, actor: &Actor) -> bool {
        match self {
            Panel::Turn => is_turn_of(line, actor),
            Panel::Working => is_working(line),
            Panel::Answered => line.state == "answered",
            Panel::Closed => !is_working(line) && line.state != "answered",
            Panel::All => true,
        }
    }
}

/// What an address asks for.
#[derive(Clone)]
struct Filter {
    panel: Panel,
    kind: Option<Kind>,
    second: Option<bool>,
    overdue: bool,
    narrow: Narrow,
}

impl Filter {
    fn of(asked: &Asked) -> Filter {
        let panel = Panel::ALL.into_iter().find(|panel| panel.code() == asked.text("panel"));
        Filter {
            panel: panel.unwrap_or(Panel::Turn),
            kind: Kind::from_code(asked.text("kind")),
            second: match asked.text("stage") {
                "first" => Some(false),
                "second" => Some(true),
                _ => None,
            },
            overdue: asked.text("only") == "overdue",
            narrow: Narrow::of(asked),
        }
    }

    fn holds(&self, line: &Line, actor: &Actor, now: Millis) -> bool {
        self.panel.holds(line, actor)
            && self.kind.is_none_or(|kind| line.kind == kind.code())
            && self.second.is_none_or(|second| (line.stage == "second") == second)
            && (!self.overdue || is_overdue(line, now))
    }

    fn href(&self) -> String {
        let mut href = format!("{HREF}?panel={}", self.panel.code());
        if let Some(kind) = self.kind {
            href += &format!("&kind={}", kind.code());
        }
        if let Some(second) = self.second {
            href += if second { "&stage=second" } else { "&stage=first" };
        }
        if self.overdue {
            href += "&only=overdue";
        }
        href + &self.narrow.query()
    }
}

/// GET /office/cases, with the number of a case the way to it.
pub async fn page(State(app): State<App>, viewer: Viewer, asked: Asked) -> Result<Response, PageError> {
    let (actor, now, c) = (viewer.actor()?, app.clock.now(), app.db.read());
    let lines = cases::list(c, &app.vault, actor).await.map_err(failed)?;
    let typed: String = asked.text("number").chars().take(20).collect();
    if let Some(id) = number(&typed).filter(|id| lines.iter().any(|line| line.id == *id)) {
        return Ok(redirect(&format!("{HREF}/{id}")));
    }
    let filter = Filter::of(&asked);
    let (lines, moved) = filter.narrow.keep(c, lines, now).await?;
    let shown: Vec<_> = lines.iter().filter(|line| filter.holds(line, actor, now)).collect();
    let part = asked.part(shown.len() as i64);
    let from = usize::try_from(part.offset).unwrap_or(0);
    let on_page: Vec<_> = shown.iter().skip(from).take(PER_PAGE as usize).copied().collect();
    let calendar = crate::calendar::store::calendar(c).await?;
    let mut parts =
        vec![Markup::from(Heading::new("办理件").lead("只列出您可以查看的办理件，最先到期的排在前面。"))];
    if let Some(done) = done(asked.text("done")) {
        parts.insert(0, Notice::new(NoticeKind::Success, done).into());
    }
    if !typed.is_empty() {
        // One that is not there and one that is closed to this person are alike.
        let words = format!("没有找到第{typed}号办理件，或者您不能查看。请核对编号。");
        parts.push(Notice::new(NoticeKind::Warning, words).into());
    }
    parts.push(
        SearchBox {
            name: "number".into(),
            example: "办理件编号，例如：482109375".into(),
            ..SearchBox::new(HREF, "按办理件编号打开", &typed)
        }
        .into(),
    );
    if !filter.narrow.is_wide() {
        let moved = match moved {
            0 => String::new(),
            _ => format!("其中{moved}件当时由这个组织办理，现在由别的组织办理。"),
        };
        let words = format!("只看：{}。{moved}", filter.narrow.words(c).await?);
        parts.push(Notice::new(NoticeKind::Info, words).into());
        parts.push(Link::new("看全部办理件", format!("{HREF}?panel=all")).into());
    }
    parts.push(tabs(&filter, &lines, actor).into());
    parts.extend(chips(&filter, &lines, actor, now));
    parts.push(if on_page.is_empty() {
        empty(&filter, &lines, actor)
    } else {
        table(c, &on_page, &calendar, now).await?
    });
    let pages = Pagination::numbered(part.page, part.pages, |n| format!("{}&page={n}", filter.href()));
    parts.push(pages.total(format!("共{}件", shown.len())).into());
    parts.push(Markup::paragraphs(
        "反映的内容是密封保存的，不能按文字查找。请用上面的条件筛选，或打开办理件查看。",
    ));
    let file = filter.href().replacen(HREF, &format!("{HREF}/list.xlsx"), 1);
    let ways =
        [Action::link("看提醒", "/office/notices").second(), Action::link("导出为 .xlsx", file).second()];
    parts.push(Actions::new(ways).into());
    let shell = viewer.office(&app, "办理件").await?;
    Ok(Html(daylight_ui::page(&shell, parts.into_iter().collect::<Markup>().as_str())).into_response())
}

/// "12", "第12号", "办理件第12号".
fn number(typed: &str) -> Option<i64> {
    let digits = typed.trim_start_matches("办理件").trim_start_matches('第').trim_end_matches('号');
    digits.trim().parse().ok()
}

/// GET /office/cases/list.xlsx: what the list shows by the same address, all its pages.
pub async fn workbook(State(app): State<App>, viewer: Viewer, asked: Asked) -> Result<Response, PageError> {
    let (actor, now, c) = (viewer.actor()?, app.clock.now(), app.db.read());
    let lines = cases::list(c, &app.vault, actor).await.map_err(failed)?;
    let filter = Filter::of(&asked);
    let (lines, _) = filter.narrow.keep(c, lines, now).await?;
    let shown: Vec<_> = lines.iter().filter(|line| filter.holds(line, actor, now)).collect();
    let ids: Vec<_> = shown.iter().map(|line| line.id).collect();
    let accounts = store::account_names(c).await?;
    let mut about = std::collections::BTreeMap::new();
    for ids in ids.chunks(EXPORTED) {
        about.append(&mut store::about(c, ids).await?);
    }
    let head = ["办理件", "类别", "反映的对象", "阶段", "进展", "期限", "超期", "承办人", "收到"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    rows.extend(shown.iter().map(|line| {
        vec![
            file::name(line.id),
            Kind::from_code(&line.kind).map_or("", Kind::page).to_owned(),
            about.get(&line.id).map(store::About::page).unwrap_or_default(),
            if line.stage == "second" { "上级办理" } else { "首次办理" }.to_owned(),
            state_page(&line.state).to_owned(),
            line.due_at.filter(|_| is_working(line)).map(date_text).unwrap_or_default(),
            if is_overdue(line, now) { "超期" } else { "" }.to_owned(),
            line.handler_id.and_then(|id| accounts.get(&id)).cloned().unwrap_or_default(),
            date_text(line.received_at),
        ]
    }));
    let tx = app.db.write().await?;
    let what = format!("{}，{}件", filter.panel.page(), shown.len());
    viewer.note(&tx, "case.export", "cases", &what, now).await?;
    tx.commit().await?;
    crate::oversight::download::xlsx_of_text(&rows, "cases.xlsx")
}

/// What cases are about is asked for so many at once.
const EXPORTED: usize = 500;

/// What was just done to a case that is no longer here.
fn done(slug: &str) -> Option<&'static str> {
    match slug {
        "name" => Some("已登记。按回避规则，这件已对您关闭。"),
        _ => match Offer::from_slug(slug)? {
            Offer::Forward => Some("已转给其他纪检组织，这件不再由您的组织办理。"),
            Offer::Recuse => Some("您已回避，这件已对您关闭。"),
            _ => None,
        },
    }
}

fn tabs(filter: &Filter, lines: &[Line], actor: &Actor) -> Tabs {
    Panel::ALL.into_iter().fold(Tabs::new("办理件的范围"), |tabs, panel| {
        let count = lines.iter().filter(|line| panel.holds(line, actor)).count();
        let href = Filter { panel, ..filter.clone() }.href();
        tabs.tab(panel.page(), href, panel == filter.panel, Some(count as i64))
    })
}

fn chips(filter: &Filter, lines: &[Line], actor: &Actor, now: Millis) -> Vec<Markup> {
    let chip = |chips: Chips, label: &str, on: bool, other: Filter| {
        let count = lines.iter().filter(|line| other.holds(line, actor, now)).count();
        chips.chip(label, other.href(), on, Some(count as i64))
    };
    let mut kinds =
        chip(Chips::new("类别"), "全部", filter.kind.is_none(), Filter { kind: None, ..filter.clone() });
    let some = |kind: &Kind| {
        filter.kind == Some(*kind)
            || lines.iter().any(|line| filter.panel.holds(line, actor) && line.kind == kind.code())
    };
    for kind in Kind::ALL.into_iter().filter(some) {
        kinds = chip(
            kinds,
            kind.page(),
            filter.kind == Some(kind),
            Filter { kind: Some(kind), ..filter.clone() },
        );
    }
    let mut stages = Chips::new("阶段和期限");
    for (label, second) in [("全部", None), ("首次办理", Some(false)), ("上级办理", Some(true))] {
        stages = chip(stages, label, filter.second == second, Filter { second, ..filter.clone() });
    }
    stages = chip(stages, "只看超期", filter.overdue, Filter { overdue: !filter.overdue, ..filter.clone() });
    vec![kinds.into(), stages.into()]
}

fn empty(filter: &Filter, lines: &[Line], actor: &Actor) -> Markup {
    let elsewhere = lines.iter().filter(|line| is_working(line)).count();
    let narrowed = lines.iter().any(|line| filter.panel.holds(line, actor));
    let empty = if lines.is_empty() {
        Empty::new(Drawing::Tray, "您这里还没有办理件")
            .text("有新的反映转到您的组织，或有办理件交办给您时，会出现在这里。")
    } else if narrowed {
        Empty::new(Drawing::Glass, "没有符合这些条件的办理件")
            .action("去掉条件", format!("{HREF}?panel={}", filter.panel.code()))
    } else if filter.panel == Panel::Turn {
        let empty = Empty::new(Drawing::Sun, "现在没有等您办的事");
        if elsewhere > 0 { empty.action("看办理中的", format!("{HREF}?panel=working")) } else { empty }
    } else {
        Empty::new(Drawing::Tray, "这里现在没有办理件").action("看全部", format!("{HREF}?panel=all"))
    };
    empty.into()
}

async fn table(
    c: &impl daylight_db::ConnectionTrait,
    lines: &[&Line],
    calendar: &Calendar,
    now: Millis,
) -> Result<Markup, PageError> {
    let ids: Vec<_> = lines.iter().map(|line| line.id).collect();
    let (about, accounts) = (store::about(c, &ids).await?, store::account_names(c).await?);
    let columns = ["办理件", "进展", "期限", "承办人", "收到"];
    let mut table = Table::new("办理件", columns.map(Into::into)).caption_hidden();
    for line in lines {
        let kind = Kind::from_code(&line.kind).map_or("", Kind::page);
        let object = about.get(&line.id).map(store::About::page).unwrap_or_default();
        let link = Link::new(format!("{}：{object}", kind), format!("{HREF}/{}", line.id));
        let number = Markup::paragraphs(&file::name(line.id));
        let handler = line.handler_id.and_then(|id| accounts.get(&id)).map_or("还没有", String::as_str);
        let cells: [Markup; 5] = [
            [link.into(), number].into_iter().collect(),
            state(line),
            due(line, calendar, now),
            handler.into(),
            date_text(line.received_at).into(),
        ];
        table.push(cells, is_overdue(line, now));
    }
    Ok(table.into())
}

/// Lamp and state, each with its word.
fn state(line: &Line) -> Markup {
    let lamp = match (line.state.as_str(), line.stage.as_str()) {
        ("satisfied" | "dissatisfied" | "lapsed" | "withdrawn", _) => Lamp::Done,
        (_, "second") => Lamp::Red,
        ("received" | "routed" | "held", _) => Lamp::Waiting,
        _ => Lamp::Yellow,
    };
    // One element: on a card a cell sets its children side by side.
    Markup::trusted(format!("<span>{} {}</span>", lamp.tag(), Tag::neutral(state_page(&line.state))))
}

/// The word for the code of a state; a closed case is called by how it ended.
pub(crate) fn state_page(code: &str) -> &'static str {
    match code {
        "received" => "已收到",
        "routed" => "已转交",
        "accepted" => "已受理",
        "assigned" => "办理中",
        "asking" => "等待补充",
        "concluded" => "已有结论",
        "answered" => "已答复",
        "satisfied" => "反映人满意",
        "dissatisfied" => "反映人仍不满意",
        "lapsed" => "到期未评价",
        "withdrawn" => "反映人已撤回",
        "held" => "待上级处理",
        _ => "",
    }
}

fn due(line: &Line, calendar: &Calendar, now: Millis) -> Markup {
    let Some(at) = line.due_at.filter(|_| is_working(line)) else {
        return "没有正在计算的期限".into();
    };
    left(at, calendar, now)
}

/// "2026年12月22日" with what is left of it, or the mark of being overdue.
pub(super) fn left(at: Millis, calendar: &Calendar, now: Millis) -> Markup {
    let (today, last) = (beijing(now).date(), beijing(at).date());
    let rest: Markup = if now > at {
        let days = calendar.working_days_between(last, today).max(1);
        Overdue { days }.into()
    } else {
        match calendar.working_days_between(today, last) {
            0 if last > today => "到期日前都是休息日".into(),
            days => zh::working_days_left(days.into()).into(),
        }
    };
    Markup::trusted(format!("<span>{}，{rest}</span>", date_text(at)))
}
