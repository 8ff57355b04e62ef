//! Names that Windows can hold, for names of any bytes, and back.
//!
//! A byte that cannot stand where it does becomes the character U+F000 plus the byte, in the private use area: what
//! Cygwin and the Windows Subsystem for Linux do. That are the characters `<>:"/\|?*` and those below U+0020, a dot or
//! space at the end, the first letter of a device's name such as `nul` or `com1.txt`, bytes that are no UTF-8, and the
//! bytes of characters that look like such a replacement. So every name has one form, and every form one name.

/// What a byte is added to.
const PRIVATE: u16 = 0xf000;
/// The last character that stands for a byte.
const PRIVATE_LAST: u16 = PRIVATE + 0xff;
/// Names that are devices in every folder, with any extension.
const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];
/// Devices with a number from 1 to 9.
const NUMBERED_DEVICES: [&str; 2] = ["com", "lpt"];
/// Windows takes these for numbers too.
const RAISED_DIGITS: [&str; 3] = ["\u{b9}", "\u{b2}", "\u{b3}"];

/// The form of a name.
pub fn encode(name: &[u8]) -> Vec<u16> {
    let mut form = Vec::with_capacity(name.len());
    for chunk in name.utf8_chunks() {
        for character in chunk.valid().chars() {
            encode_character(character, &mut form);
        }
        form.extend(chunk.invalid().iter().map(|byte| of_byte(*byte)));
    }
    if let Some(last) = form.last_mut()
        && (*last == u16::from(b'.') || *last == u16::from(b' '))
    {
        *last += PRIVATE;
    }
    if is_device(name)
        && let Some(first) = form.first_mut()
    {
        *first += PRIVATE;
    }
    form
}

/// The form in which every byte is replaced: for a name that differs from another one by case only.
pub fn encode_all(name: &[u8]) -> Vec<u16> {
    name.iter().map(|byte| of_byte(*byte)).collect()
}

/// The name of a form; `None` for what is the form of no name: half a surrogate pair, or a zero.
pub fn decode(form: &[u16]) -> Option<Vec<u8>> {
    let mut name = Vec::with_capacity(form.len());
    for character in char::decode_utf16(form.iter().copied()) {
        let character = character.ok()?;
        match u16::try_from(u32::from(character)) {
            Ok(unit @ PRIVATE..=PRIVATE_LAST) => name.push(u8::try_from(unit - PRIVATE).ok()?),
            _ => name.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    let fault = bygone_common::snapshot_path::name_fault(&name);
    fault.is_none().then_some(name)
}

/// A form without regard to case, as Windows compares: character by character, upper case.
pub fn fold(form: &[u16]) -> Box<[u16]> {
    form.iter().map(|unit| fold_unit(*unit)).collect()
}

fn fold_unit(unit: u16) -> u16 {
    let Some(character) = char::from_u32(u32::from(unit)) else { return unit };
    let mut upper = character.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(upper), None) => u16::try_from(u32::from(upper)).unwrap_or(unit),
        _ => unit,
    }
}

fn encode_character(character: char, form: &mut Vec<u16>) {
    match character {
        '\0'..='\x1f' | '<' | '>' | ':' | '"' | '/' | '\\' | '|' | '?' | '*' => {
            form.extend(u8::try_from(character).map(of_byte));
        }
        '\u{f000}'..='\u{f0ff}' => form.extend(character.encode_utf8(&mut [0; 4]).bytes().map(of_byte)),
        _ => form.extend_from_slice(character.encode_utf16(&mut [0; 2])),
    }
}

fn of_byte(byte: u8) -> u16 {
    PRIVATE + u16::from(byte)
}

fn is_device(name: &[u8]) -> bool {
    let stem = name.split(|byte| *byte == b'.').next().unwrap_or_default();
    let stem = stem.trim_ascii_end().to_ascii_lowercase();
    let numbered = |device: &&str| match stem.strip_prefix(device.as_bytes()) {
        Some([digit]) => (b'1'..=b'9').contains(digit),
        Some(more) => RAISED_DIGITS.iter().any(|digit| digit.as_bytes() == more),
        None => false,
    };
    DEVICES.iter().any(|device| device.as_bytes() == stem) || NUMBERED_DEVICES.iter().any(numbered)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;

    fn check(name: &[u8], form: &str) {
        assert_eq!(String::from_utf16(&encode(name)).unwrap(), form);
        assert_eq!(decode(&encode(name)).unwrap(), name);
    }

    #[test]
    fn plain_names_stay_as_they_are() {
        check(b"Report 2026.xlsx", "Report 2026.xlsx");
        check("Überblick 😀".as_bytes(), "Überblick 😀");
        check(b"console", "console");
        check(b"com0", "com0");
        check(b"com10", "com10");
    }

    #[test]
    fn what_windows_cannot_hold_is_replaced() {
        check(b"a:b", "a\u{f03a}b");
        check(b"what?*", "what\u{f03f}\u{f02a}");
        check(b"line\n", "line\u{f00a}");
        check(b"ends.", "ends\u{f02e}");
        check(b"ends ", "ends\u{f020}");
        check(b"dots in. between", "dots in. between");
        check(b"\xff\xfe", "\u{f0ff}\u{f0fe}");
        check(b"back\\slash", "back\u{f05c}slash");
    }

    #[test]
    fn devices_of_old_are_files_here() {
        check(b"nul", "\u{f06e}ul");
        check(b"COM1.txt", "\u{f043}OM1.txt");
        check(b"aux .c", "\u{f061}ux .c");
        check("lpt\u{b2}".as_bytes(), "\u{f06c}pt\u{b2}");
    }

    #[test]
    fn a_name_that_looks_replaced_is_told_apart() {
        check("\u{f03a}".as_bytes(), "\u{f0ef}\u{f080}\u{f0ba}");
    }

    #[test]
    fn a_form_cannot_leave_its_folder() {
        assert_eq!(decode(&encode_all(b"a/b")), None);
        assert_eq!(decode(&encode_all(b"..")), None);
        assert_eq!(decode(&[0xd800]), None);
        assert_eq!(decode(&[]), None);
    }

    #[test]
    fn letters_are_folded_and_replaced_ones_are_not() {
        assert_eq!(fold(&encode("straße Ä".as_bytes())), fold(&encode("STRAßE ä".as_bytes())));
        assert_ne!(fold(&encode_all(b"a")), fold(&encode_all(b"A")));
    }

    proptest! {
        #[test]
        fn every_name_comes_back(name in proptest::collection::vec(1_u8.., 1..60)) {
            prop_assume!(bygone_common::snapshot_path::name_fault(&name).is_none());
            for form in [encode(&name), encode_all(&name)] {
                prop_assert_eq!(decode(&form), Some(name.clone()));
                prop_assert!(form.len() <= name.len());
            }
        }

        #[test]
        fn no_form_holds_what_windows_refuses(name in proptest::collection::vec(1_u8.., 1..60)) {
            let form = String::from_utf16(&encode(&name)).unwrap();
            prop_assert!(!form.contains(['<', '>', ':', '"', '/', '\\', '|', '?', '*']), "{}", form);
            prop_assert!(!form.chars().any(|character| character < ' '));
            prop_assert!(!form.ends_with(['.', ' ']));
        }
    }
}
