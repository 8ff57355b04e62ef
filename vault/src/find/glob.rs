//! Globs as regular expressions over bytes.
//!
//! The ready-made translations either fold the case of ASCII only or refuse names that are not UTF-8; a search in
//! snapshots needs both, since names come from every system and language.

use std::iter::Peekable;
use std::str::Chars;

/// One character that is no slash, or one byte of what is not UTF-8.
const ANY_ONE: &str = r"(?:[^/]|(?-u:[\x80-\xff]))";
/// Any bytes without a slash.
const ANY_IN_NAME: &str = r"(?-u:[^/]*)";
/// Any bytes.
const ANY: &str = r"(?s-u:.*)";

/// An expression that fits from end to end what the glob fits.
pub(super) fn to_regex(glob: &str) -> Result<String, &'static str> {
    let mut expression = String::from("^");
    let mut characters = glob.chars().peekable();
    let mut braces = 0u32;
    let mut name_begins = true;
    while let Some(character) = characters.next() {
        let began = std::mem::replace(&mut name_begins, character == '/');
        match character {
            '*' if characters.next_if_eq(&'*').is_some() => {
                if began && characters.next_if_eq(&'/').is_some() {
                    // `**/` stands for any number of directories, none included.
                    expression.push_str(&format!("(?:{ANY}/)?"));
                    name_begins = true;
                } else {
                    expression.push_str(ANY);
                }
            }
            '*' => expression.push_str(ANY_IN_NAME),
            '?' => expression.push_str(ANY_ONE),
            '[' => expression.push_str(&class(&mut characters)?),
            '{' => {
                braces += 1;
                name_begins = began;
                expression.push_str("(?:");
            }
            ',' if braces > 0 => expression.push('|'),
            '}' if braces > 0 => {
                braces -= 1;
                expression.push(')');
            }
            '\\' => literal(&mut expression, characters.next().ok_or("it ends in a backslash")?),
            other => literal(&mut expression, other),
        }
    }
    if braces > 0 {
        return Err("a { is not closed");
    }
    expression.push('$');
    Ok(expression)
}

fn literal(expression: &mut String, character: char) {
    expression.push_str(&regex::escape(character.encode_utf8(&mut [0; 4])));
}

/// What follows a `[`, up to its `]`.
fn class(characters: &mut Peekable<Chars<'_>>) -> Result<String, &'static str> {
    const UNCLOSED: &str = "a [ is not closed";
    let negated = characters.next_if(|character| matches!(character, '!' | '^')).is_some();
    let mut members = String::new();
    let mut is_first = true;
    loop {
        let first = match characters.next().ok_or(UNCLOSED)? {
            ']' if !is_first => break,
            '\\' => characters.next().ok_or(UNCLOSED)?,
            other => other,
        };
        is_first = false;
        literal(&mut members, first);
        if characters.next_if_eq(&'-').is_none() {
            continue;
        }
        match characters.peek() {
            // A dash at the end is itself.
            Some(']') | None => members.push_str(r"\-"),
            Some(_) => {
                let last = characters.next().ok_or(UNCLOSED)?;
                let last = if last == '\\' { characters.next().ok_or(UNCLOSED)? } else { last };
                if last < first {
                    return Err("a range goes backwards");
                }
                members.push('-');
                literal(&mut members, last);
            }
        }
    }
    Ok(if negated { format!(r"(?:[^/{members}]|(?-u:[\x80-\xff]))") } else { format!("[{members}]") })
}
