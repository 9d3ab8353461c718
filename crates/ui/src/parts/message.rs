//! Things said to the reader: notices, confirmations, gaps, empty and unfinished places.

use askama::Template;

use crate::html::part;
use crate::{Html, Link};

/// What a notice is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NoticeKind {
    /// Good to know.
    #[default]
    Info,
    /// It is done.
    Success,
    /// Mind this.
    Warning,
    /// It failed.
    Danger,
}

impl NoticeKind {
    fn class(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Success => "success",
            Self::Warning => "warning",
            Self::Danger => "danger",
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Info => "提示",
            Self::Success => "成功",
            Self::Warning => "注意",
            Self::Danger => "未完成",
        }
    }
}

/// One message, on top of a page or inside it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Template)]
#[template(
    ext = "html",
    source = r#"<div class="notice notice--{{ kind.class() }}" role="{% if kind == NoticeKind::Danger %}alert{% else %}status{% endif %}">
<p><b class="notice-word">{{ kind.word() }}</b>{{ text }}</p>
</div>"#
)]
pub struct Notice {
    /// What it is about.
    pub kind: NoticeKind,
    /// The message; text is escaped.
    pub text: Html,
}

impl Notice {
    /// A message of this kind.
    pub fn new(kind: NoticeKind, text: impl Into<Html>) -> Self {
        Self { kind, text: text.into() }
    }
}

/// Closes a journey: the page's `<h1>`, the number to keep, and what happens next (put the last in the page itself).
#[derive(Clone, Debug, Default, Template)]
#[template(
    ext = "html",
    source = r#"<div class="confirmation"><svg viewBox="0 0 48 48" width="48" height="48" aria-hidden="true" focusable="false"><circle cx="24" cy="24" r="22" fill="none" stroke="currentColor" stroke-width="2.5"/><path d="M14 25l7 7 13-15" fill="none" stroke="currentColor" stroke-width="3.5"/></svg>
<h1>{{ title }}</h1>
{%- for (label, value) in keep -%}
<p class="confirmation-keep"><span>{{ label }}</span><strong translate="no">{{ value }}</strong><button type="button" class="button button--small" data-copy="{{ value }}" hidden>复制</button></p>
{%- endfor %}{% if !text.is_empty() -%}
<div class="confirmation-text">{{ text }}</div>
{%- endif -%}
</div>"#
)]
pub struct Confirmation {
    /// What has been done: "您的反映已收到".
    pub title: String,
    /// What the person must keep: label and value (receipt number, query code).
    pub keep: Vec<(String, String)>,
    /// One or two sentences.
    pub text: Html,
}

/// A named gap: something that should be here and is not.
#[derive(Clone, Debug, Default, Template)]
#[template(
    ext = "html",
    source = r#"<p class="missing"><svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true" focusable="false"><path d="M3.5 1.5h9l4 4v13h-13z" fill="none" stroke="currentColor" stroke-width="1.5" stroke-dasharray="2.5 2"/></svg><span><b>应公开，未见公开：</b>{{ text }}</span>
{%- if let Some(action) = action %}{{ action }}{% endif -%}
</p>"#
)]
pub struct Missing {
    /// What, and since when it is due: "2026年第三季度财务公开,应于2026年10月15日前公开".
    pub text: String,
    /// What the reader may do: 催一催.
    pub action: Option<Link>,
}

/// Small drawings of empty places.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Drawing {
    /// A board with nothing on it.
    #[default]
    Board,
    /// A glass that found nothing.
    Glass,
    /// A tray with nothing in it.
    Tray,
    /// A sun over a roof: all is done.
    Sun,
}

/// A list with nothing in it, said kindly and with a way on.
#[derive(Clone, Debug, Default, Template)]
#[template(
    ext = "html",
    source = r#"<div class="empty"><svg viewBox="0 0 96 72" width="96" height="72" aria-hidden="true" focusable="false" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round">
{%- match drawing %}{% when Drawing::Board -%}
<path d="M18 14h60v38H18zM30 52v14M66 52v14"/><path class="soft" d="M28 26h24M28 34h40M28 42h16"/><path class="warm" d="M48 6v8M44 6h8"/>
{%- when Drawing::Glass -%}
<circle cx="42" cy="30" r="20"/><path d="M57 45l18 18"/><path class="soft" d="M33 26h18M33 34h12"/>
{%- when Drawing::Tray -%}
<path d="M14 40l10-24h48l10 24v20H14zM14 40h22c0 8 6 11 12 11s12-3 12-11h22"/><path class="soft" d="M34 26h28M31 33h34"/>
{%- when Drawing::Sun -%}
<path d="M12 62h72M22 62V46l26-16 26 16v16"/><path class="warm" d="M38 22a10 10 0 0 1 20 0M48 4v3M33 9l2 2.5M63 9l-2 2.5"/><path class="soft" d="M42 62V50h12v12"/>
{%- endmatch -%}
</svg>
<p class="empty-title">{{ title }}</p>
{%- if !text.is_empty() -%}
<p>{{ text }}</p>
{%- endif %}{% if let Some(action) = action -%}
<p><a class="button button--second" href="{{ crate::safe_href(action.href) }}">{{ action.label }}</a></p>
{%- endif -%}
</div>"#
)]
pub struct Empty {
    /// The drawing.
    pub drawing: Drawing,
    /// What is not there: "还没有公开事项".
    pub title: String,
    /// Why, or when it will be.
    pub text: String,
    /// A way on.
    pub action: Option<Link>,
}

impl Empty {
    /// An empty place that says so.
    pub fn new(drawing: Drawing, title: impl Into<String>) -> Self {
        Self { drawing, title: title.into(), ..Self::default() }
    }

    /// Why, or when it will be.
    #[must_use]
    pub fn text(mut self, text: impl Into<String>) -> Self {
        self.text = text.into();
        self
    }

    /// A way on.
    #[must_use]
    pub fn action(mut self, label: impl Into<String>, href: impl Into<String>) -> Self {
        self.action = Some(Link::new(label, href));
        self
    }
}

/// A place that is planned and not built yet: calm, with a plain word on when and what to do until then.
#[derive(Clone, Debug, Default, Template)]
#[template(
    ext = "html",
    source = r#"<div class="later"><svg viewBox="0 0 96 72" width="96" height="72" aria-hidden="true" focusable="false" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"><path d="M8 60h80"/><path class="warm" d="M34 60a14 14 0 0 1 28 0M48 36v-6M30 44l-4-4M66 44l4-4"/><path class="soft" d="M20 66h56M32 71h32"/></svg>
<p class="later-title">{{ title }}</p>
<p>此功能建设中。{{ text }}</p>
{%- if let Some(action) = action -%}
<p><a class="button button--second" href="{{ crate::safe_href(action.href) }}">{{ action.label }}</a></p>
{%- endif -%}
</div>"#
)]
pub struct ComingLater {
    /// What will be here.
    pub title: String,
    /// A plain word: what it will do, what to do until then.
    pub text: String,
    /// A way on.
    pub action: Option<Link>,
}

/// More for those who ask: `<details>`.
#[derive(Clone, Debug, Default, Template)]
#[template(
    ext = "html",
    source = r#"<details class="details"><summary>{{ summary }}</summary><div>{{ body }}</div></details>"#
)]
pub struct Details {
    /// The question.
    pub summary: String,
    /// The answer.
    pub body: Html,
}

impl Details {
    /// A question and its answer.
    pub fn new(summary: impl Into<String>, body: impl Into<Html>) -> Self {
        Self { summary: summary.into(), body: body.into() }
    }
}

part!(Notice, Confirmation, Missing, Empty, ComingLater, Details);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_said_is_escaped() {
        let bad = || "<b>\"".to_owned();
        let link = || Some(Link::new(bad(), bad()));
        let all = [
            Notice::new(NoticeKind::Danger, bad()).to_string(),
            Confirmation { title: bad(), keep: vec![(bad(), bad())], text: bad().into() }
                .to_string()
                .replace("<b ", ""),
            Missing { text: bad(), action: link() }.to_string().replace("<b>应", ""),
            Empty { drawing: Drawing::Sun, title: bad(), text: bad(), action: link() }.to_string(),
            ComingLater { title: bad(), text: bad(), action: link() }.to_string(),
            Details::new(bad(), bad()).to_string(),
        ];
        for html in all {
            assert!(!html.contains("<b>"), "{html}");
        }
    }
}
