//! `bench control`: agents by the thousand on one server, over SQLite and over PostgreSQL: how soon each gets its jobs, how late
//! plans run, and whether any job is lost or done twice.
//!
//! The agents are `server/examples/control_load.rs`, in the server's own process: automation uses none of our crates, and ten
//! thousand TLS connections would measure the kernel of the machine that makes them.

use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::Stage;
use crate::folders;

/// Over which database, how many agents, for how many seconds, and minutes between the runs of a plan.
const LOADS: [(&str, u64, u64, u64); 2] = [("sqlite", 2_000, 90, 1), ("postgres", 10_000, 120, 5)];

/// Milliseconds within which 99 of 100 jobs are with their agents.
const CLAIM_P99_MS_MAX: f64 = 250.0;

/// Seconds by which plans may be late.
const LAG_S_MAX: f64 = 2.0;

/// Runs both loads and prints what came of them.
pub(super) fn run(stage: &Stage) -> Result<()> {
    let program = folders::target()?.join("release/examples/control_load");
    println!("| database | agents | plans run every | jobs | claim p50 | claim p99 | heart-beat p99 | lag, most |");
    println!("|---|---|---|---|---|---|---|---|");
    let mut failed = Vec::new();
    for (database, agents, seconds, minutes) in LOADS {
        // A fraction of the load, for trying the bench itself.
        let agents = ((agents as f64) * stage.options.scale).max(1.0) as u64;
        let mut command: Command = stage.tools.command(&program)?;
        let output = command.args([database, &agents.to_string(), &seconds.to_string(), &minutes.to_string()]).output();
        let output = output.context("starting the load")?;
        ensure!(output.status.success(), "the load failed: {}", String::from_utf8_lossy(&output.stderr));
        let told = String::from_utf8_lossy(&output.stdout);
        let told: Value = serde_json::from_str(told.trim()).context("reading what the load tells")?;
        let number = |path: &str| told.pointer(path).and_then(Value::as_f64).unwrap_or(f64::NAN);
        println!(
            "| {database} | {agents} | {minutes} min | {} | {} ms | {} ms | {} ms | {} s |",
            number("/jobs_done"),
            number("/claim_ms/p50"),
            number("/claim_ms/p99"),
            number("/heartbeat_ms/p99"),
            number("/scheduler_lag_s/max"),
        );
        let limits = [
            ("claim p99", number("/claim_ms/p99"), CLAIM_P99_MS_MAX),
            ("lag", number("/scheduler_lag_s/max"), LAG_S_MAX),
            ("doubled jobs", number("/jobs_doubled"), 0.0),
            ("jobs tried again", number("/jobs_tried_again"), 0.0),
            ("refused requests", number("/requests_refused"), 0.0),
        ];
        for (what, value, most) in limits {
            // Also what is no number at all.
            if value.is_nan() || value > most {
                failed.push(format!("{database}: {what} is {value}, more than {most}"));
            }
        }
    }
    ensure!(failed.is_empty(), "the goals are missed: {}", failed.join("; "));
    Ok(())
}
