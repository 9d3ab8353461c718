//! What others are told of openings: the reporter, on the page that number and code open, and everybody, by month.

use super::store::{Count, Told};
use crate::clock::{Millis, time_text};
use daylight_ui::{Html as Markup, Notice, NoticeKind, Section, SummaryList, Table};

/// For the reporter: by which office, when and why they were seen. None when nobody has looked.
pub fn told(told: &[Told]) -> Option<Section> {
    if told.is_empty() {
        return None;
    }
    let notice = Notice::new(
        NoticeKind::Warning,
        "有单位经另一个纪检组织同意，查看了您的身份。只限一件、一人、一段时间。您认为不应当的，可以向批准的组织或它的上级反映。",
    );
    let mut parts: Vec<Markup> = vec![notice.into()];
    for one in told {
        let looks: Vec<_> = one.looks.iter().map(|at| time_text(*at)).collect();
        let list = SummaryList::new()
            .row("查看的单位", one.organ.as_str())
            .row("批准的单位", one.second.as_str())
            .row("查看时间", looks.join("；"))
            .row("理由", one.reason.as_str());
        parts.push(list.into());
    }
    Some(Section::new("谁看过您的身份", parts.into_iter().collect::<Markup>()).id("identity"))
}

/// For everybody: how often, in how many cases, by whom; the last twelve months. Also when it never happened: that is
/// worth saying.
pub fn section(counts: &[Count], now: Millis) -> Section {
    let this = crate::superior::month(now);
    let of_this: Vec<_> = counts.iter().filter(|count| count.month == this).collect();
    let looks: i64 = of_this.iter().map(|count| count.looks).sum();
    let cases: i64 = of_this.iter().map(|count| count.cases).sum();
    let words = match looks {
        0 => "本月没有打开过任何反映人的身份。".to_owned(),
        _ => format!("本月打开举报人身份{looks}次，涉及{cases}件，由{}个单位。", of_this.len()),
    };
    let rule = "打开身份须写明理由，由另一个纪检组织的领导同意，只限一件、一人、一段时间，并告诉反映人本人。";
    let mut parts: Vec<Markup> = vec![Markup::paragraphs(&words), Markup::paragraphs(rule)];
    let recent = months(counts);
    if !recent.is_empty() {
        let mut table = Table::new("打开举报人身份的次数", ["月份", "单位", "次数", "件数"].map(Into::into))
            .caption_hidden()
            .dense();
        for count in recent {
            let cells: [Markup; 4] = [
                month_words(&count.month).into(),
                count.organ.as_str().into(),
                count.looks.to_string().into(),
                count.cases.to_string().into(),
            ];
            table.push(cells, false);
        }
        parts.push(table.into());
    }
    Section::new("打开举报人身份", parts.into_iter().collect::<Markup>()).id("identity-openings")
}

/// Those of the last twelve months in which it happened.
fn months(counts: &[Count]) -> Vec<&Count> {
    let mut months: Vec<&str> = counts.iter().map(|count| count.month.as_str()).collect();
    months.dedup();
    months.truncate(12);
    counts.iter().filter(|count| months.contains(&count.month.as_str())).collect()
}

fn month_words(month: &str) -> String {
    let (year, month) = month.split_once('-').unwrap_or((month, ""));
    format!("{year}年{}月", month.trim_start_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(month: &str, organ_id: i64, looks: i64, cases: i64) -> Count {
        Count { month: month.into(), organ_id, organ: format!("组织{organ_id}"), looks, cases }
    }

    #[test]
    fn this_month_is_said_in_a_sentence_and_the_year_in_a_table() {
        // 2026-11-22.
        const NOW: Millis = 1_795_312_800_000;
        let none = section(&[], NOW).to_string();
        assert!(none.contains("本月没有打开过") && !none.contains("<table"), "{none}");
        let counts = [count("2026-11", 1, 3, 2), count("2026-11", 2, 1, 1), count("2026-09", 1, 5, 1)];
        let shown = section(&counts, NOW).to_string();
        assert!(shown.contains("本月打开举报人身份4次，涉及3件，由2个单位。"), "{shown}");
        assert!(shown.contains("2026年9月") && shown.contains("组织2"), "{shown}");
        let long: Vec<_> = (1..=14).map(|at| count(&format!("m{at:02}"), 1, 1, 1)).collect();
        assert_eq!(months(&long).len(), 12);
    }

    #[test]
    fn a_reporter_nobody_has_looked_at_is_told_nothing() {
        assert!(told(&[]).is_none());
        let one = Told {
            organ: "青石镇纪委".into(),
            second: "安澜县纪委".into(),
            looks: vec![1_795_312_800_000],
            reason: "需要当面核对账目上的签名".into(),
        };
        let shown = told(&[one]).unwrap().to_string();
        for word in ["青石镇纪委", "安澜县纪委", "2026年11月22日 10:00", "核对账目"] {
            assert!(shown.contains(word), "{word}: {shown}");
        }
    }
}
