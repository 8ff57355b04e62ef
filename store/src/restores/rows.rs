//! Restores as rows.

use bygone_common::{JobUid, OrgUid, RestoreUid};
use jiff::Timestamp;
use sqlx::AnyConnection;
use sqlx::any::AnyRow;

use super::{Approval, Followed, Names, Restore, Verdict, missing};
use crate::database::{Dialect, Tx};
use crate::error::{Doing, Error, ErrorKind, Result};
use crate::jobs::{self, Job};
use crate::row::Columns;

/// Restores with the names of those whom they name, and when their machines were last heard of.
pub(super) const SELECT: &str = "select r.*, u.name as user_name, s.name as source_name, a.name as agent_name, \
     a.last_seen_at as agent_seen_at, b.name as approver_name from restores r \
     left join users u on u.org_id = r.org_id and u.uid = r.user_uid \
     left join sources s on s.org_id = r.org_id and s.uid = r.source_uid \
     left join agents a on a.org_id = r.org_id and a.uid = r.agent_uid \
     left join users b on b.org_id = r.org_id and b.uid = r.approval_by";

/// A restore with its jobs.
pub(super) async fn read(connection: &mut AnyConnection, org: OrgUid, uid: RestoreUid) -> Result<Followed> {
    let row = sqlx::query(sqlx::AssertSqlSafe(format!("{SELECT} where r.org_id = $1 and r.uid = $2")))
        .bind(org.to_string())
        .bind(uid.to_string())
        .fetch_optional(&mut *connection)
        .await
        .doing("read a restore")?;
    with_jobs(connection, &row.ok_or_else(|| missing(uid))?).await
}

/// The restore that a job does or thinks through, if somebody asked for one.
pub(super) async fn of_job(connection: &mut AnyConnection, org: OrgUid, job: JobUid) -> Result<Option<Restore>> {
    let row = sqlx::query(sqlx::AssertSqlSafe(format!(
        "{SELECT} where r.org_id = $1 and (r.job = $2 or r.check_job = $2 or r.undo_job = $2)"
    )))
    .bind(org.to_string())
    .bind(job.to_string())
    .fetch_optional(connection)
    .await
    .doing("look for a job's restore")?;
    row.as_ref().map(from_row).transpose()
}

pub(super) async fn with_jobs(connection: &mut AnyConnection, row: &AnyRow) -> Result<Followed> {
    let restore = from_row(row)?;
    Ok(Followed {
        names: Names {
            user: row.text_opt("user_name")?,
            source: row.text_opt("source_name")?,
            agent: row.text_opt("agent_name")?,
            approver: row.text_opt("approver_name")?,
        },
        agent_seen_at: row.time_opt("agent_seen_at")?,
        check: job(connection, restore.org, restore.check).await?,
        job: job(connection, restore.org, restore.job).await?,
        undo: job(connection, restore.org, restore.undo).await?,
        restore,
    })
}

async fn job(connection: &mut AnyConnection, org: OrgUid, uid: Option<JobUid>) -> Result<Option<Job>> {
    let Some(uid) = uid else { return Ok(None) };
    let row = sqlx::query("select * from jobs where org_id = $1 and uid = $2")
        .bind(org.to_string())
        .bind(uid.to_string())
        .fetch_optional(connection)
        .await
        .doing("read a restore's job")?;
    row.as_ref().map(jobs::from_row).transpose()
}

fn from_row(row: &AnyRow) -> Result<Restore> {
    Ok(Restore {
        uid: row.parsed("uid")?,
        org: row.parsed("org_id")?,
        user: row.parsed("user_uid")?,
        source: row.parsed("source_uid")?,
        agent: row.parsed("agent_uid")?,
        spec: row.json("spec")?,
        taken_at: row.time("taken_at")?,
        comment: row.text("comment")?,
        approval: approval(row)?,
        check: row.parsed_opt("check_job")?,
        job: row.parsed_opt("job")?,
        undo: row.parsed_opt("undo_job")?,
        cancelled_at: row.time_opt("cancelled_at")?,
        created_at: row.time("created_at")?,
        version: row.int("version")?,
    })
}

fn approval(row: &AnyRow) -> Result<Option<Approval>> {
    let verdict = match row.text("approval")?.as_str() {
        "none" => return Ok(None),
        name => [Verdict::Waits, Verdict::Approved, Verdict::Denied].into_iter().find(|one| one.name() == name),
    };
    Ok(Some(Approval {
        verdict: verdict.ok_or_else(|| Error::new(ErrorKind::Failed, "a restore's approval is none"))?,
        by: row.parsed_opt("approval_by")?,
        at: row.time_opt("approval_at")?,
        why: row.text_opt("approval_why")?.unwrap_or_default(),
    }))
}

/// The columns of a restore that change, in the order of the statements below.
struct Changing {
    spec: String,
    approval: &'static str,
    by: Option<String>,
    at: Option<i64>,
    why: Option<String>,
    check: Option<String>,
    job: Option<String>,
    cancelled_at: Option<i64>,
    undo: Option<String>,
}

impl Changing {
    fn of(restore: &Restore) -> Result<Self> {
        let approval = restore.approval.as_ref();
        Ok(Self {
            spec: serde_json::to_string(&restore.spec)
                .map_err(|_| Error::new(ErrorKind::Failed, "write a restore as JSON"))?,
            approval: approval.map_or("none", |approval| approval.verdict.name()),
            by: approval.and_then(|approval| approval.by).map(|by| by.to_string()),
            at: approval.and_then(|approval| approval.at).map(Timestamp::as_microsecond),
            why: approval.map(|approval| approval.why.clone()),
            check: restore.check.map(|job| job.to_string()),
            job: restore.job.map(|job| job.to_string()),
            undo: restore.undo.map(|job| job.to_string()),
            cancelled_at: restore.cancelled_at.map(Timestamp::as_microsecond),
        })
    }
}

impl Tx {
    /// A restore, as this transaction sees it; on PostgreSQL nobody else changes it until it ends.
    pub(super) async fn restore(&mut self, org: OrgUid, uid: RestoreUid) -> Result<Followed> {
        match self.store().dialect() {
            Dialect::Sqlite => {}
            Dialect::Postgres => {
                sqlx::query("select uid from restores where org_id = $1 and uid = $2 for update")
                    .bind(org.to_string())
                    .bind(uid.to_string())
                    .fetch_optional(self.connection())
                    .await
                    .doing("read a restore")?;
            }
        }
        read(self.connection(), org, uid).await
    }

    pub(super) async fn insert_restore(&mut self, restore: &Restore) -> Result<()> {
        // A new one undoes nothing yet.
        let Changing { spec, approval, by, at, why, check, job, cancelled_at, undo: _ } = Changing::of(restore)?;
        sqlx::query(
            "insert into restores (uid, org_id, spec, approval, approval_by, approval_at, approval_why, check_job, job, \
             cancelled_at, user_uid, source_uid, agent_uid, taken_at, comment, created_at, version) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, 1)",
        )
        .bind(restore.uid.to_string())
        .bind(restore.org.to_string())
        .bind(spec)
        .bind(approval)
        .bind(by)
        .bind(at)
        .bind(why)
        .bind(check)
        .bind(job)
        .bind(cancelled_at)
        .bind(restore.user.to_string())
        .bind(restore.source.to_string())
        .bind(restore.agent.to_string())
        .bind(restore.taken_at.as_microsecond())
        .bind(&restore.comment)
        .bind(restore.created_at.as_microsecond())
        .execute(self.connection())
        .await
        .doing("make a restore")?;
        Ok(())
    }

    /// Writes what may change of a restore.
    pub(super) async fn keep_restore(&mut self, restore: &Restore) -> Result<()> {
        let Changing { spec, approval, by, at, why, check, job, cancelled_at, undo } = Changing::of(restore)?;
        sqlx::query(
            "update restores set spec = $3, approval = $4, approval_by = $5, approval_at = $6, approval_why = $7, \
             check_job = $8, job = $9, cancelled_at = $10, undo_job = $11, version = version + 1 where org_id = $2 and uid = $1",
        )
        .bind(restore.uid.to_string())
        .bind(restore.org.to_string())
        .bind(spec)
        .bind(approval)
        .bind(by)
        .bind(at)
        .bind(why)
        .bind(check)
        .bind(job)
        .bind(cancelled_at)
        .bind(undo)
        .execute(self.connection())
        .await
        .doing("change a restore")?;
        Ok(())
    }
}
