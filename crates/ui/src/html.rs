//! Trusted markup as a type, so that escaping is decided by the compiler and not by memory.

use std::fmt;

use askama::Template;
use askama::filters::HtmlSafe;

/// A fragment of markup that is safe to print as it is.
///
/// Made from text (escaped), from a part (as rendered), or, said aloud, with [`Html::trusted`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Html(String);

impl Html {
    /// Markup the caller vouches for: rendered by a template or by a pure crate such as the flowchart. Never user text.
    pub fn trusted(markup: impl Into<String>) -> Self {
        Self(markup.into())
    }

    /// Plain text with line breaks, as paragraphs. Blank lines are dropped.
    pub fn paragraphs(text: &str) -> Self {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        Self(lines.map(|line| format!("<p>{}</p>", escape(line))).collect())
    }

    /// The rendered body of an askama page struct.
    ///
    /// # Errors
    /// Only when the template itself fails, which a plain struct never does.
    pub fn render(template: &impl Template) -> askama::Result<Self> {
        template.render().map(Self)
    }

    /// The markup.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether there is nothing to show.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Html {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl HtmlSafe for Html {}

impl From<&str> for Html {
    fn from(text: &str) -> Self {
        Self(escape(text))
    }
}

impl From<String> for Html {
    fn from(text: String) -> Self {
        Self(escape(&text))
    }
}

impl From<&String> for Html {
    fn from(text: &String) -> Self {
        Self(escape(text))
    }
}

impl FromIterator<Html> for Html {
    fn from_iter<I: IntoIterator<Item = Html>>(parts: I) -> Self {
        Self(parts.into_iter().map(|part| part.0).collect())
    }
}

/// Lets parts be printed unescaped in templates and put into `Html` slots.
macro_rules! part {
    ($($part:ty),+ $(,)?) => {$(
        impl askama::filters::HtmlSafe for $part {}
        impl From<$part> for $crate::Html {
            fn from(part: $part) -> Self {
                $crate::Html::trusted(part.to_string())
            }
        }
    )+};
}
pub(crate) use part;

/// Escapes text for element content and quoted attributes.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(c),
        }
    }
    out
}

/// The address if it can only lead to a page, else `#`. Stops `javascript:` and `data:` addresses that came with
/// imported rows. Allowed: http, https, tel, mailto, and anything relative.
pub fn safe_href(href: &str) -> &str {
    let head = href.split(['/', '?', '#']).next().unwrap_or_default();
    let relative = !head.contains(':') && !head.chars().any(char::is_control);
    let known = ["http:", "https:", "tel:", "mailto:"]
        .iter()
        .any(|scheme| href.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)));
    if relative || known { href } else { "#" }
}

/// A plain link.
#[derive(Clone, Debug, PartialEq, Eq, Template)]
#[template(ext = "html", source = r#"<a href="{{ crate::safe_href(href) }}">{{ label }}</a>"#)]
pub struct Link {
    /// Words of the link; must make sense out of context.
    pub label: String,
    /// Where it leads; see [`safe_href`].
    pub href: String,
}

impl Link {
    /// A link that says `label` and leads to `href`.
    pub fn new(label: impl Into<String>, href: impl Into<String>) -> Self {
        Self { label: label.into(), href: href.into() }
    }
}

part!(Link);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped_and_parts_are_not() {
        assert_eq!(Html::from("<b>\"'&").as_str(), "&lt;b&gt;&quot;&#39;&amp;");
        assert_eq!(
            Html::from(Link::new("<x>", "/a?b=1&c=2")).as_str(),
            "<a href=\"/a?b=1&#38;c=2\">&#60;x&#62;</a>"
        );
    }

    #[test]
    fn addresses_that_run_code_lead_nowhere() {
        for bad in
            ["javascript:alert(1)", "JavaScript:x", "data:text/html,x", "\u{1}javascript:x", "java\nscript:x"]
        {
            assert_eq!(safe_href(bad), "#", "{bad}");
        }
        for good in ["/units/1", "?page=2", "#main", "units/1", "https://a.cn/x:y", "tel:12388", "/a:b"] {
            assert_eq!(safe_href(good), good);
        }
    }

    #[test]
    fn paragraphs_keep_lines_and_escape_them() {
        assert_eq!(Html::paragraphs("一\n\n<二>").as_str(), "<p>一</p><p>&lt;二&gt;</p>");
    }
}
