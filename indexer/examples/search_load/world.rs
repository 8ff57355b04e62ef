//! A made-up machine: directories of 50 files, each with 12 directories below, of which every day one percent of the
//! files change, anywhere. A directory is made of its number and its day whenever it is asked for.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::Arc;

use bygone_common::{Id, TreeId};
use bygone_indexer::Trees;
use bygone_vault::{Directory, Error, ErrorKind};

use crate::Result;

const FILES_PER_DIRECTORY: u32 = 50;
const DIRECTORIES_BELOW: u32 = 12;
const CHANGED_PER_MILLE: u64 = 10;
/// Names that every project has.
const COMMON: [&str; 10] = [
    "README.md",
    "index.html",
    "main.rs",
    "__init__.py",
    "Makefile",
    "package.json",
    "LICENSE",
    "style.css",
    "config.yaml",
    "test.js",
];
const WORDS: [&str; 40] = [
    "report",
    "invoice",
    "photo",
    "budget",
    "letter",
    "draft",
    "final",
    "project",
    "summary",
    "backup",
    "meeting",
    "notes",
    "contract",
    "order",
    "client",
    "scan",
    "image",
    "data",
    "export",
    "archive",
    "plan",
    "design",
    "table",
    "list",
    "review",
    "отчёт",
    "договор",
    "счёт",
    "письмо",
    "проект",
    "смета",
    "акт",
    "заявка",
    "фото",
    "Quarter",
    "Annual",
    "Spring",
    "Kopie",
    "Résumé",
    "Übersicht",
];
const EXTENSIONS: [&str; 16] =
    ["docx", "xlsx", "pdf", "jpg", "png", "txt", "rs", "py", "c", "h", "json", "log", "zip", "mp4", "pptx", "html"];

pub(crate) struct World {
    seed: u64,
    directories: u32,
    /// By directory: days on which anything at or below it changed, the first included.
    changes: Vec<Vec<u16>>,
}

pub(crate) fn mix(seed: u64, value: u64) -> u64 {
    let mut word = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ value.wrapping_mul(0xbf58_476d_1ce4_e5b9);
    for _ in 0..2 {
        word ^= word >> 31;
        word = word.wrapping_mul(0x94d0_49bb_1331_11eb);
    }
    word ^ (word >> 29)
}

fn pick<'a>(list: &[&'a str], chance: u64) -> &'a str {
    list.get(chance as usize % list.len()).copied().unwrap_or_default()
}

impl World {
    pub(crate) fn new(seed: u64, files: u32, days: u16) -> Self {
        let directories = files.div_ceil(FILES_PER_DIRECTORY).max(1);
        let mut world = Self { seed, directories, changes: vec![vec![0]; directories as usize] };
        for day in 1..=days {
            for directory in (0..directories).rev() {
                let own = (0..FILES_PER_DIRECTORY).any(|file| world.changes_on(directory, file, day));
                let below = world.below(directory).any(|child| world.changed(child, day) == day);
                if let Some(changes) = world.changes.get_mut(directory as usize).filter(|_| own || below) {
                    changes.push(day);
                }
            }
        }
        world
    }

    fn below(&self, directory: u32) -> impl Iterator<Item = u32> + use<> {
        let first = u64::from(directory) * u64::from(DIRECTORIES_BELOW) + 1;
        let last = (first + u64::from(DIRECTORIES_BELOW)).min(u64::from(self.directories));
        (first..last).filter_map(|child| u32::try_from(child).ok())
    }

    fn changes_on(&self, directory: u32, file: u32, day: u16) -> bool {
        let number = u64::from(directory) * u64::from(FILES_PER_DIRECTORY) + u64::from(file);
        mix(self.seed + 1000 + u64::from(day), number) % 1000 < CHANGED_PER_MILLE
    }

    /// The last day, up to a day, on which anything at or below a directory changed.
    fn changed(&self, directory: u32, day: u16) -> u16 {
        let changes = self.changes.get(directory as usize).map_or(&[][..], Vec::as_slice);
        changes.get(changes.partition_point(|change| *change <= day).saturating_sub(1)).copied().unwrap_or(0)
    }

    fn id(&self, directory: u32, day: u16) -> TreeId {
        let day = self.changed(directory, day);
        let mut bytes = [0; 32];
        let hash = mix(self.seed + 7, u64::from(directory) << 16 | u64::from(day));
        bytes[..8].copy_from_slice(&hash.to_le_bytes());
        bytes[8..12].copy_from_slice(&directory.to_le_bytes());
        bytes[12..14].copy_from_slice(&day.to_le_bytes());
        TreeId(Id::new(bytes))
    }

    pub(crate) fn root(&self, day: u16) -> TreeId {
        self.id(0, day)
    }

    /// The name of a file. Four of five are of their own; the fifth part are those that every project has.
    pub(crate) fn name(&self, directory: u32, file: u32) -> String {
        if file < 10 {
            return COMMON.get(file as usize).map(|name| (*name).to_owned()).unwrap_or_default();
        }
        let number = u64::from(directory) * u64::from(FILES_PER_DIRECTORY) + u64::from(file);
        let chance = mix(self.seed, number);
        let (one, other) = (pick(&WORDS, chance), pick(&WORDS, chance >> 8));
        let extension = pick(&EXTENSIONS, chance >> 16);
        match chance >> 24 & 3 {
            0 => format!("{one}_{number}.{extension}"),
            1 => format!("{one} {other} {}.{extension}", number % 100_000),
            2 => format!("IMG_{number:08}.{extension}"),
            _ => format!("{one}-{other}-{:x}.{extension}", chance >> 40 & 0xff_ffff),
        }
    }

    fn directory_name(&self, directory: u32) -> String {
        let chance = mix(self.seed + 3, u64::from(directory));
        format!("{} {}", pick(&WORDS, chance), directory % 1000)
    }

    fn make(&self, directory: u32, day: u16) -> String {
        let mut nodes: Vec<(String, String)> = Vec::new();
        for file in 0..FILES_PER_DIRECTORY {
            let last = (1..=day).rev().find(|day| self.changes_on(directory, file, *day)).unwrap_or(0);
            let number = u64::from(directory) * u64::from(FILES_PER_DIRECTORY) + u64::from(file);
            let chance = mix(self.seed + 5, number << 16 | u64::from(last));
            let size = chance % (1 << (8 + chance % 20));
            let (month, hour, minute, second) =
                (chance >> 8 & 7, chance >> 16 & 15, chance >> 24 & 31, chance >> 32 & 31);
            let year = if last == 0 { 2010 + chance % 16 } else { 2026 };
            let date = format!("{year}-{:02}-{:02}T{hour:02}:{minute:02}:{second:02}Z", month + 1, (last % 28) + 1);
            let words: Vec<String> = (0..4).map(|word| format!("{:016x}", mix(chance, word))).collect();
            let name = self.name(directory, file);
            let node = format!(
                r#"{{"name":"{name}","type":"file","mode":420,"mtime":"{date}","uid":1000,"gid":1000,"user":"user","group":"user","inode":{number},"size":{size},"content":["{}"]}}"#,
                words.concat()
            );
            nodes.push((name, node));
        }
        for child in self.below(directory) {
            let name = self.directory_name(child);
            let node = format!(
                r#"{{"name":"{name}","type":"dir","mode":2147484141,"mtime":"2026-01-01T00:00:00Z","uid":0,"gid":0,"user":"root","subtree":"{}"}}"#,
                self.id(child, day).0.to_hex()
            );
            nodes.push((name, node));
        }
        nodes.sort();
        nodes.dedup_by(|left, right| left.0 == right.0);
        let nodes: Vec<String> = nodes.into_iter().map(|(_, node)| node).collect();
        format!(r#"{{"nodes":[{}]}}"#, nodes.join(","))
    }

    pub(crate) fn directories(&self) -> u32 {
        self.directories
    }

    /// Writes the paths of all files, one a line.
    pub(crate) fn write_paths(&self, file: &Path) -> Result<()> {
        let mut out = BufWriter::new(File::create(file)?);
        let mut paths = vec![String::new(); self.directories as usize];
        for directory in 0..self.directories {
            let path = paths.get(directory as usize).cloned().unwrap_or_default();
            for name in 0..FILES_PER_DIRECTORY {
                writeln!(out, "{path}/{}", self.name(directory, name))?;
            }
            for child in self.below(directory) {
                if let Some(place) = paths.get_mut(child as usize) {
                    *place = format!("{path}/{}", self.directory_name(child));
                }
            }
        }
        Ok(out.flush()?)
    }
}

impl Trees for World {
    fn directory(&self, tree: TreeId) -> bygone_vault::Result<Arc<Directory>> {
        let bytes = tree.as_bytes();
        let directory = bytes.get(8..12).and_then(|bytes| bytes.try_into().ok()).map_or(0, u32::from_le_bytes);
        let day = bytes.get(12..14).and_then(|bytes| bytes.try_into().ok()).map_or(0, u16::from_le_bytes);
        let parsed = Directory::parse(self.make(directory, day).as_bytes());
        parsed.map(Arc::new).map_err(|why| Error::new(ErrorKind::Damaged, why))
    }

    fn prefetch(&self, _: &[TreeId]) {}
}
