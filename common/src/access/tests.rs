#![allow(clippy::unwrap_used)]
use proptest::prelude::*;

use super::*;

fn path(text: &str) -> SnapshotPath {
    SnapshotPath::parse(text.as_bytes()).unwrap()
}

fn rule(text: &str, effect: Effect, uses: &[Use]) -> Rule {
    Rule::new(path(text), effect, Uses::of(uses.iter().copied()))
}

fn allow(text: &str, uses: &[Use]) -> Rule {
    rule(text, Effect::Allow, uses)
}

fn deny(text: &str, uses: &[Use]) -> Rule {
    rule(text, Effect::Deny, uses)
}

/// What is shown at a path where nobody owns anything.
fn check(rules: &[Rule], at: &str, sight: Sight, uses: &[Use]) {
    let view = Access::new(Uses::ALL, rules.iter().cloned()).widest_view();
    let place = view.at(&path(at), []);
    assert_eq!(place.sight(&view), sight, "{at}");
    assert_eq!(place.uses(&view), Uses::of(uses.iter().copied()), "{at}");
}

#[test]
fn what_is_above_a_granted_path_is_bare_and_what_is_beside_it_hidden() {
    let rules = [allow("/home/anna", &Use::ALL)];
    check(&rules, "/", Sight::Bare, &[]);
    check(&rules, "/home", Sight::Bare, &[]);
    check(&rules, "/home/anna", Sight::Seen, &Use::ALL);
    check(&rules, "/home/anna/x/y", Sight::Seen, &Use::ALL);
    check(&rules, "/home/annab", Sight::Hidden, &[]);
    check(&rules, "/etc", Sight::Hidden, &[]);
}

#[test]
fn what_is_taken_stays_taken() {
    let rules = [allow("/", &Use::ALL), deny("/secret", &[Use::See]), allow("/secret/mine", &Use::ALL)];
    check(&rules, "/a", Sight::Seen, &Use::ALL);
    check(&rules, "/secret", Sight::Hidden, &[Use::Restore]);
    check(&rules, "/secret/mine", Sight::Hidden, &[Use::Restore]);
    let below = [deny("/a", &[Use::See]), allow("/a/b/c", &[Use::See])];
    check(&below, "/", Sight::Hidden, &[]);
    assert!(Access::new(Uses::ALL, below).is_nothing());
}

#[test]
fn one_may_restore_what_one_may_not_look_into() {
    check(&[allow("/a", &[Use::See, Use::Restore])], "/a/b", Sight::Seen, &[Use::See, Use::Restore]);
    check(&[allow("/a", &[Use::Restore])], "/a/b", Sight::Hidden, &[Use::Restore]);
    assert!(!Access::new(Uses::ALL, [allow("/a", &[Use::Restore])]).is_nothing());
    check(&[allow("/a", &[Use::Preview, Use::Download])], "/a/b", Sight::Hidden, &[]);
}

#[test]
fn a_role_or_token_caps_what_rules_give() {
    let access = Access::new(Uses::of([Use::See]), [allow("/", &Use::ALL)]);
    let view = access.widest_view();
    assert_eq!(view.root().uses(&view), Uses::of([Use::See]));
    assert!(view.is_everything() && !view.asks_owners());
}

#[test]
fn an_owner_gets_what_is_reached_through_what_is_theirs() {
    let mine = Rule { owner: Some("uid:1000".parse().unwrap()), ..allow("/home", &Use::ALL) };
    let view = Access::new(Uses::ALL, [mine]).widest_view();
    let me = OwnedBy { uid: 1000, name: "", sid: None };
    let root = OwnedBy { uid: 0, name: "root", sid: None };
    let sight = |at: &str, whose: &[OwnedBy<'_>]| view.at(&path(at), whose.iter().copied()).sight(&view);
    assert_eq!(sight("/", &[]), Sight::Bare);
    assert_eq!(sight("/home", &[root]), Sight::Bare);
    assert_eq!(sight("/home/anna", &[root, me]), Sight::Seen);
    assert_eq!(sight("/home/anna/x", &[root, me, me]), Sight::Seen);
    assert_eq!(sight("/home/anna/x", &[root, me, root]), Sight::Hidden);
    assert_eq!(sight("/home/bob/x", &[root, root, me]), Sight::Hidden);
    assert_eq!(sight("/home/anna", &[]), Sight::Hidden);
    assert!(view.asks_owners());
}

#[test]
fn on_windows_an_owner_is_who_their_identifier_says() {
    let (anna, bob): (Sid, Sid) = ("S-1-5-21-1-2-3-1001".parse().unwrap(), "S-1-5-21-1-2-3-1002".parse().unwrap());
    let sees = |owner: &str, whose: OwnedBy<'_>| {
        let rule = Rule { owner: Some(owner.parse().unwrap()), ..allow("/", &Use::ALL) };
        let view = Access::new(Uses::ALL, [rule]).widest_view();
        view.at(&path("/x"), [whose]).sight(&view) == Sight::Seen
    };
    let of = |sid| OwnedBy { uid: 0, name: "PC\\anna", sid };
    assert!(sees("sid:S-1-5-21-1-2-3-1001", of(Some(&anna))) && sees("sid:s-1-5-21-1-2-3-1001", of(Some(&anna))));
    assert!(!sees("sid:S-1-5-21-1-2-3-1001", of(Some(&bob))) && !sees("sid:S-1-5-21-1-2-3-1001", of(None)));
    assert!(sees("name:PC\\anna", of(Some(&anna))));
    assert!(!sees("uid:0", of(Some(&anna))), "nobody there is root by number");
    assert!(sees("uid:0", of(None)));
    assert_eq!("sid:s-1-5-18".parse::<Owner>().unwrap().to_string(), "sid:S-1-5-18");
    assert!("sid:anna".parse::<Owner>().is_err());
}

#[test]
fn the_depth_of_history_is_a_rules_own() {
    let lately = Rule { history_days: Some(7), ..allow("/a", &Use::ALL) };
    let access = Access::new(Uses::ALL, [lately, allow("/b", &[Use::See])]);
    let of_age = |days: i64| access.view(SignedDuration::from_hours(24 * days));
    let seen = |view: &View, at: &str| view.at(&path(at), []).sight(view) == Sight::Seen;
    assert!(seen(&of_age(7), "/a") && seen(&of_age(7), "/b"));
    assert!(!seen(&of_age(8), "/a") && seen(&of_age(8), "/b"));
}

#[test]
fn of_two_limits_the_wider_one_counts() {
    let limited = |bytes, downloads| Rule {
        limits: Limits { bytes_per_day: bytes, downloads },
        ..allow("/a", &[Use::See, Use::Download])
    };
    let limits = |rules: &[Rule]| {
        let view = Access::new(Uses::ALL, rules.iter().cloned()).widest_view();
        view.at(&path("/a/b"), []).limits(&view)
    };
    assert_eq!(
        limits(&[limited(Some(5), Some(1)), limited(Some(9), None)]),
        Limits { bytes_per_day: Some(9), downloads: None }
    );
    assert_eq!(limits(&[limited(Some(5), Some(1)), allow("/a", &[Use::See])]).downloads, Some(1));
}

#[test]
fn owners_are_read_and_written() {
    for text in ["uid:0", "name:anna", "name:S-1-5-21-1-2-3-1001"] {
        assert_eq!(text.parse::<Owner>().unwrap().to_string(), text);
    }
    for wrong in ["", "anna", "uid:", "uid:-1", "uid:x", "name:", "name: ", "name:a\nb", "gid:1"] {
        assert!(wrong.parse::<Owner>().is_err(), "{wrong:?}");
    }
}

/// A small world of names, so that paths meet often.
const NAMES: [&str; 3] = ["a", "b", "c"];
const DEPTH_MAX: usize = 4;
const PEOPLE: u32 = 3;

fn any_path() -> impl Strategy<Value = SnapshotPath> {
    prop::collection::vec(prop::sample::select(&NAMES[..]), 0..DEPTH_MAX).prop_map(|names| path(&names.join("/")))
}

fn any_rule() -> impl Strategy<Value = Rule> {
    let owner = prop::option::weighted(0.3, (0..PEOPLE).prop_map(Owner::Uid));
    (any_path(), prop::bool::weighted(0.7), 1_u8..16, owner).prop_map(|(path, gives, bits, owner)| {
        let uses =
            Uses::of(Use::ALL.into_iter().enumerate().filter(|(at, _)| bits & (1 << at) != 0).map(|(_, one)| one));
        let (effect, owner) = if gives { (Effect::Allow, owner) } else { (Effect::Deny, None) };
        Rule { owner, ..Rule::new(path, effect, uses) }
    })
}

/// The rules read as they are written, one path at a time.
mod model {
    use super::*;

    fn is_at_or_below(path: &[&[u8]], top: &Rule) -> bool {
        let names: Vec<&[u8]> = top.path.names().collect();
        path.starts_with(&names)
    }

    fn gives(rule: &Rule, path: &[&[u8]], owners: &[u32], one: Use) -> bool {
        let depth = rule.path.names().len();
        let is_mine = match &rule.owner {
            None => true,
            Some(Owner::Uid(uid)) if depth == path.len() => depth > 0 && owners.last() == Some(uid),
            Some(Owner::Uid(uid)) => owners.iter().skip(depth).all(|owner| owner == uid),
            Some(Owner::Name(_) | Owner::Sid(_)) => false,
        };
        rule.effect == Effect::Allow && rule.uses.has(one) && is_at_or_below(path, rule) && is_mine
    }

    fn takes(rules: &[Rule], path: &[&[u8]], one: Use) -> bool {
        rules.iter().any(|rule| rule.effect == Effect::Deny && rule.uses.has(one) && is_at_or_below(path, rule))
    }

    pub(super) fn may(rules: &[Rule], path: &[&[u8]], owners: &[u32], one: Use) -> bool {
        let given = |one| rules.iter().any(|rule| gives(rule, path, owners, one)) && !takes(rules, path, one);
        match one {
            Use::See | Use::Restore => given(one),
            Use::Preview | Use::Download => given(one) && given(Use::See),
        }
    }

    pub(super) fn is_way(rules: &[Rule], path: &[&[u8]]) -> bool {
        rules.iter().any(|rule| {
            let names: Vec<&[u8]> = rule.path.names().collect();
            let ends_here = names.len() == path.len() && rule.owner.is_some();
            rule.effect == Effect::Allow
                && rule.uses.has(Use::See)
                && names.starts_with(path)
                && (names.len() > path.len() || ends_here)
                && !takes(rules, &names, Use::See)
        })
    }
}

fn walk(
    view: &View,
    rules: &[Rule],
    place: &Place,
    path: &mut Vec<&'static [u8]>,
    owners: &mut Vec<u32>,
    seed: &[u32],
) {
    for one in Use::ALL {
        assert_eq!(
            place.uses(view).has(one),
            model::may(rules, path, owners, one),
            "{one:?} at {path:?} of {owners:?}"
        );
    }
    let expected = if model::may(rules, path, owners, Use::See) {
        Sight::Seen
    } else if model::is_way(rules, path) {
        Sight::Bare
    } else {
        Sight::Hidden
    };
    assert_eq!(place.sight(view), expected, "{path:?} of {owners:?}");
    if path.len() > DEPTH_MAX {
        return;
    }
    for (at, name) in NAMES.iter().enumerate() {
        let owner = seed.get((path.len() * 7 + at * 3 + owners.iter().sum::<u32>() as usize) % seed.len()).unwrap();
        let below = place.enter(view, name.as_bytes(), Some(OwnedBy { uid: *owner, name: "", sid: None }));
        if place.is_uniform() {
            assert_eq!((below.uses(view), below.sight(view)), (place.uses(view), place.sight(view)));
        }
        path.push(name.as_bytes());
        owners.push(*owner);
        walk(view, rules, &below, path, owners, seed);
        path.pop();
        owners.pop();
    }
}

proptest! {
    #[test]
    fn any_rules_show_what_reading_them_one_by_one_shows(
        rules in prop::collection::vec(any_rule(), 0..6),
        seed in prop::collection::vec(0..PEOPLE, 1..9),
    ) {
        let view = Access::new(Uses::ALL, rules.iter().cloned()).widest_view();
        walk(&view, &rules, &view.root(), &mut Vec::new(), &mut Vec::new(), &seed);
    }
}
