//! How plans capture a source, for whoever misses a file in it; and who sees what they capture.

use bygone_common::plan::{CaptureOptions, PlanSpec};
use bygone_common::{OrgUid, SourceUid};

use crate::access::SourceAccess;
use crate::error::{Doing, Result};

use super::{Plans, from_row};

/// Plans of one source that are told at most.
const PLANS_MAX: i64 = 100;

impl Plans<'_> {
    /// How the plans that are on capture a source, in an order that stays. Of a plan no more is told: whoever sees a source
    /// need not see plans.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn captures_of(&self, access: &SourceAccess) -> Result<Vec<CaptureOptions>> {
        let source = access.source();
        let rows = sqlx::query(
            "select * from plans where org_id = $1 and deleted_at is null and enabled = 1 and \
             spec like '%' || $2 || '%' order by uid limit $3",
        )
        .bind(source.org.to_string())
        .bind(source.uid.to_string())
        .bind(PLANS_MAX)
        .fetch_all(self.store.pool())
        .await
        .doing("list plans of a source")?;
        let plans = rows.iter().map(from_row).collect::<Result<Vec<_>>>()?;
        let has_it = |plan: &super::Plan| plan.spec.sources.contains(&source.uid);
        Ok(plans.into_iter().filter(has_it).map(|plan| plan.spec.capture).collect())
    }

    /// What plans say that show their snapshots to fewer people than their sources do: those of one source, or of all. A plan
    /// that is off counts, as its snapshots stay; one that was deleted does not.
    pub(crate) async fn not_shared(&self, org: OrgUid, source: Option<SourceUid>) -> Result<Vec<PlanSpec>> {
        let rows = sqlx::query(
            "select * from plans where org_id = $1 and deleted_at is null and \
             spec not like '%\"visibility\":\"shared\"%' and spec like '%' || $2 || '%'",
        )
        .bind(org.to_string())
        .bind(source.map(|source| source.to_string()).unwrap_or_default())
        .fetch_all(self.store.pool())
        .await
        .doing("list plans that are not shared")?;
        rows.iter().map(|row| from_row(row).map(|plan| plan.spec)).collect()
    }
}
