//! A comparison from files to hits.

use crate::comparison::{Comparison, Input, hex};
use crate::kinds::{Side, title_of};
use crate::likeness::Likeness;
use crate::manifest::{InputRecord, Manifest, RuleRecord};
use crate::outcome::{Explained, LikelyHit, Outcome, ReadInput, RuleSummary};
use crate::places::Places;
use crate::problems::Problems;
use crate::reading::{Desk, Held, Progress, Watch, read, roster_fields};
use crate::source::SourceError;
use daylight_matching::exact::{Roster, RosterBuilder};
use daylight_matching::hits::{self, Hit};
use daylight_matching::rules::Check;
use daylight_matching::run::{Plan, PlanError, State};
use daylight_matching::segments::Field;
use daylight_tables::OpenError;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;

/// Why a comparison did not come to an end. The words are for the clerk.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the words say it")]
pub enum Fault {
    #[error("无法读写 {}：{error}", .path.display())]
    Io { path: PathBuf, error: std::io::Error },
    #[error("比对方案 {} 写法有误：{error}", .path.display())]
    Written { path: PathBuf, error: String },
    #[error("请至少给出一份台账和一条规则。")]
    Nothing,
    #[error("没有规则“{0}”。可用内置规则的名称，或规则文件的路径。")]
    NoRule(String),
    #[error("规则“{name}”有误：{error}")]
    Rule { name: String, error: String },
    #[error("规则“{rule}”需要{title}，但没有给出。")]
    NoRoster { rule: String, title: String },
    #[error("“{file}”是{title}，放错了位置：发放类数据是台账，人员类数据是名册。")]
    WrongSide { file: String, title: &'static str },
    #[error("{} 登记为 {written}，与所说的 {said} 不一致。", .entry.display())]
    OtherKind { entry: PathBuf, said: String, written: &'static str },
    #[error("“{file}”（{title}）没有规则用到。不必要的个人信息不参与比对，请去掉这份名册。")]
    NotNeeded { file: String, title: &'static str },
    #[error("没有找到来源登记 {}。没有归属、依据、协议、目的和保存期限的数据不得比对。请新建这个文件并填写：\n{blank}", .entry.display())]
    NoSource { entry: PathBuf, blank: String },
    #[error("{}：{error}", .entry.display())]
    Source { entry: PathBuf, error: SourceError },
    #[error("“{file}”：{error}{}", if let OpenError::NoHeader { .. } = .error { COLUMNS_HINT } else { "" })]
    Unreadable { file: String, error: OpenError },
    #[error("“{file}”{}缺少：{}。可在来源登记的 [columns] 里说明哪一列是它，或用 sheet 指定工作表。", sheet_words(.sheet), .columns.join("、"))]
    Missing { file: String, sheet: String, columns: Vec<&'static str> },
    #[error("“{file}”没有可读的工作表{}。", sheet_words(.sheet))]
    NoSheet { file: String, sheet: String },
    #[error("规则“{rule}”无法执行：所有台账都缺少{columns}。")]
    Blind { rule: String, columns: String },
    #[error("“{file}”在比对过程中被改动。请等它写完后重新比对。")]
    Changed { file: String },
    #[error("“{file}”和“{other}”的内容完全相同，会把同一笔发放算两次。请去掉一份。")]
    Same { file: String, other: String },
    #[error("数据行数超过42亿，请分批比对。")]
    TooManyLines,
    #[error("结果有 {0} 行，超过一张工作表的容量。请把结果文件的后缀改为 .ndjson。")]
    TooManyForWorkbook(usize),
    #[error("结果文件只能是 .xlsx 或 .ndjson：{}", .0.display())]
    OutKind(PathBuf),
    #[error("无法生成工作簿：{0}")]
    Workbook(String),
    #[error("已停止，没有留下任何文件。")]
    Stopped,
}

/// Where no header was found, the registry entry may say what the headings mean.
const COLUMNS_HINT: &str = "也可在来源登记的 [columns] 里说明哪一列是什么。";

/// What sort of end a fault is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// It was asked for wrongly.
    Usage,
    /// It must not be done.
    Refused,
    /// It did not work.
    Failed,
}

impl Fault {
    /// What sort of end it is.
    #[must_use]
    pub fn sort(&self) -> Sort {
        match self {
            Self::Written { .. }
            | Self::Nothing
            | Self::NoRule(_)
            | Self::Rule { .. }
            | Self::NoRoster { .. }
            | Self::WrongSide { .. }
            | Self::OtherKind { .. }
            | Self::OutKind(_) => Sort::Usage,
            Self::NoSource { .. } | Self::Source { .. } | Self::NotNeeded { .. } => Sort::Refused,
            _ => Sort::Failed,
        }
    }
}

fn sheet_words(sheet: &str) -> String {
    if sheet.is_empty() { String::new() } else { format!("（工作表“{sheet}”）") }
}

impl Comparison {
    /// Runs it. `watch` is told how far it is, and may stop it.
    ///
    /// # Errors
    /// [`Fault`], in words for the clerk; then nothing is left behind.
    pub fn run(&self, watch: &mut dyn FnMut(Progress<'_>) -> ControlFlow<()>) -> Result<Outcome, Fault> {
        let inputs: Vec<&Input> = self.ledgers.iter().chain(&self.rosters).collect();
        let before = inputs.iter().map(|own| Stamp::of(own)).collect::<Result<Vec<_>, _>>()?;
        let ended = AtomicBool::new(false);
        let (outcome, hashes) = std::thread::scope(|scope| {
            let hashing =
                scope.spawn(|| inputs.iter().map(|own| sha256(&own.path, &ended)).collect::<Vec<_>>());
            let outcome = self.compare(watch);
            ended.store(outcome.is_err(), Ordering::Relaxed);
            (outcome, hashing.join().unwrap_or_default())
        });
        let mut outcome = outcome?;
        for ((own, stamp), hash) in inputs.iter().zip(&before).zip(hashes) {
            if Stamp::of(own)? != *stamp {
                return Err(Fault::Changed { file: own.shown() });
            }
            let sha256 = hash.map_err(|error| Fault::Io { path: own.path.clone(), error })?;
            let record =
                InputRecord { file: own.shown(), bytes: stamp.0, sha256, source: own.source.clone() };
            let known = &outcome.manifest.inputs;
            if let Some(other) = known.iter().find(|other| other.sha256 == record.sha256) {
                return Err(Fault::Same { file: record.file, other: other.file.clone() });
            }
            outcome.manifest.inputs.push(record);
        }
        Ok(outcome)
    }

    fn compare(&self, watch: &mut Watch<'_>) -> Result<Outcome, Fault> {
        let mut likeness = self.fuzzy.then(|| Likeness::new(&self.roster_names()));
        let mut roster_side = SideRead::default();
        let rosters = self.read_rosters(&mut roster_side, likeness.as_mut(), watch)?;
        let rules = self.rules.iter().map(|file| file.rule.clone()).collect();
        let mut plan = Plan::new(rules, rosters).map_err(|error| self.plan_fault(&error))?;
        let mut ledger_side = SideRead::default();
        let (mut found, mut undated) = (Vec::new(), 0);
        for part in 0..self.parts {
            plan.part(part, self.parts);
            let mut side = SideRead::default();
            let mut state = State::default();
            let likeness = likeness.as_mut().filter(|_| part == 0);
            self.read_ledgers(&plan, &mut state, &mut side, likeness, watch)?;
            if part == 0 {
                self.all_rules_see(&plan, &side.held)?;
                undated = state.undated;
                ledger_side = side;
            }
            plan.each_hit(&state, |hit| found.push(hit));
        }
        if self.parts > 1 {
            found.sort_by(|a, b| (&a.rule, &a.subject).cmp(&(&b.rule, &b.subject)));
        }
        let (likely, explained, left_out) = likeness.map_or_else(Default::default, |own| likely(&plan, own));
        Ok(self.outcome(found, likely, explained, left_out, undated, ledger_side, roster_side))
    }

    fn roster_names(&self) -> Vec<&'static str> {
        let mut names: Vec<&'static str> = self.rosters.iter().map(|own| own.kind.name).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    fn plan_fault(&self, error: &PlanError) -> Fault {
        let name = match error {
            PlanError::NoRoster { rule, .. } | PlanError::Twice(rule) => rule.to_string(),
        };
        Fault::Rule { name, error: error.to_string() }
    }

    fn read_rosters(
        &self,
        side: &mut SideRead,
        mut likeness: Option<&mut Likeness>,
        watch: &mut Watch<'_>,
    ) -> Result<Vec<Roster>, Fault> {
        let mut builders: BTreeMap<&str, RosterBuilder> = BTreeMap::new();
        for (number, own) in self.rosters.iter().enumerate() {
            let builder = builders.entry(own.kind.name).or_insert_with(|| RosterBuilder::new(own.kind.name));
            let desk = side.desk(likeness.as_deref_mut(), watch);
            let wanted = roster_fields(Side::Roster);
            let held = read(number, own, wanted, desk, 0, &mut |batch| builder.push(batch))?;
            side.held.push(held);
        }
        Ok(builders.into_values().map(RosterBuilder::finish).collect())
    }

    fn read_ledgers(
        &self,
        plan: &Plan,
        state: &mut State,
        side: &mut SideRead,
        mut likeness: Option<&mut Likeness>,
        watch: &mut Watch<'_>,
    ) -> Result<(), Fault> {
        let wanted = plan.fields();
        for (number, own) in self.ledgers.iter().enumerate() {
            let first_row = side.held.iter().map(|held| held.rows).sum();
            let desk = side.desk(likeness.as_deref_mut(), watch);
            let held = read(number, own, &wanted, desk, first_row, &mut |batch| plan.feed(state, batch))?;
            side.held.push(held);
        }
        Ok(())
    }

    /// A rule that no ledger has the columns for would find nothing and look like a clean result.
    fn all_rules_see(&self, plan: &Plan, ledgers: &[Held]) -> Result<(), Fault> {
        for rule in plan.rules() {
            let lacks = |held: &Held| -> Vec<Field> {
                let mut needs = rule.needs();
                if let Check::Shared(check) = &rule.check
                    && !check.keys.iter().any(|key| held.fields.contains(key))
                {
                    needs.extend(&check.keys);
                }
                needs.retain(|field| !held.fields.contains(field));
                needs
            };
            let fewest = ledgers.iter().map(lacks).min_by_key(Vec::len).unwrap_or_default();
            if !fewest.is_empty() {
                let columns: Vec<_> = fewest.into_iter().map(title_of).collect();
                return Err(Fault::Blind { rule: rule.title.to_string(), columns: columns.join("、") });
            }
        }
        Ok(())
    }

    #[expect(clippy::too_many_arguments, reason = "the last step, which puts everything together")]
    fn outcome(
        &self,
        found: Vec<Hit>,
        likely: Vec<LikelyHit>,
        explained: Vec<Explained>,
        left_out: u64,
        undated: u64,
        ledgers: SideRead,
        rosters: SideRead,
    ) -> Outcome {
        let mut rules: Vec<RuleSummary> = self
            .rules
            .iter()
            .map(|file| {
                let own = |hit: &&Hit| hit.rule == file.rule.id;
                RuleSummary::of(
                    &file.rule,
                    found.iter().filter(own),
                    likely.iter().map(|own| &own.hit).filter(own),
                )
            })
            .collect();
        rules.sort_by(|a, b| a.id.cmp(&b.id));
        let likely_hits: Vec<Hit> = likely.iter().map(|own| own.hit.clone()).collect();
        let manifest = Manifest {
            program: concat!("daylight ", env!("CARGO_PKG_VERSION")).to_owned(),
            title: self.title.clone(),
            fuzzy: self.fuzzy,
            inputs: Vec::new(),
            rules: RuleRecord::of(&self.rules),
            hits: found.len() as u64,
            hits_sha256: hits::hash(&found),
            likely_hits: likely_hits.len() as u64,
            likely_sha256: hits::hash(&likely_hits),
        };
        let read = |inputs: &[Input], side: &SideRead| -> Vec<ReadInput> {
            let each = inputs.iter().zip(&side.held).enumerate();
            each.map(|(at, (own, held))| ReadInput::of(own, held, side.problems.of(at))).collect()
        };
        Outcome {
            title: self.title.clone(),
            ledgers: read(&self.ledgers, &ledgers),
            rosters: read(&self.rosters, &rosters),
            rules,
            hits: found,
            likely,
            explained,
            undated,
            likeness_left_out: left_out,
            manifest,
            ledger_places: ledgers.places,
            roster_places: rosters.places,
            problems: [ledgers.problems, rosters.problems],
        }
    }
}

/// What was read on one side.
#[derive(Default)]
struct SideRead {
    places: Places,
    problems: Problems,
    held: Vec<Held>,
}

impl SideRead {
    fn desk<'d>(&'d mut self, likeness: Option<&'d mut Likeness>, watch: &'d mut Watch<'_>) -> Desk<'d> {
        Desk { places: &mut self.places, problems: &mut self.problems, likeness, watch }
    }
}

/// The hits of rows whose person was found by likeness: those of rules on rosters, by the same rules.
fn likely(plan: &Plan, mut likeness: Likeness) -> (Vec<LikelyHit>, Vec<Explained>, u64) {
    let (pairs, batch) = likeness.pairs();
    let mut state = State::default();
    plan.feed(&mut state, &batch);
    let on_roster =
        |hit: &Hit| plan.rules().iter().any(|rule| rule.id == hit.rule && rule.rosters().next().is_some());
    let mut found = plan.hits(&state);
    found.retain(on_roster);
    let explained = pairs.iter().map(|pair| Explained::of(pair, &likeness)).collect();
    (found.into_iter().map(|hit| LikelyHit { hit }).collect(), explained, likeness.left_out)
}

/// By which a change of a file is seen.
#[derive(PartialEq, Eq)]
struct Stamp(u64, Option<SystemTime>);

impl Stamp {
    fn of(input: &Input) -> Result<Self, Fault> {
        let found = std::fs::metadata(&input.path);
        let found = found.map_err(|error| Fault::Io { path: input.path.clone(), error })?;
        Ok(Self(found.len(), found.modified().ok()))
    }
}

/// The SHA-256 of a file, unless the run has ended meanwhile.
fn sha256(path: &Path, ended: &AtomicBool) -> std::io::Result<String> {
    let mut file = File::open(path)?;
    let (mut hash, mut chunk) = (Sha256::new(), vec![0; 1 << 18]);
    while !ended.load(Ordering::Relaxed) {
        match file.read(&mut chunk)? {
            0 => break,
            length => hash.update(&chunk[..length]),
        }
    }
    Ok(hex(&hash.finalize()))
}
