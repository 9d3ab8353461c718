//! Which rows below the header are not data: totals, signatures, notes, repeated headers.
//!
//! Wrongly dropping a row of data is worse than passing a total on, so a row is dropped only when it says what it is
//! in its first cells and does not plausibly fill the required columns.

use crate::layout::heading;
use daylight_ids::text;

/// Why a row was not taken as data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum IgnoredReason {
    /// Above the header.
    Title,
    /// The header again, as on each printed page.
    Header,
    /// No filled cell, or nothing but a serial number.
    Blank,
    /// 合计, 小计, …
    Total,
    /// 填表人, 审核人, 单位（盖章）, …
    Signature,
    /// 注：…, 说明：…
    Note,
}

/// What the classifier needs of one own (not filled down) cell.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seen<'a> {
    pub raw: &'a str,
    /// Normalised heading of its column.
    pub heading: &'a str,
    /// The column has a key in the layout and is no 序号.
    pub known: bool,
    pub required: bool,
}

/// `filled_required`: required columns filled from merged cells above; `required`: how many required columns a row of
/// data is expected to fill itself.
pub(crate) fn classify(cells: &[Seen<'_>], required: usize, filled_required: usize) -> Option<IgnoredReason> {
    let Some(first) = cells.first() else { return Some(IgnoredReason::Blank) };
    if repeats_header(cells) {
        return Some(IgnoredReason::Header);
    }
    if cells.iter().all(|cell| !cell.known) {
        let serial = cells.iter().all(|cell| is_count(cell.raw));
        return Some(if serial { IgnoredReason::Blank } else { lone_text(first.raw) });
    }
    // One cell in a column that no row is about: the date under a signature, the rest of a note. A row of data fills at
    // least one of the several columns it must have.
    if cells.len() == 1 && required >= 1 && filled_required == 0 && !first.required {
        let date = crate::value::parse_month(first.raw).is_ok();
        return Some(if date { IgnoredReason::Signature } else { lone_text(first.raw) });
    }
    let total = cells.iter().take(2).any(|cell| is_total(cell.raw));
    let total_at_end = ends_as_total(first.raw) && cells[1..].iter().all(|cell| is_count(cell.raw));
    let note = cells.len() == 1 && is_note(first.raw);
    let label = signature(first.raw);
    if !(total || total_at_end || note) && label.is_none() {
        return None;
    }
    // Required columns with something in them that could be a value.
    let plausible = filled_required
        + cells.iter().filter(|cell| cell.required && !is_count(cell.raw) && !is_any_label(cell.raw)).count();
    let data = if required <= 1 { plausible >= 1 } else { plausible * 2 > required };
    if note && !data_beside_note(first, required) {
        return Some(IgnoredReason::Note);
    }
    if (total && !data) || (total_at_end && plausible <= usize::from(first.required)) {
        return Some(IgnoredReason::Total);
    }
    // “填表人：” with its colon is no value of anything, unless the row is otherwise complete.
    let complete = required >= 2 && plausible >= required;
    match label {
        Some(Label::Sure) if !complete => Some(IgnoredReason::Signature),
        Some(Label::Bare) if !data => Some(IgnoredReason::Signature),
        _ => None,
    }
}

/// Text in a column nobody asked for, and nothing else in the row.
fn lone_text(text: &str) -> IgnoredReason {
    if is_total(text) || ends_as_total(text) {
        IgnoredReason::Total
    } else if signature(text).is_some() {
        IgnoredReason::Signature
    } else {
        IgnoredReason::Note
    }
}

/// A lone “备注：…” in a required column of a table that asks for nothing else could still be somebody's data.
fn data_beside_note(cell: &Seen<'_>, required: usize) -> bool {
    cell.required && required <= 1 && !text::squash(cell.raw).starts_with(['注', '说'])
}

fn repeats_header(cells: &[Seen<'_>]) -> bool {
    let same =
        cells.iter().filter(|cell| !cell.heading.is_empty() && heading(cell.raw) == cell.heading).count();
    same >= 2 && same * 10 >= cells.len() * 6
}

const TOTALS: [&str; 12] = [
    "合计",
    "总计",
    "小计",
    "共计",
    "累计",
    "总合计",
    "本页合计",
    "本页小计",
    "总数",
    "总人数",
    "人数",
    "以上共计",
];

/// 合计, 合计：60个, 小计（3人）; not 合计村村委会.
fn is_total(raw: &str) -> bool {
    if !raw.contains(['计', '数', '共']) {
        return false;
    }
    let text = text::squash(raw);
    TOTALS.iter().any(|total| {
        text.strip_prefix(total).is_some_and(|rest| {
            let rest = rest.trim_matches(|c: char| !c.is_alphanumeric());
            rest.is_empty() || is_count(rest)
        })
    }) || text.strip_prefix('共').is_some_and(is_count)
}

/// 青石镇小计, 全县合计.
fn ends_as_total(raw: &str) -> bool {
    if !raw.contains('计') {
        return false;
    }
    let text = text::squash(raw);
    let text = text.trim_end_matches([':', '：']);
    let totals = ["合计", "小计", "总计", "共计"];
    let with_count = |total: &&str| {
        let behind =
            text.rsplit_once(*total).map(|(_, behind)| behind.trim_start_matches([':', '：', '(', '（']));
        behind.is_some_and(|behind| behind.is_empty() || is_count(behind.trim_end_matches([')', '）'])))
    };
    text.chars().count() <= 24 && totals.iter().any(with_count)
}

/// 60, 60个, 1,200.5万元, 3.: a count, no name.
fn is_count(raw: &str) -> bool {
    let text = text::squash(raw);
    let rest = text.trim_start_matches(|c: char| {
        c.is_ascii_digit() || matches!(c, '.' | ',' | '，' | '-' | '+' | '%' | '、')
    });
    if rest.len() == text.len() && !text.is_empty() {
        return false;
    }
    const UNITS: [&str; 22] = [
        "",
        "个",
        "人",
        "名",
        "项",
        "条",
        "件",
        "家",
        "户",
        "元",
        "万元",
        "亿元",
        "次",
        "份",
        "台",
        "亩",
        "张",
        "份",
        "家单位",
        "个单位",
        "人次",
        "平方米",
    ];
    UNITS.contains(&rest)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Label {
    /// With its colon, or 盖章 in brackets.
    Sure,
    Bare,
}

const SIGNATURES: [&str; 34] = [
    "填表人",
    "填报人",
    "制表人",
    "经办人",
    "审核人",
    "复核人",
    "审批人",
    "负责人",
    "单位负责人",
    "主要负责人",
    "分管领导",
    "主管领导",
    "领导签字",
    "签字",
    "签名",
    "签章",
    "盖章",
    "单位盖章",
    "单位公章",
    "公章",
    "填报单位",
    "填表单位",
    "报送单位",
    "制表单位",
    "填报日期",
    "填表日期",
    "填报时间",
    "填表时间",
    "报送日期",
    "报送时间",
    "制表日期",
    "制表时间",
    "联系人",
    "统计人",
];

/// Without its colon each of these may be the name of a step or a post.
const WITH_COLON: [&str; 17] = [
    "制表",
    "填表",
    "填报",
    "审核",
    "复核",
    "审批",
    "经办",
    "校对",
    "校对人",
    "核对人",
    "汇总人",
    "报送人",
    "录入人",
    "单位领导",
    "主要领导",
    "联系电话",
    "日期",
];

fn signature(raw: &str) -> Option<Label> {
    if raw.is_ascii() {
        return None;
    }
    let squashed = text::squash(raw);
    let (label, colon) = match squashed.find([':', '：']) {
        Some(at) => (&squashed[..at], true),
        None => (squashed.as_str(), false),
    };
    let bare: String = label.chars().filter(|c| c.is_alphanumeric()).collect();
    let stamped = label.ends_with(['）', ')']) && bare.ends_with('章') && bare.chars().count() <= 12;
    if SIGNATURES.contains(&bare.as_str()) {
        return Some(if colon || stamped { Label::Sure } else { Label::Bare });
    }
    if colon && WITH_COLON.contains(&bare.as_str()) {
        return Some(Label::Sure);
    }
    // 填报单位（盖章）：, 单位负责人（签字）：
    let inner: String = heading(label);
    let known = SIGNATURES.contains(&inner.as_str()) || inner == "单位";
    (known && bare != inner && (colon || stamped)).then_some(Label::Sure)
}

fn is_note(raw: &str) -> bool {
    let text = text::squash(raw);
    let text = text.trim_start_matches(['*', '※', '(', '（', '【', '[']);
    let rest = ["填表说明", "填报说明", "备注", "附注", "说明", "注释", "注意", "注"]
        .iter()
        .find_map(|word| text.strip_prefix(word));
    rest.is_some_and(|rest| {
        rest.is_empty() || rest.starts_with([':', '：', ')', '）', '】', ']', '.', '、', '1', '2', '3'])
    })
}

fn is_any_label(raw: &str) -> bool {
    is_total(raw) || signature(raw).is_some() || is_note(raw)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Cells of a sheet with 序号, 名称 (required), 类别 (required), 备注.
    fn judge(cells: &[&str]) -> Option<IgnoredReason> {
        let headings = ["序号", "名称", "类别", "备注"];
        let seen: Vec<_> = cells
            .iter()
            .zip(headings)
            .filter(|(raw, _)| !raw.is_empty())
            .map(|(raw, heading)| Seen {
                raw,
                heading,
                known: heading != "序号",
                required: matches!(heading, "名称" | "类别"),
            })
            .collect();
        classify(&seen, 2, 0)
    }

    #[test]
    fn totals_signatures_and_notes_are_seen() {
        use IgnoredReason::*;
        for (cells, reason) in [
            (&["合计", "60个", "", ""][..], Total),
            (&["合　计", "", "60", ""], Total),
            (&["", "总计：60个", "", ""], Total),
            (&["小计(3人)", "", "", ""], Total),
            (&["", "青石镇小计", "12", "3"], Total),
            (&["填表人：", "吴建海", "", "2026.03.15"], Signature),
            (&["填表人：吴建海　审核人：黄春", "", "", ""], Signature),
            (&["单位（盖章）：", "", "", ""], Signature),
            (&["填表人", "吴建海", "", ""], Signature),
            (&["", "单位负责人（签字）：", "", ""], Signature),
            (&["注：本表一式三份", "", "", ""], Note),
            (&["", "备注：以上为全部", "", ""], Note),
            (&["本表由各单位填报", "", "", ""], Note),
            (&["序号", "名 称", "类别", "备注"], Header),
            (&["61", "", "", ""], Blank),
            (&["制表：吴建海", "", "审核：黄春", ""], Signature),
            (&["", "", "", "2026年3月15日"], Signature),
            (&["", "", "", "以上情况属实"], Note),
            (&["共60个单位", "", "", ""], Total),
            (&["", "青石镇小计：12个", "", ""], Total),
            (&["全县合计（60家）", "", "", ""], Total),
            (&["", "总人数：218人", "", ""], Total),
            (&[], Blank),
        ] {
            assert_eq!(judge(cells), Some(reason), "{cells:?}");
        }
    }

    #[test]
    fn data_that_only_sounds_like_a_total_stays() {
        for cells in [
            &["1", "合计村村委会", "村", ""][..],
            &["1", "合计村村委会", "", ""],
            &["2", "备注管理", "内部管理", ""],
            &["2", "备注管理", "", ""],
            &["", "说明村", "", ""],
            &["3", "负责人", "岗位", ""],
            &["4", "小计量所", "", ""],
            &["", "签字笔厂", "企业", "填表人：张三"],
            &["5", "安澜县审计局", "", "合计"],
            &["6", "审核", "内部管理", ""],
            &["7", "", "", "重复填报"],
            &["", "共和镇", "", ""],
        ] {
            assert_eq!(judge(cells), None, "{cells:?}");
        }
    }
}
