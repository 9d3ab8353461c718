//! Whose names stand in a text. A reporter who does not find somebody in the picker writes the name down, and that must
//! keep the same people away as a choice does.
//!
//! Every place where the characters of a name stand one after another counts, also inside another word: 高明 is a name
//! and a word, and a name missed costs more than a colleague who waits until somebody has looked.

use daylight_ids::text;
use std::collections::{BTreeSet, HashMap};

/// Names of people, with who bears them.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    names: HashMap<Vec<char>, BTreeSet<i64>>,
    lengths: BTreeSet<usize>,
}

/// A single character is no name: 王 would be everybody.
const LEAST: usize = 2;

/// One spelling of what is one name to a reader: without blanks, dots and what cannot be seen; full-width, circled and
/// capital letters as their plain ones.
fn fold(written: &str) -> Vec<char> {
    let plain = text::compatible(&text::squash(written)).to_lowercase();
    let dot = |c: &char| matches!(c, '·' | '•' | '・' | '‧' | '∙' | '⋅' | '.' | '_' | '-');
    plain.chars().filter(|c| !c.is_whitespace() && !dot(c)).collect()
}

impl Directory {
    /// Whoever bears these names.
    pub fn new(people: impl IntoIterator<Item = (i64, String)>) -> Directory {
        let mut directory = Directory::default();
        for (id, name) in people {
            let name = fold(&name);
            if name.len() >= LEAST {
                directory.lengths.insert(name.len());
                directory.names.entry(name).or_default().insert(id);
            }
        }
        directory
    }

    /// Whose names stand in any of these texts.
    pub fn found<'a>(&self, texts: impl IntoIterator<Item = &'a str>) -> BTreeSet<i64> {
        let mut found = BTreeSet::new();
        for text in texts {
            let text = fold(text);
            for length in &self.lengths {
                let names = text.windows(*length).filter_map(|part| self.names.get(part));
                found.extend(names.flatten());
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(name: &str, text: &str) -> bool {
        Directory::new([(7, name.to_owned())]).found([text]).contains(&7)
    }

    #[test]
    fn a_name_is_known_however_it_is_spelt() {
        for (name, text) in [
            ("王小明", "是王小明收的钱"),
            ("王小明", "王 小　明收的钱"),
            ("王小明", "王小\n明"),
            ("王小明", "王\u{200B}小明"),
            ("王 明", "那个王明"),
            ("阿卜杜·热合曼", "阿卜杜热合曼说的"),
            ("阿卜杜热合曼", "阿卜杜•热合曼说的"),
            ("Ａli", "aLI 拿了"),
            ("⼩明", "小明拿了"),
        ] {
            assert!(found(name, text), "{name} in {text}");
        }
        for (name, text) in [("王小明", "王大明"), ("王", "王小明"), ("", "王小明"), ("王小明", "王、小明")]
        {
            assert!(!found(name, text), "{name} in {text}");
        }
    }

    #[test]
    fn inside_another_word_it_counts_too() {
        assert!(found("高明", "他的手段很高明") && found("李明", "桃李明天送来"));
    }

    #[test]
    fn two_texts_make_no_name_and_namesakes_are_all_found() {
        let directory = Directory::new([(1, "王明".into()), (2, "王明".into()), (3, "李四".into())]);
        assert_eq!(directory.found(["王", "明"]), BTreeSet::new());
        assert_eq!(directory.found(["王明"]), [1, 2].into());
    }
}
