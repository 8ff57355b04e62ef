//! End-user restore: routes under `/portal/v1` that show the files of every snapshot to whoever may see them, and only to
//! them.
//!
//! Never: who somebody is (the layer in front says it), how a repository is opened, operating systems' file systems.
//!
//! Read in this order: [`portal`] (what all routes share), [`asker`] (who asks), [`names`] (paths in requests and
//! answers), [`moment`] (a source at a time, under the asker's rights) and [`past`] (all its snapshots), then one module
//! for each route.

mod archive;
pub mod asker;
mod compare;
pub mod content;
pub mod coverage;
pub mod dav;
pub mod deleted;
pub mod diff;
pub mod direct;
mod downloads;
pub mod drive;
pub mod entries;
mod feed;
pub mod file;
mod ghosts;
pub mod hash;
mod headers;
pub mod image;
pub mod indexes;
mod kept;
mod listing;
pub mod media;
pub mod moment;
mod moves;
pub mod names;
pub mod order;
pub mod past;
pub mod places;
pub mod portal;
mod range;
pub mod reads;
mod respond;
pub mod search;
pub mod sources;
#[cfg(all(test, unix))]
#[allow(clippy::unwrap_used, clippy::panic)]
mod testing;
pub mod text;
mod thin;
pub mod tickets;
pub mod timeline;
pub mod tree;
pub mod versions;

use utoipa_axum::router::OpenApiRouter;

pub use asker::{Asker, Visitor};
pub use downloads::DownloadLimits;
pub use feed::lanes::LaneLimits;
pub use moment::{At, Moment};
pub use portal::{Portal, Repositories};

/// The documented routes, as they stand below `/portal/v1`.
pub fn routes() -> OpenApiRouter<Portal> {
    OpenApiRouter::new()
        .merge(sources::routes())
        .merge(coverage::routes())
        .merge(tree::routes())
        .merge(timeline::routes())
        .merge(versions::routes())
        .merge(diff::routes())
        .merge(hash::routes())
        .merge(text::routes())
        .merge(image::routes())
        .merge(media::routes())
        .merge(places::routes())
        .merge(search::routes())
        .merge(deleted::routes())
        .merge(direct::routes())
        .merge(drive::routes())
        .merge(tickets::routes())
}

/// The routes of drives, as they stand at the server's root: for who is signed in.
pub fn drives() -> axum::Router<Portal> {
    dav::router()
}

/// The routes by which tickets are redeemed, below [`tickets::ROOT`]: for every [`Visitor`].
pub fn redeeming() -> axum::Router<Portal> {
    tickets::redeeming()
}
