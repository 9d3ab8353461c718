//! Each row held against the registry: what it changes, what is wrong with it.
//!
//! An error refuses the row, a warning takes it and flags the subject for its unit to complete, a
//! note says what was read otherwise than written. Pure: no database, no clock.

mod cadres;
mod divisions;
mod finish;
mod powers;
mod procedures;
mod units;

use super::{FileReport, FoundColumn, IgnoredRow, Kind, Problem, Register, Severity};
use crate::{revisions::store::Flag, units::edit::unit_name};
use daylight_tables::{Header, Ignored, IgnoredReason, Layout, Row};
use daylight_vault::Purpose;
use std::collections::{HashMap, HashSet};

/// Computes the blind index of a citizen id or telephone, in its canonical spelling.
pub type Blind<'a> = &'a (dyn Fn(Purpose, &str) -> [u8; 32] + Sync);

/// What an import would do.
#[derive(Debug)]
pub struct Plan {
    /// The registry as it would be.
    pub register: Register,
    /// What is said about it.
    pub report: super::Report,
}

/// Takes rows one by one and keeps the account.
pub struct Planner<'a> {
    register: Register,
    blind: Blind<'a>,
    files: Vec<FileReport>,
    file: usize,
    kind: Kind,
    letters: HashMap<&'static str, String>,
    /// A required column is not there: every row of the table is refused.
    lacking: Option<String>,
    /// What the current row was found to be, by weight.
    refused: bool,
    flags: Vec<Flag>,
    /// Keys seen in this import, for duplicates: (kind, key) → where first.
    seen: HashMap<(Kind, String), String>,
    /// Powers whose procedure this import brings: their old steps are gone.
    renewed: HashSet<usize>,
    /// Ways to be checked when all steps are known: (power, step, targets, where).
    ways: Vec<procedures::Way>,
    /// The last power that procedure rows spoke of.
    power: Option<(String, String, Option<usize>)>,
    /// Unit parents to be resolved when all units are known.
    parents: Vec<units::Parent>,
}

/// Where a cell is, kept for a finding that comes later.
#[derive(Clone, Debug)]
struct Place {
    file: usize,
    sheet: String,
    row: u32,
    column: String,
    value: String,
}

impl<'a> Planner<'a> {
    /// A planner over the registry as it is.
    pub fn new(register: Register, blind: Blind<'a>) -> Planner<'a> {
        Planner {
            register,
            blind,
            files: Vec::new(),
            file: 0,
            kind: Kind::Divisions,
            letters: HashMap::new(),
            lacking: None,
            refused: false,
            flags: Vec::new(),
            seen: HashMap::new(),
            renewed: HashSet::new(),
            ways: Vec::new(),
            power: None,
            parents: Vec::new(),
        }
    }

    /// Announces a file.
    pub fn begin_file(&mut self, name: &str) {
        self.files.push(FileReport { file: name.to_owned(), ..FileReport::default() });
    }

    /// Announces a table of a kind within a file.
    pub fn begin_table(&mut self, file: usize, kind: Kind) {
        self.file = file;
        self.kind = kind;
        self.power = None;
        let kinds = &mut self.files[file].kind;
        if !kinds.is_empty() {
            kinds.push('+');
        }
        kinds.push_str(kind.code());
    }

    /// Notes which heading was taken for which column.
    pub fn header(&mut self, layout: &Layout, header: &Header) {
        self.letters.clear();
        self.lacking = None;
        for cell in &header.columns {
            let title = layout.columns.iter().find(|column| Some(column.key) == cell.key);
            let title = title.map_or("", |column| column.title);
            if let Some(key) = cell.key {
                self.letters.insert(key, format!("{} {}", cell.letter, cell.heading.trim()));
            }
            let found = FoundColumn {
                kind: layout.kind.to_owned(),
                sheet: header.sheet.clone(),
                letter: cell.letter.clone(),
                heading: cell.heading.trim().to_owned(),
                key: cell.key.unwrap_or_default().to_owned(),
                title: title.to_owned(),
            };
            self.files[self.file].columns.push(found);
        }
        if !header.missing.is_empty() {
            let title = |key: &&str| layout.columns.iter().find(|c| c.key == *key).map_or("", |c| c.title);
            self.lacking = Some(header.missing.iter().map(title).collect::<Vec<_>>().join("、"));
        }
    }

    /// Notes how a CSV file is encoded.
    pub fn encoding(&mut self, file: usize, encoding: Option<String>) {
        self.files[file].encoding = encoding;
    }

    /// Counts a row without data.
    pub fn ignored(&mut self, file: usize, ignored: &Ignored) {
        let reason = match ignored.reason {
            IgnoredReason::Title => "标题",
            IgnoredReason::Header => "重复的表头",
            IgnoredReason::Blank => "空行",
            IgnoredReason::Total => "合计行",
            IgnoredReason::Signature => "签章行",
            IgnoredReason::Note => "说明行",
        };
        let report = &mut self.files[file];
        report.read += 1;
        report.ignored += 1;
        report.ignored_rows.push(IgnoredRow {
            sheet: ignored.sheet.to_string(),
            row: ignored.number,
            reason: reason.to_owned(),
            text: daylight_ids::find::redact(&ignored.text).chars().take(60).collect(),
        });
    }

    /// Takes, flags or refuses a row.
    pub fn row(&mut self, row: &Row) {
        self.refused = false;
        self.flags.clear();
        if let Some(columns) = self.lacking.clone() {
            let message = format!("表中没有“{columns}”这一列，无法收录");
            self.error(row, "", "column_missing", &message, "请按模板补上这一列，或在导入页面指定哪一列是它");
        } else if let Some(key) = self.personal_data(row) {
            self.refused = true;
            let place = self.place(row, key, &daylight_ids::find::redact(row.text(key)));
            let message = "里面有身份证号、手机号或银行卡号，公开后会泄露个人信息";
            self.problem(place, Severity::Error, "personal_data", message, "请删去号码后再导入");
        } else {
            match self.kind {
                Kind::Divisions => self.division(row),
                Kind::Units => self.unit(row),
                Kind::Cadres => self.cadre(row),
                Kind::Powers => self.power(row),
                Kind::Procedures => self.step(row),
            }
        }
        let report = &mut self.files[self.file];
        report.read += 1;
        if self.refused {
            report.refused += 1;
        } else {
            report.taken += 1;
            report.flagged += u64::from(!self.flags.is_empty());
        }
    }

    /// The first column that would publish somebody's number (N8). Columns made for a number are left out:
    /// they are sealed, or are an office's own telephone.
    fn personal_data(&self, row: &Row) -> Option<&'static str> {
        let made_for_it =
            ["citizen_id", "phone", "credit_code", "code", "parent", "division_code", "successor"];
        let mut cells = row.cells().filter(|(key, text)| text.len() >= 11 && !made_for_it.contains(key));
        cells.find(|(_, text)| !daylight_ids::find::personal_data(text).is_empty()).map(|(key, _)| key)
    }

    fn place(&self, row: &Row, key: &'static str, value: &str) -> Place {
        Place {
            file: self.file,
            sheet: row.sheet.to_string(),
            row: row.number,
            column: self.letters.get(key).cloned().unwrap_or_default(),
            value: value.chars().take(80).collect(),
        }
    }

    fn problem(&mut self, at: Place, severity: Severity, code: &str, message: &str, remedy: &str) {
        let report = &mut self.files[at.file];
        report.problems.push(Problem {
            file: report.file.clone(),
            sheet: at.sheet,
            row: at.row,
            column: at.column,
            value: at.value,
            severity,
            code: code.to_owned(),
            message: message.to_owned(),
            remedy: remedy.to_owned(),
        });
    }

    fn error(&mut self, row: &Row, key: &'static str, code: &str, message: &str, remedy: &str) {
        self.refused = true;
        let place = self.place(row, key, &shown(self.kind, key, row.text(key)));
        self.problem(place, Severity::Error, code, message, remedy);
    }

    fn warning(&mut self, row: &Row, key: &'static str, code: &str, message: &str, remedy: &str) {
        self.flags.push(Flag { code: code.to_owned(), message: message.to_owned() });
        let place = self.place(row, key, &shown(self.kind, key, row.text(key)));
        self.problem(place, Severity::Warning, code, message, remedy);
    }

    fn note(&mut self, row: &Row, key: &'static str, code: &str, message: &str) {
        let place = self.place(row, key, &shown(self.kind, key, row.text(key)));
        self.problem(place, Severity::Note, code, message, "不需要处理，请留意是否正确");
    }

    /// Whether a key is new in this import; otherwise the row is refused as a duplicate.
    fn first(&mut self, row: &Row, key: &'static str, identity: String) -> bool {
        let here = format!("{}第{}行", self.files[self.file].file, row.number);
        match self.seen.entry((self.kind, identity)) {
            std::collections::hash_map::Entry::Occupied(entry) => {
                let message = format!("与{}重复", entry.get());
                self.error(
                    row,
                    key,
                    "duplicate",
                    &message,
                    "只收录第一次出现的一行；如内容不同，请合并成一行",
                );
                false
            }
            std::collections::hash_map::Entry::Vacant(entry) => {
                entry.insert(here);
                true
            }
        }
    }

    /// A unit's name as it is today. Lists kept elsewhere go on using old ones, which stay that unit's own.
    fn unit_today(&mut self, row: &Row, key: &'static str) -> String {
        let name = unit_name(row.text(key));
        let today = self.today(name.clone());
        if today != name {
            self.note(row, key, "unit_renamed", &format!("这个单位已更名为“{today}”，按现名收录"));
        }
        today
    }

    fn today(&self, name: String) -> String {
        self.register.former_unit_names.get(&name).cloned().unwrap_or(name)
    }

    /// The unit a row names, or an error that suggests the likeliest one.
    fn known_unit(&mut self, row: &Row) -> Option<String> {
        let name = self.unit_today(row, "unit");
        if name.is_empty() {
            self.error(row, "unit", "unit_missing", "没有填写单位", "请填写单位全称");
            return None;
        }
        if self.register.unit_by_name.contains_key(&name) {
            return Some(name);
        }
        let remedy = match self.similar_unit(&name) {
            Some(similar) => format!("名册中有“{similar}”，是否就是它？请改成名册中的全称"),
            None => "请先在单位名册中登记这个单位，或改成名册中的全称".to_owned(),
        };
        self.error(row, "unit", "unit_unknown", "单位名册中没有这个单位", &remedy);
        None
    }

    /// A unit whose name contains or is contained in this one, remarks in brackets aside.
    fn similar_unit(&self, name: &str) -> Option<String> {
        let bare: String = name.split(['(', '（', '[', '【']).next().unwrap_or(name).to_owned();
        if self.register.unit_by_name.contains_key(&bare) {
            return Some(bare);
        }
        let near = |known: &&String| known.contains(&bare) || bare.contains(known.as_str());
        let mut found: Vec<_> = self.register.unit_by_name.keys().filter(near).collect();
        found.sort_by_key(|known| (known.chars().count().abs_diff(bare.chars().count()), known.as_str()));
        found.first().map(|known| (*known).clone()).or_else(|| self.unit_in_full(&bare))
    }

    /// The one unit that an abbreviation can mean: its characters stand in the full name in this order, and the last is
    /// the same (青石镇政府, 县人社局). Of several, the one that begins alike.
    fn unit_in_full(&self, short: &str) -> Option<String> {
        let length = short.chars().count();
        let fits = |full: &&String| {
            let mut rest = full.chars();
            full.ends_with(short.chars().last().unwrap_or_default())
                && short.chars().all(|c| rest.any(|other| other == c))
        };
        let found: Vec<_> = self.register.unit_by_name.keys().filter(fits).collect();
        let alike = |full: &&&String| full.chars().take(2).eq(short.chars().take(2));
        let alike: Vec<_> = found.iter().filter(alike).copied().collect();
        match (found.as_slice(), alike.as_slice()) {
            _ if length < 4 => None,
            ([one], _) | (_, [one]) => Some((*one).clone()),
            _ => None,
        }
    }
}

/// What a report may show of a value: citizen ids and telephones of people are masked.
fn shown(kind: Kind, key: &str, text: &str) -> String {
    let chars: Vec<char> = text.chars().filter(|c| !c.is_whitespace()).collect();
    let mask = |head: usize, tail: usize| {
        if chars.len() <= head + tail {
            return "*".repeat(chars.len());
        }
        let middle = "*".repeat(chars.len() - head - tail);
        let (first, last) = (&chars[..head], &chars[chars.len() - tail..]);
        format!("{}{middle}{}", first.iter().collect::<String>(), last.iter().collect::<String>())
    };
    match (kind, key) {
        (Kind::Cadres, "citizen_id") => mask(6, 4),
        (Kind::Cadres, "phone") => mask(3, 4),
        _ => text.to_owned(),
    }
}

/// A name of a thing as a key: tidied, one kind of bracket.
fn thing_name(text: &str) -> String {
    let text = daylight_ids::text::clean(text).replace('(', "（").replace(')', "）");
    if text.is_ascii() { text.replace('\n', " ") } else { text.replace([' ', '\n'], "") }
}

fn optional(text: &str) -> Option<String> {
    let text = text.trim();
    let nothing = ["无", "/", "-", "—", "——", "暂无", "空"];
    (!text.is_empty() && !nothing.contains(&text)).then(|| text.to_owned())
}
