//! Every query on revisions, and the one door by which anything becomes public.

use super::{Content, Origin, Revision, State, SubjectKind};
use crate::{cadres, clock::Millis, powers, search, units};
use daylight_db::{ConnectionTrait, DbErr, FromQueryResult, Tx, all, exec, one, scalar, scalar_opt, values};

#[derive(FromQueryResult)]
struct Row {
    id: i64,
    kind: String,
    subject_id: Option<i64>,
    unit_id: Option<i64>,
    number: i64,
    state: String,
    content: String,
    origin: String,
    author_id: Option<i64>,
    reviewer_id: Option<i64>,
    reason: Option<String>,
    created_at: i64,
    submitted_at: Option<i64>,
    published_at: Option<i64>,
    ended_at: Option<i64>,
}

const COLUMNS: &str = "id, kind, subject_id, unit_id, number, state, content, origin, author_id, \
                       reviewer_id, reason, created_at, submitted_at, published_at, ended_at";

impl Row {
    fn revision(self) -> Result<Revision, DbErr> {
        let broken = |what: &str| DbErr::Type(format!("revision {}: {what}", self.id));
        let kind = SubjectKind::from_code(&self.kind).ok_or_else(|| broken("kind"))?;
        Ok(Revision {
            id: self.id,
            kind,
            subject_id: self.subject_id,
            unit_id: self.unit_id,
            number: self.number,
            state: State::from_code(&self.state).ok_or_else(|| broken("state"))?,
            content: Content::from_json(kind, &self.content).map_err(|_| broken("content"))?,
            origin: Origin::from_code(&self.origin).ok_or_else(|| broken("origin"))?,
            author_id: self.author_id,
            reviewer_id: self.reviewer_id,
            reason: self.reason,
            created_at: self.created_at,
            submitted_at: self.submitted_at,
            published_at: self.published_at,
            ended_at: self.ended_at,
        })
    }
}

/// A revision by its id.
pub async fn get(c: &impl ConnectionTrait, id: i64) -> Result<Option<Revision>, DbErr> {
    let row: Option<Row> =
        one(c, &format!("SELECT {COLUMNS} FROM revisions WHERE id = $1"), values![id]).await?;
    row.map(Row::revision).transpose()
}

/// The state of a subject that everybody sees now.
pub async fn published(
    c: &impl ConnectionTrait,
    kind: SubjectKind,
    subject_id: i64,
) -> Result<Option<Revision>, DbErr> {
    let sql = format!(
        "SELECT {COLUMNS} FROM revisions WHERE kind = $1 AND subject_id = $2 AND state = 'published'"
    );
    let row: Option<Row> = one(c, &sql, values![kind.code(), subject_id]).await?;
    row.map(Row::revision).transpose()
}

/// The state of a subject that everybody saw at an instant (N22).
pub async fn as_of(
    c: &impl ConnectionTrait,
    kind: SubjectKind,
    subject_id: i64,
    at: Millis,
) -> Result<Option<Revision>, DbErr> {
    let sql = format!(
        "SELECT {COLUMNS} FROM revisions WHERE kind = $1 AND subject_id = $2 AND published_at <= $3 \
         AND (ended_at IS NULL OR ended_at > $3) ORDER BY published_at DESC, id DESC LIMIT 1"
    );
    let row: Option<Row> = one(c, &sql, values![kind.code(), subject_id, at]).await?;
    row.map(Row::revision).transpose()
}

/// All states of one kind that a unit showed at an instant.
pub async fn of_unit_as_of(
    c: &impl ConnectionTrait,
    kind: SubjectKind,
    unit_id: i64,
    at: Millis,
) -> Result<Vec<Revision>, DbErr> {
    let sql = format!(
        "SELECT {COLUMNS} FROM revisions WHERE unit_id = $1 AND kind = $2 AND published_at <= $3 \
         AND (ended_at IS NULL OR ended_at > $3) ORDER BY subject_id"
    );
    let rows: Vec<Row> = all(c, &sql, values![unit_id, kind.code(), at]).await?;
    rows.into_iter().map(Row::revision).collect()
}

/// Every published state a subject has had, newest first.
pub async fn history(
    c: &impl ConnectionTrait,
    kind: SubjectKind,
    subject_id: i64,
) -> Result<Vec<Revision>, DbErr> {
    let sql = format!(
        "SELECT {COLUMNS} FROM revisions WHERE kind = $1 AND subject_id = $2 AND published_at IS NOT NULL \
         ORDER BY published_at DESC, id DESC LIMIT 200"
    );
    let rows: Vec<Row> = all(c, &sql, values![kind.code(), subject_id]).await?;
    rows.into_iter().map(Row::revision).collect()
}

/// The draft of a subject on its way, if there is one.
pub async fn open_draft(
    c: &impl ConnectionTrait,
    kind: SubjectKind,
    subject_id: i64,
) -> Result<Option<Revision>, DbErr> {
    let sql = format!(
        "SELECT {COLUMNS} FROM revisions WHERE kind = $1 AND subject_id = $2 \
         AND (state = 'draft' OR state = 'submitted' OR state = 'returned')"
    );
    let row: Option<Row> = one(c, &sql, values![kind.code(), subject_id]).await?;
    row.map(Row::revision).transpose()
}

/// Begins a draft. A second draft of the same subject violates a unique index: the caller shows
/// the one that is there.
pub async fn begin_draft(
    tx: &Tx,
    kind: SubjectKind,
    subject_id: Option<i64>,
    unit_id: Option<i64>,
    content: &Content,
    author_id: i64,
    now: Millis,
) -> Result<i64, DbErr> {
    let number = next_number(tx, kind, subject_id).await?;
    scalar(
        &**tx,
        "INSERT INTO revisions (kind, subject_id, unit_id, number, state, title, content, origin, author_id, \
         created_at) VALUES ($1, $2, $3, $4, 'draft', $5, $6, 'office', $7, $8) RETURNING id",
        values![kind.code(), subject_id, unit_id, number, content.title(), content.to_json(), author_id, now],
    )
    .await
}

/// Replaces the text of a draft that may still be changed; false when it no longer may.
pub async fn save_draft(tx: &Tx, id: i64, content: &Content, reason: Option<&str>) -> Result<bool, DbErr> {
    let sql = "UPDATE revisions SET title = $2, content = $3, reason = $4, state = 'draft' \
               WHERE id = $1 AND (state = 'draft' OR state = 'returned')";
    Ok(exec(&**tx, sql, values![id, content.title(), content.to_json(), reason]).await? == 1)
}

/// Hands a draft to the reviewers.
pub async fn submit(tx: &Tx, id: i64, now: Millis) -> Result<bool, DbErr> {
    let sql = "UPDATE revisions SET state = 'submitted', submitted_at = $2 \
               WHERE id = $1 AND (state = 'draft' OR state = 'returned')";
    Ok(exec(&**tx, sql, values![id, now]).await? == 1)
}

/// Sends a submitted revision back.
pub async fn send_back(tx: &Tx, id: i64, reviewer_id: i64, reason: &str, now: Millis) -> Result<bool, DbErr> {
    let sql = "UPDATE revisions SET state = 'returned', reviewer_id = $2, reason = $3, decided_at = $4 \
               WHERE id = $1 AND state = 'submitted'";
    Ok(exec(&**tx, sql, values![id, reviewer_id, reason, now]).await? == 1)
}

/// Gives a draft up.
pub async fn discard(tx: &Tx, id: i64) -> Result<bool, DbErr> {
    let sql = "DELETE FROM revisions WHERE id = $1 AND (state = 'draft' OR state = 'returned')";
    Ok(exec(&**tx, sql, values![id]).await? == 1)
}

/// Makes a reviewed revision public. Returns the subject's id.
pub async fn publish(tx: &Tx, revision: &Revision, reviewer_id: i64, now: Millis) -> Result<i64, DbErr> {
    let mut press = Press::new(tx, now);
    let subject_id = press.write_subject(revision.subject_id, &revision.content, &[], revision.id).await?;
    press.end_previous(revision.kind, subject_id).await?;
    let unit_id = press.unit_of(&revision.content, subject_id).await?;
    exec(
        &**tx,
        "UPDATE revisions SET state = 'published', subject_id = $2, unit_id = $3, reviewer_id = $4, \
         decided_at = $5, published_at = $5 WHERE id = $1",
        values![revision.id, subject_id, unit_id, reviewer_id, now],
    )
    .await?;
    press.finish().await?;
    Ok(subject_id)
}

async fn next_number(tx: &Tx, kind: SubjectKind, subject_id: Option<i64>) -> Result<i64, DbErr> {
    let Some(subject_id) = subject_id else { return Ok(1) };
    let sql = "SELECT COALESCE(MAX(number), 0) + 1 FROM revisions WHERE kind = $1 AND subject_id = $2";
    scalar(&**tx, sql, values![kind.code(), subject_id]).await
}

/// A flag that a unit has to clear: something an import took although it was not in order.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Flag {
    /// Stable code of the problem.
    pub code: String,
    /// What is wrong, in words.
    pub message: String,
}

/// Turns contents into public rows: the noun's tables, the search index, the end of the state
/// before. One press serves one transaction, so that an import of thousands looks names up once.
pub struct Press<'tx> {
    tx: &'tx Tx,
    now: Millis,
    names: units::store::Names,
    documents: Vec<search::Document>,
    gone: Vec<(SubjectKind, i64)>,
}

impl<'tx> Press<'tx> {
    /// A press within a transaction.
    pub fn new(tx: &'tx Tx, now: Millis) -> Press<'tx> {
        let names = units::store::Names::default();
        Press { tx, now, names, documents: Vec::new(), gone: Vec::new() }
    }

    /// Publishes an imported state at once. Returns the subject's id.
    pub async fn publish_imported(
        &mut self,
        subject_id: Option<i64>,
        content: &Content,
        flags: &[Flag],
        import_id: Option<i64>,
        author_id: Option<i64>,
    ) -> Result<i64, DbErr> {
        let kind = content.kind();
        let number = next_number(self.tx, kind, subject_id).await?;
        let revision_id: i64 = scalar(
            &**self.tx,
            "INSERT INTO revisions (kind, subject_id, number, state, title, content, origin, import_id, \
             author_id, created_at) VALUES ($1, $2, $3, 'draft', $4, $5, 'import', $6, $7, $8) RETURNING id",
            values![
                kind.code(),
                // With its subject it would collide with an open draft of the office.
                Option::<i64>::None,
                number,
                content.title(),
                content.to_json(),
                import_id,
                author_id,
                self.now
            ],
        )
        .await?;
        let known = subject_id.is_some();
        let subject_id = self.write_subject(subject_id, content, flags, revision_id).await?;
        if known {
            self.end_previous(kind, subject_id).await?;
        }
        let unit_id = self.unit_of(content, subject_id).await?;
        exec(
            &**self.tx,
            "UPDATE revisions SET state = 'published', subject_id = $2, unit_id = $3, published_at = $4 \
             WHERE id = $1",
            values![revision_id, subject_id, unit_id, self.now],
        )
        .await?;
        Ok(subject_id)
    }

    async fn write_subject(
        &mut self,
        subject_id: Option<i64>,
        content: &Content,
        flags: &[Flag],
        revision_id: i64,
    ) -> Result<i64, DbErr> {
        let flags = serde_json::to_string(flags).expect("plain data serializes");
        let (tx, now) = (self.tx, self.now);
        let names = &mut self.names;
        let id = match content {
            Content::Unit(unit) => {
                units::store::write(tx, names, subject_id, unit, &flags, revision_id, now).await?
            }
            Content::Power(power) => {
                powers::store::write(tx, names, subject_id, power, &flags, revision_id, now).await?
            }
            Content::Cadre(cadre) => {
                cadres::store::write(tx, names, subject_id, cadre, &flags, revision_id, now).await?
            }
        };
        let document = match content {
            Content::Unit(unit) => Some(units::store::document(tx, names, id, unit).await?),
            Content::Power(power) if power.is_public() => {
                Some(powers::store::document(tx, names, id, power).await?)
            }
            Content::Power(_) => None,
            Content::Cadre(cadre) => Some(cadres::store::document(tx, names, id, cadre).await?),
        };
        match document {
            Some(document) => self.documents.push(document),
            None => self.gone.push((content.kind(), id)),
        }
        Ok(id)
    }

    async fn end_previous(&self, kind: SubjectKind, subject_id: i64) -> Result<(), DbErr> {
        let sql = "UPDATE revisions SET state = 'ended', ended_at = $3 \
                   WHERE kind = $1 AND subject_id = $2 AND state = 'published'";
        exec(&**self.tx, sql, values![kind.code(), subject_id, self.now]).await.map(drop)
    }

    /// The unit whose people answer for a subject.
    async fn unit_of(&mut self, content: &Content, subject_id: i64) -> Result<Option<i64>, DbErr> {
        let name = match content {
            Content::Unit(_) => return Ok(Some(subject_id)),
            Content::Power(power) => Some(power.unit.as_str()),
            Content::Cadre(cadre) => {
                cadre.current().next().or(cadre.appointments.last()).map(|held| held.unit.as_str())
            }
        };
        let Some(name) = name else { return Ok(None) };
        Ok(self.names.unit(self.tx, name).await?.map(|unit| unit.id))
    }

    /// Writes what was collected for the search index.
    pub async fn finish(self) -> Result<(), DbErr> {
        for (kind, id) in self.gone {
            search::store::remove(self.tx, kind.code(), id).await?;
        }
        search::store::put(self.tx, &self.documents).await
    }
}

/// A line of a list of revisions.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Line {
    /// The revision.
    pub id: i64,
    /// [`SubjectKind::code`].
    pub kind: String,
    /// The subject, once it exists.
    pub subject_id: Option<i64>,
    /// Name of the subject.
    pub title: String,
    /// [`State::code`].
    pub state: String,
    /// Who wrote it.
    pub author: Option<String>,
    /// The author's account.
    pub author_id: Option<i64>,
    /// The unit it belongs to.
    pub unit: Option<String>,
    /// Why it came back.
    pub reason: Option<String>,
    /// When it last moved.
    pub moved_at: i64,
}

/// Drafts on their way in the units a scope covers, oldest first.
pub async fn open_in_scope(
    c: &impl ConnectionTrait,
    scope: &crate::authz::Scope,
    state: Option<State>,
    page: i64,
) -> Result<Vec<Line>, DbErr> {
    let (condition, mut bound) = scope.condition("u.path", 3);
    let state_sql = state.map(|state| format!("AND r.state = '{}'", state.code())).unwrap_or_default();
    let sql = format!(
        "SELECT r.id, r.kind, r.subject_id, r.title, r.state, a.name AS author, r.author_id, u.name AS unit, \
         r.reason, COALESCE(r.decided_at, r.submitted_at, r.created_at) AS moved_at \
         FROM revisions r LEFT JOIN units u ON u.id = r.unit_id LEFT JOIN accounts a ON a.id = r.author_id \
         WHERE r.state <> 'published' AND r.state <> 'ended' {state_sql} AND ({condition}) \
         ORDER BY moved_at LIMIT $1 OFFSET $2"
    );
    let mut list = values![50_i64, page * 50];
    list.append(&mut bound);
    all(c, &sql, list).await
}

/// How many published states there are; a cheap figure for tests and metrics.
pub async fn count_published(c: &impl ConnectionTrait) -> Result<i64, DbErr> {
    Ok(scalar_opt(c, "SELECT COUNT(*) FROM revisions WHERE state = 'published'", values![])
        .await?
        .unwrap_or(0))
}
