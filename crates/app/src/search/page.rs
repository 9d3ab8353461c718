//! 搜索: one box over everything public, narrowed by kind, category and place.

use super::{
    mark::{excerpt, mark},
    phrase,
    store::{self, COUNT_LIMIT, Filter, Found, Hit, Share},
};
use crate::{
    divisions::{self, Division},
    units::Category,
    web::{App, PageError, Viewer, escape_query},
};
use askama::Template;
use axum::{
    extract::{Query, State},
    response::Html,
};
use daylight_ui::{
    Chips, Drawing, Empty, Entries, Entry, Heading, Notice, NoticeKind, Pagination, SearchBox, Tag, zh,
};

const PER_PAGE: i64 = 20;
/// Longer queries are cut: nobody types them, and each part costs.
const LONGEST: usize = 64;
/// Chips of places with matches; the rest are reached by the map.
const PLACES: usize = 6;
const KINDS: [(&str, &str); 5] = [
    ("unit", "单位"),
    ("power", "权力事项"),
    ("cadre", "干部"),
    ("division", "区划"),
    ("outcome", "监督结果"),
];

#[derive(Template)]
#[template(path = "search/templates/page.html")]
struct Page {
    head: Heading,
    search: SearchBox,
    notice: Option<Notice>,
    chips: Vec<Chips>,
    summary: String,
    entries: Option<Entries>,
    empty: Option<Empty>,
    pages: Pagination,
}

/// What is asked. Nothing in an address is an error: unknown fields and values are as if not there.
#[derive(Clone, Debug, Default)]
struct Asked {
    query: String,
    kind: Option<String>,
    category: Option<Category>,
    division: Option<Division>,
    page: i64,
}

impl Asked {
    async fn of(app: &App, fields: &[(String, String)]) -> Result<Asked, PageError> {
        let field = |name: &str| {
            let found = fields.iter().find(|(key, value)| key == name && !value.trim().is_empty());
            found.map(|(_, value)| value.trim())
        };
        let query = field("q").unwrap_or_default();
        let query = query.chars().filter(|c| !c.is_control()).take(LONGEST).collect();
        let kind = field("kind").filter(|kind| KINDS.iter().any(|(code, _)| code == kind));
        let division = match field("division").and_then(|id| id.parse().ok()) {
            Some(id) => divisions::store::get(app.db.read(), id).await?,
            None => None,
        };
        Ok(Asked {
            query,
            kind: kind.map(str::to_owned),
            category: field("category").and_then(Category::from_code),
            division,
            page: field("page").and_then(|page| page.parse().ok()).unwrap_or(1).clamp(1, COUNT_LIMIT),
        })
    }

    fn filter(&self) -> Filter {
        Filter {
            kind: self.kind.clone(),
            category: self.category.map(|category| category.code().to_owned()),
            division_path: self.division.as_ref().map(|division| division.path.clone()),
        }
    }

    fn is_narrowed(&self) -> bool {
        self.kind.is_some() || self.category.is_some() || self.division.is_some()
    }

    /// The address of this search with one thing changed.
    fn href(&self, change: impl FnOnce(&mut Asked)) -> String {
        let mut asked = Asked { page: 1, ..self.clone() };
        change(&mut asked);
        let mut href = format!("/search?q={}", escape_query(&asked.query));
        if let Some(kind) = asked.kind {
            href.push_str(&format!("&kind={kind}"));
        }
        if let Some(category) = asked.category {
            href.push_str(&format!("&category={}", category.code()));
        }
        if let Some(division) = asked.division {
            href.push_str(&format!("&division={}", division.id));
        }
        if asked.page > 1 {
            href.push_str(&format!("&page={}", asked.page));
        }
        href
    }
}

/// GET /search
pub async fn page(
    State(app): State<App>,
    viewer: Viewer,
    Query(fields): Query<Vec<(String, String)>>,
) -> Result<Html<String>, PageError> {
    let mut asked = Asked::of(&app, &fields).await?;
    let searchable = !phrase(&asked.query).is_empty();
    let found = find(&app, &mut asked).await?;
    let chips = if searchable { chips(&app, &asked).await? } else { Vec::new() };
    let body = Page {
        head: Heading::new("搜索"),
        search: search_box(&asked),
        notice: too_short(&asked.query, searchable),
        chips,
        summary: summary(&found),
        entries: (!found.hits.is_empty()).then(|| entries(&found.hits, &asked.query)),
        empty: empty(&asked, searchable, &found),
        pages: pages(&asked, &found),
    };
    let title =
        if asked.query.is_empty() { "搜索".to_owned() } else { format!("搜索“{}”", asked.query) };
    let shell = viewer.portal(&app, &title).await?;
    Ok(Html(daylight_ui::page(&shell, &body.render()?)))
}

/// The page asked for, or the last one when there are fewer.
async fn find(app: &App, asked: &mut Asked) -> Result<Found, PageError> {
    let (c, engine, filter) = (app.db.read(), app.db.engine(), asked.filter());
    let found = store::find(c, engine, &asked.query, &filter, PER_PAGE, (asked.page - 1) * PER_PAGE).await?;
    if !found.hits.is_empty() || found.total == 0 {
        return Ok(found);
    }
    asked.page = last_page(&found);
    Ok(store::find(c, engine, &asked.query, &filter, PER_PAGE, (asked.page - 1) * PER_PAGE).await?)
}

fn last_page(found: &Found) -> i64 {
    ((found.total.min(COUNT_LIMIT) + PER_PAGE - 1) / PER_PAGE).max(1)
}

fn search_box(asked: &Asked) -> SearchBox {
    let mut keep = Vec::new();
    if let Some(kind) = &asked.kind {
        keep.push(("kind".to_owned(), kind.clone()));
    }
    if let Some(category) = asked.category {
        keep.push(("category".to_owned(), category.code().to_owned()));
    }
    if let Some(division) = &asked.division {
        keep.push(("division".to_owned(), division.id.to_string()));
    }
    let label = "找单位、权力、干部、地方";
    let example = "例如：低保、前进村、jyj".to_owned();
    SearchBox { large: true, keep, example, ..SearchBox::new("/search", label, &asked.query) }
}

fn too_short(query: &str, searchable: bool) -> Option<Notice> {
    let text = "请至少写两个字（或两个字母）再搜索。只有一个字时，结果太多，找不准。";
    (!query.is_empty() && !searchable).then(|| Notice::new(NoticeKind::Info, text))
}

async fn chips(app: &App, asked: &Asked) -> Result<Vec<Chips>, PageError> {
    let (c, engine, filter) = (app.db.read(), app.db.engine(), asked.filter());
    let kinds = store::by_kind(c, engine, &asked.query, &filter).await?;
    let categories = store::by_category(c, engine, &asked.query, &filter).await?;
    let (top, places) = divisions::store::top(c).await?;
    let top_id = top.map(|top| top.id);
    let by_place = store::by_division(c, engine, &asked.query, &filter, top_id).await?;
    Ok(vec![
        kind_chips(asked, &kinds),
        category_chips(asked, &categories),
        place_chips(asked, places, &by_place),
    ]
    .into_iter()
    .filter(|chips| chips.items.iter().any(|chip| chip.count.is_some_and(|n| n > 0)))
    .collect())
}

fn count(shares: &[Share], code: &str) -> i64 {
    shares.iter().find(|share| share.code == code).map_or(0, |share| share.n)
}

fn total(shares: &[Share]) -> Option<i64> {
    Some(shares.iter().map(|share| share.n).sum())
}

fn kind_chips(asked: &Asked, shares: &[Share]) -> Chips {
    let all = asked.href(|asked| asked.kind = None);
    let mut chips = Chips::new("内容").chip("全部", all, asked.kind.is_none(), total(shares));
    for (code, word) in KINDS {
        let (n, on) = (count(shares, code), asked.kind.as_deref() == Some(code));
        if n > 0 || on {
            chips = chips.chip(word, asked.href(|asked| asked.kind = Some(code.to_owned())), on, Some(n));
        }
    }
    chips
}

fn category_chips(asked: &Asked, shares: &[Share]) -> Chips {
    let all = asked.href(|asked| asked.category = None);
    let mut chips = Chips::new("单位类别").chip("全部", all, asked.category.is_none(), total(shares));
    for category in Category::ALL {
        let (n, on) = (count(shares, category.code()), asked.category == Some(category));
        if n > 0 || on {
            chips =
                chips.chip(category.page(), asked.href(|asked| asked.category = Some(category)), on, Some(n));
        }
    }
    chips
}

fn place_chips(asked: &Asked, places: Vec<Division>, shares: &[Share]) -> Chips {
    let chosen = asked.division.as_ref().map(|division| division.id);
    // What lies at the county itself is in no township: only the search without a place counts it.
    let mut chips =
        Chips::new("地方").chip("全部", asked.href(|asked| asked.division = None), chosen.is_none(), None);
    let mut places: Vec<_> =
        places.into_iter().map(|place| (count(shares, &place.id.to_string()), place)).collect();
    if let Some(division) =
        asked.division.clone().filter(|division| !places.iter().any(|(_, place)| place.id == division.id))
    {
        chips = chips.chip(&division.name, asked.href(|_| {}), true, None);
    }
    places.retain(|(n, place)| *n > 0 || chosen == Some(place.id));
    places.sort_by_key(|(n, place)| (chosen != Some(place.id), -n));
    for (n, place) in places.into_iter().take(PLACES) {
        let on = chosen == Some(place.id);
        let name = place.name.clone();
        chips = chips.chip(name, asked.href(|asked| asked.division = Some(place)), on, Some(n));
    }
    chips
}

fn summary(found: &Found) -> String {
    match found.total {
        0 => String::new(),
        n if n > COUNT_LIMIT => format!("找到超过 {} 条，建议再写一个词缩小范围。", zh::number(COUNT_LIMIT)),
        n => format!("找到 {} 条。", zh::number(n)),
    }
}

fn entries(hits: &[Hit], query: &str) -> Entries {
    Entries::new(hits.iter().map(|hit| {
        let word = KINDS.iter().find(|(code, _)| *code == hit.kind).map_or("", |(_, word)| *word);
        let href = format!("/{}s/{}", hit.kind, hit.subject_id);
        let mut entry = Entry::new(mark(&hit.title, query), href).fact(Tag::neutral(word));
        if !hit.detail.is_empty() {
            entry = entry.fact(mark(&hit.detail, query));
        }
        // Says why a thing is here when its name does not.
        let elsewhere = [&hit.title, &hit.detail].iter().all(|text| excerpt(text, query).is_none());
        match excerpt(&hit.body, query).filter(|_| elsewhere) {
            Some(text) => entry.summary(text),
            None => entry,
        }
    }))
}

fn empty(asked: &Asked, searchable: bool, found: &Found) -> Option<Empty> {
    if !searchable || found.total > 0 {
        return None;
    }
    let empty = Empty::new(Drawing::Glass, format!("没有找到“{}”", asked.query));
    Some(match asked.is_narrowed() {
        true => {
            let all = asked
                .href(|asked| *asked = Asked { query: asked.query.clone(), page: 1, ..Asked::default() });
            empty.text("您选了范围，试试在全部内容里找。").action("在全部内容里找", all)
        }
        false => empty
            .text(
                "试试少写几个字、换一种说法，或者只写名称的拼音首字母，例如“jyj”。也可以按地方、按类别翻看。",
            )
            .action("按地方看", "/divisions"),
    })
}

fn pages(asked: &Asked, found: &Found) -> Pagination {
    let (current, last) = (asked.page.unsigned_abs(), last_page(found).unsigned_abs());
    if found.total == 0 {
        return Pagination::default();
    }
    let href = |page: u64| asked.href(|asked| asked.page = i64::try_from(page).unwrap_or(1));
    Pagination::numbered(current, last, href).total(format!("第 {current} 页，共 {last} 页"))
}
