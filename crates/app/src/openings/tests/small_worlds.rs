//! Every asker, second person, conflict, loss and lateness of a small county, held against the rule as it would be
//! written on paper:
//!
//! > Who reported is shown to the handler of a case, or to a leader of its organ, while they have the case, are in no
//! > conflict with it, and for as long as the approval lasts. It is approved by a leader of another organ who is not the
//! > asker, has no role in the asker's organ and is in no conflict. Everybody else finds nothing.

use super::*;
use crate::{
    authz::Role,
    cases::{Deed, store::Doing, testing::*},
    reports::{Draft, Object},
};
use daylight_ids::Phone;

const HOUR: Millis = 3_600_000;

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asker {
    Intake,
    Handler,
    OtherHandler,
    Leader,
    LeaderAbove,
    HandlerAbove,
}

impl Asker {
    const ALL: [Asker; 6] = [
        Asker::Intake,
        Asker::Handler,
        Asker::OtherHandler,
        Asker::Leader,
        Asker::LeaderAbove,
        Asker::HandlerAbove,
    ];

    fn account(self) -> i64 {
        match self {
            Asker::Intake => intake(ZHEN),
            Asker::Handler => handler(ZHEN),
            Asker::OtherHandler => second_handler(ZHEN),
            Asker::Leader => leader(ZHEN),
            Asker::LeaderAbove => leader(XIAN),
            Asker::HandlerAbove => handler(XIAN),
        }
    }
}

/// Who decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Second {
    IntakeAbove,
    HandlerAbove,
    LeaderAbove,
    /// A leader above who also takes reports in where the asker works.
    LeaderAboveWithRoleHere,
    LeaderHere,
    /// The leader here, who also leads above: when the leader here asked, the same person.
    LeaderHereAndAbove,
    /// The asker, who also leads above.
    AskerWhoLeadsAbove,
}

impl Second {
    const ALL: [Second; 7] = [
        Second::IntakeAbove,
        Second::HandlerAbove,
        Second::LeaderAbove,
        Second::LeaderAboveWithRoleHere,
        Second::LeaderHere,
        Second::LeaderHereAndAbove,
        Second::AskerWhoLeadsAbove,
    ];

    async fn account(self, tx: &Tx, asker: Asker) -> i64 {
        let grant =
            |account, role, organ| accounts::store::grant(tx, account, role, None, Some(organ), None, 0);
        match self {
            Second::IntakeAbove => intake(XIAN),
            Second::HandlerAbove => handler(XIAN),
            Second::LeaderAbove => leader(XIAN),
            Second::LeaderAboveWithRoleHere => {
                grant(leader(XIAN), Role::Intake, ZHEN).await.unwrap();
                leader(XIAN)
            }
            Second::LeaderHere => leader(ZHEN),
            Second::LeaderHereAndAbove => {
                grant(leader(ZHEN), Role::Leader, XIAN).await.unwrap();
                leader(ZHEN)
            }
            Second::AskerWhoLeadsAbove => {
                grant(asker.account(), Role::Leader, XIAN).await.unwrap();
                asker.account()
            }
        }
    }
}

/// How the asker loses the case, if they do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Loss {
    None,
    TakenBefore,
    TakenAfter,
    RelativeBefore,
    RelativeAfter,
}

impl Loss {
    const ALL: [Loss; 5] =
        [Loss::None, Loss::TakenBefore, Loss::TakenAfter, Loss::RelativeBefore, Loss::RelativeAfter];

    fn is_before(self) -> bool {
        matches!(self, Loss::TakenBefore | Loss::RelativeBefore)
    }

    /// `leaderless`: the organ's own leader is out of the case, so that nobody can give it to another handler.
    async fn happen(self, tx: &Tx, vault: &Vault, asker: Asker, case_id: i64, leaderless: bool) {
        match self {
            Loss::None => {}
            Loss::RelativeBefore | Loss::RelativeAfter => {
                routing::store::declare_relatives(tx, person(asker.account()), LIUHE_HEAD, NOW)
                    .await
                    .unwrap();
            }
            Loss::TakenBefore | Loss::TakenAfter if asker == Asker::Handler && !leaderless => {
                let deed = Deed::Assign { account_id: second_handler(ZHEN) };
                assign(tx, vault, case_id, deed).await;
            }
            Loss::TakenBefore | Loss::TakenAfter => {
                let sql = "UPDATE grants SET ended_at = $2 WHERE account_id = $1";
                exec(&**tx, sql, values![asker.account(), NOW]).await.unwrap();
            }
        }
    }
}

async fn assign(tx: &Tx, vault: &Vault, case_id: i64, deed: Deed) {
    let seen = cases::open_own(&**tx, vault, case_id).await.unwrap().seen();
    let actor = at_desk(tx, leader(ZHEN)).await;
    let doing = Doing { deed, reason: String::new(), words: Default::default(), seen };
    cases::act(tx, vault, &actor, case_id, doing, NOW).await.unwrap();
}

/// A report about the head of a village, by somebody whose telephone is known, given to a handler of the township.
async fn given(tx: &Tx, vault: &Vault) -> i64 {
    let phone = Phone::parse("13900001234").unwrap();
    let draft = Draft {
        object: Some(Object::Cadre(LIUHE_HEAD)),
        level: "phone".into(),
        phone: "13900001234".into(),
        ..draft()
    };
    reports::submit(tx, vault, &draft.check(Some(&phone)).unwrap(), "token", NOW).await.unwrap();
    let case_id = case_of(tx, "token").await;
    let seen = cases::open_own(&**tx, vault, case_id).await.unwrap().seen();
    let doing = Doing { deed: Deed::Accept, reason: String::new(), words: Default::default(), seen };
    cases::act(tx, vault, &at_desk(tx, intake(ZHEN)).await, case_id, doing, NOW).await.unwrap();
    assign(tx, vault, case_id, Deed::Assign { account_id: handler(ZHEN) }).await;
    case_id
}

/// The rule on paper: whether it may be asked, approved, and looked at.
fn on_paper(asker: Asker, second: Second, related: bool, loss: Loss, late: bool) -> (bool, bool, bool) {
    let asks = matches!(asker, Asker::Handler | Asker::Leader);
    let of_another_body = second == Second::LeaderAbove;
    let approves = asks && of_another_body && !related && !loss.is_before();
    let looks = approves && loss == Loss::None && !late;
    (asks, approves, looks)
}

#[tokio::test]
async fn an_identity_is_opened_exactly_as_the_rule_on_paper_says() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        let case_id = given(&tx, &vault).await;
        tx.commit().await.unwrap();
        let (mut worlds, mut opened) = (0, 0);
        for asker in Asker::ALL {
            for second in Second::ALL {
                for related in [false, true] {
                    for loss in Loss::ALL {
                        for late in [false, true] {
                            // Who may not ask is the same in every other world.
                            let paper = on_paper(asker, second, related, loss, late);
                            if !paper.0
                                && (second, related, loss, late)
                                    != (Second::LeaderAbove, false, Loss::None, false)
                            {
                                continue;
                            }
                            let tx = test.db.write().await.unwrap();
                            let done = play(&tx, &vault, case_id, asker, second, related, loss, late).await;
                            assert_eq!(
                                done, paper,
                                "{asker:?} {second:?} related {related} {loss:?} late {late}"
                            );
                            worlds += 1;
                            opened += u32::from(done.2);
                        }
                    }
                }
            }
        }
        assert_eq!((worlds, opened), (2 * 7 * 2 * 5 * 2 + 4, 2), "the small worlds say yes, too");
    }
}

#[expect(clippy::too_many_arguments, reason = "each is one question of the small world")]
async fn play(
    tx: &Tx,
    vault: &Vault,
    case_id: i64,
    asker: Asker,
    second: Second,
    related: bool,
    loss: Loss,
    late: bool,
) -> (bool, bool, bool) {
    let actor = at_desk(tx, asker.account()).await;
    let asked = ask(tx, vault, &actor, case_id, "需要当面核对签名，平台上说不清", NOW).await;
    if let Err(error) = &asked {
        assert!(matches!(error, OpeningError::NotFound), "{error:?}");
    }
    let id = asked.as_ref().copied().unwrap_or(1);
    if loss.is_before() {
        loss.happen(tx, vault, asker, case_id, false).await;
    }
    let account = second.account(tx, asker).await;
    if related {
        routing::store::declare_relatives(tx, person(account), LIUHE_HEAD, NOW).await.unwrap();
    }
    let approver = at_desk(tx, account).await;
    let shown = for_leader(&**tx, vault, &approver, NOW).await.unwrap();
    let listed = shown.iter().any(|one| one.opening.id == id && one.decides.is_some());
    let decided = decide(tx, vault, &approver, id, Decision::Approve, NOW + HOUR).await;
    assert!(listed || decided.is_err(), "what is decided was listed");
    // A relative of the accused does not learn that there is a request.
    if related {
        assert!(shown.is_empty() && matches!(decided, Err(OpeningError::NotFound)), "{decided:?}");
    }
    if !loss.is_before() {
        loss.happen(tx, vault, asker, case_id, related && account == leader(ZHEN)).await;
    }
    let now = NOW + HOUR + if late { HOURS * HOUR } else { HOURS * HOUR - 1 };
    let looked = look(tx, vault, &at_desk(tx, asker.account()).await, case_id, now).await;
    let counted: i64 = scalar(&**tx, "SELECT COUNT(*) FROM identity_looks", values![]).await.unwrap();
    assert_eq!(counted, i64::from(looked.is_ok()), "nothing is shown that is not counted");
    (asked.is_ok(), decided.is_ok(), looked.is_ok())
}
