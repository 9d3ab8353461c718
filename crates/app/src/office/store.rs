//! Every query of the office's lists. All of them start from a scope.

use crate::{
    accounts::store::{ABSOLUTE, IDLE},
    authz::Scope,
    clock::Millis,
    revisions::{State, SubjectKind, store::Flag},
};
use daylight_db::{ConnectionTrait, DbErr, FromQueryResult, Value, all, like, scalar, values};

/// A line of one's own work.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Task {
    /// The revision.
    pub id: i64,
    /// [`SubjectKind::code`].
    pub kind: String,
    /// Name of the subject.
    pub title: String,
    /// The unit it belongs to.
    pub unit: Option<String>,
    /// Who wrote it.
    pub author: Option<String>,
    /// Why it came back.
    pub reason: Option<String>,
    /// When it last moved.
    pub moved_at: i64,
}

const TASK: &str = "SELECT r.id, r.kind, r.title, u.name AS unit, a.name AS author, r.reason, \
     COALESCE(r.decided_at, r.submitted_at, r.created_at) AS moved_at \
     FROM revisions r LEFT JOIN units u ON u.id = r.unit_id LEFT JOIN accounts a ON a.id = r.author_id";

/// So many lines of each kind of work are shown on the start page.
pub const LINES: i64 = 6;

/// One's own drafts in a state, within a scope, newest first: the first [`LINES`] and how many there
/// are.
pub async fn own(
    c: &impl ConnectionTrait,
    scope: &Scope,
    account_id: i64,
    state: State,
) -> Result<(Vec<Task>, i64), DbErr> {
    let condition = |first: usize| scope.condition("u.path", first);
    tasks(c, "r.author_id = $1 AND r.state = $2", values![account_id, state.code()], condition, "DESC").await
}

/// What others submitted, within a scope, oldest first.
pub async fn to_review(
    c: &impl ConnectionTrait,
    scope: &Scope,
    account_id: i64,
) -> Result<(Vec<Task>, i64), DbErr> {
    let condition = |first: usize| scope.condition("u.path", first);
    let test = "(r.author_id IS NULL OR r.author_id <> $1) AND r.state = $2";
    tasks(c, test, values![account_id, State::Submitted.code()], condition, "ASC").await
}

async fn tasks(
    c: &impl ConnectionTrait,
    test: &str,
    bound: Vec<Value>,
    condition: impl Fn(usize) -> (String, Vec<Value>),
    order: &str,
) -> Result<(Vec<Task>, i64), DbErr> {
    let (within, mut more) = condition(bound.len() + 1);
    let mut bound = bound;
    bound.append(&mut more);
    let sql = format!("{TASK} WHERE {test} AND ({within}) ORDER BY moved_at {order}, r.id LIMIT {LINES}");
    let lines = all(c, &sql, bound.clone()).await?;
    let sql = format!(
        "SELECT COUNT(*) FROM revisions r LEFT JOIN units u ON u.id = r.unit_id WHERE {test} AND ({within})"
    );
    Ok((lines, scalar(c, &sql, bound).await?))
}

/// A subject as the list of contents shows it.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Content {
    /// The subject.
    pub id: i64,
    /// Its name.
    pub title: String,
    /// The unit it belongs to.
    pub unit: Option<String>,
    /// JSON list of [`Flag`].
    flags: String,
    /// When it was last published.
    pub updated_at: Millis,
    /// The draft on its way.
    pub draft_id: Option<i64>,
    /// [`State::code`] of that draft.
    pub draft_state: Option<String>,
    /// Who writes it.
    pub draft_author: Option<String>,
}

impl Content {
    /// What an import left open and what is missing, in words.
    pub fn open_points(&self) -> Vec<String> {
        let flags: Vec<Flag> = serde_json::from_str(&self.flags).unwrap_or_default();
        flags.into_iter().map(|flag| flag.message).collect()
    }
}

/// Which contents a list shows.
#[derive(Clone, Debug)]
pub struct Filter {
    /// Of which kind.
    pub kind: SubjectKind,
    /// Part of the name.
    pub text: String,
    /// Only those with something to complete.
    pub flagged: bool,
}

impl Filter {
    /// Rows: the subject is `s`, its unit `u`.
    fn tables(&self) -> &'static str {
        match self.kind {
            SubjectKind::Unit => {
                "units s JOIN units u ON u.id = s.id LEFT JOIN units above ON above.id = s.parent_id"
            }
            SubjectKind::Power => "powers s JOIN units u ON u.id = s.unit_id",
            SubjectKind::Cadre => {
                "cadres s JOIN revisions r ON r.id = s.revision_id LEFT JOIN units u ON u.id = r.unit_id"
            }
        }
    }

    fn sql(&self, scope: &Scope, bound: &mut Vec<Value>) -> String {
        let (within, mut paths) = scope.condition("u.path", bound.len() + 1);
        bound.append(&mut paths);
        let mut sql = format!("({within})");
        if !self.text.is_empty() {
            bound.push(format!("%{}%", like(&self.text)).into());
            sql.push_str(&format!(" AND s.name LIKE ${} ESCAPE '!'", bound.len()));
        }
        if self.flagged {
            // Publishing notes missing parts there too.
            sql.push_str(" AND s.flags <> '[]'");
        }
        sql
    }
}

/// A page of contents, in the order in which offices listed them.
pub async fn contents(
    c: &impl ConnectionTrait,
    scope: &Scope,
    filter: &Filter,
    limit: i64,
    offset: i64,
) -> Result<Vec<Content>, DbErr> {
    let mut bound = values![filter.kind.code()];
    let condition = filter.sql(scope, &mut bound);
    let unit = if filter.kind == SubjectKind::Unit { "above.name" } else { "u.name" };
    let sql = format!(
        "SELECT s.id, s.name AS title, {unit} AS unit, s.flags, s.updated_at, d.id AS draft_id, \
         d.state AS draft_state, a.name AS draft_author FROM {} \
         LEFT JOIN revisions d ON d.kind = $1 AND d.subject_id = s.id \
           AND (d.state = 'draft' OR d.state = 'submitted' OR d.state = 'returned') \
         LEFT JOIN accounts a ON a.id = d.author_id \
         WHERE {condition} ORDER BY s.id LIMIT {limit} OFFSET {offset}",
        filter.tables()
    );
    all(c, &sql, bound).await
}

/// How many contents a filter finds.
pub async fn count_contents(c: &impl ConnectionTrait, scope: &Scope, filter: &Filter) -> Result<i64, DbErr> {
    let mut bound = Vec::new();
    let condition = filter.sql(scope, &mut bound);
    scalar(c, &format!("SELECT COUNT(*) FROM {} WHERE {condition}", filter.tables()), bound).await
}

/// Drafts of things that do not exist yet, newest first.
pub async fn unborn(c: &impl ConnectionTrait, scope: &Scope, kind: SubjectKind) -> Result<Vec<Task>, DbErr> {
    let (within, mut paths) = scope.condition("u.path", 2);
    let mut bound = values![kind.code()];
    bound.append(&mut paths);
    let sql = format!(
        "{TASK} WHERE r.kind = $1 AND r.subject_id IS NULL \
         AND (r.state = 'draft' OR r.state = 'submitted' OR r.state = 'returned') AND ({within}) \
         ORDER BY r.id DESC LIMIT 50"
    );
    all(c, &sql, bound).await
}

/// A unit to choose from.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Choice {
    /// The unit.
    pub id: i64,
    /// Its name.
    pub name: String,
}

/// Units of a scope whose name contains a text, at most `limit`.
pub async fn choices(
    c: &impl ConnectionTrait,
    scope: &Scope,
    text: &str,
    limit: i64,
) -> Result<Vec<Choice>, DbErr> {
    let filter = Filter { kind: SubjectKind::Unit, text: text.to_owned(), flagged: false };
    let mut bound = Vec::new();
    let condition = filter.sql(scope, &mut bound);
    let sql = format!(
        "SELECT s.id, s.name FROM {} WHERE {condition} AND s.ended_on IS NULL ORDER BY s.id LIMIT {limit}",
        filter.tables()
    );
    all(c, &sql, bound).await
}

/// A sign-in of one's own.
#[derive(Clone, Debug, FromQueryResult)]
pub struct SignIn {
    /// "Chrome · Windows".
    pub device: String,
    /// When.
    pub created_at: i64,
    /// Last request, to the minute.
    pub seen_at: i64,
    /// When it ended.
    pub ended_at: Option<i64>,
}

impl SignIn {
    /// Whether it is worth anything now.
    pub fn state(&self, now: Millis) -> &'static str {
        let stale = now - self.seen_at > IDLE || now - self.created_at > ABSOLUTE;
        match self.ended_at {
            Some(_) => "已退出",
            None if stale => "已过期",
            None => "登录中",
        }
    }
}

/// One's own last sign-ins, newest first.
pub async fn sign_ins(c: &impl ConnectionTrait, account_id: i64) -> Result<Vec<SignIn>, DbErr> {
    let sql = "SELECT device, created_at, seen_at, ended_at FROM sessions WHERE account_id = $1 AND complete = $2 \
               ORDER BY created_at DESC, id DESC LIMIT 5";
    all(c, sql, values![account_id, true]).await
}
