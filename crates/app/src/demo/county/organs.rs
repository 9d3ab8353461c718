//! Who watches whom: the county's commission, its groups in the departments, the townships' commissions.

use super::units::{County, Kind as UnitKind};
use crate::{
    clock::Millis,
    ops,
    organs::{Kind, store},
    units,
};
use daylight_db::{Db, DbErr};
use std::collections::HashMap;

/// The department of a county that is its discipline commission.
const COMMISSION: &str = "纪委监委";
/// Departments that one group looks after.
const TOGETHER: usize = 4;

/// A discipline organ of the demonstration. The organ above stands before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organ {
    /// Full name.
    pub name: String,
    /// What kind it is.
    pub kind: Kind,
    /// Name of the organ above.
    pub above: Option<String>,
    /// Name of the unit it sits in.
    pub unit: String,
    /// Names of the units it watches, each with what is below.
    pub watches: Vec<String>,
}

/// The organs of a county. Nobody watches themselves: the commission's own unit is the prefecture's to
/// watch, a township's commission watches its villages and the county's watches the township.
pub(super) fn of(county: &County, name: &str) -> Vec<Organ> {
    let top = format!("{name}{COMMISSION}");
    let own = |unit: &&super::units::Unit| unit.name != top;
    let heads = county.units.iter().filter(|unit| unit.parent.is_empty()).filter(own);
    let mut organs = vec![Organ {
        name: top.clone(),
        kind: Kind::County,
        above: None,
        unit: top.clone(),
        watches: heads.map(|unit| unit.name.clone()).collect(),
    }];
    let departments = county.units.iter().filter(|unit| unit.kind == UnitKind::Department).filter(own);
    let departments: Vec<_> = departments.collect();
    for group in departments.chunks(TOGETHER) {
        organs.push(Organ {
            name: format!("{top}驻{}纪检监察组", group[0].suffix),
            kind: Kind::Department,
            above: Some(top.clone()),
            unit: group[0].name.clone(),
            watches: group.iter().map(|unit| unit.name.clone()).collect(),
        });
    }
    for township in county.units.iter().filter(|unit| unit.kind == UnitKind::Township) {
        let below = county.units.iter().filter(|unit| unit.parent == township.name);
        organs.push(Organ {
            name: format!("{name}{}纪律检查委员会", township.suffix),
            kind: Kind::Township,
            above: Some(top.clone()),
            unit: township.name.clone(),
            watches: below.map(|unit| unit.name.clone()).collect(),
        });
    }
    organs
}

/// What the numbers of an organ's letters begin with; 派驻 groups send theirs through the commission.
fn sign(organ: &Organ) -> Option<String> {
    let place = if organ.kind == Kind::County { &organ.name } else { &organ.unit };
    let skip = if organ.kind == Kind::County { 0 } else { 3 };
    let first = place.chars().nth(skip)?;
    (organ.kind != Kind::Department).then(|| format!("{first}纪"))
}

/// Registers the organs as the system administrator would. A unit that the import did not take is left out.
pub async fn register(db: &Db, organs: &[Organ], now: Millis) -> Result<(), DbErr> {
    let tx = db.write().await?;
    tx.lock("daylight organs").await?;
    let mut known: HashMap<&str, store::Line> = HashMap::new();
    for organ in organs {
        let content = store::Content {
            name: &organ.name,
            kind: organ.kind,
            parent: organ.above.as_deref().and_then(|above| known.get(above)),
            unit_id: units::store::by_name(&*tx, &organ.unit).await?.map(|unit| unit.id),
            phone: None,
        };
        let id = store::write(&tx, None, &content, now).await?;
        ops::note(&tx, "organ.create", &format!("organ {id}"), &organ.name, now).await?;
        for watched in &organ.watches {
            if let Some(unit) = units::store::by_name(&*tx, watched).await? {
                store::watch(&tx, id, unit.id, true).await?;
            }
        }
        let sign = sign(organ);
        if !known.values().any(|line: &store::Line| line.sign == sign) {
            store::set_sign(&tx, id, sign.as_deref()).await?;
        }
        known.extend(store::get(&*tx, id).await?.map(|line| (organ.name.as_str(), line)));
    }
    tx.commit().await
}
