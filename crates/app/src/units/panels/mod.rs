//! The five panels of a unit's page, in the words of the county's platform.

mod cadres;
mod duties;
mod powers;
mod reports;
mod structure;

use super::view::View;
use crate::web::PageError;
use daylight_db::ConnectionTrait;
use daylight_ui::Html;

/// A panel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Panel {
    /// 主要职责, with whom to ask.
    #[default]
    Duties,
    /// 权力构架.
    Structure,
    /// 权力监督.
    Powers,
    /// 干部监督.
    Cadres,
    /// 网络举报.
    Reports,
}

impl Panel {
    /// All, in page order.
    pub const ALL: [Panel; 5] =
        [Panel::Duties, Panel::Structure, Panel::Powers, Panel::Cadres, Panel::Reports];

    fn code(self) -> &'static str {
        match self {
            Panel::Duties => "duties",
            Panel::Structure => "structure",
            Panel::Powers => "powers",
            Panel::Cadres => "cadres",
            Panel::Reports => "reports",
        }
    }

    /// The word on the page.
    pub fn page(self) -> &'static str {
        match self {
            Panel::Duties => "主要职责",
            Panel::Structure => "权力构架",
            Panel::Powers => "权力监督",
            Panel::Cadres => "干部监督",
            Panel::Reports => "网络举报",
        }
    }

    /// Reads the query field.
    pub fn from_code(code: &str) -> Option<Panel> {
        Panel::ALL.into_iter().find(|panel| panel.code() == code)
    }

    /// The query field that opens it; the default needs none.
    pub fn field(self) -> Option<(&'static str, &'static str)> {
        (self != Panel::default()).then(|| ("panel", self.code()))
    }
}

/// What a panel shows.
pub async fn show(
    c: &impl ConnectionTrait,
    view: &View,
    panel: Panel,
    elder: bool,
) -> Result<Html, PageError> {
    Ok(match panel {
        Panel::Duties => duties::show(view)?,
        Panel::Structure => structure::show(c, view, elder).await?,
        Panel::Powers => powers::show(view)?,
        Panel::Cadres => cadres::show(view)?,
        Panel::Reports => {
            let told = crate::outcomes::panel(c, "unit_id", view.line.id).await?;
            [told, reports::show(view)?].into_iter().collect()
        }
    })
}
