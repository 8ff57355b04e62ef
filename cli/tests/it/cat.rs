use std::fs;
use std::io::Read;
use std::process::Stdio;

use bygone_tests::noise::noise;

use crate::fixture::{BIG_BYTES, Fixture};

#[test]
fn a_file_comes_back_byte_for_byte() {
    let fixture = Fixture::shared();
    assert_eq!(fixture.bygone(&["cat", "latest~2:/docs/report.txt"]).text(), "second, longer\n");
    assert_eq!(fixture.bygone(&["cat", "latest:docs/report.txt", "latest:/late/report.txt"]).text(), "first\nlate\n");
    assert!(fixture.bygone(&["cat", "latest:/big.bin"]).bytes() == noise(7, BIG_BYTES));
    assert!(fixture.bygone(&["cat", "latest:/big.bin", "--verify-ids", "--no-cache"]).bytes() == noise(7, BIG_BYTES));
    assert_eq!(fixture.bygone(&["cat", "latest:/empty"]).text(), "");
}

#[test]
fn a_name_that_is_not_utf8_can_be_given() {
    use std::os::unix::ffi::OsStrExt;
    let fixture = Fixture::shared();
    let name = std::ffi::OsStr::from_bytes(b"latest:/odd \xff\xfe name");
    assert_eq!(fixture.bygone(&["cat"]).argument(name).text(), "odd\n");
}

fn check(offset: &str, length: Option<&str>, expected: std::ops::Range<usize>) {
    let fixture = Fixture::shared();
    let mut arguments = vec!["cat", "latest:/big.bin", "--offset", offset];
    length.iter().for_each(|length| arguments.extend(["--length", length]));
    assert!(fixture.bygone(&arguments).bytes() == noise(7, BIG_BYTES)[expected], "{offset} {length:?}");
}

#[test]
fn a_part_is_what_lies_there() {
    check("0", Some("0"), 0..0);
    check("1", Some("1"), 1..2);
    check("1M", Some("3M"), 1 << 20..4 << 20);
    check("4999999", None, 4_999_999..BIG_BYTES);
    check("4999999", Some("1G"), 4_999_999..BIG_BYTES);
    check("5000001", None, BIG_BYTES..BIG_BYTES);
    check("10G", Some("1"), BIG_BYTES..BIG_BYTES);
}

#[test]
fn a_reader_that_goes_ends_it_quietly_as_other_tools_end() {
    use std::os::unix::process::ExitStatusExt;
    let fixture = Fixture::shared();
    let mut command = fixture.bygone(&["cat", "latest:/big.bin"]).command();
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut first = [0; 10];
    child.stdout.take().unwrap().read_exact(&mut first).unwrap();
    let output = child.wait_with_output().unwrap();
    // SIGPIPE.
    assert_eq!(output.status.signal(), Some(13));
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
    assert_eq!(first, noise(7, 10)[..]);
}

#[test]
fn a_full_disk_is_an_error() {
    let fixture = Fixture::shared();
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output =
        fixture.bygone(&["cat", "latest:/big.bin"]).command().stdout(full).stderr(Stdio::piped()).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.starts_with("bygone: ") && told.contains("write to standard output: No space left"), "{told}");
}

#[test]
fn what_is_no_file_is_refused_by_name() {
    let fixture = Fixture::shared();
    let told = |what: &str| fixture.bygone(&["cat", &format!("latest:{what}")]).fails(2);
    let latest = fixture.short(3);
    assert_eq!(told("/docs"), format!("bygone: /docs of snapshot {latest}: it is a folder, not a file"));
    assert_eq!(told(""), format!("bygone: / of snapshot {latest}: it is a folder, not a file"));
    assert_eq!(
        told("/link"),
        format!("bygone: /link of snapshot {latest}: it is a symbolic link to docs/report.txt, not a file")
    );
    assert_eq!(told("/fifo"), format!("bygone: /fifo of snapshot {latest}: it is a named pipe, not a file"));
}
