//! Programs that run before and after a capture: bounded in time, and in what they may say.

use std::collections::VecDeque;
use std::io::{self, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bygone_common::plan::Hook;
use bygone_vault::backend::CancelToken;

/// Bytes of what a hook prints that are kept: the last ones.
pub const OUTPUT_BYTES_MAX: usize = 64 << 10;
/// How often a hook is looked at.
const LOOK: Duration = Duration::from_millis(20);
/// For how long its output may go on after it has ended: something it started may hold it open.
const OUTPUT_AFTER_MAX: Duration = Duration::from_secs(1);

/// What became of a hook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// It ended as it may.
    Well,
    /// It ended with an exit code that means failure.
    Badly(i32),
    /// A signal ended it.
    Killed,
    /// It took too long, and was ended.
    TimedOut,
    /// The job was cancelled, and so was it.
    Cancelled,
    /// It could not be started.
    NotStarted(String),
}

/// What became of a hook, and the end of what it said.
#[derive(Debug, Clone)]
pub struct Ran {
    /// How it ended.
    pub ended: Ended,
    /// The last of what it printed, to either stream.
    pub output: String,
}

impl Ran {
    /// The sentence about a hook that did not end well.
    pub fn complaint(&self, hook: &Hook) -> Option<String> {
        let name = hook.command.first().map_or("", String::as_str);
        let last = self.output.lines().rev().find(|line| !line.trim().is_empty());
        let said = last.map(|line| format!(", last saying: {line}")).unwrap_or_default();
        match &self.ended {
            Ended::Well => None,
            Ended::Badly(code) => Some(format!("the hook {name:?} ended with exit code {code}{said}")),
            Ended::Killed => Some(format!("the hook {name:?} was killed{said}")),
            Ended::TimedOut => {
                Some(format!("the hook {name:?} took longer than {} seconds{said}", hook.timeout_seconds))
            }
            Ended::Cancelled => Some(format!("the hook {name:?} was ended, as the job is cancelled")),
            Ended::NotStarted(why) => Some(format!("the hook {name:?} cannot be started: {why}")),
        }
    }
}

/// Runs a hook to its end. `variables` are added to its environment.
pub fn run(hook: &Hook, variables: &[(&str, String)], token: &CancelToken) -> Ran {
    let mut child = match start(hook, variables) {
        Ok(child) => child,
        Err(error) => return Ran { ended: Ended::NotStarted(error.to_string()), output: String::new() },
    };
    let tail = Arc::new(Mutex::new(VecDeque::new()));
    let stdout = child.stdout.take().map(|stream| keep(stream, &tail));
    let stderr = child.stderr.take().map(|stream| keep(stream, &tail));
    let ended = wait(&mut child, hook, token);
    let until = Instant::now() + OUTPUT_AFTER_MAX;
    for reader in [stdout, stderr].into_iter().flatten().flatten() {
        while !reader.is_finished() && Instant::now() < until {
            std::thread::sleep(LOOK);
        }
    }
    let bytes: Vec<u8> = tail.lock().unwrap_or_else(PoisonError::into_inner).iter().copied().collect();
    Ran { ended, output: String::from_utf8_lossy(&bytes).into_owned() }
}

fn start(hook: &Hook, variables: &[(&str, String)]) -> io::Result<Child> {
    let empty = || io::Error::new(io::ErrorKind::InvalidInput, "it names no program");
    let (program, arguments) = hook.command.split_first().ok_or_else(empty)?;
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.current_dir(if cfg!(windows) { "C:\\" } else { "/" });
    // What the agent itself was started with is not the hooks' business.
    for name in ["BYGONE_ENROLMENT_TOKEN", "NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC"] {
        command.env_remove(name);
    }
    command.envs(variables.iter().map(|(name, value)| (*name, value)));
    #[cfg(unix)]
    // So that all that it starts can be ended with it.
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    command.spawn()
}

fn wait(child: &mut Child, hook: &Hook, token: &CancelToken) -> Ended {
    let until = Instant::now() + Duration::from_secs(hook.timeout_seconds.into());
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return judge(hook, status),
            Ok(None) if token.is_cancelled() => {
                end(child);
                return Ended::Cancelled;
            }
            Ok(None) if Instant::now() >= until => {
                end(child);
                return Ended::TimedOut;
            }
            Ok(None) => std::thread::sleep(LOOK),
            Err(error) => {
                end(child);
                return Ended::NotStarted(error.to_string());
            }
        }
    }
}

fn judge(hook: &Hook, status: ExitStatus) -> Ended {
    match status.code() {
        Some(code) if hook.allows(code) => Ended::Well,
        Some(code) => Ended::Badly(code),
        None => Ended::Killed,
    }
}

/// Ends it, and all that it started.
fn end(child: &mut Child) {
    #[cfg(unix)]
    if let Some(group) = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw) {
        // It may be gone by now.
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
    let _ = child.kill();
    let _ = child.wait();
}

/// Keeps the end of a stream, in a thread of its own.
fn keep(
    mut stream: impl Read + Send + 'static,
    tail: &Arc<Mutex<VecDeque<u8>>>,
) -> Option<std::thread::JoinHandle<()>> {
    let tail = Arc::clone(tail);
    let read = move || {
        let mut buffer = [0; 4096];
        while let Ok(count @ 1..) = stream.read(&mut buffer) {
            let mut tail = tail.lock().unwrap_or_else(PoisonError::into_inner);
            tail.extend(buffer.iter().take(count));
            let over = tail.len().saturating_sub(OUTPUT_BYTES_MAX);
            tail.drain(..over);
        }
    };
    std::thread::Builder::new().name("hook".to_owned()).spawn(read).ok()
}

#[cfg(all(test, unix))]
mod tests {
    use bygone_common::plan::{HookMoment, OnHookFailure};

    use super::*;

    fn hook(script: &str, timeout_seconds: u32, allowed: &[i32]) -> Hook {
        Hook {
            when: HookMoment::Before,
            command: ["sh", "-c", script].map(str::to_owned).to_vec(),
            timeout_seconds,
            allowed_exit_codes: allowed.to_vec(),
            on_failure: OnHookFailure::Fail,
        }
    }

    fn ended(hook: &Hook) -> Ended {
        run(hook, &[], &CancelToken::new()).ended
    }

    #[test]
    fn exit_codes_mean_what_the_hook_says() {
        assert_eq!(ended(&hook("exit 0", 5, &[])), Ended::Well);
        assert_eq!(ended(&hook("exit 3", 5, &[])), Ended::Badly(3));
        assert_eq!(ended(&hook("exit 3", 5, &[0, 3])), Ended::Well);
        assert_eq!(ended(&hook("kill -9 $$", 5, &[])), Ended::Killed);
        let missing = Hook { command: vec!["/no/such/program".to_owned()], ..hook("", 5, &[]) };
        assert!(matches!(ended(&missing), Ended::NotStarted(_)));
    }

    #[test]
    fn a_hook_that_takes_too_long_is_ended_with_all_it_started() {
        let begun = Instant::now();
        let ran = run(&hook("echo begun; sleep 60 & sleep 60", 1, &[]), &[], &CancelToken::new());
        assert_eq!((ran.ended.clone(), ran.output.as_str()), (Ended::TimedOut, "begun\n"));
        assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    }

    #[test]
    fn a_cancelled_job_does_not_wait_for_its_hook() {
        let token = CancelToken::new();
        token.cancel();
        assert_eq!(run(&hook("sleep 60", 60, &[]), &[], &token).ended, Ended::Cancelled);
    }

    #[test]
    fn the_end_of_what_a_hook_says_is_kept_and_its_variables_are_set() {
        let script =
            "echo $BYGONE_JOB >&2; i=0; while [ $i -lt 20000 ]; do echo 0123456789; i=$((i+1)); done; echo last";
        let ran = run(&hook(script, 30, &[]), &[("BYGONE_JOB", "j1".to_owned())], &CancelToken::new());
        assert_eq!(ran.output.len(), OUTPUT_BYTES_MAX);
        assert!(ran.output.ends_with("last\n"));
        let ran =
            run(&hook("echo $BYGONE_JOB; exit 2", 5, &[]), &[("BYGONE_JOB", "j1".to_owned())], &CancelToken::new());
        let complaint = ran.complaint(&hook("", 5, &[])).unwrap_or_default();
        assert_eq!(complaint, "the hook \"sh\" ended with exit code 2, last saying: j1");
    }
}
