//! Timelines of thousands of snapshots, thinned: one point for each span of time.

use jiff::Timestamp;

use crate::compare::Counts;
use crate::diff::DiffCountsBody;
use crate::timeline::{PointBody, Step};

/// Points for steps that come the newest first: each is the newest of its span of time, with the sums of all in it.
pub(crate) fn thinned(steps: Vec<Step>, points: usize) -> Vec<PointBody> {
    let time = |step: Option<&Step>| step.map(|step| step.row.taken_at.as_microsecond());
    if steps.len() <= points {
        return steps.into_iter().map(PointBody::from).collect();
    }
    let (Some(newest), Some(oldest)) = (time(steps.first()), time(steps.last())) else { return Vec::new() };
    let span_of = |at: Timestamp| {
        let from_newest = i128::from(newest) - i128::from(at.as_microsecond());
        let whole = (i128::from(newest) - i128::from(oldest)).max(1) + 1;
        from_newest * points as i128 / whole
    };
    let mut thin: Vec<(i128, PointBody, Option<Counts>)> = Vec::with_capacity(points);
    for step in steps {
        let (span, counts, is_held, locked_until) =
            (span_of(step.row.taken_at), step.counts, step.is_held, step.locked_until);
        match thin.last_mut() {
            Some((last, point, sum)) if *last == span => {
                point.snapshots += 1;
                point.held = point.held.map(|held| held || is_held == Some(true));
                point.locked_until = point.locked_until.max(locked_until);
                *sum = match (*sum, counts) {
                    (Some(sum), Some(counts)) => Some(sum.plus(counts)),
                    (sum, counts) => sum.or(counts),
                };
            }
            Some(_) | None => thin.push((span, PointBody::from(step), counts)),
        }
    }
    let summed = |(_, point, sum): (i128, PointBody, Option<Counts>)| PointBody {
        changes: sum.map(DiffCountsBody::from),
        ..point
    };
    thin.into_iter().map(summed).collect()
}
