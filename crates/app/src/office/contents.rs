//! 内容维护: everything one may see in the making, with what is still open.

use super::{start::draft_href, store};
use crate::{
    authz::{Action, Resource, Scope, decide, may_ever},
    clock::date_text,
    revisions::{State, SubjectKind, edit_href, state_tag},
    web::{App, Asked, PageError, Viewer, escape_query},
};
use askama::Template;
use axum::{extract::State as Axum, response::Html};
use daylight_ui::{
    Action as Button, Actions, Chips, Column, Drawing, Empty, Entries, Entry, Heading, Html as Markup, Link,
    Notice, NoticeKind, Pagination, SearchBox, Section, Table, Tabs, Tag,
};

/// A page has so many rows.
const ROWS: i64 = 30;

#[derive(Template)]
#[template(path = "office/templates/contents.html")]
struct Page {
    heading: Heading,
    tabs: Tabs,
    search: SearchBox,
    chips: Chips,
    new: Option<Actions>,
    unborn: Option<Section>,
    table: Option<Table>,
    empty: Empty,
    pages: Pagination,
}

/// What the list shows.
#[derive(Clone, Default)]
struct ListQuery {
    kind: String,
    q: String,
    only: String,
    page: i64,
}

impl ListQuery {
    fn read(asked: &Asked) -> ListQuery {
        ListQuery {
            kind: asked.text("kind").to_owned(),
            q: daylight_ids::text::clean(asked.text("q")),
            only: asked.text("only").to_owned(),
            page: asked.number("page").unwrap_or(1),
        }
    }

    fn kind(&self) -> SubjectKind {
        SubjectKind::from_code(&self.kind).unwrap_or(SubjectKind::Power)
    }

    fn flagged(&self) -> bool {
        self.only == "flagged"
    }

    fn href(&self, kind: SubjectKind, flagged: bool, page: i64) -> String {
        let mut href = format!("/office/contents?kind={}", kind.code());
        if !self.q.is_empty() {
            href.push_str(&format!("&q={}", escape_query(&self.q)));
        }
        if flagged {
            href.push_str("&only=flagged");
        }
        if page > 1 {
            href.push_str(&format!("&page={page}"));
        }
        href
    }
}

/// GET /office/contents
pub async fn page(Axum(app): Axum<App>, viewer: Viewer, asked: Asked) -> Result<Html<String>, PageError> {
    let actor = viewer.actor()?;
    let query = ListQuery::read(&asked);
    let (kind, c) = (query.kind(), app.db.read());
    let scope = Scope::of(actor, Action::SeeDrafts);
    let filter = |kind, flagged| store::Filter { kind, text: query.q.clone(), flagged };
    let mut tabs = Tabs::new("内容类别");
    for other in SubjectKind::ALL {
        let count = store::count_contents(c, &scope, &filter(other, query.flagged())).await?;
        tabs = tabs.tab(other.page(), query.href(other, query.flagged(), 1), other == kind, Some(count));
    }
    let total = store::count_contents(c, &scope, &filter(kind, query.flagged())).await?;
    let page = query.page.clamp(1, total / ROWS + 1);
    let lines = store::contents(c, &scope, &filter(kind, query.flagged()), ROWS, (page - 1) * ROWS).await?;
    let unborn = store::unborn(c, &scope, kind).await?;
    let may_edit = may_ever(actor, Action::Edit);
    let may_begin = match kind {
        SubjectKind::Unit => decide(actor, Action::Edit, &Resource::default()).is_ok(),
        _ => may_edit,
    };
    let new = Button::link(format!("新建{}", kind.page()), edit_href(kind, None, None)).second();
    let pages = u64::try_from((total + ROWS - 1) / ROWS).unwrap_or(1);
    let current = u64::try_from(page).unwrap_or(1);
    let href = |page: u64| query.href(kind, query.flagged(), i64::try_from(page).unwrap_or(1));
    let body = Page {
        heading: Heading::new("内容维护")
            .lead("这里是您负责的单位已经公布的内容。修改先存成草稿，另一位审核员公布后公众才能看到。"),
        tabs,
        search: search(&query),
        chips: Chips::new("显示").chip("全部", query.href(kind, false, 1), !query.flagged(), None).chip(
            "只看待完善的",
            query.href(kind, true, 1),
            query.flagged(),
            None,
        ),
        new: may_begin.then(|| Actions::new([new])),
        unborn: new_ones(kind, &unborn),
        table: (!lines.is_empty()).then(|| table(kind, &lines, may_edit)),
        empty: empty(&query),
        pages: Pagination::numbered(current, pages, href).total(format!("共 {total} 项")),
    };
    let mut shell = viewer.office(&app, "内容维护").await?;
    if asked.text("done") == "discarded" {
        shell.notice = Some(Notice::new(NoticeKind::Success, "草稿已删除，公布的内容没有变化。"));
    }
    Ok(Html(daylight_ui::page(&shell, &body.render()?)))
}

fn search(query: &ListQuery) -> SearchBox {
    let mut search = SearchBox::new("/office/contents", "按名称查找", query.q.as_str());
    search.example = "按名称查找".to_owned();
    search.keep.push(("kind".to_owned(), query.kind().code().to_owned()));
    if query.flagged() {
        search.keep.push(("only".to_owned(), "flagged".to_owned()));
    }
    search
}

fn empty(query: &ListQuery) -> Empty {
    if !query.q.is_empty() {
        let all = ListQuery { kind: query.kind.clone(), ..ListQuery::default() };
        return Empty::new(Drawing::Glass, "没有找到")
            .text("请换几个字再查。")
            .action("看全部", all.href(query.kind(), false, 1));
    }
    if query.flagged() {
        return Empty::new(Drawing::Sun, "都已经完善").text("没有待补的内容，也没有导入时留下的问题。");
    }
    Empty::new(Drawing::Board, "还没有内容").text("可以新建，也可以请县里批量导入。")
}

/// Drafts of what does not exist yet.
fn new_ones(kind: SubjectKind, tasks: &[store::Task]) -> Option<Section> {
    let entry = |task: &store::Task| {
        let title = if task.title.is_empty() { "（还没有名称）" } else { task.title.as_str() };
        Entry::new(title, format!("/office/drafts/{}", task.id))
            .margin(date_text(task.moved_at))
            .fact(task.unit.as_deref().unwrap_or("（新单位）"))
            .fact(format!("{} 编写", task.author.as_deref().unwrap_or_default()))
    };
    let list = Entries::new(tasks.iter().map(entry));
    (!tasks.is_empty()).then(|| Section::new(format!("还没有公布过的新{}", kind.page()), list))
}

fn table(kind: SubjectKind, lines: &[store::Content], may_edit: bool) -> Table {
    let unit = if kind == SubjectKind::Unit { "上级单位" } else { "单位" };
    let columns: [Column; 5] =
        ["名称".into(), unit.into(), "状态".into(), "待完善".into(), "最近公布".into()];
    let mut table = Table::new(format!("{}列表", kind.page()), columns).caption_hidden();
    for line in lines {
        let points = line.open_points();
        let href = match (may_edit, line.draft()) {
            (true, Some((id, state))) => draft_href(kind, Some(line.id), id, state),
            (true, None) => edit_href(kind, Some(line.id), None),
            (false, Some((id, _))) => format!("/office/drafts/{id}"),
            (false, None) => kind.href(line.id),
        };
        let cells = [
            Link::new(&line.title, href).into(),
            line.unit.as_deref().unwrap_or("—").into(),
            state(line),
            open_points(&points),
            date_text(line.updated_at).into(),
        ];
        table.push(cells, !points.is_empty());
    }
    table
}

fn state(line: &store::Content) -> Markup {
    let Some((_, state)) = line.draft() else { return state_tag(State::Published).into() };
    let author = format!(" {}", line.draft_author.as_deref().unwrap_or_default());
    let words = [Markup::from(state_tag(state)), author.into()].into_iter().collect::<Markup>();
    // One box: on a phone the cell is a grid of label and value.
    Markup::trusted(format!("<span>{words}</span>"))
}

/// The first two points and how many more.
fn open_points(points: &[String]) -> Markup {
    match points {
        [] => Tag::good("齐全").into(),
        [one] => one.into(),
        [one, two] => format!("{one}；{two}").into(),
        [one, two, rest @ ..] => format!("{one}；{two}；还有{}处", rest.len()).into(),
    }
}

impl store::Content {
    /// The draft on its way.
    fn draft(&self) -> Option<(i64, State)> {
        Some((self.draft_id?, State::from_code(self.draft_state.as_deref()?)?))
    }
}
