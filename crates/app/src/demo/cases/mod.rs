//! Invented reports and their handling, told through the same functions as real ones: a few of every state, so that
//! each page has something to show. Nothing of it happened, and nobody in it exists.

mod beside;
mod places;
mod published;
mod stories;
mod telling;

use super::county::{Scale, random::Random};
use crate::{
    accounts,
    authz::{Actor, Role},
    cases::store::StoreError,
    clock::Millis,
    reports::Object,
};
use daylight_db::{Db, Tx};
use daylight_vault::Vault;
use places::Places;
use stories::STORIES;
use telling::{Far, Telling, Who};

const DAY: Millis = 86_400_000;

/// Each report of a demonstration: how far, received how many days ago.
#[rustfmt::skip]
const PLAN: [(Far, i64); 30] = [
    (Far::Routed, 1), (Far::Accepted, 6), (Far::Assigned, 12), (Far::Noted, 40), (Far::Asking, 18), (Far::Concluded, 25),
    (Far::Answered, 30), (Far::Satisfied, 60), (Far::Second, 45), (Far::SecondAnswered, 70), (Far::Declined, 20),
    (Far::Filed, 35), (Far::SecondAssigned, 50), (Far::Withdrawn, 22), (Far::Routed, 3), (Far::Routed, 17),
    (Far::Accepted, 14), (Far::Assigned, 26), (Far::Supplied, 21), (Far::Noted, 9), (Far::Returned, 28), (Far::Concluded, 24),
    (Far::Answered, 33), (Far::Satisfied, 90), (Far::Satisfied, 75), (Far::SecondDissatisfied, 110), (Far::Filed, 80),
    (Far::Second, 38), (Far::Assigned, 5), (Far::Routed, 0),
];

/// The people of an organ at their desks.
struct Desk {
    intake: Actor,
    handlers: Vec<Actor>,
    leader: Actor,
}

impl Desk {
    async fn of(tx: &Tx, logins: [&str; 3], second: Option<&str>) -> Result<Option<Desk>, StoreError> {
        let [intake, handler, leader] = logins;
        let (Some(intake), Some(handler), Some(leader)) =
            (actor(tx, intake).await?, actor(tx, handler).await?, actor(tx, leader).await?)
        else {
            return Ok(None);
        };
        let mut handlers = vec![handler];
        if let Some(second) = second {
            handlers.extend(actor(tx, second).await?);
        }
        Ok(Some(Desk { intake, handlers, leader }))
    }

    fn handler(&self, turn: usize) -> &Actor {
        &self.handlers[turn % self.handlers.len()]
    }
}

async fn actor(tx: &Tx, login: &str) -> Result<Option<Actor>, StoreError> {
    let Some(account) = accounts::store::by_login(&**tx, login).await? else { return Ok(None) };
    let grants = accounts::store::grants_of(&**tx, account.id).await?;
    let of_organ = grants.iter().any(|grant| grant.role.is_of_organ() && grant.role != Role::SystemAdmin);
    Ok(of_organ.then_some(Actor { account_id: account.id, session_id: 0, name: account.name, grants }))
}

/// What everything of a demonstration is made with.
struct Making<'a> {
    tx: &'a Tx,
    vault: &'a Vault,
    county: Desk,
    township: Desk,
    seed: u64,
    /// The demonstration's present.
    now: Millis,
}

/// Invents reports and handles them as far as the plan says. `now` is the demonstration's present.
pub async fn fill(db: &Db, vault: &Vault, scale: Scale, seed: u64, now: Millis) -> Result<(), StoreError> {
    let tx = db.write().await?;
    let county = ["jiwei.shouli", "jiwei.chengban", "jiwei.shenpi"];
    let township = ["qingshi.shouli", "qingshi.chengban", "qingshi.shenpi"];
    let county = Desk::of(&tx, county, Some("jiwei.chengban2")).await?;
    let (Some(county), Some(township)) = (county, Desk::of(&tx, township, None).await?) else {
        return Ok(());
    };
    let mut places = Places::of(&tx).await?;
    let making = Making { tx: &tx, vault, county, township, seed, now };
    // First, as they decide who may have what comes after.
    beside::conflicts(&making, &mut places).await?;
    handled(&making, &places, if scale == Scale::Village { 16 } else { PLAN.len() }).await?;
    published::fill(&making, &places).await?;
    beside::fill(&making, &places).await?;
    tx.commit().await?;
    Ok(())
}

/// Reports in every state.
async fn handled(making: &Making<'_>, places: &Places, count: usize) -> Result<(), StoreError> {
    let mut random = Random::stream(making.seed, "reports");
    for (at, (far, days)) in PLAN.into_iter().take(count).enumerate() {
        let story = &STORIES[(at + random.below(2)) % STORIES.len()];
        // What is to go up must begin below; the rest is shared.
        let below = far.goes_up() || random.chance(40);
        let units = if below { &places.villages } else { &places.others };
        if units.is_empty() {
            continue;
        }
        let about = Object::Unit(*random.pick(units));
        let turn = random.below(2);
        // Within the day the hours differ, so that lists do not look stamped.
        let from = making.now - days * DAY - i64::try_from(random.below(8)).unwrap_or(0) * 3_600_000;
        let token = format!("demo-{}-{at}", making.seed);
        let who = if at == 3 { Who::Phone } else { Who::Anonymous };
        Telling { making, story, about, who, far, turn, token, from }.tell().await?;
    }
    Ok(())
}
