//! What is wrong with a form, by field.

use askama::Template;

use crate::form::control_id;
use crate::html::part;

/// Messages by field name, in the order they were found. Empty name: about the form as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Errors {
    items: Vec<(String, String)>,
}

impl Errors {
    /// Nothing is wrong yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds what is wrong with a field and what to do: "请输入 11 位手机号码".
    pub fn add(&mut self, field: impl Into<String>, message: impl Into<String>) {
        self.items.push((field.into(), message.into()));
    }

    /// Nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// First message of a field.
    pub fn get(&self, field: &str) -> Option<&str> {
        self.items.iter().find(|(name, _)| name == field).map(|(_, message)| message.as_str())
    }

    /// All messages, with the field of each.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.items.iter().map(|(name, message)| (name.as_str(), message.as_str()))
    }

    /// The box for the top of the page. Prints nothing when nothing is wrong.
    pub fn summary(&self) -> ErrorSummary {
        let link = |(name, message): &(String, String)| {
            let href = if name.is_empty() { String::new() } else { format!("#{}", control_id(name)) };
            (href, message.clone())
        };
        ErrorSummary {
            title: "请先改正下面的内容".into(), items: self.items.iter().map(link).collect()
        }
    }
}

/// What is wrong, on top of the page, each linked to its field. Stands before the `<h1>`; the script moves focus to it.
#[derive(Clone, Debug, Default, Template)]
#[template(
    ext = "html",
    source = r#"{% if !items.is_empty() -%}
<div class="error-summary" role="alert" aria-labelledby="error-summary-title" tabindex="-1" data-error-summary>
<h2 id="error-summary-title">{{ title }}</h2>
<ul>
{%- for (href, message) in items -%}
<li>
{%- if href.is_empty() %}{{ message }}{% else -%}
<a href="{{ href }}">{{ message }}</a>
{%- endif -%}
</li>
{%- endfor -%}
</ul>
</div>
{%- endif %}"#
)]
pub struct ErrorSummary {
    /// "请先改正下面的内容".
    pub title: String,
    /// Anchor of the control (with `#`, or empty) and message.
    pub items: Vec<(String, String)>,
}

part!(ErrorSummary);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_links_to_fields_and_escapes() {
        let mut errors = Errors::new();
        assert!(errors.summary().to_string().is_empty());
        errors.add("phone", "<b>");
        errors.add("", "请稍后再试");
        let html = errors.summary().to_string();
        assert!(
            html.contains("href=\"#f-phone\"")
                && !html.contains("<b>")
                && html.contains("<li>请稍后再试</li>")
        );
        assert_eq!(errors.get("phone"), Some("<b>"));
        assert_eq!(errors.iter().count(), 2);
    }
}
