//! `daylight compare`: ledgers against rosters, on files, without a server.

use crate::{
    outcome::{Outcome, Stop},
    signals::stop_signal,
    terminal::{self, Progress, grouped},
};
use clap::Args;
use daylight_comparison::{
    Comparison, Fault, Input, Outcome as Found, RuleFile, Sort, export,
    kinds::{Side, kind, kinds},
    masks::Masks,
};
use daylight_matching::rules::{Rule, builtin};
use serde_json::json;
use std::{
    ops::ControlFlow,
    path::{Path, PathBuf},
};

/// 比对台账与名册，找出疑点 Compare ledgers with rosters
///
/// 在文件上直接比对，不需要服务器，不保存任何中间数据。疑点不是结论，须由人核实。
/// 每份数据旁须有来源登记（文件名加 .toml）。退出码：0 没有疑点 · 4 有疑点。
/// Compares files where they lie and stages nothing. A hit is a suspicion, never a verdict.
/// Each table needs its registry entry beside it (FILE.toml). Exit codes: 0 no hit · 4 hits.
#[derive(Args)]
pub struct Compare {
    /// 比对方案文件 A comparison's file
    #[arg(value_name = "COMPARISON.toml", conflicts_with_all = ["ledger", "roster", "rule"])]
    comparison: Option<PathBuf>,
    /// 台账，可写明种类 A ledger, its kind if you like
    #[arg(long, value_name = "[KIND=]FILE")]
    ledger: Vec<String>,
    /// 名册，可写明种类 A roster, its kind if you like
    #[arg(long, value_name = "[KIND=]FILE")]
    roster: Vec<String>,
    /// 规则：内置规则的名称，或规则文件 A built-in rule or a rule's file
    #[arg(long, value_name = "RULE")]
    rule: Vec<String>,
    /// 疑点写入 .xlsx 或 .ndjson 文件 Write the hits
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// 把无法识别之处写入 CSV 文件，只写位置和原因 Write what could not be read: where and why
    #[arg(long, value_name = "FILE")]
    problems: Option<PathBuf>,
    /// 把运行记录写入 JSON 文件 Write the record of the run
    #[arg(long, value_name = "FILE")]
    manifest: Option<PathBuf>,
    /// 没有身份证号的行，按姓名加其他信息比对 Match rows without an id by likeness
    #[arg(long)]
    fuzzy: bool,
    /// 分几遍读台账，遍数越多占内存越少 Read the ledgers so many times, to save memory
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=64))]
    parts: Option<u64>,
    /// 完整显示个人信息，不加遮盖 Show persons unmasked
    #[arg(long)]
    unmasked: bool,
    /// 逐行输出 JSON：进度、疑点、总结 Write JSON lines: progress, hits, summary
    #[arg(long)]
    json: bool,
    /// 列出台账、名册的种类和内置规则 List kinds of tables and built-in rules
    #[arg(long)]
    list: bool,
}

impl Compare {
    /// Compares.
    pub async fn run(self) -> Outcome {
        let json = self.json;
        self.compare().await.map_err(|stop| stop.in_json(json))
    }

    async fn compare(self) -> Outcome {
        if self.list {
            list(self.json);
            return Ok(());
        }
        // What cannot be written is known before hours of reading.
        for path in [&self.out, &self.problems, &self.manifest].into_iter().flatten() {
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            if folder.is_some_and(|folder| !folder.is_dir()) {
                return Err(Stop::usage(format!("没有这个文件夹：{}", path.display())));
            }
            if path.exists() {
                return Err(Stop::refused(format!(
                    "{} 已经存在，不会覆盖。请换一个文件名。",
                    path.display()
                )));
            }
        }
        if let Some(out) = &self.out {
            export::Format::of(out).map_err(stop)?;
        }
        let comparison = self.comparison().map_err(stop)?;
        let stopping = stop_signal()?;
        let json = self.json;
        let found = tokio::task::spawn_blocking(move || {
            let progress = Progress::new();
            comparison.run(&mut |now| {
                if json {
                    let line = json!({ "event": "progress", "source": now.source, "rows": now.rows });
                    terminal::out(&line.to_string());
                } else {
                    progress.say(&format!("正在读取“{}”：{} 行", now.source, grouped(now.rows)));
                }
                if *stopping.borrow() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            })
        });
        let found = found.await.map_err(|_| Stop::failed("比对意外中断。"))?.map_err(stop)?;
        self.write(&found).map_err(stop)?;
        self.tell(&found);
        if found.found() { Err(Stop::silent(4)) } else { Ok(()) }
    }

    fn comparison(&self) -> Result<Comparison, Fault> {
        let mut comparison = match &self.comparison {
            Some(path) => Comparison::open(path)?,
            None => {
                let open = |given: &String| {
                    let (kind, file) = with_kind(given);
                    Input::open(Path::new(file), None, kind)
                };
                let rules = self.rule.iter().map(|name| RuleFile::open(name, Path::new("")));
                Comparison {
                    title: "数据比对".to_owned(),
                    ledgers: self.ledger.iter().map(open).collect::<Result<_, _>>()?,
                    rosters: self.roster.iter().map(open).collect::<Result<_, _>>()?,
                    rules: rules.collect::<Result<_, _>>()?,
                    fuzzy: false,
                    parts: 1,
                }
                .checked()?
            }
        };
        comparison.fuzzy |= self.fuzzy;
        comparison.parts = self.parts.unwrap_or(comparison.parts);
        Ok(comparison)
    }

    fn masks(&self) -> Masks {
        if self.unmasked { Masks::Off } else { Masks::On }
    }

    fn write(&self, found: &Found) -> Result<(), Fault> {
        if let Some(path) = &self.out {
            export::hits(found, path, self.masks())?;
        }
        if let Some(path) = &self.problems {
            export::problems(found, path)?;
        }
        if let Some(path) = &self.manifest {
            export::manifest(&found.manifest, path)?;
        }
        Ok(())
    }

    fn tell(&self, found: &Found) {
        if self.json {
            for hit in found.shown(self.masks()) {
                terminal::out(&json!({ "event": "hit", "hit": hit }).to_string());
            }
            let done = json!({
                "event": "done",
                "title": found.title,
                "ledgers": found.ledgers,
                "rosters": found.rosters,
                "rules": found.rules,
                "undated": found.undated,
                "likeness_left_out": found.likeness_left_out,
                "problems": found.problems_total(),
                "manifest": found.manifest,
            });
            terminal::out(&done.to_string());
            return;
        }
        let mut rows = vec![];
        for (side, inputs) in [("台账", &found.ledgers), ("名册", &found.rosters)] {
            for own in inputs {
                let unread: u64 = own.problems.iter().map(|count| count.rows).sum();
                let read = format!("{} 行", grouped(own.held.rows));
                rows.push(vec![
                    side.into(),
                    own.source.clone(),
                    read,
                    format!("{} 处无法识别", grouped(unread)),
                ]);
            }
        }
        for own in &found.rules {
            let likely =
                if own.likely > 0 { format!("，相似 {} 条", grouped(own.likely)) } else { String::new() };
            let sum = format!(
                "{} 笔 {}.{:02} 元",
                grouped(own.rows),
                own.amount / 100,
                own.amount.unsigned_abs() % 100
            );
            rows.push(vec![
                "规则".into(),
                own.title.clone(),
                format!("疑点 {} 条{likely}", grouped(own.hits)),
                sum,
            ]);
        }
        terminal::out(&terminal::table(&rows));
        for (count, words) in [
            (found.undated, "行在名册上有人但没有日期，无法判断当时情况。"),
            (found.likeness_left_out, "行没有身份证号，超出数量，未按相似比对。"),
        ] {
            if count > 0 {
                terminal::out(&format!("  {} {words}", grouped(count)));
            }
        }
        if found.found() {
            terminal::out("\n疑点不是结论：请逐条核实，并听取当事人说明。");
            if self.out.is_none() {
                terminal::out("加上 --out 疑点.xlsx 可得到明细。");
            }
        }
    }
}

/// `deceased=死亡人员.csv`: the kind, when it is one, and the file.
fn with_kind(given: &str) -> (&str, &str) {
    match given.split_once('=') {
        Some((name, file)) if kind(name).is_some() => (name, file),
        _ => ("", given),
    }
}

fn list(json: bool) {
    let rules: Vec<Rule> = builtin().iter().filter_map(|own| Rule::parse(own.rule).ok()).collect();
    if json {
        let tables: Vec<_> = kinds()
            .iter()
            .map(
                |kind| json!({ "kind": kind.name, "title": kind.title, "ledger": kind.side == Side::Ledger }),
            )
            .collect();
        let rules: Vec<_> = rules
            .iter()
            .map(|rule| json!({ "rule": rule.id, "title": rule.title, "rosters": rule.rosters().collect::<Vec<_>>() }))
            .collect();
        terminal::out(&json!({ "kinds": tables, "rules": rules }).to_string());
        return;
    }
    let mut rows = vec![];
    for kind in kinds() {
        let side = if kind.side == Side::Ledger { "台账" } else { "名册" };
        rows.push(vec![side.to_owned(), kind.name.to_owned(), kind.title.to_owned()]);
    }
    for rule in &rules {
        let rosters: Vec<_> = rule.rosters().collect();
        rows.push(vec!["规则".to_owned(), rule.id.to_string(), rule.title.to_string(), rosters.join("、")]);
    }
    terminal::out(&terminal::table(&rows));
}

fn stop(fault: Fault) -> Stop {
    let words = fault.to_string();
    match fault.sort() {
        Sort::Usage => Stop::usage(words),
        Sort::Refused => Stop::refused(words),
        Sort::Failed => Stop::failed(words),
    }
}
