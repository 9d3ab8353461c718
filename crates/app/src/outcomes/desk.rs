//! 结果公布 in the office: which closed cases have no card yet, which cards wait for whom.

use super::{
    card::State,
    store::{self, Closed, Line},
    tasks::Turn,
};
use crate::{
    reports::Kind,
    web::{App, Asked, PER_PAGE, PageError, Viewer},
};
use askama::Template;
use axum::{extract::State as Extract, response::Html};
use daylight_ui::{Chips, Drawing, Empty, Heading, Html as Markup, Link, Pagination, Table, Tag};

const HREF: &str = "/office/outcomes";

#[derive(Template)]
#[template(ext = "html", source = "{{ head }}{{ turns }}{{ kinds }}{{ list }}{{ pages }}")]
struct Page {
    head: Heading,
    turns: Chips,
    kinds: Chips,
    list: Markup,
    pages: Pagination,
}

/// What an address asks for.
#[derive(Clone, Copy, Default)]
struct Filter {
    turn: Option<Turn>,
    kind: Option<Kind>,
}

impl Filter {
    fn of(asked: &Asked) -> Filter {
        let turn = Turn::ALL.into_iter().find(|turn| turn.code() == asked.text("turn"));
        Filter { turn, kind: Kind::from_code(asked.text("kind")) }
    }

    fn holds(self, turn: Turn, closed: &Closed) -> bool {
        self.turn.is_none_or(|wanted| wanted == turn)
            && self.kind.is_none_or(|kind| closed.case.kind == kind.code())
    }

    fn href(self, page: u64) -> String {
        let turn = self.turn.map(|turn| format!("turn={}", turn.code()));
        let kind = self.kind.map(|kind| format!("kind={}", kind.code()));
        let page = (page > 1).then(|| format!("page={page}"));
        let fields: Vec<_> = [turn, kind, page].into_iter().flatten().collect();
        if fields.is_empty() { HREF.to_owned() } else { format!("{HREF}?{}", fields.join("&")) }
    }
}

/// GET /office/outcomes?turn=&kind=&page=
pub async fn list(
    Extract(app): Extract<App>,
    viewer: Viewer,
    asked: Asked,
) -> Result<Html<String>, PageError> {
    let actor = viewer.actor()?;
    // What a viewer may not see is not in this list, so no card of it is either.
    let closed = store::closed(app.db.read(), &app.vault, actor).await.map_err(super::unreached)?;
    let mut closed: Vec<_> = closed.into_iter().map(|one| (Turn::of(actor, &one), one)).collect();
    // What is to be done stands first, then the newest.
    let done = |turn: Turn| !matches!(turn, Turn::Write | Turn::Approve);
    closed.sort_by_key(|(turn, one)| (done(*turn), -one.closed_at, -one.case.id));
    let filter = Filter::of(&asked);
    let count = |filter: Filter| {
        let these = closed.iter().filter(|(turn, one)| filter.holds(*turn, one)).count();
        Some(i64::try_from(these).unwrap_or(0))
    };
    let all = Filter { turn: None, ..filter };
    let turns = Chips::new("公布情况").chip("全部", all.href(1), filter.turn.is_none(), count(all));
    let turns = Turn::ALL.into_iter().fold(turns, |chips, turn| {
        let these = Filter { turn: Some(turn), ..filter };
        chips.chip(turn.page(), these.href(1), filter.turn == Some(turn), count(these))
    });
    let any = Filter { kind: None, ..filter };
    let kinds = Chips::new("类别").chip("全部", any.href(1), filter.kind.is_none(), count(any));
    let kinds = Kind::ALL.into_iter().fold(kinds, |chips, kind| {
        let these = Filter { kind: Some(kind), ..filter };
        chips.chip(kind.page(), these.href(1), filter.kind == Some(kind), count(these))
    });
    let wanted: Vec<_> = closed.iter().filter(|(turn, one)| filter.holds(*turn, one)).collect();
    let part = asked.part(i64::try_from(wanted.len()).unwrap_or(0));
    let skip = usize::try_from(part.offset).unwrap_or(0);
    let shown = wanted.iter().skip(skip).take(usize::try_from(PER_PAGE).unwrap_or(30));
    let columns = ["办理件", "类别", "公布情况", "下一步"];
    let mut table = Table::new("办结的事项", columns.map(Into::into)).caption_hidden().dense();
    for (turn, one) in shown {
        table.push(cells(*turn, one), !done(*turn));
    }
    let list = match (table.rows.is_empty(), closed.is_empty()) {
        (false, _) => table.into(),
        (true, true) => Empty::new(Drawing::Board, "没有办结的事项")
            .text("群众评价满意、到期未评价或上级终局答复后，在这里写公布内容。")
            .into(),
        (true, false) => Empty::new(Drawing::Glass, "没有符合这些条件的事项").action("看全部", HREF).into(),
    };
    let lead = "办结的事项由一人写、另一人审，满三天后每周三上午成批公布。";
    let pages = Pagination::numbered(part.page, part.pages, |n| filter.href(n));
    let head = Heading::new("结果公布").lead(lead);
    let body = Page { head, turns, kinds, list, pages: pages.total(format!("共{}件", wanted.len())) };
    let shell = viewer.office(&app, "结果公布").await?;
    Ok(Html(daylight_ui::page(&shell, &body.render()?)))
}

fn cells(turn: Turn, one: &Closed) -> [Markup; 4] {
    let state = one.line.as_ref().map(Line::state);
    let tag = match state {
        None => Tag::neutral("还没有写"),
        Some(state @ (State::Public | State::Waiting)) => Tag::good(state.page()),
        Some(state @ State::Returned) => Tag::bad(state.page()),
        Some(state) => Tag::neutral(state.page()),
    };
    let next = match (turn, state) {
        (Turn::Write, None) => "写公布内容",
        (Turn::Write, Some(_)) => "修改后再提交",
        (Turn::Approve, _) => "审核",
        (Turn::Others, _) => "由另一人审核",
        _ => "查看",
    };
    let id = one.case.id;
    let name = Link::new(format!("办理件第{id}号"), format!("{HREF}/{id}"));
    let kind = Kind::from_code(&one.case.kind).map_or("", Kind::page);
    [name.into(), kind.into(), tag.into(), next.into()]
}
