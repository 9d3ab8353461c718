//! One question of a form.

use askama::Template;

use crate::form::Errors;
use crate::html::part;
use crate::zh;

/// One answer to choose.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What is read.
    pub label: String,
    /// A sentence under it.
    pub hint: String,
}

impl Choice {
    /// An answer that sends `value`.
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into(), hint: String::new() }
    }

    /// A sentence under it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }
}

/// What kind of answer is wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum FieldKind {
    /// One line.
    #[default]
    Text,
    /// One line, never shown again.
    Password,
    /// Several lines; how many are shown.
    Textarea(u8),
    /// One of many; an empty first choice is added.
    Select(Vec<Choice>),
    /// One of a few.
    Radios(Vec<Choice>),
    /// Any of these.
    Checkboxes(Vec<Choice>),
    /// Year, month, day in three boxes named `x-year`, `x-month`, `x-day`; value `2026-11-21`, kept as typed.
    Date,
    /// Files.
    File {
        /// The `accept` attribute.
        accept: String,
        /// More than one at once.
        multiple: bool,
        /// Most bytes of one file; said in the hint and checked by the script before sending.
        most: u64,
    },
    /// One line to search with.
    Search,
    /// Digits: a text box with a number keyboard (phones, codes, amounts).
    Number,
    /// Not asked.
    Hidden,
}

/// How wide the box is, as a sign of how much is wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Width {
    /// As wide as the text column.
    #[default]
    Full,
    /// About a phone number or an id.
    Medium,
    /// About four figures.
    Short,
}

/// One question with its label, hint, typed answer and error.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "field.html")]
pub struct Field {
    /// Name sent; also makes the id `f-{name}`.
    pub name: String,
    /// The question.
    pub label: String,
    /// Help under it; empty for none.
    pub hint: String,
    /// What was typed.
    pub value: String,
    /// What was ticked, for checkboxes.
    pub values: Vec<String>,
    /// What is wrong with it.
    pub error: Option<String>,
    /// What kind of answer is wanted.
    pub kind: FieldKind,
    /// Must be answered; the others say (选填).
    pub required: bool,
    /// Need not be answered, and the words around the form have said so once for all.
    pub unmarked: bool,
    /// The `autocomplete` attribute; empty for none.
    pub autocomplete: String,
    /// The `inputmode` attribute; empty for none.
    pub inputmode: String,
    /// Most characters.
    pub maxlength: Option<u32>,
    /// How wide the box is.
    pub width: Width,
    /// Stands after the box: 元, 人.
    pub suffix: String,
    /// The label is the page's `<h1>`: one question per page.
    pub heading: bool,
}

/// Id of the first control of a field.
pub fn control_id(name: &str) -> String {
    format!("f-{}", name.replace(char::is_whitespace, "-"))
}

/// Joins the three boxes of a date as they were typed, so that a wrong date comes back unchanged.
pub fn date_parts(year: &str, month: &str, day: &str) -> String {
    format!("{}-{}-{}", year.trim(), month.trim(), day.trim())
}

impl Field {
    fn of(kind: FieldKind, name: impl Into<String>, label: impl Into<String>) -> Self {
        Self { name: name.into(), label: label.into(), kind, required: true, ..Self::default() }
    }

    /// One line.
    pub fn text(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self::of(FieldKind::Text, name, label)
    }

    /// One line, never shown again.
    pub fn password(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self { width: Width::Medium, ..Self::of(FieldKind::Password, name, label) }
    }

    /// Several lines.
    pub fn textarea(name: impl Into<String>, label: impl Into<String>, rows: u8) -> Self {
        Self::of(FieldKind::Textarea(rows), name, label)
    }

    /// One of many.
    pub fn select(
        name: impl Into<String>,
        label: impl Into<String>,
        choices: impl IntoIterator<Item = Choice>,
    ) -> Self {
        Self::of(FieldKind::Select(choices.into_iter().collect()), name, label)
    }

    /// One of a few.
    pub fn radios(
        name: impl Into<String>,
        label: impl Into<String>,
        choices: impl IntoIterator<Item = Choice>,
    ) -> Self {
        Self::of(FieldKind::Radios(choices.into_iter().collect()), name, label)
    }

    /// Any of these.
    pub fn checkboxes(
        name: impl Into<String>,
        label: impl Into<String>,
        choices: impl IntoIterator<Item = Choice>,
    ) -> Self {
        Self::of(FieldKind::Checkboxes(choices.into_iter().collect()), name, label)
    }

    /// A date in three boxes.
    pub fn date(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self::of(FieldKind::Date, name, label)
    }

    /// Files of at most `most` bytes each.
    pub fn file(
        name: impl Into<String>,
        label: impl Into<String>,
        accept: impl Into<String>,
        most: u64,
    ) -> Self {
        Self::of(FieldKind::File { accept: accept.into(), multiple: true, most }, name, label)
    }

    /// One line to search with.
    pub fn search(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self { required: false, ..Self::of(FieldKind::Search, name, label) }
    }

    /// Digits.
    pub fn number(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self { width: Width::Short, ..Self::of(FieldKind::Number, name, label) }
    }

    /// Not asked, only sent.
    pub fn hidden(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { value: value.into(), ..Self::of(FieldKind::Hidden, name, "") }
    }

    /// Help under the question.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }

    /// What was typed.
    #[must_use]
    pub fn value(mut self, value: impl Into<String>) -> Self {
        self.value = value.into();
        self
    }

    /// What was ticked.
    #[must_use]
    pub fn values<S: Into<String>>(mut self, values: impl IntoIterator<Item = S>) -> Self {
        self.values = values.into_iter().map(Into::into).collect();
        self
    }

    /// What is wrong with it.
    #[must_use]
    pub fn error(mut self, message: impl Into<String>) -> Self {
        self.error = Some(message.into());
        self
    }

    /// Takes its message from the errors of the form.
    #[must_use]
    pub fn check(mut self, errors: &Errors) -> Self {
        self.error = errors.get(&self.name).map(str::to_owned).or(self.error);
        self
    }

    /// Need not be answered.
    #[must_use]
    pub fn optional(mut self) -> Self {
        self.required = false;
        self
    }

    /// Need not be answered, without the word: for tables of fields under a sentence that says so.
    #[must_use]
    pub fn unmarked(self) -> Self {
        Self { required: false, unmarked: true, ..self }
    }

    /// The `autocomplete` attribute: `tel`, `name`, `one-time-code`, `off`.
    #[must_use]
    pub fn autocomplete(mut self, token: impl Into<String>) -> Self {
        self.autocomplete = token.into();
        self
    }

    /// Shows the number keyboard and a medium box: for phones, ids, codes.
    #[must_use]
    pub fn numeric(mut self) -> Self {
        self.inputmode = "numeric".into();
        self.width = Width::Medium;
        self
    }

    /// Most characters.
    #[must_use]
    pub fn maxlength(mut self, characters: u32) -> Self {
        self.maxlength = Some(characters);
        self
    }

    /// How wide the box is.
    #[must_use]
    pub fn width(mut self, width: Width) -> Self {
        self.width = width;
        self
    }

    /// Words after the box: 元.
    #[must_use]
    pub fn suffix(mut self, words: impl Into<String>) -> Self {
        self.suffix = words.into();
        self
    }

    /// The label is the page's `<h1>`.
    #[must_use]
    pub fn as_heading(mut self) -> Self {
        self.heading = true;
        self
    }

    pub(crate) fn is_file(&self) -> bool {
        matches!(self.kind, FieldKind::File { .. })
    }

    fn id(&self) -> String {
        control_id(&self.name)
    }

    fn choice_id(&self, place: &usize) -> String {
        let place = *place;
        if place == 0 { self.id() } else { format!("{}-{}", self.id(), place + 1) }
    }

    fn is_group(&self) -> bool {
        matches!(self.kind, FieldKind::Radios(_) | FieldKind::Checkboxes(_) | FieldKind::Date)
    }

    fn is_chosen(&self, choice: &str) -> bool {
        (!self.value.is_empty() && self.value == choice) || self.values.iter().any(|value| value == choice)
    }

    fn input_type(&self) -> &'static str {
        match self.kind {
            FieldKind::Password => "password",
            FieldKind::Search => "search",
            _ => "text",
        }
    }

    /// Passwords are never sent back.
    fn shown_value(&self) -> &str {
        if self.kind == FieldKind::Password { "" } else { &self.value }
    }

    fn input_mode(&self) -> &str {
        if self.inputmode.is_empty() && self.kind == FieldKind::Number { "numeric" } else { &self.inputmode }
    }

    fn width_class(&self) -> &'static str {
        match self.width {
            Width::Full => "",
            Width::Medium => " input--medium",
            Width::Short => " input--short",
        }
    }

    /// Hint with the limits of a file said before it is chosen.
    fn full_hint(&self) -> String {
        match &self.kind {
            FieldKind::File { most, .. } => {
                let limit = format!("每个文件不超过 {}。", zh::file_size(*most));
                if self.hint.is_empty() { limit } else { format!("{} {limit}", self.hint) }
            }
            _ => self.hint.clone(),
        }
    }

    fn described_by(&self) -> String {
        let id = self.id();
        let mut ids = Vec::new();
        if !self.full_hint().is_empty() {
            ids.push(format!("{id}-hint"));
        }
        if self.error.is_some() {
            ids.push(format!("{id}-error"));
        }
        ids.join(" ")
    }

    /// Suffix of the name, word, value and length of each box of a date.
    fn date_boxes(&self) -> [(&'static str, &'static str, String, u8); 3] {
        let mut typed = self.value.splitn(3, '-').map(str::to_owned);
        let mut next = || typed.next().unwrap_or_default();
        [("year", "年", next(), 4), ("month", "月", next(), 2), ("day", "日", next(), 2)]
    }
}

part!(Field);

#[cfg(test)]
mod tests {
    use super::*;

    fn every_kind() -> Vec<Field> {
        let choices = || [Choice::new("\"<b>", "<b>").hint("<b>"), Choice::new("2", "二")];
        vec![
            Field::text("\"<b>", "<b>"),
            Field::password("\"<b>", "<b>"),
            Field::textarea("\"<b>", "<b>", 5),
            Field::select("\"<b>", "<b>", choices()),
            Field::radios("\"<b>", "<b>", choices()),
            Field::checkboxes("\"<b>", "<b>", choices()),
            Field::date("\"<b>", "<b>"),
            Field::file("\"<b>", "<b>", "\"<b>", 1024),
            Field::search("\"<b>", "<b>"),
            Field::number("\"<b>", "<b>"),
            Field::hidden("\"<b>", "<b>"),
        ]
    }

    #[test]
    fn every_kind_escapes_what_was_typed() {
        for field in every_kind() {
            let field = field.hint("<b>").value("\"<b>").error("<b>").suffix("<b>").autocomplete("\"<b>");
            let html = field.as_heading().to_string();
            assert!(!html.contains("<b>"), "{html}");
        }
    }

    #[test]
    fn a_wrong_answer_stays_and_is_explained() {
        let html = Field::text("phone", "手机号码").hint("11 位").value("139").error("少了几位").to_string();
        assert!(html.contains("value=\"139\""));
        assert!(html.contains("aria-invalid=\"true\""));
        assert!(html.contains("aria-describedby=\"f-phone-hint f-phone-error\""));
        assert!(html.contains("<label") && html.contains("for=\"f-phone\""));
    }

    #[test]
    fn passwords_never_come_back() {
        assert!(!Field::password("p", "密码").value("secret").to_string().contains("secret"));
    }

    #[test]
    fn a_wrong_date_comes_back_as_typed() {
        let html = Field::date("day", "日期").value(date_parts("2026", "13", "x")).to_string();
        assert!(
            html.contains("value=\"13\"")
                && html.contains("value=\"x\"")
                && html.contains("name=\"day-month\"")
        );
        assert!(html.contains("id=\"f-day\""), "the summary links to the first box");
    }

    #[test]
    fn choices_keep_their_ticks_and_the_first_is_the_anchor() {
        let choices = [Choice::new("a", "甲"), Choice::new("b", "乙"), Choice::new("c", "丙")];
        let html = Field::checkboxes("x", "选", choices).values(["a", "c"]).to_string();
        assert_eq!(html.matches(" checked").count(), 2);
        assert!(html.contains("id=\"f-x\"") && html.contains("id=\"f-x-3\""));
    }

    #[test]
    fn limits_of_files_are_said_before() {
        let html = Field::file("f", "材料", "image/*", 5 << 20).to_string();
        assert!(html.contains("不超过 5 MB") && html.contains("data-most=\"5242880\""));
    }
}
