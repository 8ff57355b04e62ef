//! How plans capture a source, for whoever misses a file in it.

use bygone_common::plan::CaptureOptions;

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
}
