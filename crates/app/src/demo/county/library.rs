//! What the demonstration knows of offices: departments, powers and procedures, written as plain text in `library/`.
//!
//! The texts are compiled in and read by a test, so a slip in them is found by whoever makes it.

use std::collections::HashMap;

/// A department of a county.
#[derive(Debug)]
pub(super) struct Department {
    /// What follows the county's name: "民政局".
    pub(super) suffix: &'static str,
    /// Its own inner bodies.
    pub(super) desks: Vec<&'static str>,
    /// Duties, a line each.
    pub(super) duties: String,
}

/// A power before it belongs to a unit.
#[derive(Debug)]
pub(super) struct Template {
    pub(super) name: &'static str,
    /// Kinds of unit, or one department's suffix.
    pub(super) fits: Vec<&'static str>,
    /// 权力类别, 权力类型, 事项分类.
    pub(super) words: [&'static str; 3],
    /// Name of the shape of its procedure.
    pub(super) shape: &'static str,
    /// Inner body that exercises it.
    pub(super) desk: &'static str,
    pub(super) bases: &'static str,
    /// {事} {料} {查} {果}.
    pub(super) terms: [&'static str; 4],
    pub(super) risk: &'static str,
    pub(super) risk_level: &'static str,
    pub(super) measures: &'static str,
    /// Whether many kinds of unit hold it inwards.
    pub(super) common: bool,
}

/// A step before it belongs to a power.
#[derive(Debug)]
pub(super) struct Shape {
    pub(super) name: &'static str,
    pub(super) post: &'static str,
    /// One or more limits, one of which a unit promises.
    pub(super) limits: Vec<String>,
    pub(super) duties: &'static str,
    pub(super) control: &'static str,
    pub(super) next: &'static str,
}

/// Everything in `library/`.
#[derive(Debug)]
pub(super) struct Library {
    pub(super) departments: Vec<Department>,
    pub(super) templates: Vec<Template>,
    pub(super) shapes: HashMap<&'static str, Vec<Shape>>,
    duties: HashMap<&'static str, String>,
}

impl Library {
    /// Reads the texts.
    pub(super) fn read() -> Library {
        let departments = sections(include_str!("library/departments.txt")).map(department).collect();
        let shapes = sections(include_str!("library/procedures.txt"))
            .map(|(name, lines)| (name, lines.into_iter().map(shape).collect()));
        let duties =
            sections(include_str!("library/duties.txt")).map(|(name, lines)| (name, numbered(&lines)));
        let own = [
            include_str!("library/powers_village.txt"),
            include_str!("library/powers_township.txt"),
            include_str!("library/powers_department.txt"),
            include_str!("library/powers_body.txt"),
        ];
        let own = own.into_iter().flat_map(|text| templates(text, false));
        let common = templates(include_str!("library/powers_common.txt"), true);
        Library {
            departments,
            templates: own.chain(common).collect(),
            shapes: shapes.collect(),
            duties: duties.collect(),
        }
    }

    /// The duties of a kind of unit; `{镇}` and `{村}` are left to the caller.
    pub(super) fn duties(&self, kind: &str) -> &str {
        self.duties.get(kind).map_or("", String::as_str)
    }
}

fn lines(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//"))
}

/// Cuts a text at its lines "= title".
fn sections(text: &'static str) -> impl Iterator<Item = (&'static str, Vec<&'static str>)> {
    let mut found: Vec<(&'static str, Vec<&'static str>)> = Vec::new();
    for line in lines(text) {
        match (line.strip_prefix("= "), found.last_mut()) {
            (Some(title), _) => found.push((title.trim(), Vec::new())),
            (None, Some((_, below))) => below.push(line),
            (None, None) => panic!("library: a line before the first section: {line}"),
        }
    }
    found.into_iter()
}

fn fields<const N: usize>(line: &'static str, separator: char) -> [&'static str; N] {
    let parts: Vec<_> = line.split(separator).map(str::trim).collect();
    parts.try_into().unwrap_or_else(|_| panic!("library: {N} fields expected: {line}"))
}

fn numbered(lines: &[&str]) -> String {
    let lines = lines.iter().enumerate().map(|(at, line)| format!("{}. {line}", at + 1));
    lines.collect::<Vec<_>>().join("\n")
}

fn department((title, lines): (&'static str, Vec<&'static str>)) -> Department {
    let [suffix, desks] = fields(title, '|');
    Department { suffix, desks: desks.split(' ').collect(), duties: numbered(&lines) }
}

fn shape(line: &'static str) -> Shape {
    let [name, post, limits, duties, control, next] = fields(line, '|');
    // "7/5个工作日": the unit stands once, at the end.
    let unit = limits.rsplit('/').next().unwrap_or_default().trim_start_matches(|c: char| c.is_ascii_digit());
    let limits = limits.split('/').map(|limit| {
        let bare = limit.bytes().all(|byte| byte.is_ascii_digit());
        if bare { format!("{limit}{unit}") } else { limit.to_owned() }
    });
    Shape { name, post, limits: limits.collect(), duties, control, next }
}

fn templates(text: &'static str, common: bool) -> impl Iterator<Item = Template> {
    let lines: Vec<_> = lines(text).collect();
    let found: Vec<_> = lines.chunks(5).map(|chunk| template(chunk, common)).collect();
    found.into_iter()
}

fn template(chunk: &[&'static str], common: bool) -> Template {
    let &[head, bases, terms, risk, measures] = chunk else {
        panic!("library: a power has five lines: {chunk:?}")
    };
    let after = |line: &'static str, mark: char| {
        let rest = line.strip_prefix(mark).unwrap_or_else(|| panic!("library: {mark} expected: {line}"));
        rest.trim()
    };
    let [name, fits, words, shape, desk] = fields(head, '|');
    let (risk_level, risk) = after(risk, '险').split_once(' ').unwrap_or_default();
    Template {
        name,
        fits: fits.split(' ').collect(),
        words: fields(words, ' '),
        shape,
        desk,
        bases: after(bases, '据'),
        terms: fields(after(terms, '词'), '|'),
        risk,
        risk_level,
        measures: after(measures, '防'),
        common,
    }
}
