//! Every query on what belongs to the level above: its key, the packages, the count of what was refused.

use super::{Contents, File, Handed, Known, Packing, Pieces, PublicFile, month};
use crate::{
    attachments::{self, About, Attachment},
    cases::{self, routing, store::StoreError},
    clock::{self, Millis, date_text},
    ops,
    reports::{Identity, Object, Report},
};
use daylight_db::{ConnectionTrait, DbErr, FromQueryResult, Tx, all, exec, one, scalar, scalar_opt, values};
use std::{collections::BTreeSet, path::Path};

/// The setting that holds the superior's public key.
const KEY: &str = "superior_key";

/// The superior's public key; none while none is configured.
pub async fn key(c: &impl ConnectionTrait) -> Result<Option<PublicFile>, DbErr> {
    let text = ops::store::setting(c, KEY).await?.filter(|text| !text.is_empty());
    // A key that cannot be read must stop whoever relies on it: as if there were none, reports would be lost.
    let read = |text: String| PublicFile::parse(&text).map_err(|error| DbErr::Json(error.to_string()));
    text.map(read).transpose()
}

/// Configures the superior's public key, or takes it away. Returns the one before. The caller notes it in the audit
/// trail ([`key_words`]).
pub async fn set_key(tx: &Tx, new: Option<&PublicFile>, now: Millis) -> Result<Option<PublicFile>, DbErr> {
    tx.lock("daylight superior").await?;
    let before = key(&**tx).await?;
    let text = new.map(PublicFile::to_json).unwrap_or_default();
    ops::store::set_setting(tx, KEY, &text).await?;
    // What waits to be fetched is sealed to the key before: it is sealed anew.
    cases::jobs::enqueue_settle(tx, now).await?;
    Ok(before)
}

/// What the audit trail says of a key: action, subject, detail.
pub fn key_words(new: Option<&PublicFile>) -> (&'static str, &'static str, String) {
    match new {
        Some(key) => {
            ("superior.set_key", "superior", format!("{}：{}", key.name, key.recipient.fingerprint()))
        }
        None => ("superior.remove_key", "superior", String::new()),
    }
}

/// Counts a report that nobody here may have and nobody could be given.
pub async fn count_refusal(tx: &Tx, now: Millis) -> Result<(), DbErr> {
    let sql = "INSERT INTO superior_refusals (month, refused) VALUES ($1, 1) \
               ON CONFLICT (month) DO UPDATE SET refused = superior_refusals.refused + 1";
    exec(&**tx, sql, values![month(now)]).await.map(drop)
}

/// How many were refused, by month ("2026-11"), the newest first.
pub async fn refusals(c: &impl ConnectionTrait) -> Result<Vec<(String, i64)>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        month: String,
        refused: i64,
    }
    let sql = "SELECT month, refused FROM superior_refusals ORDER BY month DESC";
    let rows: Vec<Row> = all(c, sql, values![]).await?;
    Ok(rows.into_iter().map(|row| (row.month, row.refused)).collect())
}

/// By what a package is found again.
pub(crate) struct Hashes {
    /// Of the receipt number.
    pub number_index: Vec<u8>,
    /// Of the query code.
    pub code_hash: Vec<u8>,
    /// Of the token under which it was submitted.
    pub submission_hash: Vec<u8>,
}

/// The files of the draft, and the data folder in which they lie.
pub(crate) struct Evidence<'a> {
    /// None where no files can be.
    pub data: Option<&'a Path>,
    /// Those of the draft; what has not arrived as a whole stays behind.
    pub files: Vec<Attachment>,
}

fn announce(file: &Attachment) -> File {
    let About { name, size, kind, sha256, .. } = &file.about;
    let media = kind.map_or("application/octet-stream", |kind| kind.mime()).to_owned();
    File { name: name.clone(), media, bytes: *size, sha256: sha256.clone() }
}

/// Seals a report to the superior within the transaction in which it is submitted. Nothing of it is kept in any other
/// form. No audit entry: the trail's order and time would say when somebody reported.
pub(crate) async fn hand_over(
    tx: &Tx,
    report: &Report,
    number: &str,
    evidence: Evidence<'_>,
    hashes: Hashes,
    now: Millis,
) -> Result<Handed, StoreError> {
    let to = key(&**tx).await?.ok_or(StoreError::Damaged)?;
    let mut contents = contents(&**tx, report, number, now).await?;
    let files: Vec<_> = evidence.files.into_iter().filter(|file| file.kept).collect();
    contents.files = files.iter().map(announce).collect();
    let mut keeping = Keeping::begin(tx, &to, &contents, hashes, now).await?;
    for file in files {
        let data = evidence.data.ok_or(StoreError::Damaged)?;
        let mut parts = attachments::original(data, file).map_err(|_| StoreError::Damaged)?;
        while let Some(part) = parts.recv().await {
            keeping.add(tx, &part.map_err(|_| StoreError::Damaged)?).await?;
        }
    }
    let id = keeping.finish(tx).await?;
    Ok(handed(&**tx, id).await?)
}

/// A package on its way into the database. Holds one piece in memory, however large the files are.
pub(crate) struct Keeping {
    id: i64,
    number: i64,
    packing: Packing,
}

impl Keeping {
    /// Begins a package; its contents announce the files that follow.
    pub(crate) async fn begin(
        tx: &Tx,
        to: &PublicFile,
        contents: &Contents,
        hashes: Hashes,
        now: Millis,
    ) -> Result<Keeping, StoreError> {
        let sql = "INSERT INTO superior_packages (number_index, code_hash, submission_hash, recipient, superior, \
                   made_at) VALUES ($1, $2, $3, $4, $5, $6) RETURNING id";
        let Hashes { number_index, code_hash, submission_hash } = hashes;
        let recipient = to.recipient.fingerprint();
        let bound = values![
            number_index,
            code_hash,
            submission_hash,
            recipient,
            to.name.clone(),
            clock::start_of_day(now)
        ];
        let id = scalar(&**tx, sql, bound).await?;
        Keeping::fill(tx, id, to, contents).await
    }

    /// Begins the package of a case that began here and that no organ may have by now.
    async fn begin_case(
        tx: &Tx,
        to: &PublicFile,
        (case_id, through): (i64, i64),
        contents: &Contents,
        taken_back: bool,
        now: Millis,
    ) -> Result<Keeping, StoreError> {
        let sql = "INSERT INTO superior_packages (case_id, through, taken_back, recipient, superior, made_at) \
                   VALUES ($1, $2, $3, $4, $5, $6) RETURNING id";
        let recipient = to.recipient.fingerprint();
        let bound =
            values![case_id, through, taken_back, recipient, to.name.clone(), clock::start_of_day(now)];
        let id = scalar(&**tx, sql, bound).await?;
        Keeping::fill(tx, id, to, contents).await
    }

    async fn fill(tx: &Tx, id: i64, to: &PublicFile, contents: &Contents) -> Result<Keeping, StoreError> {
        let (packing, pieces) = Packing::begin(&to.recipient, contents)?;
        let mut keeping = Keeping { id, number: 0, packing };
        keeping.keep(tx, pieces).await?;
        Ok(keeping)
    }

    /// The next bytes of the files.
    pub(crate) async fn add(&mut self, tx: &Tx, bytes: &[u8]) -> Result<(), StoreError> {
        for part in bytes.chunks(daylight_vault::PIECE) {
            let pieces = self.packing.add(part)?;
            self.keep(tx, pieces).await?;
        }
        Ok(())
    }

    /// Fills the package up. Returns its id.
    pub(crate) async fn finish(mut self, tx: &Tx) -> Result<i64, StoreError> {
        while let Some(piece) = self.packing.fill()? {
            self.keep(tx, vec![piece]).await?;
        }
        Ok(self.id)
    }

    async fn keep(&mut self, tx: &Tx, pieces: Pieces) -> Result<(), DbErr> {
        for piece in pieces {
            let sql = "INSERT INTO superior_pieces (package_id, number, piece) VALUES ($1, $2, $3)";
            exec(&**tx, sql, values![self.id, self.number, piece]).await?;
            self.number += 1;
        }
        Ok(())
    }
}

/// Whether the superior has a key and does not have this case as it stands after so many events. What lies here sealed
/// to a key that it has no more, it does not have.
pub(crate) async fn lacks(c: &impl ConnectionTrait, case_id: i64, through: i64) -> Result<bool, DbErr> {
    let Some(to) = key(c).await? else { return Ok(false) };
    let sql = "SELECT COUNT(*) FROM superior_packages WHERE case_id = $1 AND through >= $2 AND taken_back = $4 \
               AND (recipient = $3 OR fetched_at IS NOT NULL)";
    let bound = values![case_id, through, to.recipient.fingerprint(), false];
    Ok(scalar::<i64>(c, sql, bound).await? == 0)
}

/// Seals a case to the superior as it stands after so many events, or that the county took it back. A package of it
/// that nobody has fetched yet said less, and goes.
pub(crate) async fn hand_over_case(
    tx: &Tx,
    (case_id, through): (i64, i64),
    contents: &Contents,
    taken_back: bool,
    now: Millis,
) -> Result<(), StoreError> {
    let to = key(&**tx).await?.ok_or(StoreError::Damaged)?;
    forget(tx, "case_id = $1 AND fetched_at IS NULL", values![case_id]).await?;
    let keeping = Keeping::begin_case(tx, &to, (case_id, through), contents, taken_back, now).await?;
    keeping.finish(tx).await?;
    Ok(())
}

/// Tells the superior something of a case that is not theirs, if there is a key of theirs. It is tied to nothing: the
/// database does not say of which case, and it is neither replaced nor taken back.
pub(crate) async fn notify(tx: &Tx, contents: &Contents, now: Millis) -> Result<(), StoreError> {
    let Some(to) = key(&**tx).await? else { return Ok(()) };
    let sql = "INSERT INTO superior_packages (recipient, superior, made_at) VALUES ($1, $2, $3) RETURNING id";
    let id =
        scalar(&**tx, sql, values![to.recipient.fingerprint(), to.name.clone(), clock::start_of_day(now)])
            .await?;
    Keeping::fill(tx, id, &to, contents).await?.finish(tx).await.map(drop)
}

async fn forget(tx: &Tx, which: &str, bound: Vec<daylight_db::Value>) -> Result<(), DbErr> {
    let old = format!("SELECT id FROM superior_packages WHERE {which}");
    exec(&**tx, &format!("DELETE FROM superior_pieces WHERE package_id IN ({old})"), bound.clone()).await?;
    exec(&**tx, &format!("DELETE FROM superior_packages WHERE {which}"), bound).await.map(drop)
}

/// Destroys what nobody has fetched of a case that is the superior's no more. Whether the superior has fetched it before
/// and nothing tells it yet that it was taken back.
pub(crate) async fn take_back(tx: &Tx, case_id: i64) -> Result<bool, DbErr> {
    let to = key(&**tx).await?.map(|to| to.recipient.fingerprint());
    let dead = "case_id = $1 AND fetched_at IS NULL AND (taken_back = $3 OR recipient <> $2)";
    forget(tx, dead, values![case_id, to.clone().unwrap_or_default(), false]).await?;
    let sql = "SELECT taken_back FROM superior_packages WHERE case_id = $1 ORDER BY id DESC LIMIT 1";
    Ok(scalar_opt::<bool>(&**tx, sql, values![case_id]).await? == Some(false) && to.is_some())
}

/// Cases of which something lies here that is to be destroyed, or that were taken back without a word to the superior,
/// unless they are the superior's at this moment.
pub(crate) async fn owed(c: &impl ConnectionTrait) -> Result<BTreeSet<i64>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        case_id: i64,
    }
    let Some(to) = key(c).await? else { return Ok(BTreeSet::new()) };
    let sql = "SELECT DISTINCT case_id FROM superior_packages p WHERE case_id IS NOT NULL \
               AND id = (SELECT MAX(id) FROM superior_packages q WHERE q.case_id = p.case_id) \
               AND (taken_back = $1 OR fetched_at IS NULL AND recipient <> $2)";
    let rows: Vec<Row> = all(c, sql, values![false, to.recipient.fingerprint()]).await?;
    Ok(rows.into_iter().map(|row| row.case_id).collect())
}

/// What the reporter of a case may know of its newest package; none while it was sealed to nobody.
pub(crate) async fn handed_case(c: &impl ConnectionTrait, case_id: i64) -> Result<Option<Handed>, DbErr> {
    let sql = "SELECT MAX(id) FROM superior_packages WHERE case_id = $1 AND taken_back = $2";
    match scalar::<Option<i64>>(c, sql, values![case_id, false]).await? {
        Some(id) => handed(c, id).await.map(Some),
        None => Ok(None),
    }
}

/// Where people serve, each unit once; somebody without a post serves nowhere.
pub(crate) async fn units_of(c: &impl ConnectionTrait, cadres: &BTreeSet<i64>) -> Result<Vec<String>, DbErr> {
    #[derive(FromQueryResult)]
    struct Unit {
        name: String,
    }
    let numbers: Vec<_> = (1..=cadres.len()).map(|at| format!("${at}")).collect();
    let sql = format!(
        "SELECT DISTINCT u.name FROM appointments a JOIN posts q ON q.id = a.post_id \
         JOIN units u ON u.id = q.unit_id WHERE a.until IS NULL AND a.cadre_id IN ({}) ORDER BY u.name",
        numbers.join(", ")
    );
    let rows: Vec<Unit> = all(c, &sql, cadres.iter().map(|id| (*id).into()).collect()).await?;
    Ok(rows.into_iter().map(|row| row.name).collect())
}

async fn contents(
    c: &impl ConnectionTrait,
    report: &Report,
    number: &str,
    now: Millis,
) -> Result<Contents, DbErr> {
    Ok(Contents {
        from: crate::home::store::site_name(c).await?,
        number: number.to_owned(),
        day: date_text(now),
        kind: report.kind.page().to_owned(),
        object: object_words(c, report.object).await?,
        facts: report.facts.clone(),
        amount_fen: report.amount_fen,
        points: report.points.clone(),
        reporter: known(report),
        ..Contents::default()
    })
}

fn known(report: &Report) -> Known {
    let (level, phone, name, citizen_id) = match &report.identity {
        Identity::Anonymous => ("匿名", None, None, None),
        Identity::Phone(phone) => ("手机验证", Some(phone), None, None),
        Identity::RealName { phone, name, citizen_id } => ("实名", Some(phone), Some(name), Some(citizen_id)),
    };
    Known {
        level: level.to_owned(),
        phone: phone.map(|phone| phone.canonical().to_owned()),
        name: name.cloned(),
        citizen_id: citizen_id.map(|id| id.as_str().to_owned()),
        helper: report.helper.clone(),
    }
}

/// What a report is about, for somebody who has none of our ids.
pub(crate) async fn object_words(c: &impl ConnectionTrait, object: Object) -> Result<String, DbErr> {
    let (sql, id) = match object {
        Object::Unit(id) => ("SELECT name FROM units WHERE id = $1", id),
        Object::Power(id) | Object::Step(id, _) => (
            "SELECT u.name || '：' || p.name FROM powers p JOIN units u ON u.id = p.unit_id WHERE p.id = $1",
            id,
        ),
        Object::Cadre(id) => return cadre_words(c, id).await,
        Object::Place(id) => ("SELECT name FROM divisions WHERE id = $1", id),
        Object::Publication(id) => ("SELECT '监督结果：' || place FROM outcomes WHERE id = $1", id),
        Object::Basis(id) => ("SELECT '《' || title || '》' FROM bases WHERE id = $1", id),
        Object::Unknown => return Ok("反映人不知道是谁".to_owned()),
    };
    let words: Option<String> = scalar_opt(c, sql, values![id]).await?;
    let words = words.unwrap_or_else(|| "（已不在名录中）".to_owned());
    Ok(match object {
        Object::Step(_, step) => format!("{words}（第{step}个环节）"),
        _ => words,
    })
}

/// Name and posts of a cadre.
pub(crate) async fn cadre_words(c: &impl ConnectionTrait, id: i64) -> Result<String, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        name: String,
        unit: Option<String>,
        title: Option<String>,
    }
    let sql = "SELECT c.name, u.name AS unit, q.title FROM cadres c \
               LEFT JOIN appointments a ON a.cadre_id = c.id AND a.until IS NULL \
               LEFT JOIN posts q ON q.id = a.post_id LEFT JOIN units u ON u.id = q.unit_id \
               WHERE c.id = $1 ORDER BY q.id";
    let rows: Vec<Row> = all(c, sql, values![id]).await?;
    let Some(first) = rows.first() else { return Ok("（已不在名录中）".to_owned()) };
    let posts: Vec<_> = rows
        .iter()
        .filter_map(|row| {
            Some(format!("{}{}", row.unit.as_deref()?, row.title.as_deref().unwrap_or_default()))
        })
        .collect();
    Ok(if posts.is_empty() {
        first.name.clone()
    } else {
        format!("{}（{}）", first.name, posts.join("、"))
    })
}

#[derive(FromQueryResult)]
struct Row {
    superior: String,
    made_at: i64,
    fetched_at: Option<i64>,
}

/// What its reporter may know of a package.
pub(crate) async fn handed(c: &impl ConnectionTrait, id: i64) -> Result<Handed, DbErr> {
    let sql = "SELECT superior, made_at, fetched_at FROM superior_packages WHERE id = $1";
    let row: Option<Row> = one(c, sql, values![id]).await?;
    let Row { superior, made_at, fetched_at } =
        row.ok_or_else(|| DbErr::RecordNotFound("a package".to_owned()))?;
    let channel = routing::store::world(c).await?.superior.channel;
    Ok(Handed { superior, channel, made_at, fetched_at })
}

/// What the same form made before: the index of its number, and who has it.
pub(crate) async fn by_submission(
    c: &impl ConnectionTrait,
    submission_hash: Vec<u8>,
) -> Result<Option<(Vec<u8>, Handed)>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        number_index: Vec<u8>,
    }
    let sql = "SELECT id, number_index FROM superior_packages WHERE submission_hash = $1";
    match one::<Row>(c, sql, values![submission_hash]).await? {
        Some(row) => Ok(Some((row.number_index, handed(c, row.id).await?))),
        None => Ok(None),
    }
}

/// A package, as the operator sees it.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Package {
    /// Its id.
    pub id: i64,
    /// Fingerprint of the key it is sealed to.
    pub recipient: String,
    /// The day on which it was sealed.
    pub made_at: i64,
    /// When it was fetched.
    pub fetched_at: Option<i64>,
}

/// The packages to carry to the superior: those not yet fetched, or all.
pub async fn packages(c: &impl ConnectionTrait, fetched_too: bool) -> Result<Vec<Package>, DbErr> {
    let some = if fetched_too { "" } else { " WHERE fetched_at IS NULL" };
    all(
        c,
        &format!("SELECT id, recipient, made_at, fetched_at FROM superior_packages{some} ORDER BY id"),
        values![],
    )
    .await
}

/// A part of a package as it lies in its file; none after the last.
pub async fn piece(c: &impl ConnectionTrait, package_id: i64, number: i64) -> Result<Option<Vec<u8>>, DbErr> {
    let sql = "SELECT piece FROM superior_pieces WHERE package_id = $1 AND number = $2";
    scalar_opt(c, sql, values![package_id, number]).await
}

/// Notes that a package was fetched; the first time counts.
pub async fn note_fetched(tx: &Tx, package_id: i64, now: Millis) -> Result<bool, DbErr> {
    let sql = "UPDATE superior_packages SET fetched_at = $2 WHERE id = $1 AND fetched_at IS NULL";
    Ok(exec(&**tx, sql, values![package_id, now]).await? == 1)
}

#[cfg(test)]
#[path = "tests/stored.rs"]
mod tests;
