//! By whose clock something runs.

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::ScheduleError;

/// By whose clock something runs.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Zone {
    /// By that of the source's machine; UTC as long as it has not told where it is.
    #[default]
    Agent,
    /// By that of a place: `Europe/Berlin`, `UTC`.
    Named(String),
}

impl Zone {
    /// The zone for a machine that is in `agent`. A machine whose zone nobody knows is in UTC.
    ///
    /// # Errors
    /// A name that the database of zones does not have.
    pub fn time_zone(&self, agent: Option<&str>) -> Result<TimeZone, ScheduleError> {
        match self {
            Self::Agent => Ok(agent.and_then(|name| TimeZone::get(name).ok()).unwrap_or(TimeZone::UTC)),
            Self::Named(name) => {
                TimeZone::get(name).map_err(|_| ScheduleError::new("zone", format!("{name:?} is no time zone")))
            }
        }
    }
}
