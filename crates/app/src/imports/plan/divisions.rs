//! Rows of a division list: 12-digit codes, validity, successor.

use super::{Planner, thing_name};
use crate::{
    divisions::{DivisionCode, DivisionLevel},
    imports::DivisionEntry,
};
use daylight_tables::{Row, value::parse_month};

impl Planner<'_> {
    pub(super) fn division(&mut self, row: &Row) {
        let code = match DivisionCode::parse(row.text("code")) {
            Ok(code) => code,
            Err(error) => {
                let message = error.to_string();
                self.error(row, "code", "division_code_invalid", &message, "请填写12位统计用区划代码");
                return;
            }
        };
        let name = thing_name(row.text("name"));
        if name.is_empty() {
            self.error(row, "name", "division_name_missing", "没有填写区划名称", "请填写区划的正式名称");
            return;
        }
        let valid_from = self.date(row, "valid_from");
        let valid_to = self.date(row, "valid_to");
        if !self.first(
            row,
            "code",
            format!("{code}/{}", valid_to.as_deref().unwrap_or_default(), code = code.as_str()),
        ) {
            return;
        }
        let written = row.text("level");
        if !written.is_empty() && DivisionLevel::parse(written).is_some_and(|level| level != code.level()) {
            let message = format!("填写的级别与代码不一致，按代码收录为{}", code.level().page());
            self.warning(row, "level", "division_level_differs", &message, "请核对代码或级别");
        }
        let parent = row.text("parent");
        if !parent.is_empty() {
            let above = DivisionCode::parse(parent).ok();
            if above.as_ref() != code.parent().as_ref() {
                self.note(
                    row,
                    "parent",
                    "division_parent_differs",
                    "上级代码与本级代码的前缀不一致，按代码前缀收录",
                );
            }
        }
        let successor = DivisionCode::parse(row.text("successor")).ok().map(|code| code.as_str().to_owned());
        let entry = DivisionEntry {
            id: None,
            code: code.clone(),
            name,
            valid_from,
            valid_to,
            successor,
            inferred: false,
            changed: true,
            touched: true,
            before: None,
        };
        self.put_division(entry);
    }

    fn put_division(&mut self, new: DivisionEntry) {
        match self.register.divisions.get_mut(new.code.as_str()) {
            Some(known) => {
                let same = known.name == new.name
                    && known.valid_from == new.valid_from
                    && new.valid_to.is_none()
                    && !known.inferred;
                if same {
                    known.touched = true;
                } else {
                    let before = known.before.take().or_else(|| known.id.map(|_| known.fields()));
                    *known = DivisionEntry { id: known.id, before, ..new };
                }
            }
            None if new.valid_to.is_some() => self.register.past_divisions.push(new),
            None => {
                self.register.divisions.insert(new.code.as_str().to_owned(), new);
            }
        }
    }

    fn date(&mut self, row: &Row, key: &'static str) -> Option<String> {
        let text = row.text(key);
        if text.is_empty() {
            return None;
        }
        match parse_month(text) {
            Ok(date) => {
                let (year, month, day) = date.first_day();
                Some(format!("{year:04}-{month:02}-{day:02}"))
            }
            Err(error) => {
                self.warning(row, key, "date_unreadable", &error.to_string(), "请写成 2026-01-01 的样子");
                None
            }
        }
    }
}
