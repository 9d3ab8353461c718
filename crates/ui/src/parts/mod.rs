//! The parts pages are made of. Each is a plain value that prints itself as markup.

mod diff;
mod entries;
mod figures;
mod heading;
mod mark;
mod message;
mod progress;
mod qr;
mod search_box;
mod sheet;
mod steps;
mod summary_list;
mod table;
mod timeline;
mod ways;

pub use diff::{Change, Diff};
pub use entries::{Entries, Entry};
pub use figures::{Figure, Figures};
pub use heading::{Heading, Section};
pub use mark::{Lamp, Overdue, RiskLevel, RiskTag, Tag, Warning, WarningTag};
pub use message::{ComingLater, Confirmation, Details, Drawing, Empty, Missing, Notice, NoticeKind};
pub use progress::Progress;
pub use qr::Qr;
pub use search_box::SearchBox;
pub use sheet::Sheet;
pub use steps::{Risk, Step, Steps};
pub use summary_list::{SummaryList, SummaryRow};
pub use table::{Column, Row, Table};
pub use timeline::{Event, Timeline, When};
pub use ways::{Action, Actions, Chip, Chips, Door, Doors, PageLink, Pagination, Tab, Tabs};
