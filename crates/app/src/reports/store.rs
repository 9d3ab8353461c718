//! Every query on reports: drafts, the one door by which a report comes in, and the one by which its reporter comes
//! back. No address of the network, no browser's name, no time but that of the report is kept.

use super::{Draft, Facts, Gist, Helper, Identity, Object, QueryCode, ReceiptNumber, Report, Shingles};
use crate::{
    accounts::{attempts::lock_after, token_hash},
    attachments, audit,
    cases::{
        By, Case, Deed, State,
        keys::Keys,
        routing::{self, Destination, Matter},
        store::{self as cases, Entry, Said, StoreError, Words},
    },
    clock::{self, Millis},
    deadlines,
    letters::{self, Letter},
    openings,
    ops::store::{DRAFT, IDENTITY},
    phones, sms,
    superior::{self, Handed},
};
use daylight_db::{ConnectionTrait, DbErr, FromQueryResult, Tx, all, exec, one, scalar, scalar_opt, values};
use daylight_ids::Phone;
use daylight_vault::{Place, Purpose, Vault};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

const HOUR: Millis = 3_600_000;
/// A draft waits so long for its reporter to come back.
pub const DRAFT_LIVES: Millis = 7 * 24 * HOUR;
/// Drafts that are kept. A page takes 20,000 characters, so that all of them fit on the disk of a county: a flood
/// shortens how long idle ones live.
const MOST_DRAFTS: i64 = 20_000;
/// So long from the start of the day of submission, of which the day alone is kept, its receipt is shown again; later a
/// telephone may be in other hands.
pub const RECEIPT_LIVES: Millis = 48 * HOUR;
/// Failures to open a report are forgotten so long after the last.
const MEMORY: Millis = HOUR;

/// From what number and code of a submission are drawn.
const RECEIPT: Purpose = Purpose("report-receipt");
/// From what the id of a case is drawn.
const CASE_ID: Purpose = Purpose("case-id");
/// What was submitted under a token.
const CONTENT: Purpose = Purpose("report-content");
/// Under which token files wait for a message of a report's reporter.
const MORE: Purpose = Purpose("report-more");
/// Which tries to open a report count together.
const LOOKUP: Purpose = Purpose("report-lookup");

/// Keeps what was typed so far under a token that only the reporter's browser holds, for another while.
pub async fn save_draft(
    tx: &Tx,
    vault: &Vault,
    token: &str,
    draft: &Draft,
    now: Millis,
) -> Result<(), StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        fresh: bool,
    }
    let sql = "INSERT INTO report_drafts (token_hash, is_empty, expires_at) VALUES ($1, TRUE, $2) \
               ON CONFLICT (token_hash) DO UPDATE SET expires_at = excluded.expires_at \
               RETURNING id, content_sealed IS NULL AS fresh";
    let row: Option<Row> = one(&**tx, sql, values![token_hash(token), now + DRAFT_LIVES]).await?;
    let Row { id, fresh } = row.ok_or(StoreError::Damaged)?;
    let sealed = vault.seal(&DRAFT.place(id), &serde_json::to_vec(draft)?);
    let empty = draft.facts.what.trim().is_empty();
    let sql = "UPDATE report_drafts SET content_sealed = $2, is_empty = $3 WHERE id = $1";
    exec(&**tx, sql, values![id, sealed, empty]).await?;
    if fresh {
        forget_idle(tx, MOST_DRAFTS, now).await?;
    }
    Ok(())
}

/// Drafts beyond so many go: first those with nothing in them, then those that were saved longest ago, but none that was
/// saved, or to whose files something was sent, within the hour: whoever is writing now, or waits for a film to upload,
/// is never the one who pays for a flood.
async fn forget_idle(tx: &Tx, most: i64, now: Millis) -> Result<(), DbErr> {
    let drafts: i64 = scalar(&**tx, "SELECT COUNT(*) FROM report_drafts", values![]).await?;
    if drafts <= most {
        return Ok(());
    }
    let sql = "DELETE FROM report_drafts WHERE id IN \
               (SELECT d.id FROM report_drafts d WHERE d.expires_at <= $1 AND NOT EXISTS \
               (SELECT 1 FROM attachments a WHERE a.token_hash = d.token_hash AND a.touched_at > $3) \
               ORDER BY d.is_empty DESC, d.expires_at, d.id LIMIT $2)";
    exec(&**tx, sql, values![now - HOUR + DRAFT_LIVES, drafts - most, now - HOUR]).await.map(drop)
}

/// What was typed under this token, while it is kept.
pub async fn open_draft(
    c: &impl ConnectionTrait,
    vault: &Vault,
    token: &str,
    now: Millis,
) -> Result<Option<Draft>, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        content_sealed: Vec<u8>,
    }
    let sql = "SELECT id, content_sealed FROM report_drafts WHERE token_hash = $1 AND expires_at > $2";
    let Some(row) = one::<Row>(c, sql, values![token_hash(token), now]).await? else { return Ok(None) };
    let opened = vault.unseal(&DRAFT.place(row.id), &row.content_sealed)?;
    Ok(Some(serde_json::from_slice(opened.as_bytes())?))
}

/// Until when a draft is kept.
pub async fn draft_until(c: &impl ConnectionTrait, token: &str) -> Result<Option<Millis>, DbErr> {
    let sql = "SELECT expires_at FROM report_drafts WHERE token_hash = $1";
    scalar_opt(c, sql, values![token_hash(token)]).await
}

/// Deletes a draft.
pub async fn delete_draft(tx: &Tx, token: &str) -> Result<(), DbErr> {
    exec(&**tx, "DELETE FROM report_drafts WHERE token_hash = $1", values![token_hash(token)]).await.map(drop)
}

/// Deletes the drafts that nobody came back for, and forgets old failures to open a report.
pub async fn sweep(tx: &Tx, now: Millis) -> Result<(), DbErr> {
    exec(&**tx, "DELETE FROM report_drafts WHERE expires_at <= $1", values![now]).await?;
    exec(&**tx, "DELETE FROM report_lookups WHERE last_at < $1", values![now - MEMORY]).await.map(drop)
}

/// What happened and what must be answered, as it is locked under the key of the case.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// What happened.
    pub facts: Facts,
    /// Money in question, in fen.
    pub amount_fen: Option<i64>,
    /// What must be answered.
    pub points: Vec<String>,
}

// What was written stays out of logs.
impl std::fmt::Debug for Content {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Content(•••)")
    }
}

/// Who reported, as it is sealed apart.
#[derive(Serialize, Deserialize)]
struct Known {
    phone: Option<String>,
    name: Option<String>,
    citizen_id: Option<String>,
    helper: Option<Helper>,
}

/// What became of a submission.
#[derive(Debug)]
pub enum Submitted {
    /// Here is what the reporter writes down. Shown again when the same form is sent again.
    Receipt {
        /// 受理编号.
        number: ReceiptNumber,
        /// 查询码.
        code: QueryCode,
    },
    /// It came in long ago, and its receipt is not shown to whoever holds the telephone by now.
    Before,
    /// Nobody here may have it: it was sealed to the superior's key. Shown again when the same form is sent again.
    Handed {
        /// 受理编号.
        number: ReceiptNumber,
        /// 查询码.
        code: QueryCode,
        /// Who has it.
        handed: Handed,
    },
    /// Nobody here may have it, and there is no key of the superior's: nothing was kept, and this is where to turn to.
    Elsewhere {
        /// The superior's channel.
        channel: String,
    },
}

/// What was submitted under a token before.
#[derive(Debug)]
pub enum Before {
    /// Nothing.
    Nothing,
    /// Exactly this: what became of it.
    Same(Submitted),
    /// Something else.
    Other,
}

/// What was sent, as a hash that nobody can try words against without the token.
fn content_hash(vault: &Vault, token: &str, draft: &Draft) -> Result<Vec<u8>, StoreError> {
    Ok(vault.blind(CONTENT, &format!("{token}\n{}", serde_json::to_string(draft)?)).to_vec())
}

/// Whether this was submitted under this token before. Until the transaction ends nobody else submits under it.
pub async fn before(
    tx: &Tx,
    vault: &Vault,
    token: &str,
    draft: &Draft,
    now: Millis,
) -> Result<Before, StoreError> {
    tx.lock(&data_encoding::HEXLOWER.encode(&token_hash(token))).await?;
    let Some(done) = receipt(&**tx, vault, token, now).await? else { return Ok(Before::Nothing) };
    let sql = "SELECT content_hash FROM report_submissions WHERE submission_hash = $1";
    let kept: Option<Vec<u8>> = scalar_opt(&**tx, sql, values![token_hash(token)]).await?;
    let same = kept == Some(content_hash(vault, token, draft)?);
    Ok(if same { Before::Same(done) } else { Before::Other })
}

/// Submits what was typed, and notes what it was.
pub async fn submit_draft(
    tx: &Tx,
    vault: &Vault,
    data: &Path,
    (draft, report): (&Draft, &Report),
    token: &str,
    now: Millis,
) -> Result<Submitted, StoreError> {
    let done = submit_with(tx, vault, Some(data), report, token, now).await?;
    if matches!(done, Submitted::Receipt { .. } | Submitted::Handed { .. }) {
        let sql = "INSERT INTO report_submissions (submission_hash, content_hash) VALUES ($1, $2)";
        exec(&**tx, sql, values![token_hash(token), content_hash(vault, token, draft)?]).await?;
    }
    Ok(done)
}

/// Hangs a draft and its files under another token.
pub async fn carry_over(tx: &Tx, from: &str, to: &str) -> Result<(), StoreError> {
    let sql = "UPDATE report_drafts SET token_hash = $2 WHERE token_hash = $1";
    exec(&**tx, sql, values![token_hash(from), token_hash(to)]).await?;
    Ok(attachments::store::carry_over(tx, from, to).await?)
}

/// Takes a report in: report, identity, case, route, keys and trail in one transaction. The token is the draft's:
/// 256 bits that only the reporter's browser holds; sent again it finds the report it made before.
pub async fn submit(
    tx: &Tx,
    vault: &Vault,
    report: &Report,
    token: &str,
    now: Millis,
) -> Result<Submitted, StoreError> {
    submit_with(tx, vault, None, report, token, now).await
}

/// The same, with the data folder in which the draft's files lie: what is sealed to the superior takes them along.
/// Without it a draft that has files cannot be sealed, and stays a draft.
pub async fn submit_with(
    tx: &Tx,
    vault: &Vault,
    data: Option<&Path>,
    report: &Report,
    token: &str,
    now: Millis,
) -> Result<Submitted, StoreError> {
    // The same form sent twice at once: the second waits here and then finds the first.
    tx.lock(&data_encoding::HEXLOWER.encode(&token_hash(token))).await?;
    if let Some(before) = receipt(&**tx, vault, token, now).await? {
        return Ok(before);
    }
    let evidence = attachments::store::list(&**tx, vault, token, now).await?;
    delete_draft(tx, token).await?;
    phones::forget(tx, token).await?;
    let world = routing::store::world(&**tx).await?;
    let objects = routing::store::objects(&**tx, report.object).await?;
    let mut matter = Matter {
        kind: report.kind,
        unit_id: objects.unit_id,
        place_unit_id: objects.place_unit_id,
        named: objects.named,
        ..Matter::about_nothing()
    };
    matter.recused = cases::standing_recusals(&**tx, &matter).await?;
    let route = routing::route(&world, &routing::store::table(&**tx).await?, &matter);
    if let Destination::Refused { channel } = route.destination {
        attachments::store::discard(tx, token).await?;
        superior::store::count_refusal(tx, now).await?;
        return Ok(Submitted::Elsewhere { channel });
    }
    let (number, code) = free_receipt(tx, vault, token).await?;
    if matches!(route.destination, Destination::Sealed { .. }) {
        let hashes = superior::store::Hashes {
            number_index: number_index(vault, &number),
            code_hash: code_hash(vault, &number, &code),
            submission_hash: token_hash(token),
        };
        let evidence = superior::store::Evidence { data, files: evidence };
        let handed = superior::store::hand_over(tx, report, &number.grouped(), evidence, hashes, now).await?;
        // With their rows go the keys of the files: what is left on the disk opens for nobody.
        attachments::store::discard(tx, token).await?;
        return Ok(Submitted::Handed { number, code, handed });
    }
    // The gateway of short messages has the minute of every code, and whoever runs this machine may have its list: a minute
    // beside the report would say which telephone it is. The day is all that dates need.
    let day = clock::start_of_day(now);
    let id = write(tx, vault, report, (&number, &code), token, day).await?;
    let profiles = deadlines::store::current(&**tx).await?;
    let profile = profiles.iter().find(|kept| kept.profile.kinds.contains(&report.kind));
    let receive = Deed::Receive {
        kind: report.kind,
        points: u32::try_from(report.points.len()).unwrap_or(u32::MAX),
        profile: profile.ok_or(StoreError::Damaged)?.key.clone(),
    };
    let mut opened = cases::begin(tx, vault, id, receive, day).await?;
    let content =
        Content { facts: report.facts.clone(), amount_fen: report.amount_fen, points: report.points.clone() };
    let locked = opened.lock(&content_place(id), &serde_json::to_vec(&content)?)?;
    exec(&**tx, "UPDATE reports SET content_locked = $2 WHERE id = $1", values![id, locked]).await?;
    attachments::store::attach(tx, vault, &opened, (token, opened.seen()), day).await?;
    bind(tx, vault, id).await?;
    cases::send(tx, vault, &mut opened, matter, route, day).await?;
    let subject = format!("case {id}");
    let entry = audit::Entry {
        account_id: None,
        actor: "反映人",
        action: "case.receive",
        subject: &subject,
        detail: "",
    };
    audit::store::append(tx, &entry, day).await?;
    Ok(Submitted::Receipt { number, code })
}

/// What of a report must not change unseen: number, code, object, level, origin, time, files, whether it says who
/// reported, the hotline's number. Two reports whose numbers
/// were swapped would each be shown to the other's reporter.
const BOUND: Purpose = Purpose("report-row");

async fn bound(c: &impl ConnectionTrait, vault: &Vault, id: i64) -> Result<Vec<u8>, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        number_index: Vec<u8>,
        code_hash: Vec<u8>,
        submission_hash: Vec<u8>,
        kind: String,
        object_kind: String,
        object_id: Option<i64>,
        object_step: Option<i64>,
        level: String,
        origin: String,
        created_at: i64,
        identities: i64,
        order_index: Option<Vec<u8>>,
    }
    let sql = "SELECT number_index, code_hash, submission_hash, kind, object_kind, object_id, object_step, level, \
               origin, created_at, (SELECT COUNT(*) FROM report_identities i WHERE i.id = r.id) AS identities, \
               (SELECT o.number_index FROM report_origins o WHERE o.id = r.id) AS order_index \
               FROM reports r WHERE id = $1";
    let row: Row = one(c, sql, values![id]).await?.ok_or(StoreError::Damaged)?;
    let files = attachments::store::bound(c, id).await?;
    let said = serde_json::to_string(&(
        (id, row.number_index, row.code_hash, row.submission_hash, row.kind),
        (row.object_kind, row.object_id, row.object_step, row.level, row.origin, row.created_at),
        (row.identities, row.order_index),
        files,
    ))?;
    Ok(vault.blind(BOUND, &said).to_vec())
}

/// Binds a report's columns, at the end of the transaction that wrote them.
pub(crate) async fn bind(tx: &Tx, vault: &Vault, id: i64) -> Result<(), StoreError> {
    let bound = bound(&**tx, vault, id).await?;
    Ok(exec(&**tx, "UPDATE reports SET bound = $2 WHERE id = $1", values![id, bound]).await.map(drop)?)
}

/// Whether a report's columns and the rows of its files are as they were written.
pub(crate) async fn is_bound(c: &impl ConnectionTrait, vault: &Vault, id: i64) -> Result<bool, StoreError> {
    let sql = "SELECT bound FROM reports WHERE id = $1 AND bound IS NOT NULL";
    let stored: Option<Vec<u8>> = scalar_opt(c, sql, values![id]).await?;
    Ok(stored == Some(bound(c, vault, id).await?))
}

/// Reports whose level and whose identity do not agree: one of somebody known without who it was, or the other way
/// round. A helper may be known where the reporter is not.
pub(crate) async fn strange_identities(
    c: &impl ConnectionTrait,
    vault: &Vault,
) -> Result<Vec<i64>, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        level: String,
        content_sealed: Option<Vec<u8>>,
    }
    let sql = "SELECT r.id, r.level, i.content_sealed FROM reports r LEFT JOIN report_identities i ON i.id = r.id \
               WHERE r.level <> 'anonymous' OR i.id IS NOT NULL ORDER BY r.id";
    let rows: Vec<Row> = all(c, sql, values![]).await?;
    let mut strange = Vec::new();
    for row in rows {
        let known = match &row.content_sealed {
            None => None,
            Some(sealed) => {
                let opened = vault.unseal(&IDENTITY.place(row.id), sealed)?;
                Some(serde_json::from_slice::<Known>(opened.as_bytes())?)
            }
        };
        let agrees = match (row.level.as_str(), &known) {
            ("anonymous", Some(known)) => {
                known.phone.is_none() && known.name.is_none() && known.helper.is_some()
            }
            ("phone", Some(known)) => known.phone.is_some() && known.name.is_none(),
            ("real_name", Some(known)) => known.phone.is_some() && known.name.is_some(),
            (_, known) => known.is_some(),
        };
        if !agrees {
            strange.push(row.id);
        }
    }
    Ok(strange)
}

fn content_place(id: i64) -> Place {
    Place::new("reports", id, "content_locked")
}

/// The receipts of a submission, in the order in which they are tried: the next when a number is taken. They follow
/// from the token, so that the same form sent again gets the same receipt although only hashes are stored.
fn receipts(vault: &Vault, token: &str) -> impl Iterator<Item = (ReceiptNumber, QueryCode)> {
    (0..16).map(move |attempt| {
        let drawn = vault.blind(RECEIPT, &format!("{attempt}\n{token}"));
        let (number, rest) = drawn.split_first_chunk::<8>().expect("32 bytes");
        let code = rest.first_chunk::<12>().expect("24 bytes");
        (ReceiptNumber::draw(*number), QueryCode::draw(*code))
    })
}

fn number_index(vault: &Vault, number: &ReceiptNumber) -> Vec<u8> {
    vault.blind(Purpose::REPORT_NUMBER, number.canonical()).to_vec()
}

/// Bound to the number: a code that fits one report says nothing about another.
fn code_hash(vault: &Vault, number: &ReceiptNumber, code: &QueryCode) -> Vec<u8> {
    vault.blind(Purpose::QUERY_CODE, &format!("{}\n{}", number.canonical(), code.canonical())).to_vec()
}

async fn free_receipt(tx: &Tx, vault: &Vault, token: &str) -> Result<(ReceiptNumber, QueryCode), StoreError> {
    for (number, code) in receipts(vault, token) {
        let sql = "SELECT id FROM reports WHERE number_index = $1 \
                   UNION ALL SELECT id FROM superior_packages WHERE number_index = $1";
        let taken: Option<i64> = scalar_opt(&**tx, sql, values![number_index(vault, &number)]).await?;
        if taken.is_none() {
            return Ok((number, code));
        }
    }
    Err(StoreError::Moved)
}

/// An id of nine digits that nobody has: drawn, so that neither an address nor a gap between two says that there is
/// another case, and short enough to be read out.
async fn free_id(tx: &Tx, vault: &Vault, token: &str) -> Result<i64, StoreError> {
    for attempt in 0..16 {
        let drawn = vault.blind(CASE_ID, &format!("{attempt}\n{token}"));
        let number = drawn.first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes));
        let id = i64::try_from(100_000_000 + number % 900_000_000).unwrap_or(i64::MAX);
        if scalar_opt::<i64>(&**tx, "SELECT id FROM reports WHERE id = $1", values![id]).await?.is_none() {
            return Ok(id);
        }
    }
    Err(StoreError::Moved)
}

/// What a draft became, if it was submitted: its receipt, as long as that is shown again.
pub async fn receipt(
    c: &impl ConnectionTrait,
    vault: &Vault,
    token: &str,
    now: Millis,
) -> Result<Option<Submitted>, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        number_index: Vec<u8>,
        created_at: i64,
    }
    let sql = "SELECT number_index, created_at FROM reports WHERE submission_hash = $1";
    let Some(row) = one::<Row>(c, sql, values![token_hash(token)]).await? else {
        return handed_before(c, vault, token, now).await;
    };
    let mine = |(number, _): &(ReceiptNumber, QueryCode)| number_index(vault, number) == row.number_index;
    Ok(Some(match receipts(vault, token).find(mine) {
        Some((number, code)) if now - row.created_at < RECEIPT_LIVES => Submitted::Receipt { number, code },
        _ => Submitted::Before,
    }))
}

/// The same for what went to the superior, of which the day alone is known.
async fn handed_before(
    c: &impl ConnectionTrait,
    vault: &Vault,
    token: &str,
    now: Millis,
) -> Result<Option<Submitted>, StoreError> {
    let before = superior::store::by_submission(c, token_hash(token)).await?;
    let Some((index, handed)) = before else { return Ok(None) };
    let mine = |(number, _): &(ReceiptNumber, QueryCode)| number_index(vault, number) == index;
    Ok(Some(match receipts(vault, token).find(mine) {
        Some((number, code)) if now - handed.made_at < RECEIPT_LIVES => {
            Submitted::Handed { number, code, handed }
        }
        _ => Submitted::Before,
    }))
}

async fn write(
    tx: &Tx,
    vault: &Vault,
    report: &Report,
    (number, code): (&ReceiptNumber, &QueryCode),
    token: &str,
    now: Millis,
) -> Result<i64, StoreError> {
    let (object, object_id, step) = match report.object {
        Object::Unit(id) => ("unit", Some(id), None),
        Object::Power(id) => ("power", Some(id), None),
        Object::Step(id, step) => ("step", Some(id), Some(i64::from(step))),
        Object::Cadre(id) => ("cadre", Some(id), None),
        Object::Publication(id) => ("publication", Some(id), None),
        Object::Basis(id) => ("basis", Some(id), None),
        Object::Place(id) => ("place", Some(id), None),
        Object::Unknown => ("unknown", None, None),
    };
    let (level, phone, name, citizen_id) = match &report.identity {
        Identity::Anonymous => ("anonymous", None, None, None),
        Identity::Phone(phone) => ("phone", Some(phone), None, None),
        Identity::RealName { phone, name, citizen_id } => {
            ("real_name", Some(phone), Some(name), Some(citizen_id))
        }
    };
    let sql = "INSERT INTO reports (id, number_index, code_hash, submission_hash, kind, object_kind, object_id, \
               object_step, level, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    let id = free_id(tx, vault, token).await?;
    let bound = values![
        id,
        number_index(vault, number),
        code_hash(vault, number, code),
        token_hash(token),
        report.kind.code(),
        object,
        object_id,
        step,
        level,
        now
    ];
    exec(&**tx, sql, bound).await?;
    if phone.is_some() || report.helper.is_some() {
        let known = Known {
            phone: phone.map(|phone| phone.canonical().to_owned()),
            name: name.cloned(),
            citizen_id: citizen_id.map(|id| id.as_str().to_owned()),
            helper: report.helper.clone(),
        };
        let sealed = vault.seal(&IDENTITY.place(id), &serde_json::to_vec(&known)?);
        let sql = "INSERT INTO report_identities (id, content_sealed) VALUES ($1, $2)";
        exec(&**tx, sql, values![id, sealed]).await?;
    }
    Ok(id)
}

/// What a reporter sees of their own report.
#[derive(Debug)]
pub struct Status {
    /// The case, which has the report's id.
    pub id: i64,
    /// What they wrote.
    pub content: Content,
    /// Where it stands.
    pub case: Case,
    /// What happened, as far as it is told; nobody of the staff is in it.
    pub timeline: Vec<Told>,
    /// Number of the last event: a form gives it back, so that nobody judges an answer they have not seen.
    pub seen: u32,
    /// Who was shown who they are.
    pub openings: Vec<openings::store::Told>,
    /// The files that its reporter sent. Their names stay sealed.
    pub files: Vec<Sent>,
    /// The letters that were issued to them.
    pub letters: Vec<(letters::store::Line, Letter)>,
    /// What they are asked about people whom staff named.
    pub question: Option<cases::Question>,
    /// Of whom they are asked whether they wrote of them.
    pub namesakes: Vec<cases::Namesake>,
    /// While no organ here may have it: by what the superior knows it, and since when it has it.
    pub held: Option<Held>,
    /// Whether the organ that has it lacks people who may handle it.
    pub waits: bool,
    /// Whether the reporter gave a telephone, by which they hear of news.
    pub has_phone: bool,
}

/// A file as its reporter knows it again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// What it is.
    pub kind: Option<attachments::Kind>,
    /// Bytes of it.
    pub size: u64,
    /// With which event it came.
    pub event: u32,
}

/// What a reporter is told of a case that waits for the superior.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// By what reporter and superior speak of it.
    pub reference: String,
    /// Where to turn to.
    pub channel: String,
    /// What became of the package; none while it could be sealed to nobody.
    pub handed: Option<Handed>,
}

impl Status {
    /// Whether the reporter may say more, and add files to it.
    pub fn takes_more(&self, now: Millis) -> bool {
        self.case.act(By::Reporter, now, Deed::Supply { points: 0 }, "").is_ok()
    }

    /// The files that came with an event.
    pub fn files_of(&self, event: u32) -> impl Iterator<Item = &Sent> {
        self.files.iter().filter(move |file| file.event == event)
    }

    /// Whether the reporter said exactly this before, or nothing: a form that was sent twice says nothing new.
    fn holds(&self, said: &Said) -> bool {
        let Said::More(words) = said else { return false };
        if *words == Words::default() {
            return true;
        }
        let same = |told: &Told| matches!(told.what, Deed::Supply { .. }) && told.words == *words;
        self.timeline.iter().any(same)
    }
}

/// A line of the reporter's timeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Number of the event.
    pub number: u32,
    /// When.
    pub at: Millis,
    /// "受理员", "平台", "反映人".
    pub by: &'static str,
    /// "受理".
    pub deed: &'static str,
    /// What exactly, to be told in a citizen's words.
    pub what: Deed,
    /// Why, where the reporter is told.
    pub reason: String,
    /// What was written to or by the reporter.
    pub words: Words,
}

impl Told {
    fn of(entry: &Entry) -> Option<Told> {
        let event = &entry.event;
        // Why it was sent somewhere may speak of others; a note of staff never reaches the reporter.
        let silent = matches!(event.deed, Deed::Route { .. }) && event.reason != cases::BACK;
        let spoken = matches!(event.deed, Deed::Ask | Deed::Supply { .. } | Deed::Reply { .. });
        event.deed.is_told().then(|| Told {
            number: event.number,
            at: event.at,
            by: event.by.page(),
            deed: event.deed.page(),
            what: event.deed.clone(),
            reason: if silent { String::new() } else { event.reason.clone() },
            words: if spoken { entry.words.clone() } else { Words::default() },
        })
    }
}

/// What somebody finds with number and code.
#[derive(Debug)]
pub enum Found {
    /// Their report.
    Report(Box<Status>),
    /// Their report went to the superior: who has it and where to ask. Nothing of it can be read here, and nothing more
    /// can be said to it.
    Handed(Handed),
    /// Nothing: the number, the code or both are wrong, and nobody can tell which.
    Nothing,
    /// Wrong once more after too many wrong tries with this number, whether it exists or not: later.
    Wait {
        /// Until when.
        until: Millis,
    },
}

/// Opens a report by number and code. A wrong number and a wrong code cost the same reads, writes and hashes.
pub async fn open(
    tx: &Tx,
    vault: &Vault,
    number: &ReceiptNumber,
    code: &QueryCode,
    now: Millis,
) -> Result<Found, StoreError> {
    match check(tx, vault, number, code, now).await? {
        Checked::Right(id) => Ok(Found::Report(Box::new(status(tx, vault, id).await?))),
        Checked::Handed(id) => Ok(Found::Handed(superior::store::handed(&**tx, id).await?)),
        Checked::Wrong => Ok(Found::Nothing),
        Checked::Wait { until } => Ok(Found::Wait { until }),
    }
}

/// Opens a letter to the reporter of a report that they opened, and notes that they have it.
pub async fn letter(
    tx: &Tx,
    vault: &Vault,
    status: &Status,
    id: i64,
    now: Millis,
) -> Result<Letter, StoreError> {
    let found = status.letters.iter().find(|(line, _)| line.id == id);
    let (line, letter) = found.ok_or(StoreError::NotFound)?;
    let opened = cases::open_own(&**tx, vault, status.id).await?;
    letters::store::read_by_reporter(tx, &opened, line, now).await?;
    Ok(letter.clone())
}

/// The token under which files wait for the reporter's next message. It follows from number and code: whoever shows both
/// again finds what they sent before the line broke, and no browser keeps anything.
pub fn more_token(vault: &Vault, number: &ReceiptNumber, code: &QueryCode) -> String {
    let drawn = vault.blind(MORE, &format!("{}\n{}", number.canonical(), code.canonical()));
    data_encoding::BASE64URL_NOPAD.encode(&drawn)
}

/// Opens a report by number and code, and makes a place for files where the reporter may say more.
pub async fn begin_more(
    tx: &Tx,
    vault: &Vault,
    number: &ReceiptNumber,
    code: &QueryCode,
    now: Millis,
) -> Result<(Found, Option<String>), StoreError> {
    let found = open(tx, vault, number, code, now).await?;
    let Found::Report(status) = &found else { return Ok((found, None)) };
    if !status.takes_more(now) {
        return Ok((found, None));
    }
    let token = more_token(vault, number, code);
    save_draft(tx, vault, &token, &Draft::default(), now).await?;
    Ok((found, Some(token)))
}

/// Does what a reporter says, who shows number and code again. With a message go the files that wait for it.
pub async fn say(
    tx: &Tx,
    vault: &Vault,
    number: &ReceiptNumber,
    code: &QueryCode,
    said: Said,
    now: Millis,
) -> Result<Found, StoreError> {
    match check(tx, vault, number, code, now).await? {
        Checked::Right(id) => {
            let mut files = None;
            if matches!(said, Said::More(_)) {
                let token = more_token(vault, number, code);
                cases::lock(tx, id).await?;
                let opened = cases::open_own(&**tx, vault, id).await?;
                let new = attachments::store::settle_new(tx, vault, &opened, &token, now).await?;
                files = (new > 0).then_some(token);
            }
            let before = status(tx, vault, id).await?;
            if files.is_none() && before.holds(&said) {
                return Ok(Found::Report(Box::new(before)));
            }
            match &files {
                Some(token) => cases::say_with(tx, vault, id, said, Some(token), now).await?,
                None => cases::say(tx, vault, id, said, now).await?,
            };
            Ok(Found::Report(Box::new(status(tx, vault, id).await?)))
        }
        Checked::Handed(id) => Ok(Found::Handed(superior::store::handed(&**tx, id).await?)),
        Checked::Wrong => Ok(Found::Nothing),
        Checked::Wait { until } => Ok(Found::Wait { until }),
    }
}

enum Checked {
    Right(i64),
    Handed(i64),
    Wrong,
    Wait { until: Millis },
}

async fn check(
    tx: &Tx,
    vault: &Vault,
    number: &ReceiptNumber,
    code: &QueryCode,
    now: Millis,
) -> Result<Checked, StoreError> {
    let key = vault.blind(LOOKUP, number.canonical()).to_vec();
    // Two forms of one reporter at once: the second sees what the first did.
    tx.lock(&data_encoding::HEXLOWER.encode(&key)).await?;
    let waits = reserve(tx, &key, now).await?;
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        code_hash: Vec<u8>,
        handed: bool,
    }
    // One question, whichever has the number: the answer takes as long for one that nobody has.
    let sql = "SELECT id, code_hash, FALSE AS handed FROM reports WHERE number_index = $1 \
               UNION ALL SELECT id, code_hash, TRUE AS handed FROM superior_packages WHERE number_index = $1";
    let row: Option<Row> = one(&**tx, sql, values![number_index(vault, number)]).await?;
    let given = code_hash(vault, number, code);
    // Keyed hashes are compared: how long that takes says nothing about the code.
    let Some(row) = row.filter(|row| row.code_hash == given) else {
        return Ok(waits.map_or(Checked::Wrong, |until| Checked::Wait { until }));
    };
    // The right code opens also while wrong ones wait: nobody keeps a reporter out by trying their number, until
    // silence lets the case lapse. Sixty bits need no lock.
    exec(&**tx, "DELETE FROM report_lookups WHERE key = $1", values![key]).await?;
    Ok(if row.handed { Checked::Handed(row.id) } else { Checked::Right(row.id) })
}

/// Counts a try before anything is verified, so that tries sent at once count one by one. Until when to wait, while
/// tries of this number wait.
async fn reserve(tx: &Tx, key: &[u8], now: Millis) -> Result<Option<Millis>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        failures: i64,
        locked_until: Option<i64>,
    }
    let sql = "INSERT INTO report_lookups (key, failures, last_at) VALUES ($1, 1, $2) \
               ON CONFLICT (key) DO UPDATE SET last_at = excluded.last_at, failures = report_lookups.failures \
               + CASE WHEN report_lookups.locked_until > excluded.last_at THEN 0 ELSE 1 END \
               RETURNING failures, locked_until";
    let row: Option<Row> = one(&**tx, sql, values![key.to_vec(), now]).await?;
    let Some(row) = row else { return Ok(None) };
    if let Some(until) = row.locked_until.filter(|until| *until > now) {
        return Ok(Some(until));
    }
    let until = lock_after(row.failures).map(|wait| now + wait);
    let sql = "UPDATE report_lookups SET locked_until = $2 WHERE key = $1";
    exec(&**tx, sql, values![key.to_vec(), until]).await?;
    Ok(None)
}

async fn status(tx: &Tx, vault: &Vault, id: i64) -> Result<Status, StoreError> {
    let opened = cases::open_own(&**tx, vault, id).await?;
    let content = content(&**tx, &opened).await?;
    let timeline = opened.entries.iter().filter_map(Told::of).collect();
    let seen = opened.seen();
    let openings = openings::store::told(&**tx, &opened).await?;
    let files = attachments::of_case(&**tx, &opened).await?;
    // What staff obtained is not the reporter's to see.
    let files = files.into_iter().filter(|file| file.is_reporters(&opened));
    let files = files
        .map(|file| Sent { kind: file.about.kind, size: file.about.size, event: file.about.event })
        .collect();
    let letters = letters::store::to_reporter(&**tx, &opened).await?;
    let question = cases::asked(&**tx, &opened).await?;
    let namesakes = cases::namesakes(&**tx, &opened).await?;
    let held = match opened.case.state {
        State::Held => Some(Held {
            reference: cases::reference(vault, id),
            channel: routing::store::world(&**tx).await?.superior.channel,
            handed: superior::store::handed_case(&**tx, id).await?,
        }),
        _ => None,
    };
    let waits = cases::waits(&**tx, &opened).await?;
    let has_phone = phone(&**tx, vault, id).await?.is_some();
    let case = opened.case;
    Ok(Status {
        id,
        content,
        case,
        timeline,
        seen,
        openings,
        files,
        letters,
        question,
        namesakes,
        held,
        waits,
        has_phone,
    })
}

/// What stands in the clear beside a report.
pub(crate) struct Beside {
    /// What it is about.
    pub object: Object,
    /// "匿名", "手机验证", "实名", "12345转来".
    pub level: &'static str,
    /// When it came in.
    pub created_at: Millis,
}

/// What stands in the clear beside a report.
pub(crate) async fn known(c: &impl ConnectionTrait, id: i64) -> Result<Beside, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        object_kind: String,
        object_id: Option<i64>,
        object_step: Option<i64>,
        level: String,
        created_at: i64,
    }
    let sql = "SELECT object_kind, object_id, object_step, level, created_at FROM reports WHERE id = $1";
    let row: Row = one(c, sql, values![id]).await?.ok_or(StoreError::Damaged)?;
    let level = match row.level.as_str() {
        "real_name" => "实名",
        "phone" => "手机验证",
        "hotline" => "12345转来",
        _ => "匿名",
    };
    let object = object(&row.object_kind, row.object_id, row.object_step);
    Ok(Beside { object, level, created_at: row.created_at })
}

/// Reads the columns of what a report is about.
pub(crate) fn object(kind: &str, id: Option<i64>, step: Option<i64>) -> Object {
    let step = step.and_then(|step| u32::try_from(step).ok());
    match (kind, id, step) {
        ("unit", Some(id), _) => Object::Unit(id),
        ("power", Some(id), _) => Object::Power(id),
        ("step", Some(id), Some(step)) => Object::Step(id, step),
        ("cadre", Some(id), _) => Object::Cadre(id),
        ("publication", Some(id), _) => Object::Publication(id),
        ("basis", Some(id), _) => Object::Basis(id),
        ("place", Some(id), _) => Object::Place(id),
        _ => Object::Unknown,
    }
}

/// What was reported, for whoever has opened the case.
pub async fn content(c: &impl ConnectionTrait, opened: &cases::Opened) -> Result<Content, StoreError> {
    let sql = "SELECT content_locked FROM reports WHERE id = $1";
    let locked: Vec<u8> = scalar(c, sql, values![opened.id]).await?;
    Ok(serde_json::from_slice(opened.unlock(&content_place(opened.id), &locked)?.as_bytes())?)
}

/// Tells the reporter of a case, by a message without content, that there is something to read. Whoever stayed
/// anonymous looks for themselves; whoever called the hotline has neither number nor code, and is told by the hotline.
pub async fn tell(tx: &Tx, vault: &Vault, id: i64, now: Millis) -> Result<(), StoreError> {
    if let Some(phone) = phone(&**tx, vault, id).await? {
        sms::send(tx, vault, &phone, sms::Template::News, now).await?;
    }
    Ok(())
}

/// The telephone to which news go. One that cannot be read is none: it keeps nobody from working on the case.
async fn phone(c: &impl ConnectionTrait, vault: &Vault, id: i64) -> Result<Option<Phone>, DbErr> {
    let sql = "SELECT i.content_sealed FROM report_identities i JOIN reports r ON r.id = i.id \
               WHERE i.id = $1 AND r.origin <> 'hotline'";
    let Some(sealed) = scalar_opt::<Vec<u8>>(c, sql, values![id]).await? else { return Ok(None) };
    let opened = vault.unseal(&IDENTITY.place(id), &sealed).ok();
    let known: Option<Known> = opened.and_then(|opened| serde_json::from_slice(opened.as_bytes()).ok());
    Ok(known.and_then(|known| known.phone).and_then(|phone| Phone::parse(&phone).ok()))
}

/// What several reports say, to be compared, for whoever has the keys of their cases. One that cannot be read is left
/// out.
pub(crate) async fn gists(
    c: &impl ConnectionTrait,
    keys: &BTreeMap<i64, Keys>,
    ids: &[i64],
) -> Result<Vec<Gist>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        object_kind: String,
        object_id: Option<i64>,
        object_step: Option<i64>,
        content_locked: Vec<u8>,
    }
    let numbers: Vec<_> = (1..=ids.len()).map(|at| format!("${at}")).collect();
    let sql = format!(
        "SELECT id, object_kind, object_id, object_step, content_locked FROM reports \
         WHERE content_locked IS NOT NULL AND id IN ({})",
        numbers.join(", ")
    );
    let rows: Vec<Row> = all(c, &sql, ids.iter().map(|id| (*id).into()).collect()).await?;
    let gist = |row: Row| {
        let opened = keys.get(&row.id)?.open(&content_place(row.id), &row.content_locked).ok()?;
        let content: Content = serde_json::from_slice(opened.as_bytes()).ok()?;
        let object = object(&row.object_kind, row.object_id, row.object_step);
        Some(Gist { report_id: row.id, object, text: Shingles::of(&content.facts.what) })
    };
    Ok(rows.into_iter().filter_map(gist).collect())
}

#[cfg(test)]
#[path = "tests/stored.rs"]
mod tests;
