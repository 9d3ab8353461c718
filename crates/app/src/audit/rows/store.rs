//! Every query on rows for which the trail vouches.

use super::{ALL, Rows, postgres, sqlite};
use crate::{
    audit::{Entry, store::append},
    clock::Millis,
};
use daylight_db::{ConnectionTrait, Db, DbErr, Engine, FromQueryResult, Mark, Tx, all, values};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap};

/// The word in the trail.
const ACTION: &str = "row.keep";
/// What stands for a group that has no row any more.
const NONE: &str = "none";
/// How many rows are read at once.
const BLOCK: i64 = 500;

impl Rows {
    /// SQL: the group and, as one text in which no two rows look alike, what is kept of a row.
    fn select(&self, engine: Engine) -> String {
        let spoken = |text: String| format!("COALESCE(CAST(LENGTH({text}) AS TEXT) || '=' || {text}, '-')");
        let plain = self.plain.iter().map(|column| spoken(format!("CAST({column} AS TEXT)")));
        let truth = |column| format!("CASE WHEN {column} THEN 'y' WHEN NOT {column} THEN 'n' ELSE '-' END");
        let flags = self.flags.iter().map(|column: &&str| truth(*column));
        let bytes = self.bytes.iter().map(|column| match engine {
            Engine::Sqlite => spoken(sqlite::hex(column)),
            Engine::Postgres => spoken(postgres::hex(column)),
        });
        let there =
            self.there.iter().map(|column| format!("CASE WHEN {column} IS NULL THEN 'n' ELSE 'y' END"));
        let words: Vec<_> = plain.chain(flags).chain(bytes).chain(there).collect();
        let group = if self.group.is_empty() { "CAST(0 AS BIGINT)" } else { self.group };
        let at = if self.many { self.order } else { "CAST(0 AS BIGINT)" };
        let only = if self.only.is_empty() { "1 = 1" } else { self.only };
        format!(
            "SELECT {group} AS part, {at} AS at, {} AS words FROM {} WHERE {only}",
            words.join(" || '/' || "),
            self.table
        )
    }

    /// The keyed hash of each group, or of one. In letters: the trail masks what looks like a personal number.
    async fn hashes(
        &self,
        c: &impl ConnectionTrait,
        (engine, mark): (Engine, Mark),
        of: Option<i64>,
    ) -> Result<BTreeMap<i64, String>, DbErr> {
        #[derive(FromQueryResult)]
        struct Row {
            part: i64,
            at: i64,
            words: String,
        }
        let mut select = self.select(engine);
        let mut bound = values![];
        if let Some(of) = of.filter(|_| !self.group.is_empty()) {
            bound = values![of];
            select = format!("{select} AND {} = $1", self.group);
        }
        let mut groups: BTreeMap<i64, Sha256> = BTreeMap::new();
        let mut after = i64::MIN;
        loop {
            let block = match self.many {
                true => format!("AND {} > {after} ORDER BY {} LIMIT {BLOCK}", self.order, self.order),
                false => format!("ORDER BY {}", self.order),
            };
            let rows: Vec<Row> = all(c, &format!("{select} {block}"), bound.clone()).await?;
            let last = rows.last().map(|row| row.at).filter(|_| self.many);
            for row in rows {
                let group = groups.entry(row.part).or_default();
                group.update((row.words.len() as u64).to_be_bytes());
                group.update(row.words);
            }
            let Some(last) = last else { break };
            after = last;
        }
        let said = |(group, rows): (i64, Sha256)| {
            let parts: [&[u8]; 3] = [self.table.as_bytes(), &group.to_be_bytes(), &rows.finalize()];
            (group, letters(&daylight_vault::mac(&mark.0, &parts)))
        };
        Ok(groups.into_iter().map(said).collect())
    }
}

/// 128 bits as 32 letters.
fn letters(hash: &[u8; 32]) -> String {
    let letter = |half: u8| char::from(b'a' + half);
    hash[..16].iter().flat_map(|byte| [letter(byte >> 4), letter(byte & 15)]).collect()
}

/// Notes how the rows of a group stand now, at the end of what wrote them.
pub async fn keep(tx: &Tx, rows: &Rows, group: i64, now: Millis) -> Result<(), DbErr> {
    let group = if rows.group.is_empty() { 0 } else { group };
    // Before the rows are read: of two who write in one group the later entry has both rows.
    tx.lock(super::super::store::LOCK).await?;
    let hashes = rows.hashes(&**tx, (tx.engine(), tx.mark()), Some(group)).await?;
    let detail = hashes.get(&group).map_or(NONE, String::as_str);
    let subject = format!("{} {group}", rows.table);
    append(tx, &Entry { account_id: None, actor: "平台", action: ACTION, subject: &subject, detail }, now)
        .await
}

/// As [`keep`], where nobody says when it is: as late as whatever was written last. Who does it notes the moment in an
/// entry of their own.
pub async fn keep_undated(tx: &Tx, rows: &Rows, group: i64) -> Result<(), DbErr> {
    let now = crate::ops::store::last_written(&**tx).await?;
    keep(tx, rows, group, now).await
}

/// How many groups there are, and the rows that are not as the trail says: which, and of which group.
pub async fn strange(db: &Db) -> Result<(i64, Vec<(&'static Rows, i64)>), DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        subject: String,
        detail: String,
    }
    let sql = "SELECT e.subject, e.detail FROM audit_entries e JOIN (SELECT MAX(id) AS id FROM audit_entries \
               WHERE action = $1 GROUP BY subject) l ON l.id = e.id";
    // Trail and rows at one moment: what is written meanwhile is nobody's fault.
    let c = &*db.snapshot().await?;
    let kept: Vec<Row> = all(c, sql, values![ACTION]).await?;
    let mut kept: HashMap<String, String> = kept.into_iter().map(|row| (row.subject, row.detail)).collect();
    let (mut seen, mut strange) = (0, Vec::new());
    for rows in ALL {
        let hashes = rows.hashes(c, (db.engine(), db.mark()), None).await?;
        for (group, hash) in hashes {
            seen += 1;
            if kept.remove(&format!("{} {group}", rows.table)).as_deref() != Some(hash.as_str()) {
                strange.push((rows, group));
            }
        }
        // Groups that the trail knows and that are not there.
        let start = format!("{} ", rows.table);
        for (subject, _) in kept.iter().filter(|(_, detail)| *detail != NONE) {
            let group = subject.strip_prefix(&start).and_then(|group| group.parse().ok());
            strange.extend(group.map(|group| (rows, group)));
        }
    }
    Ok((seen, strange))
}
