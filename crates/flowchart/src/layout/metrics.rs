//! Sizes in CSS pixels at natural width.

use crate::Options;

#[derive(Clone, Copy, Debug)]
pub(crate) struct Metrics {
    /// Text sizes: title of a step, small text, labels.
    pub title: f64,
    pub small: f64,
    pub label: f64,
    /// Line height as a multiple of the text size.
    pub leading: f64,
    /// Space inside a box.
    pub pad: f64,
    /// Width of the column with the number.
    pub number: f64,
    /// Least distance between two ports of one side, and from a port to the box's corner.
    pub port: f64,
    pub inset: f64,
    /// From a box to its nearest lane; room for an arrow head.
    pub stub: f64,
    /// Length of an arrow head.
    pub arrow: f64,
    /// Width of the lines.
    pub stroke: f64,
    /// Radius of a turn.
    pub turn: f64,
    /// Cut or rounding of a box's corners.
    pub corner: f64,
    /// From box to box, with and without a way between them.
    pub gap: f64,
    pub rest: f64,
    pub margin: f64,
    pub min_box: f64,
    pub max_box: f64,
    /// Height of the capsules 开始 and 结束.
    pub capsule: f64,
}

impl Metrics {
    pub fn of(options: &Options) -> Self {
        let wide = f64::from(options.width.clamp(280, 1200));
        let normal = Self {
            title: 15.0,
            small: 13.0,
            label: 12.5,
            leading: 1.4,
            pad: 11.0,
            number: 30.0,
            port: 13.0,
            inset: 15.0,
            stub: 19.0,
            arrow: 7.0,
            stroke: 1.5,
            turn: 5.0,
            corner: 10.0,
            gap: 30.0,
            rest: 22.0,
            margin: 4.0,
            min_box: 196.0,
            max_box: (wide * 0.8).max(264.0),
            capsule: 32.0,
        };
        if !options.elder {
            return normal;
        }
        // 18 pt are 24 px, for every text of the picture. Room comes from the spaces, not from the text.
        Self {
            title: 24.0,
            small: 24.0,
            label: 24.0,
            leading: 1.35,
            number: 41.0,
            port: 16.0,
            inset: 20.0,
            stub: 22.0,
            arrow: 10.0,
            stroke: 2.0,
            turn: 7.0,
            gap: 40.0,
            rest: 28.0,
            min_box: 216.0,
            max_box: (wide * 0.8).max(320.0),
            capsule: 46.0,
            ..normal
        }
    }

    /// Distance between lanes when a side has this many. Few lanes are wide enough for labels.
    pub fn spacing(&self, lanes: usize) -> f64 {
        match lanes {
            0..=6 => self.label + 6.0,
            7..=14 => self.label,
            _ => 8.0,
        }
    }
}
