//! A folder of tables, and a comparison of them.

use daylight_comparison::outcome::Shown;
use daylight_comparison::{Comparison, Fault, Input, Outcome, RuleFile, masks::Masks};
use rust_xlsxwriter::{Format, Workbook};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

/// A folder that lasts as long as the test.
pub struct World {
    pub folder: tempfile::TempDir,
    ledgers: Vec<Input>,
    rosters: Vec<Input>,
    rules: Vec<RuleFile>,
    pub fuzzy: bool,
    pub parts: u64,
}

/// The entry of a source, whole.
pub fn entry(kind: &str, more: &str) -> String {
    format!(
        "name = \"{kind}的数据\"\nkind = \"{kind}\"\nowner = \"安澜县财政局\"\nbasis = \"《社会救助暂行办法》\"\n\
         agreement = \"安澜数〔2026〕3号\"\npurpose = \"核对补贴发放\"\nretention-days = 30\n{more}"
    )
}

impl World {
    pub fn new(rules: &[&str]) -> Self {
        let rule = |name: &&str| RuleFile::open(name, Path::new("")).unwrap();
        Self {
            folder: tempfile::tempdir().unwrap(),
            ledgers: vec![],
            rosters: vec![],
            rules: rules.iter().map(rule).collect(),
            fuzzy: false,
            parts: 1,
        }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    fn input(&self, kind: &str, name: &str, bytes: &[u8], more: &str) -> Input {
        self.write(&format!("{name}.toml"), entry(kind, more).as_bytes());
        Input::open(&self.write(name, bytes), None, kind).unwrap()
    }

    pub fn ledger(&mut self, kind: &str, name: &str, bytes: &[u8], more: &str) -> &mut Self {
        let input = self.input(kind, name, bytes, more);
        self.ledgers.push(input);
        self
    }

    pub fn roster(&mut self, kind: &str, name: &str, bytes: &[u8], more: &str) -> &mut Self {
        let input = self.input(kind, name, bytes, more);
        self.rosters.push(input);
        self
    }

    pub fn comparison(&self) -> Result<Comparison, Fault> {
        Comparison {
            title: "试比".to_owned(),
            ledgers: self.ledgers.clone(),
            rosters: self.rosters.clone(),
            rules: self.rules.clone(),
            fuzzy: self.fuzzy,
            parts: self.parts,
        }
        .checked()
    }

    pub fn run(&self) -> Result<Outcome, Fault> {
        self.comparison()?.run(&mut |_| ControlFlow::Continue(()))
    }

    /// The lines of each hit, with what is said.
    pub fn lines(&self) -> Vec<(String, Vec<(String, u32)>)> {
        lines(&self.run().unwrap_or_else(|fault| panic!("{fault}")))
    }
}

pub fn lines(outcome: &Outcome) -> Vec<(String, Vec<(String, u32)>)> {
    shown(outcome)
        .into_iter()
        .map(|hit| {
            let place =
                |row: &daylight_comparison::outcome::ShownRow| (row.file.clone() + &row.sheet, row.line);
            (hit.subject, hit.rows.iter().map(place).collect())
        })
        .collect()
}

pub fn shown(outcome: &Outcome) -> Vec<Shown> {
    outcome.shown(Masks::Off).collect()
}

pub fn gbk(text: &str) -> Vec<u8> {
    encoding_rs::GBK.encode(text).0.into_owned()
}

/// A workbook of sheets; amounts are numbers, everything else text. The first row of each is a merged title.
pub fn workbook(sheets: &[(&str, Vec<Vec<String>>)]) -> Vec<u8> {
    let mut book = Workbook::new();
    for (name, rows) in sheets {
        let sheet = book.add_worksheet().set_name(*name).unwrap();
        sheet.merge_range(0, 0, 0, 4, "安澜县二〇二四年度发放情况表", &Format::new().set_bold()).unwrap();
        for (at, row) in (1..).zip(rows) {
            for (column, cell) in (0..).zip(row) {
                match cell.parse::<f64>() {
                    Ok(number) if cell.len() < 12 => sheet.write_number(at, column, number).unwrap(),
                    _ if cell.is_empty() => sheet,
                    _ => sheet.write_string(at, column, cell).unwrap(),
                };
            }
        }
    }
    book.save_to_buffer().unwrap()
}

pub const ZHAO: &str = "999901195001010119";
pub const QIAN: &str = "999901196206150224";

/// A roster of the dead: 赵守田 on 2024-03-10.
pub fn deceased(world: &mut World) {
    let text = format!("姓名,身份证号,死亡日期,备注\n赵守田,{ZHAO},2024-03-10,由{QIAN}申报\n");
    world.roster("deceased", "死亡人员.csv", text.as_bytes(), "");
}
