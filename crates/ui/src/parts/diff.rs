//! What changed between two versions of a text.

use askama::Template;

use crate::html::part;

/// A run of text that stayed, went or came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// In both.
    Same(String),
    /// Only before.
    Gone(String),
    /// Only after.
    New(String),
}

/// Before and after in one text: struck through and underlined, with words for those who cannot see it.
#[derive(Clone, Debug, Default, Template)]
#[template(
    ext = "html",
    source = r#"<figure class="diff">
<figcaption>{{ caption }}<span class="diff-key"><del>删去</del> <ins>新增</ins></span></figcaption>
<div class="diff-text">
{%- for change in changes %}{% match change %}{% when Change::Same(text) %}{{ text }}{% when Change::Gone(text) -%}
<del><span class="hidden">删去：</span>{{ text }}</del>
{%- when Change::New(text) -%}
<ins><span class="hidden">新增：</span>{{ text }}</ins>
{%- endmatch %}{% endfor -%}
</div>
</figure>"#
)]
pub struct Diff {
    /// Which versions: "第2版(2026年3月1日)与第1版".
    pub caption: String,
    /// The runs, in order.
    pub changes: Vec<Change>,
}

/// Cells of the comparison table we are willing to fill; past it the differing middle is shown as a whole.
const MOST_CELLS: usize = 4_000_000;

impl Diff {
    /// Compares by character, or by word in runs of Latin letters and digits.
    pub fn of(caption: impl Into<String>, before: &str, after: &str) -> Self {
        let changes = compare(&words(before), &words(after));
        Self { caption: caption.into(), changes: readable(changes, before, after) }
    }
}

/// A text written anew shares single characters with the old one by chance; strewn over the lines they only confuse.
/// When less than half of the shorter text stayed, old and new are shown whole.
fn readable(changes: Vec<Change>, before: &str, after: &str) -> Vec<Change> {
    let long = |text: &str| text.chars().count();
    let stayed: usize =
        changes.iter().map(|change| if let Change::Same(text) = change { long(text) } else { 0 }).sum();
    if stayed == 0 || stayed * 2 >= long(before).min(long(after)) {
        return changes;
    }
    vec![Change::Gone(format!("{before}\n")), Change::New(after.to_owned())]
}

/// Chinese has no spaces: a character is a word, a run of ASCII letters or digits is one.
fn words(text: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let mut start = 0;
    let mut in_run = false;
    for (i, c) in text.char_indices() {
        let run = c.is_ascii_alphanumeric();
        if i > start && !(run && in_run) {
            out.push(&text[start..i]);
            start = i;
        }
        in_run = run;
    }
    if start < text.len() {
        out.push(&text[start..]);
    }
    out
}

fn compare(a: &[&str], b: &[&str]) -> Vec<Change> {
    let head = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let tail = a[head..].iter().rev().zip(b[head..].iter().rev()).take_while(|(x, y)| x == y).count();
    let (x, y) = (&a[head..a.len() - tail], &b[head..b.len() - tail]);
    let mut runs = Runs::default();
    runs.same(&a[..head]);
    if x.len().saturating_mul(y.len()) > MOST_CELLS {
        runs.gone(x);
        runs.added(y);
    } else {
        middle(x, y, &mut runs);
    }
    runs.same(&a[a.len() - tail..]);
    runs.done()
}

/// Longest common subsequence, read from the front.
fn middle(x: &[&str], y: &[&str], runs: &mut Runs) {
    let wide = y.len() + 1;
    let mut longest = vec![0_u32; (x.len() + 1) * wide];
    for i in (0..x.len()).rev() {
        for j in (0..y.len()).rev() {
            longest[i * wide + j] = if x[i] == y[j] {
                longest[(i + 1) * wide + j + 1] + 1
            } else {
                longest[(i + 1) * wide + j].max(longest[i * wide + j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    while i < x.len() && j < y.len() {
        if x[i] == y[j] {
            runs.same(&x[i..=i]);
            (i, j) = (i + 1, j + 1);
        } else if longest[(i + 1) * wide + j] >= longest[i * wide + j + 1] {
            runs.gone(&x[i..=i]);
            i += 1;
        } else {
            runs.added(&y[j..=j]);
            j += 1;
        }
    }
    runs.gone(&x[i..]);
    runs.added(&y[j..]);
}

/// Collects runs; between two equal stretches all deletions come before all additions.
#[derive(Default)]
struct Runs {
    out: Vec<Change>,
    gone: String,
    new: String,
}

impl Runs {
    fn gone(&mut self, words: &[&str]) {
        self.gone.extend(words.iter().copied());
    }

    fn added(&mut self, words: &[&str]) {
        self.new.extend(words.iter().copied());
    }

    fn flush(&mut self) {
        if !self.gone.is_empty() {
            self.out.push(Change::Gone(std::mem::take(&mut self.gone)));
        }
        if !self.new.is_empty() {
            self.out.push(Change::New(std::mem::take(&mut self.new)));
        }
    }

    fn same(&mut self, words: &[&str]) {
        if words.is_empty() {
            return;
        }
        self.flush();
        if let Some(Change::Same(text)) = self.out.last_mut() {
            text.extend(words.iter().copied());
        } else {
            self.out.push(Change::Same(words.concat()));
        }
    }

    fn done(mut self) -> Vec<Change> {
        self.flush();
        self.out
    }
}

part!(Diff);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_found_by_character_and_number() {
        let diff = Diff::of("", "补助金额1200元，由镇里审核", "补助金额1500元，由县里审核");
        assert_eq!(
            diff.changes,
            [
                Change::Same("补助金额".into()),
                Change::Gone("1200".into()),
                Change::New("1500".into()),
                Change::Same("元，由".into()),
                Change::Gone("镇".into()),
                Change::New("县".into()),
                Change::Same("里审核".into()),
            ]
        );
        assert!(Diff::of("", "", "").changes.is_empty());
        assert_eq!(Diff::of("", "甲", "").changes, [Change::Gone("甲".into())]);
    }

    #[test]
    fn a_text_written_anew_is_shown_whole() {
        let diff = Diff::of("", "负责本县教育工作。", "办理学校的审批；管教师。");
        assert_eq!(
            diff.changes,
            [Change::Gone("负责本县教育工作。\n".into()), Change::New("办理学校的审批；管教师。".into())]
        );
        let added = Diff::of("", "甲", "甲乙丙丁戊己庚辛");
        assert_eq!(added.changes, [Change::Same("甲".into()), Change::New("乙丙丁戊己庚辛".into())]);
    }

    #[test]
    fn long_texts_fall_back_and_hostile_ones_are_escaped() {
        let (a, b) = ("甲".repeat(3000) + "乙", "丙".repeat(3000) + "丁");
        assert_eq!(Diff::of("", &a, &b).changes.len(), 2);
        assert!(!Diff::of("<a>", "<a>", "<b>").to_string().contains("<a>"));
    }
}
