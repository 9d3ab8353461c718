//! Rows of the roster of cadres.

use super::{Planner, optional, thing_name};
use crate::{
    cadres::{Appointment, Cadre},
    cases::routing::Rank,
    imports::{
        CadreEntry, Entry,
        store::{CITIZEN_ID, PHONE},
    },
};
use daylight_ids::{CitizenId, Phone, Sex, text};
use daylight_tables::{
    Row,
    value::{PartialDate, parse_month},
};

impl Planner<'_> {
    pub(super) fn cadre(&mut self, row: &Row) {
        let name = text::person_name(row.text("name"));
        if name.is_empty() {
            self.error(row, "name", "cadre_name_missing", "没有填写姓名", "请填写姓名");
            return;
        }
        let Some(unit) = self.known_unit(row) else { return };
        let post = thing_name(row.text("post"));
        if post.is_empty() {
            self.error(row, "post", "post_missing", "没有填写职务", "请填写现任职务");
            return;
        }
        let citizen_id = self.citizen_id(row);
        let person = citizen_id.as_ref().map_or_else(|| name.clone(), |id| id.as_str().to_owned());
        if !self.first(row, "name", format!("{person}/{unit}/{post}")) {
            return;
        }
        let index = citizen_id.as_ref().map(|id| (self.blind)(CITIZEN_ID, id.as_str()));
        let known = self.find_cadre(index, &name, &unit, &post);
        if let Some(at) = known
            && index.is_some()
            && self.register.cadres[at].entry.now.name != name
            && self.register.cadres[at].entry.touched
        {
            let message = "同一个身份号码在本次名册中对应不同的姓名";
            self.error(row, "citizen_id", "citizen_id_two_names", message, "请核对身份号码和姓名");
            return;
        }
        let sex = self.sex(row, citizen_id.as_ref());
        let since = self.since(row);
        let phone = self.personal_phone(row);
        let rank = self.rank(row);
        let held = Appointment {
            unit: unit.clone(),
            post: post.clone(),
            since: since.map(|date| date.to_string()),
            until: None,
            duties: optional(row.text("duties")),
        };
        let at = known.unwrap_or_else(|| {
            let entry = Entry::new(Cadre { name: name.clone(), ..Cadre::default() });
            self.register.add_cadre(CadreEntry::new(entry), index)
        });
        let key = (name.clone(), unit.clone(), post.clone());
        self.register.cadre_by_post.insert(key, at);
        if let Some(index) = index {
            self.register.cadre_by_citizen_id.insert(index, at);
        }
        let cadre = &mut self.register.cadres[at];
        cadre.entry.touched = true;
        cadre.entry.now.name = name;
        cadre.entry.now.rank = rank.or(cadre.entry.now.rank);
        cadre.entry.flags.append(&mut self.flags.clone());
        cadre.named.push((unit, post));
        cadre.sex = sex.or(cadre.sex);
        cadre.phone = phone.or(cadre.phone.take());
        cadre.citizen_id = citizen_id.or(cadre.citizen_id.take());
        cadre.political_status = optional(row.text("political_status")).or(cadre.political_status.take());
        hold(&mut cadre.entry.now, held);
    }

    fn find_cadre(&self, index: Option<[u8; 32]>, name: &str, unit: &str, post: &str) -> Option<usize> {
        let by_id = index.and_then(|index| self.register.cadre_by_citizen_id.get(&index).copied());
        let by_post = || {
            let key = (name.to_owned(), unit.to_owned(), post.to_owned());
            self.register.cadre_by_post.get(&key).copied()
        };
        // Two people of one name in one post are told apart by their ids.
        let has_id = |at: &usize| self.register.cadre_by_citizen_id.values().any(|known| known == at);
        by_id.or_else(|| by_post().filter(|at| index.is_none() || !has_id(at)))
    }

    fn citizen_id(&mut self, row: &Row) -> Option<CitizenId> {
        let written = row.text("citizen_id");
        if optional(written).is_none() {
            if !row.letter("citizen_id").is_empty() {
                let message = "没有填写公民身份号码";
                self.warning(
                    row,
                    "citizen_id",
                    "citizen_id_missing",
                    message,
                    "请单位补充，否则无法与其他名册核对",
                );
            }
            return None;
        }
        if row.lossy("citizen_id") {
            let message = "身份号码按数字保存，末尾几位已经丢失";
            let remedy = "请把这一列设成文本格式后重新填写";
            self.warning(row, "citizen_id", "citizen_id_invalid", message, remedy);
            return None;
        }
        match CitizenId::parse(written) {
            Ok(id) => {
                if id.upgraded_from_15() {
                    self.note(row, "citizen_id", "citizen_id_upgraded", "15位旧号码已按国家标准换算成18位");
                }
                Some(id)
            }
            Err(error) => {
                let message = format!("公民身份号码不正确：{error}");
                self.warning(row, "citizen_id", "citizen_id_invalid", &message, "请对照身份证核对后补正");
                None
            }
        }
    }

    fn sex(&mut self, row: &Row, id: Option<&CitizenId>) -> Option<&'static str> {
        let written = match row.text("sex") {
            "" => None,
            text if text.contains('男') => Some("male"),
            text if text.contains('女') => Some("female"),
            _ => {
                self.warning(row, "sex", "sex_unreadable", "性别应填“男”或“女”", "请更正");
                None
            }
        };
        let told = id.map(|id| match id.sex() {
            Sex::Male => "male",
            Sex::Female => "female",
        });
        if let (Some(written), Some(told)) = (written, told)
            && written != told
        {
            // Neither is published, and which of the two is wrong cannot be told from here.
            self.note(row, "sex", "sex_differs", "填写的性别与身份号码不一致，按填写的收录，请核对");
        }
        written.or(told)
    }

    fn since(&mut self, row: &Row) -> Option<PartialDate> {
        let written = row.text("since");
        if optional(written).is_none() {
            if !row.letter("since").is_empty() {
                self.warning(row, "since", "since_missing", "没有填写任现职时间", "请单位补充");
            }
            return None;
        }
        if let Some(date) = day_number(written) {
            self.note(
                row,
                "since",
                "since_day_number",
                &format!("单元格里是电子表格的日期序号，按{date}收录"),
            );
            return Some(date);
        }
        match parse_month(written) {
            Ok(date) if date.ambiguous && row.is_number("since") => {
                // A spreadsheet shows the number 2021.10 as 2021.1; January would be 2021.01.
                let october = PartialDate::new(date.year, Some(10), None);
                let message = format!("按{}年10月收录：电子表格会去掉小数末尾的0", date.year);
                self.note(row, "since", "since_trailing_zero", &message);
                october
            }
            Ok(date) => Some(date),
            Err(error) => {
                self.warning(
                    row,
                    "since",
                    "since_unreadable",
                    &error.to_string(),
                    "请写成 2023-09 或 2023年9月",
                );
                None
            }
        }
    }

    fn rank(&mut self, row: &Row) -> Option<Rank> {
        let written = optional(row.text("rank"))?;
        let rank = Rank::from_page(&written);
        if rank.is_none() {
            let words = Rank::ALL.map(Rank::page).join("、");
            let (message, remedy) = ("看不懂的职级", format!("请写：{words}"));
            self.warning(row, "rank", "rank_unreadable", message, &remedy);
        }
        rank
    }

    fn personal_phone(&mut self, row: &Row) -> Option<String> {
        let written = optional(row.text("phone"))?;
        match Phone::parse(&written) {
            Ok(phone) => Some(phone.canonical().to_owned()),
            Err(error) => {
                let message = error.to_string();
                self.warning(row, "phone", "phone_invalid", &message, "请填写11位手机号码或带区号的座机");
                None
            }
        }
    }

    /// A person whom this import names has left the posts it does not name.
    pub(super) fn settle_appointments(&mut self) {
        for cadre in &mut self.register.cadres {
            if !cadre.entry.touched {
                continue;
            }
            let named = &cadre.named;
            let is_named = |held: &Appointment| {
                named.iter().any(|(unit, post)| *unit == held.unit && *post == held.post)
            };
            let newest = cadre.entry.now.appointments.iter().filter(|held| is_named(held));
            let newest = newest.filter_map(|held| held.since.clone()).max();
            for held in &mut cadre.entry.now.appointments {
                if held.until.is_none() && !is_named(held) {
                    held.until = Some(newest.clone().unwrap_or_else(|| "时间不详".to_owned()));
                }
            }
        }
    }
}

impl Planner<'_> {
    /// Which sealed fields of a known cadre change, in words without the values. What stays the same need not
    /// be sealed again.
    pub(super) fn settle_sealed(&mut self) {
        let blind = self.blind;
        for cadre in self.register.cadres.iter_mut().filter(|cadre| cadre.entry.id.is_some()) {
            let same = |value: Option<&str>, purpose, known: Option<[u8; 32]>| {
                value.is_some_and(|value| Some(blind(purpose, value)) == known)
            };
            if same(cadre.citizen_id.as_ref().map(CitizenId::as_str), CITIZEN_ID, cadre.citizen_id_index) {
                cadre.citizen_id = None;
            }
            if same(cadre.phone.as_deref(), PHONE, cadre.phone_index) {
                cadre.phone = None;
            }
        }
    }
}

/// A date that a spreadsheet shows as a number, because its cell lost the format: 44256. Of the years 1970 to 2050.
fn day_number(text: &str) -> Option<PartialDate> {
    let whole = text.strip_suffix(".0").unwrap_or(text);
    let number: f64 = whole.parse().ok().filter(|_| whole.len() == 5)?;
    (25_569.0..55_000.0).contains(&number).then(|| PartialDate::from_excel_serial(number)).flatten()
}

/// Adds a post held, or brings the one that is there up to date.
fn hold(cadre: &mut Cadre, new: Appointment) {
    let same = cadre
        .appointments
        .iter_mut()
        .find(|held| held.until.is_none() && held.unit == new.unit && held.post == new.post);
    match same {
        Some(held) => {
            held.since = new.since.or(held.since.take());
            held.duties = new.duties.or(held.duties.take());
        }
        None => cadre.appointments.push(new),
    }
}
