//! A project that is made up, and what happens to it in three days.

use std::fs;
use std::io::Result;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

/// A file that is there on day 1, and changed on day 2.
pub(super) const EDITED: &str = "src/parser.c";
/// A file that is there on day 1, and gone from day 2 on.
pub(super) const DELETED: &str = "docs/budget-report.txt";
/// A file that day 2 adds.
pub(super) const ADDED: &str = "docs/quarterly-report.txt";
/// A file of days 1 and 2 that day 3 gives another name.
pub(super) const RENAMED: &str = "assets/logo.svg";
/// That name.
pub(super) const RENAMED_TO: &str = "assets/emblem.svg";
/// A folder that is restored.
pub(super) const RESTORED: &str = "docs";
/// What the tour looks for.
pub(super) const SEARCHED: &str = "*report*";

const PARSER: &str =
    "/* The parser, as it worked on day 1. */\nint parse(const char *text)\n{\n\treturn text[0] == 'b';\n}\n";
const PARSER_BROKEN: &str =
    "/* The parser, rewritten on day 2 in a hurry. */\nint parse(const char *text)\n{\n\treturn 0;\n}\n";

/// Brings the project from the day before to this day, from 0 on.
pub(super) fn live(root: &Path, day: usize) -> Result<()> {
    match day {
        0 => begin(root),
        1 => {
            write(root, EDITED, PARSER_BROKEN)?;
            write(root, ADDED, &prose("quarter", 40))?;
            fs::remove_file(root.join(DELETED))
        }
        _ => {
            write(root, "src/lexer.c", &prose("token", 120))?;
            fs::rename(root.join(RENAMED), root.join(RENAMED_TO))
        }
    }
}

fn begin(root: &Path) -> Result<()> {
    write(root, "README.md", "# The project\n\nThree days of it are in the repository.\n")?;
    write(root, EDITED, PARSER)?;
    write(root, DELETED, &prose("budget", 60))?;
    write(root, RENAMED, &prose("<path/>", 200))?;
    for (folder, files) in [("src", 12), ("src/drivers", 20), ("include", 10), ("docs", 6), ("tests", 8)] {
        for number in 0..files {
            write(root, &format!("{folder}/part_{number:02}.c"), &prose(folder, 20 + 30 * number))?;
        }
    }
    write(root, "build.sh", "#!/bin/sh\ncc src/*.c -o project\n")?;
    fs::set_permissions(root.join("build.sh"), fs::Permissions::from_mode(0o755))?;
    symlink("parser.c", root.join("src/main.c"))
}

/// Lines that differ from each other, and from those about anything else.
fn prose(about: &str, lines: usize) -> String {
    (0..lines).map(|line| format!("{about}, line {line}: {}\n", line * line + about.len())).collect()
}

fn write(root: &Path, name: &str, content: &str) -> Result<()> {
    let path = root.join(name);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, content)
}
