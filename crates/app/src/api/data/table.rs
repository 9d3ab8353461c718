//! Which tables there are and what stands in their columns. The order of columns is part of the
//! interface: new ones come last.

/// A public table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
    /// 行政区划, past ones too.
    Divisions,
    /// 单位 that have not ended.
    Units,
    /// Public 权力事项.
    Powers,
    /// 流程环节 of public powers.
    Steps,
    /// 廉政风险点 of public powers.
    Risks,
    /// 依据文件 that a public power cites.
    Bases,
    /// 干部 in office.
    Cadres,
    /// 任职 of the people in office, past ones too.
    Appointments,
}

/// A column: its key in JSON and its heading in CSV.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Key in JSON.
    pub key: &'static str,
    /// Heading in CSV.
    pub heading: &'static str,
}

const fn column(key: &'static str, heading: &'static str) -> Column {
    Column { key, heading }
}

const DIVISIONS: &[Column] = &[
    column("id", "编号"),
    column("code", "区划代码"),
    column("name", "名称"),
    column("level", "层级代码"),
    column("level_name", "层级"),
    column("parent_id", "上级区划编号"),
    column("valid_from", "生效日期"),
    column("valid_to", "失效日期"),
    column("successor_id", "接续区划编号"),
    column("inferred", "由单位名称推断"),
];

const UNITS: &[Column] = &[
    column("id", "编号"),
    column("name", "单位名称"),
    column("category", "类别代码"),
    column("category_name", "类别"),
    column("credit_code", "统一社会信用代码"),
    column("parent_id", "上级单位编号"),
    column("parent", "上级单位"),
    column("division_id", "区划编号"),
    column("division_code", "区划代码"),
    column("duties", "主要职责"),
    column("phone", "联系电话"),
    column("address", "办公地址"),
    column("office_hours", "办公时间"),
    column("published_at", "公布时间"),
];

const POWERS: &[Column] = &[
    column("id", "编号"),
    column("name", "权力名称"),
    column("unit_id", "单位编号"),
    column("unit", "单位"),
    column("kind", "权力类别代码"),
    column("kind_name", "权力类别"),
    column("stage_type", "权力类型代码"),
    column("stage_type_name", "权力类型"),
    column("matter", "事项分类"),
    column("bases", "行权依据"),
    column("exerciser", "行权主体"),
    column("supervisor", "监督主体"),
    column("accountable", "追责主体"),
    column("steps", "环节数"),
    column("risks", "风险点数"),
    column("published_at", "公布时间"),
];

const STEPS: &[Column] = &[
    column("power_id", "权力编号"),
    column("power", "权力名称"),
    column("unit_id", "单位编号"),
    column("unit", "单位"),
    column("number", "环节序号"),
    column("name", "环节名称"),
    column("post", "承办岗位"),
    column("limit_amount", "时限数量"),
    column("limit_unit", "时限单位代码"),
    column("limit", "办理时限"),
    column("duties", "职责要求"),
    column("control", "监督制约"),
    column("next", "下一环节"),
    column("complaint", "投诉举报途径"),
];

const RISKS: &[Column] = &[
    column("power_id", "权力编号"),
    column("power", "权力名称"),
    column("unit_id", "单位编号"),
    column("unit", "单位"),
    column("step", "环节序号"),
    column("name", "风险点"),
    column("level", "风险等级代码"),
    column("level_name", "风险等级"),
    column("measures", "防控措施"),
];

const BASES: &[Column] = &[
    column("id", "编号"),
    column("title", "文件名称"),
    column("issuer", "制定机关"),
    column("in_force_from", "施行日期"),
    column("in_force_to", "失效日期"),
    column("replaced_by", "代替文件"),
    column("powers", "引用它的公开权力数"),
];

const CADRES: &[Column] = &[column("id", "编号"), column("name", "姓名"), column("published_at", "公布时间")];

const APPOINTMENTS: &[Column] = &[
    column("cadre_id", "干部编号"),
    column("cadre", "姓名"),
    column("unit_id", "单位编号"),
    column("unit", "单位"),
    column("post", "岗位"),
    column("since", "任职起"),
    column("until", "任职止"),
    column("duties", "分管（负责）工作"),
];

impl Table {
    /// All, in the order in which they are offered.
    pub const ALL: [Table; 8] = [
        Table::Divisions,
        Table::Units,
        Table::Powers,
        Table::Steps,
        Table::Risks,
        Table::Bases,
        Table::Cadres,
        Table::Appointments,
    ];

    /// The name of its file.
    pub fn name(self) -> &'static str {
        match self {
            Table::Divisions => "divisions",
            Table::Units => "units",
            Table::Powers => "powers",
            Table::Steps => "steps",
            Table::Risks => "risks",
            Table::Bases => "bases",
            Table::Cadres => "cadres",
            Table::Appointments => "appointments",
        }
    }

    /// What it is called on the page.
    pub fn page(self) -> &'static str {
        match self {
            Table::Divisions => "行政区划",
            Table::Units => "单位",
            Table::Powers => "权力事项",
            Table::Steps => "流程环节",
            Table::Risks => "廉政风险点",
            Table::Bases => "行权依据文件",
            Table::Cadres => "干部",
            Table::Appointments => "任职",
        }
    }

    /// What stands in it and what does not.
    pub fn about(self) -> &'static str {
        match self {
            Table::Divisions => "从最高一级到村（社区），包括已经失效的代码。",
            Table::Units => "没有撤销的单位，包括职责、电话、地址。",
            Table::Powers => "公开的权力事项，包括依据和三类主体。",
            Table::Steps => "公开的权力事项的每个办理环节。",
            Table::Risks => "公开的权力事项登记的风险点和防控措施。",
            Table::Bases => "至少被一项公开的权力事项引用的法律、规章、文件。",
            Table::Cadres => "现在担任岗位的人。",
            Table::Appointments => "在任干部现在和以前的任职、分工。",
        }
    }

    /// Its columns, in order.
    pub fn columns(self) -> &'static [Column] {
        match self {
            Table::Divisions => DIVISIONS,
            Table::Units => UNITS,
            Table::Powers => POWERS,
            Table::Steps => STEPS,
            Table::Risks => RISKS,
            Table::Bases => BASES,
            Table::Cadres => CADRES,
            Table::Appointments => APPOINTMENTS,
        }
    }

    /// Reads [`Table::name`].
    pub fn from_name(name: &str) -> Option<Table> {
        Table::ALL.into_iter().find(|table| table.name() == name)
    }
}
