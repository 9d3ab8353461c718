//! Every query on tables of a hotline and what became of their rows.

use super::{Order, Plan, Refusal};
use crate::{
    audit,
    authz::{Actor, Role},
    cases::{
        Deed, State,
        store::{self as cases, Said, StoreError},
    },
    clock::Millis,
    ops::store::{HOTLINE, IDENTITY, ORDER},
    reports::{
        self, Draft, Gist, Object, Shingles,
        store::{Submitted, submit},
    },
    units,
};
use daylight_db::{ConnectionTrait, DbErr, FromQueryResult, Tx, all, exec, one, scalar, scalar_opt, values};
use daylight_vault::{Purpose, Vault};
use std::collections::BTreeMap;

/// By which an order is known again.
const NUMBER: Purpose = Purpose("hotline-order");
/// Sealed rows wait so long to be taken.
pub const LIVES: Millis = 24 * 3_600_000;
/// Earlier cases that a table is compared with.
const COMPARED: usize = 200;

/// A table that was read.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Line {
    /// Its id.
    pub id: i64,
    /// Who read it.
    pub account_id: i64,
    /// When.
    pub made_at: i64,
    /// When its rows became cases.
    pub taken_at: Option<i64>,
    /// What became of them, in JSON; none before that.
    pub outcome: Option<String>,
}

/// What became of the rows of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Outcome {
    /// Rows read.
    pub read: u32,
    /// Rows that became cases.
    pub taken: Vec<u32>,
    /// Rows that did not.
    pub refused: Vec<Refusal>,
    /// Rows that are no orders.
    pub ignored: Vec<Refusal>,
}

/// Whether somebody receives for the organ at the top, to which hotlines send.
pub async fn receives(c: &impl ConnectionTrait, actor: &Actor) -> Result<bool, DbErr> {
    let organs = crate::organs::store::list(c).await?;
    let top = |id: Option<i64>| organs.iter().any(|organ| Some(organ.id) == id && organ.parent_id.is_none());
    Ok(actor.grants.iter().any(|grant| grant.role == Role::Intake && top(grant.organ_id)))
}

/// Keeps what was read, sealed, until somebody has looked at it.
pub async fn keep(
    tx: &Tx,
    vault: &Vault,
    actor: &Actor,
    plan: &Plan,
    now: Millis,
) -> Result<i64, StoreError> {
    forget(tx, now).await?;
    let sql = "INSERT INTO hotline_tables (account_id, made_at) VALUES ($1, $2) RETURNING id";
    let id: i64 = scalar(&**tx, sql, values![actor.account_id, now]).await?;
    let sealed = vault.seal(&HOTLINE.place(id), &serde_json::to_vec(plan)?);
    exec(&**tx, "UPDATE hotline_tables SET content_sealed = $2 WHERE id = $1", values![id, sealed]).await?;
    note(tx, actor, "hotline.read", id, &format!("{}行", plan.read), now).await?;
    Ok(id)
}

/// Tables that nobody took go after a day.
async fn forget(tx: &Tx, now: Millis) -> Result<(), DbErr> {
    let sql = "DELETE FROM hotline_tables WHERE taken_at IS NULL AND made_at < $1";
    exec(&**tx, sql, values![now - LIVES]).await.map(drop)
}

async fn note(tx: &Tx, actor: &Actor, action: &str, id: i64, detail: &str, now: Millis) -> Result<(), DbErr> {
    let subject = format!("hotline {id}");
    let account_id = Some(actor.account_id);
    let entry = audit::Entry { account_id, actor: &actor.name, action, subject: &subject, detail };
    audit::store::append(tx, &entry, now).await
}

/// A table that somebody read themselves: others have no business with its rows.
pub async fn line(c: &impl ConnectionTrait, actor: &Actor, id: i64) -> Result<Option<Line>, DbErr> {
    let sql = "SELECT id, account_id, made_at, taken_at, outcome FROM hotline_tables \
               WHERE id = $1 AND account_id = $2";
    one(c, sql, values![id, actor.account_id]).await
}

/// The tables that somebody read, the last first.
pub async fn lines(c: &impl ConnectionTrait, actor: &Actor) -> Result<Vec<Line>, DbErr> {
    let sql = "SELECT id, account_id, made_at, taken_at, outcome FROM hotline_tables \
               WHERE account_id = $1 ORDER BY id DESC LIMIT 30";
    all(c, sql, values![actor.account_id]).await
}

/// The rows of a table, while they wait.
pub async fn plan(c: &impl ConnectionTrait, vault: &Vault, id: i64) -> Result<Option<Plan>, StoreError> {
    let sql = "SELECT content_sealed FROM hotline_tables WHERE id = $1 AND content_sealed IS NOT NULL";
    let sealed: Option<Vec<u8>> = scalar_opt(c, sql, values![id]).await?;
    let Some(sealed) = sealed else { return Ok(None) };
    Ok(Some(serde_json::from_slice(vault.unseal(&HOTLINE.place(id), &sealed)?.as_bytes())?))
}

fn index(vault: &Vault, number: &str) -> Vec<u8> {
    vault.blind(NUMBER, number).to_vec()
}

async fn is_known(c: &impl ConnectionTrait, vault: &Vault, number: &str) -> Result<bool, DbErr> {
    let sql = "SELECT (SELECT COUNT(*) FROM report_origins WHERE number_index = $1) \
               + (SELECT COUNT(*) FROM hotline_handed WHERE number_index = $1)";
    Ok(scalar::<i64>(c, sql, values![index(vault, number)]).await? > 0)
}

/// Tells the clerk which orders were taken before, which units the registry does not know, and which cases that the
/// clerk may see are alike.
pub async fn compare(
    c: &impl ConnectionTrait,
    vault: &Vault,
    actor: &Actor,
    plan: &mut Plan,
) -> Result<(), StoreError> {
    let mut earlier = Vec::new();
    for line in cases::list(c, vault, actor).await?.into_iter().rev().take(COMPARED) {
        let opened = cases::open_own(c, vault, line.id).await?;
        let content = reports::store::content(c, &opened).await?;
        let text = Shingles::of(&content.facts.what);
        earlier.push(Gist { report_id: line.id, object: Object::Unknown, text });
    }
    let mut orders = Vec::new();
    for mut order in std::mem::take(&mut plan.orders) {
        if is_known(c, vault, &order.number).await? {
            plan.refused.push(taken_before(order.row));
            continue;
        }
        if !order.unit.is_empty() && units::store::by_name(c, &order.unit).await?.is_none() {
            order.notes.push("平台上没有这个单位，按“不知道是谁”分派，单位名称写在内容里".into());
        }
        let text = Shingles::of(&order.what);
        let gist = Gist { report_id: 0, object: Object::Unknown, text };
        for like in reports::suggest(&gist, &earlier, 1) {
            order.notes.push(format!("与办理件第{}号相近（{}）", like.report_id, like.because()));
        }
        orders.push(order);
    }
    plan.orders = orders;
    plan.refused.sort_by_key(|refused| refused.row);
    Ok(())
}

fn taken_before(row: u32) -> Refusal {
    Refusal {
        row, column: "工单编号".into(), reason: "这个工单已经收录过，不再收录".into()
    }
}

/// Makes a case of an order: through the door that citizens use, with identity and origin sealed beside. None, or why
/// not.
pub async fn take(tx: &Tx, vault: &Vault, order: &Order, now: Millis) -> Result<Option<Refusal>, StoreError> {
    let index = index(vault, &order.number);
    // Two who take the same order at once: the second waits here and then finds the first.
    tx.lock(&format!("hotline {}", data_encoding::HEXLOWER.encode(&index))).await?;
    if is_known(&**tx, vault, &order.number).await? {
        return Ok(Some(taken_before(order.row)));
    }
    let unit = match order.unit.as_str() {
        "" => None,
        name => units::store::by_name(&**tx, name).await?,
    };
    let object = unit.map_or(Object::Unknown, |unit| Object::Unit(unit.id));
    let refusal = |reason: String| Refusal { row: order.row, column: String::new(), reason };
    let report = match (Draft { object: Some(object), ..order.draft() }).check(None) {
        Ok(report) => report,
        Err(faults) => return Ok(faults.first().map(|fault| refusal(fault.message.clone()))),
    };
    // Drawn, and forgotten: number and code follow from it, and must not follow from anything that is stored. That the
    // order was taken is known by its own number.
    let token = crate::accounts::new_token();
    match submit(tx, vault, &report, &token, now).await? {
        Submitted::Receipt { .. } | Submitted::Before => {}
        Submitted::Elsewhere { channel } => {
            return Ok(Some(refusal(format!("须由上级办理，平台不收录。请转：{channel}"))));
        }
        Submitted::Handed { .. } => {
            exec(&**tx, "INSERT INTO hotline_handed (number_index) VALUES ($1)", values![index]).await?;
            return Ok(Some(refusal("须由上级办理，内容已密封转交上级，本平台不建办理件".into())));
        }
    }
    let hash = crate::accounts::token_hash(&token);
    let id: i64 = scalar(&**tx, "SELECT id FROM reports WHERE submission_hash = $1", values![hash]).await?;
    // No code proved the telephone: the hotline's word stands for it.
    let known = order.phone.is_some() || !order.name.is_empty();
    let level = if known { "hotline" } else { "anonymous" };
    exec(&**tx, "UPDATE reports SET origin = 'hotline', level = $2 WHERE id = $1", values![id, level])
        .await?;
    let sealed = vault.seal(&ORDER.place(id), order.number.as_bytes());
    let sql = "INSERT INTO report_origins (id, number_index, number_sealed) VALUES ($1, $2, $3)";
    exec(&**tx, sql, values![id, index, sealed]).await?;
    if known {
        let name = Some(order.name.as_str()).filter(|name| !name.is_empty());
        let known = serde_json::json!({
            "phone": order.phone, "name": name, "citizen_id": null, "helper": null,
        });
        let sealed = vault.seal(&IDENTITY.place(id), &serde_json::to_vec(&known)?);
        let sql = "INSERT INTO report_identities (id, content_sealed) VALUES ($1, $2)";
        exec(&**tx, sql, values![id, sealed]).await?;
    }
    reports::store::bind(tx, vault, id).await?;
    Ok(None)
}

/// What a caller said about the answer, as the hotline tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// 满意.
    Satisfied,
    /// 不满意.
    Dissatisfied,
    /// 联系不上.
    Unreached,
}

impl Heard {
    /// All, in page order.
    pub const ALL: [Heard; 3] = [Heard::Satisfied, Heard::Dissatisfied, Heard::Unreached];

    /// The word in tables and forms.
    pub fn code(self) -> &'static str {
        match self {
            Heard::Satisfied => "satisfied",
            Heard::Dissatisfied => "dissatisfied",
            Heard::Unreached => "unreached",
        }
    }

    /// The word on the page.
    pub fn page(self) -> &'static str {
        match self {
            Heard::Satisfied => "满意",
            Heard::Dissatisfied => "不满意",
            Heard::Unreached => "联系不上",
        }
    }

    /// Reads [`Heard::code`].
    pub fn from_code(code: &str) -> Option<Heard> {
        Heard::ALL.into_iter().find(|heard| heard.code() == code)
    }
}

/// An order that became a case.
#[derive(Clone, Debug)]
pub struct Taken {
    /// Its case.
    pub case_id: i64,
    /// The hotline's number.
    pub number: String,
    /// What is wanted.
    pub kind: String,
    /// Where it stands.
    pub state: String,
    /// Whether the superior organ has it.
    pub is_second: bool,
    /// When it came.
    pub received_at: Millis,
    /// When it was answered last.
    pub answered_at: Option<Millis>,
    /// What was heard last of the answer that stands.
    pub heard: Option<Heard>,
    /// Everything that was heard, the first first.
    pub calls: Vec<(Millis, Heard)>,
}

impl Taken {
    /// Whether the caller is to be asked.
    pub fn waits(&self) -> bool {
        self.state == "answered"
    }
}

/// The hotline's number of a case, for whoever has opened it.
pub async fn number(
    c: &impl ConnectionTrait,
    vault: &Vault,
    case_id: i64,
) -> Result<Option<String>, StoreError> {
    let sql = "SELECT number_sealed FROM report_origins WHERE id = $1";
    let Some(sealed) = scalar_opt::<Vec<u8>>(c, sql, values![case_id]).await? else { return Ok(None) };
    Ok(Some(vault.unseal(&ORDER.place(case_id), &sealed)?.as_str()?.to_owned()))
}

/// What was heard of the answers of a case.
pub async fn calls(c: &impl ConnectionTrait, case_id: i64) -> Result<Vec<(Millis, Heard)>, DbErr> {
    let sql = "SELECT case_id, at, heard FROM hotline_calls WHERE case_id = $1 ORDER BY id";
    let rows: Vec<Call> = all(c, sql, values![case_id]).await?;
    Ok(rows.iter().filter_map(Call::read).collect())
}

#[derive(FromQueryResult)]
struct Call {
    case_id: i64,
    at: i64,
    heard: String,
}

impl Call {
    fn read(&self) -> Option<(Millis, Heard)> {
        Some((self.at, Heard::from_code(&self.heard)?))
    }
}

/// The orders that became cases, the last first, without those to which somebody is in conflict.
pub async fn orders(
    c: &impl ConnectionTrait,
    vault: &Vault,
    actor: &Actor,
) -> Result<Vec<Taken>, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        number_sealed: Vec<u8>,
        kind: String,
        state: String,
        stage: String,
        received_at: i64,
        answered_at: Option<i64>,
    }
    let sql = "SELECT o.id, o.number_sealed, c.kind, c.state, c.stage, c.received_at, \
               (SELECT MAX(e.at) FROM case_events e WHERE e.case_id = c.id AND (e.deed LIKE '%\"deed\":\"reply\"%' \
               OR e.deed LIKE '%\"deed\":\"decline\"%')) AS answered_at \
               FROM report_origins o JOIN cases c ON c.id = o.id ORDER BY c.received_at DESC, o.id";
    let rows: Vec<Row> = all(c, sql, values![]).await?;
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    let clear = cases::unconflicted(c, vault, actor.account_id, &ids).await?;
    let mut calls: BTreeMap<i64, Vec<(Millis, Heard)>> = BTreeMap::new();
    for call in all::<Call>(c, "SELECT case_id, at, heard FROM hotline_calls ORDER BY id", values![]).await? {
        calls.entry(call.case_id).or_default().extend(call.read());
    }
    let mut taken = Vec::new();
    for row in rows.into_iter().filter(|row| clear.contains(&row.id)) {
        // One order whose number does not open keeps no other back; `daylight verify` names it.
        let Ok(number) = vault.unseal(&ORDER.place(row.id), &row.number_sealed) else { continue };
        let calls = calls.remove(&row.id).unwrap_or_default();
        let since = row.answered_at.unwrap_or(i64::MAX);
        taken.push(Taken {
            case_id: row.id,
            number: number.as_str()?.to_owned(),
            kind: row.kind,
            state: row.state,
            is_second: row.stage == "second",
            received_at: row.received_at,
            answered_at: row.answered_at,
            heard: calls.iter().rev().find(|(at, _)| *at >= since).map(|(_, heard)| *heard),
            calls,
        });
    }
    Ok(taken)
}

/// The answer that stands, as it goes back to the hotline: nothing of what was found on the way.
#[derive(Clone, Debug)]
pub struct Answer {
    /// What was asked, and what was answered to each.
    pub points: Vec<(String, String)>,
    /// What is said besides; of what was declined, why.
    pub rest: String,
    /// [`cases::Opened::seen`] of it.
    pub seen: u32,
}

impl Answer {
    /// As a text to be read out.
    pub fn text(&self) -> String {
        let one =
            |(at, (asked, answer)): (usize, &(String, String))| format!("{}. {asked}\n{answer}", at + 1);
        let points = self.points.iter().enumerate().map(one);
        points.chain(Some(self.rest.clone()).filter(|rest| !rest.is_empty())).collect::<Vec<_>>().join("\n")
    }
}

/// The last answer to an order. That this person may have it is asked before.
pub async fn answer(c: &impl ConnectionTrait, vault: &Vault, case_id: i64) -> Result<Answer, StoreError> {
    let opened = cases::open_own(c, vault, case_id).await?;
    let points = cases::points(c, &opened).await?;
    let answers = |entry: &&cases::Entry| matches!(entry.event.deed, Deed::Reply { .. } | Deed::Decline);
    let entry = opened.entries.iter().rev().find(answers).ok_or(StoreError::NotFound)?;
    let rest = match entry.event.deed {
        Deed::Decline => format!("不予受理。{}", entry.event.reason),
        _ => entry.words.text.clone(),
    };
    let points = points.into_iter().zip(entry.words.answers.iter().cloned()).collect();
    Ok(Answer { points, rest, seen: opened.seen() })
}

/// Enters what the hotline heard from a caller: done to the case as if the caller had said it, and kept beside it who
/// entered it. Not reached, the case waits on.
pub async fn hear(
    tx: &Tx,
    vault: &Vault,
    actor: &Actor,
    case_id: i64,
    (heard, missing, seen): (Heard, &str, u32),
    now: Millis,
) -> Result<(), StoreError> {
    if !receives(&**tx, actor).await? {
        return Err(StoreError::NotFound);
    }
    let clear = cases::unconflicted(&**tx, vault, actor.account_id, &[case_id]).await?;
    let sql = "SELECT COUNT(*) FROM report_origins WHERE id = $1";
    if clear.is_empty() || scalar::<i64>(&**tx, sql, values![case_id]).await? == 0 {
        return Err(StoreError::NotFound);
    }
    // What was told to the caller must be the answer that stands.
    let opened = cases::open_own(&**tx, vault, case_id).await?;
    if opened.seen() != seen || opened.case.state != State::Answered {
        return Err(StoreError::Moved);
    }
    match heard {
        Heard::Satisfied => drop(cases::say(tx, vault, case_id, Said::Satisfied, now).await?),
        Heard::Dissatisfied => {
            drop(cases::say(tx, vault, case_id, Said::Dissatisfied(missing.to_owned()), now).await?);
        }
        Heard::Unreached => {}
    }
    let sql = "INSERT INTO hotline_calls (case_id, heard, at, account_id) VALUES ($1, $2, $3, $4)";
    exec(&**tx, sql, values![case_id, heard.code(), now, actor.account_id]).await?;
    audit::rows::keep(tx, &audit::rows::CALLS, case_id, now).await?;
    let subject = format!("case {case_id}");
    let entry = audit::Entry {
        account_id: Some(actor.account_id),
        actor: &actor.name,
        action: "hotline.hear",
        subject: &subject,
        detail: heard.page(),
    };
    Ok(audit::store::append(tx, &entry, now).await?)
}

/// Notes what became of a table. Its rows are gone from then on; only their numbers and reasons stay.
pub async fn finish(
    tx: &Tx,
    actor: &Actor,
    id: i64,
    outcome: &Outcome,
    now: Millis,
) -> Result<(), StoreError> {
    let sql = "UPDATE hotline_tables SET content_sealed = NULL, taken_at = $2, outcome = $3 \
               WHERE id = $1 AND taken_at IS NULL";
    if exec(&**tx, sql, values![id, now, serde_json::to_string(outcome)?]).await? == 1 {
        let detail = format!(
            "读{}行，收录{}，未收录{}，忽略{}",
            outcome.read,
            outcome.taken.len(),
            outcome.refused.len(),
            outcome.ignored.len()
        );
        note(tx, actor, "hotline.take", id, &detail, now).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{accounts::token_hash, cases::testing::*, reports::Kind};

    fn order() -> Order {
        Order {
            row: 3,
            number: "RX20260001".into(),
            kind: Kind::Complaint,
            unit: String::new(),
            what: "村里修路多收了我家五百元一直不退".into(),
            place: String::new(),
            when: String::new(),
            name: String::new(),
            phone: None,
            notes: Vec::new(),
        }
    }

    #[derive(FromQueryResult)]
    struct Row {
        number_index: Vec<u8>,
        code_hash: Vec<u8>,
        submission_hash: Vec<u8>,
        of_order: Vec<u8>,
    }

    /// Takes the order and gives what stands in the clear; nothing is committed.
    async fn taken(test: &daylight_db::testing::TestDb, vault: &Vault) -> Row {
        let tx = test.db.write().await.unwrap();
        assert!(take(&tx, vault, &order(), NOW).await.unwrap().is_none());
        // Taken again it is known by its own number, whatever was drawn.
        assert!(take(&tx, vault, &order(), NOW).await.unwrap().unwrap().reason.contains("收录过"));
        let sql = "SELECT r.number_index, r.code_hash, r.submission_hash, o.number_index AS of_order \
                   FROM reports r JOIN report_origins o ON o.id = r.id";
        one(&*tx, sql, values![]).await.unwrap().unwrap()
    }

    #[tokio::test]
    async fn number_and_code_of_an_order_follow_from_nothing_that_is_stored() {
        for County { test, vault, .. } in counties().await {
            let (first, second) = (taken(&test, &vault).await, taken(&test, &vault).await);
            // The same order with the same keys: what is known of it is the same, what opens it is not.
            assert_eq!(first.of_order, second.of_order);
            assert_ne!(first.number_index, second.number_index);
            assert_ne!(
                (first.code_hash, &first.submission_hash),
                (second.code_hash, &second.submission_hash)
            );
            // The token is not made of the clear columns, in whatever spelling.
            for bytes in [&first.of_order, &first.number_index] {
                let hex = data_encoding::HEXLOWER.encode(bytes);
                let base = data_encoding::BASE64URL_NOPAD.encode(bytes);
                for token in [hex.clone(), base, format!("hotline {hex}"), "hotline RX20260001".into()] {
                    assert_ne!(token_hash(&token), first.submission_hash);
                }
            }
        }
    }

    #[tokio::test]
    async fn who_called_the_hotline_is_told_by_the_hotline_and_not_to_use_a_code_that_nobody_has() {
        for County { test, vault, .. } in counties().await {
            let tx = test.db.write().await.unwrap();
            let phone = daylight_ids::Phone::parse("13949631669").unwrap();
            let order = Order { phone: Some(phone.canonical().to_owned()), ..order() };
            assert!(take(&tx, &vault, &order, NOW).await.unwrap().is_none());
            let id: i64 = scalar(&*tx, "SELECT id FROM reports", values![]).await.unwrap();
            reports::store::tell(&tx, &vault, id, NOW).await.unwrap();
            assert!(crate::sms::store::unsent(&*tx, &vault).await.is_empty());
            assert_eq!(reports::store::known(&*tx, id).await.unwrap().level, "12345转来");
        }
    }

    #[tokio::test]
    async fn an_order_that_was_sealed_to_the_superior_is_known_again_and_tied_to_nothing() {
        for County { test, vault, .. } in counties().await {
            let tx = test.db.write().await.unwrap();
            let known = index(&vault, "RX20260001");
            exec(&*tx, "INSERT INTO hotline_handed (number_index) VALUES ($1)", values![known])
                .await
                .unwrap();
            assert!(take(&tx, &vault, &order(), NOW).await.unwrap().unwrap().reason.contains("收录过"));
            let reports: i64 = scalar(&*tx, "SELECT COUNT(*) FROM reports", values![]).await.unwrap();
            assert_eq!(reports, 0);
        }
    }
}
