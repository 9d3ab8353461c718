//! The gallery is the fixture: whatever it shows must pass the checks a browser, a reader and the policy make.

#[path = "../examples/gallery/pages.rs"]
mod pages;
#[path = "../examples/gallery/parts.rs"]
mod parts;

use daylight_ui::check;

#[test]
fn every_sample_page_passes_the_checks_in_both_modes() {
    for path in pages::PATHS {
        for elder in [false, true] {
            let html = pages::at(path, elder).expect(path);
            assert_eq!(check::page(&html), Vec::<String>::new(), "{path}");
        }
    }
}

#[test]
fn nothing_is_inline() {
    for path in pages::PATHS {
        let html = pages::at(path, false).expect(path);
        assert!(!html.contains("style=") && !html.contains("<style") && !html.contains("<script>"), "{path}");
        assert!(!html.contains("onclick") && !html.contains("javascript:"), "{path}");
    }
}

#[test]
fn a_page_is_light() {
    for path in &pages::PATHS[1..] {
        let size = pages::at(path, false).expect(path).len();
        assert!(size <= 40 * 1024, "{path} is {size} bytes of HTML");
    }
}

#[test]
fn every_class_used_has_a_rule() {
    let css = String::from_utf8(daylight_ui::assets::get("app.css").expect("served").bytes.to_vec())
        .expect("utf-8");
    let html: String = pages::PATHS.iter().filter_map(|path| pages::at(path, false)).collect();
    let used: std::collections::BTreeSet<&str> = html
        .split("class=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .flat_map(str::split_whitespace)
        .collect();
    let bare: Vec<&str> = used.into_iter().filter(|class| !css.contains(&format!(".{class}"))).collect();
    // Names without a rule of their own: hooks for tests and for readers of the markup.
    let known =
        ["facts-action", "notice--info", "pages-gap", "portal", "sheet-foot", "steps-main", "tilemap-side"];
    assert!(bare.iter().all(|class| known.contains(class)), "no rule for {bare:?}");
}
