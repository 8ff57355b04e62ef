//! The rules by which snapshots stay, under restic's names.

use bygone_common::retention::{Count, IdPrefix, Period, Retention, TagList};
use clap::Args;

/// The rules.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Rules: a snapshot stays when any of them keeps it")]
pub(crate) struct RuleArgs {
    /// The newest N (a number, or "unlimited"; so everywhere)
    #[arg(short = 'l', long, value_name = "N")]
    keep_last: Option<Count>,
    /// The newest of each of N hours that have one
    #[arg(short = 'H', long, value_name = "N")]
    keep_hourly: Option<Count>,
    /// The newest of each of N days that have one
    #[arg(short = 'd', long, value_name = "N")]
    keep_daily: Option<Count>,
    /// The newest of each of N weeks that have one
    #[arg(short = 'w', long, value_name = "N")]
    keep_weekly: Option<Count>,
    /// The newest of each of N months that have one
    #[arg(short = 'm', long, value_name = "N")]
    keep_monthly: Option<Count>,
    /// The newest of each of N quarters that have one
    #[arg(long, value_name = "N")]
    keep_quarterly: Option<Count>,
    /// The newest of each of N years that have one
    #[arg(short = 'y', long, value_name = "N")]
    keep_yearly: Option<Count>,
    /// All within this time before the newest: 1y5m7d2h
    #[arg(long, value_name = "PERIOD")]
    keep_within: Option<Period>,
    /// The newest of each hour within this time before the newest
    #[arg(long, value_name = "PERIOD")]
    keep_within_hourly: Option<Period>,
    /// The newest of each day within this time before the newest
    #[arg(long, value_name = "PERIOD")]
    keep_within_daily: Option<Period>,
    /// The newest of each week within this time before the newest
    #[arg(long, value_name = "PERIOD")]
    keep_within_weekly: Option<Period>,
    /// The newest of each month within this time before the newest
    #[arg(long, value_name = "PERIOD")]
    keep_within_monthly: Option<Period>,
    /// The newest of each year within this time before the newest
    #[arg(long, value_name = "PERIOD")]
    keep_within_yearly: Option<Period>,
    /// All with all of these tags (may be repeated)
    #[arg(long, value_name = "TAG[,TAG…]")]
    keep_tag: Vec<TagList>,
    /// Those whose ids begin so (may be repeated)
    #[arg(long, value_name = "ID")]
    keep_id: Vec<IdPrefix>,
}

impl RuleArgs {
    pub(crate) fn retention(&self) -> Retention {
        let count = |count: Option<Count>| count.unwrap_or_default();
        let period = |period: Option<Period>| period.unwrap_or_default();
        Retention {
            last: count(self.keep_last),
            hourly: count(self.keep_hourly),
            daily: count(self.keep_daily),
            weekly: count(self.keep_weekly),
            monthly: count(self.keep_monthly),
            quarterly: count(self.keep_quarterly),
            yearly: count(self.keep_yearly),
            within: period(self.keep_within),
            within_hourly: period(self.keep_within_hourly),
            within_daily: period(self.keep_within_daily),
            within_weekly: period(self.keep_within_weekly),
            within_monthly: period(self.keep_within_monthly),
            within_yearly: period(self.keep_within_yearly),
            tags: self.keep_tag.clone(),
            ids: self.keep_id.clone(),
        }
    }
}
