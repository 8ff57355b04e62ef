//! The headers that untrusted content leaves with: it is saved, never shown, and never runs with the rights of this origin.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

/// Bytes of a file name in `Content-Disposition` at most; browsers and file systems stop at 255.
const NAME_BYTES_MAX: usize = 240;

/// Nothing may load, run, be framed or be sent from it.
const SANDBOX: &str = "sandbox; default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// Headers of content that is downloaded under a name.
pub(crate) fn attachment(headers: &mut HeaderMap, name: &str) {
    headers.insert(header::CONTENT_DISPOSITION, disposition(name));
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CONTENT_SECURITY_POLICY, SANDBOX),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (header::REFERRER_POLICY, "no-referrer"),
        // Of one person, and only with that one's rights of the moment: no cache may answer for this server.
        (header::CACHE_CONTROL, "private, no-cache, no-transform"),
        // The same path answers differently to others.
        (header::VARY, "Cookie, Authorization"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

/// `Content-Disposition` by RFC 6266: a plain name for old programs, and one by RFC 8187 for all others.
pub(crate) fn disposition(name: &str) -> HeaderValue {
    let name = kept(name);
    let plain: String =
        name.chars().map(|char| if char.is_ascii_graphic() || char == ' ' { char } else { '_' }).collect();
    // A quote or a percent sign in the plain form is read in different ways by different programs.
    let plain = plain.replace(['"', '\\', '%'], "_");
    let extended: String = name.bytes().map(extended).collect();
    let text = format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{extended}");
    HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static("attachment"))
}

/// A byte as RFC 8187 writes it: only `attr-char` as it is.
fn extended(byte: u8) -> String {
    let is_plain = byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte);
    if is_plain { char::from(byte).to_string() } else { format!("%{byte:02X}") }
}

/// A name that no program takes for a path or a control sequence, not too long, its extension kept.
fn kept(name: &str) -> String {
    let clean: String = name
        .chars()
        .map(|char| if char.is_control() || matches!(char, '/' | '\\') || is_directional(char) { '_' } else { char })
        .collect();
    let clean = clean.trim_matches([' ', '.']);
    if clean.is_empty() {
        return "download".to_owned();
    }
    if clean.len() <= NAME_BYTES_MAX {
        return clean.to_owned();
    }
    let (stem, end) = clean.rsplit_once('.').filter(|(_, end)| end.len() < 20).unwrap_or((clean, ""));
    let mut cut = NAME_BYTES_MAX.saturating_sub(end.len() + 1).min(stem.len());
    while !stem.is_char_boundary(cut) {
        cut -= 1;
    }
    let stem = stem.get(..cut).unwrap_or_default();
    if end.is_empty() { stem.to_owned() } else { format!("{stem}.{end}") }
}

/// Characters that turn the direction of writing, with which `cod.exe` is shown as `exe.doc`.
fn is_directional(char: char) -> bool {
    matches!(char, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn check(name: &str, plain: &str, extended: &str) {
        let expected = format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{extended}");
        assert_eq!(disposition(name).to_str().unwrap(), expected, "{name}");
    }

    #[test]
    fn a_name_is_given_in_both_forms() {
        check("report.pdf", "report.pdf", "report.pdf");
        check("a b.txt", "a b.txt", "a%20b.txt");
        check("Отчёт.docx", "_____.docx", "%D0%9E%D1%82%D1%87%D1%91%D1%82.docx");
        check("100% \"sure\".txt", "100_ _sure_.txt", "100%25%20%22sure%22.txt");
        check("it's (1).txt", "it's (1).txt", "it%27s%20%281%29.txt");
    }

    #[test]
    fn a_name_cannot_leave_its_header_or_its_folder() {
        check("x\r\nSet-Cookie: a=b", "x__Set-Cookie: a=b", "x__Set-Cookie%3A%20a%3Db");
        check("../../etc/passwd", "_.._etc_passwd", "_.._etc_passwd");
        check("..\\..\\autoexec.bat", "_.._autoexec.bat", "_.._autoexec.bat");
        check("a\u{202e}cod.exe", "a_cod.exe", "a_cod.exe");
        check("..", "download", "download");
        check("", "download", "download");
    }

    #[test]
    fn a_long_name_keeps_its_extension() {
        let name = format!("{}.tar.gz", "ж".repeat(300));
        let text = disposition(&name).to_str().unwrap().to_owned();
        assert!(text.ends_with(".gz"), "{text}");
        assert!(text.len() < 1200);
    }
}
