//! What is offered is what the machine takes, for every standing and every role.

use super::*;
use crate::{
    authz::Grant,
    cases::{Above, Reply},
    reports::Kind,
};

const ORGAN: i64 = 2;

fn staff(role: Role, account_id: i64) -> By {
    By::Staff { account_id, organ_id: ORGAN, role }
}

fn actor(roles: &[Role], account_id: i64, organ_id: i64) -> Actor {
    let grant = |role: &Role| Grant { role: *role, organ_id: Some(organ_id), places: Vec::new() };
    Actor { account_id, session_id: 1, name: String::new(), grants: roles.iter().map(grant).collect() }
}

fn reply() -> Deed {
    let answers = vec!["村民代表会议评议过，记录已核对。".to_owned()];
    let sound = Reply { answers, rest: String::new() }.check(&["名单是谁定的".into()], &[], None).unwrap();
    Deed::Reply { sound }
}

/// A case after each of these deeds, with what it is called. Handler is 21, leader 22.
fn standings() -> Vec<(&'static str, Case)> {
    let receive = Deed::Receive { kind: Kind::Complaint, points: 1, profile: "county@1".into() };
    let (received, _) = Case::open(By::Reporter, 1, receive).unwrap();
    let act = |case: &Case, by: By, deed: Deed| case.act(by, 2, deed, "理由").unwrap().0;
    let routed = act(&received, By::Platform, Deed::Route { organ_id: ORGAN });
    let accepted = act(&routed, staff(Role::Intake, 20), Deed::Accept);
    let assigned = act(&accepted, staff(Role::Leader, 22), Deed::Assign { account_id: 21 });
    let filed = act(&assigned, staff(Role::Leader, 22), Deed::FileCase);
    let asking = act(&assigned, staff(Role::Handler, 21), Deed::Ask);
    let conclude = Deed::Conclude { conclusion: Conclusion::Partly };
    let concluded = act(&assigned, staff(Role::Handler, 21), conclude);
    let unproven = act(&assigned, staff(Role::Handler, 21), Deed::Conclude { conclusion: Conclusion::Not });
    let answered = act(&concluded, staff(Role::Leader, 22), reply());
    let declined = act(&routed, staff(Role::Leader, 22), Deed::Decline);
    let satisfied = act(&answered, By::Reporter, Deed::Satisfied);
    let up = act(&answered, By::Reporter, Deed::Dissatisfied { to: Some(Above::Organ(1)) });
    let more = Deed::AskTime { clock: Clock::Handle, by: Term::Days(30) };
    let asked = act(&assigned, staff(Role::Handler, 21), more);
    let withdrawn = act(&routed, By::Reporter, Deed::Withdraw);
    vec![
        ("received", received),
        ("routed", routed),
        ("accepted", accepted),
        ("assigned", assigned),
        ("filed", filed),
        ("asking", asking),
        ("concluded", concluded),
        ("unproven", unproven),
        ("answered", answered),
        ("declined", declined),
        ("satisfied", satisfied),
        ("gone up", up),
        ("withdrawn", withdrawn),
        ("time asked", asked),
    ]
}

fn choices() -> Choices {
    let most = (Clock::Handle, Term::Days(30));
    Choices { handlers: vec![24], organs: vec![1], extendable: vec![most], grantable: Some(most) }
}

/// As the office would write it on paper: what the intake (20), the handler (21) and the leader (22) are offered.
#[rustfmt::skip]
const TABLE: [(&str, &str, &str, &str); 14] = [
    ("received", "", "", ""),
    ("routed", "accept forward recuse", "recuse", "decline recuse"),
    ("accepted", "recuse", "recuse", "assign recuse"),
    ("assigned", "recuse", "conclude note ask ask-time recuse", "assign file recuse"),
    ("filed", "recuse", "conclude note ask ask-time recuse", "assign recuse"),
    ("asking", "recuse", "resume note ask-time recuse", "assign file recuse"),
    ("concluded", "recuse", "measure money recuse", "reply return recuse"),
    ("unproven", "recuse", "recuse", "reply return recuse"),
    ("answered", "recuse", "measure money recuse", "recuse"),
    ("declined", "recuse", "recuse", "recuse"),
    ("satisfied", "", "measure money", "reopen"),
    ("gone up", "", "", ""),
    ("withdrawn", "", "", ""),
    ("time asked", "recuse", "conclude note ask recuse", "assign file extend refuse-time recuse"),
];

fn slugs(case: &Case, actor: &Actor) -> String {
    let offers = offers(case, actor, &choices(), 3);
    offers.iter().map(|offer| offer.slug()).collect::<Vec<_>>().join(" ")
}

#[test]
fn what_each_role_is_offered_is_what_the_table_says() {
    for ((name, case), (said, intake, handler, leader)) in standings().iter().zip(TABLE) {
        assert_eq!(*name, said);
        assert_eq!(slugs(case, &actor(&[Role::Intake], 20, ORGAN)), intake, "{name} intake");
        assert_eq!(slugs(case, &actor(&[Role::Handler], 21, ORGAN)), handler, "{name} handler");
        assert_eq!(slugs(case, &actor(&[Role::Leader], 22, ORGAN)), leader, "{name} leader");
        // Somebody of another organ, and who has another kind of role, nothing; another handler may step back at most.
        assert_eq!(slugs(case, &actor(&[Role::Intake, Role::Handler, Role::Leader], 90, 9)), "", "{name}");
        assert_eq!(slugs(case, &actor(&[Role::SystemAdmin], 91, ORGAN)), "", "{name}");
        assert!(
            ["", "recuse"].contains(&slugs(case, &actor(&[Role::Handler], 24, ORGAN)).as_str()),
            "{name}"
        );
    }
}

#[test]
fn whoever_concluded_is_not_offered_the_reply() {
    let (_, concluded) = standings().remove(6);
    let both = actor(&[Role::Handler, Role::Leader], 21, ORGAN);
    let offered = offers(&concluded, &both, &choices(), 3);
    assert!(!offered.contains(&Offer::Reply) && offered.contains(&Offer::Return), "{offered:?}");
    assert!(concluded.act(staff(Role::Leader, 21), 3, reply(), "").is_err());
    assert!(concluded.act(staff(Role::Leader, 22), 3, reply(), "").is_ok());
}

#[test]
fn whoever_asked_for_time_is_not_offered_to_grant_it() {
    let (_, asked) = standings().pop().unwrap();
    let both = actor(&[Role::Handler, Role::Leader], 21, ORGAN);
    let offered = offers(&asked, &both, &choices(), 3);
    assert!(!offered.contains(&Offer::Extend) && !offered.contains(&Offer::RefuseTime), "{offered:?}");
}

#[test]
fn without_anybody_to_choose_the_choice_is_not_offered() {
    let none = Choices::default();
    for (name, case) in standings() {
        for role in [Role::Intake, Role::Handler, Role::Leader] {
            let offered = offers(&case, &actor(&[role], 22, ORGAN), &none, 3);
            let chosen = [Offer::Assign, Offer::Forward, Offer::AskTime, Offer::Extend];
            assert!(!offered.iter().any(|offer| chosen.contains(offer)), "{name} {offered:?}");
        }
    }
}

#[test]
fn every_offer_has_an_address_of_its_own_that_reads_back() {
    for offer in Offer::ALL {
        assert_eq!(Offer::from_slug(offer.slug()), Some(offer));
        let path = format!("/office/cases/{{id}}/{}", offer.slug());
        assert_eq!(crate::routes().iter().filter(|route| route.path == path).count(), 2, "{path}");
    }
}
