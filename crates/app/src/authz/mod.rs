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

/// A role within a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The role.
    pub role: Role,
    /// The unit path it covers, with everything below: "/3/"; "/" is the whole instance.
    pub unit_path: String,
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
    /// Create, disable and re-invite accounts.
    ManageAccounts,
    /// Grant and end roles.
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
    if bound_to_place && !fitting.any(|grant| path.starts_with(&grant.unit_path)) {
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
        let grant = |(role, path): &(Role, &str)| Grant { role: *role, unit_path: (*path).to_owned() };
        let grants = grants.iter().map(grant).collect();
        Actor { account_id: 7, session_id: 1, name: "林知远".into(), grants }
    }

    /// The rules in prose, written out a second time: (role, what it may do within its place).
    fn oracle(role: Role) -> &'static [Action] {
        use Action::*;
        match role {
            // Keeps the program running; never sees content in the making, never grants roles.
            Role::SystemAdmin => &[OpenOffice, ManageAccounts, ManageRegistry],
            // Grants roles, nothing else.
            Role::SecurityAdmin => &[OpenOffice, ManageGrants],
            // Reads the trail, nothing else.
            Role::AuditAdmin => &[OpenOffice, ReadAudit],
            // Writes and hands over files.
            Role::Publisher => &[OpenOffice, SeeDrafts, Edit, Import, OpenSealed],
            // Judges what others wrote.
            Role::Reviewer => &[OpenOffice, SeeDrafts, Review, OpenSealed],
            // Their work comes with the reports; until then they only sign in.
            Role::Intake | Role::Handler | Role::Leader => &[OpenOffice],
        }
    }

    #[test]
    fn every_role_place_author_and_action_is_decided_as_the_prose_says() {
        let places = ["/", "/3/", "/3/17/", "/4/", "/31/"];
        let mut allowed = 0;
        for role in Role::ALL {
            for place in places {
                let actor = actor(&[(role, place)]);
                for action in Action::ALL {
                    for target in places {
                        for author in [None, Some(7), Some(8)] {
                            let resource = Resource { unit_path: Some(target.to_owned()), author_id: author };
                            let within = target.starts_with(place) || action == Action::OpenOffice;
                            let own = action == Action::Review && author == Some(7);
                            let expected = oracle(role).contains(&action) && within && !own;
                            let decided = decide(&actor, action, &resource).is_ok();
                            assert_eq!(decided, expected, "{role:?} at {place}: {action:?} on {resource:?}");
                            allowed += usize::from(decided);
                        }
                    }
                }
            }
        }
        assert!(allowed > 0, "an oracle that allows nothing proves nothing");
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
