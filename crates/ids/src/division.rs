use std::fmt;

use crate::text;

/// Where each level's digits end: 2+2+2+3+3.
const ENDS: [usize; 5] = [2, 4, 6, 9, 12];

/// The level of an administrative division; a province is the least in the order, a village the greatest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DivisionLevel {
    /// 省级
    Province,
    /// 市级 (地级)
    Prefecture,
    /// 县级
    County,
    /// 乡级
    Township,
    /// 村级
    Village,
}

impl DivisionLevel {
    /// All levels, from the province down.
    pub const ALL: [DivisionLevel; 5] =
        [Self::Province, Self::Prefecture, Self::County, Self::Township, Self::Village];

    /// The word shown on pages: 省级, 市级, 县级, 乡级, 村级.
    #[must_use]
    pub fn page(self) -> &'static str {
        match self {
            Self::Province => "省级",
            Self::Prefecture => "市级",
            Self::County => "县级",
            Self::Township => "乡级",
            Self::Village => "村级",
        }
    }

    /// The word in data files: province, prefecture, county, township, village.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Province => "province",
            Self::Prefecture => "prefecture",
            Self::County => "county",
            Self::Township => "township",
            Self::Village => "village",
        }
    }

    /// Reads either spelling, and the usual variants (省, 地级, 区, 镇, 街道, 社区 …).
    #[must_use]
    pub fn parse(input: &str) -> Option<DivisionLevel> {
        Some(match text::squash(input).to_ascii_lowercase().as_str() {
            "province" | "省" | "省级" | "自治区" | "自治区级" | "直辖市" => Self::Province,
            "prefecture" | "市" | "市级" | "地" | "地级" | "地市" | "地市级" | "地级市" | "设区的市"
            | "州" | "州级" | "州市" | "市州" | "自治州" | "地区" | "盟" => Self::Prefecture,
            "county" | "县" | "县级" | "区" | "区级" | "区县" | "县区" | "县区级" | "区县级" | "县级市"
            | "市辖区" | "自治县" | "旗" | "自治旗" | "县(市、区)" | "县市区" => {
                Self::County
            }
            "township" | "乡" | "乡级" | "镇" | "镇级" | "乡镇" | "乡镇级" | "民族乡" | "街道" | "街道级"
            | "街道办" | "街道办事处" | "乡(镇)" | "乡镇(街道)" | "乡镇街道" | "乡(镇、街道)" => {
                Self::Township
            }
            "village" | "村" | "村级" | "行政村" | "社区" | "社区级" | "居委会" | "村委会" | "村居"
            | "村(社区)" | "村社区" | "村(居)" => Self::Village,
            _ => return None,
        })
    }

    /// How many leading digits of a code of this level carry meaning.
    fn digits(self) -> usize {
        ENDS[self as usize]
    }
}

/// An administrative division code of 12 digits, 2+2+2+3+3 (GB/T 2260, GB/T 10114, and the statistical
/// village codes built upon them).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DivisionCode(String);

impl DivisionCode {
    /// Reads 12 digits, or 2, 4, 6, or 9 that are padded with zeros.
    ///
    /// Accepted: blanks, full-width digits, a leading apostrophe, and the `.0` of a number that came through a
    /// spreadsheet.
    ///
    /// # Errors
    ///
    /// [`DivisionCodeError`] says what is wrong: nothing given, scientific notation (digits are lost), a
    /// character that is not a digit, the length, or a code without a province.
    pub fn parse(input: &str) -> Result<DivisionCode, DivisionCodeError> {
        let squashed = text::squash(input);
        let given = without_decimal_zeros(text::without_apostrophe(&squashed));
        if given.is_empty() {
            return Err(DivisionCodeError::Empty);
        }
        if is_scientific(given) {
            return Err(DivisionCodeError::Scientific);
        }
        if let Some(c) = given.chars().find(|c| !c.is_ascii_digit()) {
            return Err(DivisionCodeError::Character(c));
        }
        if !ENDS.contains(&given.len()) {
            return Err(DivisionCodeError::Length(given.len()));
        }
        if given.starts_with('0') {
            return Err(DivisionCodeError::Province);
        }
        Ok(DivisionCode(format!("{given:0<12}")))
    }

    /// The 12 digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The level, from the trailing groups of zeros.
    ///
    /// A middle group may be zeros: the towns of a prefecture without counties are townships still.
    #[must_use]
    pub fn level(&self) -> DivisionLevel {
        let used = self.0.trim_end_matches('0').len();
        DivisionLevel::ALL.into_iter().find(|level| used <= level.digits()).unwrap_or(DivisionLevel::Village)
    }

    /// The division above: its lowest group that is not zeros becomes zeros. `None` for a province.
    #[must_use]
    pub fn parent(&self) -> Option<DivisionCode> {
        let above = ENDS[(self.level() as usize).checked_sub(1)?];
        Some(DivisionCode(format!("{:0<12}", &self.0[..above])))
    }

    /// Whether this division is the other one or lies inside it.
    #[must_use]
    pub fn is_within(&self, other: &DivisionCode) -> bool {
        self.0.starts_with(&other.0[..other.level().digits()])
    }
}

fn without_decimal_zeros(text: &str) -> &str {
    match text.split_once('.') {
        Some((whole, zeros)) if zeros.bytes().all(|b| b == b'0') => whole,
        _ => text,
    }
}

/// Like `9.99901E+11`: what a spreadsheet shows of a long number.
fn is_scientific(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once(['e', 'E']) else { return false };
    let exponent = exponent.trim_start_matches('+');
    mantissa.starts_with(|c: char| c.is_ascii_digit())
        && mantissa.chars().all(|c| c.is_ascii_digit() || c == '.')
        && !exponent.is_empty()
        && exponent.chars().all(|c| c.is_ascii_digit())
}

impl fmt::Display for DivisionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What is wrong with a division code; `Display` tells a clerk in Chinese.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DivisionCodeError {
    /// Nothing was given.
    Empty,
    /// Not 2, 4, 6, 9, or 12 digits; the length found.
    Length(usize),
    /// A character that is not a digit.
    Character(char),
    /// A spreadsheet turned the code into scientific notation, so digits are lost.
    Scientific,
    /// The code begins with zero: no province has such a code.
    Province,
}

impl fmt::Display for DivisionCodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(f, "没有填写行政区划代码"),
            Self::Length(n) => write!(f, "行政区划代码应为12位（或2、4、6、9位），现在是{n}位"),
            Self::Character(c) => write!(f, "行政区划代码里有不该出现的字符“{c}”，只能用数字"),
            Self::Scientific => {
                write!(f, "行政区划代码被表格软件改成了科学计数法，请把单元格改为文本格式后重新填写")
            }
            Self::Province => write!(f, "行政区划代码不能以0开头，请核对省份的两位代码"),
        }
    }
}

impl std::error::Error for DivisionCodeError {}
