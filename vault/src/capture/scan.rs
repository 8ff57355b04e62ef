//! How many files and bytes a capture will find: a quick walk beside it, for who shows how far it is.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::excludes::{Devices, Ignores};
use super::metadata::{Folder, Names, stat_path};
use super::report::Watcher;
use super::{Options, Sources, current_folder, present, root, targets};
use crate::backend::CancelToken;
use crate::error::Result;
use crate::tree::NodeKind;

/// What was found so far.
#[derive(Debug, Default)]
struct Found {
    files: u64,
    bytes: u64,
}

/// Counts what [`files`](super::Capture::files) will find, and tells the watcher at the end. What cannot be read is told by
/// the capture itself.
///
/// # Errors
/// `Cancelled` once the token was pulled; a source that makes no sense.
pub fn count(sources: &Sources, options: &Options, watcher: &dyn Watcher, token: &CancelToken) -> Result<()> {
    let current = current_folder()?;
    let (sources, _) = present(sources, &current);
    if sources.paths.is_empty() {
        // The capture says so.
        return Ok(());
    }
    let root = root(&sources)?;
    let names = Names::default();
    let mut devices = Devices::default();
    for path in &sources.paths {
        let path = targets::clean(&current.join(path));
        if let Ok((metadata, _)) = stat_path(&path, false, &names) {
            devices.add(path, metadata.device_id);
        }
    }
    let mut found = Found::default();
    let mut waiting = vec![&root];
    while let Some(target) = waiting.pop() {
        if let Some(source) = &target.source {
            source_of(&targets::clean(&current.join(source)), target.is_named, options, &devices, &mut found, token)?;
        }
        waiting.extend(target.below.values());
    }
    watcher.total(found.files, found.bytes);
    Ok(())
}

fn source_of(
    source: &Path,
    is_named: bool,
    options: &Options,
    devices: &Devices,
    found: &mut Found,
    token: &CancelToken,
) -> Result<()> {
    let (Some(above), Some(name)) = (source.parent(), source.file_name()) else { return Ok(()) };
    let device = devices.of(source);
    let mut waiting: Vec<(PathBuf, Option<Arc<Ignores>>)> = Vec::new();
    let Ok(folder) = Folder::above(above) else { return Ok(()) };
    let rules = (!is_named).then(|| options.excludes.rules(above, &folder, None, device));
    let Ok(metadata) = folder.stat(name) else { return Ok(()) };
    if rules.is_some_and(|rules| rules.leave_out_name(name) || rules.leave_out(name, &metadata)) {
        return Ok(());
    }
    found.see(metadata.kind, metadata.size);
    if metadata.kind == NodeKind::Dir {
        waiting.push((source.to_path_buf(), None));
    }
    while let Some((path, ignores)) = waiting.pop() {
        token.check(|| "count files".to_owned())?;
        let Ok(folder) = Folder::open(&path, false) else { continue };
        let rules = options.excludes.rules(&path, &folder, ignores, device);
        for name in folder.names().unwrap_or_default() {
            if rules.leave_out_name(&name) {
                continue;
            }
            let Ok(metadata) = folder.stat(&name) else { continue };
            if rules.leave_out(&name, &metadata) {
                continue;
            }
            found.see(metadata.kind, metadata.size);
            if metadata.kind == NodeKind::Dir {
                waiting.push((path.join(&name), rules.ignores()));
            }
        }
    }
    Ok(())
}

impl Found {
    fn see(&mut self, kind: NodeKind, size: u64) {
        if kind == NodeKind::File {
            self.files += 1;
            self.bytes += size;
        }
    }
}
