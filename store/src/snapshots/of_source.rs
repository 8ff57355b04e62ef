//! The snapshots of a source, for whoever sees something of it. A snapshot that lies in several repositories is one.

use std::collections::HashMap;

use bygone_common::RepositoryUid;
use bygone_common::id::ID_BYTES;
use jiff::Timestamp;

use super::list::Place;
use super::{SnapshotRow, Snapshots, from_row};
use crate::access::SourceAccess;
use crate::error::{Doing, Error, ErrorKind, Result};
use crate::page::{List, Page};
use crate::row::Columns;
use crate::sources::Source;

/// Snapshots of one source that are looked at together, at most: the newest.
pub const SNAPSHOTS_OF_SOURCE_MAX: usize = 20_000;

/// Digits of a snapshot's id that name it, at least.
pub const ID_DIGITS_MIN: usize = 8;

/// Which snapshot of a source is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum AtPoint {
    /// The newest of then or before.
    Time(Timestamp),
    /// The one whose id begins so.
    Id(String),
}

/// What there is of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SourceSpan {
    /// How many snapshots.
    pub snapshots: i64,
    /// When the oldest was taken.
    pub first_at: Option<Timestamp>,
    /// When the newest was taken.
    pub last_at: Option<Timestamp>,
}

impl Snapshots<'_> {
    /// How many there are, taken at a time or later, and since when.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn span_of(&self, access: &SourceAccess, since: Option<Timestamp>) -> Result<SourceSpan> {
        let source = access.source();
        let row = sqlx::query(
            "select count(distinct id) as snapshots, min(taken_at) as first_at, max(taken_at) as last_at from snapshots \
             where org_id = $1 and source_uid = $2 and taken_at >= $3",
        )
        .bind(source.org.to_string())
        .bind(source.uid.to_string())
        .bind(since.map_or(i64::MIN, Timestamp::as_microsecond))
        .fetch_one(self.store.pool())
        .await
        .doing("count a source's snapshots")?;
        Ok(SourceSpan {
            snapshots: row.int("snapshots")?,
            first_at: row.time_opt("first_at")?,
            last_at: row.time_opt("last_at")?,
        })
    }

    /// For how many days storage keeps what is written to a repository from being removed: by repository, those whose
    /// storage does. Only S3 can: a copy of such a repository elsewhere keeps the rule, and nothing else.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn retained_days(&self, access: &SourceAccess) -> Result<HashMap<RepositoryUid, u32>> {
        let rows = sqlx::query(
            "select uid, worm_days from repositories where org_id = $1 and worm_days is not null and location like 's3:%'",
        )
        .bind(access.source().org.to_string())
        .fetch_all(self.store.pool())
        .await
        .doing("read for how long repositories keep files")?;
        let days = |days: i64| u32::try_from(days).unwrap_or_default();
        rows.iter().map(|row| Ok((row.parsed("uid")?, days(row.int("worm_days")?)))).collect()
    }

    /// The newest one taken at a time or before.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn nearest(&self, access: &SourceAccess, at: Timestamp) -> Result<Option<SnapshotRow>> {
        let source = access.source();
        let question = (source.org, source.uid, AtPoint::Time(at));
        self.store.recent().snapshots.or_ask(self.store.stamp(), question, self.ask_nearest(source, at)).await
    }

    async fn ask_nearest(&self, source: &Source, at: Timestamp) -> Result<Option<SnapshotRow>> {
        let row = sqlx::query(
            "select * from snapshots where org_id = $1 and source_uid = $2 and taken_at <= $3 \
             order by taken_at desc, id, repository_uid limit 1",
        )
        .bind(source.org.to_string())
        .bind(source.uid.to_string())
        .bind(at.as_microsecond())
        .fetch_optional(self.store.pool())
        .await
        .doing("find a snapshot")?;
        row.map(|row| from_row(&row)).transpose()
    }

    /// The one whose id begins so.
    ///
    /// # Errors
    /// `NotFound`; `Invalid`: too short, no id, or of several.
    pub async fn by_id(&self, access: &SourceAccess, digits: &str) -> Result<SnapshotRow> {
        let source = access.source();
        let is_id = (ID_DIGITS_MIN..=2 * ID_BYTES).contains(&digits.len())
            && digits.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
        if !is_id {
            let sentence =
                format!("{digits:?} is neither a time nor {ID_DIGITS_MIN} digits of a snapshot's id or more");
            return Err(Error::invalid("at", sentence));
        }
        let question = (source.org, source.uid, AtPoint::Id(digits.to_owned()));
        let recent = &self.store.recent().snapshots;
        let known = recent.or_ask(self.store.stamp(), question, self.ask_by_id(source, digits)).await?;
        known.ok_or_else(|| Error::not_found(format_args!("snapshot {digits}")))
    }

    async fn ask_by_id(&self, source: &Source, digits: &str) -> Result<Option<SnapshotRow>> {
        let rows = sqlx::query(
            "select * from snapshots where org_id = $1 and source_uid = $2 and id like $3 \
             order by id, repository_uid limit 2",
        )
        .bind(source.org.to_string())
        .bind(source.uid.to_string())
        .bind(format!("{digits}%"))
        .fetch_all(self.store.pool())
        .await
        .doing("find a snapshot")?;
        let rows = rows.iter().map(from_row).collect::<Result<Vec<_>>>()?;
        match rows.as_slice() {
            [one] => Ok(Some(one.clone())),
            [one, two] if one.id == two.id => Ok(Some(one.clone())),
            [] => Ok(None),
            _ => Err(Error::new(ErrorKind::Invalid { field: "at" }, format!("{digits:?} begins several ids"))),
        }
    }

    /// A page of them, the newest first.
    ///
    /// # Errors
    /// `Invalid`: the page.
    pub async fn page_of(
        &self,
        access: &SourceAccess,
        since: Option<Timestamp>,
        before: Option<Timestamp>,
        page: &Page,
    ) -> Result<List<SnapshotRow>> {
        let after = page.after::<Place>()?.unwrap_or(Place { taken_at: i64::MAX, id: String::new() });
        let rows = self.rows(access, since, before, &after, page.rows()).await?;
        Ok(page.list(rows, |row| Place { taken_at: row.taken_at.as_microsecond(), id: row.id.clone() }))
    }

    /// The newest of them, the newest first; and whether there are older ones.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn newest_of(
        &self,
        access: &SourceAccess,
        since: Option<Timestamp>,
        before: Option<Timestamp>,
    ) -> Result<(Vec<SnapshotRow>, bool)> {
        let first = Place { taken_at: i64::MAX, id: String::new() };
        let limit = i64::try_from(SNAPSHOTS_OF_SOURCE_MAX + 1).unwrap_or(i64::MAX);
        let mut rows = self.rows(access, since, before, &first, limit).await?;
        let has_older = rows.len() > SNAPSHOTS_OF_SOURCE_MAX;
        rows.truncate(SNAPSHOTS_OF_SOURCE_MAX);
        Ok((rows, has_older))
    }

    async fn rows(
        &self,
        access: &SourceAccess,
        since: Option<Timestamp>,
        before: Option<Timestamp>,
        after: &Place,
        limit: i64,
    ) -> Result<Vec<SnapshotRow>> {
        let source = access.source();
        let rows = sqlx::query(
            "select * from snapshots s where s.org_id = $1 and s.source_uid = $2 \
             and (s.taken_at < $3 or (s.taken_at = $3 and s.id > $4)) and s.taken_at >= $5 and s.taken_at < $6 \
             and not exists (select 1 from snapshots o where o.org_id = s.org_id and o.source_uid = s.source_uid \
             and o.taken_at = s.taken_at and o.id = s.id and o.repository_uid < s.repository_uid) \
             order by s.taken_at desc, s.id limit $7",
        )
        .bind(source.org.to_string())
        .bind(source.uid.to_string())
        .bind(after.taken_at)
        .bind(&after.id)
        .bind(since.map_or(i64::MIN, Timestamp::as_microsecond))
        .bind(before.map_or(i64::MAX, Timestamp::as_microsecond))
        .bind(limit)
        .fetch_all(self.store.pool())
        .await
        .doing("list a source's snapshots")?;
        rows.iter().map(from_row).collect()
    }
}
