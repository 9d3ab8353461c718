//! Every query on deadline profiles. A version is never changed: a case keeps the one under which it was received.

use super::Profile;
use crate::{audit::rows, clock::Millis};
use daylight_db::{ConnectionTrait, DbErr, FromQueryResult, Tx, all, exec, scalar, scalar_opt, values};

/// A profile as a case names it: "accusation@2".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Code and version.
    pub key: String,
    /// The profile.
    pub profile: Profile,
}

#[derive(FromQueryResult)]
struct Row {
    code: String,
    version: i64,
    content: String,
}

impl Row {
    fn read(&self) -> Result<Kept, DbErr> {
        let profile = serde_json::from_str(&self.content).map_err(|error| DbErr::Json(error.to_string()))?;
        Ok(Kept { key: format!("{}@{}", self.code, self.version), profile })
    }
}

/// Writes the profiles that come with the program, where they are not there yet.
pub async fn seed(tx: &Tx) -> Result<(), DbErr> {
    for profile in Profile::seeds() {
        write(tx, &profile, 1, None, 0).await?;
    }
    Ok(())
}

/// How many of the profiles that came with the program are not as they came: missing, or changed past the program.
pub async fn strange_seeds(c: &impl ConnectionTrait) -> Result<i64, DbErr> {
    let mut strange = 0;
    for profile in Profile::seeds() {
        let content = serde_json::to_string(&profile).map_err(|error| DbErr::Json(error.to_string()))?;
        let sql = "SELECT COUNT(*) FROM deadline_profiles WHERE code = $1 AND version = 1 AND content = $2 \
                   AND made_at = 0 AND made_by IS NULL";
        strange += 1 - scalar::<i64>(c, sql, values![profile.code.as_str(), content]).await?;
    }
    let known = i64::try_from(Profile::seeds().len()).unwrap_or(i64::MAX);
    let there: i64 =
        scalar(c, "SELECT COUNT(*) FROM deadline_profiles WHERE version <= 1", values![]).await?;
    Ok(strange + (there - known).max(0))
}

/// Keeps an edited profile as the next version. What is wrong with it, [`Profile::problems`] says first.
pub async fn add(tx: &Tx, profile: &Profile, by: Option<i64>, now: Millis) -> Result<i64, DbErr> {
    hold(tx).await?;
    let sql = "SELECT COALESCE(MAX(version), 0) FROM deadline_profiles WHERE code = $1";
    let last: i64 = scalar(&**tx, sql, values![profile.code.as_str()]).await?;
    write(tx, profile, last + 1, by, now).await?;
    rows::keep(tx, &rows::PROFILES, 0, now).await?;
    Ok(last + 1)
}

/// Keeps others from adding a version until commit: who decides on one version replaces that one.
pub async fn hold(tx: &Tx) -> Result<(), DbErr> {
    tx.lock("daylight deadline profiles").await
}

/// A version as the history shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// From 1.
    pub version: i64,
    /// The profile.
    pub profile: Profile,
    /// When it was made.
    pub made_at: Millis,
    /// By whom; none came with the program.
    pub made_by: Option<String>,
}

/// Every version of a profile, the newest first.
pub async fn versions(c: &impl ConnectionTrait, code: &str) -> Result<Vec<Version>, DbErr> {
    #[derive(FromQueryResult)]
    struct Made {
        version: i64,
        content: String,
        made_at: i64,
        name: Option<String>,
    }
    let sql = "SELECT p.version, p.content, p.made_at, a.name FROM deadline_profiles p \
               LEFT JOIN accounts a ON a.id = p.made_by WHERE p.code = $1 ORDER BY p.version DESC";
    let rows: Vec<Made> = all(c, sql, values![code]).await?;
    let version = |row: Made| {
        let profile = serde_json::from_str(&row.content).map_err(|error| DbErr::Json(error.to_string()))?;
        Ok(Version { version: row.version, profile, made_at: row.made_at, made_by: row.name })
    };
    rows.into_iter().map(version).collect()
}

async fn write(tx: &Tx, profile: &Profile, version: i64, by: Option<i64>, now: Millis) -> Result<(), DbErr> {
    let content = serde_json::to_string(profile).map_err(|error| DbErr::Json(error.to_string()))?;
    let sql = "INSERT INTO deadline_profiles (code, version, content, made_at, made_by) VALUES ($1, $2, $3, $4, $5) \
               ON CONFLICT (code, version) DO NOTHING";
    exec(&**tx, sql, values![profile.code.as_str(), version, content, now, by]).await.map(drop)
}

/// The newest version of each profile.
pub async fn current(c: &impl ConnectionTrait) -> Result<Vec<Kept>, DbErr> {
    let sql = "SELECT code, version, content FROM deadline_profiles p WHERE version = \
               (SELECT MAX(version) FROM deadline_profiles q WHERE q.code = p.code) ORDER BY code";
    let rows: Vec<Row> = all(c, sql, values![]).await?;
    rows.iter().map(Row::read).collect()
}

/// The profile a case keeps.
pub async fn kept(c: &impl ConnectionTrait, key: &str) -> Result<Option<Profile>, DbErr> {
    let Some((code, version)) =
        key.split_once('@').and_then(|(code, v)| Some((code, v.parse::<i64>().ok()?)))
    else {
        return Ok(None);
    };
    let sql = "SELECT content FROM deadline_profiles WHERE code = $1 AND version = $2";
    let content: Option<String> = scalar_opt(c, sql, values![code, version]).await?;
    content
        .map(|text| serde_json::from_str(&text).map_err(|error| DbErr::Json(error.to_string())))
        .transpose()
}

#[cfg(test)]
mod tests {
    use super::*;
    use daylight_db::testing::engines;

    #[tokio::test]
    async fn an_edited_profile_is_a_new_version_and_old_cases_keep_theirs() {
        for test in engines().await {
            crate::migrations::migrate(&test.db).await.unwrap();
            let shipped = current(test.db.read()).await.unwrap();
            let keys: Vec<_> = shipped.iter().map(|kept| kept.key.as_str()).collect();
            assert_eq!(keys, ["accusation@1", "county@1", "petition@1"]);
            let edited = Profile { pause_most: 5, ..shipped[1].profile.clone() };
            let tx = test.db.write().await.unwrap();
            assert_eq!(add(&tx, &edited, None, 7).await.unwrap(), 2);
            tx.commit().await.unwrap();
            // The next start seeds again and must not take the edit back.
            crate::migrations::migrate(&test.db).await.unwrap();
            assert_eq!(current(test.db.read()).await.unwrap()[1].key, "county@2");
            assert_eq!(kept(test.db.read(), "county@1").await.unwrap(), Some(shipped[1].profile.clone()));
            assert_eq!(kept(test.db.read(), "county@2").await.unwrap(), Some(edited));
            for nothing in ["county@3", "county", "@1", "county@x"] {
                assert_eq!(kept(test.db.read(), nothing).await.unwrap(), None, "{nothing}");
            }
        }
    }
}
