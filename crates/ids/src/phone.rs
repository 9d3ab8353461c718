use std::fmt;

use crate::text;

/// A telephone number in one canonical spelling.
///
/// The rules are those of the national numbering plan (电信网编号计划): mobiles of 11 digits, area codes of 3 or
/// 4 digits with their zero, service numbers of 3, 5, or 6. `Debug` shows the mask.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Phone {
    canonical: String,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Kind {
    Mobile,
    /// With its area code.
    LandLine,
    /// Seven or eight digits without an area code.
    Local,
    /// 400 and 800 numbers, 12345, 110: they belong to no person.
    Public,
}

impl Phone {
    /// Reads any usual spelling of one number.
    ///
    /// Accepted: blanks, dashes, dots, brackets, full-width characters, a leading apostrophe, the prefixes
    /// `+86`, `0086`, `86`, the `.0` of a spreadsheet, words like `手机：` in front, and extensions after `转`, `分机`, `#`, `ext`, or a
    /// further dash.
    ///
    /// # Errors
    ///
    /// [`PhoneError`] says what is wrong: nothing given, more than one number, a character that cannot be there,
    /// a foreign number, an area code that does not exist, or digits that make no number.
    pub fn parse(input: &str) -> Result<Phone, PhoneError> {
        let plain = plain(input);
        if plain.is_empty() {
            return Err(PhoneError::Empty);
        }
        if plain.contains(['/', '\\', '|', '、', ';', ',', '，', '；', '或', '和']) {
            return Err(PhoneError::Several);
        }
        let (head, mut extension) = split_extension(&plain)?;
        let (head, plus) = match head.strip_prefix('+') {
            Some(rest) => (rest, true),
            None => (head, false),
        };
        if let Some(c) = head.chars().find(|c| !c.is_ascii_digit() && *c != '-') {
            return Err(PhoneError::Character(c));
        }
        let mut groups: Vec<&str> = head.split('-').filter(|group| !group.is_empty()).collect();
        if extension.is_none() {
            extension = dashed_extension(&mut groups, plus);
        }
        let (kind, mut canonical) = read(&groups.concat(), plus)?;
        if let Some(extension) = extension {
            canonical.push('转');
            canonical.push_str(extension);
        }
        Ok(Phone { canonical, kind })
    }

    /// The canonical spelling: `13949631669`, `0899-2075186`, `12345`, `4008123456`, `2075186`, with `转123`
    /// after it when there is an extension.
    #[must_use]
    pub fn canonical(&self) -> &str {
        &self.canonical
    }

    /// Whether it is a mobile number.
    #[must_use]
    pub fn is_mobile(&self) -> bool {
        self.kind == Kind::Mobile
    }

    /// The number with its middle hidden: `139****1669`, `0899-****186`. Service numbers are shown whole.
    #[must_use]
    pub fn masked(&self) -> String {
        let (number, extension) = match self.canonical.split_once('转') {
            Some((number, _)) => (number, "转***"),
            None => (self.canonical.as_str(), ""),
        };
        match self.kind {
            Kind::Public => self.canonical.clone(),
            Kind::Mobile => format!("{}****{}{extension}", &number[..3], &number[7..]),
            Kind::LandLine | Kind::Local => {
                let (area, local) = number.rfind('-').map_or(("", number), |dash| number.split_at(dash + 1));
                let hidden = local.len().saturating_sub(3);
                format!("{area}{}{}{extension}", "*".repeat(hidden), &local[hidden..])
            }
        }
    }
}

/// Lower-case, half-width, without blanks and brackets, every dash and dot `-`.
fn plain(input: &str) -> String {
    let squashed = text::squash(input);
    let mut given = text::without_apostrophe(&squashed);
    if let Some(whole) = given.strip_suffix(".0")
        && whole.bytes().all(|b| b.is_ascii_digit())
    {
        given = whole;
    }
    let lower = given.to_lowercase();
    const WORDS: [&str; 8] = ["联系电话", "办公电话", "手机号码", "手机号", "手机", "电话", "座机", "tel"];
    let word = WORDS.iter().find_map(|word| lower.strip_prefix(word));
    let given = word.map_or(lower.as_str(), |rest| rest.trim_start_matches([':', '：', '.']));
    given
        .trim_end_matches([';', '；', '。', ',', '，', '、'])
        .chars()
        .filter(|c| !matches!(c, '(' | ')' | '[' | ']' | '【' | '】' | '〔' | '〕' | '<' | '>' | '〈' | '〉'))
        .map(|c| if matches!(c, '.' | '·') || text::is_dash(c) { '-' } else { c })
        .collect()
}

/// Cuts off an extension that is marked by a word or sign.
fn split_extension(plain: &str) -> Result<(&str, Option<&str>), PhoneError> {
    const MARKS: [&str; 9] = ["转分机号", "转分机", "分机号", "分机", "转接", "转", "ext", "#", "x"];
    let Some((at, mark)) =
        MARKS.iter().filter_map(|mark| plain.find(mark).map(|at| (at, *mark))).min_by_key(|(at, _)| *at)
    else {
        return Ok((plain, None));
    };
    let tail = plain[at + mark.len()..].trim_matches(['-', ':', '：']);
    if let Some(c) = tail.chars().find(|c| !c.is_ascii_digit()) {
        return Err(PhoneError::Character(c));
    }
    match tail.len() {
        0 => Err(PhoneError::Extension),
        1..=6 => Ok((&plain[..at], Some(tail))),
        _ => Err(PhoneError::Extension),
    }
}

/// `0899-2075186-123`: a last group of up to six digits behind what is a whole land line already.
fn dashed_extension<'a>(groups: &mut Vec<&'a str>, plus: bool) -> Option<&'a str> {
    let (last, before) = groups.split_last()?;
    let whole_number_ended = before.last().is_some_and(|group| group.len() >= 7);
    let is_line = || matches!(read(&before.concat(), plus), Ok((Kind::LandLine | Kind::Local, _)));
    if (1..=6).contains(&last.len()) && whole_number_ended && is_line() { groups.pop() } else { None }
}

/// Reads bare digits, with or without the country code.
fn read(digits: &str, plus: bool) -> Result<(Kind, String), PhoneError> {
    if let Some(rest) = digits.strip_prefix("0086") {
        return abroad(rest);
    }
    if plus {
        return digits.strip_prefix("86").map_or(Err(PhoneError::Country), abroad);
    }
    let home = domestic(digits);
    match digits.strip_prefix("86") {
        Some(rest) if home.is_err() => abroad(rest).or(home),
        _ => home,
    }
}

/// What follows the country code: an area code may lack its zero, but cannot lack altogether.
fn abroad(digits: &str) -> Result<(Kind, String), PhoneError> {
    match domestic(digits) {
        Ok((Kind::Local, _)) => Err(PhoneError::AreaCode),
        Err(_) if !digits.starts_with('0') => {
            let whole = domestic(&format!("0{digits}"));
            whole.map_err(|_| PhoneError::Length(digits.len()))
        }
        other => other,
    }
}

fn domestic(digits: &str) -> Result<(Kind, String), PhoneError> {
    let bytes = digits.as_bytes();
    let own = |kind| Ok((kind, digits.to_owned()));
    match bytes {
        [] => Err(PhoneError::Empty),
        [b'0', b'0', ..] => Err(PhoneError::Country),
        [b'1', b'3'..=b'9', ..] if bytes.len() == 11 => own(Kind::Mobile),
        [b'0', b'1', b'3'..=b'9', ..] if bytes.len() == 12 => Ok((Kind::Mobile, digits[1..].to_owned())),
        [b'0', ..] => land_line(digits),
        [b'4' | b'8', b'0', b'0', ..] if bytes.len() == 10 => own(Kind::Public),
        _ if is_service(digits) => own(Kind::Public),
        [b'2'..=b'9', ..] if matches!(bytes.len(), 7 | 8) => own(Kind::Local),
        _ => Err(PhoneError::Length(bytes.len())),
    }
}

/// An area code with its zero, and seven or eight digits or a service number.
fn land_line(digits: &str) -> Result<(Kind, String), PhoneError> {
    let (area, local_lengths) = match digits.as_bytes() {
        [_, b'1', b'0', ..] | [_, b'2', _, ..] => (3, 8..=8),
        [_, b'3'..=b'9', _, _, ..] => (4, 7..=8),
        _ => return Err(PhoneError::AreaCode),
    };
    let (area, local) = digits.split_at(area);
    let kind = if is_service(local) {
        Kind::Public
    } else if local_lengths.contains(&local.len()) && local.starts_with(|c| matches!(c, '2'..='9')) {
        Kind::LandLine
    } else {
        return Err(PhoneError::Length(digits.len()));
    };
    Ok((kind, format!("{area}-{local}")))
}

/// 110, 12345, 95588, 116114 and the like.
fn is_service(digits: &str) -> bool {
    match digits.len() {
        3 => digits.starts_with('1'),
        5 | 6 => digits.starts_with(['1', '9']),
        _ => false,
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Phone({})", self.masked())
    }
}

/// What is wrong with a telephone number; `Display` tells a clerk in Chinese.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PhoneError {
    /// Nothing was given.
    Empty,
    /// More than one number in one place.
    Several,
    /// A character that cannot be there.
    Character(char),
    /// So many digits make no number, or not with such a beginning.
    Length(usize),
    /// The area code does not exist, or is missing behind a country code.
    AreaCode,
    /// A number of another country or of Hong Kong, Macao, Taiwan.
    Country,
    /// An extension without digits, or with more than six.
    Extension,
}

impl fmt::Display for PhoneError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(f, "没有填写电话号码"),
            Self::Several => write!(f, "这里填了不止一个电话号码，请只填一个"),
            Self::Character(c) => write!(f, "电话号码里有不该出现的字符“{c}”"),
            Self::Length(n) => write!(
                f,
                "电话号码不正确（现在是{n}位）：手机号应为1开头的11位，固定电话应为区号加7至8位号码"
            ),
            Self::AreaCode => write!(f, "电话区号不正确，请核对（例如0899-2075186）"),
            Self::Country => write!(f, "只能填写中国内地的电话号码（国家代码86）"),
            Self::Extension => write!(f, "分机号应为1至6位数字"),
        }
    }
}

impl std::error::Error for PhoneError {}
