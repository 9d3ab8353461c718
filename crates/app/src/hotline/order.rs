//! A row of a hotline's table: what it says, and what keeps it from being taken.

use crate::reports::{Draft, Facts, Kind, Permille, Shingles};
use daylight_ids::{Phone, text};
use daylight_tables::{All, Column, Layout, Row};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Characters of an order's number.
const NUMBER: usize = 60;
/// From here on two rows are about the same thing, as far as a machine can tell.
const ALIKE: Permille = 500;

/// The columns of a hotline's table, by the headings that hotlines use.
pub fn layout() -> Layout {
    let column = |key, title, required, synonyms: &[&str]| Column {
        key,
        title,
        required,
        synonyms: synonyms.iter().map(|word| (*word).to_owned()).collect(),
    };
    Layout {
        kind: "hotline",
        title: "热线工单",
        columns: vec![
            column(
                "order",
                "工单编号",
                true,
                &["工单号", "热线工单号", "受理编号", "诉求编号", "单号", "编号"],
            ),
            column("kind", "诉求类型", false, &["工单类型", "诉求类别", "类型", "类别", "业务类型"]),
            column(
                "unit",
                "被反映单位",
                false,
                &["被投诉单位", "被举报单位", "诉求对象", "反映单位", "涉及单位"],
            ),
            column(
                "what",
                "诉求内容",
                true,
                &["工单内容", "反映内容", "问题描述", "来电内容", "主要内容", "内容"],
            ),
            column("place", "事发地点", false, &["诉求地址", "发生地点", "问题地址", "地址", "地点"]),
            column("when", "事发时间", false, &["发生时间", "问题发生时间"]),
            column("name", "来电人", false, &["来电人姓名", "诉求人", "市民姓名", "姓名", "联系人"]),
            column(
                "phone",
                "来电号码",
                false,
                &["联系电话", "联系方式", "诉求人电话", "手机号", "手机号码", "电话"],
            ),
        ],
        carry: Vec::new(),
        said: Vec::new(),
    }
}

/// A row that can be taken.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// The row as the clerk sees it.
    pub row: u32,
    /// The hotline's number.
    pub number: String,
    /// What is wanted.
    pub kind: Kind,
    /// The unit by name; empty when the table does not say.
    pub unit: String,
    /// What happened.
    pub what: String,
    /// Where.
    pub place: String,
    /// When.
    pub when: String,
    /// Who called.
    pub name: String,
    /// From which telephone, canonical.
    pub phone: Option<String>,
    /// What the clerk is told, without anything that the caller said.
    pub notes: Vec<String>,
}

// What callers say and who they are stays out of logs.
impl std::fmt::Debug for Order {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Order({})", self.row)
    }
}

impl Order {
    /// The report that it becomes, as far as the table tells; about what, the registry says.
    pub fn draft(&self) -> Draft {
        Draft {
            kind: Some(self.kind),
            facts: Facts {
                what: self.what.clone(),
                who: self.unit.clone(),
                when: self.when.clone(),
                place: self.place.clone(),
                amount: String::new(),
            },
            level: "anonymous".into(),
            ..Draft::default()
        }
    }
}

/// A row that is not taken: where, and why. Says nothing of what stands there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// The row as the clerk sees it.
    pub row: u32,
    /// The column by its heading; empty for the whole row.
    pub column: String,
    /// What is wrong and what to do.
    pub reason: String,
}

/// What a table would become.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Plan {
    /// Rows with something in them below the heading.
    pub read: u32,
    /// Rows that can be taken.
    pub orders: Vec<Order>,
    /// Rows that cannot.
    pub refused: Vec<Refusal>,
    /// Titles, totals, signatures: rows that are no orders.
    pub ignored: Vec<Refusal>,
}

/// Holds a table that was read against what an order must have. Every row ends in exactly one of the three lists.
pub fn plan(all: &All) -> Plan {
    let mut plan = Plan::default();
    let mut numbers: BTreeMap<String, u32> = BTreeMap::new();
    for row in &all.rows {
        match order(row).and_then(|order| first(order, &mut numbers)) {
            Ok(order) => plan.orders.push(order),
            Err(refusal) => plan.refused.push(refusal),
        }
    }
    let ignored = all.ignored.iter().map(|row| Refusal {
        row: row.number,
        column: String::new(),
        reason: ignored(row.reason).into(),
    });
    plan.ignored = ignored.collect();
    let count = plan.orders.len() + plan.refused.len() + plan.ignored.len();
    plan.read = u32::try_from(count).unwrap_or(u32::MAX);
    compare(&mut plan.orders);
    plan
}

fn ignored(reason: daylight_tables::IgnoredReason) -> &'static str {
    use daylight_tables::IgnoredReason::{Blank, Header, Note, Signature, Title, Total};
    match reason {
        Title => "标题行",
        Header => "重复的表头",
        Blank => "空行",
        Total => "合计行",
        Signature => "填表、签字行",
        Note => "说明行",
    }
}

fn refuse(row: &Row, key: &str, reason: impl Into<String>) -> Refusal {
    let column = layout().columns.into_iter().find(|column| column.key == key);
    let title = column.map_or("", |column| column.title);
    let letter = row.letter(key);
    let column = if letter.is_empty() { title.to_owned() } else { format!("{letter}列 {title}") };
    Refusal { row: row.number, column, reason: reason.into() }
}

fn order(row: &Row) -> Result<Order, Refusal> {
    let number = text::squash(row.text("order"));
    if number.is_empty() {
        return Err(refuse(row, "order", "没有工单编号，请补上"));
    }
    if number.chars().count() > NUMBER {
        return Err(refuse(row, "order", format!("工单编号超过{NUMBER}个字，请核对")));
    }
    if row.lossy("order") {
        return Err(refuse(
            row,
            "order",
            "编号被表格改成了数字，后几位已经丢失，请把这一栏改成文本后重新导出",
        ));
    }
    let mut notes = Vec::new();
    let kind = kind(row.text("kind")).unwrap_or_else(|| {
        notes.push("没有读懂诉求类型，按“投诉”处理".into());
        Kind::Complaint
    });
    let typed = row.text("phone").trim();
    let phone = Phone::parse(typed).ok().map(|phone| phone.canonical().to_owned());
    if phone.is_none() && !typed.is_empty() {
        notes.push("来电号码没有读懂，不保存".into());
    }
    let order = Order {
        row: row.number,
        number,
        kind,
        unit: text::squash(row.text("unit")),
        what: text::clean(row.text("what")),
        place: text::clean(row.text("place")),
        when: text::clean(row.text("when")),
        name: text::person_name(row.text("name")),
        phone,
        notes,
    };
    let draft = Draft { object: Some(crate::reports::Object::Unknown), ..order.draft() };
    match draft.check(None) {
        Ok(_) => Ok(order),
        Err(faults) => {
            let fault = faults.first();
            let key = match fault.map_or("", |fault| fault.field) {
                "who" => "unit",
                "when" => "when",
                "place" => "place",
                _ => "what",
            };
            Err(refuse(row, key, fault.map_or(String::new(), |fault| fault.message.clone())))
        }
    }
}

/// The words that hotlines use. None for one that is not known.
fn kind(typed: &str) -> Option<Kind> {
    let words: [(&str, Kind); 9] = [
        ("举报", Kind::Accusation),
        ("检举", Kind::Accusation),
        ("控告", Kind::Accusation),
        ("投诉", Kind::Complaint),
        ("求助", Kind::Request),
        ("咨询", Kind::Request),
        ("求决", Kind::Request),
        ("建议", Kind::Suggestion),
        ("意见", Kind::Suggestion),
    ];
    words.into_iter().find(|(word, _)| typed.contains(word)).map(|(_, kind)| kind)
}

fn first(order: Order, numbers: &mut BTreeMap<String, u32>) -> Result<Order, Refusal> {
    if let Some(before) = numbers.get(&order.number) {
        return Err(Refusal {
            row: order.row,
            column: "工单编号".into(),
            reason: format!("与第{before}行的工单编号相同，只收录一次"),
        });
    }
    numbers.insert(order.number.clone(), order.row);
    Ok(order)
}

/// Rows that may be about the same thing are said, never left out: each caller is answered.
fn compare(orders: &mut [Order]) {
    let texts: Vec<_> = orders.iter().map(|order| Shingles::of(&order.what)).collect();
    for at in 1..orders.len() {
        let like = (0..at).find(|before| texts[at].alike(&texts[*before]) >= ALIKE);
        if let Some(before) = like {
            let row = orders[before].row;
            orders[at].notes.push(format!("内容与第{row}行相近，可能是同一件事，办理时可以关联"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn read(text: &str) -> Plan {
        let mut file = tempfile::Builder::new().suffix(".csv").tempfile().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        plan(&daylight_tables::read_all(file.path(), &[layout()], &Default::default()).unwrap())
    }

    #[test]
    fn every_row_is_taken_refused_or_ignored_and_nothing_else() {
        let plan = read(
            "12345热线工单转办表,,,,\n\
             工单号,类型,反映内容,被投诉单位,联系电话\n\
             RX001,投诉举报,村里修路多收了我家五百元一直不退,柳河村,13949631669\n\
             RX002,求助,太短,,\n\
             ,投诉,没有编号的工单内容写得足够长了,,\n\
             RX001,投诉,村里修路多收了我家五百元一直不退钱,柳河村,\n\
             RX003,表扬,村里修路多收了我家五百元一直没有退,石滩村,不详\n\
             合计,,3件,,\n",
        );
        let rows = |refused: &[Refusal]| refused.iter().map(|one| one.row).collect::<Vec<_>>();
        assert_eq!(plan.orders.iter().map(|order| order.row).collect::<Vec<_>>(), [3, 7]);
        assert_eq!(rows(&plan.refused), [4, 5, 6], "{:?}", plan.refused);
        assert_eq!(plan.read as usize, 2 + 3 + plan.ignored.len());
        assert!(rows(&plan.ignored).contains(&8), "{:?}", plan.ignored);
        assert_eq!(plan.orders[0].kind, Kind::Accusation, "the graver of two words");
        assert_eq!(
            plan.orders[0].phone.as_deref(),
            Phone::parse("13949631669").ok().as_ref().map(Phone::canonical)
        );
        assert_eq!(plan.orders[1].notes.len(), 3, "{:?}", plan.orders[1].notes);
        for refusal in plan.refused.iter().chain(&plan.ignored) {
            assert!(!refusal.reason.contains("五百元") && !refusal.reason.contains("1394"), "{refusal:?}");
        }
    }

    #[test]
    fn the_template_is_read_back() {
        let rows = vec![
            ["RX1", "投诉", "柳河村", "村里修路多收了我家五百元一直不退", "", "", "", ""]
                .map(str::to_owned)
                .to_vec(),
        ];
        let bytes = daylight_tables::template(&layout(), &rows).unwrap();
        let mut file = tempfile::Builder::new().suffix(".xlsx").tempfile().unwrap();
        file.write_all(&bytes).unwrap();
        let all = daylight_tables::read_all(file.path(), &[layout()], &Default::default()).unwrap();
        assert_eq!(plan(&all).orders.len(), 1);
    }
}
