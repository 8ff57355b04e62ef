//! The packages of the workspace and all they stand on, as far as the rules need it.

use anyhow::{Context, Result};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// What a dependency is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    Normal,
    Build,
    Dev,
}

/// Packages by name. Versions do not matter to the rules: two versions of one library are one library.
#[derive(Default)]
pub(crate) struct Graph {
    members: BTreeSet<String>,
    arrows: BTreeMap<String, Vec<(String, Kind)>>,
}

impl Graph {
    /// Reads the graph of the checkout from `cargo metadata`.
    pub(crate) fn read(checkout: &Path) -> Result<Self> {
        Self::parse(&super::metadata(checkout)?)
    }

    fn parse(json: &[u8]) -> Result<Self> {
        let metadata: Metadata = serde_json::from_slice(json).context("what `cargo metadata` printed")?;
        let ours: BTreeSet<&String> = metadata.workspace_members.iter().collect();
        let mut graph = Self::default();
        for package in &metadata.packages {
            if ours.contains(&package.id) {
                graph.members.insert(package.name.clone());
            }
            for dependency in &package.dependencies {
                let kind = match dependency.kind.as_deref() {
                    None => Kind::Normal,
                    Some("build") => Kind::Build,
                    Some(_) => Kind::Dev,
                };
                // What a library needs for its own tests, or for a feature that nobody turned on, is not in the graph.
                if ours.contains(&package.id) || (kind != Kind::Dev && !dependency.optional) {
                    graph.add(&package.name, &dependency.name, kind);
                }
            }
        }
        Ok(graph)
    }

    fn add(&mut self, from: &str, to: &str, kind: Kind) {
        self.arrows.entry(from.to_string()).or_default().push((to.to_string(), kind));
    }

    /// The workspace's own packages.
    pub(crate) fn members(&self) -> impl Iterator<Item = &str> {
        self.members.iter().map(String::as_str)
    }

    /// Whether the package is one of the workspace's own.
    pub(crate) fn is_member(&self, name: &str) -> bool {
        self.members.contains(name)
    }

    /// What a package asks for itself.
    pub(crate) fn direct(&self, from: &str) -> impl Iterator<Item = (&str, Kind)> {
        self.arrows.get(from).into_iter().flatten().map(|(name, kind)| (name.as_str(), *kind))
    }

    /// A way from one package to another over what is built into it, as the names on the way; `None` when there is none.
    pub(crate) fn way(&self, from: &str, to: &str) -> Option<Vec<String>> {
        let mut came_from: BTreeMap<&str, &str> = BTreeMap::new();
        let mut waiting = vec![from];
        while let Some(here) = waiting.pop() {
            if here == to && here != from {
                let mut way = vec![here.to_string()];
                let mut step = here;
                while let Some(previous) = came_from.get(step) {
                    way.insert(0, (*previous).to_string());
                    step = previous;
                }
                return Some(way);
            }
            for (next, kind) in self.direct(here) {
                if kind != Kind::Dev && next != from && !came_from.contains_key(next) {
                    came_from.insert(next, here);
                    waiting.push(next);
                }
            }
        }
        None
    }
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    workspace_members: Vec<String>,
}

#[derive(Deserialize)]
struct Package {
    id: String,
    name: String,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    kind: Option<String>,
    optional: bool,
}

#[cfg(test)]
pub(crate) mod made_up {
    #![allow(clippy::panic)]
    use super::{Graph, Kind};

    /// A graph of lines such as `bygone-vault -> bygone-common`, `a -dev-> b`; every name that starts with `bygone`, and
    /// `xtask`, is a member.
    pub(crate) fn graph(lines: &[&str]) -> Graph {
        let mut graph = Graph::default();
        for line in lines {
            let words: Vec<&str> = line.split_whitespace().collect();
            let [from, arrow, to] = words[..] else { panic!("not an arrow: {line}") };
            let kind = match arrow {
                "->" => Kind::Normal,
                "-build->" => Kind::Build,
                "-dev->" => Kind::Dev,
                _ => panic!("not an arrow: {line}"),
            };
            graph.add(from, to, kind);
            for name in [from, to].into_iter().filter(|name| name.starts_with("bygone") || *name == "xtask") {
                graph.members.insert(name.to_string());
            }
        }
        graph
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn metadata_becomes_a_graph_by_real_package_names() {
        let json = br#"{"workspace_members":["fs 1"],"packages":[
            {"id":"fs 1","name":"bygone-fs","dependencies":[
                {"name":"winfsp_wrs","rename":"winfsp","kind":null,"optional":true},{"name":"proptest","kind":"dev","optional":false}]},
            {"id":"w 1","name":"winfsp_wrs","dependencies":[
                {"name":"tokio","kind":null,"optional":true},{"name":"cc","kind":"build","optional":false},
                {"name":"rand","kind":"dev","optional":false}]}]}"#;
        let graph = Graph::parse(json).unwrap();
        assert_eq!(graph.members().collect::<Vec<_>>(), ["bygone-fs"]);
        assert_eq!(
            graph.direct("bygone-fs").collect::<Vec<_>>(),
            [("winfsp_wrs", Kind::Normal), ("proptest", Kind::Dev)]
        );
        assert_eq!(graph.direct("winfsp_wrs").collect::<Vec<_>>(), [("cc", Kind::Build)]);
    }

    #[test]
    fn ways_follow_what_is_built_in() {
        let graph = made_up::graph(&["bygone-fs -> a", "a -> b", "b -> a", "b -> axum", "bygone-fs -dev-> sqlx"]);
        assert_eq!(graph.way("bygone-fs", "axum").unwrap(), ["bygone-fs", "a", "b", "axum"]);
        assert_eq!(graph.way("bygone-fs", "sqlx"), None);
    }
}
