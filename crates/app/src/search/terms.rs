//! Text to overlapping pairs.

use pinyin::ToPinyin;

/// Folds what readers do not distinguish: width, case, punctuation. Runs of anything that is
/// neither letter nor digit become one space.
fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in daylight_ids::text::halfwidth(text).chars().flat_map(char::to_lowercase) {
        if c.is_alphanumeric() {
            folded.push(c);
        } else if !folded.ends_with(' ') {
            folded.push(' ');
        }
    }
    folded.trim().to_owned()
}

/// The pinyin of the Chinese characters, other letters and digits as they are: "anlanxian".
/// A character with several readings takes its commonest one.
pub fn pinyin(text: &str) -> String {
    fold(text)
        .chars()
        .map(|c| match c.to_pinyin() {
            Some(reading) => reading.plain().to_owned(),
            None => c.to_string(),
        })
        .collect()
}

/// The first letter of each character's pinyin: "alx".
pub fn initials(text: &str) -> String {
    fold(text)
        .chars()
        .map(|c| c.to_pinyin().and_then(|reading| reading.plain().chars().next()).unwrap_or(c))
        .collect()
}

fn pairs(text: &str, out: &mut Vec<String>) {
    for word in fold(text).split(' ').filter(|word| !word.is_empty()) {
        let chars: Vec<char> = word.chars().collect();
        if chars.len() == 1 {
            out.push(chars[0].to_string());
        }
        out.extend(chars.windows(2).map(|pair| pair.iter().collect::<String>()));
        // A gap that no query has: a phrase may not run across words or fields.
        out.push(GAP.to_owned());
    }
}

/// Stands between words in the index; letters only, so that every tokenizer keeps it whole.
const GAP: &str = "zzgapzz";

/// The terms of the given fields in order, for the index.
pub fn terms(fields: &[&str]) -> Vec<String> {
    let mut out = Vec::new();
    for field in fields {
        pairs(field, &mut out);
    }
    out
}

/// The phrases of a query: each blank-separated part becomes a run of pairs that must stand in
/// this order; all parts must be found. A part of one character is dropped when another part can
/// narrow the search; none when the whole query is too short.
pub fn phrase(query: &str) -> Vec<Vec<String>> {
    let folded = fold(query);
    let parts = folded.split(' ').filter(|part| part.chars().count() >= 2);
    parts
        .map(|part| {
            let chars: Vec<char> = part.chars().collect();
            chars.windows(2).map(|pair| pair.iter().collect()).collect()
        })
        .take(8)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_becomes_overlapping_pairs_with_gaps_between_words() {
        assert_eq!(terms(&["安澜县（教育）"]), ["安澜", "澜县", GAP, "教育", GAP]);
        assert_eq!(phrase("澜县"), [["澜县"]]);
        assert_eq!(phrase(" 安澜  教育局 "), [vec!["安澜"], vec!["教育", "育局"]]);
        assert!(phrase("县").is_empty());
    }

    #[test]
    fn pinyin_and_initials_are_of_the_whole_name() {
        assert_eq!(pinyin("安澜县"), "anlanxian");
        assert_eq!(initials("安澜县"), "alx");
        assert_eq!(initials("第3小学"), "d3xx");
    }

    #[test]
    fn width_and_case_do_not_matter() {
        assert_eq!(terms(&["ＡＢｃ１"]), terms(&["abC1"]));
    }
}
