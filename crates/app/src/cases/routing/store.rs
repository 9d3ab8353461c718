//! Every query that routing rests on: the rule table, and the world it is asked about.

use super::{Cadre, Directory, Organ, Rank, Staff, Superior, Table, Unit, World};
use crate::{
    audit::rows, authz::Role, cases::jobs::enqueue_settle, clock::Millis, reports::Object, units::Category,
};
use daylight_db::{ConnectionTrait, DbErr, FromQueryResult, Tx, all, exec, one, scalar, scalar_opt, values};
use std::collections::{BTreeMap, BTreeSet};

/// The rule table in force: the newest, or the one that comes with the program.
pub async fn table(c: &impl ConnectionTrait) -> Result<Table, DbErr> {
    let sql = "SELECT content FROM routing_rules ORDER BY version DESC LIMIT 1";
    let content: Option<String> = scalar_opt(c, sql, values![]).await?;
    content.map_or(Ok(Table::seed()), |text| {
        serde_json::from_str(&text).map_err(|error| DbErr::Json(error.to_string()))
    })
}

/// Keeps an edited table. What is wrong with it, [`Table::problems`] says first.
pub async fn set_table(tx: &Tx, table: &Table, by: Option<i64>, now: Millis) -> Result<(), DbErr> {
    hold_table(tx).await?;
    let content = serde_json::to_string(table).map_err(|error| DbErr::Json(error.to_string()))?;
    let sql = "INSERT INTO routing_rules (version, content, made_at, made_by) \
               SELECT COALESCE(MAX(version), 0) + 1, CAST($1 AS TEXT), CAST($2 AS BIGINT), CAST($3 AS BIGINT) \
               FROM routing_rules";
    exec(&**tx, sql, values![content, now, by]).await?;
    let version: i64 = scalar(&**tx, "SELECT MAX(version) FROM routing_rules", values![]).await?;
    rows::keep(tx, &rows::ROUTING, version, now).await
}

/// Keeps others from changing the table until commit: who decides on one version replaces that one.
pub async fn hold_table(tx: &Tx) -> Result<(), DbErr> {
    tx.lock("daylight routing rules").await
}

/// A version of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// From 1; the one that comes with the program is 0.
    pub version: i64,
    /// The table.
    pub table: Table,
    /// When it was made.
    pub made_at: Millis,
    /// By whom.
    pub made_by: Option<String>,
}

/// Every version of the table, the newest first; the one that comes with the program is the last.
pub async fn versions(c: &impl ConnectionTrait) -> Result<Vec<Version>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        version: i64,
        content: String,
        made_at: i64,
        name: Option<String>,
    }
    let sql = "SELECT r.version, r.content, r.made_at, a.name FROM routing_rules r \
               LEFT JOIN accounts a ON a.id = r.made_by ORDER BY r.version DESC";
    let rows: Vec<Row> = all(c, sql, values![]).await?;
    let version = |row: Row| {
        let table = serde_json::from_str(&row.content).map_err(|error| DbErr::Json(error.to_string()))?;
        Ok(Version { version: row.version, table, made_at: row.made_at, made_by: row.name })
    };
    let mut versions = rows.into_iter().map(version).collect::<Result<Vec<_>, DbErr>>()?;
    versions.push(Version { version: 0, table: Table::seed(), made_at: 0, made_by: None });
    Ok(versions)
}

/// What ids are called, to explain a route.
pub async fn names(c: &impl ConnectionTrait) -> Result<super::Names, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        name: String,
    }
    let read = |sql: &'static str| async move {
        let rows: Vec<Row> = all(c, sql, values![]).await?;
        Ok::<_, DbErr>(rows.into_iter().map(|row| (row.id, row.name)).collect())
    };
    Ok(super::Names {
        organs: read("SELECT id, name FROM organs").await?,
        accounts: read("SELECT id, name FROM accounts").await?,
    })
}

/// The county as routing sees it at this moment.
pub async fn world(c: &impl ConnectionTrait) -> Result<World, DbErr> {
    Ok(World {
        units: units(c).await?,
        organs: organs(c).await?,
        cadres: cadres(c).await?,
        staff: staff(c).await?,
        relatives: relatives(c).await?,
        superior: superior(c).await?,
    })
}

async fn units(c: &impl ConnectionTrait) -> Result<BTreeMap<i64, Unit>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        path: String,
        category: String,
    }
    let rows: Vec<Row> = all(c, "SELECT id, path, category FROM units", values![]).await?;
    let unit = |row: Row| (row.id, Unit { path: row.path, category: Category::from_code(&row.category) });
    Ok(rows.into_iter().map(unit).collect())
}

async fn organs(c: &impl ConnectionTrait) -> Result<BTreeMap<i64, Organ>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        parent_id: Option<i64>,
        unit_id: Option<i64>,
    }
    #[derive(FromQueryResult)]
    struct Watched {
        organ_id: i64,
        unit_id: i64,
        subtree: bool,
    }
    let rows: Vec<Row> = all(c, "SELECT id, parent_id, unit_id FROM organs", values![]).await?;
    let organ =
        |row: Row| (row.id, Organ { parent_id: row.parent_id, unit_id: row.unit_id, watches: Vec::new() });
    let mut organs: BTreeMap<_, _> = rows.into_iter().map(organ).collect();
    let sql = "SELECT organ_id, unit_id, subtree FROM organ_jurisdictions ORDER BY organ_id, unit_id";
    for row in all::<Watched>(c, sql, values![]).await? {
        if let Some(organ) = organs.get_mut(&row.organ_id) {
            organ.watches.push((row.unit_id, row.subtree));
        }
    }
    Ok(organs)
}

async fn cadres(c: &impl ConnectionTrait) -> Result<BTreeMap<i64, Cadre>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        rank: String,
        unit_id: Option<i64>,
    }
    let sql = "SELECT c.id, c.rank, q.unit_id FROM cadres c \
               LEFT JOIN appointments a ON a.cadre_id = c.id AND a.until IS NULL \
               LEFT JOIN posts q ON q.id = a.post_id";
    let mut cadres = BTreeMap::new();
    for row in all::<Row>(c, sql, values![]).await? {
        let rank = Rank::from_code(&row.rank).unwrap_or(Rank::Other);
        let cadre = cadres.entry(row.id).or_insert(Cadre { units: BTreeSet::new(), rank });
        cadre.units.extend(row.unit_id);
    }
    Ok(cadres)
}

async fn staff(c: &impl ConnectionTrait) -> Result<Vec<Staff>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        account_id: i64,
        organ_id: i64,
        role: String,
        cadre_id: Option<i64>,
    }
    let sql = "SELECT DISTINCT g.account_id, g.organ_id, g.role, a.cadre_id FROM grants g \
               JOIN accounts a ON a.id = g.account_id \
               WHERE g.ended_at IS NULL AND g.organ_id IS NOT NULL AND a.disabled = $1 \
               ORDER BY g.account_id, g.organ_id, g.role";
    let rows: Vec<Row> = all(c, sql, values![false]).await?;
    let staff = |row: Row| {
        let role = Role::from_code(&row.role).filter(|role| role.is_of_organ())?;
        Some(Staff { account_id: row.account_id, organ_id: row.organ_id, role, cadre_id: row.cadre_id })
    };
    Ok(rows.into_iter().filter_map(staff).collect())
}

async fn relatives(c: &impl ConnectionTrait) -> Result<BTreeSet<(i64, i64)>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        cadre_id: i64,
        other_id: i64,
    }
    let rows: Vec<Row> =
        all(c, "SELECT cadre_id, other_id FROM relatives WHERE ended_at IS NULL", values![]).await?;
    Ok(rows.into_iter().map(|row| (row.cadre_id, row.other_id)).collect())
}

/// The setting that names the channel of the level above.
pub const CHANNEL: &str = "superior_channel";

/// The level above, as it is configured.
pub async fn superior(c: &impl ConnectionTrait) -> Result<Superior, DbErr> {
    let channel = crate::ops::store::setting(c, CHANNEL).await?;
    // Without a key of the level above, what is theirs is refused with the channel shown.
    let key = crate::superior::store::key(c).await?;
    Ok(Superior {
        channel: channel.unwrap_or_else(|| "上级纪检监察机关（电话12388）".into()),
        key: key.map(|key| key.recipient.fingerprint()),
    })
}

/// Everybody in the register by name, and whoever is behind an account by the name it bears.
pub async fn directory(c: &impl ConnectionTrait) -> Result<Directory, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        name: String,
    }
    let sql = "SELECT id, name FROM cadres UNION ALL \
               SELECT cadre_id AS id, name FROM accounts WHERE cadre_id IS NOT NULL";
    let rows: Vec<Row> = all(c, sql, values![]).await?;
    Ok(Directory::new(rows.into_iter().map(|row| (row.id, row.name))))
}

/// Declares two people relatives, whichever is named first.
pub async fn declare_relatives(tx: &Tx, one: i64, other: i64, now: Millis) -> Result<(), DbErr> {
    // Declared again after it was ended by mistake, it holds again.
    let sql = "INSERT INTO relatives (cadre_id, other_id, declared_at) VALUES ($1, $2, $3) \
               ON CONFLICT (cadre_id, other_id) DO UPDATE SET ended_at = NULL, ended_by = NULL";
    exec(&**tx, sql, values![one.min(other), one.max(other), now]).await?;
    rows::keep(tx, &rows::RELATIVES, one.min(other), now).await?;
    enqueue_settle(tx, now).await
}

/// From what an account stays out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// Everything that names this person.
    Cadre(i64),
    /// Everything about this unit itself.
    Unit(i64),
}

/// Keeps an account out of everything about somebody or something, until it ends.
pub async fn recuse(tx: &Tx, account_id: i64, about: About, now: Millis) -> Result<(), DbErr> {
    let (cadre_id, unit_id) = match about {
        About::Cadre(id) => (Some(id), None),
        About::Unit(id) => (None, Some(id)),
    };
    let sql = "INSERT INTO recusals (account_id, cadre_id, unit_id, declared_at) VALUES ($1, $2, $3, $4)";
    exec(&**tx, sql, values![account_id, cadre_id, unit_id, now]).await?;
    rows::keep(tx, &rows::RECUSALS, account_id, now).await?;
    enqueue_settle(tx, now).await
}

/// Every standing recusal: who stays out of what.
pub async fn recusals(c: &impl ConnectionTrait) -> Result<Vec<(i64, About)>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        account_id: i64,
        cadre_id: Option<i64>,
        unit_id: Option<i64>,
    }
    let sql = "SELECT account_id, cadre_id, unit_id FROM recusals WHERE ended_at IS NULL ORDER BY id";
    let rows: Vec<Row> = all(c, sql, values![]).await?;
    let about = |row: &Row| row.cadre_id.map(About::Cadre).or(row.unit_id.map(About::Unit));
    Ok(rows.iter().filter_map(|row| Some((row.account_id, about(row)?))).collect())
}

/// Accounts that stay out of a matter by one of these recusals.
pub fn standing(recusals: &[(i64, About)], matter: &super::Matter) -> BTreeSet<i64> {
    let fits = |about: &About| match about {
        About::Cadre(id) => matter.named.contains(id),
        About::Unit(id) => matter.unit_id == Some(*id),
    };
    recusals.iter().filter(|(_, about)| fits(about)).map(|(account, _)| *account).collect()
}

/// Ties an account to the person behind it; none unties it, and routing then passes it over.
pub async fn tie(tx: &Tx, account_id: i64, cadre_id: Option<i64>) -> Result<(), DbErr> {
    exec(&**tx, "UPDATE accounts SET cadre_id = $2 WHERE id = $1", values![account_id, cadre_id]).await?;
    rows::keep_undated(tx, &rows::ACCOUNTS, account_id).await?;
    // Due at once, whatever the clock says.
    enqueue_settle(tx, 0).await
}

/// Notes how high a cadre stands.
pub async fn set_rank(tx: &Tx, cadre_id: i64, rank: Rank) -> Result<(), DbErr> {
    exec(&**tx, "UPDATE cadres SET rank = $2 WHERE id = $1", values![cadre_id, rank.code()]).await.map(drop)
}

/// The units in question and of the place, and the people named, by what a report is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Objects {
    /// The unit it is about.
    pub unit_id: Option<i64>,
    /// The unit of the place.
    pub place_unit_id: Option<i64>,
    /// The person.
    pub named: BTreeSet<i64>,
}

/// Reads what a report is about. A published result is held against whoever answered: their unit is the one in
/// question, and whom the answer was about stays out as well.
pub async fn objects(c: &impl ConnectionTrait, object: Object) -> Result<Objects, DbErr> {
    let Object::Publication(id) = object else { return plain(c, object).await };
    let Some(answered) = crate::outcomes::store::answered(c, id).await? else {
        return Ok(Objects::default());
    };
    let about = plain(c, answered.object).await?;
    Ok(Objects {
        unit_id: answered.unit_id,
        place_unit_id: about.unit_id.or(about.place_unit_id),
        named: about.named,
    })
}

async fn plain(c: &impl ConnectionTrait, object: Object) -> Result<Objects, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
    }
    let unit = |sql: &'static str, id: i64| async move {
        Ok::<_, DbErr>(one::<Row>(c, sql, values![id]).await?.map(|row| row.id))
    };
    Ok(match object {
        Object::Unit(id) => Objects { unit_id: Some(id), ..Objects::default() },
        Object::Cadre(id) => Objects { named: [id].into(), ..Objects::default() },
        Object::Power(id) | Object::Step(id, _) => {
            let unit_id = unit("SELECT unit_id AS id FROM powers WHERE id = $1", id).await?;
            Objects { unit_id, ..Objects::default() }
        }
        Object::Place(id) => {
            let sql = "SELECT id FROM units WHERE division_id = $1 ORDER BY path, id LIMIT 1";
            Objects { place_unit_id: unit(sql, id).await?, ..Objects::default() }
        }
        // A law is nobody's own.
        Object::Publication(_) | Object::Basis(_) | Object::Unknown => Objects::default(),
    })
}

/// Whether the registry knows what a report is about, now or from former times.
pub async fn is_known(c: &impl ConnectionTrait, object: Object) -> Result<bool, DbErr> {
    let (table, id) = match object {
        Object::Unit(id) => ("units", id),
        Object::Power(id) | Object::Step(id, _) => ("powers", id),
        Object::Cadre(id) => ("cadres", id),
        Object::Place(id) => ("divisions", id),
        Object::Publication(id) => ("outcomes", id),
        Object::Basis(id) => ("bases", id),
        Object::Unknown => return Ok(true),
    };
    let sql = format!("SELECT COUNT(*) FROM {table} WHERE id = $1");
    Ok(scalar::<i64>(c, &sql, values![id]).await? > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases::testing::*;

    #[tokio::test]
    async fn the_world_is_what_stands_at_this_moment() {
        for County { test, .. } in counties().await {
            let tx = test.db.write().await.unwrap();
            let before = world(&*tx).await.unwrap();
            assert_eq!(before.units[&LIUHE].path, "/1/2/3/");
            assert_eq!(before.units[&LIUHE].category, Some(Category::Village));
            assert_eq!(
                before.organs[&ZHEN],
                Organ { parent_id: Some(XIAN), unit_id: Some(TOWNSHIP), watches: vec![(TOWNSHIP, true)] }
            );
            let head = Cadre { units: [LIUHE].into(), rank: Rank::Village };
            assert_eq!(before.cadres[&LIUHE_HEAD], head);
            let of = |role, account_id| Staff {
                account_id,
                organ_id: ZHEN,
                role,
                cadre_id: Some(person(account_id)),
            };
            let staff: Vec<_> = before.staff.iter().filter(|one| one.organ_id == ZHEN).copied().collect();
            let (intake, handler) = (of(Role::Intake, intake(ZHEN)), of(Role::Handler, handler(ZHEN)));
            let (leader, second) = (of(Role::Leader, leader(ZHEN)), of(Role::Handler, second_handler(ZHEN)));
            assert_eq!(staff, [intake, handler, leader, second]);
            assert!(before.relatives.is_empty() && before.superior.key.is_none());
        }
    }

    #[tokio::test]
    async fn whatever_ends_is_gone_from_the_next_look_on() {
        for County { test, .. } in counties().await {
            let tx = test.db.write().await.unwrap();
            declare_relatives(&tx, LIUHE_HEAD, person(handler(ZHEN)), 1).await.unwrap();
            declare_relatives(&tx, person(handler(ZHEN)), LIUHE_HEAD, 2).await.unwrap();
            recuse(&tx, intake(ZHEN), About::Unit(LIUHE), 3).await.unwrap();
            recuse(&tx, intake(ZHEN), About::Cadre(LIUHE_HEAD), 3).await.unwrap();
            tie(&tx, leader(ZHEN), None).await.unwrap();
            let end = "UPDATE appointments SET until = '2026-01' WHERE cadre_id = $1";
            exec(&*tx, end, values![LIUHE_HEAD]).await.unwrap();
            let end = "UPDATE grants SET ended_at = 4 WHERE account_id = $1";
            exec(&*tx, end, values![handler(ZHEN)]).await.unwrap();
            let disable = "UPDATE accounts SET disabled = $2 WHERE id = $1";
            exec(&*tx, disable, values![second_handler(ZHEN), true]).await.unwrap();
            crate::ops::store::set_setting(&tx, CHANNEL, "安江市纪委监委12388").await.unwrap();
            let world = world(&*tx).await.unwrap();
            assert_eq!(world.relatives, [(person(handler(ZHEN)), LIUHE_HEAD)].into());
            assert!(world.cadres[&LIUHE_HEAD].units.is_empty());
            let staff = world.staff.iter().filter(|one| one.organ_id == ZHEN);
            let staff: Vec<_> = staff.map(|one| (one.account_id, one.cadre_id)).collect();
            assert_eq!(staff, [(intake(ZHEN), Some(person(intake(ZHEN)))), (leader(ZHEN), None)]);
            assert_eq!(world.superior.channel, "安江市纪委监委12388");
            let about = [About::Unit(LIUHE), About::Cadre(LIUHE_HEAD)].map(|about| (intake(ZHEN), about));
            assert_eq!(recusals(&*tx).await.unwrap(), about);
        }
    }

    #[tokio::test]
    async fn an_edited_table_takes_the_place_of_the_shipped_one() {
        for County { test, .. } in counties().await {
            let tx = test.db.write().await.unwrap();
            assert_eq!(table(&*tx).await.unwrap(), Table::seed());
            for edited in [Table::seed_with_own_unit(), Table::seed()] {
                set_table(&tx, &edited, None, 1).await.unwrap();
                assert_eq!(table(&*tx).await.unwrap(), edited);
            }
        }
    }

    #[tokio::test]
    async fn a_report_about_a_power_is_about_its_unit() {
        for County { test, .. } in counties().await {
            let tx = test.db.write().await.unwrap();
            let sql = "INSERT INTO powers (id, unit_id, name, disclosed, step_count, risk_count, flags, updated_at) \
                       VALUES (5, $1, '低保初审', $2, 0, 0, '[]', 0)";
            exec(&*tx, sql, values![LIUHE, true]).await.unwrap();
            let sql = "INSERT INTO divisions (id, code, name, level, path, inferred, updated_at) \
                       VALUES (7, '990100000000', '青石镇', 'township', '/7/', $1, 0)";
            exec(&*tx, sql, values![false]).await.unwrap();
            exec(&*tx, "UPDATE units SET division_id = 7 WHERE id = $1", values![TOWNSHIP]).await.unwrap();
            let unit = |id| Objects { unit_id: Some(id), ..Objects::default() };
            for (object, expected) in [
                (Object::Unit(LIUHE), unit(LIUHE)),
                (Object::Power(5), unit(LIUHE)),
                (Object::Step(5, 2), unit(LIUHE)),
                (Object::Power(6), Objects::default()),
                (Object::Cadre(LIUHE_HEAD), Objects { named: [LIUHE_HEAD].into(), ..Objects::default() }),
                (Object::Place(7), Objects { place_unit_id: Some(TOWNSHIP), ..Objects::default() }),
                (Object::Unknown, Objects::default()),
            ] {
                assert_eq!(objects(&*tx, object).await.unwrap(), expected, "{object:?}");
            }
        }
    }
}
