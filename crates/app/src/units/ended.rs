//! What pages say about a unit that was ended (撤销), with the way to what took its place.

use super::store::Line;
use crate::{cadres::since_text, revisions::as_of::Moment};
use daylight_ui::{Html, Link, Notice, NoticeKind};

/// "这个单位已于2026年6月30日撤销，由县水务局接续。" beginning with `what`; nothing while the unit is there.
pub(crate) fn notice(what: &str, line: &Line, moment: &Moment) -> Html {
    let Some(ended_on) = line.ended_on.as_deref().filter(|day| **day <= *moment.day().to_string()) else {
        return Html::default();
    };
    let said = Html::from(format!("{what}已于{}撤销", since_text(ended_on)));
    let next = match (line.successor_id, &line.successor) {
        (Some(id), Some(name)) => {
            [Html::from("，由"), Link::new(name, format!("/units/{id}")).into(), "接续。".into()]
                .into_iter()
                .collect()
        }
        _ => Html::from("，没有登记由哪个单位接续。"),
    };
    Notice::new(NoticeKind::Warning, [said, next].into_iter().collect::<Html>()).into()
}
