//! 站点地图 and what robots may read.

use super::store::{self, Address};
use crate::{
    clock,
    web::{App, PageError, Word},
};
use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use daylight_ui::zh::iso_date;
use std::fmt::Write;

/// Addresses of one part. The protocol allows 50,000 and 50 MB (sitemaps.org, 2008).
const PART: i64 = 40_000;
/// Pages that are always there.
const FIXED: [&str; 11] = [
    "/",
    "/units",
    "/powers",
    "/cadres",
    "/divisions",
    "/statistics",
    "/help",
    "/about",
    "/accessibility",
    "/data",
    "/api",
];
const HEAD: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n";
const NAMESPACE: &str = "xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\"";

fn xml(text: String) -> Response {
    ([(header::CONTENT_TYPE, "application/xml; charset=utf-8")], text).into_response()
}

/// GET /sitemap.xml: all addresses, or the list of parts when there are too many for one.
pub async fn index(State(app): State<App>) -> Result<Response, PageError> {
    let c = app.db.read();
    let base = &app.config.base_url;
    let total = store::count_addresses(c).await?;
    if total <= PART {
        return Ok(xml(urls(base, &FIXED, &store::addresses(c, PART, 0).await?)));
    }
    Ok(xml(parts(base, total)))
}

/// GET /sitemap/{part}: "1.xml" and on.
pub async fn part(State(app): State<App>, Word(part): Word) -> Result<Response, PageError> {
    let number: i64 =
        part.strip_suffix(".xml").and_then(|number| number.parse().ok()).ok_or(PageError::NotFound)?;
    if !(1..=1_000).contains(&number) {
        return Err(PageError::NotFound);
    }
    let addresses = store::addresses(app.db.read(), PART, (number - 1) * PART).await?;
    if addresses.is_empty() {
        return Err(PageError::NotFound);
    }
    let fixed: &[&str] = if number == 1 { &FIXED } else { &[] };
    Ok(xml(urls(&app.config.base_url, fixed, &addresses)))
}

fn parts(base: &str, total: i64) -> String {
    let mut text = format!("{HEAD}<sitemapindex {NAMESPACE}>\n");
    for number in 1..=(total + PART - 1) / PART {
        let _ = writeln!(text, "<sitemap><loc>{base}/sitemap/{number}.xml</loc></sitemap>");
    }
    text + "</sitemapindex>\n"
}

fn urls(base: &str, fixed: &[&str], addresses: &[Address]) -> String {
    let mut text = format!("{HEAD}<urlset {NAMESPACE}>\n");
    for path in fixed {
        let _ = writeln!(text, "<url><loc>{base}{path}</loc></url>");
    }
    for Address { place, id, updated_at } in addresses {
        let day = clock::beijing(*updated_at);
        let day = iso_date(day.year(), u8::from(day.month()), day.day());
        let _ = writeln!(text, "<url><loc>{base}/{place}/{id}</loc><lastmod>{day}</lastmod></url>");
    }
    text + "</urlset>\n"
}

/// GET /robots.txt: everything public, neither the office nor the endless lists of searches.
pub async fn robots(State(app): State<App>) -> Response {
    let base = &app.config.base_url;
    let text = format!(
        "User-agent: *\nDisallow: /office\nDisallow: /reports\nDisallow: /search\nDisallow: /elder\n\nSitemap: {base}/sitemap.xml\n"
    );
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_many_addresses_become_parts_that_hold_them_all() {
        let text = parts("http://a.cn", 80_001);
        assert_eq!(text.matches("<loc>").count(), 3);
        assert!(text.contains("http://a.cn/sitemap/3.xml"));
        assert_eq!(parts("http://a.cn", 80_000).matches("<loc>").count(), 2);
    }
}
