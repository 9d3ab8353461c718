//! Every query on discipline organs.

use super::Kind;
use crate::{audit::rows, clock::Millis};
use daylight_db::{ConnectionTrait, DbErr, FromQueryResult, Tx, Value, all, exec, one, scalar, values};

/// An organ.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Line {
    /// Surrogate id.
    pub id: i64,
    /// Full name.
    pub name: String,
    /// [`Kind::code`].
    pub kind: String,
    /// The organ above.
    pub parent_id: Option<i64>,
    /// Ids from the root: "/1/4/".
    pub path: String,
    /// The unit it sits in.
    pub unit_id: Option<i64>,
    /// That unit's name.
    pub unit: Option<String>,
    /// Its own telephone, beside 12388.
    pub phone: Option<String>,
    /// 机关代字, what the numbers of its letters begin with.
    pub sign: Option<String>,
}

impl Line {
    /// What kind it is.
    pub fn kind(&self) -> Option<Kind> {
        Kind::from_code(&self.kind)
    }

    /// How far below the top, from 0.
    pub fn depth(&self) -> usize {
        self.path.matches('/').count().saturating_sub(2)
    }
}

const LINE: &str = "SELECT o.id, o.name, o.kind, o.parent_id, o.path, o.unit_id, u.name AS unit, o.phone, o.sign \
     FROM organs o LEFT JOIN units u ON u.id = o.unit_id";

/// An organ by its id.
pub async fn get(c: &impl ConnectionTrait, id: i64) -> Result<Option<Line>, DbErr> {
    one(c, &format!("{LINE} WHERE o.id = $1"), values![id]).await
}

/// Sets 机关代字; none takes it away. One that another organ has is a unique violation.
pub async fn set_sign(tx: &Tx, id: i64, sign: Option<&str>) -> Result<(), DbErr> {
    exec(&**tx, "UPDATE organs SET sign = $2 WHERE id = $1", values![id, sign]).await?;
    rows::keep_undated(tx, &rows::ORGANS, id).await
}

/// The organ that has none above it.
pub async fn top(c: &impl ConnectionTrait) -> Result<Option<i64>, DbErr> {
    let sql = "SELECT id FROM organs WHERE parent_id IS NULL ORDER BY id LIMIT 1";
    daylight_db::scalar_opt(c, sql, values![]).await
}

/// All organs, each right after the one above it.
pub async fn list(c: &impl ConnectionTrait) -> Result<Vec<Line>, DbErr> {
    let mut lines: Vec<Line> = all(c, &format!("{LINE} ORDER BY o.id"), values![]).await?;
    // "/1/10/" sorts after "/1/2/" only as numbers.
    let key = |line: &Line| ids(&line.path);
    lines.sort_by_key(key);
    Ok(lines)
}

/// The ids of a path: "/3/17/" → 3, 17.
fn ids(path: &str) -> Vec<i64> {
    path.split('/').filter_map(|part| part.parse().ok()).collect()
}

/// What is written about an organ.
#[derive(Clone, Copy, Debug)]
pub struct Content<'a> {
    /// Full name.
    pub name: &'a str,
    /// What kind it is.
    pub kind: Kind,
    /// The organ above.
    pub parent: Option<&'a Line>,
    /// The unit it sits in.
    pub unit_id: Option<i64>,
    /// Its own telephone.
    pub phone: Option<&'a str>,
}

/// Writes an organ, new or known, and moves what is below it along. A name that exists is a unique
/// violation. Whether it fits there is [`super::fits_under`]'s to say first, under the lock "daylight
/// organs".
pub async fn write(tx: &Tx, known: Option<&Line>, content: &Content<'_>, now: Millis) -> Result<i64, DbErr> {
    let parent_id = content.parent.map(|parent| parent.id);
    let mut bound =
        values![content.name, content.kind.code(), parent_id, content.unit_id, content.phone, now];
    let id: i64 = match known {
        Some(known) => {
            bound.push(known.id.into());
            let sql = "UPDATE organs SET name = $1, kind = $2, parent_id = $3, unit_id = $4, phone = $5, \
                       updated_at = $6 WHERE id = $7";
            exec(&**tx, sql, bound).await?;
            known.id
        }
        None => {
            let sql = "INSERT INTO organs (name, kind, parent_id, unit_id, phone, updated_at, path) \
                       VALUES ($1, $2, $3, $4, $5, $6, '') RETURNING id";
            scalar(&**tx, sql, bound).await?
        }
    };
    let path = format!("{}{id}/", content.parent.map_or("/", |parent| parent.path.as_str()));
    match known.map(|known| known.path.as_str()) {
        None => {
            exec(&**tx, "UPDATE organs SET path = $2 WHERE id = $1", values![id, path]).await?;
        }
        Some(old) if old != path => {
            let sql = "UPDATE organs SET path = $2 || SUBSTR(path, CAST($3 AS INTEGER)) WHERE path LIKE $1";
            let from = i64::try_from(old.len() + 1).unwrap_or(i64::MAX);
            exec(&**tx, sql, values![format!("{old}%"), path, from]).await?;
        }
        Some(_) => {}
    }
    rows::keep(tx, &rows::ORGANS, id, now).await?;
    // The organ above, or the unit it sits in, decides who is in conflict.
    crate::cases::jobs::enqueue_settle(tx, now).await?;
    Ok(id)
}

/// A unit an organ watches.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Jurisdiction {
    /// The organ.
    pub organ_id: i64,
    /// The unit.
    pub unit_id: i64,
    /// The unit's name.
    pub unit: String,
    /// Also everything below the unit.
    pub subtree: bool,
}

const JURISDICTION: &str = "SELECT j.organ_id, j.unit_id, u.name AS unit, j.subtree \
     FROM organ_jurisdictions j JOIN units u ON u.id = j.unit_id";

/// What one organ watches.
pub async fn jurisdiction(c: &impl ConnectionTrait, organ_id: i64) -> Result<Vec<Jurisdiction>, DbErr> {
    all(c, &format!("{JURISDICTION} WHERE j.organ_id = $1 ORDER BY u.path"), values![organ_id]).await
}

/// What all organs watch.
pub async fn jurisdictions(c: &impl ConnectionTrait) -> Result<Vec<Jurisdiction>, DbErr> {
    all(c, &format!("{JURISDICTION} ORDER BY j.organ_id, u.path"), values![]).await
}

/// Puts a unit under an organ's watch, with or without what is below it; false when it was so before.
pub async fn watch(tx: &Tx, organ_id: i64, unit_id: i64, subtree: bool) -> Result<bool, DbErr> {
    let sql = "INSERT INTO organ_jurisdictions (organ_id, unit_id, subtree) VALUES ($1, $2, $3) \
               ON CONFLICT (organ_id, unit_id) DO UPDATE SET subtree = excluded.subtree \
               WHERE organ_jurisdictions.subtree <> excluded.subtree";
    let changed = exec(&**tx, sql, values![organ_id, unit_id, subtree]).await? == 1;
    rows::keep_undated(tx, &rows::JURISDICTIONS, organ_id).await?;
    Ok(changed)
}

/// Takes a unit out of an organ's watch.
pub async fn unwatch(tx: &Tx, organ_id: i64, unit_id: i64) -> Result<bool, DbErr> {
    let sql = "DELETE FROM organ_jurisdictions WHERE organ_id = $1 AND unit_id = $2";
    let changed = exec(&**tx, sql, values![organ_id, unit_id]).await? == 1;
    rows::keep_undated(tx, &rows::JURISDICTIONS, organ_id).await?;
    Ok(changed)
}

/// The organs in whose jurisdiction a unit lies, the nearest first: the one whose watched unit is
/// fewest steps above; among equals the lower organ, then the older.
pub async fn for_unit(c: &impl ConnectionTrait, unit_path: &str) -> Result<Vec<Line>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        organ_id: i64,
        unit_id: i64,
    }
    let chain = ids(unit_path);
    let Some(here) = chain.last() else { return Ok(Vec::new()) };
    let numbers: Vec<_> = (0..chain.len()).map(|at| format!("${}", at + 1)).collect();
    let mut bound: Vec<Value> = chain.iter().map(|id| Value::from(*id)).collect();
    bound.extend(values![*here, true]);
    let sql = format!(
        "SELECT organ_id, unit_id FROM organ_jurisdictions WHERE unit_id IN ({}) \
         AND (unit_id = ${} OR subtree = ${})",
        numbers.join(", "),
        chain.len() + 1,
        chain.len() + 2
    );
    let rows: Vec<Row> = all(c, &sql, bound).await?;
    let steps = |row: &Row| chain.iter().rev().position(|id| *id == row.unit_id).unwrap_or(usize::MAX);
    let mut found = Vec::new();
    for line in list(c).await? {
        let nearest = rows.iter().filter(|row| row.organ_id == line.id).map(steps).min();
        found.extend(nearest.map(|steps| (steps, line)));
    }
    found.sort_by_key(|(steps, line)| (*steps, std::cmp::Reverse(line.depth()), line.id));
    Ok(found.into_iter().map(|(_, line)| line).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A small generator, so that the same worlds come again.
    struct Dice(u64);

    impl Dice {
        fn roll(&mut self, sides: usize) -> usize {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(self.0 >> 33).unwrap() % sides
        }
    }

    /// The same question asked of plain parents: does somebody on the way up from here stand watched?
    fn naive(
        parents: &[Option<usize>],
        watched: &[(usize, usize, bool)],
        depths: &[usize],
        unit: usize,
    ) -> Vec<usize> {
        let mut found: Vec<(usize, std::cmp::Reverse<usize>, usize)> = Vec::new();
        let (mut here, mut steps) = (Some(unit), 0);
        while let Some(at) = here {
            for (organ, on, subtree) in watched {
                let holds = *on == at && (*subtree || steps == 0);
                if holds && !found.iter().any(|(_, _, known)| known == organ) {
                    found.push((steps, std::cmp::Reverse(depths[*organ]), *organ));
                }
            }
            (here, steps) = (parents[at], steps + 1);
        }
        found.sort();
        found.into_iter().map(|(_, _, organ)| organ).collect()
    }

    #[tokio::test]
    async fn organs_of_a_unit_are_those_a_walk_up_the_tree_finds() {
        for test in daylight_db::testing::engines().await {
            crate::migrations::migrate(&test.db).await.unwrap();
            let mut dice = Dice(20_261_122);
            let mut answers = 0;
            for round in 0..12_i64 {
                let tx = test.db.write().await.unwrap();
                exec(&*tx, "DELETE FROM organ_jurisdictions", values![]).await.unwrap();
                exec(&*tx, "DELETE FROM organs", values![]).await.unwrap();
                exec(&*tx, "DELETE FROM units", values![]).await.unwrap();
                let mut parents: Vec<Option<usize>> = Vec::new();
                let mut paths: Vec<String> = Vec::new();
                for at in 0..25_usize {
                    let parent = (at > 0 && dice.roll(5) > 0).then(|| dice.roll(at));
                    let id = i64::try_from(at).unwrap() + 1;
                    let above = parent.map_or("/", |parent: usize| paths[parent].as_str());
                    let path = format!("{above}{id}/");
                    let sql = "INSERT INTO units (id, name, category, path, flags, updated_at) \
                               VALUES ($1, $2, 'village', $3, '[]', $4)";
                    exec(&*tx, sql, values![id, format!("单位{id}"), path.as_str(), round]).await.unwrap();
                    parents.push(parent);
                    paths.push(path);
                }
                let mut organs: Vec<Line> = Vec::new();
                for at in 0..6 {
                    let parent = (at > 0).then(|| organs[dice.roll(at)].clone());
                    let name = format!("纪委{at}");
                    let content = Content {
                        name: &name,
                        kind: Kind::Dispatched,
                        parent: parent.as_ref(),
                        unit_id: None,
                        phone: None,
                    };
                    let id = write(&tx, None, &content, round).await.unwrap();
                    organs.push(get(&*tx, id).await.unwrap().unwrap());
                }
                let mut watched = Vec::new();
                for _ in 0..10 {
                    let (organ, unit, subtree) = (dice.roll(6), dice.roll(25), dice.roll(2) == 0);
                    let unit_id = i64::try_from(unit).unwrap() + 1;
                    watch(&tx, organs[organ].id, unit_id, subtree).await.unwrap();
                    watched.retain(|(o, u, _)| (*o, *u) != (organ, unit));
                    watched.push((organ, unit, subtree));
                }
                tx.commit().await.unwrap();
                let depths: Vec<_> = organs.iter().map(Line::depth).collect();
                for (unit, path) in paths.iter().enumerate() {
                    let found = for_unit(test.db.read(), path).await.unwrap();
                    let found: Vec<_> = found.into_iter().map(|line| line.name).collect();
                    let expected = naive(&parents, &watched, &depths, unit);
                    let expected: Vec<_> = expected.into_iter().map(|at| organs[at].name.clone()).collect();
                    answers += expected.len();
                    assert_eq!(found, expected, "round {round}, unit {path}, {watched:?}");
                }
            }
            assert!(answers > 100, "{answers}");
        }
    }

    #[tokio::test]
    async fn what_is_below_an_organ_moves_with_it() {
        for test in daylight_db::testing::engines().await {
            crate::migrations::migrate(&test.db).await.unwrap();
            let tx = test.db.write().await.unwrap();
            let mut made: Vec<Line> = Vec::new();
            for (name, parent) in [("甲", None), ("乙", Some(0)), ("丙", Some(1)), ("丁", Some(0))] {
                let parent = parent.map(|at: usize| made[at].clone());
                let content = Content {
                    name,
                    kind: Kind::Dispatched,
                    parent: parent.as_ref(),
                    unit_id: None,
                    phone: None,
                };
                let id = write(&tx, None, &content, 0).await.unwrap();
                made.push(get(&*tx, id).await.unwrap().unwrap());
            }
            let content = Content {
                name: "乙",
                kind: Kind::Dispatched,
                parent: Some(&made[3]),
                unit_id: None,
                phone: None,
            };
            write(&tx, Some(&made[1]), &content, 1).await.unwrap();
            let path = get(&*tx, made[2].id).await.unwrap().unwrap().path;
            assert_eq!(path, format!("{}{}/{}/", made[3].path, made[1].id, made[2].id));
            let order: Vec<_> = list(&*tx).await.unwrap().into_iter().map(|line| line.name).collect();
            assert_eq!(order, ["甲", "丁", "乙", "丙"]);
        }
    }
}
