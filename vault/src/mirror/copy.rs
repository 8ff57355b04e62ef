//! Copying files, and checking on the way that each is what its name says.

use parking_lot::Mutex;

use super::survey::{Files, MirrorPlan};
use super::{COPIES, Mirrored};
use crate::backend::{Backend, CancelToken, Content, FileId, FileKind, Listed, Storage};
use crate::error::{Error, ErrorKind, Result};
use crate::parallel;
use crate::progress::{Progress, Unit};

struct Copying<'a> {
    from: &'a dyn Backend,
    to: &'a dyn Storage,
    token: &'a CancelToken,
    progress: &'a dyn Progress,
    done: Mutex<Mirrored>,
}

/// Copies what is missing, kind by kind, and the config last. Files of the source that are damaged do not end it.
pub(super) fn all(
    plan: &MirrorPlan,
    from: &dyn Backend,
    to: &dyn Storage,
    token: &CancelToken,
    progress: &dyn Progress,
) -> Result<Mirrored> {
    let copying = Copying { from, to, token, progress, done: Mutex::default() };
    for files in &plan.kinds {
        copying.kind(files, plan.verify)?;
    }
    if !plan.has_config {
        token.check(|| "mirror the config".to_owned())?;
        to.write(FileId::CONFIG, &Content::from(plan.config.clone()))?;
        copying.done.lock().copied.add(plan.config.len() as u64);
    }
    let mut mirrored = copying.done.into_inner();
    mirrored.damaged.sort_by_key(|(file, _)| *file);
    mirrored.extra = plan.extra();
    Ok(mirrored)
}

impl Copying<'_> {
    fn kind(&self, files: &Files, verify: bool) -> Result<()> {
        let doing = match files.kind {
            FileKind::Pack => "copying packs",
            FileKind::Index => "copying index files",
            FileKind::Snapshot => "copying snapshots",
            FileKind::Key => "copying keys",
            FileKind::Config | FileKind::Lock => "copying",
        };
        if !files.missing.is_empty() {
            self.progress.stage(doing, files.missing.iter().map(|file| file.size).sum(), Unit::Bytes);
            parallel::for_each(COPIES, &files.missing, |file| {
                self.copy(files.kind, *file)?;
                self.progress.advance(file.size);
                Ok(())
            })?;
        }
        for file in &files.present {
            self.done.lock().present.add(file.size);
        }
        if verify && !files.present.is_empty() {
            self.progress.stage("verifying", files.present.iter().map(|file| file.size).sum(), Unit::Bytes);
            parallel::for_each(COPIES, &files.present, |file| {
                self.verify(files.kind, *file)?;
                self.progress.advance(file.size);
                Ok(())
            })?;
        }
        Ok(())
    }

    /// Copies a file. Answers whether it was in order at the source.
    fn copy(&self, kind: FileKind, listed: Listed) -> Result<bool> {
        let file = FileId::new(kind, listed.id);
        self.token.check(|| format!("mirror {file}"))?;
        let content = match self.from.read(file) {
            Ok(bytes) => Content::from(bytes),
            // Forgotten since it was listed: nothing that is copied later needs it.
            Err(error) if error.kind() == ErrorKind::NotFound && kind == FileKind::Snapshot => return Ok(true),
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::Damaged | ErrorKind::Io) => {
                return self.damaged(file, error);
            }
            Err(error) => return Err(error.context(format!("mirror {file}"))),
        };
        if content.sha256() != *listed.id.as_bytes() {
            let what = format!("{file} of {} is damaged: its bytes are not those of its name", self.from.location());
            return self.damaged(file, Error::new(ErrorKind::Damaged, what));
        }
        self.to.write(file, &content).map_err(|error| error.context(format!("mirror {file}")))?;
        self.done.lock().copied.add(content.len());
        Ok(true)
    }

    fn damaged(&self, file: FileId, error: Error) -> Result<bool> {
        tracing::warn!(%file, error = error.chain(), "a file of the source is damaged");
        self.done.lock().damaged.push((file, error));
        Ok(false)
    }

    /// Reads a file of the mirror, and copies it again if it is not what its name says.
    fn verify(&self, kind: FileKind, listed: Listed) -> Result<()> {
        let file = FileId::new(kind, listed.id);
        self.token.check(|| format!("verify {file}"))?;
        let is_whole = match self.to.read(file) {
            Ok(bytes) => Content::from(bytes).sha256() == *listed.id.as_bytes(),
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::Damaged | ErrorKind::Io) => false,
            Err(error) => return Err(error.context(format!("verify {file}"))),
        };
        if is_whole {
            return Ok(());
        }
        tracing::warn!(%file, "a file of the mirror is damaged, and is copied again");
        if self.copy(kind, listed)? {
            self.done.lock().repaired.add(listed.size);
        }
        Ok(())
    }
}
