//! Tables as text, for spreadsheets.

/// Adds a line of these fields.
pub(crate) fn push_line<'a>(text: &mut String, fields: impl IntoIterator<Item = &'a str>) {
    for (at, field) in fields.into_iter().enumerate() {
        if at > 0 {
            text.push(',');
        }
        push_field(text, field);
    }
    text.push_str("\r\n");
}

/// A field in quotation marks where it must be. What a spreadsheet would take for a formula gets an apostrophe.
fn push_field(text: &mut String, field: &str) {
    let is_formula = field.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if !is_formula && !field.contains([',', '"', '\r', '\n']) {
        text.push_str(field);
        return;
    }
    text.push('"');
    if is_formula {
        text.push('\'');
    }
    text.push_str(&field.replace('"', "\"\""));
    text.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(field: &str, expected: &str) {
        let mut text = String::new();
        push_line(&mut text, [field, "x"]);
        assert_eq!(text, format!("{expected},x\r\n"));
    }

    #[test]
    fn a_field_stays_one_field() {
        check("plain", "plain");
        check("a,b", "\"a,b\"");
        check("say \"x\"", "\"say \"\"x\"\"\"");
        check("two\nlines", "\"two\nlines\"");
    }

    #[test]
    fn a_spreadsheet_finds_no_formula() {
        check("=1+1", "\"'=1+1\"");
        check("@x", "\"'@x\"");
    }
}
