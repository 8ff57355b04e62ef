//! What was asked for, looked up under the asker's rights.

use std::sync::Arc;

use bygone_common::access::{Limits, Use};
use bygone_common::{BlobId, OrgUid, RepositoryId, SnapshotId, SnapshotPath, TreeId};
use bygone_http::offload::offload;
use bygone_http::{Problem, ProblemCode, Result};
use bygone_store::access::SourceAccess;
use bygone_vault::{FileReader, NodeKind, Repository};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::archive::{Form, Root, Roots, Top};
use crate::content;
use crate::feed::Content;
use crate::media;
use crate::moment::{At, Moment, Stand};
use crate::portal::Portal;
use crate::range::{ETag, Validators};
use crate::respond::{Sendable, Way};

/// Files and folders of one download at most.
pub(crate) const ITEMS_MAX: usize = 1_000;

/// One file or folder of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Item {
    /// restic's id of the snapshot, whole.
    pub(crate) snapshot: String,
    /// The path, for people.
    pub(crate) path: String,
    /// Its bytes in hexadecimal digits.
    pub(crate) bytes: String,
}

impl Item {
    pub(crate) fn new(snapshot: &str, path: &SnapshotPath) -> Self {
        Self { snapshot: snapshot.to_owned(), path: path.to_string(), bytes: hex::encode(path.to_bytes()) }
    }

    fn path(&self) -> Result<SnapshotPath> {
        let bytes = hex::decode(&self.bytes).ok();
        let path = bytes.and_then(|bytes| SnapshotPath::parse(&bytes).ok());
        path.ok_or_else(|| Problem::new(ProblemCode::Internal, "the server failed; its log says how"))
    }
}

/// As what it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum As {
    /// One file, as it is.
    File,
    /// An archive.
    Archive(Form),
}

impl As {
    /// The word for it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Archive(form) => form.name(),
        }
    }

    /// What the word stands for.
    pub(crate) fn of(name: &str) -> Option<Self> {
        [Self::File, Self::Archive(Form::Tar), Self::Archive(Form::Zip)].into_iter().find(|one| one.name() == name)
    }
}

/// What an open file is looked for by: where it lies, and what is quickly said of what it holds.
pub(crate) type FileKey = (RepositoryId, usize, Option<BlobId>, Option<BlobId>);

/// A file that is open, and the name of what it holds.
#[derive(Debug)]
pub(crate) struct Opened {
    reader: Arc<FileReader>,
    content: String,
}

/// Something that may be sent.
pub(crate) struct Chosen {
    pub(crate) org: OrgUid,
    pub(crate) sendable: Sendable,
    pub(crate) limits: Limits,
    /// The snapshots that it is read from.
    pub(crate) snapshots: Vec<(Repository, SnapshotId, TreeId)>,
}

/// An item, found.
struct Found {
    moment: Moment,
    stand: Stand,
    path: SnapshotPath,
}

impl Portal {
    /// Looks up what was asked for.
    ///
    /// # Errors
    /// `NotFound`, `Forbidden`: under the asker's rights; `Invalid`: a folder as a file; what the storage answers.
    pub(crate) async fn choose(&self, source: &SourceAccess, items: &[Item], form: As, name: &str) -> Result<Chosen> {
        let mut found: Vec<Found> = Vec::with_capacity(items.len());
        for item in items {
            let known = found.iter().find(|found| found.moment.snapshot.id == item.snapshot);
            let moment = match known {
                Some(found) => found.moment.clone(),
                None => self.moment(source, &At::Snapshot(item.snapshot.clone())).await?,
            };
            found.push(find(moment, item.path()?, Use::Download).await?);
        }
        self.sendable(source.source().org, &found, form, name).await
    }

    /// Looks up a file that a browser is to show.
    ///
    /// # Errors
    /// `NotFound`, `Forbidden`: under the asker's rights; `UnsupportedType`: browsers show no such files.
    pub(crate) async fn choose_shown(&self, moment: Moment, path: SnapshotPath) -> Result<Chosen> {
        let org = moment.org;
        let name = String::from_utf8_lossy(path.file_name().unwrap_or_default()).into_owned();
        let found = find(moment, path, Use::Preview).await?;
        let mut chosen = self.sendable(org, &[found], As::File, &name).await?;
        let Content::File(reader) = &chosen.sendable.content else { return Err(media::not_shown()) };
        let reader = Arc::clone(reader);
        let head = offload(move || {
            let mut head = [0; media::HEAD_BYTES];
            let read = reader.read_at(0, &mut head)?;
            Ok::<_, Problem>(head.get(..read).unwrap_or_default().to_vec())
        });
        chosen.sendable.content_type = media::kind_of(&head.await?).ok_or_else(media::not_shown)?;
        chosen.sendable.way = Way::Shown;
        Ok(chosen)
    }

    /// What was found, as something that can be sent.
    async fn sendable(&self, org: OrgUid, found: &[Found], form: As, name: &str) -> Result<Chosen> {
        let limits = found.iter().map(limits_of).reduce(narrowest).unwrap_or_default();
        let mut snapshots = Vec::new();
        for Found { moment, .. } in found {
            let id: SnapshotId =
                moment.snapshot.id.parse().map_err(|_| Problem::not_found("a snapshot of that time"))?;
            if !snapshots.iter().any(|(_, other, _)| *other == id) {
                snapshots.push((moment.repository.clone(), id, moment.tree));
            }
        }
        let sendable = match (form, found) {
            (As::File, [file]) => self.one_file(file, name).await?,
            (As::File, _) => return Err(Problem::invalid("as", "several files are downloaded as tar or zip")),
            (As::Archive(form), _) => self.archive_of(org, form, found, name).await?,
        };
        Ok(Chosen { org, sendable, limits, snapshots })
    }

    async fn one_file(&self, found: &Found, name: &str) -> Result<Sendable> {
        let no_file = || Problem::invalid("as", "only a file is downloaded as one: a folder is as tar or zip");
        let node = found.stand.node().filter(|node| node.kind() == NodeKind::File).ok_or_else(no_file)?;
        let blobs = node.content();
        let key = (found.moment.repository.id(), blobs.len(), blobs.first().copied(), blobs.last().copied());
        let known = self.downloads.files.get(&key).filter(|opened| opened.reader.blobs() == blobs);
        let opened = match known {
            Some(opened) => opened,
            None => {
                let (moment, entry) = (found.moment.clone(), found.stand.entry.clone());
                let opened = offload(move || {
                    let missing = || Problem::not_found("what this path names");
                    let node = entry.as_ref().and_then(|entry| entry.node()).ok_or_else(missing)?;
                    Ok::<FileReader, Problem>(moment.repository.file(node)?)
                });
                let reader = Arc::new(opened.await?);
                let weight = 256 + blobs.len() * 40;
                self.downloads.files.put(key, Opened { content: content::of_blobs(blobs), reader }, weight)
            }
        };
        Ok(Sendable {
            content: Content::File(opened.reader.clone()),
            validators: Validators::new(ETag::named(&opened.content), node.mtime().seconds),
            content_type: "application/octet-stream",
            way: Way::Saved,
            name: name.to_owned(),
        })
    }

    async fn archive_of(&self, org: OrgUid, form: Form, found: &[Found], name: &str) -> Result<Sendable> {
        let mut hash = Sha256::new_with_prefix(form.name());
        let mut roots = Vec::with_capacity(found.len());
        for Found { moment, stand, path } in found {
            let top = match (&stand.entry, stand.tree) {
                (Some(entry), _) => Top::Entry(entry.clone()),
                (None, Some(tree)) => Top::Tree(tree),
                (None, None) => return Err(Problem::not_found("what this path names")),
            };
            // Rights are a part of what an archive is: with others it holds other files.
            let key = format!("{} {} {path:?} {:?}", moment.repository.id(), moment.tree, moment.view);
            hash.update((key.len() as u64).to_be_bytes());
            hash.update(key);
            roots.push(Root {
                repository: moment.repository.clone(),
                top,
                name: path.file_name().unwrap_or_default().to_vec(),
                view: moment.view.clone(),
                place: stand.place.clone(),
            });
        }
        let archive = self.archive(org, hash.finalize().into(), form, Roots::new(roots, form == Form::Zip)).await?;
        let newest = found.iter().map(|found| found.moment.snapshot.taken_at.as_second()).max().unwrap_or_default();
        Ok(Sendable {
            validators: Validators::new(archive.etag().clone(), newest),
            content: Content::Archive(archive),
            content_type: form.content_type(),
            way: Way::Saved,
            name: name.to_owned(),
        })
    }
}

/// What lies at a path and may be used so, or holds something below that may.
async fn find(moment: Moment, path: SnapshotPath, one: Use) -> Result<Found> {
    // The parts of a download ask for the same again and again: no thread is woken for that.
    if let Some(stand) = moment.reach_at_hand(&path, one) {
        return Ok(Found { stand: stand?, moment, path });
    }
    offload(move || {
        let stand = moment.reach(&path, one)?;
        Ok::<_, Problem>(Found { moment, stand, path })
    })
    .await
}

fn limits_of(found: &Found) -> Limits {
    found.stand.place.limits(&found.moment.view)
}

/// What holds for two things at once: the less of each.
fn narrowest(left: Limits, right: Limits) -> Limits {
    fn less<T: Ord>(left: Option<T>, right: Option<T>) -> Option<T> {
        match (left, right) {
            (Some(left), Some(right)) => Some(left.min(right)),
            (left, right) => left.or(right),
        }
    }
    Limits {
        bytes_per_day: less(left.bytes_per_day, right.bytes_per_day),
        downloads: less(left.downloads, right.downloads),
    }
}

/// What a download of these is saved as.
pub(crate) fn name_of(items: &[Item], source: &str, form: As) -> String {
    let last = |item: &Item| item.path.rsplit('/').find(|name| !name.is_empty()).map(str::to_owned);
    let stem = match items {
        [item] => last(item).unwrap_or_else(|| source.to_owned()),
        _ => source.to_owned(),
    };
    match form {
        As::File => stem,
        As::Archive(form) => format!("{stem}.{}", form.name()),
    }
}
