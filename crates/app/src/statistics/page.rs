//! 统计: every public figure with its definition, and how it is made up.

use super::{DEFINITIONS, store};
use crate::{
    powers::{Kind, StageType},
    units::{self, Category},
    web::{App, PageError, Viewer},
};
use askama::Template;
use axum::{extract::State, response::Html};
use daylight_ui::{
    Heading, Section, Shell,
    chart::{Bar, Bars},
    zh,
};

struct Line {
    field: &'static str,
    label: &'static str,
    value: String,
    text: &'static str,
    href: Option<&'static str>,
}

#[derive(Template)]
#[template(path = "statistics/templates/page.html")]
struct Page {
    head: Heading,
    lines: Vec<Line>,
    charts: Vec<Section>,
}

/// GET /statistics
pub async fn page(State(app): State<App>, viewer: Viewer) -> Result<Html<String>, PageError> {
    let c = app.db.read();
    let figures = store::figures(c).await?;
    let lines = figures.lines().map(|(line, value)| Line {
        field: line.field,
        label: line.label,
        value: format!("{} {}", zh::number(value), line.unit),
        text: line.text,
        href: line.href,
    });
    let units = units::store::count_by_category(c).await?;
    let units: Vec<_> = units.into_iter().map(|(category, n)| (category.code(), n)).collect();
    let charts = vec![
        Section::new("各类单位", by_category("各类别有多少单位", "个", &units)).id("units-by-category"),
        Section::new("各类单位的权力", powers_by_category(&store::powers_by_category(c).await?))
            .id("powers-by-category"),
        Section::new("权力面向谁", by_kind(&store::powers_by_kind(c).await?)).id("powers-by-kind"),
        Section::new("权力在哪个阶段", by_stage(&store::powers_by_stage(c).await?)).id("powers-by-stage"),
    ];
    let head =
        Heading::new("统计").lead("数字随公开的内容变化。每个数字都写明怎么算，能点开的可以看到名单。");
    let body = Page { head, lines: lines.collect(), charts };
    let shell = Shell {
        description: "单位、岗位、干部、权力、流程、环节和依据的数量，每个数字的定义。".to_owned(),
        canonical: Some(format!("{}/statistics", app.config.base_url)),
        ..viewer.portal(&app, "统计").await?
    };
    debug_assert_eq!(body.lines.len(), DEFINITIONS.len());
    Ok(Html(daylight_ui::page(&shell, &body.render()?)))
}

/// Counts are far below 2^53: nothing is lost.
fn bar(label: &str, n: i64, href: Option<String>) -> Bar {
    Bar { label: label.to_owned(), value: n as f64, href, marked: false }
}

fn of(counts: &[store::Count], code: &str) -> i64 {
    counts.iter().find(|count| count.code == code).map_or(0, |count| count.n)
}

fn by_category(caption: &str, unit: &str, counts: &[(&str, i64)]) -> Bars {
    let mut bars = Bars::new(caption, "类别", unit);
    for category in Category::ALL {
        let n = counts.iter().find(|(code, _)| *code == category.code()).map_or(0, |(_, n)| *n);
        let href = (n > 0).then(|| format!("/units?category={}", category.code()));
        bars.items.push(bar(category.page(), n, href));
    }
    bars
}

fn powers_by_category(counts: &[store::Count]) -> Bars {
    let counts: Vec<_> = counts.iter().map(|count| (count.code.as_str(), count.n)).collect();
    by_category("各类别的单位共有多少项公开的权力", "项", &counts)
}

fn by_kind(counts: &[store::Count]) -> Bars {
    let mut bars = Bars::new("公开的权力按类别", "权力类别", "项");
    for kind in Kind::ALL {
        let n = of(counts, kind.code());
        bars.items.push(bar(kind.page(), n, (n > 0).then(|| format!("/powers?kind={}", kind.code()))));
    }
    with_unsaid(bars, of(counts, ""))
}

fn by_stage(counts: &[store::Count]) -> Bars {
    let mut bars = Bars::new("公开的权力按类型", "权力类型", "项");
    for stage in StageType::ALL {
        let n = of(counts, stage.code());
        bars.items.push(bar(stage.page(), n, (n > 0).then(|| format!("/powers?stage={}", stage.code()))));
    }
    with_unsaid(bars, of(counts, ""))
}

/// What a list leaves open is shown, so that the bars add up.
fn with_unsaid(mut bars: Bars, n: i64) -> Bars {
    if n > 0 {
        bars.items.push(bar("单位未注明", n, None));
    }
    bars
}
