//! Checks a whole page as a browser and a screen reader would. Meant for tests: run it on every page any test fetches.

use std::collections::{BTreeMap, BTreeSet};

const VOID: [&str; 14] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track",
    "wbr",
];

/// One tag as written.
#[derive(Debug, Default)]
struct Tag {
    name: String,
    closing: bool,
    self_closing: bool,
    attributes: BTreeMap<String, String>,
}

impl Tag {
    fn get(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).map(String::as_str)
    }
}

/// What is wrong with a page, in words; empty when nothing is.
///
/// Finds: language, title, one `<main>`, one `<h1>`, skip link; inline style, script and event attributes; tags that
/// do not close; double ids; anchors, labels and descriptions that point nowhere; controls without a label; pictures
/// without words; tables without a caption; addresses on other hosts loaded by the page.
pub fn page(html: &str) -> Vec<String> {
    let tags = tags(html);
    let mut wrong = Vec::new();
    frame(html, &tags, &mut wrong);
    policy(&tags, &mut wrong);
    nesting(&tags, &mut wrong);
    references(&tags, &mut wrong);
    controls(&tags, &mut wrong);
    wrong
}

fn frame(html: &str, tags: &[Tag], wrong: &mut Vec<String>) {
    // The document's title stands in the head; a drawing may have one of its own.
    let body = tags.iter().position(|tag| tag.name == "body").unwrap_or(tags.len());
    let count = |name: &str| {
        let among = if name == "title" { &tags[..body] } else { tags };
        among.iter().filter(|tag| tag.name == name && !tag.closing).count()
    };
    if !html.trim_start().get(..15).is_some_and(|start| start.eq_ignore_ascii_case("<!doctype html>")) {
        wrong.push("no doctype".into());
    }
    if !tags.iter().any(|tag| tag.name == "html" && tag.get("lang") == Some("zh-CN")) {
        wrong.push("no lang=\"zh-CN\"".into());
    }
    // A <title> further down is the name of a drawing.
    let head = tags.iter().take_while(|tag| !(tag.name == "head" && tag.closing));
    let titles = head.filter(|tag| tag.name == "title" && !tag.closing).count();
    for (name, found) in [("h1", count("h1")), ("main", count("main")), ("title", titles)] {
        if found != 1 {
            wrong.push(format!("{found} of <{name}>, not one"));
        }
    }
    if !tags.iter().any(|tag| tag.name == "a" && tag.get("href") == Some("#main")) {
        wrong.push("no skip link".into());
    }
    if count("table") != count("caption") {
        let named = tags.iter().filter(|t| t.name == "table" && t.get("aria-labelledby").is_some()).count();
        if count("table") != count("caption") + named {
            wrong.push("a table without a caption".into());
        }
    }
}

fn policy(tags: &[Tag], wrong: &mut Vec<String>) {
    for tag in tags.iter().filter(|tag| !tag.closing) {
        for (name, value) in &tag.attributes {
            if name == "style" || name.starts_with("on") {
                wrong.push(format!("inline {name} on <{}>", tag.name));
            }
            let loads = name == "src"
                || (name == "href" && tag.name == "link" && tag.get("rel") == Some("stylesheet"));
            if loads && (value.contains("://") || value.starts_with("//")) {
                wrong.push(format!("third party: {value}"));
            }
            if name == "href" && value.trim_start().to_ascii_lowercase().starts_with("javascript:") {
                wrong.push("a link that runs code".into());
            }
        }
        if tag.name == "style" || (tag.name == "script" && tag.get("src").is_none()) {
            wrong.push(format!("inline <{}>", tag.name));
        }
        if tag.name == "img" && tag.get("alt").is_none() {
            wrong.push("a picture without alt".into());
        }
    }
}

fn nesting(tags: &[Tag], wrong: &mut Vec<String>) {
    let mut open: Vec<&str> = Vec::new();
    for tag in tags {
        if tag.closing {
            match open.pop() {
                Some(name) if name == tag.name => {}
                other => {
                    wrong.push(format!("</{}> closes <{}>", tag.name, other.unwrap_or("nothing")));
                    return;
                }
            }
        } else if !tag.self_closing && !VOID.contains(&tag.name.as_str()) && tag.name != "!doctype" {
            open.push(&tag.name);
        }
    }
    if let Some(name) = open.pop() {
        wrong.push(format!("<{name}> is not closed"));
    }
}

fn references(tags: &[Tag], wrong: &mut Vec<String>) {
    let mut ids = BTreeSet::new();
    for id in tags.iter().filter_map(|tag| tag.get("id")) {
        if !ids.insert(id) {
            wrong.push(format!("id {id} twice"));
        }
    }
    for tag in tags {
        for name in ["for", "aria-labelledby", "aria-describedby"] {
            for id in tag.get(name).unwrap_or_default().split_whitespace() {
                if !ids.contains(id) {
                    wrong.push(format!("{name}=\"{id}\" points nowhere"));
                }
            }
        }
        let anchor = tag.get("href").and_then(|href| href.strip_prefix('#')).filter(|id| !id.is_empty());
        if let Some(id) = anchor.filter(|id| !ids.contains(id)) {
            wrong.push(format!("href=\"#{id}\" points nowhere"));
        }
    }
}

fn controls(tags: &[Tag], wrong: &mut Vec<String>) {
    let labelled: BTreeSet<&str> = tags.iter().filter_map(|tag| tag.get("for")).collect();
    for tag in tags.iter().filter(|tag| !tag.closing) {
        let unseen = matches!(tag.get("type"), Some("hidden" | "submit" | "button"));
        if matches!(tag.name.as_str(), "input" | "select" | "textarea") && !unseen {
            let named = tag.get("id").is_some_and(|id| labelled.contains(id));
            if !named && tag.get("aria-label").is_none() && tag.get("aria-labelledby").is_none() {
                wrong.push(format!(
                    "<{} name={:?}> without a label",
                    tag.name,
                    tag.get("name").unwrap_or_default()
                ));
            }
        }
    }
}

/// Reads tags as our own templates write them; text between them is skipped, and so is what `<script>` holds.
fn tags(html: &str) -> Vec<Tag> {
    let mut out = Vec::new();
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        rest = &rest[start + 1..];
        if let Some(comment) = rest.strip_prefix("!--") {
            rest = comment.find("-->").map_or("", |end| &comment[end + 3..]);
        } else if rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '!') {
            let (tag, left) = read(rest);
            rest = left;
            if tag.name == "script" && !tag.closing {
                rest = rest.find("</script").map_or("", |end| &rest[end..]);
            }
            out.push(tag);
        }
    }
    out
}

fn read(mut rest: &str) -> (Tag, &str) {
    let mut tag = Tag::default();
    if let Some(left) = rest.strip_prefix('/') {
        tag.closing = true;
        rest = left;
    }
    let end = rest.find(|c: char| c.is_whitespace() || c == '>' || c == '/').unwrap_or(rest.len());
    tag.name = rest[..end].to_ascii_lowercase();
    rest = &rest[end..];
    loop {
        rest = rest.trim_start();
        if rest.is_empty() {
            return (tag, rest);
        }
        if let Some(left) = rest.strip_prefix('>') {
            return (tag, left);
        }
        if let Some(left) = rest.strip_prefix('/') {
            tag.self_closing = true;
            rest = left;
            continue;
        }
        let end =
            rest.find(|c: char| c.is_whitespace() || matches!(c, '=' | '>' | '/')).unwrap_or(rest.len());
        let name = rest[..end].to_ascii_lowercase();
        rest = &rest[end..];
        if name.is_empty() {
            rest = rest.get(1..).unwrap_or_default();
            continue;
        }
        let value;
        (value, rest) = read_value(rest);
        tag.attributes.insert(name, value);
    }
}

fn read_value(rest: &str) -> (String, &str) {
    let Some(rest) = rest.strip_prefix('=') else { return (String::new(), rest) };
    if let Some(quoted) = rest.strip_prefix('"') {
        let end = quoted.find('"').unwrap_or(quoted.len());
        return (quoted[..end].to_owned(), quoted.get(end + 1..).unwrap_or_default());
    }
    let end = rest.find(|c: char| c.is_whitespace() || c == '>').unwrap_or(rest.len());
    (rest[..end].to_owned(), &rest[end..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn around(body: &str) -> String {
        format!(
            "<!doctype html><html lang=\"zh-CN\"><head><title>题</title></head><body><a href=\"#main\">跳</a>\
             <main id=\"main\"><h1>题</h1>{body}</main></body></html>"
        )
    }

    #[test]
    fn a_good_page_passes() {
        let body = "<label for=\"a\">甲</label><input id=\"a\"><svg><title>图</title><path d=\"M0 0\"/></svg><br>1 < 2";
        assert_eq!(page(&around(body)), Vec::<String>::new());
    }

    #[test]
    fn each_fault_is_found() {
        for (body, word) in [
            ("<h1>又</h1>", "h1"),
            ("<p style=\"color:red\"></p>", "inline style"),
            ("<p onclick=\"x()\"></p>", "inline onclick"),
            ("<script>x()</script>", "inline <script>"),
            ("<style>p{}</style>", "inline <style>"),
            ("<img src=\"/a.png\">", "alt"),
            ("<img alt=\"\" src=\"https://x.cn/a.png\">", "third party"),
            ("<input name=\"x\">", "without a label"),
            ("<div><p></div>", "closes"),
            ("<p id=\"a\"></p><p id=\"a\"></p>", "twice"),
            ("<a href=\"#no\">x</a>", "nowhere"),
            ("<table></table>", "caption"),
            ("<a href=\"javascript:x\">x</a>", "runs code"),
        ] {
            let wrong = page(&around(body));
            assert!(wrong.iter().any(|line| line.contains(word)), "{body}: {wrong:?}");
        }
        assert!(page("<p>").len() >= 5);
    }
}
