//! 修改权力事项: the five parts, the procedure row by row, risks, and the drawing beside it.

mod form;
mod rows;

use crate::{
    office::{
        Typed,
        editor::{List, Press, Sheet},
    },
    powers::Power,
    revisions::{Content, Desk, SubjectKind, store as revisions},
    web::{App, PageError, Viewer},
};
use daylight_ui::{Html as Markup, form::Errors};
use rows::{BasisRow, RiskRow, Rows};

/// A power's form as typed.
pub(crate) struct PowerSheet(Rows);

impl Sheet for PowerSheet {
    const KIND: SubjectKind = SubjectKind::Power;

    fn of(content: Option<&Content>, _: &Desk) -> PowerSheet {
        PowerSheet(match content {
            Some(Content::Power(power)) => Rows::from_power(power),
            _ => Rows::from_power(&Power::default()),
        })
    }

    fn sent(typed: Typed) -> PowerSheet {
        PowerSheet(Rows::of(typed))
    }

    fn press(&mut self, press: Press) {
        let rows = &mut self.0;
        match press {
            Press::Add(List::Steps) => rows.add_step(),
            Press::Insert(List::Steps, at) => rows.insert_step(at),
            Press::Remove(List::Steps, at) => rows.remove_step(at),
            Press::Add(List::Bases) => rows.bases.push(BasisRow::default()),
            Press::Remove(List::Bases, at) if at < rows.bases.len() => drop(rows.bases.remove(at)),
            Press::Add(List::Risks) => rows.risks.push(RiskRow::default()),
            Press::Remove(List::Risks, at) if at < rows.risks.len() => drop(rows.risks.remove(at)),
            _ => {}
        }
    }

    fn read(&self, desk: &Desk, errors: &mut Errors) -> Content {
        let unit = desk.place.as_ref().map(|place| place.unit.as_str()).unwrap_or_default();
        Content::Power(Box::new(self.0.read(unit, errors)))
    }

    async fn judge(
        app: &App,
        _: &Viewer,
        desk: &Desk,
        content: &Content,
        errors: &mut Errors,
    ) -> Result<(), PageError> {
        let (c, name) = (app.db.read(), content.title());
        let unit_id = desk.place.as_ref().map(|place| place.unit_id);
        if !name.is_empty()
            && revisions::name_taken(c, SubjectKind::Power, unit_id, name, desk.subject_id).await?
        {
            errors.add("name", "这个单位已经有同名的权力事项，请核对，或直接修改原有的那一项");
        }
        Ok(())
    }

    fn label(field: &str) -> String {
        form::label(field)
    }

    fn render(&self, desk: &Desk, action: &str, elder: bool, errors: &Errors) -> askama::Result<Markup> {
        form::render(&self.0, &self.read(desk, &mut Errors::new()), action, elder, errors)
    }
}
