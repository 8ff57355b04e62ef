#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
use std::collections::HashSet;

use proptest::prelude::*;

use super::tests::snapshot;
use super::*;

const NOW_SECONDS: i64 = 1_795_000_000;
/// Snapshots lie within three years before now, and some days after.
const SECONDS_BEFORE_NOW_MAX: i64 = 3 * 366 * 86_400;
const SECONDS_AFTER_NOW_MAX: i64 = 5 * 86_400;

fn count() -> impl Strategy<Value = Count> {
    prop_oneof![4 => Just(Count::default()), 4 => (0_u32..6).prop_map(Count::AtMost), 1 => Just(Count::Unlimited)]
}

fn period() -> impl Strategy<Value = Period> {
    let some = (0_u32..3, 0_u32..14, 0_u32..40, 0_u32..50);
    prop_oneof![
        3 => Just(Period::default()),
        2 => some.prop_map(|(years, months, days, hours)| Period { years, months, days, hours }),
    ]
}

fn retention() -> impl Strategy<Value = Retention> {
    let tags = prop::collection::vec(prop::sample::select(vec!["a", "b", "a,b", ""]), 0..3);
    (prop::array::uniform7(count()), prop::array::uniform6(period()), tags).prop_map(|(counts, periods, tags)| {
        let [last, hourly, daily, weekly, monthly, quarterly, yearly] = counts;
        let [within, within_hourly, within_daily, within_weekly, within_monthly, within_yearly] = periods;
        Retention {
            last,
            hourly,
            daily,
            weekly,
            monthly,
            quarterly,
            yearly,
            within,
            within_hourly,
            within_daily,
            within_weekly,
            within_monthly,
            within_yearly,
            tags: tags.into_iter().map(|tag| tag.parse().unwrap()).collect(),
            ids: Vec::new(),
        }
    })
}

fn candidates() -> impl Strategy<Value = Vec<Candidate>> {
    let one = (
        -SECONDS_BEFORE_NOW_MAX..SECONDS_AFTER_NOW_MAX,
        -11_i8..12,
        prop::sample::select(vec!["one", "two"]),
        prop::sample::subsequence(vec!["/a", "/b"], 1..3),
        prop::sample::subsequence(vec!["a", "b"], 0..3),
        prop::bool::weighted(0.1),
    );
    prop::collection::vec(one, 0..40).prop_map(|list| {
        let candidate =
            |(number, (seconds, hours, host, paths, tags, held)): (usize, (i64, i8, &str, Vec<_>, Vec<_>, bool))| {
                Candidate {
                    time: Timestamp::from_second(NOW_SECONDS + seconds).unwrap(),
                    offset: Offset::from_hours(hours).unwrap(),
                    host: host.to_owned(),
                    paths: paths.into_iter().map(str::to_owned).collect(),
                    tags: tags.into_iter().map(str::to_owned).collect(),
                    held,
                    ..snapshot(number, "2026-01-01T00:00:00Z")
                }
            };
        list.into_iter().enumerate().map(candidate).collect()
    })
}

fn group_by() -> impl Strategy<Value = GroupBy> {
    any::<[bool; 3]>().prop_map(|[host, paths, tags]| GroupBy { host, paths, tags })
}

fn kept(rules: &Retention, snapshots: &[Candidate], by: GroupBy) -> HashSet<SnapshotId> {
    let groups = rules.decide(snapshots, by, Timestamp::from_second(NOW_SECONDS).unwrap(), |_| true);
    let decisions: Vec<_> = groups.into_iter().flat_map(|group| group.decisions).collect();
    assert_eq!(decisions.len(), snapshots.len(), "each snapshot has one fate");
    decisions.into_iter().filter(|decision| decision.fate.is_kept()).map(|decision| decision.id).collect()
}

fn larger_count(one: Count, other: Count) -> Count {
    match (one, other) {
        (Count::AtMost(one), Count::AtMost(other)) => Count::AtMost(one.saturating_add(other)),
        (Count::Unlimited, _) | (_, Count::Unlimited) => Count::Unlimited,
    }
}

fn larger_period(one: Period, other: Period) -> Period {
    Period {
        years: one.years + other.years,
        months: one.months + other.months,
        days: one.days + other.days,
        hours: one.hours + other.hours,
    }
}

/// Rules of which each is at least as generous as that of either.
fn larger(one: &Retention, other: &Retention) -> Retention {
    Retention {
        last: larger_count(one.last, other.last),
        hourly: larger_count(one.hourly, other.hourly),
        daily: larger_count(one.daily, other.daily),
        weekly: larger_count(one.weekly, other.weekly),
        monthly: larger_count(one.monthly, other.monthly),
        quarterly: larger_count(one.quarterly, other.quarterly),
        yearly: larger_count(one.yearly, other.yearly),
        within: larger_period(one.within, other.within),
        within_hourly: larger_period(one.within_hourly, other.within_hourly),
        within_daily: larger_period(one.within_daily, other.within_daily),
        within_weekly: larger_period(one.within_weekly, other.within_weekly),
        within_monthly: larger_period(one.within_monthly, other.within_monthly),
        within_yearly: larger_period(one.within_yearly, other.within_yearly),
        tags: one.tags.iter().chain(&other.tags).cloned().collect(),
        ids: one.ids.iter().chain(&other.ids).cloned().collect(),
    }
}

proptest! {
    #[test]
    fn larger_rules_keep_at_least_the_same(
        snapshots in candidates(), one in retention(), other in retention(), by in group_by(),
    ) {
        // No rule keeps all, so that the smallest rule keeps less than none.
        prop_assume!(!one.is_empty());
        let fewer = kept(&one, &snapshots, by);
        let more = kept(&larger(&one, &other), &snapshots, by);
        prop_assert!(fewer.is_subset(&more), "{:?}", fewer.difference(&more));
    }

    #[test]
    fn what_is_held_and_the_newest_of_each_source_always_stay(
        snapshots in candidates(), rules in retention(), by in group_by(),
    ) {
        let kept = kept(&rules, &snapshots, by);
        for snapshot in &snapshots {
            let same = |other: &&Candidate| GroupBy::SOURCE.key(other) == GroupBy::SOURCE.key(snapshot);
            let newest = snapshots.iter().filter(same).max_by_key(|other| other.order()).unwrap();
            if snapshot.held || newest.id == snapshot.id {
                prop_assert!(kept.contains(&snapshot.id), "{:?}", snapshot);
            }
        }
    }

    #[test]
    fn the_order_of_the_list_does_not_matter(snapshots in candidates(), rules in retention(), by in group_by()) {
        let mut reversed = snapshots.clone();
        reversed.reverse();
        prop_assert_eq!(kept(&rules, &snapshots, by), kept(&rules, &reversed, by));
    }

    #[test]
    fn forgetting_twice_forgets_nothing_more_of_counts(
        snapshots in candidates(), counts in prop::array::uniform7(count()), by in group_by(),
    ) {
        let [last, hourly, daily, weekly, monthly, quarterly, yearly] = counts;
        let rules =
            Retention { last, hourly, daily, weekly, monthly, quarterly, yearly, ..Retention::default() };
        let once = kept(&rules, &snapshots, by);
        let rest: Vec<_> = snapshots.into_iter().filter(|snapshot| once.contains(&snapshot.id)).collect();
        prop_assert_eq!(kept(&rules, &rest, by), once);
    }

    #[test]
    fn a_printed_period_reads_as_itself(period in period()) {
        prop_assert_eq!(period.to_string().parse::<Period>().unwrap(), period);
    }
}
