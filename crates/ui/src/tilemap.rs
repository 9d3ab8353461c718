//! A map without borders: one equal tile per division. Maps of real places need an approved base map (审图号); this is
//! a schematic index that says so.

use askama::Template;

use crate::Link;
use crate::html::part;

/// One division.
#[derive(Clone, Debug, Default)]
pub struct Tile {
    /// Its name.
    pub name: String,
    /// Its page, or the map one level down.
    pub href: String,
    /// The figure on it; `None` says 暂无.
    pub figure: Option<String>,
    /// 0 (least) to 4 (most); also drawn as that many strokes.
    pub shade: u8,
}

impl Tile {
    /// A tile that leads to `href`.
    pub fn new(name: impl Into<String>, href: impl Into<String>, figure: Option<String>, shade: u8) -> Self {
        Self { name: name.into(), href: href.into(), figure, shade }
    }

    fn shade(&self) -> u8 {
        self.shade.min(4)
    }
}

/// The tiles of one level, with what the shades mean and the same as a list.
#[derive(Clone, Debug, Default, Template)]
#[template(
    ext = "html",
    source = r#"<figure class="tilemap">
<figcaption><b>{{ caption }}</b>
{%- if let Some(up) = up -%}
<a class="tilemap-up" href="{{ crate::safe_href(up.href) }}"><span aria-hidden="true">‹ </span>{{ up.label }}</a>
{%- endif -%}
</figcaption>
<div class="tilemap-body">
<ul class="tiles">
{%- for tile in tiles -%}
<li><a class="tile shade-{{ tile.shade() }}" href="{{ crate::safe_href(tile.href) }}"><span class="tile-name">{{ tile.name }}</span><span class="tile-figure">
{%- if let Some(figure) = tile.figure %}{{ figure }}{% else %}暂无{% endif -%}
</span><svg viewBox="0 0 22 6" width="22" height="6" aria-hidden="true" focusable="false">
{%- for n in 0..tile.shade() -%}
<rect x="{{ n * 6 }}" width="4" height="6" fill="currentColor"/>
{%- endfor -%}
</svg></a></li>
{%- endfor -%}
</ul>
<div class="tilemap-side">
{%- if !legend.is_empty() -%}
<ul class="tilemap-legend">
{%- for word in legend -%}
<li><span class="swatch shade-{{ loop.index0 }}"><svg viewBox="0 0 22 6" width="22" height="6" aria-hidden="true" focusable="false">
{%- for n in 0..loop.index0 -%}
<rect x="{{ n * 6 }}" width="4" height="6" fill="currentColor"/>
{%- endfor -%}
</svg></span>{{ word }}</li>
{%- endfor -%}
</ul>
{%- endif -%}
<p class="tilemap-note">示意图：每格一个{{ subject }}，不表示位置、大小和边界。</p>
<details class="details">
<summary>用列表看</summary>
<table class="table table--plain">
<caption class="hidden">{{ caption }}</caption>
<thead><tr>
<th scope="col">{{ subject }}</th>
<th scope="col" class="num">{{ figure_label }}</th>
</tr></thead>
<tbody>
{%- for tile in tiles -%}
<tr>
<th scope="row"><a href="{{ crate::safe_href(tile.href) }}">{{ tile.name }}</a></th>
<td class="num">
{%- if let Some(figure) = tile.figure %}{{ figure }}{% else %}暂无{% endif -%}
</td>
</tr>
{%- endfor -%}
</tbody>
</table></details>
</div></div>
</figure>"#
)]
pub struct TileMap {
    /// What the map shows: "各乡镇本季度公开率".
    pub caption: String,
    /// What a tile is: 乡镇, 村.
    pub subject: String,
    /// What the figure is: 公开率.
    pub figure_label: String,
    /// Words for shade 0 upward; at most five, empty for none.
    pub legend: Vec<String>,
    /// The tiles, in the usual order of the divisions.
    pub tiles: Vec<Tile>,
    /// One level up.
    pub up: Option<Link>,
}

part!(TileMap);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_are_links_with_a_list_and_escaped() {
        let bad = || "\"<b>x".to_owned();
        let map = TileMap {
            caption: bad(),
            subject: bad(),
            figure_label: bad(),
            legend: vec![bad(), bad()],
            tiles: vec![Tile::new(bad(), bad(), Some(bad()), 200), Tile::new("乙", "/b", None, 0)],
            up: Some(Link::new(bad(), bad())),
        };
        let html = map.to_string();
        assert!(!html.contains("<b>x") && html.contains("shade-4") && html.contains("暂无"));
        assert_eq!(html.matches("href=\"/b\"").count(), 2, "tile and list");
    }
}
