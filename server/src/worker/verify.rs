//! Proving snapshots readable.

use bygone_common::job::{Counts, Done, FailureCode, LogLevel, Outcome, VerifyDepth, VerifySpec};
use bygone_vault::check::{CheckOptions, ReadData, check};
use bygone_vault::lock::LockKind;

use super::task::{Fault, Result, Task};

/// Findings that are written to the job's log at most.
const FINDINGS_LOGGED_MAX: usize = 200;

pub(super) async fn run(task: &Task, spec: &VerifySpec) -> Result<Outcome> {
    let opened = task.open(spec.repository, LockKind::Shared).await?;
    let read = match spec.depth {
        VerifyDepth::Metadata => ReadData::None,
        VerifyDepth::Sampled { percent } => ReadData::Share(f64::from(percent.clamp(1, 100)) / 100.0),
        VerifyDepth::Full => ReadData::All,
    };
    // Another part of the packs each time.
    let seed = task.app.clock.now().as_microsecond().unsigned_abs();
    let options = CheckOptions { read, sample_files: 0, seed };
    let watch = task.watch.clone();
    let report = opened.work(move |opened| check(&opened.repository, &options, &opened.token, watch.as_ref())).await?;
    let errors = report.errors().count();
    for finding in report.findings.iter().take(FINDINGS_LOGGED_MAX) {
        let level = if finding.is_error() { LogLevel::Error } else { LogLevel::Info };
        task.log(level, finding.to_string()).await;
    }
    if errors > 0 {
        return Err(Fault::new(FailureCode::Damaged, format!("the repository has {errors} errors")));
    }
    let counts = Counts {
        snapshots: report.snapshots,
        packs: report.packs,
        bytes_processed: report.bytes_read,
        ..Counts::default()
    };
    Ok(Outcome::Succeeded(Done { counts, ..Done::default() }))
}
