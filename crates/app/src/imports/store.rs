//! Every query of imports: the registry into memory, a plan into the database, the list of imports.

use super::{CadreEntry, DivisionEntry, Entry, Plan, Register, Report, layouts::Learned, sealed::Stored};
use crate::{
    audit::{self, rows},
    clock::Millis,
    divisions, ops,
    revisions::{Content, SubjectKind, store::Press},
};
use daylight_db::{ConnectionTrait, DbErr, FromQueryResult, Tx, all, exec, one, scalar, scalar_opt, values};
use daylight_ids::DivisionCode;
use daylight_vault::{Purpose, Vault};
use std::collections::HashMap;

/// The index under which citizen ids are found without being opened.
pub const CITIZEN_ID: Purpose = Purpose("citizen_id");

/// The index by which a telephone is told from the one that is sealed, in memory only.
pub const PHONE: Purpose = Purpose("phone");

/// Reads the published registry.
pub async fn load_register(c: &impl ConnectionTrait, vault: &Vault) -> Result<Register, DbErr> {
    let mut register = Register::default();
    for division in divisions::store::current(c).await? {
        let Ok(code) = DivisionCode::parse(&division.code) else { continue };
        let entry = DivisionEntry {
            id: Some(division.id),
            code,
            name: division.name,
            valid_from: division.valid_from,
            valid_to: None,
            successor: None,
            inferred: division.inferred,
            changed: false,
            touched: false,
            before: None,
        };
        register.divisions.insert(division.code, entry);
    }
    #[derive(FromQueryResult)]
    struct Row {
        subject_id: i64,
        content: String,
    }
    let sql = "SELECT subject_id, content FROM revisions WHERE kind = $1 AND state = 'published' ORDER BY subject_id";
    let indexes = citizen_id_indexes(c).await?;
    let phones = phone_indexes(c, vault).await?;
    let renamed = renamed_units(c).await?;
    let current = |name: &mut String| {
        if let Some(new) = renamed.get(name) {
            name.clone_from(new);
        }
    };
    register.former_unit_names.clone_from(&renamed);
    for kind in SubjectKind::ALL {
        let rows: Vec<Row> = all(c, sql, values![kind.code()]).await?;
        for row in rows {
            let broken = |_| DbErr::Type(format!("published {} {}", kind.code(), row.subject_id));
            match Content::from_json(kind, &row.content).map_err(broken)? {
                Content::Unit(unit) => drop(register.add_unit(Entry::known(row.subject_id, unit))),
                Content::Power(mut power) => {
                    current(&mut power.unit);
                    register.add_power(Entry::known(row.subject_id, *power));
                }
                Content::Cadre(mut cadre) => {
                    cadre.appointments.iter_mut().for_each(|held| current(&mut held.unit));
                    let index = indexes.get(&row.subject_id).copied();
                    let entry = CadreEntry {
                        citizen_id_index: index,
                        phone_index: phones.get(&row.subject_id).copied(),
                        ..CadreEntry::new(Entry::known(row.subject_id, cadre))
                    };
                    register.add_cadre(entry, index);
                }
            }
        }
    }
    Ok(register)
}

/// Names that units once had, with the names they have now: published powers and posts still speak of
/// the unit as it was called then.
async fn renamed_units(c: &impl ConnectionTrait) -> Result<HashMap<String, String>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        old: String,
        new: String,
    }
    let sql = "SELECT DISTINCT r.title AS old, u.name AS new FROM revisions r JOIN units u ON u.id = r.subject_id \
               WHERE r.kind = 'unit' AND r.published_at IS NOT NULL AND r.title <> u.name \
               AND NOT EXISTS (SELECT 1 FROM units o WHERE o.name = r.title)";
    let rows: Vec<Row> = all(c, sql, values![]).await?;
    Ok(rows.into_iter().map(|row| (row.old, row.new)).collect())
}

async fn citizen_id_indexes(c: &impl ConnectionTrait) -> Result<HashMap<i64, [u8; 32]>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        citizen_id_index: Vec<u8>,
    }
    let sql = "SELECT id, citizen_id_index FROM cadres WHERE citizen_id_index IS NOT NULL";
    let rows: Vec<Row> = all(c, sql, values![]).await?;
    Ok(rows.into_iter().filter_map(|row| Some((row.id, row.citizen_id_index.try_into().ok()?))).collect())
}

/// Opened and closed again within these lines: what leaves them tells two numbers apart and nothing else. One
/// that cannot be opened counts as none, so that the next list mends it.
async fn phone_indexes(c: &impl ConnectionTrait, vault: &Vault) -> Result<HashMap<i64, [u8; 32]>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        phone_sealed: Vec<u8>,
    }
    let rows: Vec<Row> =
        all(c, "SELECT id, phone_sealed FROM cadres WHERE phone_sealed IS NOT NULL", values![]).await?;
    let index = |row: Row| {
        let opened = vault.unseal(&ops::store::PHONE.place(row.id), &row.phone_sealed).ok()?;
        Some((row.id, vault.blind(PHONE, opened.as_str().ok()?)))
    };
    Ok(rows.into_iter().filter_map(index).collect())
}

/// Who takes over, for revisions and the audit trail.
#[derive(Clone, Debug)]
pub struct By {
    /// The account; none for the operator at the machine.
    pub account_id: Option<i64>,
    /// Their name.
    pub name: String,
    /// The import's row, when it came through the office.
    pub import_id: Option<i64>,
}

/// Writes a plan: everything, or nothing when anything fails. `progress` is told (done, of).
pub async fn apply(
    tx: &Tx,
    vault: &Vault,
    plan: &Plan,
    by: &By,
    now: Millis,
    progress: &(dyn Fn(u64, u64) + Sync),
) -> Result<(), DbErr> {
    tx.lock("daylight registry").await?;
    let register = &plan.register;
    write_divisions(tx, register, now).await?;
    let changed = |touched: bool, same: bool| touched && !same;
    let units: Vec<_> = parents_first(register)
        .into_iter()
        .filter(|entry| changed(entry.touched, entry.before.as_ref() == Some(&entry.now)))
        .collect();
    let powers: Vec<_> = register
        .powers
        .iter()
        .filter(|entry| changed(entry.touched, entry.before.as_ref() == Some(&entry.now)))
        .collect();
    let total = u64::try_from(units.len() + register.cadres.len() + powers.len()).unwrap_or(u64::MAX);
    let mut done = 0;
    let mut step = || {
        done += 1;
        if done % 100 == 0 || done == total {
            progress(done, total);
        }
    };
    let mut press = Press::new(tx, now);
    for entry in units {
        let content = Content::Unit(entry.now.clone());
        press.publish_imported(entry.id, &content, &entry.flags, by.import_id, by.account_id).await?;
        step();
    }
    for cadre in &register.cadres {
        write_cadre(tx, &mut press, vault, cadre, by).await?;
        step();
    }
    for entry in powers {
        let content = Content::Power(Box::new(entry.now.clone()));
        press.publish_imported(entry.id, &content, &entry.flags, by.import_id, by.account_id).await?;
        step();
    }
    press.finish().await?;
    let (read, taken, refused, ignored, flagged) = plan.report.totals();
    let files: Vec<_> = plan.report.files.iter().map(|file| file.file.as_str()).collect();
    let entry = audit::Entry {
        account_id: by.account_id,
        actor: &by.name,
        action: "import.apply",
        subject: &files.join("、"),
        detail: &format!("读{read} 收{taken} 拒{refused} 略{ignored} 待补{flagged}"),
    };
    audit::store::append(tx, &entry, now).await
}

async fn write_divisions(tx: &Tx, register: &Register, now: Millis) -> Result<(), DbErr> {
    let mut written: HashMap<String, divisions::Division> = HashMap::new();
    let current = divisions::store::current(&**tx).await?;
    written.extend(current.into_iter().map(|division| (division.code.clone(), division)));
    let mut successors = Vec::new();
    // Codes sort parents before children.
    for entry in register.divisions.values().chain(&register.past_divisions).filter(|entry| entry.changed) {
        let code = entry.code.as_str().to_owned();
        let (from, to) = (entry.valid_from.as_deref(), entry.valid_to.as_deref());
        let id = match entry.id {
            Some(id) => {
                divisions::store::rename(tx, id, &entry.name, from, to, now).await?;
                id
            }
            None => {
                let mut above = entry.code.parent();
                let parent = loop {
                    match above {
                        None => break None,
                        Some(code) => match written.get(code.as_str()) {
                            Some(parent) => break Some(parent),
                            None => above = code.parent(),
                        },
                    }
                };
                let new = divisions::store::New {
                    code: &entry.code,
                    name: &entry.name,
                    parent,
                    valid_from: from,
                    valid_to: to,
                    inferred: entry.inferred,
                };
                let division = divisions::store::insert(tx, &new, now).await?;
                let id = division.id;
                if to.is_none() {
                    written.insert(code, division);
                }
                id
            }
        };
        successors.extend(entry.successor.clone().map(|successor| (id, successor)));
    }
    for (id, successor) in successors {
        divisions::store::set_successor(tx, id, &successor).await?;
    }
    rows::keep(tx, &rows::DIVISIONS, 0, now).await
}

/// Units in an order in which the unit above is always written first.
fn parents_first(register: &Register) -> Vec<&Entry<crate::units::Unit>> {
    fn depth(register: &Register, at: usize) -> usize {
        let mut steps = 0;
        let mut here = at;
        // A circle was refused by the plan; the bound keeps even a broken one finite.
        while steps <= register.units.len() {
            let parent = register.units[here].now.parent.as_ref();
            match parent.and_then(|name| register.unit_by_name.get(name)) {
                Some(above) => here = *above,
                None => break,
            }
            steps += 1;
        }
        steps
    }
    let mut order: Vec<_> = (0..register.units.len()).map(|at| (depth(register, at), at)).collect();
    order.sort_unstable();
    order.into_iter().map(|(_, at)| &register.units[at]).collect()
}

async fn write_cadre(
    tx: &Tx,
    press: &mut Press<'_>,
    vault: &Vault,
    cadre: &CadreEntry,
    by: &By,
) -> Result<(), DbErr> {
    let entry = &cadre.entry;
    if !entry.touched {
        return Ok(());
    }
    let id = match entry.id {
        Some(id) if entry.before.as_ref() == Some(&entry.now) => id,
        known => {
            let content = Content::Cadre(entry.now.clone());
            press.publish_imported(known, &content, &entry.flags, by.import_id, by.account_id).await?
        }
    };
    let citizen_id = cadre.citizen_id.as_ref().map(|citizen_id| {
        let sealed = vault.seal(&ops::store::CITIZEN_ID.place(id), citizen_id.as_str().as_bytes());
        (sealed, vault.blind(CITIZEN_ID, citizen_id.as_str()))
    });
    let phone = cadre
        .phone
        .as_ref()
        .map(|phone| (vault.seal(&ops::store::PHONE.place(id), phone.as_bytes()), vault.blind(PHONE, phone)));
    crate::cadres::store::seal(tx, id, citizen_id, phone).await?;
    crate::cadres::store::describe(tx, id, cadre.sex, cadre.political_status.as_deref()).await
}

/// Headings that offices confirmed.
pub async fn learned(c: &impl ConnectionTrait) -> Result<Learned, DbErr> {
    let json: Option<String> =
        scalar_opt(c, "SELECT value FROM settings WHERE key = 'import.headings'", values![]).await?;
    Ok(json.and_then(|json| serde_json::from_str(&json).ok()).unwrap_or_default())
}

/// Keeps headings that an office confirmed.
pub async fn learn(tx: &Tx, learned: &Learned) -> Result<(), DbErr> {
    let json = serde_json::to_string(learned).expect("plain data serializes");
    let sql = "INSERT INTO settings (key, value) VALUES ('import.headings', $1) \
               ON CONFLICT (key) DO UPDATE SET value = excluded.value";
    exec(&**tx, sql, values![json]).await?;
    rows::keep_undated(tx, &rows::SETTINGS, 0).await
}

/// An import that came through the office.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Line {
    /// Surrogate id.
    pub id: i64,
    /// Who brought it.
    pub account_id: Option<i64>,
    /// Their name.
    pub account: Option<String>,
    /// [`State::code`].
    pub state: String,
    /// Folder of the sealed files, below `imports` in the data folder.
    pub folder: String,
    /// The sealed files as JSON.
    pub files: String,
    /// Headings given by hand, as JSON.
    pub mapping: String,
    /// What the page says while it waits; when it failed, why.
    pub progress: String,
    /// [`Report`] as JSON; empty while reading.
    pub report: String,
    /// When it was brought.
    pub created_at: i64,
    /// When it last moved.
    pub updated_at: i64,
}

/// Where an import stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Its files are being read.
    Reading,
    /// Somebody has to look and decide.
    Preview,
    /// Confirmed, being saved.
    Saving,
    /// Saved.
    Done,
    /// Could not be read or saved.
    Failed,
    /// Given up.
    Discarded,
}

impl State {
    /// All.
    pub const ALL: [State; 6] =
        [State::Reading, State::Preview, State::Saving, State::Done, State::Failed, State::Discarded];

    /// The word in tables.
    pub fn code(self) -> &'static str {
        match self {
            State::Reading => "reading",
            State::Preview => "preview",
            State::Saving => "saving",
            State::Done => "done",
            State::Failed => "failed",
            State::Discarded => "discarded",
        }
    }

    /// The word on the page.
    pub fn page(self) -> &'static str {
        match self {
            State::Reading => "正在读取",
            State::Preview => "等待核对",
            State::Saving => "正在保存",
            State::Done => "已收录",
            State::Failed => "未完成",
            State::Discarded => "已放弃",
        }
    }
}

impl Line {
    /// Where it stands.
    pub fn state(&self) -> State {
        State::ALL.into_iter().find(|state| state.code() == self.state).unwrap_or(State::Failed)
    }

    /// The report, once there is one.
    pub fn report(&self) -> Option<Report> {
        serde_json::from_str(&self.report).ok()
    }

    /// The sealed files.
    pub fn stored(&self) -> Vec<Stored> {
        serde_json::from_str(&self.files).unwrap_or_default()
    }

    /// The names of the files.
    pub fn file_names(&self) -> Vec<String> {
        self.stored().into_iter().map(|file| file.name).collect()
    }

    /// Headings given by hand.
    pub fn learned(&self) -> Learned {
        serde_json::from_str(&self.mapping).unwrap_or_default()
    }
}

const LINE: &str = "SELECT i.id, i.account_id, a.name AS account, i.state, i.folder, i.files, i.mapping, i.progress, \
     i.report, i.created_at, i.updated_at FROM imports i LEFT JOIN accounts a ON a.id = i.account_id";

/// Notes an import whose files are sealed. Returns its id.
pub async fn begin(
    tx: &Tx,
    account_id: Option<i64>,
    folder: &str,
    files: &[Stored],
    now: Millis,
) -> Result<i64, DbErr> {
    let files = serde_json::to_string(files).expect("plain data serializes");
    let sql = "INSERT INTO imports (account_id, state, folder, files, mapping, progress, report, created_at, \
               updated_at) VALUES ($1, 'reading', $2, $3, '{}', '', '', $4, $4) RETURNING id";
    scalar(&**tx, sql, values![account_id, folder, files, now]).await
}

/// An import by its id.
pub async fn get(c: &impl ConnectionTrait, id: i64) -> Result<Option<Line>, DbErr> {
    one(c, &format!("{LINE} WHERE i.id = $1"), values![id]).await
}

/// A page of imports, newest first, without their reports.
pub async fn list(c: &impl ConnectionTrait, limit: i64, offset: i64) -> Result<Vec<Line>, DbErr> {
    let line = LINE.replace("i.report,", "'' AS report,");
    all(c, &format!("{line} ORDER BY i.id DESC LIMIT $1 OFFSET $2"), values![limit, offset]).await
}

/// How many imports there are.
pub async fn count(c: &impl ConnectionTrait) -> Result<i64, DbErr> {
    scalar(c, "SELECT COUNT(*) FROM imports", values![]).await
}

/// The folders whose files are still needed.
pub async fn folders_in_use(c: &impl ConnectionTrait) -> Result<Vec<String>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        folder: String,
    }
    let sql = "SELECT folder FROM imports WHERE state <> 'done' AND state <> 'discarded'";
    let rows: Vec<Row> = all(c, sql, values![]).await?;
    Ok(rows.into_iter().map(|row| row.folder).collect())
}

/// Moves an import on, only from where it is expected to stand: two clicks save once.
pub async fn advance(
    c: &impl ConnectionTrait,
    id: i64,
    (from, to): (State, State),
    report: Option<&Report>,
    now: Millis,
) -> Result<bool, DbErr> {
    let report = report.map(|report| serde_json::to_string(report).expect("plain data serializes"));
    let sql = "UPDATE imports SET state = $3, report = COALESCE($4, report), progress = '', updated_at = $5 \
               WHERE id = $1 AND state = $2";
    Ok(exec(c, sql, values![id, from.code(), to.code(), report, now]).await? == 1)
}

/// Takes an import back from saving to be looked at once more, and why ([`super::jobs::MOVED`]).
pub async fn put_back(
    tx: &Tx,
    id: i64,
    report: Option<&Report>,
    why: &str,
    now: Millis,
) -> Result<(), DbErr> {
    let report = report.map(|report| serde_json::to_string(report).expect("plain data serializes"));
    let sql = "UPDATE imports SET state = 'preview', report = COALESCE($2, report), progress = $3, updated_at = $4 \
               WHERE id = $1 AND state = 'saving'";
    exec(&**tx, sql, values![id, report, why, now]).await.map(drop)
}

/// Ends an import that could not be read or saved, with the reason in words.
pub async fn fail(
    c: &impl ConnectionTrait,
    id: i64,
    from: State,
    reason: &str,
    now: Millis,
) -> Result<(), DbErr> {
    let sql = "UPDATE imports SET state = 'failed', report = '', progress = $3, updated_at = $4 \
               WHERE id = $1 AND state = $2";
    exec(c, sql, values![id, from.code(), reason, now]).await.map(drop)
}

/// Gives an import up, wherever it stands before saving, and forgets what was said about its rows.
pub async fn discard(tx: &Tx, id: i64, now: Millis) -> Result<bool, DbErr> {
    let sql = "UPDATE imports SET state = 'discarded', report = '', progress = '', updated_at = $2 \
               WHERE id = $1 AND (state = 'reading' OR state = 'preview' OR state = 'failed')";
    Ok(exec(&**tx, sql, values![id, now]).await? == 1)
}

/// Says how far it is, while it is being read.
pub async fn set_progress(tx: &Tx, id: i64, progress: &str, now: Millis) -> Result<(), DbErr> {
    let sql = "UPDATE imports SET progress = $2, updated_at = $3 WHERE id = $1 AND state = 'reading'";
    exec(&**tx, sql, values![id, progress, now]).await.map(drop)
}

/// Replaces the headings given by hand and reads again.
pub async fn remap(tx: &Tx, id: i64, mapping: &Learned, now: Millis) -> Result<bool, DbErr> {
    let mapping = serde_json::to_string(mapping).expect("plain data serializes");
    let sql = "UPDATE imports SET mapping = $2, state = 'reading', report = '', progress = '', updated_at = $3 \
               WHERE id = $1 AND (state = 'preview' OR state = 'failed')";
    Ok(exec(&**tx, sql, values![id, mapping, now]).await? == 1)
}

/// A mark that changes with everything a plan is held against. Two equal marks around a plan say that
/// the plan still fits.
pub async fn registry_mark(c: &impl ConnectionTrait) -> Result<Vec<i64>, DbErr> {
    let mut mark = Vec::new();
    for sql in [
        // Both only grow: a publication sets the one, whatever takes its place the other.
        "SELECT COUNT(published_at) FROM revisions",
        "SELECT COUNT(ended_at) FROM revisions",
        "SELECT COUNT(*) FROM divisions",
        "SELECT COALESCE(MAX(updated_at), 0) FROM divisions",
        // Sealed fields change without a revision, but only by an import.
        "SELECT COUNT(*) FROM imports WHERE state = 'done'",
        "SELECT COUNT(*) FROM audit_entries WHERE action = 'import.apply'",
    ] {
        mark.push(scalar(c, sql, values![]).await?);
    }
    Ok(mark)
}
