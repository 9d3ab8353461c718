//! Every query on letters.

use super::{Kind, Letter, Number, Standing};
use crate::{
    accounts::token_hash,
    audit::{self, rows},
    authz::{self, Action, Actor, CaseFacts, Role},
    cases::{
        Above, Answer, State,
        keys::store::holds,
        routing::{self, Matter, World},
        store::{self as cases, Opened, StoreError},
    },
    clock::{Millis, beijing, parse_date, start_of_day},
    organs,
};
use daylight_db::{
    ConnectionTrait, DbErr, FromQueryResult, Tx, Value, all, exec, one, scalar, scalar_opt, values,
};
use daylight_vault::{Place, Vault};
use time::Date;

/// Why a letter cannot be made, opened or answered.
#[derive(Debug, thiserror::Error)]
pub enum LetterError {
    /// None, or not for this person: one answer for both.
    #[error("没有找到这份函件。")]
    NotFound,
    /// The role does not allow it.
    #[error("您的角色不能进行这项操作。")]
    Role,
    /// The organ has no 机关代字 yet.
    #[error("本组织还没有发文代字，请系统管理员在“纪检组织”里填写后再制发")]
    Sign,
    /// Not at this point of the case.
    #[error("{0}")]
    Moment(&'static str),
    /// The addressee must not have it.
    #[error("收文单位须回避，或者不归本组织领导，请选择另一个")]
    Addressee,
    /// The letter lacks something.
    #[error("{}", .0.join("；"))]
    Lacks(Vec<&'static str>),
    /// The case cannot be read.
    #[error(transparent)]
    Case(StoreError),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbErr),
}

impl From<StoreError> for LetterError {
    fn from(error: StoreError) -> LetterError {
        match error {
            // Whoever may not see the case does not see that there is one.
            StoreError::NotFound | StoreError::Denied(_) => LetterError::NotFound,
            StoreError::Db(error) => LetterError::Db(error),
            other => LetterError::Case(other),
        }
    }
}

impl From<daylight_vault::VaultError> for LetterError {
    fn from(error: daylight_vault::VaultError) -> LetterError {
        LetterError::Case(error.into())
    }
}

/// A letter in a list: nothing of what it says.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Line {
    /// Surrogate id.
    pub id: i64,
    /// Its case.
    pub case_id: i64,
    /// Who issued it.
    pub organ_id: i64,
    /// That organ's name.
    pub organ: String,
    /// [`Kind::code`].
    pub kind: String,
    /// Of the number.
    pub year: i64,
    /// Of the number.
    pub serial: i64,
    /// Of the number.
    pub sign: String,
    /// When.
    pub issued_at: i64,
    /// The lower organ it was given to.
    pub to_organ_id: Option<i64>,
    /// That organ's name.
    pub to_organ: Option<String>,
    /// ISO date until which it is to be done.
    pub due_on: Option<String>,
    /// ISO date until which the receipt is to be back.
    pub receipt_by: Option<String>,
    /// When it was received.
    pub received_at: Option<i64>,
    /// When what it asks for came.
    pub answered_at: Option<i64>,
    /// Whether the case was answered, closed, or has gone on to the second stage since.
    pub case_answered: bool,
}

impl Line {
    /// Its kind.
    pub fn kind(&self) -> Kind {
        Kind::from_code(&self.kind).unwrap_or(Kind::Notice)
    }

    /// Its number.
    pub fn number(&self) -> Number {
        let (year, serial) = (i32::try_from(self.year).unwrap_or(0), u32::try_from(self.serial).unwrap_or(0));
        Number { sign: self.sign.clone(), kind: self.kind(), year, serial }
    }

    /// Until when it is to be done.
    pub fn due(&self) -> Option<Date> {
        self.due_on.as_deref().and_then(parse_date)
    }

    /// Where it stands on a day.
    pub fn standing(&self, today: Date) -> Standing {
        Standing::of(self.due(), self.answered_at.is_some() || self.case_answered, today)
    }

    /// Until when the receipt is to be back.
    pub fn receipt(&self) -> Option<Date> {
        self.receipt_by.as_deref().and_then(parse_date)
    }

    /// Whether the receipt should be back by now.
    pub fn receipt_is_late(&self, today: Date) -> bool {
        self.received_at.is_none() && self.receipt().is_some_and(|by| today > by)
    }
}

const LINE: &str = "SELECT l.id, l.case_id, l.organ_id, o.name AS organ, l.kind, l.year, l.serial, l.sign, \
     l.issued_at, l.to_organ_id, t.name AS to_organ, l.due_on, l.receipt_by, l.received_at, l.answered_at, \
     (c.stage <> l.stage OR c.state = 'answered' OR c.closed_at IS NOT NULL) AS case_answered \
     FROM letters l JOIN organs o ON o.id = l.organ_id JOIN cases c ON c.id = l.case_id \
     LEFT JOIN organs t ON t.id = l.to_organ_id";

/// How much of a letter somebody may see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// All of it: they hold the key of the case.
    Whole,
    /// Number, dates and receipt: their organ sent or received it, and has not the case at this moment.
    Head,
}

/// What decides who sees letters, read once for a whole list.
struct Sight<'a> {
    vault: &'a Vault,
    actor: &'a Actor,
    world: World,
}

impl<'a> Sight<'a> {
    async fn of(
        c: &impl ConnectionTrait,
        vault: &'a Vault,
        actor: &'a Actor,
    ) -> Result<Sight<'a>, LetterError> {
        Ok(Sight { vault, actor, world: routing::store::world(c).await? })
    }

    /// How much of a letter this person sees; none when they must not know of it.
    async fn reach(&self, c: &impl ConnectionTrait, line: &Line) -> Result<Option<Reach>, LetterError> {
        let opened = cases::open_own(c, self.vault, line.case_id).await?;
        let matter = matter(c, &opened).await?;
        let account_id = self.actor.account_id;
        let out = is_out(&self.world, &matter, account_id);
        let facts = CaseFacts {
            organ_id: opened.case.organ_id,
            handler_id: opened.case.handler_id,
            conflict: out,
            holds_key: holds(c, opened.id, account_id).await?,
            second: None,
        };
        if authz::decide_case(self.actor, Action::SeeCase, &facts).is_ok() {
            return Ok(Some(Reach::Whole));
        }
        let keeps = is_at_desk(self.actor, line.organ_id)
            || line.to_organ_id.is_some_and(|organ| is_at_desk(self.actor, organ));
        Ok((keeps && !out).then_some(Reach::Head))
    }
}

/// Whether an account is out by any of its roles; also when it serves nowhere.
fn is_out(world: &World, matter: &Matter, account_id: i64) -> bool {
    let mut roles = world.staff.iter().filter(|staff| staff.account_id == account_id).peekable();
    roles.peek().is_none() || roles.any(|staff| routing::conflict(world, matter, staff).is_some())
}

/// Whether somebody keeps an organ's letters: its intake and its leaders.
fn is_at_desk(actor: &Actor, organ_id: i64) -> bool {
    let keeps = |role| matches!(role, Role::Intake | Role::Leader);
    actor.grants.iter().any(|grant| grant.organ_id == Some(organ_id) && keeps(grant.role))
}

/// What a case is about, with everybody who is out of it by now.
async fn matter(c: &impl ConnectionTrait, opened: &Opened) -> Result<Matter, LetterError> {
    let sent = cases::routes(c, opened).await?.pop().ok_or(StoreError::Damaged)?;
    let mut matter = sent.matter;
    matter.recused = &cases::standing_recusals(c, &matter).await? | &opened.case.recused;
    Ok(matter)
}

/// The letters that somebody's organs sent or received, the newest first, without those of cases they may not see.
pub async fn list(c: &impl ConnectionTrait, vault: &Vault, actor: &Actor) -> Result<Vec<Line>, LetterError> {
    let organs: Vec<i64> = actor.grants.iter().filter_map(|grant| grant.organ_id).collect();
    if organs.is_empty() {
        return Ok(Vec::new());
    }
    let numbers: Vec<_> = (1..=organs.len()).map(|at| format!("${at}")).collect();
    let numbers = numbers.join(", ");
    let sql = format!(
        "{LINE} WHERE l.organ_id IN ({numbers}) OR l.to_organ_id IN ({numbers}) \
         ORDER BY l.issued_at DESC, l.id DESC"
    );
    let lines: Vec<Line> = all(c, &sql, organs.into_iter().map(Value::from).collect()).await?;
    let sight = Sight::of(c, vault, actor).await?;
    let mut seen = Vec::new();
    for line in lines {
        match sight.reach(c, &line).await {
            Ok(reach) => seen.extend(reach.map(|_| line)),
            // Of a case that does not open no letter is shown, and all others are; `daylight verify` names it.
            Err(LetterError::Case(error)) if error.is_damage() => {}
            Err(error) => return Err(error),
        }
    }
    Ok(seen)
}

/// What is late of letters on a day, for whoever should do it and whoever waits for it.
pub(crate) async fn late(c: &impl ConnectionTrait, today: Date) -> Result<Vec<cases::Call>, DbErr> {
    let sql = format!(
        "{LINE} WHERE (l.received_at IS NULL AND l.receipt_by < $1) OR (l.answered_at IS NULL AND l.due_on < $1) \
         ORDER BY l.id"
    );
    let lines: Vec<Line> = all(c, &sql, values![today.to_string()]).await?;
    let call = |line: &Line, task, day: Option<Date>| {
        let due_at = crate::clock::end_of_day(day?);
        let organs = [Some(line.organ_id), line.to_organ_id].into_iter().flatten();
        let to = organs.flat_map(|organ| [(organ, Role::Intake), (organ, Role::Leader)]).collect();
        Some(cases::Call { case_id: line.case_id, task, to, but: None, since: due_at, due_at })
    };
    let calls = |line: &Line| {
        let receipt = line.receipt_is_late(today).then(|| line.receipt());
        let answer = (line.standing(today) == Standing::Overdue).then(|| line.due());
        let receipt = receipt.and_then(|day| call(line, cases::Task::Receipt(line.id), day));
        let answer = answer.and_then(|day| call(line, cases::Task::Answer(line.id), day));
        [receipt, answer].into_iter().flatten().collect::<Vec<_>>()
    };
    Ok(lines.iter().flat_map(calls).collect())
}

/// A letter opened.
#[derive(Clone, Debug)]
pub struct Shown {
    /// What lists show.
    pub line: Line,
    /// What it says; none for those who hold no key of its case.
    pub letter: Option<Letter>,
    /// Who signed for it.
    pub receiver: Option<String>,
}

async fn line(c: &impl ConnectionTrait, id: i64) -> Result<Line, LetterError> {
    one(c, &format!("{LINE} WHERE l.id = $1"), values![id]).await?.ok_or(LetterError::NotFound)
}

fn place(number: &Number, organ_id: i64, column: &'static str) -> Place {
    let row = format!("{organ_id}/{}/{}/{}", number.kind.code(), number.year, number.serial);
    Place::new("letters", row, column)
}

/// Opens a letter for a member of staff; that they were shown the case is kept, as for the case itself.
pub async fn open(tx: &Tx, vault: &Vault, actor: &Actor, id: i64, now: Millis) -> Result<Shown, LetterError> {
    let line = line(&**tx, id).await?;
    match Sight::of(&**tx, vault, actor).await?.reach(&**tx, &line).await? {
        None => Err(LetterError::NotFound),
        Some(Reach::Head) => Ok(Shown { line, letter: None, receiver: None }),
        Some(Reach::Whole) => {
            let opened = cases::open(tx, vault, actor, line.case_id, now).await?;
            let (letter, receiver) = read(&**tx, &opened, &line).await?;
            Ok(Shown { line, letter: Some(letter), receiver })
        }
    }
}

async fn read(
    c: &impl ConnectionTrait,
    opened: &Opened,
    line: &Line,
) -> Result<(Letter, Option<String>), LetterError> {
    #[derive(FromQueryResult)]
    struct Row {
        content_locked: Vec<u8>,
        receiver_locked: Option<Vec<u8>>,
    }
    let sql = "SELECT content_locked, receiver_locked FROM letters WHERE id = $1";
    let row: Row = one(c, sql, values![line.id]).await?.ok_or(LetterError::NotFound)?;
    let number = line.number();
    let content = opened.unlock(&place(&number, line.organ_id, "content_locked"), &row.content_locked)?;
    let letter = serde_json::from_slice(content.as_bytes()).map_err(StoreError::from)?;
    let receiver = match row.receiver_locked {
        Some(locked) => {
            let opened = opened.unlock(&place(&number, line.organ_id, "receiver_locked"), &locked)?;
            Some(opened.as_str()?.to_owned())
        }
        None => None,
    };
    Ok((letter, receiver))
}

/// The letters of a case that was opened, the first first: for the case's page and the reporter's.
pub async fn of_case(c: &impl ConnectionTrait, opened: &Opened) -> Result<Vec<(Line, Letter)>, LetterError> {
    let lines: Vec<Line> =
        all(c, &format!("{LINE} WHERE l.case_id = $1 ORDER BY l.id"), values![opened.id]).await?;
    let mut letters = Vec::new();
    for line in lines {
        let (letter, _) = read(c, opened, &line).await?;
        letters.push((line, letter));
    }
    Ok(letters)
}

/// Who received a letter that the reporter opened: they never sign by name.
const READ_ONLINE: &str = "反映人（在网上查看）";

/// The letters of a case that are addressed to its reporter, the first first.
pub(crate) async fn to_reporter(
    c: &impl ConnectionTrait,
    opened: &Opened,
) -> Result<Vec<(Line, Letter)>, StoreError> {
    let mut letters = of_case(c, opened).await.map_err(|error| match error {
        LetterError::Db(error) => StoreError::Db(error),
        LetterError::Case(error) => error,
        _ => StoreError::Damaged,
    })?;
    letters.retain(|(line, letter)| {
        line.to_organ_id.is_none() && matches!(letter.number.kind, Kind::Notice | Kind::Reply)
    });
    Ok(letters)
}

/// Notes that the reporter opened a letter: the day alone, and nothing in the trail, whose order and time would say when
/// somebody looked.
pub(crate) async fn read_by_reporter(
    tx: &Tx,
    opened: &Opened,
    line: &Line,
    now: Millis,
) -> Result<(), StoreError> {
    let at = place(&line.number(), line.organ_id, "receiver_locked");
    let locked = opened.lock(&at, READ_ONLINE.as_bytes())?;
    let sql =
        "UPDATE letters SET received_at = $2, receiver_locked = $3 WHERE id = $1 AND received_at IS NULL";
    exec(&**tx, sql, values![line.id, start_of_day(now), locked]).await?;
    Ok(())
}

/// To whom a letter goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum To {
    /// A lower organ on the platform.
    Organ(i64),
    /// A unit, on paper.
    Unit(i64),
    /// Whoever reported. Never by name.
    Reporter,
}

/// A letter somebody wants to issue.
#[derive(Clone, Debug)]
pub struct Wish {
    /// Which.
    pub kind: Kind,
    /// To whom.
    pub to: To,
    /// 事由.
    pub about: String,
    /// 正文.
    pub body: Vec<String>,
    /// 附件.
    pub enclosures: Vec<String>,
    /// Until when it is to be done.
    pub due: Option<Date>,
    /// Until when the receipt is to be back.
    pub receipt_by: Option<Date>,
    /// Of the form that was shown.
    pub token: String,
}

/// The organ that issues a letter in a case, for somebody who may approve there.
async fn issuer(
    c: &impl ConnectionTrait,
    actor: &Actor,
    opened: &Opened,
) -> Result<organs::store::Line, LetterError> {
    // The case was opened: no conflict, and its key is held.
    let facts = CaseFacts {
        organ_id: opened.case.organ_id,
        handler_id: opened.case.handler_id,
        conflict: false,
        holds_key: true,
        second: None,
    };
    authz::decide_case(actor, Action::ApproveCase, &facts).map_err(|_| LetterError::Role)?;
    let organ_id = opened.case.organ_id.ok_or(LetterError::NotFound)?;
    organs::store::get(c, organ_id).await?.ok_or(LetterError::NotFound)
}

/// Whether the case is where such a letter belongs.
pub fn fits(case: &crate::cases::Case, kind: Kind) -> Result<(), LetterError> {
    let working = !matches!(case.state, State::Received | State::Held | State::Answered | State::Closed(_));
    match kind {
        Kind::Assignment if !working => Err(LetterError::Moment("这件不在办理中，不能再交办")),
        Kind::Notice if matches!(case.state, State::Received | State::Routed) => {
            Err(LetterError::Moment("请先决定是否受理，再制发告知书"))
        }
        Kind::Reply if case.answer != Some(Answer::Reply) => {
            Err(LetterError::Moment("请先作出答复，再制发答复书"))
        }
        _ => Ok(()),
    }
}

/// A case opened by somebody who may issue letters in it, with their organ.
pub async fn begin(
    tx: &Tx,
    vault: &Vault,
    actor: &Actor,
    case_id: i64,
    now: Millis,
) -> Result<(Opened, organs::store::Line), LetterError> {
    let opened = cases::open(tx, vault, actor, case_id, now).await?;
    let organ = issuer(&**tx, actor, &opened).await?;
    Ok((opened, organ))
}

/// The lower organs that may be given a case: below this one, and clear of it.
pub async fn below(
    c: &impl ConnectionTrait,
    opened: &Opened,
    organ: &organs::store::Line,
) -> Result<Vec<organs::store::Line>, LetterError> {
    let world = routing::store::world(c).await?;
    let matter = matter(c, opened).await?;
    let lower = organs::store::list(c).await?.into_iter();
    let lower = lower.filter(|one| one.id != organ.id && one.path.starts_with(&organ.path));
    let clear =
        |one: &organs::store::Line| routing::from(&world, &matter, one.id).above() == Above::Organ(one.id);
    Ok(lower.filter(clear).collect())
}

/// Whether a unit is in question in a matter: the one accused, the one of somebody named, or one below these.
fn is_in_question(world: &World, matter: &Matter, unit_id: i64) -> bool {
    let named = matter.named.iter().filter_map(|id| world.cadres.get(id)).flat_map(|cadre| &cadre.units);
    let accused = matter.unit_id.iter().filter(|_| matter.kind.accuses());
    let mut paths = named.chain(accused).filter_map(|id| world.units.get(id)).map(|unit| &unit.path);
    // A unit nobody knows might be anything.
    world.units.get(&unit_id).is_none_or(|unit| paths.any(|path| unit.path.starts_with(path.as_str())))
}

/// The addressee as the letter says it, once it is sure that they may have it.
async fn addressee(
    c: &impl ConnectionTrait,
    opened: &Opened,
    organ: &organs::store::Line,
    wish: &Wish,
) -> Result<String, LetterError> {
    match (wish.kind, &wish.to) {
        (Kind::Assignment, To::Organ(id)) => {
            let found = below(c, opened, organ).await?.into_iter().find(|one| one.id == *id);
            Ok(found.ok_or(LetterError::Addressee)?.name)
        }
        (Kind::Assignment, To::Unit(id)) => {
            let world = routing::store::world(c).await?;
            if is_in_question(&world, &matter(c, opened).await?, *id) {
                return Err(LetterError::Addressee);
            }
            let unit = crate::units::store::get(c, *id).await?.ok_or(LetterError::Addressee)?;
            Ok(unit.name)
        }
        (Kind::Notice | Kind::Reply, To::Reporter) => Ok("反映人".into()),
        _ => Err(LetterError::Addressee),
    }
}

/// Issues a letter under the next number of its series. The same form sent twice is one letter.
pub async fn issue(
    tx: &Tx,
    vault: &Vault,
    actor: &Actor,
    case_id: i64,
    wish: &Wish,
    now: Millis,
) -> Result<i64, LetterError> {
    let (opened, organ) = begin(tx, vault, actor, case_id, now).await?;
    let hash = token_hash(&wish.token);
    let sql = "SELECT id FROM letters WHERE token_hash = $1 AND case_id = $2 AND issued_by = $3";
    if let Some(id) = scalar_opt::<i64>(&**tx, sql, values![hash.clone(), case_id, actor.account_id]).await? {
        return Ok(id);
    }
    fits(&opened.case, wish.kind)?;
    let to = addressee(&**tx, &opened, &organ, wish).await?;
    let sign = organ.sign.clone().ok_or(LetterError::Sign)?;
    let number = next(tx, organ.id, wish.kind, sign, now).await?;
    let letter = Letter {
        organ: organ.name.clone(),
        number: number.clone(),
        about: wish.about.clone(),
        addressee: to,
        body: wish.body.clone(),
        enclosures: wish.enclosures.clone(),
        date: beijing(now).date(),
        due: wish.due,
        receipt: wish.receipt_by.map(|by| super::Receipt { by }),
    };
    let problems = letter.problems();
    if !problems.is_empty() {
        return Err(LetterError::Lacks(problems));
    }
    let content = serde_json::to_vec(&letter).map_err(StoreError::from)?;
    let locked = opened.lock(&place(&number, organ.id, "content_locked"), &content)?;
    let to_organ = if let To::Organ(id) = wish.to { Some(id) } else { None };
    let sql = "INSERT INTO letters (case_id, organ_id, kind, year, serial, sign, content_locked, issued_at, \
               issued_by, to_organ_id, due_on, receipt_by, stage, token_hash) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) RETURNING id";
    let bound = values![
        case_id,
        organ.id,
        wish.kind.code(),
        i64::from(number.year),
        i64::from(number.serial),
        number.sign.as_str(),
        locked,
        now,
        actor.account_id,
        to_organ,
        wish.due.map(|day| day.to_string()),
        wish.receipt_by.map(|day| day.to_string()),
        opened.case.stage.code(),
        hash
    ];
    let id: i64 = scalar(&**tx, sql, bound).await?;
    rows::keep(tx, &rows::LETTERS, case_id, now).await?;
    note(tx, actor, "letter.issue", id, &number.page(), now).await?;
    Ok(id)
}

/// The next number of a series. Whoever asks holds the series until their letter is kept or given up: no number is
/// left out and none is given twice.
async fn next(tx: &Tx, organ_id: i64, kind: Kind, sign: String, now: Millis) -> Result<Number, LetterError> {
    tx.lock(&format!("daylight letters {organ_id} {}", kind.code())).await?;
    let year = beijing(now).year();
    let sql = "SELECT COALESCE(MAX(serial), 0) FROM letters WHERE organ_id = $1 AND kind = $2 AND year = $3";
    let last: i64 = scalar(&**tx, sql, values![organ_id, kind.code(), i64::from(year)]).await?;
    let serial = u32::try_from(last + 1).map_err(|_| StoreError::Damaged)?;
    Ok(Number { sign, kind, year, serial })
}

async fn note(
    tx: &Tx,
    actor: &Actor,
    action: &str,
    id: i64,
    detail: &str,
    now: Millis,
) -> Result<(), LetterError> {
    let subject = format!("letter {id}");
    let account_id = Some(actor.account_id);
    let entry = audit::Entry { account_id, actor: &actor.name, action, subject: &subject, detail };
    Ok(audit::store::append(tx, &entry, now).await?)
}

/// Who notes that a letter was received: the receiving organ; for one on paper, whoever sent it.
pub fn may_receive(actor: &Actor, line: &Line) -> bool {
    line.received_at.is_none() && is_at_desk(actor, line.to_organ_id.unwrap_or(line.organ_id))
}

/// Who notes that the answer has come: the organ that asked for it.
pub fn may_close(actor: &Actor, line: &Line) -> bool {
    line.due_on.is_some() && line.answered_at.is_none() && is_at_desk(actor, line.organ_id)
}

/// Notes who received a letter. Received before: nothing changes.
pub async fn receive(
    tx: &Tx,
    vault: &Vault,
    actor: &Actor,
    id: i64,
    receiver: &str,
    now: Millis,
) -> Result<(), LetterError> {
    let line = open(tx, vault, actor, id, now).await?.line;
    if !may_receive(actor, &line) {
        return if line.received_at.is_some() { Ok(()) } else { Err(LetterError::Role) };
    }
    // Locked by the program's own key of the case: who receives need not have the case yet.
    let opened = cases::open_own(&**tx, vault, line.case_id).await?;
    let locked =
        opened.lock(&place(&line.number(), line.organ_id, "receiver_locked"), receiver.as_bytes())?;
    let sql =
        "UPDATE letters SET received_at = $2, receiver_locked = $3 WHERE id = $1 AND received_at IS NULL";
    if exec(&**tx, sql, values![id, now, locked]).await? == 1 {
        note(tx, actor, "letter.receive", id, &line.number().page(), now).await?;
    }
    Ok(())
}

/// Notes that what a letter asks for has come.
pub async fn answer(tx: &Tx, vault: &Vault, actor: &Actor, id: i64, now: Millis) -> Result<(), LetterError> {
    let line = open(tx, vault, actor, id, now).await?.line;
    if !may_close(actor, &line) {
        return if line.answered_at.is_some() { Ok(()) } else { Err(LetterError::Role) };
    }
    let sql = "UPDATE letters SET answered_at = $2 WHERE id = $1 AND answered_at IS NULL";
    if exec(&**tx, sql, values![id, now]).await? == 1 {
        rows::keep(tx, &rows::LETTERS, line.case_id, now).await?;
        note(tx, actor, "letter.answer", id, &line.number().page(), now).await?;
    }
    Ok(())
}
