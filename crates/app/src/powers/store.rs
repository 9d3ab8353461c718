//! Every query on powers and bases.

use super::{Kind, Power, StageType};
use crate::{clock::Millis, search, units::store::Names};
use daylight_db::{
    ConnectionTrait, DbErr, FromQueryResult, Tx, Value, all, exec, insert_many, scalar, values,
};

/// A power as lists need it.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Line {
    /// Surrogate id, also in the public address.
    pub id: i64,
    /// Name.
    pub name: String,
    /// The unit that holds it.
    pub unit_id: i64,
    /// The unit's name.
    pub unit: String,
    /// ISO date on which the unit was ended, and the power with it.
    pub unit_ended_on: Option<String>,
    /// [`Kind::code`].
    pub kind: Option<String>,
    /// [`StageType::code`].
    pub stage_type: Option<String>,
    /// How many steps its procedure has.
    pub step_count: i64,
    /// How many risks are named.
    pub risk_count: i64,
}

impl Line {
    /// The kind in words.
    pub fn kind_page(&self) -> &'static str {
        self.kind.as_deref().and_then(Kind::from_code).map_or("", Kind::page)
    }

    /// The stage in words.
    pub fn stage_page(&self) -> &'static str {
        self.stage_type.as_deref().and_then(StageType::from_code).map_or("", StageType::page)
    }
}

const LINE: &str = "SELECT p.id, p.name, p.unit_id, u.name AS unit, u.ended_on AS unit_ended_on, p.kind, p.stage_type, p.step_count, \
     p.risk_count FROM powers p JOIN units u ON u.id = p.unit_id";

/// Which powers a list shows; never one that is withheld.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only of this unit.
    pub unit_id: Option<i64>,
    /// Only of this kind.
    pub kind: Option<Kind>,
    /// Only of this stage.
    pub stage_type: Option<StageType>,
    /// Only resting on this basis.
    pub basis_id: Option<i64>,
}

impl Filter {
    fn sql(&self, bound: &mut Vec<Value>) -> String {
        bound.push(true.into());
        let mut sql = "p.disclosed = $1".to_owned();
        let mut and = |text: &str, value: Value| {
            bound.push(value);
            sql.push_str(&text.replace('?', &format!("${}", bound.len())));
        };
        if let Some(id) = self.unit_id {
            and(" AND p.unit_id = ?", id.into());
        }
        if let Some(kind) = self.kind {
            and(" AND p.kind = ?", kind.code().into());
        }
        if let Some(stage) = self.stage_type {
            and(" AND p.stage_type = ?", stage.code().into());
        }
        if let Some(id) = self.basis_id {
            and(" AND p.id IN (SELECT power_id FROM power_bases WHERE basis_id = ?)", id.into());
        }
        sql
    }
}

/// A page of public powers.
pub async fn list(
    c: &impl ConnectionTrait,
    filter: &Filter,
    limit: i64,
    offset: i64,
) -> Result<Vec<Line>, DbErr> {
    let mut bound = Vec::new();
    let condition = filter.sql(&mut bound);
    all(c, &format!("{LINE} WHERE {condition} ORDER BY p.id LIMIT {limit} OFFSET {offset}"), bound).await
}

/// How many public powers a filter finds.
pub async fn count(c: &impl ConnectionTrait, filter: &Filter) -> Result<i64, DbErr> {
    let mut bound = Vec::new();
    let condition = filter.sql(&mut bound);
    scalar(c, &format!("SELECT COUNT(*) FROM powers p WHERE {condition}"), bound).await
}

/// How many powers a unit keeps back: counted in public (capability A24).
pub async fn count_withheld(c: &impl ConnectionTrait, unit_id: i64) -> Result<i64, DbErr> {
    let sql = "SELECT COUNT(*) FROM powers WHERE unit_id = $1 AND disclosed = $2";
    scalar(c, sql, values![unit_id, false]).await
}

/// A law, rule or policy on which powers rest.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct BasisLine {
    /// Surrogate id.
    pub id: i64,
    /// Title without book marks.
    pub title: String,
    /// ISO date from which it is in force.
    pub in_force_from: Option<String>,
    /// ISO date until which it was in force: shown as a warning beside every power that cites it.
    pub in_force_to: Option<String>,
    /// What took its place.
    pub replaced_by: Option<String>,
    /// How many public powers cite it.
    pub powers: i64,
}

/// All bases, the most cited first.
pub async fn bases(c: &impl ConnectionTrait, limit: i64, offset: i64) -> Result<Vec<BasisLine>, DbErr> {
    let sql = format!(
        "SELECT b.id, b.title, b.in_force_from, b.in_force_to, b.replaced_by, \
         (SELECT COUNT(DISTINCT p.id) FROM power_bases x JOIN powers p ON p.id = x.power_id \
          WHERE x.basis_id = b.id AND p.disclosed) AS powers \
         FROM bases b ORDER BY powers DESC, b.id LIMIT {limit} OFFSET {offset}"
    );
    all(c, &sql, values![]).await
}

/// A basis by its id.
pub async fn basis(c: &impl ConnectionTrait, id: i64) -> Result<Option<BasisLine>, DbErr> {
    let sql = "SELECT id, title, in_force_from, in_force_to, replaced_by, CAST(0 AS BIGINT) AS powers \
               FROM bases WHERE id = $1";
    Ok(all(c, sql, values![id]).await?.pop())
}

/// The bases a power cites, with the dates that decide whether a warning is shown.
pub async fn bases_of(c: &impl ConnectionTrait, power_id: i64) -> Result<Vec<BasisLine>, DbErr> {
    let sql = "SELECT DISTINCT b.id, b.title, b.in_force_from, b.in_force_to, b.replaced_by, \
               CAST(0 AS BIGINT) AS powers \
               FROM power_bases x JOIN bases b ON b.id = x.basis_id WHERE x.power_id = $1 ORDER BY b.id";
    all(c, sql, values![power_id]).await
}

/// Writes a power's row from what is published about it. Returns its id.
pub async fn write(
    tx: &Tx,
    names: &mut Names,
    id: Option<i64>,
    power: &Power,
    flags: &str,
    revision_id: i64,
    now: Millis,
) -> Result<i64, DbErr> {
    let unit = names.unit(tx, &power.unit).await?;
    let unit = unit.ok_or_else(|| DbErr::RecordNotFound("the power's unit is not in the registry".into()))?;
    let count = |length: usize| i64::try_from(length).unwrap_or(i64::MAX);
    let fields = values![
        unit.id,
        power.name.as_str(),
        power.kind.map(Kind::code),
        power.stage_type.map(StageType::code),
        power.is_public(),
        count(power.steps.len()),
        count(power.risks.len()),
        flags,
        revision_id,
        now
    ];
    let (id, fresh) = match id {
        Some(id) => {
            let mut bound = fields;
            bound.push(id.into());
            let sql = "UPDATE powers SET unit_id = $1, name = $2, kind = $3, stage_type = $4, disclosed = $5, \
                       step_count = $6, risk_count = $7, flags = $8, revision_id = $9, updated_at = $10 \
                       WHERE id = $11";
            exec(&**tx, sql, bound).await?;
            (id, false)
        }
        None => {
            let sql = "INSERT INTO powers (unit_id, name, kind, stage_type, disclosed, step_count, risk_count, \
                       flags, revision_id, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
                       RETURNING id";
            (scalar(&**tx, sql, fields).await?, true)
        }
    };
    if !fresh {
        exec(&**tx, "DELETE FROM power_bases WHERE power_id = $1", values![id]).await?;
    }
    let mut links: Vec<(i64, String)> = Vec::new();
    for basis in &power.bases {
        let basis_id = basis_by_title(tx, names, &basis.title).await?;
        if basis.in_force_from.is_some() || basis.in_force_to.is_some() || basis.replaced_by.is_some() {
            // Said of the basis itself: every power that cites it shows it. Lists that say nothing of it
            // leave it as it is.
            let sql = "UPDATE bases SET in_force_from = $2, in_force_to = $3, replaced_by = $4 WHERE id = $1";
            let (from, to) = (basis.in_force_from.as_deref(), basis.in_force_to.as_deref());
            exec(&**tx, sql, values![basis_id, from, to, basis.replaced_by.as_deref()]).await?;
        }
        links.push((basis_id, basis.article.clone()));
    }
    links.sort();
    links.dedup();
    let rows = links.into_iter().map(|(basis_id, article)| values![id, basis_id, article]).collect();
    insert_many(&**tx, "power_bases", &["power_id", "basis_id", "article"], rows).await?;
    Ok(id)
}

async fn basis_by_title(tx: &Tx, names: &mut Names, title: &str) -> Result<i64, DbErr> {
    if let Some(id) = names.bases.get(title) {
        return Ok(*id);
    }
    // DO UPDATE rather than DO NOTHING: only then does RETURNING give the row that was there.
    let sql = "INSERT INTO bases (title) VALUES ($1) ON CONFLICT (title) DO UPDATE SET title = excluded.title \
               RETURNING id";
    let id = scalar(&**tx, sql, values![title]).await?;
    names.bases.insert(title.to_owned(), id);
    Ok(id)
}

/// What the search index holds about a public power.
pub async fn document(tx: &Tx, names: &mut Names, id: i64, power: &Power) -> Result<search::Document, DbErr> {
    let unit = names.unit(tx, &power.unit).await?;
    let name = match &unit {
        Some(unit) if unit.ended_on.is_some() => format!("{}（已撤销）", unit.name),
        Some(unit) => unit.name.clone(),
        None => power.unit.clone(),
    };
    let bases: Vec<_> = power.bases.iter().map(|basis| basis.title.as_str()).collect();
    let matter = power.matter.as_deref().unwrap_or_default();
    Ok(search::Document {
        kind: "power",
        subject_id: id,
        title: power.name.clone(),
        text: format!("{name}\n{matter}\n{}", bases.join("\n")),
        detail: name,
        unit_id: unit.as_ref().map(|unit| unit.id),
        category: unit.as_ref().map(|unit| unit.category.clone()),
        division_path: unit.and_then(|unit| unit.division_path),
    })
}

/// How many public powers a filter finds of each kind; the filter's own kind is left aside.
pub async fn count_by_kind(c: &impl ConnectionTrait, filter: &Filter) -> Result<Vec<(Kind, i64)>, DbErr> {
    let counts = count_by(c, "p.kind", &Filter { kind: None, ..filter.clone() }).await?;
    let count =
        |kind: Kind| (kind, counts.iter().find(|(code, _)| code == kind.code()).map_or(0, |(_, n)| *n));
    Ok(Kind::ALL.into_iter().map(count).collect())
}

/// How many public powers a filter finds at each stage; the filter's own stage is left aside.
pub async fn count_by_stage(
    c: &impl ConnectionTrait,
    filter: &Filter,
) -> Result<Vec<(StageType, i64)>, DbErr> {
    let counts = count_by(c, "p.stage_type", &Filter { stage_type: None, ..filter.clone() }).await?;
    let count = |stage: StageType| {
        (stage, counts.iter().find(|(code, _)| code == stage.code()).map_or(0, |(_, n)| *n))
    };
    Ok(StageType::ALL.into_iter().map(count).collect())
}

async fn count_by(
    c: &impl ConnectionTrait,
    column: &str,
    filter: &Filter,
) -> Result<Vec<(String, i64)>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        code: Option<String>,
        n: i64,
    }
    let mut bound = Vec::new();
    let condition = filter.sql(&mut bound);
    let sql =
        format!("SELECT {column} AS code, COUNT(*) AS n FROM powers p WHERE {condition} GROUP BY {column}");
    let rows: Vec<Row> = all(c, &sql, bound).await?;
    Ok(rows.into_iter().filter_map(|row| Some((row.code?, row.n))).collect())
}

/// How many powers are kept back in the whole place: counted in public (capability A24).
pub async fn count_all_withheld(c: &impl ConnectionTrait) -> Result<i64, DbErr> {
    scalar(c, "SELECT COUNT(*) FROM powers WHERE disclosed = $1", values![false]).await
}

/// Which of these powers are withheld now: what was public once and is no longer is not shown in the past either.
pub async fn withheld_of_unit(c: &impl ConnectionTrait, unit_id: i64) -> Result<Vec<i64>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
    }
    let sql = "SELECT id FROM powers WHERE unit_id = $1 AND disclosed = $2";
    let rows: Vec<Row> = all(c, sql, values![unit_id, false]).await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// How many bases at least one public power cites.
pub async fn count_cited_bases(c: &impl ConnectionTrait) -> Result<i64, DbErr> {
    let sql = "SELECT COUNT(DISTINCT x.basis_id) FROM power_bases x JOIN powers p ON p.id = x.power_id \
               WHERE p.disclosed = $1";
    scalar(c, sql, values![true]).await
}

/// A basis by its title.
pub async fn basis_by_name(c: &impl ConnectionTrait, title: &str) -> Result<Option<BasisLine>, DbErr> {
    let sql = "SELECT id, title, in_force_from, in_force_to, replaced_by, CAST(0 AS BIGINT) AS powers \
               FROM bases WHERE title = $1";
    Ok(all(c, sql, values![title]).await?.pop())
}

/// A power everybody may see, by its id.
pub async fn get_public(c: &impl ConnectionTrait, id: i64) -> Result<Option<Line>, DbErr> {
    Ok(all(c, &format!("{LINE} WHERE p.id = $1 AND p.disclosed = $2"), values![id, true]).await?.pop())
}
