//! The layout as SVG text. Presentation attributes and classes only, never `style`.

use crate::layout::{Layout, Line, Look, Rect, Route, Step, arrange};
use crate::text::{clean, escape};
use crate::{Graph, Options, RiskLevel};
use std::fmt::Write;

const LINE: &str = "var(--flow-line,#4b5563)";
const RETURN: &str = "var(--flow-return,#6b7280)";
const EDGE: &str = "var(--flow-edge,#78716c)";
const BOX: &str = "var(--flow-box,#ffffff)";
const SOFT: &str = "var(--flow-soft,#f4f1ec)";
const MUTED: &str = "var(--flow-muted,#57534e)";
const ALERT: &str = "var(--flow-alert,#b3261e)";

pub(crate) fn svg(graph: &Graph, options: &Options) -> String {
    let layout = arrange(graph, options);
    let mut out = Pen(String::with_capacity(1024 + 900 * graph.nodes.len()));
    out.open(graph, options, &layout);
    out.routes(&layout);
    for (rect, word) in [(layout.start, "开始"), (layout.end, crate::END)] {
        if let Some(rect) = rect {
            out.capsule(rect, word, &layout);
        }
    }
    for step in &layout.steps {
        out.step(step, &layout);
    }
    out.0.push_str("</svg>");
    out.0
}

/// A number with at most one decimal.
fn n(value: f64) -> String {
    let tenths = (value * 10.0).round() as i64;
    match (tenths / 10, tenths % 10) {
        (whole, 0) => whole.to_string(),
        _ => format!("{}", tenths as f64 / 10.0),
    }
}

/// What the picture says, in a few sentences.
fn description(graph: &Graph) -> String {
    const SHOWN: usize = 8;
    let items = graph.outline();
    let mut text = format!("自上而下共{}个环节。", items.len());
    let returns: Vec<String> = items
        .iter()
        .flat_map(|item| item.next.iter().filter(|next| next.is_return).map(move |next| (item.number, next)))
        .map(|(number, next)| format!("第{number}步{next}"))
        .collect();
    if !returns.is_empty() {
        let more = if returns.len() > SHOWN { "等" } else { "" };
        let _ = write!(
            text,
            "有{}处退回：{}{more}。",
            returns.len(),
            returns[..returns.len().min(SHOWN)].join("；")
        );
    }
    text
}

/// Writes SVG. `write!` to a `String` cannot fail.
struct Pen(String);

impl Pen {
    fn add(&mut self, text: std::fmt::Arguments<'_>) {
        let _ = self.0.write_fmt(text);
    }

    fn open(&mut self, graph: &Graph, options: &Options, layout: &Layout) {
        let id: String = options
            .id_prefix
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' })
            .collect();
        let role = if layout.steps.iter().any(|step| step.href.is_some()) { "group" } else { "img" };
        let (w, h) = (n(layout.width), n(layout.height));
        self.add(format_args!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"flow\" role=\"{role}\" \
             aria-labelledby=\"{id}-title\" aria-describedby=\"{id}-desc\" viewBox=\"0 0 {w} {h}\" width=\"{w}\" \
             height=\"{h}\" fill=\"currentColor\"><title id=\"{id}-title\">{}</title>\
             <desc id=\"{id}-desc\">{}</desc>",
            escape(&clean(&options.title)),
            escape(&clean(&description(graph))),
        ));
    }

    fn routes(&mut self, layout: &Layout) {
        let width = n(layout.metrics.stroke);
        for (is_return, look) in [
            (false, format!("stroke=\"{LINE}\"")),
            (true, format!("stroke=\"{RETURN}\" stroke-dasharray=\"5 3\"")),
        ] {
            self.add(format_args!("<g class=\"flow-ways\" fill=\"none\" stroke-width=\"{width}\" {look}>"));
            if let (false, Some(start), Some(first)) = (is_return, layout.start, layout.steps.first()) {
                let bottom = first.rect.y - layout.metrics.arrow + 1.0;
                self.add(format_args!(
                    "<path d=\"M{} {}V{}\"/>",
                    n(start.mid()),
                    n(start.bottom()),
                    n(bottom)
                ));
            }
            for route in layout.routes.iter().filter(|r| r.is_return == is_return) {
                let d = path(route, layout);
                self.add(format_args!("<path data-way=\"{}-{}\" d=\"{d}\"/>", route.from + 1, route.to + 1));
            }
            self.0.push_str("</g>");
        }
        self.arrows(layout);
        for line in layout.routes.iter().flat_map(|route| &route.lines) {
            self.line(line);
        }
    }

    /// Heads as plain triangles: markers would need ids, and do not take the colour of their line everywhere.
    fn arrows(&mut self, layout: &Layout) {
        let a = layout.metrics.arrow;
        for (is_return, colour) in [(false, LINE), (true, RETURN)] {
            let mut d = String::new();
            if let (false, Some(first)) = (is_return, layout.steps.first()) {
                let _ = write!(d, "{}", head(first.rect.mid(), first.rect.y, 0.0, a));
            }
            for route in layout.routes.iter().filter(|r| r.is_return == is_return) {
                if let [.., (x0, _), (x, y)] = route.points[..] {
                    d.push_str(&head(
                        x,
                        y,
                        (x - x0).partial_cmp(&0.0).map_or(0.0, |o| f64::from(o as i8)),
                        a,
                    ));
                }
            }
            if !d.is_empty() {
                self.add(format_args!("<path class=\"flow-heads\" fill=\"{colour}\" d=\"{d}\"/>"));
            }
        }
    }

    fn capsule(&mut self, rect: Rect, word: &str, layout: &Layout) {
        let m = &layout.metrics;
        self.add(format_args!(
            "<rect class=\"flow-capsule\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"{}\" fill=\"{SOFT}\" \
             stroke=\"{LINE}\" stroke-width=\"1.5\"/><text x=\"{}\" y=\"{}\" font-size=\"{}\" text-anchor=\"middle\">{word}</text>",
            n(rect.x), n(rect.y), n(rect.w), n(rect.h), n(m.capsule / 2.0),
            n(rect.mid()), n(rect.y + rect.h / 2.0 + m.title * 0.35), n(m.title),
        ));
    }

    fn step(&mut self, step: &Step, layout: &Layout) {
        match &step.href {
            Some(href) => self.add(format_args!("<a class=\"flow-step\" href=\"{}\">", escape(href))),
            None => self.0.push_str("<g class=\"flow-step\">"),
        }
        self.outline(step, layout);
        let (x, y, r) = step.disc;
        let size = layout.metrics.title * if step.number > 99 { 0.7 } else { 0.85 };
        self.add(format_args!(
            "<circle cx=\"{}\" cy=\"{}\" r=\"{}\" fill=\"{SOFT}\"/><text x=\"{}\" y=\"{}\" font-size=\"{}\" \
             font-weight=\"600\" text-anchor=\"middle\">{}</text>",
            n(x),
            n(y),
            n(r),
            n(x),
            n(y + size * 0.36),
            n(size),
            step.number,
        ));
        for line in &step.lines {
            self.line(line);
        }
        if let Some(rule) = step.rule {
            let (x, y, right) = (n(rule.x), n(rule.y), n(rule.right()));
            self.add(format_args!("<path d=\"M{x} {y}H{right}\" stroke=\"{EDGE}\" stroke-width=\"0.5\"/>"));
        }
        if let Some((level, x, y, size)) = step.risk {
            self.risk(level, x, y, size);
        }
        self.0.push_str(if step.href.is_some() { "</a>" } else { "</g>" });
    }

    fn outline(&mut self, step: &Step, layout: &Layout) {
        let (r, c) = (step.rect, layout.metrics.corner);
        if !step.decision {
            return self.add(format_args!(
                "<rect class=\"flow-box\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"6\" fill=\"{BOX}\" stroke=\"{EDGE}\"/>",
                n(r.x), n(r.y), n(r.w), n(r.h),
            ));
        }
        let (x, y, right, bottom, a) = (r.x, r.y, r.right(), r.bottom(), layout.metrics.arrow);
        self.add(format_args!(
            "<path class=\"flow-box flow-decision\" d=\"M{} {}H{}L{} {}V{}L{} {}H{}L{} {}V{}Z\" fill=\"{BOX}\" stroke=\"{LINE}\" stroke-width=\"1.5\"/>",
            n(x + c), n(y), n(right - c), n(right), n(y + c), n(bottom - c), n(right - c), n(bottom),
            n(x + c), n(x), n(bottom - c), n(y + c),
        ));
        self.add(format_args!(
            "<path d=\"M{} {}l{a} {a}l-{a} {a}l-{a} -{a}z\" fill=\"{SOFT}\" stroke=\"{LINE}\" stroke-width=\"1.5\"/>",
            n(r.mid()), n(bottom - a),
        ));
    }

    /// A different shape for each level; only the highest is red.
    fn risk(&mut self, level: RiskLevel, x: f64, y: f64, size: f64) {
        let (h, k) = (size / 2.0, size * 0.29);
        let (left, top, mid, right, bottom) = (n(x), n(y - h), n(x + h), n(x + size), n(y + h));
        self.add(format_args!("<g class=\"flow-risk\" stroke-width=\"1.5\">"));
        match level {
            RiskLevel::Low => self.add(format_args!(
                "<circle cx=\"{mid}\" cy=\"{}\" r=\"{}\" fill=\"none\" stroke=\"{MUTED}\"/>", n(y), n(h - 0.7),
            )),
            RiskLevel::Medium => self.add(format_args!(
                "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"none\" stroke=\"{MUTED}\"/><path d=\"M{} {}H{}\" stroke=\"{MUTED}\"/>",
                n(x + 0.8), n(y - h + 0.8), n(size - 1.6), n(size - 1.6), n(x + 3.0), n(y), n(x + size - 3.0),
            )),
            RiskLevel::Elevated => self.add(format_args!(
                "<path d=\"M{mid} {top}L{right} {bottom}H{left}Z\" fill=\"currentColor\"/>"
            )),
            RiskLevel::High => self.add(format_args!(
                "<path d=\"M{} {top}H{}L{right} {}V{}L{} {bottom}H{}L{left} {}V{}Z\" fill=\"{ALERT}\"/>\
                 <path d=\"M{} {}H{}\" stroke=\"{BOX}\" stroke-width=\"2\"/>",
                n(x + k), n(x + size - k), n(y - h + k), n(y + h - k), n(x + size - k), n(x + k), n(y + h - k), n(y - h + k),
                n(x + size * 0.25), n(y), n(x + size * 0.75),
            )),
        }
        self.0.push_str("</g>");
    }

    fn line(&mut self, line: &Line) {
        let look = match line.look {
            Look::Title => "font-weight=\"600\"".to_owned(),
            Look::Small => format!("fill=\"{MUTED}\""),
            Look::Label => String::new(),
            Look::Down => "writing-mode=\"vertical-rl\" text-anchor=\"middle\"".to_owned(),
        };
        let (x, y, size, text) = (n(line.x), n(line.y), n(line.size), escape(&line.text));
        self.add(format_args!("<text x=\"{x}\" y=\"{y}\" font-size=\"{size}\" {look}>{text}</text>"));
    }
}

/// A triangle with its point at `x`, `y`; `way` is 1 for pointing right, -1 left, 0 down.
fn head(x: f64, y: f64, way: f64, a: f64) -> String {
    let h = a * 0.5;
    if way == 0.0 {
        format!("M{} {}l-{} -{}h{}z", n(x), n(y), n(h), n(a), n(a))
    } else {
        format!("M{} {}l{} -{}v{}z", n(x), n(y), n(-way * a), n(h), n(a))
    }
}

/// The line up to the foot of its arrow head, with rounded turns and an opening for its label.
fn path(route: &Route, layout: &Layout) -> String {
    let (a, r) = (layout.metrics.arrow - 1.0, layout.metrics.turn);
    match route.points[..] {
        [(x, y1), (_, y2)] => format!("M{} {}V{}", n(x), n(y1), n(y2 - a)),
        [(x1, y1), (lane, _), (_, y2), (x2, _)] => {
            let side = (x1 - lane).signum();
            let down = (y2 - y1).signum();
            let open = match route.open {
                None => String::new(),
                Some((top, bottom)) if down > 0.0 => format!("V{}M{} {}", n(top), n(lane), n(bottom)),
                Some((top, bottom)) => format!("V{}M{} {}", n(bottom), n(lane), n(top)),
            };
            format!(
                "M{} {}H{}Q{} {} {} {}{open}V{}Q{} {} {} {}H{}",
                n(x1),
                n(y1),
                n(lane + side * r),
                n(lane),
                n(y1),
                n(lane),
                n(y1 + down * r),
                n(y2 - down * r),
                n(lane),
                n(y2),
                n(lane + side * r),
                n(y2),
                n(x2 - side * a),
            )
        }
        _ => String::new(),
    }
}
