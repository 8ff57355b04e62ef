//! Checks a graph of packages against the table of rooms. Every finding is one sentence that names both ends.

use super::graph::{Graph, Kind};
use super::rooms::{AUTOMATION, NEVERS, OWNERS, ROOMS, Reach, Room, Side, TESTS};

/// All that the graph breaks; empty when it is sound.
pub(crate) fn broken(graph: &Graph) -> Vec<String> {
    let mut found = strangers(graph);
    found.extend(upward(graph));
    found.extend(forbidden(graph));
    found.extend(taken(graph));
    found
}

fn room(package: &str) -> Option<&'static Room> {
    ROOMS.iter().find(|room| room.package == package)
}

fn strangers(graph: &Graph) -> Vec<String> {
    let unknown = graph.members().filter(|name| room(name).is_none());
    unknown.map(|name| format!("{name} is in no room: name it in tidy's table and in ARCHITECTURE.md")).collect()
}

/// Arrows between our own crates that do not lead down, or that cross the halves.
fn upward(graph: &Graph) -> Vec<String> {
    let mut found = Vec::new();
    for from in graph.members().filter_map(room) {
        for (name, kind) in graph.direct(from.package).filter(|(name, _)| graph.is_member(name)) {
            let Some(to) = room(name) else { continue };
            if let Some(reason) = obstacle(from, to, kind) {
                found.push(format!("{} uses {}: {reason}", from.package, to.package));
            }
        }
    }
    found
}

fn obstacle(from: &Room, to: &Room, kind: Kind) -> Option<&'static str> {
    if from.package == AUTOMATION {
        return Some("automation uses none of our crates");
    }
    // A crate's own tests may start real servers with the kit that the tests of the whole use.
    if to.package == TESTS && kind == Kind::Dev {
        return None;
    }
    if to.package == TESTS || to.package == AUTOMATION {
        return Some("nothing uses tests or automation");
    }
    if from.floor <= to.floor {
        return Some("arrows lead down only, never up or sideways");
    }
    let crosses = match (from.side, to.side) {
        (Side::Both, _) | (_, Side::Shared) => false,
        (one, other) => one != other,
    };
    crosses.then_some("an arrow between the control side and the endpoint side")
}

fn forbidden(graph: &Graph) -> Vec<String> {
    let mut found = Vec::new();
    for never in NEVERS.iter().filter(|never| graph.is_member(never.from)) {
        for to in never.to {
            let way = match never.reach {
                Reach::Direct => {
                    graph.direct(never.from).any(|(name, _)| name == *to).then(|| vec![never.from.into(), (*to).into()])
                }
                Reach::Anywhere => graph.way(never.from, to),
            };
            if let Some(way) = way {
                found.push(format!("{} never uses {to}, but: {}", never.from, way.join(" -> ")));
            }
        }
    }
    found
}

/// Libraries used by a crate that does not own them. Tests and automation may use any: they replace nothing.
fn taken(graph: &Graph) -> Vec<String> {
    let mut found = Vec::new();
    for package in graph.members().filter(|name| *name != TESTS && *name != AUTOMATION) {
        for (library, kind) in graph.direct(package) {
            let owner = OWNERS.iter().find(|owner| owner.libraries.contains(&library));
            if let Some(owner) = owner.filter(|owner| owner.package != package && kind != Kind::Dev) {
                found.push(format!("{package} uses {library}, which {} owns", owner.package));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::graph::made_up::graph;

    fn check(lines: &[&str], expected: &[&str]) {
        assert_eq!(broken(&graph(lines)), expected);
    }

    #[test]
    fn the_house_as_designed_is_sound() {
        let house = [
            "bygone-vault -> bygone-common",
            "bygone-vault -> moka",
            "bygone-vault -> tokio",
            "bygone-store -> bygone-common",
            "bygone-indexer -> bygone-vault",
            "bygone-portal -> bygone-indexer",
            "bygone-portal -> bygone-store",
            "bygone-portal -> bygone-vault",
            "bygone-server -> bygone-portal",
            "bygone-server -> axum",
            "bygone-fs -> bygone-vault",
            "bygone-fs -> bygone-client",
            "bygone-fs -> fuser",
            "bygone-agent -> bygone-client",
            "bygone-agent -> bygone-vault",
            "bygone -> bygone-server",
            "bygone -> bygone-agent",
            "bygone -> bygone-fs",
            "bygone -> clap",
            "bygone-tests -> bygone-fs",
            "bygone-tests -> moka",
            "xtask -> clap",
        ];
        check(&house, &[]);
    }

    #[test]
    fn up_is_refused() {
        check(
            &["bygone-vault -> bygone-fs"],
            &["bygone-vault uses bygone-fs: arrows lead down only, never up or sideways"],
        );
    }

    #[test]
    fn sideways_is_refused() {
        check(
            &["bygone-server -> bygone-client"],
            &["bygone-server uses bygone-client: an arrow between the control side and the endpoint side"],
        );
        check(
            &["bygone-client -> bygone-vault"],
            &["bygone-client uses bygone-vault: arrows lead down only, never up or sideways"],
        );
    }

    #[test]
    fn dev_dependencies_lead_down_too() {
        check(
            &["bygone-vault -dev-> bygone-fs"],
            &["bygone-vault uses bygone-fs: arrows lead down only, never up or sideways"],
        );
    }

    #[test]
    fn only_tests_use_the_kit_of_tests() {
        check(&["bygone-vault -dev-> bygone-tests"], &[]);
        check(&["bygone-vault -> bygone-tests"], &["bygone-vault uses bygone-tests: nothing uses tests or automation"]);
        check(&["bygone-vault -dev-> xtask"], &["bygone-vault uses xtask: nothing uses tests or automation"]);
    }

    #[test]
    fn automation_uses_none_of_ours() {
        check(&["xtask -> bygone-common"], &["xtask uses bygone-common: automation uses none of our crates"]);
    }

    #[test]
    fn values_do_no_input_or_output_by_any_way() {
        let found = ["bygone-common never uses tokio, but: bygone-common -> helpful -> tokio"];
        check(&["bygone-common -> helpful", "helpful -> tokio"], &found);
    }

    #[test]
    fn the_file_system_is_synchronous_over_an_engine_that_is_not() {
        check(&["bygone-fs -> bygone-vault", "bygone-vault -> tokio"], &[]);
        check(&["bygone-fs -> tokio"], &["bygone-fs never uses tokio, but: bygone-fs -> tokio"]);
    }

    #[test]
    fn servers_stay_out_of_the_file_system() {
        check(&["bygone-fs -> web", "web -> axum"], &["bygone-fs never uses axum, but: bygone-fs -> web -> axum"]);
    }

    #[test]
    fn a_library_has_one_owner() {
        check(&["bygone-fs -> memmap2"], &["bygone-fs uses memmap2, which bygone-vault owns"]);
        check(&["bygone-fs -dev-> memmap2"], &[]);
    }

    #[test]
    fn a_crate_without_a_room_is_refused() {
        check(&["bygone-misc -> hex"], &["bygone-misc is in no room: name it in tidy's table and in ARCHITECTURE.md"]);
    }
}
