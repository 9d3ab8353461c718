//! What the platform knows of a telephone that wants to rate, and of whom it wants to rate.

use crate::imports::store::PHONE;
use daylight_db::{ConnectionTrait, DbErr, FromQueryResult, Tx, all, exec, one, values};
use daylight_ids::Phone;
use daylight_ratings::{
    ballot::{Post, Subject, SubjectId, Voter},
    indicators::Rank,
};
use daylight_vault::Vault;

/// Whoever has this telephone, as far as the register of cadres knows.
pub async fn voter(c: &impl ConnectionTrait, vault: &Vault, phone: &Phone) -> Result<Vec<Voter>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
    }
    let index = vault.blind(PHONE, phone.canonical()).to_vec();
    let rows: Vec<Row> = all(c, "SELECT id FROM cadres WHERE phone_index = $1", values![index]).await?;
    let mut voters = Vec::new();
    // A telephone that two share is out where either is.
    for Row { id } in rows {
        voters.push(Voter {
            cadre: Some(id),
            posts: posts(c, id).await?,
            relatives: relatives(c, id).await?,
        });
    }
    Ok(voters)
}

/// Whoever is rated.
pub async fn subject(c: &impl ConnectionTrait, id: SubjectId) -> Result<Subject, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        path: String,
    }
    let posts = match id {
        SubjectId::Cadre(cadre) => posts(c, cadre).await?,
        SubjectId::Power(power) => {
            let sql = "SELECT u.path FROM powers p JOIN units u ON u.id = p.unit_id WHERE p.id = $1";
            let row: Option<Row> = one(c, sql, values![power]).await?;
            row.map(|row| Post { unit: row.path, rank: None }).into_iter().collect()
        }
    };
    Ok(Subject { id, posts, holders: Vec::new() })
}

async fn posts(c: &impl ConnectionTrait, cadre: i64) -> Result<Vec<Post>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        path: String,
        rank: String,
    }
    let sql = "SELECT u.path, c.rank FROM appointments a JOIN posts p ON p.id = a.post_id \
               JOIN units u ON u.id = p.unit_id JOIN cadres c ON c.id = a.cadre_id \
               WHERE a.cadre_id = $1 AND a.until IS NULL ORDER BY a.id";
    let rows: Vec<Row> = all(c, sql, values![cadre]).await?;
    // "Other" is also what stands there while nobody said anything.
    let rank = |code: &str| Rank::from_code(code).filter(|rank| *rank != Rank::Other);
    Ok(rows.into_iter().map(|row| Post { rank: rank(&row.rank), unit: row.path }).collect())
}

async fn relatives(c: &impl ConnectionTrait, cadre: i64) -> Result<Vec<i64>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        cadre_id: i64,
        other_id: i64,
    }
    let sql = "SELECT cadre_id, other_id FROM relatives \
               WHERE (cadre_id = $1 OR other_id = $1) AND ended_at IS NULL";
    let rows: Vec<Row> = all(c, sql, values![cadre]).await?;
    Ok(rows.into_iter().map(|row| if row.cadre_id == cadre { row.other_id } else { row.cadre_id }).collect())
}

/// Fills the index of telephones that were kept before there was one.
pub async fn index_phones(tx: &Tx, vault: &Vault) -> Result<(), DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        phone_sealed: Vec<u8>,
    }
    let sql = "SELECT id, phone_sealed FROM cadres WHERE phone_sealed IS NOT NULL AND phone_index IS NULL";
    let rows: Vec<Row> = all(&**tx, sql, values![]).await?;
    for row in rows {
        let place = crate::ops::store::PHONE.place(row.id);
        let opened =
            vault.unseal(&place, &row.phone_sealed).map_err(|error| DbErr::Custom(error.to_string()))?;
        let phone = opened.as_str().map_err(|error| DbErr::Custom(error.to_string()))?;
        let index = vault.blind(PHONE, phone).to_vec();
        exec(&**tx, "UPDATE cadres SET phone_index = $2 WHERE id = $1", values![row.id, index]).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases::{
        routing,
        testing::{County, LIUHE, LIUHE_HEAD, NOW, SHITAN, TOWNSHIP, cadre, counties},
    };
    use daylight_ratings::ballot::{Ineligible, eligible};

    const COLLEAGUE: i64 = 302;
    const RELATIVE: i64 = 303;
    const NEIGHBOUR: i64 = 304;
    const TOWNSHIP_CLERK: i64 = 305;

    fn phone_of(cadre: i64) -> Phone {
        Phone::parse(&format!("13900000{cadre}")).unwrap()
    }

    async fn give(tx: &Tx, vault: &Vault, cadre: i64, phone: &Phone) {
        let sealed = vault.seal(&crate::ops::store::PHONE.place(cadre), phone.canonical().as_bytes());
        let index = vault.blind(PHONE, phone.canonical());
        crate::cadres::store::seal(tx, cadre, None, Some((sealed, index))).await.unwrap();
    }

    async fn may(county: &County, phone: &Phone) -> Result<(), Ineligible> {
        let c = county.test.db.read();
        let head = subject(c, SubjectId::Cadre(LIUHE_HEAD)).await.unwrap();
        let voters = voter(c, &county.vault, phone).await.unwrap();
        voters.iter().try_for_each(|voter| eligible(voter, &head))
    }

    #[tokio::test]
    async fn the_register_tells_whom_a_telephone_may_not_rate() {
        for county in counties().await {
            let tx = county.test.db.write().await.unwrap();
            let others =
                [(COLLEAGUE, LIUHE), (RELATIVE, SHITAN), (NEIGHBOUR, SHITAN), (TOWNSHIP_CLERK, TOWNSHIP)];
            for (id, unit) in others {
                cadre(&tx, id, unit).await;
            }
            for id in [LIUHE_HEAD, COLLEAGUE, RELATIVE, NEIGHBOUR, TOWNSHIP_CLERK] {
                give(&tx, &county.vault, id, &phone_of(id)).await;
            }
            routing::store::declare_relatives(&tx, RELATIVE, LIUHE_HEAD, NOW).await.unwrap();
            tx.commit().await.unwrap();

            assert_eq!(may(&county, &phone_of(LIUHE_HEAD)).await, Err(Ineligible::Own));
            assert_eq!(may(&county, &phone_of(COLLEAGUE)).await, Err(Ineligible::Below));
            assert_eq!(may(&county, &phone_of(RELATIVE)).await, Err(Ineligible::Relative));
            assert_eq!(may(&county, &phone_of(NEIGHBOUR)).await, Ok(()));
            assert_eq!(may(&county, &phone_of(TOWNSHIP_CLERK)).await, Ok(()));
            assert_eq!(may(&county, &phone_of(999)).await, Ok(()), "a citizen");

            let tx = county.test.db.write().await.unwrap();
            // The relative's telephone is the neighbour's too.
            give(&tx, &county.vault, NEIGHBOUR, &phone_of(RELATIVE)).await;
            exec(&*tx, "UPDATE appointments SET until = '2026-01' WHERE cadre_id = $1", values![COLLEAGUE])
                .await
                .unwrap();
            tx.commit().await.unwrap();
            assert_eq!(may(&county, &phone_of(RELATIVE)).await, Err(Ineligible::Relative));
            assert_eq!(may(&county, &phone_of(COLLEAGUE)).await, Ok(()), "left the village");
            let sql = "UPDATE relatives SET ended_at = $1";
            exec(county.test.db.writer(), sql, values![NOW]).await.unwrap();
            assert_eq!(may(&county, &phone_of(RELATIVE)).await, Ok(()), "the declaration ended");
        }
    }
}
