#![allow(clippy::unwrap_used)]

use bygone_common::TreeId;

use super::*;

const TREE: &str = r#"{"nodes":[
    {"name":"b","type":"file","mode":420,"mtime":"2026-11-20T10:00:00Z","atime":"2026-11-20T11:00:00Z",
     "ctime":"2026-11-20T10:00:01.5Z","uid":1000,"gid":1001,"user":"ann","group":"staff","inode":42,"device_id":7,
     "size":5,"links":2,"content":["0101010101010101010101010101010101010101010101010101010101010101"],
     "extended_attributes":[{"name":"user.x","value":"aGk="}]},
    {"name":"../up","type":"file","mode":420,"content":null},
    {"name":"a\\xff","type":"dir","mode":2147484141,"content":null,
     "subtree":"0202020202020202020202020202020202020202020202020202020202020202"},
    {"name":"l","type":"symlink","mode":134218239,"linktarget":"lossy","linktarget_raw":"/w=="},
    {"name":"odd","type":"irregular","mode":524708,"generic_attributes":{"x":{"y":[1,2]}},"content":null},
    {"name":"tty","type":"chardev","mode":69206416,"device":1280}
]}"#;

fn directory() -> Directory {
    Directory::parse(TREE.as_bytes()).unwrap()
}

#[test]
fn entries_are_sorted_by_the_bytes_of_their_names() {
    let directory = directory();
    let names: Vec<_> = directory.iter().map(|node| node.name().to_vec()).collect();
    assert_eq!(names, [b"a\xff".to_vec(), b"b".to_vec(), b"l".to_vec(), b"odd".to_vec(), b"tty".to_vec()]);
    assert_eq!(directory.subdirectories(), 1);
}

#[test]
fn every_field_of_a_file_survives() {
    let directory = directory();
    let node = directory.find(b"b").unwrap();
    assert_eq!((node.kind(), node.mode(), node.size(), node.links()), (NodeKind::File, 0o100_644, 5, 2));
    assert_eq!((node.uid(), node.gid(), node.user(), node.group()), (1000, 1001, "ann", "staff"));
    assert_eq!((node.inode(), node.device_id()), (42, 7));
    assert_eq!((node.mtime().seconds, node.atime().seconds), (1_795_168_800, 1_795_172_400));
    assert_eq!((node.ctime().seconds, node.ctime().nanos), (1_795_168_801, 500_000_000));
    assert_eq!(node.content(), [BlobId(bygone_common::Id::new([1; 32]))]);
    assert_eq!(node.xattrs(), [Xattr { name: (*b"user.x").into(), value: (*b"hi").into() }]);
    assert_eq!(node.subtree(), None);
}

#[test]
fn a_directory_knows_its_tree_and_a_link_its_raw_target() {
    let directory = directory();
    let folder = directory.find(b"a\xff").unwrap();
    assert_eq!((folder.kind(), folder.mode()), (NodeKind::Dir, 0o040_755));
    assert_eq!(folder.subtree(), Some(TreeId(bygone_common::Id::new([2; 32]))));
    assert_eq!(directory.find(b"l").unwrap().link_target(), b"\xff");
    let device = directory.find(b"tty").unwrap();
    assert_eq!((device.mode(), device.device()), (0o020_620, 1280));
}

#[test]
fn what_a_windows_machine_stored_of_a_file_names_its_owner() {
    // S-1-5-21-1-2-3-1001 and S-1-5-32-544, without lists.
    const DESCRIPTOR: &str = "AQAAgBQAAAAwAAAAAAAAAAAAAAABBQAAAAAABRUAAAABAAAAAgAAAAMAAADpAwAAAQIAAAAAAAUgAAAAIAIAAA==";
    let tree = |attributes: &str| {
        let text = format!(
            r#"{{"nodes":[{{"name":"x","type":"file","mode":438,"uid":0,"gid":0,"generic_attributes":{attributes},"size":5,
                "content":null}}]}}"#
        );
        Directory::parse(text.as_bytes()).unwrap()
    };
    let windows = tree(&format!(
        r#"{{"windows.creation_time":{{"LowDateTime":1,"HighDateTime":31000000}},"windows.file_attributes":32,
            "windows.security_descriptor":"{DESCRIPTOR}","windows.more":[{{}}]}}"#
    ));
    let node = windows.get(0).unwrap();
    assert_eq!(node.owner_sid().unwrap().to_string(), "S-1-5-21-1-2-3-1001");
    assert_eq!((node.size(), node.owned_by().sid), (5, node.owner_sid()));
    let attributes = node.windows();
    assert_eq!((attributes.creation_time, attributes.file_attributes), (Some(31_000_000 << 32 | 1), Some(32)));
    assert_eq!(attributes.security_descriptor.len(), 64);
    // Whatever else may stand there, the tree can be read.
    for odd in [
        "null",
        "[]",
        r#""x""#,
        r#"{"windows.creation_time":"x","windows.file_attributes":"32","windows.security_descriptor":7}"#,
        r#"{"windows.security_descriptor":"%%%"}"#,
        r#"{"windows.creation_time":{"LowDateTime":null}}"#,
    ] {
        let directory = tree(odd);
        let node = directory.get(0).unwrap();
        assert_eq!((node.size(), node.owner_sid()), (5, None), "{odd}");
    }
}

#[test]
fn a_type_nobody_knows_is_listed() {
    assert_eq!(directory().find(b"odd").unwrap().kind(), NodeKind::Unknown);
}

#[test]
fn a_name_that_leaves_its_directory_is_left_out_and_reported() {
    assert_eq!(directory().rejected(), [Box::from(*b"../up")]);
}

#[test]
fn a_text_fed_byte_by_byte_gives_the_same_directory() {
    let mut builder = DirectoryBuilder::default();
    let mut pending = Vec::new();
    for byte in TREE.bytes() {
        pending.push(byte);
        let used = builder.feed(&pending, false).unwrap();
        pending.drain(..used);
    }
    builder.feed(&pending, true).unwrap();
    let fed = builder.finish().unwrap();
    assert!(fed.iter().map(|node| node.name().to_vec()).eq(directory().iter().map(|node| node.name().to_vec())));
}

#[test]
fn a_truncated_tree_is_an_error() {
    for end in 0..TREE.len() - 1 {
        assert!(Directory::parse(&TREE.as_bytes()[..end]).is_err(), "{end}");
    }
}
