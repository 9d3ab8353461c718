use super::{ValueError, parse_chinese_number, quote};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a time limit is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitUnit {
    /// Done while the person waits; the amount is 0.
    Immediate,
    /// Hours of the clock.
    Hours,
    /// 工作日, by the working-day calendar.
    WorkingDays,
    /// 自然日; a bare 日 or 天 is one of these.
    CalendarDays,
    /// Calendar months.
    Months,
    /// Calendar years.
    Years,
}

/// How long a step may take at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TimeLimit {
    /// How many units: 1 to 9999, and 0 for [`LimitUnit::Immediate`].
    pub amount: u32,
    /// Of what.
    pub unit: LimitUnit,
}

impl fmt::Display for TimeLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let amount = self.amount;
        match self.unit {
            LimitUnit::Immediate => f.write_str("即办"),
            LimitUnit::Hours => write!(f, "{amount}小时"),
            LimitUnit::WorkingDays => write!(f, "{amount}个工作日"),
            LimitUnit::CalendarDays => write!(f, "{amount}个自然日"),
            LimitUnit::Months => write!(f, "{amount}个月"),
            LimitUnit::Years => write!(f, "{amount}年"),
        }
    }
}

const IMMEDIATE: [&str; 18] = [
    "即办",
    "即时",
    "即时办",
    "立即",
    "立即办",
    "当场",
    "当场办",
    "当即",
    "即办件",
    "即来即办",
    "随到随办",
    "马上办",
    "现场",
    "现场办",
    "现场即办",
    "即刻",
    "马上",
    "立等可取",
];

/// Words before the number that do not change it.
const BEFORE: [&str; 30] = [
    "法定办结时限",
    "承诺办结时限",
    "法定时限",
    "承诺时限",
    "办理时限",
    "办结时限",
    "法定期限",
    "承诺期限",
    "法定",
    "承诺",
    "时限",
    "期限",
    "自受理之日起",
    "自受理起",
    "受理之日起",
    "受理之后",
    "受理后",
    "收到申请后",
    "收到材料后",
    "收件后",
    "原则上",
    "最长不超过",
    "不超过",
    "不多于",
    "最长",
    "最多",
    "至多",
    "约",
    "限时",
    "于",
];

/// Words after the unit that do not change it.
const AFTER: [&str; 14] = [
    "办理完毕",
    "办理完成",
    "办理完结",
    "办结",
    "办理",
    "办完",
    "完成",
    "答复",
    "之内",
    "以内",
    "以下",
    "之前",
    "内",
    "前",
];

/// Reads a time limit as procedures state it: 即办, 当场办结, 5个工作日, 十五个工作日, 7个自然日, 2日, 30日内, 三个月, 半年,
/// 1-3个工作日 (the upper bound), 24小时, 不超过20个工作日, 法定时限20日.
///
/// Halves and small units become whole ones: 半天 and 半个工作日 are 4 hours (half a working day), 半个月 15 calendar
/// days, 半年 6 months, 一年半 18 months, 一周 7 calendar days, 当日 1 calendar day; minutes are rounded up to hours.
/// A month beside days counts 30 days (1个月零5天 is 35 calendar days), and 1年6个月 is 18 months. A remark in brackets
/// behind is left out unless it says the unit: 20（工作日）. Days and working days together are not added up.
pub fn parse_time_limit(text: &str) -> Result<TimeLimit, ValueError> {
    let squashed = unbracketed(&daylight_ids::text::squash(text));
    let mut rest = squashed.trim_end_matches(['。', '.', '；', ';', '，', ',']);
    if rest.is_empty() {
        return Err(ValueError::Blank);
    }
    let lone = |rest: &str| IMMEDIATE.contains(&rest);
    if lone(rest) {
        return Ok(TimeLimit { amount: 0, unit: LimitUnit::Immediate });
    }
    loop {
        let before = rest;
        rest = rest.trim_start_matches([':', '：', '≤', '<', '＜', '≦', '在', '为', '是', '(', '（']);
        rest = rest.trim_end_matches([')', '）']);
        for word in BEFORE {
            rest = rest.strip_prefix(word).unwrap_or(rest);
        }
        for word in AFTER {
            rest = rest.strip_suffix(word).unwrap_or(rest);
        }
        if rest == before {
            break;
        }
    }
    if lone(rest) {
        return Ok(TimeLimit { amount: 0, unit: LimitUnit::Immediate });
    }
    if let Some((amount, unit)) = whole_phrase(rest).or_else(|| mixed(rest)) {
        return Ok(TimeLimit { amount, unit });
    }
    let (number, factor, unit) = split_unit(rest).ok_or_else(|| ValueError::NotATimeLimit(quote(text)))?;
    let number = upper_bound(number).ok_or_else(|| ValueError::NotATimeLimit(quote(text)))?;
    let amount = match factor {
        Factor::Times(factor) => number.saturating_mul(factor),
        Factor::SixtiethUp => number.div_ceil(60),
    };
    match u32::try_from(amount) {
        Ok(amount @ 1..=9999) => Ok(TimeLimit { amount, unit }),
        _ => Err(ValueError::LimitOutOfRange(quote(text))),
    }
}

/// Limits said without a number of their own, and 一年半.
fn whole_phrase(text: &str) -> Option<(u32, LimitUnit)> {
    Some(match text {
        "半天" | "半日" | "半个工作日" => (4, LimitUnit::Hours),
        "半小时" | "半个小时" => (1, LimitUnit::Hours),
        "半个月" | "半月" => (15, LimitUnit::CalendarDays),
        "半年" => (6, LimitUnit::Months),
        "当日" | "当天" => (1, LimitUnit::CalendarDays),
        _ => {
            let years = upper_bound(text.strip_suffix("年半")?)?;
            (u32::try_from(years).ok().filter(|years| *years < 800)? * 12 + 6, LimitUnit::Months)
        }
    })
}

/// `20（工作日）` and `7日（工作日）` with the unit in its place; other remarks behind are dropped.
fn unbracketed(text: &str) -> String {
    let text = text.trim_end_matches(['。', '；', ';']);
    let Some((main, remark)) = text
        .strip_suffix([')', '）'])
        .and_then(|text| text.split_once(['(', '（']))
        .filter(|(main, _)| !main.is_empty())
    else {
        return text.to_owned();
    };
    let kinds = ["工作日", "自然日", "日历日"];
    let Some(kind) = kinds.iter().find(|kind| remark.trim_start_matches(['个', '均', '为']) == **kind)
    else {
        let unit = matches!(remark, "天" | "日" | "小时" | "个月" | "月" | "周" | "年");
        return if unit { format!("{main}{remark}") } else { main.to_owned() };
    };
    let number = main.trim_end_matches(['内', '日', '天', '个']);
    if number.ends_with("工作") { main.to_owned() } else { format!("{number}个{kind}") }
}

/// 1个月零5天, 三个半月, 一年零六个月: a large unit and a smaller one, as one number of the smaller.
fn mixed(text: &str) -> Option<(u32, LimitUnit)> {
    let sum = |large: &str, factor: u64, small: u64| {
        let amount = parse_chinese_number(large)?.checked_mul(factor)?.checked_add(small)?;
        u32::try_from(amount).ok().filter(|amount| (1..=9999).contains(amount))
    };
    if let Some(months) = text.strip_suffix("个半月").or_else(|| text.strip_suffix(".5个月")) {
        return Some((sum(months, 30, 15)?, LimitUnit::CalendarDays));
    }
    let (large, rest) = text.split_once('年').or_else(|| text.split_once('月'))?;
    let small = rest.trim_start_matches(['零', '又', '加', '、']);
    if text.contains('年') {
        let months = parse_chinese_number(small.strip_suffix("月")?.trim_end_matches('个'))?;
        return Some((sum(large, 12, months)?, LimitUnit::Months));
    }
    let number = small.strip_suffix("自然日").or_else(|| small.strip_suffix(['天', '日']))?;
    let days = parse_chinese_number(number.trim_end_matches('个'))?;
    Some((sum(large.trim_end_matches('个'), 30, days)?, LimitUnit::CalendarDays))
}

#[derive(Clone, Copy)]
enum Factor {
    Times(u64),
    SixtiethUp,
}

fn split_unit(text: &str) -> Option<(&str, Factor, LimitUnit)> {
    use Factor::{SixtiethUp, Times};
    // Longest first: 工作日 ends in 日, 个月 in 月.
    let units = [
        ("法定工作日", Times(1), LimitUnit::WorkingDays),
        ("工作日", Times(1), LimitUnit::WorkingDays),
        ("工作天", Times(1), LimitUnit::WorkingDays),
        ("自然日", Times(1), LimitUnit::CalendarDays),
        ("自然天", Times(1), LimitUnit::CalendarDays),
        ("日历日", Times(1), LimitUnit::CalendarDays),
        ("日历天", Times(1), LimitUnit::CalendarDays),
        ("星期", Times(7), LimitUnit::CalendarDays),
        ("礼拜", Times(7), LimitUnit::CalendarDays),
        ("小时", Times(1), LimitUnit::Hours),
        ("分钟", SixtiethUp, LimitUnit::Hours),
        ("周年", Times(1), LimitUnit::Years),
        ("季度", Times(3), LimitUnit::Months),
        ("时", Times(1), LimitUnit::Hours),
        ("周", Times(7), LimitUnit::CalendarDays),
        ("日", Times(1), LimitUnit::CalendarDays),
        ("天", Times(1), LimitUnit::CalendarDays),
        ("月", Times(1), LimitUnit::Months),
        ("年", Times(1), LimitUnit::Years),
    ];
    units.into_iter().find_map(|(name, factor, unit)| {
        let number = text.strip_suffix(name)?;
        Some((number.strip_suffix('个').unwrap_or(number), factor, unit))
    })
}

/// 1-3, 一至三, 3~5: the upper of the two.
fn upper_bound(text: &str) -> Option<u64> {
    match text.split_once(['-', '－', '—', '–', '~', '～', '至', '到']) {
        Some((low, high)) => {
            let low = low.trim_end_matches(['个', '日', '天', '月', '年', '工', '作']);
            let (low, high) = (parse_chinese_number(low)?, parse_chinese_number(high)?);
            (low <= high).then_some(high)
        }
        None => parse_chinese_number(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn limits_in_every_spelling() {
        for (text, shown) in [
            ("即办", "即办"),
            ("当场办结", "即办"),
            ("即时办理", "即办"),
            ("5个工作日", "5个工作日"),
            ("十五个工作日", "15个工作日"),
            ("7个自然日", "7个自然日"),
            ("2日", "2个自然日"),
            ("2天", "2个自然日"),
            ("30日内", "30个自然日"),
            ("三个月", "3个月"),
            ("两个月", "2个月"),
            ("半年", "6个月"),
            ("一年", "1年"),
            ("一年半", "18个月"),
            ("1-3个工作日", "3个工作日"),
            ("1个至3个工作日", "3个工作日"),
            ("三至五日", "5个自然日"),
            ("24小时", "24小时"),
            ("半天", "4小时"),
            ("30分钟", "1小时"),
            ("一周", "7个自然日"),
            ("不超过20个工作日", "20个工作日"),
            ("法定时限20日", "20个自然日"),
            ("法定时限：20个工作日", "20个工作日"),
            ("自受理之日起15个工作日内办结", "15个工作日"),
            (" ２０ 个工作日。", "20个工作日"),
            ("即办件", "即办"),
            ("(5个工作日)", "5个工作日"),
            ("三十个工作日", "30个工作日"),
            ("20（工作日）", "20个工作日"),
            ("7日（工作日）", "7个工作日"),
            ("7日（自然日）", "7个自然日"),
            ("30（天）", "30个自然日"),
            ("20个工作日（不含公示）", "20个工作日"),
            ("即办（当场）", "即办"),
            ("7个法定工作日", "7个工作日"),
            ("5个工作日-7个工作日", "7个工作日"),
            ("1个月零5天", "35个自然日"),
            ("一个月零五天", "35个自然日"),
            ("2个月15日", "75个自然日"),
            ("三个半月", "105个自然日"),
            ("1.5个月", "45个自然日"),
            ("一年零六个月", "18个月"),
            ("1年6个月", "18个月"),
            ("立等可取", "即办"),
            ("限时3天", "3个自然日"),
        ] {
            assert_eq!(parse_time_limit(text).map(|limit| limit.to_string()).as_deref(), Ok(shown), "{text}");
        }
    }

    #[test]
    fn what_is_no_limit_is_said_to_be_none() {
        assert_eq!(parse_time_limit(" "), Err(ValueError::Blank));
        for text in [
            "视情况",
            "按规定",
            "5",
            "个工作日",
            "3-1日",
            "工作日",
            "办理",
            "-3日",
            "1个月零5个工作日",
            "10个工作日，公示期5天",
            "法定20日，承诺5日",
            "及时",
            "每月5日前",
            "3+2个工作日",
        ] {
            assert!(matches!(parse_time_limit(text), Err(ValueError::NotATimeLimit(_))), "{text}");
        }
        for text in ["0日", "100000个工作日", "99999999999日"] {
            assert!(matches!(parse_time_limit(text), Err(ValueError::LimitOutOfRange(_))), "{text}");
        }
    }

    #[test]
    fn kept_as_json() {
        let json = serde_json::to_string(&parse_time_limit("5个工作日").unwrap()).unwrap();
        assert_eq!(json, r#"{"amount":5,"unit":"working_days"}"#);
    }

    proptest! {
        #[test]
        fn shown_limits_read_back(amount in 1u32..=9999, unit in 0usize..5) {
            use LimitUnit::*;
            let unit = [Hours, WorkingDays, CalendarDays, Months, Years][unit];
            let limit = TimeLimit { amount, unit };
            prop_assert_eq!(parse_time_limit(&limit.to_string()).unwrap(), limit);
        }

        #[test]
        fn no_text_panics(text in "[0-9一十半个工作日月年内-]{0,20}|.{0,20}") {
            let _ = parse_time_limit(&text);
        }
    }
}
