//! Every query on revisions, and the one door by which anything becomes public.

use super::{Content, Origin, Revision, State, SubjectKind};
use crate::{audit::rows, cadres, clock::Millis, powers, search, units};
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
    begun_by: Option<i64>,
    reviewer_id: Option<i64>,
    reason: Option<String>,
    created_at: i64,
    submitted_at: Option<i64>,
    published_at: Option<i64>,
    ended_at: Option<i64>,
}

const COLUMNS: &str = "id, kind, subject_id, unit_id, number, state, content, origin, author_id, \
                       begun_by, reviewer_id, reason, created_at, submitted_at, published_at, ended_at";

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
            begun_by: self.begun_by,
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
    current(c, row).await
}

/// A state that is not history yet speaks of units by the names they have now: a unit may have been
/// renamed since it was written.
async fn current(c: &impl ConnectionTrait, row: Option<Row>) -> Result<Option<Revision>, DbErr> {
    let mut revision = row.map(Row::revision).transpose()?;
    if let Some(revision) = revision.as_mut().filter(|revision| revision.state != State::Ended) {
        name_anew(c, &mut revision.content).await?;
    }
    Ok(revision)
}

/// Replaces the names units once had by those they have now.
pub async fn name_anew(c: &impl ConnectionTrait, content: &mut Content) -> Result<(), DbErr> {
    for name in content.unit_names() {
        let there = "SELECT id FROM units WHERE name = $1";
        if scalar_opt::<i64>(c, there, values![name.as_str()]).await?.is_none()
            && let Some(unit) = unit_named(c, name).await?
        {
            *name = unit.name;
        }
    }
    Ok(())
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
    current(c, row).await
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

/// SQL: this content of a cadre is public. Within a JSON string quotes are escaped, so no text can look like
/// the mark. REPLACE is the one substring test both engines spell alike.
pub fn cadre_is_shown(content: &str) -> String {
    format!("REPLACE({content}, '\"withheld\":\"', '') = {content}")
}

/// SQL: the cadre with this id is not kept back now; what is, is kept back at every moment.
pub fn cadre_is_shown_now(id: &str) -> String {
    let shown = cadre_is_shown("n.content");
    format!(
        "NOT EXISTS (SELECT 1 FROM revisions n WHERE n.kind = 'cadre' AND n.subject_id = {id} \
         AND n.state = 'published' AND NOT ({shown}))"
    )
}

/// SQL: published states of subject `$2` of kind `$1` in which nothing was kept back.
fn shown() -> String {
    format!(
        "kind = $1 AND subject_id = $2 AND published_at IS NOT NULL \
         AND REPLACE(content, '\"is\":\"withheld\"', '') = content AND {}",
        cadre_is_shown("content")
    )
}

/// How many states of a subject everybody may see.
pub async fn count_history(c: &impl ConnectionTrait, kind: SubjectKind, id: i64) -> Result<i64, DbErr> {
    scalar(c, &format!("SELECT COUNT(*) FROM revisions WHERE {}", shown()), values![kind.code(), id]).await
}

/// States of a subject that everybody may see, newest first.
pub async fn history(
    c: &impl ConnectionTrait,
    kind: SubjectKind,
    subject_id: i64,
    limit: i64,
    offset: i64,
) -> Result<Vec<Revision>, DbErr> {
    let shown = shown();
    let sql = format!(
        "SELECT {COLUMNS} FROM revisions WHERE {shown} \
         ORDER BY published_at DESC, id DESC LIMIT {limit} OFFSET {offset}"
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
    current(c, row).await
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
         begun_by, created_at) VALUES ($1, $2, $3, $4, 'draft', $5, $6, 'office', $7, $7, $8) RETURNING id",
        values![kind.code(), subject_id, unit_id, number, content.title(), content.to_json(), author_id, now],
    )
    .await
}

/// What this author has begun within a unit under this name and is not published yet.
pub async fn begun(
    c: &impl ConnectionTrait,
    kind: SubjectKind,
    unit_id: Option<i64>,
    title: &str,
    author_id: i64,
) -> Result<Vec<Revision>, DbErr> {
    let sql = format!(
        "SELECT {COLUMNS} FROM revisions WHERE kind = $1 AND subject_id IS NULL AND COALESCE(unit_id, 0) = $2 \
         AND title = $3 AND author_id = $4 AND (state = 'draft' OR state = 'submitted' OR state = 'returned') \
         ORDER BY id LIMIT 50"
    );
    let rows: Vec<Row> = all(c, &sql, values![kind.code(), unit_id.unwrap_or(0), title, author_id]).await?;
    let mut begun = Vec::new();
    for row in rows {
        begun.extend(current(c, Some(row)).await?);
    }
    Ok(begun)
}

/// Replaces the text of a draft that may still be changed; false when it no longer may. Whoever saves
/// takes it over: nobody may review what they wrote last. The reason of a return stays to be read. The
/// draft now stands on what is published now: whoever saves has been shown the difference.
pub async fn save_draft(
    tx: &Tx,
    draft: &Revision,
    unit_id: Option<i64>,
    content: &Content,
    author_id: i64,
) -> Result<bool, DbErr> {
    let number = next_number(tx, draft.kind, draft.subject_id).await?;
    let sql = "UPDATE revisions SET title = $2, content = $3, unit_id = $4, author_id = $5, number = $6 \
               WHERE id = $1 AND (state = 'draft' OR state = 'returned')";
    let bound = values![draft.id, content.title(), content.to_json(), unit_id, author_id, number];
    Ok(exec(&**tx, sql, bound).await? == 1)
}

/// Hands a draft to the reviewers, with what its author says about it.
pub async fn submit(tx: &Tx, id: i64, note: Option<&str>, now: Millis) -> Result<bool, DbErr> {
    let sql = "UPDATE revisions SET state = 'submitted', reason = $2, submitted_at = $3, decided_at = NULL \
               WHERE id = $1 AND (state = 'draft' OR state = 'returned')";
    Ok(exec(&**tx, sql, values![id, note, now]).await? == 1)
}

/// Takes back what was handed to the reviewers, as long as none of them has decided.
pub async fn withdraw(tx: &Tx, id: i64, author_id: i64) -> Result<bool, DbErr> {
    let sql = "UPDATE revisions SET state = 'draft', submitted_at = NULL \
               WHERE id = $1 AND author_id = $2 AND state = 'submitted'";
    Ok(exec(&**tx, sql, values![id, author_id]).await? == 1)
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

/// Makes a reviewed revision public. Returns the subject's id. The caller holds the lock on the
/// registry and has read the revision within this transaction.
pub async fn publish(tx: &Tx, revision: &Revision, reviewer_id: i64, now: Millis) -> Result<i64, DbErr> {
    let mut press = Press::new(tx, now);
    let subject_id = press.write_subject(revision.subject_id, &revision.content, &[], revision.id).await?;
    press.end_previous(revision.kind, subject_id).await?;
    let unit_id = press.unit_of(&revision.content, subject_id).await?;
    // An import may have published since the draft was begun: versions count in order of publication.
    let number = next_number(tx, revision.kind, Some(subject_id)).await?;
    let moved = exec(
        &**tx,
        "UPDATE revisions SET state = 'published', subject_id = $2, unit_id = $3, reviewer_id = $4, \
         decided_at = $5, published_at = $5, number = $6, content = $7 WHERE id = $1 AND state = 'submitted'",
        // As it was judged: with the names that units have now.
        values![revision.id, subject_id, unit_id, reviewer_id, now, number, revision.content.to_json()],
    )
    .await?;
    if moved != 1 {
        return Err(DbErr::RecordNotUpdated);
    }
    press.finish().await?;
    Ok(subject_id)
}

/// The number of the next state to be published. A draft bears the one it would get.
async fn next_number(tx: &Tx, kind: SubjectKind, subject_id: Option<i64>) -> Result<i64, DbErr> {
    let Some(subject_id) = subject_id else { return Ok(1) };
    let sql = "SELECT COALESCE(MAX(number), 0) + 1 FROM revisions \
               WHERE kind = $1 AND subject_id = $2 AND published_at IS NOT NULL";
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
    /// Units under whose name, category or place others are found.
    changed: Vec<i64>,
}

impl<'tx> Press<'tx> {
    /// A press within a transaction.
    pub fn new(tx: &'tx Tx, now: Millis) -> Press<'tx> {
        let names = units::store::Names::default();
        Press { tx, now, names, documents: Vec::new(), gone: Vec::new(), changed: Vec::new() }
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
        let mut flags = flags.to_vec();
        let missing = content.missing();
        if !missing.is_empty() {
            // Only imports publish what is incomplete; kept here, the lists of open items need not read
            // every state.
            let message = format!("缺少：{}", missing.join("、"));
            flags.push(Flag { code: "missing".to_owned(), message });
        }
        let flags = serde_json::to_string(&flags).expect("plain data serializes");
        let (tx, now) = (self.tx, self.now);
        let names = &mut self.names;
        let id = match content {
            Content::Unit(unit) => {
                let found_by = async |id: i64| {
                    let line = units::store::get(&**tx, id).await?;
                    Ok::<_, DbErr>(
                        line.map(|line| (line.name, line.category, line.division_id, line.ended_on)),
                    )
                };
                let before = match subject_id {
                    Some(id) => found_by(id).await?,
                    None => None,
                };
                let id = units::store::write(tx, names, subject_id, unit, &flags, revision_id, now).await?;
                if before.is_some() && before != found_by(id).await? {
                    self.changed.push(id);
                }
                id
            }
            Content::Power(power) => {
                powers::store::write(tx, names, subject_id, power, &flags, revision_id, now).await?
            }
            Content::Cadre(cadre) => {
                cadres::store::write(tx, names, subject_id, cadre, &flags, revision_id, now).await?
            }
        };
        match document(tx, names, id, content).await? {
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
    pub async fn finish(mut self) -> Result<(), DbErr> {
        self.powers_and_people().await?;
        for (kind, id) in self.gone {
            search::store::remove(self.tx, kind.code(), id).await?;
        }
        // Posts and the tree of units decide who is in conflict with a case.
        crate::cases::jobs::enqueue_settle(self.tx, self.now).await?;
        rows::keep(self.tx, &rows::REVISIONS, self.now, self.now).await?;
        search::store::put(self.tx, &self.documents).await
    }
}

impl Press<'_> {
    /// Powers and people of a unit are found by its name: when that changes, so do their documents.
    async fn powers_and_people(&mut self) -> Result<(), DbErr> {
        #[derive(FromQueryResult)]
        struct Row {
            kind: String,
            subject_id: i64,
            content: String,
        }
        let sql = "SELECT kind, subject_id, content FROM revisions WHERE state = 'published' AND \
                   ((kind = 'power' AND subject_id IN (SELECT id FROM powers WHERE unit_id = $1)) OR \
                    (kind = 'cadre' AND subject_id IN (SELECT a.cadre_id FROM appointments a \
                      JOIN posts q ON q.id = a.post_id WHERE q.unit_id = $1))) ORDER BY id";
        let (tx, names) = (self.tx, &mut self.names);
        for unit in std::mem::take(&mut self.changed) {
            let rows: Vec<Row> = all(&**tx, sql, values![unit]).await?;
            for row in rows {
                let written = |document: &search::Document| {
                    document.kind == row.kind && document.subject_id == row.subject_id
                };
                let Some(kind) = SubjectKind::from_code(&row.kind) else { continue };
                if self.documents.iter().any(written) {
                    continue;
                }
                let broken = |_| DbErr::Type(format!("published {} {}", row.kind, row.subject_id));
                let mut content = Content::from_json(kind, &row.content).map_err(broken)?;
                name_anew(&**tx, &mut content).await?;
                self.documents.extend(document(tx, names, row.subject_id, &content).await?);
            }
        }
        Ok(())
    }
}

/// What the search index holds about a subject; nothing when it is kept back.
async fn document(
    tx: &Tx,
    names: &mut units::store::Names,
    id: i64,
    content: &Content,
) -> Result<Option<search::Document>, DbErr> {
    if !content.is_public() {
        return Ok(None);
    }
    Ok(Some(match content {
        Content::Unit(unit) => units::store::document(tx, names, id, unit).await?,
        Content::Power(power) => powers::store::document(tx, names, id, power).await?,
        Content::Cadre(cadre) => cadres::store::document(tx, names, id, cadre).await?,
    }))
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
    let mut list = values![50_i64, page.clamp(0, 1_000_000) * 50];
    list.append(&mut bound);
    all(c, &sql, list).await
}

/// Where a subject stands in the registry now.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Place {
    /// The unit whose people may edit it.
    pub unit_id: i64,
    /// That unit's name as it is now; the published text may still hold an older one.
    pub unit: String,
    /// That unit's ids from the root.
    pub unit_path: String,
    /// JSON list of [`Flag`].
    pub flags: String,
}

impl Place {
    /// What an import took although it was not in order.
    pub fn flags(&self) -> Vec<Flag> {
        serde_json::from_str(&self.flags).unwrap_or_default()
    }
}

/// Where a subject stands, if it exists.
pub async fn place(
    c: &impl ConnectionTrait,
    kind: SubjectKind,
    subject_id: i64,
) -> Result<Option<Place>, DbErr> {
    let sql = match kind {
        SubjectKind::Unit => {
            "SELECT u.id AS unit_id, u.name AS unit, u.path AS unit_path, u.flags FROM units u WHERE u.id = $1"
        }
        SubjectKind::Power => {
            "SELECT u.id AS unit_id, u.name AS unit, u.path AS unit_path, p.flags \
             FROM powers p JOIN units u ON u.id = p.unit_id WHERE p.id = $1"
        }
        // A cadre may hold posts in several units; the published state says who answers for the entry.
        SubjectKind::Cadre => {
            "SELECT u.id AS unit_id, u.name AS unit, u.path AS unit_path, c.flags \
             FROM cadres c JOIN revisions r ON r.id = c.revision_id JOIN units u ON u.id = r.unit_id \
             WHERE c.id = $1"
        }
    };
    one(c, sql, values![subject_id]).await
}

/// The unit that bore a name, whether it still does or was renamed since.
pub async fn unit_named(c: &impl ConnectionTrait, name: &str) -> Result<Option<units::store::Line>, DbErr> {
    if let Some(unit) = units::store::by_name(c, name).await? {
        return Ok(Some(unit));
    }
    let sql = "SELECT subject_id FROM revisions WHERE kind = 'unit' AND title = $1 \
               AND published_at IS NOT NULL AND subject_id IS NOT NULL ORDER BY published_at DESC LIMIT 1";
    match scalar_opt(c, sql, values![name]).await? {
        Some(id) => units::store::get(c, id).await,
        None => Ok(None),
    }
}

/// Every name a unit was published under.
pub async fn names_of(c: &impl ConnectionTrait, unit_id: i64) -> Result<Vec<String>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        title: String,
    }
    let sql = "SELECT DISTINCT title FROM revisions WHERE kind = 'unit' AND subject_id = $1 \
               AND published_at IS NOT NULL";
    let rows: Vec<Row> = all(c, sql, values![unit_id]).await?;
    Ok(rows.into_iter().map(|row| row.title).collect())
}

/// Whether a publication failed because something else has the name already.
pub fn is_name_clash(error: &DbErr) -> bool {
    daylight_db::is_unique_violation(error)
}

/// A revision with everything that is needed to judge it.
#[derive(Clone, Debug)]
pub struct Folder {
    /// The revision.
    pub revision: Revision,
    /// The unit whose people may edit it; none for a unit that does not exist yet.
    pub unit: Option<units::store::Line>,
    /// What an import left to be completed; publishing clears it.
    pub flags: Vec<Flag>,
    /// What everybody sees now.
    pub published: Option<Revision>,
    /// Who wrote it.
    pub author: String,
    /// Who began it.
    pub beginner: String,
    /// Who decided on it.
    pub reviewer: String,
}

impl Folder {
    /// What access is decided on.
    pub fn resource(&self) -> crate::authz::Resource {
        crate::authz::Resource {
            unit_path: self.unit.as_ref().map(|unit| unit.path.clone()),
            author_id: self.revision.author_id,
        }
    }

    /// What everybody sees now.
    pub fn shown(&self) -> Option<&Content> {
        self.published.as_ref().map(|published| &published.content)
    }

    /// Who wrote it, with who began it when that was another.
    pub fn authors(&self) -> String {
        if self.revision.begun_by == self.revision.author_id {
            format!("{}编写", self.author)
        } else {
            format!("{}开始、{}接手编写", self.beginner, self.author)
        }
    }

    /// Whether something was published after this was begun, so that publishing it would undo that.
    pub fn is_stale(&self) -> bool {
        let open = !matches!(self.revision.state, State::Published | State::Ended);
        open && self.published.as_ref().is_some_and(|published| published.number >= self.revision.number)
    }
}

/// A revision with everything that is needed to judge it.
pub async fn folder(c: &impl ConnectionTrait, id: i64) -> Result<Option<Folder>, DbErr> {
    let Some(revision) = get(c, id).await? else { return Ok(None) };
    let unit = match revision.unit_id {
        Some(unit_id) => units::store::get(c, unit_id).await?,
        None => None,
    };
    let (published, flags) = match revision.subject_id {
        Some(subject) => {
            let place = place(c, revision.kind, subject).await?;
            (
                published(c, revision.kind, subject).await?,
                place.map(|place| place.flags()).unwrap_or_default(),
            )
        }
        None => (None, Vec::new()),
    };
    let author = account_name(c, revision.author_id).await?;
    let beginner = account_name(c, revision.begun_by).await?;
    let reviewer = account_name(c, revision.reviewer_id).await?;
    Ok(Some(Folder { revision, unit, flags, published, author, beginner, reviewer }))
}

/// The name behind an account, for pages of the office.
pub async fn account_name(c: &impl ConnectionTrait, id: Option<i64>) -> Result<String, DbErr> {
    let Some(id) = id else { return Ok("批量导入".to_owned()) };
    let name: Option<String> = scalar_opt(c, "SELECT name FROM accounts WHERE id = $1", values![id]).await?;
    Ok(name.unwrap_or_default())
}

/// Whether another subject of this kind has this name already: units by name, powers within a unit.
/// People may share a name.
pub async fn name_taken(
    c: &impl ConnectionTrait,
    kind: SubjectKind,
    unit_id: Option<i64>,
    name: &str,
    subject_id: Option<i64>,
) -> Result<bool, DbErr> {
    let own = subject_id.unwrap_or(0);
    let found: Option<i64> = match kind {
        SubjectKind::Unit => {
            // A name that another unit bore still leads to that unit: what was published then says it.
            let sql = "SELECT id FROM units WHERE name = $1 AND id <> $2 UNION ALL \
                       SELECT subject_id FROM revisions WHERE kind = 'unit' AND title = $1 \
                       AND subject_id <> $2 AND published_at IS NOT NULL LIMIT 1";
            scalar_opt(c, sql, values![name, own]).await?
        }
        SubjectKind::Power => {
            let sql = "SELECT id FROM powers WHERE unit_id = $3 AND name = $1 AND id <> $2";
            scalar_opt(c, sql, values![name, own, unit_id]).await?
        }
        SubjectKind::Cadre => None,
    };
    Ok(found.is_some())
}

/// How many published states there are; a cheap figure for tests and metrics.
pub async fn count_published(c: &impl ConnectionTrait) -> Result<i64, DbErr> {
    Ok(scalar_opt(c, "SELECT COUNT(*) FROM revisions WHERE state = 'published'", values![])
        .await?
        .unwrap_or(0))
}
