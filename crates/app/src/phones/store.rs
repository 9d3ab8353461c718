//! Every query on one-time codes: what was sent to a number, what is tried, what is proved. No number stands in any
//! of them but sealed.

use super::{CODE_LIVES, Code, DAY, Lane, NUMBERS, PROOF_LIVES, QUEUE, TRIES, may_send_at, turn};
use crate::{accounts::token_hash, clock::Millis, ops::store::PROOF, sms};
use daylight_db::{ConnectionTrait, DbErr, FromQueryResult, Tx, all, exec, one, scalar, scalar_opt, values};
use daylight_ids::Phone;
use daylight_vault::{Purpose as Index, Vault, VaultError};

/// Which messages count together: those to one number, for whatever purpose.
const COUNTED: Index = Index("phone-messages");
/// Which code is meant: number, purpose, browser.
const MEANT: Index = Index("phone-code-key");

/// What a code is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Purpose<'a> {
    /// Proving the telephone of a report that is being written; the token of its draft.
    Report(&'a str),
    /// Proving the telephone of somebody who rates; the token of their sitting. Nothing is noted: the browser keeps it.
    Rating(&'a str),
}

impl Purpose<'_> {
    /// Of the draft that asks, by which its numbers are counted.
    fn draft(self) -> Vec<u8> {
        match self {
            Purpose::Report(token) | Purpose::Rating(token) => token_hash(token),
        }
    }

    /// Distinct for distinct purposes and browsers.
    fn text(self) -> String {
        match self {
            Purpose::Report(token) => {
                format!("report\n{}", data_encoding::HEXLOWER.encode(&token_hash(token)))
            }
            Purpose::Rating(token) => {
                format!("rating\n{}", data_encoding::HEXLOWER.encode(&token_hash(token)))
            }
        }
    }
}

/// What became of a request for a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Requested {
    /// It is on its way.
    Sent {
        /// When it leaves: now, or later when many ask.
        from: Millis,
        /// Until when it can be used.
        until: Millis,
    },
    /// The number has had as many as it gets for now; an earlier code stays good.
    Wait {
        /// From when on the next may be asked for.
        until: Millis,
    },
    /// So many ask, for whatever numbers, that the queue is full; an earlier code stays good.
    Busy {
        /// From when on there is a place.
        until: Millis,
    },
    /// Codes were sent to as many other numbers as one draft may have.
    Numbers,
    /// Not a mobile number: it cannot be sent one.
    NotMobile,
}

/// What became of a try. Every outcome must be committed, or tries would not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proved {
    /// The telephone is theirs; noted where the purpose says.
    Yes,
    /// Not this code. How many tries are left.
    Wrong {
        /// At least 1.
        left: i64,
    },
    /// There is no code to try: none was asked for in this browser, it is too old, used or tried too often. Ask anew.
    Gone,
}

fn counted(vault: &Vault, phone: &Phone) -> Vec<u8> {
    vault.blind(COUNTED, phone.canonical()).to_vec()
}

fn meant(vault: &Vault, phone: &Phone, purpose: Purpose<'_>) -> Vec<u8> {
    vault.blind(MEANT, &format!("{}\n{}", purpose.text(), phone.canonical())).to_vec()
}

/// Keyed, and bound to all that the code is for.
fn hash(vault: &Vault, phone: &Phone, purpose: Purpose<'_>, code: &Code) -> Vec<u8> {
    let text = format!("{}\n{}\n{}", purpose.text(), phone.canonical(), code.digits());
    vault.blind(Index::ONE_TIME_CODE, &text).to_vec()
}

/// Sends a number a code, in the caller's transaction. A code sent before for the same purpose is void then; one that
/// has not left yet stays.
pub async fn request(
    tx: &Tx,
    vault: &Vault,
    phone: &Phone,
    purpose: Purpose<'_>,
    now: Millis,
) -> Result<Requested, DbErr> {
    if !phone.is_mobile() {
        return Ok(Requested::NotMobile);
    }
    let (counted, meant) = (counted(vault, phone), meant(vault, phone, purpose));
    // Requests at once count one by one.
    tx.lock("phone codes").await?;
    if let Some(from) = queued(tx, &meant, now).await? {
        return Ok(Requested::Sent { from, until: from + CODE_LIVES });
    }
    let free = may_send_at(&sent(tx, &counted, now).await?, now);
    if free > now {
        return Ok(Requested::Wait { until: free });
    }
    if others(tx, &counted, purpose, now).await? >= NUMBERS {
        return Ok(Requested::Numbers);
    }
    let from = match take_turn(tx, lane(tx, purpose).await?, now).await? {
        Ok(from) => from,
        Err(until) => return Ok(Requested::Busy { until }),
    };
    let mut random = [0_u8; 8];
    getrandom::fill(&mut random).expect("the system's random numbers");
    let code = Code::draw(random);
    let sql = "INSERT INTO phone_messages (key, draft, at) VALUES ($1, $2, $3)";
    exec(&**tx, sql, values![counted, purpose.draft(), now]).await?;
    let sql = "INSERT INTO phone_codes (key, code_hash, tries, sent_at, queued) VALUES ($1, $2, 0, $3, $4) \
               ON CONFLICT (key) DO UPDATE SET code_hash = excluded.code_hash, tries = 0, \
               sent_at = excluded.sent_at, queued = excluded.queued";
    exec(&**tx, sql, values![meant, hash(vault, phone, purpose, &code), from, from > now]).await?;
    sms::store::send_at(tx, vault, phone, sms::Template::Code { code: code.digits().to_owned() }, from)
        .await?;
    Ok(Requested::Sent { from, until: from + CODE_LIVES })
}

/// When a code that was asked for leaves, if it has not left.
async fn queued(tx: &Tx, meant: &[u8], now: Millis) -> Result<Option<Millis>, DbErr> {
    // One that left at once and is yet to come was sent before the clock went back.
    let sql = "SELECT sent_at FROM phone_codes WHERE key = $1 AND sent_at > $2 AND sent_at <= $3 AND queued";
    scalar_opt(&**tx, sql, values![meant.to_vec(), now, now + QUEUE]).await
}

/// How many other numbers the draft has had codes sent to within a day.
async fn others(tx: &Tx, counted: &[u8], purpose: Purpose<'_>, now: Millis) -> Result<i64, DbErr> {
    let sql = "SELECT COUNT(DISTINCT key) FROM phone_messages WHERE draft = $1 AND key <> $2 AND at > $3";
    scalar(&**tx, sql, values![purpose.draft(), counted.to_vec(), now - DAY]).await
}

/// In which queue the draft stands.
async fn lane(tx: &Tx, purpose: Purpose<'_>) -> Result<Lane, DbErr> {
    let sql = "SELECT is_empty FROM report_drafts WHERE token_hash = $1";
    let empty: Option<bool> = scalar_opt(&**tx, sql, values![purpose.draft()]).await?;
    Ok(if empty == Some(false) { Lane::Told } else { Lane::Empty })
}

/// Takes the next turn of a lane, under the lock of the codes.
async fn take_turn(tx: &Tx, lane: Lane, now: Millis) -> Result<Result<Millis, Millis>, DbErr> {
    let sql = "SELECT turn_at FROM phone_turns WHERE id = $1";
    let given = scalar_opt(&**tx, sql, values![lane.row()]).await?;
    let (from, given) = match turn(lane, given, now) {
        Ok(turn) => turn,
        Err(until) => return Ok(Err(until)),
    };
    let sql = "INSERT INTO phone_turns (id, turn_at) VALUES ($1, $2) \
               ON CONFLICT (id) DO UPDATE SET turn_at = excluded.turn_at";
    exec(&**tx, sql, values![lane.row(), given]).await?;
    Ok(Ok(from))
}

async fn sent(tx: &Tx, counted: &[u8], now: Millis) -> Result<Vec<Millis>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        at: i64,
    }
    // After the clock went back nobody waits for what is yet to come.
    let sql = "UPDATE phone_messages SET at = $2 WHERE key = $1 AND at > $2";
    exec(&**tx, sql, values![counted.to_vec(), now]).await?;
    let sql = "SELECT at FROM phone_messages WHERE key = $1 AND at > $2";
    let rows: Vec<Row> = all(&**tx, sql, values![counted.to_vec(), now - DAY]).await?;
    Ok(rows.into_iter().map(|row| row.at).collect())
}

/// Tries a code, in the caller's transaction, which must be committed whatever comes out. A right one is used up, and
/// the proof noted.
pub async fn prove(
    tx: &Tx,
    vault: &Vault,
    phone: &Phone,
    purpose: Purpose<'_>,
    code: &Code,
    now: Millis,
) -> Result<Proved, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        code_hash: Vec<u8>,
        tries: i64,
    }
    let key = meant(vault, phone, purpose);
    // Counted before it is compared, on a row that stays locked until the end: of tries at once each sees the last.
    // A clock that went back makes no code live longer than five minutes from either side.
    let sql = "UPDATE phone_codes SET tries = tries + 1 WHERE key = $1 AND tries < $2 AND sent_at > $3 \
               AND sent_at < $4 RETURNING code_hash, tries";
    let bound = values![key.clone(), TRIES, now - CODE_LIVES, now + CODE_LIVES];
    let Some(row) = one::<Row>(&**tx, sql, bound).await? else { return Ok(Proved::Gone) };
    // Keyed hashes are compared: how long that takes says nothing about the code.
    if row.code_hash != hash(vault, phone, purpose, code) {
        let left = TRIES - row.tries;
        return Ok(if left > 0 { Proved::Wrong { left } } else { Proved::Gone });
    }
    exec(&**tx, "DELETE FROM phone_codes WHERE key = $1", values![key]).await?;
    match purpose {
        Purpose::Report(token) => note(tx, vault, token, phone, now).await?,
        Purpose::Rating(_) => {}
    }
    Ok(Proved::Yes)
}

/// Notes which telephone a draft has proved; the last one counts.
async fn note(tx: &Tx, vault: &Vault, token: &str, phone: &Phone, now: Millis) -> Result<(), DbErr> {
    let sql = "INSERT INTO phone_proofs (token_hash, proved_at) VALUES ($1, $2) \
               ON CONFLICT (token_hash) DO UPDATE SET proved_at = excluded.proved_at RETURNING id";
    let id: i64 = scalar(&**tx, sql, values![token_hash(token), now]).await?;
    let sealed = vault.seal(&PROOF.place(id), phone.canonical().as_bytes());
    exec(&**tx, "UPDATE phone_proofs SET phone_sealed = $2 WHERE id = $1", values![id, sealed])
        .await
        .map(drop)
}

/// Why a proof cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ProofError {
    /// The keys failed.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbErr),
}

/// The telephone that was proved in the browser of this draft: what [`crate::reports::Draft::check`] takes.
pub async fn proved(
    c: &impl ConnectionTrait,
    vault: &Vault,
    token: &str,
    now: Millis,
) -> Result<Option<Phone>, ProofError> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        phone_sealed: Vec<u8>,
    }
    let sql = "SELECT id, phone_sealed FROM phone_proofs WHERE token_hash = $1 AND proved_at > $2 \
               AND proved_at < $3 AND phone_sealed IS NOT NULL";
    let bound = values![token_hash(token), now - PROOF_LIVES, now + PROOF_LIVES];
    let Some(row) = one::<Row>(c, sql, bound).await? else { return Ok(None) };
    let opened = vault.unseal(&PROOF.place(row.id), &row.phone_sealed)?;
    Ok(Phone::parse(opened.as_str()?).ok())
}

/// Forgets what a draft has proved, and which messages were its: it is submitted or thrown away. Whoever tried a number
/// and then stayed anonymous must not be found by it.
pub async fn forget(tx: &Tx, token: &str) -> Result<(), DbErr> {
    exec(&**tx, "UPDATE phone_messages SET draft = NULL WHERE draft = $1", values![token_hash(token)])
        .await?;
    exec(&**tx, "DELETE FROM phone_proofs WHERE token_hash = $1", values![token_hash(token)]).await.map(drop)
}

/// Forgets codes, counters and proofs that no longer count.
pub async fn sweep(tx: &Tx, now: Millis) -> Result<(), DbErr> {
    exec(&**tx, "DELETE FROM phone_codes WHERE sent_at <= $1", values![now - CODE_LIVES]).await?;
    exec(&**tx, "DELETE FROM phone_messages WHERE at <= $1", values![now - DAY]).await?;
    exec(&**tx, "DELETE FROM phone_proofs WHERE proved_at <= $1", values![now - PROOF_LIVES]).await.map(drop)
}

#[cfg(test)]
#[path = "tests/stored.rs"]
mod tests;
