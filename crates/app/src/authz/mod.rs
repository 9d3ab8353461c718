//! Who may do what. One pure [`decide`], and one [`Scope`] that says the same to a list query.
//!
//! Default is deny. The three administrators are never the same person and never edit or review
//! content; nobody reviews their own work.

mod role;
mod scope;

pub use role::{Role, exclusive};
pub use scope::Scope;

/// A signed-in member of staff.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The account.
    pub account_id: i64,
    /// The session by which they act.
    pub session_id: i64,
    /// Their name, for pages and the audit trail.
    pub name: String,
    /// What they were granted.
    pub grants: Vec<Grant>,
}

/// A role within places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The role.
    pub role: Role,
    /// Where it holds: one place for a role of a unit or of the whole instance; what the organ watches for
    /// a role of an organ, which may be nothing yet.
    pub places: Vec<Place>,
}

/// A unit, alone or with everything below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The unit's path: "/3/"; "/" is the whole instance.
    pub path: String,
    /// With everything below.
    pub subtree: bool,
}

impl Place {
    /// A unit and everything below it; "/" is the whole instance.
    pub fn under(path: impl Into<String>) -> Place {
        Place { path: path.into(), subtree: true }
    }

    /// Whether a path lies in it.
    pub fn covers(&self, path: &str) -> bool {
        if self.subtree { path.starts_with(&self.path) } else { path == self.path }
    }
}

/// Something a member of staff may want to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// See one's own start page, devices, password.
    OpenOffice,
    /// See drafts and flagged items.
    SeeDrafts,
    /// Write drafts and submit them.
    Edit,
    /// Publish or return what another person wrote.
    Review,
    /// Take over files of the whole county.
    Import,
    /// Open a sealed citizen id or telephone.
    OpenSealed,
    /// Create and disable accounts.
    ManageAccounts,
    /// Grant and end roles, issue new links for accounts.
    ManageGrants,
    /// Load calendars, keep the tree of organs, see how the program runs.
    ManageRegistry,
    /// Read and check the audit trail.
    ReadAudit,
}

impl Action {
    /// All.
    pub const ALL: [Action; 10] = [
        Action::OpenOffice,
        Action::SeeDrafts,
        Action::Edit,
        Action::Review,
        Action::Import,
        Action::OpenSealed,
        Action::ManageAccounts,
        Action::ManageGrants,
        Action::ManageRegistry,
        Action::ReadAudit,
    ];

    /// The roles that may ever do this.
    fn roles(self) -> &'static [Role] {
        match self {
            Action::OpenOffice => &Role::ALL,
            Action::SeeDrafts | Action::OpenSealed => &[Role::Publisher, Role::Reviewer],
            Action::Edit | Action::Import => &[Role::Publisher],
            Action::Review => &[Role::Reviewer],
            Action::ManageAccounts | Action::ManageRegistry => &[Role::SystemAdmin],
            Action::ManageGrants => &[Role::SecurityAdmin],
            Action::ReadAudit => &[Role::AuditAdmin],
        }
    }
}

/// What an action is done to. The default is the instance as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resource {
    /// Path of the unit it belongs to; none is the whole instance, which only a whole grant covers.
    pub unit_path: Option<String>,
    /// Who wrote it.
    pub author_id: Option<i64>,
}

impl Resource {
    /// Something of a unit.
    pub fn of_unit(path: &str) -> Resource {
        Resource { unit_path: Some(path.to_owned()), author_id: None }
    }
}

/// Proof that [`decide`] said yes. Only this module can make one: its field is private.
#[derive(Debug)]
pub struct Permit {
    account_id: i64,
}

impl Permit {
    /// Who may.
    pub fn account_id(&self) -> i64 {
        self.account_id
    }
}

/// Why not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// No role that may ever do this.
    #[error("您的角色不能进行这项操作。")]
    Role,
    /// The role is there, but for other units.
    #[error("这项内容不在您负责的单位范围内。")]
    Place,
    /// Own work.
    #[error("自己写的修改不能自己审核，请交给另一位审核员。")]
    OwnWork,
}

/// May this person do this to that? Pure: every case can be enumerated.
pub fn decide(actor: &Actor, action: Action, resource: &Resource) -> Result<Permit, Denied> {
    let mut fitting = actor.grants.iter().filter(|grant| action.roles().contains(&grant.role)).peekable();
    if fitting.peek().is_none() {
        return Err(Denied::Role);
    }
    let bound_to_place = !matches!(action, Action::OpenOffice);
    let path = resource.unit_path.as_deref().unwrap_or("/");
    if bound_to_place && !fitting.any(|grant| grant.places.iter().any(|place| place.covers(path))) {
        return Err(Denied::Place);
    }
    if action == Action::Review && resource.author_id == Some(actor.account_id) {
        return Err(Denied::OwnWork);
    }
    Ok(Permit { account_id: actor.account_id })
}

/// Whether this person may do this to anything at all: what a route asks before it is entered.
pub fn may_ever(actor: &Actor, action: Action) -> bool {
    actor.grants.iter().any(|grant| action.roles().contains(&grant.role))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn actor(grants: &[(Role, &str)]) -> Actor {
        let grant = |(role, path): &(Role, &str)| Grant { role: *role, places: vec![Place::under(*path)] };
        let grants = grants.iter().map(grant).collect();
        Actor { account_id: 7, session_id: 1, name: "林知远".into(), grants }
    }

    /// Where the things lie that somebody with a role for unit 3 meets: unit 3 itself, one below it,
    /// another unit, one whose number begins alike, the whole instance.
    const TARGETS: [&str; 5] = ["/3/", "/3/17/", "/4/", "/31/", "/"];

    /// The rules, cell by cell, as the office would write them on paper. After role and action: what may be
    /// done at each target by who holds the role for unit 3, to others' work and to their own; the same
    /// for who holds the role for the whole instance.
    #[rustfmt::skip]
    const TABLE: [(Role, Action, &str, &str, &str, &str); 80] = {
        use {Action::*, Role::*};
        [
            (SystemAdmin, OpenOffice, "yyyyy", "yyyyy", "yyyyy", "yyyyy"),
            (SystemAdmin, SeeDrafts, "-----", "-----", "-----", "-----"),
            (SystemAdmin, Edit, "-----", "-----", "-----", "-----"),
            (SystemAdmin, Review, "-----", "-----", "-----", "-----"),
            (SystemAdmin, Import, "-----", "-----", "-----", "-----"),
            (SystemAdmin, OpenSealed, "-----", "-----", "-----", "-----"),
            (SystemAdmin, ManageAccounts, "yy---", "yy---", "yyyyy", "yyyyy"),
            (SystemAdmin, ManageGrants, "-----", "-----", "-----", "-----"),
            (SystemAdmin, ManageRegistry, "yy---", "yy---", "yyyyy", "yyyyy"),
            (SystemAdmin, ReadAudit, "-----", "-----", "-----", "-----"),
            (SecurityAdmin, OpenOffice, "yyyyy", "yyyyy", "yyyyy", "yyyyy"),
            (SecurityAdmin, SeeDrafts, "-----", "-----", "-----", "-----"),
            (SecurityAdmin, Edit, "-----", "-----", "-----", "-----"),
            (SecurityAdmin, Review, "-----", "-----", "-----", "-----"),
            (SecurityAdmin, Import, "-----", "-----", "-----", "-----"),
            (SecurityAdmin, OpenSealed, "-----", "-----", "-----", "-----"),
            (SecurityAdmin, ManageAccounts, "-----", "-----", "-----", "-----"),
            (SecurityAdmin, ManageGrants, "yy---", "yy---", "yyyyy", "yyyyy"),
            (SecurityAdmin, ManageRegistry, "-----", "-----", "-----", "-----"),
            (SecurityAdmin, ReadAudit, "-----", "-----", "-----", "-----"),
            (AuditAdmin, OpenOffice, "yyyyy", "yyyyy", "yyyyy", "yyyyy"),
            (AuditAdmin, SeeDrafts, "-----", "-----", "-----", "-----"),
            (AuditAdmin, Edit, "-----", "-----", "-----", "-----"),
            (AuditAdmin, Review, "-----", "-----", "-----", "-----"),
            (AuditAdmin, Import, "-----", "-----", "-----", "-----"),
            (AuditAdmin, OpenSealed, "-----", "-----", "-----", "-----"),
            (AuditAdmin, ManageAccounts, "-----", "-----", "-----", "-----"),
            (AuditAdmin, ManageGrants, "-----", "-----", "-----", "-----"),
            (AuditAdmin, ManageRegistry, "-----", "-----", "-----", "-----"),
            (AuditAdmin, ReadAudit, "yy---", "yy---", "yyyyy", "yyyyy"),
            (Publisher, OpenOffice, "yyyyy", "yyyyy", "yyyyy", "yyyyy"),
            (Publisher, SeeDrafts, "yy---", "yy---", "yyyyy", "yyyyy"),
            (Publisher, Edit, "yy---", "yy---", "yyyyy", "yyyyy"),
            (Publisher, Review, "-----", "-----", "-----", "-----"),
            (Publisher, Import, "yy---", "yy---", "yyyyy", "yyyyy"),
            (Publisher, OpenSealed, "yy---", "yy---", "yyyyy", "yyyyy"),
            (Publisher, ManageAccounts, "-----", "-----", "-----", "-----"),
            (Publisher, ManageGrants, "-----", "-----", "-----", "-----"),
            (Publisher, ManageRegistry, "-----", "-----", "-----", "-----"),
            (Publisher, ReadAudit, "-----", "-----", "-----", "-----"),
            (Reviewer, OpenOffice, "yyyyy", "yyyyy", "yyyyy", "yyyyy"),
            (Reviewer, SeeDrafts, "yy---", "yy---", "yyyyy", "yyyyy"),
            (Reviewer, Edit, "-----", "-----", "-----", "-----"),
            (Reviewer, Review, "yy---", "-----", "yyyyy", "-----"),
            (Reviewer, Import, "-----", "-----", "-----", "-----"),
            (Reviewer, OpenSealed, "yy---", "yy---", "yyyyy", "yyyyy"),
            (Reviewer, ManageAccounts, "-----", "-----", "-----", "-----"),
            (Reviewer, ManageGrants, "-----", "-----", "-----", "-----"),
            (Reviewer, ManageRegistry, "-----", "-----", "-----", "-----"),
            (Reviewer, ReadAudit, "-----", "-----", "-----", "-----"),
            (Intake, OpenOffice, "yyyyy", "yyyyy", "yyyyy", "yyyyy"),
            (Intake, SeeDrafts, "-----", "-----", "-----", "-----"),
            (Intake, Edit, "-----", "-----", "-----", "-----"),
            (Intake, Review, "-----", "-----", "-----", "-----"),
            (Intake, Import, "-----", "-----", "-----", "-----"),
            (Intake, OpenSealed, "-----", "-----", "-----", "-----"),
            (Intake, ManageAccounts, "-----", "-----", "-----", "-----"),
            (Intake, ManageGrants, "-----", "-----", "-----", "-----"),
            (Intake, ManageRegistry, "-----", "-----", "-----", "-----"),
            (Intake, ReadAudit, "-----", "-----", "-----", "-----"),
            (Handler, OpenOffice, "yyyyy", "yyyyy", "yyyyy", "yyyyy"),
            (Handler, SeeDrafts, "-----", "-----", "-----", "-----"),
            (Handler, Edit, "-----", "-----", "-----", "-----"),
            (Handler, Review, "-----", "-----", "-----", "-----"),
            (Handler, Import, "-----", "-----", "-----", "-----"),
            (Handler, OpenSealed, "-----", "-----", "-----", "-----"),
            (Handler, ManageAccounts, "-----", "-----", "-----", "-----"),
            (Handler, ManageGrants, "-----", "-----", "-----", "-----"),
            (Handler, ManageRegistry, "-----", "-----", "-----", "-----"),
            (Handler, ReadAudit, "-----", "-----", "-----", "-----"),
            (Leader, OpenOffice, "yyyyy", "yyyyy", "yyyyy", "yyyyy"),
            (Leader, SeeDrafts, "-----", "-----", "-----", "-----"),
            (Leader, Edit, "-----", "-----", "-----", "-----"),
            (Leader, Review, "-----", "-----", "-----", "-----"),
            (Leader, Import, "-----", "-----", "-----", "-----"),
            (Leader, OpenSealed, "-----", "-----", "-----", "-----"),
            (Leader, ManageAccounts, "-----", "-----", "-----", "-----"),
            (Leader, ManageGrants, "-----", "-----", "-----", "-----"),
            (Leader, ManageRegistry, "-----", "-----", "-----", "-----"),
            (Leader, ReadAudit, "-----", "-----", "-----", "-----"),
        ]
    };

    #[test]
    fn every_role_place_author_and_action_is_decided_as_the_table_says() {
        let mut seen = Vec::new();
        for (role, action, part, part_own, whole, whole_own) in TABLE {
            seen.push((role, action));
            for (place, author, cells) in [
                ("/3/", None, part),
                ("/3/", Some(8), part),
                ("/3/", Some(7), part_own),
                ("/", None, whole),
                ("/", Some(8), whole),
                ("/", Some(7), whole_own),
            ] {
                let actor = actor(&[(role, place)]);
                for (target, cell) in TARGETS.iter().zip(cells.chars()) {
                    let resource = Resource { unit_path: Some((*target).to_owned()), author_id: author };
                    let decided = decide(&actor, action, &resource).is_ok();
                    assert_eq!(decided, cell == 'y', "{role:?} at {place}: {action:?} on {resource:?}");
                }
            }
        }
        for role in Role::ALL {
            for action in Action::ALL {
                assert_eq!(
                    seen.iter().filter(|line| **line == (role, action)).count(),
                    1,
                    "{role:?} {action:?}"
                );
            }
        }
    }

    #[test]
    fn a_place_without_its_subtree_is_one_unit_and_no_place_is_nowhere() {
        let alone = Place { path: "/3/".into(), subtree: false };
        let mut publisher = actor(&[]);
        publisher.grants = vec![Grant { role: Role::Publisher, places: vec![alone] }];
        assert!(decide(&publisher, Action::Edit, &Resource::of_unit("/3/")).is_ok());
        assert!(decide(&publisher, Action::Edit, &Resource::of_unit("/3/17/")).is_err());
        publisher.grants[0].places.clear();
        for target in TARGETS {
            assert!(decide(&publisher, Action::Edit, &Resource::of_unit(target)).is_err(), "{target}");
        }
        assert!(decide(&publisher, Action::OpenOffice, &Resource::default()).is_ok());
    }

    #[test]
    fn nobody_without_grants_may_do_anything() {
        for action in Action::ALL {
            assert_eq!(decide(&actor(&[]), action, &Resource::default()).unwrap_err(), Denied::Role);
        }
    }

    #[test]
    fn a_unit_whose_number_begins_alike_is_another_unit() {
        let publisher = actor(&[(Role::Publisher, "/3/")]);
        assert!(decide(&publisher, Action::Edit, &Resource::of_unit("/3/17/")).is_ok());
        assert_eq!(decide(&publisher, Action::Edit, &Resource::of_unit("/31/")).unwrap_err(), Denied::Place);
    }

    #[test]
    fn the_whole_instance_needs_a_whole_grant() {
        let whole = Resource::default();
        assert!(decide(&actor(&[(Role::Publisher, "/")]), Action::Import, &whole).is_ok());
        assert!(decide(&actor(&[(Role::Publisher, "/3/")]), Action::Import, &whole).is_err());
    }
}
