//! What a job has to say: lines, up to a number.

use bygone_common::job::progress::LOG_LINES_MAX;
use bygone_common::job::{LogLevel, LogLine};
use bygone_common::{JobUid, OrgUid};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use sqlx::any::AnyRow;

use crate::actor::Actor;
use crate::database::Tx;
use crate::error::{Doing, Error, Result};
use crate::events::{EventKind, Happening};
use crate::page::{List, Page};
use crate::row::Columns;

use super::Jobs;

/// Lines that are kept of one job. Those after are not, but for one that says so.
pub const JOB_LINES_MAX: i64 = 10_000;

/// For how long the lines of a job that is over are kept.
pub const LINES_KEPT: SignedDuration = SignedDuration::from_hours(24 * 90);

/// A line with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Numbered {
    /// From 1 on.
    pub seq: i64,
    /// The line.
    pub line: LogLine,
}

impl Jobs<'_> {
    /// Adds lines to a job's log: also when its lease is lost, for they say what happened. `first` says the how many-th line of
    /// the attempt the first one is, from 0 on, so that what is told twice is kept once.
    ///
    /// # Errors
    /// `NotFound`: no such job, or another agent's; `Invalid`: too many lines at once.
    pub async fn log(
        &self,
        actor: &Actor,
        org: OrgUid,
        uid: JobUid,
        first: Option<u64>,
        lines: &[LogLine],
    ) -> Result<()> {
        let org = actor.in_org(org)?;
        if lines.len() > LOG_LINES_MAX {
            return Err(Error::invalid("lines", format!("{LOG_LINES_MAX} lines are taken at once")));
        }
        if lines.is_empty() {
            return Ok(());
        }
        let mut tx = self.store.begin().await?;
        let job = tx.job(org, uid).await?;
        super::held::is_of(actor, &job)?;
        let lines = match first {
            Some(first) => {
                let had = tx.lines_had(org, uid).await?;
                let known = usize::try_from(had.saturating_sub(first)).unwrap_or(usize::MAX);
                lines.get(known..).unwrap_or_default()
            }
            None => lines,
        };
        if lines.is_empty() {
            return tx.rollback().await;
        }
        let added = i64::try_from(lines.len()).unwrap_or(i64::MAX);
        let first = tx.count_lines(org, uid, added).await?;
        for (seq, line) in (first..).zip(lines) {
            if seq > JOB_LINES_MAX + 1 {
                break;
            }
            let last = LogLine::new(line.at, LogLevel::Warn, "the log is full: what follows is not kept");
            let line = if seq == JOB_LINES_MAX + 1 { &last } else { line };
            tx.insert_line(org, uid, seq, line).await?;
        }
        let happening = Happening {
            kind: EventKind::JobLog,
            job: Some(uid),
            agent: job.agent,
            data: json!({ "from": first, "lines": added }),
        };
        tx.happens(org, happening).await?;
        tx.commit().await
    }

    /// A page of a job's log.
    ///
    /// # Errors
    /// `NotFound`; `Invalid`: the page.
    pub async fn lines(&self, actor: &Actor, org: OrgUid, uid: JobUid, page: &Page) -> Result<List<Numbered>> {
        let job = self.get(actor, org, uid).await?;
        let after = page.after::<i64>()?.unwrap_or_default();
        let rows = sqlx::query(
            "select seq, at, level, line from job_events where org_id = $1 and job_id = $2 and seq > $3 order by seq limit $4",
        )
        .bind(job.org.to_string())
        .bind(uid.to_string())
        .bind(after)
        .bind(page.rows())
        .fetch_all(self.store.pool())
        .await
        .doing("read a job's log")?;
        let lines = rows.iter().map(from_row).collect::<Result<Vec<_>>>()?;
        Ok(page.list(lines, |line| line.seq))
    }

    /// Removes the logs of jobs that were over before [`LINES_KEPT`]; answers how many lines.
    ///
    /// # Errors
    /// `Unavailable`: the database.
    pub async fn forget_lines(&self) -> Result<u64> {
        let before = self.store.now().checked_sub(LINES_KEPT).unwrap_or(Timestamp::UNIX_EPOCH);
        let mut tx = self.store.begin().await?;
        let gone = sqlx::query("delete from job_events where at < $1")
            .bind(before.as_microsecond())
            .execute(tx.connection())
            .await
            .doing("forget logs")?;
        tx.commit().await?;
        Ok(gone.rows_affected())
    }
}

impl Tx {
    async fn lines_had(&mut self, org: OrgUid, uid: JobUid) -> Result<u64> {
        let row = sqlx::query("select log_lines - log_base as log_lines from jobs where org_id = $1 and uid = $2")
            .bind(org.to_string())
            .bind(uid.to_string())
            .fetch_one(self.connection())
            .await
            .doing("count lines of a log")?;
        Ok(u64::try_from(row.int("log_lines")?).unwrap_or_default())
    }

    /// Reserves places for lines; answers the first.
    async fn count_lines(&mut self, org: OrgUid, uid: JobUid, added: i64) -> Result<i64> {
        let row = sqlx::query(
            "update jobs set log_lines = log_lines + $3 where org_id = $1 and uid = $2 returning log_lines - $3 + 1 as seq",
        )
        .bind(org.to_string())
        .bind(uid.to_string())
        .bind(added)
        .fetch_one(self.connection())
        .await
        .doing("count lines of a log")?;
        row.int("seq")
    }

    async fn insert_line(&mut self, org: OrgUid, uid: JobUid, seq: i64, line: &LogLine) -> Result<()> {
        let level = match line.level {
            LogLevel::Debug => "debug",
            LogLevel::Info => "info",
            LogLevel::Warn => "warn",
            LogLevel::Error => "error",
        };
        // What agents send may hold anything but zero bytes, which PostgreSQL's texts cannot.
        let text = LogLine::new(line.at, line.level, line.text.replace('\0', "\u{fffd}")).text;
        sqlx::query("insert into job_events (org_id, job_id, seq, at, level, line) values ($1, $2, $3, $4, $5, $6)")
            .bind(org.to_string())
            .bind(uid.to_string())
            .bind(seq)
            .bind(line.at.as_microsecond())
            .bind(level)
            .bind(text)
            .execute(self.connection())
            .await
            .doing("add a line to a log")?;
        Ok(())
    }
}

fn from_row(row: &AnyRow) -> Result<Numbered> {
    let level = match row.text("level")?.as_str() {
        "debug" => LogLevel::Debug,
        "warn" => LogLevel::Warn,
        "error" => LogLevel::Error,
        _ => LogLevel::Info,
    };
    Ok(Numbered { seq: row.int("seq")?, line: LogLine { at: row.time("at")?, level, text: row.text("line")? } })
}
