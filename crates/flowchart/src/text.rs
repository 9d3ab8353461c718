//! Text without a font: estimated widths, line breaking for Chinese, escaping for XML.

/// Text as it may stand in the picture: one line, no control characters, no overrides of writing direction
/// (which could make a title read backwards), nothing XML 1.0 forbids (section 2.2, Char).
pub(crate) fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => {}
            '\u{FEFF}' | '\u{FFFE}' | '\u{FFFF}' => {}
            c if c.is_control() || c.is_whitespace() && c != '\u{3000}' => {
                if !out.is_empty() && !out.ends_with(' ') {
                    out.push(' ');
                }
            }
            c => out.push(c),
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// Text for XML content or an attribute in double quotes.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// Width of a character in em. Latin is near 0.55 in Noto Sans but 0.64 in DejaVu Sans, which is what a bare
/// Linux shows; estimates follow the wider, since text must never overflow.
fn em(c: char) -> f64 {
    match c {
        '\u{0300}'..='\u{036F}' | '\u{FE00}'..='\u{FE0F}' => 0.0,
        'm' | 'w' | 'M' | 'W' | '@' | '%' => 1.05,
        'A'..='Z' | '&' | '+' | '=' | '<' | '>' | '~' | '#' => 0.85,
        ' ' => 0.4,
        '\u{21}'..='\u{7E}' => 0.66,
        '\u{A0}'..='\u{052F}' => 0.9,
        '\u{1F000}'..='\u{1FFFF}' => 1.4,
        _ => 1.0,
    }
}

/// Width of a text in em.
pub(crate) fn width(text: &str) -> f64 {
    text.chars().map(em).sum()
}

/// May not begin a line (GB/T 15834, 标点符号用法: 5.1).
fn closes(c: char) -> bool {
    "，。、；：！？）》〉」』】〕”’…—～·,.;:!?)]}%℃".contains(c)
}

/// May not end a line.
fn opens(c: char) -> bool {
    "（《〈「『【〔“‘([{".contains(c)
}

/// Pieces that stay together when they fit: a Latin word or number with its marks, a Chinese character with
/// the closing mark after it or the opening mark before it, a space.
fn pieces(text: &str) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    for c in text.chars() {
        let glue = pieces.last().and_then(|p| p.chars().last()).is_some_and(|last| {
            c != ' '
                && last != ' '
                && (closes(c) || opens(last) || (em(c) < 1.0 && em(last) < 1.0 && !opens(c) && !closes(last)))
                || em(c) == 0.0
        });
        match pieces.last_mut() {
            Some(piece) if glue => piece.push(c),
            _ => pieces.push(c.to_string()),
        }
    }
    pieces
}

fn fill(pieces: &[String], max: f64) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut used = 0.0;
    let mut put = |part: &str, line: &mut String, used: &mut f64| {
        let wide = width(part);
        if *used + wide > max + 1e-9 && !line.is_empty() {
            lines.push(std::mem::take(line).trim_end().to_owned());
            *used = 0.0;
        }
        if part == " " && line.is_empty() {
            return;
        }
        line.push_str(part);
        *used += wide;
    };
    for piece in pieces {
        if width(piece) > max {
            for c in piece.chars() {
                put(c.encode_utf8(&mut [0; 4]), &mut line, &mut used);
            }
        } else {
            put(piece, &mut line, &mut used);
        }
    }
    if !line.trim_end().is_empty() {
        lines.push(line.trim_end().to_owned());
    }
    lines
}

/// Lines of at most `max` em (at least 1.4, the widest character). A last line of one or two characters is
/// avoided by making the lines before it shorter.
pub(crate) fn wrap(text: &str, max: f64) -> Vec<String> {
    let max = max.max(1.4);
    let pieces = pieces(text);
    let lines = fill(&pieces, max);
    let last = |lines: &[String]| lines.last().map_or(0.0, |last| width(last));
    if lines.len() < 2 || last(&lines) > 2.5 {
        return lines;
    }
    let mut best = lines;
    for step in 1..=6 {
        let tried = fill(&pieces, (max - f64::from(step) * 0.5).max(1.4));
        if tried.len() != best.len() {
            break;
        }
        if last(&tried) > last(&best) {
            best = tried;
        }
        if last(&best) > 2.5 {
            break;
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn chinese_breaks_anywhere_but_before_a_closing_mark() {
        assert_eq!(wrap("受理申请，核对材料（含附件）", 5.0), ["受理申请，", "核对材料", "（含附件）"]);
    }

    #[test]
    fn a_word_or_number_stays_whole_when_it_fits() {
        assert_eq!(wrap("办理时限15个工作日 PDF", 6.0), ["办理时限15", "个工作日", "PDF"]);
    }

    #[test]
    fn a_last_line_of_one_character_borrows_from_the_line_before() {
        assert_eq!(wrap("一二三四五六七八九十一", 10.0), ["一二三四五六七八", "九十一"]);
    }

    #[test]
    fn hostile_text_becomes_plain() {
        assert_eq!(clean(" a\u{0}\u{8}b\n\u{202E}c\u{FFFF} "), "a b c");
        assert_eq!(escape(r#"<a b="c">&'"#), "&lt;a b=&quot;c&quot;&gt;&amp;&#39;");
    }

    proptest! {
        #[test]
        fn no_line_is_too_wide_and_nothing_is_lost(text in "\\PC{0,60}|[一-龥，。（）a-zW 0-9]{0,80}", max in 2.0..20.0f64) {
            let text = clean(&text);
            let lines = wrap(&text, max);
            for line in &lines {
                prop_assert!(width(line) <= max + 1e-6, "{line:?}");
                prop_assert!(!line.is_empty());
            }
            let squeeze = |s: &str| s.chars().filter(|c| *c != ' ' && *c != '\u{3000}').collect::<String>();
            prop_assert_eq!(squeeze(&lines.concat()), squeeze(&text));
        }
    }
}
