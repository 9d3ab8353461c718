//! One box to search with.

use askama::Template;

use crate::html::part;

/// A search form. `suggest_href` is a hook for suggestions while typing; the form never needs it.
#[derive(Clone, Debug, Default, Template)]
#[template(
    ext = "html",
    source = r#"<form class="search{% if large %} search--large{% endif %}" role="search" method="get" action="{{ crate::safe_href(action) }}" aria-label="{{ label }}"><label for="{{ id() }}"{% if !large %} class="hidden"{% endif %}>{{ label }}</label>
<div class="search-row"><input class="input" type="search" id="{{ id() }}" name="{{ name }}" value="{{ value }}"{% if !example.is_empty() %} placeholder="{{ example }}"{% endif %} autocomplete="off" enterkeyhint="search"{% if let Some(href) = suggest_href %} data-suggest="{{ crate::safe_href(href) }}"{% endif %}><button class="button" type="submit">搜索</button>
</div>
{%- for (name, value) in keep -%}
<input type="hidden" name="{{ name }}" value="{{ value }}">
{%- endfor -%}
</form>"#
)]
pub struct SearchBox {
    /// Where it leads.
    pub action: String,
    /// Name of the query field.
    pub name: String,
    /// What was searched for.
    pub value: String,
    /// "找单位、权力、公开事项".
    pub label: String,
    /// An example in the box; the label stays.
    pub example: String,
    /// With a visible label, for the front page.
    pub large: bool,
    /// Filters to keep.
    pub keep: Vec<(String, String)>,
    /// Where suggestions come from, if anywhere.
    pub suggest_href: Option<String>,
}

impl SearchBox {
    /// A box that sends `q` to `action`.
    pub fn new(action: impl Into<String>, label: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            action: action.into(),
            name: "q".into(),
            label: label.into(),
            value: value.into(),
            ..Self::default()
        }
    }

    fn id(&self) -> String {
        let stem: String = self.name.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
        format!("search-{stem}")
    }
}

part!(SearchBox);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_searched_is_kept_and_escaped() {
        let bad = || "\"><a>".to_owned();
        let boxed = SearchBox {
            action: bad(),
            name: bad(),
            value: bad(),
            label: bad(),
            example: bad(),
            large: true,
            keep: vec![(bad(), bad())],
            suggest_href: Some(bad()),
        };
        assert!(!boxed.to_string().contains("<a>"));
        assert!(SearchBox::new("/search", "搜索", "低保").to_string().contains("value=\"低保\""));
    }
}
