//! What a plan cannot be: all faults at once.

use std::collections::BTreeSet;

use crate::retention::Count;
use crate::schedule::Schedule;
use crate::uid::PlanUid;

use super::PlanSpec;
use super::hook::Hook;

/// Sources of a plan at most.
pub const SOURCES_MAX: usize = 256;
/// Repositories of a plan at most.
pub const REPOSITORIES_MAX: usize = 8;
/// Paths, patterns or tags of one list at most.
pub const LIST_ITEMS_MAX: usize = 1_000;
/// Bytes of a path, a pattern or an argument at most.
pub const ITEM_BYTES_MAX: usize = 4_096;
/// Hooks of a plan at most.
pub const HOOKS_MAX: usize = 16;
/// Seconds that a hook may take at most: a day.
pub const HOOK_SECONDS_MAX: u32 = 86_400;
/// Events, plans before or plans waited for, of each at most.
pub const TRIGGERS_MAX: usize = 32;
/// How often a run may be tried.
pub const ATTEMPTS_MAX: u8 = 20;
/// Characters of an event's name at most.
const EVENT_CHARS_MAX: usize = 64;
/// MiB that packs are filled with.
const PACK_MIB: std::ops::RangeInclusive<u16> = 4..=128;

/// Something that a plan cannot be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The part of the plan: `schedule`, `hooks`.
    pub field: &'static str,
    /// What is wrong with it.
    pub why: String,
}

impl PlanSpec {
    /// Everything that is wrong with it; empty when it can be. `own` is the plan itself, when it is there already.
    pub fn faults(&self, own: Option<PlanUid>) -> Vec<Fault> {
        let mut faults = Faults::default();
        self.places(&mut faults);
        self.lists(&mut faults);
        self.times(&mut faults);
        self.triggers(own, &mut faults);
        for hook in &self.hooks {
            hook_faults(hook, &mut faults);
        }
        faults.0
    }

    fn places(&self, faults: &mut Faults) {
        let distinct = |count: usize, set: usize| count == set;
        faults.unless(!self.sources.is_empty(), "sources", "there is none");
        faults.at_most("sources", self.sources.len(), SOURCES_MAX);
        faults.unless(!self.repositories.is_empty(), "repositories", "there is none");
        faults.at_most("repositories", self.repositories.len(), REPOSITORIES_MAX);
        let sources: BTreeSet<_> = self.sources.iter().collect();
        faults.unless(distinct(self.sources.len(), sources.len()), "sources", "one of them is named twice");
        let repositories: BTreeSet<_> = self.repositories.iter().collect();
        let is_distinct = distinct(self.repositories.len(), repositories.len());
        faults.unless(is_distinct, "repositories", "one of them is named twice");
    }

    fn lists(&self, faults: &mut Faults) {
        let capture = &self.capture;
        faults.texts("capture.include", &capture.include);
        faults.texts("capture.exclude", &capture.exclude);
        faults.texts("capture.iexclude", &capture.iexclude);
        faults.texts("capture.exclude_files", &capture.exclude_files);
        faults.texts("capture.exclude_if_present", &capture.exclude_if_present);
        faults.texts("tags", &self.tags);
        let is_tag = |tag: &String| !tag.contains(',') && !tag.starts_with(crate::hold::TAG_PREFIX);
        faults.unless(self.tags.iter().all(is_tag), "tags", "a tag has no comma in it, and is no hold");
        let is_size = capture.pack_size_mib.is_none_or(|mib| PACK_MIB.contains(&mib));
        faults.unless(is_size, "capture.pack_size_mib", "packs have 4 to 128 MiB");
        let reads = capture.read_concurrency.is_none_or(|count| (1..=256).contains(&count));
        faults.unless(reads, "capture.read_concurrency", "1 to 256 files can be read at once");
        faults.at_most("hooks", self.hooks.len(), HOOKS_MAX);
        faults.at_most("limits.bandwidth", self.limits.bandwidth.len(), LIST_ITEMS_MAX);
        faults.unless(self.limits.nice.is_none_or(|nice| nice <= 19), "limits.nice", "it is 0 to 19");
        let rates = [self.limits.upload_bytes_per_second, self.limits.download_bytes_per_second];
        let ruled = self.limits.bandwidth.iter();
        let ruled = ruled.flat_map(|rule| [rule.upload_bytes_per_second, rule.download_bytes_per_second]);
        let is_some_rate = rates.into_iter().chain(ruled).flatten().all(|rate| rate >= 1_024);
        faults.unless(is_some_rate, "limits", "a bandwidth below 1024 bytes a second would never end");
        let lasts = self.limits.duration_minutes_max.is_none_or(|minutes| minutes > 0);
        faults.unless(lasts, "limits.duration_minutes_max", "a job takes some time");
        faults.unless((1..=ATTEMPTS_MAX).contains(&self.attempts_max), "attempts_max", "it is 1 to 20");
    }

    fn times(&self, faults: &mut Faults) {
        let mut check = |field: &'static str, schedule: Option<&Schedule>| {
            if let Some(Err(error)) = schedule.map(Schedule::check) {
                faults.push(field, error.to_string());
            }
        };
        check("schedule", self.schedule.as_ref());
        check("prune", self.prune.as_ref());
        check("verify", self.verify.as_ref().map(|verify| &verify.schedule));
        if let Some(retention) = &self.retention {
            let keep = &retention.keep;
            let is_all = keep.last == Count::Unlimited;
            faults.unless(!keep.is_empty() || is_all, "retention.keep", "no rule keeps anything: name at least one");
            faults.at_most("retention.keep.tags", keep.tags.len(), LIST_ITEMS_MAX);
            faults.at_most("retention.keep.ids", keep.ids.len(), LIST_ITEMS_MAX);
        }
    }

    fn triggers(&self, own: Option<PlanUid>, faults: &mut Faults) {
        faults.at_most("events", self.events.len(), TRIGGERS_MAX);
        faults.at_most("after", self.after.len(), TRIGGERS_MAX);
        faults.at_most("depends_on", self.depends_on.len(), TRIGGERS_MAX);
        let is_name = |name: &String| {
            let is_word = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
            !name.is_empty() && name.len() <= EVENT_CHARS_MAX && is_word
        };
        let why = "an event's name has up to 64 letters, digits, dots, hyphens and underscores";
        faults.unless(self.events.iter().all(is_name), "events", why);
        let is_own = |plan: PlanUid| own == Some(plan);
        faults.unless(!self.after.iter().any(|after| is_own(after.plan)), "after", "a plan cannot follow itself");
        let waits = self.depends_on.iter().any(|one| is_own(one.plan));
        faults.unless(!waits, "depends_on", "a plan cannot wait for itself");
    }
}

fn hook_faults(hook: &Hook, faults: &mut Faults) {
    let named = hook.command.first().is_some_and(|program| !program.is_empty());
    faults.unless(named, "hooks", "a hook without a program");
    faults.texts("hooks", &hook.command);
    let lasts = (1..=HOOK_SECONDS_MAX).contains(&hook.timeout_seconds);
    faults.unless(lasts, "hooks", "a hook may take 1 second to a day");
    faults.at_most("hooks", hook.allowed_exit_codes.len(), LIST_ITEMS_MAX);
}

#[derive(Default)]
struct Faults(Vec<Fault>);

impl Faults {
    fn push(&mut self, field: &'static str, why: impl Into<String>) {
        self.0.push(Fault { field, why: why.into() });
    }

    fn unless(&mut self, is_right: bool, field: &'static str, why: &str) {
        if !is_right {
            self.push(field, why);
        }
    }

    fn at_most(&mut self, field: &'static str, count: usize, most: usize) {
        if count > most {
            self.push(field, format!("{count} are more than {most}"));
        }
    }

    fn texts(&mut self, field: &'static str, texts: &[String]) {
        self.at_most(field, texts.len(), LIST_ITEMS_MAX);
        let is_text = |text: &String| !text.is_empty() && text.len() <= ITEM_BYTES_MAX && !text.contains('\0');
        self.unless(texts.iter().all(is_text), field, "an entry is empty, has a zero byte or more than 4096 bytes");
    }
}
