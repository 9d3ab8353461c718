//! The look of Daylight: one page shell, and parts that know no feature.
//!
//! # How a page is made (the one way)
//!
//! A page is an askama struct that renders only its body, with exactly one `<h1>`; [`page`] puts the shell around it.
//!
//! ```
//! use askama::Template;
//! use daylight_ui::{Area, Html, Shell, SummaryList, Tag, page};
//!
//! #[derive(Template)]
//! #[template(ext = "html", source = "<h1>{{ name }}</h1>{{ state }}{{ facts }}")] // or path = "units/show.html"
//! struct ShowUnit {
//!     name: String,
//!     state: Tag,
//!     facts: SummaryList,
//! }
//!
//! let body = ShowUnit {
//!     name: "青石镇人民政府".into(),
//!     state: Tag::neutral("已核对"),
//!     facts: SummaryList::new().row("类别", "乡镇").row("权力事项", "128 项"),
//! };
//! let shell = Shell { title: "青石镇人民政府".into(), path: "/units/7".into(), ..Shell::portal("安澜县") };
//! let html = page(&shell, &body.render().unwrap());
//! assert!(daylight_ui::check::page(&html).is_empty());
//! ```
//!
//! # Text and markup
//!
//! Every slot that may hold rich content is an [`Html`]. `&str` and `String` become `Html` by being escaped; a part
//! becomes `Html` as it is. Only [`Html::trusted`] lets markup through, so a reviewer greps for one word.
//! Parts print themselves in a template with `{{ part }}`; they need no `|safe`.
//!
//! # What the content-security policy asks
//!
//! No inline style, no inline script, no third party. [`check::page`] finds every breach, and a test of the app should
//! run it on every page it fetches.
//!
//! The gallery (`cargo run -p daylight-ui --example gallery -- --serve`) shows each part and two whole pages, and is
//! the fixture of `tests/gallery.rs`.

pub mod assets;
pub mod chart;
pub mod check;
pub mod error_page;
pub mod form;
mod html;
mod parts;
mod shell;
pub mod tilemap;
pub mod zh;

pub use html::{Html, Link, safe_href};
pub use parts::*;
pub use shell::{
    ABOUT_HREF, ACCESSIBILITY_HREF, API_HREF, Area, DATA_HREF, ELDER_ACTION, NavItem, Shell, SignedIn, page,
    page_with_refresh,
};
