//! What invented reports are about.

use crate::{cadres, cases::store::StoreError, powers, units};
use daylight_db::{DbErr, Tx};

/// Units by whose organ watches them.
pub(super) struct Places {
    /// Below the township of the demonstration's township organ.
    pub(super) villages: Vec<i64>,
    /// Of the county organ.
    pub(super) others: Vec<i64>,
}

impl Places {
    pub(super) async fn of(tx: &Tx) -> Result<Places, StoreError> {
        let township = units::store::by_name(&**tx, super::super::county::TOWNSHIP).await?;
        let filter = units::store::Filter::default();
        let lines = units::store::list(&**tx, &filter, 2_000, 0).await?;
        let below = |line: &&units::store::Line| {
            township.as_ref().is_some_and(|town| line.path.starts_with(&town.path) && line.id != town.id)
        };
        let departments = |line: &&units::store::Line| {
            matches!(line.category.as_str(), "department" | "township") && !line.name.contains("纪委")
        };
        Ok(Places {
            villages: lines.iter().filter(below).map(|line| line.id).collect(),
            others: lines.iter().filter(departments).map(|line| line.id).collect(),
        })
    }

    /// A unit of the county organ that shows a power and a cadre, with both: the last of the cadres, who heads nothing.
    pub(super) async fn desk(&self, tx: &Tx) -> Result<Option<(i64, i64)>, DbErr> {
        for unit in &self.others {
            let filter = powers::store::Filter { unit_id: Some(*unit), ..Default::default() };
            let power = powers::store::list(&**tx, &filter, 1, 0).await?.pop();
            let cadre = cadres::store::of_unit(&**tx, *unit).await?.pop();
            if let (Some(power), Some(cadre)) = (power, cadre) {
                return Ok(Some((power.id, cadre.id)));
            }
        }
        Ok(None)
    }
}
