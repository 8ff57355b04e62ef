//! What a [`Writer`] adds, stock restic checks and reads.

use bygone_tests::noise::noise;
use bygone_vault::{BlobKind, Compression, WriteOptions, Writer};
use serde_json::json;

use crate::cheap::Cheap;

/// A snapshot of files of these contents, named by their number.
fn save(cheap: &Cheap, files: &[Vec<u8>], options: WriteOptions) -> Writer {
    let repository = cheap.open();
    let writer = Writer::start(&repository, cheap.storage(), &options).unwrap();
    let nodes: Vec<_> = std::thread::scope(|scope| {
        let adding: Vec<_> = files
            .iter()
            .enumerate()
            .map(|(number, content)| {
                let writer = &writer;
                scope.spawn(move || {
                    let blob = writer.add(BlobKind::Data, content).unwrap().id;
                    json!({
                        "name": format!("{number:03}"), "type": "file", "mode": 0o644, "mtime": "2026-11-20T10:00:00Z",
                        "atime": "2026-11-20T10:00:00Z", "ctime": "2026-11-20T10:00:00Z", "uid": 0, "gid": 0,
                        "size": content.len(), "content": [blob],
                    })
                })
            })
            .collect();
        adding.into_iter().map(|file| file.join().unwrap()).collect()
    });
    let mut tree = json!({ "nodes": nodes }).to_string().into_bytes();
    tree.push(b'\n');
    let tree = writer.add(BlobKind::Tree, &tree).unwrap().id;
    writer
        .save_snapshot(&json!({
            "time": "2026-11-20T10:00:00Z", "tree": tree, "paths": ["/x"], "hostname": "host", "username": "user",
        }))
        .unwrap();
    writer
}

#[test]
fn restic_checks_and_reads_what_was_written() {
    for version in ["1", "2"] {
        let cheap = Cheap::new(version);
        let mut files: Vec<Vec<u8>> = (0..40).map(|number| noise(number, 300_000)).collect();
        files.extend((0..10).map(|number| vec![number; 100_000]));
        // The same content in several threads at once is written once.
        files.extend([files[0].clone(), files[45].clone()]);
        let written = save(&cheap, &files, WriteOptions { pack_bytes: 4 << 20, ..WriteOptions::default() }).written();
        assert_eq!((written.data_blobs, written.tree_blobs), (50, 1));
        assert!(written.packs >= 4 && written.index_files == 1, "{written:?}");
        assert_eq!(written.stored_bytes < 12_300_000, version == "2", "{written:?}");
        cheap.restic.run(&["check", "--read-data"]);
        for number in ["000", "045", "051"] {
            let content = cheap.restic.command(&["dump", "latest", number]).output().unwrap().stdout;
            assert!(content == files[number.parse::<usize>().unwrap()], "{number}");
        }
        let again = save(&cheap, &files, WriteOptions::default()).written();
        assert_eq!((again.data_blobs, again.tree_blobs, again.packs), (0, 0, 0));
    }
}

#[test]
fn every_compression_is_one_that_restic_reads() {
    let text: Vec<u8> = (0..20_000).flat_map(|line: u32| format!("line {line} of a text\n").into_bytes()).collect();
    let mut sizes = Vec::new();
    for name in ["off", "fastest", "auto", "better", "max"] {
        let cheap = Cheap::new("2");
        let compression: Compression = name.parse().unwrap();
        let written =
            save(&cheap, std::slice::from_ref(&text), WriteOptions { compression, ..WriteOptions::default() })
                .written();
        cheap.restic.run(&["check", "--read-data"]);
        sizes.push(written.stored_bytes);
    }
    assert!(sizes[0] > text.len() as u64 && sizes[1..].iter().all(|size| *size < sizes[0] / 4), "{sizes:?}");
    "lots".parse::<Compression>().unwrap_err();
}
