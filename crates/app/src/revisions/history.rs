//! 公布记录: every published state of a unit, power or cadre with the difference to the one before.

use super::{Origin, Revision, SubjectKind, as_of, changes, store};
use crate::{
    clock::time_text,
    web::{App, Asked, PER_PAGE, PageError, Viewer},
};
use askama::Template;
use axum::response::{Html, IntoResponse, Response};
use daylight_ui::{Diff, Heading, Html as Markup, Pagination, Tag};

struct State {
    title: String,
    origin: Tag,
    diffs: Vec<Diff>,
    first: bool,
    href: String,
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"{{ head }}
{%- for state in states -%}
<section class="section"><div class="section-head"><h2>{{ state.title }}</h2>{{ state.origin }}</div>
<div class="stack">
{%- if state.first -%}
<p>首次在本平台公布，没有更早的内容可以比较。</p>
{%- else if state.diffs.is_empty() -%}
<p>内容与上一次相同。</p>
{%- endif -%}
{%- for diff in state.diffs %}{{ diff }}{% endfor -%}
<p class="ways no-print"><a href="{{ state.href }}">看这一天结束时的页面</a></p>
</div></section>
{%- endfor -%}
{{ pages }}"#
)]
struct Page {
    head: Heading,
    states: Vec<State>,
    pages: Pagination,
}

/// The page at `/{kind}/{id}/history`. States in which a power was withheld are left out, and so is the page of a
/// power that is withheld now.
pub async fn page(
    app: &App,
    viewer: &Viewer,
    kind: SubjectKind,
    id: i64,
    asked: &Asked,
) -> Result<Response, PageError> {
    let c = app.db.read();
    let now = as_of::public(store::published(c, kind, id).await?).ok_or(PageError::NotFound)?;
    let total = store::count_history(c, kind, id).await?;
    let part = asked.part(total);
    // One more than is shown: what the last one is compared with.
    let found = store::history(c, kind, id, PER_PAGE + 1, part.offset).await?;
    let path = kind.href(id);
    let shown = found.iter().enumerate().take(PER_PAGE as usize);
    let states = shown
        .zip((0..total - part.offset).rev())
        .map(|((at, revision), before)| state(revision, found.get(at + 1), before + 1, &path))
        .collect();
    let name = now.content.title();
    let body = Page {
        head: Heading::new("公布记录")
            .kicker(name)
            .lead(format!("共公布过{total}次。每次改了什么，都列在下面；最近的在最前。")),
        states,
        pages: Pagination::numbered(part.page, part.pages, |n| format!("{path}/history?page={n}")),
    };
    let shell = as_of::frame(app, viewer, kind, id, name, "公布记录").await?;
    Ok(Html(daylight_ui::page(&shell, &body.render()?)).into_response())
}

/// A state beside the one before it; `number` counts those that everybody may see.
fn state(revision: &Revision, before: Option<&Revision>, number: i64, path: &str) -> State {
    let published = revision.published_at.unwrap_or(revision.created_at);
    let diff = |change: super::Change| Diff::of(change.label, &change.before, &change.after);
    State {
        title: time_text(published),
        origin: Tag::neutral(format!("第{number}次公布 · {}", origin_text(revision))),
        diffs: match before {
            Some(before) => changes(Some(&before.content), &revision.content).into_iter().map(diff).collect(),
            None => Vec::new(),
        },
        first: before.is_none(),
        href: format!("{path}?on={}", as_of::iso_day(published)),
    }
}

/// Where a state came from, in words.
fn origin_text(revision: &Revision) -> &'static str {
    match (revision.origin, revision.kind) {
        (Origin::Import, SubjectKind::Unit) => "由单位名册导入",
        (Origin::Import, SubjectKind::Power) => "由权力清单导入",
        (Origin::Import, SubjectKind::Cadre) => "由干部名册导入",
        (Origin::Office, _) => "经审核公布",
    }
}

/// The foot of a page: when it was last changed and how, with the way to all changes.
pub fn stamp(revision: &Revision, path: &str) -> Markup {
    #[derive(Template)]
    #[template(
        ext = "html",
        source = r#"<p class="stamp">信息更新于{{ at }}（{{ origin }}）</p><p class="ways no-print"><a href="{{ path }}/history">公布记录</a></p>"#
    )]
    struct Stamp<'a> {
        at: String,
        origin: &'a str,
        path: &'a str,
    }
    let at = crate::clock::date_text(revision.published_at.unwrap_or(revision.created_at));
    Markup::render(&Stamp { at, origin: origin_text(revision), path }).unwrap_or_default()
}
