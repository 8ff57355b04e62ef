//! What requests about restores hold.

use bygone_common::job::{RestoreChoice, RestoreTarget};
use bygone_common::{AgentUid, SourceUid};
use bygone_portal::At;
use bygone_portal::names::path_of;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::problem::{Problem, Result};
use crate::restores::report::ReportOf;
use crate::restores::told::{ChoiceBody, OnConflictBody};
use crate::restores::{ITEMS_MAX, Wish};

/// A file or folder to put back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RestoreItemBody {
    /// A time, the beginning of a snapshot's id, or `latest`; as the whole restore says if not said.
    pub(super) at: Option<String>,
    /// Where it lies.
    pub(super) path: Option<String>,
    /// The same in base64.
    path_base64: Option<String>,
}

/// What is to be put back, and where.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewRestoreBody {
    /// Of which source.
    #[schema(value_type = uuid::Uuid)]
    pub(super) source: SourceUid,
    /// A time, the beginning of a snapshot's id, or `latest`, which it is if nothing is said.
    pub(super) at: Option<String>,
    /// What of it: all of one snapshot.
    #[schema(min_items = 1, max_items = 1000)]
    pub(super) items: Vec<RestoreItemBody>,
    /// The machine; the source's own if not said.
    #[serde(default)]
    #[schema(value_type = Option<uuid::Uuid>)]
    pub(super) agent: Option<AgentUid>,
    /// Where on it; a new folder if not said.
    #[serde(default)]
    pub(super) target: RestoreTarget,
    /// `keep_both` if not said.
    #[serde(default)]
    pub(super) on_conflict: OnConflictBody,
    /// Other rules for single paths.
    #[serde(default)]
    #[schema(max_items = 1000)]
    pub(super) choices: Vec<ChoiceBody>,
    /// Only thinks it through: nothing is written, and it may be begun later.
    #[serde(default)]
    pub(super) dry_run: bool,
    /// Why.
    #[serde(default)]
    #[schema(max_length = 500)]
    pub(super) comment: String,
}

/// How a restore that was thought through begins; what is not said stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct StartBody {
    pub(super) on_conflict: Option<OnConflictBody>,
    #[schema(max_items = 1000)]
    pub(super) choices: Option<Vec<ChoiceBody>>,
}

/// What the second person says.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ApprovalVerdictBody {
    #[schema(max_length = 500)]
    pub(super) why: String,
}

/// Nothing more.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EmptyBody {}

/// A machine that may be restored to.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeviceBody {
    #[schema(value_type = uuid::Uuid)]
    pub(super) uid: AgentUid,
    pub(super) name: String,
    /// Whether it was heard of lately.
    pub(super) online: bool,
    pub(super) last_seen_at: Option<Timestamp>,
    /// Whether it is the source's own.
    pub(super) original: bool,
}

/// Whose restores are meant.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum WhoseBody {
    /// One's own.
    #[default]
    Mine,
    /// Everybody's, for those who see all jobs; for others their own.
    All,
}

/// Which restores are meant.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct RestoresQuery {
    /// Items at most: 1 to 500, 50 if not said.
    #[param(minimum = 1, maximum = 500)]
    pub(super) limit: Option<u32>,
    /// The `next` of the page before.
    pub(super) after: Option<String>,
    /// `mine` or `all`.
    #[serde(default)]
    #[param(inline)]
    pub(super) whose: WhoseBody,
    /// Only those that somebody else has to agree to.
    #[serde(default)]
    pub(super) waiting: bool,
}

/// Of which source devices are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct DevicesQuery {
    /// Of which source something is to be put back.
    #[param(value_type = uuid::Uuid)]
    pub(super) source: SourceUid,
    /// Items at most: 1 to 500, 50 if not said. Who restores to few machines gets all of them.
    #[param(minimum = 1, maximum = 500)]
    pub(super) limit: Option<u32>,
    /// The `next` of the page before.
    pub(super) after: Option<String>,
}

/// The form of a report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ReportFormat {
    #[default]
    Json,
    /// RFC 4180, with a line of names.
    Csv,
}

/// Which report is meant.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ReportQuery {
    /// `json` or `csv`.
    #[serde(default)]
    #[param(inline)]
    pub(super) format: ReportFormat,
    /// `check` or `result`; the result if there is one.
    #[param(inline)]
    pub(super) of: Option<ReportOf>,
}

/// Rules for single paths, as jobs know them.
pub(super) fn choices(bodies: Vec<ChoiceBody>) -> Vec<RestoreChoice> {
    bodies.into_iter().map(|body| RestoreChoice { path: body.path, rule: body.rule.into() }).collect()
}

impl NewRestoreBody {
    /// What is wished.
    ///
    /// # Errors
    /// `Invalid`: too little or too much; `Malformed`: a path that is none.
    pub(super) fn wish(self) -> Result<Wish> {
        if self.items.is_empty() || self.items.len() > ITEMS_MAX {
            return Err(Problem::invalid("items", format!("a restore has 1 to {ITEMS_MAX} files and folders")));
        }
        let item = |item: &RestoreItemBody| {
            let path = path_of(item.path.as_deref(), item.path_base64.as_deref())?;
            Ok((At::parse(item.at.as_deref().or(self.at.as_deref())), path))
        };
        Ok(Wish {
            source: self.source,
            items: self.items.iter().map(item).collect::<Result<_>>()?,
            agent: self.agent,
            target: self.target,
            on_conflict: self.on_conflict.into(),
            choices: choices(self.choices),
        })
    }
}
