use daylight_ids::text;
use std::collections::HashMap;

/// One column a table may have.
#[derive(Debug, Clone)]
pub struct Column {
    /// What the caller calls it.
    pub key: &'static str,
    /// Its heading in the template, in Chinese.
    pub title: &'static str,
    /// Other headings offices use for it.
    pub synonyms: Vec<String>,
    /// The header must have it. (Whether each row must is the caller's to say.)
    pub required: bool,
}

/// One kind of table the caller can take.
#[derive(Debug, Clone)]
pub struct Layout {
    /// What the caller calls it.
    pub kind: &'static str,
    /// Its name on pages and in the template.
    pub title: &'static str,
    /// In the order of the template.
    pub columns: Vec<Column>,
    /// Keys whose blank cells repeat the value above: merged cells, or written on the first row of the group only.
    /// From the outer group to the inner: when an outer value changes, inner ones are not repeated over the change.
    pub carry: Vec<&'static str>,
    /// Headings whose meaning somebody said, which beats every likeness: the key, or none when the column is not
    /// needed.
    pub said: Vec<(String, Option<&'static str>)>,
}

/// How a heading came to its column; the better the smaller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    Said,
    Title,
    Synonym,
    /// One contains the other; how much longer the longer is, in thousandths.
    Contains(u32),
}

/// Bytes of a heading. What is longer is a text, and no strangers' rows of texts are to be compared letter by letter.
const LONGEST: usize = 1_000;

/// A heading without what offices add to it: spaces, line breaks, （remarks）, punctuation, `*`. Empty for what is too
/// long to be one.
pub(crate) fn heading(text: &str) -> String {
    if text.len() > LONGEST {
        return String::new();
    }
    let squashed = text::squash(text);
    let bare = letters(&without_remarks(&squashed));
    if bare.is_empty() { letters(&squashed) } else { bare }
}

fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn without_remarks(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find(['（', '(', '【', '[', '〔']) {
        let Some(close) = rest[open..].find(['）', ')', '】', ']', '〕']) else { break };
        out.push_str(&rest[..open]);
        rest = &rest[open + close..];
        rest = &rest[rest.chars().next().map_or(0, char::len_utf8)..];
    }
    out + rest
}

/// The headings of a layout, made comparable once.
pub(crate) struct Headings {
    /// Per column: its title, then its synonyms.
    names: Vec<Vec<String>>,
    required: Vec<usize>,
    /// Heading → column, or none, as somebody said.
    said: HashMap<String, Option<usize>>,
}

/// How well a row fits a layout.
#[derive(Debug, Clone)]
pub(crate) struct Matched {
    /// Per cell of the row: the column of the layout, if any.
    pub columns: Vec<Option<usize>>,
    pub count: usize,
    pub required: usize,
    pub all_required: bool,
    pub exact: usize,
}

impl Headings {
    pub fn new(layout: &Layout) -> Self {
        let names = layout
            .columns
            .iter()
            .map(|column| {
                std::iter::once(column.title)
                    .chain(column.synonyms.iter().map(String::as_str))
                    .map(heading)
                    .filter(|name| !name.is_empty())
                    .collect()
            })
            .collect();
        let required = (0..layout.columns.len()).filter(|&index| layout.columns[index].required).collect();
        let at = |key: &'static str| layout.columns.iter().position(|column| column.key == key);
        let said = layout.said.iter().map(|(name, key)| (heading(name), key.and_then(at))).collect();
        Self { names, required, said }
    }

    /// Gives each cell at most one column and each column at most one cell, the best fits first, and among equals
    /// the leftmost. A cell may be read in several ways (the header's two rows joined, or the lower alone).
    pub fn fit(&self, cells: &[Vec<String>]) -> Matched {
        let mut fits: Vec<(Fit, usize, usize)> = Vec::new();
        for (cell, readings) in cells.iter().enumerate() {
            if let Some(said) = readings.iter().find_map(|reading| self.said.get(reading)) {
                fits.extend(said.map(|column| (Fit::Said, cell, column)));
                continue;
            }
            for (column, names) in self.names.iter().enumerate() {
                if let Some(fit) = readings.iter().filter_map(|reading| best_fit(reading, names)).min() {
                    fits.push((fit, cell, column));
                }
            }
        }
        fits.sort();
        let mut columns = vec![None; cells.len()];
        let mut taken = vec![false; self.names.len()];
        let (mut count, mut exact) = (0, 0);
        for (fit, cell, column) in fits {
            if columns[cell].is_none() && !taken[column] {
                columns[cell] = Some(column);
                taken[column] = true;
                count += 1;
                exact += usize::from(!matches!(fit, Fit::Contains(_)));
            }
        }
        let required = self.required.iter().filter(|&&column| taken[column]).count();
        Matched { columns, count, required, all_required: required == self.required.len(), exact }
    }

    /// Enough to call the row a header: every required column, or at least two columns and 60 % of those required.
    /// A lone heading counts only in a list of one column.
    pub fn is_header(&self, matched: &Matched, cells: usize) -> bool {
        let enough = matched.count >= 2 || (matched.count == 1 && cells == 1 && matched.exact == 1);
        enough
            && (matched.all_required
                || (matched.count >= 2 && matched.required * 10 >= self.required.len() * 6))
    }
}

fn best_fit(cell: &str, names: &[String]) -> Option<Fit> {
    names
        .iter()
        .enumerate()
        .filter_map(|(index, name)| match (cell == name, index) {
            (true, 0) => Some(Fit::Title),
            (true, _) => Some(Fit::Synonym),
            (false, _) => contains(cell, name),
        })
        .min()
}

/// Words that make a heading mean something else: 上级主管单位 is not 单位, 不公开理由 is not 公开.
const TURNS: [&str; 27] = [
    "原",
    "曾",
    "上级",
    "上一",
    "下级",
    "下一",
    "主管",
    "所属",
    "不",
    "非",
    "未",
    "无",
    "是否",
    "父",
    "母",
    "配偶",
    "子女",
    "家属",
    "联系人",
    "负责人",
    "法人",
    "备注",
    "理由",
    "原因",
    "序号",
    "编号",
    "其他",
];

/// One contains the other, is most of it, and what is left over does not turn the meaning.
fn contains(cell: &str, name: &str) -> Option<Fit> {
    let (long, short) = if cell.len() > name.len() { (cell, name) } else { (name, cell) };
    let (all, part) = (long.chars().count(), short.chars().count());
    if part < 2 || part * 10 < all * 6 {
        return None;
    }
    let at = long.find(short)?;
    let extra = [&long[..at], &long[at + short.len()..]];
    let turned = TURNS.iter().any(|turn| extra.iter().any(|extra| extra.contains(turn)));
    (!turned).then(|| Fit::Contains(u32::try_from((all - part) * 1000 / all).unwrap_or(1000)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout() -> Layout {
        let column = |key, title, synonyms: &[&str], required| Column {
            key,
            title,
            synonyms: synonyms.iter().map(|&name| name.to_owned()).collect(),
            required,
        };
        Layout {
            kind: "unit",
            title: "单位",
            columns: vec![
                column("name", "单位名称", &["名称", "机构名称"], true),
                column("parent", "上级主管单位", &[], false),
                column("duty", "分管（负责）工作", &[], false),
                column("public", "是否公开", &[], true),
            ],
            carry: vec![],
            said: vec![],
        }
    }

    fn keys(row: &[&str]) -> Vec<Option<&'static str>> {
        keys_in(&layout(), row)
    }

    fn keys_in(layout: &Layout, row: &[&str]) -> Vec<Option<&'static str>> {
        let cells: Vec<_> = row.iter().map(|cell| vec![heading(cell)]).collect();
        let matched = Headings::new(layout).fit(&cells);
        matched.columns.into_iter().map(|column| column.map(|column| layout.columns[column].key)).collect()
    }

    #[test]
    fn headings_lose_what_offices_add() {
        for text in ["* 单 位\n名　称：", "单位名称（全称）", "单位名称(必填)*", "【单位名称】"]
        {
            assert_eq!(heading(text), "单位名称", "{text}");
        }
        assert_eq!(heading("分管（负责）工作"), "分管工作");
        assert_eq!(heading("联系方式（手机"), "联系方式手机");
        assert_eq!(heading(&"名".repeat(333)), "名".repeat(333));
        assert_eq!(heading(&"名".repeat(334)), "", "a text is no heading");
    }

    #[test]
    fn exact_before_containing_and_turned_meanings_left_alone() {
        assert_eq!(
            keys(&["序号", "上级主管单位名称", "单位名称", "不公开理由", "是否公开"]),
            [None, Some("parent"), Some("name"), None, Some("public")]
        );
        assert_eq!(keys(&["单位名称全称", "分管工作"]), [Some("name"), Some("duty")]);
        assert_eq!(keys(&["原单位名称", "名称"]), [None, Some("name")]);
        assert_eq!(keys(&["单位名称", "单位名称"]), [Some("name"), None]);
    }

    #[test]
    fn what_somebody_said_beats_every_likeness() {
        let mut layout = layout();
        layout.said = vec![("单 位 名 称（必填）".to_owned(), Some("parent")), ("名称".to_owned(), None)];
        assert_eq!(keys_in(&layout, &["单位名称", "名称", "机构名称"]), [Some("parent"), None, Some("name")]);
    }
}
