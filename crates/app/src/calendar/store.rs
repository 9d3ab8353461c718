//! Every query on the working-day calendar.

use super::{Calendar, Day, Kind, Loaded};
use crate::{
    audit::rows,
    clock::{Millis, parse_date},
};
use daylight_db::{ConnectionTrait, DbErr, FromQueryResult, Tx, all, exec, insert_many, values};
use std::collections::BTreeMap;

/// The shipped years, with those an administrator loaded in their place.
pub async fn calendar(c: &impl ConnectionTrait) -> Result<Calendar, DbErr> {
    #[derive(FromQueryResult)]
    struct Year {
        year: i64,
        source: String,
    }
    #[derive(FromQueryResult)]
    struct Row {
        date: String,
        kind: String,
        name: String,
    }
    let mut calendar = Calendar::shipped();
    let years: Vec<Year> = all(c, "SELECT year, source FROM calendar_years ORDER BY year", values![]).await?;
    for year in years {
        let sql = "SELECT date, kind, name FROM calendar_days WHERE date LIKE $1";
        let rows: Vec<Row> = all(c, sql, values![format!("{}-%", year.year)]).await?;
        let day = |row: Row| {
            Some((parse_date(&row.date)?, Day { kind: Kind::from_code(&row.kind)?, name: row.name }))
        };
        let days: BTreeMap<_, _> = rows.into_iter().filter_map(day).collect();
        let number = i32::try_from(year.year).unwrap_or_default();
        calendar.load(Loaded { year: number, source: year.source, days });
    }
    Ok(calendar)
}

/// Keeps a year, in place of what was there.
pub async fn load(tx: &Tx, loaded: &Loaded, now: Millis) -> Result<(), DbErr> {
    let year = i64::from(loaded.year);
    exec(&**tx, "DELETE FROM calendar_days WHERE date LIKE $1", values![format!("{year}-%")]).await?;
    let row =
        |(date, day): (&time::Date, &Day)| values![date.to_string(), day.kind.code(), day.name.as_str()];
    let rows = loaded.days.iter().map(row).collect();
    insert_many(&**tx, "calendar_days", &["date", "kind", "name"], rows).await?;
    let sql = "INSERT INTO calendar_years (year, source, loaded_at) VALUES ($1, $2, $3) \
               ON CONFLICT (year) DO UPDATE SET source = excluded.source, loaded_at = excluded.loaded_at";
    exec(&**tx, sql, values![year, loaded.source.as_str(), now]).await?;
    rows::keep(tx, &rows::DAYS, 0, now).await?;
    rows::keep(tx, &rows::YEARS, year, now).await
}
