//! Shows in a text where a query was found.

use super::phrase;
use daylight_ui::Html;
use std::ops::Range;

/// Characters shown before and after the first match of a long text.
const AROUND: usize = 24;

/// Width and case do not matter to a reader, nor to the index.
fn fold(c: char) -> char {
    let half = match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        other => other,
    };
    half.to_lowercase().next().unwrap_or(half)
}

/// The parts of a query as the index looks for them: from runs of pairs back to words.
fn words(query: &str) -> Vec<Vec<char>> {
    let word = |pairs: Vec<String>| {
        let mut word: Vec<char> = pairs.first().map(|pair| pair.chars().collect()).unwrap_or_default();
        word.extend(pairs.iter().skip(1).filter_map(|pair| pair.chars().last()));
        word
    };
    phrase(query).into_iter().map(word).collect()
}

/// Where the words of a query stand in a text, in characters; sorted, never overlapping.
fn places(chars: &[char], query: &str) -> Vec<Range<usize>> {
    let folded: Vec<char> = chars.iter().map(|c| fold(*c)).collect();
    let mut found: Vec<Range<usize>> = Vec::new();
    for word in words(query) {
        let starts = folded.windows(word.len()).enumerate().filter(|(_, window)| *window == word.as_slice());
        found.extend(starts.map(|(at, _)| at..at + word.len()));
    }
    found.sort_by_key(|range| (range.start, range.end));
    let mut joined: Vec<Range<usize>> = Vec::new();
    for range in found {
        match joined.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => joined.push(range),
        }
    }
    joined
}

fn marked(chars: &[char], places: &[Range<usize>]) -> Html {
    let text = |range: Range<usize>| Html::from(chars[range].iter().collect::<String>());
    let mut parts = Vec::new();
    let mut at = 0;
    for place in places {
        parts.push(text(at..place.start));
        parts.push(Html::trusted("<mark>"));
        parts.push(text(place.clone()));
        parts.push(Html::trusted("</mark>"));
        at = place.end;
    }
    parts.push(text(at..chars.len()));
    parts.into_iter().collect()
}

/// The whole text, escaped, with `<mark>` around what was searched for.
pub fn mark(text: &str, query: &str) -> Html {
    let chars: Vec<char> = text.chars().collect();
    marked(&chars, &places(&chars, query))
}

/// The surroundings of the first match, marked; none when the query is not in the text.
pub fn excerpt(text: &str, query: &str) -> Option<Html> {
    let chars: Vec<char> = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let first = places(&chars, query).into_iter().next()?;
    let start = first.start.saturating_sub(AROUND);
    let end = (first.end + AROUND).min(chars.len());
    let window = &chars[start..end];
    let before = Html::from(if start > 0 { "…" } else { "" });
    let after = Html::from(if end < chars.len() { "…" } else { "" });
    Some([before, marked(window, &places(window, query)), after].into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_match_is_marked_in_whatever_width_and_case() {
        assert_eq!(mark("农村低保审核", "低保").as_str(), "农村<mark>低保</mark>审核");
        assert_eq!(mark("办理ＡＢ证", "ab证").as_str(), "办理<mark>ＡＢ证</mark>");
        assert_eq!(mark("青石镇低保", "低保 青石").as_str(), "<mark>青石</mark>镇<mark>低保</mark>");
        assert_eq!(mark("保保保保", "保保").as_str(), "<mark>保保保保</mark>", "overlaps join");
        assert_eq!(mark("教育局", "jyj").as_str(), "教育局");
        assert_eq!(mark("", "低保").as_str(), "");
    }

    #[test]
    fn hostile_text_and_hostile_queries_stay_text() {
        assert_eq!(mark("<b>低保</b>", "低保").as_str(), "&lt;b&gt;<mark>低保</mark>&lt;/b&gt;");
        assert_eq!(mark("a<mark>x", "mark").as_str(), "a&lt;<mark>mark</mark>&gt;x");
        assert_eq!(mark("甲&amp;乙", "amp").as_str(), "甲&amp;<mark>amp</mark>;乙");
    }

    #[test]
    fn an_excerpt_shows_the_surroundings_of_the_first_match() {
        let long = format!("{}低保{}", "前".repeat(100), "后".repeat(100));
        let html = excerpt(&long, "低保").unwrap();
        assert_eq!(html.as_str(), format!("…{}<mark>低保</mark>{}…", "前".repeat(24), "后".repeat(24)));
        assert_eq!(excerpt("甲\n低保", "低保").unwrap().as_str(), "甲 <mark>低保</mark>");
        assert_eq!(excerpt("别的", "低保"), None);
    }
}
