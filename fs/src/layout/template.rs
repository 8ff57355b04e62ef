//! Path templates: `hosts/%h/%T` and one snapshot make `hosts/alice-pc/2026-11-01T10:00:00Z`.
//!
//! After restic's: `%i` short id, `%I` id, `%T` time, `%h` host, `%u` user, `%t` each tag in turn (a snapshot without
//! tags gets no such path), `%%` a percent sign. A time at the end gets a number when it is taken, and a `latest` link
//! beside it.

use bygone_vault::Snapshot;

/// Where one snapshot is to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The directories above it.
    pub above: Vec<String>,
    /// Its own name.
    pub name: String,
    /// Whether the name is nothing but the time.
    pub is_time: bool,
}

/// Names of a path; none is empty.
type Names = Vec<String>;

/// The places for `snapshot` by `template`, in the order of its tags.
pub fn places(template: &str, snapshot: &Snapshot) -> Vec<Place> {
    let time = snapshot.rfc3339();
    let mut texts = vec![String::new()];
    let mut characters = template.chars();
    while let Some(character) = characters.next() {
        let values = match character {
            '%' => match characters.next() {
                Some('T') => vec![time.clone()],
                Some('i') => vec![snapshot.id.short()],
                Some('I') => vec![snapshot.id.to_string()],
                Some('u') => vec![file_name(&snapshot.username)],
                Some('h') => vec![file_name(&snapshot.hostname)],
                Some('t') => snapshot.tags.iter().map(|tag| file_name(tag)).collect(),
                Some(other) => vec![other.to_string()],
                None => vec![],
            },
            literal => vec![literal.to_string()],
        };
        texts = values.iter().flat_map(|value| texts.iter().map(move |text| format!("{text}{value}"))).collect();
    }
    let ends_with_time = template.ends_with("%T") && !template.ends_with("%%T");
    let place = |text: &String| {
        let mut above = names(text);
        let name = above.pop()?;
        let is_time = ends_with_time && name == time;
        Some(Place { above, name, is_time })
    };
    texts.iter().filter_map(place).collect()
}

/// The directories of a template that are there even when no snapshot is.
pub fn fixed(template: &str) -> Names {
    let variable = template.find('%').unwrap_or(template.len());
    let until = template.get(..variable).and_then(|fixed| fixed.rfind('/')).unwrap_or(0);
    template.get(..until).map(names).unwrap_or_default()
}

fn names(path: &str) -> Names {
    path.split('/').filter(|name| !name.is_empty()).map(file_name).collect()
}

/// A host, user or tag as one name: restic's replacement of what a name cannot be.
fn file_name(text: &str) -> String {
    match text {
        "" | "." => "_".to_owned(),
        ".." => "__".to_owned(),
        _ => {
            let name: String = text.chars().map(|c| if c == '/' || c == '\0' { '_' } else { c }).collect();
            shorten(name)
        }
    }
}

/// No file system can show a longer name.
fn shorten(mut name: String) -> String {
    if name.len() > bygone_common::snapshot_path::NAME_BYTES_MAX {
        let mut end = bygone_common::snapshot_path::NAME_BYTES_MAX;
        while !name.is_char_boundary(end) {
            end -= 1;
        }
        name.truncate(end);
    }
    name
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn snapshot(json: &str) -> Snapshot {
        let id = "1234567890123456789012345678901234567890123456789012345678901234".parse().unwrap();
        Snapshot::parse(id, json.as_bytes()).unwrap()
    }

    fn check(template: &str, more: &str, expected: &[&str]) {
        let json = format!(r#"{{"time":"2026-11-01T10:00:00.5+01:00","tree":"{}"{more}}}"#, "0".repeat(64));
        let shown = places(template, &snapshot(&json)).into_iter().map(|mut place| {
            place.above.push(place.name);
            format!("{}{}", place.above.join("/"), if place.is_time { " (time)" } else { "" })
        });
        assert_eq!(shown.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn each_letter_stands_for_one_thing() {
        check("ids/%i", "", &["ids/12345678"]);
        check("snapshots/%T", "", &["snapshots/2026-11-01T10:00:00+01:00 (time)"]);
        check("hosts/%h/%T", r#","hostname":"pc""#, &["hosts/pc/2026-11-01T10:00:00+01:00 (time)"]);
        check("users/%u/x", r#","username":"al""#, &["users/al/x"]);
        check("100%%/%I", "", &["100%/1234567890123456789012345678901234567890123456789012345678901234"]);
        check("%T/%h", r#","hostname":"pc""#, &["2026-11-01T10:00:00+01:00/pc"]);
    }

    #[test]
    fn each_tag_is_a_place_of_its_own() {
        let tags = r#","tags":["a","b"]"#;
        check("tags/%t/%i", tags, &["tags/a/12345678", "tags/b/12345678"]);
        check("tags/%t/%i", "", &[]);
    }

    #[test]
    fn what_cannot_be_a_name_is_replaced() {
        check("tags/%t/x", r#","tags":["a/b","..","."]"#, &["tags/a_b/x", "tags/__/x", "tags/_/x"]);
        check("hosts/%h/x", r#","hostname":"../../etc""#, &["hosts/.._.._etc/x"]);
        check("hosts/%h/x", "", &["hosts/_/x"]);
    }

    #[test]
    fn directories_without_a_variable_are_always_there() {
        assert_eq!(fixed("tags/%t/%T"), ["tags"]);
        assert_eq!(fixed("a/b/c-%T"), ["a", "b"]);
        assert!(fixed("%T").is_empty());
    }
}
