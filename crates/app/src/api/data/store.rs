//! Public tables, read in batches by id.

use super::{
    table::Table,
    write::{Cell, Row},
};
use crate::{
    api::shape::{Coded, Moment},
    divisions::DivisionLevel,
    powers::{Basis, Kind, Level, Next, Power, Risk, StageType, Step},
    revisions::{Content, SubjectKind},
    units::{Category, Unit},
};
use data_encoding::HEXLOWER;
use daylight_db::{ConnectionTrait, DbErr, FromQueryResult, all, one, values};
use sha2::{Digest, Sha256};

/// A run of rows.
#[derive(Debug, Default)]
pub struct Batch {
    /// The rows; a batch without rows may still be followed by others.
    pub rows: Vec<Row>,
    /// Where the next batch begins; none after the last.
    pub after: Option<i64>,
}

/// How many things are read at once: some hundred kilobytes of powers with their procedures.
const AT_ONCE: i64 = 200;

/// The rows of a table that follow an id.
pub async fn batch(c: &impl ConnectionTrait, table: Table, after: i64) -> Result<Batch, DbErr> {
    match table {
        Table::Divisions => divisions(c, after).await,
        Table::Units => units(c, after).await,
        Table::Powers => powers(c, after, |line, power| vec![power_row(line, power)]).await,
        Table::Steps => powers(c, after, step_rows).await,
        Table::Risks => powers(c, after, risk_rows).await,
        Table::Bases => bases(c, after).await,
        Table::Cadres => cadres(c, after).await,
        Table::Appointments => appointments(c, after).await,
    }
}

/// Makes a batch of what was read, each line with its id.
fn collect<T>(lines: Vec<T>, id: impl Fn(&T) -> i64, mut rows: impl FnMut(T) -> Vec<Row>) -> Batch {
    let full = i64::try_from(lines.len()).is_ok_and(|length| length == AT_ONCE);
    let after = lines.last().map(id).filter(|_| full);
    Batch { rows: lines.into_iter().flat_map(&mut rows).collect(), after }
}

fn page_of<T: Coded>(code: &str) -> Option<&'static str> {
    T::every().iter().find(|value| value.code() == code).map(|value| value.page())
}

async fn divisions(c: &impl ConnectionTrait, after: i64) -> Result<Batch, DbErr> {
    #[derive(FromQueryResult)]
    struct Line {
        id: i64,
        code: String,
        name: String,
        level: String,
        parent_id: Option<i64>,
        valid_from: Option<String>,
        valid_to: Option<String>,
        successor_id: Option<i64>,
        inferred: bool,
    }
    let sql = "SELECT id, code, name, level, parent_id, valid_from, valid_to, successor_id, inferred \
               FROM divisions WHERE id > $1 ORDER BY id LIMIT $2";
    let lines: Vec<Line> = all(c, sql, values![after, AT_ONCE]).await?;
    let row = |line: Line| {
        let level = page_of::<DivisionLevel>(&line.level);
        vec![vec![
            line.id.into(),
            line.code.into(),
            line.name.into(),
            line.level.into(),
            level.into(),
            line.parent_id.into(),
            line.valid_from.into(),
            line.valid_to.into(),
            line.successor_id.into(),
            Cell::Truth(line.inferred),
        ]]
    };
    Ok(collect(lines, |line| line.id, row))
}

async fn units(c: &impl ConnectionTrait, after: i64) -> Result<Batch, DbErr> {
    #[derive(FromQueryResult)]
    struct Line {
        id: i64,
        parent_id: Option<i64>,
        parent: Option<String>,
        division_id: Option<i64>,
        content: String,
        published_at: Option<i64>,
    }
    let sql = "SELECT u.id, u.parent_id, a.name AS parent, u.division_id, r.content, r.published_at \
               FROM units u JOIN revisions r ON r.id = u.revision_id LEFT JOIN units a ON a.id = u.parent_id \
               WHERE u.id > $1 AND u.ended_on IS NULL AND r.state = 'published' ORDER BY u.id LIMIT $2";
    let lines: Vec<Line> = all(c, sql, values![after, AT_ONCE]).await?;
    let row = |line: Line| {
        let Some(unit) = read(SubjectKind::Unit, &line.content).and_then(unit) else { return Vec::new() };
        vec![vec![
            line.id.into(),
            unit.name.into(),
            unit.category.map(Category::code).into(),
            unit.category.map(Category::page).into(),
            unit.credit_code.into(),
            line.parent_id.into(),
            line.parent.or(unit.parent).into(),
            line.division_id.into(),
            unit.division_code.into(),
            unit.duties.into(),
            unit.phone.into(),
            unit.address.into(),
            unit.office_hours.into(),
            moment(line.published_at),
        ]]
    };
    Ok(collect(lines, |line| line.id, row))
}

fn read(kind: SubjectKind, content: &str) -> Option<Content> {
    Content::from_json(kind, content).ok()
}

fn unit(content: Content) -> Option<Unit> {
    match content {
        Content::Unit(unit) => Some(unit),
        _ => None,
    }
}

fn moment(at: Option<i64>) -> Cell {
    at.map(|at| Moment(at).text()).into()
}

/// A public power beside what is published about it.
#[derive(FromQueryResult)]
struct PowerLine {
    id: i64,
    unit_id: i64,
    /// The unit's name as it is now.
    unit: String,
    content: String,
    published_at: Option<i64>,
}

async fn powers(
    c: &impl ConnectionTrait,
    after: i64,
    rows: impl Fn(&PowerLine, Power) -> Vec<Row>,
) -> Result<Batch, DbErr> {
    let sql = "SELECT p.id, p.unit_id, u.name AS unit, r.content, r.published_at \
               FROM powers p JOIN revisions r ON r.id = p.revision_id JOIN units u ON u.id = p.unit_id \
               WHERE p.id > $1 AND p.disclosed = $2 AND r.state = 'published' ORDER BY p.id LIMIT $3";
    let lines: Vec<PowerLine> = all(c, sql, values![after, true, AT_ONCE]).await?;
    let public = |line: PowerLine| match read(SubjectKind::Power, &line.content) {
        // Asked twice, of the table and of the text: what is kept back must not slip through either.
        Some(Content::Power(power)) if power.is_public() => rows(&line, *power),
        _ => Vec::new(),
    };
    Ok(collect(lines, |line| line.id, public))
}

fn count(length: usize) -> Cell {
    Cell::Number(i64::try_from(length).unwrap_or(i64::MAX))
}

fn power_row(line: &PowerLine, power: Power) -> Row {
    let bases: Vec<_> = power.bases.iter().map(Basis::citation).collect();
    vec![
        line.id.into(),
        power.name.into(),
        line.unit_id.into(),
        line.unit.as_str().into(),
        power.kind.map(Kind::code).into(),
        power.kind.map(Kind::page).into(),
        power.stage_type.map(StageType::code).into(),
        power.stage_type.map(StageType::page).into(),
        power.matter.into(),
        bases.join("；").into(),
        power.exerciser.into(),
        power.supervisor.into(),
        power.accountable.into(),
        count(power.steps.len()),
        count(power.risks.len()),
        moment(line.published_at),
    ]
}

fn step_rows(line: &PowerLine, power: Power) -> Vec<Row> {
    let way = |next: &Next| match next.when.as_str() {
        "" => next.to.to_string(),
        when => format!("{when}→{}", next.to),
    };
    let row = |step: Step| {
        let ways: Vec<_> = step.next.iter().map(way).collect();
        vec![
            line.id.into(),
            power.name.as_str().into(),
            line.unit_id.into(),
            line.unit.as_str().into(),
            i64::from(step.number).into(),
            step.name.into(),
            step.post.into(),
            step.limit.map(|limit| i64::from(limit.amount)).into(),
            step.limit.map(|limit| limit.unit.code()).into(),
            step.limit.map(|limit| limit.to_string()).into(),
            step.duties.into(),
            step.control.into(),
            ways.join("；").into(),
            step.complaint.into(),
        ]
    };
    power.steps.into_iter().map(row).collect()
}

fn risk_rows(line: &PowerLine, power: Power) -> Vec<Row> {
    let row = |risk: Risk| {
        vec![
            line.id.into(),
            power.name.as_str().into(),
            line.unit_id.into(),
            line.unit.as_str().into(),
            risk.step.map(i64::from).into(),
            risk.name.into(),
            risk.level.map(Level::code).into(),
            risk.level.map(Level::page).into(),
            risk.measures.join("；").into(),
        ]
    };
    power.risks.into_iter().map(row).collect()
}

async fn bases(c: &impl ConnectionTrait, after: i64) -> Result<Batch, DbErr> {
    #[derive(FromQueryResult)]
    struct Line {
        id: i64,
        title: String,
        issuer: Option<String>,
        in_force_from: Option<String>,
        in_force_to: Option<String>,
        replaced_by: Option<String>,
        powers: i64,
    }
    // What only a withheld power cites would tell of that power.
    let sql = "SELECT b.id, b.title, b.issuer, b.in_force_from, b.in_force_to, b.replaced_by, \
               COUNT(DISTINCT p.id) AS powers FROM bases b JOIN power_bases x ON x.basis_id = b.id \
               JOIN powers p ON p.id = x.power_id WHERE b.id > $1 AND p.disclosed = $2 \
               GROUP BY b.id, b.title, b.issuer, b.in_force_from, b.in_force_to, b.replaced_by \
               ORDER BY b.id LIMIT $3";
    let lines: Vec<Line> = all(c, sql, values![after, true, AT_ONCE]).await?;
    let row = |line: Line| {
        vec![vec![
            line.id.into(),
            line.title.into(),
            line.issuer.into(),
            line.in_force_from.into(),
            line.in_force_to.into(),
            line.replaced_by.into(),
            line.powers.into(),
        ]]
    };
    Ok(collect(lines, |line| line.id, row))
}

/// People who hold a post now: who left office altogether is no longer listed.
const IN_OFFICE: &str = "EXISTS (SELECT 1 FROM appointments n WHERE n.cadre_id = c.id AND n.until IS NULL)";

async fn cadres(c: &impl ConnectionTrait, after: i64) -> Result<Batch, DbErr> {
    #[derive(FromQueryResult)]
    struct Line {
        id: i64,
        name: String,
        published_at: Option<i64>,
    }
    let sql = format!(
        "SELECT c.id, c.name, r.published_at FROM cadres c JOIN revisions r ON r.id = c.revision_id \
         WHERE c.id > $1 AND r.state = 'published' AND {IN_OFFICE} ORDER BY c.id LIMIT $2"
    );
    let lines: Vec<Line> = all(c, &sql, values![after, AT_ONCE]).await?;
    let row = |line: Line| vec![vec![line.id.into(), line.name.into(), moment(line.published_at)]];
    Ok(collect(lines, |line| line.id, row))
}

async fn appointments(c: &impl ConnectionTrait, after: i64) -> Result<Batch, DbErr> {
    #[derive(FromQueryResult)]
    struct Line {
        id: i64,
        cadre_id: i64,
        cadre: String,
        unit_id: i64,
        unit: String,
        post: String,
        since: Option<String>,
        until: Option<String>,
        duties: Option<String>,
    }
    let sql = format!(
        "SELECT a.id, c.id AS cadre_id, c.name AS cadre, u.id AS unit_id, u.name AS unit, q.title AS post, \
         a.since, a.until, a.duties FROM appointments a JOIN cadres c ON c.id = a.cadre_id \
         JOIN revisions r ON r.id = c.revision_id JOIN posts q ON q.id = a.post_id \
         JOIN units u ON u.id = q.unit_id \
         WHERE a.id > $1 AND r.state = 'published' AND {IN_OFFICE} ORDER BY a.id LIMIT $2"
    );
    let lines: Vec<Line> = all(c, &sql, values![after, AT_ONCE]).await?;
    let row = |line: Line| {
        vec![vec![
            line.cadre_id.into(),
            line.cadre.into(),
            line.unit_id.into(),
            line.unit.into(),
            line.post.into(),
            line.since.into(),
            line.until.into(),
            line.duties.into(),
        ]]
    };
    Ok(collect(lines, |line| line.id, row))
}

/// What changes whenever a public table may have: every change appends to the audit trail, and the
/// rest holds even for one that did not.
pub async fn stamp(c: &impl ConnectionTrait) -> Result<String, DbErr> {
    #[derive(FromQueryResult)]
    struct Line {
        audit: i64,
        revision: i64,
        published: i64,
        division: i64,
    }
    let sql = "SELECT COALESCE((SELECT MAX(id) FROM audit_entries), 0) AS audit, \
               COALESCE((SELECT MAX(id) FROM revisions), 0) AS revision, \
               COALESCE((SELECT MAX(published_at) FROM revisions WHERE published_at IS NOT NULL), 0) AS published, \
               COALESCE((SELECT MAX(updated_at) FROM divisions), 0) AS division";
    let line: Option<Line> = one(c, sql, values![]).await?;
    let line = line.ok_or_else(|| DbErr::RecordNotFound("a row of constants".to_owned()))?;
    let counts = format!("{} {} {} {}", line.audit, line.revision, line.published, line.division);
    // How busy the office is, is nobody's business.
    Ok(HEXLOWER.encode(&Sha256::digest(counts)[..12]))
}
