//! What a grant says beside its path and its uses: whose files, how old, how much.

use bygone_common::access::{Effect, Limits, Owner, Use};
use sqlx::any::AnyRow;

use crate::error::{Error, ErrorKind, Result};
use crate::row::Columns;

/// What a grant says beside its path and its uses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Terms {
    /// Only what is this owner's.
    pub owner: Option<Owner>,
    /// Only in snapshots that are not older.
    pub history_days: Option<u32>,
    /// How much may be taken away.
    pub limits: Limits,
}

/// What a grant is to become; what is none stays.
#[derive(Debug, Clone, Default)]
pub struct GrantChange {
    /// What it is for.
    pub uses: Option<Vec<Use>>,
    /// Whose files.
    pub owner: Option<Option<Owner>>,
    /// How old snapshots may be.
    pub history_days: Option<Option<u32>>,
    /// How many bytes may be taken away in a day.
    pub bytes_per_day: Option<Option<u64>>,
    /// How many downloads may run at one time.
    pub downloads: Option<Option<u32>>,
}

impl GrantChange {
    pub(super) fn of(self, was: Terms) -> Terms {
        Terms {
            owner: self.owner.unwrap_or(was.owner),
            history_days: self.history_days.unwrap_or(was.history_days),
            limits: Limits {
                bytes_per_day: self.bytes_per_day.unwrap_or(was.limits.bytes_per_day),
                downloads: self.downloads.unwrap_or(was.limits.downloads),
            },
        }
    }
}

/// Whatever narrows what is given narrows nothing that is taken: there it would be read as a promise.
pub(super) fn checked(effect: Effect, terms: Terms) -> Result<Terms> {
    let takes = effect == Effect::Deny;
    let Terms { owner, history_days, limits } = &terms;
    let narrowed = [
        ("owner", owner.is_some()),
        ("history_days", history_days.is_some()),
        ("bytes_per_day", limits.bytes_per_day.is_some()),
        ("downloads", limits.downloads.is_some()),
    ];
    if let Some((field, _)) = narrowed.into_iter().find(|(_, given)| takes && *given) {
        return Err(Error::invalid(field, "what is denied is denied whole"));
    }
    if limits.bytes_per_day.is_some_and(|bytes| i64::try_from(bytes).is_err()) {
        return Err(Error::invalid("bytes_per_day", "more bytes a day than can be counted"));
    }
    Ok(terms)
}

pub(super) fn from_row(row: &AnyRow) -> Result<Terms> {
    Ok(Terms {
        owner: row.parsed_opt("owner")?,
        history_days: counted(row, "history_days")?,
        limits: Limits { bytes_per_day: counted(row, "bytes_per_day")?, downloads: counted(row, "downloads_max")? },
    })
}

fn counted<N: TryFrom<i64>>(row: &AnyRow, column: &str) -> Result<Option<N>> {
    let number = row.int_opt(column)?;
    let number = number.map(N::try_from).transpose();
    number.map_err(|_| Error::new(ErrorKind::Failed, format!("column {column} holds what it must not")))
}
