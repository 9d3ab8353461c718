//! Finding one cadre by what people know of them: name, unit, and the post where two are called alike.

use super::store;
use crate::{
    accounts::unknown_unit,
    units,
    web::{App, NAME, PageError, limit},
};
use daylight_ids::text::{person_name, squash};
use daylight_ui::form::{Errors, Field};
use serde::Deserialize;

/// What is typed about a person. The fields are `person`, `unit` and `post`.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    pub person: String,
    #[serde(default)]
    pub unit: String,
    #[serde(default)]
    pub post: String,
}

impl Asked {
    /// The fields, filled.
    pub(crate) fn fields(&self, who: &str, errors: &Errors) -> [Field; 3] {
        [
            Field::text("person", who).value(&self.person).maxlength(NAME).autocomplete("off").check(errors),
            Field::text("unit", "所在单位")
                .hint("填写单位全称。")
                .value(&self.unit)
                .maxlength(NAME)
                .autocomplete("off")
                .check(errors),
            Field::text("post", "职务")
                .hint("单位里有同名的才需要填。")
                .value(&self.post)
                .maxlength(NAME)
                .autocomplete("off")
                .optional()
                .check(errors),
        ]
    }

    /// The one cadre it means; none with the reason in `errors`.
    pub(crate) async fn find(
        &self,
        app: &App,
        errors: &mut Errors,
    ) -> Result<Option<store::Line>, PageError> {
        for (field, typed) in [("person", &self.person), ("unit", &self.unit), ("post", &self.post)] {
            limit(errors, field, typed, NAME);
        }
        let (name, unit, post) = (person_name(&self.person), self.unit.trim(), squash(&self.post));
        if name.is_empty() {
            errors.add("person", "请填写姓名");
        }
        if unit.is_empty() {
            errors.add("unit", "请填写所在单位的全称");
        }
        if !errors.is_empty() {
            return Ok(None);
        }
        let c = app.db.read();
        let Some(unit_line) = units::store::by_name(c, unit).await? else {
            errors.add("unit", unknown_unit(unit, &units::store::names_like(c, unit, 5).await?));
            return Ok(None);
        };
        let mut found = store::of_unit(c, unit_line.id).await?;
        found.retain(|line| line.name == name && (post.is_empty() || squash(&line.post) == post));
        found.dedup_by_key(|line| line.id);
        match found.len() {
            0 => errors.add("person", format!("“{unit}”的干部名册里没有这个人，请核对姓名、单位和职务")),
            1 => return Ok(found.pop()),
            _ => {
                let posts: Vec<_> = found.iter().map(|line| line.post.as_str()).collect();
                errors.add("post", format!("有同名的，请填写职务：{}", posts.join("、")));
            }
        }
        Ok(None)
    }
}
