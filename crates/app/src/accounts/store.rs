//! Every query on accounts, sessions, grants and invitations.

use super::{attempts, new_token, token_hash};
use crate::{
    audit::rows,
    authz::{self, Actor, Grant, Role},
    cases,
    clock::Millis,
    web::App,
};
use daylight_db::{ConnectionTrait, DbErr, FromQueryResult, Mark, Tx, all, exec, one, scalar, values};
use daylight_vault::Place;

/// A session ends after so long without a request.
pub const IDLE: Millis = 30 * 60_000;
/// A session ends after so long whatever happens.
pub const ABSOLUTE: Millis = 12 * 60 * 60_000;
/// Half a session, without the second factor, lives so long.
const HALF: Millis = 10 * 60_000;

/// An account.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Account {
    /// Surrogate id.
    pub id: i64,
    /// What is typed to sign in.
    pub login: String,
    /// The person's name.
    pub name: String,
    /// argon2id; none until the invitation is accepted.
    pub password_hash: Option<String>,
    /// The second factor's secret under the vault's key.
    pub totp_sealed: Option<Vec<u8>>,
    /// The last accepted time step.
    pub totp_step: Option<i64>,
    /// Taken out of use.
    pub disabled: bool,
    /// When it was made.
    pub created_at: i64,
    /// When its credentials were last taken away for a new link.
    pub reinvited_at: Option<i64>,
    /// By whom; none is the operator.
    pub reinvited_by: Option<i64>,
}

/// Where the second factor's secret stands; part of what the seal binds.
pub fn totp_place(account_id: i64) -> Place {
    crate::ops::store::TOTP.place(account_id)
}

/// An account by what is typed.
pub async fn by_login(c: &impl ConnectionTrait, login: &str) -> Result<Option<Account>, DbErr> {
    one(c, "SELECT * FROM accounts WHERE login = $1", values![login.trim().to_lowercase()]).await
}

/// An account by its id.
pub async fn get(c: &impl ConnectionTrait, id: i64) -> Result<Option<Account>, DbErr> {
    one(c, "SELECT * FROM accounts WHERE id = $1", values![id]).await
}

/// All accounts, newest last.
pub async fn list(c: &impl ConnectionTrait) -> Result<Vec<Account>, DbErr> {
    all(c, "SELECT * FROM accounts ORDER BY id", values![]).await
}

/// Makes an account without credentials; its owner sets them by invitation. A login that exists is
/// a unique violation.
pub async fn create(tx: &Tx, login: &str, name: &str, now: Millis) -> Result<i64, DbErr> {
    let sql = "INSERT INTO accounts (login, name, disabled, created_at) VALUES ($1, $2, $3, $4) RETURNING id";
    let bound = values![login.trim().to_lowercase(), daylight_ids::text::clean(name), false, now];
    let id = scalar(&**tx, sql, bound).await?;
    rows::keep(tx, &rows::ACCOUNTS, id, now).await?;
    Ok(id)
}

/// Sets password and second factor, and ends whatever sessions there were.
pub async fn set_credentials(
    tx: &Tx,
    id: i64,
    password_hash: &str,
    totp_sealed: Vec<u8>,
    now: Millis,
) -> Result<(), DbErr> {
    let sql = "UPDATE accounts SET password_hash = $2, totp_sealed = $3, totp_step = NULL WHERE id = $1";
    exec(&**tx, sql, values![id, password_hash, totp_sealed]).await?;
    rows::keep(tx, &rows::ACCOUNTS, id, now).await?;
    attempts::store::forgive_all(tx, id).await?;
    end_all_sessions(tx, id, now).await
}

/// Takes password and second factor away, ends every session and makes the link by which the owner sets
/// new ones; the owner is told who did it. Returns the link's token, which is shown once.
pub async fn reinvite(
    tx: &Tx,
    id: i64,
    by: Option<i64>,
    until: Millis,
    now: Millis,
) -> Result<String, DbErr> {
    let sql = "UPDATE accounts SET password_hash = NULL, totp_sealed = NULL, totp_step = NULL, \
               reinvited_at = $2, reinvited_by = $3 WHERE id = $1";
    exec(&**tx, sql, values![id, now, by]).await?;
    rows::keep(tx, &rows::ACCOUNTS, id, now).await?;
    end_all_sessions(tx, id, now).await?;
    invite(tx, Some(id), "credentials", until).await
}

/// Whether somebody signs in for the first time since a new link was made.
pub async fn first_since_reinvited(c: &impl ConnectionTrait, id: i64) -> Result<bool, DbErr> {
    let sql = "SELECT COUNT(*) FROM accounts a WHERE a.id = $1 AND a.reinvited_at IS NOT NULL AND NOT EXISTS \
               (SELECT 1 FROM sessions s WHERE s.account_id = a.id AND s.complete = $2 \
               AND s.created_at > a.reinvited_at)";
    let found: i64 = scalar(c, sql, values![id, true]).await?;
    Ok(found > 0)
}

/// Takes an account out of use or back into it; false when it was so before.
pub async fn set_disabled(tx: &Tx, id: i64, disabled: bool, now: Millis) -> Result<bool, DbErr> {
    let sql = "UPDATE accounts SET disabled = $2 WHERE id = $1 AND disabled <> $2";
    let changed = exec(&**tx, sql, values![id, disabled]).await? == 1;
    if disabled {
        end_all_sessions(tx, id, now).await?;
    }
    if changed {
        rows::keep(tx, &rows::ACCOUNTS, id, now).await?;
        cases::jobs::enqueue_settle(tx, now).await?;
    }
    Ok(changed)
}

/// Accepts a time step once; false when it was used before.
pub async fn accept_step(tx: &Tx, id: i64, step: i64) -> Result<bool, DbErr> {
    let sql = "UPDATE accounts SET totp_step = $2 WHERE id = $1 AND (totp_step IS NULL OR totp_step < $2)";
    Ok(exec(&**tx, sql, values![id, step]).await? == 1)
}

/// Begins a session. Returns its token, of which only a hash is stored.
pub async fn begin_session(
    tx: &Tx,
    account_id: i64,
    device: &str,
    complete: bool,
    now: Millis,
) -> Result<String, DbErr> {
    let token = new_token();
    let sql = "INSERT INTO sessions (token_hash, account_id, device, complete, created_at, seen_at, bound) \
               VALUES ($1, $2, $3, $4, $5, $5, $6)";
    let device: String = device.chars().take(80).collect();
    let bound = bound(tx.mark(), &token, account_id, complete, now);
    exec(&**tx, sql, values![token_hash(&token), account_id, device, complete, now, bound]).await?;
    Ok(token)
}

/// What binds a session's row to its token: who can write to the database and has no key cannot make one, nor turn their
/// own to somebody else's account.
fn bound(mark: Mark, token: &str, account_id: i64, complete: bool, created_at: Millis) -> Vec<u8> {
    let said = format!("{account_id} {complete} {created_at}");
    daylight_vault::mac(&mark.0, &[b"session", token.as_bytes(), said.as_bytes()]).to_vec()
}

/// Ends a session.
pub async fn end_session(tx: &Tx, account_id: i64, session_id: i64, now: Millis) -> Result<bool, DbErr> {
    let sql = "UPDATE sessions SET ended_at = $3 WHERE id = $1 AND account_id = $2 AND ended_at IS NULL";
    Ok(exec(&**tx, sql, values![session_id, account_id, now]).await? == 1)
}

/// Ends every session of an account.
pub async fn end_all_sessions(tx: &Tx, account_id: i64, now: Millis) -> Result<(), DbErr> {
    let sql = "UPDATE sessions SET ended_at = $2 WHERE account_id = $1 AND ended_at IS NULL";
    exec(&**tx, sql, values![account_id, now]).await.map(drop)
}

/// Sets a new password, which ends every session but the one it was set in. The second factor stays.
pub async fn set_password(
    tx: &Tx,
    id: i64,
    password_hash: &str,
    session_id: i64,
    now: Millis,
) -> Result<bool, DbErr> {
    let sql = "UPDATE accounts SET password_hash = $2 WHERE id = $1 \
               AND EXISTS (SELECT 1 FROM sessions WHERE id = $3 AND account_id = $1 AND ended_at IS NULL)";
    if exec(&**tx, sql, values![id, password_hash, session_id]).await? == 0 {
        return Ok(false);
    }
    let sql = "UPDATE sessions SET ended_at = $3 WHERE account_id = $1 AND id <> $2 AND ended_at IS NULL";
    exec(&**tx, sql, values![id, session_id, now]).await?;
    rows::keep(tx, &rows::ACCOUNTS, id, now).await?;
    Ok(true)
}

/// A signed-in device.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Device {
    /// The session.
    pub id: i64,
    /// "Chrome · Windows".
    pub device: String,
    /// Since when.
    pub created_at: i64,
    /// Last request, to the minute.
    pub seen_at: i64,
}

/// The live sessions of an account.
pub async fn devices(c: &impl ConnectionTrait, account_id: i64, now: Millis) -> Result<Vec<Device>, DbErr> {
    let sql = "SELECT id, device, created_at, seen_at FROM sessions WHERE account_id = $1 AND ended_at IS NULL \
               AND complete = $2 AND seen_at > $3 AND created_at > $4 ORDER BY seen_at DESC";
    all(c, sql, values![account_id, true, now - IDLE, now - ABSOLUTE]).await
}

#[derive(FromQueryResult)]
struct SessionRow {
    id: i64,
    account_id: i64,
    name: String,
    complete: bool,
    created_at: i64,
    seen_at: i64,
    bound: Vec<u8>,
}

/// The live session behind a cookie, with what its owner is granted at this moment.
pub async fn session(app: &App, token: &str) -> Result<Option<crate::web::Found>, DbErr> {
    let now = app.clock.now();
    let sql = "SELECT s.id, s.account_id, a.name, s.complete, s.created_at, s.seen_at, s.bound FROM sessions s \
               JOIN accounts a ON a.id = s.account_id \
               WHERE s.token_hash = $1 AND s.ended_at IS NULL AND a.disabled = $2 AND s.seen_at > $3 \
               AND s.created_at > $4 AND (s.complete = $5 OR s.created_at > $6)";
    let bound = values![token_hash(token), false, now - IDLE, now - ABSOLUTE, true, now - HALF];
    let row: Option<SessionRow> = one(app.db.read(), sql, bound).await?;
    let fits = |row: &SessionRow| {
        row.bound == self::bound(app.db.mark(), token, row.account_id, row.complete, row.created_at)
    };
    let Some(row) = row.filter(fits) else { return Ok(None) };
    if now - row.seen_at > 60_000 {
        // To the minute is enough, and saves a write per page. A full or read-only disk signs nobody out.
        if let Err(error) = saw(app, row.id, now).await {
            tracing::warn!(%error, "when a session was last seen cannot be written");
        }
    }
    let grants = grants_of(app.db.read(), row.account_id).await?;
    let actor = Actor { account_id: row.account_id, session_id: row.id, name: row.name, grants };
    Ok(Some(crate::web::Found { actor, complete: row.complete }))
}

async fn saw(app: &App, session_id: i64, now: Millis) -> Result<(), DbErr> {
    let tx = app.db.write().await?;
    exec(&*tx, "UPDATE sessions SET seen_at = $2 WHERE id = $1", values![session_id, now]).await?;
    tx.commit().await
}

/// A live grant, as lists show it.
#[derive(Clone, Debug, FromQueryResult)]
pub struct GrantLine {
    /// Surrogate id.
    pub id: i64,
    /// To whom.
    pub account_id: i64,
    /// [`Role::code`].
    pub role: String,
    /// The unit it covers; none is the whole instance.
    pub unit: Option<String>,
    /// The unit's path.
    pub unit_path: Option<String>,
    /// The organ it is bound to.
    pub organ: Option<String>,
    /// Since when.
    pub granted_at: i64,
}

const GRANT: &str = "SELECT g.id, g.account_id, g.role, u.name AS unit, u.path AS unit_path, o.name AS organ, \
     g.granted_at FROM grants g LEFT JOIN units u ON u.id = g.unit_id LEFT JOIN organs o ON o.id = g.organ_id \
     WHERE g.ended_at IS NULL";

/// The live grants of all accounts.
pub async fn grants(c: &impl ConnectionTrait) -> Result<Vec<GrantLine>, DbErr> {
    all(c, &format!("{GRANT} ORDER BY g.id"), values![]).await
}

/// What an account is granted. A role of an organ holds where the organ watches at this moment.
pub async fn grants_of(c: &impl ConnectionTrait, account_id: i64) -> Result<Vec<Grant>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        role: String,
        organ_id: Option<i64>,
        path: Option<String>,
        watched: Option<String>,
        subtree: Option<bool>,
    }
    let sql = "SELECT g.id, g.role, g.organ_id, u.path, w.path AS watched, j.subtree FROM grants g \
               LEFT JOIN units u ON u.id = g.unit_id \
               LEFT JOIN organ_jurisdictions j ON j.organ_id = g.organ_id \
               LEFT JOIN units w ON w.id = j.unit_id \
               WHERE g.ended_at IS NULL AND g.account_id = $1 ORDER BY g.id, w.path";
    let rows: Vec<Row> = all(c, sql, values![account_id]).await?;
    let mut grants: Vec<(i64, Grant)> = Vec::new();
    for row in rows {
        let Some(role) = Role::from_code(&row.role) else { continue };
        if grants.last().is_none_or(|(id, _)| *id != row.id) {
            grants.push((row.id, Grant { role, organ_id: row.organ_id, places: Vec::new() }));
        }
        let place = match (role.is_of_organ() || row.organ_id.is_some(), row.watched, row.subtree) {
            (true, Some(path), Some(subtree)) => Some(authz::Place { path, subtree }),
            // An organ that watches nothing yet.
            (true, _, _) => None,
            (false, _, _) => Some(authz::Place::under(row.path.unwrap_or_else(|| "/".to_owned()))),
        };
        if let Some((_, grant)) = grants.last_mut() {
            grant.places.extend(place);
        }
    }
    Ok(grants.into_iter().map(|(_, grant)| grant).collect())
}

/// Grants a role.
pub async fn grant(
    tx: &Tx,
    account_id: i64,
    role: Role,
    unit_id: Option<i64>,
    organ_id: Option<i64>,
    granted_by: Option<i64>,
    now: Millis,
) -> Result<(), DbErr> {
    let sql = "INSERT INTO grants (account_id, role, unit_id, organ_id, granted_by, granted_at) \
               VALUES ($1, $2, $3, $4, $5, $6)";
    exec(&**tx, sql, values![account_id, role.code(), unit_id, organ_id, granted_by, now]).await?;
    rows::keep(tx, &rows::GRANTS, account_id, now).await?;
    // Who serves where has changed: cases may be theirs now.
    cases::jobs::enqueue_settle(tx, now).await
}

/// Ends a grant. Returns whose it was and which role, for the audit trail.
pub async fn end_grant(tx: &Tx, id: i64, now: Millis) -> Result<Option<(i64, String)>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        account_id: i64,
        role: String,
    }
    let sql = "UPDATE grants SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL RETURNING account_id, role";
    let row: Option<Row> = one(&**tx, sql, values![id, now]).await?;
    if let Some(row) = &row {
        rows::keep(tx, &rows::GRANTS, row.account_id, now).await?;
    }
    cases::jobs::enqueue_settle(tx, now).await?;
    Ok(row.map(|row| (row.account_id, row.role)))
}

/// How many live accounts hold a role.
pub async fn count_role(c: &impl ConnectionTrait, role: Role) -> Result<i64, DbErr> {
    let sql = "SELECT COUNT(*) FROM grants g JOIN accounts a ON a.id = g.account_id \
               WHERE g.role = $1 AND g.ended_at IS NULL AND a.disabled = $2";
    scalar(c, sql, values![role.code(), false]).await
}

/// An invitation to set one's credentials.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Invitation {
    /// For whom; none for the first administrator, who names themselves.
    pub account_id: Option<i64>,
    /// "first" or "credentials".
    pub purpose: String,
}

/// Makes an invitation. Returns its token, which is shown once.
pub async fn invite(tx: &Tx, account_id: Option<i64>, purpose: &str, until: Millis) -> Result<String, DbErr> {
    let token = new_token();
    if let Some(id) = account_id {
        // A newer invitation replaces the older ones.
        let sql = "UPDATE invitations SET used_at = 0 WHERE account_id = $1 AND used_at IS NULL";
        exec(&**tx, sql, values![id]).await?;
    }
    let sql = "INSERT INTO invitations (token_hash, account_id, purpose, expires_at) VALUES ($1, $2, $3, $4)";
    exec(&**tx, sql, values![token_hash(&token), account_id, purpose, until]).await?;
    Ok(token)
}

/// A live invitation by its token.
pub async fn invitation(
    c: &impl ConnectionTrait,
    token: &str,
    now: Millis,
) -> Result<Option<Invitation>, DbErr> {
    let sql = "SELECT account_id, purpose FROM invitations WHERE token_hash = $1 AND used_at IS NULL \
               AND expires_at > $2";
    one(c, sql, values![token_hash(token), now]).await
}

/// Uses an invitation up; false when somebody was quicker.
pub async fn use_invitation(tx: &Tx, token: &str, now: Millis) -> Result<bool, DbErr> {
    let sql =
        "UPDATE invitations SET used_at = $2 WHERE token_hash = $1 AND used_at IS NULL AND expires_at > $2";
    Ok(exec(&**tx, sql, values![token_hash(token), now]).await? == 1)
}

/// Notes failures to sign in, and removes what has ended: sessions and invitations older than 30 days.
pub async fn sweep(tx: &Tx, now: Millis) -> Result<(), DbErr> {
    attempts::store::note(tx, now).await?;
    let old = now - 30 * 24 * 60 * 60_000;
    exec(&**tx, "DELETE FROM sessions WHERE created_at < $1", values![old]).await?;
    exec(&**tx, "DELETE FROM invitations WHERE expires_at < $1", values![old]).await.map(drop)
}
