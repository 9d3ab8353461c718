//! A discipline organ with people to whom reports can go.

use crate::world::{NOW, World, handover};
use daylight_app::{accounts, authz::Role, cases::routing, organs, units};
use daylight_db::{Tx, exec, scalar, values};

impl World {
    /// The county of the hand-over with its county organ, which sits in a unit of its own, watches all others, and
    /// has one person in each role. Returns the account of the intake.
    pub async fn with_county_organ(&self) -> i64 {
        self.import(&[handover()]).await;
        let tx = self.app.db.write().await.unwrap();
        let watched = units::store::list(&*tx, &Default::default(), 10_000, 0).await.unwrap();
        let sql = "INSERT INTO units (name, category, path, flags, updated_at) \
                   VALUES ('安澜县纪委监委机关', 'leading', '', '[]', 0) RETURNING id";
        let unit_id: i64 = scalar(&*tx, sql, values![]).await.unwrap();
        let path = values![unit_id, format!("/{unit_id}/")];
        exec(&*tx, "UPDATE units SET path = $2 WHERE id = $1", path).await.unwrap();
        let content = organs::store::Content {
            name: "安澜县纪委监委",
            kind: organs::Kind::County,
            parent: None,
            unit_id: Some(unit_id),
            phone: Some("12388"),
        };
        let organ_id = organs::store::write(&tx, None, &content, NOW).await.unwrap();
        for unit in watched {
            organs::store::watch(&tx, organ_id, unit.id, true).await.unwrap();
        }
        let intake = colleague(&tx, organ_id, unit_id, Role::Intake).await;
        colleague(&tx, organ_id, unit_id, Role::Handler).await;
        colleague(&tx, organ_id, unit_id, Role::Leader).await;
        tx.commit().await.unwrap();
        intake
    }
}

async fn colleague(tx: &Tx, organ_id: i64, unit_id: i64, role: Role) -> i64 {
    let account_id = accounts::store::create(tx, role.code(), role.page(), NOW).await.unwrap();
    accounts::store::grant(tx, account_id, role, None, Some(organ_id), None, NOW).await.unwrap();
    let sql = "INSERT INTO cadres (name, flags, updated_at) VALUES ($1, '[]', 0) RETURNING id";
    let cadre_id: i64 = scalar(&**tx, sql, values![format!("纪委{}", role.page())]).await.unwrap();
    let sql = "INSERT INTO posts (unit_id, title) VALUES ($1, $2) RETURNING id";
    let post_id: i64 = scalar(&**tx, sql, values![unit_id, role.page()]).await.unwrap();
    let sql = "INSERT INTO appointments (cadre_id, post_id) VALUES ($1, $2)";
    exec(&**tx, sql, values![cadre_id, post_id]).await.unwrap();
    routing::store::tie(tx, account_id, Some(cadre_id)).await.unwrap();
    account_id
}
