//! Rules of the source tree that no lint can express. Each says what to do instead.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::process;

// Spelled in two halves so that this file does not break its own rules.
const FORBIDDEN: [(&str, &str); 3] = [
    (concat!("#[", "ignore"), "a test that does not run is not a test: repair it or remove it"),
    (concat!("thread::", "sleep"), "wait for what you wait for, or take the clock as a parameter"),
    (concat!("todo", "!("), "leave no holes in committed code"),
];

/// Names of package registries and their mirrors: which one is used is the machine's business.
const REGISTRIES: [&str; 10] = [
    concat!("registry.", "npmjs.org"),
    concat!("registry.", "npmmirror.com"),
    concat!("registry.", "npm.taobao.org"),
    concat!("registry.", "yarnpkg.com"),
    concat!("index.", "crates.io"),
    concat!("static.", "crates.io"),
    concat!("rsproxy", ".cn"),
    concat!("mirrors.", "ustc.edu.cn"),
    concat!("mirrors.tuna.", "tsinghua.edu.cn"),
    concat!("mirrors.", "aliyun.com"),
];

/// A text file of the repository.
struct Source {
    path: String,
    text: String,
}

/// Every broken rule as `path:line: what`.
pub fn broken(root: &Path) -> Result<Vec<String>> {
    let sources = sources(root)?;
    let mut found = Vec::new();
    for source in &sources {
        if source.path.ends_with(".rs") {
            found.extend(forbidden_code(source));
            found.extend(orm_outside_store(source));
            found.extend(sql_outside_store(source));
        }
        found.extend(registry_hosts(source));
        found.extend(registry_settings(source));
    }
    match sources.iter().find(|source| source.path == "ARCHITECTURE.md") {
        Some(page) => found.extend(missing_paths(page, |path| root.join(path).exists())),
        None => found.push("ARCHITECTURE.md: is missing".to_owned()),
    }
    Ok(found)
}

/// What git tracks or would track: no build results, no data of a local run.
fn sources(root: &Path) -> Result<Vec<Source>> {
    let words = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
    let list = process::run_quiet(Command::new("git").args(words).current_dir(root))
        .context("the rules of the source tree read the list of files from git")?;
    let mut paths: Vec<&str> = list.split_terminator('\0').collect();
    paths.sort_unstable();
    paths.dedup();
    let mut sources = Vec::new();
    for path in paths {
        // Pictures, workbooks and files just deleted are no text.
        if let Ok(text) = std::fs::read_to_string(root.join(path)) {
            sources.push(Source { path: path.to_owned(), text });
        }
    }
    Ok(sources)
}

/// The lines that are not only comment, with their numbers.
fn code(source: &Source) -> impl Iterator<Item = (usize, &str)> {
    let lines = source.text.lines().enumerate().map(|(index, line)| (index + 1, line));
    lines.filter(|(_, line)| !line.trim_start().starts_with("//"))
}

fn forbidden_code(source: &Source) -> Vec<String> {
    let mut found = Vec::new();
    for (number, line) in code(source) {
        for (words, remedy) in FORBIDDEN {
            if line.contains(words) {
                found.push(format!("{}:{number}: {words}: {remedy}", source.path));
            }
        }
    }
    found
}

/// Only a feature's `store.rs` (or folder `store/`), its engine siblings, migrations and the two crates below them speak SQL.
fn may_speak_sql(path: &str) -> bool {
    let mut parts: Vec<&str> = path.split('/').collect();
    let below = parts.starts_with(&["crates", "db"]) || parts.starts_with(&["crates", "queue"]);
    let file = parts.pop().unwrap_or_default();
    below
        || !path.starts_with("crates/")
        || matches!(file, "store.rs" | "sqlite.rs" | "postgres.rs" | "migrations.rs")
        || parts.iter().any(|folder| matches!(*folder, "store" | "sqlite" | "postgres" | "migrations"))
}

fn orm_outside_store(source: &Source) -> Vec<String> {
    if may_speak_sql(&source.path) {
        return Vec::new();
    }
    let lines = code(source).filter(|(_, line)| line.contains("sea_orm::"));
    lines
        .map(|(number, _)| {
            format!("{}:{number}: sea_orm outside store.rs: move the query there", source.path)
        })
        .collect()
}

/// What `daylight_db` gives that takes the text of a query.
const TAKES_SQL: [&str; 6] = ["all", "one", "scalar", "scalar_opt", "exec", "insert_many"];

/// The same of a connection itself.
const METHODS: [&str; 4] = [".query_all_raw(", ".query_one_raw(", ".execute_raw(", ".execute_unprepared("];

/// Tests may ask the database what became of a thing.
fn sql_outside_store(source: &Source) -> Vec<String> {
    let in_tests = |part: &str| matches!(part, "tests" | "tests.rs" | "testing.rs");
    if may_speak_sql(&source.path) || source.path.split('/').any(in_tests) {
        return Vec::new();
    }
    // The tests of a file stand at its end. Comments are blanked, so that lines keep their numbers.
    let lines = source.text.lines().take_while(|line| line.trim() != "#[cfg(test)]");
    let lines = lines.map(|line| if line.trim_start().starts_with("//") { "" } else { line });
    let text = lines.collect::<Vec<_>>().join("\n");
    let named = text.match_indices("daylight_db::").filter(|(at, found)| {
        let rest = &text[at + found.len()..];
        let names = match rest.strip_prefix('{') {
            Some(list) => list.split('}').next().unwrap_or_default(),
            None => {
                rest.split(|c: char| !c.is_alphanumeric() && !"_*".contains(c)).next().unwrap_or_default()
            }
        };
        let mut names = names.split(',').filter_map(|name| name.split_whitespace().next());
        names.any(|name| name == "*" || TAKES_SQL.contains(&name))
    });
    let called = METHODS.iter().flat_map(|method| text.match_indices(method));
    let number = |at: usize| text[..at].matches('\n').count() + 1;
    let complain =
        |(at, _)| format!("{}:{}: SQL outside store.rs: move the query there", source.path, number(at));
    named.chain(called).map(complain).collect()
}

fn registry_hosts(source: &Source) -> Vec<String> {
    let mut found = Vec::new();
    for (index, line) in source.text.lines().enumerate() {
        for host in REGISTRIES.iter().filter(|host| line.contains(*host)) {
            found.push(format!("{}:{}: names the registry {host}", source.path, index + 1));
        }
    }
    found
}

/// Settings and lock files that would tie a clone to one registry.
fn registry_settings(source: &Source) -> Vec<String> {
    let file = source.path.rsplit('/').next().unwrap_or_default();
    let ties = |line: &str| match file {
        ".npmrc" => line.starts_with("registry") || line.contains(":registry"),
        "package-lock.json" => line.contains("\"resolved\": \"http"),
        "config.toml" if source.path.starts_with(".cargo/") => {
            ["[source", "[registr", "replace-with"].iter().any(|word| line.trim_start().starts_with(word))
        }
        "Cargo.lock" => {
            line.starts_with("source = ") && !line.contains("github.com/rust-lang/crates.io-index")
        }
        _ => false,
    };
    let lines = source.text.lines().enumerate().filter(|(_, line)| ties(line));
    lines
        .map(|(index, line)| format!("{}:{}: ties to one registry: {line}", source.path, index + 1))
        .collect()
}

/// Paths named between backticks that do not exist.
fn missing_paths(page: &Source, exists: impl Fn(&str) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    let mut in_block = false;
    for (index, line) in page.text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            in_block = !in_block;
            continue;
        }
        if in_block {
            continue;
        }
        for words in line.split('`').skip(1).step_by(2) {
            if let Some(path) = as_path(words)
                && !exists(path)
            {
                found.push(format!("{}:{}: `{words}` does not exist", page.path, index + 1));
            }
        }
    }
    found
}

/// The path in a backticked word: it has a slash, and is neither an address, a route, a pattern nor a media type.
fn as_path(words: &str) -> Option<&str> {
    let path = words.split(['#', ':']).next()?;
    let other = |word: char| word.is_whitespace() || "*{}<>…?=()\"'|".contains(word);
    let media = ["text/", "application/", "image/"].iter().any(|kind| path.starts_with(kind));
    let is_path =
        path.contains('/') && !path.starts_with('/') && !words.contains("::") && !words.contains("://");
    (is_path && !media && !path.contains(other)).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> Source {
        Source { path: path.to_owned(), text: text.to_owned() }
    }

    #[test]
    fn forbidden_words_are_found_in_code_and_not_in_comments() {
        for (words, _) in FORBIDDEN {
            assert_eq!(forbidden_code(&file("crates/app/src/a.rs", words)).len(), 1, "{words}");
            assert!(forbidden_code(&file("crates/app/src/a.rs", &format!("  // {words}"))).is_empty());
        }
    }

    #[test]
    fn only_the_store_knows_the_orm() {
        let text = "use sea_orm::EntityTrait;";
        for may in [
            "crates/app/src/powers/store.rs",
            "crates/app/src/search/sqlite.rs",
            "crates/app/src/migrations/m0001.rs",
            "crates/db/src/lib.rs",
            "crates/queue/src/lease.rs",
        ] {
            assert!(orm_outside_store(&file(may, text)).is_empty(), "{may}");
        }
        for may_not in ["crates/app/src/powers/page.rs", "crates/server/src/main.rs", "crates/dbx/src/lib.rs"]
        {
            assert_eq!(orm_outside_store(&file(may_not, text)).len(), 1, "{may_not}");
        }
    }

    #[test]
    fn only_the_store_speaks_sql() {
        for text in [
            "use daylight_db::{Db, scalar_opt, values};",
            "use daylight_db::{\n    Db,\n    exec,\n};",
            "use daylight_db::all as every;",
            "use daylight_db::*;",
            "    let n: i64 = daylight_db::scalar(c, sql, values![]).await?;",
            "tx.execute_unprepared(sql).await?;",
        ] {
            for may in [
                "crates/app/src/powers/store.rs",
                "crates/app/src/search/sqlite.rs",
                "crates/app/src/migrations/mod.rs",
                "crates/db/src/sql.rs",
                "crates/queue/src/worker.rs",
                "crates/app/tests/it/imports.rs",
                "crates/app/src/cache/tests.rs",
            ] {
                assert!(sql_outside_store(&file(may, text)).is_empty(), "{may}: {text}");
            }
            for may_not in ["crates/app/src/powers/page.rs", "crates/server/src/commands/import.rs"] {
                assert_eq!(sql_outside_store(&file(may_not, text)).len(), 1, "{may_not}: {text}");
            }
            let tested = format!("fn page() {{}}\n#[cfg(test)]\nmod tests {{\n{text}\n}}");
            assert!(sql_outside_store(&file("crates/app/src/powers/page.rs", &tested)).is_empty());
        }
        for text in
            ["use daylight_db::{Db, DbErr, Tx, is_unique_violation};", "// daylight_db::exec", "x.one()"]
        {
            assert!(sql_outside_store(&file("crates/app/src/powers/page.rs", text)).is_empty(), "{text}");
        }
        let second = file("crates/app/src/a.rs", "fn a() {}\nuse daylight_db::exec;");
        assert!(sql_outside_store(&second)[0].contains("a.rs:2:"));
    }

    /// What is committed keeps the rules; the other way to see them is a whole run of the checks.
    #[test]
    fn this_tree_keeps_the_rules() {
        assert_eq!(broken(&crate::root()).unwrap(), Vec::<String>::new());
    }

    #[test]
    fn registries_are_found_by_name_and_by_setting() {
        for host in REGISTRIES {
            assert_eq!(registry_hosts(&file("README.md", &format!("see https://{host}/"))).len(), 1);
        }
        let lock = "  \"resolved\": \"https://example.invalid/axe-core.tgz\"";
        for (path, text) in [
            ("e2e/.npmrc", "registry=https://example.invalid/"),
            ("e2e/package-lock.json", lock),
            (".cargo/config.toml", "[source.crates-io]"),
            ("Cargo.lock", "source = \"sparse+https://example.invalid/\""),
        ] {
            assert_eq!(registry_settings(&file(path, text)).len(), 1, "{path}");
        }
        let usual = "source = \"registry+https://github.com/rust-lang/crates.io-index\"";
        assert!(registry_settings(&file("Cargo.lock", usual)).is_empty());
    }

    #[test]
    fn the_architecture_page_names_only_paths_that_exist() {
        let exists = |path: &str| path == "crates/db" || path == "crates/app/src/powers/mod.rs";
        let good = "`crates/db`, `crates/app/src/powers/mod.rs:12`, `/powers/{code}`, `text/html`, `a::b/c`, `cargo xtask`";
        assert!(missing_paths(&file("ARCHITECTURE.md", good), exists).is_empty());
        let bad = "see `crates/db` and `crates/app/src/power/mod.rs`";
        assert_eq!(missing_paths(&file("ARCHITECTURE.md", bad), exists).len(), 1);
    }
}
