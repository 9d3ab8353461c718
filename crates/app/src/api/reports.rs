//! `/api/v1/reports`: handing a report in, and coming back to it with its number and code. What the pages under
//! `/reports` do, for other programs: a county's own app, a kiosk, a hotline's desk.

use super::{
    endpoint::{Endpoint, Takes},
    problem::{Fault, Problem},
    shape::{Code, Coded, Day, Moment, Shape, answer},
    taken::{ForDraft, Taken, asks},
};
use crate::{
    attachments::{
        self, Standing, Stop,
        store::{Announced, UploadError},
    },
    calendar,
    cases::{
        lamp, overdue_days,
        routing::store::is_known,
        store::{Said, StoreError, Words},
    },
    clock::Millis,
    deadlines, phones,
    reports::{
        self, Draft, Facts, Helper, Kind, NumberError, Object, QueryCode, ReceiptNumber,
        store::{Before, Found, Status, Submitted},
    },
    superior::Handed,
    web::{Access, App, PageError, post},
};
use axum::{Json, extract::State};
use daylight_ids::Phone;
use daylight_ui::Lamp;
use sha2::{Digest, Sha256};

/// What a report may be about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObjectKind {
    /// 单位.
    Unit,
    /// 权力事项.
    Power,
    /// 环节.
    Step,
    /// 干部.
    Cadre,
    /// 地方.
    Place,
    /// 监督结果.
    Publication,
    /// 行权依据.
    Basis,
    /// 不知道.
    Unknown,
}

impl Coded for ObjectKind {
    fn every() -> &'static [ObjectKind] {
        use ObjectKind::{Basis, Cadre, Place, Power, Publication, Step, Unit, Unknown};
        &[Unit, Power, Step, Cadre, Place, Publication, Basis, Unknown]
    }

    fn code(self) -> &'static str {
        match self {
            ObjectKind::Unit => "unit",
            ObjectKind::Power => "power",
            ObjectKind::Step => "step",
            ObjectKind::Cadre => "cadre",
            ObjectKind::Place => "place",
            ObjectKind::Publication => "publication",
            ObjectKind::Basis => "basis",
            ObjectKind::Unknown => "unknown",
        }
    }

    fn page(self) -> &'static str {
        match self {
            ObjectKind::Unit => "单位",
            ObjectKind::Power => "权力事项",
            ObjectKind::Step => "环节",
            ObjectKind::Cadre => "干部",
            ObjectKind::Place => "地方（区划）",
            ObjectKind::Publication => "监督结果",
            ObjectKind::Basis => "行权依据",
            ObjectKind::Unknown => "不知道",
        }
    }
}

/// How far somebody says who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// 匿名.
    Anonymous,
    /// 手机验证.
    Phone,
    /// 实名.
    RealName,
}

impl Coded for Level {
    fn every() -> &'static [Level] {
        &[Level::Anonymous, Level::Phone, Level::RealName]
    }

    fn code(self) -> &'static str {
        match self {
            Level::Anonymous => "anonymous",
            Level::Phone => "phone",
            Level::RealName => "real_name",
        }
    }

    fn page(self) -> &'static str {
        match self {
            Level::Anonymous => "匿名",
            Level::Phone => "手机验证",
            Level::RealName => "实名",
        }
    }
}

/// What a reporter may say of their report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Saying {
    /// 补充.
    More,
    /// 满意.
    Satisfied,
    /// 不满意.
    Dissatisfied,
    /// 撤回.
    Withdraw,
    /// 不是后来登记的人.
    Deny,
    /// 就是后来登记的人.
    Confirm,
    /// 写到的就是此人.
    Same,
    /// 写到的是同名的另一个人.
    Another,
}

impl Coded for Saying {
    fn every() -> &'static [Saying] {
        &[
            Saying::More,
            Saying::Satisfied,
            Saying::Dissatisfied,
            Saying::Withdraw,
            Saying::Deny,
            Saying::Confirm,
            Saying::Same,
            Saying::Another,
        ]
    }

    fn code(self) -> &'static str {
        match self {
            Saying::More => "more",
            Saying::Satisfied => "satisfied",
            Saying::Dissatisfied => "dissatisfied",
            Saying::Withdraw => "withdraw",
            Saying::Deny => "deny",
            Saying::Confirm => "confirm",
            Saying::Same => "same",
            Saying::Another => "another",
        }
    }

    fn page(self) -> &'static str {
        match self {
            Saying::More => "补充",
            Saying::Satisfied => "满意",
            Saying::Dissatisfied => "不满意",
            Saying::Withdraw => "撤回",
            Saying::Deny => "反映的不是后来登记的人",
            Saying::Confirm => "反映的就是后来登记的人",
            Saying::Same => "写到的就是此人",
            Saying::Another => "写到的是同名的另一个人",
        }
    }
}

asks! {
    /// Nothing needs to be said to begin.
    NewDraft = "不用填写" {}
}

asks! {
    /// Who files for somebody else.
    NewHelper = "代填人" {
        may name: String = "代填人的姓名",
        may phone: String = "代填人的电话",
        may consent: bool = "已把内容读给本人听，本人同意",
    }
}

asks! {
    /// A report to hand in.
    NewReport = "要提交的反映" {
        must kind: Code<Kind> = "哪一类：accusation 检举控告，complaint 投诉，request 求助，suggestion 意见建议",
        must object: Code<ObjectKind> = "反映的是什么；不知道是谁填 unknown",
        may object_id: i64 = "反映对象的编号；object 是 unknown 时不填",
        may step: u32 = "第几个环节；object 是 step 时填，object_id 填权力事项的编号",
        must what: String = "发生了什么，10 到 5000 个字",
        may who: String = "自己的话说是谁",
        may when: String = "什么时候",
        may place: String = "在哪里",
        may amount: String = "涉及金额，如 1.2万元",
        may points: Vec<String> = "要求逐条答复的问题，最多 10 条；不填则整件算一条",
        must level: Code<Level> = "匿名、手机验证或实名",
        may phone: String = "手机号，须先用短信验证码验证",
        may name: String = "实名时的姓名",
        may citizen_id: String = "实名时的身份证号",
        may helper: NewHelper = "代别人填写时填",
    }
}

asks! {
    /// A telephone to which a code shall be sent.
    NewCode = "要验证的手机号" { must phone: String = "手机号", }
}

asks! {
    /// The code that arrived.
    NewProof = "收到的验证码" {
        must phone: String = "手机号",
        must code: String = "短信里的 6 位验证码",
    }
}

asks! {
    /// A file that shall be sent.
    NewFile = "要上传的证据文件" {
        must name: String = "文件名",
        must size: u32 = "字节数，最多 50 MB",
        may same: String = "您自己起的记号：中断后用同样的记号和字节数再开始，接着原来的位置传",
    }
}

asks! {
    /// A piece of a file.
    NewChunk = "文件的一段" {
        must file: String = "文件的代号",
        must offset: u32 = "这一段从第几个字节开始，从 0 数起",
        must data: String = "内容，Base64；除最后一段外至少 16 KB，最多 512 KB",
    }
}

asks! {
    /// The end of a file.
    FileEnd = "文件传完了" {
        must file: String = "文件的代号",
        must sha256: String = "整个文件的 SHA-256，小写十六进制",
    }
}

asks! {
    /// Number and code of a report.
    Ticket = "编号和查询码" {
        must number: String = "受理编号，13 位数字",
        must code: String = "查询码，12 位",
    }
}

asks! {
    /// What a reporter says.
    Reply = "反映人要说的话" {
        must number: String = "受理编号",
        must code: String = "查询码",
        must say: Code<Saying> = "说什么",
        may text: String = "补充的内容，补充了文件的可以不写；不满意时写还缺什么",
        may points: Vec<String> = "补充时新提出的、要求答复的问题",
        may seen: u32 = "说 deny、confirm、same、another 时必填：查询结果里的 seen，原样送回",
        may whom: i64 = "说 same、another 时必填：查询结果 namesakes 里的编号",
    }
}

answer! {
    /// A place in which a report is prepared.
    DraftToken = "一份草稿" {
        draft: String = "草稿的凭证：以后的请求放在请求头 Authorization: Bearer 里；只有您知道，请勿写进日志",
        kept_until: Moment = "保留到什么时候",
    }
}

answer! {
    /// What became of a request for a code.
    CodeSent = "验证码的结果" {
        sent: bool = "已发出或排上队为 true；要过一会儿才能再发为 false，先前的验证码仍可使用",
        from: Moment = "发出的时间：人多时排队，会晚于现在；没有发出：什么时候可以再发",
        until: Moment = "发出了：到什么时候有效；没有发出：什么时候可以再发",
    }
}

answer! {
    /// What became of a code.
    PhoneProved = "验证的结果" {
        proved: bool = "验证通过为 true",
        tries_left: i64 = "还可以试几次；为 0 时请重新获取验证码",
    }
}

answer! {
    /// Where a file stands.
    FileStanding = "文件传到哪里" {
        file: String = "文件的代号",
        next: i64 = "下一段从第几个字节开始",
        size: i64 = "整个文件的字节数",
        kept: bool = "传完并核对无误为 true；没有传完的不会提交",
        chunk: i64 = "建议每段多少字节",
    }
}

answer! {
    /// What became of a submission.
    Receipt = "提交的结果" {
        accepted: bool = "收下了为 true；属于上级管辖、也不能密封转交的为 false，什么也没有保存",
        number: Option<String> = "受理编号",
        code: Option<String> = "查询码；和编号一起才能查询，只显示给提交的人",
        channel: Option<String> = "没有收下或已密封转交上级时，应当向哪里询问",
    }
}

answer! {
    /// A line of the reporter's timeline.
    Told = "一条进展" {
        at: Moment = "时间",
        by: &'static str = "谁：平台、反映人，或纪检组织里的角色",
        deed: &'static str = "做了什么",
        reason: String = "理由；没有为空",
        text: String = "写了什么；没有为空",
        points: Vec<String> = "新提出的问题",
        answers: Vec<String> = "逐条的答复，与问题的次序相同",
        files: u32 = "反映人附上了几个文件",
    }
}

answer! {
    /// Somebody whose name the reporter wrote.
    Asked = "姓名写在反映里的人" {
        id: i64 = "编号",
        who: String = "姓名和现在的任职",
    }
}

answer! {
    /// Where a report stands.
    ReportStatus = "一件反映办到哪里" {
        state: &'static str = "办理状态的代码；held 表示本县都须回避，待上级处理，没有办结",
        state_name: &'static str = "办理状态",
        lamp: &'static str = "办理指示灯：waiting、yellow、red、done",
        lamp_name: &'static str = "指示灯的意思",
        kind: Option<Code<Kind>> = "哪一类；已密封转交上级的为 null，这里没有人知道",
        due_on: Option<Day> = "下一个期限；没有或算不出为 null",
        due_because: Vec<String> = "期限是怎么算出来的",
        overdue_days: Option<u32> = "已经超期多少个工作日；没有超期为 null",
        points: Vec<String> = "要求答复的问题",
        question: Vec<String> = "办理机关后来登记的被反映人在哪些单位任职；反映的不是他们的，用 say=deny 说明；就是他们的，用 say=confirm 确认（等确认的才能确认，否则 409）。没有要核对的为空",
        namesakes: Vec<Asked> = "写的内容里有工作人员或其亲属的姓名：就是此人的用 say=same、同名的用 say=another 说明，whom 填编号。没有要核对的为空",
        seen: Option<u32> = "这次看到的是第几步；说 deny、confirm、same、another 时原样送回",
        channel: Option<String> = "待上级处理时，上级的联系渠道；否则为 null",
        timeline: Vec<Told> = "进展，先发生的在前",
    }
}

impl NewReport {
    fn object(&self) -> Result<Option<Object>, Problem> {
        let Some(Code(kind)) = self.object else { return Ok(None) };
        let id = || self.object_id.ok_or_else(|| Problem::value("object_id", "请填写反映对象的编号"));
        Ok(Some(match kind {
            ObjectKind::Unit => Object::Unit(id()?),
            ObjectKind::Power => Object::Power(id()?),
            ObjectKind::Step => {
                Object::Step(id()?, self.step.ok_or_else(|| Problem::value("step", "请填写第几个环节"))?)
            }
            ObjectKind::Cadre => Object::Cadre(id()?),
            ObjectKind::Place => Object::Place(id()?),
            ObjectKind::Publication => Object::Publication(id()?),
            ObjectKind::Basis => Object::Basis(id()?),
            ObjectKind::Unknown => Object::Unknown,
        }))
    }

    fn draft(self) -> Result<Draft, Problem> {
        let object = self.object()?;
        let text = Option::unwrap_or_default;
        let helper = |helper: NewHelper| Helper {
            name: helper.name.unwrap_or_default(),
            phone: helper.phone.unwrap_or_default(),
            consent: helper.consent.unwrap_or_default(),
        };
        Ok(Draft {
            kind: self.kind.map(|Code(kind)| kind),
            object,
            facts: Facts {
                what: text(self.what),
                who: text(self.who),
                when: text(self.when),
                place: text(self.place),
                amount: text(self.amount),
            },
            points: self.points.unwrap_or_default(),
            level: self.level.map(|Code(level)| level.code().to_owned()).unwrap_or_default(),
            phone: text(self.phone),
            name: text(self.name),
            citizen_id: text(self.citizen_id),
            helper: self.helper.map(helper),
        })
    }
}

fn ticket(number: Option<&String>, code: Option<&String>) -> Result<(ReceiptNumber, QueryCode), Problem> {
    let wrong = |field| move |error: NumberError| Problem::value(field, error.to_string());
    let text = |typed: Option<&String>| typed.cloned().unwrap_or_default();
    let number = ReceiptNumber::parse(&text(number)).map_err(wrong("number"))?;
    let code = QueryCode::parse(&text(code)).map_err(wrong("code"))?;
    Ok((number, code))
}

fn refused(error: StoreError) -> Problem {
    match error {
        StoreError::NotFound => PageError::NotFound.into(),
        StoreError::Db(error) => error.into(),
        StoreError::Refused(_) | StoreError::NoExtension(_) | StoreError::Unsound(_) | StoreError::Moved => {
            Problem::Conflict(error.to_string())
        }
        StoreError::Denied(_) | StoreError::Damaged | StoreError::Vault(_) => {
            PageError::internal(error).into()
        }
    }
}

pub(super) const DRAFT: Endpoint = Endpoint {
    path: "/api/v1/reports/drafts",
    name: "new_draft",
    about: "开始一份反映，得到草稿凭证；同一份草稿提交几次都只算一件",
    fields: &[],
    takes: Takes::Json(NewDraft::shape),
    shape: DraftToken::shape,
    route: |path| post(path, Access::PublicFresh, draft),
};

async fn draft(State(app): State<App>, _: Taken<NewDraft>) -> Result<Json<DraftToken>, Problem> {
    let mut drawn = [0_u8; 32];
    getrandom::fill(&mut drawn).map_err(|_| PageError::Busy)?;
    let token = data_encoding::BASE64URL_NOPAD.encode(&drawn);
    let now = app.clock.now();
    let tx = app.db.write().await?;
    reports::store::save_draft(&tx, &app.vault, &token, &Draft::default(), now).await.map_err(refused)?;
    tx.commit().await?;
    Ok(Json(DraftToken { draft: token, kept_until: Moment(now + reports::store::DRAFT_LIVES) }))
}

fn phone(typed: Option<&String>) -> Result<Phone, Problem> {
    let typed = typed.map(String::as_str).unwrap_or_default();
    Phone::parse(typed).map_err(|error| Problem::value("phone", error.to_string()))
}

pub(super) const CODE: Endpoint = Endpoint {
    path: "/api/v1/reports/phone-codes",
    name: "send_phone_code",
    about: "向手机发一个验证码，用来证明号码是反映人的；匿名反映不需要",
    fields: &[],
    takes: Takes::ForDraft(NewCode::shape),
    shape: CodeSent::shape,
    route: |path| post(path, Access::PublicFresh, send_code),
};

async fn send_code(
    State(app): State<App>,
    ForDraft(token): ForDraft,
    Taken(asked): Taken<NewCode>,
) -> Result<Json<CodeSent>, Problem> {
    let phone = phone(asked.phone.as_ref())?;
    let now = app.clock.now();
    let tx = app.db.write().await?;
    let purpose = phones::Purpose::Report(&token);
    let (sent, from, until) = match phones::request(&tx, &app.vault, &phone, purpose, now).await? {
        phones::Requested::Sent { from, until } => (true, from, until),
        phones::Requested::Wait { until } | phones::Requested::Busy { until } => (false, until, until),
        phones::Requested::Numbers => return Err(Problem::value("phone", reports::TOO_MANY_NUMBERS)),
        phones::Requested::NotMobile => return Err(Problem::value("phone", "请填写手机号，座机收不到短信")),
    };
    tx.commit().await?;
    daylight_queue::wake();
    Ok(Json(CodeSent { sent, from: Moment(from), until: Moment(until) }))
}

pub(super) const PROOF: Endpoint = Endpoint {
    path: "/api/v1/reports/phone-proofs",
    name: "prove_phone",
    about: "用收到的验证码证明手机号；通过后，用同一份草稿提交的反映可以填这个号码",
    fields: &[],
    takes: Takes::ForDraft(NewProof::shape),
    shape: PhoneProved::shape,
    route: |path| post(path, Access::PublicFresh, prove),
};

async fn prove(
    State(app): State<App>,
    ForDraft(token): ForDraft,
    Taken(asked): Taken<NewProof>,
) -> Result<Json<PhoneProved>, Problem> {
    let phone = phone(asked.phone.as_ref())?;
    let code = phones::Code::parse(asked.code.as_deref().unwrap_or_default());
    let code = code.ok_or_else(|| Problem::value("code", "请填写短信里的6位数字"))?;
    let now = app.clock.now();
    let tx = app.db.write().await?;
    let purpose = phones::Purpose::Report(&token);
    let proved = phones::prove(&tx, &app.vault, &phone, purpose, &code, now).await?;
    // Committed whatever came out: the try counts.
    tx.commit().await?;
    let (proved, tries_left) = match proved {
        phones::Proved::Yes => (true, 0),
        phones::Proved::Wrong { left } => (false, left),
        phones::Proved::Gone => (false, 0),
    };
    Ok(Json(PhoneProved { proved, tries_left }))
}

fn standing(done: Result<Standing, Stop>) -> Result<Json<FileStanding>, Problem> {
    let standing = match done {
        Ok(standing) => standing,
        Err(Stop::Page(error)) => return Err(error.into()),
        Err(Stop::Upload(UploadError::Refused(refused))) => {
            return Err(Problem::value("file", refused.to_string()));
        }
        Err(Stop::Upload(error @ UploadError::Offset(_))) => {
            return Err(Problem::Conflict(error.to_string()));
        }
        Err(Stop::Upload(error)) => return Err(PageError::from(error).into()),
    };
    let count = |bytes: u64| i64::try_from(bytes).unwrap_or(i64::MAX);
    Ok(Json(FileStanding {
        next: count(standing.next),
        size: count(standing.size),
        kept: standing.kept,
        chunk: count(standing.chunk as u64),
        file: standing.file,
    }))
}

pub(super) const FILE: Endpoint = Endpoint {
    path: "/api/v1/reports/files",
    name: "begin_file",
    about: "开始上传一个证据文件：照片、录音、视频、文档",
    fields: &[],
    takes: Takes::ForDraft(NewFile::shape),
    shape: FileStanding::shape,
    route: |path| post(path, Access::PublicFresh, begin_file),
};

async fn begin_file(
    State(app): State<App>,
    ForDraft(token): ForDraft,
    Taken(asked): Taken<NewFile>,
) -> Result<Json<FileStanding>, Problem> {
    let (name, same) = (asked.name.unwrap_or_default(), asked.same.unwrap_or_default());
    let size = asked.size.ok_or_else(|| Problem::value("size", "请填写文件的字节数"))?;
    let announced = Announced { name: &name, size: size.into(), same: &same };
    standing(attachments::announce(&app, &token, &announced).await)
}

pub(super) const CHUNK: Endpoint = Endpoint {
    path: "/api/v1/reports/files/chunks",
    name: "send_chunk",
    about: "上传文件的一段；网络中断后从返回的位置接着传，同一段传两次没有关系",
    fields: &[],
    takes: Takes::ForDraft(NewChunk::shape),
    shape: FileStanding::shape,
    route: |path| post(path, Access::PublicFresh, send_chunk),
};

async fn send_chunk(
    State(app): State<App>,
    ForDraft(token): ForDraft,
    Taken(asked): Taken<NewChunk>,
) -> Result<Json<FileStanding>, Problem> {
    let bytes = data_encoding::BASE64.decode(asked.data.unwrap_or_default().as_bytes());
    let bytes = bytes.map_err(|_| Problem::value("data", "内容应当是 Base64"))?;
    if bytes.len() > attachments::CHUNK_MOST {
        return Err(Problem::value("data", "一段最多 512 KB"));
    }
    let offset = asked.offset.ok_or_else(|| Problem::value("offset", "请填写从第几个字节开始"))?;
    let sha256 = data_encoding::HEXLOWER.encode(&Sha256::digest(&bytes));
    let file = asked.file.unwrap_or_default();
    standing(attachments::send_on(&app, &token, &file, offset.into(), &sha256, bytes).await)
}

pub(super) const FILE_END: Endpoint = Endpoint {
    path: "/api/v1/reports/files/finished",
    name: "finish_file",
    about: "文件传完了，请核对并保存",
    fields: &[],
    takes: Takes::ForDraft(FileEnd::shape),
    shape: FileStanding::shape,
    route: |path| post(path, Access::PublicFresh, finish_file),
};

async fn finish_file(
    State(app): State<App>,
    ForDraft(token): ForDraft,
    Taken(asked): Taken<FileEnd>,
) -> Result<Json<FileStanding>, Problem> {
    let (file, sha256) = (asked.file.unwrap_or_default(), asked.sha256.unwrap_or_default());
    standing(attachments::complete(&app, &token, &file, &sha256).await)
}

pub(super) const SUBMIT: Endpoint = Endpoint {
    path: "/api/v1/reports",
    name: "submit_report",
    about: "提交一件反映",
    fields: &[],
    takes: Takes::ForDraft(NewReport::shape),
    shape: Receipt::shape,
    route: |path| post(path, Access::PublicFresh, submit),
};

/// Said to whoever sends another report under the token of an earlier one: theirs must not vanish into its receipt.
const USED: &str =
    "这份草稿已经用来提交过另一件反映，这一件没有收下。请用 new_draft 重新取一份草稿，再提交。";
/// Said to whoever made up a token, or came too late.
const UNKNOWN: &str = "没有这份草稿，或者已经过期，这一件没有收下。请用 new_draft 重新取一份草稿，再提交。";

async fn submit(
    State(app): State<App>,
    ForDraft(token): ForDraft,
    Taken(report): Taken<NewReport>,
) -> Result<Json<Receipt>, Problem> {
    let now = app.clock.now();
    let tx = app.db.write().await?;
    let draft = report.draft()?;
    let before = reports::store::before(&tx, &app.vault, &token, &draft, now).await.map_err(refused)?;
    let lying = attachments::store::lying(&tx, &token).await?;
    let done = match before {
        // Its telephone may be proved no more, which is no reason to refuse what was taken before.
        Before::Same(before) => before,
        Before::Other => return Err(Problem::Conflict(USED.into())),
        Before::Nothing => {
            let until = reports::store::draft_until(&*tx, &token).await?;
            if until.is_none_or(|until| until <= now) {
                return Err(Problem::Conflict(UNKNOWN.into()));
            }
            let proved = phones::proved(&*tx, &app.vault, &token, now).await.map_err(PageError::internal)?;
            let fault = |fault: reports::Fault| Fault { field: fault.field.to_owned(), error: fault.message };
            let report = draft.check(proved.as_ref());
            let report = report.map_err(|faults| Problem::Faults(faults.into_iter().map(fault).collect()))?;
            if !is_known(&*tx, report.object).await? {
                return Err(Problem::value("object_id", "没有这个编号"));
            }
            let what = (&draft, &report);
            reports::store::submit_draft(&tx, &app.vault, &app.config.data, what, &token, now)
                .await
                .map_err(refused)?
        }
    };
    let receipt = match done {
        Submitted::Receipt { number, code } => Receipt {
            accepted: true,
            number: Some(number.canonical().to_owned()),
            code: Some(code.canonical().to_owned()),
            channel: None,
        },
        Submitted::Handed { number, code, handed } => Receipt {
            accepted: true,
            number: Some(number.canonical().to_owned()),
            code: Some(code.canonical().to_owned()),
            channel: Some(handed.channel),
        },
        Submitted::Elsewhere { channel } => {
            Receipt { accepted: false, number: None, code: None, channel: Some(channel) }
        }
        Submitted::Before => {
            return Err(Problem::Conflict("这份草稿早已提交，编号和查询码只显示给当时提交的人".into()));
        }
    };
    let gone = attachments::store::gone(&tx, lying).await?;
    tx.commit().await?;
    attachments::clear(&app, gone).await?;
    Ok(Json(receipt))
}

pub(super) const STATUS: Endpoint = Endpoint {
    path: "/api/v1/reports/status",
    name: "report_status",
    about: "凭编号和查询码查询一件反映；编号不对和查询码不对的回答完全相同",
    fields: &[],
    takes: Takes::Json(Ticket::shape),
    shape: ReportStatus::shape,
    route: |path| post(path, Access::PublicFresh, status),
};

async fn status(State(app): State<App>, Taken(asked): Taken<Ticket>) -> Result<Json<ReportStatus>, Problem> {
    let (number, code) = ticket(asked.number.as_ref(), asked.code.as_ref())?;
    let now = app.clock.now();
    let tx = app.db.write().await?;
    let found = reports::store::open(&tx, &app.vault, &number, &code, now).await.map_err(refused)?;
    // Committed also when nothing was found: the try counts.
    tx.commit().await?;
    shown(&app, found, now).await
}

pub(super) const MORE: Endpoint = Endpoint {
    path: "/api/v1/reports/supplements",
    name: "begin_supplement",
    about: "要给已提交的反映补充文件：凭编号和查询码得到凭证，用它上传文件；随后用 reply_to_report 说 more，传完的文件一起提交",
    fields: &[],
    takes: Takes::Json(Ticket::shape),
    shape: DraftToken::shape,
    route: |path| post(path, Access::PublicFresh, begin_more),
};

async fn begin_more(
    State(app): State<App>,
    Taken(asked): Taken<Ticket>,
) -> Result<Json<DraftToken>, Problem> {
    let (number, code) = ticket(asked.number.as_ref(), asked.code.as_ref())?;
    let now = app.clock.now();
    let tx = app.db.write().await?;
    let begun = reports::store::begin_more(&tx, &app.vault, &number, &code, now).await;
    let (found, token) = begun.map_err(refused)?;
    // Committed also when nothing was found: the try counts.
    tx.commit().await?;
    let closed = || Problem::Conflict("这件已经办结或者已密封转交上级，不能再补充".to_owned());
    match found {
        Found::Report(_) | Found::Handed(_) => {
            let draft = token.ok_or_else(closed)?;
            Ok(Json(DraftToken { draft, kept_until: Moment(now + reports::store::DRAFT_LIVES) }))
        }
        Found::Nothing => Err(PageError::NotFound.into()),
        Found::Wait { until } => Err(Problem::Wait { seconds: (until - now).max(0) / 1000 + 1 }),
    }
}

pub(super) const REPLY: Endpoint = Endpoint {
    path: "/api/v1/reports/replies",
    name: "reply_to_report",
    about: "反映人补充、评价、撤回，或说明反映的是不是后来登记的人、写到的是不是同名的人",
    fields: &[],
    takes: Takes::Json(Reply::shape),
    shape: ReportStatus::shape,
    route: |path| post(path, Access::PublicFresh, reply),
};

async fn reply(State(app): State<App>, Taken(asked): Taken<Reply>) -> Result<Json<ReportStatus>, Problem> {
    let (number, code) = ticket(asked.number.as_ref(), asked.code.as_ref())?;
    let now = app.clock.now();
    let tx = app.db.write().await?;
    let token = reports::store::more_token(&app.vault, &number, &code);
    let lying = attachments::store::lying(&tx, &token).await?;
    let said = said(asked, !lying.is_empty())?;
    let found = reports::store::say(&tx, &app.vault, &number, &code, said, now).await.map_err(refused)?;
    let gone = attachments::store::gone(&tx, lying).await?;
    tx.commit().await?;
    attachments::clear(&app, gone).await?;
    shown(&app, found, now).await
}

fn said(asked: Reply, with_files: bool) -> Result<Said, Problem> {
    let Some(Code(say)) = asked.say else { return Err(Problem::value("say", "请填写要说什么")) };
    let text = asked.text.unwrap_or_default().trim().to_owned();
    let points: Vec<_> = asked.points.unwrap_or_default();
    let points: Vec<_> =
        points.iter().map(|point| point.trim().to_owned()).filter(|point| !point.is_empty()).collect();
    if text.chars().count() > Draft::WHAT_MOST {
        return Err(Problem::value("text", format!("最多{}个字", Draft::WHAT_MOST)));
    }
    if points.len() > Draft::POINTS_MOST
        || points.iter().any(|point| point.chars().count() > Draft::SHORT_MOST)
    {
        let error = format!("最多{}条，每条最多{}个字", Draft::POINTS_MOST, Draft::SHORT_MOST);
        return Err(Problem::value("points", error));
    }
    Ok(match say {
        Saying::More if text.is_empty() && !with_files => {
            return Err(Problem::value("text", "请写补充的内容"));
        }
        Saying::Dissatisfied if text.is_empty() => return Err(Problem::value("text", "请写还缺什么")),
        Saying::More => Said::More(Words { text, points, answers: Vec::new() }),
        Saying::Satisfied => Said::Satisfied,
        Saying::Dissatisfied => Said::Dissatisfied(text),
        Saying::Withdraw => Said::Withdraw,
        Saying::Deny | Saying::Confirm => {
            let seen = asked.seen.ok_or_else(|| Problem::value("seen", "请填写查询结果里的 seen"))?;
            if say == Saying::Deny { Said::Deny { seen } } else { Said::Confirm { seen } }
        }
        Saying::Same | Saying::Another => {
            let seen = asked.seen.ok_or_else(|| Problem::value("seen", "请填写查询结果里的 seen"))?;
            let cadre_id = asked.whom.ok_or_else(|| Problem::value("whom", "请填写是哪个人的编号"))?;
            match say {
                Saying::Same => Said::Same { cadre_id, seen },
                _ => Said::Another { cadre_id, seen },
            }
        }
    })
}

async fn shown(app: &App, found: Found, now: Millis) -> Result<Json<ReportStatus>, Problem> {
    match found {
        Found::Report(status) => describe(app, *status, now).await.map(Json),
        Found::Handed(handed) => Ok(Json(handed_over(handed))),
        Found::Nothing => Err(PageError::NotFound.into()),
        Found::Wait { until } => Err(Problem::Wait { seconds: (until - now).max(0) / 1000 + 1 }),
    }
}

/// What went to the superior: who has it is all that is known here.
fn handed_over(handed: Handed) -> ReportStatus {
    let told = |at, deed, text| Told {
        at: Moment(at),
        by: "平台",
        deed,
        reason: String::new(),
        text,
        points: Vec::new(),
        answers: Vec::new(),
        files: 0,
    };
    let lamp = Lamp::Waiting;
    let mut timeline = vec![told(
        handed.made_at,
        "密封转交上级",
        format!("已密封转交{}。本县任何人都打不开。请向上级询问进展：{}", handed.superior, handed.channel),
    )];
    timeline.extend(handed.fetched_at.map(|at| told(at, "上级取走", String::new())));
    ReportStatus {
        state: "sealed",
        state_name: "已密封转交上级",
        lamp: "waiting",
        lamp_name: lamp.word(),
        kind: None,
        due_on: None,
        due_because: Vec::new(),
        overdue_days: None,
        points: Vec::new(),
        question: Vec::new(),
        namesakes: Vec::new(),
        seen: None,
        channel: Some(handed.channel),
        timeline,
    }
}

async fn describe(app: &App, status: Status, now: Millis) -> Result<ReportStatus, Problem> {
    let c = app.db.read();
    let case = &status.case;
    let profile = deadlines::store::kept(c, &case.profile).await?;
    let profile = profile.ok_or_else(|| PageError::Internal("a case without its profile".into()))?;
    let calendar = calendar::store::calendar(c).await?;
    let clocks = case.clocks(&profile, &calendar, now);
    let next = clocks.iter().find(|clock| clock.run.ended.is_none());
    let lamp = lamp(case);
    Ok(ReportStatus {
        state: case.state.code(),
        state_name: case.state.page(),
        lamp: match lamp {
            Lamp::Waiting => "waiting",
            Lamp::Yellow => "yellow",
            Lamp::Red => "red",
            Lamp::Done => "done",
        },
        lamp_name: lamp.word(),
        kind: Some(Code(case.kind)),
        due_on: next.map(|clock| Day(clock.due.date.to_string())),
        due_because: next
            .map(|clock| clock.due.lines.iter().map(ToString::to_string).collect())
            .unwrap_or_default(),
        overdue_days: overdue_days(&clocks, &calendar, now),
        points: status.content.points.clone(),
        question: status.question.clone().map(asked).unwrap_or_default(),
        namesakes: status.namesakes.iter().map(|one| Asked { id: one.id, who: one.who.clone() }).collect(),
        seen: Some(status.seen),
        channel: status.held.as_ref().map(|held| held.channel.clone()),
        timeline: status.timeline.iter().map(|told| line(&status, told)).collect(),
    })
}

fn asked(question: crate::cases::store::Question) -> Vec<String> {
    if question.units.is_empty() { vec!["现在没有任职".to_owned()] } else { question.units }
}

fn line(status: &Status, told: &reports::store::Told) -> Told {
    Told {
        at: Moment(told.at),
        by: told.by,
        deed: told.deed,
        reason: told.reason.clone(),
        text: told.words.text.clone(),
        points: told.words.points.clone(),
        answers: told.words.answers.clone(),
        files: u32::try_from(status.files_of(told.number).count()).unwrap_or(u32::MAX),
    }
}
