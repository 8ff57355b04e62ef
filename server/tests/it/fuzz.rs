//! Requests that the description lets one think of, thought of by schemathesis.

use std::collections::BTreeMap;
use std::process::Command;

use bygone_tests::restic::Restic;
use bygone_tests::tools::tool;
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::jobs::wait;
use super::openapi::operations;
use super::support::{Client, Stack};
use super::world::World;

/// The same requests each time: what fails once fails again.
const SEED: &str = "20261101";
/// What goes on for ever.
const ENDLESS: &str = "/(events|stream|claim|socket)$";
/// The password of the repository that is there.
const PASSWORD: &str = "very-secret";

/// Thinks of requests as somebody.
struct Fuzz<'a> {
    who: &'a Client,
    /// What stands in requests where something is named: a table of schemathesis' configuration.
    config: String,
    /// Requests for each operation at most.
    examples: u32,
    phases: &'static str,
    but: Vec<&'a str>,
}

impl Fuzz<'_> {
    async fn run(self, stack: &Stack) {
        let folder = stack.folder.path().to_owned();
        let file = folder.join("schemathesis.toml");
        std::fs::write(&file, &self.config).unwrap();
        let (url, token) = (stack.url(), self.who.token());
        let but: Vec<String> = self.but.iter().map(|&word| word.to_owned()).collect();
        let ran = tokio::task::spawn_blocking(move || {
            Command::new(tool("schemathesis"))
                // It keeps notes where it runs.
                .current_dir(folder)
                .arg("--config-file")
                .arg(file)
                .args(["run", &format!("{url}/api/openapi.json"), "--url", &url])
                .args(["--header", &format!("Authorization: Bearer {token}")])
                .args(["--checks", "not_a_server_error,response_schema_conformance,content_type_conformance"])
                .args(["--max-examples", &self.examples.to_string(), "--seed", SEED])
                // A hold waits for whoever has the repository locked.
                .args(["--workers", "1", "--generation-database", "none", "--request-timeout", "60"])
                .args(["--phases", self.phases, "--no-color"])
                .args(but)
                .output()
                .unwrap()
        });
        let output = ran.await.unwrap();
        let told = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{told}\n{}", String::from_utf8_lossy(&output.stderr));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_request_that_the_description_lets_one_think_of_is_our_fault() {
    let stack = Stack::start().await;
    let root = stack.root();
    let org = root.make_org("acme").await;
    let but = vec!["--exclude-path-regex", ENDLESS];
    let config = format!("[parameters]\n\"path.org\" = \"{org}\"\n");
    Fuzz { who: &root, config, examples: 15, phases: "coverage,fuzzing", but }.run(&stack).await;
}

/// What requests name in a world: the uid of the one thing of its kind.
fn named(world: &World) -> BTreeMap<String, String> {
    let mut named = BTreeMap::new();
    for (_, path, _) in operations().into_iter().filter(|(_, path, _)| path.starts_with("/api/v1/orgs/{org}")) {
        for (part, uid) in path.split('/').zip(world.filled(&path).split('/')) {
            if let Some(name) = part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
                named.entry(name.to_owned()).or_insert_with(|| uid.to_owned());
            }
        }
    }
    // Nobody should take away what they sign in with.
    named.insert("token".to_owned(), world.id("enrolment-tokens").to_owned());
    named.insert("restore".to_owned(), world.id("restores").to_owned());
    named
}

/// A repository with a snapshot of a source, and the folder of that.
struct Real {
    repository: String,
    source: String,
    snapshot: String,
    folder: tempfile::TempDir,
}

impl Real {
    /// restic takes the snapshot beside the server, which finds it.
    async fn new(world: &World) -> Self {
        let made = json!({ "name": "real", "begin": "create", "password": PASSWORD });
        let made = world.admin.post(&world.path("/repositories"), made).await;
        assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
        let (repository, location) = (text(&made.json(), "uid"), text(&made.json(), "location"));
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("file"), "content\n".repeat(100)).unwrap();
        let source = json!({ "agent": world.id("agents"), "name": "real", "host": "alpha", "paths": [folder.path()] });
        let source = world.admin.post(&world.path("/sources"), source).await;
        assert_eq!(source.status, StatusCode::CREATED, "{source:?}");
        let path = folder.path().to_owned();
        tokio::task::spawn_blocking(move || {
            let restic = Restic::new(location).env("RESTIC_PASSWORD", PASSWORD);
            restic.run(&["backup", "--host", "alpha", path.to_str().unwrap()]);
        })
        .await
        .unwrap();
        let asked = world.admin.post(&world.path(&format!("/repositories/{repository}/refresh")), Value::Null).await;
        assert!(asked.status.is_success(), "{asked:?}");
        let list = world.path(&format!("/snapshots?repository={repository}"));
        let snapshot = wait(async || {
            let found = world.admin.get(&list).await.json();
            found["items"][0]["id"].as_str().map(str::to_owned)
        })
        .await;
        Self { repository, source: text(&source.json(), "uid"), snapshot, folder }
    }
}

fn text(value: &Value, field: &str) -> String {
    value[field].as_str().unwrap().to_owned()
}

fn table(parameters: &BTreeMap<String, String>) -> String {
    parameters.iter().map(|(name, value)| format!("\"path.{name}\" = \"{value}\"\n")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn nor_is_one_of_somebody_who_runs_an_organization_and_names_what_is_there() {
    let stack = Stack::start().await;
    let world = World::new(&stack, "acme").await;
    let real = Real::new(&world).await;
    let mut named = named(&world);
    named.insert("repository".to_owned(), real.repository);
    named.insert("snapshot".to_owned(), real.snapshot);
    // What looks at places elsewhere may say that those fail; root has asked the rest.
    let left_out = format!("{ENDLESS}|/try$|^/portal/|^/api/v1/(sign|set-up|me)");
    let but = vec!["--exclude-path-regex", &left_out, "--exclude-method", "DELETE"];
    let config = format!("[parameters]\n{}", table(&named));
    Fuzz { who: &world.admin, config, examples: 10, phases: "fuzzing", but }.run(&stack).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nor_is_one_of_somebody_who_looks_at_files_that_are_there() {
    let stack = Stack::start().await;
    let world = World::new(&stack, "acme").await;
    let real = Real::new(&world).await;
    let mut named = named(&world);
    named.insert("source".to_owned(), real.source);
    let folder = real.folder.path().to_str().unwrap();
    let config = format!(
        "[parameters]\n{}\n[[operations]]\ninclude-path-regex = \"/(hash|image|media|text)$\"\n\
         parameters = {{ \"query.path\" = \"{folder}/file\" }}\n\n\
         [[operations]]\ninclude-path-regex = \"/(changes|download|timeline|tree|versions)$\"\n\
         parameters = {{ \"query.path\" = \"{folder}\" }}\n",
        table(&named)
    );
    let but = vec!["--include-path-regex", "^/portal/", "--exclude-path-regex", ENDLESS];
    Fuzz { who: &world.admin, config, examples: 15, phases: "fuzzing", but }.run(&stack).await;
}
