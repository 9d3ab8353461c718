//! The light half of `cargo deny`: compiling cargo-deny would take longer than our own tests.
//!
//! The lists live in `deny.toml` alone; here they are applied to what `cargo metadata` resolves for this machine.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

use super::licence;
use crate::process;

/// Crates that may compile C: SQLite, and ring's assembly.
const MAY_COMPILE_C: [&str; 2] = ["libsqlite3-sys", "ring"];
/// Crates that compile or look for C libraries on behalf of a build script.
const C_TOOLS: [&str; 5] = ["cc", "cmake", "pkg-config", "vcpkg", "bindgen"];
const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// Every package that may not be there, in words.
pub fn broken(root: &Path) -> Result<Vec<String>> {
    let config = std::fs::read_to_string(root.join("deny.toml")).context("deny.toml")?;
    let metadata = metadata()?;
    Ok(problems(&metadata, &allowed_licences(&config)?, &banned_crates(&config)?))
}

fn metadata() -> Result<Value> {
    let version = process::run_quiet(std::process::Command::new("rustc").arg("-vV"))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc names no host")?;
    let mut command = process::cargo();
    command.args(["metadata", "--format-version=1", "--locked", "--filter-platform", host]);
    Ok(serde_json::from_str(&process::run_quiet(&mut command)?)?)
}

fn problems(metadata: &Value, licences: &[String], banned: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    let mut names = HashMap::new();
    for package in list(&metadata["packages"]) {
        let (name, version) = (text(&package["name"]), text(&package["version"]));
        names.insert(text(&package["id"]), name);
        let licence = text(&package["license"]);
        if !licence::is_allowed(licence, licences) {
            found.push(format!("{name} {version}: licence {licence:?} is not in deny.toml"));
        }
        if banned.iter().any(|banned| banned == name) {
            found.push(format!("{name} {version}: banned in deny.toml"));
        }
        // Our own crates have no source.
        if package["source"].as_str().is_some_and(|source| source != CRATES_IO) {
            found.push(format!("{name} {version}: not from crates.io"));
        }
    }
    for node in list(&metadata["resolve"]["nodes"]) {
        let name = names.get(text(&node["id"])).copied().unwrap_or_default();
        let uses: BTreeSet<&str> = list(&node["deps"])
            .iter()
            .filter_map(|dependency| names.get(text(&dependency["pkg"])).copied())
            .filter(|used| C_TOOLS.contains(used))
            .collect();
        if !uses.is_empty() && !MAY_COMPILE_C.contains(&name) && !C_TOOLS.contains(&name) {
            let uses = uses.into_iter().collect::<Vec<_>>().join(", ");
            found.push(format!("{name}: compiles C (build script uses {uses}); only SQLite and ring may"));
        }
    }
    found
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// The strings of `allow = [ … ]` below `[licenses]`.
fn allowed_licences(config: &str) -> Result<Vec<String>> {
    let section = config.split("\n[licenses]").nth(1).context("deny.toml has no [licenses]")?;
    let list = section.split("\nallow = [").nth(1).and_then(|rest| rest.split(']').next());
    let found: Vec<String> = lines(list.unwrap_or_default()).filter_map(first_string).collect();
    (!found.is_empty()).then_some(found).context("deny.toml: [licenses] allow is empty, one licence per line")
}

/// The names in `crate = "…"` of `deny = [ … ]` below `[bans]`.
fn banned_crates(config: &str) -> Result<Vec<String>> {
    let section = config.split("\n[bans]").nth(1).context("deny.toml has no [bans]")?;
    let list = section.split("\ndeny = [").nth(1).and_then(|rest| rest.split("\n]").next());
    let named =
        lines(list.unwrap_or_default()).filter_map(|line| first_string(line.split_once("crate = ")?.1));
    let found: Vec<String> = named.collect();
    (!found.is_empty()).then_some(found).context("deny.toml: [bans] deny is empty, one crate per line")
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.starts_with('#'))
}

fn first_string(line: &str) -> Option<String> {
    line.split('"').nth(1).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{CRATES_IO, allowed_licences, banned_crates, problems};

    const CONFIG: &str = "\n[licenses]\nallow = [\n  \"MIT\",\n  # \"GPL-3.0-only\",\n]\n\n[bans]\ndeny = [\n  \
        { crate = \"openssl-sys\", reason = \"no C library\" },\n]\n";

    #[test]
    fn lists_are_read_from_deny_toml() {
        assert_eq!(allowed_licences(CONFIG).unwrap(), ["MIT"]);
        assert_eq!(banned_crates(CONFIG).unwrap(), ["openssl-sys"]);
        assert!(banned_crates("\n[bans]\nmultiple-versions = \"warn\"\n").is_err());
    }

    #[test]
    fn the_projects_own_deny_toml_is_understood() {
        let config = std::fs::read_to_string(crate::root().join("deny.toml")).unwrap();
        assert!(allowed_licences(&config).unwrap().contains(&"Apache-2.0 WITH LLVM-exception".to_owned()));
        assert!(banned_crates(&config).unwrap().contains(&"datafusion".to_owned()));
    }

    #[test]
    fn each_kind_of_stranger_is_named() {
        let package = |name: &str, licence: &str, source: &str| json!({ "id": name, "name": name, "version": "1.0.0", "license": licence, "source": source });
        let metadata = json!({
            "packages": [
                package("good", "MIT", CRATES_IO),
                package("copyleft", "GPL-3.0-only", CRATES_IO),
                package("openssl-sys", "MIT", CRATES_IO),
                package("elsewhere", "MIT", "git+https://example.invalid/elsewhere"),
                package("zlib-ng", "MIT", CRATES_IO),
                package("cc", "MIT", CRATES_IO),
            ],
            "resolve": { "nodes": [{ "id": "zlib-ng", "deps": [{ "pkg": "cc" }] }] },
        });
        let config = (allowed_licences(CONFIG).unwrap(), banned_crates(CONFIG).unwrap());
        let found = problems(&metadata, &config.0, &config.1);
        assert_eq!(found.len(), 4, "{found:#?}");
        for (problem, word) in found.iter().zip(["licence", "banned", "crates.io", "compiles C"]) {
            assert!(problem.contains(word), "{problem}");
        }
    }
}
