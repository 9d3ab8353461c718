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
