//! 权力构架: who acts, who supervises, who answers, as a picture and as a list with the ways on.

use super::super::{
    diagram::{Branch, Diagram, Way},
    view::View,
};
use crate::{powers::Power, revisions::store::unit_named, web::PageError};
use askama::Template;
use daylight_db::ConnectionTrait;
use daylight_ui::{Html, Link, Section, SummaryList};
use std::collections::{BTreeMap, HashMap};

#[derive(Template)]
#[template(ext = "html", source = r#"<div class="structure"><div>{{ picture }}</div>{{ facts }}</div>"#)]
struct Body {
    picture: Html,
    facts: SummaryList,
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<ul class="names">
{%- for (name, href, powers) in items -%}
<li>
{%- if let Some(href) = href -%}
<a href="{{ href }}">{{ name }}</a>
{%- else %}{{ name }}{% endif %}{% if *powers > 0 -%}
<span class="count">（{{ powers }}项权力）</span>
{%- endif -%}
</li>
{%- endfor -%}
</ul>"#
)]
struct Names {
    items: Vec<(String, Option<String>, usize)>,
}

/// How many names a list shows.
const MOST: usize = 12;

/// The panel.
pub async fn show(c: &impl ConnectionTrait, view: &View, elder: bool) -> Result<Html, PageError> {
    let own = &view.unit.name;
    let exercisers = subjects(view, own, |power| power.exerciser.as_deref());
    let supervisors = subjects(view, own, |power| power.supervisor.as_deref());
    let accountable = subjects(view, own, |power| power.accountable.as_deref());
    let mut known = HashMap::new();
    for (name, _) in supervisors.iter().take(MOST) {
        if let Some(unit) = unit_named(c, name).await? {
            known.insert(name.clone(), unit.id);
        }
    }
    let names = |subjects: &[(String, usize)]| subjects.iter().map(|(name, _)| name.clone()).collect();
    let mut branches = vec![
        Branch { role: "谁来办（行权主体）", names: names(&exercisers), way: Way::Out },
        Branch { role: "谁来监督（监督主体）", names: names(&supervisors), way: Way::In },
        Branch { role: "谁来担责（追责主体）", names: names(&accountable), way: Way::Out },
    ];
    if view.below_count > 0 {
        let count = format!("{}个单位", view.below_count);
        branches.push(Branch { role: "下级单位", names: vec![count], way: Way::Out });
    }
    let diagram = Diagram { unit: own.clone(), above: view.unit.parent.clone(), branches };
    let body = Body {
        picture: Html::trusted(diagram.svg(elder)),
        facts: SummaryList::new()
            .row("上级主管单位", above(view)?)
            .row("谁来办", list(&exercisers, &HashMap::new())?)
            .row("谁来监督", list(&supervisors, &known)?)
            .row("谁来担责", list(&accountable, &HashMap::new())?)
            .row("纪检组织", organs(view)?)
            .row("下级单位", below(view)?),
    };
    Ok(Section::new("权力构架", Html::render(&body)?).into())
}

/// Who is named in the powers, most named first. A name that repeats the unit's own is shortened to what it adds.
fn subjects<'a>(
    view: &'a View,
    own: &str,
    of: impl Fn(&'a Power) -> Option<&'a str>,
) -> Vec<(String, usize)> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for name in view.powers.iter().filter_map(|(_, power)| of(power)) {
        for part in name.split(['、', '；', ';', '\n']).map(str::trim).filter(|part| !part.is_empty()) {
            let short = part.strip_prefix(own).filter(|rest| !rest.is_empty()).unwrap_or(part);
            *counts.entry(short.to_owned()).or_default() += 1;
        }
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    counts
}

fn list(subjects: &[(String, usize)], known: &HashMap<String, i64>) -> askama::Result<Html> {
    if subjects.is_empty() {
        return Ok("待补充".into());
    }
    let mut items: Vec<_> = subjects
        .iter()
        .take(MOST)
        .map(|(name, powers)| (name.clone(), known.get(name).map(|id| format!("/units/{id}")), *powers))
        .collect();
    if subjects.len() > MOST {
        items.push((format!("等{}个", subjects.len()), None, 0));
    }
    Html::render(&Names { items })
}

fn above(view: &View) -> askama::Result<Html> {
    Ok(match (&view.parent, &view.unit.parent) {
        (Some(line), _) => {
            Link::new(&line.name, view.moment.href(&format!("/units/{}", line.id), &[])).into()
        }
        (None, Some(name)) => name.into(),
        (None, None) => "没有，或尚未填报".into(),
    })
}

fn organs(view: &View) -> askama::Result<Html> {
    let mut items: Vec<_> = view.organs.iter().map(|organ| (organ.name.clone(), None, 0)).collect();
    items.push(("举报电话 12388".to_owned(), Some("tel:12388".to_owned()), 0));
    Html::render(&Names { items })
}

fn below(view: &View) -> askama::Result<Html> {
    if view.below.is_empty() {
        return Ok("没有".into());
    }
    let item =
        |(id, name): &(i64, String)| (name.clone(), Some(view.moment.href(&format!("/units/{id}"), &[])), 0);
    let mut items: Vec<_> = view.below.iter().map(item).collect();
    let shown = i64::try_from(view.below.len()).unwrap_or(i64::MAX);
    if view.below_count > shown {
        items.push((format!("看全部{}个", view.below_count), Some(format!("/units?parent={}", view.id)), 0));
    }
    Html::render(&Names { items })
}
