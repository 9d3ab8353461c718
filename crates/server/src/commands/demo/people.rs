//! The people who can sign in to a demonstration. Passwords are drawn anew for each, so that nothing
//! printed in a document ever opens anything.

use crate::{
    installation::Installation,
    outcome::{Outcome, Stop, file_error},
};
use daylight_app::{accounts, authz::Role, cadres, cases::routing, demo::county, organs, units};
use serde::{Deserialize, Serialize};
use std::{
    collections::HashMap,
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

/// Somebody who can sign in, with everything that takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// [`Role::code`].
    pub role: String,
    /// Name on the page.
    pub name: String,
    /// The unit the role is bound to; none for the whole instance.
    pub unit: Option<String>,
    /// What is typed to sign in.
    pub login: String,
    /// As typed.
    pub password: String,
    /// Base32, as authenticator apps take it.
    pub totp_secret: String,
}

impl Account {
    /// As the table shows it.
    pub fn row(&self) -> Vec<String> {
        let role = Role::from_code(&self.role).map_or("", Role::page);
        let unit = self.unit.as_deref().unwrap_or("全县");
        [role, &self.name, unit, &self.login, &self.password, &self.totp_secret].map(str::to_owned).to_vec()
    }
}

fn file(data: &Path) -> PathBuf {
    data.join("demo-accounts.json")
}

/// The accounts of an earlier start, if it came so far.
pub fn read(data: &Path) -> Outcome<Option<Vec<Account>>> {
    let path = file(data);
    match std::fs::read(&path) {
        Ok(text) => {
            let accounts = serde_json::from_slice(&text);
            accounts
                .map(Some)
                .map_err(|_| Stop::failed(format!("{} 无法识别。请换一个 --data。", path.display())))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(file_error(&path, &error)),
    }
}

/// Makes the accounts, sealed and hashed as everybody's, and writes what opens them beside.
pub async fn create(installation: &Installation, data: &Path) -> Outcome<Vec<Account>> {
    let Installation { db, vault, clock, .. } = installation;
    let now = clock.now();
    let drawn: Vec<_> = county::accounts().into_iter().map(|person| (person, password(), secret())).collect();
    // 20 ms of one core each, all at once off the runtime's threads.
    let hashing = drawn.iter().map(|(_, password, _)| {
        let password = password.clone();
        tokio::task::spawn_blocking(move || accounts::hash_password(&password))
    });
    let hashing: Vec<_> = hashing.collect();
    let mut made = Vec::new();
    let tx = db.write().await?;
    let organs = organs::store::list(&*tx).await?;
    let mut clear = HashMap::new();
    for organ in &organs {
        if let Some(unit_id) = organ.unit_id {
            // The last in the unit's own order come first: heads do not do the desk work of an organ.
            clear.insert(organ.id, cadres::store::of_unit(&*tx, unit_id).await?);
        }
    }
    let organs: HashMap<_, _> = organs.into_iter().map(|organ| (organ.name, organ.id)).collect();
    for ((person, password, secret), hashing) in drawn.into_iter().zip(hashing) {
        let failed = || Stop::failed("演示账号的密码无法生成。");
        let hash = hashing.await.map_err(|_| failed())?.map_err(|_| failed())?;
        let role = Role::from_code(person.role_code).ok_or_else(failed)?;
        let (unit_id, organ_id) = match person.unit {
            Some(organ) if role.is_of_organ() => (None, organs.get(organ).copied()),
            Some(unit) => (units::store::by_name(&*tx, unit).await?.map(|unit| unit.id), None),
            None => (None, None),
        };
        // A role that should be bound must never become one over the whole county.
        if person.unit.is_some() && unit_id.is_none() && organ_id.is_none() {
            return Err(Stop::failed(format!("演示数据里没有单位“{}”。", person.unit.unwrap_or_default())));
        }
        // Routing passes over an account of which nobody knows whose it is: each is a cadre of the organ's unit,
        // and where a small county has too few, the organ has one handler less.
        let cadre = organ_id.and_then(|organ| clear.get_mut(&organ)?.pop());
        if organ_id.is_some() && cadre.is_none() {
            continue;
        }
        let name = cadre.as_ref().map_or(person.name, |cadre| cadre.name.as_str());
        let id = accounts::store::create(&tx, person.login, name, now).await?;
        if let Some(cadre) = &cadre {
            routing::store::tie(&tx, id, Some(cadre.id)).await?;
        }
        accounts::store::grant(&tx, id, role, unit_id, organ_id, None, now).await?;
        let sealed = vault.seal(&accounts::store::totp_place(id), &secret);
        accounts::store::set_credentials(&tx, id, &hash, sealed, now).await?;
        made.push(Account {
            role: person.role_code.to_owned(),
            name: name.to_owned(),
            unit: person.unit.map(str::to_owned),
            login: person.login.to_owned(),
            password,
            totp_secret: data_encoding::BASE32_NOPAD.encode(&secret),
        });
    }
    tx.commit().await?;
    let path = file(data);
    let text = serde_json::to_vec_pretty(&made).expect("plain data serializes");
    let write = || {
        let mut file =
            std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&path)?;
        file.write_all(&text)?;
        file.sync_all()
    };
    write().map_err(|error: std::io::Error| file_error(&path, &error))?;
    Ok(made)
}

fn secret() -> [u8; 20] {
    let mut bytes = [0; 20];
    getrandom::fill(&mut bytes).expect("the system's random numbers");
    bytes
}

/// 80 bits in letters that nobody mistakes for digits: "kd7m-w2qa-x9fe-r4tn".
fn password() -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).expect("the system's random numbers");
    let letters = bytes.map(|byte| char::from(LETTERS[usize::from(byte % 32)]));
    letters.chunks(4).map(|four| four.iter().collect()).collect::<Vec<String>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drawn_passwords_would_be_taken_from_anybody_and_are_never_the_same() {
        let (one, other) = (password(), password());
        assert_ne!(one, other);
        for person in county::accounts() {
            assert_eq!(accounts::weak_password(&one, person.login), None, "{one}");
        }
    }
}
