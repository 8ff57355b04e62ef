//! Taking files away: what a request may be given, as something that can be sent, and what keeps it in bounds meanwhile.
//!
//! Read in this order: [`choice`] (what was asked for, looked up under the asker's rights), [`traffic`] (how much at once, a
//! second and a day), [`leases`] (snapshots that are read stay), [`ledger`] (what was sent is written down).

pub(crate) mod choice;
pub(crate) mod leases;
pub(crate) mod ledger;
pub(crate) mod traffic;

use std::sync::Arc;

use axum::http::{HeaderMap, Method};
use axum::response::Response;
use bygone_common::{OrgUid, RepositoryUid};
use bygone_http::Result;
use bygone_store::access::SourceAccess;
use bygone_store::{Actor, Store};

use crate::archive::{Archive, Form, Roots};
use crate::feed::lanes::{LaneLimits, Lanes};
use crate::feed::meter::Meter;
use crate::feed::{Content, Feed};
use crate::kept::Kept;
use crate::portal::Portal;
use crate::respond::prepare;
use choice::{Chosen, FileKey, Opened};
use leases::Leases;
use ledger::{Ledger, Receipt, Sources, What};
use traffic::{Asked, Traffic};

/// Memory for plans of archives at most: about a hundred bytes for every 256 entries, and 8 more an entry of a zip.
const ARCHIVES_BYTES_MAX: usize = 32 << 20;
/// Memory for open files at most: 40 bytes a blob. A file that is open notices who reads it in order.
const FILES_BYTES_MAX: usize = 16 << 20;

/// How much may be downloaded. None: without a limit.
#[derive(Debug, Clone, Copy, Default)]
pub struct DownloadLimits {
    /// What all downloads use together.
    pub lanes: LaneLimits,
    /// Of one user.
    pub user_bytes_per_second: Option<u64>,
    /// Of all users of one organization.
    pub org_bytes_per_second: Option<u64>,
}

/// What downloads share.
#[derive(Debug)]
pub(crate) struct Downloads {
    lanes: Arc<Lanes>,
    traffic: Traffic,
    archives: Kept<[u8; 32], Archive>,
    files: Kept<FileKey, Opened>,
    leases: Arc<Leases>,
    ledger: Ledger,
}

impl Downloads {
    /// Within a runtime: it begins to write down what is sent.
    pub(crate) fn new(store: Store, limits: DownloadLimits) -> Self {
        let leases = Arc::new(Leases::default());
        Self {
            lanes: Lanes::new(limits.lanes),
            traffic: Traffic::new(&limits),
            archives: Kept::new(ARCHIVES_BYTES_MAX),
            files: Kept::new(FILES_BYTES_MAX),
            ledger: Ledger::start(store, leases.clone()),
            leases,
        }
    }

    /// Waits until everything that was sent is written down.
    pub(crate) async fn flush(&self) {
        self.ledger.flush().await;
    }
}

impl Portal {
    /// Answers a request for what was chosen, within the limits of whose rights it is.
    ///
    /// # Errors
    /// `TooManyRequests`: too many downloads at once, or the day's bytes are used up; `Unavailable`: the snapshot cannot be
    /// held.
    pub(crate) async fn send(
        &self,
        method: &Method,
        headers: &HeaderMap,
        chosen: Chosen,
        receipt: Receipt,
    ) -> Result<Response> {
        let Chosen { sendable, limits, snapshots, org } = chosen;
        let downloads = &self.downloads;
        let prepared = prepare(method, headers, &sendable);
        if prepared.len == 0 {
            return Ok(prepared.empty());
        }
        let asked = Asked { org, user: receipt.user(), download: Some(receipt.key()), bytes: prepared.len };
        let admitted = downloads.traffic.admit(&self.store, asked, limits).await?;
        let mut held = Vec::with_capacity(snapshots.len());
        for (repository, snapshot, tree) in snapshots {
            held.push(downloads.leases.take(&repository, snapshot, tree).await?);
        }
        let archive = match &sendable.content {
            Content::Archive(archive) => Some(archive.clone()),
            Content::File(_) => None,
        };
        let (rates, daily) = (admitted.rates(), admitted.daily());
        let ledger = downloads.ledger.clone();
        let ended = move |sent, fault| {
            // Both stay until the last byte is sent or the client is gone.
            let daily = admitted.daily().0;
            drop((admitted, held));
            ledger.note(receipt, sent, fault, Sources { daily, archive });
        };
        let meter = Meter::new(rates, daily, ended);
        let lanes = downloads.lanes.clone();
        let content = sendable.content.clone();
        Ok(prepared.with(move |spans| Feed::new(content, spans, lanes, meter)))
    }

    /// What counts so many bytes of files on their way to a drive, within the limits of whose it is.
    ///
    /// # Errors
    /// `TooManyRequests`: the day's bytes are used up; `Unavailable`.
    pub(crate) async fn drive_meter(
        &self,
        actor: &Actor,
        source: &SourceAccess,
        repository: RepositoryUid,
        bytes: u64,
    ) -> Result<Meter> {
        let (org, downloads) = (source.source().org, &self.downloads);
        let what = What::Drive { source: source.source().uid, repository };
        let receipt = Receipt { actor: actor.clone(), org, what };
        // Which file a blob is of, the drive alone knows: the widest of its limits holds.
        let limits = source.access().widest_view().limits();
        let asked = Asked { org, user: receipt.user(), download: None, bytes };
        let admitted = downloads.traffic.admit(&self.store, asked, limits).await?;
        let (rates, daily) = (admitted.rates(), admitted.daily());
        let ledger = downloads.ledger.clone();
        let ended = move |sent, fault| {
            let daily = admitted.daily().0;
            drop(admitted);
            ledger.note(receipt, sent, fault, Sources { daily, archive: None });
        };
        Ok(Meter::new(rates, daily, ended))
    }

    /// The plan of an archive, taken from those that are kept, with what is known of its checksums.
    async fn archive(&self, org: OrgUid, key: [u8; 32], form: Form, roots: Roots) -> Result<Arc<Archive>> {
        if let Some(known) = self.downloads.archives.get(&key) {
            return Ok(known);
        }
        let archive = Archive::plan(form, roots).await?;
        if form == Form::Zip {
            let server = Actor::system("downloads", org);
            let kept = self.store.zip_checksums().get(&server, org, &archive.etag().to_string()).await?;
            kept.iter().for_each(|kept| archive.checksums().learn(kept));
        }
        let weight = archive.weight_bytes();
        Ok(self.downloads.archives.put(key, archive, weight))
    }
}
