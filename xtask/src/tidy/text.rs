//! Rules for the text of files.

use super::graph::Graph;
use std::path::{Component, Path, PathBuf};

/// Past this, a file is asking to be split by meaning.
const FILE_LINES_MAX: usize = 400;

/// Words that no file may hold, with the reason. They are put together here so that this file does not hold them.
const FORBIDDEN: &[(&str, &str)] =
    &[(concat!("/wo", "rk/"), "a path of one machine"), (concat!("/ro", "ot/"), "a path of one user")];

/// Words that no Rust file may hold, with the reason.
const FORBIDDEN_IN_RUST: &[(&str, &str)] = &[
    (concat!("to", "do!("), "unfinished code"),
    (concat!("unimpl", "emented!("), "unfinished code"),
    (concat!("#[ig", "nore"), "a test that does not run proves nothing"),
];

/// What common may not name: it is values only.
const FORBIDDEN_IN_COMMON: &[&str] = &["std::fs", "std::net", "std::process", "std::env"];

/// The broken rules of one file, each as one line that begins with its place.
pub(crate) fn broken(file: &Path, content: &str) -> Vec<String> {
    let mut found = Vec::new();
    let rust = file.extension().is_some_and(|end| end == "rs");
    for (index, line) in content.lines().enumerate() {
        let rules = FORBIDDEN.iter().chain(FORBIDDEN_IN_RUST.iter().filter(|_| rust));
        for (word, reason) in rules.filter(|(word, _)| line.contains(word)) {
            found.push(format!("{}:{}: `{word}`: {reason}", file.display(), index + 1));
        }
        if rust && file.starts_with("common/src") {
            for word in FORBIDDEN_IN_COMMON.iter().filter(|word| line.contains(*word)) {
                found.push(format!("{}:{}: `{word}`: common does no input or output", file.display(), index + 1));
            }
        }
    }
    let lines = content.lines().count();
    if rust && lines > FILE_LINES_MAX && !is_test(file) && !content.contains(concat!("@gen", "erated")) {
        found.push(format!("{}: {lines} lines, more than {FILE_LINES_MAX}: split it by meaning", file.display()));
    }
    found
}

fn is_test(file: &Path) -> bool {
    let in_tests = file.components().any(|part| part == Component::Normal("tests".as_ref()));
    in_tests
        || file
            .file_stem()
            .and_then(|stem| stem.to_str())
            .is_some_and(|stem| stem == "tests" || stem.ends_with("_tests"))
}

/// Crates that ARCHITECTURE.md does not name.
pub(crate) fn undescribed(graph: &Graph, architecture: &str) -> Vec<String> {
    let named = |name: &str| {
        architecture
            .split(|character: char| !(character.is_alphanumeric() || "-_".contains(character)))
            .any(|word| word == name)
    };
    graph.members().filter(|name| !named(name)).map(|name| format!("ARCHITECTURE.md does not name {name}")).collect()
}

/// Links of a Markdown file that lead to no file of the checkout.
pub(crate) fn dead_links(checkout: &Path, file: &Path, content: &str) -> Vec<String> {
    if file.extension().is_none_or(|end| end != "md") {
        return Vec::new();
    }
    let folder = checkout.join(file).parent().map(PathBuf::from).unwrap_or_default();
    let mut found = Vec::new();
    for (index, line) in content.lines().enumerate() {
        for target in links(line).filter(|target| !folder.join(target).exists()) {
            found.push(format!("{}:{}: the link `{target}` leads nowhere", file.display(), index + 1));
        }
    }
    found
}

/// The targets of a line's links that are files, without their fragments.
fn links(line: &str) -> impl Iterator<Item = &str> {
    let targets = line.split("](").skip(1).filter_map(|rest| rest.split_once(')').map(|(target, _)| target));
    let files = targets.filter(|target| !target.contains("://") && !target.starts_with("mailto:"));
    files.filter_map(|target| target.split('#').next()).filter(|target| !target.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::graph::made_up::graph;

    fn check(file: &str, content: &str, expected: usize) {
        let found = broken(Path::new(file), content);
        assert_eq!(found.len(), expected, "{found:?}");
    }

    #[test]
    fn machine_paths_are_found_in_any_file() {
        check("README.md", &format!("see {}x", FORBIDDEN[0].0), 1);
        check("README.md", "see /workspace and /rooted", 0);
    }

    #[test]
    fn unfinished_code_is_found_in_rust_only() {
        check("fs/src/a.rs", &format!("{})", FORBIDDEN_IN_RUST[0].0), 1);
        check("docs/a.md", &format!("{})", FORBIDDEN_IN_RUST[0].0), 0);
        check("fs/src/a.rs", &format!("{}]", FORBIDDEN_IN_RUST[2].0), 1);
    }

    #[test]
    fn common_names_no_input_or_output() {
        check("common/src/a.rs", "use std::fs::File;", 1);
        check("vault/src/a.rs", "use std::fs::File;", 0);
    }

    #[test]
    fn long_files_are_found_unless_tests_or_generated() {
        let long = "x\n".repeat(FILE_LINES_MAX + 1);
        check("fs/src/a.rs", &long, 1);
        check("fs/tests/a.rs", &long, 0);
        check("fs/src/a/tests.rs", &long, 0);
        check("fs/src/a.rs", &"x\n".repeat(FILE_LINES_MAX), 0);
    }

    #[test]
    fn links_to_files_are_told_from_addresses() {
        let line = "[a](docs/A.md#part) [b](https://example.org/x) [c](#here) ![d](e.png)";
        assert_eq!(links(line).collect::<Vec<_>>(), ["docs/A.md", "e.png"]);
    }

    #[test]
    fn dead_links_are_found() {
        let checkout = Path::new(env!("CARGO_MANIFEST_DIR"));
        let found = dead_links(checkout, Path::new("README.md"), "[a](src/main.rs)\n[b](src/no.rs)");
        assert_eq!(found, ["README.md:2: the link `src/no.rs` leads nowhere"]);
    }

    #[test]
    fn crates_are_looked_for_as_whole_words() {
        let graph = graph(&["bygone -> bygone-fs"]);
        assert_eq!(undescribed(&graph, "the `bygone-fs` room"), ["ARCHITECTURE.md does not name bygone"]);
    }
}
