//! End-user restore: routes under `/portal/v1` that show the files of every snapshot to whoever may see them, and only to
//! them.
//!
//! Never: who somebody is (the layer in front says it), how a repository is opened, operating systems' file systems.
//!
//! Read in this order: [`portal`] (what all routes share), [`asker`] (who asks), [`names`] (paths in requests and
//! answers), [`moment`] (a source at a time, under the asker's rights) and [`past`] (all its snapshots), then one module
//! for each route.

pub mod asker;
mod compare;
pub mod content;
pub mod diff;
pub mod entries;
pub mod file;
mod ghosts;
pub mod hash;
pub mod image;
pub mod indexes;
mod kept;
mod listing;
pub mod moment;
mod moves;
pub mod names;
pub mod order;
pub mod past;
pub mod places;
pub mod portal;
pub mod reads;
pub mod search;
pub mod sources;
pub mod text;
mod thin;
pub mod timeline;
pub mod tree;
pub mod versions;

use utoipa_axum::router::OpenApiRouter;

pub use asker::Asker;
pub use moment::{At, Moment};
pub use portal::{Portal, Repositories};

/// The documented routes, as they stand below `/portal/v1`.
pub fn routes() -> OpenApiRouter<Portal> {
    OpenApiRouter::new()
        .merge(sources::routes())
        .merge(tree::routes())
        .merge(timeline::routes())
        .merge(versions::routes())
        .merge(diff::routes())
        .merge(hash::routes())
        .merge(text::routes())
        .merge(image::routes())
        .merge(places::routes())
        .merge(search::routes())
}
