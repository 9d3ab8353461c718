//! Tables as offices send them, read from outside.

mod generated;
mod hostile;
mod old_workbooks;
mod samples;
mod template;
mod text_files;

use daylight_tables::{All, Column, IgnoredReason, Layout, Limits, OpenError, read_all};
use std::path::{Path, PathBuf};

/// A column: key, title, synonyms between `|`, and whether the header must have it.
fn column(key: &'static str, title: &'static str, synonyms: &str, required: bool) -> Column {
    let synonyms = synonyms.split('|').filter(|name| !name.is_empty()).map(str::to_owned).collect();
    Column { key, title, synonyms, required }
}

fn units() -> Layout {
    Layout {
        kind: "units",
        title: "单位名册",
        columns: vec![
            column("category", "单位类别", "类别|单位性质", true),
            column("name", "单位名称", "名称|机构名称", true),
            column("credit", "统一社会信用代码", "信用代码|机构代码", false),
            column("parent", "上级主管单位", "主管单位|上级单位", false),
            column("division", "行政区划代码", "区划代码", false),
            column("duties", "主要职责", "职责", false),
            column("phone", "联系电话", "电话|办公电话", false),
            column("note", "备注", "说明", false),
        ],
        carry: vec!["category"],
        said: vec![],
    }
}

fn cadres() -> Layout {
    Layout {
        kind: "cadres",
        title: "干部名册",
        columns: vec![
            column("name", "姓名", "", true),
            column("gender", "性别", "", false),
            column("citizen_id", "公民身份号码", "身份证号|身份证号码", false),
            column("party", "政治面貌", "", false),
            column("unit", "工作单位", "所在单位|单位名称", true),
            column("post", "现任职务", "职务", true),
            column("since", "任现职时间", "任职时间", false),
            column("duties", "分管（负责）工作", "分管工作", false),
            column("phone", "联系方式", "联系电话|手机号码", false),
        ],
        carry: vec!["unit"],
        said: vec![],
    }
}

fn powers() -> Layout {
    Layout {
        kind: "powers",
        title: "权力事项清单",
        columns: vec![
            column("unit", "单位名称", "", true),
            column("name", "权力名称", "事项名称", true),
            column("kind", "权力类别", "", true),
            column("stage", "权力类型", "", false),
            column("aspect", "事项分类", "", false),
            column("basis", "行权依据", "法律依据", false),
            column("control", "防控措施", "", false),
            column("public", "是否公开", "", false),
        ],
        carry: vec!["unit"],
        said: vec![],
    }
}

fn procedures() -> Layout {
    Layout {
        kind: "procedures",
        title: "行权流程",
        columns: vec![
            column("unit", "单位名称", "", true),
            column("power", "权力名称", "", true),
            column("order", "环节序号", "步骤", true),
            column("step", "环节名称", "", true),
            column("post", "承办岗位", "", false),
            column("limit", "办理时限", "时限", false),
            column("next", "下一环节", "", false),
            column("channel", "投诉举报途径", "", false),
        ],
        carry: vec!["unit", "power"],
        said: vec![],
    }
}

fn layouts() -> Vec<Layout> {
    vec![units(), cadres(), powers(), procedures()]
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

fn read_fixture(name: &str) -> All {
    read_all(&fixture(name), &layouts(), &Limits::default()).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// A file that lasts as long as the test.
struct Sent(PathBuf);

impl Sent {
    fn new(name: &str, bytes: &[u8]) -> Self {
        use std::sync::atomic::{AtomicU32, Ordering};
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("daylight-tables-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join(name);
        std::fs::write(&path, bytes).unwrap();
        Self(path)
    }

    fn read(&self) -> Result<All, OpenError> {
        self.read_within(&Limits::default())
    }

    fn read_within(&self, limits: &Limits) -> Result<All, OpenError> {
        read_all(&self.0, &layouts(), limits)
    }
}

impl Drop for Sent {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(self.0.parent().unwrap());
    }
}

fn numbers(all: &All, reason: IgnoredReason) -> Vec<u32> {
    all.ignored.iter().filter(|row| row.reason == reason).map(|row| row.number).collect()
}
