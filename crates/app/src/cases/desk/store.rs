//! Every query of the staff's pages that is not on a case's own record: the names of what it is about and of whom.

use daylight_db::{ConnectionTrait, DbErr, FromQueryResult, Value, all, values};
use std::collections::BTreeMap;

/// What a report is about, and how its reporter stepped forward: never who they are.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct About {
    /// The case.
    pub id: i64,
    /// "anonymous", "phone", "real_name" or "hotline".
    pub level: String,
    /// Through which door: "citizen" or "hotline".
    pub origin: String,
    object_kind: String,
    object_id: Option<i64>,
    object_step: Option<i64>,
    label: Option<String>,
    unit: Option<String>,
}

impl About {
    /// As whom the reporter spoke.
    pub fn level_page(&self) -> &'static str {
        match self.level.as_str() {
            _ if self.is_from_hotline() => "12345转来",
            "phone" => "手机验证",
            "real_name" => "实名",
            _ => "匿名",
        }
    }

    /// Whether a hotline took it down: its caller has neither number nor code.
    pub fn is_from_hotline(&self) -> bool {
        self.origin == "hotline"
    }

    /// What it is about, in a few words.
    pub fn page(&self) -> String {
        let label = || self.label.clone().unwrap_or_else(|| "已不在名册中的对象".to_owned());
        match (self.object_kind.as_str(), &self.unit, self.object_step) {
            ("unknown", ..) => "对象不明".to_owned(),
            ("power", Some(unit), _) => format!("{unit}：{}", label()),
            ("step", Some(unit), Some(step)) => format!("{unit}：{}（第{step}个环节）", label()),
            ("cadre", Some(unit), _) => format!("{}（{unit}）", label()),
            ("publication", ..) => format!("公布的结果：{}", label()),
            ("basis", ..) => format!("《{}》", label()),
            _ => label(),
        }
    }

    /// Where it can be looked at.
    pub fn href(&self) -> Option<String> {
        let id = self.object_id.filter(|_| self.label.is_some())?;
        let folder = match self.object_kind.as_str() {
            "unit" => "units",
            "power" | "step" => "powers",
            "cadre" => "cadres",
            "place" => "divisions",
            "publication" => "outcomes",
            "basis" => "bases",
            _ => return None,
        };
        Some(format!("/{folder}/{id}"))
    }
}

/// What these cases are about. Callers hand in only cases that the viewer may see.
pub async fn about(c: &impl ConnectionTrait, ids: &[i64]) -> Result<BTreeMap<i64, About>, DbErr> {
    let Some((numbers, bound)) = numbered(ids) else { return Ok(BTreeMap::new()) };
    let sql = format!(
        "SELECT r.id, r.level, r.origin, r.object_kind, r.object_id, r.object_step, \
         COALESCE(u.name, p.name, c.name, d.name, x.place, b.title) AS label, COALESCE(pu.name, cu.name) AS unit FROM reports r \
         LEFT JOIN units u ON r.object_kind = 'unit' AND u.id = r.object_id \
         LEFT JOIN powers p ON r.object_kind IN ('power', 'step') AND p.id = r.object_id \
         LEFT JOIN units pu ON pu.id = p.unit_id \
         LEFT JOIN cadres c ON r.object_kind = 'cadre' AND c.id = r.object_id \
         LEFT JOIN units cu ON cu.id = (SELECT MIN(q.unit_id) FROM appointments a JOIN posts q ON q.id = a.post_id \
         WHERE a.cadre_id = c.id AND a.until IS NULL) \
         LEFT JOIN divisions d ON r.object_kind = 'place' AND d.id = r.object_id \
         LEFT JOIN outcomes x ON r.object_kind = 'publication' AND x.id = r.object_id \
         LEFT JOIN bases b ON r.object_kind = 'basis' AND b.id = r.object_id WHERE r.id IN ({numbers})"
    );
    let rows: Vec<About> = all(c, &sql, bound).await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

fn numbered(ids: &[i64]) -> Option<(String, Vec<Value>)> {
    let numbers: Vec<_> = (1..=ids.len()).map(|at| format!("${at}")).collect();
    (!ids.is_empty()).then(|| (numbers.join(", "), ids.iter().map(|id| Value::from(*id)).collect()))
}

#[derive(FromQueryResult)]
struct Named {
    id: i64,
    name: String,
}

async fn names(c: &impl ConnectionTrait, table: &str) -> Result<BTreeMap<i64, String>, DbErr> {
    let rows: Vec<Named> = all(c, &format!("SELECT id, name FROM {table}"), values![]).await?;
    Ok(rows.into_iter().map(|row| (row.id, row.name)).collect())
}

/// The names of all accounts: staff, so there are few.
pub async fn account_names(c: &impl ConnectionTrait) -> Result<BTreeMap<i64, String>, DbErr> {
    names(c, "accounts").await
}

/// The names of all organs.
pub async fn organ_names(c: &impl ConnectionTrait) -> Result<BTreeMap<i64, String>, DbErr> {
    names(c, "organs").await
}

/// Somebody who may be named.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Person {
    /// The cadre.
    pub id: i64,
    /// Their name.
    pub name: String,
    /// Unit and post held now; empty when none is.
    pub post: String,
}

const PERSON: &str = "SELECT c.id, c.name, COALESCE(MIN(u.name || q.title), '') AS post FROM cadres c \
     LEFT JOIN appointments a ON a.cadre_id = c.id AND a.until IS NULL \
     LEFT JOIN posts q ON q.id = a.post_id LEFT JOIN units u ON u.id = q.unit_id";

/// People whose name holds these characters, at most so many.
pub async fn people(c: &impl ConnectionTrait, text: &str, limit: i64) -> Result<Vec<Person>, DbErr> {
    let plain: String = text.chars().filter(|c| !matches!(c, '%' | '_' | '\\')).collect();
    if plain.is_empty() {
        return Ok(Vec::new());
    }
    let sql =
        format!("{PERSON} WHERE c.name LIKE $1 GROUP BY c.id, c.name ORDER BY c.name, c.id LIMIT {limit}");
    all(c, &sql, values![format!("%{plain}%")]).await
}

/// These people.
pub async fn people_by_id(c: &impl ConnectionTrait, ids: &[i64]) -> Result<Vec<Person>, DbErr> {
    let Some((numbers, bound)) = numbered(ids) else { return Ok(Vec::new()) };
    all(c, &format!("{PERSON} WHERE c.id IN ({numbers}) GROUP BY c.id, c.name ORDER BY c.id"), bound).await
}
