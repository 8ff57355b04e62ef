//! What the numbers were measured on.

use crate::process;
use crate::setup::Tools;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread;

/// The machine in one line: processor, cores, memory, kernel.
pub(crate) fn described() -> String {
    let processor = field("/proc/cpuinfo", "model name").unwrap_or_else(|| "unknown processor".into());
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let memory =
        field("/proc/meminfo", "MemTotal").and_then(|text| text.split_whitespace().next()?.parse::<u64>().ok());
    let memory = memory.unwrap_or_default() as f64 / f64::from(1 << 20);
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    format!("{processor}, {cores} cores, {memory:.0} GiB, Linux {}", kernel.trim())
}

/// The first line of what a program says of its version.
pub(crate) fn version(tools: &Tools, program: &Path, argument: &str) -> String {
    let command = tools.command(program).map(|mut command| {
        command.arg(argument);
        command
    });
    let text = command.and_then(|mut command| process::text(&mut command)).unwrap_or_default();
    text.lines().next().unwrap_or("unknown version").to_string()
}

/// Now, as `2026-11-20 17:55 UTC`.
pub(crate) fn now() -> String {
    let text = process::text(Command::new("date").args(["-u", "+%Y-%m-%d %H:%M UTC"]));
    text.map_or_else(|_| "unknown date".into(), |text| text.trim().to_string())
}

/// Whether a folder is the root of a file system in memory.
pub(crate) fn is_memory(folder: &Path) -> bool {
    let mounts = fs::read_to_string("/proc/self/mounts").unwrap_or_default();
    let wanted = folder.to_str().unwrap_or_default();
    mounts
        .lines()
        .any(|line| matches!(line.split(' ').collect::<Vec<_>>()[..], [_, point, "tmpfs", ..] if point == wanted))
}

fn field(file: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_string())
}
