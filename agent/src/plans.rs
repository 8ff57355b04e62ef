//! The plans last received, and what is due of them while the server is away.
//!
//! While the server answers, it decides what runs and when. Nothing is run twice: plans are followed here from the moment
//! on at which the server was last heard of, and by the server from the moment on at which it is heard of again, by its
//! policy for runs that were missed.

use std::collections::BTreeMap;

use bygone_common::protocol::{AgentPlan, AgentPlans};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::state::Folder;

/// The file's name.
const FILE: &str = "plans.json";

/// Plans, and up to when each was followed.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Plans {
    kept: AgentPlans,
    /// By plan and source. Runs up to then are decided.
    followed: BTreeMap<String, Timestamp>,
}

/// What is to be run now.
#[derive(Debug, Clone)]
pub struct DueRun {
    /// The plan.
    pub plan: AgentPlan,
    /// For when it was meant.
    pub due: Timestamp,
}

fn name_of(plan: &AgentPlan) -> String {
    format!("{}/{}", plan.spec.plan, plan.spec.source)
}

impl Plans {
    /// Those that were kept; none at first.
    ///
    /// # Errors
    /// They cannot be read.
    pub fn read(folder: &Folder) -> Result<Self> {
        Ok(folder.read(FILE)?.unwrap_or_default())
    }

    /// The server's name for this set.
    pub fn tag(&self) -> Option<&str> {
        Some(self.kept.tag.as_str()).filter(|tag| !tag.is_empty())
    }

    /// The plans.
    pub fn all(&self) -> &[AgentPlan] {
        &self.kept.plans
    }

    /// Takes others in their place.
    ///
    /// # Errors
    /// They cannot be kept.
    pub fn replace(&mut self, folder: &Folder, plans: AgentPlans) -> Result<()> {
        let names: Vec<String> = plans.plans.iter().map(name_of).collect();
        self.followed.retain(|name, _| names.contains(name));
        self.kept = plans;
        folder.write(FILE, self)
    }

    /// What is due at `now`, when the server was last heard of at `contact`. Asked again, it does not answer the same.
    ///
    /// # Errors
    /// Up to when they were followed cannot be kept: nothing is run then, as it would be run again and again.
    pub fn due(&mut self, folder: &Folder, contact: Timestamp, now: Timestamp) -> Result<Vec<DueRun>> {
        let mut found = Vec::new();
        for plan in &self.kept.plans {
            let name = name_of(plan);
            let cursor = self.followed.get(&name).copied().unwrap_or(contact).max(contact);
            let runs = plan.schedule.time_zone(None).and_then(|zone| {
                plan.schedule.runs(zone, plan.spec.plan.uuid()).map(|runs| runs.due(plan.schedule.missed, cursor, now))
            });
            let due = match runs {
                Ok(due) => due,
                Err(error) => {
                    tracing::warn!(%error, plan = plan.name, "a plan's schedule cannot be followed");
                    continue;
                }
            };
            found.extend(due.runs.iter().map(|run| DueRun { plan: plan.clone(), due: run.due }));
            self.followed.insert(name, due.cursor);
        }
        if !found.is_empty() {
            folder.write(FILE, self)?;
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn at(text: &str) -> Timestamp {
        format!("2026-11-01T{text}:00Z").parse().unwrap()
    }

    fn plans() -> AgentPlans {
        let json = r#"{"tag": "t1", "plans": [{"name": "hourly",
            "schedule": {"rules": [{"cron": "0 * * * *"}], "zone": {"named": "UTC"}},
            "spec": {"plan": "01900000-0000-7000-8000-000000000001", "plan_version": 1,
                "source": "01900000-0000-7000-8000-000000000002", "repository": "01900000-0000-7000-8000-000000000003",
                "paths": ["/srv"], "capture": {}, "host": null, "tags": [], "hooks": [], "limits": {},
                "storage_class": "hot"}}]}"#;
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn what_the_server_had_no_chance_to_run_is_run_once() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::create(place.path()).unwrap();
        let mut kept = Plans::default();
        kept.replace(&folder, plans()).unwrap();
        let contact = at("10:30");
        assert!(kept.due(&folder, contact, at("10:59")).unwrap().is_empty());
        let due = kept.due(&folder, contact, at("11:01")).unwrap();
        assert_eq!(due.iter().map(|run| run.due).collect::<Vec<_>>(), [at("11:00")]);
        assert!(kept.due(&folder, contact, at("11:02")).unwrap().is_empty(), "it was run");
        let mut again = Plans::read(&folder).unwrap();
        assert!(again.due(&folder, contact, at("11:03")).unwrap().is_empty(), "also after a restart");
        assert_eq!(again.due(&folder, at("11:30"), at("12:01")).unwrap().len(), 1);
        assert!(again.due(&folder, at("13:30"), at("13:40")).unwrap().is_empty(), "13:00 was the server's");
    }
}
