//! Every query on an installation as a whole.

use crate::{audit::rows, clock::Millis, revisions::SubjectKind};
use daylight_db::{
    ConnectionTrait, Db, DbErr, Engine, FromQueryResult, Tx, all, exec, scalar, scalar_opt, values,
};
use daylight_vault::Place;
use std::collections::{BTreeSet, HashMap};

/// A column that holds sealed values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its table.
    pub table: &'static str,
    /// Its name, which ends in `_sealed`.
    pub name: &'static str,
    /// What its seal names as the row, in SQL: the id, or what else must not be changed under it.
    row: &'static str,
}

/// Every column that holds sealed values. A test holds the schema against this list. What is locked under the key
/// of a case is not here: its key is.
pub const SEALED: &[Column] = &[
    CITIZEN_ID,
    PHONE,
    TOTP,
    DRAFT,
    IDENTITY,
    CASE_KEY,
    OPENING_REASON,
    CLUE_KEY,
    REPLY_SKETCH,
    MESSAGE,
    PROOF,
    FILE_ABOUT,
    FILE_KEY,
    HOTLINE,
    ORDER,
];

/// Citizen ids of cadres.
pub const CITIZEN_ID: Column = Column::new("cadres", "citizen_id_sealed");

/// Telephones of cadres.
pub const PHONE: Column = Column::new("cadres", "phone_sealed");

/// Secrets of the second factor.
pub const TOTP: Column = Column::new("accounts", "totp_sealed");

/// What a reporter has typed so far.
pub const DRAFT: Column = Column::new("report_drafts", "content_sealed");

/// Who reported.
pub const IDENTITY: Column = Column::new("report_identities", "content_sealed");

/// Why somebody asked to see who reported.
pub const OPENING_REASON: Column = Column::new("identity_openings", "reason_sealed");

/// Keys of clues that belong to no case.
pub const CLUE_KEY: Column = Column::new("clues", "key_sealed");

/// Messages that have not left yet.
pub const MESSAGE: Column = Column::new("sms_messages", "content_sealed");

/// Telephones that drafts have proved.
pub const PROOF: Column = Column::new("phone_proofs", "phone_sealed");

/// Names and digests of files that hang on drafts.
pub const FILE_ABOUT: Column = Column::new("attachments", "about_sealed");

/// Keys of files that hang on drafts.
pub const FILE_KEY: Column = Column::new("attachments", "key_sealed");

/// Hashed pieces of replies, by which near-copies are found.
pub const REPLY_SKETCH: Column = Column::new("case_replies", "sketch_sealed");

/// Rows of a hotline's table that wait to be taken.
pub const HOTLINE: Column = Column::new("hotline_tables", "content_sealed");

/// The number under which a hotline knows a report.
pub const ORDER: Column = Column::new("report_origins", "number_sealed");

/// Keys of cases. The seal names for whom a key was wrapped: a row given to another account does not open.
pub const CASE_KEY: Column = Column {
    row: "case_id || '/' || generation || '/' || COALESCE(account_id, 0)",
    ..Column::new("case_keys", "key_sealed")
};

impl Column {
    const fn new(table: &'static str, name: &'static str) -> Column {
        Column { table, name, row: "CAST(id AS TEXT)" }
    }

    /// Where the value of a row stands; part of what its seal binds.
    pub fn place(self, row: impl ToString) -> Place {
        Place::new(self.table, row, self.name)
    }
}

/// A sealed value and its row.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Sealed {
    /// The row.
    pub id: i64,
    /// The row as the seal names it.
    pub row: String,
    /// As stored.
    pub value: Vec<u8>,
}

/// The next sealed values of a column after a row.
pub async fn sealed_after(
    c: &impl ConnectionTrait,
    column: Column,
    after: i64,
    limit: i64,
) -> Result<Vec<Sealed>, DbErr> {
    let Column { table, name, row } = column;
    let sql = format!(
        "SELECT id, {row} AS row, {name} AS value FROM {table} WHERE {name} IS NOT NULL AND id > $1 ORDER BY id LIMIT $2"
    );
    all(c, &sql, values![after, limit]).await
}

/// Replaces a sealed value if it still is what was read.
pub async fn replace_sealed(tx: &Tx, column: Column, old: &Sealed, new: Vec<u8>) -> Result<bool, DbErr> {
    let Column { table, name, .. } = column;
    let sql = format!("UPDATE {table} SET {name} = $3 WHERE id = $1 AND {name} = $2");
    Ok(exec(&**tx, &sql, values![old.id, old.value.clone(), new]).await? == 1)
}

/// The distinct beginnings of all sealed values, which name their suite and key.
pub async fn sealed_headers(c: &impl ConnectionTrait) -> Result<BTreeSet<Vec<u8>>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        header: Vec<u8>,
    }
    let mut headers = BTreeSet::new();
    for Column { table, name, .. } in SEALED {
        let sql =
            format!("SELECT DISTINCT SUBSTR({name}, 1, 5) AS header FROM {table} WHERE {name} IS NOT NULL");
        let rows: Vec<Row> = all(c, &sql, values![]).await?;
        headers.extend(rows.into_iter().map(|row| row.header));
    }
    Ok(headers)
}

/// Waits until nobody else has a sealed value half written, and holds off others until commit.
pub async fn hold_sealed(tx: &Tx) -> Result<(), DbErr> {
    match tx.engine() {
        // The one writer is this transaction.
        Engine::Sqlite => Ok(()),
        Engine::Postgres => {
            let tables: BTreeSet<_> = SEALED.iter().map(|column| column.table).collect();
            let tables: Vec<_> = tables.into_iter().collect();
            super::postgres::hold_writers(tx, &tables.join(", ")).await
        }
    }
}

/// Blind indexes of cadres' citizen ids, by which the same person is found.
pub async fn citizen_id_indexes(c: &impl ConnectionTrait) -> Result<HashMap<i64, Vec<u8>>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        citizen_id_index: Vec<u8>,
    }
    let sql = "SELECT id, citizen_id_index FROM cadres WHERE citizen_id_index IS NOT NULL";
    let rows: Vec<Row> = all(c, sql, values![]).await?;
    Ok(rows.into_iter().map(|row| (row.id, row.citizen_id_index)).collect())
}

/// A setting by its key.
pub async fn setting(c: &impl ConnectionTrait, key: &str) -> Result<Option<String>, DbErr> {
    scalar_opt(c, "SELECT value FROM settings WHERE key = $1", values![key]).await
}

/// Notes a setting.
pub async fn set_setting(tx: &Tx, key: &str, value: &str) -> Result<(), DbErr> {
    set_own(tx, key, value).await?;
    rows::keep_undated(tx, &rows::SETTINGS, 0).await
}

/// Moves on a setting that the program keeps for itself, see [`rows::SETTINGS`].
pub async fn set_own(tx: &Tx, key: &str, value: &str) -> Result<(), DbErr> {
    let sql = "INSERT INTO settings (key, value) VALUES ($1, $2) \
               ON CONFLICT (key) DO UPDATE SET value = excluded.value";
    exec(&**tx, sql, values![key, value]).await.map(drop)
}

/// Whether nothing was entered yet: no unit, no account.
pub async fn is_empty(c: &impl ConnectionTrait) -> Result<bool, DbErr> {
    let units: i64 = scalar(c, "SELECT COUNT(*) FROM units", values![]).await?;
    let accounts: i64 = scalar(c, "SELECT COUNT(*) FROM accounts", values![]).await?;
    Ok(units == 0 && accounts == 0)
}

/// Makes earlier links for the first administrator worthless: there is one at a time.
pub async fn void_first_invitations(tx: &Tx) -> Result<(), DbErr> {
    let sql = "UPDATE invitations SET used_at = 0 WHERE account_id IS NULL AND used_at IS NULL";
    exec(&**tx, sql, values![]).await.map(drop)
}

/// Whether the database answers.
pub async fn answers(db: &Db) -> Result<(), DbErr> {
    let _: i64 = scalar(db.read(), "SELECT COUNT(*) FROM settings", values![]).await?;
    Ok(())
}

/// A published or ended state, as stored.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Stored {
    /// The revision.
    pub id: i64,
    /// [`SubjectKind::code`].
    pub kind: String,
    /// JSON.
    pub content: String,
}

/// The next states that are or were public.
pub async fn public_states_after(
    c: &impl ConnectionTrait,
    after: i64,
    limit: i64,
) -> Result<Vec<Stored>, DbErr> {
    let sql = "SELECT id, kind, content FROM revisions WHERE published_at IS NOT NULL AND id > $1 \
               ORDER BY id LIMIT $2";
    all(c, sql, values![after, limit]).await
}

/// How many documents search knows.
pub async fn count_documents(c: &impl ConnectionTrait) -> Result<i64, DbErr> {
    scalar(c, "SELECT COUNT(*) FROM search_documents", values![]).await
}

/// Documents without index and index rows without document.
pub async fn index_faults(db: &Db) -> Result<i64, DbErr> {
    let sql = match db.engine() {
        Engine::Sqlite => super::sqlite::INDEX_FAULTS,
        Engine::Postgres => super::postgres::INDEX_FAULTS,
    };
    scalar(db.read(), sql, values![]).await
}

/// References that no foreign key guards: (what is wrong, how often). Only what is wrong.
pub async fn broken_references(db: &Db) -> Result<Vec<(String, i64)>, DbErr> {
    let mut asked = vec![
        (
            "同一对象有两个现行版本".to_owned(),
            "SELECT COUNT(*) FROM (SELECT 1 AS one FROM revisions WHERE state = 'published' \
             GROUP BY kind, subject_id HAVING COUNT(*) > 1) AS doubled"
                .to_owned(),
        ),
        (
            "公民身份号码与其检索索引不成对".to_owned(),
            "SELECT COUNT(*) FROM cadres WHERE (citizen_id_sealed IS NULL) <> (citizen_id_index IS NULL)"
                .to_owned(),
        ),
    ];
    // What the trail says was done to a case is still there: a row taken out of the database is missed here.
    for (what, trail, rows) in [
        ("审计日志记有收到的反映，库里却没有", "case.receive", "SELECT id AS case_id FROM reports"),
        (
            "审计日志记有对办理件做的事，办理记录里却没有",
            "case.act",
            "SELECT case_id FROM case_events WHERE account_id IS NOT NULL AND deed NOT LIKE '%\"deed\":\"name\"%'",
        ),
        (
            "审计日志记有登记的被反映人，办理件里却没有",
            "case.name",
            "SELECT case_id FROM case_routes WHERE number > 1",
        ),
        (
            "审计日志记有查看反映人身份，库里却没有",
            "opening.look",
            "SELECT o.case_id FROM identity_looks l JOIN identity_openings o ON o.id = l.opening_id",
        ),
    ] {
        asked.push((
            what.to_owned(),
            format!(
                "SELECT COUNT(*) FROM (SELECT subject, COUNT(*) AS n FROM audit_entries \
                 WHERE action = '{trail}' GROUP BY subject) a \
                 LEFT JOIN (SELECT 'case ' || CAST(case_id AS TEXT) AS subject, COUNT(*) AS n FROM ({rows}) r \
                 GROUP BY case_id) k ON k.subject = a.subject WHERE COALESCE(k.n, 0) < a.n"
            ),
        ));
    }
    // Places are prefixes of paths: a path that is not its parent's and its own id opens what it must not.
    for (table, page) in [("units", "单位"), ("divisions", "行政区划"), ("organs", "纪检组织")] {
        asked.push((
            format!("{page}的层级路径与上级不符"),
            format!(
                "SELECT COUNT(*) FROM {table} t LEFT JOIN {table} p ON p.id = t.parent_id \
                 WHERE t.path <> COALESCE(p.path, '/') || CAST(t.id AS TEXT) || '/'"
            ),
        ));
    }
    for kind in SubjectKind::ALL {
        let (code, page) = (kind.code(), kind.page());
        asked.push((
            format!("{page}没有对应的公布版本"),
            format!(
                "SELECT COUNT(*) FROM {code}s s WHERE NOT EXISTS (SELECT 1 FROM revisions r \
                 WHERE r.id = s.revision_id AND r.kind = '{code}' AND r.subject_id = s.id)"
            ),
        ));
        asked.push((
            format!("{page}的现行版本没有对应的对象"),
            format!(
                "SELECT COUNT(*) FROM revisions r WHERE r.kind = '{code}' AND r.state = 'published' \
                 AND NOT EXISTS (SELECT 1 FROM {code}s s WHERE s.id = r.subject_id)"
            ),
        ));
        asked.push((
            format!("搜索到的{page}已不存在"),
            format!(
                "SELECT COUNT(*) FROM search_documents d WHERE d.kind = '{code}' \
                 AND NOT EXISTS (SELECT 1 FROM {code}s s WHERE s.id = d.subject_id)"
            ),
        ));
    }
    let mut broken = Vec::new();
    for (what, sql) in asked {
        let faults: i64 = scalar(db.read(), &sql, values![]).await?;
        if faults > 0 {
            broken.push((what, faults));
        }
    }
    if db.engine() == Engine::Sqlite {
        for table in super::sqlite::dangling(db).await? {
            broken.push((format!("数据表 {table} 引用了不存在的记录"), 1));
        }
    }
    Ok(broken)
}

/// What the engine itself finds wrong with its file.
pub async fn damages(db: &Db) -> Result<Vec<String>, DbErr> {
    match db.engine() {
        Engine::Sqlite => super::sqlite::damages(db).await,
        Engine::Postgres => Ok(Vec::new()),
    }
}

/// When something was last written, as the audit trail and the revisions know it.
pub async fn last_written(c: &impl ConnectionTrait) -> Result<Millis, DbErr> {
    let audit: i64 = scalar(c, "SELECT COALESCE(MAX(at), 0) FROM audit_entries", values![]).await?;
    let revisions: i64 = scalar(c, "SELECT COALESCE(MAX(created_at), 0) FROM revisions", values![]).await?;
    Ok(audit.max(revisions))
}

/// When the operator last did something, by the audit trail.
pub async fn last_done(c: &impl ConnectionTrait, action: &str) -> Result<Option<Millis>, DbErr> {
    let sql = "SELECT COALESCE(MAX(at), 0) FROM audit_entries WHERE action = $1";
    let at: i64 = scalar(c, sql, values![action]).await?;
    Ok((at > 0).then_some(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_path_that_is_not_its_parents_and_its_own_id_is_found() {
        for test in daylight_db::testing::engines().await {
            crate::migrations::migrate(&test.db).await.unwrap();
            let tx = test.db.write().await.unwrap();
            for (id, parent, path) in [(1, None, "/1/"), (2, Some(1), "/1/2/"), (3, Some(2), "/1/2/3/")] {
                let sql = "INSERT INTO divisions (id, code, name, level, parent_id, path, inferred, updated_at) \
                           VALUES ($1, $2, 'x', 'village', $3, $4, $5, 0)";
                exec(&*tx, sql, values![id, id.to_string(), parent, path, false]).await.unwrap();
                let sql = "INSERT INTO units (id, name, category, parent_id, path, flags, updated_at) \
                           VALUES ($1, $2, 'village', $3, $4, '[]', 0)";
                exec(&*tx, sql, values![id, id.to_string(), parent, path]).await.unwrap();
                let sql = "INSERT INTO organs (id, name, kind, parent_id, path, updated_at) \
                           VALUES ($1, $2, 'county', $3, $4, 0)";
                exec(&*tx, sql, values![id, id.to_string(), parent, path]).await.unwrap();
            }
            tx.commit().await.unwrap();
            let paths = || async {
                let broken = broken_references(&test.db).await.unwrap();
                let of_paths = broken.into_iter().filter(|(what, _)| what.contains("层级路径"));
                of_paths.map(|(what, _)| what).collect::<Vec<_>>()
            };
            assert_eq!(paths().await, Vec::<String>::new());
            for (table, page) in [("units", "单位"), ("divisions", "行政区划"), ("organs", "纪检组织")]
            {
                for wrong in ["/3/", "/2/3/", "/1/2/31/", "/1/3/", "/"] {
                    let tx = test.db.write().await.unwrap();
                    let set = format!("UPDATE {table} SET path = $1 WHERE id = 3");
                    exec(&*tx, &set, values![wrong]).await.unwrap();
                    tx.commit().await.unwrap();
                    assert_eq!(paths().await, [format!("{page}的层级路径与上级不符")], "{wrong}");
                    let tx = test.db.write().await.unwrap();
                    exec(&*tx, &set, values!["/1/2/3/"]).await.unwrap();
                    tx.commit().await.unwrap();
                }
            }
        }
    }

    #[test]
    fn every_sealed_column_of_the_schema_is_known_to_the_rotation_of_keys() {
        let mut columns = Vec::new();
        let mut table = "";
        let steps = [
            include_str!("../migrations/0001_foundation.sql"),
            include_str!("../migrations/0002_reports.sql"),
            include_str!("../migrations/0003_ratings.sql"),
        ];
        for line in steps.iter().flat_map(|step| step.lines()).filter(|line| !line.starts_with("--")) {
            let words: Vec<_> = line.split_whitespace().collect();
            match words[..] {
                ["CREATE", "TABLE", name, ..] => table = name,
                [name, ..] if name.ends_with("_sealed") => columns.push((table, name)),
                _ => assert!(!line.contains("_sealed"), "read this line too: {line}"),
            }
        }
        let mut known: Vec<_> = SEALED.iter().map(|column| (column.table, column.name)).collect();
        columns.sort_unstable();
        known.sort_unstable();
        assert_eq!(columns, known);
    }
}
