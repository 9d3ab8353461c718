//! Ways onward: actions, tabs, filter chips, pages, doors.

use askama::Template;

use crate::html::part;

/// One action of a page: a link that looks like a button, or a button of the surrounding form.
#[derive(Clone, Debug, Default)]
pub struct Action {
    /// A verb: 提交, 我要反映.
    pub label: String,
    /// Address of a link; `None` makes a submit button.
    pub href: Option<String>,
    /// The one thing this page is for.
    pub main: bool,
    /// Cannot be undone.
    pub grave: bool,
    /// `name` and `value` of a submit button, so that one form may have two.
    pub sends: Option<(String, String)>,
}

impl Action {
    /// The main link of a page.
    pub fn link(label: impl Into<String>, href: impl Into<String>) -> Self {
        Self { label: label.into(), href: Some(href.into()), main: true, ..Self::default() }
    }

    /// The main button of a form.
    pub fn submit(label: impl Into<String>) -> Self {
        Self { label: label.into(), main: true, ..Self::default() }
    }

    /// Beside the main one.
    #[must_use]
    pub fn second(mut self) -> Self {
        self.main = false;
        self
    }

    /// For what cannot be undone.
    #[must_use]
    pub fn grave(mut self) -> Self {
        self.grave = true;
        self
    }

    /// The button sends this name and value.
    #[must_use]
    pub fn sends(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.sends = Some((name.into(), value.into()));
        self
    }

    fn class(&self) -> &'static str {
        match (self.grave, self.main) {
            (true, _) => "button button--grave",
            (_, true) => "button",
            _ => "button button--second",
        }
    }
}

/// Actions in a row; on a phone each takes the full width.
#[derive(Clone, Debug, Default, Template)]
#[template(
    ext = "html",
    source = r#"<div class="actions">
{%- for a in items %}{% if let Some(href) = a.href -%}
<a class="{{ a.class() }}" href="{{ crate::safe_href(href) }}">{{ a.label }}</a>
{%- else -%}
<button class="{{ a.class() }}" type="submit"{% if let Some((name, value)) = a.sends %} name="{{ name }}" value="{{ value }}"{% endif %}>{{ a.label }}</button>
{%- endif %}{% endfor -%}
</div>"#
)]
pub struct Actions {
    /// The actions; the main one first.
    pub items: Vec<Action>,
}

impl Actions {
    /// These actions in a row.
    pub fn new(items: impl IntoIterator<Item = Action>) -> Self {
        Self { items: items.into_iter().collect() }
    }
}

/// One panel of a thing that has several.
#[derive(Clone, Debug)]
pub struct Tab {
    /// Two to four characters.
    pub label: String,
    /// An address of its own, or an anchor.
    pub href: String,
    /// Whether it is shown now.
    pub current: bool,
    /// How much is in it.
    pub count: Option<i64>,
}

/// Panels as plain links: they work without scripts and can be sent to a neighbour.
#[derive(Clone, Debug, Default, Template)]
#[template(
    ext = "html",
    source = r#"<nav class="tabs" aria-label="{{ label }}">
<ul>
{%- for tab in items -%}
<li><a href="{{ crate::safe_href(tab.href) }}"{% if tab.current %} aria-current="page"{% endif %}>{{ tab.label }}{% if tab.count.is_some() %} <span class="count">{{ crate::zh::optional_number(tab.count) }}</span>
{%- endif -%}
</a></li>
{%- endfor -%}
</ul>
</nav>"#
)]
pub struct Tabs {
    /// Read out before the links: "青石镇的资料".
    pub label: String,
    /// The panels.
    pub items: Vec<Tab>,
}

impl Tabs {
    /// No panels yet.
    pub fn new(label: impl Into<String>) -> Self {
        Self { label: label.into(), items: Vec::new() }
    }

    /// Adds a panel.
    #[must_use]
    pub fn tab(
        mut self,
        label: impl Into<String>,
        href: impl Into<String>,
        current: bool,
        count: Option<i64>,
    ) -> Self {
        self.items.push(Tab { label: label.into(), href: href.into(), current, count });
        self
    }
}

/// One filter that can be put on or taken off.
#[derive(Clone, Debug)]
pub struct Chip {
    /// Its word.
    pub label: String,
    /// The list with this filter changed.
    pub href: String,
    /// Whether the list shown is filtered by it.
    pub on: bool,
    /// How many would remain.
    pub count: Option<i64>,
}

/// Filters as links.
#[derive(Clone, Debug, Default, Template)]
#[template(
    ext = "html",
    source = r#"<nav class="chips" aria-label="按{{ label }}筛选"><span class="chips-label" aria-hidden="true">{{ label }}</span>
<ul>
{%- for chip in items -%}
<li><a href="{{ crate::safe_href(chip.href) }}"{% if chip.on %} aria-current="true"{% endif %}>
{%- if chip.on -%}
<span aria-hidden="true">✓ </span>
{%- endif %}{{ chip.label }}{% if chip.count.is_some() %} <span class="count">{{ crate::zh::optional_number(chip.count) }}</span>
{%- endif -%}
</a></li>
{%- endfor -%}
</ul>
</nav>"#
)]
pub struct Chips {
    /// What they filter by: "单位类别".
    pub label: String,
    /// The filters; the first is usually 全部.
    pub items: Vec<Chip>,
}

impl Chips {
    /// No filters yet.
    pub fn new(label: impl Into<String>) -> Self {
        Self { label: label.into(), items: Vec::new() }
    }

    /// Adds a filter.
    #[must_use]
    pub fn chip(
        mut self,
        label: impl Into<String>,
        href: impl Into<String>,
        on: bool,
        count: Option<i64>,
    ) -> Self {
        self.items.push(Chip { label: label.into(), href: href.into(), on, count });
        self
    }
}

/// One place in a row of pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PageLink {
    /// A page and its address.
    Other(u64, String),
    /// The page shown.
    Current(u64),
    /// Pages left out.
    Gap,
}

/// The pages of a list. Prints nothing when there is only one.
#[derive(Clone, Debug, Default, Template)]
#[template(
    ext = "html",
    source = r#"{% if previous.is_some() || next.is_some() -%}
<nav class="pages" aria-label="翻页">
{%- if let Some(href) = previous -%}
<a class="pages-way" href="{{ crate::safe_href(href) }}" rel="prev"><span aria-hidden="true">‹ </span>上一页</a>
{%- endif %}{% if !items.is_empty() -%}
<ol>
{%- for item in items -%}
<li>
{%- match item %}{% when PageLink::Other(n, href) -%}
<a href="{{ crate::safe_href(href) }}" aria-label="第{{ n }}页">{{ n }}</a>
{%- when PageLink::Current(n) -%}
<span aria-current="page" class="pages-here"><span class="hidden">当前第</span>{{ n }}<span class="hidden">页</span></span>
{%- when PageLink::Gap -%}
<span class="pages-gap" aria-hidden="true">…</span>
{%- endmatch -%}
</li>
{%- endfor -%}
</ol>
{%- endif %}{% if let Some(href) = next -%}
<a class="pages-way" href="{{ crate::safe_href(href) }}" rel="next">下一页<span aria-hidden="true"> ›</span></a>
{%- endif %}{% if !total.is_empty() -%}
<p>{{ total }}</p>
{%- endif -%}
</nav>
{%- endif %}"#
)]
pub struct Pagination {
    /// Address of the page before.
    pub previous: Option<String>,
    /// Address of the page after.
    pub next: Option<String>,
    /// Numbered pages; empty for lists that only know before and after.
    pub items: Vec<PageLink>,
    /// "共 875 个单位".
    pub total: String,
}

impl Pagination {
    /// Numbered pages, counted from 1; `href` makes the address of a page.
    pub fn numbered(current: u64, pages: u64, href: impl Fn(u64) -> String) -> Self {
        let current = current.clamp(1, pages.max(1));
        let mut shown = vec![1, current.saturating_sub(1), current, current + 1, pages];
        shown.retain(|n| (1..=pages).contains(n));
        shown.dedup();
        let mut items = Vec::new();
        let mut last = 0;
        for n in shown {
            if n == last + 2 {
                items.push(PageLink::Other(n - 1, href(n - 1)));
            } else if n > last + 1 {
                items.push(PageLink::Gap);
            }
            if n > last {
                items.push(if n == current { PageLink::Current(n) } else { PageLink::Other(n, href(n)) });
                last = n;
            }
        }
        Self {
            previous: (current > 1).then(|| href(current - 1)),
            next: (current < pages).then(|| href(current + 1)),
            items,
            total: String::new(),
        }
    }

    /// Only before and after, for lists read by cursor.
    pub fn steps(previous: Option<String>, next: Option<String>) -> Self {
        Self { previous, next, ..Self::default() }
    }

    /// Says how many there are: "共 875 个单位".
    #[must_use]
    pub fn total(mut self, text: impl Into<String>) -> Self {
        self.total = text.into();
        self
    }
}

/// One of several places to go, with a sentence on what is there.
#[derive(Clone, Debug)]
pub struct Door {
    /// Its name.
    pub label: String,
    /// Where it leads; empty for a place that is planned and not open yet: it is said, not linked.
    pub href: String,
    /// What is there, or how much: "23 个镇、村、社区".
    pub text: String,
}

/// Places to go, as an index: names in columns over hairlines.
#[derive(Clone, Debug, Default, Template)]
#[template(
    ext = "html",
    source = r#"<ul class="doors">
{%- for door in items -%}
<li>
{%- if door.href.is_empty() -%}
<div>
{%- else -%}
<a href="{{ crate::safe_href(door.href) }}">
{%- endif -%}
<span class="doors-name">{{ door.label }}{% if door.href.is_empty() %} <span class="tag">建设中</span>{% endif %}</span>
{%- if !door.text.is_empty() -%}
<span class="doors-text">{{ door.text }}</span>
{%- endif %}{% if door.href.is_empty() -%}
</div>
{%- else -%}
</a>
{%- endif -%}
</li>
{%- endfor -%}
</ul>"#
)]
pub struct Doors {
    /// The places.
    pub items: Vec<Door>,
}

impl Doors {
    /// No places yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a place.
    #[must_use]
    pub fn door(
        mut self,
        label: impl Into<String>,
        href: impl Into<String>,
        text: impl Into<String>,
    ) -> Self {
        self.items.push(Door { label: label.into(), href: href.into(), text: text.into() });
        self
    }

    /// Adds a place that is not open yet, with what to do until then.
    #[must_use]
    pub fn later(self, label: impl Into<String>, text: impl Into<String>) -> Self {
        self.door(label, "", text)
    }
}

part!(Actions, Tabs, Chips, Pagination, Doors);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_show_ends_and_neighbours() {
        let numbers = |current, pages| {
            Pagination::numbered(current, pages, |n| format!("?page={n}"))
                .items
                .iter()
                .map(|item| match item {
                    PageLink::Other(n, _) => n.to_string(),
                    PageLink::Current(n) => format!("[{n}]"),
                    PageLink::Gap => "…".into(),
                })
                .collect::<Vec<_>>()
                .join(" ")
        };
        assert_eq!(numbers(1, 1), "[1]");
        assert_eq!(numbers(1, 9), "[1] 2 … 9");
        assert_eq!(numbers(5, 9), "1 … 4 [5] 6 … 9");
        assert_eq!(numbers(4, 5), "1 2 3 [4] 5");
        assert_eq!(numbers(99, 3), "1 2 [3]");
        assert_eq!(numbers(1, 0), "");
        assert!(Pagination::numbered(1, 1, |n| n.to_string()).to_string().is_empty());
    }

    #[test]
    fn a_place_that_is_not_open_is_said_and_not_linked() {
        let html = Doors::new().later("我要举报", "可以拨打 12388").to_string();
        assert!(html.contains("建设中") && html.contains("12388") && !html.contains("href"), "{html}");
    }

    #[test]
    fn words_and_addresses_are_escaped() {
        let bad = "\"><script>";
        let parts = [
            Actions::new([Action::link(bad, bad), Action::submit(bad).sends(bad, bad)]).to_string(),
            Tabs::new(bad).tab(bad, bad, true, Some(1)).to_string(),
            Chips::new(bad).chip(bad, bad, true, Some(1)).to_string(),
            Pagination::numbered(1, 3, |_| bad.into()).total(bad).to_string(),
            Doors::new().door(bad, bad, bad).later(bad, bad).to_string(),
        ];
        for html in parts {
            assert!(!html.contains("<script>") && !html.contains("\"\">"), "{html}");
        }
    }
}
