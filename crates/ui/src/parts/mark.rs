//! States as colour, shape and word together. Lamps are round and stand beside their word; warnings are filled labels
//! with cornered shapes, so the two can never be taken for each other.

use askama::Template;

use crate::html::part;

/// The lamp of a report: always a round bulb.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lamp {
    /// Handed in, nobody has taken it yet: an empty ring.
    Waiting,
    /// First handling: a half-filled bulb.
    Yellow,
    /// Dissatisfied, gone to the superior organ: a full bulb with a ring.
    Red,
    /// Closed: a ring with a tick.
    Done,
}

impl Lamp {
    /// The usual word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Waiting => "待受理",
            Self::Yellow => "首次办理",
            Self::Red => "上级办理",
            Self::Done => "已办结",
        }
    }

    /// The lamp with its usual word.
    pub fn tag(self) -> Tag {
        self.says(self.word())
    }

    /// The lamp with the word of a feature.
    pub fn says(self, word: impl Into<String>) -> Tag {
        Tag { word: word.into(), look: Look::Lamp(self) }
    }

    fn class(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Yellow => "yellow",
            Self::Red => "red",
            Self::Done => "done",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Look {
    Lamp(Lamp),
    Neutral,
    Good,
    Bad,
}

/// A short state: a mark and a word.
#[derive(Clone, Debug, PartialEq, Eq, Template)]
#[template(
    ext = "html",
    source = r#"{% if let Look::Lamp(lamp) = look -%}
<span class="lamp lamp--{{ lamp.class() }}"><svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
{%- match lamp %}{% when Lamp::Waiting -%}
<circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" stroke-width="2" stroke-dasharray="2.5 2.2"/>
{%- when Lamp::Yellow -%}
<circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" stroke-width="2"/><path d="M8 2a6 6 0 0 1 0 12z" fill="currentColor"/>
{%- when Lamp::Red -%}
<circle cx="8" cy="8" r="7" fill="none" stroke="currentColor" stroke-width="1.5"/><circle cx="8" cy="8" r="4.4" fill="currentColor"/>
{%- when Lamp::Done -%}
<circle cx="8" cy="8" r="7" fill="currentColor"/><path d="M4.6 8.2l2.4 2.4 4.4-4.8" fill="none" stroke="white" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round"/>
{%- endmatch -%}
</svg>{{ word }}</span>
{%- else -%}
<span class="tag{% if look == Look::Good %} tag--good{% else if look == Look::Bad %} tag--bad{% endif %}">
{%- if look == Look::Good -%}
<span aria-hidden="true">✓ </span>
{%- else if look == Look::Bad -%}
<span aria-hidden="true">✕ </span>
{%- endif %}{{ word }}</span>
{%- endif %}"#
)]
pub struct Tag {
    word: String,
    look: Look,
}

impl Tag {
    /// A plain word with no judgement: a category, a scope, a version.
    pub fn neutral(word: impl Into<String>) -> Self {
        Self { word: word.into(), look: Look::Neutral }
    }

    /// Something is as it should be: published, verified.
    pub fn good(word: impl Into<String>) -> Self {
        Self { word: word.into(), look: Look::Good }
    }

    /// Something is not: refused, withdrawn.
    pub fn bad(word: impl Into<String>) -> Self {
        Self { word: word.into(), look: Look::Bad }
    }
}

/// Level of a risk warning. The four colours are official words (绿黄橙红).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Warning {
    /// 安全: a square with a tick.
    Green,
    /// 不太安全: a triangle.
    Yellow,
    /// 较危险: a diamond.
    Orange,
    /// 非常危险: an octagon.
    Red,
}

impl Warning {
    /// The four levels, from safe to dangerous.
    pub const ALL: [Self; 4] = [Self::Green, Self::Yellow, Self::Orange, Self::Red];

    /// Official word of the level.
    pub fn word(self) -> &'static str {
        match self {
            Self::Green => "安全",
            Self::Yellow => "不太安全",
            Self::Orange => "较危险",
            Self::Red => "非常危险",
        }
    }

    /// Name of the colour.
    pub fn colour(self) -> &'static str {
        match self {
            Self::Green => "绿",
            Self::Yellow => "黄",
            Self::Orange => "橙",
            Self::Red => "红",
        }
    }

    /// The label: shape, colour name and word.
    pub fn tag(self) -> WarningTag {
        WarningTag { level: self }
    }

    fn class(self) -> &'static str {
        match self {
            Self::Green => "green",
            Self::Yellow => "yellow",
            Self::Orange => "orange",
            Self::Red => "red",
        }
    }
}

/// Label of a risk warning, see [`Warning::tag`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Template)]
#[template(
    ext = "html",
    source = r#"<span class="warning warning--{{ level.class() }}"><svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
{%- match level %}{% when Warning::Green -%}
<path d="M2 2h12v12H2z" fill="currentColor"/><path d="M4.8 8.2l2.2 2.2 4.2-4.6" fill="none" stroke="white" stroke-width="1.8"/>
{%- when Warning::Yellow -%}
<path d="M8 1.5L15.5 15H.5z" fill="currentColor"/><path d="M8 6v4.4M8 12v1.4" stroke="white" stroke-width="1.8"/>
{%- when Warning::Orange -%}
<path d="M8 .5L15.5 8 8 15.5.5 8z" fill="currentColor"/><path d="M8 4v5M8 10.4V12" stroke="white" stroke-width="1.8"/>
{%- when Warning::Red -%}
<path d="M5 .8h6L15.2 5v6L11 15.2H5L.8 11V5z" fill="currentColor"/><path d="M5 5l6 6M11 5l-6 6" stroke="white" stroke-width="1.8"/>
{%- endmatch -%}
</svg>{{ level.colour() }}色 {{ level.word() }}</span>"#
)]
pub struct WarningTag {
    level: Warning,
}

/// Level of an integrity risk point (廉政风险点). Not a warning: other words, and the shapes of the flowchart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RiskLevel {
    /// 低: a ring.
    Low,
    /// 中: a square with a bar.
    Medium,
    /// 较高: a triangle.
    Elevated,
    /// 高: an octagon with a bar, and the only red one.
    High,
}

impl RiskLevel {
    /// The four levels, from low to high.
    pub const ALL: [Self; 4] = [Self::Low, Self::Medium, Self::Elevated, Self::High];

    /// Word of the level.
    pub fn word(self) -> &'static str {
        match self {
            Self::Low => "低",
            Self::Medium => "中",
            Self::Elevated => "较高",
            Self::High => "高",
        }
    }

    /// The label: shape and words.
    pub fn tag(self) -> RiskTag {
        RiskTag { level: self }
    }
}

/// Label of a risk point, see [`RiskLevel::tag`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Template)]
#[template(
    ext = "html",
    source = r#"<span class="risk{% if level == RiskLevel::High %} risk--high{% endif %}"><svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
{%- match level %}{% when RiskLevel::Low -%}
<circle cx="8" cy="8" r="6.5" fill="none" stroke="currentColor" stroke-width="1.5"/>
{%- when RiskLevel::Medium -%}
<path d="M1.8 1.8h12.4v12.4H1.8zM5 8h6" fill="none" stroke="currentColor" stroke-width="1.5"/>
{%- when RiskLevel::Elevated -%}
<path d="M8 1L15.5 15H.5z" fill="currentColor"/>
{%- when RiskLevel::High -%}
<path d="M5 .8h6L15.2 5v6L11 15.2H5L.8 11V5z" fill="currentColor"/><path d="M4 8h8" stroke="white" stroke-width="2"/>
{%- endmatch -%}
</svg>风险{{ level.word() }}</span>"#
)]
pub struct RiskTag {
    level: RiskLevel,
}

/// Past its deadline: its own mark, never a lamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Template)]
#[template(
    ext = "html",
    source = r#"<span class="overdue"><svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false"><path d="M3 1.5h10M3 14.5h10M4.2 1.5c0 4 3.8 4.6 3.8 6.5s-3.8 2.5-3.8 6.5M11.8 1.5c0 4-3.8 4.6-3.8 6.5s3.8 2.5 3.8 6.5" fill="none" stroke="currentColor" stroke-width="1.5"/></svg>超期{{ days }}个工作日</span>"#
)]
pub struct Overdue {
    /// Working days past the deadline.
    pub days: u32,
}

part!(Tag, WarningTag, RiskTag, Overdue);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Html;

    #[test]
    fn every_state_is_colour_shape_and_word() {
        for lamp in [Lamp::Waiting, Lamp::Yellow, Lamp::Red, Lamp::Done] {
            let html = lamp.tag().to_string();
            assert!(
                html.contains(lamp.word()) && html.contains("<circle") && html.contains("lamp--"),
                "{html}"
            );
        }
        for level in Warning::ALL {
            let html = level.tag().to_string();
            assert!(html.contains(level.word()) && html.contains(level.colour()) && html.contains("<path"));
            assert!(!html.contains("<circle") && !html.contains("lamp"), "a warning is not a lamp");
        }
        for level in RiskLevel::ALL {
            let html = level.tag().to_string();
            assert!(html.contains(level.word()) && html.contains("<svg"), "{html}");
            assert!(!html.contains("lamp") && !html.contains("warning"), "a risk point is neither");
        }
        assert!(Overdue { days: 3 }.to_string().contains("超期3个工作日"));
    }

    #[test]
    fn words_are_escaped() {
        for tag in [Lamp::Red.says("<b>"), Tag::neutral("<b>"), Tag::good("<b>"), Tag::bad("<b>")] {
            assert!(!Html::from(tag).as_str().contains("<b>"));
        }
    }
}
