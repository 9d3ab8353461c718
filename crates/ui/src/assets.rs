//! Style sheet, script and icon: embedded, hashed by content, served at `/assets/{name}`.
//!
//! No build step: the sheets in `assets/css` are joined in order and their comments dropped at first use.

use std::sync::OnceLock;

/// One embedded file, ready to serve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asset {
    /// The bytes to send.
    pub bytes: &'static [u8],
    /// Value of `Content-Type`.
    pub content_type: &'static str,
    /// Strong entity tag, quoted.
    pub etag: &'static str,
    /// Whether the name carries the hash, so that the answer may be kept for a year.
    pub immutable: bool,
}

const SHEETS: &str = concat!(
    include_str!("../../../assets/css/tokens.css"),
    include_str!("../../../assets/css/base.css"),
    include_str!("../../../assets/css/shell.css"),
    include_str!("../../../assets/css/form.css"),
    include_str!("../../../assets/css/parts.css"),
    include_str!("../../../assets/css/registry.css"),
    include_str!("../../../assets/css/report.css"),
    include_str!("../../../assets/css/flow.css"),
    include_str!("../../../assets/css/chart.css"),
    include_str!("../../../assets/css/office.css"),
    include_str!("../../../assets/css/letter.css"),
    include_str!("../../../assets/css/elder.css"),
    include_str!("../../../assets/css/print.css"),
);
const SCRIPT: &str = include_str!("../../../assets/js/app.js");
const REPORT_SCRIPT: &str = include_str!("../../../assets/js/report.js");
const EVIDENCE_SCRIPT: &str = include_str!("../../../assets/js/evidence.js");
const ICON: &str = include_str!("../../../assets/icon.svg");

struct Shelf {
    plain: &'static str,
    hashed: String,
    href: String,
    etag: String,
    text: String,
    content_type: &'static str,
}

impl Shelf {
    fn new(stem: &str, ending: &str, plain: &'static str, text: String, content_type: &'static str) -> Self {
        let hash = fnv1a(text.as_bytes());
        let hashed = format!("{stem}-{hash:016x}.{ending}");
        Self {
            plain,
            href: format!("/assets/{hashed}"),
            etag: format!("\"{hash:016x}\""),
            hashed,
            text,
            content_type,
        }
    }
}

fn shelves() -> &'static [Shelf; 5] {
    static SHELVES: OnceLock<[Shelf; 5]> = OnceLock::new();
    SHELVES.get_or_init(|| {
        [
            Shelf::new("app", "css", "app.css", tighten(SHEETS), "text/css; charset=utf-8"),
            Shelf::new("app", "js", "app.js", SCRIPT.to_owned(), "text/javascript; charset=utf-8"),
            Shelf::new("icon", "svg", "icon.svg", ICON.to_owned(), "image/svg+xml"),
            Shelf::new(
                "report",
                "js",
                "report.js",
                REPORT_SCRIPT.to_owned(),
                "text/javascript; charset=utf-8",
            ),
            Shelf::new(
                "evidence",
                "js",
                "evidence.js",
                EVIDENCE_SCRIPT.to_owned(),
                "text/javascript; charset=utf-8",
            ),
        ]
    })
}

/// Address of the style sheet.
pub fn css_href() -> &'static str {
    &shelves()[0].href
}

/// Address of the script, an ES module that only adds comfort.
pub fn js_href() -> &'static str {
    &shelves()[1].href
}

/// Address of the script of the pages on reporting.
pub fn report_js_href() -> &'static str {
    &shelves()[3].href
}

/// Address of the script that sends files in pieces.
pub fn evidence_js_href() -> &'static str {
    &shelves()[4].href
}

/// Address of the site's icon.
pub fn icon_href() -> &'static str {
    &shelves()[2].href
}

/// The file of that name. `path` is the part after `/assets/`; the prefix itself is tolerated. Plain names (`app.css`)
/// answer too, but not as immutable.
pub fn get(path: &str) -> Option<Asset> {
    let name = path.trim_start_matches('/');
    let name = name.strip_prefix("assets/").unwrap_or(name);
    let shelf = shelves().iter().find(|shelf| shelf.hashed == name || shelf.plain == name)?;
    Some(Asset {
        bytes: shelf.text.as_bytes(),
        content_type: shelf.content_type,
        etag: &shelf.etag,
        immutable: shelf.hashed == name,
    })
}

/// Drops comments and the white space that carries no meaning at the ends of lines. Our sheets hold no string with `/*`.
fn tighten(css: &str) -> String {
    let mut bare = String::with_capacity(css.len());
    let mut rest = css;
    while let Some(start) = rest.find("/*") {
        bare.push_str(&rest[..start]);
        rest = rest[start..].find("*/").map_or("", |end| &rest[start + end + 2..]);
    }
    bare.push_str(rest);
    bare.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

/// FNV-1a, 64 bit: names must change with content, nobody is attacked through them.
const fn fnv1a(bytes: &[u8]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut i = 0;
    while i < bytes.len() {
        hash = (hash ^ bytes[i] as u64).wrapping_mul(0x0000_0100_0000_01b3);
        i += 1;
    }
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashed_names_are_immutable_and_plain_names_are_not() {
        for href in [css_href(), js_href(), icon_href(), report_js_href(), evidence_js_href()] {
            let asset = get(href).expect("served");
            assert!(asset.immutable && asset.etag.starts_with('"'));
            assert_eq!(get(href.trim_start_matches("/assets/")), Some(asset));
        }
        assert!(!get("app.css").expect("served").immutable);
        assert_eq!(get("../secret"), None);
    }

    #[test]
    fn a_cheap_phone_can_afford_them() {
        let sheets = tighten(SHEETS).len();
        assert!(sheets <= 50 * 1024, "css is {sheets} bytes");
        assert!(SCRIPT.len() <= 6 * 1024, "js is {} bytes", SCRIPT.len());
        assert!(EVIDENCE_SCRIPT.len() <= 9 * 1024, "evidence.js is {} bytes", EVIDENCE_SCRIPT.len());
        assert!(REPORT_SCRIPT.len() <= 4 * 1024, "report.js is {} bytes", REPORT_SCRIPT.len());
    }

    #[test]
    fn the_sheet_asks_nobody_else_and_is_balanced() {
        let css = tighten(SHEETS);
        assert!(!css.contains("url(") && !css.contains("@import") && !css.contains("/*"));
        assert_eq!(css.matches('{').count(), css.matches('}').count());
    }

    fn token(name: &str, after: &str) -> Option<[f64; 3]> {
        let css = tighten(SHEETS);
        let block = css.split(after).nth(1)?.split('}').next()?.to_owned();
        let hex = block.split(&format!("--{name}:")).nth(1)?.trim().strip_prefix('#')?.get(..6)?.to_owned();
        let channel = |i| u8::from_str_radix(&hex[i..i + 2], 16).map(f64::from).ok();
        Some([channel(0)?, channel(2)?, channel(4)?])
    }

    /// WCAG 2.2, relative luminance and contrast ratio.
    fn contrast(a: [f64; 3], b: [f64; 3]) -> f64 {
        let luminance = |c: [f64; 3]| {
            let linear = c.map(|v| {
                let v = v / 255.0;
                if v <= 0.04045 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) }
            });
            0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
        };
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn every_pair_of_the_palette_can_be_read() {
        let text = [
            ("ink", "paper"),
            ("ink", "white"),
            ("ink", "wash"),
            ("muted", "paper"),
            ("muted", "white"),
            ("muted", "wash"),
            ("link", "paper"),
            ("link", "white"),
            ("link", "wash"),
            ("red", "paper"),
            ("red", "white"),
            ("red", "red-wash"),
            ("white", "red"),
            ("white", "red-deep"),
            ("white", "night"),
            ("night-soft", "night"),
            ("green", "green-wash"),
            ("green", "paper"),
            ("yellow", "yellow-wash"),
            ("yellow", "paper"),
            ("orange", "orange-wash"),
            ("data", "paper"),
            ("ink", "shade-0"),
            ("ink", "shade-1"),
            ("ink", "shade-2"),
            ("white", "shade-3"),
            ("white", "shade-4"),
        ];
        for mode in [":root {", ":root[data-elder] {"] {
            for (front, back) in text {
                let colour = |name| token(name, mode).or_else(|| token(name, ":root {")).expect(name);
                let ratio = contrast(colour(front), colour(back));
                let floor =
                    if mode.contains("elder") && front != "link" && back != "shade-3" { 5.5 } else { 4.5 };
                assert!(ratio >= floor, "{front} on {back} in {mode} is {ratio:.2}");
            }
        }
        for (edge, back) in
            [("edge", "paper"), ("edge", "white"), ("focus", "paper"), ("lamp-yellow", "paper")]
        {
            let ratio = contrast(token(edge, ":root {").expect(edge), token(back, ":root {").expect(back));
            assert!(ratio >= 3.0, "{edge} on {back} is {ratio:.2}");
        }
    }
}
