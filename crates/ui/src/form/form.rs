//! The form around the fields.

use askama::Template;

use crate::form::Field;
use crate::html::part;
use crate::{Action, Actions, Html};

/// A form with its fields and buttons. `novalidate`: browsers' own bubbles are pop-ups; the server says what is wrong.
#[derive(Clone, Debug, Default, Template)]
#[template(
    ext = "html",
    source = r#"<form class="form" method="{% if get %}get{% else %}post{% endif %}" action="{{ crate::safe_href(action) }}"{% if files() %} enctype="multipart/form-data" data-upload{% endif %} novalidate>
{%- for (name, value) in hidden -%}
<input type="hidden" name="{{ name }}" value="{{ value }}">
{%- endfor %}{% for item in fields %}{{ item }}{% endfor %}{{ after }}{% if files() -%}
<div class="upload" data-upload-state hidden>
<p role="status"></p><progress max="100" value="0" aria-label="上传进度"></progress>
</div>
{%- endif %}{{ buttons }}</form>"#
)]
pub struct Form {
    /// Where it is sent.
    pub action: String,
    /// Sent with GET: for filters.
    pub get: bool,
    /// Names and values that are not asked.
    pub hidden: Vec<(String, String)>,
    /// What is asked.
    pub fields: Vec<Field>,
    /// Words or parts between the fields and the buttons.
    pub after: Html,
    /// The buttons.
    pub buttons: Actions,
}

impl Form {
    /// A form sent with POST by a button that says `verb`.
    pub fn post(action: impl Into<String>, verb: impl Into<String>) -> Self {
        Self { action: action.into(), buttons: Actions::new([Action::submit(verb)]), ..Self::default() }
    }

    /// A form sent with GET.
    pub fn get(action: impl Into<String>, verb: impl Into<String>) -> Self {
        Self { get: true, ..Self::post(action, verb) }
    }

    /// Asks one more thing.
    #[must_use]
    pub fn field(mut self, field: Field) -> Self {
        self.fields.push(field);
        self
    }

    /// Sends along a value that is not asked: an idempotency key, answers of earlier pages.
    #[must_use]
    pub fn hidden(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.hidden.push((name.into(), value.into()));
        self
    }

    /// Puts words between the fields and the buttons.
    #[must_use]
    pub fn after(mut self, words: impl Into<Html>) -> Self {
        self.after = words.into();
        self
    }

    /// Adds a button or link beside the main one.
    #[must_use]
    pub fn action(mut self, action: Action) -> Self {
        self.buttons.items.push(action);
        self
    }

    fn files(&self) -> bool {
        self.fields.iter().any(Field::is_file)
    }
}

part!(Form);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_with_a_file_is_multipart() {
        assert!(!Form::post("/a", "提交").to_string().contains("multipart"));
        let html =
            Form::post("/a", "提交").field(Field::file("proof", "材料", "image/*", 5 << 20)).to_string();
        assert!(html.contains("enctype=\"multipart/form-data\""));
    }

    #[test]
    fn hidden_values_are_escaped() {
        let html = Form::post("\"<a>", "<a>").hidden("\"<a>", "\"<a>").after("<a>").to_string();
        assert!(!html.contains("<a>") && html.contains("method=\"post\""));
    }
}
