//! `daylight import`: takes over tables as offices send them.

use crate::{
    installation::{Installation, exists, prepare_folder},
    lock::Sealing,
    outcome::{Outcome, Stop},
    settings::{Answering, Settings, Where},
    terminal::{self, Progress, grouped},
};
use clap::Args;
use daylight_app::{
    imports::{
        FileReport, Input, Kind, Plan, Problem, Report, Severity, find_files,
        run::{apply_since, plan, plan_anew},
        store::{self, By},
    },
    ops::OPERATOR,
};
use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

/// 导入单位、干部、权力、流程和区划表格 Take over tables as offices send them
///
/// 导入单位、干部、权力、流程和区划表格（.xlsx .xls .csv），原样即可，不分先后。
/// 要么全部收录，要么什么都不改；中途中断不留痕迹。再次导入按对象更新。
/// Takes over tables as offices send them, all or nothing.
#[derive(Args)]
pub struct Import {
    /// 文件或文件夹 Files or folders
    #[arg(required = true, value_name = "FILE_OR_FOLDER")]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    place: Where,
    /// 只检查，不保存 Check only, save nothing
    #[arg(long)]
    dry_run: bool,
    /// 输出 JSON Write the report as JSON
    #[arg(long)]
    json: bool,
    /// 有任何一行未收录就什么都不保存，退出码 3 Save nothing when any row is refused
    #[arg(long)]
    strict: bool,
    /// 列出全部问题，而不只是举例 List every problem
    #[arg(long)]
    problems: bool,
}

impl Import {
    /// Imports.
    pub async fn run(self) -> Outcome {
        let json = self.json;
        self.take_over().await.map_err(|stop| stop.in_json(json))
    }

    async fn take_over(self) -> Outcome {
        let settings = Settings::gather(&self.place, &Answering::default())?;
        let inputs = find_files(&self.paths).map_err(|error| Stop::failed(error.to_string()))?;
        // Files that cannot be read and trial runs must not leave a data folder behind, so nothing is
        // made before there is a plan to save.
        let exists = exists(&settings);
        if exists && !self.dry_run {
            prepare_folder(&settings.data)?; // a server's database may be there before the folder of its keys
        }
        let _sealing =
            (exists && settings.data.is_dir()).then(|| Sealing::shared(&settings.data)).transpose()?;
        let found = match (exists, self.dry_run) {
            (true, true) => Some(Installation::open(&settings).await?),
            (true, false) => Some(Installation::open_or_create(&settings).await?),
            (false, _) => None,
        };
        let progress = Arc::new(Progress::new());
        let (mut mark, mut plan) = self.read(found.as_ref(), &inputs, &progress).await?;
        let report = if self.keep_off(&plan) {
            if let Some(it) = found {
                it.close().await?;
            }
            plan.report
        } else {
            let it = match found {
                Some(it) => it,
                None => Installation::open_or_create(&settings).await?,
            };
            if mark.is_empty() {
                mark = store::registry_mark(it.db.read()).await?;
            }
            let report = loop {
                if let Some(report) = save(&it, &mark, plan, &progress).await? {
                    break report;
                }
                // The office published meanwhile. Reading again is quick and takes that into account.
                (mark, plan) = self.read(Some(&it), &inputs, &progress).await?;
                if self.keep_off(&plan) {
                    break plan.report;
                }
            };
            it.close().await?;
            report
        };
        let refused = report.totals().2;
        if self.json {
            let text = serde_json::to_string(&report).expect("plain data serializes");
            terminal::out(&text);
        } else {
            self.summarize(&report);
        }
        match self.strict && refused > 0 {
            true if self.json => Err(Stop::silent(3)),
            true => {
                Err(Stop::refused(format!("有 {refused} 行未收录。按 --strict 的要求，什么都没有保存。")))
            }
            false => Ok(()),
        }
    }

    /// Holds the files against the registry as it is. With what the registry was marked by then.
    async fn read(
        &self,
        found: Option<&Installation>,
        inputs: &[Input],
        progress: &Arc<Progress>,
    ) -> Outcome<(Vec<i64>, Plan)> {
        let shown = progress.clone();
        let tell = move |rows| shown.say(&format!("正在读取：{} 行", grouped(rows)));
        let read = match found {
            Some(it) => {
                let mark = store::registry_mark(it.db.read()).await?;
                let learned = store::learned(it.db.read()).await?;
                (mark, plan(&it.db, it.vault.clone(), inputs.to_vec(), learned, tell).await?)
            }
            None => (Vec::new(), plan_anew(inputs.to_vec(), tell).await?),
        };
        progress.clear();
        Ok(read)
    }

    /// Whether a plan is not to be saved.
    fn keep_off(&self, plan: &Plan) -> bool {
        self.dry_run || (self.strict && plan.report.totals().2 > 0)
    }

    fn summarize(&self, report: &Report) {
        let mut rows = vec![["文件", "内容", "读", "收", "拒", "略", "待补"].map(str::to_owned).to_vec()];
        rows.extend(report.files.iter().map(line));
        if report.files.len() > 1 {
            let (read, taken, refused, ignored, flagged) = report.totals();
            let figures = [read, taken, refused, ignored, flagged].map(grouped);
            rows.push(["合计".to_owned(), String::new()].into_iter().chain(figures).collect());
        }
        terminal::out(&terminal::table(&rows));
        terminal::out(
            "  读 = 收 + 拒 + 略；略：标题、空行、合计、签章等没有数据的行；待补：已收录，请单位补正。",
        );
        if self.problems {
            self.list(report);
        } else {
            group(report);
        }
        let verb = if report.applied { "已保存" } else { "没有保存（试运行）" };
        terminal::out(&format!(
            "\n{verb}：新增 {}，更新 {}，没有变化 {}。",
            grouped(report.created),
            grouped(report.updated),
            grouped(report.unchanged)
        ));
        for difference in report.differences.iter().take(5) {
            let fields: Vec<_> = difference.changes.iter().map(|change| change.label.clone()).collect();
            terminal::out(&format!("  更新 {}：{}", difference.name, fields.join("、")));
        }
        if report.differences.len() > 5 {
            let rest = grouped(report.updated.saturating_sub(5));
            terminal::out(&format!("  另有 {rest} 项更新，--json 可看全部。"));
        }
    }

    fn list(&self, report: &Report) {
        let mut problems: Vec<_> = report.problems().collect();
        problems.sort_by_key(|problem| std::cmp::Reverse(problem.severity));
        for problem in problems {
            terminal::out(&format!("\n[{}] {}", problem.severity.page(), example(problem)));
            if !problem.remedy.is_empty() {
                terminal::out(&format!("    办法：{}", problem.remedy));
            }
        }
        for file in &report.files {
            for row in &file.ignored_rows {
                let at = place(&file.file, &row.sheet, row.row);
                terminal::out(&format!("[略过] {at}　{}：{}", row.reason, row.text));
            }
        }
    }
}

/// Saves a plan, telling how far it is.
async fn save(
    installation: &Installation,
    mark: &[i64],
    plan: Plan,
    progress: &Progress,
) -> Outcome<Option<Report>> {
    let by = By { account_id: None, name: OPERATOR.to_owned(), import_id: None };
    let last = AtomicU64::new(0);
    let tell = |done: u64, of: u64| {
        // One line for each percent is plenty.
        if done == of || done.saturating_sub(last.swap(done, Relaxed)) > 0 {
            progress.say(&format!("正在保存：{} / {}", grouped(done), grouped(of)));
        }
    };
    let Installation { db, vault, clock, .. } = installation;
    let report = apply_since(mark, db, vault, clock, plan, &by, &tell).await?;
    progress.clear();
    Ok(report)
}

fn line(file: &FileReport) -> Vec<String> {
    let kinds: Vec<_> = file.kind.split('+').filter_map(kind).collect();
    let kinds = if kinds.is_empty() { "没有认出表头".to_owned() } else { kinds.join("、") };
    let figures = [file.read, file.taken, file.refused, file.ignored, file.flagged].map(grouped);
    [file.file.clone(), kinds].into_iter().chain(figures).collect()
}

fn kind(code: &str) -> Option<&'static str> {
    Some(match Kind::ALL.into_iter().find(|kind| kind.code() == code)? {
        Kind::Divisions => "区划",
        Kind::Units => "单位",
        Kind::Cadres => "干部",
        Kind::Powers => "权力",
        Kind::Procedures => "流程",
    })
}

fn place(file: &str, sheet: &str, row: u32) -> String {
    let sheet = if sheet.is_empty() { String::new() } else { format!("〔{sheet}〕") };
    if row == 0 { format!("{file}{sheet}") } else { format!("{file}{sheet} 第 {row} 行") }
}

fn example(problem: &Problem) -> String {
    let column = if problem.column.is_empty() { String::new() } else { format!(" {}", problem.column) };
    let value = if problem.value.is_empty() { String::new() } else { format!("“{}”", problem.value) };
    let at = place(&problem.file, &problem.sheet, problem.row);
    format!("{at}{column}{value}：{}", problem.message)
}

/// Problems of one kind together, the heaviest and the most frequent first, with examples.
fn group(report: &Report) {
    let mut groups: BTreeMap<(Severity, &str), Vec<&Problem>> = BTreeMap::new();
    for problem in report.problems() {
        groups.entry((problem.severity, &problem.code)).or_default().push(problem);
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.sort_by_key(|((severity, _), problems)| std::cmp::Reverse((*severity, problems.len())));
    for ((severity, code), problems) in &groups {
        terminal::out(&format!("\n{} {} 处（{code}）", severity.page(), grouped(problems.len() as u64)));
        for problem in problems.iter().take(2) {
            terminal::out(&format!("  {}", example(problem)));
        }
        if let Some(first) = problems.first().filter(|first| !first.remedy.is_empty()) {
            terminal::out(&format!("  办法：{}", first.remedy));
        }
    }
    if groups.iter().any(|(_, problems)| problems.len() > 2) {
        terminal::out("\n以上每类只举两例，加 --problems 列出全部。");
    }
}
