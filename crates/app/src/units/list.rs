//! 单位: all units, by category and place.

use super::{
    Category,
    store::{self, Filter, Line},
};
use crate::{
    divisions,
    web::{App, Asked, PER_PAGE, PageError, Viewer},
};
use askama::Template;
use axum::{
    extract::State,
    response::{Html, IntoResponse, Response},
};
use daylight_ui::{
    Chips, Column, Drawing, Empty, Heading, Html as Markup, Link, Pagination, SearchBox, Shell, Table, zh,
};

#[derive(Template)]
#[template(ext = "html", source = "{{ head }}{{ search }}{{ chips }}{{ list }}{{ pages }}")]
struct Page {
    head: Heading,
    search: SearchBox,
    chips: Chips,
    list: Markup,
    pages: Pagination,
}

/// What the list is narrowed to, in words and as query fields.
#[derive(Default)]
struct Narrowed {
    filter: Filter,
    place: String,
    fields: Vec<(&'static str, String)>,
}

impl Narrowed {
    fn href(&self, category: Option<Category>, page: u64) -> String {
        let mut fields = self.fields.clone();
        fields.extend(category.map(|category| ("category", category.code().to_owned())));
        if page > 1 {
            fields.push(("page", page.to_string()));
        }
        let fields: Vec<_> = fields.iter().map(|(key, value)| format!("{key}={value}")).collect();
        if fields.is_empty() { "/units".to_owned() } else { format!("/units?{}", fields.join("&")) }
    }
}

/// GET /units?category=&division=&parent=&page=
pub async fn page(State(app): State<App>, viewer: Viewer, asked: Asked) -> Result<Response, PageError> {
    let c = app.db.read();
    let narrowed = narrow(&app, &asked).await?;
    let category = narrowed.filter.category;
    let counts = store::count_by_category_in(c, &narrowed.filter).await?;
    let total = store::count(c, &narrowed.filter).await?;
    let part = asked.part(total);
    let lines = store::list(c, &narrowed.filter, PER_PAGE, part.offset).await?;
    let name = category.map_or("单位", Category::page);
    let body = Page {
        head: Heading::new(format!("{}{name}", narrowed.place))
            .lead("点单位名称，看它管什么、有哪些权力、由谁来办、该找谁。"),
        search: SearchBox {
            example: "例如：民政局".into(), ..SearchBox::new("/search", "找单位", "")
        },
        chips: chips(&narrowed, &counts),
        list: list(&lines),
        pages: Pagination::numbered(part.page, part.pages, |n| narrowed.href(category, n))
            .total(format!("共 {} 个单位", zh::number(total))),
    };
    let shell = Shell {
        breadcrumbs: crumbs(&narrowed, name),
        canonical: Some(crate::codes::address(&app, &narrowed.href(category, part.page))),
        ..viewer.portal(&app, &body.head.title).await?
    };
    Ok(Html(daylight_ui::page(&shell, &body.render()?)).into_response())
}

/// A division or unit above that does not exist has no list.
async fn narrow(app: &App, asked: &Asked) -> Result<Narrowed, PageError> {
    let mut narrowed = Narrowed::default();
    narrowed.filter.category = Category::from_code(asked.text("category"));
    if let Some(id) = asked.number("division") {
        let division = divisions::store::get(app.db.read(), id).await?.ok_or(PageError::NotFound)?;
        narrowed.place = format!("{}的", division.name);
        narrowed.filter.division_path = Some(division.path);
        narrowed.fields.push(("division", id.to_string()));
    }
    if let Some(id) = asked.number("parent") {
        let parent = store::get(app.db.read(), id).await?.ok_or(PageError::NotFound)?;
        narrowed.place = format!("{}下属的", parent.name);
        narrowed.filter.parent_id = Some(id);
        narrowed.fields.push(("parent", id.to_string()));
    }
    Ok(narrowed)
}

fn crumbs(narrowed: &Narrowed, name: &str) -> Vec<(String, Option<String>)> {
    let mut crumbs = vec![("首页".to_owned(), Some("/".to_owned()))];
    let narrow = narrowed.filter.category.is_some() || !narrowed.fields.is_empty();
    crumbs.push(("单位".to_owned(), narrow.then(|| "/units".to_owned())));
    if narrow {
        crumbs.push((format!("{}{name}", narrowed.place), None));
    }
    crumbs
}

fn chips(narrowed: &Narrowed, counts: &[(Category, i64)]) -> Chips {
    let all = counts.iter().map(|(_, n)| n).sum();
    let chosen = narrowed.filter.category;
    let chips = Chips::new("单位类别").chip("全部", narrowed.href(None, 1), chosen.is_none(), Some(all));
    counts.iter().fold(chips, |chips, (category, n)| {
        chips.chip(category.page(), narrowed.href(Some(*category), 1), chosen == Some(*category), Some(*n))
    })
}

fn list(lines: &[Line]) -> Markup {
    if lines.is_empty() {
        return Empty::new(Drawing::Board, "这里还没有单位")
            .text("换一个类别看看，或者搜索单位的名称。")
            .action("看全部单位", "/units")
            .into();
    }
    let columns = [
        "单位名称".into(),
        "类别".into(),
        "所在地".into(),
        Column::figures("权力事项"),
        Column::figures("干部"),
    ];
    let mut table = Table::new("单位名单", columns).caption_hidden();
    for line in lines {
        let category = Category::from_code(&line.category).map_or("", Category::page);
        let cells = [
            Link::new(&line.name, format!("/units/{}", line.id)).into(),
            category.into(),
            line.division.as_deref().unwrap_or("—").into(),
            format!("{} 项", zh::number(line.powers)).into(),
            format!("{} 人", zh::number(line.cadres)).into(),
        ];
        table.push(cells, false);
    }
    table.into()
}
