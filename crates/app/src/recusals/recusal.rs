//! Who declares whose recusals and relatives, and who ends them.

use crate::authz::{Actor, Role};

/// Somebody who serves in organs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The account.
    pub account_id: i64,
    /// The name.
    pub name: String,
    /// The person behind it; none while nobody tied it.
    pub cadre_id: Option<i64>,
    /// Paths of the organs in which they serve: "/1/4/".
    pub organs: Vec<String>,
}

/// Whether somebody leads an organ in which a member serves, or one above it. `path` gives an organ's path.
pub fn leads(actor: &Actor, member: &Member, path: impl Fn(i64) -> Option<String>) -> bool {
    let leading = actor.grants.iter().filter(|grant| grant.role == Role::Leader);
    let mut paths = leading.filter_map(|grant| path(grant.organ_id?));
    paths.any(|above| member.organs.iter().any(|organ| organ.starts_with(&above)))
}

/// May somebody declare this for a member? For oneself always; for others who leads them.
pub fn may_declare(actor: &Actor, member: &Member, leads: bool) -> bool {
    actor.account_id == member.account_id || leads
}

/// May somebody end what was declared for a member? Who leads them, and never the member: whoever is out cannot let
/// themselves in again.
pub fn may_end(actor: &Actor, member: &Member, leads: bool) -> bool {
    actor.account_id != member.account_id && leads
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authz::Grant;

    fn actor(account_id: i64, role: Role, organ: i64) -> Actor {
        let grants = vec![Grant { role, organ_id: Some(organ), places: Vec::new() }];
        Actor { account_id, session_id: 1, name: String::new(), grants }
    }

    #[test]
    fn a_leader_keeps_the_book_of_those_below_and_nobody_ends_their_own() {
        let path = |id: i64| [(1, "/1/"), (2, "/1/2/"), (3, "/1/3/")].iter().find(|(one, _)| *one == id);
        let path = |id: i64| path(id).map(|(_, path)| (*path).to_owned());
        let member = |account_id| Member {
            account_id,
            name: String::new(),
            cadre_id: None,
            organs: vec!["/1/2/".into()],
        };
        for (who, declares, ends) in [
            (actor(7, Role::Handler, 2), true, false),
            (actor(7, Role::Leader, 2), true, false),
            (actor(8, Role::Leader, 2), true, true),
            (actor(9, Role::Leader, 1), true, true),
            (actor(8, Role::Leader, 3), false, false),
            (actor(8, Role::Handler, 2), false, false),
            (actor(8, Role::Intake, 1), false, false),
        ] {
            let leads = leads(&who, &member(7), path);
            assert_eq!(may_declare(&who, &member(7), leads), declares, "{who:?}");
            assert_eq!(may_end(&who, &member(7), leads), ends, "{who:?}");
        }
    }
}
