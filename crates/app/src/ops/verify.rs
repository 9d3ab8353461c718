//! Whether everything that is stored can still be read and agrees with itself.

use super::{Check, key_numbers, public, store};
use crate::{
    audit::{
        head::{self, Head, Held},
        rows,
        store::{Verdict, verify as verify_trail},
    },
    calendar,
    cases::store::{self as store_of_cases, Fault, StoreError},
    clock::{Millis, beijing, date_text, time_text},
    deadlines,
    imports::store::CITIZEN_ID,
    migrations, ratings, reports,
    revisions::{Content, SubjectKind},
};
use daylight_db::{Db, DbErr};
use daylight_ratings::round::State as Stand;
use daylight_vault::{Secret, Vault};
use std::collections::HashMap;

const BATCH: i64 = 500;

/// Looks at everything: the audit trail, sealed fields, public states, search, references, the file.
pub async fn verify(db: &Db, vault: &Vault, now: Millis) -> Result<Vec<Check>, DbErr> {
    Ok(vec![
        readable(("audit", "审计日志"), trail(db).await)?,
        readable(("rows", "登记存底"), kept(db).await)?,
        readable(("sealed", "加密字段"), sealed(db, vault).await)?,
        readable(("cases", "办理件"), cases(db, vault).await)?,
        readable(("identities", "反映人身份"), identities(db, vault).await)?,
        readable(("ballots", "群众评价"), ballots(db).await)?,
        readable(("dates", "办理期限"), dates(db, vault, now).await)?,
        readable(("revisions", "公布内容"), states(db).await)?,
        readable(("registry", "公布的登记"), registry(db).await)?,
        readable(("search", "搜索索引"), index(db).await)?,
        readable(("references", "相互引用"), references(db).await)?,
        readable(("file", "数据库文件"), file(db).await)?,
    ])
}

/// What cannot be read is a finding of its check, and the others go on.
fn readable((code, name): (&'static str, &'static str), check: Result<Check, DbErr>) -> Result<Check, DbErr> {
    match check {
        Err(error @ (DbErr::Json(_) | DbErr::Type(_) | DbErr::RecordNotFound(_) | DbErr::Custom(_))) => {
            Ok(Check::fault(code, name, format!("有内容读不出来：{error}"), "请保留现场并从备份恢复。"))
        }
        check => check,
    }
}

async fn trail(db: &Db) -> Result<Check, DbErr> {
    let (code, name) = ("audit", "审计日志");
    Ok(match verify_trail(db.read(), db.mark()).await? {
        Verdict::Whole(entries) => {
            Check::ok(code, name, entries, format!("{entries} 条，前后相连，没有改动"))
        }
        Verdict::BrokenAt(entry) => Check::fault(
            code,
            name,
            format!("第 {entry} 条缺失、被改动或次序不对"),
            "请停止服务、保留现场并报告审计管理员；用备份对照从这一条起的记录。",
        ),
    })
}

/// How many findings are named; the rest is counted.
const NAMED: usize = 20;

/// The findings as one line: each as often as it was found, the first of them by their numbers.
fn listed(found: &[(&str, i64)]) -> String {
    let named: Vec<_> = found.iter().take(NAMED).map(|(what, id)| format!("{what} {id}")).collect();
    match found.len() {
        all if all > NAMED => format!("{}，等 {all} 处", named.join("、")),
        _ => named.join("、"),
    }
}

async fn kept(db: &Db) -> Result<Check, DbErr> {
    let (code, name) = ("rows", "登记存底");
    let (seen, strange) = rows::strange(db).await?;
    let mut found: Vec<_> = strange.iter().map(|(rows, group)| (rows.page, *group)).collect();
    if deadlines::store::strange_seeds(db.read()).await? > 0 {
        found.push((rows::PROFILES.page, 1));
    }
    Ok(match found.is_empty() {
        true => Check::ok(code, name, seen, format!("{seen} 组，与审计日志里的存底一致")),
        false => Check::fault(
            code,
            name,
            format!("与审计日志里的存底不符，有人绕过程序改动、添加或删除过：{}", listed(&found)),
            "请停止服务、保留现场并报告审计管理员；与备份对照这些内容。",
        )
        .of(seen),
    })
}

async fn identities(db: &Db, vault: &Vault) -> Result<Check, DbErr> {
    let (code, name) = ("identities", "反映人身份");
    let strange = match reports::store::strange_identities(db.read(), vault).await {
        Ok(strange) => strange,
        Err(StoreError::Db(error)) => return Err(error),
        Err(error) => return Ok(Check::fault(code, name, error.to_string(), "请保留现场并从备份恢复。")),
    };
    let found: Vec<_> = strange.into_iter().map(|id| ("办理件", id)).collect();
    Ok(match found.is_empty() {
        true => Check::ok(code, name, 0, "与反映的方式（匿名、手机、实名）一致"),
        false => Check::fault(
            code,
            name,
            format!("反映的方式与密封的身份对不上：{}", listed(&found)),
            "请保留现场并从备份恢复：身份可能被人删除或添加。",
        ),
    })
}

async fn registry(db: &Db) -> Result<Check, DbErr> {
    let (code, name) = ("registry", "公布的登记");
    let (seen, strange) = public::strange(&*db.snapshot().await?).await?;
    Ok(match strange.is_empty() {
        true => Check::ok(code, name, seen, format!("{seen} 条，与公布的版本一致")),
        false => Check::fault(
            code,
            name,
            format!("与公布的版本不符，有人绕过程序改动过：{}", listed(&strange)),
            "请保留现场；由原单位重新填报后公布即可更正，或从备份恢复。",
        )
        .of(seen),
    })
}

async fn sealed(db: &Db, vault: &Vault) -> Result<Check, DbErr> {
    let (code, name) = ("sealed", "加密字段");
    let (mut seen, mut unreadable, mut first) = (0, 0, None);
    let indexes = store::citizen_id_indexes(db.read()).await?;
    for &column in store::SEALED {
        let mut after = 0;
        loop {
            let batch = store::sealed_after(db.read(), column, after, BATCH).await?;
            let Some(last) = batch.last() else { break };
            after = last.id;
            for sealed in &batch {
                seen += 1;
                let error = match vault.unseal(&column.place(&sealed.row), &sealed.value) {
                    Err(error) => error.to_string(),
                    Ok(opened)
                        if column == store::CITIZEN_ID
                            && !is_indexed(vault, &indexes, sealed.id, &opened) =>
                    {
                        "与检索索引不符".to_owned()
                    }
                    Ok(_) => continue,
                };
                unreadable += 1;
                first.get_or_insert(format!("{}.{} 第 {} 行：{error}", column.table, column.name, sealed.id));
            }
        }
    }
    Ok(match first {
        None => Check::ok(code, name, seen, format!("{seen} 个，都能打开")),
        Some(first) => Check::fault(
            code,
            name,
            format!("{unreadable} 个打不开，例如 {first}"),
            "请把与这个数据库配套的密钥文件放回密钥目录；密钥没有问题时，从备份恢复这些字段。",
        )
        .of(seen),
    })
}

/// Whether somebody is found under the citizen id that is sealed.
fn is_indexed(vault: &Vault, indexes: &HashMap<i64, Vec<u8>>, id: i64, opened: &Secret) -> bool {
    let expected = opened.as_str().map(|text| vault.blind(CITIZEN_ID, text).to_vec());
    expected.ok() == indexes.get(&id).cloned()
}

async fn cases(db: &Db, vault: &Vault) -> Result<Check, DbErr> {
    let (code, name) = ("cases", "办理件");
    let (seen, faults) = match store_of_cases::verify(db.read(), vault).await {
        Ok(found) => found,
        Err(StoreError::Db(error)) => return Err(error),
        Err(error) => return Ok(Check::fault(code, name, error.to_string(), "请保留现场并从备份恢复。")),
    };
    if faults.is_empty() {
        return Ok(Check::ok(code, name, seen, format!("{seen} 件，记录、列表和密钥相互一致")));
    }
    // All of them are named: each is somebody's report.
    let lines: Vec<_> = faults.iter().map(|(id, fault)| format!("第 {id} 件{fault}")).collect();
    let detail = lines.join("；");
    let mends_itself = faults.iter().all(|(_, fault)| *fault == Fault::Holders);
    let remedy = "请保留现场并从备份恢复这些件；其余各件不受影响。";
    Ok(match mends_itself {
        true => Check::warning(code, name, detail, "后台任务会在一小时内更正；仍未更正时请查看失败的任务。"),
        false => Check::fault(code, name, detail, remedy),
    }
    .of(seen))
}

async fn dates(db: &Db, vault: &Vault, now: Millis) -> Result<Check, DbErr> {
    let (code, name) = ("dates", "办理期限");
    let found = match store_of_cases::verify_dates(db.read(), vault, now).await {
        Ok(found) => found,
        Err(StoreError::Db(error)) => return Err(error),
        Err(error) => return Ok(Check::fault(code, name, error.to_string(), "请保留现场并从备份恢复。")),
    };
    let told = |ids: &[i64]| ids.iter().map(i64::to_string).collect::<Vec<_>>().join("、");
    Ok(match (found.asleep.is_empty(), found.moved.is_empty()) {
        (false, _) => Check::fault(
            code,
            name,
            format!("第 {} 件没有定时检查，超期了也不会提醒", told(&found.asleep)),
            "请确认服务正在运行；正在运行的，请保留现场：下次检查的时间可能被人改过。",
        ),
        (true, false) => Check::warning(
            code,
            name,
            format!("第 {} 件登记的期限与办理记录算出的不同", told(&found.moved)),
            "刚改过工作日历的，一天内会自动更正；一天后仍不同，请保留现场：期限可能被人改过。",
        ),
        (true, true) => Check::ok(code, name, 0, "与办理记录算出的一致"),
    })
}

/// Holds the trail against the head that was written down outside the database.
pub async fn head(db: &Db, vault: &Vault, known: Option<&Head>) -> Result<Check, DbErr> {
    let (code, name) = ("head", "审计日志末条");
    let Some(known) = known else {
        let detail = "没有记下的末条，末尾被删也看不出来";
        return Ok(Check::warning(
            code,
            name,
            detail,
            "服务运行后每10分钟记一次；也可以用 --head 指定另存的文件。",
        ));
    };
    let (entries, at) = (known.entries, time_text(known.at));
    let remedy = "请停止服务、保留现场并报告审计管理员；与异地保存的备份对照。";
    let begun = head::begun(db.read()).await?;
    Ok(match known.held(db.read(), vault).await? {
        Held::Yes if begun > 1 => Check::warning(
            code,
            name,
            format!("{at}记下的第 {entries} 条还在，但末条文件曾{}次重新开始记", begun - 1),
            "恢复过备份或换过数据目录时会这样；如果没有，可能有人删掉末条文件以掩盖日志被截断。请在审计日志里找“没有末条记录，重新开始记”，与异地保存的备份对照。",
        ),
        Held::Yes => Check::ok(
            code,
            name,
            entries,
            format!("{at}记下的第 {entries} 条还在，之后只有增加；末条摘要 {}", known.hash),
        ),
        Held::Lost => {
            let detail = format!(
                "{at}记下的第 {entries} 条已经不在或被换掉：日志末尾被删或重写，或者整个库被换成旧的"
            );
            Check::fault(code, name, detail, remedy)
        }
        Held::Forged => Check::fault(code, name, "记下的末条不是用这套密钥写的", remedy),
    })
}

async fn states(db: &Db) -> Result<Check, DbErr> {
    let (code, name) = ("revisions", "公布内容");
    let (mut after, mut seen, mut broken, mut first) = (0, 0, 0, None);
    loop {
        let batch = store::public_states_after(db.read(), after, BATCH).await?;
        let Some(last) = batch.last() else { break };
        after = last.id;
        for state in &batch {
            seen += 1;
            let kind = SubjectKind::from_code(&state.kind);
            if kind.is_none_or(|kind| Content::from_json(kind, &state.content).is_err()) {
                broken += 1;
                first.get_or_insert(state.id);
            }
        }
    }
    Ok(match first {
        None => Check::ok(code, name, seen, format!("{seen} 个版本，都能读取")),
        Some(first) => Check::fault(
            code,
            name,
            format!("{broken} 个版本读不出来，第一个是版本 {first}"),
            "请从备份恢复，或由原单位重新填报后公布。",
        )
        .of(seen),
    })
}

async fn index(db: &Db) -> Result<Check, DbErr> {
    let (code, name) = ("search", "搜索索引");
    let documents = store::count_documents(db.read()).await?;
    let faults = store::index_faults(db).await?;
    Ok(match faults {
        0 => Check::ok(code, name, documents, format!("{documents} 条，与内容一一对应")),
        _ => Check::fault(
            code,
            name,
            format!("{faults} 条与内容不对应"),
            "重新导入或重新公布有关内容即可重建；内容本身没有丢失。",
        )
        .of(documents),
    })
}

async fn references(db: &Db) -> Result<Check, DbErr> {
    let (code, name) = ("references", "相互引用");
    let broken = store::broken_references(db).await?;
    if broken.is_empty() {
        return Ok(Check::ok(code, name, 0, "单位、干部、权力、版本相互对应"));
    }
    let lines: Vec<_> = broken.iter().map(|(what, faults)| format!("{what}（{faults} 处）")).collect();
    Ok(Check::fault(code, name, lines.join("；"), "请保留现场并从备份恢复。"))
}

async fn file(db: &Db) -> Result<Check, DbErr> {
    let (code, name) = ("file", "数据库文件");
    let damages = store::damages(db).await?;
    Ok(match damages.first() {
        None => Check::ok(code, name, 0, "数据库引擎没有发现损坏"),
        Some(first) => Check::fault(
            code,
            name,
            format!("数据库引擎发现损坏：{first}"),
            "请立即停止服务，检查磁盘，并从备份恢复。",
        ),
    })
}

/// Whether these keys are the ones the database was sealed with: every key that a value names is there and
/// opens the first value of each column. Returns what is lacking, in words.
pub async fn fits(db: &Db, vault: &Vault) -> Result<Option<String>, DbErr> {
    let held: Vec<_> = vault.keys().iter().map(|key| key.id()).collect();
    let used = key_numbers(&store::sealed_headers(db.read()).await?);
    if let Some(lacking) = used.iter().find(|number| !held.contains(number)) {
        return Ok(Some(format!("密钥文件里没有第 {lacking} 号数据密钥")));
    }
    for &column in store::SEALED {
        for sealed in store::sealed_after(db.read(), column, 0, 1).await? {
            if let Err(error) = vault.unseal(&column.place(&sealed.row), &sealed.value) {
                return Ok(Some(format!("密钥文件打不开这个数据库的加密字段：{error}")));
            }
        }
    }
    Ok(None)
}

/// What the database and the keys tell a doctor, quickly.
pub async fn doctor(db: &Db, vault: &Vault, now: Millis) -> Result<Vec<Check>, DbErr> {
    let pending = migrations::pending(db).await?;
    if !pending.is_empty() {
        let detail = format!("还有 {} 步结构升级没有做", pending.len());
        return Ok(vec![Check::fault(
            "migrations",
            "数据库结构",
            detail,
            "请先备份，再执行 daylight migrate。",
        )]);
    }
    let mut found = vec![Check::ok("migrations", "数据库结构", 0, "是最新的")];
    let faults = vault.check();
    found.push(match (fits(db, vault).await?, faults.first()) {
        (Some(lacking), _) => {
            Check::fault("keys", "密钥", lacking, "请把与这个数据库配套的密钥文件放回密钥目录。")
        }
        (None, Some(_)) => Check::warning("keys", "密钥", "能用，但需要处理", faults.join("；")),
        (None, None) => {
            Check::ok("keys", "密钥", 0, format!("{} 把数据密钥，与数据库配套", vault.keys().len()))
        }
    });
    found.push(clock(db, now).await?);
    found.push(working_days(db, now).await?);
    found.push(backup(db, now).await?);
    found.push(jobs(db).await?);
    found.push(messages(db, now).await?);
    found.push(round_keys(db, vault).await?);
    Ok(found)
}

/// Every roll-up against the ballots of its round.
async fn ballots(db: &Db) -> Result<Check, DbErr> {
    let (code, name) = ("ballots", "群众评价");
    let snapshot = db.snapshot().await?;
    let (mut found, mut rounds) = (ratings::store::ballots::Recount::default(), 0);
    for kept in ratings::store::rounds::list(&*snapshot).await? {
        let one = match kept.round.state {
            Stand::Open | Stand::Closed => Some(ratings::store::ballots::recount(&*snapshot, kept.id).await?),
            Stand::Published => Some(ratings::store::recount_sealed(&*snapshot, kept.id).await?),
            Stand::Draft | Stand::Reviewed | Stand::Dropped => None,
        };
        if let Some(one) = one {
            (found.ballots, found.wrong, rounds) =
                (found.ballots + one.ballots, found.wrong + one.wrong, rounds + 1);
        }
    }
    Ok(if found.wrong == 0 {
        Check::ok(code, name, found.ballots, format!("{rounds} 轮，重数与汇总一致"))
    } else {
        let detail = format!("{} 个汇总与重数不一致", found.wrong);
        Check::fault(code, name, detail, "请从备份恢复，并保留这个数据库供查。").of(found.ballots)
    })
}

/// A key that outlives its round would tell whose a ballot is.
async fn round_keys(db: &Db, vault: &Vault) -> Result<Check, DbErr> {
    let (code, name) = ("round_keys", "评价密钥");
    let held = match ratings::keys::rounds(vault) {
        Ok(held) => held,
        Err(error) => {
            return Ok(Check::warning(code, name, error.to_string(), "请检查密钥目录的权限。"));
        }
    };
    let outlived = ratings::store::outlived(db.read(), &held).await?;
    if outlived.is_empty() {
        return Ok(Check::ok(code, name, held.len() as i64, format!("{} 轮评价正在进行", held.len())));
    }
    let folder = ratings::keys::folder(vault);
    let detail = format!("{} 轮评价没有在进行，密钥还在 {}", outlived.len(), folder.display());
    let remedy =
        "服务运行时一分钟内会自动销毁；服务没有运行，请启动服务。这个目录不能备份，也不能从别处放回来。";
    Ok(Check::warning(code, name, detail, remedy))
}

async fn clock(db: &Db, now: Millis) -> Result<Check, DbErr> {
    let (code, name) = ("clock", "系统时间");
    // The first release; a machine that wakes up in 1970 or 2000 has lost its battery.
    const RELEASED: Millis = 1_767_225_600_000;
    let last = store::last_written(db.read()).await?;
    let remedy = "请校准系统时间并启用自动对时（如 chrony）；办理期限按系统时间计算。";
    Ok(if now < RELEASED {
        Check::fault(code, name, format!("现在显示 {}，明显不对", date_text(now)), remedy)
    } else if now + 60_000 < last {
        let detail = format!("现在是 {}，早于最后一次写入的 {}", date_text(now), date_text(last));
        Check::fault(code, name, detail, remedy)
    } else {
        Check::ok(code, name, 0, time_text(now))
    })
}

async fn working_days(db: &Db, now: Millis) -> Result<Check, DbErr> {
    let (code, name) = ("calendar", "工作日历");
    let calendar = calendar::store::calendar(db.read()).await?;
    Ok(match calendar.lacks(beijing(now).date(), calendar::BEFORE) {
        Some(year) => Check::warning(
            code,
            name,
            format!("{year} 年的放假安排没有载入"),
            format!(
                "请在“工作日历”页面载入 {year} 年的放假安排；载入以前，这一年的工作日暂按周末计算，期限后面写明，载入后自动重新计算。"
            ),
        ),
        None => {
            let years: Vec<_> = calendar.years.keys().map(i32::to_string).collect();
            Check::ok(code, name, years.len() as i64, format!("已载入 {} 年", years.join("、")))
        }
    })
}

async fn backup(db: &Db, now: Millis) -> Result<Check, DbErr> {
    let (code, name) = ("backup", "备份");
    let remedy = "请定时执行 daylight backup，并把备份和密钥文件分开存放到别的机器。";
    let last = store::last_done(db.read(), "backup.make").await?;
    Ok(match last {
        _ if store::is_empty(db.read()).await? => Check::ok(code, name, 0, "还没有数据，不需要备份"),
        None => Check::warning(code, name, "还没有做过备份", remedy),
        Some(at) if now - at > 7 * 24 * 3_600_000 => {
            Check::warning(code, name, format!("最近一次备份是 {}", date_text(at)), remedy)
        }
        Some(at) => Check::ok(code, name, 0, format!("最近一次备份是 {}", date_text(at))),
    })
}

async fn jobs(db: &Db) -> Result<Check, DbErr> {
    let (code, name) = ("jobs", "后台任务");
    let failed = daylight_queue::failed_count(db.read()).await?;
    Ok(match failed {
        0 => Check::ok(code, name, 0, "没有失败的任务"),
        _ => Check::warning(
            code,
            name,
            format!("{failed} 个任务失败"),
            "请查看日志里的失败原因，处理后重新执行。",
        ),
    })
}

async fn messages(db: &Db, now: Millis) -> Result<Check, DbErr> {
    let (code, name) = ("sms", "短信");
    let late = crate::sms::store::late(db.read(), now).await?;
    // The number is of those that wait for their time.
    let early = crate::sms::waiting(db.read()).await? - late;
    Ok(match late {
        0 => Check::ok(code, name, early, "没有该发而没有发出的短信"),
        _ => Check::warning(
            code,
            name,
            format!("{late} 条短信到了时间还没有发出"),
            "请在 daylight.toml 里用 [sms] command = [\"程序\", \"参数\"] 配置短信发送程序并重新启动；已经配置的，请查看日志里的失败原因。",
        )
        .of(early),
    })
}
