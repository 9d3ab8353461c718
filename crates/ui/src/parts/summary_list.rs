//! Facts of one thing, and the check-answers page.

use askama::Template;

use crate::html::part;
use crate::{Html, Link};

/// One fact.
#[derive(Clone, Debug)]
pub struct SummaryRow {
    /// What it is.
    pub key: String,
    /// What it says; empty shows 暂无.
    pub value: Html,
    /// What may be done with it: 修改 on a check-answers page.
    pub action: Option<Link>,
}

/// Keys and values, set as a ledger.
#[derive(Clone, Debug, Default, Template)]
#[template(
    ext = "html",
    source = r#"<dl class="facts">
{%- for row in rows -%}
<div>
<dt>{{ row.key }}</dt>
<dd>
{%- if row.value.is_empty() -%}
<span class="none">暂无</span>
{%- else %}{{ row.value }}{% endif -%}
</dd>
{%- if let Some(action) = row.action -%}
<dd class="facts-action"><a href="{{ crate::safe_href(action.href) }}">{{ action.label }}<span class="hidden">{{ row.key }}</span></a></dd>
{%- endif -%}
</div>
{%- endfor -%}
</dl>"#
)]
pub struct SummaryList {
    /// The facts, in order.
    pub rows: Vec<SummaryRow>,
}

impl SummaryList {
    /// No facts yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a fact.
    #[must_use]
    pub fn row(mut self, key: impl Into<String>, value: impl Into<Html>) -> Self {
        self.rows.push(SummaryRow { key: key.into(), value: value.into(), action: None });
        self
    }

    /// Adds a fact with a way to change it.
    #[must_use]
    pub fn row_with(mut self, key: impl Into<String>, value: impl Into<Html>, action: Link) -> Self {
        self.rows.push(SummaryRow { key: key.into(), value: value.into(), action: Some(action) });
        self
    }
}

part!(SummaryList);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_are_escaped_and_gaps_are_said() {
        let list = SummaryList::new().row("<k>", "<v>").row("电话", "").row_with(
            "姓名",
            "王",
            Link::new("修改", "/n"),
        );
        let html = list.to_string();
        assert!(!html.contains("<k>") && !html.contains("<v>"));
        assert!(html.contains("暂无"));
        assert!(html.contains("修改<span class=\"hidden\">姓名</span>"));
    }
}
