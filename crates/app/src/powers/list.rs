//! 权力事项: all public powers, by kind, stage and unit.

use super::{
    Kind, StageType,
    store::{self, Filter, Line},
};
use crate::{
    units,
    web::{App, Asked, PER_PAGE, PageError, Viewer},
};
use askama::Template;
use axum::{
    extract::State,
    response::{Html, IntoResponse, Response},
};
use daylight_ui::{
    Chips, Column, Drawing, Empty, Heading, Html as Markup, Link, Pagination, SearchBox, Shell, Table, Tag,
    zh,
};

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"{{ head }}{{ search }}<div class="stack">{{ kinds }}{{ stages }}</div>{{ list }}{{ pages }}<p class="stamp">{{ withheld }} <a href="/bases">看这些权力依据的法律法规</a></p>"#
)]
struct Page {
    head: Heading,
    search: SearchBox,
    kinds: Chips,
    stages: Chips,
    list: Markup,
    pages: Pagination,
    withheld: String,
}

/// The address of the list under a filter.
fn href(filter: &Filter, page: u64) -> String {
    let mut fields = Vec::new();
    fields.extend(filter.unit_id.map(|id| format!("unit={id}")));
    fields.extend(filter.kind.map(|kind| format!("kind={}", kind.code())));
    fields.extend(filter.stage_type.map(|stage| format!("stage={}", stage.code())));
    if page > 1 {
        fields.push(format!("page={page}"));
    }
    if fields.is_empty() { "/powers".to_owned() } else { format!("/powers?{}", fields.join("&")) }
}

/// GET /powers?kind=&stage=&unit=&page=
pub async fn page(State(app): State<App>, viewer: Viewer, asked: Asked) -> Result<Response, PageError> {
    let c = app.db.read();
    let unit = match asked.number("unit") {
        Some(id) => Some(units::store::get(c, id).await?.ok_or(PageError::NotFound)?),
        None => None,
    };
    let filter = Filter {
        unit_id: unit.as_ref().map(|unit| unit.id),
        kind: Kind::from_code(asked.text("kind")),
        stage_type: StageType::from_code(asked.text("stage")),
        ..Filter::default()
    };
    let total = store::count(c, &filter).await?;
    let part = asked.part(total);
    let lines = store::list(c, &filter, PER_PAGE, part.offset).await?;
    let withheld = match &unit {
        Some(unit) => store::count_withheld(c, unit.id).await?,
        None => store::count_all_withheld(c).await?,
    };
    let place = unit.as_ref().map(|unit| format!("{}的", unit.name)).unwrap_or_default();
    let body = Page {
        head: Heading::new(format!("{place}权力事项"))
            .lead("每项权力由谁来办、怎么办、多少天办完、谁来监督，点名称就能看到。"),
        search: SearchBox {
            example: "例如：低保、宅基地".into(),
            keep: vec![("kind".into(), "power".into())],
            ..SearchBox::new("/search", "找权力事项", "")
        },
        kinds: kinds(&app, &filter).await?,
        stages: stages(&app, &filter).await?,
        list: list(&lines, total, unit.is_some()),
        pages: Pagination::numbered(part.page, part.pages, |n| href(&filter, n)),
        withheld: if withheld > 0 {
            format!("另有{}项按规定不公开。", zh::number(withheld))
        } else {
            String::new()
        },
    };
    let mut breadcrumbs = vec![("首页".to_owned(), Some("/".to_owned()))];
    if let Some(unit) = &unit {
        breadcrumbs.push((unit.name.clone(), Some(format!("/units/{}", unit.id))));
    }
    breadcrumbs.push(("权力事项".to_owned(), None));
    let shell = Shell {
        breadcrumbs,
        canonical: Some(crate::codes::address(&app, &href(&filter, part.page))),
        ..viewer.portal(&app, &body.head.title).await?
    };
    Ok(Html(daylight_ui::page(&shell, &body.render()?)).into_response())
}

async fn kinds(app: &App, filter: &Filter) -> Result<Chips, PageError> {
    let counts = store::count_by_kind(app.db.read(), filter).await?;
    let at = |kind| href(&Filter { kind, ..filter.clone() }, 1);
    let chips = Chips::new("权力类别").chip("全部", at(None), filter.kind.is_none(), None);
    Ok(counts.into_iter().fold(chips, |chips, (kind, n)| {
        chips.chip(kind.page(), at(Some(kind)), filter.kind == Some(kind), Some(n))
    }))
}

async fn stages(app: &App, filter: &Filter) -> Result<Chips, PageError> {
    let counts = store::count_by_stage(app.db.read(), filter).await?;
    let at = |stage_type| href(&Filter { stage_type, ..filter.clone() }, 1);
    let chips = Chips::new("权力类型").chip("全部", at(None), filter.stage_type.is_none(), None);
    Ok(counts.into_iter().fold(chips, |chips, (stage, n)| {
        chips.chip(stage.page(), at(Some(stage)), filter.stage_type == Some(stage), Some(n))
    }))
}

/// A list of powers; without the unit where it is the same in each line.
pub(super) fn list(lines: &[Line], total: i64, of_one_unit: bool) -> Markup {
    if lines.is_empty() {
        return Empty::new(Drawing::Glass, "没有这样的权力事项")
            .text("换一个类别看看，或者搜索权力的名称。")
            .action("看全部权力事项", "/powers")
            .into();
    }
    let mut columns: Vec<Column> = vec!["权力名称".into()];
    if !of_one_unit {
        columns.push("单位".into());
    }
    columns.extend([Column::from("类别和类型"), Column::figures("办理环节")]);
    let mut table = Table::new(format!("共 {} 项权力", zh::number(total)), columns);
    for line in lines {
        let mut cells: Vec<Markup> = vec![Link::new(&line.name, format!("/powers/{}", line.id)).into()];
        if !of_one_unit {
            let unit = Markup::from(Link::new(&line.unit, format!("/units/{}", line.unit_id)));
            cells.push(match line.unit_ended_on {
                // One box: on a phone the cell is a grid of label and value.
                Some(_) => {
                    let tag = Markup::from(Tag::neutral("已撤销"));
                    [Markup::trusted("<span>"), unit, " ".into(), tag, Markup::trusted("</span>")]
                        .into_iter()
                        .collect()
                }
                None => unit,
            });
        }
        let words: Vec<_> =
            [line.kind_page(), line.stage_page()].into_iter().filter(|word| !word.is_empty()).collect();
        cells.push(if words.is_empty() { "待补充".into() } else { words.join(" · ").into() });
        cells.push(if line.step_count == 0 {
            "待补充".into()
        } else {
            format!("{} 个", line.step_count).into()
        });
        table.push(cells, false);
    }
    table.into()
}
