/// Reads a whole number written in Chinese (十五, 二十, 一百二十, 两, 〇, 廿, 三万五千, 二〇二六, 壹佰) or in digits of
/// either width. `None` for anything else, and for numbers past `u64`.
pub fn parse_chinese_number(text: &str) -> Option<u64> {
    let text = daylight_ids::text::squash(text);
    if text.is_empty() {
        return None;
    }
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse().ok();
    }
    if text.chars().all(|c| digit(c).is_some()) {
        // Read out digit by digit, as years are: 二〇二六.
        return text.chars().try_fold(0u64, |number, c| number.checked_mul(10)?.checked_add(digit(c)?));
    }
    Counting::default().read(&text)
}

/// One digit, Chinese or not. The circle of 二〇二六 is typed in four different ways.
pub(super) fn digit(c: char) -> Option<u64> {
    Some(match c {
        '0'..='9' => u64::from(c) - u64::from('0'),
        '〇' | '零' | '○' | '◯' | '０' => 0,
        '一' | '壹' => 1,
        '二' | '贰' | '两' | '貳' => 2,
        '三' | '叁' | '參' => 3,
        '四' | '肆' => 4,
        '五' | '伍' => 5,
        '六' | '陆' | '陸' => 6,
        '七' | '柒' => 7,
        '八' | '捌' => 8,
        '九' | '玖' => 9,
        _ => return None,
    })
}

fn unit(c: char) -> Option<u64> {
    Some(match c {
        '十' | '拾' => 10,
        '百' | '佰' => 100,
        '千' | '仟' => 1000,
        _ => return None,
    })
}

/// Numbers said with their units: each 万 or 亿 closes a section.
#[derive(Default)]
struct Counting {
    total: u64,
    section: u64,
    /// Digits waiting for their unit.
    pending: Option<u64>,
    /// The last unit in this section: units fall, so 百千 is not a number.
    last_unit: Option<u64>,
    last_big: Option<u64>,
    /// A digit after 零 has no unit left out: 一百零五 is 105, 一百五 is 150.
    after_zero: bool,
}

impl Counting {
    fn read(mut self, text: &str) -> Option<u64> {
        for c in text.chars() {
            if let Some(value) = digit(c) {
                self.digit(value, c.is_ascii_digit())?;
            } else if let Some(value) = unit(c) {
                self.unit(value)?;
            } else if matches!(c, '廿' | '卅') {
                self.unit_digit(if c == '廿' { 2 } else { 3 })?;
            } else if matches!(c, '万' | '萬' | '亿' | '億') {
                self.big(if matches!(c, '万' | '萬') { 10_000 } else { 100_000_000 })?;
            } else {
                return None;
            }
        }
        let tail = match (self.pending, self.after_zero) {
            // 一百五, 三千二, 一万五: said without the last unit.
            (Some(value), false) if value < 10 => match (self.last_unit, self.last_big) {
                (Some(unit), _) if unit >= 100 => value * (unit / 10),
                (None, Some(big)) if self.section == 0 => value * (big / 10),
                _ => value,
            },
            (Some(value), _) => value,
            (None, _) => 0,
        };
        self.total.checked_add(self.section)?.checked_add(tail)
    }

    fn digit(&mut self, value: u64, ascii: bool) -> Option<()> {
        self.pending = match self.pending {
            None if value == 0 && !ascii => {
                self.after_zero = true;
                None
            }
            None => Some(value),
            Some(before) if ascii => Some(before.checked_mul(10)?.checked_add(value)?),
            Some(_) => return None,
        };
        Some(())
    }

    fn unit(&mut self, unit: u64) -> Option<()> {
        if self.last_unit.is_some_and(|last| last <= unit) {
            return None;
        }
        let value = match self.pending.take() {
            Some(value) => value,
            // 十五 and 一百十五 leave the 一 out; 百五 is not said.
            None if unit == 10 => 1,
            None => return None,
        };
        self.section = self.section.checked_add(value.checked_mul(unit)?)?;
        self.last_unit = Some(unit);
        self.after_zero = false;
        Some(())
    }

    fn unit_digit(&mut self, tens: u64) -> Option<()> {
        if self.pending.is_some() {
            return None;
        }
        self.pending = Some(tens);
        self.unit(10)
    }

    fn big(&mut self, big: u64) -> Option<()> {
        if self.last_big.is_some_and(|last| last <= big) {
            return None;
        }
        let section = self.section.checked_add(self.pending.take().unwrap_or(0))?;
        if section == 0 {
            return None;
        }
        self.total = self.total.checked_add(section.checked_mul(big)?)?;
        (self.section, self.last_unit, self.last_big, self.after_zero) = (0, None, Some(big), false);
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_as_clerks_write_them() {
        for (text, number) in [
            ("十五", 15),
            ("二十", 20),
            ("一百二十", 120),
            ("两", 2),
            ("〇", 0),
            ("廿", 20),
            ("廿一", 21),
            ("卅", 30),
            ("一万", 10_000),
            ("三万五千", 35_000),
            ("一万五", 15_000),
            ("一百零五", 105),
            ("一百五", 150),
            ("一百十五", 115),
            ("一亿零三", 100_000_003),
            ("二〇二六", 2026),
            ("二○二六", 2026),
            ("贰佰叁拾", 230),
            ("１５", 15),
            (" 十 五 ", 15),
            ("3万", 30_000),
            ("15", 15),
        ] {
            assert_eq!(parse_chinese_number(text), Some(number), "{text}");
        }
        for text in
            ["", "百千", "十十", "abc", "万", "一二十", "五五百", "亿", "99999999999999999999", "-1", "1.5"]
        {
            assert_eq!(parse_chinese_number(text), None, "{text}");
        }
    }

    fn spell(number: u64) -> String {
        const DIGITS: [char; 10] = ['零', '一', '二', '三', '四', '五', '六', '七', '八', '九'];
        fn section(mut n: u64, out: &mut String) {
            let mut gap = false;
            for (unit, name) in [(1000, "千"), (100, "百"), (10, "十"), (1, "")] {
                let d = n / unit;
                n %= unit;
                if d == 0 {
                    gap = !out.is_empty();
                } else {
                    if gap {
                        out.push('零');
                    }
                    gap = false;
                    out.push(DIGITS[d as usize]);
                    out.push_str(name);
                }
            }
        }
        if number == 0 {
            return "零".to_owned();
        }
        let (high, low) = (number / 10_000, number % 10_000);
        let mut out = String::new();
        section(high, &mut out);
        if high > 0 {
            out.push('万');
            if low > 0 && low < 1000 {
                out.push('零');
            }
        }
        let mut tail = String::new();
        section(low, &mut tail);
        out + &tail
    }

    proptest! {
        #[test]
        fn spelled_numbers_come_back(number in 0u64..100_000_000) {
            prop_assert_eq!(parse_chinese_number(&spell(number)), Some(number), "{}", spell(number));
        }

        #[test]
        fn no_text_panics(text in "[0-9一二三十百千万亿零廿两〇]{0,30}|.{0,20}") {
            let _ = parse_chinese_number(&text);
        }
    }
}
