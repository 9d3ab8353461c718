//! What a citizen sees of the registry: units, powers, cadres, their past, and what nobody may see.

mod lists;
mod past;
mod powers;
mod privacy;
mod units;

use crate::world::{Answer, Browser, World};
use daylight_app::{
    powers::Disclosure,
    revisions::{Content, SubjectKind, store},
    units as units_of,
};
use std::path::PathBuf;

/// A day, in milliseconds.
pub const DAY: i64 = 86_400_000;

/// The unit's page.
pub async fn unit_path(world: &World, name: &str) -> String {
    let line = units_of::store::by_name(world.app.db.read(), name).await.unwrap();
    format!("/units/{}", line.unwrap_or_else(|| panic!("{name} is in the registry")).id)
}

/// The page of a unit's power, public or not.
pub async fn power_path(world: &World, unit: &str, name: &str) -> String {
    let sql = "SELECT p.id FROM powers p JOIN units u ON u.id = p.unit_id WHERE u.name = $1 AND p.name = $2";
    let id: i64 =
        daylight_db::scalar(world.app.db.read(), sql, daylight_db::values![unit, name]).await.unwrap();
    format!("/powers/{id}")
}

/// The page of a cadre with this name.
pub async fn cadre_path(world: &World, name: &str) -> String {
    let sql = "SELECT id FROM cadres WHERE name = $1 ORDER BY id";
    let id: i64 = daylight_db::scalar(world.app.db.read(), sql, daylight_db::values![name]).await.unwrap();
    format!("/cadres/{id}")
}

/// Takes over lists written here, as an office would send them a while later.
pub async fn import_lists(world: &World, lists: &[(&str, &str)]) {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in lists {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let report = world.import(&[PathBuf::from(folder.path())]).await;
    for file in &report.files {
        assert_eq!(file.refused, 0, "{:?}", file.problems);
    }
    // As every command that changes what is public does.
    world.app.cache.purge();
}

/// Takes a power from the public as a second person's consent does.
pub async fn withhold(world: &World, path: &str) {
    let id: i64 = path.rsplit('/').next().unwrap().parse().unwrap();
    let known = store::published(world.app.db.read(), SubjectKind::Power, id).await.unwrap().unwrap();
    let Content::Power(mut power) = known.content else { panic!("{path} is no power") };
    let text = |text: &str| Some(text.to_owned());
    power.disclosure = Some(Disclosure::Withheld {
        ground: text("保守国家秘密法"),
        approver: text("县长"),
        review_on: text("2027-11-22"),
    });
    let tx = world.app.db.write().await.unwrap();
    let mut press = store::Press::new(&tx, world.app.clock.now());
    press.publish_imported(Some(id), &Content::Power(power), &[], None, None).await.unwrap();
    press.finish().await.unwrap();
    tx.commit().await.unwrap();
    world.app.cache.purge();
}

/// The columns of a list of powers.
pub const POWERS: &str = "单位名称,权力名称,权力类别,权力类型,事项分类,行权依据,行权主体,监督主体,追责主体,廉政风险点,风险等级,防控措施,是否公开\n";
/// The columns of a list of units.
pub const UNITS: &str =
    "单位类别,单位名称,统一社会信用代码,上级主管单位,行政区划代码,主要职责,联系电话,办公地址,办公时间\n";
/// The columns of a list of steps.
pub const STEPS: &str =
    "单位名称,权力名称,环节序号,环节名称,承办岗位,办理时限,职责要求,监督制约环节,下一环节,投诉举报途径\n";
/// The columns of a list of cadres.
pub const CADRES: &str =
    "姓名,性别,公民身份号码,政治面貌,工作单位,现任职务,任现职时间,分管（负责）工作,联系方式\n";

/// Opens a page that must be there.
pub async fn open(browser: &Browser, path: &str) -> Answer {
    let answer = browser.get(path).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    answer
}

/// What stands between two marks of a page.
pub fn between<'a>(body: &'a str, from: &str, to: &str) -> &'a str {
    let start = body.find(from).unwrap_or_else(|| panic!("no {from} in {body}"));
    let end = body[start..].find(to).map_or(body.len(), |end| start + end);
    &body[start..end]
}

/// Asserts that words stand on a page in this order.
pub fn in_order(body: &str, words: &[&str]) {
    let mut at = 0;
    for word in words {
        at +=
            body[at..].find(word).unwrap_or_else(|| panic!("{word} is not after its forerunners in {body}"));
    }
}
