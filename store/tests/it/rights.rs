use bygone_store::rights::right;
use bygone_store::{Action, Resource, Right, Role};

/// One line for each kind of thing and role: the actions that are allowed, and in brackets those for one's own things.
fn matrix() -> String {
    let mut lines = String::new();
    for resource in Resource::ALL {
        for role in Role::ALL {
            let of = |wanted: Right| {
                let names: Vec<&str> =
                    Action::ALL.iter().filter(|a| right(role, **a, resource) == wanted).map(|a| a.name()).collect();
                names.join(" ")
            };
            let own = match of(Right::Own) {
                none if none.is_empty() => String::new(),
                some => format!(" ({some})"),
            };
            let line = format!("{:20} {:9} {}{own}", resource.name(), role.name(), of(Right::Allowed));
            lines.push_str(line.trim_end());
            lines.push('\n');
        }
    }
    lines
}

#[test]
fn who_may_do_what_is_written_down() {
    insta::assert_snapshot!(matrix());
}

#[test]
fn whoever_may_change_a_thing_may_see_it() {
    for role in Role::ALL {
        for resource in Resource::ALL {
            let sees = right(role, Action::See, resource);
            for action in Action::ALL {
                let may = right(role, action, resource);
                assert!(may == Right::Denied || sees != Right::Denied, "{role} {action} {resource}");
            }
        }
    }
}
