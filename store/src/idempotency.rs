//! What was answered to creating requests, so that their repetition creates nothing a second time.

use jiff::{SignedDuration, Timestamp};

use crate::database::Store;
use crate::error::{Doing, Result};
use crate::row::Columns;

/// How long an answer is kept.
pub const ANSWER_KEPT: SignedDuration = SignedDuration::from_hours(24);

/// How long a request may take before its key is free again: a server may have died in the middle of it.
pub const ANSWER_WAIT_MAX: SignedDuration = SignedDuration::from_mins(2);

/// Characters of a key at most.
pub const KEY_CHARS_MAX: usize = 255;

/// A request that may be a repetition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repeatable {
    /// Who asks.
    pub who: String,
    /// The key they gave.
    pub key: String,
    /// SHA-256 of method, path and body.
    pub request_hash: String,
}

/// What a key stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known {
    /// Nothing yet: the request is to be carried out, and its answer kept.
    First,
    /// The same request was answered.
    Answered(KeptAnswer),
    /// The same request is being carried out just now.
    Underway,
    /// Another request was made with this key.
    Different,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The headers that are kept, as JSON.
    pub headers: String,
    /// The body.
    pub body: Vec<u8>,
}

/// The answers that are kept.
#[derive(Debug, Clone, Copy)]
pub struct Idempotency<'a> {
    store: &'a Store,
}

impl Store {
    /// The answers that are kept for repeated requests.
    pub const fn idempotency(&self) -> Idempotency<'_> {
        Idempotency { store: self }
    }
}

impl Idempotency<'_> {
    /// Takes a key for a request, or says what it stands for already.
    ///
    /// # Errors
    /// `Unavailable`, `Failed`: the database.
    pub async fn begin(&self, request: &Repeatable) -> Result<Known> {
        let now = self.store.now();
        self.forget_old(now).await?;
        let inserted = sqlx::query(
            "insert into idempotency (who, idempotency_key, request_hash, created_at) values ($1, $2, $3, $4) \
             on conflict (who, idempotency_key) do nothing",
        )
        .bind(&request.who)
        .bind(&request.key)
        .bind(&request.request_hash)
        .bind(now.as_microsecond())
        .execute(self.store.pool())
        .await
        .doing("take an idempotency key")?;
        if inserted.rows_affected() == 1 {
            return Ok(Known::First);
        }
        let row = sqlx::query(
            "select request_hash, status, headers, body from idempotency where who = $1 and idempotency_key = $2",
        )
        .bind(&request.who)
        .bind(&request.key)
        .fetch_optional(self.store.pool())
        .await
        .doing("read an idempotency key")?;
        // Given up between the two statements: whoever repeats once more is the first.
        let Some(row) = row else { return Ok(Known::Underway) };
        if row.text("request_hash")? != request.request_hash {
            return Ok(Known::Different);
        }
        let Some(status) = row.int_opt("status")? else { return Ok(Known::Underway) };
        let status = u16::try_from(status).unwrap_or(500);
        let headers = row.text_opt("headers")?.unwrap_or_default();
        Ok(Known::Answered(KeptAnswer { status, headers, body: row.bytes_opt("body")?.unwrap_or_default() }))
    }

    /// Keeps the answer of a request that began.
    ///
    /// # Errors
    /// `Unavailable`, `Failed`: the database.
    pub async fn keep(&self, request: &Repeatable, answer: &KeptAnswer) -> Result<()> {
        sqlx::query(
            "update idempotency set status = $3, headers = $4, body = $5 where who = $1 and idempotency_key = $2",
        )
        .bind(&request.who)
        .bind(&request.key)
        .bind(i64::from(answer.status))
        .bind(&answer.headers)
        .bind(&answer.body)
        .execute(self.store.pool())
        .await
        .doing("keep an answer")?;
        Ok(())
    }

    /// Frees a key whose request changed nothing.
    ///
    /// # Errors
    /// `Unavailable`, `Failed`: the database.
    pub async fn give_up(&self, request: &Repeatable) -> Result<()> {
        sqlx::query("delete from idempotency where who = $1 and idempotency_key = $2 and status is null")
            .bind(&request.who)
            .bind(&request.key)
            .execute(self.store.pool())
            .await
            .doing("give an idempotency key up")?;
        Ok(())
    }

    async fn forget_old(&self, now: Timestamp) -> Result<()> {
        let before = |age: SignedDuration| {
            now.as_microsecond().saturating_sub(i64::try_from(age.as_micros()).unwrap_or(i64::MAX))
        };
        sqlx::query("delete from idempotency where created_at < $1 or (status is null and created_at < $2)")
            .bind(before(ANSWER_KEPT))
            .bind(before(ANSWER_WAIT_MAX))
            .execute(self.store.pool())
            .await
            .doing("forget old answers")?;
        Ok(())
    }
}
