//! What takes many files: blocks of documents, directories that decide for all that lies in them, and facets of a part.

use std::collections::BTreeMap;
use std::sync::Arc;

use bygone_common::{Id, TreeId};
use bygone_indexer::{FacetValue, Index, Limits, Page, Scope, Trees};
use bygone_vault::{Directory, Error, ErrorKind};

use crate::fixture::{Stand, Tree, file, folder, query, snapshot};

/// Directories and files whose names have some of three texts, in all combinations, each directory with forty files.
fn combined() -> Tree {
    let texts = |set: usize| ["red", "blue", "green"].iter().enumerate().filter(move |(bit, _)| set >> bit & 1 != 0);
    let name = |set: usize| texts(set).map(|(_, text)| *text).collect::<Vec<_>>().join("-");
    let paths = (0..64).flat_map(|dirs| {
        (0..320).map(move |number| {
            let ending = ["txt", "jpg", "pdf"][number % 3];
            format!("/{}_a/{}_b/{}_{number}.{ending}", name(dirs / 8), name(dirs % 8), name(number % 8))
        })
    });
    paths.map(|path| (path, file("any"))).collect()
}

/// Every path, with those of directories.
fn paths(tree: &Tree) -> Vec<String> {
    let above = |path: &str| path.match_indices('/').skip(1).map(|(at, _)| path[..at].to_owned()).collect::<Vec<_>>();
    let mut all: Vec<String> = tree.keys().flat_map(|path| above(path).into_iter().chain([path.clone()])).collect();
    all.sort();
    all.dedup();
    all
}

/// Asks, and compares with what reading every path finds.
fn finds_what_paths_say(tree: Tree, folder: &str, questions: &[&str]) {
    let all = paths(&tree);
    let stand = Stand::of(&[tree]);
    for question in questions {
        let holds = |path: &&String| {
            let last = path.rsplit('/').next().unwrap();
            question.split(' ').all(|clause| {
                let (negated, clause) = clause.strip_prefix('-').map_or((false, clause), |clause| (true, clause));
                let holds = match clause.split_once(':') {
                    Some(("name", text)) => last.contains(text),
                    Some((_, ending)) => last.ends_with(&format!(".{ending}")),
                    None => path.contains(clause),
                };
                holds != negated
            })
        };
        let expected: Vec<&String> = all.iter().filter(holds).collect();
        let found = stand.ask(question);
        assert_eq!(found.total, expected.len() as u64, "{question}");
        let first = found.hits.iter().map(|hit| String::from_utf8(hit.path.clone()).unwrap());
        first.for_each(|path| assert!(expected.contains(&&path), "{path} of {question}"));
        // What was dropped before a text is asked for changes nothing.
        let below = stand.ask(&format!("path:{folder} {question}")).total;
        let is_below =
            |path: &str| path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        let expected = expected.iter().filter(|path| is_below(path));
        assert_eq!(below, expected.count() as u64, "path:{folder} {question}");
    }
}

#[test]
fn texts_together_find_what_each_of_them_finds() {
    let questions = [
        "red",
        "-red",
        "red blue",
        "red blue green",
        "red -blue",
        "-red -blue",
        "red -blue green",
        "red -blue -green",
        "name:red blue",
        "name:red name:blue",
        "-name:red blue",
        "name:red -blue",
        "red blue ext:jpg",
        "-red green ext:pdf",
        "red 7",
        "red 31 -blue",
    ];
    finds_what_paths_say(combined(), "/red_a", &questions);
}

/// Forty thousand names, most of which have one text, in directories of which every second has another.
fn own_names() -> Tree {
    let paths = (0..40_000).map(|number| {
        let (dir, text) = (["plain", "blue"][number % 2], if number % 7 == 0 { "green" } else { "red" });
        format!("/{dir}_a/{}/{text}_{number}.txt", number % 100)
    });
    paths.map(|path| (path, file("any"))).collect()
}

#[test]
fn a_text_that_many_names_have_is_found_in_what_another_leaves() {
    let questions = [
        "red 29999",
        "29999 red",
        "777 red -blue",
        "777 -red",
        "777 -blue",
        "777 -txt",
        "777 red txt blue",
        "name:777 name:red",
        "name:777 -name:red",
        "3777 blue",
        "blue txt 37 -green",
        "green 77 -red ext:txt",
        "red 123456",
    ];
    // In one of a hundred folders, in half of all that there is.
    for folder in ["/plain_a/36", "/blue_a"] {
        finds_what_paths_say(own_names(), folder, &questions);
    }
}

/// Directories of a hundred files, made when they are asked for.
struct Crowd;

impl Crowd {
    const DIRECTORIES: u32 = 6000;
    const FILES: u32 = 100;

    fn id(number: u32) -> TreeId {
        let mut id = [7; 32];
        id[..4].copy_from_slice(&number.to_le_bytes());
        TreeId(Id::new(id))
    }

    /// Anything, always the same.
    fn chance(directory: u32, number: u32) -> u32 {
        let mixed = (directory * Self::FILES + number).wrapping_mul(2_654_435_761);
        (mixed ^ mixed >> 15).wrapping_mul(2_246_822_519) >> 8
    }

    fn ending(chance: u32) -> &'static str {
        ["txt", "txt", "txt", "txt", "jpg", "jpg", "pdf", "doc"][chance as usize % 8]
    }

    fn year(chance: u32) -> u32 {
        2016 + (chance >> 4) % 10
    }

    fn size(chance: u32) -> u32 {
        if chance >> 8 & 3 == 0 { 1000 } else { 100_000 }
    }
}

impl Trees for Crowd {
    fn directory(&self, tree: TreeId) -> bygone_vault::Result<Arc<Directory>> {
        let number = tree.as_bytes().first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes));
        let nodes: Vec<String> = match number {
            0 => (1..=Self::DIRECTORIES)
                .map(|child| {
                    format!(
                        r#"{{"name":"d{child:05}","type":"dir","mode":2147484141,"mtime":"2026-01-01T00:00:00Z","subtree":"{}"}}"#,
                        Self::id(child).0.to_hex()
                    )
                })
                .collect(),
            directory => (0..Self::FILES)
                .map(|file| {
                    let chance = Self::chance(directory, file);
                    format!(
                        r#"{{"name":"file {file:02}.{}","type":"file","mode":420,"mtime":"{}-05-05T00:00:00Z","size":{},"content":[]}}"#,
                        Self::ending(chance),
                        Self::year(chance),
                        Self::size(chance)
                    )
                })
                .collect(),
        };
        let parsed = Directory::parse(format!(r#"{{"nodes":[{}]}}"#, nodes.join(",")).as_bytes());
        parsed.map(Arc::new).map_err(|why| Error::new(ErrorKind::Damaged, why))
    }

    fn prefetch(&self, _: &[TreeId]) {}
}

/// The share by which an estimate may be off, of a value that an eighth of all or more have.
const OFF_MAX: f64 = 0.1;

#[test]
fn facets_of_very_many_are_close_to_the_truth() {
    let folder = folder();
    // One thread sees all of them, and so leaves out the most.
    let index = Index::open(folder.path(), Limits { search_threads: 1, ..Limits::default() }).unwrap();
    index.ingest(&Crowd, &snapshot(1, 0, Crowd::id(0))).unwrap();
    let mut truth: BTreeMap<String, u64> = BTreeMap::new();
    for directory in 1..=Crowd::DIRECTORIES {
        for number in 0..Crowd::FILES {
            let chance = Crowd::chance(directory, number);
            let size = if Crowd::size(chance) == 1000 { "tiny" } else { "small" };
            for value in [Crowd::ending(chance), &Crowd::year(chance).to_string(), size] {
                *truth.entry(value.to_owned()).or_default() += 1;
            }
        }
    }
    let found = index.search(&query("file kind:file"), &Scope::everything(), &Page::default()).unwrap();
    assert_eq!(found.total, u64::from(Crowd::DIRECTORIES * Crowd::FILES));
    let facets = found.facets.unwrap();
    assert!(facets.are_estimates);
    let values: Vec<&FacetValue> = facets.extensions.iter().chain(&facets.years).chain(&facets.sizes).collect();
    assert_eq!(values.len(), truth.len());
    for FacetValue { value, count, .. } in values {
        let (count, truth) = (*count as f64, truth[value] as f64);
        assert!((count - truth).abs() <= OFF_MAX * truth, "{value}: {count} instead of {truth}");
    }
    // What a facet says of few is the truth.
    let few = index.search(&query("\"file 07\""), &Scope::everything(), &Page::default()).unwrap();
    let facets = few.facets.unwrap();
    assert!(!facets.are_estimates);
    assert_eq!(facets.extensions.iter().map(|value| value.count).sum::<u64>(), few.total);
    assert_eq!(few.total, u64::from(Crowd::DIRECTORIES));
}
