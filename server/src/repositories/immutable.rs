//! What the storage of a repository keeps from being removed, and until when.

use std::time::Duration;

use bygone_common::{OrgUid, RepositoryUid};
use bygone_store::Actor;
use bygone_vault::backend::CancelToken;
use bygone_vault::backend::object_lock::RetentionPolicy;
use bygone_vault::progress::Unwatched;
use bygone_vault::worm::{self, KindStatus};

use crate::app::App;
use crate::catalog;
use crate::problem::{Problem, ProblemCode, Result};
use crate::storages::blocking;

/// How long files may be looked at, one request each: longer than that nobody waits for an answer.
const LOOK_TIME_MAX: Duration = Duration::from_secs(60);

/// What is kept.
#[derive(Debug)]
pub struct Immutable {
    /// What is done with every new file.
    pub policy: Option<RetentionPolicy>,
    /// Files by kind; empty where the storage keeps none.
    pub kinds: Vec<KindStatus>,
}

/// Pulls its token when nobody waits for the answer any more.
struct Asked(CancelToken);

impl Drop for Asked {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

/// Looks at every file of a repository: what its storage keeps, and until when.
///
/// # Errors
/// `NotFound`; `Unavailable`: there are too many to be looked at while somebody waits; what the storage answers.
pub async fn look(app: &App, actor: &Actor, org: OrgUid, uid: RepositoryUid) -> Result<Immutable> {
    app.store.repositories().get(actor, org, uid).await?;
    let (row, repository) = catalog::open(app, org, uid).await?;
    let policy = repository.config().bygone.worm;
    let Some(object_lock) = app.storages.storage(&row).await?.object_lock else {
        return Ok(Immutable { policy, kinds: Vec::new() });
    };
    let asked = Asked(CancelToken::new());
    let (token, now) = (asked.0.clone(), app.clock.now());
    let looked = blocking(move || worm::status(&repository, &object_lock, now, &token, &Unwatched));
    match tokio::time::timeout(LOOK_TIME_MAX, looked).await {
        Ok(kinds) => Ok(Immutable { policy, kinds: kinds? }),
        Err(_) => {
            let title = "there are too many files to look at each while you wait: `bygone worm status` does";
            Err(Problem::new(ProblemCode::Unavailable, title))
        }
    }
}
