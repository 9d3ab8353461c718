//! `/api/v1/powers`: public powers with all that is published about them.

use super::{
    asked::{Asked, Page},
    endpoint::{Endpoint, ON, PAGE, PER_PAGE, Takes, code, id},
    problem::Problem,
    shape::{Code, Day, Shape, answer},
    units::{Named, Version, named, version},
};
use crate::{
    powers::{self as registry, Kind, Level, Part, StageType, store as powers},
    revisions::{Content, SubjectKind},
    web::{Access, App, PageError, get},
};
use axum::{Json, extract::State};
use daylight_tables::value::{LimitUnit, TimeLimit};

answer! {
    /// A power of a list.
    PowerLine = "列表里的权力事项" {
        id: i64 = "编号，不会变",
        name: String = "名称",
        unit_id: i64 = "所属单位的编号",
        unit: String = "所属单位",
        kind: Option<Code<Kind>> = "权力类别",
        kind_name: Option<&'static str> = "权力类别的中文名",
        stage_type: Option<Code<StageType>> = "权力类型",
        stage_type_name: Option<&'static str> = "权力类型的中文名",
        steps: i64 = "行权流程有多少个环节",
        risks: i64 = "登记了多少个廉政风险点",
        link: String = "公开页面的网址路径",
    }
}

answer! {
    /// A power.
    Power = "一项权力" {
        id: i64 = "编号，不会变",
        name: String = "名称",
        unit: Named = "所属单位",
        kind: Option<Code<Kind>> = "权力类别",
        kind_name: Option<&'static str> = "权力类别的中文名",
        stage_type: Option<Code<StageType>> = "权力类型",
        stage_type_name: Option<&'static str> = "权力类型的中文名",
        matter: Option<String> = "事项分类，如行政许可",
        bases: Vec<Basis> = "行权依据",
        subjects: Subjects = "行权、监督、追责主体",
        disclosure: &'static str = "公开方式。单位没有写明的也公开",
        steps: Vec<Step> = "行权流程的各个环节",
        risks: Vec<Risk> = "廉政风险点和防控措施",
        missing: Vec<&'static str> = "五个明确里还没有写明的",
        version: Version = "这是哪一版",
        link: String = "公开页面的网址路径",
    }
}

answer! {
    /// A law, rule or policy that a power cites.
    Basis = "一条行权依据" {
        id: Option<i64> = "依据文件的编号，可用来查引用它的权力；现在已不引用为 null",
        title: String = "文件名称，不带书名号",
        article: String = "条款，如第十一条；没有写明为空",
        citation: String = "完整的写法",
        in_force_from: Option<Day> = "施行日期",
        in_force_to: Option<Day> = "失效日期；现行有效或不清楚为 null",
        replaced_by: Option<String> = "代替它的文件",
    }
}

answer! {
    /// Who exercises, supervises and is accountable.
    Subjects = "三类主体；没有写明的为 null" {
        exerciser: Option<String> = "行权主体",
        supervisor: Option<String> = "监督主体",
        accountable: Option<String> = "追责主体",
    }
}

answer! {
    /// A step of a procedure.
    Step = "流程的一个环节" {
        number: u32 = "第几个环节，从 1 数起",
        name: String = "环节名称",
        post: Option<String> = "承办岗位",
        limit: Option<Limit> = "办理时限",
        duties: Option<String> = "职责要求",
        control: Option<String> = "监督制约",
        complaint: Option<String> = "投诉举报途径",
        next: Vec<Next> = "接下来的环节；空的表示流程到此结束",
    }
}

answer! {
    /// A time limit.
    Limit = "办理时限" {
        amount: u32 = "数量；即办为 0",
        unit: Code<LimitUnit> = "按什么计算",
        text: String = "中文写法，如 5个工作日",
    }
}

answer! {
    /// Where a step leads.
    Next = "接下来的环节" {
        to: u32 = "环节的序号",
        when: String = "在什么情况下，如不同意；一般情况为空",
    }
}

answer! {
    /// A risk and what is done against it.
    Risk = "廉政风险点" {
        step: Option<u32> = "在第几个环节；针对整项权力为 null",
        name: String = "可能出什么问题",
        level: Option<Code<Level>> = "风险等级",
        level_name: Option<&'static str> = "风险等级的中文名",
        measures: Vec<String> = "防控措施",
    }
}

impl From<powers::Line> for PowerLine {
    fn from(line: powers::Line) -> PowerLine {
        let kind = line.kind.as_deref().and_then(Code::read);
        let stage_type = line.stage_type.as_deref().and_then(Code::read);
        PowerLine {
            link: SubjectKind::Power.href(line.id),
            id: line.id,
            name: line.name,
            unit_id: line.unit_id,
            unit: line.unit,
            kind,
            kind_name: kind.map(Code::page),
            stage_type,
            stage_type_name: stage_type.map(Code::page),
            steps: line.step_count,
            risks: line.risk_count,
        }
    }
}

impl From<TimeLimit> for Limit {
    fn from(limit: TimeLimit) -> Limit {
        Limit { amount: limit.amount, unit: Code(limit.unit), text: limit.to_string() }
    }
}

impl From<registry::Step> for Step {
    fn from(step: registry::Step) -> Step {
        let next = step.next.into_iter().map(|next| Next { to: next.to, when: next.when });
        Step {
            number: step.number,
            name: step.name,
            post: step.post,
            limit: step.limit.map(Limit::from),
            duties: step.duties,
            control: step.control,
            complaint: step.complaint,
            next: next.collect(),
        }
    }
}

impl From<registry::Risk> for Risk {
    fn from(risk: registry::Risk) -> Risk {
        Risk {
            step: risk.step,
            name: risk.name,
            level: risk.level.map(Code),
            level_name: risk.level.map(Level::page),
            measures: risk.measures,
        }
    }
}

impl Basis {
    fn new(cited: registry::Basis, known: &[powers::BasisLine]) -> Basis {
        let known = known.iter().find(|line| line.title == cited.title);
        Basis {
            id: known.map(|line| line.id),
            citation: cited.citation(),
            title: cited.title,
            article: cited.article,
            in_force_from: known.and_then(|line| line.in_force_from.clone()).map(Day),
            in_force_to: known.and_then(|line| line.in_force_to.clone()).map(Day),
            replaced_by: known.and_then(|line| line.replaced_by.clone()),
        }
    }
}

pub(super) const LIST: Endpoint = Endpoint {
    path: "/api/v1/powers",
    name: "powers",
    about: "公开的权力事项",
    fields: &[
        id("unit", "只要这个单位的，填单位编号"),
        code::<Kind>("kind", "只要这个权力类别的"),
        code::<StageType>("stage", "只要这个权力类型的"),
        id("basis", "只要引用这份依据的，填依据文件的编号"),
        PAGE,
        PER_PAGE,
    ],
    takes: Takes::Nothing,
    shape: Page::<PowerLine>::shape,
    route: |path| get(path, Access::Public, list),
};

async fn list(State(app): State<App>, asked: Asked) -> Result<Json<Page<PowerLine>>, Problem> {
    let c = app.db.read();
    let filter = powers::Filter {
        unit_id: asked.id("unit"),
        kind: asked.code("kind"),
        stage_type: asked.code("stage"),
        basis_id: asked.id("basis"),
    };
    let total = powers::count(c, &filter).await?;
    let found = powers::list(c, &filter, asked.limit(), asked.offset()).await?;
    Ok(Json(asked.page(found.into_iter().map(PowerLine::from).collect(), total)))
}

pub(super) const ONE: Endpoint = Endpoint {
    path: "/api/v1/powers/{id}",
    name: "power",
    about: "一项公开的权力：依据、主体、流程、风险",
    fields: &[ON],
    takes: Takes::Nothing,
    shape: Power::shape,
    route: |path| get(path, Access::Public, one),
};

async fn one(State(app): State<App>, asked: Asked) -> Result<Json<Power>, Problem> {
    let c = app.db.read();
    let id = asked.subject()?;
    let revision = version(&app, SubjectKind::Power, &asked).await?;
    let version = Version::from(&revision);
    let Content::Power(power) = revision.content else { return Err(PageError::NotFound.into()) };
    let known = powers::bases_of(c, id).await?;
    let unit = named(&app, power.unit.clone()).await?;
    Ok(Json(describe(id, *power, unit, &known, version)))
}

fn describe(
    id: i64,
    power: registry::Power,
    unit: Named,
    known: &[powers::BasisLine],
    version: Version,
) -> Power {
    Power {
        id,
        link: SubjectKind::Power.href(id),
        missing: power.missing().into_iter().map(Part::page).collect(),
        name: power.name,
        unit,
        kind: power.kind.map(Code),
        kind_name: power.kind.map(Kind::page),
        stage_type: power.stage_type.map(Code),
        stage_type_name: power.stage_type.map(StageType::page),
        matter: power.matter,
        bases: power.bases.into_iter().map(|cited| Basis::new(cited, known)).collect(),
        subjects: Subjects {
            exerciser: power.exerciser,
            supervisor: power.supervisor,
            accountable: power.accountable,
        },
        disclosure: "公开",
        steps: power.steps.into_iter().map(Step::from).collect(),
        risks: power.risks.into_iter().map(Risk::from).collect(),
        version,
    }
}
