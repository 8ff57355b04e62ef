//! The bridge from async handlers to the blocking vault, with a bound on how many calls wait at once.

use std::sync::LazyLock;

use tokio::sync::Semaphore;

use crate::problem::{Problem, ProblemCode, Result};

/// Calls into repositories that run at one time; more wait their turn.
const CALLS_MAX: usize = 64;

static CALLS: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(CALLS_MAX));

/// Runs a call that blocks on a thread made for it.
///
/// # Errors
/// What the call returns; `Internal` when it panicked.
pub async fn offload<T, E>(call: impl FnOnce() -> std::result::Result<T, E> + Send + 'static) -> Result<T>
where
    T: Send + 'static,
    E: Send + 'static,
    Problem: From<E>,
{
    let stopped = |_| Problem::new(ProblemCode::Unavailable, "the server stops");
    let _turn = CALLS.acquire().await.map_err(stopped)?;
    match tokio::task::spawn_blocking(call).await {
        Ok(result) => Ok(result?),
        Err(ended) => {
            tracing::error!(error = %ended, "a call into a repository panicked");
            Err(Problem::new(ProblemCode::Internal, "the server failed; its log says how"))
        }
    }
}
