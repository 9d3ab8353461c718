//! Writes the example charts as HTML pages: `cargo run -p daylight-flowchart --example charts -- <folder>`.

mod graphs;

use daylight_flowchart::{CSS, Options};
use std::{env, fs, path::Path};

fn main() -> std::io::Result<()> {
    let folder = env::args().nth(1).unwrap_or_else(|| "target/flowcharts".into());
    fs::create_dir_all(&folder)?;
    for (name, graph) in graphs::all() {
        for elder in [false, true] {
            let options = Options { elder, title: name.into(), ..Options::new(name) };
            let svg = graph.svg(&options);
            let page = format!(
                "<!doctype html><html lang=\"zh-CN\"><meta charset=\"utf-8\"><title>{name}</title><style>\
                 body{{margin:16px;font-family:system-ui,\"Noto Sans CJK SC\",sans-serif;color:#1c1917}}{CSS}</style>{svg}</html>"
            );
            let file = format!("{name}{}.html", if elder { "-elder" } else { "" });
            fs::write(Path::new(&folder).join(file), page)?;
        }
        for problem in graph.problems() {
            println!("{name}: {problem}");
        }
        for item in graph.outline() {
            println!("{name} {}. {}", item.number, item.node.title);
            for next in &item.next {
                println!("    {next}");
            }
        }
    }
    Ok(())
}
