//! Long work, shown as it goes.

use askama::Template;

use crate::html::part;
use crate::zh;

/// How far long work is. With scripts the element asks `poll_href` (a page holding a progress of the same `id`) every
/// two seconds; without, use [`crate::page_with_refresh`].
#[derive(Clone, Debug, Default, Template)]
#[template(
    ext = "html",
    source = r#"<div class="progress" id="{{ id }}"{% if let Some(href) = poll_href %}{% if !finished() %} data-poll="{{ crate::safe_href(href) }}"{% endif %}{% endif %}>
<p class="progress-label" id="{{ id }}-label">{{ label }}</p>{% if unknown() -%}
<progress aria-labelledby="{{ id }}-label"></progress>
{%- else -%}
<progress max="{{ self.most() }}" value="{{ done }}" aria-labelledby="{{ id }}-label">{{ percent() }}</progress>
{%- endif -%}
<p class="progress-text" role="status">
{%- if unknown() %}已处理 {{ self::figure(done) }} {{ unit }}{% else if finished() %}已完成，共 {{ self::figure(total) }} {{ unit }}{% else %}{{ self::figure(done) }} / {{ self::figure(total) }} {{ unit }}，{{ percent() }}{% endif -%}
</p>
</div>"#
)]
pub struct Progress {
    /// Unique on the page.
    pub id: String,
    /// What is being done.
    pub label: String,
    /// How much is done.
    pub done: i64,
    /// How much there is; 0 while nobody knows.
    pub total: i64,
    /// 行, 件.
    pub unit: String,
    /// Where to ask again.
    pub poll_href: Option<String>,
}

impl Progress {
    fn most(&self) -> i64 {
        self.total.max(1)
    }

    fn unknown(&self) -> bool {
        self.total <= 0
    }

    fn finished(&self) -> bool {
        self.total > 0 && self.done >= self.total
    }

    fn percent(&self) -> String {
        format!("{}%", self.done.clamp(0, self.total.max(1)).saturating_mul(100) / self.total.max(1))
    }
}

fn figure(n: &i64) -> String {
    zh::number(*n)
}

part!(Progress);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finished_work_is_not_asked_about_again() {
        let mut work = Progress {
            id: "import".into(),
            label: "<a>".into(),
            done: 1200,
            total: 3600,
            unit: "<a>".into(),
            poll_href: Some("/imports/1".into()),
        };
        let html = work.to_string();
        assert!(html.contains("data-poll=\"/imports/1\"") && html.contains("33%") && !html.contains("<a>"));
        work.done = 3600;
        assert!(!work.to_string().contains("data-poll"));
        (work.done, work.total) = (0, 0);
        let html = work.to_string();
        assert!(
            html.contains("已处理 0") && !html.contains("value=") && html.contains("data-poll"),
            "{html}"
        );
    }
}
