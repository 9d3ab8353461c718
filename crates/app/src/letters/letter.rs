//! A letter and its number.

use crate::clock::{Millis, date_text, end_of_day};
use serde::{Deserialize, Serialize};
use time::Date;

/// Which letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// 交办函: an organ gives a case to another, with a date.
    Assignment,
    /// 告知书: accepted, not accepted, forwarded, extended.
    Notice,
    /// 答复书: the reply.
    Reply,
}

impl Kind {
    /// All.
    pub const ALL: [Kind; 3] = [Kind::Assignment, Kind::Notice, Kind::Reply];

    /// The word in tables.
    pub fn code(self) -> &'static str {
        match self {
            Kind::Assignment => "assignment",
            Kind::Notice => "notice",
            Kind::Reply => "reply",
        }
    }

    /// The word on the page and at the end of a title.
    pub fn page(self) -> &'static str {
        match self {
            Kind::Assignment => "交办函",
            Kind::Notice => "告知书",
            Kind::Reply => "答复书",
        }
    }

    /// Reads [`Kind::code`].
    pub fn from_code(code: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// What the organ's sign is followed by in a number: 安纪交〔2026〕3号.
    fn sign(self) -> char {
        match self {
            Kind::Assignment => '交',
            Kind::Notice => '告',
            Kind::Reply => '复',
        }
    }
}

/// 发文字号. Each organ counts each kind from 1 in each year; no number is used twice and none is left out, which is
/// the store's to hold.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Number {
    /// 机关代字: "安纪".
    pub sign: String,
    /// Which letter.
    pub kind: Kind,
    /// The year in which it was issued, in Beijing.
    pub year: i32,
    /// From 1.
    pub serial: u32,
}

impl Number {
    /// The number after the last one of this organ and kind.
    pub fn after(last: Option<&Number>, sign: &str, kind: Kind, at: Millis) -> Number {
        let year = crate::clock::beijing(at).year();
        let same = last.filter(|last| last.year == year && last.kind == kind && last.sign == sign);
        let serial = same.map_or(1, |last| last.serial + 1);
        Number { sign: sign.to_owned(), kind, year, serial }
    }

    /// "安纪交〔2026〕3号": hexagonal brackets, the year in full, no 第, no zeros before (GB/T 9704-2012, 7.2.5).
    pub fn page(&self) -> String {
        format!("{}{}〔{}〕{}号", self.sign, self.kind.sign(), self.year, self.serial)
    }

    /// Reads [`Number::page`].
    pub fn parse(text: &str) -> Option<Number> {
        let (signs, rest) = text.split_once('〔')?;
        let (year, serial) = rest.strip_suffix('号')?.split_once('〕')?;
        let last = signs.chars().next_back()?;
        let kind = Kind::ALL.into_iter().find(|kind| kind.sign() == last)?;
        let sign = signs.strip_suffix(last)?.to_owned();
        let number = Number { sign, kind, year: year.parse().ok()?, serial: serial.parse().ok()? };
        // "〔26〕", "03号" and "+3号" read as numbers too, but nobody wrote them so.
        (number.page() == text).then_some(number)
    }
}

/// 回执: the slip by which an organ says that it has the letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// Until when it is to be sent back.
    pub by: Date,
}

/// Where a letter that asks for something stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Standing {
    /// It asks for nothing.
    Sent,
    /// Waits for what it asks for.
    Open,
    /// What it asks for has come.
    Answered,
    /// Waits still, past its date.
    Overdue,
}

impl Standing {
    /// All, in page order.
    pub const ALL: [Standing; 4] = [Standing::Open, Standing::Overdue, Standing::Answered, Standing::Sent];

    /// Where a letter stands on a day.
    pub fn of(due: Option<Date>, answered: bool, today: Date) -> Standing {
        match due {
            None => Standing::Sent,
            Some(_) if answered => Standing::Answered,
            // The due day itself is in time.
            Some(due) if today > due => Standing::Overdue,
            Some(_) => Standing::Open,
        }
    }

    /// The word in addresses.
    pub fn code(self) -> &'static str {
        match self {
            Standing::Sent => "sent",
            Standing::Open => "open",
            Standing::Answered => "answered",
            Standing::Overdue => "overdue",
        }
    }

    /// The word on the page.
    pub fn page(self) -> &'static str {
        match self {
            Standing::Sent => "已发出",
            Standing::Open => "待反馈",
            Standing::Answered => "已反馈",
            Standing::Overdue => "逾期未反馈",
        }
    }
}

/// A letter. Serialized only to be locked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    /// 发文机关, full name.
    pub organ: String,
    /// Its number.
    pub number: Number,
    /// 事由: what it is about, without 关于 and without the kind.
    pub about: String,
    /// 主送机关, or how the reporter is addressed: never by name where they are anonymous.
    pub addressee: String,
    /// 正文, by paragraphs.
    pub body: Vec<String>,
    /// Names of what is enclosed.
    pub enclosures: Vec<String>,
    /// 成文日期: the day of the approval.
    pub date: Date,
    /// Until when it must be done, where it asks for something.
    pub due: Option<Date>,
    /// The slip, where one is asked for.
    pub receipt: Option<Receipt>,
}

/// What a line of a letter is; the rendering knows font, size and place of each (GB/T 9704-2012, chapter 7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// 发文机关标志.
    Organ,
    /// 发文字号.
    Number,
    /// 标题.
    Title,
    /// 主送机关.
    Addressee,
    /// 正文.
    Body,
    /// 附件说明.
    Enclosure,
    /// 发文机关署名.
    Signature,
    /// 成文日期.
    Date,
    /// 回执.
    Receipt,
}

/// A line of a letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What it is.
    pub part: Part,
    /// What it says.
    pub text: String,
}

impl Letter {
    /// "关于核查低保评议问题的交办函".
    pub fn title(&self) -> String {
        format!("关于{}的{}", self.about, self.number.kind.page())
    }

    /// 成文日期 as it is written.
    pub fn date_text(&self) -> String {
        date_text(end_of_day(self.date))
    }

    /// What keeps it from being issued, in Chinese.
    pub fn problems(&self) -> Vec<&'static str> {
        let assignment = self.number.kind == Kind::Assignment;
        let checks = [
            (self.organ.trim().is_empty(), "请填写发文机关"),
            (self.about.trim().is_empty(), "请填写事由"),
            (self.addressee.trim().is_empty(), "请填写主送机关或收件人"),
            (self.body.iter().all(|paragraph| paragraph.trim().is_empty()), "请填写正文"),
            (assignment && self.due.is_none(), "交办函须写明办结期限"),
            (assignment && self.receipt.is_none(), "交办函须附回执"),
            (self.due.is_some_and(|due| due < self.date), "办结期限不能早于成文日期"),
        ];
        checks.into_iter().filter(|(wrong, _)| *wrong).map(|(_, word)| word).collect()
    }

    /// Its lines from top to bottom.
    pub fn lines(&self) -> Vec<Line> {
        let mut lines = Vec::new();
        let mut line = |part: Part, text: String| lines.push(Line { part, text });
        let day = |date: Date| date_text(end_of_day(date));
        line(Part::Organ, self.organ.clone());
        line(Part::Number, self.number.page());
        line(Part::Title, self.title());
        line(Part::Addressee, format!("{}：", self.addressee));
        for paragraph in self.body.iter().map(|text| text.trim()).filter(|text| !text.is_empty()) {
            line(Part::Body, paragraph.to_owned());
        }
        if let Some(due) = self.due {
            line(Part::Body, format!("请于{}前办结并书面反馈。", day(due)));
        }
        // One enclosure has no number (GB/T 9704-2012, 7.3.4).
        for (at, name) in self.enclosures.iter().enumerate() {
            let number = if self.enclosures.len() > 1 { format!("{}．", at + 1) } else { String::new() };
            let head = if at == 0 { "附件：" } else { "" };
            line(Part::Enclosure, format!("{head}{number}{name}"));
        }
        line(Part::Signature, self.organ.clone());
        line(Part::Date, self.date_text());
        if let Some(receipt) = self.receipt {
            line(Part::Receipt, format!("{}：", self.organ));
            line(Part::Receipt, format!("你单位《{}》（{}）已收到。", self.title(), self.number.page()));
            line(Part::Receipt, format!("收文单位（盖章）：{}", self.addressee));
            line(Part::Receipt, "收件人（签名）：".to_owned());
            line(Part::Receipt, "收到日期：　　　　年　　月　　日".to_owned());
            line(Part::Receipt, format!("请于{}前退回。", day(receipt.by)));
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use time::macros::date;

    fn letter() -> Letter {
        Letter {
            organ: "中共安澜县纪律检查委员会".into(),
            number: Number { sign: "安纪".into(), kind: Kind::Assignment, year: 2026, serial: 3 },
            about: "核查柳河村低保评议问题".into(),
            addressee: "青石镇纪委".into(),
            body: vec!["现将有关问题交你单位核查。".into(), "  ".into()],
            enclosures: vec!["问题摘要".into()],
            date: date!(2026 - 03 - 02),
            due: Some(date!(2026 - 04 - 02)),
            receipt: Some(Receipt { by: date!(2026 - 03 - 05) }),
        }
    }

    #[test]
    fn a_letter_reads_in_the_order_of_the_standard() {
        let lines = letter().lines();
        assert!(lines.is_sorted_by_key(|line| line.part));
        let texts: Vec<_> = lines.iter().map(|line| line.text.as_str()).collect();
        assert_eq!(
            texts,
            [
                "中共安澜县纪律检查委员会",
                "安纪交〔2026〕3号",
                "关于核查柳河村低保评议问题的交办函",
                "青石镇纪委：",
                "现将有关问题交你单位核查。",
                "请于2026年4月2日前办结并书面反馈。",
                "附件：问题摘要",
                "中共安澜县纪律检查委员会",
                "2026年3月2日",
                "中共安澜县纪律检查委员会：",
                "你单位《关于核查柳河村低保评议问题的交办函》（安纪交〔2026〕3号）已收到。",
                "收文单位（盖章）：青石镇纪委",
                "收件人（签名）：",
                "收到日期：　　　　年　　月　　日",
                "请于2026年3月5日前退回。",
            ]
        );
        let two = Letter { enclosures: vec!["甲".into(), "乙".into()], ..letter() };
        let two: Vec<_> = two.lines().into_iter().filter(|line| line.part == Part::Enclosure).collect();
        assert_eq!([two[0].text.as_str(), two[1].text.as_str()], ["附件：1．甲", "2．乙"]);
    }

    #[test]
    fn an_assignment_has_a_date_and_a_slip_and_every_letter_its_parts() {
        assert_eq!(letter().problems(), Vec::<&str>::new());
        let bare = Letter { due: None, receipt: None, ..letter() };
        assert_eq!(bare.problems().len(), 2);
        let reply = Number { kind: Kind::Reply, ..letter().number };
        assert_eq!(Letter { number: reply, ..bare }.problems(), Vec::<&str>::new());
        let late = Letter { due: Some(date!(2026 - 03 - 01)), ..letter() };
        assert_eq!(late.problems(), ["办结期限不能早于成文日期"]);
        let blank = || " ".to_owned();
        let empty =
            Letter { organ: blank(), about: blank(), addressee: blank(), body: vec![blank()], ..letter() };
        assert_eq!(empty.problems().len(), 4);
    }

    #[test]
    fn a_letter_is_overdue_from_the_day_after_its_date_until_it_is_answered() {
        let due = Some(date!(2026 - 03 - 05));
        assert_eq!(Standing::of(due, false, date!(2026 - 03 - 05)), Standing::Open);
        assert_eq!(Standing::of(due, false, date!(2026 - 03 - 06)), Standing::Overdue);
        assert_eq!(Standing::of(due, true, date!(2026 - 03 - 06)), Standing::Answered);
        assert_eq!(Standing::of(None, false, date!(2099 - 01 - 01)), Standing::Sent);
    }

    #[test]
    fn numbers_count_by_organ_kind_and_year() {
        let at = end_of_day(date!(2026 - 12 - 31));
        let first = Number::after(None, "安纪", Kind::Reply, at);
        let second = Number::after(Some(&first), "安纪", Kind::Reply, at);
        assert_eq!(
            (first.page().as_str(), second.page().as_str()),
            ("安纪复〔2026〕1号", "安纪复〔2026〕2号")
        );
        // A millisecond later it is another year in Beijing.
        assert_eq!(Number::after(Some(&second), "安纪", Kind::Reply, at + 1).page(), "安纪复〔2027〕1号");
        assert_eq!(Number::after(Some(&second), "安纪", Kind::Notice, at).serial, 1);
        assert_eq!(Number::after(Some(&second), "青纪", Kind::Reply, at).serial, 1);
    }

    proptest! {
        #[test]
        fn a_number_reads_back(sign in "[安纪青石镇]{1,4}", kind in 0usize..3, year in 2000i32..2100, serial in 1u32..99999) {
            let number = Number { sign, kind: Kind::ALL[kind], year, serial };
            prop_assert_eq!(Number::parse(&number.page()), Some(number.clone()));
            prop_assert_eq!(Number::parse(&number.page().replace('〕', "〕0")), None);
        }
    }
}
