//! Places in sources that somebody shares. They carry no rights: who opens one sees there what they may see anyway.

use bygone_common::{OrgUid, PlaceUid, SourceUid};
use jiff::{SignedDuration, Timestamp};
use sqlx::any::AnyRow;

use crate::access::SourceAccess;
use crate::actor::Actor;
use crate::database::Store;
use crate::error::{Doing, Error, ErrorKind, Result};
use crate::row::Columns;

/// How long a place is known.
const KNOWN_FOR: SignedDuration = SignedDuration::from_hours(24 * 90);
/// Places of one person at most.
pub const PLACES_MAX: i64 = 1_000;
/// Bytes of what a page shows, at most.
pub const SHOWN_BYTES_MAX: usize = 2_000;

/// A place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Its uid.
    pub uid: PlaceUid,
    /// In which source.
    pub source: SourceUid,
    /// When the snapshot was taken.
    pub taken_at: Timestamp,
    /// Where.
    pub path: Vec<u8>,
    /// What a page shows there: opaque.
    pub shown: String,
    /// Until when it is known.
    pub expires_at: Timestamp,
}

/// Places.
#[derive(Debug, Clone, Copy)]
pub struct Places<'a> {
    store: &'a Store,
}

impl Store {
    /// Places.
    pub const fn places(&self) -> Places<'_> {
        Places { store: self }
    }
}

impl Places<'_> {
    /// Makes a place. Those that have expired go.
    ///
    /// # Errors
    /// `Exhausted`: the actor has too many; `Invalid`: what is shown.
    pub async fn create(
        &self,
        actor: &Actor,
        access: &SourceAccess,
        taken_at: Timestamp,
        path: &[u8],
        shown: &str,
    ) -> Result<Place> {
        if shown.len() > SHOWN_BYTES_MAX {
            return Err(Error::invalid("shown", format!("what is shown has at most {SHOWN_BYTES_MAX} bytes")));
        }
        let (org, now) = (access.source().org, self.store.now());
        let place = Place {
            uid: self.store.uid(PlaceUid::new),
            source: access.source().uid,
            taken_at,
            path: path.to_vec(),
            shown: shown.to_owned(),
            expires_at: now.checked_add(KNOWN_FOR).unwrap_or(Timestamp::MAX),
        };
        let mut tx = self.store.begin().await?;
        sqlx::query("delete from places where org_id = $1 and expires_at < $2")
            .bind(org.to_string())
            .bind(now.as_microsecond())
            .execute(tx.connection())
            .await
            .doing("remove places")?;
        let row = sqlx::query("select count(*) as places from places where org_id = $1 and made_by = $2")
            .bind(org.to_string())
            .bind(actor.who().to_string())
            .fetch_one(tx.connection())
            .await
            .doing("count places")?;
        if row.int("places")? >= PLACES_MAX {
            return Err(Error::new(ErrorKind::Exhausted, format!("a person shares at most {PLACES_MAX} places")));
        }
        sqlx::query(
            "insert into places (uid, org_id, source_uid, made_by, taken_at, path, shown, created_at, expires_at) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(place.uid.to_string())
        .bind(org.to_string())
        .bind(place.source.to_string())
        .bind(actor.who().to_string())
        .bind(taken_at.as_microsecond())
        .bind(path.to_vec())
        .bind(shown)
        .bind(now.as_microsecond())
        .bind(place.expires_at.as_microsecond())
        .execute(tx.connection())
        .await
        .doing("make a place")?;
        tx.commit().await?;
        Ok(place)
    }

    /// A place of the actor's organization. Whether the actor sees anything there is asked of its source.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn get(&self, actor: &Actor, org: OrgUid, uid: PlaceUid) -> Result<Place> {
        let org = actor.in_org(org)?;
        let row = sqlx::query("select * from places where org_id = $1 and uid = $2 and expires_at >= $3")
            .bind(org.to_string())
            .bind(uid.to_string())
            .bind(self.store.now().as_microsecond())
            .fetch_optional(self.store.pool())
            .await
            .doing("read a place")?;
        row.map_or_else(|| Err(Error::not_found(format_args!("place {uid}"))), |row| from_row(&row))
    }
}

fn from_row(row: &AnyRow) -> Result<Place> {
    Ok(Place {
        uid: row.parsed("uid")?,
        source: row.parsed("source_uid")?,
        taken_at: row.time("taken_at")?,
        path: row.bytes("path")?,
        shown: row.text("shown")?,
        expires_at: row.time("expires_at")?,
    })
}
