//! What a long form sent, before anybody has judged it.

use crate::revisions::personal;
use daylight_ids::{find::redact, text::clean};
use daylight_ui::form::{Errors, Field};

/// Names and values in the order of the form. Values are tidied: one kind of line end, no control or
/// invisible characters, no blanks at the ends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Typed(Vec<(String, String)>);

impl Typed {
    /// Takes a form as it came.
    pub(crate) fn new(sent: Vec<(String, String)>) -> Typed {
        Typed(sent.into_iter().map(|(name, value)| (name, clean(&value))).collect())
    }

    /// What a form shows that was not typed yet.
    pub(crate) fn of<'a>(fields: impl IntoIterator<Item = (&'a str, String)>) -> Typed {
        Typed(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    /// The value of a field; empty when it was not sent.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.as_str())
    }

    /// The value of a field that may be left empty.
    pub(crate) fn optional(&self, name: &str) -> Option<String> {
        Some(self.get(name)).filter(|value| !value.is_empty()).map(str::to_owned)
    }

    /// How many rows `prefix-0-…`, `prefix-1-…` were sent; never more than a page can hold.
    pub(crate) fn rows(&self, prefix: &str) -> usize {
        let number = |name: &str| -> Option<usize> {
            name.strip_prefix(prefix)?.strip_prefix('-')?.split('-').next()?.parse().ok()
        };
        let rows =
            self.0.iter().filter_map(|(name, _)| number(name)).max().map_or(0, |last| last.saturating_add(1));
        rows.min(ROWS)
    }

    /// The personal-data gate over everything typed, besides the named fields.
    pub(crate) fn gate(&self, exempt: &[&str], label: impl Fn(&str) -> String, errors: &mut Errors) {
        for (name, value) in self.texts(exempt) {
            if let Some(message) = personal(&label(name), value) {
                errors.add(name.as_str(), message);
            }
        }
    }

    fn texts(&self, exempt: &[&str]) -> impl Iterator<Item = &(String, String)> {
        self.0.iter().filter(move |(name, _)| is_text(name, exempt))
    }

    /// Whether everything fits: the number of rows, and the length of each text.
    pub(crate) fn measure(&self, label: impl Fn(&str) -> String, errors: &mut Errors) {
        for (name, value) in &self.0 {
            let row = name.split('-').nth(1).and_then(|row| row.parse::<usize>().ok());
            if row.is_some_and(|row| row >= ROWS) {
                errors.add("", format!("一张表最多{ROWS}行，多出的没有读。请删去几行，或者分成两项权力"));
                return;
            }
            let (most, length) = (most(name), value.chars().count());
            if length > most as usize {
                let label = label(name);
                errors.add(name, format!("“{label}”最多{most}个字，现在有{length}个，请精简"));
            }
        }
    }

    /// A field with what was typed in it and what is wrong with it.
    pub(crate) fn fill(&self, field: Field, errors: &Errors) -> Field {
        let value = self.get(&field.name).to_owned();
        bounded(field).value(value).check(errors)
    }

    /// Whether the gate would stop it.
    pub(crate) fn holds_personal_data(&self, exempt: &[&str]) -> bool {
        self.texts(exempt).any(|(_, value)| personal("", value).is_some())
    }

    /// Everything typed with personal data masked, besides the named fields.
    pub(crate) fn redacted(&self, exempt: &[&str]) -> Typed {
        let mask = |(name, value): &(String, String)| {
            let value = if is_text(name, exempt) { redact(value) } else { value.clone() };
            (name.clone(), value)
        };
        Typed(self.0.iter().map(mask).collect())
    }
}

/// What was seen, and which button was pressed, is no text.
fn is_text(name: &str, exempt: &[&str]) -> bool {
    !["seen", "do"].contains(&name) && !exempt.contains(&name)
}

/// Most characters of a field: what fits on a page that people read, with room for what offices really
/// write. Fields of rows are known by their last part: "step-3-duties".
fn most(field: &str) -> u32 {
    let mut parts = field.splitn(3, '-');
    match (parts.next().unwrap_or_default(), parts.nth(1)) {
        ("duties", None) => 5_000,
        (_, Some("duties" | "control" | "measures")) => 2_000,
        ("ground", None) | (_, Some("complaint")) | ("risk", Some("name")) => 500,
        ("exerciser" | "supervisor" | "accountable" | "address" | "office_hours", None) => 200,
        ("name", None) | (_, Some("next" | "title" | "article" | "replaced_by")) => 200,
        _ => 100,
    }
}

/// A field that takes no more characters than are kept.
pub(crate) fn bounded(field: Field) -> Field {
    let most = most(&field.name);
    field.maxlength(most)
}

/// A form holds at most so many rows of a kind.
pub(crate) const ROWS: usize = 80;

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(pairs: &[(&str, &str)]) -> Typed {
        Typed::new(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn rows_are_counted_and_bounded() {
        assert_eq!(typed(&[]).rows("step"), 0);
        assert_eq!(typed(&[("step-0-name", ""), ("step-2-name", ""), ("stepson-9-x", "")]).rows("step"), 3);
        assert_eq!(typed(&[("step-99999999999-name", ""), ("step-5000-name", "")]).rows("step"), ROWS);
    }

    #[test]
    fn line_ends_of_browsers_become_ours() {
        assert_eq!(typed(&[("duties", " 一\r\n二 ")]).get("duties"), "一\n二");
    }

    #[test]
    fn what_cannot_be_seen_is_not_kept() {
        assert_eq!(typed(&[("name", "青\u{3164}石\u{2066}镇\u{E0041}\u{FE0F}")]).get("name"), "青石镇");
    }

    #[test]
    fn personal_data_is_named_and_masked_on_request() {
        let typed = typed(&[("duties", "找13949631669"), ("phone", "13949631669")]);
        let mut errors = Errors::new();
        typed.gate(&["phone"], |_| "主要职责".to_owned(), &mut errors);
        assert_eq!(errors.iter().map(|(name, _)| name).collect::<Vec<_>>(), ["duties"]);
        let masked = typed.redacted(&["phone"]);
        assert_eq!((masked.get("duties"), masked.get("phone")), ("找139****1669", "13949631669"));
    }
}
