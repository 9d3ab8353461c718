//! What a long form sent, before anybody has judged it.

use crate::revisions::personal;
use daylight_ids::{find::redact, text::clean};
use daylight_ui::form::Errors;

/// Names and values in the order of the form. Values are tidied: one kind of line end, no control or
/// zero-width characters, no blanks at the ends.
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

    /// Another value for a field.
    pub(crate) fn set(&mut self, name: &str, value: String) {
        self.0.retain(|(known, _)| known != name);
        self.0.push((name.to_owned(), value));
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
        let rows = self.0.iter().filter_map(|(name, _)| number(name)).max().map_or(0, |last| last + 1);
        rows.min(ROWS)
    }

    /// The personal-data gate over everything typed, besides the named fields.
    pub(crate) fn gate(&self, exempt: &[&str], label: impl Fn(&str) -> String, errors: &mut Errors) {
        for (name, value) in self.0.iter().filter(|(name, _)| !exempt.contains(&name.as_str())) {
            if let Some(message) = personal(&label(name), value) {
                errors.add(name.as_str(), message);
            }
        }
    }

    /// Whether the gate would stop it.
    pub(crate) fn holds_personal_data(&self, exempt: &[&str]) -> bool {
        let mut asked = self.0.iter().filter(|(name, _)| !exempt.contains(&name.as_str()));
        asked.any(|(_, value)| personal("", value).is_some())
    }

    /// Everything typed with personal data masked, besides the named fields.
    pub(crate) fn redacted(&self, exempt: &[&str]) -> Typed {
        let mask = |(name, value): &(String, String)| {
            let value = if exempt.contains(&name.as_str()) { value.clone() } else { redact(value) };
            (name.clone(), value)
        };
        Typed(self.0.iter().map(mask).collect())
    }
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
    fn personal_data_is_named_and_masked_on_request() {
        let typed = typed(&[("duties", "找13949631669"), ("phone", "13949631669")]);
        let mut errors = Errors::new();
        typed.gate(&["phone"], |_| "主要职责".to_owned(), &mut errors);
        assert_eq!(errors.iter().map(|(name, _)| name).collect::<Vec<_>>(), ["duties"]);
        let masked = typed.redacted(&["phone"]);
        assert_eq!((masked.get("duties"), masked.get("phone")), ("找139****1669", "13949631669"));
    }
}
