//! What staff are told about cases: dates that draw near, and what somebody had opened before a case was closed to
//! them. A notice holds numbers and dates and nothing that was written.

use super::{
    Entry, Opened, StoreError, Task,
    routes::kept_matter,
    sight::{Ground, glimpses},
};
use crate::{
    authz::Actor,
    cases::{
        By, Deed, keys,
        routing::{self, Because, Destination, Matter, Why},
    },
    clock::Millis,
    deadlines::{Clock, Stage, Whom},
    ops::store::PHONE,
    reports, sms,
};
use daylight_db::{ConnectionTrait, DbErr, FromQueryResult, Tx, all, exec, one, values};
use daylight_ids::Phone;
use daylight_vault::Vault;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::collections::BTreeSet;

/// What a notice says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    /// A date draws near or has passed.
    Due {
        /// Of which clock.
        clock: Clock,
        /// In which stage.
        stage: Stage,
        /// The date.
        due_at: Millis,
    },
    /// A case was closed to somebody who is in conflict with it, and who had opened it before.
    ClosedTo {
        /// Who.
        account_id: i64,
        /// The last event that they were shown.
        through: i64,
        /// When they were shown it.
        opened_at: Millis,
    },
    /// Nobody confirmed in time whom one person alone had named.
    Unconfirmed,
    /// Something hangs on the case that should be done by now.
    Task {
        /// What.
        task: Task,
        /// Since when.
        due_at: Millis,
    },
    /// More time was asked for, granted or refused.
    Time(Time),
}

/// What became of more time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Time {
    /// The handler asks for it.
    Asked,
    /// A leader grants it.
    Granted,
    /// A leader does not.
    Refused,
}

impl Time {
    /// What a deed makes of it; most make nothing.
    pub(super) fn of(deed: &Deed) -> Option<Time> {
        match deed {
            Deed::AskTime { .. } => Some(Time::Asked),
            Deed::Extend { .. } => Some(Time::Granted),
            Deed::RefuseTime => Some(Time::Refused),
            _ => None,
        }
    }
}

/// Something somebody is told about a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Its number.
    pub id: i64,
    /// The case. Whoever is told does not always have its key: a superior is told of dates, not of words.
    pub case_id: i64,
    /// What.
    pub news: News,
    /// When it was made.
    pub made_at: Millis,
    /// When it was read.
    pub read_at: Option<Millis>,
}

#[derive(FromQueryResult)]
struct Row {
    id: i64,
    case_id: i64,
    word: Option<String>,
    clock: Option<String>,
    stage: Option<String>,
    due_at: Option<i64>,
    about_id: Option<i64>,
    opened_through: Option<i64>,
    opened_at: Option<i64>,
    task: Option<String>,
    letter_id: Option<i64>,
    made_at: i64,
    read_at: Option<i64>,
}

impl Row {
    fn read(&self) -> Option<Notice> {
        let news = match self.about_id {
            _ if self.task.is_some() => {
                let task = Task::read(self.task.as_deref()?, self.letter_id)?;
                News::Task { task, due_at: self.due_at? }
            }
            Some(account_id) => {
                News::ClosedTo { account_id, through: self.opened_through?, opened_at: self.opened_at? }
            }
            None if self.word.is_some() => News::Time(from_word(self.word.as_deref()?)?),
            None if self.clock.is_none() => News::Unconfirmed,
            None => News::Due {
                clock: from_word(self.clock.as_deref()?)?,
                stage: from_word(self.stage.as_deref()?)?,
                due_at: self.due_at?,
            },
        };
        let Row { id, case_id, made_at, read_at, .. } = *self;
        Some(Notice { id, case_id, news, made_at, read_at })
    }
}

/// The word in tables of a clock, a stage, or who is reminded.
pub(super) fn word(of: &impl Serialize) -> Result<String, StoreError> {
    Ok(serde_json::to_value(of)?.as_str().ok_or(StoreError::Damaged)?.to_owned())
}

fn from_word<T: DeserializeOwned>(word: &str) -> Option<T> {
    serde_json::from_value(word.into()).ok()
}

/// What somebody is told, the newest first. Nothing about a case they are in conflict with by now.
pub async fn notices(
    c: &impl ConnectionTrait,
    vault: &Vault,
    actor: &Actor,
) -> Result<Vec<Notice>, StoreError> {
    let sql = "SELECT id, case_id, word, clock, stage, due_at, about_id, opened_through, opened_at, task, letter_id, \
               made_at, read_at FROM case_notices WHERE account_id = $1 ORDER BY id DESC LIMIT 500";
    let rows: Vec<Row> = all(c, sql, values![actor.account_id]).await?;
    let ids: BTreeSet<_> = rows.iter().map(|row| row.case_id).collect();
    let ground = Ground::survey(c).await?;
    let seen = glimpses(c, vault, &ids.into_iter().collect::<Vec<_>>()).await?;
    let clear: BTreeSet<_> =
        seen.iter().filter(|case| !case.is_out(&ground, actor.account_id)).map(|case| case.id).collect();
    Ok(rows.iter().filter(|row| clear.contains(&row.case_id)).filter_map(Row::read).collect())
}

/// Notes that somebody has read what they were told.
pub async fn read_notice(tx: &Tx, actor: &Actor, id: i64, now: Millis) -> Result<(), DbErr> {
    let sql = "UPDATE case_notices SET read_at = $3 WHERE id = $1 AND account_id = $2 AND read_at IS NULL";
    exec(&**tx, sql, values![id, actor.account_id, now]).await.map(drop)
}

/// Tells the reporter that there is something to read, when anything they are told was done by others since an event:
/// one message, whatever it was.
pub(super) async fn tell(
    tx: &Tx,
    vault: &Vault,
    opened: &Opened,
    since: i64,
    now: Millis,
) -> Result<(), StoreError> {
    let news = |entry: &Entry| {
        let event = &entry.event;
        i64::from(event.number) > since && event.deed.is_told() && event.by != By::Reporter
    };
    match opened.entries.iter().any(news) {
        true => reports::store::tell(tx, vault, opened.id, now).await,
        false => Ok(()),
    }
}

/// Tells a member of staff, by a message without content, that there is something to do. The telephone is the one the
/// person behind the account has in the register; without one they see it when they sign in.
pub(super) async fn text(tx: &Tx, vault: &Vault, account_id: i64, now: Millis) -> Result<(), StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        phone_sealed: Vec<u8>,
    }
    let sql = "SELECT c.id, c.phone_sealed FROM cadres c JOIN accounts a ON a.cadre_id = c.id \
               WHERE a.id = $1 AND c.phone_sealed IS NOT NULL";
    let Some(row) = one::<Row>(&**tx, sql, values![account_id]).await? else { return Ok(()) };
    // A telephone that cannot be read keeps nobody from being told on the page.
    let opened = vault.unseal(&PHONE.place(row.id), &row.phone_sealed);
    let phone = opened.ok().and_then(|text| Phone::parse(text.as_str().ok()?).ok());
    if let Some(phone) = phone {
        sms::send(tx, vault, &phone, sms::Template::Staff, now).await?;
    }
    Ok(())
}

/// Tells those whose turn it is that more time was asked for, and the handler what became of it.
pub(super) async fn tell_time(
    tx: &Tx,
    vault: &Vault,
    opened: &Opened,
    time: Time,
    now: Millis,
) -> Result<(), StoreError> {
    let Some(organ_id) = opened.case.organ_id else { return Ok(()) };
    let ground = Ground::survey(&**tx).await?;
    let about = ground.matter(&kept_matter(&**tx, opened).await?, &opened.case.recused);
    let whom = if time == Time::Asked { Whom::Leader } else { Whom::Handler };
    let mut to = meant(&ground, &about, (organ_id, opened.case.handler_id), whom);
    // Whoever asks does not grant.
    to.retain(|account| opened.case.asked.is_none_or(|asked| asked.account_id != *account));
    for account in to {
        let sql = "INSERT INTO case_notices (case_id, account_id, word, made_at) VALUES ($1, $2, $3, $4)";
        exec(&**tx, sql, values![opened.id, account, word(&time)?, now]).await?;
        text(tx, vault, account, now).await?;
    }
    Ok(())
}

/// Tells people of a date.
pub(super) async fn remind(
    tx: &Tx,
    vault: &Vault,
    case_id: i64,
    to: &BTreeSet<i64>,
    (clock, stage, due_at): (Clock, Stage, Millis),
    now: Millis,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO case_notices (case_id, account_id, clock, stage, due_at, made_at) \
               VALUES ($1, $2, $3, $4, $5, $6)";
    for account in to {
        let bound = values![case_id, *account, word(&clock)?, word(&stage)?, due_at, now];
        exec(&**tx, sql, bound).await?;
        text(tx, vault, *account, now).await?;
    }
    Ok(())
}

/// Tells the leaders of the organ and of the one above that a naming has lapsed: as it was before that, so that nobody
/// learns of it here who was named. Where nobody may be told, the row stands without anybody.
pub(super) async fn tell_unconfirmed(
    tx: &Tx,
    vault: &Vault,
    ground: &Ground,
    before: &Matter,
    opened: &Opened,
    now: Millis,
) -> Result<(), StoreError> {
    let case = &opened.case;
    let to: BTreeSet<_> = case.organ_id.map_or_else(BTreeSet::new, |organ_id| {
        let of = |whom| meant(ground, before, (organ_id, case.handler_id), whom);
        &of(Whom::Leader) | &of(Whom::Superior)
    });
    let to: Vec<_> = if to.is_empty() { vec![None] } else { to.into_iter().map(Some).collect() };
    for account in to {
        let sql = "INSERT INTO case_notices (case_id, account_id, made_at) VALUES ($1, $2, $3)";
        exec(&**tx, sql, values![opened.id, account, now]).await?;
        if let Some(account) = account {
            text(tx, vault, account, now).await?;
        }
    }
    Ok(())
}

/// Tells the leaders of the organ above what those had opened to whom a case has just been closed for a conflict.
/// Where nobody above may be told, the row stands without anybody, for the superior of this instance.
#[expect(clippy::too_many_arguments, reason = "what was, what is, and when")]
pub(super) async fn tell_superior(
    tx: &Tx,
    vault: &Vault,
    ground: &Ground,
    case_id: i64,
    about: &Matter,
    organ_id: Option<i64>,
    out: &BTreeSet<i64>,
    now: Millis,
) -> Result<(), StoreError> {
    // Stepping back, or having acted in the first stage, is no conflict that a superior must hear of.
    let bare = Matter { recused: BTreeSet::new(), ..about.clone() };
    let tied = |account: &i64| {
        let mut roles = ground.world.staff.iter().filter(|staff| staff.account_id == *account);
        let known = [Why::Accused, Why::Mentioned, Why::Relative, Why::Line].map(Some);
        roles.any(|staff| known.contains(&routing::conflict(&ground.world, &bare, staff)))
    };
    let opened = keys::store::opened(&**tx, case_id).await?;
    let leaders = match organ_id.map(|organ_id| routing::above(&ground.world, about, organ_id).destination) {
        Some(Destination::Organ { leaders, .. }) => leaders,
        _ => BTreeSet::new(),
    };
    let to: Vec<_> = if leaders.is_empty() { vec![None] } else { leaders.into_iter().map(Some).collect() };
    for had in opened.iter().filter(|had| out.contains(&had.account_id) && tied(&had.account_id)) {
        let sql = "INSERT INTO case_notices (case_id, account_id, about_id, opened_through, opened_at, made_at) \
                   VALUES ($1, $2, $3, $4, $5, $6)";
        for account in &to {
            let bound = values![case_id, *account, had.account_id, had.through, had.at, now];
            exec(&**tx, sql, bound).await?;
            if let Some(account) = account {
                text(tx, vault, *account, now).await?;
            }
        }
    }
    Ok(())
}

/// Who is meant by a reminder: people who are clear of the case, of its organ or of the one above.
pub(super) fn meant(
    ground: &Ground,
    about: &Matter,
    (organ_id, handler_id): (i64, Option<i64>),
    whom: Whom,
) -> BTreeSet<i64> {
    use crate::authz::Role;
    let of = |role: Role| {
        let fits = |staff: &&routing::Staff| staff.organ_id == organ_id && staff.role == role;
        ground.world.staff.iter().filter(fits).map(|staff| staff.account_id).collect::<BTreeSet<_>>()
    };
    let mut to = match whom {
        Whom::Handler => {
            let mut handlers = of(Role::Handler);
            handlers.retain(|account| Some(*account) == handler_id);
            if handlers.is_empty() { of(Role::Intake) } else { handlers }
        }
        Whom::Leader => of(Role::Leader),
        Whom::Superior => match routing::above(&ground.world, about, organ_id).destination {
            Destination::Organ { leaders, .. } => leaders,
            // Nobody here is above the topmost, as in its second stage: its own leaders answer for it.
            Destination::Sealed { .. } | Destination::Refused { .. } => of(Role::Leader),
        },
    };
    to.retain(|account| !ground.is_out(about, *account));
    to
}

/// Who is told of the dates of a case that no organ has: the leaders of the topmost organ, as far as neither they nor
/// the organ are in conflict with it. Where the organ is, nobody here may hear of the case.
pub(super) fn beyond(ground: &Ground, about: &Matter) -> BTreeSet<i64> {
    let top = ground.world.organs.iter().filter(|(_, organ)| organ.parent_id.is_none()).map(|(id, _)| *id);
    let may = |organ_id: &i64| {
        let chain = routing::from(&ground.world, about, *organ_id).chain;
        !chain.iter().any(|because| matches!(because, Because::OrganOut(id, _) if id == organ_id))
    };
    top.filter(may).flat_map(|organ_id| meant(ground, about, (organ_id, None), Whom::Leader)).collect()
}
