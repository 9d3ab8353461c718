//! The frame around every page: head, header, navigation, notice, footer.

use askama::Template;

use crate::{Link, Notice, assets};

/// How the organs themselves do.
pub const OVERSIGHT_HREF: &str = "/oversight";
/// What this platform is.
pub const ABOUT_HREF: &str = "/about";
/// Which discipline organ watches which units.
pub const ORGANS_HREF: &str = "/organs";
/// Open data, for download.
pub const DATA_HREF: &str = "/data";
/// The open JSON interface, explained.
pub const API_HREF: &str = "/api";
/// The accessibility statement.
pub const ACCESSIBILITY_HREF: &str = "/accessibility";
/// Where the elder switch posts `on` (1 or 0) and `back` (path and query).
pub const ELDER_ACTION: &str = "/elder";

/// Which of the two faces a page belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Area {
    /// Public pages, for citizens.
    #[default]
    Portal,
    /// Working pages, for staff: denser, with a side menu.
    Office,
}

/// One entry of the main navigation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NavItem {
    /// Short word, two to four characters.
    pub label: String,
    /// Where it leads.
    pub href: String,
    /// Whether the page shown is under this entry.
    pub current: bool,
}

impl NavItem {
    /// An entry that leads to `href`.
    pub fn new(label: impl Into<String>, href: impl Into<String>, current: bool) -> Self {
        Self { label: label.into(), href: href.into(), current }
    }
}

/// Who is signed in, as shown in the header.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SignedIn {
    /// Name or masked phone number.
    pub name: String,
    /// Roles in words, for staff: "受理岗 · 县纪委".
    pub roles_text: String,
    /// The list of signed-in devices.
    pub device_href: String,
    /// Address the sign-out button posts to.
    pub sign_out_href: String,
}

/// Everything the frame needs to know. Start from [`Shell::portal`] or [`Shell::office`] and set what differs.
#[derive(Clone, Debug, Default)]
pub struct Shell {
    /// Title of the page without the site's name. The `<h1>` is in the body.
    pub title: String,
    /// Portal or office.
    pub area: Area,
    /// Whether 长辈版 is on.
    pub elder: bool,
    /// Current path and query, for the elder switch's return.
    pub path: String,
    /// Name of the place: "安澜县".
    pub site_name: String,
    /// Main navigation.
    pub nav: Vec<NavItem>,
    /// The person signed in, if any.
    pub signed_in: Option<SignedIn>,
    /// One sentence for search engines and shared links; empty for none.
    pub description: String,
    /// The lasting address of this page, absolute.
    pub canonical: Option<String>,
    /// Address of an Atom feed of what the page lists.
    pub feed: Option<String>,
    /// One message about what just happened.
    pub notice: Option<Notice>,
    /// Way back: label and address; the last has none. Empty for none.
    pub breadcrumbs: Vec<(String, Option<String>)>,
    /// Whether the data are fictional; says so on top of each page.
    pub demo: bool,
}

impl Shell {
    /// A public page of `site_name`.
    pub fn portal(site_name: impl Into<String>) -> Self {
        Self { area: Area::Portal, site_name: site_name.into(), path: "/".into(), ..Self::default() }
    }

    /// A working page of `site_name`.
    pub fn office(site_name: impl Into<String>) -> Self {
        Self { area: Area::Office, site_name: site_name.into(), path: "/office".into(), ..Self::default() }
    }
}

#[derive(Template)]
#[template(path = "shell.html")]
struct Document<'a> {
    shell: &'a Shell,
    body: &'a str,
    refresh: Option<u32>,
    css: &'a str,
    js: &'a str,
    icon: &'a str,
    footer: [Link; 6],
}

impl Document<'_> {
    fn office(&self) -> bool {
        self.shell.area == Area::Office
    }
}

/// The whole document. `body` is markup from an askama page struct and holds the page's one `<h1>`.
pub fn page(shell: &Shell, body: &str) -> String {
    document(shell, body, None)
}

/// A page that asks again after `seconds` where scripts do not run: for long work, beside [`crate::Progress`].
pub fn page_with_refresh(shell: &Shell, body: &str, seconds: u32) -> String {
    document(shell, body, Some(seconds))
}

fn document(shell: &Shell, body: &str, refresh: Option<u32>) -> String {
    let footer = [
        Link::new("关于本平台", ABOUT_HREF),
        Link::new("谁来监督", ORGANS_HREF),
        Link::new("监督办理情况", OVERSIGHT_HREF),
        Link::new("数据下载", DATA_HREF),
        Link::new("开放接口", API_HREF),
        Link::new("无障碍说明", ACCESSIBILITY_HREF),
    ];
    Document {
        shell,
        body,
        refresh,
        css: assets::css_href(),
        js: assets::js_href(),
        icon: assets::icon_href(),
        footer,
    }
    .render()
    .expect("a template over plain values does not fail")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{NoticeKind, check};

    fn hostile() -> Shell {
        let bad = || "\"><script>alert(1)</script>".to_owned();
        Shell {
            title: bad(),
            path: bad(),
            description: bad(),
            canonical: Some(bad()),
            feed: Some(bad()),
            nav: vec![NavItem::new(bad(), bad(), true)],
            signed_in: Some(SignedIn {
                name: bad(),
                roles_text: bad(),
                device_href: bad(),
                sign_out_href: bad(),
            }),
            notice: Some(Notice::new(NoticeKind::Warning, bad())),
            breadcrumbs: vec![(bad(), Some(bad())), (bad(), None)],
            ..Shell::portal(bad())
        }
    }

    #[test]
    fn hostile_words_stay_words() {
        for area in [Area::Portal, Area::Office] {
            let html = page(&Shell { area, ..hostile() }, "<h1>甲</h1>");
            assert!(!html.contains("<script>"), "{html}");
            assert_eq!(check::page(&html), Vec::<String>::new());
        }
    }

    #[test]
    fn a_page_has_language_skip_link_landmarks_and_one_heading() {
        let nav = vec![NavItem::new("单位", "/units", true)];
        let html = page(&Shell { title: "单位".into(), nav, ..Shell::portal("安澜县") }, "<h1>单位</h1>");
        for piece in [
            "<!doctype html>",
            "lang=\"zh-CN\"",
            "href=\"#main\"",
            "<main id=\"main\"",
            "<header",
            "<nav",
            "<footer",
            "<title>单位 - 安澜县阳光监督</title>",
        ] {
            assert!(html.contains(piece), "{piece} is missing");
        }
        assert_eq!(html.matches("<h1").count(), 1);
        assert!(!html.contains("data-elder"));
    }

    #[test]
    fn the_elder_switch_is_a_form_that_returns_here() {
        let shell = Shell { path: "/units?page=2".into(), ..Shell::portal("安澜县") };
        let html = page(&shell, "<h1>单位</h1>");
        assert!(html.contains("method=\"post\" action=\"/elder\""));
        assert!(html.contains("name=\"on\" value=\"1\""));
        assert!(html.contains("name=\"back\" value=\"/units?page=2\""));
        let html = page(&Shell { elder: true, ..shell }, "<h1>单位</h1>");
        assert!(html.contains("<html lang=\"zh-CN\" data-elder>"));
        assert!(html.contains("name=\"on\" value=\"0\""));
    }

    #[test]
    fn refresh_is_only_for_pages_that_ask() {
        let shell = Shell::portal("安澜县");
        assert!(!page(&shell, "").contains("http-equiv=\"refresh\""));
        assert!(page_with_refresh(&shell, "", 5).contains("http-equiv=\"refresh\" content=\"5\""));
    }
}
