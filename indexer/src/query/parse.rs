//! From pieces to conditions.

use bygone_common::SnapshotPath;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::error::{QueryError, QueryFault};
use super::kinds::KindTest;
use super::lex::{self, Piece};
use super::time::Calendar;
use super::{Clause, OwnerTest, Query, SourceTest, Test, size, text};
use crate::edit::distance;
use crate::fold::fold;
use crate::limits::{QUERY_BYTES_MAX, QUERY_CLAUSES_MAX};
use crate::pattern::Pattern;

/// A key, by all its names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Key {
    Name,
    Extension,
    Size,
    Changed,
    Added,
    Seen,
    Deleted,
    Kind,
    Host,
    Source,
    Path,
    Owner,
    Content,
}

const KEYS: &[(Key, &[&str])] = &[
    (Key::Name, &["name", "file", "имя"]),
    (Key::Extension, &["ext", "extension", "расширение"]),
    (Key::Size, &["size", "размер"]),
    (Key::Changed, &["changed", "modified", "mtime", "date", "изменен"]),
    (Key::Added, &["added", "first", "new", "появился"]),
    (Key::Seen, &["seen", "at"]),
    (Key::Deleted, &["deleted", "removed", "gone", "удален"]),
    (Key::Kind, &["kind", "type", "тип"]),
    (Key::Host, &["host", "device", "machine", "компьютер"]),
    (Key::Source, &["source", "источник"]),
    (Key::Path, &["path", "in", "folder", "папка"]),
    (Key::Owner, &["owner", "user", "владелец"]),
    (Key::Content, &["content", "same"]),
];

/// Letters by which a key may be missed and still be meant.
const KEY_DISTANCE_MAX: usize = 2;

pub(super) fn parse(text: &str, now: Timestamp, zone: &TimeZone) -> Result<Query, QueryError> {
    if text.len() > QUERY_BYTES_MAX {
        let message = format!("the query has {} bytes", text.len());
        let hint = format!("a query may have {QUERY_BYTES_MAX}");
        return Err(QueryError::new(QueryFault::TooLong, (0, text.len()), message, hint));
    }
    let calendar = Calendar { now, zone };
    let mut clauses = Vec::new();
    for piece in lex::pieces(text)? {
        if let Some(test) = test(&piece, &calendar)? {
            clauses.push(Clause { negated: piece.negated, test, span: piece.span });
        }
        if clauses.len() > QUERY_CLAUSES_MAX {
            let message = format!("the query has more than {QUERY_CLAUSES_MAX} conditions");
            return Err(QueryError::new(QueryFault::TooManyClauses, piece.span, message, "leave some out"));
        }
    }
    Ok(Query { clauses, text: text.to_owned(), now, zone: zone.clone() })
}

fn test(piece: &Piece<'_>, calendar: &Calendar<'_>) -> Result<Option<Test>, QueryError> {
    let Some((key, key_at)) = piece.key else {
        return match piece.value {
            "AND" | "&&" if !piece.quoted => Ok(None),
            "OR" | "||" | "NOT" if !piece.quoted => Err(QueryError::new(
                QueryFault::BadOperator,
                piece.span,
                format!("{} does not stand between words here", piece.value),
                "write a list, as in ext:jpg,png, for any of several values, and a minus, as in -draft, for what must not be",
            )),
            _ => Ok(text::pattern(piece.value, piece.quoted).map(Test::Anywhere)),
        };
    };
    let folded = fold(key);
    let known = KEYS.iter().find(|(_, names)| names.iter().any(|name| fold(name) == folded));
    let Some((key, _)) = known else { return Err(unknown(key, key_at, piece)) };
    if piece.value.trim().is_empty() {
        let message = format!("{folded}: stands without a value");
        return Err(QueryError::new(QueryFault::MissingValue, piece.span, message, example(*key)));
    }
    value(*key, piece, calendar).map(Some)
}

fn value(key: Key, piece: &Piece<'_>, calendar: &Calendar<'_>) -> Result<Test, QueryError> {
    let (value, at) = (piece.value, piece.at);
    let missing = || {
        let message = format!("“{value}” has no value in it");
        QueryError::new(QueryFault::MissingValue, at, message, example(key))
    };
    let pattern = || text::pattern(value, piece.quoted).ok_or_else(missing);
    Ok(match key {
        Key::Name => Test::Name(pattern()?),
        Key::Extension => Test::Extension(list(piece).map(extension).collect()),
        Key::Size => Test::Size(size::range(value, at)?),
        Key::Changed => Test::Changed(calendar.span(value, at)?),
        Key::Added => Test::Added(calendar.span(value, at)?),
        Key::Seen => Test::Seen(calendar.span(value, at)?),
        Key::Deleted => match fold(value).as_str() {
            "yes" | "true" | "1" | "да" => Test::Deleted(true),
            "no" | "false" | "0" | "нет" => Test::Deleted(false),
            _ => Test::DeletedIn(calendar.span(value, at).map_err(|error| QueryError {
                fault: QueryFault::BadChoice,
                message: format!("“{value}” is neither yes nor no, nor a date"),
                hint: "write deleted:yes, deleted:no or deleted:2026-10".to_owned(),
                ..error
            })?),
        },
        Key::Kind => Test::Kind(list(piece).map(|value| KindTest::parse(value, at)).collect::<Result<_, _>>()?),
        Key::Host => Test::Host(patterns(piece).collect()),
        Key::Source => Test::Source(
            list(piece)
                .filter_map(|value| match value.parse() {
                    Ok(uid) => Some(SourceTest::Uid(uid)),
                    Err(_) => text::pattern(value, false).map(SourceTest::Name),
                })
                .collect(),
        ),
        Key::Path => {
            path(value, at).transpose()?.map_or_else(|| pattern().map(Test::Folder), |below| Ok(Test::Below(below)))?
        }
        Key::Owner => Test::Owner(
            list(piece)
                .filter_map(|value| match value.parse() {
                    Ok(uid) => Some(OwnerTest::Uid(uid)),
                    Err(_) => text::pattern(value, false).map(OwnerTest::Name),
                })
                .collect(),
        ),
        Key::Content => {
            let digits = u64::from_str_radix(value, 16).ok().filter(|_| value.len() == 16);
            Test::Content(digits.ok_or_else(|| {
                let message = format!("“{value}” does not name a content");
                QueryError::new(
                    QueryFault::BadContent,
                    at,
                    message,
                    "a content is 16 hexadecimal digits, as in a result",
                )
            })?)
        }
    })
}

/// The values between commas; what is quoted is one value.
fn list<'a>(piece: &'a Piece<'a>) -> impl Iterator<Item = &'a str> {
    let quoted = piece.quoted;
    piece.value.split(move |c| c == ',' && !quoted).map(str::trim).filter(|value| !value.is_empty())
}

fn patterns<'a>(piece: &'a Piece<'a>) -> impl Iterator<Item = Pattern> {
    list(piece).filter_map(|value| text::pattern(value, false))
}

/// `none` stands for files without one.
fn extension(value: &str) -> String {
    let folded = fold(value);
    let plain = folded.trim_start_matches('*').trim_start_matches('.');
    if plain == "none" { String::new() } else { plain.to_owned() }
}

/// The names of an absolute path, a drive's (`C:\Users`) too; `None` for what is not absolute.
fn path(value: &str, at: (usize, usize)) -> Option<Result<Vec<Box<[u8]>>, QueryError>> {
    let is_drive = value.chars().nth(1) == Some(':') && value.chars().next().is_some_and(|c| c.is_ascii_alphabetic());
    let plain = if is_drive || value.starts_with("\\\\") {
        value.replacen(':', "", 1).replace('\\', "/")
    } else if value.starts_with('/') {
        value.to_owned()
    } else {
        return None;
    };
    Some(SnapshotPath::parse(plain.as_bytes()).map(|path| path.names().map(Box::from).collect()).map_err(|error| {
        QueryError::new(QueryFault::BadPath, at, error.to_string(), "write paths like path:/home/alice")
    }))
}

fn unknown(key: &str, at: (usize, usize), piece: &Piece<'_>) -> QueryError {
    let folded = fold(key);
    let names = KEYS.iter().flat_map(|(_, names)| names.iter());
    let nearest = names
        .map(|name| (distance(&folded, &fold(name), KEY_DISTANCE_MAX), name))
        .filter_map(|(distance, name)| distance.map(|distance| (distance, name)))
        .min();
    let hint = match nearest {
        Some((_, name)) => format!("did you mean {name}:{}?", piece.value),
        None => {
            let names: Vec<&str> = KEYS.iter().filter_map(|(_, names)| names.first().copied()).collect();
            format!("keys are {}; put text with a colon in quotation marks", names.join(", "))
        }
    };
    QueryError::new(QueryFault::UnknownKey, at, format!("there is no key “{key}”"), hint)
}

fn example(key: Key) -> &'static str {
    match key {
        Key::Name => "write it like name:report",
        Key::Extension => "write it like ext:xlsx or ext:jpg,png",
        Key::Size => "write it like size:>10M",
        Key::Changed => "write it like changed:2026-10 or changed:7d",
        Key::Added => "write it like added:yesterday",
        Key::Seen => "write it like seen:2026-10-05",
        Key::Deleted => "write it like deleted:yes",
        Key::Kind => "write it like kind:image",
        Key::Host => "write it like host:alice-pc",
        Key::Source => "write it like source:laptop",
        Key::Path => "write it like path:/home/alice",
        Key::Owner => "write it like owner:alice",
        Key::Content => "write it like content:0123456789abcdef",
    }
}
