//! Writes a table of what lies in `dist/`, with the compressed forms that `npm run build` left beside each file.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=embed/build.rs");
    let mut table = String::from("&[\n");
    if env::var_os("CARGO_FEATURE_EMBED").is_some() {
        let dist = folder("CARGO_MANIFEST_DIR").join("dist");
        println!("cargo::rerun-if-changed={}", dist.display());
        if !dist.join("index.html").is_file() {
            let text = format!("{} holds no application: run `cargo xtask web` first", dist.display());
            return Err(io::Error::new(io::ErrorKind::NotFound, text));
        }
        let mut files = BTreeMap::new();
        walk(&dist, "", &mut files)?;
        for (path, file) in files {
            table.push_str(&entry(&path, &file)?);
        }
    }
    table.push_str("]\n");
    fs::write(folder("OUT_DIR").join("assets.rs"), table)
}

fn folder(variable: &str) -> PathBuf {
    env::var_os(variable).map(PathBuf::from).unwrap_or_default()
}

/// Collects files by their paths below `/`, which the table is sorted by.
fn walk(folder: &Path, above: &str, files: &mut BTreeMap<String, PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().into_string().map_err(|name| io::Error::other(format!("{name:?} is no text")))?;
        let path = format!("{above}{name}");
        if entry.file_type()?.is_dir() {
            // `.vite` holds the manifest, which is for the build alone.
            if !name.starts_with('.') {
                walk(&entry.path(), &format!("{path}/"), files)?;
            }
        } else if !name.ends_with(".br") && !name.ends_with(".gz") {
            files.insert(path, entry.path());
        }
    }
    Ok(())
}

fn entry(path: &str, file: &Path) -> io::Result<String> {
    let mut hasher = DefaultHasher::new();
    fs::read(file)?.hash(&mut hasher);
    let tag = format!("\"{:016x}\"", hasher.finish());
    let beside = |end: &str| {
        let mut name = file.as_os_str().to_owned();
        name.push(end);
        let name = PathBuf::from(name);
        if name.is_file() { format!("Some(include_bytes!({name:?}))") } else { "None".to_owned() }
    };
    let (br, gzip) = (beside(".br"), beside(".gz"));
    Ok(format!(
        "    Asset {{ path: {path:?}, tag: {tag:?}, plain: include_bytes!({file:?}), br: {br}, gzip: {gzip} }},\n"
    ))
}
