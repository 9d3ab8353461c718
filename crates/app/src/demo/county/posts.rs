//! Who sits where: the posts of each kind of unit, and who of them takes a step.

use super::units::{Kind, Unit};

/// The posts that steps of a procedure name.
#[derive(Debug)]
pub(super) struct Roles {
    /// 经办.
    pub(super) doer: String,
    /// 负责: the head of the desk.
    pub(super) lead: String,
    /// 分管.
    pub(super) deputy: String,
    /// 主要.
    pub(super) chief: String,
    /// 集体.
    pub(super) board: String,
    /// 监督, inside the unit.
    pub(super) watch: String,
    /// 财务人员.
    pub(super) bookkeeper: String,
}

/// Titles of the head and the deputies of a unit.
pub(super) fn titles(unit: &Unit) -> (&'static str, &'static str) {
    let name = unit.name.as_str();
    match unit.kind {
        Kind::Leading => ("主任", "副主任"),
        Kind::Department => match unit.suffix.as_str() {
            // Their first heads sit in the county's leadership.
            "纪委监委" | "委政法委员会" => ("常务副书记", "副书记"),
            "委组织部" | "委宣传部" | "委统一战线工作部" => ("常务副部长", "副部长"),
            "残疾人联合会" => ("理事长", "副理事长"),
            "总工会" | "妇女联合会" => ("主席", "副主席"),
            "供销合作社联合社" => ("理事会主任", "理事会副主任"),
            suffix if suffix.ends_with('局') => ("局长", "副局长"),
            _ => ("主任", "副主任"),
        },
        Kind::Township if name.contains("乡人民政府") => ("乡长", "副乡长"),
        Kind::Township => ("镇长", "副镇长"),
        Kind::Village | Kind::Community => ("主任", "副主任"),
        Kind::School if name.ends_with("幼儿园") => ("园长", "副园长"),
        Kind::School => ("校长", "副校长"),
        Kind::Hospital if name.ends_with("中心") => ("主任", "副主任"),
        Kind::Hospital => ("院长", "副院长"),
        Kind::Enterprise => ("董事长", "副总经理"),
    }
}

/// The post that heads an inner body: "财务股股长", "财政所所长", "办公室主任".
pub(super) fn desk_head(desk: &str) -> String {
    if desk.ends_with("大队") {
        return format!("{desk}大队长");
    }
    match desk.chars().last() {
        Some(last @ ('股' | '队' | '站' | '所' | '科' | '部')) => format!("{desk}{last}长"),
        _ => format!("{desk}主任"),
    }
}

/// The heads of a unit with what they answer for, the first first.
pub(super) fn heads(unit: &Unit) -> Vec<(String, String)> {
    let (head, deputy) = titles(unit);
    let post = |post: &str, duties: &str| (post.to_owned(), duties.to_owned());
    let deputy_of = |at: usize, rest: &str| {
        let desks = unit.desks.iter().skip(1 + at * 2).take(2).copied().collect::<Vec<_>>().join("、");
        (deputy.to_owned(), format!("{rest}，分管{desks}"))
    };
    match unit.kind {
        Kind::Township => {
            vec![
                post("党委书记", "主持党委全面工作，抓基层党建、党风廉政建设"),
                post(head, "主持政府全面工作，负责财政、审计、安全生产"),
                post(deputy, "负责民生保障、村镇建设，分管社会事务办公室、村镇建设办公室"),
            ]
        }
        Kind::Enterprise => vec![post(head, "主持董事会和党组织工作，负责重大决策、风险防控")],
        Kind::School => {
            vec![
                post(head, "主持学校全面工作，负责招生、财务、人事"),
                post(deputy, "负责教育教学和后勤，分管教导处、总务处"),
            ]
        }
        Kind::Hospital => {
            vec![
                post(head, "主持全面工作，负责财务、采购、人事"),
                post(deputy, "负责医疗质量和药事管理，分管医务科、药剂科"),
            ]
        }
        _ => vec![
            post(head, "主持全面工作，负责人事、审计和党风廉政建设"),
            deputy_of(0, "协助负责业务工作"),
            deputy_of(1, "协助负责综合保障和执法监督工作"),
        ],
    }
}

/// Heads of inner bodies, in order of weight.
pub(super) fn stations(unit: &Unit) -> Vec<(String, String)> {
    let extra = if unit.kind == Kind::Department { vec!["信息和档案股"] } else { Vec::new() };
    let desks = unit.desks.iter().copied().chain(extra);
    desks.map(|desk| (desk_head(desk), format!("主持{desk}工作，对承办事项审核把关"))).collect()
}

/// Members of a village or community committee.
pub(super) fn committee(unit: &Unit) -> Vec<(String, String)> {
    let (people, watch) = words(unit.kind);
    let post = |post: String, duties: &str| (post, duties.to_owned());
    vec![
        post(format!("党支部书记、{people}主任"), "主持全面工作，负责村级财务审批、重大事项提议"),
        post(format!("{watch}主任"), "监督财务收支、工程项目、救助评定和信息公开"),
        post(format!("{people}委员（文书）"), "负责受理登记、档案、公示公开"),
        post(format!("{people}副主任"), "负责民政、土地、集体资产和工程项目"),
        post(format!("{people}委员（妇联主席）"), "负责妇女儿童、卫生健康和残疾人工作"),
        post("党支部副书记".to_owned(), "负责党建、党员发展和矛盾调解"),
    ]
}

fn words(kind: Kind) -> (&'static str, &'static str) {
    if kind == Kind::Village {
        ("村民委员会", "村务监督委员会")
    } else {
        ("居民委员会", "居务监督委员会")
    }
}

/// The leaders of a county as their four offices list them.
pub(super) fn leaders(office: &str) -> Vec<(&'static str, &'static str)> {
    match office {
        "委办公室" => vec![
            ("县委书记", "主持县委全面工作"),
            ("县委副书记", "协助抓党的建设、农业农村和群团工作"),
            ("县委常委、纪委书记、监委主任", "负责纪检监察、巡察工作"),
            ("县委常委、组织部部长", "负责组织、干部、人才和公务员工作"),
            ("县委常委、宣传部部长", "负责宣传思想、精神文明和网络工作"),
            ("县委常委、政法委书记", "负责政法、平安建设和信访稳定"),
            ("县委常委、统战部部长", "负责统一战线、民族宗教工作"),
            ("县委常委、办公室主任", "负责县委日常运转和督查"),
            ("县委办公室常务副主任", "负责文稿、会议和机要保密"),
            ("县委办公室副主任", "负责督查、信息和值班"),
            ("县委办公室副主任", "负责档案、后勤和财务"),
            ("县委督查室主任", "负责县委决策部署督查"),
            ("县委巡察办主任", "负责巡察组织和整改督促"),
        ],
        "人大常委会办公室" => vec![
            ("县人大常委会主任", "主持县人大常委会全面工作"),
            ("县人大常委会副主任", "负责财政经济、预算审查监督"),
            ("县人大常委会副主任", "负责监察和司法监督"),
            ("县人大常委会副主任", "负责农业农村、环境资源"),
            ("县人大常委会副主任", "负责教科文卫、代表选举"),
            ("县人大常委会办公室主任", "负责常委会日常运转"),
            ("县人大监察和司法委员会主任委员", "负责执法司法监督"),
            ("县人大财政经济委员会主任委员", "负责预决算审查"),
            ("县人大农业与农村委员会主任委员", "负责农业农村监督"),
            ("县人大教科文卫委员会主任委员", "负责教育、医疗等民生监督"),
            ("县人大代表工作委员会主任", "负责代表建议督办"),
            ("县人大法制委员会主任委员", "负责规范性文件备案审查"),
            ("县人大常委会办公室副主任", "负责会务和财务"),
        ],
        "政府办公室" => vec![
            ("县长", "主持县人民政府全面工作，负责审计"),
            ("县委常委、常务副县长", "负责政府常务、财政、发展改革、应急"),
            ("副县长", "负责农业农村、水利、林业"),
            ("副县长", "负责教育、卫生健康、医疗保障"),
            ("副县长", "负责自然资源、住房和城乡建设、交通运输"),
            ("副县长、公安局局长", "负责公安、司法、退役军人"),
            ("副县长", "负责工业、商务、文化旅游、市场监管"),
            ("副县长", "负责民政、人力资源和社会保障"),
            ("县政府办公室主任", "负责政府机关日常运转"),
            ("县政府办公室副主任", "负责文稿和政务公开"),
            ("县政府办公室副主任", "负责督查和民生实事"),
            ("县政府办公室副主任", "负责政务热线和应急值守"),
            ("县政府督查室主任", "负责政府决定督查"),
        ],
        _ => vec![
            ("县政协主席", "主持县政协全面工作"),
            ("县政协副主席", "负责提案和经济工作"),
            ("县政协副主席", "负责社会法制和民族宗教"),
            ("县政协副主席", "负责教科文卫和文史"),
            ("县政协副主席", "负责农业农村和委员联络"),
            ("县政协秘书长、办公室主任", "负责机关日常运转"),
            ("县政协提案委员会主任", "负责提案征集、交办和督办"),
            ("县政协经济委员会主任", "负责经济调研"),
            ("县政协社会法制委员会主任", "负责民主监督"),
            ("县政协文史委员会主任", "负责文史资料"),
            ("县政协委员联络委员会主任", "负责委员服务管理"),
            ("县政协办公室副主任", "负责会务和财务"),
        ],
    }
}

/// The desk that "综合", "财务" and "人事" of the library mean in a unit.
pub(super) fn desk<'a>(unit: &Unit, named: &'a str) -> &'a str {
    let kinds = match named {
        "综合" => ["综合股", "办公室", "党政综合办公室", "办公室", "办公室", "综合部"],
        "财务" => ["财务股", "财务股", "财政所", "总务处", "财务科", "财务部"],
        "人事" => ["人事股", "人事股", "党建工作办公室", "办公室", "人事科", "综合部"],
        _ => return named,
    };
    let at = match unit.kind {
        Kind::Leading => 0,
        Kind::Department => 1,
        Kind::Township => 2,
        Kind::School => 3,
        Kind::Hospital => 4,
        _ => 5,
    };
    kinds[at]
}

/// Who takes the steps of a power exercised by a desk.
pub(super) fn roles(unit: &Unit, desk: &str) -> Roles {
    let (head, deputy) = titles(unit);
    if matches!(unit.kind, Kind::Village | Kind::Community) {
        let (people, watch) = words(unit.kind);
        let both =
            if unit.kind == Kind::Village { "村“两委”会议" } else { "社区“两委”会议" };
        return Roles {
            doer: format!("{people}委员（文书）"),
            lead: format!("{people}副主任"),
            deputy: format!("{people}副主任"),
            chief: format!("党支部书记、{people}主任"),
            board: both.to_owned(),
            watch: format!("{watch}主任"),
            bookkeeper: format!("{people}委员（文书）"),
        };
    }
    let (board, watch, money) = match unit.kind {
        Kind::Township if head == "乡长" => ("党政联席会议", "乡纪委", "财政所会计"),
        Kind::Township => ("党政联席会议", "镇纪委", "财政所会计"),
        Kind::School => ("校务会议", "教职工代表大会监督小组", "总务处会计"),
        Kind::Hospital => ("院务会议", "院纪检监督员", "财务科会计"),
        Kind::Enterprise => ("董事会", "公司纪检监督员", "财务部会计"),
        _ => ("领导班子会议", "派驻纪检监察组", "财务股会计"),
    };
    Roles {
        doer: format!("{desk}经办人"),
        lead: desk_head(desk),
        deputy: if unit.kind == Kind::Enterprise { deputy.to_owned() } else { format!("分管{deputy}") },
        chief: head.to_owned(),
        board: board.to_owned(),
        watch: watch.to_owned(),
        bookkeeper: money.to_owned(),
    }
}
