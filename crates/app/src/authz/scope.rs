//! The same rule as [`super::decide`], said to a list query.

use super::{Action, Actor, Place};

/// The places within which a person may do something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    places: Vec<Place>,
}

impl Scope {
    /// Where this person may do this. Empty when nowhere.
    pub fn of(actor: &Actor, action: Action) -> Scope {
        let fits = |grant: &&super::Grant| action.roles().contains(&grant.role) && action.has_places();
        let fitting = actor.grants.iter().filter(fits);
        Scope { places: fitting.flat_map(|grant| grant.places.clone()).collect() }
    }

    /// Whether it covers a path.
    pub fn covers(&self, path: &str) -> bool {
        self.places.iter().any(|place| place.covers(path))
    }

    /// Whether it covers everything.
    pub fn is_whole(&self) -> bool {
        self.places.contains(&Place::under("/"))
    }

    /// An SQL condition on a path column and the values it binds, numbered from `first`. Fails
    /// closed: an empty scope finds nothing; a row without a path is found by a whole scope only.
    pub fn condition(&self, column: &str, first: usize) -> (String, Vec<daylight_db::Value>) {
        if self.is_whole() {
            return ("1 = 1".to_owned(), Vec::new());
        }
        if self.places.is_empty() {
            return ("1 = 0".to_owned(), Vec::new());
        }
        let test = |at: usize| format!("{column} LIKE ${}", first + at);
        let tests: Vec<_> = (0..self.places.len()).map(test).collect();
        let end = |place: &Place| if place.subtree { "%" } else { "" };
        let bound = self.places.iter().map(|place| format!("{}{}", place.path, end(place)).into()).collect();
        (tests.join(" OR "), bound)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Grant, Resource, Role, decide};
    use super::*;
    use daylight_db::{FromQueryResult, all, values};

    #[derive(FromQueryResult)]
    struct Row {
        path: String,
    }

    /// The list of what a scope finds equals what `decide` allows one by one, on both engines.
    #[tokio::test]
    async fn lists_equal_decisions() {
        let paths = ["/1/", "/1/2/", "/1/2/5/", "/12/", "/3/", "/31/4/"];
        for test in daylight_db::testing::engines().await {
            crate::migrations::migrate(&test.db).await.unwrap();
            let tx = test.db.write().await.unwrap();
            for (id, path) in paths.iter().enumerate() {
                let bound = values![i64::try_from(id).unwrap() + 1, format!("单位{id}"), *path];
                let sql = "INSERT INTO units (id, name, category, path, flags, updated_at) \
                           VALUES ($1, $2, 'village', $3, '[]', 0)";
                daylight_db::exec(&*tx, sql, bound).await.unwrap();
            }
            tx.commit().await.unwrap();
            // With "!": the unit alone.
            let grants = [
                vec![],
                vec!["/"],
                vec!["/1/"],
                vec!["/1/2/", "/3/"],
                vec!["/31/4/", "/12/"],
                vec!["/1/!", "/3/"],
            ];
            for granted in grants {
                for role in Role::ALL {
                    let place = |path: &&str| Place {
                        path: path.trim_end_matches('!').to_owned(),
                        subtree: !path.ends_with('!'),
                    };
                    let grants =
                        vec![Grant { role, organ_id: None, places: granted.iter().map(place).collect() }];
                    let actor = Actor { account_id: 1, session_id: 1, name: String::new(), grants };
                    for action in Action::ALL.into_iter().filter(|action| action.is_bound_to_place()) {
                        let (condition, bound) = Scope::of(&actor, action).condition("path", 1);
                        let sql = format!("SELECT path FROM units WHERE {condition} ORDER BY id");
                        let rows: Vec<Row> = all(test.db.read(), &sql, bound).await.unwrap();
                        let listed: Vec<_> = rows.into_iter().map(|row| row.path).collect();
                        let allowed = paths
                            .iter()
                            .filter(|path| decide(&actor, action, &Resource::of_unit(path)).is_ok());
                        let allowed: Vec<_> = allowed.map(|path| (*path).to_owned()).collect();
                        assert_eq!(listed, allowed, "{role:?} {granted:?} {action:?}");
                    }
                }
            }
        }
    }
}
