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
    /// The organ a role of an organ is bound to.
    pub organ_id: Option<i64>,
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
    /// See a case of one's organ; a handler, those given to them.
    SeeCase,
    /// Accept a report or pass it on.
    ReceiveReport,
    /// Give a case to a handler.
    AssignCase,
    /// Look into a case.
    HandleCase,
    /// Approve what the handler found: the reply, more time, opening again.
    ApproveCase,
    /// See who reported, once somebody of another organ has approved it.
    SeeIdentity,
    /// Approve that somebody of another organ sees who reported.
    ApproveIdentity,
    /// See how reports are routed and which deadlines hold.
    SeeRules,
    /// Change them: the leader of the top organ, see [`decide_rules`].
    SetRules,
    /// Declare relatives and recusals; of whom, `recusals` decides.
    KeepRecusals,
    /// See rounds of rating and the questions that are asked.
    SeeRatings,
    /// Write them.
    EditRatings,
    /// Agree to what another person wrote of them.
    ReviewRatings,
}

impl Action {
    /// All.
    pub const ALL: [Action; 23] = [
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
        Action::SeeCase,
        Action::ReceiveReport,
        Action::AssignCase,
        Action::HandleCase,
        Action::ApproveCase,
        Action::SeeIdentity,
        Action::ApproveIdentity,
        Action::SeeRules,
        Action::SetRules,
        Action::KeepRecusals,
        Action::SeeRatings,
        Action::EditRatings,
        Action::ReviewRatings,
    ];

    /// The roles that may ever do this.
    fn roles(self) -> &'static [Role] {
        match self {
            Action::OpenOffice => &Role::ALL,
            Action::SeeDrafts | Action::OpenSealed | Action::SeeRatings => &[Role::Publisher, Role::Reviewer],
            Action::Edit | Action::Import | Action::EditRatings => &[Role::Publisher],
            Action::Review | Action::ReviewRatings => &[Role::Reviewer],
            Action::ManageAccounts | Action::ManageRegistry => &[Role::SystemAdmin],
            Action::ManageGrants => &[Role::SecurityAdmin],
            Action::ReadAudit => &[Role::AuditAdmin],
            Action::SeeCase | Action::KeepRecusals => &[Role::Intake, Role::Handler, Role::Leader],
            Action::SeeRules => &[Role::SystemAdmin, Role::Leader],
            Action::SetRules => &[Role::Leader],
            Action::ReceiveReport => &[Role::Intake],
            Action::HandleCase => &[Role::Handler],
            Action::SeeIdentity => &[Role::Handler, Role::Leader],
            Action::AssignCase | Action::ApproveCase | Action::ApproveIdentity => &[Role::Leader],
        }
    }

    /// Whether it is done unit by unit; the others concern a person's own work or the instance as a whole.
    fn is_bound_to_place(self) -> bool {
        !matches!(self, Action::OpenOffice | Action::SeeRules | Action::KeepRecusals)
    }

    /// Whether places decide it at all: of a case [`decide_case`] is asked, of the rules [`decide_rules`].
    fn has_places(self) -> bool {
        !self.is_of_case() && self != Action::SetRules
    }

    /// Whether it is done to a case: then [`decide_case`] is asked and no unit covers it.
    fn is_of_case(self) -> bool {
        matches!(
            self,
            Action::SeeCase
                | Action::ReceiveReport
                | Action::AssignCase
                | Action::HandleCase
                | Action::ApproveCase
                | Action::SeeIdentity
                | Action::ApproveIdentity
        )
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
    /// In conflict with the case, or without its key: pages answer as if there were no such case.
    #[error("没有找到这件。")]
    Closed,
}

/// May this person do this to that? Pure: every case can be enumerated.
pub fn decide(actor: &Actor, action: Action, resource: &Resource) -> Result<Permit, Denied> {
    let mut fitting = actor.grants.iter().filter(|grant| action.roles().contains(&grant.role)).peekable();
    if fitting.peek().is_none() {
        return Err(Denied::Role);
    }
    if !action.has_places() {
        return Err(Denied::Place);
    }
    let path = resource.unit_path.as_deref().unwrap_or("/");
    if action.is_bound_to_place() && !fitting.any(|grant| grant.places.iter().any(|place| place.covers(path)))
    {
        return Err(Denied::Place);
    }
    if action == Action::Review && resource.author_id == Some(actor.account_id) {
        return Err(Denied::OwnWork);
    }
    Ok(Permit { account_id: actor.account_id })
}

/// What [`decide_case`] must know of a case and of this person's standing to it. There is no default: whatever is
/// not known must be said as a conflict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CaseFacts {
    /// The organ that has it.
    pub organ_id: Option<i64>,
    /// Its handler.
    pub handler_id: Option<i64>,
    /// Whether the person is named, a relative, of that line, recused or unknown (`cases::routing::conflict`).
    pub conflict: bool,
    /// Whether the key of the case is wrapped for the person.
    pub holds_key: bool,
    /// Who approved that the identity is opened, and for which organ; none while nobody has.
    pub second: Option<(i64, i64)>,
}

/// May this person do this to that case? Conflict of interest is asked last and for everything.
pub fn decide_case(actor: &Actor, action: Action, case: &CaseFacts) -> Result<Permit, Denied> {
    if !action.is_of_case() || !may_ever(actor, action) {
        return Err(Denied::Role);
    }
    let elsewhere = action == Action::ApproveIdentity;
    let fits = |grant: &&Grant| {
        let here = grant.organ_id == case.organ_id;
        action.roles().contains(&grant.role)
            && grant.organ_id.is_some()
            && here != elsewhere
            && (grant.role != Role::Handler || case.handler_id == Some(actor.account_id))
    };
    if !actor.grants.iter().any(|grant| fits(&grant)) {
        return Err(Denied::Place);
    }
    if action == Action::SeeIdentity
        && case
            .second
            .is_none_or(|(account, organ)| account == actor.account_id || Some(organ) == case.organ_id)
    {
        return Err(Denied::OwnWork);
    }
    // The second person approves by the reason asked with, without reading the case.
    if case.conflict || !case.holds_key && !elsewhere {
        return Err(Denied::Closed);
    }
    Ok(Permit { account_id: actor.account_id })
}

/// May this person change how reports are routed and which deadlines hold? Only a leader of the organ that has none
/// above it: neither an administrator, nor the leader of an organ that the rules could favour.
pub fn decide_rules(actor: &Actor, top_organ: Option<i64>) -> Result<Permit, Denied> {
    if !may_ever(actor, Action::SetRules) {
        return Err(Denied::Role);
    }
    let leads = |grant: &Grant| {
        Action::SetRules.roles().contains(&grant.role) && top_organ.is_some() && grant.organ_id == top_organ
    };
    if !actor.grants.iter().any(leads) {
        return Err(Denied::Place);
    }
    Ok(Permit { account_id: actor.account_id })
}

/// [`decide_case`] for [`Action::SeeCase`] said to a list query on `cases`: by organ and handler. Keys and conflicts
/// are asked besides. The condition, and the values it binds, numbered from `first`.
pub fn case_condition(actor: &Actor, first: usize) -> (String, Vec<daylight_db::Value>) {
    let (mut tests, mut bound) = (vec!["1 = 0".to_owned()], Vec::new());
    for grant in actor.grants.iter().filter(|grant| Action::SeeCase.roles().contains(&grant.role)) {
        let Some(organ_id) = grant.organ_id else { continue };
        let at = first + bound.len();
        bound.push(organ_id.into());
        if grant.role == Role::Handler {
            bound.push(actor.account_id.into());
            tests.push(format!("organ_id = ${at} AND handler_id = ${}", at + 1));
        } else {
            tests.push(format!("organ_id = ${at}"));
        }
    }
    (tests.join(" OR "), bound)
}

/// Whether this person may do this to anything at all: what a route asks before it is entered.
pub fn may_ever(actor: &Actor, action: Action) -> bool {
    actor.grants.iter().any(|grant| action.roles().contains(&grant.role))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn actor(grants: &[(Role, &str)]) -> Actor {
        let grant = |(role, path): &(Role, &str)| Grant {
            role: *role,
            organ_id: None,
            places: vec![Place::under(*path)],
        };
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
    const TABLE: [(Role, Action, &str, &str, &str, &str); 184] = {
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
            (SystemAdmin, SeeCase, "-----", "-----", "-----", "-----"),
            (SystemAdmin, ReceiveReport, "-----", "-----", "-----", "-----"),
            (SystemAdmin, AssignCase, "-----", "-----", "-----", "-----"),
            (SystemAdmin, HandleCase, "-----", "-----", "-----", "-----"),
            (SystemAdmin, ApproveCase, "-----", "-----", "-----", "-----"),
            (SystemAdmin, SeeIdentity, "-----", "-----", "-----", "-----"),
            (SystemAdmin, ApproveIdentity, "-----", "-----", "-----", "-----"),
            (SystemAdmin, SeeRules, "yyyyy", "yyyyy", "yyyyy", "yyyyy"),
            (SystemAdmin, SetRules, "-----", "-----", "-----", "-----"),
            (SystemAdmin, KeepRecusals, "-----", "-----", "-----", "-----"),
            (SystemAdmin, SeeRatings, "-----", "-----", "-----", "-----"),
            (SystemAdmin, EditRatings, "-----", "-----", "-----", "-----"),
            (SystemAdmin, ReviewRatings, "-----", "-----", "-----", "-----"),
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
            (SecurityAdmin, SeeCase, "-----", "-----", "-----", "-----"),
            (SecurityAdmin, ReceiveReport, "-----", "-----", "-----", "-----"),
            (SecurityAdmin, AssignCase, "-----", "-----", "-----", "-----"),
            (SecurityAdmin, HandleCase, "-----", "-----", "-----", "-----"),
            (SecurityAdmin, ApproveCase, "-----", "-----", "-----", "-----"),
            (SecurityAdmin, SeeIdentity, "-----", "-----", "-----", "-----"),
            (SecurityAdmin, ApproveIdentity, "-----", "-----", "-----", "-----"),
            (SecurityAdmin, SeeRules, "-----", "-----", "-----", "-----"),
            (SecurityAdmin, SetRules, "-----", "-----", "-----", "-----"),
            (SecurityAdmin, KeepRecusals, "-----", "-----", "-----", "-----"),
            (SecurityAdmin, SeeRatings, "-----", "-----", "-----", "-----"),
            (SecurityAdmin, EditRatings, "-----", "-----", "-----", "-----"),
            (SecurityAdmin, ReviewRatings, "-----", "-----", "-----", "-----"),
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
            (AuditAdmin, SeeCase, "-----", "-----", "-----", "-----"),
            (AuditAdmin, ReceiveReport, "-----", "-----", "-----", "-----"),
            (AuditAdmin, AssignCase, "-----", "-----", "-----", "-----"),
            (AuditAdmin, HandleCase, "-----", "-----", "-----", "-----"),
            (AuditAdmin, ApproveCase, "-----", "-----", "-----", "-----"),
            (AuditAdmin, SeeIdentity, "-----", "-----", "-----", "-----"),
            (AuditAdmin, ApproveIdentity, "-----", "-----", "-----", "-----"),
            (AuditAdmin, SeeRules, "-----", "-----", "-----", "-----"),
            (AuditAdmin, SetRules, "-----", "-----", "-----", "-----"),
            (AuditAdmin, KeepRecusals, "-----", "-----", "-----", "-----"),
            (AuditAdmin, SeeRatings, "-----", "-----", "-----", "-----"),
            (AuditAdmin, EditRatings, "-----", "-----", "-----", "-----"),
            (AuditAdmin, ReviewRatings, "-----", "-----", "-----", "-----"),
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
            (Publisher, SeeCase, "-----", "-----", "-----", "-----"),
            (Publisher, ReceiveReport, "-----", "-----", "-----", "-----"),
            (Publisher, AssignCase, "-----", "-----", "-----", "-----"),
            (Publisher, HandleCase, "-----", "-----", "-----", "-----"),
            (Publisher, ApproveCase, "-----", "-----", "-----", "-----"),
            (Publisher, SeeIdentity, "-----", "-----", "-----", "-----"),
            (Publisher, ApproveIdentity, "-----", "-----", "-----", "-----"),
            (Publisher, SeeRules, "-----", "-----", "-----", "-----"),
            (Publisher, SetRules, "-----", "-----", "-----", "-----"),
            (Publisher, KeepRecusals, "-----", "-----", "-----", "-----"),
            (Publisher, SeeRatings, "yy---", "yy---", "yyyyy", "yyyyy"),
            (Publisher, EditRatings, "yy---", "yy---", "yyyyy", "yyyyy"),
            (Publisher, ReviewRatings, "-----", "-----", "-----", "-----"),
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
            (Reviewer, SeeCase, "-----", "-----", "-----", "-----"),
            (Reviewer, ReceiveReport, "-----", "-----", "-----", "-----"),
            (Reviewer, AssignCase, "-----", "-----", "-----", "-----"),
            (Reviewer, HandleCase, "-----", "-----", "-----", "-----"),
            (Reviewer, ApproveCase, "-----", "-----", "-----", "-----"),
            (Reviewer, SeeIdentity, "-----", "-----", "-----", "-----"),
            (Reviewer, ApproveIdentity, "-----", "-----", "-----", "-----"),
            (Reviewer, SeeRules, "-----", "-----", "-----", "-----"),
            (Reviewer, SetRules, "-----", "-----", "-----", "-----"),
            (Reviewer, KeepRecusals, "-----", "-----", "-----", "-----"),
            (Reviewer, SeeRatings, "yy---", "yy---", "yyyyy", "yyyyy"),
            (Reviewer, EditRatings, "-----", "-----", "-----", "-----"),
            (Reviewer, ReviewRatings, "yy---", "yy---", "yyyyy", "yyyyy"),
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
            (Intake, SeeCase, "-----", "-----", "-----", "-----"),
            (Intake, ReceiveReport, "-----", "-----", "-----", "-----"),
            (Intake, AssignCase, "-----", "-----", "-----", "-----"),
            (Intake, HandleCase, "-----", "-----", "-----", "-----"),
            (Intake, ApproveCase, "-----", "-----", "-----", "-----"),
            (Intake, SeeIdentity, "-----", "-----", "-----", "-----"),
            (Intake, ApproveIdentity, "-----", "-----", "-----", "-----"),
            (Intake, SeeRules, "-----", "-----", "-----", "-----"),
            (Intake, SetRules, "-----", "-----", "-----", "-----"),
            (Intake, KeepRecusals, "yyyyy", "yyyyy", "yyyyy", "yyyyy"),
            (Intake, SeeRatings, "-----", "-----", "-----", "-----"),
            (Intake, EditRatings, "-----", "-----", "-----", "-----"),
            (Intake, ReviewRatings, "-----", "-----", "-----", "-----"),
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
            (Handler, SeeCase, "-----", "-----", "-----", "-----"),
            (Handler, ReceiveReport, "-----", "-----", "-----", "-----"),
            (Handler, AssignCase, "-----", "-----", "-----", "-----"),
            (Handler, HandleCase, "-----", "-----", "-----", "-----"),
            (Handler, ApproveCase, "-----", "-----", "-----", "-----"),
            (Handler, SeeIdentity, "-----", "-----", "-----", "-----"),
            (Handler, ApproveIdentity, "-----", "-----", "-----", "-----"),
            (Handler, SeeRules, "-----", "-----", "-----", "-----"),
            (Handler, SetRules, "-----", "-----", "-----", "-----"),
            (Handler, KeepRecusals, "yyyyy", "yyyyy", "yyyyy", "yyyyy"),
            (Handler, SeeRatings, "-----", "-----", "-----", "-----"),
            (Handler, EditRatings, "-----", "-----", "-----", "-----"),
            (Handler, ReviewRatings, "-----", "-----", "-----", "-----"),
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
            (Leader, SeeCase, "-----", "-----", "-----", "-----"),
            (Leader, ReceiveReport, "-----", "-----", "-----", "-----"),
            (Leader, AssignCase, "-----", "-----", "-----", "-----"),
            (Leader, HandleCase, "-----", "-----", "-----", "-----"),
            (Leader, ApproveCase, "-----", "-----", "-----", "-----"),
            (Leader, SeeIdentity, "-----", "-----", "-----", "-----"),
            (Leader, ApproveIdentity, "-----", "-----", "-----", "-----"),
            (Leader, SeeRules, "yyyyy", "yyyyy", "yyyyy", "yyyyy"),
            (Leader, SetRules, "-----", "-----", "-----", "-----"),
            (Leader, KeepRecusals, "yyyyy", "yyyyy", "yyyyy", "yyyyy"),
            (Leader, SeeRatings, "-----", "-----", "-----", "-----"),
            (Leader, EditRatings, "-----", "-----", "-----", "-----"),
            (Leader, ReviewRatings, "-----", "-----", "-----", "-----"),
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

    /// What somebody may do to a case of organ 1 that is: theirs to handle; another's; nobody's yet; of organ 2;
    /// theirs, and they are in conflict; theirs, and they hold no key. The opening of an identity was approved by
    /// account 9 of organ 5.
    #[rustfmt::skip]
    const CASES: [(Role, Action, &str); 56] = {
        use {Action::*, Role::*};
        [
            (SystemAdmin, SeeCase, "------"),
            (SystemAdmin, ReceiveReport, "------"),
            (SystemAdmin, AssignCase, "------"),
            (SystemAdmin, HandleCase, "------"),
            (SystemAdmin, ApproveCase, "------"),
            (SystemAdmin, SeeIdentity, "------"),
            (SystemAdmin, ApproveIdentity, "------"),
            (SecurityAdmin, SeeCase, "------"),
            (SecurityAdmin, ReceiveReport, "------"),
            (SecurityAdmin, AssignCase, "------"),
            (SecurityAdmin, HandleCase, "------"),
            (SecurityAdmin, ApproveCase, "------"),
            (SecurityAdmin, SeeIdentity, "------"),
            (SecurityAdmin, ApproveIdentity, "------"),
            (AuditAdmin, SeeCase, "------"),
            (AuditAdmin, ReceiveReport, "------"),
            (AuditAdmin, AssignCase, "------"),
            (AuditAdmin, HandleCase, "------"),
            (AuditAdmin, ApproveCase, "------"),
            (AuditAdmin, SeeIdentity, "------"),
            (AuditAdmin, ApproveIdentity, "------"),
            (Publisher, SeeCase, "------"),
            (Publisher, ReceiveReport, "------"),
            (Publisher, AssignCase, "------"),
            (Publisher, HandleCase, "------"),
            (Publisher, ApproveCase, "------"),
            (Publisher, SeeIdentity, "------"),
            (Publisher, ApproveIdentity, "------"),
            (Reviewer, SeeCase, "------"),
            (Reviewer, ReceiveReport, "------"),
            (Reviewer, AssignCase, "------"),
            (Reviewer, HandleCase, "------"),
            (Reviewer, ApproveCase, "------"),
            (Reviewer, SeeIdentity, "------"),
            (Reviewer, ApproveIdentity, "------"),
            (Intake, SeeCase, "yyy---"),
            (Intake, ReceiveReport, "yyy---"),
            (Intake, AssignCase, "------"),
            (Intake, HandleCase, "------"),
            (Intake, ApproveCase, "------"),
            (Intake, SeeIdentity, "------"),
            (Intake, ApproveIdentity, "------"),
            (Handler, SeeCase, "y-----"),
            (Handler, ReceiveReport, "------"),
            (Handler, AssignCase, "------"),
            (Handler, HandleCase, "y-----"),
            (Handler, ApproveCase, "------"),
            (Handler, SeeIdentity, "y-----"),
            (Handler, ApproveIdentity, "------"),
            (Leader, SeeCase, "yyy---"),
            (Leader, ReceiveReport, "------"),
            (Leader, AssignCase, "yyy---"),
            (Leader, HandleCase, "------"),
            (Leader, ApproveCase, "yyy---"),
            (Leader, SeeIdentity, "yyy---"),
            (Leader, ApproveIdentity, "---y--"),
        ]
    };

    #[test]
    fn every_role_and_action_on_a_case_is_decided_as_the_table_says() {
        let mine = CaseFacts {
            organ_id: Some(1),
            handler_id: Some(7),
            conflict: false,
            holds_key: true,
            second: Some((9, 5)),
        };
        let cases = [
            mine,
            CaseFacts { handler_id: Some(8), ..mine },
            CaseFacts { handler_id: None, ..mine },
            CaseFacts { organ_id: Some(2), ..mine },
            CaseFacts { conflict: true, ..mine },
            CaseFacts { holds_key: false, ..mine },
        ];
        let mut seen = std::collections::BTreeSet::new();
        for (role, action, cells) in CASES {
            seen.insert((role, action.roles().contains(&role), format!("{action:?}")));
            let grants = vec![Grant { role, organ_id: Some(1), places: vec![Place::under("/")] }];
            let actor = Actor { account_id: 7, session_id: 1, name: String::new(), grants };
            for (case, cell) in cases.iter().zip(cells.chars()) {
                let decided = decide_case(&actor, action, case);
                assert_eq!(decided.is_ok(), cell == 'y', "{role:?} {action:?} {case:?}");
                // No organ has it: nobody does anything to it.
                let nowhere = CaseFacts { organ_id: None, ..*case };
                assert!(
                    elsewhere(action) || decide_case(&actor, action, &nowhere).is_err(),
                    "{role:?} {action:?}"
                );
            }
        }
        assert_eq!(seen.len(), 56);
        // What is not done to a case is not decided by one.
        for action in Action::ALL.into_iter().filter(|action| !action.is_of_case()) {
            assert!(decide_case(&actor(&[(Role::Publisher, "/")]), action, &mine).is_err());
        }
    }

    fn elsewhere(action: Action) -> bool {
        action == Action::ApproveIdentity
    }

    #[test]
    fn an_identity_is_seen_after_somebody_of_another_organ_has_approved_it() {
        let grants = vec![Grant { role: Role::Leader, organ_id: Some(1), places: Vec::new() }];
        let actor = Actor { account_id: 7, session_id: 1, name: String::new(), grants };
        let see = |second| {
            let case =
                CaseFacts { organ_id: Some(1), handler_id: None, conflict: false, holds_key: true, second };
            decide_case(&actor, Action::SeeIdentity, &case).map(drop)
        };
        assert_eq!(see(Some((8, 2))), Ok(()));
        for (second, who) in [(None, "nobody"), (Some((7, 2)), "themselves"), (Some((8, 1)), "a colleague")] {
            assert_eq!(see(second), Err(Denied::OwnWork), "{who}");
        }
    }

    #[test]
    fn rules_are_set_by_a_leader_of_the_top_organ_and_nobody_else() {
        for role in Role::ALL {
            for organ in [None, Some(1), Some(2)] {
                let grants = vec![Grant { role, organ_id: organ, places: vec![Place::under("/")] }];
                let actor = Actor { account_id: 7, session_id: 1, name: String::new(), grants };
                let may = role == Role::Leader && organ == Some(1);
                assert_eq!(decide_rules(&actor, Some(1)).is_ok(), may, "{role:?} {organ:?}");
                // An instance without organs has nobody to ask.
                assert!(decide_rules(&actor, None).is_err(), "{role:?} {organ:?}");
            }
        }
    }

    #[test]
    fn a_place_without_its_subtree_is_one_unit_and_no_place_is_nowhere() {
        let alone = Place { path: "/3/".into(), subtree: false };
        let mut publisher = actor(&[]);
        publisher.grants = vec![Grant { role: Role::Publisher, organ_id: None, places: vec![alone] }];
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
