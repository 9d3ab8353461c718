//! The level above (上级机关): what belongs to it is sealed to its public key and handed over; nobody here can open it.
//!
//! Routing decides what belongs to it (`cases::routing`). The key pair is made on the superior's machine; its public half
//! is configured here. Without one, what belongs to the superior is refused and its channel shown, as before.

mod key_file;
mod package;
pub mod store;

pub use key_file::{KeyFileError, PrivateFile, PublicFile};
pub use package::{Contents, File, Known, OpenError, Packing, Pieces, Step, unpack};

use crate::clock::Millis;
use daylight_ui::{Notice, NoticeKind, SummaryList};

/// What a reporter sees of a report that went to the superior, by number and code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handed {
    /// Who has it: "安江市纪委监委".
    pub superior: String,
    /// Where to turn to.
    pub channel: String,
    /// The day on which it was sealed, as an instant.
    pub made_at: Millis,
    /// When it was fetched for the superior; none while it waits.
    pub fetched_at: Option<Millis>,
}

impl Handed {
    /// The same in words, for the page that number and code open.
    pub fn notice(&self) -> Notice {
        let superior = &self.superior;
        let text = match self.fetched_at {
            Some(at) => format!(
                "您反映的事项已密封转交上级（{superior}），{}已取走。本县任何人都打不开它的内容。",
                crate::clock::date_text(at)
            ),
            None => format!(
                "您反映的事项已密封转交上级（{superior}），等待上级取走。本县任何人都打不开它的内容。"
            ),
        };
        Notice::new(NoticeKind::Success, text)
    }

    /// What stands below the notice.
    pub fn facts(&self) -> SummaryList {
        let fetched = self.fetched_at.map_or("还没有取走".to_owned(), crate::clock::date_text);
        SummaryList::new()
            .row("办理机关", self.superior.as_str())
            .row("联系渠道", self.channel.as_str())
            .row("密封日期", crate::clock::date_text(self.made_at))
            .row("取走日期", fetched)
            .row("想知道进展", "请向上级的联系渠道查询；这里看不到内容，也看不到进展。")
    }
}

/// The month in Beijing of an instant: "2026-11".
pub(crate) fn month(at: Millis) -> String {
    let date = crate::clock::beijing(at).date();
    format!("{:04}-{:02}", date.year(), u8::from(date.month()))
}
