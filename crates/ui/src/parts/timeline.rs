//! What has happened with one matter, and what comes next.

use askama::Template;

use crate::Html;
use crate::html::part;

/// Where an event stands in time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum When {
    /// It has happened.
    #[default]
    Done,
    /// It is going on.
    Now,
    /// It is to come.
    Later,
}

/// One event.
#[derive(Clone, Debug, Default)]
pub struct Event {
    /// Where it stands.
    pub when: When,
    /// Date as written, or the deadline.
    pub date: String,
    /// What happened.
    pub title: String,
    /// More on it.
    pub body: Html,
}

/// Events in order, oldest first.
#[derive(Clone, Debug, Default, Template)]
#[template(
    ext = "html",
    source = r#"<ol class="timeline">
{%- for event in items -%}
<li class="{% match event.when %}{% when When::Done %}is-done{% when When::Now %}is-now{% when When::Later %}is-later{% endmatch %}"{% if event.when == When::Now %} aria-current="step"{% endif %}>
<p class="timeline-title">{{ event.title }}{% if event.when == When::Now %} <span class="timeline-word">正在进行</span>
{%- else if event.when == When::Later %} <span class="timeline-word">下一步</span>
{%- endif -%}
</p>
{%- if !event.date.is_empty() -%}
<p class="timeline-date">{{ event.date }}</p>
{%- endif %}{% if !event.body.is_empty() -%}
<div>{{ event.body }}</div>
{%- endif -%}
</li>
{%- endfor -%}
</ol>"#
)]
pub struct Timeline {
    /// The events.
    pub items: Vec<Event>,
}

impl Timeline {
    /// These events.
    pub fn new(items: impl IntoIterator<Item = Event>) -> Self {
        Self { items: items.into_iter().collect() }
    }
}

part!(Timeline);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_escaped() {
        let bad = || "<a>".to_owned();
        let html = Timeline::new([Event { when: When::Now, date: bad(), title: bad(), body: bad().into() }])
            .to_string();
        assert!(!html.contains("<a>"), "{html}");
    }
}
