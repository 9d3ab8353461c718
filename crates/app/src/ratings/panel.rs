//! 群众评价 on the page of a cadre or a power: the way in while a round is open.

use super::{code, store};
use crate::{
    clock::{Millis, date_text},
    web::PageError,
};
use daylight_db::ConnectionTrait;
use daylight_ratings::ballot::SubjectId;
use daylight_ui::{Action, Actions, Html as Markup, Section};

/// The panel. Pages with it are kept in the page cache, which is purged when a round opens or closes.
pub async fn panel(c: &impl ConnectionTrait, subject: SubjectId, now: Millis) -> Result<Section, PageError> {
    let (title, verb) = match subject {
        SubjectId::Cadre(_) => ("群众评价", "评价这位干部"),
        SubjectId::Power(_) => ("群众评判", "评判这项权力"),
    };
    let body: Markup = match store::rounds::asked(c, subject, now).await? {
        Some(asked) => {
            let words = format!(
                "{}正在进行，{}截止。用手机验证码，一人一票，截止前可以改；截止时密钥销毁，以后谁也查不出哪一票是谁的。",
                asked.name,
                date_text(asked.closes - 1)
            );
            let way = Actions::new([Action::link(verb, format!("/rate/{}", code(subject)))]);
            [Markup::paragraphs(&words), way.into()].into_iter().collect()
        }
        None => Markup::paragraphs("评价按轮次进行，现在没有正在进行的评价。"),
    };
    Ok(Section::new(title, body))
}
