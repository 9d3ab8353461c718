//! A list of published things, set like the columns of a gazette.

use askama::Template;

use crate::Html;
use crate::html::part;

/// One line of the list.
#[derive(Clone, Debug, Default)]
pub struct Entry {
    /// Its name; the link. May carry `<mark>` around what was searched for.
    pub title: Html,
    /// Where it leads.
    pub href: String,
    /// Set in the margin: a date.
    pub margin: String,
    /// Small facts under the title: unit, class, scope.
    pub facts: Vec<Html>,
    /// One or two sentences.
    pub summary: Html,
}

/// The list.
#[derive(Clone, Debug, Default, Template)]
#[template(
    ext = "html",
    source = r#"<ul class="entries">
{%- for entry in items -%}
<li>
{%- if !entry.margin.is_empty() -%}
<span class="entries-margin">{{ entry.margin }}</span>
{%- endif -%}
<div><a class="entries-title" href="{{ crate::safe_href(entry.href) }}">{{ entry.title }}</a>
{%- if !entry.summary.is_empty() -%}
<div class="entries-summary">{{ entry.summary }}</div>
{%- endif %}{% if !entry.facts.is_empty() -%}
<ul class="entries-facts">
{%- for fact in entry.facts -%}
<li>{{ fact }}</li>
{%- endfor -%}
</ul>
{%- endif -%}
</div></li>
{%- endfor -%}
</ul>"#
)]
pub struct Entries {
    /// Lines, newest first as a rule.
    pub items: Vec<Entry>,
}

impl Entries {
    /// These lines.
    pub fn new(items: impl IntoIterator<Item = Entry>) -> Self {
        Self { items: items.into_iter().collect() }
    }
}

impl Entry {
    /// A line that leads to `href`.
    pub fn new(title: impl Into<Html>, href: impl Into<String>) -> Self {
        Self { title: title.into(), href: href.into(), ..Self::default() }
    }

    /// Sets a date in the margin.
    #[must_use]
    pub fn margin(mut self, text: impl Into<String>) -> Self {
        self.margin = text.into();
        self
    }

    /// Adds a small fact.
    #[must_use]
    pub fn fact(mut self, fact: impl Into<Html>) -> Self {
        self.facts.push(fact.into());
        self
    }

    /// Sets a sentence.
    #[must_use]
    pub fn summary(mut self, text: impl Into<Html>) -> Self {
        self.summary = text.into();
        self
    }
}

part!(Entries);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_escaped() {
        let html =
            Entries::new([Entry::new("<a>", "\"<a>").margin("<a>").fact("<a>").summary("<a>")]).to_string();
        assert!(!html.contains("<a>"), "{html}");
    }
}
