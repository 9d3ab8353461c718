//! Head of a page and of its sections.

use askama::Template;

use crate::html::part;
use crate::{Html, Link};

/// The page's one `<h1>` with what belongs to it.
#[derive(Clone, Debug, Default, Template)]
#[template(
    ext = "html",
    source = r#"<div class="heading{% if front %} heading--front{% endif %}">
{%- if !kicker.is_empty() -%}
<p class="kicker">{{ kicker }}</p>
{%- endif -%}
<h1>{{ title }}</h1>
{%- if !lead.is_empty() -%}
<p class="lead">{{ lead }}</p>
{%- endif %}{% if !tags.is_empty() -%}
<p class="heading-tags">
{%- for tag in tags %}{{ tag }} {% endfor -%}
</p>
{%- endif -%}
</div>"#
)]
pub struct Heading {
    /// A few small words above: the class of the thing.
    pub kicker: String,
    /// The title.
    pub title: String,
    /// One sentence under it.
    pub lead: String,
    /// Larger, for the front page.
    pub front: bool,
    /// States.
    pub tags: Vec<Html>,
}

impl Heading {
    /// A head with this title.
    pub fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), ..Self::default() }
    }

    /// Larger, for the front page.
    #[must_use]
    pub fn front(mut self) -> Self {
        self.front = true;
        self
    }

    /// Small words above.
    #[must_use]
    pub fn kicker(mut self, text: impl Into<String>) -> Self {
        self.kicker = text.into();
        self
    }

    /// A sentence under the title.
    #[must_use]
    pub fn lead(mut self, text: impl Into<String>) -> Self {
        self.lead = text.into();
        self
    }

    /// Adds a state.
    #[must_use]
    pub fn tag(mut self, tag: impl Into<Html>) -> Self {
        self.tags.push(tag.into());
        self
    }
}

/// A section under a rule, with a title and a way to more.
#[derive(Clone, Debug, Default, Template)]
#[template(
    ext = "html",
    source = r#"<section class="section"{% if !id.is_empty() %} id="{{ id }}"{% endif %}>
<div class="section-head">
<h2>{{ title }}</h2>
{%- if let Some(more) = more -%}
<a class="more" href="{{ crate::safe_href(more.href) }}">{{ more.label }}<span aria-hidden="true"> ›</span></a>
{%- endif -%}
</div>{{ body }}</section>"#
)]
pub struct Section {
    /// Anchor; empty for none.
    pub id: String,
    /// Its title, an `<h2>`.
    pub title: String,
    /// A way to the whole: 全部公开.
    pub more: Option<Link>,
    /// What is in it.
    pub body: Html,
}

impl Section {
    /// A section with this title and body.
    pub fn new(title: impl Into<String>, body: impl Into<Html>) -> Self {
        Self { title: title.into(), body: body.into(), ..Self::default() }
    }

    /// Sets the anchor.
    #[must_use]
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = id.into();
        self
    }

    /// A way to the whole.
    #[must_use]
    pub fn more(mut self, label: impl Into<String>, href: impl Into<String>) -> Self {
        self.more = Some(Link::new(label, href));
        self
    }
}

part!(Heading, Section);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_are_escaped() {
        let html = Heading::new("<a>").kicker("<a>").lead("<a>").tag("<a>").to_string();
        assert!(!html.contains("<a>"), "{html}");
        let html = Section::new("<a>", "<a>").id("\"<a>").more("<a>", "<a>").to_string();
        assert!(!html.contains("<a>"), "{html}");
    }
}
